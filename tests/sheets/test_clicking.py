"""Following a figure by clicking: every link leads to what the figure rests on; nothing can be broken by a slip."""

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from made_up import Year
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell

from compensation.expression.explain import value_text
from compensation.settlement.settle import Settlement
from compensation.sheets import write_workbook


@pytest.fixture(scope="module")
def settlement(years: Callable[[int], Year]) -> Settlement:
    return years(0).settled()


@pytest.fixture(scope="module")
def path(settlement: Settlement, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("clicked") / "结算.xlsx"
    write_workbook(settlement, target)
    return target


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return load_workbook(path, data_only=True)


def links(book: Workbook, sheet: str) -> dict[str, Cell]:
    """Where each linked cell of a sheet leads."""
    found = {}
    for row in book[sheet].iter_rows():
        for cell in row:
            if cell.hyperlink is not None:
                name, address = re.fullmatch(r"'(.+)'!([A-Z]+\d+)", cell.hyperlink.location).groups()  # type: ignore[union-attr]
                found[cell.coordinate] = book[name][address]
    return found


def test_each_amount_of_the_matrix_leads_to_a_line_of_that_payer_and_payee(book: Workbook) -> None:
    summary, lines = book["结算汇总"], book["分条计算"]
    leading = links(book, "结算汇总")
    followed = 0
    for row in range(6, 10):
        for column in range(2, 6):
            cell = summary.cell(row, column)
            if not cell.value:
                continue
            target = leading[cell.coordinate]
            assert target.parent is lines
            assert target.column_letter == "I"
            assert lines.cell(target.row, 7).value == summary.cell(row, 1).value
            assert lines.cell(target.row, 8).value == summary.cell(5, column).value
            followed += 1
    assert followed >= 8


def test_every_position_and_payment_has_a_link_and_its_explanation(book: Workbook, settlement: Settlement) -> None:
    sheet = book["结算汇总"]
    for party in settlement.agreement.parties:
        position = settlement.outcome.positions[party.code]
        name = f"_{party.short}_本年度净额"
        ((_, address),) = book.defined_names[name].destinations
        cell = sheet[address.replace("$", "")]
        assert isinstance(position.final.value, Fraction)
        assert round(cell.value * 100) == position.final.value * 100
        assert cell.hyperlink is not None
        assert f"＝ {value_text(position.final)}" in cell.comment.text


def test_a_line_leads_to_the_values_of_its_section_and_those_to_their_days(
    book: Workbook, settlement: Settlement
) -> None:
    lines = book["分条计算"]
    names = {section.name for section in settlement.agreement.sections}
    to_values = 0
    for address, target in links(book, "分条计算").items():
        assert address.startswith("A")
        if target.parent.title == "断面水质":
            subject = lines.cell(lines[address].row, 2).value
            about = next(name for name in sorted(names, key=len, reverse=True) if name in subject)
            assert target.parent.cell(target.row, 1).value == about
            period = re.search(r"\d{4}-\d\d", subject)
            assert period is None or target.parent.cell(target.row, 2).value == period[0]
            to_values += 1
    assert to_values > 40
    values = book["断面水质"]
    to_days = 0
    for address, target in links(book, "断面水质").items():
        month = values.cell(values[address].row, 2).value
        if re.fullmatch(r"\d{4}-\d\d", month):
            assert f"{target.parent.cell(target.row, 1).value:%Y-%m}" == month
            to_days += 1
    assert to_days == 12 * len(settlement.agreement.sections) * 3


def test_every_link_leads_to_a_cell_that_holds_something(book: Workbook) -> None:
    for sheet in book.sheetnames:
        for address, target in links(book, sheet).items():
            # the first day of a month may be without a value
            assert target.value is not None or target.parent.title == "日均值", (sheet, address)


def test_comments_say_how_each_charge_came_about(book: Workbook, settlement: Settlement) -> None:
    told = [cell.comment.text for row in book["分条计算"].iter_rows() for cell in row if cell.comment is not None]
    assert len(told) == len(settlement.outcome.charges)
    for charge, text in zip(settlement.outcome.charges, told, strict=True):
        assert value_text(charge.amount) in text
        assert charge.amount.clause in text


def test_only_what_is_signed_is_open_and_no_sheet_has_a_password(book: Workbook, settlement: Settlement) -> None:
    opened = set()
    for sheet in book.worksheets:
        assert sheet.protection.sheet, sheet.title
        assert not sheet.protection.password
        assert not sheet.protection.autoFilter
        cells = [cell for row in sheet.iter_rows() for cell in row if isinstance(cell, Cell)]
        opened |= {(sheet.title, cell.coordinate) for cell in cells if not cell.protection.locked}
    departments = 2 * len(settlement.agreement.parties)
    assert {title for title, _ in opened} == {"封面"}
    assert len(opened) == departments * 4
    rules = {each.type: each for each in book["封面"].data_validations.dataValidation}
    assert set(rules) == {"list", "date", "textLength"}
    assert rules["list"].formula1 == '"确认,有异议"'
    assert all(each.showErrorMessage for each in rules.values())


def test_long_lists_have_filters_over_all_of_their_rows(book: Workbook) -> None:
    for title in ("分条计算", "断面水质", "日均值", "参数与依据", "计算过程", "勾稽"):
        assert book[title].auto_filter.ref, title
    last = max(cell.row for cell in book["日均值"]["A"] if cell.value is not None)
    assert book["日均值"].auto_filter.ref.endswith(str(last))
