"""The class that the public feed publishes, recomputed: an independent check of values that look sound.

The feed classes raw values by the worst of pH, DO, CODMn, NH3-N and TP. Where the recomputed class differs, whoever
stored the feed most often cut a small number written as 4E-3 to 4.
"""

from collections.abc import Mapping
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
)

# Of pH and dissolved oxygen a thousandth would be absurd, and would "explain" any row published as 劣Ⅴ.
_SMALL_NUMBERS = (PERMANGANATE_INDEX, AMMONIA_NITROGEN, TOTAL_PHOSPHORUS)


class Cause(StrEnum):
    """Why a recomputed class differs from the published one."""

    NONE = "一致"
    LOST_EXPONENT = "指数丢失"
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


def feed_class(values: Mapping[str, Fraction], body: Body) -> int:
    """The class as the feed makes it: the worst of the five indicators, unrounded."""
    return worst(class_of(code, values[code], body) for code in AUTOMATIC_STATION)


def _restored(code: str, values: Mapping[str, Fraction], body: Body, published: int) -> bool:
    mantissa = values[code]
    return 1 <= mantissa < 10 and feed_class({**values, code: mantissa / 1000}, body) == published
