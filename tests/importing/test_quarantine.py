"""Rows refused by --accept-valid are kept whole, listed, written out, corrected, imported, and then leave."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from compensation.store import Store

HEADER = ("断面名称", "监测时间", "总磷(mg/L)", "氨氮(mg/L)")
GOOD = ("太浦河桥", "07-09 04:00", "0.1", "0.2")
BAD = ("太浦河桥", "07-09 08:00", "0.1.2", "=坏")
Call = Callable[..., Any]
Write = Callable[..., Path]


@pytest.fixture
def quarantined(call: Call, write_text: Write) -> Call:
    rows = [("某站年报",), HEADER, GOOD, BAD, ("均值", "", "0.3", "0.2"), ("太浦河桥", "07-09 12:00", "0.4")]
    said = call("import", str(write_text(rows, "站_2026.csv")), "--accept-valid")
    assert said.code == 0, said.err
    assert "4 行 ＝ 收下 1 ＋ 与已有相同 0 ＋ 隔离 2 ＋ 不计 1 ＋ 空行 0" in said.out
    return call


def corrected(path: Path, changes: dict[str, object]) -> Path:
    book = openpyxl.load_workbook(path)
    for cell, value in changes.items():
        book.worksheets[1][cell] = value
    book.save(path)
    return path


def test_the_list_shows_each_fault(quarantined: Call) -> None:
    said = quarantined("quarantine", "list")
    for words in ("站_2026.csv", "C4", "D4", "0.1.2", "不是数值", "数值可能错位", "隔离中 2 行"):
        assert words in said.out
    assert "隔离中 0 行" in quarantined("quarantine", "list", "--file", "别的.csv").out


def test_the_rows_go_out_are_corrected_and_come_in(quarantined: Call, store: Store, folder: Path) -> None:
    assert "2 行" in quarantined("quarantine", "export").out
    path = folder / "站_2026_隔离.xlsx"
    sheet = openpyxl.load_workbook(path).worksheets[1]
    assert [cell.value for cell in sheet[2]][:5] == [*HEADER, "隔离编号"]
    assert [cell.value for cell in sheet[3]][:4] == list(BAD)
    assert sheet["D3"].data_type == "s"
    assert sheet["C3"].fill.start_color.rgb == "FFFFC7CE"
    said = quarantined("import", str(corrected(path, {"C3": "0.12", "D3": "0.3", "D4": "0.5", "F4": None})))
    assert said.code == 0, said.err
    assert store.quarantined() == []
    assert sorted(row[3] for row in store.readings(indicators=["w21011"])) == [1, 4, 12]
    left = quarantined("quarantine", "list", "--all").out
    assert left.count("《站_2026_隔离.xlsx》 改正后导入") == 2
    assert all(check.ok for check in store.check())


def test_only_corrected_rows_leave(quarantined: Call, store: Store, folder: Path) -> None:
    quarantined("quarantine", "export")
    path = corrected(folder / "站_2026_隔离.xlsx", {"C3": "0.12", "D3": "0.3"})
    said = quarantined("import", str(path), "--accept-valid")
    assert "收下 1" in said.out
    assert "隔离 1" in said.out
    (waiting,) = store.quarantined()
    assert (waiting.file, waiting.row) == ("站_2026_隔离.xlsx", 4), "it waits once, as it was sent last"
    assert "改后仍有错" in quarantined("quarantine", "list", "--all").out


def test_a_row_that_took_anothers_place_leaves_by_the_number_of_the_first(
    quarantined: Call, store: Store, folder: Path
) -> None:
    """The sheet that is corrected twice bears the number it was written with."""
    quarantined("quarantine", "export")
    path = corrected(folder / "站_2026_隔离.xlsx", {"C3": "0.12", "D3": "0.3", "D4": "坏"})
    for value, waiting in (("坏的", 1), ("更坏", 1), ("0.5", 0)):
        said = quarantined("import", str(corrected(path, {"D4": value, "F4": None})), "--accept-valid")
        assert said.code == 0, said.err
        assert len(store.quarantined()) == waiting
    assert sorted(row[3] for row in store.readings(indicators=["w21011"])) == [1, 4, 12]
    assert all(check.ok for check in store.check())


def test_an_uncorrected_export_changes_nothing(quarantined: Call, store: Store, folder: Path) -> None:
    quarantined("quarantine", "export")
    before = store.status()
    assert quarantined("import", str(folder / "站_2026_隔离.xlsx")).code == 2
    assert store.status() == before


def test_an_export_is_never_written_over_another(quarantined: Call, folder: Path) -> None:
    quarantined("quarantine", "export")
    said = quarantined("quarantine", "export")
    assert said.code == 2
    assert "没有覆盖" in said.err
    (folder / "又").mkdir()
    assert quarantined("quarantine", "export", "--folder", str(folder / "又")).code == 0


def test_somebody_gives_a_row_up(quarantined: Call, store: Store) -> None:
    handle = store.quarantined()[0].handle
    assert quarantined("quarantine", "release", handle, "--by", "张三", "--why", " ").code == 2
    assert quarantined("quarantine", "release", handle, "--by", "张三", "--why", "重复上报").code == 0
    assert len(store.quarantined()) == 1
    assert "张三 重复上报" in quarantined("quarantine", "list", "--all").out
    again = quarantined("quarantine", "release", handle, "--by", "张三", "--why", "重复上报")
    assert (again.code, "不在隔离区" in again.err) == (2, True)


def test_a_number_nobody_gave_out_is_refused(call: Call, write_text: Write, store: Store) -> None:
    rows = [(*HEADER, "隔离编号"), (*GOOD, "G1-ffffff")]
    said = call("import", str(write_text(rows, "站_2026.csv")))
    assert said.code == 2
    assert "隔离编号“G1-ffffff”不认识" in said.err
    assert store.status().rows["import_file"] == 0


def test_evidence_rows_come_back_too(call: Call, write_book: Write, store: Store, folder: Path) -> None:
    header = ("断面", "年", "月", "取水量(m³)", "依据文号")
    path = write_book([header, ("金泽取水口", 2026, 7, "很多", "文"), ("金泽取水口", 2026, 8, 9, "文")], "取水.xlsx")
    assert call("import", str(path), "--accept-valid").code == 0
    call("quarantine", "export")
    assert call("import", str(corrected(folder / "取水_隔离.xlsx", {"D2": "12"}))).code == 0
    assert [each.record.volume_m3 for each in store.intake_volumes()] == [12, 9]
    assert store.quarantined() == []


def test_rows_of_a_turned_table_come_back_from_quarantine(call: Call, write_book: Write) -> None:
    rows = [
        ("断面", "太浦河桥", "淀峰"),
        ("采样日期", "2026-07-09", "2026-07-09"),
        ("总磷(mg/L)", 0.1, "坏"),
        ("pH", 7, 7),
    ]
    path = write_book(rows, "转置.xlsx")
    assert call("import", str(path)).code == 2
    marked = openpyxl.load_workbook(path.with_name("转置_标注.xlsx"))["数据"]
    assert marked["C3"].comment is not None
    assert call("import", str(path), "--accept-valid").code == 0
    assert call("quarantine", "export").code == 0
    copy = path.with_name("转置_隔离.xlsx")
    book = openpyxl.load_workbook(copy)
    cell = next(cell for row in book["数据"].iter_rows() for cell in row if cell.value == "坏")
    cell.value = 0.2
    book.save(copy)
    said = call("import", str(copy))
    assert (said.code, said.err.replace("导入", "").strip()) == (0, "")
    assert "1 行 ＝ 收下 1" in said.out
    assert "隔离中 0 行" in call("quarantine", "list").out


def test_a_dry_run_tells_table_columns_units_period_and_sections(call: Call, write_text: Write) -> None:
    rows = [("断面", "监测时间", "总磷(μg/L)"), ("太浦河桥", "2026-07-09 04:00", 50), ("淀峰", "2026-07-10 04:00", 50)]
    said = call("import", str(write_text(rows)), "--dry-run").out
    for words in ("表头在第1行", "C列「总磷(μg/L)」：总磷（μg/L）", "时段：2026-07-09 04:00 至 2026-07-10 04:00",
                  "断面2个：太浦河桥、淀峰"):  # fmt: skip
        assert words in said
    rows = [("断面", "年", "月", "取水量(m³)", "依据文号"), ("金泽取水口", 2026, 7, 5, "文")]
    said = call("import", str(write_text(rows, "取水.csv")), "--dry-run").out
    assert "凭据时段：2026-07 至 2026-07" in said
    assert "断面1个：金泽取水口" in said


VOLUMES = ("断面", "年", "月", "取水量(m³)", "依据文号")


def sums(store: Store) -> list[int]:
    return [int(each.record.volume_m3) for each in store.intake_volumes()]


def test_contradicting_evidence_waits_while_the_rest_is_taken(
    call: Call, write_book: Write, store: Store, folder: Path
) -> None:
    assert call("import", str(write_book([VOLUMES, ("金泽取水口", 2026, 1, 10, "文")], "甲.xlsx"))).code == 0
    rows = [
        VOLUMES,
        ("金泽取水口", 2026, 1, 11, "文"),  # against what is stored
        ("金泽取水口", 2026, 1, 10, "文"),  # the same as what is stored
        ("金泽取水口", 2026, 2, 20, "文"),  # these two, and the third like the first, against each other
        ("金泽取水口", 2026, 2, 21, "文"),
        ("金泽取水口", 2026, 2, 20, "文"),
        ("金泽取水口", 2026, 3, 30, "文"),
    ]
    path = write_book(rows, "乙.xlsx")
    assert call("import", str(path)).code == 2
    said = call("import", str(path), "--accept-valid")
    assert said.code == 0, said.err
    assert "6 行 ＝ 收下 1 ＋ 与已有相同 1 ＋ 隔离 4 ＋ 不计 0 ＋ 空行 0" in said.out
    assert sums(store) == [10, 30]
    waiting = store.quarantined()
    assert [each.row for each in waiting] == [2, 4, 5, 6]
    assert waiting[0].cells == ("金泽取水口", "2026", "1", "11", "文")
    assert "《甲.xlsx》表「数据」第 2 行" in waiting[0].faults[0].reason
    assert "自相矛盾" in waiting[1].faults[0].reason
    assert "取水量与已有记录矛盾" in said.out
    call("quarantine", "export")
    book = openpyxl.load_workbook(folder / "乙_隔离.xlsx")
    sheet = book.worksheets[1]
    for row in (5, 4, 2):
        sheet.delete_rows(row)
    book.save(folder / "乙_隔离.xlsx")
    assert call("import", str(folder / "乙_隔离.xlsx")).code == 0
    assert sums(store) == [10, 20, 30]
    assert [each.row for each in store.quarantined()] == [2, 5, 6]


def test_rows_of_an_ambiguous_section_wait_while_the_rest_is_taken(call: Call, write_book: Write, store: Store) -> None:
    for code, province in (("T1", "江苏省"), ("T2", "浙江省")):
        assert call("section", "add", code, "双名", "--province", province, "--body", "river").code == 0
    tables = {
        "宽": [HEADER, GOOD, ("双名", "07-09 08:00", "0.2", "0.2"), ("双名", "07-09 12:00", "0.2", "0.2")],
        "长": [
            ("断面", "时间", "指标", "数值", "单位"),
            ("双名", "07-09 08:00", "总磷", 0.3, "mg/L"),
            ("太浦河桥", "07-09 08:00", "总磷", 0.3, "mg/L"),
        ],
        "水": [VOLUMES, ("双名", 2026, 2, 20, "文"), ("金泽取水口", 2026, 3, 30, "文")],
    }
    path = write_book(tables, "站_2026.xlsx")
    said = call("import", str(path))
    assert said.code == 2
    assert said.err.count("断面「双名」无法确定") == 1
    said = call("import", str(path), "--accept-valid")
    assert said.code == 0, said.err
    assert "7 行 ＝ 收下 3 ＋ 与已有相同 0 ＋ 隔离 4 ＋ 不计 0 ＋ 空行 0" in said.out
    assert "表「宽」A3、A4：断面「双名」无法确定：登记表中有多个断面使用此名" in said.out
    assert sums(store) == [30]
    assert [(each.sheet, each.row) for each in store.quarantined()] == [("宽", 3), ("宽", 4), ("长", 2), ("水", 2)]
    assert "双名" not in {each.name for each in store.sections() if not each.registered}


AMBIGUOUS = [
    ("断面", "单位", "太浦河桥", "双名", "淀峰"),
    ("采样日期", "", "2026-07-09", "2026-07-09", "2026-07-09"),
    ("总磷", "mg/L", 0.1, 0.2, 0.3),
    ("pH", "", 7, 7.2, 7.3),
    ("氨氮", "mg/L", 1, "", 1.3),
]


@pytest.mark.parametrize("mend", [{"D2": "苏双名"}, {"A7": "省份", "D7": "江苏省"}])
def test_an_ambiguous_heading_of_a_turned_table_waits_alone(
    call: Call, write_book: Write, store: Store, folder: Path, mend: dict[str, object]
) -> None:
    assert call("section", "add", "T1", "双名", "--province", "江苏省", "--body", "river", "--also", "苏双名").code == 0
    assert call("section", "add", "T2", "双名", "--province", "浙江省", "--body", "river").code == 0
    path = write_book([("各断面月报",), *AMBIGUOUS], "转置.xlsx")
    said = call("import", str(path))
    assert said.code == 2
    assert "D2：断面「双名」无法确定" in said.err
    marked = openpyxl.load_workbook(folder / "转置_标注.xlsx")["数据"]
    pale = [cell.coordinate for row in marked for cell in row if cell.fill.start_color.rgb == "FFFFC7CE"]
    assert pale == ["D2"], "the heading, and not the first row below it"
    said = call("import", str(path), "--accept-valid")
    assert said.code == 0, said.err
    assert "5 行 ＝ 收下 3 ＋ 与已有相同 0 ＋ 隔离 2 ＋ 不计 0 ＋ 空行 0；新读数 6 个" in said.out
    assert "D4、D5：D2“双名”：断面「双名」无法确定：登记表中有多个断面使用此名" in said.out
    assert "D列的数值归不到断面和时间，单独隔离；因此分成两部分的2行，收下的和隔离的各计一行。" in said.out
    assert {row[0] for row in store.readings()} == {"310118_0003", "310118_0001"}
    assert [each.cells for each in store.quarantined()] == [
        ("总磷", "mg/L", "〔已收下〕", "0.2", "〔已收下〕"),
        ("pH", "", "〔已收下〕", "7.2", "〔已收下〕"),
    ]
    assert call("quarantine", "export").code == 0
    copy = folder / "转置_隔离.xlsx"
    assert openpyxl.load_workbook(copy).worksheets[1]["D4"].fill.start_color.rgb == "FFFFC7CE"
    assert call("import", str(copy)).code == 2, "nothing was mended"
    said = call("import", str(corrected(copy, mend)))
    assert said.code == 0, said.err
    assert "2 行 ＝ 收下 2 ＋ 与已有相同 0 ＋ 隔离 0" in said.out
    assert store.quarantined() == []
    assert [row[0] for row in store.readings() if row[0] not in {"310118_0003", "310118_0001"}] == ["T1", "T1"]
    assert all(check.ok for check in store.check())


def test_every_heading_that_bears_an_ambiguous_name_is_told_with_the_other_faults(
    call: Call, write_book: Write
) -> None:
    for code, province in (("T1", "江苏省"), ("T2", "浙江省")):
        assert call("section", "add", code, "双名", "--province", province, "--body", "river").code == 0
    rows = [
        ("断面", "双名", "双名", "甲"),
        ("采样日期", "2026-07-09", "2026-07-10", "2026-07-09"),
        ("总磷(mg/L)", 1, 2, 3),
        ("pH", 7, 7, "坏"),
    ]
    said = call("import", str(write_book(rows)))
    assert [each in said.err for each in ("B1：断面「双名」", "C1：断面「双名」", "D4：")] == [True] * 3
    assert said.err.count("断面「双名」无法确定") == 2


def test_a_bad_cell_keeps_its_row_whole_and_a_heading_without_a_date_waits_too(
    call: Call, write_book: Write, store: Store, folder: Path
) -> None:
    rows = [list(row) for row in AMBIGUOUS]
    rows[0][3] = "平望大桥"
    rows[1][3] = ""
    rows[2][2] = "坏"
    said = call("import", str(write_book(rows, "转置.xlsx")), "--accept-valid")
    assert said.code == 0, said.err
    assert "4 行 ＝ 收下 2 ＋ 与已有相同 0 ＋ 隔离 2 ＋ 不计 0 ＋ 空行 0；新读数 4 个" in said.out
    assert "D2“”：没有监测时间" in said.out
    assert [each.cells for each in store.quarantined()] == [
        ("总磷", "mg/L", "坏", "0.2", "0.3"),
        ("pH", "", "〔已收下〕", "7.2", "〔已收下〕"),
    ]
    assert call("quarantine", "export").code == 0
    said = call("import", str(corrected(folder / "转置_隔离.xlsx", {"D2": "2026-07-09", "C3": 0.1})))
    assert said.code == 0, said.err
    assert "2 行 ＝ 收下 2 ＋ 与已有相同 0" in said.out
    assert "冲突" not in said.out, "what was taken of a row does not come in again as nothing"
    assert store.quarantined() == []
    assert len(list(store.readings(indicators=["w01001"]))) == 3


JOINT = [
    ("断面名称", "采样日期", "氨氮(mg/L)", "总磷(mg/L)"),
    ("汾湖大桥(界标)", "2026-07-09", "0.1", "0.1"),
    ("太浦河桥", "2026-07-09", "0.2", "0.3"),
    ("均值", "2026-07-09", "0.15", "0.9"),
]


@pytest.fixture
def lone_mean(call: Call, write_book: Write, folder: Path) -> Path:
    """The quarantine's workbook of a wrong mean, which stands there without the rows that it is the mean of."""
    assert call("import", str(write_book(JOINT, "联合.xlsx")), "--accept-valid").code == 0
    assert call("quarantine", "export").code == 0
    return folder / "联合_隔离.xlsx"


@pytest.mark.parametrize("mend", [{}, {"D2": "0.2"}, {"C2": "", "D2": ""}])
def test_a_mean_that_nothing_proves_stays_in_quarantine(
    call: Call, store: Store, lone_mean: Path, mend: dict[str, object]
) -> None:
    said = call("import", str(corrected(lone_mean, mend)))
    assert said.code == 2
    assert "不能解除隔离（均值要和上面的上下游两行一起核对，这里核对不了）" in said.err
    assert "quarantine release" in said.err
    assert len(store.quarantined()) == 1
    assert call("import", str(lone_mean), "--accept-valid").code == 0
    (waiting,) = store.quarantined()
    assert waiting.row == 2, "taking the rest does not let it go either"


def test_a_mean_leaves_with_the_rows_that_prove_it(call: Call, store: Store, lone_mean: Path) -> None:
    book = openpyxl.load_workbook(lone_mean)
    sheet = book.worksheets[1]
    sheet.insert_rows(2, 2)
    for row, cells in enumerate(JOINT[1:3], start=2):
        for column, text in enumerate(cells, start=1):
            sheet.cell(row, column).value = text
    book.save(lone_mean)
    assert call("import", str(lone_mean)).code == 2, "it is as wrong as it was"
    assert len(store.quarantined()) == 1
    said = call("import", str(corrected(lone_mean, {"D4": "0.2"})))
    assert said.code == 0, said.err
    assert store.quarantined() == []


def test_rows_above_that_prove_nothing_do_not_let_a_mean_go(call: Call, store: Store, lone_mean: Path) -> None:
    book = openpyxl.load_workbook(lone_mean)
    sheet = book.worksheets[1]
    sheet.insert_rows(2, 2)
    for row in (2, 3):
        for column, text in enumerate(("淀峰", f"2026-08-0{row}", "--", "--"), start=1):
            sheet.cell(row, column).value = text
    book.save(lone_mean)
    assert call("import", str(lone_mean)).code == 2
    assert len(store.quarantined()) == 1


@pytest.mark.parametrize(
    "emptied", [{"A2": "", "B2": "", "C2": "", "D2": ""}, {"B2": "--", "D2": "0.3"}, {"A2": "合计", "D2": "0.3"}]
)
def test_a_row_of_which_nothing_is_taken_has_not_been_corrected(
    call: Call, write_book: Write, store: Store, folder: Path, emptied: dict[str, object]
) -> None:
    rows = [HEADER, ("太浦河桥", "07-09 08:00", "0.1", "坏")]
    assert call("import", str(write_book(rows, "站_2026.xlsx")), "--accept-valid").code == 0
    assert call("quarantine", "export").code == 0
    said = call("import", str(corrected(folder / "站_2026_隔离.xlsx", emptied)))
    assert said.code == 2, said.out
    assert "没有可收下的内容，不能解除隔离" in said.err
    assert len(store.quarantined()) == 1


def test_an_emptied_row_of_a_turned_table_stays_too(call: Call, write_book: Write, store: Store, folder: Path) -> None:
    rows = [
        ("断面", "太浦河桥", "淀峰"),
        ("采样日期", "2026-07-09", "2026-07-09"),
        ("总磷(mg/L)", 0.1, "坏"),
        ("pH", 7, 7),
    ]
    assert call("import", str(write_book(rows, "转置.xlsx")), "--accept-valid").code == 0
    assert call("quarantine", "export").code == 0
    said = call("import", str(corrected(folder / "转置_隔离.xlsx", {"B3": "", "C3": ""})))
    assert said.code == 2
    assert len(store.quarantined()) == 1
