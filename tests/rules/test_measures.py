"""Measures of result by themselves, over monthly means: index, class steps, compliance rate and its change."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from figuring import DRAFT, figure, figures

from compensation.expression import CLASS, MG_PER_L, RATIO, Missing, Quantity, unit
from rules.agreement import Parameter, Part, Period, WaterWeight, months_of, years_of
from rules.case import Case
from rules.evidence import Evidence, ExemptionFact
from rules.measures import MEASURES, falls_below_zero, may_be_negative, water_asked

SECTION = DRAFT.section("310118_0002")  # target Ⅲ
GATE = DRAFT.section("TAIPU-GATE")
COD, NH3, TP = DRAFT.data_rules.indicators
CLEAN = {COD: "3", NH3: "0.4", TP: "0.09"}  # Ⅱ
MONTH = months_of(date(2027, 5, 1), date(2027, 5, 31))[0]
YEAR = years_of(date(2027, 1, 1), date(2027, 12, 31))[0]
CLAUSE = next(each for each in DRAFT.clauses if each.kind == "charge")


def case(levels: Mapping[tuple[str, str, str], str] | None = None, exemptions: tuple[ExemptionFact, ...] = ()) -> Case:
    """Two clean years; other levels by section, indicator and the month or year that the name begins with."""
    months = {}
    for section in DRAFT.sections:
        for code, clean in CLEAN.items():
            known = {month.name: Fraction(clean) for month in months_of(date(2026, 1, 1), date(2027, 12, 31))}
            for (where, what, when), level in (levels or {}).items():
                if (where, what) == (section.code, code):
                    known |= {name: Fraction(level) for name in known if name.startswith(when)}
            months[section.code, code] = known
    return Case(DRAFT, Evidence({}, months=months, exemptions=exemptions), YEAR, DRAFT.first)


def measured(
    of: Case,
    kind: str,
    period: Period = YEAR,
    factor: str | None = None,
    options: Mapping[str, str] | None = None,
    **given: Parameter,
) -> list[Fraction | Missing]:
    part = Part(kind, given, options or {})
    found: tuple[Quantity, ...] = MEASURES[kind][1](of, replace(CLAUSE, measure=part), SECTION, period, factor)
    return [each.value for each in found]


def index(levels: Mapping[tuple[str, str, str], str], **more: str) -> Fraction | Missing:
    given = figures({f"weights.{COD}": "0.3", f"weights.{TP}": "0.7", "decimals": 3} | more, RATIO)
    bases = figures({f"baseline.{SECTION.code}.{COD}": 4, f"baseline.{SECTION.code}.{TP}": "0.1"}, MG_PER_L)
    return measured(case(levels), "index", **given, **bases)[0]


def test_an_index_weighs_each_mean_against_its_baseline_and_is_rounded_half_even() -> None:
    # 0.3 × 3/4 + 0.7 × 0.09/0.1 = 0.855
    assert index({}) == Fraction("0.855")
    assert index({}, k0="0.85") == Fraction("0.727")  # 0.72675
    assert index({(SECTION.code, COD, "2027"): "3.0200"}) == Fraction("0.856")  # 0.8565, a tie
    assert index({(SECTION.code, COD, "2027"): "3.0333334"}) == Fraction("0.858")  # 0.8575…, above the tie
    assert index({(SECTION.code, COD, "2027-05"): "15"}) == Fraction("0.93")  # a mean of 4 over the year


def test_an_index_of_one_indicator_needs_no_sum() -> None:
    given = figures({f"weights.{COD}": 1, "decimals": 2}, RATIO)
    bases = figures({f"baseline.{SECTION.code}.{COD}": 4}, MG_PER_L)
    assert measured(case(), "index", **given, **bases) == [Fraction("0.75"), 3]


def test_a_spatial_index_is_against_where_the_water_came_in() -> None:
    given = figures({f"weights.{COD}": "0.5", f"weights.{NH3}": "0.5", "decimals": 4}, RATIO)
    inflow = {f"inflow.{SECTION.code}": GATE.code}
    levels = {(GATE.code, COD, "2027"): "5", (GATE.code, NH3, "2027"): "0.5"}
    # 0.5 × 3/5 + 0.5 × 0.4/0.5
    found = measured(case(levels), "spatial_index", options=inflow, **given)
    assert found == [Fraction("0.7"), 3, Fraction("0.4"), 5, Fraction("0.5")]


def test_class_steps_are_counted_from_the_target_the_reference_or_the_year_before() -> None:
    before = {(SECTION.code, COD, "2026"): "7"}  # Ⅳ
    reference = figures({f"reference.{SECTION.code}": 1}, CLASS)
    against = {name: {"against": name} for name in ("reference", "last_year")}
    assert measured(case(before), "class_steps", options=against["reference"]) == [1, 2]
    assert measured(case(before), "class_steps", options=against["reference"], **reference) == [-1, 2]
    assert measured(case(before), "class_steps", options=against["last_year"], **reference) == [2, 2]


@pytest.mark.parametrize(("level", "met"), [("6", 1), ("6.1", 0)])
def test_a_section_complies_that_is_no_worse_than_its_target(level: str, met: int) -> None:
    assert measured(case({(SECTION.code, COD, "2027-05"): level}), "compliant", MONTH)[0] == met


def test_the_compliance_rate_is_of_the_judged_months() -> None:
    worse = {(SECTION.code, COD, month): "7" for month in ("2027-01", "2027-02", "2027-03")}
    assert measured(case(worse), "compliance_rate") == [75]
    out = ExemptionFact(SECTION.code, date(2027, 1, 1), date(2027, 2, 28), "洪水", "文件")
    assert measured(case(worse, (out,)), "compliance_rate") == [90]
    all_out = out._replace(last=date(2027, 12, 31))
    assert isinstance(measured(case(worse, (all_out,)), "compliance_rate")[0], Missing)


def test_the_rate_changes_against_a_reference_or_the_year_before() -> None:
    worse = {
        (SECTION.code, COD, "2026-01"): "7",
        (SECTION.code, COD, "2026-02"): "7",
        (SECTION.code, COD, "2026-03"): "7",
    }
    reference = figures({f"reference.{SECTION.code}": 90}, unit("%"))
    assert measured(case(worse), "rate_change", options={"against": "reference"}, **reference) == [10, 100, 90]
    assert measured(case(worse), "rate_change", options={"against": "last_year"}, **reference) == [25, 100, 75]


def test_a_mean_falls_against_a_reference_or_the_year_before() -> None:
    before = {(SECTION.code, COD, "2026"): "4"}
    reference = figures({f"reference.{SECTION.code}.{COD}": 5}, MG_PER_L)
    given = {"reference": [40, 3, 5], "last_year": [25, 3, 4]}
    for name, expected in given.items():
        assert measured(case(before), "mean_change", YEAR, COD, {"against": name}, **reference) == expected
        assert measured(case(before), "mean_change", MONTH, COD, {"against": name}, **reference) == expected


@pytest.mark.parametrize("kind", ["mean_change", "excess_load"])
def test_what_is_taken_for_each_indicator_asks_for_one(kind: str) -> None:
    with pytest.raises(LookupError, match="each indicator"):
        measured(case(), kind, MONTH)


def test_water_is_asked_of_the_sections_that_a_clause_measures_or_shares_by() -> None:
    def shared(by: str, *codes: str) -> WaterWeight:
        return WaterWeight(by, codes, "测试")

    parties = {
        "payer": {"320000": shared("flow", "B", "A"), "310000": figure(1, RATIO)},
        "payee": {"330000": shared("intake", "C")},
    }
    bare = replace(CLAUSE, measure=Part("fixed"), sections=("D",))
    load, volume = (replace(bare, measure=Part(kind), sections=(kind,)) for kind in ("excess_load", "water_volume"))
    agreement = replace(DRAFT, clauses=(replace(bare, parties=parties), load, volume))
    assert water_asked(agreement, "flow") == ("excess_load", "B", "A")
    assert water_asked(agreement, "intake") == ("water_volume", "C")


@pytest.mark.parametrize(
    ("kind", "tariff", "either_way", "below_zero"),
    [
        ("class_steps", Part("per_unit"), True, True),
        ("fixed", Part("per_unit"), False, False),
        ("fixed", Part("flat"), True, True),
        ("fixed", Part("tiers", figures({"otherwise": 1})), True, True),
        ("fixed", Part("tiers", {}, {"mirror": "yes"}), True, True),
        ("fixed", Part("tiers", {}, {"mirror": "no"}), False, False),
        ("exceedance", Part("tiers", {}, {"mirror": "no"}), False, False),
        ("exceedance", Part("per_step"), False, True),
        ("exceedance", Part("per_unit"), False, True),
    ],
)
def test_money_may_flow_either_way_by_what_is_measured_or_by_its_tariff(
    kind: str, tariff: Part, either_way: bool, below_zero: bool
) -> None:
    clause = replace(CLAUSE, measure=Part(kind), tariff=tariff)
    assert (may_be_negative(clause), falls_below_zero(clause)) == (either_way, below_zero)
