"""A workbook that came back: the same bytes, saved by another program, filled in, changed, or none of ours."""

import re
import sys
import zipfile
from pathlib import Path

import pytest
from life_of_a_year import BY, holiday_file, latest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "sheets"))
from office import recalculated

from compensation.sheets.cover import STATUS_CELL

BOOK = "结算表.xlsx"


def edited(sheet: str, cell: str, old: str, new: str) -> None:
    """The workbook with one cell changed in the package itself."""
    with zipfile.ZipFile(BOOK) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    names = re.findall(r'<sheet [^>]*name="([^"]+)"', contents["xl/workbook.xml"].decode())
    member = f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"
    xml = contents[member].decode()
    found = re.search(rf'<c r="{cell}".*?</c>', xml, re.DOTALL)
    assert found
    changed = re.sub(old, new, found[0], count=1)
    assert changed != found[0]
    contents[member] = xml.replace(found[0], changed, 1).encode()
    with zipfile.ZipFile(BOOK, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)


def test_the_file_as_it_left_is_known_by_its_bytes_under_any_name(desk, call) -> None:  # type: ignore[no-untyped-def]
    assert call("sheet", "--out", BOOK).code == 0
    number = re.search(r"taipu-draft-2026-[0-9a-f]{8}", call("status").out)
    assert number
    Path(BOOK).rename("收回.xlsx")
    said = call("verify", "收回.xlsx")
    assert said.code == 0
    assert "逐字节相同" in said.out
    assert f"《{BOOK}》" in said.out
    assert number[0] in said.out


@pytest.mark.office
def test_saved_again_by_another_program_it_has_other_bytes_and_the_same_content(desk, call, tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert call("sheet", "--party", "苏", "--out", BOOK).code == 0
    (again,) = recalculated([Path(BOOK)], tmp_path / "again")
    assert again.read_bytes() != Path(BOOK).read_bytes()
    said = call("verify", str(again))
    assert said.code == 0, said.out
    assert "内容一致、字节不同（经其他软件另存）" in said.out


def test_changed_values_formulas_and_results_are_told_with_both_sides(desk, call) -> None:  # type: ignore[no-untyped-def]
    assert call("sheet", "--out", BOOK).code == 0
    edited("日均值", "B7", r"<v>[^<]*</v>", "<v>9.75</v>")
    edited("结算汇总", "B14", r"<f>[^<]*</f>", "")
    edited("结算汇总", "C14", r"<v>[^<]*</v>", "<v>1</v>")
    edited("封面", "B12", r"[0-9a-f]{32}\n", "0" * 32 + "\n")  # and the settlement is found by its number
    said = call("verify", BOOK)
    assert said.code == 1
    for told in (
        r"“日均值” B7：原为 \d[\d.]*，现为 9\.75$",
        r"“结算汇总” B14：原为 =.*，现为 [\d.]+$",
        r"“结算汇总” C14：原为 [\d.]+，现为 1$",
        r"“封面” B12：",
        r"^有改动：改动 3 处，随之变化 1 处。$",
    ):
        assert re.search(told, said.out, re.MULTILINE), said.out
    cut = call("verify", BOOK, "--limit", "1")
    assert "另有 2 处，用 --limit 查看" in cut.out


def test_what_people_fill_in_is_told_apart_from_what_they_change(desk, call) -> None:  # type: ignore[no-untyped-def]
    assert call("sheet", "--out", BOOK).code == 0
    book = load_workbook(BOOK)
    cells = [cell for row in book["封面"].iter_rows() for cell in row if isinstance(cell, Cell) and not cell.value]
    opened = next(cell for cell in cells if not cell.protection.locked)
    opened.value = "确认"
    book.save(BOOK)
    said = call("verify", BOOK)
    assert said.code == 0, said.out
    assert "填写（会签栏，不算改动）" in said.out
    assert f"“封面” {opened.coordinate}：原为 （空），现为 确认" in said.out
    assert "没有存计算结果" in said.out  # openpyxl computes nothing


def test_a_workbook_of_another_database_says_so(desk, call, empty_desk) -> None:  # type: ignore[no-untyped-def]
    assert call("init").code == 0
    book = Workbook()
    cover = book.active
    assert cover is not None
    cover.title = "封面"
    cover["A1"], cover["A2"] = "taipu-draft-2026-0123abcd", "0123abcd" * 8
    book.save(BOOK)
    said = call("verify", BOOK)
    assert said.code == 2
    assert "不是本数据库的结算" in said.err
    assert "taipu-draft-2026-0123abcd" in said.err


def test_a_foreign_a_damaged_and_a_missing_file_say_what_they_are(empty_desk, call) -> None:  # type: ignore[no-untyped-def]
    assert call("init").code == 0
    Workbook().save("别的.xlsx")
    said = call("verify", "别的.xlsx")
    assert (said.code, "不是本软件写出的结算工作簿" in said.err) == (2, True)
    Path("残.xlsx").write_bytes(Path("别的.xlsx").read_bytes()[:2000])
    said = call("verify", "残.xlsx")
    assert (said.code, "已损坏" in said.err) == (2, True)
    assert call("verify", "没有.xlsx").code == 2
    assert call("verify", "别的.xlsx", "--against", "taipu-draft-2026-00000000").code == 2


def test_a_workbook_with_its_readings_is_held_to_them(desk, call) -> None:  # type: ignore[no-untyped-def]
    assert call("sheet", "--with-readings", "--out", BOOK).code == 0
    edited("原始读数", "F6", r"<v>[^<]*</v>", "<v>9.75</v>")
    edited("来源行", "G6", r"<v>[^<]*</v>", "<v>4003</v>")
    said = call("verify", BOOK)
    assert said.code != 0
    assert "原始读数" in said.out
    assert "来源行" in said.out
    assert "9.75" in said.out
    assert "日均值" not in said.out


def test_a_workbook_of_each_stage_is_known_and_told_from_where_the_settlement_stands(desk, call) -> None:  # type: ignore[no-untyped-def]
    number, _ = latest(desk.folder)
    assert call("sheet", "--out", "草案.xlsx").code == 0
    assert call("holidays", "import", holiday_file(desk.folder)).code == 0
    assert call("issue", number, *BY, "--date", "2027-03-01").code == 0
    assert call("sheet", "--out", "征求意见.xlsx").code == 0
    assert call("void", number, "--why", "另算", *BY, "--date", "2027-03-02").code == 0
    assert call("sheet", "--party", "苏", "--out", "作废.xlsx").code == 0
    for stage in ("草案", "征求意见", "作废"):
        path = Path(f"{stage}.xlsx")
        cover = load_workbook(path)["封面"]
        assert (cover["A11"].value, cover[STATUS_CELL].value) == ("结算状态", stage)
        assert cover["B10"].value == "协议草案试算" + ("" if stage == "草案" else f"·{stage}")
        now = "" if stage == "作废" else "（该结算现为作废）"
        for saved_again in (False, True):
            if saved_again:
                load_workbook(path).save(path)
            said = call("verify", str(path))
            assert (said.code, f"封面所印状态：{stage}{now}。\n" in said.out) == (0, True), said.out
            assert ("逐字节相同" in said.out) is not saved_again


def test_a_stage_that_the_settlement_never_came_to_is_a_change(desk, call) -> None:  # type: ignore[no-untyped-def]
    assert call("sheet", "--out", BOOK).code == 0
    edited("封面", STATUS_CELL, "草案", "定案")
    said = call("verify", BOOK)
    assert said.code == 1
    assert f"“封面” {STATUS_CELL}：原为 草案，现为 定案" in said.out
    assert "该结算现为草案。" in said.out
    assert "所印" not in said.out


def test_a_provisional_settlement_is_called_so_and_known_again(desk, call) -> None:  # type: ignore[no-untyped-def]
    assert call("settle", "--from", "2026-01-01", "--to", "2026-09-30", "--provisional").code == 0
    assert call("sheet", "--out", BOOK).code == 0
    assert load_workbook(BOOK)["封面"][STATUS_CELL].value == "暂算"
    load_workbook(BOOK).save(BOOK)
    said = call("verify", BOOK)
    assert (said.code, "封面所印状态：草案。\n" in said.out) == (0, True), said.out


def test_the_workbook_of_a_final_settlement_has_the_same_bytes_every_time(final, call) -> None:  # type: ignore[no-untyped-def]
    for name in ("一.xlsx", "二.xlsx"):
        assert call("sheet", "--out", name).code == 0
    assert Path("一.xlsx").read_bytes() == Path("二.xlsx").read_bytes()
    assert load_workbook("一.xlsx")["封面"][STATUS_CELL].value == "定案"
    assert call("package", "export", "--out", "包.zip").code == 0
    assert call("package", "replay", "包.zip", "--out", "重算.xlsx").code == 0
    assert Path("重算.xlsx").read_bytes() == Path("一.xlsx").read_bytes()
