"""The comparison workbook for negotiators (方案比较): nets, effects by clause, differing figures, and a chart."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from compensation.money import fen_of
from compensation.rounding import plain_text
from compensation.settlement.compare import Comparison, Effect
from compensation.sheets.heights import lines_of
from compensation.sheets.package import Part, finished, write_atomically
from compensation.sheets.rows import Cached
from rules.agreement import Agreement

_AMOUNT = '#,##0.00;[Red]-#,##0.00;"-"'
_THIN = Side(style="thin", color="808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="E8E8E8")
# patterns, not only colours: the chart must be readable when printed in black and white
_PATTERNS = ("pct5", "wdUpDiag", "dkHorz", "pct50", "smGrid", "ltVert")
_AMOUNT_WIDTHS = (40, 16, 14, *[16] * 6)
_FIGURE_WIDTHS = (34, 26, 12, *[24] * 6)
_COLOURS = ("1F4E79", "C55A11", "548235", "7F6000", "7030A0", "404040")


def write_comparison(comparison: Comparison, path: Path) -> str:
    """Write the comparison workbook and return its SHA-256; the same comparison gives the same bytes."""
    book = Workbook()
    nets = book.worksheets[0]
    nets.title = "方案比较"
    effects = book.create_sheet("分条比较")
    parts = {nets.title: Part(_nets(nets, comparison)), effects.title: Part(_effects(effects, comparison))}
    _chart(nets, comparison)
    _figures(book.create_sheet("参数差异"), [each.agreement for each in comparison.settlements])
    heads = (len(comparison.settlements) + 4, 3, 2)
    for sheet, head, widths in zip(
        book.worksheets, heads, (_AMOUNT_WIDTHS, _AMOUNT_WIDTHS, _FIGURE_WIDTHS), strict=True
    ):
        _page(sheet, head, widths)
        _fit_rows(sheet)
    period = comparison.settlements[0].case.period
    return write_atomically(path, finished(book, parts, f"方案比较 {period.name}", period.last.isoformat()))


def _nets(sheet: Worksheet, comparison: Comparison) -> dict[str, Cached]:
    first = comparison.settlements[0]
    _title(sheet, f"方案比较　{first.case.period.name}", 2 * len(comparison.settlements) + 1)
    for number, settlement in enumerate(comparison.settlements, start=1):
        label = f"〔{settlement.mode.label}〕" if settlement.mode.label else ""
        sheet.cell(number + 1, 1, f"方案{number}：{label}{settlement.agreement.title}")
    row = len(comparison.settlements) + 3
    sheet.cell(row, 1, "本年度净额（单位：万元；正为应收，负为应付）")
    names = dict(comparison.parties)
    return _table(sheet, row + 1, ["缔约方"], [([names[each.party]], each) for each in comparison.finals])


def _effects(sheet: Worksheet, comparison: Comparison) -> dict[str, Cached]:
    _title(sheet, "各条款给各方带来的收付", 2 * len(comparison.settlements) + 2)
    sheet.cell(2, 1, "单位：万元；正为应收，负为应付；差额是与方案1之差")
    names = dict(comparison.parties)
    rows = [([each.what, names[each.party]], each) for each in comparison.effects]
    return _table(sheet, 3, ["条款", "缔约方"], rows)


def _table(sheet: Worksheet, row: int, heads: list[str], rows: Sequence[tuple[list[str], Effect]]) -> dict[str, Cached]:
    """Names, the amount under each agreement, and live differences to the first; returns the formulas' values."""
    count = len(rows[0][1].amounts_yuan)
    columns = [*heads, *(f"方案{n}" for n in range(1, count + 1)), *(f"方案{n}差额" for n in range(2, count + 1))]
    for column, head in enumerate(columns, start=1):
        _cell(sheet, row, column, head, bold=True)
    cached: dict[str, Cached] = {}
    base = len(heads) + 1
    for offset, (texts, effect) in enumerate(rows, start=1):
        at = row + offset
        for column, text in enumerate(texts, start=1):
            _cell(sheet, at, column, text)
        for n, amount in enumerate(effect.amounts_yuan):
            _cell(sheet, at, base + n, "未定" if amount is None else fen_of(amount) / 1_000_000)
        for n in range(1, count):
            one, other = effect.amounts_yuan[0], effect.amounts_yuan[n]
            first, cell = f"{get_column_letter(base)}{at}", f"{get_column_letter(base + n)}{at}"
            column = base + count + n - 1
            _cell(sheet, at, column, f'=IF(COUNT({first},{cell})<2,"未定",ROUND({cell}-{first},6))')
            known = one is not None and other is not None
            value: Cached = (other or Fraction(0)) / 10_000 - (one or Fraction(0)) / 10_000 if known else "未定"
            cached[f"{get_column_letter(column)}{at}"] = value
    return cached


def _cell(sheet: Worksheet, row: int, column: int, value: str | float, *, bold: bool = False) -> None:
    cell = sheet.cell(row, column, value)
    cell.border = _BOX
    cell.font = Font(name="宋体", size=10, bold=bold)
    if bold:
        cell.fill = _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    elif isinstance(value, float) or str(value).startswith("="):
        cell.number_format = _AMOUNT
        cell.alignment = Alignment(vertical="center")
    else:
        cell.alignment = Alignment(wrap_text=True, vertical="center")


def _title(sheet: Worksheet, text: str, width: int) -> None:
    sheet.cell(1, 1, text).font = Font(name="黑体", size=14, bold=True)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet.cell(1, 1).alignment = Alignment(horizontal="center")


def _chart(sheet: Worksheet, comparison: Comparison) -> None:
    """Each party's net under each agreement: the question that the table is about."""
    count = len(comparison.settlements)
    head = count + 4
    chart = BarChart()
    chart.type = "col"
    chart.title = "各方本年度净额（万元）"
    chart.height, chart.width = 9, 24
    data = Reference(sheet, min_col=2, max_col=1 + count, min_row=head, max_row=head + len(comparison.parties))
    chart.add_data(data, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=head + 1, max_row=head + len(comparison.parties)))
    for at, series in enumerate(chart.series):
        colour = _COLOURS[at % len(_COLOURS)]
        if at:
            series.graphicalProperties.pattFill = _pattern(at, colour)
        else:
            series.graphicalProperties.solidFill = colour
        series.graphicalProperties.line.solidFill = colour
    chart.dataLabels = DataLabelList(
        showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
    )
    chart.dataLabels.numFmt = "#,##0"
    chart.x_axis.tickLblPos = "low"
    chart.y_axis.number_format = "#,##0"
    chart.x_axis.delete = chart.y_axis.delete = False
    sheet.add_chart(chart, f"A{head + len(comparison.parties) + 3}")


def _pattern(at: int, colour: str) -> Any:
    """A fill that tells series apart without colour; the library's type stubs know its parts only as objects."""
    make: Any = PatternFillProperties
    choice: Any = ColorChoice
    return make(prst=_PATTERNS[at % len(_PATTERNS)], fgClr=choice(srgbClr=colour), bgClr=choice(srgbClr="FFFFFF"))


def _figures(sheet: Worksheet, agreements: Sequence[Agreement]) -> None:
    _title(sheet, "各方案参数的差异", len(agreements) + 3)
    heads = ["参数键", "名称", "单位", *(f"方案{n}" for n in range(1, len(agreements) + 1))]
    for column, head in enumerate(heads, start=1):
        _cell(sheet, 2, column, head, bold=True)
    tables = [{each.key: each for each in agreement.parameters} for agreement in agreements]
    row = 3
    for key in dict.fromkeys(key for table in tables for key in table):
        texts = [
            "；".join(f"{plain_text(span.value)}（{span.first} 起）" for span in table[key].spans)
            if key in table
            else "—"
            for table in tables
        ]
        if len(set(texts)) == 1:
            continue
        known = next(table[key] for table in tables if key in table)
        for column, text in enumerate([key, known.label, known.unit.symbol, *texts], start=1):
            _cell(sheet, row, column, text)
        row += 1
    if row == 3:
        sheet.cell(row, 1, "没有差异。")


def _fit_rows(sheet: Worksheet) -> None:
    """Every row as high as its longest text needs, which a program does not see to when it prints."""
    for number, row in enumerate(sheet.iter_rows(min_row=2), start=2):
        boxed = [cell for cell in row if cell.has_style and isinstance(cell.value, str) and cell.data_type == "s"]
        widths = [(cell.value, sheet.column_dimensions[get_column_letter(cell.column)].width) for cell in boxed]
        lines = max((lines_of(str(text), width) for text, width in widths), default=1)
        sheet.row_dimensions[number].height = lines * 13.5 + 4.5


def _page(sheet: Any, head: int, widths: Sequence[float]) -> None:
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    sheet.protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "autoFilter", "sort"):
        setattr(sheet.protection, allowed, False)
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "第 &P 页　共 &N 页"
    sheet.oddHeader.right.text = "方案比较，供协商使用，不是结算"
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
