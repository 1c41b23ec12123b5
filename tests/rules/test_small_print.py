"""The small print of the law: days at the edges, sources, names, figures, and what is so when nothing is said."""

from dataclasses import fields, replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from compensation.agreement.loader import load
from compensation.errors import InputError
from compensation.expression import YUAN, leaf
from rules.agreement import (
    POOL,
    Cap,
    Clause,
    Deduction,
    Parameter,
    Period,
    Reach,
    Span,
    months_of,
    period_name,
    year_before,
    years_of,
)
from rules.case import Case
from rules.evidence import Evidence
from rules.limits import cut_to_limit
from rules.outcome import Charge
from rules.parts import FigureSpec, RowSpec, TableSpec
from rules.substitution import substituted

DRAFT = load("taipu-draft")
Day = tuple[int, int, int]
ALWAYS = tuple(range(1, 13))


def test_a_period_that_is_the_first_day_of_a_month_has_that_month() -> None:
    day = date(2026, 5, 1)
    assert [(month.first, month.last, month.name) for month in months_of(day, day)] == [(day, day, "2026-05")]


def test_a_period_has_its_days_and_no_other() -> None:
    period = Period(date(2026, 2, 27), date(2026, 3, 1), "")
    assert period.days == (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1))


def test_months_and_years_are_cut_at_both_ends() -> None:
    first, last = date(2026, 12, 15), date(2027, 1, 1)
    assert [(m.first, m.last) for m in months_of(first, last)] == [(first, date(2026, 12, 31)), (last, last)]
    assert [(y.first, y.last) for y in years_of(first, last)] == [(first, date(2026, 12, 31)), (last, last)]


def test_the_year_before_a_leap_february_is_the_whole_month() -> None:
    month = months_of(date(2028, 2, 1), date(2028, 2, 29))[0]
    before = year_before(month)
    assert (before.first, before.last, before.name) == (date(2027, 2, 1), date(2027, 2, 28), "2027-02")


@pytest.mark.parametrize(
    ("first", "last", "before", "name"),
    [
        ((2027, 1, 1), (2027, 12, 31), ((2026, 1, 1), (2026, 12, 31)), "2026年"),
        ((2027, 1, 1), (2027, 10, 31), ((2026, 1, 1), (2026, 10, 31)), "2026-01-01 至 2026-10-31"),
        ((2027, 3, 1), (2027, 12, 31), ((2026, 3, 1), (2026, 12, 31)), "2026-03-01 至 2026-12-31"),
        ((2029, 2, 1), (2029, 2, 28), ((2028, 2, 1), (2028, 2, 29)), "2028-02-01 至 2028-02-29"),
        ((2028, 2, 1), (2028, 2, 28), ((2027, 2, 1), (2027, 2, 28)), "2027-02-01 至 2027-02-28"),
        ((2028, 2, 29), (2028, 3, 31), ((2027, 3, 1), (2027, 3, 31)), "2027-03-01 至 2027-03-31"),
        ((2028, 3, 29), (2028, 3, 30), ((2027, 3, 29), (2027, 3, 30)), "2027-03-29 至 2027-03-30"),
    ],
)
def test_the_year_before_has_the_same_days(first: Day, last: Day, before: tuple[Day, Day], name: str) -> None:
    period = Period(date(*first), date(*last), period_name(date(*first), date(*last)))
    assert year_before(period) == Period(*(date(*day) for day in before), name)


def test_a_figure_is_that_of_the_span_that_holds_on_the_day_and_none_outside() -> None:
    day = date(2027, 6, 30)
    spans = (Span(DRAFT.first, day, Fraction(1), "甲"), Span(date(2027, 7, 1), DRAFT.last, Fraction(2), "乙"))
    parameter = Parameter("key", "价", YUAN, spans)
    days = [DRAFT.first, day, date(2027, 7, 1), DRAFT.last]
    assert [parameter.span(each).value for each in days] == [1, 1, 2, 2]
    for outside in (DRAFT.first - timedelta(1), DRAFT.last + timedelta(1)):
        with pytest.raises(InputError, match="没有有效值"):
            parameter.span(outside)


def test_what_an_agreement_does_not_say_is_not_so() -> None:
    said = {"elsewhere_nothing": Reach, "stays": Deduction, "each_indicator": Clause, "backward": Charge}
    said |= {"provisional": Case, "needs_whole_years": Case, "last_is_open": RowSpec, "sums_to_one": TableSpec}
    found = {each.name: each.default for kind in said.values() for each in fields(kind) if each.name in said}
    assert found == dict.fromkeys(said, False)
    for kind in (FigureSpec, TableSpec, RowSpec):
        assert next(each.default for each in fields(kind) if each.name == "required") is True
    assert "_made" not in repr(Case(DRAFT, Evidence({}), Period(DRAFT.first, DRAFT.last, ""), DRAFT.first))


def test_a_clause_applies_on_its_first_and_last_day_and_on_no_other() -> None:
    reach = Reach(date(2026, 5, 1), date(2026, 7, 31), ALWAYS)
    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 7, 31), date(2026, 8, 1)]
    assert [reach.holds(day, None) for day in days] == [False, True, True, False]


def test_an_assumed_figure_says_that_it_is_assumed_and_a_sourced_one_where_it_is_from() -> None:
    for parameter in DRAFT.parameters:
        span = parameter.span(DRAFT.first)
        said = parameter.at(DRAFT.first).source
        assert said == ("假定值，尚无协议文本" if span.source == "assumption" else span.source)
        assert parameter.at(DRAFT.first).certain
    assert {span.source == "assumption" for each in DRAFT.parameters for span in each.spans} == {True, False}


def test_parties_and_the_fund_go_by_their_short_names() -> None:
    assert [DRAFT.short(code) for code in ("310000", "320000", "330000", POOL, "990000")] == [
        "沪",
        "苏",
        "浙",
        "基金",
        "990000",
    ]


def test_parties_and_the_fund_have_full_names() -> None:
    assert [DRAFT.full_name(code) for code in ("310000", "330000", POOL)] == ["上海市", "浙江省", "共同资金"]


def test_a_clause_caps_the_side_that_one_of_its_caps_names() -> None:
    most = DRAFT.parameters[0]
    caps = (Cap(("month",), most), Cap(("payee", "year"), most))
    clause = DRAFT.clauses[1]
    assert [replace(clause, caps=each).counted_side for each in (caps, caps[:1], ())] == ["payee", "", ""]


def test_every_ratio_that_money_is_shared_by_is_named() -> None:
    fund = next(each for each in DRAFT.clauses if each.kind == "pool")
    ratios = {name: {name: DRAFT.parameters[0]} for name in ("losers", "gainers", "shares", "payer")}
    deductions = (
        replace(fund.deductions[0], losers=ratios["losers"]),
        replace(fund.deductions[0], gainers=ratios["gainers"]),
    )
    clause = replace(fund, deductions=deductions, shares={"x": ratios["shares"]}, parties={"payer": ratios["payer"]})
    own = [
        fund.contributions,
        fund.distribution,
        ratios["shares"],
        ratios["payer"],
        ratios["losers"],
        ratios["gainers"],
    ]
    assert list(clause.ratios) == own
    sides = [side for section in DRAFT.sections for side in (section.upstream, section.downstream)]
    assert list(replace(DRAFT, clauses=(clause,)).ratios) == sides + own


def test_the_indicators_that_are_asked_for_are_those_assessed_and_those_that_clauses_weigh_or_list() -> None:
    index = next(each for each in DRAFT.clauses if each.measure.kind == "index")
    figures = {"weights.w21001": DRAFT.parameters[0], "baseline.x.w21011": DRAFT.parameters[0]}
    weighing = replace(index, measure=replace(index.measure, figures=figures))
    listing = replace(index, measure=replace(index.measure, figures={}), indicators=("w20115",))
    asked = replace(DRAFT, clauses=(weighing, listing)).monitored
    assert asked == (*DRAFT.data_rules.indicators, "w21001", "w20115")


def test_changing_a_figure_changes_that_figure_alone_and_unknown_ones_are_all_named() -> None:
    changed = substituted(DRAFT, {"index.base": Fraction(2500)})
    values = {each.key: [span.value for span in each.spans] for each in changed.parameters}
    before = {each.key: [span.value for span in each.spans] for each in DRAFT.parameters}
    assert {key for key in values if values[key] != before[key]} == {"index.base"}
    assert values["index.base"] == [Fraction(2500)]
    assert changed.sha256 != DRAFT.sha256
    bases = [clause.tariff.figures["base"] for clause in changed.clauses if clause.key == "index"]
    assert [span.value for each in bases for span in each.spans] == [Fraction(2500)]
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
