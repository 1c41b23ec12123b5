"""GB 3838-2002 and the indicators of the monitoring files, read once from the data beside this module.

Indicator codes are those of HJ 525 / HJ 212. Where no such code is certain the code is our own and begins
with `x_`: 硝酸盐氮 and 亚硝酸盐氮 are among them because users of w21007 and w21006 disagree on whether the
ion or its nitrogen is meant, a factor of four.
"""

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

Body = Literal["river", "lake"]


def body_of(registered: str | None) -> Body:
    """The body of water by which a section is judged: what nobody has registered as a lake is a river."""
    return "lake" if registered == "lake" else "river"


TEMPERATURE, PH, DISSOLVED_OXYGEN = "w01010", "w01001", "w01009"
PERMANGANATE_INDEX, AMMONIA_NITROGEN, TOTAL_PHOSPHORUS, TOTAL_NITROGEN = (
    "w01019",
    "w21003",
    "w21011",
    "w21001",
)
FAECAL_COLIFORM, ANTIMONY = "w02003", "w20004"
# What the national automatic stations are classed by: the rest of the 21 they do not measure.
AUTOMATIC_STATION = (PH, DISSOLVED_OXYGEN, PERMANGANATE_INDEX, AMMONIA_NITROGEN, TOTAL_PHOSPHORUS)


class Direction(StrEnum):
    """Which side of a limit is the better one."""

    AT_MOST = "le"
    AT_LEAST = "ge"
    WITHIN = "range"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A monitored quantity (监测指标).

    `unit` is the unit in which values are kept and compared. `assessment_decimals` is None where a value is
    never rounded before it is compared, as for the metals of tables 2 and 3: three decimals of mg/L would
    erase antimony at 5.02 µg/L. `table` is the table of GB 3838-2002 it stands in, None for none. `assessed`
    marks the 21 that make the class of a section (环办〔2011〕22号).
    """

    code: str
    name: str
    aliases: tuple[str, ...]
    unit: str
    hourly_decimals: int | None
    assessment_decimals: int | None
    table: int | None
    assessed: bool
    code_is_own: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of table 1 for one indicator and body of water, class Ⅰ to Ⅴ, in the indicator's unit.

    For WITHIN the lower and upper bound are `bounds[0]` and `bounds[1]` and hold for every class.
    """

    direction: Direction
    bounds: tuple[Fraction, ...]

    def of_class(self, water_class: int) -> Fraction:
        """The limit of class 1..5; ValueError for 6, which has none, and for a two-sided limit."""
        if self.direction is Direction.WITHIN:
            raise ValueError("a two-sided limit is not one number")
        if not 1 <= water_class <= len(self.bounds):
            raise ValueError(f"no limit for class {water_class}")
        return self.bounds[water_class - 1]

    def admits(self, value: Fraction, water_class: int) -> bool:
        """Whether `value` meets the limit of class 1..5; a value equal to the limit does."""
        if self.direction is Direction.WITHIN:
            return self.bounds[0] <= value <= self.bounds[1]
        limit = self.of_class(water_class)
        return value <= limit if self.direction is Direction.AT_MOST else value >= limit

    def class_met(self, value: Fraction) -> int:
        """The best class 1..5 whose limit `value` meets, 6 (劣Ⅴ) when it meets none."""
        return next((each for each in range(1, 6) if self.admits(value, each)), 6)


def indicator(code: str) -> Indicator:
    """The indicator with this code; KeyError when there is none."""
    return indicators()[code]


def indicator_by_name(text: str) -> Indicator | None:
    """The indicator a file means by a column header or cell, or None.

    Understands codes, names, aliases, full-width forms and a unit or remark in brackets after the name, such
    as `溶解氧（mg/L）`; the unit itself is not looked at.
    """
    name = normalised(text)
    known = _by_name()
    return known.get(name) or known.get(name.partition("(")[0])


@cache
def indicators() -> Mapping[str, Indicator]:
    """All known indicators by code, in the order of the standard."""
    return MappingProxyType({row["code"]: _indicator(row) for row in _rows("indicators.csv")})


@cache
def assessed_codes() -> tuple[str, ...]:
    """The 21 indicators of 环办〔2011〕22号: table 1 without temperature, TN and faecal coliform."""
    return tuple(code for code, each in indicators().items() if each.assessed)


def limits(code: str, body: Body) -> Limits | None:
    """Limits per class of table 1, or None where it sets no number.

    None for water temperature (the standard limits its man-made change, not its value), for total nitrogen in
    rivers, and for everything outside table 1. Class Ⅰ of dissolved oxygen is also met at 90 % of saturation;
    see `classes.class_of`. KeyError for an unknown code.
    """
    indicator(code)
    table = _class_limits()
    return table.get((code, body)) or table.get((code, "any"))


def drinking_limit(code: str) -> Fraction | None:
    """The limit of a metal at a drinking-water source (GB 3838-2002 tables 2 and 3), mg/L, or None."""
    indicator(code)
    return _drinking_limits().get(code)


def normalised(text: str) -> str:
    """Text as names are compared: compatibility forms folded, no blanks, lower case, α as a."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("α", "a").replace("_", "")
    return "".join(folded.split())


def _indicator(row: Mapping[str, str]) -> Indicator:
    return Indicator(
        code=row["code"],
        name=row["name"],
        aliases=tuple(filter(None, row["aliases"].split("|"))),
        unit=row["unit"],
        hourly_decimals=_number(row["hourly_decimals"]),
        assessment_decimals=_number(row["assessment_decimals"]),
        table=_number(row["table"]),
        assessed=row["assessed"] == "yes",
        code_is_own=row["code_source"] == "own",
    )


@cache
def _by_name() -> Mapping[str, Indicator]:
    names: dict[str, Indicator] = {}
    for each in indicators().values():
        for name in (each.code, each.name, *each.aliases):
            if names.setdefault(normalised(name), each) is not each:
                raise ValueError(f"{name} names two indicators")
    return names


@cache
def _class_limits() -> Mapping[tuple[str, str], Limits]:
    return {(row["code"], row["body"]): _limits(row) for row in _rows("class_limits.csv")}


def _limits(row: Mapping[str, str]) -> Limits:
    direction = Direction(row["direction"])
    if direction is Direction.WITHIN:
        lower, upper = row["I"].split("~")
        return Limits(direction, (Fraction(lower), Fraction(upper)))
    return Limits(direction, tuple(Fraction(row[column]) for column in ("I", "II", "III", "IV", "V")))


@cache
def _drinking_limits() -> Mapping[str, Fraction]:
    return {row["code"]: Fraction(row["limit"]) for row in _rows("drinking_limits.csv")}


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("compensation.quality").joinpath("data", name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _number(text: str) -> int | None:
    return int(text) if text else None
