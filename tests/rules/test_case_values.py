"""The quantities that clauses are written in: which days make a month, which months a year, which limit holds."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from figuring import DRAFT, figure, figures

from compensation.expression import CLASS, MG_PER_L, RATIO, YUAN, Missing, Quantity, constant
from rules.agreement import Agreement, Part, Period, Section, WaterWeight, months_of, years_of
from rules.case import Case
from rules.evidence import BalanceFact, DayValue, Evidence, ExemptionFact, VolumeFact

SECTION = DRAFT.section("310118_0002")
BY_HAND = DRAFT.section("TAIPU-JIAPING")
COD, NH3, TP = DRAFT.data_rules.indicators
PH, OXYGEN, NITROGEN, ANTIMONY, WARMTH = "w01001", "w01009", "w21001", "w20004", "w01010"
FIRST, LAST = date(2027, 1, 1), date(2027, 12, 31)
MAY = months_of(date(2027, 5, 1), date(2027, 5, 31))[0]
YEAR = years_of(FIRST, LAST)[0]
AS_OF = date(2027, 2, 3)

Days = Mapping[tuple[str, str], Mapping[date, DayValue]]


def case(days: Days | None = None, agreement: Agreement = DRAFT, period: Period = YEAR, **more: object) -> Case:
    of_evidence = ("months", "exemptions", "volumes", "flows", "balances", "waiting")
    facts = {name: more.pop(name) for name in of_evidence if name in more}
    return Case(agreement, Evidence(days or {}, **facts), period, AS_OF, **more)  # type: ignore[arg-type]


def of_days(numbers: Iterable[int], value: Fraction | int = 3, n: int = 6, code: str = COD) -> Days:
    return {(SECTION.code, code): {date(2027, 5, day): DayValue(Fraction(value), n) for day in numbers}}


def out(first: date, last: date, section: Section = SECTION) -> ExemptionFact:
    return ExemptionFact(section.code, first, last, "洪水", "文件")


def ruled(**changes: object) -> Agreement:
    return replace(DRAFT, data_rules=replace(DRAFT.data_rules, **changes))  # type: ignore[arg-type]


def lacks(value: Quantity) -> list[str]:
    assert isinstance(value.value, Missing)
    return [f"{each.section} {each.indicator} {each.period} {each.what}" for each in value.value.listed()]


# figures


def test_figures_are_of_the_periods_first_day_within_the_term_and_of_one_day_in_a_backtest() -> None:
    inside = case()
    assert [inside.day_of(each) for each in (MAY, None)] == [MAY.first, AS_OF]
    begins_before = Period(date(2025, 1, 1), LAST, "")
    assert inside.day_of(begins_before) == DRAFT.first
    for first in (DRAFT.first - timedelta(1), DRAFT.last + timedelta(1)):
        assert case(period=Period(first, first, "")).day_of(MAY) == AS_OF
    for first in (DRAFT.first, DRAFT.last):
        assert case(period=Period(first, first, "")).day_of(MAY) == MAY.first


def test_a_party_whose_weight_is_zero_has_no_share() -> None:
    found = case().weights(figures({"310000": 0, "320000": 2, "330000": 1}, RATIO))
    assert {code: weight.value for code, weight in found.items()} == {"320000": 2, "330000": 1}


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        (FIRST, LAST, True),
        (FIRST + timedelta(1), LAST, False),
        (FIRST, LAST - timedelta(1), False),
    ],
)
def test_an_annual_amount_needs_its_whole_year_in_a_settlement_proper(first: date, last: date, whole: bool) -> None:
    year, amount = Period(first, last, "2027年"), constant(7, YUAN)
    assert case().annual(year, amount) is amount
    settled = case(needs_whole_years=True).annual(year, amount)
    assert (settled is amount) == whole
    assert whole or lacks(settled) == ["  2027年 期间不满一年，年度条款不能定案"]


def test_a_year_is_whole_as_far_as_the_term_goes() -> None:
    cut = replace(DRAFT, first=date(2027, 3, 1), last=date(2027, 10, 31))
    of_term = case(agreement=cut, needs_whole_years=True)
    amount = constant(7, YUAN)
    assert of_term.annual(Period(cut.first, cut.last, ""), amount) is amount
    assert of_term.annual(Period(cut.first + timedelta(1), cut.last, ""), amount) is not amount
    assert of_term.annual(Period(cut.first, cut.last - timedelta(1), ""), amount) is not amount


def test_the_year_before_is_asked_for_only_where_a_clause_looks_back() -> None:
    assert case().asked_months == case().months
    back = replace(DRAFT.clauses[0], measure=Part("mean_change", {}, {"against": "last_year"}))
    looking = replace(DRAFT, clauses=(*DRAFT.clauses, back))
    assert [each.name for each in case(agreement=looking).asked_months][::12] == ["2026-01", "2027-01"]
    assert len(case(agreement=looking).asked_months) == 24


# exemptions


@pytest.mark.parametrize(("days", "taken_out"), [(0, False), (11, False), (12, True), (31, True)])
def test_a_month_is_taken_out_when_an_exemption_leaves_less_than_the_days_it_needs(days: int, taken_out: bool) -> None:
    facts = (out(MAY.first, MAY.first + timedelta(days - 1)),) if days else ()
    assert case(exemptions=facts).is_taken_out(SECTION, MAY) == taken_out
    assert [each.name for each in case(exemptions=facts).judged_months(SECTION, MAY)] == (
        [] if taken_out else ["2027-05"]
    )


def test_a_month_that_is_short_by_itself_is_not_taken_out() -> None:
    short = Period(date(2027, 5, 1), date(2027, 5, 10), "2027-05")
    elsewhere = (out(date(2027, 6, 1), date(2027, 6, 30)),)
    assert not case(exemptions=elsewhere).is_taken_out(SECTION, short)
    assert case(exemptions=(out(short.first, short.first),)).is_taken_out(SECTION, short)


def test_a_month_sampled_by_hand_needs_as_many_days_as_samples() -> None:
    nearly_all = (out(MAY.first, MAY.last - timedelta(1), BY_HAND),)
    assert not case(exemptions=nearly_all).is_taken_out(BY_HAND, MAY)
    assert case(exemptions=(out(MAY.first, MAY.last, BY_HAND),)).is_taken_out(BY_HAND, MAY)


def test_the_cases_own_months_are_judged_unless_a_period_is_said() -> None:
    of_case = case(exemptions=(out(date(2027, 2, 1), date(2027, 2, 28)),))
    assert [month.name for month in of_case.judged_months(SECTION)] == [
        month.name for month in of_case.months if month.name != "2027-02"
    ]


# means


@pytest.mark.parametrize("route", ["daily", "readings"])
@pytest.mark.parametrize("there", [19, 20, 21])
def test_a_month_needs_its_valid_days(route: str, there: int) -> None:
    mean = case(of_days(range(1, there + 1)), ruled(route=route)).month_mean(SECTION, COD, MAY)
    if there < 20:
        assert lacks(mean) == [f"{SECTION.name} 高锰酸盐指数 2027-05 有效日 {there} 天，少于 20 天"]
    else:
        assert mean.value == 3


@pytest.mark.parametrize("route", ["daily", "readings"])
def test_exempt_days_do_not_count_and_do_not_enter(route: str) -> None:
    days = {
        (SECTION.code, COD): {**of_days(range(1, 22))[SECTION.code, COD], date(2027, 5, 21): DayValue(Fraction(900), 6)}
    }
    one_out = (out(date(2027, 5, 21), date(2027, 5, 21)),)
    assert case(days, ruled(route=route), exemptions=one_out).month_mean(SECTION, COD, MAY).value == 3
    two_out = (out(date(2027, 5, 20), date(2027, 5, 21)),)
    value = case(days, ruled(route=route), exemptions=two_out).month_mean(SECTION, COD, MAY)
    assert lacks(value) == [f"{SECTION.name} 高锰酸盐指数 2027-05 有效日 19 天，少于 20 天"]


def test_by_days_each_day_counts_once_and_by_readings_each_reading() -> None:
    known = {
        date(2027, 5, day): DayValue(Fraction(1 if day == 1 else 2), 10 if day == 1 else 1) for day in range(1, 22)
    }
    days = {(SECTION.code, COD): known}
    assert case(days).month_mean(SECTION, COD, MAY).value == Fraction(1 + 2 * 20, 21)
    assert case(days, ruled(route="readings")).month_mean(SECTION, COD, MAY).value == Fraction(10 + 2 * 20, 30)


@pytest.mark.parametrize("route", ["daily", "readings"])
def test_ph_is_averaged_through_the_hydrogen_ion(route: str) -> None:
    known = {date(2027, 5, day): DayValue(Fraction(6 if day % 2 else 8), 1) for day in range(1, 21)}
    mean = case({(SECTION.code, PH): known}, ruled(route=route)).month_mean(SECTION, PH, MAY).value
    assert isinstance(mean, Fraction)
    assert Fraction("6.29") < mean < Fraction("6.31")  # not 7


def test_ph_by_readings_counts_each_reading() -> None:
    known = {date(2027, 5, day): DayValue(Fraction(6 if day % 2 else 8), 1 if day % 2 else 9) for day in range(1, 21)}
    mean = case({(SECTION.code, PH): known}, ruled(route="readings")).month_mean(SECTION, PH, MAY).value
    assert isinstance(mean, Fraction)
    assert Fraction("6.95") < mean < Fraction("6.97")  # one in ten: [H+] of 1.09e-7


def test_a_day_says_what_it_is_from_and_an_exempt_one_is_missing() -> None:
    days = {(SECTION.code, COD): {MAY.first: DayValue(Fraction(3), 5), MAY.last: DayValue(Fraction(4), 5, "人工监测")}}
    of_case = case(days, exemptions=(out(date(2027, 5, 10), date(2027, 5, 10)),))
    first, last = (of_case.day_value(SECTION, COD, day) for day in (MAY.first, MAY.last))
    assert [(first.value, first.source), (last.value, last.source)] == [(3, "5 个有效读数"), (4, "人工监测")]
    assert lacks(of_case.day_value(SECTION, COD, date(2027, 5, 9)))
    with_value = {(SECTION.code, COD): {date(2027, 5, 10): DayValue(Fraction(3), 5)}}
    exempt = case(with_value, exemptions=(out(date(2027, 5, 10), date(2027, 5, 10)),))
    assert lacks(exempt.day_value(SECTION, COD, date(2027, 5, 10))) == [
        f"{SECTION.name} 高锰酸盐指数 2027-05-10 当日无有效值"
    ]


def test_a_stored_monthly_mean_stands_for_its_days() -> None:
    stored = {(SECTION.code, COD): {"2027-05": Fraction("3.4")}}
    of_case = case(of_days(range(1, 32)), months=stored)
    assert of_case.month_mean(SECTION, COD, MAY).value == Fraction("3.4")
    assert lacks(of_case.month_mean(SECTION, COD, of_case.months[0]))


def months_at(count: int) -> dict[tuple[str, str], dict[str, Fraction]]:
    return {(SECTION.code, COD): {f"2027-{month:02d}": Fraction(month) for month in range(1, count + 1)}}


@pytest.mark.parametrize(("count", "final", "provisional"), [(8, True, True), (7, False, True), (0, False, False)])
def test_a_year_needs_its_months_and_a_provisional_one_at_least_one(count: int, final: bool, provisional: bool) -> None:
    for allowed, there in (({}, final), ({"provisional": True}, provisional)):
        mean = case(months=months_at(count), **allowed).mean(SECTION, COD, YEAR)
        if there:
            assert mean.value == Fraction(sum(range(1, count + 1)), count)
        else:
            needed = 1 if allowed else 8
            assert f"{SECTION.name} 高锰酸盐指数 2027年 有效月少于 {needed} 个" in lacks(mean)


def test_a_year_of_which_every_month_is_taken_out_is_open() -> None:
    mean = case(months=months_at(12), exemptions=(out(FIRST, LAST),)).mean(SECTION, COD, YEAR)
    assert lacks(mean) == [f"{SECTION.name} 高锰酸盐指数 2027年 有效月少于 8 个"]


def test_the_mean_of_a_month_is_the_months_and_of_a_year_the_years() -> None:
    of_case = case(months=months_at(12))
    assert [of_case.mean(SECTION, COD, each).value for each in (MAY, YEAR)] == [5, Fraction(13, 2)]


@pytest.mark.parametrize(("before_class", "assessed", "grade"), [(True, 4, 2), (False, Fraction("4.04"), 3)])
def test_a_value_is_rounded_before_it_is_judged_where_the_agreement_says_so(
    before_class: bool, assessed: Fraction | int, grade: int
) -> None:
    stored = {(SECTION.code, COD): {"2027-05": Fraction("4.04")}}
    of_case = case(agreement=ruled(rounds_before_class=before_class), months=stored)
    assert of_case.assessed(SECTION, COD, MAY).value == assessed
    assert of_case.indicator_class(SECTION, COD, MAY).value == grade


def test_what_has_no_decimals_of_assessment_is_judged_as_it_is() -> None:
    stored = {(SECTION.code, ANTIMONY): {"2027-05": Fraction("0.0050049")}}
    assert case(months=stored).assessed(SECTION, ANTIMONY, MAY).value == Fraction("0.0050049")


# classes and limits


def test_phosphorus_is_judged_by_the_limits_of_the_water_body() -> None:
    lake = replace(SECTION, code="LAKE", body="lake")
    stored = {(each.code, TP): {"2027-05": Fraction("0.05")} for each in (SECTION, lake)}
    of_case = case(months=stored)
    assert [of_case.indicator_class(each, TP, MAY).value for each in (SECTION, lake)] == [2, 3]
    limits = [of_case.target_limit(each, TP, MAY) for each in (SECTION, lake)]
    assert [each.value for each in limits if each] == [Fraction("0.2"), Fraction("0.05")]
    assert [each.label for each in limits if each] == ["总磷 Ⅲ类限值（河流）", "总磷 Ⅲ类限值（湖库）"]
    assert [each.certain for each in limits if each] == [True, True]
    with pytest.raises(LookupError, match="no class limits"):
        of_case.indicator_class(SECTION, NITROGEN, MAY)


def test_a_section_is_of_its_worst_class_by_the_indicators_that_judge() -> None:
    stored = {
        (SECTION.code, code): {"2027-05": Fraction(each)} for code, each in ((COD, "7"), (NH3, "0.4"), (TP, "0.15"))
    }
    of_case = case(months=stored)
    own = replace(DRAFT.clauses[1], indicators=(NH3, TP))
    worst, of_clause = of_case.section_class(SECTION, MAY), of_case.section_class(SECTION, MAY, own)
    assert [worst.value, of_clause.value] == [4, 3]
    assert [worst.label, of_clause.label] == [
        f"{SECTION.name} 2027-05 水质类别",
        f"{SECTION.name} 2027-05 水质类别（氨氮、总磷）",
    ]
    assert of_case.section_class(SECTION, MAY, DRAFT.clauses[1]) is worst


def test_a_multiple_is_over_the_limit_and_some_indicators_have_none() -> None:
    stored = {(SECTION.code, code): {"2027-05": Fraction(9)} for code in (COD, PH, OXYGEN, NITROGEN, WARMTH)}
    of_case = case(months=stored)
    multiple = of_case.multiple(SECTION, COD, MAY)
    assert multiple is not None
    assert multiple.value == Fraction(1, 2)
    assert [of_case.multiple(SECTION, code, MAY) for code in (PH, OXYGEN, NITROGEN, WARMTH)] == [None] * 4


def test_a_clauses_own_limit_comes_first() -> None:
    stored = {(SECTION.code, COD): {"2027-05": Fraction(9)}}
    limits = {f"limits.{SECTION.code}.{COD}": figure("4.5", MG_PER_L)}
    own = replace(DRAFT.clauses[1], measure=Part("exceedance", limits))
    multiple = case(months=stored).multiple(SECTION, COD, MAY, own)
    assert multiple is not None
    assert multiple.value == 1


def test_a_section_without_a_target_has_none_to_judge_by() -> None:
    with pytest.raises(LookupError, match="no target"):
        case().target(replace(SECTION, target=None))
    assert case().target(replace(SECTION, target=figure(2, CLASS))).value == 2


def test_water_is_what_was_reported_and_else_missing() -> None:
    known = {(SECTION.code, "2027-05"): VolumeFact(Fraction(700), "报表")}
    there, nothing = case(volumes=known, flows=known), case()
    for kind, name in (("volume", "取水量"), ("flow", "水量")):
        found = getattr(there, kind)(SECTION, MAY)
        assert (found.value, found.source) == (700, "报表")
        assert lacks(getattr(nothing, kind)(SECTION, MAY)) == [f"{SECTION.name} {name} 2027-05 没有{name}"]


@pytest.mark.parametrize(("by", "what"), [("flow", "断面水量"), ("intake", "取水量")])
def test_the_water_of_a_party_is_that_of_its_sections_in_whole_cubic_metres(by: str, what: str) -> None:
    half = Fraction(1, 2)
    known = {(SECTION.code, f"2027-{month:02d}"): VolumeFact(month + half, "") for month in range(1, 13)}
    known[BY_HAND.code, "2027-05"] = VolumeFact(Fraction(1000), "")
    of_case = case(**{"flow": {"flows": known}, "intake": {"volumes": known}}[by])
    one, both = (WaterWeight(by, codes, "第二条") for codes in ((SECTION.code,), (SECTION.code, BY_HAND.code)))
    april, april_may = of_case.months[3], Period(date(2027, 4, 1), MAY.last, "四五月")
    found = [of_case.water(one, "320000", each) for each in (april, april_may, None)]
    assert [each.value for each in found] == [5, 10, 84]  # 4.5, half up, and 4.5 + 5.5
    assert [each.unit.symbol for each in found] == [""] * 3
    assert [each.label for each in found] == [f"苏 {name} {what}权数" for name in ("2027-04", "四五月", "2027年")]
    assert of_case.water(both, "320000", MAY).value == 1006
    shares = of_case.weights({"320000": both, "330000": figure(0, RATIO), "310000": figure(7, RATIO)}, MAY)
    assert {code: each.value for code, each in shares.items()} == {"320000": 1006, "310000": 7}
    assert lacks(of_case.water(both, "320000", april_may))


def test_a_fund_opens_with_what_the_year_before_left_and_with_nothing_in_its_first_year() -> None:
    clause = DRAFT.clauses[0]
    balances = (BalanceFact("other", Fraction(9), "甲"), BalanceFact(clause.key, Fraction(5), "乙"))
    opening = case(balances=balances).opening(clause)
    assert (opening.value, opening.source, opening.label) == (5, "乙", f"{clause.number} 2027年 期初结余")
    first = Period(DRAFT.first, DRAFT.first.replace(month=12, day=31), "2026年")
    assert case(period=first, balances=balances).opening(clause).value == 5
    assert case(period=first).opening(clause).value == 0
    unknown = (BalanceFact(clause.key, None, "丙"),)
    for of_case in (case(), case(balances=unknown), case(period=Period(DRAFT.last, DRAFT.last, ""))):
        year = of_case.period.first.year
        assert lacks(of_case.opening(clause)) == [f"  {year - 1}年 没有上年度的结算，期初结余未定"]
    assert [case(balances=each).opening(clause).source for each in ((), unknown)] == ["", "丙"]
    for day in (DRAFT.first - timedelta(1), DRAFT.last + timedelta(1)):
        assert case(period=Period(day, day, "")).opening(clause).value == 0


def test_values_that_wait_to_be_verified_leave_their_month_and_year_open_unless_provisional() -> None:
    waiting = {(SECTION.code, COD, "2027-05"): 3, (SECTION.code, NH3, "2027-06"): 2}
    final, provisional = (case(months=months_at(12), waiting=waiting, provisional=each) for each in (False, True))
    told = [f"{SECTION.name} 高锰酸盐指数 2027-05 3 个存疑值待核实"]
    assert lacks(final.mean(SECTION, COD, MAY)) == lacks(final.mean(SECTION, COD, YEAR)) == told
    assert final.mean(SECTION, COD, final.months[5]).value == 6
    assert [provisional.mean(SECTION, COD, each).value for each in (MAY, YEAR)] == [5, Fraction(13, 2)]


def test_the_same_quantity_is_made_once() -> None:
    of_case = case(months=months_at(12))
    assert of_case.mean(SECTION, COD, YEAR) is of_case.mean(SECTION, COD, YEAR)
    assert of_case.volume(SECTION, MAY) is of_case.volume(SECTION, MAY)
