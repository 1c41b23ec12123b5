"""Officials correct a record of evidence, withdraw one, see its history, and the workbook names them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from compensation.agreement.loader import load
from compensation.application import Request, settle_request
from compensation.sheets import write_workbook
from compensation.store import Store

Call = Callable[..., Any]
Write = Callable[..., Path]
HEADER = ("断面", "年", "月", "取水量(m³)", "依据文号")


@pytest.fixture
def imported(call: Call, write_text: Write) -> Call:
    assert call("import", str(write_text([HEADER, ("金泽取水口", 2026, 7, 10, "文1")], "甲.csv"))).code == 0
    return call


def volumes(store: Store) -> list[int]:
    return [int(each.record.volume_m3) for each in store.intake_volumes()]


def test_a_wrong_volume_is_corrected_and_the_workbook_says_so(
    imported: Call, write_text: Write, store: Store, folder: Path
) -> None:
    right = write_text([HEADER, ("金泽取水口", 2026, 7, 100, "文2")], "乙.csv")
    said = imported("import", str(right))
    assert said.code == 2
    assert "--correct" in said.err
    said = imported("import", str(right), "--correct", "--by", "张三", "--why", "原表笔误", "--document", "函5号")
    assert (said.code, volumes(store)) == (0, [100])
    assert "其中更正凭据 1" in said.out
    listed = imported("evidence", "list").out
    assert "100 m³，文2" in listed
    assert "10 m³，文1" not in listed
    history = imported("evidence", "list", "--history", "--kind", "取水量").out
    for words in ("10 m³，文1", "《甲.csv》第 2 行", "100 m³，文2", "原表笔误（函5号）"):
        assert words in history
    request = Request(load("taipu-draft"), date(2026, 7, 1), date(2026, 7, 31), provisional=True)
    write_workbook(settle_request(store, request), folder / "表.xlsx")
    texts = [
        str(cell.value) for row in openpyxl.load_workbook(folder / "表.xlsx")["数据来源"].iter_rows() for cell in row
    ]
    assert "凭据更正：取水量 金泽取水口 2026-07。原为 10 m³，文1；改为 100 m³，文2" in texts
    assert any(text.startswith("张三 20") and text.endswith("：原表笔误（函5号）") for text in texts)


def test_withdrawing_a_record(imported: Call, store: Store) -> None:
    code = next(word for word in imported("evidence", "list").out.split() if len(word) == 10 and word.isalnum())
    assert imported("evidence", "withdraw", code, "--by", " ", "--why", "作废").code == 2
    said = imported("evidence", "withdraw", code, "--by", "张三", "--why", "作废")
    assert (said.code, volumes(store)) == (0, [])
    assert "共 0 条，另有已撤销 1 条" in imported("evidence", "list").out
    assert "撤销" in imported("evidence", "list", "--history").out
    assert imported("check").code == 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--correct", "--why", "笔误"], "更正人或理由是空的"),
        (["--by", "张三", "--why", "笔误"], "没有写 --correct"),
    ],
)
def test_a_correction_says_who_and_why(
    imported: Call, write_text: Write, store: Store, options: list[str], why: str
) -> None:
    said = imported("import", str(write_text([HEADER, ("金泽取水口", 2026, 7, 9, "文1")], "乙.csv")), *options)
    assert (said.code, volumes(store)) == (2, [10])
    assert why in said.err
