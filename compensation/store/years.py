"""The years by which PostgreSQL keeps readings apart, made when the first reading of a year comes; see decision 0022.

SQLite has no such parts: the order of its key serves the same purpose.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from compensation.store.bulk import TupleRow, is_sqlite, number
from compensation.store.clock import MINUTES_PER_DAY, date_of_day, day_of

REFERS = {"reading": ("section", "indicator", "import_file")}
"""What readings refer to; on PostgreSQL a trigger says so and not a foreign key."""


class Begun(NamedTuple):
    """The tables of a year that has no part yet: of its readings, and of the sums of their days if these have none."""

    readings: str
    sums: str | None


def make_years(connection: Connection, years: Iterable[int]) -> None:
    """Make the parts of these years where they are not there yet."""
    _make(connection, "make_reading_year", years)


def make_sum_years(connection: Connection, years: Iterable[int]) -> None:
    """Make the parts of these years for the sums of their days where they are not there yet."""
    _make(connection, "make_sum_year", years)


def _make(connection: Connection, function: str, years: Iterable[int]) -> None:
    if is_sqlite(connection) or not number(connection, f"SELECT count(to_regproc('{function}'))"):
        return
    for year in sorted(set(years)):
        connection.exec_driver_sql(f"SELECT {function}({year})")


def begin_year(connection: Connection, year: int, file_id: int) -> Begun | None:
    """Make the tables that `make_years` and `make_sum_years` take as the parts of a year, once a file has filled them.

    A key is made far faster of all its rows at once than row by row, and nobody can ask for the year before. Readings
    are first versions of that file unless they say otherwise. None where the year has its parts, or who imports has no
    right to this yet.
    """
    may = "SELECT count(*) FROM pg_proc WHERE proname = 'begin_reading_year' AND has_function_privilege(oid, 'EXECUTE')"
    if is_sqlite(connection) or not number(connection, may):
        return None
    readings = connection.exec_driver_sql(f"SELECT begin_reading_year({year}, {file_id})").scalar_one_or_none()
    if readings is None:
        return None
    return Begun(readings, connection.exec_driver_sql(f"SELECT begin_sum_year({year})").scalar_one())


def outside(year: int) -> str:
    """Return the condition that a day does not lie in a year."""
    return f"day NOT BETWEEN {day_of(date(year, 1, 1))} AND {day_of(date(year, 12, 31))}"


def make_parts(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[TupleRow]) -> None:
    """Make the parts that rows of a whole table belong into, where it has parts."""
    if is_sqlite(connection) or table not in _PARTED:
        return
    column, in_a_day, make = _PARTED[table]
    place = columns.index(column)
    make(connection, {date_of_day(row[place] // in_a_day).year for row in rows})


_PARTED = {"reading": ("minute", MINUTES_PER_DAY, make_years), "daily_sum": ("day", 1, make_sum_years)}
"""By which column a table has parts, how many of it make a day, and what makes the parts."""


def parts(connection: Connection) -> set[str]:
    """Return the names of the tables that are parts of another one."""
    if is_sqlite(connection):
        return set()
    rows = connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
    return {str(name) for (name,) in rows}
