"""Sums of each day's first versions, kept as they come in: what a mean is made of, without reading every value again.

Nearly all keys have one version only. What later versions change is worked out when sums are asked for, in `query`.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from compensation.store.standing import DAY_KEY

# 18 digits times a day's values overflow 64 bits, and SQLite's SUM then fails: sum the halves, join them exactly.
HALF = 10**9
HIGH = f"mantissa / {HALF}"
LOW = f"mantissa - {HIGH} * {HALF}"
_KEY = ", ".join(DAY_KEY)
_OF_READING = ", ".join(f"r.{name}" for name in DAY_KEY)


def summed_sql(rows: str) -> str:
    """Return the query of the sums of these readings: the key, high, low, n. What has no number sums to 0."""
    return (
        f"SELECT {_OF_READING}, coalesce(sum({HIGH}), 0), coalesce(sum({LOW}), 0), count(*) FROM {rows} "
        f"GROUP BY {_OF_READING}"
    )


def keep(connection: Connection, file_id: int, days: Iterable[str], within: str) -> None:
    """Keep the sums of what a file brought, once its readings are stored.

    `days` are queries of its days and sections (day, section_id); `within` a further condition on `r`, its readings.
    """
    among = " UNION ".join(days)
    rows = (
        f"({among}) p CROSS JOIN reading r WHERE r.day = p.day AND r.section_id = p.section_id "
        f"AND r.version = 0 AND r.file_id = {file_id}{within}"
    )
    connection.exec_driver_sql(f"INSERT INTO daily_sum ({_KEY}, high, low, n) {summed_sql(rows)}")


DIFFERING = (
    f"SELECT {_KEY} FROM (SELECT {_KEY}, high, low, n FROM daily_sum UNION ALL "
    f"SELECT {_OF_READING}, -coalesce(sum({HIGH}), 0), -coalesce(sum({LOW}), 0), -count(*) "
    f"FROM reading r WHERE r.version = 0 GROUP BY {_OF_READING}) t "
    f"GROUP BY {_KEY} HAVING sum(high) <> 0 OR sum(low) <> 0 OR sum(n) <> 0"
)
"""The query of the kept sums that are not those of the readings."""
