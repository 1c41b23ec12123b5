"""Baseline: bare python-calamine (or polars for CSV) and bare sqlite3 executemany of the same values.

    python bare_sqlite.py FILE DATABASE

The least that could be done: one table keyed by section, indicator and time, values as doubles; no check of a cell,
no unit, no provenance, no version. What cannot be read as a number is left out.
"""

import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

Value = tuple[str, str, str, float]
_NAMES = ("断面名称", "监测时间", "监测项目", "监测值")


def cells(path: Path) -> Iterable[Sequence[Any]]:
    """The rows of the file, header first."""
    if path.suffix == ".xlsx":
        from python_calamine import CalamineWorkbook  # noqa: PLC0415  each reader in its own environment

        return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    import polars  # noqa: PLC0415  as above

    frame = polars.read_csv(path, infer_schema=False)
    return [tuple(frame.columns), *frame.iter_rows()]


def values(rows: Iterable[Sequence[Any]]) -> Iterator[Value]:
    """Section, indicator, time and value, of a long table or of a wide one."""
    found = iter(rows)
    header = list(next(found))
    section, time = header.index(_NAMES[0]), header.index(_NAMES[1])
    if _NAMES[2] in header:
        indicator, value = header.index(_NAMES[2]), header.index(_NAMES[3])
        for row in found:
            yield row[section], row[indicator], row[time], float(row[value])
        return
    columns = [(at, name) for at, name in enumerate(header) if at > time]
    for row in found:
        for at, name in columns:
            try:
                yield row[section], name, row[time], float(row[at])
            except (TypeError, ValueError):
                continue


def main() -> None:
    """Read the file and put its values into a new database."""
    connection = sqlite3.connect(sys.argv[2], isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        "CREATE TABLE reading (section TEXT, indicator TEXT, time TEXT, value REAL,"
        " PRIMARY KEY (section, indicator, time)) WITHOUT ROWID"
    )
    connection.execute("BEGIN")
    connection.executemany("INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?)", values(cells(Path(sys.argv[1]))))
    connection.execute("COMMIT")
    connection.close()


if __name__ == "__main__":
    main()
