"""pH means go through [H+] at every step of the route: the day, the month, the year, and the cell's formula."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from settling import DRAFT

from compensation.expression.formula import Cell, formula
from compensation.monitoring.records import State, Status
from compensation.quality.means import ph_mean
from compensation.settlement.evidence import DaySum, gather
from rules.agreement import Period, months_of
from rules.case import Case

PH = "w01001"
SECTION = next(section for section in DRAFT.sections if section.name == "太浦河桥")
WITH_PH = replace(DRAFT, data_rules=replace(DRAFT.data_rules, indicators=(PH,)))
DAY = (700, 700, 900, 900)


def month(of: int, hundredths: tuple[int, ...]) -> list[DaySum]:
    first = date(2026, of, 1)
    return [
        DaySum(SECTION.code, PH, first + timedelta(n), -2, State.VALUE, Status.NORMAL, value, 1)
        for n in range(25)
        for value in hundredths
    ]


def test_acid_counts_for_more_than_its_share() -> None:
    sums = [each for of in range(1, 13) for each in month(of, DAY if of % 2 else (800, 800, 800, 800))]
    evidence = gather(WITH_PH, DRAFT.first, sums).evidence
    year = Period(date(2026, 1, 1), date(2026, 12, 31), "2026年")
    case = Case(WITH_PH, evidence, year, DRAFT.first)
    january, february, *_ = months_of(year.first, year.last)
    day = ph_mean([Fraction(7), Fraction(7), Fraction(9), Fraction(9)])
    assert evidence.days[SECTION.code, PH][date(2026, 1, 1)].value == day
    assert Fraction("7.29") < day < Fraction("7.30")
    assert case.month_mean(SECTION, PH, january).value == day
    assert case.month_mean(SECTION, PH, february).value == 8
    assert case.year_mean(SECTION, PH, year).value == ph_mean([day, Fraction(8)] * 6)
    cells = {id(arg): Cell("表", at, 1) for at, arg in enumerate(case.month_mean(SECTION, PH, january).args, start=1)}
    text = formula(case.month_mean(SECTION, PH, january), lambda node: cells.get(id(node)), "表")
    assert "LOG10" in text
    assert "AVERAGE" not in text


def test_equal_values_may_share_a_row() -> None:
    one_by_one = gather(WITH_PH, DRAFT.first, month(1, DAY)).evidence
    together = [
        DaySum(SECTION.code, PH, date(2026, 1, 1) + timedelta(n), -2, State.VALUE, Status.NORMAL, value * 2, 2)
        for n in range(25)
        for value in (700, 900)
    ]
    assert gather(WITH_PH, DRAFT.first, together).evidence == one_by_one
