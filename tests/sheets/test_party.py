"""One workbook for each party: together they are the settlement, each seen from its own side."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from made_up import Year
from office import differences, formulas, recalculated, values
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from compensation.settlement.settle import Settlement
from compensation.sheets import write_workbook


def sheet_of(settlement: Settlement, code: str, folder: Path) -> Worksheet:
    path = folder / f"{code}.xlsx"
    write_workbook(settlement, path, party=code)
    return load_workbook(path, data_only=True)["本方结算"]


def fen(value: object) -> int:
    assert isinstance(value, int | float)
    return round(value * 100)


def accounts(sheet: Worksheet) -> dict[str, tuple[int, int]]:
    """What the party receives from and pays to each other account, in fen."""
    found = {}
    for row in sheet.iter_rows(min_row=6, values_only=True):
        if row[0] == "合计":
            return {**found, "合计": (fen(row[2]), fen(row[3]))}
        found[str(row[1])] = (fen(row[2]), fen(row[3]))
    raise AssertionError("no total")


@pytest.mark.parametrize("seed", [0, 1])
def test_all_parties_workbooks_sum_to_the_settlement(seed: int, years: Callable[[int], Year], tmp_path: Path) -> None:
    settlement = years(seed).settled()
    outcome, short = settlement.outcome, settlement.agreement.short
    seen = {
        short(each.code): accounts(sheet_of(settlement, each.code, tmp_path)) for each in settlement.agreement.parties
    }
    for one, with_others in seen.items():
        for other, (received, paid) in with_others.items():
            if other in seen:
                assert seen[other][one] == (paid, received), (one, other)
    for party in settlement.agreement.parties:
        position = outcome.positions[party.code]
        received, paid = seen[party.short]["合计"]
        assert (received, paid) == (position.receivable.value * 100, position.payable.value * 100)  # type: ignore[operator]
        assert sum(pair[0] for name, pair in seen[party.short].items() if name != "合计") == received
    assert sum(each["合计"][0] - each["合计"][1] for each in seen.values()) == 0
    assert sum(each["基金"][0] - each["基金"][1] for each in seen.values()) == 0
    between = sum(each[other][1] for each in seen.values() for other in seen if other in each)
    into_fund = sum(each["基金"][1] for each in seen.values())
    out_of_fund = sum(each["基金"][0] for each in seen.values())
    gross = sum(Fraction(line.amount.value) for line in outcome.lines) * 100  # type: ignore[arg-type]
    assert between + into_fund + out_of_fund == gross


def test_every_line_of_the_party_is_there_once_on_its_own_side(years: Callable[[int], Year], tmp_path: Path) -> None:
    settlement = years(0).settled()
    code = settlement.agreement.parties[0].code
    sheet = sheet_of(settlement, code, tmp_path)
    start = next(row for row in range(1, 99) if str(sheet.cell(row, 1).value).startswith("五、")) + 2
    shown = []
    for row in sheet.iter_rows(min_row=start):
        if row[0].value == "合计":
            break
        shown.append((row[2].value and fen(row[2].value), row[3].value and fen(row[3].value), row[4].value))
        sheet_name, address = row[6].hyperlink.location.replace("'", "").split("!")
        assert fen(sheet.parent[sheet_name][address].value) == (shown[-1][0] or shown[-1][1] or 0)
    mine = [line for line in settlement.outcome.lines if code in (line.payer, line.payee)]
    assert len(shown) == len(mine) > 40
    for (received, paid, clause), line in zip(shown, mine, strict=True):
        amount = line.amount.value * 100  # type: ignore[operator]
        assert ((paid if line.payer == code else received) or 0) == amount
        assert clause == line.clause


def test_it_says_that_it_agrees_and_nobody_elses_sheet_is_there(years: Callable[[int], Year], tmp_path: Path) -> None:
    settlement = years(0).settled()
    sheet = sheet_of(settlement, "320000", tmp_path)
    words = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert "与结算汇总的净额一致" in words
    assert any("本方：江苏省" in text for text in words)
    write_workbook(settlement, tmp_path / "all.xlsx")
    assert "本方结算" not in load_workbook(tmp_path / "all.xlsx").sheetnames


@pytest.mark.office
def test_the_party_sheet_recalculates_to_itself(years: Callable[[int], Year], tmp_path: Path) -> None:
    made = []
    for seed, code in ((0, "310000"), (2, "320000"), (4, "330000")):
        made.append(tmp_path / f"party_{seed}.xlsx")
        write_workbook(years(seed).settled(), made[-1], party=code)
    for before, after in zip(made, recalculated(made, tmp_path / "again"), strict=True):
        live = [cell for cell in formulas(before) if cell[0] == "本方结算"]
        assert len(live) > 30
        assert differences(values(before), values(after), iter(live)) == []
