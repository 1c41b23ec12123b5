"""Cell comments (批注) of a workbook: a station may say in one why a number is wrong. They are told, not read.

What a comment means nobody but its reader can say, and a number that is wrong is to be marked where it is seen.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

OURS = "补偿结算系统"
"""The author of the comments in annotated copies and forms, which say nothing about the data."""

MAX_BYTES = 4 * 1024**2
_MOST_TOLD = 12
LONGEST = 40
_PART = re.compile(r"(?:^|/)(?:comments?\d*|threadedComment\d*)\.xml$", re.IGNORECASE)


def told(archive: zipfile.ZipFile, sheets: Mapping[str, str]) -> list[str]:
    """What `told_of` says of the sheets of an xlsx; `sheets` gives each one's part by its title."""
    notes = []
    for title, path in sheets.items():
        notes += told_of(title, dict(each for part in _parts(archive, path) for each in _comments(archive, part)))
    return notes


def told_of(title: str, found: Mapping[str, str]) -> list[str]:
    """That a sheet has comments, in Chinese, with the first of them; `found` gives what each says by its cell."""
    if not found:
        return []
    listed = "；".join(f"{cell}：{words}" for cell, words in list(found.items())[:_MOST_TOLD])
    return [
        f"表「{title}」有 {len(found)} 处批注（{listed}），批注不读取，数值照常收下；"
        "其中写明数值有误的，请改正或删去该数值，或改用字体颜色标出。"
    ]


def _parts(archive: zipfile.ZipFile, path: str) -> Iterator[str]:
    folder, name = posixpath.split(path)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.namelist():
        return
    for relation in _tree(archive, relations):
        target = relation.get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
        if relation.get("TargetMode") != "External" and _PART.search(part) and part in archive.namelist():
            yield part


def _comments(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str]]:
    tree = _tree(archive, part)
    authors = [each.text or "" for each in tree.iter() if _tag(each) == "author"]
    for each in tree.iter():
        if _tag(each) not in {"comment", "threadedComment"}:
            continue
        number = each.get("authorId", "")
        if number.isdecimal() and int(number) < len(authors) and authors[int(number)] == OURS:
            continue
        words = "".join("".join(text.itertext()) for text in each if _tag(text) == "text")
        yield each.get("ref", ""), " ".join(words.split())[:LONGEST]


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _tree(archive: zipfile.ZipFile, member: str) -> ElementTree.Element:
    """The root of a part, empty where it is too long or no XML: of a comment nothing depends."""
    if archive.getinfo(member).file_size <= MAX_BYTES:
        data = archive.read(member)
        if b"<!DOCTYPE" not in data:
            try:
                return ElementTree.fromstring(data)
            except ElementTree.ParseError:
                pass
    return ElementTree.Element("nothing")
