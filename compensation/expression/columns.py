"""Many variants of one expression at once: each quantity a column of whole numbers over one denominator.

A fraction brings itself to lowest terms at every step; over a column that can wait. So each column keeps whole numbers
and the denominator they share, and nearly every operation becomes one pass of whole-number arithmetic. Whatever has
no such denominator (a divisor that varies, an operand that may be missing) is computed value by value by the
operations themselves. Both ways are exact.
"""

import operator
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import repeat
from math import gcd, lcm
from typing import NamedTuple, TypeAlias, cast

from compensation.expression.missing import Missing
from compensation.expression.ops import EVALUATE, Options, Value
from compensation.quality.standard import Direction, Limits

_WIDEST = 2**256
"""Above this a common denominator costs more than it saves."""


class Whole(NamedTuple):
    """The values `numbers[i] / denominator`, one for each variant."""

    numbers: Sequence[int]
    denominator: int


Column: TypeAlias = Value | Whole | list[Value]
"""One value for all variants, or one for each: as whole numbers, or one by one."""


def column(values: Iterable[Value]) -> Column:
    """The values of the variants as a column."""
    listed = list(values)
    known = [value for value in listed if isinstance(value, Fraction)]
    denominator = 1
    for value in known:
        denominator = lcm(denominator, value.denominator)
        if denominator > _WIDEST:
            return _alike(listed)
    if len(known) < len(listed):
        return _alike(listed)
    return _narrow([value.numerator * (denominator // value.denominator) for value in known], denominator)


def values_of(found: Column, count: int) -> list[Value]:
    """The value of each of `count` variants."""
    if isinstance(found, Whole):
        return [Fraction(number, found.denominator) for number in found.numbers]
    return found if isinstance(found, list) else [found] * count


def compute(op: str, args: Sequence[Column], options: Options, count: int) -> Column:
    """What `op` makes of its operands for each of `count` variants."""
    evaluate = EVALUATE[op]
    same = [arg for arg in args if not isinstance(arg, Whole | list)]
    if len(same) == len(args):
        return evaluate(tuple(same), options)
    if op == "choose" and isinstance(args[0], Fraction):
        return args[1] if args[0] else args[2]
    quick = _QUICK.get(op)
    found = None if quick is None else quick(args, options)
    if found is not None:
        return _narrow(*found)
    return column(evaluate(values, options) for values in zip(*(values_of(arg, count) for arg in args), strict=True))


def _alike(values: list[Value]) -> Column:
    first = values[0]
    return first if all(value == first for value in values) else values


def _narrow(numbers: Sequence[int], denominator: int) -> Column:
    """A column that says the same everywhere is one value, and what stands above it need not be computed anew."""
    first = numbers[0]
    if first == numbers[-1] and all(number == first for number in numbers):
        return Fraction(first, denominator)
    return Whole(numbers, denominator)


Found: TypeAlias = tuple[Sequence[int], int] | None
"""Numbers and their denominator; None when it has to be done value by value."""


def _common(args: Sequence[Column]) -> tuple[list[Iterable[int]], int] | None:
    """The numbers of every operand over one denominator; None when an operand has none."""
    denominator = 1
    for arg in args:
        if not isinstance(arg, Whole | Fraction):
            return None
        denominator = lcm(denominator, arg.denominator)
    return [_over(cast("Whole | Fraction", arg), denominator) for arg in args], denominator


def _over(arg: Whole | Fraction, denominator: int) -> Iterable[int]:
    factor = denominator // arg.denominator
    if isinstance(arg, Fraction):
        return repeat(arg.numerator * factor)
    return arg.numbers if factor == 1 else [number * factor for number in arg.numbers]


def _sum(args: Sequence[Column], _: Options) -> Found:
    common = _common(args)
    if common is None:
        return None
    lists, denominator = common
    fixed = sum(next(iter(each)) for each in lists if isinstance(each, repeat))
    numbers: Iterable[int] = repeat(fixed)
    for each in lists:
        if not isinstance(each, repeat):
            numbers = map(operator.add, numbers, each)
    return list(numbers), denominator


def _each(combine: Callable[..., int]) -> Callable[[Sequence[Column], Options], Found]:
    def quick(args: Sequence[Column], _: Options) -> Found:
        common = _common(args)
        return None if common is None else (list(map(combine, *common[0])), common[1])

    return quick


def _multiply(args: Sequence[Column], _: Options) -> Found:
    left, right = args
    if not isinstance(left, Whole | Fraction) or not isinstance(right, Whole | Fraction):
        return None
    numbers = map(operator.mul, _over(left, left.denominator), _over(right, right.denominator))
    return list(numbers), left.denominator * right.denominator


def _times(arg: Column, factor: Fraction) -> Found:
    if not isinstance(arg, Whole):
        return None
    shared = gcd(factor.numerator, arg.denominator)
    by = factor.numerator // shared
    numbers = arg.numbers if by == 1 else [number * by for number in arg.numbers]
    return numbers, arg.denominator // shared * factor.denominator


def _divide(args: Sequence[Column], _: Options) -> Found:
    divisor = args[1]
    return _times(args[0], 1 / divisor) if isinstance(divisor, Fraction) and divisor else None


def _convert(args: Sequence[Column], options: Options) -> Found:
    return _times(args[0], cast("Fraction", options[0]))


def _round_half_up(args: Sequence[Column], options: Options) -> Found:
    arg, decimals = args[0], cast("int", options[0])
    if not isinstance(arg, Whole) or decimals < 0:
        return None
    scale = 10**decimals
    if scale % arg.denominator == 0:
        return arg
    above, below = 2 * scale, 2 * arg.denominator
    half = arg.denominator
    return [
        (number * above + half) // below if number >= 0 else -((half - number * above) // below)
        for number in arg.numbers
    ], scale


def _round_half_even(args: Sequence[Column], options: Options) -> Found:
    arg, decimals = args[0], cast("int", options[0])
    if not isinstance(arg, Whole) or decimals < 0:
        return None
    scale = 10**decimals
    if scale % arg.denominator == 0:
        return arg
    above, below, half = 2 * scale, 2 * arg.denominator, arg.denominator
    numbers = []
    for number in arg.numbers:
        whole, rest = divmod(number * above + half, below)
        numbers.append(whole - 1 if not rest and whole % 2 else whole)
    return numbers, scale


def _round_assessment(args: Sequence[Column], options: Options) -> Found:
    found = _round_half_even(args, options)
    return None if found is None or 0 in found[0] else found


def _floor(args: Sequence[Column], _: Options) -> Found:
    arg = args[0]
    return ([number // arg.denominator for number in arg.numbers], 1) if isinstance(arg, Whole) else None


def _ceil(args: Sequence[Column], _: Options) -> Found:
    arg = args[0]
    return ([-(-number // arg.denominator) for number in arg.numbers], 1) if isinstance(arg, Whole) else None


def _whole_quotient(args: Sequence[Column], _: Options) -> Found:
    common = _common(args)
    divisor = args[1]
    if common is None or (0 in divisor.numbers if isinstance(divisor, Whole) else divisor == 0):
        return None
    return list(map(operator.floordiv, *common[0])), 1


_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "=": operator.eq,
}


def _compare(args: Sequence[Column], options: Options) -> Found:
    common = _common(args)
    if common is None:
        return None
    return list(map(_COMPARE[cast("str", options[0])], *common[0])), 1


def _together(holds: Callable[[Iterable[int]], bool]) -> Callable[[Sequence[Column], Options], Found]:
    def quick(args: Sequence[Column], _: Options) -> Found:
        common = _common(args)
        return None if common is None else (list(map(holds, zip(*common[0], strict=False))), 1)

    return quick


def _choose(args: Sequence[Column], _: Options) -> Found:
    condition, *branches = args
    if not isinstance(condition, Whole):
        return None
    common = _common(branches)
    if common is None:
        return None
    (then, otherwise), denominator = common
    rows = zip(condition.numbers, then, otherwise, strict=False)
    return [taken if holds else left for holds, taken, left in rows], denominator


def _grade(args: Sequence[Column], options: Options) -> Found:
    """The bounds of the classes ascend, so the class is the place of the value among them."""
    arg, limits = args[0], cast("Limits", options[0])
    if not isinstance(arg, Whole) or limits.direction is not Direction.AT_MOST:
        return None
    bounds = [bound.numerator * arg.denominator // bound.denominator for bound in limits.bounds]
    return [bisect_left(bounds, number) + 1 for number in arg.numbers], 1


def _valid(args: Sequence[Column], options: Options) -> tuple[Found, int]:
    there = [arg for arg in args if not isinstance(arg, Missing)]
    enough = len(there) >= max(1, cast("int", options[0]))
    return (_sum(there, ()) if enough else None), len(there)


def _total_valid(args: Sequence[Column], options: Options) -> Found:
    return _valid(args, options)[0]


def _mean_valid(args: Sequence[Column], options: Options) -> Found:
    found, count = _valid(args, options)
    return None if found is None else (found[0], found[1] * count)


_QUICK: dict[str, Callable[[Sequence[Column], Options], Found]] = {
    "sum": _sum,
    "subtract": _each(operator.sub),
    "multiply": _multiply,
    "divide": _divide,
    "maximum": _each(max),
    "minimum": _each(min),
    "convert": _convert,
    "round_half_up": _round_half_up,
    "round_half_even": _round_half_even,
    "round_assessment": _round_assessment,
    "floor": _floor,
    "ceil": _ceil,
    "whole_quotient": _whole_quotient,
    "compare": _compare,
    "all_of": _together(all),
    "any_of": _together(any),
    "choose": _choose,
    "grade": _grade,
    "mean_valid": _mean_valid,
    "total_valid": _total_valid,
}
