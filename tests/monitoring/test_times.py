from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.monitoring.times import TimeColumns, TimeTable, parse_clock, parse_stamp, year_in_name
from compensation.monitoring.values import Problem

STAMP = TimeColumns(stamp=0)


def moment(text: str, default_year: int | None = None) -> datetime | Problem | None:
    found = TimeTable(STAMP, default_year)[(text,)]
    return found.problem or found.time


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-09 22:00",
        "2026-07-09 22:00:00",
        "2026-07-09T22:00",
        "2026/7/9 22:00",
        "2026.7.9 22:00",
        "2026年7月9日 22时",
        "2026年7月9日22时00分",
        "２０２６－０７－０９　２２：００",
        "20260709220000",
        "202607092200",
        "46212.9166666667",
    ],
)
def test_one_moment_in_many_dresses(text: str) -> None:
    assert moment(text) == datetime(2026, 7, 9, 22)


@pytest.mark.parametrize("text", ["2026-07-09", "20260709", "2026.07.09", "2026年7月9日", "46212", "2026-07-08 24:00"])
def test_a_day_is_its_midnight(text: str) -> None:
    assert moment(text) == datetime(2026, 7, 9)


@pytest.mark.parametrize("text", ["2026-07", "2026年7月"])
def test_a_month_is_its_first_day(text: str) -> None:
    assert moment(text) == datetime(2026, 7, 1)


@pytest.mark.parametrize("text", ["", "--", "*", "NULL", "/"])
def test_no_time_is_no_fault(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("2026.01.27~02.04", "一段时间"),
        ("2026-01-27至2026-02-04", "一段时间"),
        ("2026-02-30", "不存在"),
        ("2026-13-01", "不存在"),
        ("2026-07-09 25:00", "不存在"),
        ("2026-07-09 24:01", "不存在"),
        ("0026-07-09", "不合常理"),
        ("9999-12-31 24:00", "不合常理"),
        ("昨天", "看不懂"),
        ("12345", "看不懂"),
        ("07-09 22:00", "没有年份"),
    ],
)
def test_impossible_times(text: str, word: str) -> None:
    problem = moment(text)
    assert isinstance(problem, Problem)
    assert word in problem.reason
    assert problem.fix


def test_serials_of_a_1904_workbook_are_refused() -> None:
    assert isinstance(parse_stamp("46212", serials=False), Problem)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("1025", (10, 25, 0)),
        ("910", (9, 10, 0)),
        ("7：50", (7, 50, 0)),
        ("14:34", (14, 34, 0)),
        ("14:34:05", (14, 34, 5)),
        ("10时25分", (10, 25, 0)),
        ("0.5", (12, 0, 0)),
    ],
)
def test_clocks(text: str, clock: tuple[int, int, int]) -> None:
    assert parse_clock(text) == clock


@pytest.mark.parametrize("text", ["2560", "1075", "25:00", "9:00~10:00", "上午", "24:30"])
def test_clocks_refused(text: str) -> None:
    assert isinstance(parse_clock(text), Problem)


def test_the_year_of_a_stamp_without_one() -> None:
    by_column = TimeTable(TimeColumns(stamp=0, year=1), 2000)
    assert by_column[("02-04 11:00", "2026")].time == datetime(2026, 2, 4, 11)
    assert by_column[("02-04 11:00", "")].time == datetime(2000, 2, 4, 11)
    assert by_column[("02-29", "2026")].problem is not None
    assert by_column[("2025-02-04", "2026")].problem is not None
    assert by_column[("02-04", "26")].problem is not None


def test_the_year_by_the_snapshot_across_new_year() -> None:
    table = TimeTable(TimeColumns(stamp=0, snapshot=1), 2000)
    snapshot = "2022-01-01 02:42:32.rds"
    assert table[("12-31 20:00", snapshot)].time == datetime(2021, 12, 31, 20)
    assert table[("01-01 00:00", snapshot)].time == datetime(2022, 1, 1)
    assert table[("12-31 20:00", snapshot)].known_at == datetime(2022, 1, 1, 2, 42, 32)
    assert table[("01-01 04:00", snapshot)].problem is not None, "an hour ahead of its snapshot is not a year old"
    assert table[("01-01 04:00", "乱码")].problem is not None


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.integers(0, 179 * 24 * 60))
def test_the_snapshot_gives_back_the_year(time: datetime, minutes: int) -> None:
    time = time.replace(second=0, microsecond=0)
    snapshot = time + timedelta(minutes=minutes)
    found = TimeTable(TimeColumns(stamp=0, snapshot=1), None)[
        (f"{time:%m-%d %H:%M}", f"{snapshot:%Y-%m-%d %H:%M:%S}.rds")
    ]
    assert found.time == time


def test_year_and_month_columns_and_a_clock_beside_a_date() -> None:
    months = TimeTable(TimeColumns(year=0, month=1), None)
    assert months[("2007", "1")].time == datetime(2007, 1, 1)
    assert months[("2007年", "12月")].time == datetime(2007, 12, 1)
    assert months[("2007", "13")].problem is not None
    assert months[("2007", "一")].problem is not None
    assert months[("", "2007-03")].time == datetime(2007, 3, 1)
    assert months[("2007", "")].time is None
    clock = TimeTable(TimeColumns(stamp=0, clock=1), None)
    assert clock[("2025-01-02", "1025")].time == datetime(2025, 1, 2, 10, 25)
    assert clock[("2025-01-02", "")].time == datetime(2025, 1, 2)
    assert clock[("2025-01-02", "2560")].problem is not None


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("National_Water_20260709.csv", 2026),
        ("2025年监测.xlsx", 2025),
        ("国控断面水质_20260701_20260708.xlsx", 2026),
        ("20251230_20260105.csv", None),
        ("断面3101180002.csv", None),
        ("数据.csv", None),
    ],
)
def test_the_year_in_a_file_name(name: str, year: int | None) -> None:
    assert year_in_name(name) == year


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_a_reason(text: str) -> None:
    found = TimeTable(TimeColumns(stamp=0, clock=1), 2026)[(text, text)]
    assert found.time is None or found.problem is None
