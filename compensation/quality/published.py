"""The class that the public feed publishes, recomputed: an independent check of values that look sound.

The feed classes raw values by the worst of pH, DO, CODMn, NH3-N and TP. Where the recomputed class differs, whoever
stored the feed most often cut a small number written as 4E-3 to 4.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from compensation.quality.classes import class_of, worst
from compensation.quality.standard import (
    AMMONIA_NITROGEN,
    AUTOMATIC_STATION,
    PERMANGANATE_INDEX,
    TOTAL_PHOSPHORUS,
    Body,
    Direction,
    indicator,
    limits,
)
from compensation.rounding import half_even

# Of pH and dissolved oxygen a thousandth would be absurd, and would "explain" any row published as 劣Ⅴ.
_SMALL_NUMBERS = (PERMANGANATE_INDEX, AMMONIA_NITROGEN, TOTAL_PHOSPHORUS)


class Cause(StrEnum):
    """Why a recomputed class differs from the published one."""

    NONE = "一致"
    LOST_EXPONENT = "指数丢失"
    OTHER_BODY = "水体类型（总磷限值按另一类水体则一致）"
    ON_LIMIT = "数值恰在限值（公布的数值已修约，修约前略超）"
    ROUNDED = "先修约（修约后定类则一致）"
    OUT_OF_STEP = "类别与数值不同步（与相邻时刻的数值一致）"
    OUT_OF_ORDER = "维护或停站期间的值"
    NO_NEIGHBOUR = "相邻时刻缺报（类别可能属于缺报的时刻，无从比对）"
    UNEXPLAINED = "未查明"


class ClassCheck(NamedTuple):
    """The published and the recomputed class 1..6, the cause of a difference, and the indicators under suspicion.

    A suspect is an indicator of which a thousandth of the value would alone make the classes agree.
    """

    published: int
    recomputed: int
    cause: Cause
    suspects: tuple[str, ...]


def check_class(values: Mapping[str, Fraction], body: Body, published: int) -> ClassCheck:
    """Recompute the class from the raw values of the five indicators; KeyError when one of them is missing."""
    recomputed = feed_class(values, body)
    if recomputed == published:
        return ClassCheck(published, recomputed, Cause.NONE, ())
    suspects = tuple(code for code in _SMALL_NUMBERS if _restored(code, values, body, published))
    return ClassCheck(published, recomputed, Cause.LOST_EXPONENT if suspects else Cause.UNEXPLAINED, suspects)


def explain(
    values: Mapping[str, Fraction],
    body: Body,
    published: int,
    beside: Sequence[Mapping[str, Fraction]] = (),
    *,
    in_order: bool = True,
    gap: bool = False,
) -> ClassCheck:
    """`check_class`, and where it finds no cause, the other causes in turn.

    `beside` are the rows before and after; `gap` says that the analysis before or after this one is not there, so that
    a class which belongs to it cannot be told.
    """
    found = check_class(values, body, published)
    # A thousandth of a permanganate index is below what any method finds: that cause comes last.
    likely = found.suspects and found.suspects != (PERMANGANATE_INDEX,)
    if found.cause is Cause.NONE or likely:
        return found
    other: Body = "river" if body == "lake" else "lake"
    rounded = {code: _rounded(code, value) for code, value in values.items()}
    on_limit = tuple(code for code in AUTOMATIC_STATION if _beyond(code, values[code], body) == published)
    reasons: tuple[tuple[Cause, tuple[str, ...], bool], ...] = (
        (Cause.OTHER_BODY, (TOTAL_PHOSPHORUS,), feed_class(values, other) == published),
        (Cause.ON_LIMIT, on_limit, bool(on_limit) and published == found.recomputed + 1),
        (Cause.ROUNDED, (), feed_class(rounded, body) == published),
        (Cause.OUT_OF_STEP, (), any(feed_class({**values, **each}, body) == published for each in beside)),
        (Cause.OUT_OF_ORDER, (), found.cause is Cause.UNEXPLAINED and not in_order),
        (Cause.NO_NEIGHBOUR, (), found.cause is Cause.UNEXPLAINED and gap),
    )
    for cause, suspects, holds in reasons:
        if holds:
            return found._replace(cause=cause, suspects=suspects)
    return found


def _beyond(code: str, value: Fraction, body: Body) -> int | None:
    """The class of a value a hair beyond the limit that it equals; None when it equals none."""
    table = limits(code, body)
    if table is None or table.direction is Direction.WITHIN or value not in table.bounds:
        return None
    return max(each for each, bound in enumerate(table.bounds, start=1) if bound == value) + 1


def _rounded(code: str, value: Fraction) -> Fraction:
    decimals = indicator(code).assessment_decimals
    return value if decimals is None else half_even(value, decimals)


def feed_class(values: Mapping[str, Fraction], body: Body) -> int:
    """The class as the feed makes it: the worst of the five indicators, unrounded."""
    return worst(class_of(code, values[code], body) for code in AUTOMATIC_STATION)


def _restored(code: str, values: Mapping[str, Fraction], body: Body, published: int) -> bool:
    mantissa = values[code]
    return 1 <= mantissa < 10 and feed_class({**values, code: mantissa / 1000}, body) == published
