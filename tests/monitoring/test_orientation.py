"""Tables that lie otherwise: indicators down the side, times across, and months that only a sheet's name says."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from compensation.errors import InputError
from compensation.monitoring import ParsedFile, ReadOptions, read_file
from compensation.monitoring.records import Method, State
from compensation.monitoring.times import month_in_name

Write = Callable[..., Path]
TURNED = [
    ("2026年7月监测结果",),
    ("监测项目", "单位", "太浦河桥", "汾湖大桥", "均值"),
    ("采样日期", "", "2026-07-09", "2026-07-10", ""),
    ("pH", "无量纲", 7.2, 7.3, 7.2),
    ("总磷", "μg/L", 50, "0.01L", ""),
    ("备注", "", "", "晴", ""),
    ("注：取样后当日送检", "", "", "", ""),
]


def told(parsed: ParsedFile) -> list[tuple[str, str, str, str, int, int]]:
    return [
        (each.section.name, each.indicator, f"{each.time:%m-%d}", each.raw, each.row, each.column)
        for each in parsed.readings
    ]


def test_a_turned_table_keeps_the_address_of_every_cell(write_book: Write) -> None:
    parsed = read_file(write_book(TURNED))
    assert told(parsed) == [
        ("太浦河桥", "w01001", "07-09", "7.2", 4, 3),
        ("汾湖大桥", "w01001", "07-10", "7.3", 4, 4),
        ("太浦河桥", "w21011", "07-09", "50", 5, 3),
        ("汾湖大桥", "w21011", "07-10", "0.01L", 5, 4),
    ]
    phosphorus = parsed.readings[2:]
    assert [(each.mantissa, each.exponent) for each in phosphorus] == [(50, -3), (1, -5)], "μg/L beside the name"
    assert [each.state for each in phosphorus] == [State.VALUE, State.BELOW_LIMIT]
    assert {each.method for each in parsed.readings} == {Method.MANUAL}
    assert parsed.counts.rows_in == parsed.counts.rows_with_readings == 2
    said = "\n".join(parsed.describe())
    assert "表头在A列，数据从C列起" in said
    assert "转置" in said
    assert "第5行「总磷」：总磷（μg/L）" in said
    assert "E列是均值，只核对，不入库。" in said
    assert "未读取" not in said


def test_the_faults_of_a_turned_table_stand_in_their_cells(write_book: Write) -> None:
    rows = [*TURNED[:4], ("总磷", "μg/L", "坏", "50", ""), ("氨氮", "mg/L", 1, "更坏", "")]
    parsed = read_file(write_book(rows))
    assert [(each.row, each.column, each.text) for each in parsed.blocking] == [(5, 3, "坏"), (6, 4, "更坏")]
    assert [each.row for each in parsed.rejected] == [5, 6]
    assert {each.indicator for each in parsed.readings} == {"w01001"}


def test_the_mean_of_two_columns_is_checked_in_its_cells(write_book: Write) -> None:
    head = [("监测项目", "单位", "太浦河桥", "汾湖大桥", "均值", "淀峰", "合计"),
            ("采样日期", "", *["2026-07-09"] * 4, "")]  # fmt: skip
    rows = [*head, ("氨氮", "mg/L", 0.1, "0.05L", 0.0625, 9, 9), ("总磷", "μg/L", 50, 61, 56, 9, 1)]
    parsed = read_file(write_book(rows))
    assert parsed.blocking == []
    assert {each.column for each in parsed.readings} == {3, 4, 6}
    assert parsed.notes[-2:] == ["E列是均值，只核对，不入库。", "G列是合计，由系统另行计算，不入库。"]
    rows[2:] = [("氨氮", "mg/L", 0.1, "0.05L", 0.07, 9, 9), ("总磷", "μg/L", 50, 61, 56, 9, 1)]
    parsed = read_file(write_book(rows))
    (wrong,) = parsed.blocking
    assert (wrong.row, wrong.column, wrong.text) == (3, 5, "0.07")
    assert "均值与上下游两列不符：由C列、D列算得 0.062" in wrong.reason
    assert {each.indicator for each in parsed.readings} == {"w21011"}, "the row waits whole"
    several = [(*row[:4], 9, row[4]) for row in rows]
    several[0] = ("监测项目", "单位", "太浦河桥", "汾湖大桥", "淀峰", "均值")
    several[1] = ("采样日期", "", *["2026-07-09"] * 4)
    assert read_file(write_book(several)).blocking == [], "whoever made a mean of three knows of what"


@pytest.mark.parametrize(
    ("rows", "why", "where"),
    [
        ([("断面", "甲", "乙"), ("采样日期", "7月9日", "2026-07-10"), ("pH", 7, 7)], "时间没有年份", "B2"),
        ([("断面", "甲", ""), ("采样日期", "2026-07-09", "2026-07-10"), ("pH", 7, 7)], "没有断面名称", "C1"),
        ([("断面", "甲", "乙"), ("采样日期", "2026-07-09", "2026.01.27~02.04"), ("pH", 7, 7)], "是一段时间", "C2"),
        ([("断面", "甲", "乙"), ("采样日期", "2026-07-09", "2026-07-10"), ("pH", 7, 7), ("总磷(斤)", 1, 1)],
         "不认识的单位", "A4"),
        ([("断面", "甲", "乙"), ("采样日期", "2026-07-09", "2026-07-10"), ("pH", 7, 7), ("pH", 7, 7)],
         "与第3行「pH」重复", "A4"),
    ],
)  # fmt: skip
def test_a_column_that_belongs_nowhere_is_refused(write_book: Write, rows: object, why: str, where: str) -> None:
    with pytest.raises(InputError) as refused:
        read_file(write_book(rows))
    (fault,) = refused.value.faults
    assert why in fault.what
    assert where in fault.where
    assert fault.place is not None
    assert "ABC"[fault.place.column - 1] + str(fault.place.row) == where  # type: ignore[operator]


def test_what_is_said_once_above_a_turned_table_holds_for_all_of_it(write_book: Write) -> None:
    rows = [("断面：太浦河桥",), ("监测项目", "2026-07-09", "2026-08-10"), ("总磷(mg/L)", 0.1, "--")]
    assert told(read_file(write_book(rows))) == [
        ("太浦河桥", "w21011", "07-09", "0.1", 3, 2),
        ("太浦河桥", "w21011", "08-10", "--", 3, 3),
    ]
    rows = [("采样日期：2026年7月9日　天气：晴",), ("项目", "甲", "乙"), ("总磷(mg/L)", 0.1, 0.2)]
    assert [each[:3] for each in told(read_file(write_book(rows)))] == [
        ("甲", "w21011", "07-09"),
        ("乙", "w21011", "07-09"),
    ]


def test_a_turned_text_table_with_status_and_merged_names(write_text: Write, write_book: Write) -> None:
    rows = [("断面名称", "太浦河桥", "太浦河桥"), ("监测时间", "2026-07-09 04:00", "2026-07-09 08:00")]
    rows += [("站点情况", "正常", "维护"), ("氨氮(mg/L)", "0.1", "0.2")]
    parsed = read_file(write_text(rows, encoding="gb18030"))
    assert [int(each.status) for each in parsed.readings] == [1, 2]
    assert parsed.readings[0].method is Method.AUTOMATIC
    merged = [("断面名称", "太浦河桥", ""), *rows[1:]]
    assert told(read_file(write_book(merged, merged=["B1:C1"]))) == told(parsed)


def test_a_short_row_of_a_turned_text_table_is_not_shifted(write_text: Write) -> None:
    rows = [("断面名称", "甲", "乙"), ("采样日期", "2026-07-09", "2026-07-10"), ("pH", "7"), ("总磷(mg/L)", "1", "2")]
    parsed = read_file(write_text(rows))
    assert {each.indicator for each in parsed.readings} == {"w21011"}
    assert [(each.row, each.column, each.reason) for each in parsed.blocking] == [
        (3, 4, "单元格比其他行少，数值可能错位")
    ]
    with pytest.raises(InputError, match="数值可能错位"):
        read_file(write_text([rows[0], rows[1][:2], *rows[3:]]))


ACROSS = [
    ("断面", "指标", "单位", "1月", "2月", "2026年3月"),
    ("太浦河桥", "总磷", "mg/L", 0.1, "", "0.01L"),
    ("太浦河桥", "氨氮", "ug/L", 100, 0.2, "--"),
    ("注：月均值", "", "", "", "", ""),
]


def test_times_across_the_top(write_book: Write) -> None:
    parsed = read_file(write_book(ACROSS), ReadOptions(year=2026))
    assert told(parsed) == [
        ("太浦河桥", "w21011", "01-01", "0.1", 2, 4),
        ("太浦河桥", "w21011", "02-01", "", 2, 5),
        ("太浦河桥", "w21011", "03-01", "0.01L", 2, 6),
        ("太浦河桥", "w21003", "01-01", "100", 3, 4),
        ("太浦河桥", "w21003", "02-01", "0.2", 3, 5),
        ("太浦河桥", "w21003", "03-01", "--", 3, 6),
    ]
    assert parsed.readings[3].exponent == -3
    assert "F列「2026年3月」：时间（横排）" in "\n".join(parsed.describe())
    assert parsed.counts.rows_in == 2


def test_the_faults_of_a_table_with_times_across(write_book: Write) -> None:
    rows = [*ACROSS[:1], ("太浦河桥", "总磷", "斤", 0.1, "", 1), ("太浦河桥", "氨氮", "mg/L", 1, "坏", 1)]
    parsed = read_file(write_book(rows), ReadOptions(year=2026))
    assert [(each.row, each.column, each.reason[:6]) for each in parsed.blocking] == [
        (2, 3, "单位“斤”不"),
        (3, 5, "不是数值，也"),
    ]
    with pytest.raises(InputError, match="与C列「1月」重复"):
        read_file(write_book([("断面", "指标", "1月", "2月", "1月"), ("甲", "总磷", 1, 1, 1)]))
    assert "时间没有年份" in read_file(write_book(ACROSS)).blocking[0].reason


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("1月", (None, 1)),
        ("十二月份", (None, 12)),
        ("2026年1月", (2026, 1)),
        ("2026-01", (2026, 1)),
        ("202601", (2026, 1)),
        ("１月", (None, 1)),
        ("1", None),
        ("20261", None),
        ("13月", None),
        ("Sheet1", None),
    ],
)
def test_what_name_is_a_month(name: str, month: tuple[int | None, int] | None) -> None:
    assert month_in_name(name) == month


SHEET = [("断面", "总磷(mg/L)"), ("太浦河桥", 0.1), ("制表人 张三",)]


def test_one_sheet_per_month(write_book: Write) -> None:
    path = write_book(
        {"1月": SHEET, "二月": SHEET, "2025年3月": SHEET, "汇总": [("断面", "总磷(mg/L)")]}, "甲_2026.xlsx"
    )
    parsed = read_file(path)
    assert [each.time for each in parsed.readings] == [
        datetime(2026, 1, 1),
        datetime(2026, 2, 1),
        datetime(2025, 3, 1),
    ]
    assert {each.name for each in parsed.sections} == {"太浦河桥"}
    assert "月份取自工作表名：2月。" in parsed.describe()
    assert any("表「汇总」没有认出表头" in note for note in parsed.notes)


def test_days_of_a_month_that_only_the_sheet_says(write_book: Write) -> None:
    rows = [("断面", "日", "总磷(mg/L)"), ("太浦河桥", "5日", 0.1), ("太浦河桥", 30, 0.1), ("制表 张三", "", "")]
    parsed = read_file(write_book({"2月": rows}), ReadOptions(year=2026))
    assert [each.time for each in parsed.readings] == [datetime(2026, 2, 5)]
    assert [(each.row, each.column, each.reason) for each in parsed.blocking] == [(3, 2, "不存在的日期或时刻")]


def test_a_month_in_a_sheet_name_without_a_year_is_refused(write_book: Write) -> None:
    assert "时间没有年份" in read_file(write_book({"1月": SHEET})).blocking[0].reason


def test_a_sheet_that_says_its_times_itself_is_not_dated_by_its_name(write_book: Write) -> None:
    rows = [("断面", "采样日期", "总磷(mg/L)"), ("甲", "2026-03-05", 0.1)]
    assert [each.time for each in read_file(write_book({"1月": rows})).readings] == [datetime(2026, 3, 5)]


def test_volumes_of_a_month_that_only_the_sheet_says(write_book: Write) -> None:
    rows = [("断面", "取水量(m³)", "依据文号"), ("金泽取水口", 5, "文")]
    parsed = read_file(write_book({"2026年1月": rows}))
    assert [f"{each.month:%Y-%m}" for each in parsed.intakes] == ["2026-01"]
    rows = [("断面", "断面水量(m³)"), ("太浦河桥", 5)]
    (flow,) = read_file(write_book({"2026年2月": rows})).flows
    assert (flow.first_day.day, flow.last_day.day) == (1, 28)


def test_an_unread_column_is_named(write_text: Write) -> None:
    rows = [("断面", "监测时间", "总磷(mg/L)", "氨氮氮"), ("甲", "2026-03-05", 0.1, 3)]
    assert "没有认出、未读取的列：氨氮氮。" in read_file(write_text(rows)).notes
