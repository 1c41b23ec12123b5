"""With the full years of test_recalculation, more than 200 generated settlements recalculated, 16 to a conversion.

These are of a month each, so that a spreadsheet program gets through them; clauses, figures, months and evidence vary.
"""

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from amounts import wrong_amounts
from made_up import Year, agreement, year
from office import SEEDS, differences, recalculated, values

from compensation.settlement.settle import Mode
from compensation.sheets import write_workbook

pytestmark = pytest.mark.office
BATCHES, EACH = 11, 16
FIRST_SEED = 1000


def month_of(seed: int) -> Year:
    """A month of a made-up year, under the draft with figures of its own."""
    chance = random.Random(seed)
    made = year(seed)
    figures = (
        ("value: 0.02, unit: 元/m³", f"value: {chance.randint(1, 99)}/1700, unit: 元/m³"),
        ("value: 2000, unit: 万元", f"value: {chance.randint(1, 99999)}/7, unit: 万元"),
        ("value: 8000, unit: 万元", f"value: {chance.choice((50, 731, 8000, 98765))}, unit: 万元"),
        ("{沪: 5, 苏: 3, 浙: 2}", f"{{沪: {chance.randint(1, 99)}, 苏: {chance.randint(1, 99)}, 浙: 7}}"),
    )
    first = made.first if made.first.year < 2026 else date(2026, chance.randint(1, 12), 1)
    last = (first + timedelta(31)).replace(day=1) - timedelta(1)
    backtest = "backtest" in made.mode.value
    mode = Mode.PROVISIONAL_BACKTEST if backtest else Mode.PROVISIONAL
    return replace(made, agreement=agreement(*figures), first=first, last=last, mode=mode)


def test_they_are_more_than_two_hundred() -> None:
    assert len(SEEDS) + BATCHES * EACH >= 200 or len(SEEDS) < 32


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_cell_and_every_amount_comes_out_again(batch: int, tmp_path: Path) -> None:
    seeds = range(FIRST_SEED + batch * EACH, FIRST_SEED + (batch + 1) * EACH)
    settlements = [month_of(seed).settled() for seed in seeds]
    made = [tmp_path / f"settlement_{seed}.xlsx" for seed in seeds]
    for settlement, path in zip(settlements, made, strict=True):
        write_workbook(settlement, path)
    for settlement, before, after in zip(settlements, made, recalculated(made, tmp_path / "again"), strict=True):
        cells, again = values(before), values(after)
        assert differences(cells, again, iter(cells)) == [], before.stem
        assert wrong_amounts(settlement, again)[0] == [], before.stem
    assert sum(len(settlement.outcome.lines) for settlement in settlements) > 20 * EACH
