"""A workbook that came back: read as every spreadsheet program may have saved it again, and held to what was written.

Programs write the same workbook in other bytes: quotes around sheet names come and go, numbers are cut to 15 digits,
texts move to a table of their own. What a reader sees or could be misled by is compared: formulas, values, how a number
is shown, comments, links, names, headers, and what is hidden. Fonts, borders and column widths are left to each office.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from compensation.errors import Fault, InputError
from compensation.monitoring.container import examine

_TEXT_OR_NOT = re.compile(r'("(?:[^"]|"")*")')
_WRITTEN_OTHERWISE = re.compile(r"[\s']|_xl\w+\.")
_PAGE_FONT = re.compile(r'&"[^"]*"|&K[0-9A-Fa-f]{6}|&\d+')
_FOREIGN = (
    (r"xl/vbaProject", "宏"),
    (r"xl/externalLinks/", "指向其他工作簿的链接"),
    (r"xl/connections\.xml|xl/queryTables/", "外部数据连接"),
    (r"xl/(embeddings|ctrlProps|activeX)/", "嵌入的对象或控件"),
    (r"xl/media/", "图片"),
)
_DRAWN_OVER = re.compile(rb"<xdr:(?:sp|pic|cxnSp)[ >]")
_WHITE = "FFFFFFFF"

Result = str | int | float | bool | None


class Look(NamedTuple):
    """What one cell holds: the formula (empty for a given value), the value, and all that changes what is seen of it.

    `opened` says that people may type into it.
    """

    formula: str
    value: Result
    shown: str
    comment: str
    link: str
    opened: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """One sheet: its cells by address, and what of it is hidden ("3 行", "D 列")."""

    state: str
    cells: Mapping[str, Look]
    hidden: frozenset[str]
    merged: frozenset[str]
    margins: str


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook as a reader has it; `foreign` names the macros, pictures and the like that it carries."""

    sheets: Mapping[str, Leaf]
    names: Mapping[str, str]
    foreign: frozenset[str]


def read_book(data: bytes, name: str) -> Book:
    """The workbook in `data`; InputError when it is damaged, no workbook, or too large to be opened safely."""
    examine(data, name)
    try:
        written, computed = load_workbook(io.BytesIO(data)), load_workbook(io.BytesIO(data), data_only=True)
    except Exception as error:
        # What one parser reads the other may refuse in any way.
        fault = Fault(f"《{name}》", "工作簿打不开", str(error), "重新取得文件，或用表格软件打开后另存为 xlsx")
        raise InputError(fault) from error
    sheets = {sheet.title: _leaf(sheet, computed[sheet.title]) for sheet in written.worksheets}
    return Book(sheets, _names(written), frozenset(_foreign(data)))


def cell_text(data: bytes, sheet: str, cell: str) -> str:
    """The text of one cell of a workbook of ours, read without the rest; "" where there is none."""
    book = load_workbook(io.BytesIO(data), read_only=True)
    return str(book[sheet][cell].value or "") if sheet in book.sheetnames else ""


def _leaf(sheet: Worksheet, computed: Worksheet) -> Leaf:
    cells = {}
    for row, results in zip(sheet.iter_rows(), computed.iter_rows(), strict=True):
        for cell, result in zip(row, results, strict=True):
            held = cell.value is not None or cell.comment or getattr(cell, "hyperlink", None)
            if held or not cell.protection.locked:
                cells[cell.coordinate] = _look(cell, result.value)
    margins = "\n".join(
        re.sub(r"\s", "", _PAGE_FONT.sub("", place.text))
        for part in filter(None, (sheet.oddHeader, sheet.oddFooter))
        for place in (part.left, part.center, part.right)
        if place.text
    )
    merged = frozenset(area.coord for area in sheet.merged_cells.ranges)
    return Leaf(sheet.sheet_state, cells, frozenset(_hidden(sheet)), merged, margins)


def _look(cell: Any, result: object) -> Look:
    text = getattr(cell.value, "text", cell.value) if cell.data_type == "f" else ""
    link = getattr(cell, "hyperlink", None)
    target = _plain(link.location or link.target or "") if link else ""
    if text and link and result in (link.location, link.target):
        result = None  # what openpyxl takes for the value of a linked cell whose formula has none stored
    comment = cell.comment.text.strip() if cell.comment else ""
    colour = cell.font.color.rgb if cell.font and cell.font.color and cell.font.color.type == "rgb" else ""
    shown = _format(cell.number_format) + ("（白字）" if colour == _WHITE else "")
    return Look(str(text), _result(result), shown, _lines(comment), target, not cell.protection.locked)


def _result(value: object) -> Result:
    if isinstance(value, str):
        return _lines(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if value is None or isinstance(value, int | float):
        return value
    return str(value)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("_x000D_\n", "\n")


def _format(text: str) -> str:
    """A number format without the marks of quotation that programs choose freely."""
    return re.sub(r'[\\"]', "", text)


def plain_formula(text: str) -> str:
    """A formula as all programs agree on it: texts untouched, the rest without quotes, blanks and prefixes."""
    parts = _TEXT_OR_NOT.split(text)
    return "".join(part if part.startswith('"') else _plain(part).upper() for part in parts)


def _plain(text: str) -> str:
    return _WRITTEN_OTHERWISE.sub("", text)


def _hidden(sheet: Worksheet) -> Iterator[str]:
    for number, row in sheet.row_dimensions.items():
        if row.hidden or row.height == 0:
            yield f"{number} 行"
    for letter, column in sheet.column_dimensions.items():
        if column.hidden or column.width == 0:
            yield f"{letter} 列"


def _names(book: Workbook) -> dict[str, str]:
    named = dict(book.defined_names)
    for sheet in book.worksheets:
        named |= {f"{sheet.title}!{name}": each for name, each in sheet.defined_names.items()}
    return {name: _plain(each.attr_text or "") for name, each in named.items() if "_xlnm." not in name}


def _foreign(data: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.namelist()
        for pattern, what in _FOREIGN:
            if any(re.match(pattern, member) for member in members):
                yield what
        for member in members:
            if re.match(r"xl/drawings/drawing\d*\.xml", member) and _DRAWN_OVER.search(archive.read(member)):
                yield "盖在表上的图形、文本框"
