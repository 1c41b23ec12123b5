"""断面水质: monthly and annual values of every section, with their classes in the colours of 环办〔2011〕22号."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from compensation.expression import Quantity
from compensation.expression.formula import UNDETERMINED, Cell, ranges
from compensation.quality.classes import class_name
from compensation.quality.standard import body_of, indicator, limits
from compensation.sheets import page as style
from compensation.sheets.leaves import DAILY
from compensation.sheets.page import At, Home, Page, Shown, address
from compensation.sheets.plan import Plan, number_of
from rules.agreement import Period, Section
from rules.case import Case
from rules.outcome import Charge

NAME = "断面水质"
_HEADS = ["断面", "期间", "指标", "有效数", "均值", "评价值", "类别序", "类别", "目标", "达标", "超标倍数", "计入倍数"]
_COUNT, _MEAN, _ASSESSED, _RANK, _CLASS, _TARGET, _MET, _MULTIPLE, _CHARGED = 4, 5, 6, 7, 8, 9, 10, 11, 12
_SECTIONS_PER_MATRIX = 10
_NAMES = ",".join(f'"{class_name(rank)}"' for rank in range(1, 7))


class _Judged(NamedTuple):
    section: Section
    period: Period
    node: Quantity
    row: int


def sections(plan: Plan, case: Case, charges: tuple[Charge, ...]) -> Page:
    """The matrix of classes, then every value behind it."""
    page = Page(plan, NAME, len(_HEADS))
    periods = periods_of(case)
    groups = [case.agreement.sections[n : n + _SECTIONS_PER_MATRIX] for n in range(0, len(case.agreement.sections), 10)]
    row = 4 + sum(len(periods) + 5 for _ in groups)
    judged: list[_Judged] = []
    page.table(row, "二、各指标月、年均值与评价", "见指标栏", page.width)
    page.heads(row + 1, _HEADS)
    first = row + 2
    row = first
    for section in case.agreement.sections:
        for code in case.indicators:
            for period in periods:
                _value(page, row, case, section, code, period)
                row += 1
        if _has_class(case, section):
            for period in periods:
                node = case.section_class(section, period)
                _whole(page, row, case, section, period, node)
                judged.append(_Judged(section, period, node, row))
                row += 1
    page.filter = f"A{first - 1}:{address(row - 1, page.width)}"
    page.class_ranges.append(f"{address(first, _CLASS)}:{address(row - 1, _CLASS)}")
    _multiples(page, charges)
    _fill_multiples(page, first, row)
    at = 4
    for group in groups:
        _matrix(page, at, case, group, periods, judged)
        at += len(periods) + 5
    page.title_rows, page.freeze = f"{first - 1}:{first - 1}", "A4"
    return page


def periods_of(case: Case) -> tuple[Period, ...]:
    """The months, the years, and the whole of several years."""
    whole = (case.period,) if len(case.years) > 1 else ()
    return (*case.months, *(year for year in case.years if year not in case.months), *whole)


def _has_class(case: Case, section: Section) -> bool:
    return all(_limits_of(section, code) for code in case.indicators)


def _limits_of(section: Section, code: str) -> bool:
    return limits(code, body_of(section.body)) is not None


def class_text(node: Quantity) -> Shown:
    """The class in words, beside the cell that holds its rank."""
    value = number_of(node)

    def write(at: At) -> str:
        return f'IF(ISNUMBER({at(node)}),CHOOSE({at(node)},{_NAMES}),"{UNDETERMINED}")'

    return Shown(write, UNDETERMINED if value is None else class_name(int(value)))


def _value(page: Page, row: int, case: Case, section: Section, code: str, period: Period) -> None:
    mean = case.mean(section, code, period)
    assessed = case.assessed(section, code, period)
    _begin(page, row, section, period, f"{indicator(code).name}（{indicator(code).unit}）")
    page.put(row, _COUNT, _count(page.plan, mean), style.INTEGER)
    page.node(row, _MEAN, mean, style.CONCENTRATION)
    page.link(row, _COUNT, page.plan.leads_to(mean, DAILY))
    page.node(row, _ASSESSED, assessed, style.NUMBER)
    page.formats[row, _ASSESSED] = _decimals(code)
    if _limits_of(section, code):
        rank = case.indicator_class(section, code, period)
        page.node(row, _RANK, rank, style.INTEGER)
        page.put(row, _CLASS, class_text(rank), style.CLASS)
    if section.target is not None:
        page.put(row, _TARGET, class_text(case.target(section, period)), style.CENTRE)


def _decimals(code: str) -> str:
    """As many decimals as the rounding gives, and the one digit more that a trace keeps."""
    decimals = indicator(code).assessment_decimals
    return "General" if decimals is None else f"0.{'0' * decimals}##_ " if decimals else "0_ "


def _whole(page: Page, row: int, case: Case, section: Section, period: Period, node: Quantity) -> None:
    _begin(page, row, section, period, "综合（最差指标）")
    page.node(row, _RANK, node, style.INTEGER)
    page.put(row, _CLASS, class_text(node), style.CLASS)
    if section.target is None:
        return
    target = case.target(section, period)
    page.put(row, _TARGET, class_text(target), style.CENTRE)
    rank, aim = number_of(node), number_of(target)
    met = UNDETERMINED if rank is None or aim is None else "达标" if rank <= aim else "未达标"

    def write(at: At) -> str:
        return f'IF(ISNUMBER({at(node)}),IF({at(node)}<={at(target)},"达标","未达标"),"{UNDETERMINED}")'

    page.put(row, _MET, Shown(write, met), style.CENTRE)


def _begin(page: Page, row: int, section: Section, period: Period, what: str) -> None:
    for column in range(1, page.width + 1):
        page.put(row, column, None, style.CENTRE)
    page.put(row, 1, section.name, style.TEXT)
    page.put(row, 2, period.name, style.CENTRE)
    page.put(row, 3, what, style.TEXT)


def _count(plan: Plan, mean: Quantity) -> Shown | str:
    """How many values a mean is of."""
    cells = [cell for cell in (plan.home(arg) for arg in mean.args) if cell is not None]
    if not cells or len(cells) != len(mean.args):
        return "—"
    there = sum(number_of(arg) is not None for arg in mean.args)
    return Shown(lambda _: f"COUNT({','.join(ranges(cells, NAME))})", Fraction(there))


def _multiples(page: Page, charges: tuple[Charge, ...]) -> None:
    """Each exceedance multiple stands beside the value it judges."""
    for charge in charges:
        if charge.clause.measure.kind != "exceedance":
            continue
        for single in charge.measures[1:]:
            for multiple in _multiple_below(single):
                home = page.plan.home(multiple.args[0].args[0])
                if home is None or home.sheet != NAME:
                    continue
                if page.plan.place(multiple, Cell(NAME, home.row, _MULTIPLE)):
                    page.put(home.row, _MULTIPLE, Home(multiple), style.RATIO)
                if page.plan.place(single, Cell(NAME, home.row, _CHARGED)):
                    page.put(home.row, _CHARGED, Home(single), style.RATIO)


def _multiple_below(single: Quantity) -> Iterator[Quantity]:
    """(C − S) / S at or below a measured multiple."""
    if single.op == "divide" and single.args[0].op == "subtract":
        yield single
    else:
        for arg in single.args[1:]:
            if arg.op == "divide" and arg.args[0].op == "subtract":
                yield arg


def _fill_multiples(page: Page, first: int, after: int) -> None:
    for row in range(first, after):
        for column in (_MULTIPLE, _CHARGED):
            if page.cells[row, column][0] is None:
                page.put(row, column, None, style.CENTRE)


def _matrix(
    page: Page,
    row: int,
    case: Case,
    group: tuple[Section, ...],
    periods: tuple[Period, ...],
    judged: list[_Judged],
) -> None:
    """Months down, sections across: the class in its colour."""
    page.table(row, "一、断面水质类别", "类", page.width)
    page.text(row + 1, 1, 1, "期间", style.HEAD)
    page.put(row + 2, 1, "目标", style.HEAD)
    for column, section in enumerate(group, start=2):
        page.put(row + 1, column, section.name, style.HEAD)
        aim = class_text(case.target(section)) if section.target is not None else "—"
        page.put(row + 2, column, aim, style.CENTRE)
    at = {(each.section.code, each.period): each.node for each in judged}
    for number, period in enumerate(periods, start=row + 3):
        page.put(number, 1, period.name, style.CENTRE)
        for column, section in enumerate(group, start=2):
            node = at.get((section.code, period))
            page.put(number, column, class_text(node) if node is not None else "—", style.CLASS)
    page.class_ranges.append(f"{address(row + 3, 2)}:{address(row + 2 + len(periods), 1 + len(group))}")
