"""Times as files write them: stamps, serials, dates and clocks in separate columns, stamps without a year."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from compensation.monitoring.values import Problem, half_width

_CLOCK = r"(?P<hour>\d{1,2})\s*[:时点]\s*(?:(?P<minute>\d{1,2})\s*分?)?(?:\s*:?\s*(?P<second>\d{1,2})(?:\.0+)?\s*秒?)?"
_FULL = re.compile(
    rf"(?P<year>\d{{4}})\s*[-/.年]\s*(?P<month>\d{{1,2}})(?:\s*[-/.月]\s*(?P<day>\d{{1,2}})\s*日?|\s*月)?"
    rf"(?:[\sT]*{_CLOCK})?",
    re.ASCII,
)
_NO_YEAR = re.compile(rf"(?P<month>\d{{1,2}})\s*[-/月]\s*(?P<day>\d{{1,2}})\s*日?(?:[\sT]*{_CLOCK})?", re.ASCII)
_CLOCK_ONLY = re.compile(_CLOCK, re.ASCII)
_COMPACT = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?:(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?)?", re.ASCII
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_DAY_FRACTION = re.compile(r"0?\.\d+|0", re.ASCII)
_CLOCK_DIGITS = re.compile(r"\d{3,4}", re.ASCII)
_RANGE = re.compile(r"[~至到]|\d\s*[—–]+\s*\d|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\s*-\s*\d")
_MONTHS = 12
_MONTH_WORDS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_MONTH_WORD = re.compile(rf"({'|'.join(reversed(_MONTH_WORDS))})月份?")
_MONTH_NAMES = (
    re.compile(r"(?P<year>20\d\d)\s*[-/.年]\s*(?P<month>\d{1,2})\s*(?:月份?)?", re.ASCII),
    re.compile(r"(?P<year>20\d\d)(?P<month>\d\d)", re.ASCII),
    re.compile(r"(?P<year>)(?P<month>\d{1,2})\s*月份?", re.ASCII),
)
_NOTHING = frozenset({"", "-", "--", "—", "/", "*", "null", "none", "nan", "n/a"})
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000  # 1954 to 2119; other five-digit numbers are not dates
_FIRST_YEAR, _LAST_YEAR = 1950, 2200
_EPOCH = datetime(1899, 12, 30)
_FARTHEST = timedelta(days=180)

YEAR_FIX = "在表中加“年份”列、在文件名中写明四位年份，或用导入选项 --year 指定"


class Stamp(NamedTuple):
    """A time as far as the text says: any part may be missing."""

    year: int | None
    month: int
    day: int | None
    hour: int | None
    minute: int
    second: int


class Moment(NamedTuple):
    """What a row's time columns come to: a time, when it was known, or why not; all None when nothing is written."""

    time: datetime | None
    known_at: datetime | None
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class TimeColumns:
    """Which element of a row's time texts holds what; None where the table has no such column."""

    stamp: int | None = None
    clock: int | None = None
    year: int | None = None
    month: int | None = None
    day: int | None = None
    snapshot: int | None = None


class TimeTable(dict[tuple[str, ...], Moment]):
    """Moments by the texts of a row's time columns, each combination worked out once.

    `default_year` serves stamps without a year when neither a year column nor a snapshot gives one; `default_month`,
    as a sheet's name says it, a table in which no column says the month. A later year than that of `now` is refused.
    """

    def __init__(
        self,
        columns: TimeColumns,
        default_year: int | None,
        *,
        serials: bool = True,
        default_month: int | None = None,
        now: datetime | None = None,
    ) -> None:
        super().__init__()
        self._now = now
        self._columns = columns
        self._default_year = default_year
        self._default_month = default_month
        self._serials = serials

    def __missing__(self, texts: tuple[str, ...]) -> Moment:
        moment = self._resolve(texts)
        self[texts] = moment
        return moment

    def _text(self, texts: tuple[str, ...], index: int | None) -> str:
        if index is None:
            return ""
        plain = half_width(texts[index])
        return "" if plain.lower() in _NOTHING else plain

    def _resolve(self, texts: tuple[str, ...]) -> Moment:
        columns = self._columns
        known_at = self._snapshot(self._text(texts, columns.snapshot))
        if isinstance(known_at, Problem):
            return Moment(None, None, known_at)
        stamp = self._stamp(texts)
        if stamp is None or isinstance(stamp, Problem):
            return Moment(None, known_at, stamp)
        time = self._dated(stamp, texts, known_at)
        if isinstance(time, datetime):
            time = too_late(time.year, self._now) or time
        if isinstance(time, Problem):
            return Moment(None, known_at, time)
        return Moment(time, known_at, None)

    def _stamp(self, texts: tuple[str, ...]) -> Stamp | Problem | None:
        columns = self._columns
        written = self._text(texts, columns.stamp)
        if written:
            stamp = parse_stamp(written, serials=self._serials)
            if isinstance(stamp, Problem):
                return stamp
        else:
            from_parts = self._from_parts(texts)
            if from_parts is None or isinstance(from_parts, Problem):
                return from_parts
            stamp = from_parts
        clock_text = self._text(texts, columns.clock)
        if not clock_text:
            return stamp
        clock = parse_clock(clock_text)
        if isinstance(clock, Problem):
            return clock
        return stamp._replace(hour=clock[0], minute=clock[1], second=clock[2])

    def _from_parts(self, texts: tuple[str, ...]) -> Stamp | Problem | None:
        columns = self._columns
        if columns.month is None and self._default_month is not None:
            month_text = str(self._default_month)
        else:
            month_text = self._text(texts, columns.month).removesuffix("月")
        day_text = self._text(texts, columns.day).removesuffix("日")
        if not month_text:
            return None
        if full := _FULL.fullmatch(month_text):
            return _stamp_of(full)
        if not month_text.isdecimal() or (day_text and not day_text.isdecimal()):
            return Problem(f"月份“{month_text}”或日期“{day_text}”不是数字", "月份填 1 至 12")
        return Stamp(None, int(month_text), int(day_text) if day_text else None, None, 0, 0)

    def _dated(self, stamp: Stamp, texts: tuple[str, ...], known_at: datetime | None) -> datetime | Problem:
        year_text = self._text(texts, self._columns.year).removesuffix("年")
        if year_text and not (year_text.isdecimal() and len(year_text) == 4):
            return Problem(f"年份“{year_text}”不是四位数字", "改填四位年份，如 2026")
        if stamp.year is not None:
            if year_text and int(year_text) != stamp.year:
                return Problem(f"年份列为{year_text}，时间却写{stamp.year}年", "核对年份")
            return _moment(stamp.year, stamp)
        year = int(year_text) if year_text else None
        if year is None and known_at is not None:
            return _nearest_before(stamp, known_at)
        year = year or self._default_year
        if year is not None:
            return _moment(year, stamp)
        return Problem("时间没有年份", YEAR_FIX)

    @staticmethod
    def _snapshot(text: str) -> datetime | Problem | None:
        if not text:
            return None
        name = re.sub(r"\.[A-Za-z]+$", "", text)
        stamp = parse_stamp(name)
        if isinstance(stamp, Problem) or stamp.year is None:
            return Problem(f"抓取时间“{text}”看不懂", "写成 2026-07-08 04:47:25 的形式")
        return _moment(stamp.year, stamp)


def too_late(year: int, now: datetime | None) -> Problem | None:
    """What has not been measured yet: of a later year than now. A day is left for clocks that run apart.

    Later in this year is not refused: forms and made-up years are filled in ahead, and what is not refused is told.
    """
    if now is None or year <= (now + timedelta(days=1)).year:
        return None
    return Problem(
        f"年份{year}还没有到（导入之日为{now:%Y-%m-%d}）",
        "核对年份；编来试演的数据加上 --made-up；本机日期不对的，先校准再导入",
    )


def parse_stamp(text: str, *, serials: bool = True) -> Stamp | Problem:
    """A stamp from text such as 2026-07-09 22:00, 7月9日 22时, 20260709 or a spreadsheet's day number."""
    plain = half_width(text)
    for pattern in (_FULL, _NO_YEAR, _COMPACT):
        if found := pattern.fullmatch(plain):
            return _stamp_of(found)
    if _SERIAL.fullmatch(plain) and _FIRST_SERIAL <= int(plain[:5]) <= _LAST_SERIAL:
        if not serials:
            return Problem("日期是序号，而本工作簿使用1904日期系统", "把该列设为日期格式后保存")
        return _from_serial(Fraction(plain))
    if _RANGE.search(plain):
        return Problem("是一段时间，不是一个时刻", "拆成逐次采样的记录，或填写采样起始时间")
    return Problem("看不懂的时间", "写成 2026-07-09 22:00 的形式")


def parse_clock(text: str) -> tuple[int, int, int] | Problem:
    """Hour, minute and second from 14:34, 7：50, 10时25分, 1025 or a fraction of a day."""
    plain = half_width(text)
    if found := _CLOCK_ONLY.fullmatch(plain):
        hour, minute, second = int(found["hour"]), int(found["minute"] or 0), int(found["second"] or 0)
    elif _CLOCK_DIGITS.fullmatch(plain):
        hour, minute, second = int(plain[:-2]), int(plain[-2:]), 0
    elif _DAY_FRACTION.fullmatch(plain):
        minute, second = divmod(round(Fraction(plain) * 86_400), 60)
        hour, minute = divmod(minute, 60)
    elif _RANGE.search(plain):
        return Problem("是一段时间，不是一个时刻", "填写采样起始时刻")
    else:
        return Problem("看不懂的时刻", "写成 14:34 的形式")
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute + second > 0):
        return Problem("不存在的时刻", "核对时和分")
    return hour, minute, second


def month_in_name(name: str) -> tuple[int | None, int] | None:
    """The year, where it is there, and the month that a name is: 1月, 一月份, 2026年1月, 2026-01; None for others."""
    plain = half_width(name)
    if word := _MONTH_WORD.fullmatch(plain):
        return None, _MONTH_WORDS.index(word[1]) + 1
    found = next(filter(None, (pattern.fullmatch(plain) for pattern in _MONTH_NAMES)), None)
    if found is None or not 1 <= int(found["month"]) <= _MONTHS:
        return None
    return (int(found["year"]) if found["year"] else None), int(found["month"])


def year_in_name(name: str) -> int | None:
    """The one year a file name states, None when it states none or several."""
    years = {found[:4] for found in re.findall(r"(?<!\d)20\d\d(?:(?:[01]\d)(?:[0-3]\d)?)?(?!\d)", name)}
    return int(years.pop()) if len(years) == 1 else None


def _stamp_of(found: re.Match[str]) -> Stamp:
    parts = found.groupdict()

    def part(name: str) -> int | None:
        return int(parts[name]) if parts.get(name) else None

    return Stamp(part("year"), int(parts["month"]), part("day"), part("hour"), part("minute") or 0, part("second") or 0)


def _from_serial(serial: Fraction) -> Stamp:
    time = _EPOCH + timedelta(seconds=round(serial * 86_400))
    return Stamp(time.year, time.month, time.day, time.hour, time.minute, time.second)


def _moment(year: int, stamp: Stamp) -> datetime | Problem:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return Problem(f"年份{year}不合常理", "核对年份")
    hour = stamp.hour or 0
    next_day = hour == 24 and stamp.minute == stamp.second == 0
    try:
        time = datetime(year, stamp.month, stamp.day or 1, 0 if next_day else hour, stamp.minute, stamp.second)
    except ValueError:
        return Problem("不存在的日期或时刻", "核对年、月、日和时刻")
    # 24:00 is how Chinese reports write the end of a day.
    return time + timedelta(days=1) if next_day else time


def _nearest_before(stamp: Stamp, known_at: datetime) -> datetime | Problem:
    """The year in which the stamp lies last before it was known: a December reading fetched in January."""
    for year in (known_at.year, known_at.year - 1):
        time = _moment(year, stamp)
        if isinstance(time, datetime) and time <= known_at:
            if known_at - time > _FARTHEST:
                return Problem("时间与抓取时间相差半年以上，无法确定年份", YEAR_FIX)
            return time
    return Problem("时间在抓取时间之前不存在", "核对时间与抓取时间")
