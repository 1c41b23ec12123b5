"""How time, memory and bytes grow from one million readings of the national shape to many.

    python -m benchmarks.growth [--millions 10]

Day files of all national sections are made up one after the other, imported into one SQLite database by the program as
it is, and thrown away. After each it tells CPU seconds so far, the peak memory of the import, and the bytes that a
reading takes, beside those of a bare table of (section, indicator, time, value) with its index.
"""

import argparse
import json
import math
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import made_files
from benchmarks.measuring import CHECKOUT, compiled, machine

COMPENSATION = [sys.executable, "-c", "from compensation.cli.main import main; main()"]
DAYS_AT_ONCE = 5
"""Day files that one import takes in: about a million readings."""


def run(database: Path, *arguments: str) -> dict[str, float]:
    """CPU seconds and peak bytes of the program in a process of its own."""
    url = f"COMPENSATION_DATABASE_URL=sqlite:///{database}"
    launcher = [sys.executable, "-S", str(CHECKOUT / "benchmarks" / "one.py"), "env", url, *COMPENSATION, *arguments]
    told: dict[str, float] = json.loads(subprocess.run(launcher, capture_output=True, check=True, cwd=CHECKOUT).stdout)
    if told["code"]:
        raise SystemExit(told["errors"])
    return told


def grown(folder: Path, millions: float) -> list[tuple[int, float, float, float]]:
    """After each import: readings, CPU seconds so far, this import's peak memory, bytes for a reading."""
    database = folder / "nation.db"
    run(database, "init")
    found: list[tuple[int, float, float, float]] = []
    readings, seconds, day = 0, 0.0, 0
    while readings < millions * 1e6:
        paths = [made_files.national_day(folder, day + number) for number in range(DAYS_AT_ONCE)]
        told = run(database, "import", "--made-up", *map(str, paths))
        for path in paths:
            path.unlink()
        day += DAYS_AT_ONCE
        readings = day * made_files.READINGS_A_DAY
        seconds += told["cpu"]
        found.append((readings, seconds, told["peak"], database.stat().st_size / readings))
    return found


def bare_bytes(folder: Path, days: int = DAYS_AT_ONCE) -> float:
    """Bytes for a reading of a bare table with numbers for sections and indicators, and of its index."""
    path = folder / "bare.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bare (section INTEGER, indicator INTEGER, time INTEGER, value REAL)")
    connection.execute("CREATE INDEX bare_key ON bare (section, indicator, time)")
    rows = (
        (section, indicator, minute, section / 7 + indicator)
        for minute in range(0, days * 1440, 240)
        for section in range(made_files.NATIONAL_SECTIONS)
        for indicator in range(len(made_files.RANGES))
    )
    connection.executemany("INSERT INTO bare VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.execute("VACUUM")
    count = connection.execute("SELECT count(*) FROM bare").fetchone()[0]
    connection.close()
    return path.stat().st_size / float(count)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the straight line through the logarithms, by least squares."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x, mean_y = (sum(each) / len(logs) for each in zip(*logs, strict=True))
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def main() -> None:
    """Print a line for each import, the slope, and how flat memory is."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--millions", type=float, default=10)
    chosen = arguments.parse_args()
    compiled()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = grown(folder, chosen.millions)
        bare = bare_bytes(folder)
    print(machine())
    report(found, bare)


def report(found: Sequence[tuple[int, float, float, float]], bare: float) -> None:
    """Print what `grown` and `bare_bytes` gave."""
    print("| readings | CPU so far | of the import | peak | bytes for a reading |\n| --- | --- | --- | --- | --- |")
    before = 0.0
    for readings, seconds, peak, size in found:
        print(f"| {readings:,} | {seconds:.1f} s | {seconds - before:.1f} s | {peak / 2**20:.0f} MiB | {size:.1f} |")
        before = seconds
    if len(found) > 1:
        print(f"slope {slope([(readings, seconds) for readings, seconds, *_ in found]):.3f}")
    peaks = [peak for _, _, peak, _ in found]
    print(f"peak {min(peaks) / 2**20:.0f} to {max(peaks) / 2**20:.0f} MiB; bare table with its index {bare:.1f} bytes")


if __name__ == "__main__":
    main()
