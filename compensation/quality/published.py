"""The class that the public feed publishes, recomputed: an independent check of values that look sound.

The feed classes raw values by the worst of pH, DO, CODMn, NH3-N and TP. Where the recomputed class differs, whoever
stored the feed most often cut a small number written as 4E-3 to 4.
"""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from compensation.quality.classes import class_of, worst
from compensation.quality.standard import AUTOMATIC_STATION, Body

# Writers of 4E-3 turn to exponents below one hundredth; a mantissa has one digit before the point.
_LOST_EXPONENTS = (3, 4, 5, 6)


class Cause(StrEnum):
    """Why a recomputed class differs from the published one."""

    NONE = "一致"
    LOST_EXPONENT = "指数丢失"
    UNEXPLAINED = "未查明"


class ClassCheck(NamedTuple):
    """The published and the recomputed class 1..6, the cause of a difference, and the indicators under suspicion.

    A suspect is an indicator whose value, divided by a power of ten, would alone make the classes agree.
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
    suspects = tuple(code for code in AUTOMATIC_STATION if _restored(code, values, body, published))
    return ClassCheck(published, recomputed, Cause.LOST_EXPONENT if suspects else Cause.UNEXPLAINED, suspects)


def feed_class(values: Mapping[str, Fraction], body: Body) -> int:
    """The class as the feed makes it: the worst of the five indicators, unrounded."""
    return worst(class_of(code, values[code], body) for code in AUTOMATIC_STATION)


def _restored(code: str, values: Mapping[str, Fraction], body: Body, published: int) -> bool:
    if not 1 <= values[code] < 10:
        return False
    return any(feed_class({**values, code: values[code] / 10**lost}, body) == published for lost in _LOST_EXPONENTS)
