"""The formula of every operation: as text, and recalculated by a spreadsheet against the exact value."""

import importlib.util
import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest
from openpyxl import Workbook, load_workbook

from compensation.expression import (
    CLASS,
    FEN,
    MG_PER_L,
    RATIO,
    WAN_YUAN,
    YUAN,
    MissingItem,
    Quantity,
    all_of,
    any_of,
    choose,
    constant,
    leaf,
    maximum,
    mean_valid,
    minimum,
    missing,
    ph_mean_valid,
    total,
    total_valid,
)
from compensation.expression.allocation import allocate
from compensation.expression.formula import UNDETERMINED, Cell, column_letters, formula, needs_own_cell, ranges
from compensation.money import uppercase
from compensation.quality.standard import limits
from compensation.sheets.plan import Plan, nesting
from compensation.sheets.uppercase import uppercase_formula

LACKING = MissingItem("断面", "总磷", "2026-07", "有效日少于 2 天")


def evidence(name: str, value: Fraction | int | None, unit=YUAN) -> Quantity:  # type: ignore[no-untyped-def]
    known = missing("没有", period=name) if value is None else Fraction(value)
    return leaf(("evidence", name), known, unit, name, "")


class Sheet:
    """A sheet in which every leaf, and whatever a formula needs, stands in column A."""

    def __init__(self) -> None:
        self.plan = Plan()
        self.rows: list[Quantity] = []

    def put(self, node: Quantity, _: str = "") -> Cell:
        self.rows.append(node)
        return Cell("算", len(self.rows), 1)

    def add(self, node: Quantity) -> Cell:
        if self.plan.home(node) is None and node.op != "constant":
            cell = self.put(node)
            self.plan.place(node, cell)
        home = self.plan.home(node)
        assert home is not None
        return home

    def text(self, node: Quantity) -> str:
        self.add(node)
        self.plan.helpers(self.put)
        return self.plan.formula(node, "算")


@pytest.fixture
def sheet() -> Sheet:
    return Sheet()


def test_columns_have_letters() -> None:
    assert [column_letters(each) for each in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]


def test_neighbours_are_written_as_ranges() -> None:
    down = [Cell("a", row, 3) for row in (2, 3, 4, 7)]
    across = [Cell("a", 9, column) for column in (4, 5)]
    assert list(ranges(down + across, "a")) == ["C2:C4", "C7", "D9:E9"]
    assert list(ranges(down[:2], "b")) == ["'a'!C2:C3"]


def test_a_sum_of_cells_that_may_be_missing_counts_them_first(sheet: Sheet) -> None:
    parts = [evidence(str(n), n) for n in range(3)]
    for part in parts:
        sheet.add(part)
    assert sheet.text(total(parts)) == f'=IF(COUNT(A1:A3)<3,"{UNDETERMINED}",SUM(A1:A3))'


def test_what_cannot_be_missing_is_not_counted(sheet: Sheet) -> None:
    one = leaf(("parameter", "a"), Fraction(2), YUAN, "a", "", certain=True)
    assert sheet.text((one + constant(1, YUAN)).rounded_half_up(2)) == "=ROUND(A2+1,2)"


def test_only_the_taken_branch_is_asked_whether_it_is_there(sheet: Sheet) -> None:
    there, absent = evidence("there", 5), evidence("absent", None)
    node = choose(there > constant(1, YUAN), there, absent)
    assert node.value == 5
    text = sheet.text(node)
    assert "COUNT" in text
    assert text.count("COUNT") == 1


def test_differences_of_decimals_are_compared_rounded(sheet: Sheet) -> None:
    a, b = evidence("a", 1, RATIO), evidence("b", Fraction(93, 100), RATIO)
    assert "ROUND(" in sheet.text((a - b) >= constant(Fraction(7, 100)))


def test_equal_quantities_share_a_cell(sheet: Sheet) -> None:
    a, b = evidence("a", 1), evidence("b", 2)
    first, twin = (a + b).named("甲"), (a + b).named("乙")
    assert sheet.add(first) == sheet.add(twin)
    assert sheet.plan.identity(first) != sheet.plan.identity(b + a)


def test_operands_that_formulas_repeat_get_cells_of_their_own(sheet: Sheet) -> None:
    a, b = evidence("a", 1, MG_PER_L), evidence("b", 3, MG_PER_L)
    mean = mean_valid([a, b], 1, LACKING)
    rounded = mean.rounded_for_assessment(2)
    assert list(needs_own_cell(rounded)) == [mean]
    sheet.text(rounded)
    assert sheet.plan.home(mean) is not None


def test_long_sums_are_split_so_that_any_program_can_hold_them(sheet: Sheet) -> None:
    parts = []
    for number in range(900):
        parts.append(evidence(f"{number}", number))
        sheet.add(parts[-1])
        sheet.rows.append(parts[0])  # a stranger between any two: no range can hold them
    whole = total(parts).rounded_half_up(2).named("合计")
    text = sheet.text(whole)
    texts = [text] + [sheet.plan.formula(node, "算") for node in sheet.plan.placed if node.op == "sum"]
    assert max(map(len, texts)) < 1000
    assert max(each.count(",") for each in texts) < 255


def test_nesting_ignores_brackets_in_texts() -> None:
    assert nesting('IF(A1=")((",SUM(B1),"")') == 2


# recalculated


def by_office() -> ModuleType:
    """The LibreOffice helper beside the workbook tests."""
    path = Path(__file__).resolve().parent.parent / "sheets" / "office.py"
    spec = importlib.util.spec_from_file_location("office_for_formulas", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def amounts(chance: random.Random) -> list[int]:
    fixed = [0, 1, 10, 99, 100, 1001, 100_000_00, 10_0000_0001_00, 2550_0000_00, 1_0000_5000_00, 999_999_999_999_99]
    return fixed + [chance.randint(1, 10 ** chance.randint(1, 14) - 1) * chance.choice((1, 1, -1)) for _ in range(300)]


def nodes(chance: random.Random) -> list[Quantity]:
    """Values on and beside every tie and limit, and random ones."""
    made: list[Quantity] = []
    tenth = MG_PER_L
    for number in range(160):
        tie = Fraction(chance.randint(-2000, 2000) * 2 + 1, 2000)
        value = evidence(f"v{number}", tie + Fraction(chance.choice((0, 0, 1, -1)), 10**6), tenth)
        made += [value.rounded_half_even(3), value.rounded_half_even(0), value.rounded_half_up(3)]
        small = evidence(f"s{number}", Fraction(chance.randint(1, 10**4), 10 ** chance.randint(4, 8)), tenth)
        made.append(small.rounded_for_assessment(chance.choice((1, 2, 3))))
    for code in ("w01009", "w01019", "w21003", "w21011", "w01001"):
        table = limits(code, "river")
        assert table is not None
        for bound in table.bounds:
            for nudge in (-1, 0, 1):
                made.append(evidence(f"{code}{bound}{nudge}", bound + Fraction(nudge, 10**5), tenth).graded(table))
    for number in range(60):
        index = evidence(f"p{number}", Fraction(chance.randint(800, 1200), 1000), RATIO)
        one, step = constant(1), constant(Fraction(1, 100))
        made += [
            ((one - index) / step).floor(),
            ((one - index) / step).ceil(),
            (one - index) <= constant(Fraction(7, 100)),
        ]
        weights = {code: evidence(f"w{number}{code}", chance.randint(0, 9), RATIO) for code in ("31", "32", "33")}
        weights["31"] = evidence(f"w{number}31", 1 + chance.randint(0, 8), RATIO)
        amount = evidence(f"m{number}", Fraction(chance.randint(0, 10**11), 100), YUAN)
        made += list(allocate(amount, weights, f"分{number}", "").values())
        big = {code: evidence(f"b{number}{code}", chance.randint(1, 10**12), RATIO) for code in ("31", "32", "33")}
        made += list(allocate(amount, big, f"长{number}", "").values())
        made.append(amount.to(WAN_YUAN).to(FEN).rounded_half_up(0).whole_quotient(constant(7, FEN)))
    for number in range(40):
        phs = [
            evidence(
                f"ph{number}-{n}", None if chance.random() < 0.2 else Fraction(chance.randint(600, 900), 100), RATIO
            )
            for n in range(6)
        ]
        made += [ph_mean_valid(phs, 3, LACKING, 6), mean_valid(phs, 5, LACKING), total_valid(phs, 4, LACKING)]
        made += [maximum(phs), minimum(phs), total(phs), phs[0] - phs[1], phs[0] * phs[1], phs[2] / phs[3]]
        made.append(choose(all_of([phs[0] > phs[1], phs[2] <= phs[3]]), phs[4], phs[5]))
        made.append(choose(any_of([phs[0] < phs[1], phs[2].equals(phs[3])]), phs[4], constant(0)) + phs[5])
        made.append(choose(phs[0] > phs[1], maximum([phs[2], phs[3]]), mean_valid(phs, 6, LACKING)))
    made.append(maximum([constant(2, CLASS), evidence("class", 3, CLASS)]))
    return made


@pytest.mark.office
def test_a_spreadsheet_computes_what_the_expression_says(tmp_path: Path) -> None:
    office = by_office()
    office.require()
    chance = random.Random(20261123)
    plan_sheet = Sheet()
    for node in nodes(chance):
        plan_sheet.add(node)
    plan_sheet.plan.helpers(plan_sheet.put)
    words = amounts(chance)
    path = tmp_path / "formulas.xlsx"
    _write(plan_sheet, words, path)
    (again,) = office.recalculated([path], tmp_path / "again")
    book = load_workbook(again, data_only=True)
    wrong = []
    for row, node in enumerate(plan_sheet.rows, start=1):
        expected = float(node.value) if isinstance(node.value, Fraction) else UNDETERMINED
        found = book["算"].cell(row, 1).value
        if not office.same(expected, found):
            wrong.append((node.op, node.label, expected, found, plan_sheet.plan.formula(node, "算")))
    assert wrong == []
    assert len(plan_sheet.rows) > 3000
    spelled = [book["大写"].cell(row, 2).value for row in range(1, len(words) + 1)]
    assert spelled == [uppercase(fen) if fen else "-" for fen in words]


def _write(sheet: Sheet, words: list[int], path: Path) -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "算"
    for row, node in enumerate(sheet.rows, start=1):
        cell = page.cell(row, 1)
        if node.op == "leaf":
            cell.value = float(node.value) if isinstance(node.value, Fraction) else UNDETERMINED
        else:
            cell.value = sheet.plan.formula(node, "算")
    page = book.create_sheet("大写")
    for row, fen in enumerate(words, start=1):
        page.cell(row, 1).value = fen / 100
        page.cell(row, 2).value = "=" + uppercase_formula(f"A{row}")
    book.save(path)


def test_direct_use_of_formula_needs_no_plan() -> None:
    a = evidence("a", 3)
    homes: dict[int, Cell] = {id(a): Cell("x", 2, 2)}
    cell_of: Callable[[Quantity], Cell | None] = lambda node: homes.get(id(node))  # noqa: E731
    assert formula(a.to(WAN_YUAN), cell_of, "x") == f'=IF(COUNT(B2)<1,"{UNDETERMINED}",B2/10000)'
    assert formula(a.to(FEN), cell_of, "y") == f"=IF(COUNT('x'!B2)<1,\"{UNDETERMINED}\",'x'!B2*100)"
