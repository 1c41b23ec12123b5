"""Doubt (存疑): values that are written soundly and yet can hardly be right. Flagged, never guessed.

What a flag does, exclude the value, keep it or ask, is the agreement's data rule; here is only what raises it, but for
the flags that a file itself puts on its values. Streams
are walked once, in whole numbers: half a million values cost seconds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from statistics import median_low
from typing import NamedTuple

from compensation.quality.published import feed_class
from compensation.quality.standard import (
    AMMONIA_NITROGEN,
    AUTOMATIC_STATION,
    DISSOLVED_OXYGEN,
    PERMANGANATE_INDEX,
    PH,
    TEMPERATURE,
    TOTAL_NITROGEN,
    TOTAL_PHOSPHORUS,
    Body,
)

ANALYSED = (PERMANGANATE_INDEX, AMMONIA_NITROGEN, TOTAL_PHOSPHORUS, TOTAL_NITROGEN)
SENSED = (TEMPERATURE, PH, DISSOLVED_OXYGEN)
CLASS = "class"
ALGAL_DENSITY = "x_algal_density"
NEEDED = (*SENSED, *ANALYSED, CLASS, ALGAL_DENSITY)
"""The indicators that the search for doubt looks at."""

ANALYSIS_MINUTES = 4 * 60  # an analyser of the national stations works once in four hours
FROZEN_MINUTES = {
    True: 24 * 60,
    False: 72 * 60,
}  # a sensor moves within a day; an analyser's rounding may hide a change
FROZEN_VALUES = 6
NEIGHBOURS = 3
POSSIBLE = {PH: (0, 14)}
"""The least and the most of a scale that ends. A negative concentration is refused when it is read."""
BLOOM, ONE_DIGIT = 10**5, 10  # cells/L: counts that are written with an exponent, and what is left without it
POWERS = (2, 3, 4, 5, 6, 7, -2, -3, -4, -5, -6, -7)
_SCALE = 12


class Flag(StrEnum):
    """Why a value is in doubt; the words by which an agreement and the workbook call it."""

    LOST_EXPONENT = "指数丢失"
    AMMONIA_ABOVE_TOTAL = "氨氮大于总氮"
    ABOVE_SATURATION = "溶解氧过饱和"
    IMPOSSIBLE = "超出可能范围"
    HELD = "重复的分析值"
    FROZEN = "传感器卡滞"
    OUT_OF_ORDER = "维护或停站期间"
    MARKED_OUTLIER = "标注为离群值"  # by whoever made the file, as the next two
    MARKED_ABNORMAL = "标注为异常值"
    MARKED = "含义不明的颜色"


class Action(StrEnum):
    """What an agreement does with a value in doubt."""

    KEEP = "keep"  # 计入
    EXCLUDE = "exclude"  # 剔除
    ASK = "ask"  # 待核实: left out until somebody has found out


class Point(NamedTuple):
    """A value of one indicator: the minute, mantissa * 10**exponent, and whether the station was in order."""

    minute: int
    mantissa: int
    exponent: int
    in_order: bool


class Doubt(NamedTuple):
    """A flag on the value of an indicator at a minute."""

    indicator: str
    minute: int
    flag: Flag


def doubts(series: Mapping[str, Sequence[Point]], body: Body) -> list[Doubt]:
    """Every doubt about one section's automatic values, by indicator, minute and flag.

    Each series is in the order of time, without two values at one minute.
    """
    found = {
        *_out_of_order(series),
        *_lost_exponents(series, body),
        *_lost_counts(series.get(ALGAL_DENSITY, ())),
        *_ammonia_above_total(series),
        *_above_saturation(series),
    }
    for code in (*ANALYSED, *SENSED):
        found.update(_repeated(code, series.get(code, ())))
    return sorted(found)


def impossible(series: Mapping[str, Sequence[Point]]) -> list[Doubt]:
    """Values that their indicator's scale does not have, whoever measured them and in whatever water."""
    return [
        Doubt(code, point.minute, Flag.IMPOSSIBLE)
        for code, (least, most) in POSSIBLE.items()
        for point in series.get(code, ())
        if not _lies_within(point, least, most)
    ]


def _lies_within(point: Point, least: int, most: int) -> bool:
    power = 10 ** abs(point.exponent)
    value, one = (point.mantissa * power, 1) if point.exponent > 0 else (point.mantissa, power)
    return least * one <= value <= most * one


def saturation(temperature: Fraction) -> Fraction:
    """Dissolved oxygen at saturation in fresh water at sea level, mg/L: 468 / (31.6 + T), T in ℃ (HJ/T 2.3)."""
    return 468 / (Fraction(316, 10) + temperature)


def _out_of_order(series: Mapping[str, Sequence[Point]]) -> Iterator[Doubt]:
    for code, points in series.items():
        yield from (Doubt(code, point.minute, Flag.OUT_OF_ORDER) for point in points if not point.in_order)


def _scaled(point: Point) -> int:
    return int(point.mantissa * 10 ** (point.exponent + _SCALE))


def _runs(points: Iterable[Point]) -> list[tuple[int, list[Point]]]:
    """Values that follow each other unchanged, as (scaled value, points)."""
    return [(value, list(run)) for value, run in groupby(points, _scaled)]


def _lost_exponents(series: Mapping[str, Sequence[Point]], body: Body) -> Iterator[Doubt]:
    """Off by a power of ten from the values before and after, and from the class published with it."""
    at = {code: {point.minute: point for point in series.get(code, ())} for code in (*AUTOMATIC_STATION, CLASS)}
    for code in ANALYSED:
        runs = _runs(point for point in series.get(code, ()) if point.exponent >= -_SCALE)
        values = [value for value, _ in runs]
        for place, (value, points) in enumerate(runs):
            around = values[max(0, place - NEIGHBOURS) : place] + values[place + 1 : place + 1 + NEIGHBOURS]
            power = _power(value, around)
            if power is not None:
                yield from (
                    Doubt(code, point.minute, Flag.LOST_EXPONENT)
                    for point in points
                    if _class_agrees(at, code, point, power, body)
                )


def _lost_counts(points: Sequence[Point]) -> Iterator[Doubt]:
    """Fewer than ten algae in a litre where others are counted by the hundred thousand: 1.53 for 1.53E+07.

    Neighbours tell nothing here: in a bloom most of them have lost theirs too.
    """
    values = [_value(point) for point in points]
    if any(value >= BLOOM for value in values):
        yield from (
            Doubt(ALGAL_DENSITY, point.minute, Flag.LOST_EXPONENT)
            for point, value in zip(points, values, strict=True)
            if 0 < value < ONE_DIGIT
        )


def _power(value: int, around: Sequence[int]) -> int | None:
    """The power of ten, at least a hundred either way, that brings a value among its neighbours."""
    if len(around) < 2 or value <= 0:
        return None
    middle = median_low(around)
    if middle <= 0 or middle < value * 30 < middle * 900:
        return None
    for power in POWERS:
        # value / 10**power lies within a third and three times the middle
        one, other = (value, middle * 10**power) if power > 0 else (value * 10**-power, middle)
        if other <= one * 3 and one <= other * 3:
            return power
    return None


def _class_agrees(at: Mapping[str, Mapping[int, Point]], code: str, point: Point, power: int, body: Body) -> bool:
    """Whether the published class speaks against the value and for the other power; true where none was published."""
    published = at[CLASS].get(point.minute)
    measured = {each: at[each].get(point.minute) for each in AUTOMATIC_STATION}
    if published is None or code not in AUTOMATIC_STATION or None in measured.values():
        return True
    values = {each: _value(one) for each, one in measured.items() if one is not None}
    if feed_class(values, body) == published.mantissa:
        return False
    return feed_class({**values, code: values[code] / Fraction(10) ** power}, body) == published.mantissa


def _value(point: Point) -> Fraction:
    return point.mantissa * Fraction(10) ** point.exponent


def _ammonia_above_total(series: Mapping[str, Sequence[Point]]) -> Iterator[Doubt]:
    """Ammonia nitrogen is a part of total nitrogen; which of the two is wrong nobody can tell, so both are in doubt."""
    total = {point.minute: _scaled(point) for point in series.get(TOTAL_NITROGEN, ())}
    for point in series.get(AMMONIA_NITROGEN, ()):
        if point.minute in total and _scaled(point) > total[point.minute]:
            yield Doubt(AMMONIA_NITROGEN, point.minute, Flag.AMMONIA_ABOVE_TOTAL)
            yield Doubt(TOTAL_NITROGEN, point.minute, Flag.AMMONIA_ABOVE_TOTAL)


def _above_saturation(series: Mapping[str, Sequence[Point]]) -> Iterator[Doubt]:
    temperature = {point.minute: _scaled(point) for point in series.get(TEMPERATURE, ())}
    one = 10**_SCALE
    for point in series.get(DISSOLVED_OXYGEN, ()):
        degrees = temperature.get(point.minute)
        # DO > 468 / (31.6 + T), without a division
        if degrees is not None and _scaled(point) * (316 * one + 10 * degrees) > 4680 * one * one:
            yield Doubt(DISSOLVED_OXYGEN, point.minute, Flag.ABOVE_SATURATION)


def _repeated(code: str, points: Sequence[Point]) -> Iterator[Doubt]:
    """One analysis reported again before the next could be done; a value that does not move for too long."""
    for _, run in _runs(points):
        sensed = code in SENSED
        if len(run) >= FROZEN_VALUES and run[-1].minute - run[0].minute >= FROZEN_MINUTES[sensed]:
            yield from (Doubt(code, point.minute, Flag.FROZEN) for point in run[1:])
        if not sensed:
            analysed = run[0].minute
            for point in run[1:]:
                if point.minute - analysed < ANALYSIS_MINUTES:
                    yield Doubt(code, point.minute, Flag.HELD)
                else:
                    analysed = point.minute
