"""Baseline: monthly and annual means by DuckDB, GROUP BY in double over the same rows.

    python duckdb_means.py DATABASE [ROUNDS]

Takes the rows out of an SQLite database of the program and tells as JSON what the two GROUP BYs took each time, wall
and CPU seconds, and the means. Taking the rows over is not timed.
"""

import csv
import json
import resource
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROWS = (
    "SELECT s.code, i.code, datetime(r.minute * 60, 'unixepoch'), r.mantissa, r.exponent "
    "FROM reading r JOIN section s ON s.id = r.section_id JOIN indicator i ON i.id = r.indicator_id "
    "WHERE r.state = 0 AND r.version = 0"
)
MEANS = "SELECT section, indicator, date_trunc(?, time) AS period, avg(value) FROM reading GROUP BY ALL"


def cpu() -> float:
    """CPU seconds of all threads so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Copy the rows, then group them."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE reading (section VARCHAR, indicator VARCHAR, time TIMESTAMP, value DOUBLE)")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            rows = sqlite3.connect(sys.argv[1]).execute(ROWS)
            csv.writer(file).writerows((*key, f"{mantissa}e{exponent}") for *key, mantissa, exponent in rows)
        connection.execute("COPY reading FROM ? (HEADER false)", [str(path)])
    rounds = []
    for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 1):
        wall, used = time.perf_counter(), cpu()
        months, years = (connection.execute(MEANS, [each]).fetchall() for each in ("month", "year"))
        rounds.append((time.perf_counter() - wall, cpu() - used))
    means = [(section, indicator, f"{period:%Y-%m}", mean) for section, indicator, period, mean in months]
    means += [(section, indicator, f"{period:%Y}", mean) for section, indicator, period, mean in years]
    json.dump({"rounds": rounds, "means": means}, sys.stdout)


if __name__ == "__main__":
    main()
