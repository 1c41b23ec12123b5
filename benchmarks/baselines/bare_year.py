"""Baseline: the year's steps laid bare: read, executemany, monthly means in double, a sheet with as many cells.

python bare_year.py DATABASE TEMPLATE CELLS FILES...
"""

import sqlite3
import sys
from pathlib import Path

# openpyxl loads NumPy wherever it is there; the program's environment has none, and other baselines need it here.
sys.modules["numpy"] = None  # type: ignore[assignment]

from bare_sqlite import cells, values  # noqa: E402
from openpyxl import load_workbook  # noqa: E402

COLUMNS = 12


def main() -> None:
    """Everything in one process, without a rule, a check or a formula."""
    database, template, count, *files = sys.argv[1:]
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        "CREATE TABLE reading (section TEXT, indicator TEXT, time TEXT, value REAL,"
        " PRIMARY KEY (section, indicator, time)) WITHOUT ROWID"
    )
    connection.execute("BEGIN")
    for name in files:
        connection.executemany("INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?)", values(cells(Path(name))))
    connection.execute("COMMIT")
    means = connection.execute(
        "SELECT section, indicator, substr(time, 1, 7), avg(value) FROM reading GROUP BY 1, 2, 3"
    ).fetchall()
    book = load_workbook(template)
    sheet = book.create_sheet("bare")
    for number in range(int(count)):
        row, column = divmod(number, COLUMNS)
        sheet.cell(row + 1, column + 1, means[number % len(means)][3])
    book.save(f"{database}.xlsx")


if __name__ == "__main__":
    main()
