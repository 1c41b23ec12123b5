"""The small print of the law, which mutation testing found that no other test had read."""

from datetime import date
from fractions import Fraction

import pytest

from compensation.agreement.loader import load
from compensation.errors import InputError
from compensation.expression import YUAN, leaf
from rules.agreement import POOL, Period, Reach, months_of, year_before, years_of
from rules.case import Case
from rules.evidence import Evidence
from rules.limits import cut_to_limit
from rules.substitution import substituted

DRAFT = load("taipu-draft")
ALWAYS = tuple(range(1, 13))


def test_a_period_that_is_the_first_day_of_a_month_has_that_month() -> None:
    day = date(2026, 5, 1)
    assert [(month.first, month.last, month.name) for month in months_of(day, day)] == [(day, day, "2026-05")]


def test_months_and_years_are_cut_at_both_ends() -> None:
    first, last = date(2026, 12, 15), date(2027, 1, 1)
    assert [(m.first, m.last) for m in months_of(first, last)] == [(first, date(2026, 12, 31)), (last, last)]
    assert [(y.first, y.last) for y in years_of(first, last)] == [(first, date(2026, 12, 31)), (last, last)]


def test_the_year_before_a_leap_february_is_the_whole_month() -> None:
    month = months_of(date(2028, 2, 1), date(2028, 2, 29))[0]
    before = year_before(month)
    assert (before.first, before.last, before.name) == (date(2027, 2, 1), date(2027, 2, 28), "2027-02")


def test_a_clause_applies_on_its_first_and_last_day_and_on_no_other() -> None:
    reach = Reach(date(2026, 5, 1), date(2026, 7, 31), ALWAYS)
    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 7, 31), date(2026, 8, 1)]
    assert [reach.holds(day, None) for day in days] == [False, True, True, False]


def test_an_assumed_figure_says_that_it_is_assumed_and_a_sourced_one_where_it_is_from() -> None:
    for parameter in DRAFT.parameters:
        span = parameter.span(DRAFT.first)
        said = parameter.at(DRAFT.first).source
        assert said == ("假定值，尚无协议文本" if span.source == "assumption" else span.source)
    assert {span.source == "assumption" for each in DRAFT.parameters for span in each.spans} == {True, False}


def test_parties_and_the_fund_go_by_their_short_names() -> None:
    assert [DRAFT.short(code) for code in ("310000", "320000", "330000", POOL, "990000")] == [
        "沪",
        "苏",
        "浙",
        "基金",
        "990000",
    ]


def test_changing_a_figure_changes_that_figure_alone_and_unknown_ones_are_all_named() -> None:
    changed = substituted(DRAFT, {"index.base": Fraction(2500)})
    values = {each.key: [span.value for span in each.spans] for each in changed.parameters}
    before = {each.key: [span.value for span in each.spans] for each in DRAFT.parameters}
    assert {key for key in values if values[key] != before[key]} == {"index.base"}
    assert values["index.base"] == [Fraction(2500)]
    assert changed.sha256 != DRAFT.sha256
    with pytest.raises(InputError) as refused:
        substituted(DRAFT, {"index.base": Fraction(1), "no.such": Fraction(1), "nor.this": Fraction(1)})
    assert [fault.where for fault in refused.value.faults] == ["参数“no.such”", "参数“nor.this”"]


def test_a_cut_of_odd_fen_is_shared_by_largest_remainder() -> None:
    agreement = substituted(DRAFT, {"money.limit.net_payment": Fraction(1, 10**6)})  # one fen
    day = agreement.first
    case = Case(agreement, Evidence({}), Period(day, date(day.year, 12, 31), "2026年"), day)
    net = {"310000": Fraction(-8, 100), "320000": Fraction(3, 100), "330000": Fraction(5, 100)}
    given = {code: leaf(("net", code), value, YUAN, code, "") for code, value in net.items()}
    cuts = {code: each.value for code, each in cut_to_limit(case, given).items()}
    # 7 fen by 3 : 5 are 2.625 and 4.375
    assert cuts == {"310000": Fraction(7, 100), "320000": Fraction(-3, 100), "330000": Fraction(-4, 100)}
