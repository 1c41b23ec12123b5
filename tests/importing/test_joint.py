"""A joint sheet's two stations go in, its mean is checked; a table with odd headers is read by a layout file."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from compensation.errors import InputError
from compensation.monitoring import ReadOptions, read_file
from compensation.monitoring.layout_file import load_layout

Call = Callable[..., Any]
Write = Callable[..., Path]
HEADER = ("断面名称", "采样日期", "pH", "氨氮(mg/L)", "总磷(μg/L)")
UP = ("汾湖大桥(界标)", "2026-07-09", "7.0", "0.025L", "100")
DOWN = ("太浦河桥", "2026-07-09", "8.0", "0.10", "151")


def joint(*mean: str) -> list[tuple[str, ...]]:
    return [HEADER, UP, DOWN, mean, ("淀峰", "2026-07-09", "7.5", "0.2", "90"), (*DOWN[:1], "2026-08-09", *DOWN[2:]),
            ("均值", "2026-08-09", "7.8", "0.15", "120")]  # fmt: skip


@pytest.mark.parametrize(
    "mean",
    [
        ("均值", "2026-07-09", "7.5", "0.056", "125.5"),
        ("均值", "", "7.26", "0.06", "126"),
        ("上下游均值", "2026-07-09", "7.5", "0.056", "126"),
        ("", "均值", "--", "", "126"),
        ("平均", "", "", "0.1L", ""),
    ],
)
def test_a_right_mean_is_checked_and_not_imported(write_book: Write, mean: tuple[str, ...]) -> None:
    parsed = read_file(write_book(joint(*mean)))
    assert parsed.blocking == []
    assert sorted({each.section.name for each in parsed.readings}) == ["太浦河桥", "汾湖大桥(界标)", "淀峰"]
    assert [each.row for each in parsed.refused] == [4, 7]
    assert (parsed.counts.rows_in, parsed.counts.rows_refused) == (6, 2)


def test_a_wrong_mean_is_a_fault_of_its_cell(write_book: Write) -> None:
    parsed = read_file(write_book(joint("均值", "2026-07-09", "7.5", "0.063", "125")))
    assert [(each.row, each.column) for each in parsed.blocking] == [(4, 4), (4, 5)]
    assert "由第2行、第3行算得 0.0562" in parsed.blocking[0].reason
    assert "算得 125.5" in parsed.blocking[1].reason


def test_a_mean_of_many_rows_is_left_to_whoever_made_it(write_book: Write) -> None:
    rows = [HEADER, UP, DOWN, ("淀峰", "2026-07-09", "7.5", "0.2", "90"), ("均值", "", "9", "9", "9")]
    assert read_file(write_book(rows)).blocking == []


ODD = [
    ("某局报表",),
    ("点", "何时", "P", "甲乙丙"),
    ("太浦河桥", "2026-07-09", "80", "x"),
    ("淀峰", "2026-07-09", "90", "y"),
]
LAYOUT = """
tables:
  - header_row: 2
    columns: {A: 断面名称, B: 采样日期, C: 总磷(μg/L), D: ""}
"""


def layout(folder: Path, text: str) -> Path:
    path = folder / "版式.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_layout_file_says_what_the_headers_mean(call: Call, write_book: Write, folder: Path) -> None:
    path = write_book(ODD)
    assert call("import", str(path)).code == 2
    said = call("import", "--layout", str(layout(folder, LAYOUT)), str(path), "--dry-run")
    assert said.code == 0
    assert "总磷（μg/L）" in said.out
    parsed = read_file(path, ReadOptions(layout=load_layout(folder / "版式.yaml")))
    assert [(each.section.name, each.time, each.mantissa, each.exponent) for each in parsed.readings] == [
        ("太浦河桥", datetime(2026, 7, 9), 80, -3),
        ("淀峰", datetime(2026, 7, 9), 90, -3),
    ]


def test_a_layout_for_one_sheet_leaves_the_others_alone(write_book: Write, folder: Path) -> None:
    path = write_book({"一": ODD, "二": [HEADER, UP]})
    text = LAYOUT.replace("header_row: 2", "sheet: 一\n    header_row: 2\n    data_from: 4")
    parsed = read_file(path, ReadOptions(layout=load_layout(layout(folder, text))))
    assert [(each.sheet, each.row) for each in parsed.readings] == [("一", 4), ("二", 2), ("二", 2), ("二", 2)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "读不出来"),
        ("tables: []", "没有 tables"),
        ("tables: [{header_row: 1}]", "没有 columns"),
        ("tables: [{header_row: 0, columns: {A: 断面}}]", "不是行号"),
        ("tables: [{header_row: 3, data_from: 3, columns: {A: 断面}}]", "不是行号"),
        ("tables: [{header_row: 1, columns: {A1: 断面}, row: 2}]", "“A1”不是列号"),
        ("tables: [{header_row: 1, columns: {A: 断面}, row: 2}]", "未知的键“row”"),
    ],
)
def test_a_layout_file_with_faults(folder: Path, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        load_layout(layout(folder, text))


@pytest.mark.parametrize(
    ("change", "why"), [(("2", "9"), "表头行是空的"), (("断面名称", "备注"), "凑不成一种表"), (("μg/L", "斤"), "单位")]
)
def test_a_layout_that_does_not_fit_the_file(
    write_book: Write, folder: Path, change: tuple[str, str], why: str
) -> None:
    options = ReadOptions(layout=load_layout(layout(folder, LAYOUT.replace(*change))))
    with pytest.raises(InputError, match=why):
        read_file(write_book(ODD), options)


def test_minus_one_degree_is_measured_by_a_station_and_by_hand_not_monitored(write_text: Write) -> None:
    head = ("断面", "时间", "监测方式", "指标", "数值", "单位")
    told = [("9", "自动", "-1"), ("9", "人工", "-1"), ("10", "人工", "-1.5")]
    rows = [head, *(("甲", f"2026-01-{day}", way, "水温", value, "℃") for day, way, value in told)]
    parsed = read_file(write_text(rows))
    assert [(each.mantissa, each.exponent) for each in parsed.readings] == [(-1, 0), (None, 0), (-15, -1)]
