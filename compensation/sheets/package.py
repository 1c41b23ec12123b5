"""The bytes of a workbook: cached values put in beside the formulas, and a package that depends on nothing but content.

openpyxl writes a formula without its value and the time of saving into the package. Here each formula gets the value
that the engine computed, and times, order, and origin are fixed. Members are stored, not compressed, for the reason
given in decision 0006.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from xml.sax.saxutils import escape

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


def finished(package: bytes, cached: Mapping[str, Mapping[str, Cached]], title: str, day: str) -> bytes:
    """The package with every formula's value in it; `cached` is by member (xl/worksheets/sheet1.xml) and cell.

    IntegrityError when a formula has no value or a value no formula: a workbook never leaves here half filled.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(source.namelist(), key=_order):
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _CORE.format(title=escape(title), day=day).encode()
            elif name == "docProps/app.xml":
                content = _APP.encode()
            elif name.startswith("xl/worksheets/sheet"):
                content = _with_values(name, content.decode(), cached.get(name, {})).encode()
            target.writestr(member(name), content)
    return out.getvalue()


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


def write_atomically(path: Path, content: bytes) -> str:
    """Write a workbook under its name only once it is whole; its SHA-256. Errors as of `archive.whole_file`."""
    return write_whole(path, content, "工作簿")
