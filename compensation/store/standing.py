"""What stands, as SQL text: of each key the last version that was not superseded, and the decision about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from compensation.store.clock import minute_of, moment_of

KEY = ("section_id", "indicator_id", "minute", "method")
"""The natural key; with the method, as a hand sample dated to the day is not the station's midnight value."""


class Scope(NamedTuple):
    """Which readings: None means all. `start` is included, `end` is not. `as_known_at` None means now.

    `by_year` says that the database keeps them by year, and each table wants to be told which.
    """

    section_codes: Sequence[str] | None = None
    indicators: Sequence[str] | None = None
    start: datetime | None = None
    end: datetime | None = None
    as_known_at: datetime | None = None
    by_year: bool = False


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
    first = "" if scope.start is None else f" AND {alias}.minute >= {minute_of(scope.start)}"
    return first + ("" if scope.end is None else f" AND {alias}.minute < {minute_of(scope.end)}")


def heads(scope: Scope, conditions: str) -> str:
    """Return the condition that a row `r` within `conditions` is the newest of its key that counts."""
    return (
        f"{conditions} AND r.flag <> 2{known(scope, 'r')} AND NOT EXISTS (SELECT 1 FROM reading n "
        f"WHERE {same_key('n', 'r')} AND n.version > r.version AND n.flag <> 2{known(scope, 'n')}{within(scope, 'n')})"
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
        f"FROM reading_conflict q JOIN reading r ON {same_key('q', 'r')} AND q.version = r.version "
        "JOIN section s ON s.id = r.section_id JOIN indicator i ON i.id = r.indicator_id "
        f"WHERE r.flag = 1{within(scope, 'q')} AND {heads(scope, conditions)} "
        f"AND NOT EXISTS (SELECT 1 FROM reading_decision d WHERE {decision(scope)})"
    )
