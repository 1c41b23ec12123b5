"""Leaf sheets: what everything is computed from (日均值, 参数与依据)."""

from collections.abc import Sequence
from math import ceil

from compensation.expression import Key, Missing, Quantity
from compensation.expression.formula import Cell
from compensation.quality.standard import indicator
from compensation.settlement.settle import Settlement
from compensation.sheets import page as style
from compensation.sheets.page import Blank, Home, Page
from compensation.sheets.plan import Plan
from rules.agreement import Parameter, Span
from rules.case import Case

DAILY, PARAMETERS, SOURCES = "日均值", "参数与依据", "数据来源"
_COLUMNS_PER_PAGE = 16


def daily(plan: Plan, case: Case) -> Page:
    """One row a day, one column for each section and indicator: a month is a range."""
    columns = [(section, code) for section in case.agreement.sections for code in case.indicators]
    page = Page(plan, DAILY, max(2, 1 + len(columns)))
    head, first = 5, 7
    page.text(3, 1, min(page.width, 10), _legend(), style.NOTE)
    page.put(head, 1, "日期", style.HEAD)
    page.link(head, 1, Cell(SOURCES, 4, 1))
    page.put(head + 1, 1, None, style.HEAD)
    page.merges.append((head, 1, head + 1, 1))
    for number, section in enumerate(case.agreement.sections):
        left = 2 + number * len(case.indicators)
        page.text(head, left, left + len(case.indicators) - 1, section.name, style.HEAD)
    for column, (_, code) in enumerate(columns, start=2):
        page.put(head + 1, column, f"{indicator(code).name}\n{indicator(code).unit}", style.HEAD)
        page.widths[column] = 10.5
    for row, day in enumerate(case.period.days, start=first):
        page.put(row, 1, day, style.DAY)
        for column, (section, code) in enumerate(columns, start=2):
            node = case.day_value(section, code, day)
            plan.place(node, Cell(DAILY, row, column))
            missing = isinstance(node.value, Missing)
            exempt = missing and day in case.exempt_days(section.code)
            page.put(row, column, Blank(node, "免" if exempt else "") if missing else Home(node), style.CONCENTRATION)
    page.freeze = f"B{first}"
    page.title_rows = f"{head}:{head + 1}"
    page.filter = f"A{head + 1}:{Cell('', row, page.width).local}"
    page.pages_wide = ceil(len(columns) / _COLUMNS_PER_PAGE)
    return page


def _legend() -> str:
    return "各列为当日有效读数（或人工样品）的均值，未修约。空白：当日无有效值；“免”：认定免责，不参加评价。"


def parameters(plan: Plan, leaves: dict[Key, Quantity], settlement: Settlement) -> Page:
    """Every figure of the agreement that holds in the period, with its days and its source, and the limits it names."""
    page = Page(plan, PARAMETERS, 7)
    case = settlement.case
    page.text(3, 1, 7, "“假定值”不是任何已签署协议的内容，签署前须由各方商定后替换。", style.NOTE)
    page.table(4, "一、协议参数", "见表内", 7)
    page.heads(5, ["序号", "参数", "取值", "单位", "有效期起", "有效期止", "依据"])
    page.title_rows, page.freeze = "5:5", "A6"
    row = 6
    for number, (parameter, span) in enumerate(_in_force(case, leaves), start=1):
        _parameter(page, row, number, parameter, span)
        row += 1
    page.filter = f"A5:G{row - 1}"
    for kind, title, what, amount in _GIVEN:
        nodes = sorted((node for key, node in leaves.items() if key[0] == kind), key=lambda node: node.key or ())
        if nodes:
            row = _given(page, row + 1, title, ["序号", what, amount, "单位", "", "", "依据"], nodes)
    return page


_GIVEN = (
    ("limit", "二、评价标准限值（由目标类别查得）", "限值", "取值"),
    ("last_year", "三、上年度结算结果（本年度预拨的依据）", "事项", "金额"),
    ("charged", "四、协议期内已计金额（累计封顶的依据）", "事项", "金额"),
    ("balance", "五、共同资金上年结余（本年度可用）", "事项", "金额"),
)


def _given(page: Page, row: int, title: str, heads: list[str], nodes: Sequence[Quantity]) -> int:
    """Limits of the standard that targets name, and what earlier settlements left to this one."""
    page.table(row, title, "见表内", 7)
    page.heads(row + 1, heads)
    row += 2
    for number, node in enumerate(nodes, start=1):
        for column, content in ((1, number), (2, node.label), (4, node.unit.symbol), (7, node.source or "—")):
            page.put(row, column, content, style.TEXT if column in (2, 7) else style.CENTRE)
        page.put(row, 5, None, style.CENTRE)
        page.put(row, 6, None, style.CENTRE)
        page.node(row, 3, node, style.for_number(node))
        row += 1
    return row


def _in_force(case: Case, leaves: dict[Key, Quantity]) -> list[tuple[Parameter, Span]]:
    """The spans that the settlement uses; of a figure that only shapes it, the one that holds."""
    used = {(key[1], key[2]) for key in leaves if key[0] == "parameter"}
    found = []
    for parameter in case.agreement.parameters:
        spans = [span for span in parameter.spans if (parameter.key, span.first.isoformat()) in used]
        found += [(parameter, span) for span in spans or _holding(parameter, case)]
    return found


def _holding(parameter: Parameter, case: Case) -> list[Span]:
    return [span for span in parameter.spans if span.first <= case.as_of <= span.last]


def _parameter(page: Page, row: int, number: int, parameter: Parameter, span: Span) -> None:
    assumed = span.source == "assumption"
    page.put(row, 1, number, style.INTEGER)
    page.put(row, 2, parameter.label, style.TEXT)
    page.node(row, 3, parameter.at(span.first), style.NUMBER)
    page.put(row, 4, parameter.unit.symbol or "—", style.CENTRE)
    page.put(row, 5, span.first, style.DAY)
    page.put(row, 6, span.last, style.DAY)
    page.put(row, 7, "假定值" if assumed else span.source, style.ASSUMED if assumed else style.TEXT)
