"""Exports of the automatic stations, in the columns of the public feed and with its faults."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from compensation.demo.chance import Chance
from compensation.demo.river import (
    AMMONIA,
    CONDUCTIVITY,
    DECIMALS,
    HOURS,
    NITROGEN,
    OXYGEN,
    PERMANGANATE,
    PH,
    PHOSPHORUS,
    TEMPERATURE,
    TURBIDITY,
    River,
    days_of,
    within,
)
from compensation.quality.classes import class_name, class_of, worst

COLUMNS = {
    TEMPERATURE: "水温(℃)",
    PH: "pH(无量纲)",
    OXYGEN: "溶解氧(mg/L)",
    CONDUCTIVITY: "电导率(μS/cm)",
    TURBIDITY: "浊度(NTU)",
    PERMANGANATE: "高锰酸盐指数(mg/L)",
    AMMONIA: "氨氮(mg/L)",
    PHOSPHORUS: "总磷(mg/L)",
    NITROGEN: "总氮(mg/L)",
}
PLACE_HEADER = ("省份", "流域", "断面名称", "监测时间", "水质类别")
ALGAE_HEADER = ("叶绿素α(mg/L)", "藻密度(cells/L)")
BASIN = "太湖流域"
HEADER = (*PLACE_HEADER, *COLUMNS.values(), *ALGAE_HEADER, "站点情况")

_CLASSED = (PH, OXYGEN, PERMANGANATE, AMMONIA, PHOSPHORUS)
_ANALYSED = (PERMANGANATE, AMMONIA, PHOSPHORUS, NITROGEN)
_MISSING, _NO_INSTRUMENT = "--", "*"
_GARBAGE: dict[str, int | None] = {
    PH: 0,
    OXYGEN: 1999,
    PERMANGANATE: 0,
    AMMONIA: 0,
    PHOSPHORUS: 1450,
    NITROGEN: 0,
}


@dataclass(frozen=True)
class Faults:
    """What goes wrong at a station in the year, by (month, day); rates are one in so many, 0 for never."""

    maintenance: tuple[tuple[int, int], ...]
    stopped: tuple[tuple[int, int], tuple[int, int]] | None = None
    silent: tuple[tuple[int, int], tuple[int, int]] | None = None
    missing: int = 150
    repeated: int = 140
    revised: int = 0


@dataclass(frozen=True)
class Row:
    """One published row; values as whole numbers of the last decimal, None where `--` stands."""

    river: River
    time: datetime
    values: dict[str, int | None]
    status: str
    fetched: datetime

    @property
    def published_class(self) -> int | None:
        """Worst class 1..6 of the five classed indicators as published; None when one is missing."""
        if self.status != "正常" or any(self.values[code] is None for code in _CLASSED):
            return None
        return worst(class_of(code, self._exact(code), "river") for code in _CLASSED)

    @property
    def class_text(self) -> str:
        """The published class as a Roman numeral, empty when there is none."""
        published = self.published_class
        return class_name(published) if published else ""

    def _exact(self, code: str) -> Fraction:
        return Fraction(self.values[code] or 0, 10 ** DECIMALS[code])

    def texts(self) -> tuple[str, ...]:
        """The measured columns as the feed prints them."""
        return tuple(decimal_text(self.values[code], DECIMALS[code]) for code in COLUMNS)


def decimal_text(value: int | None, decimals: int) -> str:
    """A whole number of the last decimal, written out: 62 with 3 decimals is 0.062."""
    if value is None:
        return _MISSING
    whole, rest = divmod(value, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}" if decimals else str(whole)


def published_rows(river: River, faults: Faults, year: int, seed: int) -> list[Row]:
    """The year of a station in the order in which the rows were fetched, revisions and repeats included."""
    chance = Chance(seed, river.section, "faults")
    rows: list[Row] = []
    for row in _measured_rows(river, year, seed):
        day = row.time.date()
        if faults.silent and within(day, *faults.silent):
            continue
        rows.extend(_published(row, faults, chance))
    return sorted(rows, key=lambda row: row.fetched)


def _measured_rows(river: River, year: int, seed: int) -> Iterator[Row]:
    series = [river.days(code, year, Chance(seed, river.section, code)) for code in COLUMNS]
    for day, *by_code in zip(days_of(year), *series, strict=True):
        for slot, hour in enumerate(HOURS):
            time = datetime(day.year, day.month, day.day, hour)
            values: dict[str, int | None] = {code: values[slot] for code, values in zip(COLUMNS, by_code, strict=True)}
            yield Row(river, time, values, "正常", time + timedelta(hours=1, minutes=10))


def _published(row: Row, faults: Faults, chance: Chance) -> Iterator[Row]:
    day = row.time.date()
    if faults.stopped and within(day, *faults.stopped):
        yield _stopped(row, day, faults.stopped[0])
        return
    if (day.month, day.day) in faults.maintenance and row.time.hour in (8, 12):
        yield replace(row, values=row.values | _GARBAGE, status="维护")
        return
    values = dict(row.values)
    for code in _ANALYSED:
        if chance.one_in(faults.missing):
            values[code] = None
    row = replace(row, values=values)
    yield row
    if chance.one_in(faults.repeated):
        yield row
    if faults.revised and chance.one_in(faults.revised) and values[PHOSPHORUS] is not None:
        # The feed shows the earlier analysis first and puts it right some hours later.
        corrected = values | {PHOSPHORUS: (values[PHOSPHORUS] or 0) + 3}
        yield replace(row, values=corrected, fetched=row.fetched + timedelta(hours=26))


def _stopped(row: Row, day: date, first: tuple[int, int]) -> Row:
    silent: dict[str, int | None] = dict.fromkeys(COLUMNS)
    if (day.month, day.day) == first and row.time.hour == 0:
        silent |= {PHOSPHORUS: 1450}
    return replace(row, values=silent, status="停站")


def feed_cells(row: Row, time_text: str) -> tuple[str, ...]:
    """One row in the columns of `HEADER`, everything as text, the way the public feed is copied."""
    place = (row.river.province, BASIN, row.river.section, time_text, row.class_text)
    return (*place, *row.texts(), _NO_INSTRUMENT, _NO_INSTRUMENT, row.status)
