"""The benchmarks run on tiny inputs, measure the same work on both sides, and notice amounts that differ."""

import sqlite3
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from benchmarks import importing, made_files, measuring, sheets, taipu_year, what_if
from benchmarks.measuring import Row, Timing, processes, table
from compensation.expression.variants import Variants
from compensation.store import open_store

SECOND, FIFTH = Timing(1.5, 1.0), Timing(0.1, 0.2, 3 * 2**20)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> importing.Bench:
    """A small bench on made-up files, without the baselines' own environment."""
    monkeypatch.setattr(importing, "REAL", tmp_path / "absent")
    monkeypatch.setattr(measuring, "BENCH_PYTHON", tmp_path / "absent")
    return importing.Bench(tmp_path, 300)


@pytest.mark.parametrize(
    ("row", "ratio", "met"),
    [
        (Row("a", SECOND, "b", FIFTH, goal=4), 5, False),
        (Row("a", SECOND, "b", FIFTH, goal=5), 5, True),
        (Row("a", FIFTH, "b", SECOND, goal=5, faster=True), 5, True),
        (Row("a", FIFTH, "b", SECOND, goal=6, faster=True), 5, False),
        (Row("a", SECOND, "b", FIFTH, goal=5, seconds=1.4), 5, False),
        (Row("a", SECOND, "b", FIFTH, goal=15, by_wall=True), 15, True),
        (Row("a", SECOND, "b", FIFTH), 5, None),
        (Row("a", SECOND, "b", None, goal=2), None, None),
    ],
)
def test_a_row_says_whether_it_reaches_its_goal(row: Row, ratio: float | None, met: bool | None) -> None:
    assert row.ratio == (None if ratio is None else pytest.approx(ratio))
    assert row.met is met
    assert ("missed" in table([row])) == (met is False)


def test_a_process_is_measured_by_itself() -> None:
    # Memory that is held here must not count as memory of the child.
    held = bytearray(200 * 2**20)
    (told,) = processes({"python": lambda: [sys.executable, "-S", "-c", "sum(range(10**6))"]}, 1).values()
    assert len(held) > 10 * (told.peak or 0) > 0
    assert told.cpu > 0
    with pytest.raises(SystemExit, match="no such thing"):
        processes({"bad": lambda: [sys.executable, "-c", "raise SystemExit('no such thing')"]}, 1)


def test_what_if_runs(alone: importing.Bench) -> None:
    assert alone.rows
    rows, notes = what_if.rows(count=12, rounds=1)
    assert [row.step.split()[0] for row in rows] == ["settle", "12", "12", "flips"]
    assert notes == ["12 of 12 variants settled anew: every net identical, to the fen."]


def test_what_if_notices_an_amount_that_differs(alone: importing.Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert alone.rows
    run = Variants.run_many
    monkeypatch.setattr(Variants, "run_many", lambda *given: [[x + Fraction(1, 100) for x in y] for y in run(*given)])
    with pytest.raises(SystemExit, match="differs"):
        what_if.rows(count=12, rounds=1)


def test_every_clause_of_the_year_has_something_to_decide() -> None:
    outcome = taipu_year.settled(taipu_year.evidence()).outcome
    assert {charge.clause.key for charge in outcome.charges if charge.amount.value} >= {
        "fund",
        "intake",
        "index",
        "exceedance",
    }
    assert all(isinstance(position.final.value, Fraction) for position in outcome.positions.values())
    changed = taipu_year.changes(taipu_year.monthly(taipu_year.evidence()), 40)
    assert {kind for kind, *_ in changed} == {"figure", "month"}
    assert {name for _, name, *_ in changed} >= set(taipu_year.FIGURES)


def test_imports_run_and_hold_the_same_values(alone: importing.Bench) -> None:
    (row,) = importing.import_rows(alone, 1)
    assert row.step == "import a long xlsx of 300 rows"
    path = made_files.long_xlsx(alone.folder / "long.xlsx", 300)
    bare = alone.bare(path)()
    subprocess.run(bare, check=True)
    with sqlite3.connect(bare[-1]) as connection:
        values = connection.execute("SELECT section, value FROM reading").fetchall()
    connection.close()
    url = alone.new_url()
    importing.quietly(importing.program(url, "import", str(path)))
    with open_store(url) as store:
        ours = [mantissa * Fraction(10) ** exponent for _, _, _, mantissa, exponent, *_ in store.readings()]
    assert len(values) == len(ours) == 300
    assert sorted(float(value) for value in ours) == sorted(value for _, value in values)


def test_the_year_is_settled_and_written(alone: importing.Bench) -> None:
    (row,) = importing.year_rows(alone, 1)
    assert row.baseline == "the same with daily values in memory"
    stations, others = made_files.taipu_files(alone.folder, 6)
    sheet = alone.new().with_suffix(".xlsx")
    shell = ["sh", "-ec", importing.YEAR_STEPS, "sh", importing.COMPENSATION, str(sheet), str(stations)]
    environment = f"COMPENSATION_DATABASE_URL={alone.new_url()}"
    subprocess.run(["env", environment, *shell, *map(str, others)], check=True, capture_output=True)
    assert sheet.read_bytes()[:2] == b"PK"


def test_the_workbook_of_the_year_is_measured(alone: importing.Bench) -> None:
    (row,) = sheets.rows(1, 1)
    assert alone.rows
    assert row.step == "the yearly workbook: compensation sheet"
    assert row.ours.cpu > 0
    assert row.seconds == 3


def test_a_national_day_of_any_size(tmp_path: Path) -> None:
    path = made_files.national_csv(tmp_path / "day.csv", 1234)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1235
    assert {line.count(",") for line in lines} == {len(made_files.WIDE_HEADER) - 1}
