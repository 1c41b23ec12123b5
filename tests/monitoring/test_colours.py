"""Quality flags that are only a font's colour, explained once in a remark: named with addresses, nothing guessed."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from compensation.monitoring import read_file
from compensation.monitoring.colours import remark_on_colours

ROWS = [
    ("年份", "月份", "断面", "总磷(mg/L)", "氨氮(mg/L)", "备注"),
    (2026, 1, "甲", 0.1, 0.2, "绿色数字表示离群值，红色数字表示异常值"),
    (2026, 2, "甲", 0.3, 0.4, None),
]


def coloured(path: Path, colours: dict[str, str]) -> Path:
    book = openpyxl.load_workbook(path)
    for cell, colour in colours.items():
        book.worksheets[0][cell].font = Font(color=colour)
    book.save(path)
    return path


def test_what_wears_a_colour_is_named(write_book: Callable[..., Path]) -> None:
    path = coloured(write_book(ROWS), {"D2": "FF00B050", "E3": "FFFF0000", "D3": "FF0070C0", "A2": "FF333333"})
    parsed = read_file(path)
    (note,) = [each for each in parsed.notes if "颜色" in each]
    assert "绿色 1 处（D2）" in note
    assert "红色 1 处（E3）" in note
    assert "蓝色" not in note, "the remark gives blue no meaning"
    assert "照常收下" in note
    assert parsed.reading_count == 4


def test_without_a_remark_colours_are_looks(write_book: Callable[..., Path], write_text: Callable[..., Path]) -> None:
    path = coloured(write_book([ROWS[0], (2026, 1, "甲", 0.1, 0.2, "晴")]), {"D2": "FFFF0000"})
    assert not any("颜色" in each for each in read_file(path).notes)
    assert any("读不出来" in each for each in read_file(write_text(ROWS[:2])).notes)


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("绿色数字表示离群值，红色数字表示异常值", True),
        ("红字为复测结果", True),
        ("红旗塘大坝", False),
        ("黄浦江", False),
        ("蓝藻水华", False),
        ("叶绿素a(μg/L)", False),
    ],
)
def test_what_speaks_of_colours(text: str, speaks: bool) -> None:
    assert (remark_on_colours([text]) is not None) == speaks
