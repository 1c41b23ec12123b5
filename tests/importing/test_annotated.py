"""A file with faults comes back with each of them marked in its cell, otherwise as it was, ready to be imported."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import PatternFill

from compensation.monitoring import read_file
from compensation.monitoring.reader import CELL_LOST, SKIP_MARK
from compensation.sheets.annotated import AUTHOR, TITLE
from compensation.store import Store

sys.path.append(str(Path(__file__).resolve().parents[2] / "fuzz"))
import old_books

HEADER = ("断面名称", "监测时间", "总磷(mg/L)", "氨氮(mg/L)")
GOOD = ("太浦河桥", "2026-07-09 04:00", 0.1, 0.2)
BAD = ("太浦河桥", "2026-07-09 08:00", "0.1.2", "坏")
Call = Callable[..., Any]
Write = Callable[..., Path]


def book_of(path: Path) -> Any:
    return openpyxl.load_workbook(path)


def marked(sheet: Any) -> set[str]:
    return {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.start_color.rgb == "FFFFC7CE"}


def test_every_fault_is_coloured_commented_and_listed(call: Call, write_book: Write) -> None:
    path = write_book([("标题",), HEADER, GOOD, BAD])
    said = call("import", str(path))
    assert said.code == 2
    assert "数据_标注.xlsx" in said.out
    book = book_of(path.with_name("数据_标注.xlsx"))
    assert book.sheetnames == ["问题清单", "数据"]
    sheet = book["数据"]
    assert marked(sheet) == {"C4", "D4"}
    assert "不是数值" in sheet["C4"].comment.text
    assert sheet["C4"].comment.author == AUTHOR
    front = book["问题清单"]
    assert front["A1"].value == TITLE
    listed = [[cell.value for cell in row] for row in front.iter_rows(min_row=6)]
    assert [row[:4] for row in listed] == [[1, "数据", "C4", "0.1.2"], [2, "数据", "D4", "坏"]]
    assert all(row[4] and row[5] and row[6] for row in listed)


def test_nothing_is_stored_and_the_original_is_untouched(call: Call, write_book: Write, store: Store) -> None:
    path = write_book([HEADER, GOOD, BAD])
    before = path.read_bytes()
    call("import", str(path))
    assert path.read_bytes() == before
    assert store.status().rows["import_file"] == 0


def test_the_corrected_copy_goes_in(call: Call, write_book: Write, store: Store) -> None:
    path = write_book([HEADER, GOOD, BAD])
    call("import", str(path))
    copy = path.with_name("数据_标注.xlsx")
    book = book_of(copy)
    book["数据"]["C3"], book["数据"]["D3"] = 0.3, "0.025L"
    book.save(copy)
    said = call("import", str(copy))
    assert said.code == 0, said.err
    assert "2 行 ＝ 收下 2" in said.out
    assert sorted(row[3] for row in store.readings(indicators=["w21011"])) == [1, 3]


def test_faults_that_remain_give_a_fresh_copy_with_only_those(call: Call, write_book: Write) -> None:
    path = write_book([HEADER, GOOD, BAD])
    call("import", str(path))
    copy = path.with_name("数据_标注.xlsx")
    book = book_of(copy)
    book["数据"]["C3"] = 0.3
    book.save(copy)
    assert call("import", str(copy)).code == 2
    second = book_of(path.with_name("数据_标注(2).xlsx"))
    assert second.sheetnames == ["问题清单", "数据"]
    assert marked(second["数据"]) == {"D3"}
    assert second["数据"]["C3"].comment is None
    assert copy.exists()


def test_an_uncorrected_copy_is_refused_like_the_file(call: Call, write_book: Write) -> None:
    path = write_book([HEADER, GOOD, BAD])
    first = call("import", str(path))
    again = call("import", str(path.with_name("数据_标注.xlsx")))
    assert again.code == 2
    assert again.err.count("不是数值") == first.err.count("不是数值") == 2


def test_styles_widths_formulas_and_their_values_stay(call: Call, write_book: Write, folder: Path) -> None:
    path = write_book({"数据": [HEADER, GOOD, BAD], "备查": [("甲", "=1+1")]})
    book = book_of(path)
    sheet = book["数据"]
    sheet["A2"].fill = PatternFill("solid", start_color="FF00FF00")
    sheet.column_dimensions["A"].width = 33
    sheet["D2"] = "=1/4"
    book.save(path)
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is absent")
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    (folder / "out").mkdir()
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "out"), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    path = folder / "out" / path.name
    assert call("import", str(path)).code == 2
    copy = path.with_name("数据_标注.xlsx")
    book = book_of(copy)
    assert book["数据"]["A2"].fill.start_color.rgb == "FF00FF00"
    assert round(book["数据"].column_dimensions["A"].width) == 33
    assert book["数据"]["D2"].value == "=1/4"
    assert [each.raw for each in read_file(copy).readings if each.row == 2] == ["0.1", "0.25"]


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8", ","), ("gb18030", "\t")])
def test_a_text_file_becomes_a_workbook_of_text(call: Call, write_text: Write, encoding: str, delimiter: str) -> None:
    rows = [HEADER, GOOD, BAD, ("=cmd|' /C calc'!A0", "2026-07-09 12:00", "+1+1", "-2")]
    path = write_text(rows, "站_2026.csv", encoding, delimiter)
    assert call("import", str(path)).code == 2
    sheet = book_of(path.with_name("站_2026_标注.xlsx")).worksheets[1]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [list(map(str, row)) for row in rows]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    assert marked(sheet) == {"C3", "D3", "C4", "D4"}


def test_a_row_that_lost_a_cell_is_not_taken_by_the_way_of_the_copy(call: Call, write_text: Write) -> None:
    path = write_text([HEADER, GOOD, ("太浦河桥", "2026-07-09 08:00", "0.5")], "数据.csv")
    assert call("import", str(path)).code == 2
    copy = path.with_name("数据_标注.xlsx")
    assert book_of(copy).worksheets[1]["E3"].value == CELL_LOST
    said = call("import", str(copy))
    assert said.code == 2, "the short row would be taken with its values shifted"
    assert "数值可能错位" in said.err


def test_a_fault_of_the_header_is_marked_too(call: Call, write_book: Write) -> None:
    path = write_book([("断面名称", "监测时间", "总磷(斤)"), GOOD[:3]])
    assert call("import", str(path)).code == 2
    assert marked(book_of(path.with_name("数据_标注.xlsx"))["数据"]) == {"C1"}


def test_what_the_database_refuses_is_marked_too(call: Call, write_book: Write) -> None:
    header = ("断面", "年", "月", "取水量(m³)", "依据文号")
    assert call("import", str(write_book([header, ("金泽取水口", 2026, 7, 5, "文")], "一.xlsx"))).code == 0
    path = write_book([header, ("金泽取水口", 2026, 6, 5, "文"), ("金泽取水口", 2026, 7, 6, "文")], "二.xlsx")
    assert call("import", str(path)).code == 2
    assert marked(book_of(path.with_name("二_标注.xlsx"))["数据"]) == {"A3", "B3", "C3", "D3", "E3"}


def test_no_copy_of_what_is_no_table_and_none_on_a_dry_run(call: Call, write_book: Write, folder: Path) -> None:
    (folder / "信.csv").write_text("这是一封信。", encoding="utf-8")
    assert call("import", str(folder / "信.csv")).code == 2
    call("import", str(write_book([HEADER, BAD])), "--dry-run")
    assert [path.name for path in folder.glob("*标注*")] == []


EXTENSION = (
    b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"><x14:dataValidations xmlns:x14="'
    b'http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"/></ext></extLst></worksheet>'
)


@pytest.mark.parametrize(
    ("member", "content", "told"),
    [("xl/media/image1.png", b"", "图片"), ("xl/worksheets/sheet1.xml", EXTENSION, "下拉选项"), ("", b"", None)],
)
def test_what_the_copy_leaves_out_is_told_in_it(
    call: Call, write_book: Write, member: str, content: bytes, told: str | None
) -> None:
    path = write_book([HEADER, GOOD, BAD])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if member:
        parts[member] = parts.get(member, b"").replace(b"</worksheet>", content)
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    assert call("import", str(path)).code == 2
    front = book_of(path.with_name("数据_标注.xlsx"))["问题清单"]
    notes = [str(cell.value) for cell in front["A"] if "未带入" in str(cell.value)]
    assert len(notes) == (told is not None)
    assert all(str(told) in note for note in notes)


def test_a_merged_note_cell_and_quotes_in_sheet_names(call: Call, write_book: Write) -> None:
    path = write_book({"一'月": [HEADER, GOOD, BAD]}, merged=["C3:D3"])
    assert call("import", str(path)).code == 2
    book = book_of(path.with_name("数据_标注.xlsx"))
    assert marked(book["一'月"]) == {"C3"}
    assert book["问题清单"]["C6"].hyperlink.location == "'一''月'!C3"


def test_what_this_software_put_in_for_people_is_never_read_back(write_book: Write) -> None:
    path = write_book({"说明": [(f"示例{SKIP_MARK}",), HEADER, GOOD], "数据": [HEADER, GOOD]})
    parsed = read_file(path)
    assert {each.sheet for each in parsed.readings} == {"数据"}
    assert any("表「说明」" in note and "略过" in note for note in parsed.notes)


def test_the_copy_of_an_old_workbook_keeps_its_colours(call: Call, tmp_path: Path) -> None:
    rows = [("年份", "月份", "断面", "总磷(mg/L)", "pH", "备注"), (2026, 1, "甲", None, "坏", "黄色底纹表示异常值")]
    styles = old_books.styles([(10, None), (8, 13)])
    cells = old_books.cell(1, 3, 0.1, style=old_books.FIRST_OWN) + old_books.cell(
        2, 3, 0.2, style=old_books.FIRST_OWN + 1
    )
    path = tmp_path / "数据.xls"
    path.write_bytes(old_books.compound(old_books.book([("数据", old_books.rows(rows) + cells)], around=styles)))
    assert call("import", str(path)).code != 0
    sheet = book_of(path.with_name("数据_标注.xlsx"))["数据"]
    assert (sheet["D2"].font.color.rgb, sheet["D3"].fill.fgColor.rgb) == ("FFFF0000", "FFFFFF00")
