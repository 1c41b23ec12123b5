"""Forms carry the agreement's own names, guide whoever fills them in, and are imported as they are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from compensation.agreement.loader import load, shipped
from compensation.sheets.forms import GUIDE, LISTS, form_bytes, forms, names
from compensation.store import Store

Call = Callable[..., Any]
KINDS = ("自动站", "人工采样", "取水量", "流量", "突发事件", "免责", "多元化")


def fill(path: Path) -> list[Any]:
    """Fill one row of a form with the guide's own examples, as an official would."""
    book = openpyxl.load_workbook(path)
    guide, table = book[GUIDE], book.worksheets[1]
    examples = {row[0].value: row[3].value for row in guide.iter_rows(min_row=9)}
    row = [examples[cell.value] for cell in table[1]]
    table.append(row)
    book.save(path)
    return row


def test_every_form_filled_with_its_own_examples_goes_in(call: Call, store: Store, folder: Path) -> None:
    assert call("template", "--folder", "表").code == 0
    for kind in names():
        path = folder / "表" / f"填报表_{kind}.xlsx"
        fill(path)
        said = call("import", str(path))
        assert said.code == 0, said.err
        assert "1 行 ＝ 收下 1 ＋" in said.out, kind
    rows = store.status().rows
    assert {
        name: rows[name] for name in ("intake_volume", "flow", "incident", "exemption", "in_kind")
    } == dict.fromkeys(("intake_volume", "flow", "incident", "exemption", "in_kind"), 1)
    assert {row[0] for row in store.readings()} <= {section.code for section in load("taipu-draft").sections}
    assert store.intake_volumes()[0].record.volume_m3 == 35_002_500
    assert [row[3:6] for row in store.readings(indicators=["w01019"])][-1] is not None


@pytest.mark.parametrize("kind", KINDS)
def test_an_unfilled_form_is_recognised_and_empty(call: Call, folder: Path, kind: str) -> None:
    call("template", kind)
    said = call("import", "--dry-run", f"填报表_{kind}.xlsx")
    assert said.code == 0
    assert "0 行" in said.out
    assert "未识别列" not in said.out
    assert "说明列" not in said.out or kind == "人工采样"


def test_choices_are_the_agreements_own(folder: Path, call: Call) -> None:
    call("template", "取水量", "人工采样")
    book = openpyxl.load_workbook(folder / "填报表_取水量.xlsx")
    lists = book[LISTS]
    assert [row[0].value for row in lists.iter_rows(min_row=2) if row[0].value] == [
        "断面",
        "金泽取水口",
        "嘉善平湖取水口",
    ]
    (rule,) = [rule for rule in book.worksheets[1].data_validations.dataValidation if "A2" in str(rule.sqref)]
    assert rule.formula1 == "选项!$A$3:$A$4"
    hand = openpyxl.load_workbook(folder / "填报表_人工采样.xlsx")[LISTS]
    assert "锑" in [row[1].value for row in hand.iter_rows(min_row=3)]


def test_a_form_is_never_written_over(call: Call, folder: Path) -> None:
    assert call("template", "免责").code == 0
    before = (folder / "填报表_免责.xlsx").read_bytes()
    said = call("template")
    assert said.code == 2
    assert "没有覆盖" in said.err
    assert (folder / "填报表_免责.xlsx").read_bytes() == before
    assert not (folder / "填报表_自动站.xlsx").exists(), "all of them or none"


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_agreement_has_forms_and_the_same_bytes(name: str) -> None:
    agreement = load(name)
    made = forms(agreement)
    assert tuple(made) == tuple(names()) == KINDS
    for form in made.values():
        assert form_bytes(agreement, form) == form_bytes(agreement, form)
