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


def test_the_identical_file_restores_what_was_withdrawn(imported: Call, folder: Path, store: Store) -> None:
    code = next(word for word in imported("evidence", "list").out.split() if len(word) == 10 and word.isalnum())
    known = store.known_through()
    said = imported("evidence", "withdraw", code, "--by", "张三", "--why", "作废")
    assert "原文件用 --correct 再导入即恢复" in said.out
    assert "内容相同，未重复导入" in imported("import", "甲.csv").out
    assert volumes(store) == []
    said = imported("import", "甲.csv", "--correct", "--by", "李四", "--why", "撤错了")
    assert said.code == 0, said.err
    assert "内容相同，未重复导入；按更正收下其中的凭据 1 条" in said.out
    assert volumes(store) == [10]
    assert [int(each.record.volume_m3) for each in store.intake_volumes(known)] == [10]
    history = imported("evidence", "list", "--history").out
    assert "李四" in history
    assert "撤错了" in history
    again = imported("import", "甲.csv", "--correct", "--by", "李四", "--why", "撤错了").out
    assert "按更正" not in again
    assert store.status().rows["import_file"] == 1
    assert imported("check").code == 0


def test_a_part_of_the_file_restores_its_part(call: Call, write_text: Write, store: Store) -> None:
    rows = [HEADER, ("金泽取水口", 2026, 7, 10, "文1"), ("金泽取水口", 2026, 8, 20, "文1")]
    assert call("import", str(write_text(rows, "甲.csv"))).code == 0
    codes = [word for word in call("evidence", "list").out.split() if len(word) == 10 and word.isalnum()]
    assert call("evidence", "withdraw", *codes, "--by", "张三", "--why", "作废").code == 0
    part = write_text([HEADER, ("金泽取水口", 2026, 8, 20, "文1")], "乙.csv")
    said = call("import", str(part))
    assert "取水量已被撤销" in said.err
    assert call("import", str(part), "--correct", "--by", "李四", "--why", "撤错了").code == 0
    assert volumes(store) == [20]
    assert call("import", "甲.csv", "--correct", "--by", "李四", "--why", "撤错了").code == 0
    assert volumes(store) == [10, 20]
