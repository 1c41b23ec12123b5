"""Water-quality classes (水质类别): of a value, of a section, by name, and what follows from them.

A class is an int: 1..5 for Ⅰ..Ⅴ and 6 for 劣Ⅴ. Sources: GB 3838-2002, 环办〔2011〕22号.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from compensation.quality.standard import (
    DISSOLVED_OXYGEN,
    Body,
    Direction,
    drinking_limit,
    limits,
    normalised,
)

WORSE_THAN_V = 6
SATURATION_OF_CLASS_I = Fraction(9, 10)

_NAMES = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ")
_SPELLINGS = (
    ("i", "1", "一"),
    ("ii", "2", "二"),
    ("iii", "3", "三"),
    ("iv", "4", "四"),
    ("v", "5", "五"),
    ("劣v", "6", "劣五", "劣5", ">v"),
)
_CLASS_OF_SPELLING = {text: number for number, texts in enumerate(_SPELLINGS, start=1) for text in texts}
_NOT_A_CLASS = {
    "": "缺失",
    "--": "缺失",
    "-": "缺失",
    "null": "缺失",
    "*": "该站不测",
    "-1": "未评价",
    "轻度黑臭": "黑臭水体分级，不是 GB 3838 的类别",
    "中度黑臭": "黑臭水体分级，不是 GB 3838 的类别",
    "重度黑臭": "黑臭水体分级，不是 GB 3838 的类别",
    "黑臭": "黑臭水体分级，不是 GB 3838 的类别",
}


class ParsedClass(NamedTuple):
    """What a cell says about the class.

    With `water_class` None, `note` says why in Chinese, and `known` whether we know that text at all.
    """

    water_class: int | None
    note: str
    known: bool


class Colour(NamedTuple):
    """A class colour: its name in 环办〔2011〕22号, and the RGB hex by which this software shows it."""

    name: str
    rgb: str


_COLOURS = (
    Colour("蓝色", "00B0F0"),
    Colour("蓝色", "00B0F0"),
    Colour("绿色", "00B050"),
    Colour("黄色", "FFFF00"),
    Colour("橙色", "FF9B00"),
    Colour("红色", "FF0000"),
)


def class_of(code: str, value: Fraction, body: Body, do_saturation: Fraction | None = None) -> int:
    """The class 1..6 of one value, in the indicator's unit; a value equal to a limit meets it.

    pH outside 6..9 meets no class and is 6. Dissolved oxygen is also class 1 at 90 % of saturation: applied
    only when `do_saturation` (0.9 is 90 %) is given, which the public feed does not. LookupError where
    table 1 sets no limit.
    """
    table = limits(code, body)
    if table is None:
        raise LookupError(f"GB 3838-2002 table 1 sets no class limit for {code} in a {body}")
    if code == DISSOLVED_OXYGEN and do_saturation is not None and do_saturation >= SATURATION_OF_CLASS_I:
        return 1
    return table.class_met(value)


def worst(classes: Iterable[int]) -> int:
    """The class of a section: its worst indicator (单因子评价); ValueError without any class."""
    return max(classes)


def exceedance_multiple(code: str, value: Fraction, target_class: int, body: Body) -> Fraction | None:
    """超标倍数 (C − S) / S against the limit of the target class 1..5; zero or less when it is met.

    None where the quotient has no meaning: water temperature, pH, dissolved oxygen, and indicators without a
    limit. A metal of tables 2 and 3 has one limit, which stands for every target class.
    """
    table = limits(code, body)
    if table is None:
        limit = drinking_limit(code)
    elif table.direction is Direction.AT_MOST:
        limit = table.of_class(target_class)
    else:
        limit = None
    return None if limit is None else (value - limit) / limit


def meets(code: str, value: Fraction, target_class: int, body: Body) -> bool:
    """Whether the value meets the target class: compliance (达标), DO and pH included."""
    return class_of(code, value, body) <= target_class


def compliance_rate(flags: Iterable[bool]) -> Fraction | None:
    """达标率: the share of periods that meet the target, 0..1; None when there is no period to judge."""
    judged = list(flags)
    return Fraction(sum(judged), len(judged)) if judged else None


def class_name(water_class: int) -> str:
    """Ⅰ Ⅱ Ⅲ Ⅳ Ⅴ 劣Ⅴ for 1..6; ValueError otherwise."""
    if not 1 <= water_class <= WORSE_THAN_V:
        raise ValueError(f"no water class {water_class}")
    return _NAMES[water_class - 1]


def parse_class(text: str) -> ParsedClass:
    """Read a class as files write it: Ⅱ, II, II类, Ⅱ类, 2, 2.0, 劣V, 劣Ⅴ类; or say why there is none.

    `known` is False for text that is neither a class nor a usual way of saying there is none.
    """
    plain = normalised(text).removesuffix(".0")
    spelling = plain.removesuffix("类")
    if spelling in _CLASS_OF_SPELLING:
        return ParsedClass(_CLASS_OF_SPELLING[spelling], "", known=True)
    if plain in _NOT_A_CLASS:
        return ParsedClass(None, _NOT_A_CLASS[plain], known=True)
    return ParsedClass(None, f"「{text}」不是水质类别", known=False)


def class_colour(water_class: int) -> Colour:
    """The colour of class 1..6 (环办〔2011〕22号): Ⅰ and Ⅱ blue, Ⅲ green, Ⅳ yellow, Ⅴ orange, 劣Ⅴ red."""
    class_name(water_class)
    return _COLOURS[water_class - 1]
