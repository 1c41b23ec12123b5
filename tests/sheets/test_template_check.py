"""The linter of templates, and PDF files where LibreOffice is and is not."""

import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from made_up import Year
from office import require
from openpyxl import load_workbook

from compensation.cli.main import cli
from compensation.errors import InputError
from compensation.resources import templates_dir
from compensation.sheets import check_template, pdf, write_workbook
from compensation.sheets.pdf import write_pdf

SHIPPED = templates_dir() / "settlement.xlsx"


def test_the_template_that_ships_has_nothing_to_tell() -> None:
    assert check_template(SHIPPED) == ([], [], [])
    told = CliRunner().invoke(cli, ["sheet", "--check-template", str(SHIPPED)])
    assert (told.exit_code, told.output) == (0, "模板可以使用。\n")


def test_everything_that_is_missing_would_be_lost_or_written_over_is_told(tmp_path: Path) -> None:
    book = load_workbook(SHIPPED)
    del book["勾稽"]
    book["日均值"].title = "日值"
    book["图表"]["A2"] = "没有标记"
    book["图表"].oddHeader.right.text = ""
    book["结算汇总"]["A1"] = "{{结算年份}}"
    book["分条计算"].merge_cells("B7:C7")
    book["尾差说明"]["C9"] = "说明"
    book.save(tmp_path / "plain.xlsx")
    mine = tmp_path / "mine.xlsx"
    with zipfile.ZipFile(tmp_path / "plain.xlsx") as old, zipfile.ZipFile(mine, "w") as new:
        for name in old.namelist():
            new.writestr(
                name,
                re.sub(rb'(<(?:x:)?cellStyle [^>]*name=)"[^"]*\xe5\xa4\xa7\xe5\x86\x99"', rb'\1"x"', old.read(name)),
            )
        new.writestr("xl/media/image1.png", b"")
        new.writestr("xl/vbaProject.bin", b"")
    report = check_template(mine)
    assert report.missing == [
        "缺少工作表“日均值”",
        "缺少工作表“勾稽”",
        "缺少单元格样式“大写”",
        "工作表“分条计算”的 B7:C7 是合并单元格，软件填不进去",
        "工作表“图表”没有 {{标记}} 或 {{文件性质}}：暂算、回测、示例数据将无从分辨",
    ]
    assert report.lost == ["宏不会带入工作簿", "页眉页脚中的图片和 PNG、JPEG、GIF 以外的图片不会带入工作簿"]
    assert report.noted == [
        "工作表“日值”不是软件填写的，原样保留",
        "工作表“尾差说明”第 3 行以下由软件填写，C9 等 1 格的内容可能被覆盖",
        "占位词 {{结算年份}} 不认识，将原样留在工作簿里",
    ]
    told = CliRunner().invoke(cli, ["sheet", "--check-template", str(mine)])
    assert told.exit_code == 2
    assert "不能使用，须先补齐（5 处）：" in told.output


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match="打不开"):
        check_template(tmp_path / "no.xlsx")


def test_a_merged_cell_in_the_way_is_refused_in_words(years: Callable[[int], Year], tmp_path: Path) -> None:
    book = load_workbook(SHIPPED)
    book["分条计算"].merge_cells("B7:C7")
    book.save(tmp_path / "mine.xlsx")
    with pytest.raises(InputError, match="C7 在合并单元格中"):
        write_workbook(years(6).settled(), tmp_path / "out.xlsx", template=tmp_path / "mine.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_without_libreoffice_a_pdf_is_refused_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pdf.shutil, "which", lambda _: None)
    monkeypatch.setattr(pdf, "_PLACES", ())
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(cli, ["sheet", "--pdf"])
    assert isinstance(told.exception, InputError)
    assert "没有 LibreOffice" in str(told.exception.faults[0])
    assert list(tmp_path.iterdir()) == []


def test_an_office_that_fails_leaves_the_workbook_and_no_pdf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def failed(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(77, "soffice")

    monkeypatch.setattr(pdf, "office", lambda: "soffice")
    monkeypatch.setattr(pdf.subprocess, "run", failed)
    (tmp_path / "结算.xlsx").write_bytes(b"x")
    with pytest.raises(InputError, match="PDF 没有写成"):
        write_pdf(tmp_path / "结算.xlsx", tmp_path / "结算.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["结算.xlsx"]


@pytest.mark.office
def test_a_workbook_becomes_a_pdf(years: Callable[[int], Year], tmp_path: Path) -> None:
    require()
    write_workbook(years(6).settled(), tmp_path / "结算.xlsx")
    write_pdf(tmp_path / "结算.xlsx", tmp_path / "结算.pdf")
    assert (tmp_path / "结算.pdf").read_bytes().startswith(b"%PDF-")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["结算.pdf", "结算.xlsx"]
