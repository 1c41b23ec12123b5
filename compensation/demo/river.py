"""The made-up river of the demo year: what each section would measure, in whole numbers of the last decimal.

The levels are of the size the public feed shows for these waters. The episodes are put in on purpose, so that
every clause of the draft agreement has something to act on; each says which.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from compensation.demo.chance import Chance

TEMPERATURE, PH, OXYGEN, CONDUCTIVITY, TURBIDITY = "w01010", "w01001", "w01009", "w01014", "w01003"
PERMANGANATE, AMMONIA, PHOSPHORUS, NITROGEN = "w01019", "w21003", "w21011", "w21001"

DECIMALS = {
    TEMPERATURE: 1,
    PH: 2,
    OXYGEN: 2,
    CONDUCTIVITY: 1,
    TURBIDITY: 1,
    PERMANGANATE: 2,
    AMMONIA: 3,
    PHOSPHORUS: 3,
    NITROGEN: 2,
}
"""Decimals the feed prints; every level below is a whole number of that last decimal."""

HOURS = (0, 4, 8, 12, 16, 20)

_MID_MONTH_DAY = 16
# Noise about the level, in thousandths: of the day, and of the single reading.
_NOISE = {TEMPERATURE: (25, 6), PH: (8, 4), OXYGEN: (40, 20), PHOSPHORUS: (70, 50), AMMONIA: (110, 80)}
_OTHER_NOISE = (50, 35)
_BY_HOUR = {TEMPERATURE: (-12, -22, -10, 16, 24, 6), OXYGEN: (-35, -60, -10, 55, 70, -5)}

Months = tuple[int, int, int, int, int, int, int, int, int, int, int, int]


@dataclass(frozen=True)
class Episode:
    """Something that raises one indicator by `added` from one (month, day) to another, both included."""

    indicator: str
    first: tuple[int, int]
    last: tuple[int, int]
    added: int


@dataclass(frozen=True)
class River:
    """The water at one section: the level in the middle of each month, and the episodes."""

    section: str
    province: str
    levels: dict[str, Months]
    episodes: tuple[Episode, ...] = ()

    def level(self, indicator: str, day: date) -> int:
        """The undisturbed level of a day: between the middles of two months along a straight line."""
        months = self.levels[indicator]
        middle = date(day.year, day.month, _MID_MONTH_DAY)
        here = months[day.month - 1]
        if day >= middle:
            beyond, length = months[day.month % 12], monthrange(day.year, day.month)[1]
        else:
            beyond, length = months[day.month - 2], monthrange(day.year, (day.month - 2) % 12 + 1)[1]
        base = here + (beyond - here) * abs((day - middle).days) // length
        return base + sum(episode.added for episode in self.episodes if _touches(episode, indicator, day))

    def days(self, indicator: str, year: int, chance: Chance) -> Iterator[tuple[int, ...]]:
        """For each day of the year the values at `HOURS`, never below one unit of the last decimal."""
        of_day, of_reading = _NOISE.get(indicator, _OTHER_NOISE)
        by_hour = _BY_HOUR.get(indicator, (0,) * len(HOURS))
        drift = 0
        for day in days_of(year):
            # Weather lasts some days: three quarters of yesterday's departure stay.
            drift = (drift * 3 + (1 if drift < 0 else 0)) // 4 + chance.spread(of_day)
            level = self.level(indicator, day)
            yield tuple(max(1, level * (1000 + drift + shift + chance.spread(of_reading)) // 1000) for shift in by_hour)


def days_of(year: int) -> Iterator[date]:
    """Every day of the year."""
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def within(day: date, first: tuple[int, int], last: tuple[int, int]) -> bool:
    """Whether the day lies between two (month, day), both included."""
    return first <= (day.month, day.day) <= last


def _touches(episode: Episode, indicator: str, day: date) -> bool:
    return episode.indicator == indicator and within(day, episode.first, episode.last)


_WEATHER: dict[str, Months] = {
    TEMPERATURE: (58, 74, 118, 172, 225, 258, 298, 304, 264, 205, 143, 82),
    PH: (792, 795, 790, 785, 775, 760, 755, 758, 762, 770, 780, 788),
    OXYGEN: (1080, 1030, 940, 810, 690, 600, 545, 540, 590, 700, 850, 1010),
    CONDUCTIVITY: (5100, 5200, 5050, 4800, 4600, 4200, 3900, 3800, 4000, 4300, 4600, 4900),
    TURBIDITY: (520, 500, 540, 580, 610, 680, 720, 700, 640, 580, 540, 530),
    NITROGEN: (265, 280, 270, 240, 205, 180, 155, 140, 135, 150, 185, 230),
}

LAKE = River(
    "太浦闸下",
    "江苏省",
    _WEATHER
    | {
        PERMANGANATE: (372, 365, 360, 370, 385, 405, 430, 440, 425, 395, 380, 375),
        AMMONIA: (90, 110, 95, 75, 60, 55, 48, 45, 52, 60, 70, 82),
        PHOSPHORUS: (62, 60, 66, 70, 78, 86, 104, 112, 106, 88, 72, 65),
    },
    # A bloom in the lake: what passes the sluice in August is as bad as what the boundary measures (clause 4
    # does not charge it: the upstream correction).
    (Episode(PHOSPHORUS, (8, 2), (8, 30), 142),),
)

FENHU = River(
    "汾湖大桥(界标)",
    "上海市",
    _WEATHER
    | {
        PERMANGANATE: (632, 645, 668, 676, 640, 584, 566, 548, 578, 630, 664, 658),
        AMMONIA: (330, 360, 310, 240, 190, 160, 130, 120, 140, 180, 220, 290),
        PHOSPHORUS: (96, 94, 98, 102, 108, 112, 118, 120, 116, 108, 102, 98),
    },
    (
        # A spill of ammonia in the cold season lifts February past one and a half times the limit (clause 4).
        Episode(AMMONIA, (2, 5), (2, 24), 1820),
        Episode(PHOSPHORUS, (8, 3), (8, 30), 112),
    ),
)

BRIDGE = River(
    "太浦河桥",
    "上海市",
    _WEATHER
    | {
        PERMANGANATE: (352, 346, 350, 362, 372, 384, 396, 402, 388, 366, 356, 350),
        AMMONIA: (210, 230, 190, 150, 120, 100, 80, 75, 90, 110, 140, 180),
        PHOSPHORUS: (66, 64, 66, 70, 75, 80, 86, 90, 88, 80, 72, 68),
    },
    (
        # Backwater carries in other water: June would miss class III if the period stayed in (clause 5).
        Episode(AMMONIA, (6, 18), (6, 26), 3600),
        Episode(PHOSPHORUS, (9, 3), (9, 29), 152),
    ),
)

JINZE = River(
    "金泽取水口",
    "上海市",
    _WEATHER
    | {
        PERMANGANATE: (356, 352, 358, 376, 424, 436, 448, 456, 442, 418, 372, 360),
        AMMONIA: (150, 165, 140, 110, 90, 80, 65, 60, 70, 85, 105, 130),
        PHOSPHORUS: (60, 58, 61, 66, 72, 78, 84, 88, 86, 76, 68, 62),
    },
    # The same plume reaches the intake: class IV in September, so nothing is paid for that month's water.
    (Episode(PHOSPHORUS, (9, 2), (9, 29), 142),),
)

STATIONS = (LAKE, FENHU, BRIDGE, JINZE)
