"""Working days (工作日) of the mainland: weekends, public holidays, and weekend days worked in exchange (调休).

The State Council publishes each year's arrangement late in the year before. A year without one is refused, never taken
as a year without holidays; a table of it can be imported.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from compensation.errors import Fault, InputError

_KINDS = {"放假": False, "上班": True}
HEADER = ("日期", "类别", "名称", "来源")


class Holiday(NamedTuple):
    """A day that is not what its day of the week says: off, or with `working` worked in exchange; and who said so."""

    day: date
    working: bool
    name: str
    source: str


@cache
def published() -> tuple[Holiday, ...]:
    """The days of the years whose official notices are known to this software, by day."""
    text = files("compensation.ledger").joinpath("data/holidays.csv").read_text(encoding="utf-8")
    return read_holidays("holidays.csv", enumerate(csv.reader(io.StringIO(text)), start=1))


def read_holidays(name: str, rows: Iterable[tuple[int, Sequence[str]]]) -> tuple[Holiday, ...]:
    """The days of a table with the columns 日期, 类别 (放假 / 上班), 名称, 来源; InputError with every faulty row."""
    rows = iter(rows)
    head = tuple(cell.strip() for cell in next(rows, (1, ()))[1])
    if head != HEADER:
        raise InputError(Fault(f"《{name}》", "表头不对", f"须为 {'、'.join(HEADER)}", "更正表头后重新导入"))
    found: dict[date, Holiday] = {}
    faults = []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        holiday, why = _holiday([cell.strip() for cell in cells])
        if holiday is None or holiday.day in found:
            why = why or "同一天写了两次"
            faults.append(Fault(f"《{name}》第 {number} 行", "不能采用", why, "更正后重新导入"))
        else:
            found[holiday.day] = holiday
    if not found and not faults:
        faults.append(Fault(f"《{name}》", "没有任何一天", "表是空的", "填写后重新导入"))
    if faults:
        raise InputError(faults)
    return tuple(sorted(found.values()))


def _holiday(cells: list[str]) -> tuple[Holiday | None, str]:
    if len(cells) != len(HEADER) or not all(cells):
        return None, f"须写明 {'、'.join(HEADER)}"
    day, kind, name, source = cells
    try:
        when = date.fromisoformat(day.removesuffix(" 00:00:00"))
    except ValueError:
        return None, f"日期“{day}”须写成 2027-02-06 的形式"
    if kind not in _KINDS:
        return None, f"类别“{kind}”须为 {'或'.join(_KINDS)}"
    working = _KINDS[kind]
    if working and when.weekday() < 5:
        return None, f"{when} 不是周末，不会是调休上班日"
    return Holiday(when, working, name, source), ""


class Calendar:
    """The working days of the years whose arrangement is known."""

    def __init__(self, holidays: Iterable[Holiday]) -> None:
        """Take the days that differ from their day of the week; a year without any is an unknown one."""
        self.holidays = tuple(sorted(holidays))
        self._days: Mapping[date, Holiday] = {each.day: each for each in self.holidays}
        self.years = frozenset(day.year for day in self._days)

    def works(self, day: date) -> bool:
        """Whether people work on `day`; InputError when the arrangement of its year is not known."""
        if day.year not in self.years:
            raise InputError(
                Fault(
                    f"{day.year} 年工作日",
                    "没有这一年的放假安排",
                    "异议期限按工作日计，节假日和调休以国务院办公厅当年通知为准，不能推测",
                    "通知公布后填成表（日期、类别、名称、来源），用 compensation holidays import 文件 导入",
                )
            )
        holiday = self._days.get(day)
        return day.weekday() < 5 if holiday is None else holiday.working

    def after(self, day: date, count: int) -> date:
        """The day on which the `count`-th working day after `day` falls; `day` itself does not count."""
        while count > 0:
            day += timedelta(1)
            count -= self.works(day)
        return day
