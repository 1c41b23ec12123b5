"""A bureau's own template: its logo comes over byte for byte, its words stand in the headings, on any machine."""

import base64
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from made_up import Year
from openpyxl import load_workbook
from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D

from compensation.resources import templates_dir
from compensation.sheets import check_template, workbook_bytes
from compensation.sheets.origins import Origin, Trace
from compensation.sheets.wording import HEADINGS, NAME, rows_of
from compensation.sheets.workbook import lay_out

SHIPPED = templates_dir() / "settlement.xlsx"
LOGO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Drawn(Image):
    """A picture without an imaging library."""

    def __init__(self, content: bytes, form: str) -> None:
        self.content, self.format = content, form
        self.anchor = OneCellAnchor(_from=AnchorMarker(col=1, row=0), ext=XDRPositiveSize2D(720_000, 360_000))

    def _data(self) -> bytes:
        return self.content


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template with a logo on the cover and on a sheet that has charts, and with words of its own."""
    book = load_workbook(SHIPPED)
    for title in ("封面", "图表"):
        book[title]._images = [Drawn(LOGO, "png")]
    book["勾稽"]._images = [Drawn(b"tiff", "tiff")]
    for number, (sheet, heading, own) in enumerate(
        [
            ("结算汇总", "项目", "结算项目"),
            ("分条计算", "事项", "补偿事由"),
            ("结算汇总", "沪", "申"),
            ("勾稽", "无此", "x"),
        ]
    ):
        for column, text in enumerate((sheet, heading, own), start=1):
            book[NAME].cell(900 + number, column, text)
    book.save(tmp_path / "own.xlsx")
    return tmp_path / "own.xlsx"


@pytest.fixture
def made(template: Path, years: Callable[[int], Year]) -> bytes:
    return workbook_bytes(years(6).settled(), template=template)


def test_a_logo_comes_over_at_its_place_and_in_its_size(made: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        media = [name for name in archive.namelist() if "/media/" in name]
        assert [archive.read(name) for name in media] == [LOGO, LOGO]
        drawings = [archive.read(name).decode() for name in archive.namelist() if re.match("xl/drawings/d.*xml", name)]
        assert all('cx="720000" cy="360000"' in text for text in drawings)
        assert sum("<graphicFrame" in text for text in drawings) == 1
        assert 'Extension="png"' in archive.read("[Content_Types].xml").decode()
        for name in archive.namelist():
            if name.startswith("xl/drawings/_rels/"):
                targets = re.findall('Target="/([^"]+)"', archive.read(name).decode())
                assert set(targets) <= set(archive.namelist())


def test_it_is_the_same_bytes_with_and_without_an_imaging_library(
    made: bytes, template: Path, years: Callable[[int], Year], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openpyxl.reader.drawings.PILImage", True)
    monkeypatch.setattr("openpyxl.reader.drawings.Image", lambda _: Drawn(b"other", "png"))
    assert workbook_bytes(years(6).settled(), template=template) == made


def test_headings_are_the_bureaus_words_and_names_in_formulas_stay(made: bytes) -> None:
    book = load_workbook(io.BytesIO(made))
    assert NAME not in book.sheetnames
    texts = [cell.value for row in book["结算汇总"].iter_rows() for cell in row]
    assert "结算项目" in texts
    assert "项目" not in texts
    assert "沪" in texts
    assert "申" not in texts
    assert book["分条计算"]["B4"].value == "补偿事由"


def test_the_linter_says_what_of_it_does_not_come_over(template: Path) -> None:
    report = check_template(template)
    assert report.missing == []
    assert report.lost == ["页眉页脚中的图片和 PNG、JPEG、GIF 以外的图片不会带入工作簿"]
    assert [text for text in report.noted if "“x”" in text or "不起作用" in text] == [
        "“表头文字”第 902 行：工作表“结算汇总”没有表头“沪”，不起作用",
        "“表头文字”第 903 行：工作表“勾稽”没有表头“无此”，不起作用",
    ]


def headings(years: Callable[[int], Year]) -> Iterator[tuple[str, str]]:
    """Every heading of made-up workbooks, those that name a party, section, clause or indicator apart."""
    for seed in (0, 2, 3, 5, 6):
        settlement = years(seed).settled()
        agreement = settlement.agreement
        names = {"基金", *(each.short for each in agreement.parties), *(each.name for each in agreement.parties)}
        names |= {each.name for each in agreement.sections} | {each.number for each in agreement.clauses}
        traced = Trace((Origin("", "", "", 1, "", 1, 1, 1, 0, ()),), iter(()), 0)
        for page in lay_out(settlement, agreement.parties[0].code, trace=traced):
            for content, style in page.cells.values():
                if style in HEADINGS and isinstance(content, str) and content and content not in names:
                    yield page.name, content


def test_the_template_lists_every_heading(years: Callable[[int], Year]) -> None:
    listed = {(each.sheet, each.heading) for each in rows_of(load_workbook(SHIPPED))}
    computed = re.compile(r".*(\n|类限值|财政|生态环境[厅局]$)|数据 \d+：")
    lacking = {each for each in headings(years) if not computed.match(each[1]) or each in listed} - listed
    assert lacking == set()
