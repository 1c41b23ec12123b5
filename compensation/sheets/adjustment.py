"""The 补差 sheet: what a correction changes for each party, clause by clause, with the digests of both settlements."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from compensation.sheets.package import Part, finished, write_atomically
from compensation.sheets.rows import Cached

_AMOUNT = '#,##0.00;[Red]-#,##0.00;"-"'
_THIN = Side(style="thin", color="808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="E8E8E8")
_COLUMNS = ("事项", "缔约方", "原结算（元）", "更正后（元）", "差额（元）")
_WIDTHS = (30, 12, 22, 22, 22)


class Change(NamedTuple):
    """One matter before and after a correction, in fen by party; positive is to be received."""

    what: str
    before: Mapping[str, int]
    after: Mapping[str, int]

    @property
    def difference(self) -> dict[str, int]:
        """What it changes for each party."""
        return {party: self.after[party] - self.before[party] for party in self.after}


class Head(NamedTuple):
    """What stands above: agreement, period, both numbers and digests (old, new), why, by which document, the mark."""

    title: str
    period: str
    numbers: tuple[str, str]
    digests: tuple[str, str]
    reason: str
    document: str
    mark: str
    day: str


def write_adjustment_sheet(head: Head, names: Mapping[str, str], changes: Sequence[Change], path: Path) -> str:
    """Write the sheet and return its SHA-256; differences and sums are live formulas with their values."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "补差"
    row = _above(sheet, head)
    cached = _table(sheet, row, names, changes)
    _page(sheet, head)
    title = f"补差 {head.period} {head.numbers[1]}"
    return write_atomically(path, finished(book, {sheet.title: Part(cached)}, title, head.day))


def _above(sheet: Worksheet, head: Head) -> int:
    sheet.cell(1, 1, f"{head.period}结算补差表").font = Font(name="黑体", size=16, bold=True)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(_COLUMNS))
    sheet.cell(1, 1).alignment = Alignment(horizontal="center")
    for row, (label, text) in enumerate(
        (
            ("协议", head.title),
            ("原结算", head.numbers[0]),
            ("原结算摘要", head.digests[0]),
            ("更正后的结算", head.numbers[1]),
            ("更正后摘要", head.digests[1]),
            ("更正理由", head.reason),
            ("依据文件", head.document or "-"),
        ),
        start=2,
    ):
        sheet.cell(row, 1, label).font = Font(name="宋体", size=10, bold=True)
        # Never a formula, whatever somebody typed as a reason.
        cell = sheet.cell(row, 2)
        cell.value, cell.data_type = text, "s"
        cell.font = Font(name="宋体", size=10)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.merge_cells(start_row=row, start_column=2, end_row=row, end_column=len(_COLUMNS))
    sheet.cell(9, 1, "单位：元；正数为应收，负数为应付。差额为正，是比原结算多得或少付。").font = Font(
        name="宋体", size=9
    )
    return 10


def _table(sheet: Worksheet, row: int, names: Mapping[str, str], changes: Sequence[Change]) -> dict[str, Cached]:
    for column, text in enumerate(_COLUMNS, start=1):
        _cell(sheet, row, column, text, head=True)
    cached: dict[str, Cached] = {}
    for change in changes:
        first = row + 1
        for party, name in names.items():
            row += 1
            before, after = change.before.get(party, 0), change.after.get(party, 0)
            _cell(sheet, row, 1, change.what)
            _cell(sheet, row, 2, name)
            _cell(sheet, row, 3, before / 100)
            _cell(sheet, row, 4, after / 100)
            _cell(sheet, row, 5, f"=ROUND(D{row}-C{row},2)")
            cached[f"E{row}"] = Fraction(after - before, 100)
        row += 1
        _cell(sheet, row, 1, change.what, head=True)
        _cell(sheet, row, 2, "合计", head=True)
        for column, side in ((3, change.before), (4, change.after), (5, change.difference)):
            letter = "ABCDE"[column - 1]
            _cell(sheet, row, column, f"=ROUND(SUM({letter}{first}:{letter}{row - 1}),2)")
            cached[f"{letter}{row}"] = Fraction(sum(side.values()), 100)
    return cached


def _cell(sheet: Worksheet, row: int, column: int, value: str | float, *, head: bool = False) -> None:
    cell = sheet.cell(row, column, value)
    cell.border = _BOX
    cell.font = Font(name="宋体", size=10, bold=head)
    if head:
        cell.fill = _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    elif isinstance(value, float) or str(value).startswith("="):
        cell.number_format = _AMOUNT
    else:
        cell.alignment = Alignment(wrap_text=True, vertical="center")


def _page(sheet: Any, head: Head) -> None:
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页　共 &N 页"
    sheet.oddHeader.right.text = head.mark
    sheet.print_title_rows = "10:10"
    for letter, width in zip("ABCDE", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
