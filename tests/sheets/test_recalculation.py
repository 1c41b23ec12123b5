"""Engine and spreadsheet: the same number in every cell, also after a leaf was changed."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from amounts import wrong_amounts
from made_up import Year, agreement
from office import SEEDS, Recalculated, differences, formulas, recalculated, values
from openpyxl import load_workbook

from compensation.expression.formula import column_letters
from compensation.sheets import write_workbook
from compensation.sheets.page import Home
from compensation.sheets.workbook import lay_out
from rules.evidence import DayValue, Evidence, VolumeFact

pytestmark = pytest.mark.office


@pytest.mark.parametrize("seed", SEEDS)
def test_every_cell_is_its_cached_value_and_every_amount_the_engines(
    seed: int, office: dict[int, Recalculated], years: Callable[[int], Year]
) -> None:
    cells, again = formulas(office[seed].made), values(office[seed].again)
    assert len(cells) > 500
    assert differences(values(office[seed].made), again, iter(cells)) == []
    wrong, checked = wrong_amounts(years(seed).settled(), again)
    assert wrong == []
    assert checked > 20


def test_the_seeds_hold_every_kind(years: Callable[[int], Year]) -> None:
    """Without this the tests above could pass over thirty years in which nothing happens."""
    seen: dict[str, int] = {}
    for seed in range(32):
        settlement = years(seed).settled()
        outcome, evidence = settlement.outcome, settlement.case.evidence
        kinds = {
            settlement.mode.value,
            "missing" if settlement.missing else "",
            "incident" if evidence.incidents else "",
            "exempt" if any(each.document for each in outcome.excluded) else "",
            "in kind" if evidence.in_kind else "",
            "advance" if outcome.advances else "",
        }
        for charge in outcome.charges:
            if isinstance(charge.amount.value, Fraction) and charge.amount.value > 0:
                back = "backward" if charge.subject.endswith("（反向）") else "forward"
                kinds.add(f"{charge.clause.key} {back}")
        cuts = [p.cut.value for p in outcome.positions.values() if p.cut is not None]
        if sum(isinstance(cut, Fraction) and cut < 0 for cut in cuts) == 2:
            kinds.add("two cut")
        for kind in kinds - {""}:
            seen[kind] = seen.get(kind, 0) + 1
    wanted = {"final", "provisional", "backtest", "provisional_backtest", "missing", "incident", "exempt", "in kind"}
    wanted |= {"advance", "two cut", "index forward", "index backward", "exceedance forward", "incident forward"}
    assert wanted - set(seen) == set()


def test_recalculation_really_happens(office: dict[int, Recalculated], tmp_path: Path) -> None:
    """A wrong value planted in the cache comes back right; a line overwritten by hand shows in 勾稽."""
    source = office[0].made
    planted = tmp_path / "planted.xlsx"
    cell = next(cell for cell, text in formulas(source).items() if cell[0] == "结算汇总" and "ROUND" in text)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(planted, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode()
            if name == "xl/worksheets/sheet2.xml":
                pattern = rf'(<c r="{cell[1]}"[^>]*><f>[^<]*</f><v>)[^<]*(</v>)'
                content, count = re.subn(pattern, r"\g<1>12345.67\g<2>", content)
                assert count == 1
            new.writestr(name, content)
    assert values(planted)[cell] == 12345.67
    broken = tmp_path / "broken.xlsx"
    line = next(cell for cell in formulas(source) if cell[0] == "分条计算" and cell[1].startswith("I"))
    book = load_workbook(source)
    book[line[0]][line[1]].value = 123456.78
    book.save(broken)
    again, red = recalculated([planted, broken], tmp_path / "again")
    assert values(again)[cell] == values(source)[cell]
    assert values(again)["勾稽", "C3"] == 0
    assert values(red)["勾稽", "C3"] > 0


def changed_cells(path: Path, changes: dict[tuple[str, str], float], target: Path) -> None:
    """The workbook with other numbers in leaf cells; openpyxl drops every cached value."""
    book = load_workbook(path)
    for (sheet, address), value in changes.items():
        assert book[sheet][address].data_type == "n"
        book[sheet][address].value = value
    book.save(target)


def steady(path: Path) -> dict[tuple[str, str], str]:
    """The formulas of every sheet but 尾差说明, which lists the allocations that left fen when it was written."""
    return {cell: text for cell, text in formulas(path).items() if cell[0] != "尾差说明"}


def homes_of_leaves(made: Year) -> dict[tuple[str, ...], tuple[str, str]]:
    """Sheet and address of every leaf that has a value, by its key."""
    found = {}
    for page in lay_out(made.settled()):
        for (row, column), (content, _) in page.cells.items():
            if isinstance(content, Home) and content.node.key is not None:
                found[content.node.key] = page.name, f"{column_letters(column)}{row}"
    return found


def test_a_changed_leaf_gives_what_the_engine_gives(
    office: dict[int, Recalculated], years: Callable[[int], Year], tmp_path: Path
) -> None:
    """Days of a month tripled, a volume doubled, a price raised: in the cells, and in the evidence."""
    names, expected = [], []
    for seed in [each for each in (0, 1, 2, 3, 5, 7) if each in SEEDS]:
        made = years(seed)
        after, cells = changed(made, seed)
        target = tmp_path / f"changed_{seed}.xlsx"
        changed_cells(office[seed].made, cells, target)
        names.append(target)
        other = tmp_path / f"expected_{seed}.xlsx"
        write_workbook(after.settled(), other)
        assert steady(other) == steady(office[seed].made)
        before, now = values(office[seed].made), values(other)
        moved = [cell for cell in formulas(other) if now.get(cell) != before.get(cell)]
        assert any(cell[0] == "结算汇总" for cell in moved)
        expected.append(other)
    for wanted, again in zip(expected, recalculated(names, tmp_path / "again"), strict=True):
        assert differences(values(wanted), values(again), iter(steady(wanted))) == []


def changed(made: Year, seed: int) -> tuple[Year, dict[tuple[str, str], float]]:
    cells: dict[tuple[str, str], float] = {}
    home = homes_of_leaves(made)
    if seed in (2, 7):  # a figure of the agreement
        text = ("price: {<<: *assumed, value: 0.02", "price: {<<: *assumed, value: 0.037")
        after = replace(made, agreement=agreement(text))
        old, new = made.agreement.parameters, after.agreement.parameters
        parameter = next(b for a, b in zip(old, new, strict=True) if a.spans != b.spans)
        span = parameter.spans[0]
        cells[home[("parameter", parameter.key, span.first.isoformat())]] = float(span.value)
        return after, cells
    evidence = made.gathered.evidence
    section = next(each for each in made.agreement.sections if each.kind == "boundary")
    series = dict(evidence.days[section.code, "w21011"])
    for day in [day for day in series if day.month == 3]:
        series[day] = DayValue(series[day].value * 3, series[day].n)
        cells[home[("day", section.code, "w21011", day.isoformat())]] = float(series[day].value)
    (where, month), volume = next(iter(evidence.volumes.items()))
    doubled = volume.volume_m3 * 2
    cells[home[("volume", where, month)]] = float(doubled)

    def change(old: Evidence) -> Evidence:
        volumes = {**old.volumes, (where, month): VolumeFact(doubled, volume.source)}
        return replace(old, days={**old.days, (section.code, "w21011"): series}, volumes=volumes)

    return made.changed(change), cells
