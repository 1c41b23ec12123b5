"""What each operation does to exact values. The formula and the sentence of each stand in `formula` and `explain`.

Arithmetic is strict: a missing operand makes the result missing. `choose` looks only at the branch it takes;
the `*_valid` operations look only at what is there, and say what is lacking when it is too little.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TypeAlias, cast

from compensation.expression.missing import Missing, MissingItem, missing
from compensation.quality.means import ph_mean
from compensation.quality.standard import Limits
from compensation.rounding import half_even, half_up

Value: TypeAlias = Fraction | Missing
Options: TypeAlias = tuple[int | str | Fraction | MissingItem | Limits, ...]
Evaluate: TypeAlias = Callable[[tuple[Value, ...], Options], Value]

_COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "=": lambda a, b: a == b,
}


_TRUTH = (Fraction(0), Fraction(1))


def _strict(compute: Callable[[Sequence[Fraction], Options], Value]) -> Evaluate:
    def evaluate(values: tuple[Value, ...], options: Options) -> Value:
        if Missing in map(type, values):
            return Missing(frozenset().union(*(value.items for value in values if isinstance(value, Missing))))
        return compute(values, options)  # type: ignore[arg-type]  # none is missing; a cast would cost a call each

    return evaluate


def _decimals(options: Options) -> int:
    return cast("int", options[0])


def _divide(values: Sequence[Fraction], _: Options) -> Value:
    if values[1] == 0:
        return missing("除数为 0")
    return values[0] / values[1]


def _sum(values: Sequence[Fraction]) -> Fraction:
    """The sum, brought to lowest terms once instead of at every step."""
    numerator, denominator = 0, 1
    for value in values:
        if value.denominator == denominator:
            numerator += value.numerator
        else:
            common = math.lcm(denominator, value.denominator)
            numerator = numerator * (common // denominator) + value.numerator * (common // value.denominator)
            denominator = common
    return Fraction(numerator, denominator)


def _product(values: Sequence[Fraction], _: Options) -> Value:
    return values[0] * values[1]


def _choose(values: tuple[Value, ...], _: Options) -> Value:
    condition, then, otherwise = values
    if isinstance(condition, Missing):
        return condition
    return then if condition else otherwise


def _valid(compute: Callable[[Sequence[Fraction], Options], Fraction]) -> Evaluate:
    def evaluate(values: tuple[Value, ...], options: Options) -> Value:
        there = [value for value in values if isinstance(value, Fraction)]
        if len(there) < max(1, cast("int", options[0])):
            return Missing(frozenset({cast("MissingItem", options[1])}))
        return compute(there, options)

    return evaluate


def _grade(values: Sequence[Fraction], options: Options) -> Value:
    return Fraction(cast("Limits", options[0]).class_met(values[0]))


def _given(_: tuple[Value, ...], __: Options) -> Value:
    raise TypeError("a leaf is given, not computed")


EVALUATE: dict[str, Evaluate] = {
    "leaf": _given,
    "constant": _given,
    "sum": _strict(lambda v, _: _sum(v)),
    "subtract": _strict(lambda v, _: v[0] - v[1]),
    "multiply": _strict(_product),
    "divide": _strict(_divide),
    "maximum": _strict(lambda v, _: max(v)),
    "minimum": _strict(lambda v, _: min(v)),
    "convert": _strict(lambda v, o: v[0] * cast("Fraction", o[0])),
    "round_half_up": _strict(lambda v, o: half_up(v[0], _decimals(o))),
    "round_half_even": _strict(lambda v, o: half_even(v[0], _decimals(o))),
    "round_assessment": _strict(lambda v, o: half_even(v[0], _decimals(o), keep_one_digit=True)),
    "floor": _strict(lambda v, _: Fraction(math.floor(v[0]))),
    "ceil": _strict(lambda v, _: Fraction(math.ceil(v[0]))),
    "whole_quotient": _strict(lambda v, _: Fraction(v[0] // v[1]) if v[1] else missing("除数为 0")),
    "compare": _strict(lambda v, o: _TRUTH[_COMPARE[cast("str", o[0])](v[0], v[1])]),
    "all_of": _strict(lambda v, _: _TRUTH[all(v)]),
    "any_of": _strict(lambda v, _: _TRUTH[any(v)]),
    "choose": _choose,
    "grade": _strict(_grade),
    "mean_valid": _valid(lambda v, _: _sum(v) / len(v)),
    "total_valid": _valid(lambda v, _: _sum(v)),
    "ph_mean_valid": _valid(lambda v, o: ph_mean(v, cast("int", o[2]))),
}
