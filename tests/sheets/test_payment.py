"""The pages of payment papers: live amounts, one A4 page in a real spreadsheet program, a template of one's own."""

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
from office import recalculated, require, values
from openpyxl import load_workbook

from compensation.errors import InputError
from compensation.resources import templates_dir
from compensation.sheets.payment import Allotment, Line, Payee, PaymentPaper, letter_bytes, order_bytes

PAPER = PaymentPaper(
    agreement="《示例协议》",
    nature="协议草案试算",
    mark="【示例数据】",
    settlement="taipu-draft-2026-0123abcd",
    digest="0123abcd" * 8,
    period="2026年",
    period_last=date(2026, 12, 31),
    payer="上海市财政局",
    payee="江苏省财政厅",
    lines=(Line("taipu-draft-2026-0123abcd-P01", "清算", "2026年", 2_550_000_007, date(2027, 4, 30)),),
    own_number="=1+1",
    other_number="",
    funding="",
    account=Payee("示例单位", "0012", ""),
    use="",
    split=tuple(Allotment(f"示例县{number}", 1_000 + number, "") for number in range(12)),
    remark="",
)
MAKERS = {"order": order_bytes, "letter": letter_bytes}


@pytest.fixture(params=MAKERS)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"{request.param}.xlsx"
    path.write_bytes(MAKERS[request.param](PAPER))
    return path


def test_the_same_paper_is_the_same_bytes() -> None:
    for maker in MAKERS.values():
        assert maker(PAPER) == maker(PAPER)
        assert maker(PAPER) != maker(PAPER._replace(remark="另"))


def test_text_stays_text_and_amounts_are_live(made: Path) -> None:
    cells = [cell for row in load_workbook(made).worksheets[0].iter_rows() for cell in row if cell.value is not None]
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert any("壹" in text for text in formulas)
    assert not any("1+1" in text for text in formulas)
    shown = [cell.value for row in load_workbook(made, data_only=True).worksheets[0].iter_rows() for cell in row]
    assert "人民币贰仟伍佰伍拾万元零柒分" in shown
    assert 25_500_000.07 in shown


@pytest.mark.office
def test_a_spreadsheet_program_comes_to_the_same_amounts_on_one_page(made: Path, tmp_path: Path) -> None:
    (again,) = recalculated([made], tmp_path / "again")
    before = values(made)
    assert values(again) == before
    program = require()
    command = [program, f"-env:UserInstallation=file://{tmp_path / 'profile'}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(made)], check=True, capture_output=True, timeout=300)
    pages = re.findall(rb"/Type\s*/Page[^s]", made.with_suffix(".pdf").read_bytes())
    assert len(pages) == 1


def test_a_template_of_ones_own_is_used_and_a_broken_one_refused(tmp_path: Path) -> None:
    book = load_workbook(templates_dir() / "payment.xlsx")
    book["拨款通知"]["A1"] = "某市拨款通知"
    del book["清算函"]
    book.save(tmp_path / "mine.xlsx")
    (tmp_path / "out.xlsx").write_bytes(order_bytes(PAPER, tmp_path / "mine.xlsx"))
    assert load_workbook(tmp_path / "out.xlsx").worksheets[0]["A1"].value == "某市拨款通知"
    with pytest.raises(InputError, match="缺少工作表“清算函”"):
        letter_bytes(PAPER, tmp_path / "mine.xlsx")
    with pytest.raises(InputError, match="打不开"):
        letter_bytes(PAPER, tmp_path / "none.xlsx")
