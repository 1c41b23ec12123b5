"""A closed table of units. Between units of one kind only a power of ten ever lies, so a value keeps its digits."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

INVISIBLE: Mapping[int, None] = dict.fromkeys((0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF))
"""Characters that nobody sees: soft hyphen, joiners, marks of direction, byte order mark."""

_POWERS: tuple[Mapping[str, int], ...] = (
    {  # mass concentration, against mg/L
        "g/l": 3,
        "mg/l": 0,
        "g/m3": 0,
        "毫克/升": 0,
        "μg/l": -3,
        "ug/l": -3,
        "mg/m3": -3,
        "微克/升": -3,
        "ng/l": -6,
        "μg/m3": -6,
        "ug/m3": -6,
        "纳克/升": -6,
        "μg/ml": 0,
        "ug/ml": 0,
    },
    {  # counts per volume, against one per litre
        "cells/l": 0,
        "cell/l": 0,
        "个/l": 0,
        "个/升": 0,
        "mpn/l": 0,
        "cfu/l": 0,
        "cells/ml": 3,
        "个/ml": 3,
        "个/100ml": 1,
        "mpn/100ml": 1,
        "cfu/100ml": 1,
        "万个/l": 4,
        "万cells/l": 4,
    },
    {"℃": 0, "°c": 0, "摄氏度": 0},
    {"无量纲": 0, "无": 0, "ph单位": 0, "ph": 0, "-": 0, "/": 0, "1": 0},
    {"μs/cm": 0, "us/cm": 0, "ms/cm": 3, "ms/m": 1, "s/m": 4},
    {"ntu": 0},
    {"m": 0, "米": 0, "dm": -1, "cm": -2, "厘米": -2, "mm": -3},
    {"m3": 0, "立方米": 0, "方": 0, "万m3": 4, "万立方米": 4, "万方": 4, "亿m3": 8, "亿立方米": 8},
    {"m3/s": 0, "立方米/秒": 0, "m³/秒": 0},
    {"m3/d": 0, "m3/日": 0, "m3/天": 0, "立方米/日": 0, "万m3/d": 4, "万m3/日": 4, "万立方米/日": 4},
    {"元": 0, "人民币元": 0, "万元": 4, "亿元": 8},
)
_FOR_ALL = re.compile(r"(?:^|[\s(（,，;；、。注:：])单位(?:均?为|[:：])\s*(?P<unit>[^\s(（)）,，;；、。]+)")
_DIMENSION: Mapping[str, int] = {unit: number for number, units in enumerate(_POWERS) for unit in units}


def folded_unit(text: str) -> str:
    """A unit as this table spells it: `µg·L⁻¹` and `ＭＧ／Ｌ` become `μg/l` and `mg/l`."""
    plain = unicodedata.normalize("NFKC", text.translate(INVISIBLE)).lower()
    plain = "".join(plain.split()).replace("·", "").replace("−", "-").replace("°c", "℃")
    return plain.replace("l-1", "/l").replace("m-3", "/m3")


def is_unit(text: str) -> bool:
    """Whether the table knows this unit."""
    return folded_unit(text) in _DIMENSION


def is_dimension(text: str) -> bool:
    """Whether this unit measures something: - and / are units of what has none, and words for nothing as well."""
    return is_unit(text) and shift(text, "无量纲") is None


def said_for_all(texts: Iterable[str]) -> str | None:
    """The unit that a line beside a table says for all of it, as 单位：μg/L does; None where no line does.

    What follows the word may be an office as well: only what the table knows is a unit.
    """
    for text in texts:
        if (found := _FOR_ALL.search(text.translate(INVISIBLE))) and is_dimension(found["unit"]):
            return found["unit"]
    return None


def fitting(unit: str | None, target: str) -> str | None:
    """`unit`, said for all of a table, if it is one for what is measured in `target`."""
    return unit if unit and shift(unit, target) is not None else None


def shift(unit: str, target: str) -> int | None:
    """The power of ten from `unit` to `target`: value in target = value in unit * 10**shift.

    None when either is unknown or they measure different things: then nothing can be converted.
    """
    one, other = folded_unit(unit), folded_unit(target)
    dimension = _DIMENSION.get(one)
    if dimension is None or dimension != _DIMENSION.get(other):
        return None
    powers = _POWERS[dimension]
    return powers[one] - powers[other]
