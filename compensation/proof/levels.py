"""Concentrations worth trying: at, just below and just above everything an agreement draws a line at."""

from collections.abc import Iterator
from fractions import Fraction

from compensation.quality.standard import Direction, body_of, indicator, limits
from rules.agreement import Agreement, Section

WORST_BUT_ONE = 5
"""Class Ⅴ, the worst that has a limit."""

_USUAL = (Fraction(1), Fraction(1, 2), Fraction(6, 5), Fraction(2), Fraction(3))
"""For an indicator without a class limit or a figure of the agreement, in its unit."""


def resolution(code: str) -> Fraction:
    """The least difference in which the indicator is reported, in its unit."""
    return Fraction(1, 10 ** (indicator(code).hourly_decimals or 0))


def levels(agreement: Agreement, section: Section, code: str) -> tuple[Fraction, ...]:
    """Values at which something may happen, the most harmless one first, all finite decimals and above zero."""
    step = resolution(code)
    lines = dict.fromkeys(_lines(agreement, section, code))
    found = [each for line in lines for each in _around(line, step, code)]
    kept = [value for value in dict.fromkeys(found) if value > 0]
    return tuple(kept) or _USUAL


def no_worse_than(section: Section, code: str, water_class: int, values: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """Those of `values` that meet the limit of the class; all where the indicator has no limits, or none does."""
    table = limits(code, body_of(section.body))
    if table is None or water_class > WORST_BUT_ONE:
        return values
    return tuple(value for value in values if table.admits(value, water_class)) or values


def _lines(agreement: Agreement, section: Section, code: str) -> Iterator[Fraction]:
    table = limits(code, body_of(section.body))
    if table is not None:
        if table.direction is Direction.WITHIN:
            yield sum(table.bounds, Fraction(0)) / 2
            yield from table.bounds
        else:
            bounds = table.bounds[1:] + table.bounds[:1]
            yield from bounds
            worst = bounds[3]
            yield from (worst * 3 / 2, worst * 2, worst * 3) if table.direction is Direction.AT_MOST else (worst / 2,)
    for clause in agreement.clauses:
        for key, parameter in clause.measure.figures.items():
            if key.partition(".")[2] == f"{section.code}.{code}":
                yield from (span.value for span in parameter.spans)


def _around(line: Fraction, step: Fraction, code: str) -> Iterator[Fraction]:
    yield line
    yield line - step
    yield line + step
    decimals = indicator(code).assessment_decimals
    if decimals is not None:
        yield line + Fraction(1, 2 * 10**decimals)
