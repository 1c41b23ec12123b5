"""The years by which PostgreSQL keeps readings apart, made when the first reading of a year comes; see decision 0022.

SQLite has no such parts: the order of its key serves the same purpose.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from compensation.store.bulk import is_sqlite, number
from compensation.store.clock import MINUTES_PER_DAY, date_of_day, day_of

REFERS = {"reading": ("section", "indicator", "import_file")}
"""What readings refer to; on PostgreSQL a trigger says so and not a foreign key."""


def make_years(connection: Connection, years: Iterable[int]) -> None:
    """Make the parts of these years where they are not there yet."""
    if is_sqlite(connection) or not number(connection, "SELECT count(to_regproc('make_reading_year'))"):
        return
    for year in sorted(set(years)):
        connection.exec_driver_sql(f"SELECT make_reading_year({year})")


def begin_year(connection: Connection, year: int, file_id: int) -> str | None:
    """Make the table that `make_years` takes as the part of a year, once a file has filled it; return its name.

    A key is made far faster of all its rows at once than row by row, and nobody can ask for the year before. Its rows
    are first versions of that file unless they say otherwise. None where the year has its part, or who imports has no
    right to this yet.
    """
    may = "SELECT count(*) FROM pg_proc WHERE proname = 'begin_reading_year' AND has_function_privilege(oid, 'EXECUTE')"
    if is_sqlite(connection) or not number(connection, may):
        return None
    return connection.exec_driver_sql(f"SELECT begin_reading_year({year}, {file_id})").scalar_one_or_none()


def outside(year: int) -> str:
    """Return the condition that a day does not lie in a year."""
    return f"day NOT BETWEEN {day_of(date(year, 1, 1))} AND {day_of(date(year, 12, 31))}"


def year_of_minute(minute: int) -> int:
    """Return the year a minute lies in."""
    return date_of_day(minute // MINUTES_PER_DAY).year


def parts(connection: Connection) -> set[str]:
    """Return the names of the tables that are parts of another one."""
    if is_sqlite(connection):
        return set()
    rows = connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")
    return {str(name) for (name,) in rows}
