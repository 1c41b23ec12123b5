"""Units with dimensions, so that adding mg/L to 万元 is an error and mg/L × m³ × 万元/t is money.

A unit is a scale over base dimensions: g (mass), m³ (volume), 元 (money), 类 (water-quality classes),
月, 天, 次 (counts that a tariff may be per). Ratios have no dimension.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

Dimensions = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as officials write it: `scale` of the base dimensions `dims`."""

    symbol: str
    scale: Fraction
    dims: Dimensions

    def __hash__(self) -> int:
        # equal units have equal symbols, and a text remembers its hash while a fraction does not
        return hash(self.symbol)

    def same_kind(self, other: "Unit") -> bool:
        """Whether amounts in the two units can be converted into each other."""
        return self.dims == other.dims

    def interchangeable(self, other: "Unit") -> bool:
        """Whether amounts in the two units can be added and compared as they stand."""
        return self is other or (self.dims == other.dims and self.scale == other.scale)

    def __mul__(self, other: "Unit") -> "Unit":
        return _combine(self, other, 1)

    def __truediv__(self, other: "Unit") -> "Unit":
        return _combine(self, other, -1)


class UnitError(TypeError):
    """Two quantities that cannot stand in one sum or comparison, or a unit that is not in the table."""


_BASE: dict[str, tuple[Fraction, Dimensions]] = {
    "": (Fraction(1), ()),
    "%": (Fraction(1, 100), ()),
    "个百分点": (Fraction(1, 100), ()),
    "元": (Fraction(1), (("元", 1),)),
    "分": (Fraction(1, 100), (("元", 1),)),
    "万元": (Fraction(10_000), (("元", 1),)),
    "亿元": (Fraction(100_000_000), (("元", 1),)),
    "m³": (Fraction(1), (("m³", 1),)),
    "万m³": (Fraction(10_000), (("m³", 1),)),
    "亿m³": (Fraction(100_000_000), (("m³", 1),)),
    "L": (Fraction(1, 1000), (("m³", 1),)),
    "ng": (Fraction(1, 10**9), (("g", 1),)),
    "μg": (Fraction(1, 10**6), (("g", 1),)),
    "mg": (Fraction(1, 1000), (("g", 1),)),
    "g": (Fraction(1), (("g", 1),)),
    "kg": (Fraction(1000), (("g", 1),)),
    "t": (Fraction(10**6), (("g", 1),)),
    "个": (Fraction(1), (("个", 1),)),
    "类": (Fraction(1), (("类", 1),)),
    "月": (Fraction(1), (("月", 1),)),
    "天": (Fraction(1), (("天", 1),)),
    "次": (Fraction(1), (("次", 1),)),
    "步": (Fraction(1), (("步", 1),)),
}
_SPELLINGS = {
    "吨": "t",
    "千克": "kg",
    "立方米": "m³",
    "万立方米": "万m³",
    "亿立方米": "亿m³",
    "m3": "m³",
    "万m3": "万m³",
    "亿m3": "亿m³",
    "ug": "μg",
    "µg": "μg",
    "级": "类",
    "类别": "类",
    "1": "",
    "无量纲": "",
}


def _merge(left: Dimensions, right: Dimensions, sign: int) -> Dimensions:
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


@cache
def _combine(left: Unit, right: Unit, sign: int) -> Unit:
    dims = _merge(left.dims, right.dims, sign)
    scale = left.scale * (right.scale if sign == 1 else 1 / right.scale)
    known = _KNOWN.get((scale, dims))
    if known is not None:
        return known
    if not right.dims and right.scale == 1:
        return left
    joint = "·" if sign == 1 else "/"
    return Unit(f"{left.symbol or '1'}{joint}{right.symbol or '1'}", scale, dims)


@cache
def unit(symbol: str) -> Unit:
    """The unit written `symbol`: one entry of the closed table, or a quotient of two such as 万元/t.

    Raises UnitError for anything else: an unknown unit is refused, never guessed.
    """
    parts = [_SPELLINGS.get(part.strip(), part.strip()) for part in symbol.split("/")]
    if len(parts) > 2 or any(part not in _BASE for part in parts):
        raise UnitError(f"未知的单位“{symbol}”")
    scale, dims = _BASE[parts[0]]
    if len(parts) == 2:
        below_scale, below_dims = _BASE[parts[1]]
        scale, dims = scale / below_scale, _merge(dims, below_dims, -1)
    return Unit("/".join(parts), scale, dims)


_COMMON = (
    "",
    "%",
    "元",
    "分",
    "万元",
    "亿元",
    "m³",
    "万m³",
    "亿m³",
    "g",
    "kg",
    "t",
    "类",
    "月",
    "天",
    "次",
    "步",
)
_COMMON_QUOTIENTS = ("mg/L", "μg/L", "元/m³", "万元/t", "元/t", "万元/类", "万元/月", "万元/步")
_KNOWN: dict[tuple[Fraction, Dimensions], Unit] = {}
for _symbol in _COMMON + _COMMON_QUOTIENTS:
    _unit = unit(_symbol)
    _KNOWN.setdefault((_unit.scale, _unit.dims), _unit)

RATIO = unit("")
YUAN = unit("元")
WAN_YUAN = unit("万元")
FEN = unit("分")
CUBIC_METRES = unit("m³")
TONNES = unit("t")
MG_PER_L = unit("mg/L")
CLASS = unit("类")
