"""Working days count holidays and the weekend days worked for them; an unknown year is refused, never guessed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.errors import InputError
from compensation.ledger.workdays import Calendar, Holiday, published, read_holidays

KNOWN = Calendar(published())


def read(text: str) -> tuple[Holiday, ...]:
    return read_holidays("甲.csv", enumerate((line.split(",") for line in text.splitlines()), start=1))


def test_published_years_are_those_of_the_notices() -> None:
    assert KNOWN.years == {2025, 2026}
    assert {(each.day.year, each.source) for each in published()} == {
        (2025, "国办发明电〔2024〕12号"),
        (2026, "国办发明电〔2025〕7号"),
    }


@pytest.mark.parametrize(
    ("year", "off", "worked", "working_days"),
    # 2025: 28 days off, 5 worked; 2026: 33 days off, 6 worked, by the notices. Working days are the weekdays less
    # the weekdays off, plus the weekend days worked.
    [(2025, 28, 5, 248), (2026, 33, 6, 248)],
)
def test_each_year_comes_to_its_working_days(year: int, off: int, worked: int, working_days: int) -> None:
    days = [each for each in published() if each.day.year == year]
    assert [sum(not each.working for each in days), sum(each.working for each in days)] == [off, worked]
    assert sum(KNOWN.works(date(year, 1, 1) + timedelta(n)) for n in range(365)) == working_days


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 3, 2), 1, date(2026, 3, 3)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),  # a plain weekend
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that is worked
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # nine days of Spring Festival
        (date(2026, 9, 30), 2, date(2026, 10, 9)),
        (date(2025, 12, 31), 1, date(2026, 1, 4)),  # across two years; the Sunday is worked
        (date(2026, 4, 20), 15, date(2026, 5, 13)),  # 4 + 4 before the holiday, 3, a Saturday worked, 3
    ],
)
def test_working_days_are_counted(start: date, count: int, end: date) -> None:
    assert KNOWN.after(start, count) == end


@given(st.dates(date(2025, 1, 1), date(2026, 6, 1)), st.integers(1, 60))
def test_the_day_found_is_worked_and_so_many_lie_between(start: date, count: int) -> None:
    end = KNOWN.after(start, count)
    assert KNOWN.works(end)
    assert sum(KNOWN.works(start + timedelta(n)) for n in range(1, (end - start).days + 1)) == count


def test_an_unknown_year_is_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match="没有这一年的放假安排") as refused:
        KNOWN.after(date(2026, 12, 28), 15)
    assert "compensation holidays import" in str(refused.value)
    with pytest.raises(InputError):
        Calendar(()).works(date(2026, 1, 5))


def test_a_table_is_read() -> None:
    text = "日期,类别,名称,来源\n2027-01-01,放假,元旦,示例数据\n\n2027-01-03,上班,调休,示例数据\n"
    assert read(text) == (
        Holiday(date(2027, 1, 1), False, "元旦", "示例数据"),
        Holiday(date(2027, 1, 3), True, "调休", "示例数据"),
    )


def test_every_faulty_row_is_named() -> None:
    rows = ["2027-1-1,放假,元旦,甲", "2027-01-04,上班,调休,甲", "2027-01-02,休息,元旦,甲", "2027-01-02,放假,,甲"]
    rows += ["2027-02-06,放假,春节,甲", "2027-02-06,放假,春节,甲"]
    with pytest.raises(InputError) as refused:
        read("日期,类别,名称,来源\n" + "\n".join(rows))
    assert [fault.where[-5:] for fault in refused.value.faults] == [f"第 {n} 行" for n in (2, 3, 4, 5, 7)]


@pytest.mark.parametrize("text", ["", "day,kind\n", "日期,类别,名称,来源\n"])
def test_what_is_no_table_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read(text)
