"""The options that say which period a command is about, alike for every command that settles."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

import click

from compensation.errors import Fault, InputError

DAY = click.DateTime(formats=["%Y-%m-%d"])
Command = TypeVar("Command", bound=Callable[..., Any])


def period_options(command: Command) -> Command:
    """The options that say which period is meant, alike for every command that settles."""
    for option in (
        click.option("--provisional", is_flag=True, help="暂算：缺的月份不计，并注明。"),
        click.option("--backtest", is_flag=True, help="回测：允许协议期限以外的日期，参数取协议首日的值。"),
        click.option("--to", "last", type=DAY, metavar="日期", help="期间止日（含）。"),
        click.option("--from", "first", type=DAY, metavar="日期", help="期间起日（含），代替年度。"),
    ):
        command = option(command)
    return command


def span_of(year: int | None, first: datetime | None, last: datetime | None) -> tuple[date, date]:
    """The first and last day that a year, or --from and --to, name; InputError when they do not name a period."""
    if year is not None and first is None and last is None:
        return date(year, 1, 1), date(year, 12, 31)
    if year is None and first is not None and last is not None:
        return first.date(), last.date()
    why = "要么给出年度，要么同时给出 --from 和 --to"
    raise InputError(Fault("结算期间", "期间没有说清", why, "如 compensation settle 2026"))


def end_of(moment: datetime) -> datetime:
    """The moment as it is; of a day alone its last microsecond."""
    return moment if moment.time() != time() else moment + timedelta(days=1, microseconds=-1)


YEAR = click.option("--year", type=click.IntRange(1900, 2200), metavar="年度", help="年度。")
