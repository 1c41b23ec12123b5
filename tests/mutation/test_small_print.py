"""The small print of the law, which mutation testing found that no other test had read."""

from datetime import date

from rules.agreement import Reach, months_of, year_before, years_of

ALWAYS = tuple(range(1, 13))


def test_a_period_that_is_the_first_day_of_a_month_has_that_month() -> None:
    day = date(2026, 5, 1)
    assert [(month.first, month.last, month.name) for month in months_of(day, day)] == [(day, day, "2026-05")]


def test_months_and_years_are_cut_at_both_ends() -> None:
    first, last = date(2026, 12, 15), date(2027, 1, 1)
    assert [(m.first, m.last) for m in months_of(first, last)] == [(first, date(2026, 12, 31)), (last, last)]
    assert [(y.first, y.last) for y in years_of(first, last)] == [(first, date(2026, 12, 31)), (last, last)]


def test_the_year_before_a_leap_february_is_the_whole_month() -> None:
    month = months_of(date(2028, 2, 1), date(2028, 2, 29))[0]
    before = year_before(month)
    assert (before.first, before.last, before.name) == (date(2027, 2, 1), date(2027, 2, 28), "2027-02")


def test_a_clause_applies_on_its_first_and_last_day_and_on_no_other() -> None:
    reach = Reach(date(2026, 5, 1), date(2026, 7, 31), ALWAYS)
    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 7, 31), date(2026, 8, 1)]
    assert [reach.holds(day, None) for day in days] == [False, True, True, False]
