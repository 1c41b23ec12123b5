"""Taking a national file in, against the bare executemany of the same values; both in one run, on SQLite.

    python benchmarks/store_ingest.py [FILE.xlsx] [--rounds 3]

Without a file, 41,800 rows of twelve indicators at 1,900 stations are made up. The baseline is the least that could be
done: prepared tuples, one table keyed alike, no constraint, no foreign key, no trigger, no look at what is there.
"""

import argparse
import hashlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from compensation.monitoring import read_file
from compensation.monitoring.parsed import Counts, ParsedFile
from compensation.monitoring.records import Method, Reading, SectionName, State, Status
from compensation.store import minute_of, open_store

STATIONS, TIMES = 1900, 22
INDICATORS = (
    *("class", "w01010", "w01001", "w01009", "w01014", "w01003"),
    *("w01019", "w21003", "w21011", "w21001", "w01016", "w19011"),
)


def made_up() -> ParsedFile:
    """A file of the size and the shape of a national week."""
    readings = []
    row = 1
    for step in range(TIMES):
        when = datetime(2026, 7, 1) + timedelta(hours=4 * step)
        for station in range(STATIONS):
            row += 1
            section = SectionName(f"测站{station}", f"{310000 + station % 30 * 1000}")
            for column, indicator in enumerate(INDICATORS):
                mantissa = (station * 7919 + step * 104729 + column * 1299709) % 99991
                text = f"{mantissa // 1000}.{mantissa % 1000:03d}"
                value = (Method.AUTOMATIC, State.VALUE, mantissa, -3, Status.UNSTATED, text)
                readings.append(Reading(section, indicator, when, *value, when, "数据", row, column + 5))
    content = hashlib.sha256(b"national week").hexdigest()
    return ParsedFile("全国.xlsx", content, 0, "xlsx", readings=readings, counts=Counts(row - 1, 0, row - 1))


def prepared(parsed: ParsedFile) -> list[tuple[object, ...]]:
    """The values as the bare loader takes them."""
    sections = {name: number for number, name in enumerate(dict.fromkeys(each.section for each in parsed.readings))}
    codes = {code: number for number, code in enumerate(dict.fromkeys(each.indicator for each in parsed.readings))}
    return [
        (
            *(sections[each.section], codes[each.indicator], minute_of(each.time), int(each.method), number),
            *(each.mantissa, each.exponent, int(each.state), int(each.status), 0, each.raw),
            *(0, 1, 0, each.row, each.column),
        )
        for number, each in enumerate(parsed.readings)
    ]


def bare(folder: Path, rows: list[tuple[object, ...]]) -> None:
    """The least that could be done."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    names = ", ".join(f"c{number}" for number in range(16))
    connection.execute(f"CREATE TABLE reading ({names}, PRIMARY KEY (c0, c1, c2, c3, c4)) WITHOUT ROWID")
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO reading VALUES ({', '.join('?' * 16)})", rows)
    connection.execute("COMMIT")
    connection.close()


def timed(action: Callable[[], object]) -> float:
    """Seconds of wall time."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def main() -> None:
    """Print medians and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", nargs="?", type=Path)
    arguments.add_argument("--rounds", type=int, default=3)
    chosen = arguments.parse_args()
    parsed = read_file(chosen.file) if chosen.file else made_up()
    rows = prepared(parsed)
    times: dict[str, list[float]] = {"bare": [], "ingest": [], "again": [], "read": [], "daily": []}
    for _ in range(chosen.rounds):
        with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/store.db") as store:
            store.init()
            times["bare"].append(timed(lambda folder=folder: bare(Path(folder), rows)))
            times["ingest"].append(timed(lambda store=store: store.ingest(parsed)))
            times["again"].append(timed(lambda store=store: store.ingest(parsed)))
            times["read"].append(timed(lambda store=store: sum(1 for _ in store.readings())))
            times["daily"].append(timed(lambda store=store: sum(1 for _ in store.daily_sums())))
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{len(rows):,} readings; " + "; ".join(f"{name} {value:.2f} s" for name, value in medians.items()))
    print(f"ingest / bare executemany = {medians['ingest'] / medians['bare']:.2f}")


if __name__ == "__main__":
    main()
