"""Every operation has a value, a formula and a sentence; quantities of different kinds never meet in one sum."""

import re
from collections.abc import Callable
from fractions import Fraction

import pytest
from strategies import DAYS, INDICATORS

from compensation.agreement.loader import load
from compensation.expression import (
    CLASS,
    CUBIC_METRES,
    FEN,
    MG_PER_L,
    RATIO,
    WAN_YUAN,
    YUAN,
    Missing,
    MissingItem,
    Quantity,
    UnitError,
    all_of,
    any_of,
    choose,
    constant,
    leaf,
    maximum,
    mean_valid,
    minimum,
    missing,
    ph_mean_valid,
    total,
    total_valid,
    unit,
)
from compensation.expression.explain import explain, steps_below, value_text
from compensation.expression.formula import Cell, formula
from compensation.expression.ops import EVALUATE
from compensation.quality.standard import limits
from compensation.settlement.evidence import Gathered
from compensation.settlement.settle import Mode, period_of, settle
from rules.evidence import DayValue, Evidence, VolumeFact

LACKING = MissingItem("甲断面", "总磷", "2026-07", "有效日少于 2 天")


def known(value: Fraction | int | str, kind: str = "元", name: str = "某数") -> Quantity:
    return leaf(("x", name, str(value)), Fraction(value), unit(kind), name, "来源")


def gone(kind: str = "元") -> Quantity:
    return leaf(("x", "缺"), missing("没有报来", "甲断面"), unit(kind), "缺的数", "")


A, B, C = known(7, name="甲数"), known(-2, name="乙数"), known("1/3", name="丙数")
TP = limits("w21011", "river")
assert TP is not None
CASES: dict[str, tuple[Quantity, Fraction]] = {
    "leaf": (A, Fraction(7)),
    "constant": (constant(3), Fraction(3)),
    "sum": (total([A, B, C]), Fraction(16, 3)),
    "subtract": (A - B, Fraction(9)),
    "multiply": (A * known("0.1", ""), Fraction(7, 10)),
    "divide": (A / C, Fraction(21)),
    "convert": (A.to(FEN), Fraction(700)),
    "maximum": (maximum([B, A, C]), Fraction(7)),
    "minimum": (minimum([B, A, C]), Fraction(-2)),
    "round_half_up": (known("2.675").rounded_half_up(2), Fraction(268, 100)),
    "round_half_even": (known("2.665").rounded_half_even(2), Fraction(266, 100)),
    "round_assessment": (known("0.0004", "mg/L").rounded_for_assessment(3), Fraction(4, 10_000)),
    "floor": (known("-0.5").floor(), Fraction(-1)),
    "ceil": (known("0.01").ceil(), Fraction(1)),
    "whole_quotient": (known(17).whole_quotient(known(5)), Fraction(3)),
    "compare": (A > B, Fraction(1)),
    "all_of": (all_of([A > B, A < B]), Fraction(0)),
    "any_of": (any_of([A > B, A < B]), Fraction(1)),
    "choose": (choose(A > B, C, gone()), Fraction(1, 3)),
    "grade": (known("0.201", "mg/L").graded(TP), Fraction(4)),
    "mean_valid": (mean_valid([A, gone(), B], 2, LACKING), Fraction(5, 2)),
    "total_valid": (total_valid([A, gone(), B], 2, LACKING), Fraction(5)),
    "ph_mean_valid": (ph_mean_valid([known(6, ""), known(8, "")], 1, LACKING, 2), Fraction(63, 10)),
}


def cell_of(_: Quantity) -> Cell:
    return Cell("算", 1, 1)


def test_every_operation_stands_in_this_table() -> None:
    assert set(CASES) == set(EVALUATE)
    assert {name: node.op for name, (node, _) in CASES.items()} == {name: name for name in CASES}


@pytest.mark.parametrize("op", CASES)
def test_an_operation_has_a_value_a_formula_and_a_sentence(op: str) -> None:
    node, value = CASES[op]
    assert node.value == value
    assert formula(node, lambda each: None if each is node else cell_of(each), "算").startswith("=")
    step = explain(node.named("这一步", "第一条"))
    assert step.label == "这一步"
    assert step.clause == "第一条"
    assert step.value == value_text(node)
    if op not in ("leaf", "constant"):
        assert step.in_words
        for arg in node.args:
            if arg.label and op not in ("mean_valid", "total_valid", "ph_mean_valid", "choose"):
                assert arg.label in step.in_words
    assert not re.search("[a-z_]{4,}", step.in_words), step.in_words


STRICT = set(EVALUATE) - {"leaf", "constant", "choose", "mean_valid", "total_valid", "ph_mean_valid"}


@pytest.mark.parametrize("op", sorted(STRICT))
def test_what_is_missing_makes_the_result_missing_and_says_what(op: str) -> None:
    node, _ = CASES[op]
    lacking = missing("没有报来", "甲断面")
    for place in range(len(node.args)):
        values = tuple(lacking if at == place else arg.value for at, arg in enumerate(node.args))
        assert EVALUATE[op](values, node.options) == lacking


def test_a_choice_looks_only_at_the_branch_it_takes() -> None:
    assert isinstance(choose(A > B, gone(), C).value, Missing)
    assert isinstance(choose(gone() > B, A, C).value, Missing)
    assert choose(A < B, gone(), C).value == Fraction(1, 3)


def test_too_few_values_are_missing_and_say_which() -> None:
    for few in (mean_valid([A, gone()], 2, LACKING), total_valid([gone()], 0, LACKING)):
        assert isinstance(few.value, Missing)
        assert few.value.listed() == (LACKING,)


def test_division_by_nothing_is_missing_not_an_error() -> None:
    assert isinstance((A / known(0)).value, Missing)
    assert isinstance(A.whole_quotient(known(0)).value, Missing)


MIXED: list[Callable[[Quantity, Quantity], Quantity]] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a < b,
    lambda a, b: a >= b,
    lambda a, b: a.equals(b),
    lambda a, b: maximum([a, b]),
    lambda a, b: minimum([a, b]),
    lambda a, b: total([a, b]),
    lambda a, b: choose(A > B, a, b),
    lambda a, b: mean_valid([a, b], 1, LACKING),
]


@pytest.mark.parametrize("mix", range(len(MIXED)))
@pytest.mark.parametrize(
    ("one", "other"), [("mg/L", "万元"), ("元", "万元"), ("mg/L", "μg/L"), ("m³", "t"), ("", "类")]
)
def test_quantities_of_different_units_never_meet(mix: int, one: str, other: str) -> None:
    with pytest.raises(UnitError) as caught:
        MIXED[mix](known(1, one, "左"), known(1, other, "右"))
    assert "单位不同" in str(caught.value)
    assert other in str(caught.value)


def test_units_multiply_and_convert() -> None:
    load_t = (known("2", "mg/L") * known(10**6, "m³")).to(unit("t"))
    assert load_t.value == 2
    assert (load_t * known(10, "万元/t")).to(YUAN).value == 200_000
    assert known(5, "μg/L").to(MG_PER_L).value == Fraction(5, 1000)
    assert known(3, "万元").to(YUAN).value == 30_000
    assert (known(1, "mg/L") / known(2, "mg/L")).unit.interchangeable(RATIO)
    for kind, wrong in ((WAN_YUAN, MG_PER_L), (CUBIC_METRES, YUAN), (CLASS, RATIO)):
        with pytest.raises(UnitError):
            known(1, kind.symbol).to(wrong)
    for unknown in ("元/斛", "mg/l/d", "米", "ppm"):
        with pytest.raises(UnitError):
            unit(unknown)


def test_an_amount_explains_itself_down_to_the_days() -> None:
    draft = load("taipu-draft")
    level = DayValue(Fraction("0.21"), 6)
    days = {(section.code, code): dict.fromkeys(DAYS, level) for section in draft.sections for code in INDICATORS}
    volumes = {
        (section.code, f"2026-{month:02d}"): VolumeFact(Fraction(10**7), "取水量报表")
        for section in draft.sections
        for month in range(1, 13)
        if section.kind == "intake"
    }
    period = period_of(draft, DAYS[0], DAYS[-1], backtest=False)
    outcome = settle(draft, period, Gathered(Evidence(days, volumes=volumes), ()), Mode.FINAL).outcome
    seen, sources = set(), set()
    stack = [outcome.positions["310000"].final]
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        step = explain(node, 0)
        told = f"{step.label}{step.in_words}{step.in_numbers}"
        assert "未定" not in told
        assert not re.search(r"Fraction|Quantity|None|<|\bw\d{5}|31\d{4}_", told), told
        if node.label:
            assert re.search("[一-鿿]", step.label), step.label
        if node.key is not None:
            sources.add(node.key[0])
            assert node.source, f"{node.label} does not say where it is from"
        stack.extend(steps_below(node))
    assert {"day", "volume", "parameter", "limit"} <= sources
