"""尾差说明: the last fen of each allocation, against largest remainders computed here by hand."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from made_up import Year
from openpyxl import load_workbook

from compensation.sheets import write_workbook

CODES = {"沪": "310000", "苏": "320000", "浙": "330000"}


def rows_of(path: Path) -> dict[int, list[tuple[object, ...]]]:
    """The rows of each allocation, by its number."""
    found: dict[int, list[tuple[object, ...]]] = defaultdict(list)
    for row in load_workbook(path, data_only=True)["尾差说明"].iter_rows(min_row=7, values_only=True):
        if isinstance(row[0], int):
            found[row[0]].append(row)
    return found


@pytest.mark.parametrize("seed", [0, 1, 5])
def test_each_fen_that_is_left_goes_to_the_largest_remainder(
    seed: int, years: Callable[[int], Year], tmp_path: Path
) -> None:
    path = tmp_path / "结算.xlsx"
    write_workbook(years(seed).settled(), path)
    allocations = rows_of(path)
    assert len(allocations) >= 4
    for rows in allocations.values():
        amount, left = rows[0][2], rows[0][3]
        assert isinstance(left, int)
        assert left > 0
        assert sum(row[5] for row in rows) + left == amount  # type: ignore[misc]
        assert sum(row[8] for row in rows) == left  # type: ignore[misc]
        for row in rows:
            assert round(row[9] * 100) == row[5] + row[8]  # type: ignore[operator]
        parties = [tuple(CODES[name] for name in str(row[4]).split(" → ")) for row in rows]
        assert parties == sorted(parties)
        queue = sorted(rows, key=lambda row: row[7])  # type: ignore[arg-type,return-value]
        assert [row[7] for row in queue] == list(range(1, len(rows) + 1))
        remainders = [row[6] for row in queue]
        assert remainders == sorted(remainders, reverse=True)  # type: ignore[type-var]
        assert [row[8] for row in queue] == [1] * left + [0] * (len(rows) - left)
        assert {row[10] for row in queue[left:]} == {"未补"}
        for row in queue[:left]:
            tied = remainders.count(row[6]) > 1
            assert row[10] == ("余数相同，按权数、代码定先后" if tied else "按余数名次补得")


def test_the_allocations_that_are_not_listed_left_nothing(years: Callable[[int], Year], tmp_path: Path) -> None:
    path = tmp_path / "结算.xlsx"
    write_workbook(years(0).settled(), path)
    live, value = (load_workbook(path, data_only=only)["尾差说明"]["D4"].value for only in (False, True))
    assert str(live).startswith("=")
    assert value == 0
