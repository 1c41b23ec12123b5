"""One recalculation for all tests of this folder: LibreOffice takes longer to start than to compute."""

from collections.abc import Callable
from pathlib import Path

import pytest
from made_up import Year, year
from office import SEEDS, Recalculated, recalculated, require

from compensation.sheets import write_workbook

BATCH = 16


@pytest.fixture(scope="session")
def years() -> Callable[[int], Year]:
    known: dict[int, Year] = {}

    def get(seed: int) -> Year:
        if seed not in known:
            known[seed] = year(seed)
        return known[seed]

    return get


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, years: Callable[[int], Year]) -> dict[int, Recalculated]:
    """Every seeded settlement, written and recalculated, several in one run of the program."""
    require()
    folder = tmp_path_factory.mktemp("workbooks")
    made = [folder / f"settlement_{seed:03d}.xlsx" for seed in SEEDS]
    for seed, path in zip(SEEDS, made, strict=True):
        write_workbook(years(seed).settled(), path)
    again: list[Path] = []
    for start in range(0, len(made), BATCH):
        again += recalculated(made[start : start + BATCH], folder / "again")
    return {seed: Recalculated(*pair) for seed, *pair in zip(SEEDS, made, again, strict=True)}
