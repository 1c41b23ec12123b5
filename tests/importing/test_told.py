"""What an import says of the rows it does not take and of the names it has not met."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Call = Callable[..., Any]
HEADER = ("省份", "断面名称", "监测时间", "氨氮(mg/L)", "站点情况")


def test_rows_with_values_are_told_before_empty_ones_and_in_full(call: Call, write_text: Callable[..., Path]) -> None:
    unreported = [("上海市", "太浦河桥", "--", "--", "正常")] * 30
    timeless = [("上海市", "太浦河桥", "--", "0.1", "正常"), ("上海市", "太浦河桥", "--", "0.2", "维护")]
    sound = ("上海市", "太浦河桥", "2026-07-01 04:00", "0.1", "正常")
    said = call("import", str(write_text([HEADER, sound, *unreported, *timeless])))
    assert said.code == 0
    told = [line.strip() for line in said.out.splitlines() if "不计：" in line]
    assert len(told) == 2
    assert told[0].startswith("不计：C33、C34：站点未报监测时间（--）")
    assert told[1].startswith("不计：C3、C4、C5、C6、C7 等 30 处：没有监测时间，也没有数值")


def test_more_reasons_than_are_told_are_counted(call: Call, write_text: Callable[..., Path]) -> None:
    rows = [("上海市", "太浦河桥", f"2026-07-01 {n:02}:00", f"无{n}", "正常") for n in range(22)]
    bad = [("上海市", "太浦河桥", f"2026-07-02 {n:02}:00", "0.1~0.2", "正常") for n in range(3)]
    gaps = [row for n in range(22) for row in ([rows[n]] + [("",) * 5] * (n + 1))]
    said = call("import", "--accept-valid", str(write_text([HEADER, *gaps, *bad])))
    assert said.code == 0
    assert said.out.count("隔离：") == 2
    assert said.out.count("不计：") == 18
    assert "另有 4 处，均已记录" in said.out


def test_names_in_no_registry_are_named(call: Call, write_text: Callable[..., Path]) -> None:
    rows = [
        ("上海市", "太浦何桥", "2026-07-01 04:00", "0.1", "正常"),
        ("浙江省", "汾湖大桥", "2026-07-01 04:00", "0.1", "正常"),
        ("上海市", "太浦河桥", "2026-07-01 04:00", "0.1", "正常"),
    ]
    path = write_text([HEADER, *rows])
    said = call("import", str(path))
    assert said.code == 0
    assert "新断面：太浦何桥（310000）、汾湖大桥（330000）：断面登记中没有" in said.out
    many = [("上海市", f"测{n}", "2026-07-01 04:00", "0.1", "正常") for n in range(21)]
    said = call("import", str(write_text([HEADER, *many], "多.csv")))
    assert "测19（310000） 等 21 个：" in said.out
    assert "测20" not in said.out
