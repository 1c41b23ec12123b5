"""Readings to daily, monthly and annual values (日、月、年均值), by the route that the agreement names.

Validity comes first, the route second: a day with too few values, and a month with too few days, counts in no
route. Every mean is kept unrounded; `assessed` rounds the one that is compared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from compensation.quality.means import exact_sum, mean, ph_mean, ph_mean_counted
from compensation.quality.standard import PH, indicator
from compensation.rounding import half_even, terminating_decimals


class MonthRoute(StrEnum):
    """How a month's value comes from its readings."""

    READINGS = "readings"  # plain mean of all rows
    DAYS = "daily"  # mean of daily means


class YearRoute(StrEnum):
    """How a year's value comes from what it holds."""

    MONTHS = "months"
    DAYS = "days"
    READINGS = "readings"


class Route(NamedTuple):
    """The averaging route (计算路径): hour → day → month → year is daily, months."""

    month: MonthRoute = MonthRoute.DAYS
    year: YearRoute = YearRoute.MONTHS


HOUR_DAY_MONTH_YEAR = Route()


@dataclass(frozen=True, slots=True)
class ValidityRule:
    """How much data makes a valid value (数据有效性), parameters of the agreement.

    A day needs `day_share` of `expected_per_day` values, a month `days_per_month` valid days, a year
    `months_per_year` valid months. Monthly hand sampling is `ValidityRule(1, days_per_month=1)`.
    """

    expected_per_day: int
    day_share: Fraction = Fraction(3, 5)
    days_per_month: int = 20
    months_per_year: int = 8


class Sample(NamedTuple):
    """One value that counts, at one time: mantissa * 10**exponent in the indicator's unit.

    What does not count has been left out before, and a non-detect substituted.
    """

    time: datetime
    mantissa: int
    exponent: int


class PeriodValue(NamedTuple):
    """The value of an indicator over a period.

    `period` is 2026-07-09, 2026-07, 2026 or the label of a term. `value` is unrounded, None when nothing
    counts. `n` is the number of readings in it. When not `valid`, `why_not` says in Chinese what is missing;
    a value that is there nevertheless serves only 暂算.
    """

    indicator: str
    period: str
    value: Fraction | None
    n: int
    valid: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    pairs: tuple[tuple[int, int], ...]
    valid: bool


def sample(time: datetime, value: Fraction) -> Sample:
    """A sample from a fraction; ValueError when it has no terminating decimal."""
    decimals = terminating_decimals(value)
    return Sample(time, int(value * 10**decimals), -decimals)


def assessed(code: str, value: Fraction, rounded: bool) -> Fraction:
    """The number that is compared with a limit: as it is, or rounded per 统计技术规定 (先修约后评价)."""
    decimals = indicator(code).assessment_decimals
    return half_even(value, decimals, keep_one_digit=True) if rounded and decimals is not None else value


def daily(code: str, samples: Iterable[Sample], rule: ValidityRule | None = None) -> list[PeriodValue]:
    """One value for each day that has readings, in order. Without a rule every day is valid."""
    return [
        PeriodValue(code, str(day.day), _mean_of_pairs(code, day.pairs), len(day.pairs), *_judged_day(day, rule))
        for day in _days(samples, rule)
    ]


def monthly(
    code: str,
    samples: Iterable[Sample],
    route: Route = HOUR_DAY_MONTH_YEAR,
    rule: ValidityRule | None = None,
    months: Sequence[date] = (),
) -> list[PeriodValue]:
    """One value for each month that has readings or is asked for in `months`, in order.

    A month of `months` without readings is invalid with n = 0; months outside a given list are left out.
    """
    by_month = _by_month(_days(samples, rule))
    wanted = [str(month)[:7] for month in months] or sorted(by_month)
    return [_month(code, month, by_month.get(month, []), route, rule) for month in wanted]


def annual(
    code: str,
    samples: Iterable[Sample],
    label: str,
    route: Route = HOUR_DAY_MONTH_YEAR,
    rule: ValidityRule | None = None,
) -> PeriodValue:
    """The value of a year or any other term, of all samples given; only valid months count in any route."""
    by_month = _by_month(_days(samples, rule))
    months = [_month(code, month, days, route, rule) for month, days in sorted(by_month.items())]
    if route.year is YearRoute.MONTHS:
        return annual_of_months(code, months, label, rule)
    counted = [day for month in months if month.valid for day in by_month[month.period] if day.valid]
    as_month = MonthRoute.DAYS if route.year is YearRoute.DAYS else MonthRoute.READINGS
    value = _mean_of_days(code, counted, as_month)
    return PeriodValue(code, label, value, _count(counted), *_judged_year(months, rule))


def annual_of_months(
    code: str, months: Sequence[PeriodValue], label: str, rule: ValidityRule | None = None
) -> PeriodValue:
    """The mean of the valid months among monthly values already made."""
    counted = [month for month in months if month.valid and month.value is not None]
    value = _mean_of_values(code, [month.value for month in counted if month.value is not None])
    n = sum(month.n for month in counted)
    return PeriodValue(code, label, value, n, *_judged_year(months, rule))


def _days(samples: Iterable[Sample], rule: ValidityRule | None) -> Iterator[_Day]:
    by_day: defaultdict[date, list[tuple[int, int]]] = defaultdict(list)
    for time, mantissa, exponent in samples:
        by_day[time.date()].append((mantissa, exponent))
    for day, pairs in sorted(by_day.items()):
        yield _Day(day, tuple(pairs), rule is None or len(pairs) >= rule.day_share * rule.expected_per_day)


def _by_month(days: Iterable[_Day]) -> dict[str, list[_Day]]:
    months: defaultdict[str, list[_Day]] = defaultdict(list)
    for day in days:
        months[str(day.day)[:7]].append(day)
    return months


def _month(code: str, month: str, days: list[_Day], route: Route, rule: ValidityRule | None) -> PeriodValue:
    counted = [day for day in days if day.valid]
    value = _mean_of_days(code, counted, route.month)
    return PeriodValue(code, month, value, _count(counted), *_judged_month(days, counted, rule))


def _mean_of_days(code: str, days: Sequence[_Day], route: MonthRoute) -> Fraction | None:
    if not days:
        return None
    if route is MonthRoute.READINGS:
        return _mean_of_pairs(code, [pair for day in days for pair in day.pairs])
    return _mean_of_values(code, [_mean_of_pairs(code, day.pairs) for day in days])


def _mean_of_pairs(code: str, pairs: Sequence[tuple[int, int]]) -> Fraction:
    if code == PH:
        counts: Counter[Fraction] = Counter()
        for (mantissa, exponent), count in Counter(pairs).items():
            counts[mantissa * Fraction(10) ** exponent] += count
        return ph_mean_counted(counts)
    return exact_sum(pairs) / len(pairs)


def _mean_of_values(code: str, values: Sequence[Fraction]) -> Fraction | None:
    if not values:
        return None
    return ph_mean(values) if code == PH else mean(values)


def _count(days: Iterable[_Day]) -> int:
    return sum(len(day.pairs) for day in days)


def _judged_day(day: _Day, rule: ValidityRule | None) -> tuple[bool, str]:
    if rule is None or day.valid:
        return True, ""
    needed = -(-rule.day_share * rule.expected_per_day // 1)
    return False, f"当日有效值 {len(day.pairs)} 个，要求至少 {needed} 个"


def _judged_month(days: Sequence[_Day], counted: Sequence[_Day], rule: ValidityRule | None) -> tuple[bool, str]:
    if not days:
        return False, "当月无监测值"
    if rule is None or len(counted) >= rule.days_per_month:
        return True, ""
    return False, f"当月有效天数 {len(counted)} 天，要求至少 {rule.days_per_month} 天"


def _judged_year(months: Sequence[PeriodValue], rule: ValidityRule | None) -> tuple[bool, str]:
    valid = sum(month.valid for month in months)
    if not months:
        return False, "期间无监测值"
    if rule is None or valid >= rule.months_per_year:
        return True, ""
    return False, f"有效月数 {valid} 个，要求至少 {rule.months_per_year} 个"
