"""The comparison workbook: the same bytes, values beside formulas, and the amounts of the comparison."""

import hashlib
from datetime import date
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from compensation.agreement.loader import load
from compensation.settlement.compare import Comparison, compare
from compensation.settlement.evidence import Gathered
from compensation.settlement.settle import Mode, period_of, settle
from compensation.sheets import write_comparison
from rules.evidence import DayValue, Evidence, VolumeFact
from rules.substitution import substituted


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    draft = load("taipu-draft")
    period = period_of(draft, date(2026, 1, 1), date(2026, 12, 31), backtest=False)
    clean = {"w01019": Fraction(3), "w21003": Fraction("0.2"), "w21011": Fraction("0.06")}
    days = {
        (section.code, code): dict.fromkeys(period.days, DayValue(value, 6))
        for section in draft.sections
        for code, value in clean.items()
    }
    volumes = {
        (section.code, f"2026-{month:02d}"): VolumeFact(Fraction(10**7), "测试")
        for section in draft.sections
        for month in range(1, 13)
    }
    gathered = Gathered(Evidence(days, volumes), ())
    other = substituted(draft, {"index.base": Fraction(10)})
    return compare([settle(each, period, gathered, Mode.FINAL) for each in (draft, other)])


def test_same_bytes_and_the_digest_that_is_told(comparison: Comparison, tmp_path: Path) -> None:
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    told = write_comparison(comparison, first)
    assert write_comparison(comparison, second) == told
    assert first.read_bytes() == second.read_bytes()
    assert hashlib.sha256(first.read_bytes()).hexdigest() == told


def test_amounts_and_live_differences_carry_their_values(comparison: Comparison, tmp_path: Path) -> None:
    path = tmp_path / "比较.xlsx"
    write_comparison(comparison, path)
    values, formulas = (openpyxl.load_workbook(path, data_only=flag)["方案比较"] for flag in (True, False))
    rows = {row[0].value: row for row in values.iter_rows(min_row=5) if row[0].value in ("沪", "苏", "浙")}
    assert len(rows) == 3
    for final, (name, row) in zip(comparison.finals, rows.items(), strict=True):
        amounts = [amount for amount in final.amounts_yuan if amount is not None]
        assert [round(row[n].value * 1_000_000) for n in (1, 2)] == [amount * 100 for amount in amounts]
        assert round(row[3].value * 1_000_000) == (amounts[1] - amounts[0]) * 100
        assert str(formulas.cell(row[3].row, 4).value).startswith("=IF(COUNT("), name
    assert any(row[3].value for row in rows.values())


def test_only_the_figures_that_differ_are_listed(comparison: Comparison, tmp_path: Path) -> None:
    path = tmp_path / "比较.xlsx"
    write_comparison(comparison, path)
    sheet = openpyxl.load_workbook(path)["参数差异"]
    assert [row[0].value for row in sheet.iter_rows(min_row=3)] == ["index.base"]
