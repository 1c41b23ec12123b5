"""图表: native charts that each answer a question, over tables of live formulas that stand below them.

Lines differ by dash and marker and bars by pattern, so that a print in black and white can be read.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from itertools import cycle
from typing import Any, NamedTuple

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.worksheet.worksheet import Worksheet

from compensation.expression import Key, Quantity
from compensation.expression.formula import UNDETERMINED
from compensation.quality.standard import indicator
from compensation.settlement.settle import Settlement
from compensation.sheets import charges as lines_sheet
from compensation.sheets import page as style
from compensation.sheets.charges import Laid
from compensation.sheets.page import Page, Shown, address, saying
from compensation.sheets.plan import Plan, number_of
from rules.agreement import POOL, Clause, Section
from rules.case import Case
from rules.measures import MEASURES

NAME = "图表"
_WIDTH = 12  # columns
_CHART_ROWS, _ROW_POINTS = 26, 15.5
_FIRST = 4
_SECTIONS_A_CHART = 6
_DASHES = ("solid", "dash", "sysDot", "dashDot", "lgDash", "lgDashDotDot")
_MARKERS = ("circle", "square", "triangle", "diamond", "x", "star")
_PATTERNS = ("dkUpDiag", "pct20", "dkHorz", "smGrid", "ltVert", "pct60", "wdDnDiag", "lgCheck")
_COLOURS = ("1F4E79", "C55A11", "548235", "7F6000", "7030A0", "404040")
_LIMIT = "C00000"
_INDICES = ("index", "spatial_index")


class _Table(NamedTuple):
    """A table of a chart: its title and unit, headings, and rows of a label and what stands beside it."""

    title: str
    unit: str
    form: str  # lines, flows
    heads: list[str]
    rows: list[list[Quantity | Shown | str | Fraction | None]]
    number: str  # style of the figures
    limits: int = 0  # how many of the last columns are limits


def charts(plan: Plan, settlement: Settlement, laid: Laid) -> Page:
    """A chart to a page, then the tables that they show."""
    page = Page(plan, NAME, _WIDTH)
    case = settlement.case
    flows = _flows(settlement)
    tables = [*([flows] if flows is not None else []), *_indices(settlement)]
    for code in case.indicators:
        for sections in _in_charts(case.agreement.sections):
            made = _concentrations(case, code, sections)
            if made is not None:
                tables.append(made)
    if not tables:
        page.text(_FIRST, 1, _WIDTH, "本期没有可绘制的数据", style.CENTRE)
        return page
    row = _FIRST + len(tables) * _CHART_ROWS
    page.breaks += [_FIRST + number * _CHART_ROWS - 1 for number in range(1, len(tables) + 1)]
    for number, table in enumerate(tables):
        at = _FIRST + number * _CHART_ROWS
        for each in range(at, at + _CHART_ROWS):
            page.heights[each] = _ROW_POINTS
        head, row = row + 1, _laid(page, row, number + 1, table, laid)
        page.drawings.append(partial(_draw, table=table, head=head, at=at))
    return page


def _laid(page: Page, row: int, number: int, table: _Table, laid: Laid) -> int:
    """Write the table from `row` on; the row after it and a blank one."""
    page.table(row, f"数据 {number}：{table.title}", table.unit, max(6, len(table.heads)))
    page.heads(row + 1, table.heads)
    for offset, cells in enumerate(table.rows, start=row + 2):
        for column, content in enumerate(cells, start=1):
            if isinstance(content, Quantity):
                page.node(offset, column, content, table.number)
            else:
                page.put(offset, column, content, style.CENTRE if isinstance(content, str) else table.number)
        if table.form == "flows":
            _flow_formulas(page, row + 1, offset, len(table.heads), laid)
    return row + 3 + len(table.rows)


# what pays whom


def _flows(settlement: Settlement) -> _Table | None:
    """Pairs of payer and payee, and what each clause moves between them."""
    lines = settlement.outcome.lines
    order = [*(party.code for party in settlement.agreement.parties), POOL]
    name = settlement.agreement.short
    pairs = sorted({(line.payer, line.payee) for line in lines}, key=lambda pair: tuple(map(order.index, pair)))
    clauses = list(dict.fromkeys(clause.number for clause in settlement.agreement.clauses))
    rows: list[list[Quantity | Shown | str | Fraction | None]] = []
    for payer, payee in pairs:
        cells: list[Quantity | Shown | str | Fraction | None] = [
            f"{name(payer)}付{name(payee)}",
            name(payer),
            name(payee),
        ]
        for clause in clauses:
            mine = [line for line in lines if (line.clause, line.payer, line.payee) == (clause, payer, payee)]
            values = [number_of(line.amount) for line in mine]
            known = [value for value in values if value is not None]
            cells.append(sum(known, Fraction(0)) / 10_000 if len(known) == len(values) else UNDETERMINED)
        rows.append(cells)
    if not rows:
        return None
    heads = ["谁付给谁", "付方", "收方", *clauses]
    return _Table("谁付给谁（轧差前，按条款）", "万元", "flows", heads, rows, style.WAN)


def _flow_formulas(page: Page, head: int, row: int, columns: int, laid: Laid) -> None:
    """What a row holds becomes live: the lines of that clause, payer and payee added up."""

    def lines(column: int) -> str:
        letter = address(1, column)[:-1]
        return f"'{lines_sheet.NAME}'!${letter}${laid.first}:${letter}${laid.last}"

    for column in range(4, columns + 1):
        value = page.cells[row, column][0]
        where = (
            f"{lines(lines_sheet.CLAUSE)},{address(head, column)},{lines(lines_sheet.PAYER)},{address(row, 2)},"
            f"{lines(lines_sheet.PAYEE)},{address(row, 3)}"
        )
        amounts = lines(lines_sheet.LINE)
        text = (
            f'IF(COUNTIFS({where},{amounts},"{UNDETERMINED}")>0,"{UNDETERMINED}",'
            f"ROUND(SUMIFS({amounts},{where}),2)/10000)"
        )
        if isinstance(value, str | Fraction):
            page.put(row, column, Shown(saying(text), value), style.WAN)


# the index against 1, and concentrations against limits


def _indices(settlement: Settlement) -> list[_Table]:
    """The compensation index of every month beside 1, for the sections that a clause measures it for."""
    case = settlement.case
    found: dict[str, tuple[Clause, dict[str, Section]]] = {}
    for charge in settlement.outcome.charges:
        if charge.clause.measure.kind in _INDICES and charge.section:
            _, sections = found.setdefault(charge.clause.key, (charge.clause, {}))
            sections[charge.section] = case.agreement.section(charge.section)
    tables = []
    for clause, sections in found.values():
        measure = MEASURES[clause.measure.kind][1]
        for chunk in _in_charts(tuple(sections.values())):
            rows: list[list[Quantity | Shown | str | Fraction | None]] = []
            for month in case.months:
                indices = [measure(case, clause, section, month, None)[0] for section in chunk]
                known = [index if number_of(index) is not None else None for index in indices]
                rows.append([month.name, *known, Fraction(1)])
            heads = ["月份", *(section.name for section in chunk), "P = 1"]
            title = f"{clause.number}补偿指数逐月与 1 的比较（计费按全期）"
            tables.append(_Table(title, "比值", "lines", heads, rows, style.DECIMALS, 1))
    return [table for table in tables if any(cell is not None for row in table.rows for cell in row[1:-1])]


def _in_charts(sections: tuple[Section, ...]) -> list[tuple[Section, ...]]:
    """As many sections to a chart as lines can be told apart."""
    return [sections[start : start + _SECTIONS_A_CHART] for start in range(0, len(sections), _SECTIONS_A_CHART)]


def _concentrations(case: Case, code: str, sections: Sequence[Section]) -> _Table | None:
    """Monthly means of some sections, and the limits of their targets; None when there is no value at all."""
    limits: dict[Key, Quantity] = {}
    rows: list[list[Quantity | Shown | str | Fraction | None]] = []
    seen = False
    held: list[set[Key]] = []
    for month in case.months:
        means = [case.mean(section, code, month) for section in sections]
        here = [case.target_limit(each, code, month) for each in sections if each.target is not None]
        there = {limit.key: limit for limit in here if limit is not None and limit.key is not None}
        limits |= there
        held.append(set(there))
        seen = seen or any(number_of(mean) is not None for mean in means)
        # a text would be drawn as a zero, a blank is a gap
        rows.append([month.name, *(mean if number_of(mean) is not None else None for mean in means)])
    if not seen:
        return None
    for row, keys in zip(rows, held, strict=True):
        row += [limit if key in keys else None for key, limit in limits.items()]
    name = indicator(code)
    heads = [
        "月份",
        *(each.name for each in sections),
        *(each.label.removeprefix(name.name) for each in limits.values()),
    ]
    title = f"{name.name}月均浓度与限值" + (f"（{sections[0].name}等）" if len(case.agreement.sections) > 6 else "")
    heads = [head.strip() for head in heads]
    return _Table(title, name.unit, "lines", heads, rows, style.CONCENTRATION, len(limits))


# drawing


def _draw(sheet: Worksheet, *, table: _Table, head: int, at: int) -> None:
    last, width = head + len(table.rows), len(table.heads)
    first = 4 if table.form == "flows" else 2
    chart: Any = LineChart() if table.form == "lines" else BarChart()
    chart.add_data(Reference(sheet, first, head, width, last), titles_from_data=True)
    chart.set_categories(Reference(sheet, 1, head + 1, 1, last))
    if table.form == "flows":
        chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "stacked", 100, 60
        chart.x_axis.scaling.orientation, chart.y_axis.crosses = "maxMin", "max"
        chart.x_axis.tickLblSkip = 1
    if table.form == "lines":
        _style_lines(chart.series, len(chart.series) - table.limits)
    else:
        _style_bars(chart.series)
    chart.title = f"{table.title}（{table.unit}）"
    chart.title.overlay = False
    chart.legend.position = "b"
    chart.display_blanks = "gap"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.tickLblPos = "low"
    chart.y_axis.number_format = "General" if table.form != "flows" else "#,##0"
    chart.anchor = _anchor(at)
    sheet.add_chart(chart)


def _anchor(row: int) -> TwoCellAnchor:
    """From cell to cell: as wide as the page, whatever the template's columns are."""
    begin, end = AnchorMarker(col=0, row=row), AnchorMarker(col=_WIDTH, row=row + _CHART_ROWS - 2)
    return TwoCellAnchor(editAs="twoCell", _from=begin, to=end)


def _style_lines(series: Sequence[Any], sections: int) -> None:
    looks = zip(cycle(_COLOURS), cycle(_DASHES), cycle(_MARKERS), strict=False)
    for number, (each, (colour, dash, marker)) in enumerate(zip(series, looks, strict=False)):
        limit = number >= sections
        line = each.graphicalProperties.line
        line.solidFill = _LIMIT if limit else colour
        line.width = 28_000 if limit else 15_000
        line.dashStyle = _DASHES[(number - sections) % 2] if limit else dash
        each.smooth = False
        each.marker.symbol = "none" if limit else marker
        each.marker.size = 7
        each.marker.graphicalProperties.solidFill = "FFFFFF" if number % 2 else colour
        each.marker.graphicalProperties.line.solidFill = colour


def _style_bars(series: Sequence[Any]) -> None:
    make: Any = PatternFillProperties
    choice: Any = ColorChoice
    for each, colour, pattern in zip(series, cycle(_COLOURS), cycle(_PATTERNS), strict=False):
        fill = make(prst=pattern, fgClr=choice(srgbClr=colour), bgClr=choice(srgbClr="FFFFFF"))
        each.graphicalProperties.pattFill = fill
        each.graphicalProperties.line.solidFill = colour
