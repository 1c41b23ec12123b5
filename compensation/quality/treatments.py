"""What each admissible treatment of the same readings makes of a month (数据处理方式对比).

With dissolved oxygen and without, means rounded before they are classed or not, and by each averaging route:
the questions that decide who pays, and that the data cannot answer.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from compensation.quality.classes import class_of, worst
from compensation.quality.periods import (
    MonthRoute,
    PeriodValue,
    Route,
    Sample,
    ValidityRule,
    assessed,
    monthly,
)
from compensation.quality.standard import AUTOMATIC_STATION, DISSOLVED_OXYGEN, Body


class IndicatorOutcome(NamedTuple):
    """One indicator in one treatment: its period value, the number compared, its class; None without value."""

    mean: PeriodValue
    compared: Fraction | None
    water_class: int | None


class Outcome(NamedTuple):
    """A month under one treatment. `water_class` is None when no indicator has a value.

    `deciding` holds the indicators of the worst class, all of them when several share it.
    """

    month: str
    with_dissolved_oxygen: bool
    rounded: bool
    route: MonthRoute
    water_class: int | None
    deciding: tuple[str, ...]
    indicators: tuple[IndicatorOutcome, ...]


def compare_treatments(
    samples: Mapping[str, Sequence[Sample]],
    months: Sequence[date],
    body: Body,
    codes: Sequence[str] = AUTOMATIC_STATION,
    rule: ValidityRule | None = None,
) -> tuple[Outcome, ...]:
    """Every month x DO in or out x rounded or not x route, in that order, of one section.

    `samples` holds the section's samples by indicator code; an indicator without samples has n = 0 and no
    class. LookupError when table 1 has no limit for one of `codes` in this body of water.
    """
    means = {
        (route, code): monthly(code, samples.get(code, ()), Route(route), rule, months)
        for route in MonthRoute
        for code in codes
    }
    return tuple(
        _outcome(
            [means[route, code][at] for code in codes if with_do or code != DISSOLVED_OXYGEN],
            body,
            with_do,
            rounded,
            route,
        )
        for at in range(len(months))
        for with_do, rounded, route in product((True, False), (True, False), MonthRoute)
    )


def _outcome(means: list[PeriodValue], body: Body, with_do: bool, rounded: bool, route: MonthRoute) -> Outcome:
    indicators = tuple(_classed(each, body, rounded) for each in means)
    classes = {each.mean.indicator: each.water_class for each in indicators if each.water_class is not None}
    water_class = worst(classes.values()) if classes else None
    deciding = tuple(code for code, own in classes.items() if own == water_class)
    return Outcome(means[0].period, with_do, rounded, route, water_class, deciding, indicators)


def _classed(each: PeriodValue, body: Body, rounded: bool) -> IndicatorOutcome:
    if each.value is None:
        return IndicatorOutcome(each, None, None)
    compared = assessed(each.indicator, each.value, rounded)
    return IndicatorOutcome(each, compared, class_of(each.indicator, compared, body))
