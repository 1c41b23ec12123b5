"""Times as integers: Beijing civil time counted from 1970-01-01 00:00, without an offset.

Three grains: minutes for when a sample was taken, seconds for the snapshot a file states of itself,
microseconds ("moments") for when this database learned or decided something.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_BEIJING_OFFSET = timedelta(hours=8)
MINUTES_PER_DAY = 1440


@lru_cache(maxsize=65536)
def minute_of(time: datetime) -> int:
    """Return the minute a civil time lies in; seconds are cut, as no station reports them."""
    return int((time - _EPOCH) // timedelta(minutes=1))


def time_of_minute(minute: int) -> datetime:
    """Return the civil time at which a minute begins."""
    return _EPOCH + timedelta(minutes=minute)


def day_of(day: date) -> int:
    """Return a date as the number of days since 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


def date_of_day(day: int) -> date:
    """Return the date of a day number."""
    return date.fromordinal(day + _EPOCH_ORDINAL)


@lru_cache(maxsize=65536)
def second_of(time: datetime) -> int:
    """Return a snapshot time in whole seconds."""
    return int((time - _EPOCH) // timedelta(seconds=1))


def time_of_second(second: int) -> datetime:
    """Return the civil time of a second."""
    return _EPOCH + timedelta(seconds=second)


def moment_of(time: datetime) -> int:
    """Return a civil time in microseconds."""
    return int((time - _EPOCH) // timedelta(microseconds=1))


def time_of_moment(moment: int) -> datetime:
    """Return the civil time of a moment."""
    return _EPOCH + timedelta(microseconds=moment)


def present() -> datetime:
    """Return the civil time in Beijing, wherever the machine stands."""
    return time_of_moment(now_moment())


def now_moment() -> int:
    """Return the present moment in Beijing, wherever the machine stands."""
    return moment_of(datetime.now(UTC).replace(tzinfo=None) + _BEIJING_OFFSET)


def today() -> date:
    """Return today's date in Beijing, wherever the machine stands."""
    return time_of_moment(now_moment()).date()
