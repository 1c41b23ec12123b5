"""Quality flags that are only a font's colour: each value that wears one is flagged, and nothing is guessed."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Color, Font, PatternFill

from compensation.monitoring import colours, read_file
from compensation.monitoring.colours import flag_of, has_coloured_cells, remark_on_colours
from compensation.quality.doubt import Flag

Write = Callable[..., Path]
REMARK = "绿色数字表示离群值，红色数字表示异常值"
ROWS = [
    ("年份", "月份", "断面", "总磷(mg/L)", "氨氮(mg/L)", "备注"),
    (2026, 1, "甲", 0.1, 0.2, REMARK),
    (2026, 2, "甲", 0.3, "--", None),
    (2026, 3, "甲", "0.01L", 0.4, None),
]


def coloured(path: Path, colours: dict[str, str | Color], sheet: int = 0) -> Path:
    book = openpyxl.load_workbook(path)
    for cell, colour in colours.items():
        book.worksheets[sheet][cell].font = Font(color=colour)
    book.save(path)
    return path


def flags(path: Path) -> dict[str, tuple[str, Flag]]:
    return {
        f"{' ABCDEFG'[each.reading.column]}{each.reading.row}": (each.colour, each.flag)
        for each in read_file(path).marked
    }


def test_what_wears_a_colour_is_flagged_by_what_the_remark_says(write_book: Write) -> None:
    worn: dict[str, str | Color] = {"D2": "FF00B050", "E4": "FFFF0000", "D3": "FF0070C0", "A2": "FFFF0000"}
    worn |= {"C3": "FFFF0000", "D4": "FFFF0000", "E3": "FFFF0000", "D1": "FFFF0000", "E2": "FF333333"}
    path = coloured(write_book(ROWS), worn)
    assert flags(path) == {
        "D2": ("绿", Flag.MARKED_OUTLIER),
        "D3": ("蓝", Flag.MARKED),
        "D4": ("红", Flag.MARKED_ABNORMAL),
        "E4": ("红", Flag.MARKED_ABNORMAL),
    }, "neither dates, names and headers, nor what has no value; black is no colour, and blue has no meaning"
    parsed = read_file(path)
    assert parsed.reading_count == 6
    assert {each.remark for each in parsed.marked} == {REMARK}
    told = [each for each in parsed.notes if "颜色" in each or "色的数值" in each]
    assert len(told) == 3
    assert "红色的数值 2 个（D4、E4），记存疑标记“标注为异常值”" in "".join(told)
    chunks: list[object] = []
    assert read_file(path, sink=chunks.append).marked == parsed.marked


def test_without_a_remark_the_meaning_is_unknown(write_book: Write, write_text: Write) -> None:
    path = coloured(write_book([ROWS[0], (2026, 1, "甲", 0.1, 0.2, "晴")]), {"D2": "FFFF0000"})
    assert flags(path) == {"D2": ("红", Flag.MARKED)}
    assert any("表中没有说明颜色的含义" in each for each in read_file(path).notes)
    assert any("读不出来" in each for each in read_file(write_text(ROWS[:2])).notes)
    assert any("没有找到着色的数值" in each for each in read_file(write_book(ROWS[:2])).notes)


def test_a_remark_below_the_table_counts_and_each_sheet_has_its_own(write_book: Write) -> None:
    below = [
        ROWS[0],
        *((2026, month, "甲", 0.1, 0.2, None) for month in range(1, 13)),
        *[("",)] * 30,
        (f"注：{REMARK}",),
    ]
    path = write_book({"一": below, "二": [ROWS[0], (2027, 1, "甲", 0.1, 0.2, None)]})
    coloured(coloured(path, {"D2": "FFFF0000"}), {"D2": "FFFF0000"}, sheet=1)
    marked = read_file(path).marked
    assert [(each.reading.sheet, each.flag) for each in marked] == [
        ("一", Flag.MARKED_ABNORMAL),
        ("二", Flag.MARKED),
    ]


def test_colours_of_a_turned_table_and_of_palettes(write_book: Write) -> None:
    turned = [("断面", "甲", "乙"), ("采样日期", "2026-07-09", "2026-07-10"), ("总磷(mg/L)", 1, 2), (REMARK, "", "")]
    assert flags(coloured(write_book(turned), {"C3": "FFFF0000"})) == {"C3": ("红", Flag.MARKED_ABNORMAL)}
    worn: dict[str, str | Color] = {
        "D2": Color(indexed=10),
        "E2": Color(theme=5),
        "D3": Color(theme=1),
        "D4": "FFFFC000",
    }
    assert flags(coloured(write_book(ROWS), worn)) == {
        "D2": ("红", Flag.MARKED_ABNORMAL),
        "E2": ("其他颜", Flag.MARKED),
        "D4": ("橙", Flag.MARKED),
    }


def filled(path: Path, fills: dict[str, str | Color], pattern: str = "solid") -> Path:
    book = openpyxl.load_workbook(path)
    for cell, colour in fills.items():
        book.worksheets[0][cell].fill = PatternFill(pattern, fgColor=colour)
    book.save(path)
    return path


def remarked(remark: str) -> list[tuple[object, ...]]:
    return [ROWS[0], (2026, 1, "甲", 0.1, 0.2, remark), *ROWS[2:]]


def test_fills_are_looks_and_a_plain_workbook_is_opened_once(
    write_book: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(write_book(ROWS), {"D2": "FFFF0000"})
    assert not has_coloured_cells(path.read_bytes()), "the remark speaks of figures"
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_args, **_more: pytest.fail("opened again"))
    assert read_file(path).marked == []


@pytest.mark.parametrize(
    ("remark", "flag"),
    [
        ("黄色底纹表示异常值", Flag.MARKED_ABNORMAL),
        ("注：黄底为离群值，红色为复测", Flag.MARKED_OUTLIER),
        ("标黄的为异常值", Flag.MARKED_ABNORMAL),
        ("黄色单元格是复测结果", Flag.MARKED),
        ("黄色为复测结果", None),
        ("黄色数字表示异常值", None),
        ("绿色底色表示异常值", None),
    ],
)
def test_a_solid_fill_is_read_where_a_remark_says_what_it_means(
    write_book: Write, remark: str, flag: Flag | None
) -> None:
    path = filled(
        write_book(remarked(remark)), {"D2": "FFFFFF00", "C3": "FFFFFF00", "E3": "FFFFFF00", "E4": "FFFFEB9C"}
    )
    assert flags(path) == ({} if flag is None else {"D2": ("黄底", flag)})
    assert has_coloured_cells(path.read_bytes()) == (flag is not None or "绿" in remark)
    if flag is not None:
        assert any(f"黄底色的数值 1 个（D2），记存疑标记“{flag}”" in each for each in read_file(path).notes)
    assert flags(filled(write_book(remarked(remark)), {"D2": "FFFFFF00"}, "lightGrid")) == {}


def test_a_font_and_a_fill_are_told_apart(write_book: Write) -> None:
    path = write_book(remarked("红色底纹表示异常值"))
    coloured(filled(path, {"D2": "FFFF0000", "E2": "FFFF0000"}), {"E2": "FF0000FF", "D3": "FFFF0000"})
    assert flags(path) == {
        "D2": ("红底", Flag.MARKED_ABNORMAL),
        "E2": ("红底", Flag.MARKED_ABNORMAL),
        "D3": ("红", Flag.MARKED),
    }


def test_fills_without_a_name_are_told_where_fills_mean_something(write_book: Write) -> None:
    pale: dict[str, str | Color] = {"D2": "FFFFC7CE", "E2": Color(theme=5), "D3": "FFD9D9D9", "A1": "FFFFC7CE"}
    notes = read_file(filled(write_book(remarked("红色底纹表示异常值")), pale)).notes
    assert any("另有 2 个数字的底色是浅色或主题色，与表中所说的颜色对不上" in each for each in notes)
    assert not any("浅色" in each for each in read_file(filled(write_book(ROWS), pale)).notes)


def test_a_remark_in_pieces_of_many_colours_is_found(write_book: Write) -> None:
    path = filled(write_book(remarked("占位")), {"D2": "FFFF0000"})
    book = openpyxl.load_workbook(path)
    red = InlineFont(color="FFFF0000")
    book.worksheets[0]["F2"] = CellRichText(TextBlock(red, "红色"), TextBlock(InlineFont(b=True), "底纹表示异常值"))
    book.save(path)
    assert flags(path)["D2"] == ("红底", Flag.MARKED_ABNORMAL)


@pytest.mark.parametrize("hidden", [False, True])
def test_conditional_formats_are_told_by_the_name_of_their_sheet(write_book: Write, hidden: bool) -> None:
    path = write_book({"一": ROWS, "二": [ROWS[0], (2027, 1, "甲", 0.1, 0.2, None)]})
    book = openpyxl.load_workbook(path)
    red = PatternFill("solid", bgColor="FFFF0000")
    book.worksheets[0].conditional_formatting.add(
        "D2:D9", CellIsRule(operator="greaterThan", formula=["0.2"], fill=red)
    )
    if hidden:
        book.worksheets[0]["H9"] = "=1/0"
    book.save(path)
    told = [each for each in read_file(path).notes if "条件格式" in each]
    assert told == ["表「一」有条件格式，由它们显示的颜色不读取；用它们标出的存疑值，请改用字体颜色，或另行说明。"]


def test_colours_that_cannot_be_read_are_told(write_book: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = coloured(write_book(ROWS), {"D2": "FFFF0000"})

    def fail(*_args: object, **_more: object) -> None:
        raise ValueError("broken styles")

    monkeypatch.setattr(openpyxl, "load_workbook", fail)
    parsed = read_file(path)
    assert parsed.marked == []
    assert any("颜色读不出来；数值照常收下，请核对原表" in each for each in parsed.notes)


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        (REMARK, True),
        ("红字为复测结果", True),
        ("红旗塘大坝", False),
        ("黄浦江", False),
        ("蓝藻水华", False),
        ("叶绿素a(μg/L)", False),
    ],
)
def test_what_speaks_of_colours(text: str, speaks: bool) -> None:
    assert (remark_on_colours([text]) is not None) == speaks


@pytest.mark.parametrize(
    ("remark", "flag"),
    [
        ("红字为复测结果", Flag.MARKED),
        ("红色为异常值；红色为离群值", Flag.MARKED),
        ("蓝色表示异常值", Flag.MARKED),
        ("红色的为异常", Flag.MARKED_ABNORMAL),
        (None, Flag.MARKED),
    ],
)
def test_only_what_is_said_has_a_meaning(remark: str | None, flag: Flag) -> None:
    assert flag_of("红", remark) is flag


def test_a_row_set_aside_keeps_the_colours_of_what_stands_in_it(write_book: Write) -> None:
    rows = [*ROWS, (2026, 4, "甲", "坏", None, None)]
    worn: dict[str, str | Color] = {"D5": "FFFF0000", "E5": "FFFF0000"}
    (rejected,) = read_file(coloured(write_book(rows), worn)).rejected
    assert rejected.colours == ((4, "红"),)


def test_colours_of_a_long_table(write_book: Write) -> None:
    rows = [("断面", "采样日期", "指标", "数值", "单位"), ("甲", "2026-07-09", "总磷", 0.1, "mg/L"),
            ("甲", "2026-07-10", "总磷", 0.2, "mg/L"), ("甲", "2026-07-11", "总磷", "--", "mg/L")]  # fmt: skip
    assert flags(coloured(write_book(rows), {"D3": "FFFF0000", "D4": "FFFF0000", "C2": "FFFF0000"})) == {
        "D3": ("红", Flag.MARKED)
    }


@pytest.mark.parametrize("name", colours.PAINT)
def test_what_a_colour_is_painted_with_is_read_as_its_name(name: str) -> None:
    assert colours._named("rgb", colours.PAINT[name]) == name
