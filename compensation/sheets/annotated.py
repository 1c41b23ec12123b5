"""The annotated copy (标注副本): the official's own workbook with every fault marked in its cell, and listed in front.

Nothing else is touched: a copy is corrected, saved and imported again. openpyxl writes formulas without their values,
so those that the file held are put back; what openpyxl cannot carry over is said on the front sheet. A text file or an
.xls becomes an .xlsx of text cells, in which nothing can turn into a formula and coloured numbers keep their colours.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from warnings import catch_warnings, simplefilter
from xml.sax.saxutils import escape

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from compensation.errors import Fault, InputError
from compensation.monitoring.cells import Source, Table, open_source
from compensation.monitoring.colours import FILL, PAINT, fill_name
from compensation.monitoring.comments import OURS
from compensation.monitoring.reader import CELL_LOST, SHIFTED, SKIP_MARK

TITLE = f"导入问题清单{SKIP_MARK}"
AUTHOR = OURS
SUFFIX = "_标注"

MAX_COMMENTS = 3_000  # beyond this a spreadsheet program becomes slow; the colour and the list still tell
MAX_SHEET_ROWS = 1_048_576
_MARKED = PatternFill("solid", start_color="FFFFC7CE", end_color="FFFFC7CE")
_UNMARKED = PatternFill(fill_type=None)
_HEADERS = ("序号", "工作表", "单元格", "内容", "问题", "原因", "处理")
_WIDTHS = (7, 18, 10, 24, 34, 34, 44)
_TEXT_SHEET = "数据"
_FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"([^>]*)><f>([^<]*)</f><v ?/></c>')
_LOST = re.compile(r"xl/(drawings/drawing|charts|ctrlProps|embeddings|slicers|media|vbaProject)")


def annotated_copy(path: Path, faults: Sequence[Fault]) -> bytes | None:
    """The bytes of the annotated copy of the file at `path`; None when no fault has a place in a table.

    InputError when the file can no longer be read.
    """
    placed = [fault for fault in faults if fault.place is not None]
    if not placed:
        return None
    source = open_source(path)
    is_xlsx = source.form.startswith("xlsx")
    loaded = _loaded(path, {place.sheet for fault in placed if (place := fault.place)}) if is_xlsx else None
    book, notes = loaded if loaded is not None else (_as_text(source, placed), [_RENDERED])
    for sheet in [each for each in book.worksheets if SKIP_MARK in str(each["A1"].value)]:
        if str(sheet["A1"].value).startswith(TITLE):
            book.remove(sheet)
    values = _formula_values(path, book) if loaded is not None else {}
    _unmark(book)
    mark(book, placed)
    lines = [
        f"原文件《{source.name}》，SHA-256 {source.sha256}，共 {len(faults)} 处问题，都还没有入库。",
        "问题所在的单元格已标为浅红色（原来有深色底色的不改），批注写明原因和处理办法。改正后保存，再导入本文件即可；本页不必删除。",
        *notes,
    ]
    front(book, lines, faults)
    out = io.BytesIO()
    book.save(out)
    return _with_values(out.getvalue(), book, values)


def annotated_path(path: Path) -> Path:
    """Where the annotated copy of `path` goes: beside it, never over a file that is there."""
    base = re.sub(rf"{SUFFIX}(\(\d+\))?$", "", path.stem)
    numbered = (f"{base}{SUFFIX}" + (f"({n})" if n > 1 else "") for n in range(1, 10_000))
    return next(place for stem in numbered if not (place := path.with_name(f"{stem}.xlsx")).exists())


_RENDERED = "原文件不是 xlsx，本表由原文件逐格转成，全部为文本。"


def _loaded(path: Path, sheets: set[str]) -> tuple[Workbook, list[str]] | None:
    """The workbook as openpyxl has it, and what it could not carry over; None when it cannot take it at all."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
        with catch_warnings(record=True) as warned:
            simplefilter("always")
            book = load_workbook(path, rich_text=True)
        if not sheets <= set(book.sheetnames):
            return None
    except Exception:
        # What one parser reads may fail in the other in any way; then the table is written out as text.
        return None
    notes = []
    if any(map(_LOST.match, members)):
        notes.append("原文件中的图片、图表、控件或宏可能未带入本文件，正式存档请以原文件为准。")
    if any("will be removed" in str(each.message) for each in warned):
        notes.append("原文件中新版软件的条件格式、下拉选项等未带入本文件，正式存档请以原文件为准。")
    return book, notes


def _as_text(source: Source, faults: Iterable[Fault]) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in source.tables:
        sheet = book.create_sheet(sheet_name(table.name))
        beyond = {
            fault.place.row: fault.place.column
            for fault in faults
            if fault.place and fault.place.sheet == table.name and SHIFTED in fault.what
        }
        _copy_text(sheet, table, beyond, is_text=source.form.startswith("文本"))
        worn = source.worn(table.name) if source.worn is not None else None
        for row, colours in worn.cells.items() if worn is not None else ():
            for column, name in colours.items():
                paint(text_cell(sheet, row, column), name)
    return book


def _copy_text(sheet: Worksheet, table: Table, beyond: dict[int, int | None], *, is_text: bool) -> None:
    for number, cells in table.rows:
        if number > MAX_SHEET_ROWS:
            raise InputError(
                Fault(f"第 {number} 行", "放不进标注副本", "超过一张表的最大行数", "把文件按月拆开后再导入")
            )
        for column, text in enumerate(cells, start=1):
            if text:
                write_text(text_cell(sheet, number, column), text)
        wanted = beyond.get(number)
        # In a spreadsheet such a row looks whole: without this mark it would be taken with its values shifted.
        if is_text and wanted is not None:
            write_text(text_cell(sheet, number, max(wanted, len(cells) + 1)), CELL_LOST)
    areas: dict[tuple[int, int], tuple[int, int]] = {}
    for place, anchor in table.merged.items():
        areas[anchor] = max(areas.get(anchor, place), place)
    for (top, left), (bottom, right) in areas.items():
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)


def text_cell(sheet: Worksheet, row: int, column: int) -> Cell:
    """The cell, or within a merged range the one that holds its text."""
    cell = sheet.cell(row, column)
    if isinstance(cell, Cell):
        return cell
    area = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
    return text_cell(sheet, area.min_row, area.min_col)


def write_text(cell: Cell, text: str) -> None:
    """Text as text, whatever it begins with."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("�", text)[:32_767]
    cell.data_type = "s"
    cell.number_format = "@"


def paint(cell: Cell, name: str) -> None:
    """The colour of that name, which is read again as the same: of the font, or the fill for one that is called 底."""
    if name.endswith(FILL):
        cell.fill = PatternFill("solid", fgColor=PAINT[name.removesuffix(FILL)])
    else:
        cell.font = Font(color=PAINT[name])


def sheet_name(name: str) -> str:
    """A name that a sheet may bear."""
    return re.sub(r"[\\/*?:\[\]]", "_", name)[:31] or _TEXT_SHEET


def _unmark(book: Workbook) -> None:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None and cell.comment.author == AUTHOR:
                    cell.comment = None
                    if fill_name(cell) is None:
                        cell.fill = _UNMARKED


def mark(book: Workbook, faults: Sequence[Fault]) -> None:
    """Colour the cell of every fault that has a place, and say in a comment what is wrong with it."""
    told: dict[tuple[str, int, int], list[str]] = {}
    for fault in faults:
        if fault.place is None:
            continue
        sheet = book[_title(book, fault.place.sheet)]
        row, column = fault.place.row, fault.place.column
        cells = [column] if column else [each.column for each in sheet[row] if each.value not in (None, "")] or [1]
        for each in cells:
            cell = text_cell(sheet, row, each)
            if fill_name(cell) is None:  # a strong fill may have a meaning that must come in again with the cell
                cell.fill = _MARKED
        sentence = f"{fault.what}。原因：{fault.why}。处理：{fault.fix}。"
        told.setdefault((sheet.title, row, cells[0]), []).append(sentence)
    for (title, row, column), words in list(told.items())[:MAX_COMMENTS]:
        cell = text_cell(book[title], row, column)
        before = f"{cell.comment.text}\n" if cell.comment is not None else ""
        comment = Comment(ILLEGAL_CHARACTERS_RE.sub("�", before + "\n".join(words)), AUTHOR)
        comment.width, comment.height = 320, 120
        cell.comment = comment


def _title(book: Workbook, sheet: str) -> str:
    return sheet if sheet in book.sheetnames else sheet_name(sheet)


def front(book: Workbook, words: Sequence[str], faults: Sequence[Fault]) -> None:
    """Put the list of faults in front, under a title by which the importer knows it and some lines of words."""
    sheet = book.create_sheet(_free_name(book), 0)
    book.active = 0
    for each in book.worksheets[1:]:
        each.sheet_view.tabSelected = False
    lines = [TITLE, *words]
    for number, text in enumerate(lines, start=1):
        cell = sheet.cell(number, 1, text)
        cell.font = Font(name="黑体" if number == 1 else "宋体", size=14 if number == 1 else 10)
    top = len(lines) + 2
    for column, (header, width) in enumerate(zip(_HEADERS, _WIDTHS, strict=True), start=1):
        cell = sheet.cell(top, column, header)
        cell.font = Font(name="黑体", size=10)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for offset, fault in enumerate(faults, start=1):
        _listed(book, sheet, top + offset, offset, fault)
    sheet.freeze_panes = sheet.cell(top + 1, 1)
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 9, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _listed(book: Workbook, sheet: Worksheet, row: int, number: int, fault: Fault) -> None:
    title, address, text = "", "", ""
    if fault.place is not None:
        title = _title(book, fault.place.sheet)
        address = f"{get_column_letter(fault.place.column or 1)}{fault.place.row}"
        text = str(book[title][address].value or "") if fault.place.column else ""
    else:
        address = ""
    shown = address if fault.place is None or fault.place.column else f"第 {fault.place.row} 行"
    for column, words in enumerate((title, shown, text, fault.what, fault.why, fault.fix), start=2):
        cell = text_cell(sheet, row, column)
        write_text(cell, words)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.cell(row, 1, number)
    if address:
        link = sheet.cell(row, 3)
        quoted = title.replace("'", "''")
        link.hyperlink = Hyperlink(ref=link.coordinate, location=f"'{quoted}'!{address}")
        link.font = Font(name="宋体", size=10, underline="single", color="FF0563C1")


def _free_name(book: Workbook) -> str:
    names = ["问题清单", *(f"问题清单{n}" for n in range(2, 1000))]
    return next(name for name in names if name not in book.sheetnames)


def _formula_values(path: Path, book: Workbook) -> dict[str, dict[str, object]]:
    """The values that the file held for its formulas, by sheet and cell."""
    formulas = {
        (sheet.title, cell.coordinate)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }
    if not formulas:
        return {}
    held = load_workbook(path, data_only=True)
    found: dict[str, dict[str, object]] = {}
    for title, coordinate in formulas:
        value = held[title][coordinate].value
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            found.setdefault(title, {})[coordinate] = value
    return found


def _with_values(package: bytes, book: Workbook, values: dict[str, dict[str, object]]) -> bytes:
    if not values:
        return package
    # openpyxl numbers the members in the order of the sheets.
    by_member = {f"xl/worksheets/sheet{n}.xml": values.get(name, {}) for n, name in enumerate(book.sheetnames, start=1)}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if by_member.get(name):
                content = _filled(content.decode(), by_member[name]).encode()
            target.writestr(name, content)
    return out.getvalue()


def _filled(xml: str, values: dict[str, object]) -> str:
    def fill(match: re.Match[str]) -> str:
        cell, attributes, formula = match.groups()
        if cell not in values:
            return match[0]
        value = values[cell]
        kind = ' t="str"' if isinstance(value, str) else ""
        text = escape(value) if isinstance(value, str) else repr(value)
        return f'<c r="{cell}"{attributes}{kind}><f>{formula}</f><v>{text}</v></c>'

    return _FORMULA.sub(fill, xml)
