"""What stands, as SQL text: of each key the last version that was not superseded, and the decision about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from compensation.store.clock import MINUTES_PER_DAY, minute_of, moment_of

KEY = ("day", "section_id", "indicator_id", "minute", "method")
"""The natural key, in the order in which readings are kept; `day` is the day that `minute` lies in.

With the method, as a hand sample dated to the day is not the station's midnight value.
"""

DAY_KEY = ("day", "section_id", "indicator_id", "method", "exponent", "state", "status", "file_id")
"""What is summed of a day: values of one kind, out of one file."""


class Scope(NamedTuple):
    """Which readings: None means all. `start` is included, `end` is not. `as_known_at` None means now.

    `by_year`: the database keeps them by year, and each table wants to be told which; `section_ids` are then the
    numbers of the sections.
    """

    section_codes: Sequence[str] | None = None
    indicators: Sequence[str] | None = None
    start: datetime | None = None
    end: datetime | None = None
    as_known_at: datetime | None = None
    by_year: bool = False
    section_ids: Sequence[int] | None = None


def same_key(left: str, right: str) -> str:
    """Return the condition that two rows are of one key."""
    return " AND ".join(f"{left}.{name} = {right}.{name}" for name in KEY)


def known(scope: Scope, alias: str) -> str:
    """Return that `alias` was there at the scope's moment, as a further condition."""
    if scope.as_known_at is None:
        return ""
    moment = moment_of(scope.as_known_at)
    return f" AND {alias}.file_id <= (SELECT coalesce(max(id), 0) FROM import_file WHERE imported_at <= {moment})"


def within(scope: Scope, alias: str) -> str:
    """Return the scope's times as a further condition on `alias`, a table joined by the key.

    Each table by year needs it said of itself: that its minute equals another's leaves no year of it out. SQLite must
    not be told, as it would then walk from one bound to the other for every row.
    """
    return times(scope, alias) if scope.by_year else ""


def times(scope: Scope, alias: str) -> str:
    """Return the scope's times as a condition that follows others."""
    found = ""
    if scope.start is not None:
        minute = minute_of(scope.start)
        found += f" AND {alias}.day >= {minute // MINUTES_PER_DAY} AND {alias}.minute >= {minute}"
    if scope.end is not None:
        minute = minute_of(scope.end)
        found += f" AND {alias}.day <= {(minute - 1) // MINUTES_PER_DAY} AND {alias}.minute < {minute}"
    return found


def whole_days(scope: Scope, alias: str) -> str:
    """Return that the day of `alias` lies wholly in the scope, as a condition that follows others."""
    found = ""
    if scope.start is not None:
        found += f" AND {alias}.day >= {-(-minute_of(scope.start) // MINUTES_PER_DAY)}"
    if scope.end is not None:
        found += f" AND {alias}.day < {minute_of(scope.end) // MINUTES_PER_DAY}"
    return found


def cuts_days(scope: Scope) -> bool:
    """Whether the scope holds days of which a part lies outside."""
    return any(time is not None and minute_of(time) % MINUTES_PER_DAY for time in (scope.start, scope.end))


def present_days(scope: Scope) -> str:
    """Return the definition of `present`, the days of the scope on which there is any reading.

    From one day to the next through the key; joined to it, a few sections' readings are found without reading the
    nation's.
    """
    next_day = f"SELECT min(r.day) FROM reading r WHERE {{}}{times(scope, 'r')}"
    return (
        f"present(day) AS ({next_day.format('1 = 1')} UNION ALL "
        f"SELECT ({next_day.format('r.day > p.day')}) FROM present p WHERE p.day IS NOT NULL)"
    )


def by_day(scope: Scope, table: str, conditions: str) -> str:
    """Return `present p` joined with the rows `r` of a table; `conditions` and that the day is the same follow anyway.

    Right after an import a server has not counted what came in, takes the bounds of the scope for a few rows, and walks
    from one to the other through every section's. Asked for some sections it is therefore asked for one of them and one
    day at a time, which leaves it nothing but the key; the OFFSET keeps it from seeing through the question.
    """
    if scope.section_ids is None:
        return f"present p CROSS JOIN {table} r"
    sections = f"unnest(ARRAY[{', '.join(map(str, scope.section_ids))}]::integer[]) q(id)"
    rows = f"SELECT * FROM {table} r WHERE r.day = p.day AND r.section_id = q.id AND {conditions} OFFSET 0"
    return f"present p CROSS JOIN {sections} CROSS JOIN LATERAL ({rows}) r"


def by_key(scope: Scope, keys: str) -> str:
    """Return `keys`, a table or query of keys named `k`, joined with the readings `r` of them; that follows anyway."""
    if not scope.by_year:
        return f"{keys} CROSS JOIN reading r"
    rows = f"SELECT * FROM reading r WHERE {same_key('r', 'k')}{within(scope, 'r')} OFFSET 0"
    return f"{keys} CROSS JOIN LATERAL ({rows}) r"


def heads(scope: Scope, conditions: str) -> str:
    """Return the condition that a row `r` within `conditions` is the newest of its key that counts."""
    # A server then finds the later ones through their own index; SQLite takes the key for each row.
    later = " AND n.version > 0" if scope.by_year else ""
    return (
        f"{conditions} AND r.flag <> 2{known(scope, 'r')} AND NOT EXISTS (SELECT 1 FROM reading n WHERE "
        f"{same_key('n', 'r')} AND n.version > r.version{later} AND n.flag <> 2{known(scope, 'n')}{within(scope, 'n')})"
    )


def decision(scope: Scope) -> str:
    """Return the condition that `d` is the decision that holds about the row `r`."""
    then = "" if scope.as_known_at is None else f" AND {{}}.decided_at <= {moment_of(scope.as_known_at)}"
    same = f"{same_key('d', 'r')} AND d.version = r.version{then.format('d')}{within(scope, 'd')}"
    later = f"{same_key('l', 'd')} AND l.version = d.version AND l.seq > d.seq{then.format('l')}{within(scope, 'l')}"
    return f"r.flag = 1 AND {same} AND NOT EXISTS (SELECT 1 FROM reading_decision l WHERE {later})"


def undecided_sql(scope: Scope, conditions: str) -> str:
    """Return the query of the conflicts nobody has decided, a row for each value that stands against another."""
    return (
        "SELECT s.code AS section_code, i.code AS indicator, r.minute, r.method, r.version, q.other_version "
        "FROM reading_conflict q CROSS JOIN reading r "
        "JOIN section s ON s.id = r.section_id JOIN indicator i ON i.id = r.indicator_id "
        f"WHERE {same_key('q', 'r')} AND q.version = r.version AND r.flag = 1{within(scope, 'q')} "
        f"AND {heads(scope, conditions)} "
        f"AND NOT EXISTS (SELECT 1 FROM reading_decision d WHERE {decision(scope)})"
    )
