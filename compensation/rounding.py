"""Rounding by a named rule, exact: GB/T 8170 for concentrations, 四舍五入 for money.

Nothing here passes through binary float; a caller that rounds says by which rule.
"""

from collections.abc import Callable
from fractions import Fraction

Rule = Callable[[Fraction, int], Fraction]


def half_even(value: Fraction, decimals: int, keep_one_digit: bool = False) -> Fraction:
    """Round half to even at `decimals` places (GB/T 8170 修约).

    With `keep_one_digit` a non-zero value that would become zero keeps one significant digit instead
    (统计技术规定), so that a trace is never reported as nothing.
    """
    rounded = round(value, decimals)
    if keep_one_digit and not rounded and value:
        return round(value, _first_digit(value))
    return rounded


def half_up(value: Fraction, decimals: int) -> Fraction:
    """Round half away from zero (四舍五入): -2.5 becomes -3, so a debt rounds as the claim it mirrors."""
    numerator, denominator = value.numerator * 10 ** max(decimals, 0), value.denominator * 10 ** max(-decimals, 0)
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    units = -magnitude if numerator < 0 else magnitude
    return Fraction(units * 10 ** max(-decimals, 0), 10 ** max(decimals, 0))


def decimal_text(value: Fraction, decimals: int, rule: Rule = half_even) -> str:
    """`value` with exactly `decimals` >= 0 places, rounded by `rule`; a zero never carries a minus sign."""
    if decimals < 0:
        raise ValueError(f"decimals must not be negative: {decimals}")
    units = int(rule(value, decimals) * 10**decimals)
    sign = "-" if units < 0 else ""
    digits = str(abs(units)).rjust(decimals + 1, "0")
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}" if decimals else f"{sign}{digits}"


def exact_text(value: Fraction) -> str:
    """`value` with as many decimals as it has and no more: 1/200 is 0.005.

    Raises ValueError for a value without a terminating decimal (1/3): choose decimals and a rule instead.
    """
    return decimal_text(value, terminating_decimals(value))


def terminating_decimals(value: Fraction) -> int:
    """The least number of decimals that write `value` exactly; ValueError when there is none."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        raise ValueError(f"{value} has no terminating decimal")
    return max(twos, fives)


def _first_digit(value: Fraction) -> int:
    """How many decimals reach the first significant digit of a value between -1 and 1."""
    decimals = len(str(value.denominator)) - len(str(abs(value.numerator)))
    return decimals if abs(value) * 10**decimals >= 1 else decimals + 1


def plain_text(value: Fraction) -> str:
    """`value` as it is: its decimals where they end, else the quotient, such as 2/37."""
    try:
        return exact_text(value)
    except ValueError:
        return f"{value.numerator}/{value.denominator}"


def grouped(text: str) -> str:
    """A decimal text with thousands separated: 1234567.80 becomes 1,234,567.80."""
    whole, point, decimals = text.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.removeprefix('-')):,}{point}{decimals}"
