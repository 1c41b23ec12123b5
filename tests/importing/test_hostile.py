"""What an attack by odd files found, kept: every fault named where it stands, in one pass, and nothing guessed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compensation.store import Store

Call = Callable[..., Any]
Write = Callable[..., Path]
HEAD = ("断面", "采样日期", "总磷(mg/L)")
ROW = ("太浦河桥", "2026-07-01", "0.1")


def accounts(said: str) -> list[int]:
    """The rows that came in and where they went, as the report says."""
    (line,) = re.findall(
        r"：(\d+) 行 ＝ 收下 (\d+) ＋ 与已有相同 (\d+) ＋ 隔离 (\d+) ＋ 不计 (\d+) ＋ 空行 (\d+)", said
    )
    return [int(each) for each in line]


@pytest.mark.parametrize("options", [(), ("--accept-valid",), ("--dry-run",)])
@pytest.mark.parametrize(
    "second",
    [("断面", "采样日期", "氨氮(mg/L)"), ("断面", "采样日期", "总磷(μg/L)"), ("采样日期", "断面", "总磷(mg/L)")],
)
def test_a_second_table_below_is_not_read_under_the_first_header(
    call: Call, write_book: Write, store: Store, second: tuple[str, ...], options: tuple[str, ...]
) -> None:
    path = write_book([HEAD, ROW, ("", "", ""), second, ("太浦河桥", "2026-07-02", "5")])
    said = call("import", str(path), *options)
    assert said.code == 2
    assert "表「数据」第 4 行：表中又有一个表头，与上面的不同" in said.err
    assert list(store.readings()) == []


def test_the_same_header_again_is_passed_over(call: Call, write_book: Write) -> None:
    again = (" 断面", "采样日期", "总磷（mg/L）")
    said = call("import", str(write_book([HEAD, ROW, again, ("太浦河桥", "2026-07-02", "5")])))
    assert said.code == 0
    assert accounts(said.out) == [3, 2, 0, 0, 1, 0]
    assert "重复的表头行" in said.out


def test_bad_cells_contradictions_and_ambiguous_names_come_in_one_pass(call: Call, write_book: Write) -> None:
    assert call("section", "add", "T1", "双名", "--province", "江苏省", "--body", "river").code == 0
    assert call("section", "add", "T2", "双名", "--province", "浙江省", "--body", "river").code == 0
    volumes = [
        ("断面", "年", "月", "取水量(万m³)", "依据文号"),
        ("金泽取水口", 2026, 1, 100, "文"),
        ("金泽取水口", 2026, 1, 101, "文"),
        ("金泽取水口", 2026, 13, 1, "文"),
    ]
    path = write_book(
        {"水量": volumes, "水质": [HEAD, ("双名", "2026-07-01", "0.1"), ("太浦河桥", "2026-07-01", "坏")]}
    )
    said = call("import", str(path))
    assert said.code == 2
    for where in ("表「水量」C4：不存在的日期", "表「水质」C3：不是数值", "取水量与已有记录矛盾", "双名"):
        assert where in said.err
    assert "共 4 处问题" in said.err


def test_a_table_without_rows_is_told(call: Call, write_book: Write, write_text: Write) -> None:
    assert "说明：表「数据」只有表头，没有数据。" in call("import", str(write_book([HEAD]))).out
    said = call("import", str(write_text([HEAD]))).out
    assert "说明：只有表头，没有数据。" in said
    assert accounts(said) == [0] * 6


def test_zero_bytes_in_a_text_are_named(call: Call, write_text: Write) -> None:
    path = write_text([HEAD, (*ROW[:2], "0.1\0"), ROW])
    said = call("import", str(path))
    assert said.code == 2
    assert f"文本里夹有空字节（第 {path.read_bytes().index(0) + 1} 个字节）" in said.err
    assert call("import", str(write_text([HEAD, ROW], "二.csv", encoding="utf-16-le"))).code == 0


def test_a_section_met_without_a_province_can_be_merged_by_its_code(call: Call, write_text: Write) -> None:
    assert call("import", str(write_text([HEAD, ("老桥", *ROW[1:])]))).code == 0
    said = call("section", "merge", "-:老桥", "310118_0003", "--by", "张三", "--why", "俗称")
    assert (said.code, "1 行 ＝ 收下 1" in said.out) == (0, True)
    assert call("section", "merge", "-:老桥", "310118_0003", "--by", "张三", "--why", "俗称").code == 2
    assert "多出的参数" in call("section", "merge", "甲", "乙", "--by", "张三", "--why", "俗称", "--bye").err


def test_the_quarantine_is_exported_into_a_folder_that_is_made_for_it(
    call: Call, write_text: Write, folder: Path
) -> None:
    path = write_text([HEAD, ROW, (*ROW[:2], "坏")])
    assert accounts(call("import", str(path), "--accept-valid").out) == [2, 1, 0, 1, 0, 0]
    assert call("quarantine", "export", "--folder", "待改正/七月").code == 0
    assert (folder / "待改正" / "七月" / "数据_隔离.xlsx").exists()
