"""Sums of each day's first versions, kept as they come in: what a mean is made of, without reading every value again.

Nearly all keys have one version only. What later versions change is worked out when sums are asked for, in `query`.
"""

from sqlalchemy import Connection

from compensation.store.bulk import is_sqlite
from compensation.store.standing import DAY_KEY

# 18 digits times a day's values overflow 64 bits, and SQLite's SUM then fails: sum the halves, join them exactly.
HALF = 10**9
HIGH = f"mantissa / {HALF}"
LOW = f"mantissa - {HIGH} * {HALF}"
_KEY = ", ".join(DAY_KEY)
_OF_READING = ", ".join(f"r.{name}" for name in DAY_KEY)
SUMMED = (*DAY_KEY[:-1], "mantissa")
"""What the sums are made of, but for the file."""
NEARLY_BY_KEY = "(CAST(day AS BIGINT) * 1048576 + section_id) * 32768 + indicator_id"
"""An order in which a server adds to an index nearly as fast as in that of its key: one number is sorted sooner."""


def keep(connection: Connection, file_id: int, firsts: str, begun: str | None = None) -> None:
    """Keep the sums of a file's first versions, once its readings are stored; `firsts` is the query of `SUMMED`.

    `begun` names the table of a year that has no part yet, if they are to fill it.
    """
    kind = ", ".join(DAY_KEY[:-1])
    order = "" if begun or is_sqlite(connection) else f" ORDER BY {NEARLY_BY_KEY}"
    # A half has nine digits; what a server adds up of longer integers is of no fixed length, and slower.
    high, low = (half if is_sqlite(connection) else f"CAST({half} AS INTEGER)" for half in (HIGH, LOW))
    connection.exec_driver_sql(
        f"INSERT INTO {begun or 'daily_sum'} ({kind}, file_id, high, low, n) "
        f"SELECT {kind}, {file_id}, coalesce(sum({high}), 0), coalesce(sum({low}), 0), count(*) "
        f"FROM ({firsts}) r GROUP BY {kind}{order}"
    )


DIFFERING = (
    f"SELECT {_KEY} FROM (SELECT {_KEY}, high, low, n FROM daily_sum UNION ALL "
    f"SELECT {_OF_READING}, -coalesce(sum({HIGH}), 0), -coalesce(sum({LOW}), 0), -count(*) "
    f"FROM reading r WHERE r.version = 0 GROUP BY {_OF_READING}) t "
    f"GROUP BY {_KEY} HAVING sum(high) <> 0 OR sum(low) <> 0 OR sum(n) <> 0"
)
"""The query of the kept sums that are not those of the readings."""
