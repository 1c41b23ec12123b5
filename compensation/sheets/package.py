"""The bytes of a workbook: cached values put in beside the formulas, and a package that depends on nothing but content.

openpyxl writes a formula without its value and the time of saving into the package. Here each formula gets the value
that the engine computed, and times, order, and origin are fixed. Members are stored, not compressed, for the reason
given in decision 0006.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from compensation.archive import member, write_whole
from compensation.errors import Fault, IntegrityError

Cached = Fraction | str
"""What a formula comes to: a number, or a text such as 未定."""

_FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)><f>([^<]*)</f><v ?/></c>')
_CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<dc:title>{title}</dc:title><dc:creator>taipu-compensation</dc:creator>"
    '<dcterms:created xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:modified>'
    "</cp:coreProperties>"
)
_APP = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>Microsoft Excel</Application></Properties>"
)


class Streamed(NamedTuple):
    """Rows that are too many to hold: they take the place of the row `pattern`, in the styles of its cells."""

    pattern: int
    rows: Callable[[Sequence[str]], Iterator[str]]


class Part(NamedTuple):
    """What is put into a sheet: values by cell, links as cell and place, and rows that are streamed."""

    cached: Mapping[str, Cached]
    links: Sequence[tuple[str, str]] = ()
    streamed: Streamed | None = None


def finished(package: bytes, parts: Mapping[str, Part], title: str, day: str) -> bytes:
    """The package with every formula's value in it, as bytes; see `finish`."""
    out = io.BytesIO()
    finish(package, out, parts, title, day)
    return out.getvalue()


def finish(package: bytes, out: IO[bytes], parts: Mapping[str, Part], title: str, day: str) -> None:
    """Write the package with what belongs into its sheets; `parts` are by member (xl/worksheets/sheet1.xml).

    IntegrityError when a formula has no value or a value no formula: a workbook never leaves here half filled.
    """
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(source.namelist(), key=_order):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _CORE.format(title=escape(title), day=day).encode()
            elif name == "docProps/app.xml":
                content = _APP.encode()
            elif name.startswith("xl/worksheets/sheet"):
                part = parts.get(name, Part({}))
                content = _with_links(_with_values(name, content.decode(), part.cached), part.links).encode()
            streamed = parts[name].streamed if name in parts else None
            if streamed is None:
                target.writestr(member(name), content)
                continue
            with target.open(member(name), "w") as sheet:
                for text in _with_rows(content.decode(), streamed):
                    sheet.write(text.encode())


def _with_links(xml: str, links: Sequence[tuple[str, str]]) -> str:
    """The sheet with links to places of the workbook, beside those that its template has."""
    if not links:
        return xml
    text = "".join(f'<hyperlink ref="{cell}" location={quoteattr(place)}/>' for cell, place in links)
    if "<hyperlinks>" in xml:
        return xml.replace("<hyperlinks>", f"<hyperlinks>{text}", 1)
    after = re.search(r"<(?:printOptions|pageMargins)\b", xml)
    if after is None:
        raise _half_filled("工作表没有页边距，超链接无处可放")
    return f"{xml[: after.start()]}<hyperlinks>{text}</hyperlinks>{xml[after.start() :]}"


_ROWS_AT_ONCE = 1000


def _with_rows(xml: str, streamed: Streamed) -> Iterator[str]:
    """The sheet in parts, its pattern row replaced by the rows."""
    pattern = re.search(rf'<row r="{streamed.pattern}"[^>]*>(.*?)</row>', xml)
    if pattern is None:
        raise _half_filled(f"第 {streamed.pattern} 行没有样式")
    styles = re.findall(r'<c r="[A-Z]+[0-9]+" s="([0-9]+)"', pattern[1])
    yield re.sub(r"<dimension [^>]*/>", "", xml[: pattern.start()], count=1)
    rows = streamed.rows(styles)
    while part := "".join(islice(rows, _ROWS_AT_ONCE)):
        yield part
    yield xml[pattern.end() :]


def _order(name: str) -> tuple[int, str]:
    first = {"[Content_Types].xml": 0, "_rels/.rels": 1}
    return first.get(name, 2), name


def _with_values(member: str, xml: str, values: Mapping[str, Cached]) -> str:
    used: set[str] = set()

    def fill(match: re.Match[str]) -> str:
        cell, attributes, formula = match.groups()
        if cell not in values:
            raise _half_filled(f"{member} {cell} 的公式没有缓存值")
        used.add(cell)
        value = values[cell]
        if isinstance(value, str):
            return f'<c r="{cell}"{attributes} t="str"><f>{formula}</f><v>{escape(value)}</v></c>'
        return f'<c r="{cell}"{attributes}><f>{formula}</f><v>{number_text(value)}</v></c>'

    filled = _FORMULA.sub(fill, xml)
    if used != set(values) or "<v />" in filled or "<v/>" in filled:
        raise _half_filled(f"{member} 有公式与缓存值不对应：{sorted(set(values) - used)[:3]}")
    return filled


def _half_filled(what: str) -> IntegrityError:
    return IntegrityError(Fault("工作簿", what, "写入程序与电子表格库的格式不一致", "停止使用，并报告本软件维护者"))


def number_text(value: Fraction) -> str:
    """A number as the file holds it: the shortest decimal that reads back as the nearest double."""
    if value.denominator == 1 and abs(value.numerator) < 2**53:
        return str(value.numerator)
    return repr(float(value))


def write_atomically(path: Path, content: bytes | Callable[[IO[bytes]], None]) -> str:
    """Write a workbook under its name only once it is whole; its SHA-256. Errors as of `archive.whole_file`."""
    return write_whole(path, content, "工作簿")
