"""Payment papers of a final settlement: everything they must say, empty boxes for what nobody said, the same bytes."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from life_of_a_year import latest
from openpyxl import load_workbook

DETAILS = """\
parties:
  苏:
    payee: 示例收款单位
    account: "0000 0001"
    treasury: 示例国库
    use: 水环境治理
    split:
      - {{to: 示例县甲, share: 3}}
      - {{to: 示例县乙, share: 2, remark: 含监测}}
      - {{to: 示例市丙, share: 2}}
  沪:
    funding: 年初预算
orders:
  {number}-P01: {{document: 沪8号, letter: 苏5号, remark: 首笔}}
"""


def texts(path: Path) -> list[str]:
    book = load_workbook(path, data_only=True)
    assert len(book.sheetnames) == 1
    return [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]


def beside(path: Path, label: str) -> object:
    sheet = load_workbook(path, data_only=True).worksheets[0]
    place = next(cell for row in sheet.iter_rows() for cell in row if cell.value == label)
    return sheet.cell(place.row, place.column + 1).value


def test_papers_say_everything_and_leave_open_what_nobody_said(final: Any, call: Any) -> None:
    number, digest = latest(final.folder)
    assert "拨付单" in call("papers", "taipu-draft-2026-00000000").err + call("orders").out
    Path("资料.yaml").write_text(DETAILS.format(number=number), encoding="utf-8")
    said = call("papers", number, "--details", "资料.yaml", "--folder", "单据")
    assert said.code == 0, said.err
    order = Path("单据") / f"拨款通知_{number}-P01.xlsx"
    state = next(line for line in call("orders").out.splitlines() if f"{number}-P01" in line)
    yuan = state.split()[3].replace(",", "")
    assert f"{beside(order, '金额（元）'):.2f}" == yuan
    assert f"{beside(order, '金额（万元）'):.6f}" == f"{float(yuan) / 10000:.6f}"
    assert str(beside(order, "金额（大写）")).startswith("人民币")
    for label, text in {
        "付款单位": "上海市财政局",
        "收款单位": "江苏省财政厅",
        "通知文号": "沪8号",
        "对方清算函文号": "苏5号",
        "支出科目（付款方）": "2302102　生态保护补偿转移性支出",
        "收入科目（收款方）": "1102102　生态保护补偿转移性收入",
        "资金渠道": "年初预算",
        "收款人全称": "示例收款单位",
        "收款账号": "0000 0001",
        "开户国库（银行）": "示例国库",
        "使用范围": "水环境治理",
        "备注": "分配",
    }.items():
        assert beside(order, label) == text or label == "备注"
    words = "\n".join(texts(order))
    for part in (number, digest[:32], "协议草案试算", "示例数据", "30 日内", "示例县甲", "含监测", "首笔"):
        assert part in words
    letter = Path("单据") / f"清算函_{number}_苏致沪.xlsx"
    words = "\n".join(texts(letter))
    for part in ("上海市财政局：", "苏5号", f"{number}-P01", "示例国库", "1102102", "江苏省财政厅（章）"):
        assert part in words
    assert "留空待填：文号、收款人全称、收款账号、开户国库、使用范围" in said.out  # those of 浙
    other = Path("单据") / f"拨款通知_{number}-P02.xlsx"
    assert beside(other, "收款账号") is None
    assert beside(other, "对方清算函文号") is None


def test_papers_are_the_same_bytes_and_noted(final: Any, call: Any) -> None:
    number, _ = latest(final.folder)
    first = call("papers", number, "--folder", "一").out
    made = {path.name: path.read_bytes() for path in Path("一").iterdir()}
    assert len(made) >= 2
    before = final.dump()
    assert call("papers", number, "--folder", "二").out == first.replace("一/", "二/")
    assert {path.name: path.read_bytes() for path in Path("二").iterdir()} == made
    assert final.dump() == before
    for name, content in made.items():
        assert hashlib.sha256(content).hexdigest() in first
        assert "逐字节相同" in call("verify", f"二/{name}").out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "不是“键: 值”的写法"),
        ("parties: {鄂: {}}", "“鄂”不认识"),
        ("orders: {没有: {}}", "“没有”不认识"),
        ("parties: {苏: {acount: x}}", "“acount”不认识"),
        ("parties: {苏: {account: 0012}}", "须加引号"),
        ("parties: {苏: {split: [{to: 甲, share: 0}]}}", "split 不全"),
        ("parties: {苏: {split: [{share: 1}]}}", "split 不全"),
        ("a: [", "不是 UTF-8 编码的 YAML 文件"),
    ],
)
def test_every_fault_of_the_details_is_told_and_nothing_written(final: Any, call: Any, text: str, told: str) -> None:
    number, _ = latest(final.folder)
    Path("资料.yaml").write_text(text, encoding="utf-8")
    said = call("papers", number, "--details", "资料.yaml", "--folder", "单据")
    assert (said.code, told in said.err) == (2, True), said.err
    assert not Path("单据").exists()


def test_a_draft_has_no_papers(desk: Any, call: Any) -> None:
    number, _ = latest(desk.folder)
    said = call("papers", number)
    assert (said.code, "定案之后才有拨付单" in said.err) == (2, True)
