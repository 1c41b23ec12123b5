"""What a clumsy hand makes of a file: nothing is lost or guessed, and every copy can be opened and imported again."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment

from compensation.errors import InputError
from compensation.monitoring import read_file
from compensation.monitoring.headers import take_apart
from compensation.store import Store

Call = Callable[..., Any]
Write = Callable[..., Path]
HEADER = ("断面名称", "监测时间", "氨氮(mg/L)", "总磷(mg/L)")
GOOD = ("太浦河桥", "2026-07-09 04:00", 0.1, 0.2)
MICRO, INVISIBLE = "总磷(μg/L)", "\u200b"


@pytest.mark.parametrize(
    "header",
    [MICRO, f"{MICRO}*", f"{MICRO}：", f"{MICRO}②", f"{MICRO}均值", f"{MICRO}{INVISIBLE}", f"*{MICRO}",
     "总磷（单位：μg/L）", "总磷(以P计)μg/L", f"总磷(μ{INVISIBLE}g/L)"],
)  # fmt: skip
def test_a_unit_holds_whatever_stands_behind_it(write_book: Write, header: str) -> None:
    (reading,) = read_file(write_book([("断面名称", "监测时间", header), (*GOOD[:2], 50)])).readings
    assert (reading.mantissa, reading.exponent) == (50, -3)


@pytest.mark.parametrize("header", ["铬(六价)", "高锰酸盐指数(CODMn)浓度(mg/L)", "氨氮(NH3-N)浓度", "总磷(mg/L)自动站"])
def test_what_was_understood_of_a_header_stays(header: str) -> None:
    found = take_apart(header)
    assert found.unit or found.strange_unit is None


@pytest.mark.parametrize("header", ["总磷(斤)", "总磷(斤)*", "总磷(以P计)斤", "溶解氧(%)饱和度"])
def test_an_unknown_unit_is_refused_whatever_stands_behind_it(write_book: Write, header: str) -> None:
    with pytest.raises(InputError, match="不认识的单位"):
        read_file(write_book([("断面名称", "监测时间", header), (*GOOD[:2], 50)]))


@pytest.mark.parametrize("label", ["", "单位"])
@pytest.mark.parametrize("turned", [False, True])
def test_an_unknown_unit_in_a_row_of_units_is_refused_even_when_the_sound_rows_are_wanted(
    call: Call, write_book: Write, store: Store, label: str, turned: bool
) -> None:
    rows: list[tuple[object, ...]] = [("断面名称", "采样日期", "氨氮", "总磷"), (label, "", "mg/L", "斤")]
    rows.append(("太浦河桥", "2026-07-09", 0.1, 0.2))
    said = call("import", str(write_book(zip(*rows, strict=True) if turned else rows)), "--accept-valid")
    assert said.code == 2
    assert "总磷」不认识的单位“斤”" in said.err
    assert store.status().rows["import_file"] == 0


def test_a_row_of_dashes_is_no_row_of_units(write_book: Write) -> None:
    rows = [("断面名称", "监测时间", "氨氮(mg/L)", "总磷(mg/L)"), ("太浦河桥", "", "-", "/"), GOOD]
    assert read_file(write_book(rows)).counts.rows_in == 2


def test_what_nobody_sees_makes_no_other_section_or_number(call: Call, write_book: Write, store: Store) -> None:
    rows = [HEADER, (f"太浦河桥{INVISIBLE}", f"2026-07-09 04:00{INVISIBLE}", f"0.1{INVISIBLE}", "\u202d0.2\u202c")]
    said = call("import", str(write_book(rows)))
    assert said.code == 0, said.err
    assert {(row[0], *row[3:5]) for row in store.readings()} == {("310118_0003", 1, -1), ("310118_0003", 2, -1)}
    assert {row.section.name for row in read_file(write_book(rows)).readings} == {"太浦河桥"}
    assert [row.raw for row in read_file(write_book(rows)).readings] == [f"0.1{INVISIBLE}", "\u202d0.2\u202c"]


def test_sums_and_stories_are_no_sections(call: Call, write_book: Write, store: Store) -> None:
    rows = [HEADER, GOOD, ("合计", "2026-07-09 08:00", 1, 2), ("说明" * 40, "2026-07-09 12:00", 1, 2)]
    said = call("import", str(write_book(rows)), "--accept-valid")
    assert "3 行 ＝ 收下 1 ＋ 与已有相同 0 ＋ 隔离 1 ＋ 不计 1" in said.out
    assert "断面名称有80个字" in said.out
    assert [each for each in store.sections() if not each.registered] == []
    rows = [
        (HEADER[1], HEADER[0], *HEADER[2:]),
        ("2026-07-09 08:00", "合计", 1, 2),
        ("2026-07-09 04:00", "太浦河桥", 1, 2),
    ]
    (wrong,) = read_file(write_book(rows)).blocking
    assert "“合计”不是断面名称" in wrong.reason


def test_a_column_without_a_header_is_told_when_something_stands_in_it(write_book: Write) -> None:
    rows = [(*HEADER, "", ""), (*GOOD, "", "甲"), (*GOOD[:1], "2026-07-09 08:00", 1, 1, "", 5), (*GOOD, "", "")]
    told = [each for each in read_file(write_book(rows)).notes if "没有表头" in each]
    assert told == ["表「数据」F列没有表头，未读取；其中有内容的 2 格，第一处是F2。"]
    merged = [HEADER, (*GOOD, "", "甲"), ("备注：本表数据未经审核，仅供参考", *[""] * 5)]
    notes = read_file(write_book(merged, merged=["A3:F3"])).notes
    assert [each for each in notes if "没有表头" in each] == [
        "表「数据」F列没有表头，未读取；其中有内容的 1 格，第一处是F2。"
    ]


def test_a_line_for_signatures_is_no_row(write_book: Write) -> None:
    signed = ("填表人：张三", "", "审核：李四", "填报日期：2026-07-30")
    parsed = read_file(write_book([HEADER, GOOD, signed]))
    assert (parsed.counts.rows_in, parsed.blocking) == (1, [])
    assert any("第3行是附注：填表人：张三" in each for each in parsed.notes)
    assert read_file(write_book([HEADER, GOOD, ("注", "1", "2", "")])).blocking


@pytest.mark.parametrize("cells", [3, 6])
def test_the_copy_of_a_row_with_too_few_or_many_cells_is_refused_until_it_is_mended(
    call: Call, write_text: Write, cells: int
) -> None:
    row = (*map(str, GOOD), "x", "y")[:cells]
    path = write_text([HEADER, row, ("太浦河桥", "2026-07-09 08:00", "1", "2")])
    assert call("import", str(path)).code == 2
    copy = path.with_name("数据_标注.xlsx")
    assert call("import", str(copy)).code == 2, "nothing was mended"
    book = openpyxl.load_workbook(copy)
    sheet = book["数据"]
    assert [cell.value for cell in sheet[2]][:cells] == list(row), "what was there is there"
    for column in range(5, 9):
        sheet.cell(2, column).value = None
    sheet["D2"] = "0.2"
    book.save(copy)
    said = call("import", str(copy))
    assert said.code == 0, said.err
    assert "收下 2" in said.out


def test_a_strict_workbook_gets_its_copy_too(call: Call, write_book: Write, folder: Path) -> None:
    path = write_book([HEADER, GOOD, (*GOOD[:1], "2026-07-09 08:00", "坏", 1)])
    strict = folder / "严格.xlsx"
    main, relations = (
        b"schemas.openxmlformats.org/spreadsheetml/2006",
        b"schemas.openxmlformats.org/officeDocument/2006",
    )
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(strict, "w") as out:
        for name in archive.namelist():
            data = archive.read(name).replace(main, b"purl.oclc.org/ooxml/spreadsheetml")
            out.writestr(name, re.sub(relations, b"purl.oclc.org/ooxml/officeDocument", data))
    said = call("import", str(strict))
    assert (said.code, "Warning" in said.err) == (2, False)
    copy = folder / "严格_标注.xlsx"
    book = openpyxl.load_workbook(copy)
    assert book["数据"]["C3"].comment is not None
    book["数据"]["C3"] = "0.3"
    book.save(copy)
    assert call("import", str(copy)).code == 0


def test_comments_are_told_but_for_our_own(call: Call, write_book: Write) -> None:
    path = write_book({"一": [HEADER, GOOD, (*GOOD[:1], "2026-07-09 08:00", "坏", 1)], "二": [HEADER]})
    book = openpyxl.load_workbook(path)
    book["一"]["C2"].comment = Comment("极值\n过滤", "站长")
    book["一"]["D3"].comment = Comment("当天质控不合格", "站长")
    book.save(path)
    said = call("import", str(path), "--accept-valid")
    assert "表「一」有 2 处批注（C2：极值 过滤；D3：当天质控不合格），批注不读取" in said.out
    assert "表「二」有" not in said.out
    plain = write_book([HEADER, (*GOOD[:2], "坏", 1)], "净.xlsx")
    assert call("import", str(plain)).code == 2
    book = openpyxl.load_workbook(plain.with_name("净_标注.xlsx"))
    book["数据"]["C2"] = 0.3
    book.save(plain.with_name("净_标注.xlsx"))
    said = call("import", str(plain.with_name("净_标注.xlsx")))
    assert (said.code, "批注" in said.out) == (0, False)


LINES = ["单位：μg/L", "（单位：μg/L）", "某站月报　单位:ug/L（pH除外）", "注：单位均为微克/升"]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("turned", [False, True])
def test_a_unit_above_a_table_holds_for_what_has_none(write_book: Write, line: str, turned: bool) -> None:
    rows: list[tuple[object, ...]] = [
        ("断面名称", "采样日期", "pH", "氨氮(mg/L)", "总磷"),
        ("太浦河桥", "2026-07-09", 7, 1, 50),
    ]
    table = [(line, "")] + [tuple(row) for row in (zip(*rows, strict=True) if turned else rows)]
    readings = {each.indicator: (each.mantissa, each.exponent) for each in read_file(write_book(table)).readings}
    assert readings == {"w01001": (7, 0), "w21003": (1, 0), "w21011": (50, -3)}


@pytest.mark.parametrize("line", ["填报单位：μg/L", "单位：某某环境监测中心", "单位：无"])
def test_an_office_is_no_unit(write_book: Write, line: str) -> None:
    rows = [(line, "", ""), ("断面名称", "采样日期", "总磷"), ("太浦河桥", "2026-07-09", 50)]
    (reading,) = read_file(write_book(rows)).readings
    assert (reading.mantissa, reading.exponent) == (50, 0)


@pytest.mark.parametrize(
    ("line", "unit", "is_late"),
    [
        ("单位：μg/L", "", True),
        ("注：单位为μg/L", "", True),
        ("单位：μg/L", "(mg/L)", False),
        ("单位：mg/L", "", False),
    ],
)
def test_a_unit_below_a_table_without_any_comes_too_late(
    call: Call, write_book: Write, line: str, unit: str, is_late: bool
) -> None:
    rows = [("断面名称", "采样日期", f"总磷{unit}"), ("太浦河桥", "2026-07-09", 50), (line, "", "")]
    said = call("import", str(write_book(rows)), "--accept-valid")
    assert (said.code, "表的下方写明单位“μg/L”" in said.err) == ((2, True) if is_late else (0, False))


@pytest.mark.parametrize(
    "table",
    [
        [("断面", "采样日期", "指标", "数值"), ("太浦河桥", "2026-07-09", "总磷", 50)],
        [("断面", "指标", "2026年7月", "2026年8月"), ("太浦河桥", "总磷", 50, "")],
    ],
)
def test_a_unit_above_a_long_table_holds_too(write_book: Write, table: list[tuple[object, ...]]) -> None:
    first = read_file(write_book([("单位：某某中心", ""), ("单位：μg/L", ""), *table])).readings[0]
    assert (first.mantissa, first.exponent) == (50, -3)


def test_a_row_of_units_below_an_empty_row_is_one(write_book: Write) -> None:
    rows = [("断面名称", "采样日期", "总磷"), ("", "", ""), ("", "", "μg/L"), ("太浦河桥", "2026-07-09", 50)]
    (reading,) = read_file(write_book(rows)).readings
    assert (reading.mantissa, reading.exponent) == (50, -3)


@pytest.mark.parametrize(("below", "agrees"), [("μg/L", False), ("m", False), ("g/m³", True), ("mg/L", True)])
def test_two_units_of_one_column_must_agree(write_book: Write, below: str, agrees: bool) -> None:
    path = write_book([("断面名称", "采样日期", "总磷(mg/L)"), ("", "", below), ("太浦河桥", "2026-07-09", 50)])
    if agrees:
        assert len(read_file(path).readings) == 1
    else:
        with pytest.raises(InputError, match="不一致"):
            read_file(path)
