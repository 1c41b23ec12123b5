"""Means of exact values: sums of decimals as integers, and pH through the hydrogen ion."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

from compensation.rounding import half_even

# The mean pH of unequal values is irrational, so even 不修约 must cut it somewhere: far below any meaning.
PH_DECIMALS = 12
HALF = Fraction(1, 2)


def exact_sum(pairs: Iterable[tuple[int, int]]) -> Fraction:
    """The sum of mantissa * 10**exponent over (mantissa, exponent) pairs.

    One integer per exponent is added up, so that half a million readings cost half a million integer
    additions and not as many reductions of a fraction.
    """
    by_exponent: defaultdict[int, int] = defaultdict(int)
    for mantissa, exponent in pairs:
        by_exponent[exponent] += mantissa
    return sum((total * Fraction(10) ** exponent for exponent, total in by_exponent.items()), Fraction(0))


def mean(values: Iterable[Fraction]) -> Fraction:
    """The arithmetic mean, unrounded; ValueError of nothing."""
    by_denominator: defaultdict[int, int] = defaultdict(int)
    count = 0
    for value in values:
        by_denominator[value.denominator] += value.numerator
        count += 1
    if not count:
        raise ValueError("the mean of nothing")
    total = sum((Fraction(total, denominator) for denominator, total in by_denominator.items()), Fraction(0))
    return total / count


def ph_mean(values: Iterable[Fraction], decimals: int = PH_DECIMALS) -> Fraction:
    """The pH of the mean hydrogen-ion concentration, -lg(Σ 10^-pH / n), rounded half to even.

    Correctly rounded: precision grows until the digits are certain, and a result that lies exactly on a tie is
    recognised by algebra. ValueError of nothing.
    """
    return ph_mean_counted(Counter(values), decimals)


def ph_mean_counted(counts: Mapping[Fraction, int], decimals: int = PH_DECIMALS) -> Fraction:
    """`ph_mean` of each pH taken as many times as `counts` says; a station repeats few distinct values."""
    if not counts:
        raise ValueError("the mean of nothing")
    if len(counts) == 1:
        return half_even(next(iter(counts)), decimals)
    precision = 40
    while True:
        near, error = _ph_mean_near(counts, precision)
        low, high = half_even(near - error, decimals), half_even(near + error, decimals)
        if low == high:
            return low
        tie = (low + high) / 2
        if _ph_mean_is(counts, tie):
            return half_even(tie, decimals)
        precision *= 2


def substitute(limit: Fraction, factor: Fraction = HALF) -> Fraction:
    """What stands for a non-detect (未检出) in a mean: the detection limit times 0..1, usually half."""
    if not 0 <= factor <= 1:
        raise ValueError(f"a non-detect is between nothing and its limit, not {factor} of it")
    return limit * factor


def _ph_mean_near(counts: Mapping[Fraction, int], precision: int) -> tuple[Fraction, Fraction]:
    """An approximation by `precision` decimal digits, and a bound on its error with digits to spare."""
    with localcontext(Context(prec=precision)):
        total = sum((count * _hydrogen_ion(value, precision) for value, count in counts.items()), Decimal(0))
        near = -(total / sum(counts.values())).log10()
    return Fraction(near), Fraction(1, 10 ** (precision - 10))


# A sensor has some hundred distinct pH values, and a year of them is averaged day by day.
@lru_cache(maxsize=4096)
def _hydrogen_ion(ph: Fraction, precision: int) -> Decimal:
    """10^-pH to `precision` digits."""
    with localcontext(Context(prec=precision)):
        return Decimal(10) ** (-Decimal(ph.numerator) / ph.denominator)


def _ph_mean_is(counts: Mapping[Fraction, int], candidate: Fraction) -> bool:
    """Whether Σ 10^(candidate - pH) is exactly n.

    Roots of ten with different fractional exponents are linearly independent over the rationals, and every
    term is positive, so a single fractional exponent already rules equality out.
    """
    shifts = {candidate - value: count for value, count in counts.items()}
    if any(shift.denominator != 1 for shift in shifts):
        return False
    total = sum((count * Fraction(10) ** int(shift) for shift, count in shifts.items()), Fraction(0))
    return total == sum(counts.values())
