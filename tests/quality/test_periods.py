from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.quality.means import ph_mean
from compensation.quality.periods import (
    MonthRoute,
    PeriodValue,
    Route,
    Sample,
    ValidityRule,
    YearRoute,
    annual,
    annual_of_months,
    assessed,
    daily,
    monthly,
    sample,
)

PHOSPHORUS, PH = "w21011", "w01001"
READINGS = Route(MonthRoute.READINGS, YearRoute.READINGS)


def at(day: str, hour: int, value: str) -> Sample:
    return sample(datetime.fromisoformat(f"{day} {hour:02}:00"), Fraction(value))


def full_days(first: str, count: int, value: str, per_day: int = 4) -> list[Sample]:
    start = date.fromisoformat(first)
    return [
        at(str(start + timedelta(days=day)), hour * 24 // per_day, value)
        for day in range(count)
        for hour in range(per_day)
    ]


UNEVEN = [at("2026-07-01", 0, "1"), at("2026-07-02", 0, "4"), at("2026-07-02", 4, "4"), at("2026-07-02", 8, "4")]


def test_a_sample_keeps_its_value_exactly() -> None:
    assert sample(datetime(2026, 7, 1), Fraction("0.0125"))[1:] == (125, -4)
    assert sample(datetime(2026, 7, 1), Fraction(1200))[1:] == (1200, 0)
    with pytest.raises(ValueError, match="terminating"):
        sample(datetime(2026, 7, 1), Fraction(1, 3))


def test_the_routes_of_a_month_differ_when_rows_are_not_evenly_spaced() -> None:
    values = {route: monthly(PHOSPHORUS, UNEVEN, Route(route))[0].value for route in MonthRoute}
    assert values == {MonthRoute.READINGS: Fraction(13, 4), MonthRoute.DAYS: Fraction(5, 2)}


def test_the_routes_of_a_year_differ_too() -> None:
    samples = [*UNEVEN, at("2026-08-01", 0, "10")]
    values = {route: annual(PHOSPHORUS, samples, "2026", Route(MonthRoute.DAYS, route)).value for route in YearRoute}
    assert values == {
        YearRoute.MONTHS: (Fraction(5, 2) + 10) / 2,
        YearRoute.DAYS: Fraction(1 + 4 + 10, 3),
        YearRoute.READINGS: Fraction(13 + 10, 5),
    }


def test_daily_values_in_order_whatever_the_order_of_rows() -> None:
    expected = [
        PeriodValue(PHOSPHORUS, "2026-07-01", Fraction(1), 1, True, ""),
        PeriodValue(PHOSPHORUS, "2026-07-02", Fraction(4), 3, True, ""),
    ]
    assert daily(PHOSPHORUS, UNEVEN) == daily(PHOSPHORUS, reversed(UNEVEN)) == expected


def test_ph_goes_through_the_hydrogen_ion_at_every_step() -> None:
    samples = [at("2026-07-01", 0, "6"), at("2026-07-01", 4, "8.25"), at("2026-07-02", 0, "9")]
    by_rows = monthly(PH, samples, READINGS)[0].value
    by_days = monthly(PH, samples)[0].value
    assert by_rows == ph_mean([Fraction(6), Fraction("8.25"), Fraction(9)])
    assert by_days == ph_mean([ph_mean([Fraction(6), Fraction("8.25")]), Fraction(9)])


def test_a_day_is_valid_at_three_fifths_of_the_expected_values() -> None:
    rule = ValidityRule(expected_per_day=6)
    enough, few = (daily(PHOSPHORUS, full_days("2026-07-01", 1, "0.1", n), rule)[0] for n in (4, 3))
    assert (enough.valid, enough.why_not) == (True, "")
    assert (few.valid, few.why_not) == (False, "当日有效值 3 个，要求至少 4 个")
    assert few.value == Fraction("0.1")
    assert daily(PHOSPHORUS, full_days("2026-07-01", 1, "0.1", 3), ValidityRule(expected_per_day=5))[0].valid


@pytest.mark.parametrize("route", [Route(), READINGS])
def test_validity_comes_before_the_route(route: Route) -> None:
    rule = ValidityRule(expected_per_day=6, days_per_month=20)
    too_few = full_days("2026-07-21", 1, "9", per_day=3)
    month = monthly(PHOSPHORUS, [*full_days("2026-07-01", 20, "0.1"), *too_few], route, rule)[0]
    assert (month.value, month.n, month.valid) == (Fraction("0.1"), 80, True)
    month = monthly(PHOSPHORUS, [*full_days("2026-07-01", 19, "0.1"), *too_few], route, rule)[0]
    assert (month.value, month.n, month.valid) == (Fraction("0.1"), 76, False)
    assert month.why_not == "当月有效天数 19 天，要求至少 20 天"


def test_a_month_asked_for_without_readings_is_there_and_says_so() -> None:
    august, july = monthly(PHOSPHORUS, UNEVEN, months=[date(2026, 8, 1), date(2026, 7, 1)])
    assert august == PeriodValue(PHOSPHORUS, "2026-08", None, 0, False, "当月无监测值")
    assert july.period == "2026-07" and july.valid


def test_a_month_whose_days_are_all_too_short_has_no_value() -> None:
    month = monthly(PHOSPHORUS, UNEVEN, rule=ValidityRule(expected_per_day=6))[0]
    assert (month.value, month.n, month.why_not) == (None, 0, "当月有效天数 0 天，要求至少 20 天")


@pytest.mark.parametrize("year_route", YearRoute)
def test_a_year_needs_its_months_and_leaves_out_the_invalid_ones(year_route: YearRoute) -> None:
    rule = ValidityRule(expected_per_day=1, days_per_month=1)
    hand = [at(f"2026-{month:02}-05", 9, "0.1") for month in range(1, 9)]
    route = Route(MonthRoute.DAYS, year_route)
    year = annual(PHOSPHORUS, hand, "2026", route, rule)
    assert year == PeriodValue(PHOSPHORUS, "2026", Fraction("0.1"), 8, True, "")
    year = annual(PHOSPHORUS, hand[:7], "2026", route, rule)
    assert (year.valid, year.why_not) == (False, "有效月数 7 个，要求至少 8 个")
    strict = ValidityRule(expected_per_day=1, days_per_month=2)
    twice = [*hand, *(at(f"2026-{month:02}-06", 9, "0.1") for month in range(1, 9)), at("2026-12-05", 9, "5")]
    assert annual(PHOSPHORUS, twice, "2026", route, strict)[2:5] == (Fraction("0.1"), 16, True)


@pytest.mark.parametrize("rule", [None, ValidityRule(6)])
def test_a_year_without_readings_is_undetermined(rule: ValidityRule | None) -> None:
    assert annual(PHOSPHORUS, [], "2026", rule=rule) == PeriodValue(PHOSPHORUS, "2026", None, 0, False, "期间无监测值")


def test_a_year_of_stored_months_is_the_year_of_their_readings() -> None:
    samples = [*UNEVEN, at("2026-08-01", 0, "7")]
    rule = ValidityRule(expected_per_day=1, days_per_month=1, months_per_year=2)
    months = monthly(PHOSPHORUS, samples, rule=rule)
    assert annual_of_months(PHOSPHORUS, months, "2026", rule) == annual(PHOSPHORUS, samples, "2026", rule=rule)


@pytest.mark.parametrize(
    ("code", "value", "rounded", "raw"),
    [
        ("w01019", "4.0271", "4.0", "4.0271"),
        ("w01019", "4.05", "4.0", "4.05"),
        ("w21003", "0.004", "0.004", "0.004"),
        ("w01001", "7.5", "8", "7.5"),
        ("w20004", "0.00502", "0.00502", "0.00502"),
        ("w20111", "0.000004", "0.000004", "0.000004"),
    ],
)
def test_assessed_rounds_only_when_told_and_erases_nothing(code: str, value: str, rounded: str, raw: str) -> None:
    assert assessed(code, Fraction(value), rounded=True) == Fraction(rounded)
    assert assessed(code, Fraction(value), rounded=False) == Fraction(raw)


MANTISSAS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 1000), st.integers(-4, 0)), min_size=1, max_size=40)


@given(MANTISSAS, st.sampled_from(list(MonthRoute)), st.sampled_from(list(YearRoute)))
def test_a_mean_lies_within_its_readings_and_counts_them_all(
    rows: list[tuple[int, int, int]], month: MonthRoute, year: YearRoute
) -> None:
    samples = [Sample(datetime(2026, 1, 1) + timedelta(days=day), *decimal) for day, *decimal in rows]
    values = [mantissa * Fraction(10) ** exponent for _, mantissa, exponent in samples]
    result = annual(PHOSPHORUS, samples, "2026", Route(month, year))
    assert result.value is not None
    assert min(values) <= result.value <= max(values)
    assert (result.n, result.valid, result.why_not) == (len(samples), True, "")


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=24))
def test_evenly_spaced_rows_make_every_route_agree(mantissas: list[int]) -> None:
    samples = [
        Sample(datetime(2026, 7, 1 + day, hour), mantissa, -3)
        for day in range(3)
        for hour, mantissa in enumerate(mantissas)
    ]
    answers = {
        annual(PHOSPHORUS, samples, "2026", Route(month, year)).value for month in MonthRoute for year in YearRoute
    }
    assert len(answers) == 1
