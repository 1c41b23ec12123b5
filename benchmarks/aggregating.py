"""Monthly and annual means of all that is stored, exact, against DuckDB's GROUP BY in double over the same rows.

    python -m benchmarks.aggregating [--millions 5] [--rounds 5]

The readings are those of `benchmarks.growth`, whose table is printed as well; 50 million of them take some ten minutes
to import and, while they are handed to DuckDB, 6 GB of the temporary folder. Every mean is compared with DuckDB's; one
further off than a double can be ends the run.
"""

import argparse
import json
import math
import statistics
import subprocess
import tempfile
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

from benchmarks import growth
from benchmarks.measuring import CHECKOUT, Row, Timing, bench_python, in_turn, machine, table
from compensation.monitoring.records import State
from compensation.store import Scope, Store, open_store

BASELINE = CHECKOUT / "benchmarks" / "baselines" / "duckdb_means.py"
Key = tuple[str, str, str]


def means(store: Store) -> dict[Key, Fraction]:
    """The exact mean of each section, indicator and month (2026-01) or year (2026), values only."""
    sums: dict[Key, dict[int, int]] = defaultdict(dict)
    counts: dict[Key, int] = defaultdict(int)
    names: dict[int, tuple[str, str]] = {}
    for section, indicator, month, exponent, state, _, _, total, n in store.monthly_sums(Scope()):
        if state != State.VALUE:
            continue
        if month not in names:
            names[month] = (f"{month // 100}-{month % 100:02d}", str(month // 100))
        for period in names[month]:
            key = (section, indicator, period)
            found = sums[key]
            found[exponent] = found.get(exponent, 0) + total
            counts[key] += n
    return {key: _mean(found, counts[key]) for key, found in sums.items()}


def _mean(sums: dict[int, int], n: int) -> Fraction:
    """Of sums by exponent, brought to lowest terms once."""
    last = min(sums)
    total = sum(amount * 10 ** (exponent - last) for exponent, amount in sums.items())
    return Fraction(total * 10 ** max(last, 0), n * 10 ** max(-last, 0))


def compare(database: Path, rounds: int) -> Row | None:
    """The row of one database, None without DuckDB."""
    python = bench_python()
    if python is None:
        return None
    with open_store(f"sqlite:///{database}") as store:
        readings, exact = store.status().rows["reading"], means(store)
        ours = in_turn({"ours": lambda: means(store)}, rounds)["ours"]
    told = _baseline(python, database, exact, rounds)
    theirs = Timing(*(statistics.median(each) for each in zip(*told, strict=True)))
    label = f"monthly and annual means of {readings:,} readings, exact"
    return Row(label, ours, "DuckDB GROUP BY in double, rows in memory", theirs, goal=2)


def _baseline(python: Path, database: Path, exact: dict[Key, Fraction], rounds: int) -> list[tuple[float, float]]:
    """Wall and CPU seconds of each round, once the means are found to be the same."""
    done = subprocess.run([python, BASELINE, database, str(rounds)], check=True, capture_output=True, cwd=CHECKOUT)
    told = json.loads(done.stdout)
    found = {(section, indicator, period): mean for section, indicator, period, mean in told["means"]}
    if found.keys() != exact.keys() or not all(
        math.isclose(exact[key], found[key], rel_tol=1e-9, abs_tol=1e-12) for key in found
    ):
        raise SystemExit("the means are not those of DuckDB")
    return [(wall, cpu) for wall, cpu in told["rounds"]]


def main() -> None:
    """Make the readings, then print the row."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--millions", type=float, default=5)
    arguments.add_argument("--rounds", type=int, default=5)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = growth.grown(Path(name), chosen.millions)
        print(machine())
        growth.report(found, growth.bare_bytes(Path(name)))
        row = compare(Path(name) / "nation.db", chosen.rounds)
    if row is None:
        raise SystemExit("the baselines' environment is missing")
    print(table([row]))


if __name__ == "__main__":
    main()
