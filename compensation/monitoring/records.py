"""What a monitoring file holds once it has been read: readings, other evidence, and what was refused.

Times are Beijing civil time without an offset, as the feed and the laboratory sheets give them.
"""

from datetime import date, datetime
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

from compensation.quality.doubt import Flag


class State(IntEnum):
    """What the cell says about the value."""

    VALUE = 0
    BELOW_LIMIT = 1  # 未检出: mantissa/exponent hold the detection limit
    MISSING = 2  # empty, --, NULL
    NOT_MEASURED_HERE = 3  # *: the station has no such instrument
    NOT_MONITORED = 4  # -1 in a hand-sampling sheet: not monitored this time


class Status(IntEnum):
    """站点情况: what the station said of itself when it reported."""

    UNSTATED = 0
    NORMAL = 1  # 正常
    MAINTENANCE = 2  # 维护
    STOPPED = 3  # 停站
    NOT_READY = 4  # 不具备运行条件


class Method(IntEnum):
    """How the sample was taken."""

    AUTOMATIC = 1  # 自动站
    MANUAL = 2  # 人工采样


class SectionName(NamedTuple):
    """A section as a file names it; resolved to a registry code when the file is taken in."""

    name: str
    province: str | None  # 6-digit GB/T 2260 code, None when the file does not say


class Reading(NamedTuple):
    """One indicator's value at one section at one time, as reported.

    The value is `mantissa * 10**exponent`, exact, at most 18 digits; mantissa is None when the state has no number.
    `raw` is the cell's text, untouched. `known_at` is the snapshot time the file itself states, if any.
    """

    section: SectionName
    indicator: str  # HJ 212 / HJ 525 code, or "class" for the class the feed publishes (1..6)
    time: datetime
    method: Method
    state: State
    mantissa: int | None
    exponent: int
    status: Status
    raw: str
    known_at: datetime | None
    sheet: str
    row: int  # 1-based row of the file
    column: int  # 1-based column of the file


class Marked(NamedTuple):
    """A value that its file marks by a colour, and the flag that stands for it."""

    reading: Reading
    colour: str  # 红, 绿 ...
    flag: Flag
    remark: str  # what the file says of its colours, empty when it says nothing


class IntakeVolume(NamedTuple):
    """Water taken at an intake in a month (取水量), m³, exact."""

    section: SectionName
    month: date  # first day of the month
    volume_m3: Fraction
    document: str
    sheet: str
    row: int


class Flow(NamedTuple):
    """Water that passed a section (断面水量、闸泄量) from the first to the last day, both included, m³, exact."""

    section: SectionName
    first_day: date
    last_day: date
    volume_m3: Fraction
    document: str
    sheet: str
    row: int


class Incident(NamedTuple):
    """A pollution incident (突发事件) with the verified emergency cost in 元 and who bears and bore it.

    `responsibility` is (party short name or code, share) pairs summing to 1; `cost_bearer` is who paid in the
    emergency.
    """

    number: str
    day: date
    section: SectionName
    indicator: str | None
    concentration_mg_per_l: Fraction | None
    cost_yuan: Fraction
    responsibility: tuple[tuple[str, Fraction], ...]
    cost_bearer: str
    document: str
    sheet: str
    row: int


class Exemption(NamedTuple):
    """A period taken out of the account (免责), both days included, by the document that recognises it."""

    section: SectionName
    first_day: date
    last_day: date
    reason: str  # 洪水 / 干旱 / 顶托回流 / 工程 / other words as given
    document: str
    sheet: str
    row: int


class InKind(NamedTuple):
    """A technology, talent or industry contribution (多元化补偿) at the jointly agreed value in 元."""

    year: int
    contributor: str  # party short name or code
    receiver: str
    kind: str  # technology / talent / industry
    description: str
    value_yuan: Fraction
    document: str
    sheet: str
    row: int


class Rejected(NamedTuple):
    """A row refused for a fault, as it stands: what the quarantine keeps, so that it can be corrected and come back."""

    sheet: str
    row: int
    cells: tuple[str, ...]
    colours: tuple[tuple[int, str], ...] = ()  # what its cells wear, by column from 1
    remark: str = ""  # what the file says of its colours


NOTHING_TO_DO = "无须处理"
"""The advice for a row that is rightly left out."""


class Refused(NamedTuple):
    """A row that was not taken, whole, with its place and the reason. `blocking` ones are faults to mend in the file.

    A row with several faults has one of these for each.
    """

    sheet: str
    row: int
    column: int | None
    text: str  # the row or cell as text
    reason: str
    fix: str
    blocking: bool
