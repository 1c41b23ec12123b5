"""Changed leaves, one variant or many: held against building the expression anew, for every operation."""

from collections.abc import Callable, Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.expression import (
    FEN,
    MG_PER_L,
    RATIO,
    YUAN,
    Key,
    MissingItem,
    Quantity,
    Value,
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
)
from compensation.expression.allocation import allocate
from compensation.expression.ops import EVALUATE
from compensation.expression.variants import AT_ONCE, FEW, Variants
from compensation.quality.standard import PERMANGANATE_INDEX, PH, limits
from compensation.rounding import half_up

LACKING = MissingItem("断面", "总磷", "2026-07", "有效日少于 2 天")
NAMES = ("a", "b", "c")
Values = Mapping[Key, Value]


def given_leaf(values: Values, name: str) -> Quantity:
    return leaf((name,), values[name,], RATIO, name, "")


def of(values: Values) -> tuple[Quantity, Quantity, Quantity]:
    a, b, c = (given_leaf(values, name) for name in NAMES)
    return a, b, c


def in_unit(node: Quantity, unit: Quantity) -> Quantity:
    return node * unit


def graded(node: Quantity, code: str) -> Quantity:
    table = limits(code, "river")
    assert table is not None
    return in_unit(node, constant(1, MG_PER_L)).graded(table)


def money(node: Quantity) -> Quantity:
    return in_unit(node, constant(1, YUAN)).rounded_half_up(2)


def split(amount: Quantity, *weights: Quantity) -> Quantity:
    whole = [maximum([weight.floor(), constant(0)]) for weight in weights]
    shares = allocate(maximum([money(amount), constant(0, YUAN)]), dict(zip("123", whole, strict=False)), "", "")
    return shares["1"]


Build = Callable[[Quantity, Quantity, Quantity], Quantity]
SHAPES: dict[str, Build] = {
    "sum": lambda a, b, c: total([a, b, c, constant(Fraction(1, 7))]),
    "subtract": lambda a, b, c: a - b - (c - c),
    "multiply": lambda a, b, c: a * b * constant(Fraction(2, 3)) * c,
    "divide": lambda a, b, c: a / b + c / constant(Fraction(-3, 7)),
    "maximum": lambda a, b, c: maximum([a, b, c]),
    "minimum": lambda a, b, c: minimum([a, constant(1), b, c]),
    "convert": lambda a, b, c: money(a).to(FEN) + (money(b) + money(c)).to(FEN),
    "round_half_up": lambda a, b, c: (
        a.rounded_half_up(1) + b.rounded_half_up(0).rounded_half_up(1) + c.rounded_half_up(-1)
    ),
    "round_half_even": lambda a, b, c: a.rounded_half_even(1) + b.rounded_half_even(0) + c.rounded_half_even(3),
    "round_assessment": lambda a, b, c: a.rounded_for_assessment(1) + b.rounded_for_assessment(0) * c,
    "floor": lambda a, b, c: a.floor() + (b - c).floor(),
    "ceil": lambda a, b, c: a.ceil() + (b - c).ceil(),
    "whole_quotient": lambda a, b, c: a.floor().whole_quotient(b.floor()) + c.floor().whole_quotient(constant(3)),
    "compare": lambda a, b, c: total([a <= b, a < c, b >= c, b > constant(1), a.equals(c)]),
    "all_of": lambda a, b, c: all_of([a <= b, b <= c]),
    "any_of": lambda a, b, c: any_of([a <= b, b <= c, constant(0).equals(c)]),
    "choose": lambda a, b, c: choose(a > constant(1), choose(b > c, b, c), b / c),
    "grade": lambda a, b, c: graded(a, PERMANGANATE_INDEX) + graded(b, PH) + graded(a + c, PERMANGANATE_INDEX),
    "mean_valid": lambda a, b, c: mean_valid([a, b, c], 2, LACKING),
    "total_valid": lambda a, b, c: total_valid([a, b / c], 1, LACKING),
    "ph_mean_valid": lambda a, b, _: ph_mean_valid(
        [(each * each).rounded_half_up(2) for each in (a, b)], 1, LACKING, 2
    ),
    "allocation by fixed weights": lambda a, b, _: split(a * constant(1000) + b, constant(7), constant(3)),
    "allocation by amounts": lambda a, b, c: split(a * constant(1000), b, c, constant(2)),
}

# Small denominators and the places where rounding ties and classes change; now and then something with no end.
known = st.one_of(
    st.integers(-40, 400).map(lambda n: Fraction(n, 20)),
    st.sampled_from([Fraction(bound) for bound in (0, 2, 4, 6, 7, 9, 10, 15)]),
    st.sampled_from([Fraction(1, 3), Fraction(-5, 2), Fraction(1, 97), Fraction(10**12 + 1, 7)]),
    st.fractions(max_denominator=1000).map(lambda value: value % 30),
)
values = st.one_of(known, known, known, st.just(missing("没有", period="a")))
starts = st.fixed_dictionaries({(name,): values for name in NAMES})
changes = st.lists(st.dictionaries(st.sampled_from([(name,) for name in NAMES]), values), max_size=FEW * 4)
columns = st.sampled_from(NAMES).flatmap(
    lambda name: st.lists(st.fixed_dictionaries({(name,): known}), min_size=FEW + 1, max_size=FEW * 3)
)


def test_every_operation_is_here() -> None:
    def ops(node: Quantity) -> set[str]:
        return {node.op}.union(*(ops(arg) for arg in node.args))

    start = {(name,): Fraction(number) for number, name in enumerate(NAMES, start=2)}
    assert set().union(*(ops(build(*of(start))) for build in SHAPES.values())) == set(EVALUATE)


@pytest.mark.parametrize("shape", SHAPES)
@given(start=starts, variants=st.one_of(changes, columns))
def test_a_variant_is_the_expression_built_anew(shape: str, start: Values, variants: list[Values]) -> None:
    build = SHAPES[shape]
    once = Variants([build(*of(start)), given_leaf(start, "b")])
    anew = [[build(*of({**start, **each})).value, {**start, **each}["b",]] for each in variants]
    reached = [{key: value for key, value in each.items() if key in once.keys} for each in variants]
    assert [once.run(each) for each in reached] == anew
    assert once.run_many(reached) == anew


def test_more_variants_than_are_taken_at_once_keep_their_order() -> None:
    start = {(name,): Fraction(1) for name in NAMES}
    once = Variants([total(of(start)).rounded_half_up(0)])
    count = 2 * AT_ONCE + 3
    variants = [{(NAMES[number % 2],): Fraction(number, 4)} for number in range(count)]
    assert once.run_many(variants) == [[half_up(Fraction(number, 4) + 2, 0)] for number in range(count)]


def test_values_stay_fractions_and_missing_stays_missing() -> None:
    start = {(name,): Fraction(1) for name in NAMES}
    a, b, c = of(start)
    once = Variants([a <= b, a + b, mean_valid([a, c], 2, LACKING)])
    found = once.run_many([{("a",): Fraction(number)} for number in range(FEW + 1)])
    assert all(type(value) is Fraction for values in found for value in values)
    assert {type(value.numerator) for values in found for value in values if isinstance(value, Fraction)} == {int}
    gone = once.run_many([{("a",): missing("没有")}] * (FEW + 1))
    assert [values[1:] for values in gone] == [[missing("没有"), once.run({("a",): missing("没有")})[2]]] * (FEW + 1)


def test_only_the_leaves_that_are_named_may_change() -> None:
    start = {(name,): Fraction(1) for name in NAMES}
    once = Variants([total(of(start))], [("a",), ("c",)])
    assert set(once.keys) == {("a",), ("c",)}
    assert once.value(("a",)) == 1
    with pytest.raises(KeyError):
        once.run({("b",): Fraction(2)})
    with pytest.raises(KeyError):
        once.run_many([{("b",): Fraction(2)}] * (FEW + 1))
