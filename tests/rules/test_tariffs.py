"""Each tariff by itself, from a measured quantity to money: below, on and above every edge it has."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from figuring import DRAFT, figure, figures

from compensation.expression import CLASS, RATIO, YUAN, Quantity, Unit, leaf, unit
from rules.agreement import Clause, Parameter, Part, Period, months_of
from rules.case import Case
from rules.evidence import Evidence
from rules.tariffs import TARIFFS, Situation, to_the_fen

YEAR = Period(DRAFT.first, DRAFT.first.replace(month=12, day=31), "2026年")
CLAUSE: Clause = next(each for each in DRAFT.clauses if each.kind == "charge")
SECTION = DRAFT.sections[1]


def row(up_to: str = "", **of: int | str | Parameter) -> Part:
    return Part("row", figures(of), {"up_to": up_to} if up_to else {})


def costs(
    measure: Fraction | int | str,
    kind: str,
    *rows: Part,
    of: Unit = RATIO,
    factor: str | None = None,
    options: Mapping[str, str] | None = None,
    **given: int | str | Parameter,
) -> Fraction:
    """What a measure comes to, 元."""
    tariff = Part(kind, figures(given), options or {}, rows)
    case = Case(DRAFT, Evidence({}), YEAR, DRAFT.first)
    at = Situation(case, replace(CLAUSE, tariff=tariff), SECTION, YEAR, factor)
    amount: Quantity = TARIFFS[kind][1](at, leaf(("measure",), Fraction(measure), of, "测得", "测试"))
    value = amount.to(YUAN).value
    assert isinstance(value, Fraction)
    return value


def test_a_price_of_the_indicator_comes_before_the_price_of_all() -> None:
    price = figure(3, unit("元/t"))
    other = figure(5, unit("元/t"))
    given = {"price": price, "prices.w01019": other}
    assert costs(4, "per_unit", of=unit("t"), **given) == 12
    assert costs(4, "per_unit", of=unit("t"), factor="w01019", **given) == 20
    assert costs(4, "per_unit", of=unit("t"), factor="w21003", **given) == 12


@pytest.mark.parametrize(("level", "amount"), [("0", 12), ("6", 9), ("6.1", 0)])
def test_a_price_may_be_lowered_by_the_class_of_the_water(level: str, amount: int) -> None:
    months = {(SECTION.code, code): {"2026-01": Fraction(0)} for code in DRAFT.data_rules.indicators}
    months[SECTION.code, "w01019"] = {"2026-01": Fraction(level)}
    by_class = [row("Ⅱ", value=figure(1, RATIO)), row("Ⅲ", value=figure("3/4", RATIO)), row(value=figure(0, RATIO))]
    case = Case(DRAFT, Evidence({}, months=months), YEAR, DRAFT.first)
    tariff = Part("per_unit", figures({"price": figure(3, unit("元/t"))}), {}, tuple(by_class))
    month = months_of(DRAFT.first, DRAFT.first.replace(day=31))[0]
    at = Situation(case, replace(CLAUSE, tariff=tariff), SECTION, month, None)
    amount_of: Quantity = TARIFFS["per_unit"][1](at, leaf(("measure",), Fraction(4), unit("t"), "测得", "测试"))
    assert amount_of.to(YUAN).value == amount


@pytest.mark.parametrize(
    ("measure", "started", "full"),
    [
        ("0", 0, 0),
        ("0.1", 10, 0),
        ("0.5", 10, 10),
        ("0.6", 20, 10),
        ("1", 20, 20),
        ("-0.1", -10, 0),
        ("-0.6", -20, -10),
    ],
)
def test_steps_are_counted_as_started_or_as_full_and_below_zero_the_other_way(
    measure: str, started: int, full: int
) -> None:
    given = {"step": figure("0.5", RATIO), "per_step": 10}
    assert costs(measure, "per_step", options={"count": "started"}, **given) == started
    assert costs(measure, "per_step", options={"count": "full"}, **given) == full


@pytest.mark.parametrize(
    ("measure", "above", "reached", "mirrored"),
    [
        ("-3", -7, -7, -200),
        ("-2", -7, -7, -100),
        ("-1", -7, -7, 0),
        ("0", -7, -7, 0),
        ("1", -7, 100, 0),
        ("1.5", 100, 100, 100),
        ("2", 100, 200, 100),
        ("3", 200, 200, 200),
    ],
)
def test_tiers_begin_above_or_at_their_threshold_and_may_be_mirrored(
    measure: str, above: int, reached: int, mirrored: int
) -> None:
    tiers = [row(over=figure(1, RATIO), value=100), row(over=figure(2, RATIO), value=200)]
    assert costs(measure, "tiers", *tiers, options={"bound": "above", "mirror": "no"}, otherwise=7) == above
    assert costs(measure, "tiers", *tiers, options={"bound": "from", "mirror": "no"}, otherwise=7) == reached
    assert costs(measure, "tiers", *tiers, options={"bound": "above", "mirror": "yes"}) == mirrored
    assert costs(measure, "tiers", *tiers, options={"bound": "above", "mirror": "no"}) == max(above, 0)


@pytest.mark.parametrize(("water_class", "amount"), [(1, 40), (2, 40), (3, 20), (4, -10), (6, -10)])
def test_a_ladder_gives_the_first_row_whose_class_is_met(water_class: int, amount: int) -> None:
    ladder = [row("Ⅱ", value=40), row("Ⅲ", value=20), row(value=-10)]
    assert costs(water_class, "class_ladder", *ladder, of=CLASS) == amount


def test_a_row_up_to_no_class_is_refused() -> None:
    with pytest.raises(LookupError, match="好"):
        costs(1, "class_ladder", row("好", value=40), row(value=-10), of=CLASS)


@pytest.mark.parametrize(("given", "met", "missed"), [
    ({"met": 30, "missed": 20}, 30, -20),
    ({"met": 30}, 30, 0),
    ({"missed": 20}, 0, -20),
])  # fmt: skip
def test_a_flat_sum_flows_forward_when_met_and_back_when_missed(given: dict[str, int], met: int, missed: int) -> None:
    assert costs(1, "flat", **given) == met
    assert costs(0, "flat", **given) == missed


@pytest.mark.parametrize(
    ("measure", "amount"),
    [
        ("1", 100),
        ("0.95", 100),
        ("0.9", 110),
        ("0.85", 110),
        ("0.7", 130),
        ("0.6", 135),
        ("1.05", -100),
        ("1.1", -110),
        ("1.9", -135),
    ],
)
def test_full_steps_count_on_both_sides_of_the_pivot_up_to_the_most(measure: str, amount: int) -> None:
    given = {"pivot": figure(1, RATIO), "base": 100, "step": figure("0.1", RATIO), "per_step": 10, "at_most": 135}
    assert costs(measure, "around_pivot", **given) == amount


def test_a_pivot_without_steps_or_a_most_gives_its_base_on_either_side() -> None:
    given = {"pivot": figure(1, RATIO), "base": 100}
    assert [costs(measure, "around_pivot", **given) for measure in ("0", "1", "2")] == [100, 100, -100]


@pytest.mark.parametrize(("exact", "rounded"), [("0.005", "0.01"), ("0.015", "0.02"), ("0.0149", "0.01")])
def test_money_is_rounded_half_up_to_the_fen(exact: str, rounded: str) -> None:
    assert to_the_fen(leaf(("amount",), Fraction(exact), YUAN, "金额", "测试")).value == Fraction(rounded)
