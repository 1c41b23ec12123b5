"""What leaves here: the same bytes everywhere, whole or not at all, readable anywhere, without a foreign formula."""

import hashlib
import io
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from made_up import Year
from office import formulas, values
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils.cell import coordinate_to_tuple
from python_calamine import CalamineWorkbook

from compensation.errors import InputError, IntegrityError, StoreError
from compensation.resources import templates_dir
from compensation.sheets import package, write_workbook
from compensation.sheets.package import Part, finished
from compensation.sheets.rows import Cached, number_text

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
WRITE = """
import sys
sys.path.insert(0, {here!r})
from pathlib import Path
from made_up import year
from compensation.sheets import write_workbook
print(write_workbook(year(1).settled(), Path(sys.argv[1])))
"""
EXCEL_2010 = re.compile(
    "ABS|AND|AVERAGE|CHOOSE|COUNT|COUNTIF|COUNTIFS|IF|INT|ISNUMBER|LEN|LOG10|MAX|MID|MIN|OR|RIGHT|ROUND|SUBSTITUTE|"
    "SUM|SUMIFS|TEXT"
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, years: Callable[[int], Year]) -> Path:
    path = tmp_path_factory.mktemp("written") / "结算.xlsx"
    digest = write_workbook(years(1).settled(), path)
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    return path


def python(program: str, *arguments: object, folder: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_same_bytes_in_another_process_zone_language_and_folder(written: Path, tmp_path: Path) -> None:
    program = WRITE.format(here=str(HERE))
    other = tmp_path / "other.xlsx"
    environment = {"TZ": "America/Caracas", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    with python(program, other, folder=tmp_path, **environment) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert out.strip() == hashlib.sha256(written.read_bytes()).hexdigest()
    assert other.read_bytes() == written.read_bytes()


def test_the_package_says_nothing_of_the_time_or_the_machine(written: Path) -> None:
    with zipfile.ZipFile(written) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.namelist()[0] == "[Content_Types].xml"
        assert not [name for name in archive.namelist() if "vba" in name.lower() or "externalLink" in name]
        assert "2026-12-31T00:00:00Z" in archive.read("docProps/core.xml").decode()


def _by_openpyxl(path: Path) -> dict[str, list[Sequence[object]]]:
    return {sheet.title: list(sheet.values) for sheet in load_workbook(path, data_only=True)}


def _by_calamine(path: Path) -> dict[str, list[Sequence[object]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: list(book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names}


@pytest.mark.parametrize("read", [_by_openpyxl, _by_calamine])
def test_every_formula_carries_its_value_for_programs_that_do_not_compute(
    written: Path, read: Callable[[Path], dict[str, list[Sequence[object]]]]
) -> None:
    shown = read(written)
    assert list(shown) == [
        "封面", "结算汇总", "分条计算", "断面水质", "日均值", "水量与取水", "事件", "免责与剔除", "多元化补偿",
        "尾差说明", "参数与依据", "数据来源", "勾稽", "图表", "计算过程",
    ]  # fmt: skip
    empty = []
    for sheet, address in formulas(written):
        row, column = coordinate_to_tuple(address)
        if shown[sheet][row - 1][column - 1] in (None, ""):
            empty.append((sheet, address))
    assert empty == []


def test_only_functions_that_wps_and_excel_2010_have(written: Path) -> None:
    used = {name for text in formulas(written).values() for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", text)}
    assert [name for name in used if not EXCEL_2010.fullmatch(name)] == []
    assert not [text for text in formulas(written).values() if "[" in text or len(text) >= 8192]


def test_imported_text_never_becomes_a_formula(written: Path) -> None:
    cell = next(cell for cell, value in values(written).items() if value == "=1+1.csv")
    assert cell not in formulas(written)
    assert load_workbook(written)[cell[0]][cell[1]].data_type == "s"


@pytest.mark.parametrize(("seed", "mark"), [(2, "暂算"), (3, "回测"), (6, "回测·暂算")])
def test_what_is_no_settlement_says_so_on_every_sheet(
    seed: int, mark: str, years: Callable[[int], Year], tmp_path: Path
) -> None:
    path = tmp_path / "marked.xlsx"
    write_workbook(years(seed).settled(), path)
    book = load_workbook(path)
    for sheet in book.worksheets:
        assert mark in sheet.oddHeader.right.text, sheet.title
        top = [cell.value for row in sheet.iter_rows(max_row=3) for cell in row if isinstance(cell.value, str)]
        assert any(f"【{mark}】" in text for text in top), sheet.title


def test_a_determined_year_is_square_and_says_so(written: Path) -> None:
    cells = values(written)
    assert cells["勾稽", "C3"] == 0
    rows = [value for (sheet, address), value in cells.items() if sheet == "勾稽" and address.startswith("C")]
    assert len(rows) > 60
    assert {value for value in rows if not isinstance(value, str)} == {0}


def test_every_table_says_its_unit(written: Path) -> None:
    book = load_workbook(written)
    money = ("结算汇总", "分条计算", "勾稽")
    said = {
        sheet: [c.value for row in book[sheet].iter_rows() for c in row if c.value == "单位：元"] for sheet in money
    }
    assert all(said.values())
    assert len(said["结算汇总"]) >= 5


def test_killed_while_writing_it_leaves_nothing_under_the_final_name(tmp_path: Path) -> None:
    program = """
import os, sys, time
from pathlib import Path
from compensation.sheets import package
def stuck(descriptor):
    print("writing", flush=True)
    time.sleep(60)
os.fsync = stuck
package.write_atomically(Path(sys.argv[1]), b"x" * 10_000_000)
"""
    target = tmp_path / "结算.xlsx"
    with python(program, target, folder=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        assert list(tmp_path.iterdir()) != []
        process.send_signal(signal.SIGKILL)
    time.sleep(0.1)
    assert not target.exists()


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "结算.xlsx"
    target.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="原有文件未动"):
        package.write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["结算.xlsx"]


@pytest.mark.parametrize("place", ["absent/结算.xlsx", "file/结算.xlsx", "folder"])
def test_a_place_that_cannot_be_written_to_is_said_in_words(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="不能写入工作簿"):
        package.write_atomically(tmp_path / place, b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_template_without_a_sheet_or_style_is_refused_with_every_fault(
    years: Callable[[int], Year], tmp_path: Path
) -> None:
    book = load_workbook(templates_dir() / "settlement.xlsx")
    del book["勾稽"]
    book["日均值"].title = "日值"
    book.save(tmp_path / "mine.xlsx")
    with pytest.raises(InputError) as caught:
        write_workbook(years(6).settled(), tmp_path / "out.xlsx", template=tmp_path / "mine.xlsx")
    assert {fault.what for fault in caught.value.faults} == {"缺少工作表“勾稽”", "缺少工作表“日均值”"}
    (tmp_path / "no.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match="打不开"):
        write_workbook(years(6).settled(), tmp_path / "out.xlsx", template=tmp_path / "no.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_a_restyled_template_keeps_its_style(years: Callable[[int], Year], tmp_path: Path) -> None:
    book = load_workbook(templates_dir() / "settlement.xlsx")
    book._named_styles["金额"].font.name = "楷体"
    book["结算汇总"]["A1"] = "某市生态补偿资金结算表（{{结算期间}}）"
    book.save(tmp_path / "mine.xlsx")
    settlement = years(6).settled()
    write_workbook(settlement, tmp_path / "out.xlsx", template=tmp_path / "mine.xlsx")
    made = load_workbook(tmp_path / "out.xlsx")
    assert made["结算汇总"]["A1"].value == f"某市生态补偿资金结算表（{settlement.case.period.name}）"
    assert made["结算汇总"]["B6"].font.name == "楷体"


def test_the_template_that_ships_is_what_its_script_makes(tmp_path: Path) -> None:
    script = templates_dir() / "build_templates.py"
    program = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    with python(program, script, tmp_path, folder=tmp_path, PYTHONHASHSEED="3") as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    for name in ("settlement.xlsx", "payment.xlsx"):
        assert (tmp_path / name).read_bytes() == (templates_dir() / name).read_bytes()


@pytest.mark.parametrize(("content", "cached"), [("=1+1", {}), (2, {"A1": Fraction(2)}), ("=1+1", {"A2": Fraction(2)})])
def test_a_formula_without_a_value_never_leaves(content: str | int, cached: dict[str, Cached]) -> None:
    book = Workbook()
    book.worksheets[0]["A1"] = content
    with pytest.raises(IntegrityError, match="缓存值"):
        finished(book, {"Sheet": Part(cached)}, "", "2026-01-01")


def test_cells_are_read_back_as_they_were_put_in() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    put = {
        "A1": " 前后有空格 ",
        "B1": "<&>\"'",
        "C1": date(2026, 3, 1),
        "D1": datetime(2026, 3, 1, 6, 30),
        "B3": 1234567890123456,
        "C3": 0.1 + 0.2,
        "D3": True,
    }
    for at, value in put.items():
        sheet[at] = value
    sheet["E9"].font = Font(bold=True)
    sheet["A4"] = "=B3*2"
    sheet.row_dimensions[7].height = 33
    sheet["A1"].comment = Comment("说明", "作者")
    sheet["B1"].hyperlink = "#Sheet!A4"
    content = finished(book, {"Sheet": Part({"A4": Fraction(2469135780246912)})}, "", "2026-01-01")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert '<t xml:space="preserve"> 前后有空格 </t>' in archive.read("xl/worksheets/sheet1.xml").decode()
    back = load_workbook(io.BytesIO(content)).worksheets[0]
    assert {at: back[at].value for at in put} == put | {"C1": datetime(2026, 3, 1)}
    assert (back["A4"].value, back["E9"].font.b, back["E9"].value, back.dimensions) == ("=B3*2", True, None, "A1:E9")
    assert back.row_dimensions[7].height == 33
    assert back["A1"].comment.text == "说明"
    assert back["B1"].hyperlink.target == "#Sheet!A4"
    assert load_workbook(io.BytesIO(content), data_only=True).worksheets[0]["A4"].value == 2469135780246912


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(3), "3"),
        (Fraction(-5, 2), "-2.5"),
        (Fraction(1, 3), "0.3333333333333333"),
        (Fraction(2, 3), "0.6666666666666666"),
        (Fraction(123456789012345, 100), "1234567890123.45"),
        (Fraction(10**17), "1e+17"),
    ],
)
def test_numbers_are_the_shortest_text_that_reads_back(value: Fraction, text: str) -> None:
    assert number_text(value) == text
    assert float(text) == float(value)
