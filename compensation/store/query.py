"""Readings back out: the value that stands for every key, streamed in the order of the key.

A key in conflict that nobody has decided comes out as missing; `undecided` names such keys. With a moment, the
answer is the one this database would have given then.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Table, select

from compensation.monitoring.records import State
from compensation.store.bulk import TupleRow, is_sqlite, stream
from compensation.store.clock import date_of_day, time_of_minute
from compensation.store.standing import (
    KEY,
    Scope,
    by_day,
    by_key,
    cuts_days,
    decision,
    heads,
    known,
    present_days,
    same_key,
    times,
    undecided_sql,
    whole_days,
    within,
)
from compensation.store.sums import HALF, HIGH, LOW
from compensation.store.tables import INDICATOR, SECTION

_DAY = "p.day"
_MISSING = int(State.MISSING)
_PLACE = ("file_id", "source_sheet", "source_row", "source_column")


class Undecided(NamedTuple):
    """A key in conflict without a decision: the version that opened it and those it stands against."""

    section_code: str
    indicator: str
    time: datetime
    method: int
    version: int
    other_versions: tuple[int, ...]


def readings(connection: Connection, scope: Scope) -> Iterator[TupleRow]:
    """Give (section_code, indicator, minute, mantissa, exponent, state, status, method, file_id, source_row).

    Ordered by section code, indicator code, minute, method, the same on every database.
    """
    sql = _standing(connection, scope)
    if sql is None:
        return iter(())
    code_order = _bytewise(connection)
    return stream(
        connection,
        "SELECT section_code, indicator, minute, mantissa, exponent, state, status, method, file_id, source_row "
        f"FROM ({sql}) t ORDER BY section_code{code_order}, indicator{code_order}, minute, method",
    )


def daily_sums(connection: Connection, scope: Scope) -> Iterator[TupleRow]:
    """Give (section_code, indicator, day, exponent, state, status, method, sum_mantissa, n), sums exact.

    `day` counts days since 1970-01-01; rows without a number sum to 0. In the order in which sections and indicators
    were registered, then by the other columns before the sum.
    """
    scope = _told(connection, scope)
    return _sums(connection, scope, present_days(scope), _DAY)


def monthly_sums(connection: Connection, scope: Scope) -> Iterator[TupleRow]:
    """Give (section_code, indicator, month, exponent, state, status, method, sum_mantissa, n), sums exact.

    `month` is year * 100 + month, 202601; otherwise as `daily_sums`, a thirtieth as many rows.
    """
    scope = _told(connection, scope)
    days = stream(connection, f"WITH RECURSIVE {present_days(scope)} SELECT day FROM present WHERE day IS NOT NULL")
    months = ", ".join(f"({day}, {date_of_day(day):%Y%m})" for (day,) in days)
    return _sums(connection, scope, f"present(day, month) AS (VALUES {months})", "p.month") if months else iter(())


def _sums(connection: Connection, scope: Scope, present: str, period: str) -> Iterator[TupleRow]:
    """Sums by section, indicator, period and kind; `present` defines the days and `period` says which each falls into.

    Nearly all keys have one version only, so the sums of all first versions are kept. Of the few keys that have others,
    the first version is taken off again, and what stands is added. Days that the scope cuts are summed anew.
    """
    named = _named(connection, scope)
    if named is None:
        return
    conditions = named + times(scope, "r")
    key = ", ".join(f"r.{name}" for name in KEY)
    group = "section_id, indicator_id, period, exponent, state, status, method"
    told = f"r.section_id, r.indicator_id, {period} AS period, r.exponent, r.state, r.status, r.method"
    first = f"r.version = 0 AND {conditions}{known(scope, 'r')}"
    kept = f"{named}{whole_days(scope, 'r')}{known(scope, 'r')}"
    rows_kept = f"FROM {by_day(scope, 'daily_sum', kept)} WHERE r.day = p.day AND {kept}"
    # A month's days are added up before they are put beside the others: far fewer rows then.
    added = f"SELECT {told}, sum(high) AS high, sum(low) AS low, sum(n) AS n {rows_kept} GROUP BY 1, 2, 3, 4, 5, 6, 7"
    parts = [
        f"SELECT {told}, high, low, n {rows_kept}" if period == _DAY else added,
        f"SELECT {told}, -({HIGH}), -({LOW}), -1 FROM {by_key(scope, 'later k')} JOIN present p ON p.day = r.day "
        f"WHERE {same_key('r', 'k')} AND {first}",
        f"SELECT {told}, {HIGH}, {LOW}, 1 FROM standing r JOIN present p ON p.day = r.day",
    ]
    if cuts_days(scope):
        cut = f"NOT (1 = 1{whole_days(scope, 'r')}) AND {first}"
        parts.append(
            f"SELECT {told}, {HIGH}, {LOW}, 1 FROM {by_day(scope, 'reading', cut)} WHERE r.day = p.day AND {cut}"
        )
    rows = stream(
        connection,
        f"WITH RECURSIVE {present}, "
        f"later AS (SELECT DISTINCT {key} FROM reading r WHERE {conditions} AND r.version > 0), "
        f"standing AS ({_standing_sql(conditions, scope, of_later=True)}) "
        f"SELECT {group}, coalesce(sum(high), 0), coalesce(sum(low), 0), sum(n) FROM ({' UNION ALL '.join(parts)}) t "
        f"GROUP BY {group} HAVING sum(n) <> 0 ORDER BY {group}",
    )
    sections, indicators = _codes(connection, SECTION), _codes(connection, INDICATOR)
    for section, indicator, *kind, high, low, count in rows:
        yield (sections[section], indicators[indicator], *kind, int(high) * HALF + int(low), int(count))


def placed_readings(connection: Connection, scope: Scope) -> Iterator[TupleRow]:
    """Give every reading with the cell it stood in, in the order of `readings`.

    (section_code, indicator, minute, method, mantissa, exponent, state, status, file_id, sheet name, source_row,
    source_column).
    """
    sql = _standing(connection, scope)
    if sql is None:
        return iter(())
    code_order = _bytewise(connection)
    return stream(
        connection,
        "SELECT section_code, indicator, minute, method, mantissa, exponent, state, status, t.file_id, f.name, "
        f"source_row, source_column FROM ({sql}) t "
        "JOIN import_sheet f ON f.file_id = t.file_id AND f.sheet = t.source_sheet "
        f"ORDER BY section_code{code_order}, indicator{code_order}, minute, method",
    )


def origins(connection: Connection, scope: Scope) -> Iterator[TupleRow]:
    """Give the rows of files that each day's readings stand in, in the order of `readings`.

    (section_code, indicator, day, file_id, sheet name, first row, last row, how many have a number, how many there
    are); `day` counts days since 1970-01-01.
    """
    sql = _standing(connection, scope)
    if sql is None:
        return iter(())
    code_order = _bytewise(connection)
    return stream(
        connection,
        "SELECT s.code, i.code, day, t.file_id, f.name, first, last, numbers, n FROM ("
        "SELECT section_id, indicator_id, day, file_id, source_sheet, min(source_row) AS first, "
        f"max(source_row) AS last, count(mantissa) AS numbers, count(*) AS n FROM ({sql}) r "
        "GROUP BY section_id, indicator_id, day, file_id, source_sheet) t "
        "JOIN import_sheet f ON f.file_id = t.file_id AND f.sheet = t.source_sheet "
        "JOIN section s ON s.id = t.section_id JOIN indicator i ON i.id = t.indicator_id "
        f"ORDER BY s.code{code_order}, i.code{code_order}, day, t.file_id, f.name{code_order}",
    )


def undecided(connection: Connection, scope: Scope) -> list[Undecided]:
    """Return the keys in conflict that wait for a decision, in the order of the key."""
    scope = _told(connection, scope)
    conditions = _conditions(connection, scope)
    if conditions is None:
        return []
    order = _bytewise(connection)
    by_key = f"s.code{order}, i.code{order}, r.minute, r.method, r.version, q.other_version"
    sql = f"{undecided_sql(scope, conditions)} ORDER BY {by_key}"
    found: dict[tuple[str, str, int, int, int], list[int]] = {}
    for *key, other in stream(connection, sql):
        found.setdefault((key[0], key[1], key[2], key[3], key[4]), []).append(other)
    return [
        Undecided(code, indicator, time_of_minute(minute), method, version, tuple(others))
        for (code, indicator, minute, method, version), others in found.items()
    ]


def conflicts_sql(connection: Connection, scope: Scope) -> str | None:
    """Return the query of all conflicts, decided or not, a row for each value that stands in one.

    (section_code, section_name, indicator, the key, version, then of the decision that holds: chosen_version,
    decided_at, decided_by, reason, document; then of the value: version, mantissa, exponent, state, status, raw,
    known_at, file, sheet, row, column), in the order of the key. None when nothing is in scope.
    """
    scope = _told(connection, scope)
    conditions = _conditions(connection, scope)
    if conditions is None:
        return None
    order = _bytewise(connection)
    key = ", ".join(f"r.{name}" for name in KEY)
    decided = ", ".join(f"d.{name}" for name in ("chosen_version", "decided_at", "decided_by", "reason", "document"))
    value = ", ".join(f"c.{name}" for name in ("version", "mantissa", "exponent", "state", "status", "raw", "known_at"))
    keys = f"(SELECT DISTINCT {key}, r.version FROM reading_conflict r WHERE {conditions}) k"
    beside = (
        f"SELECT 1 FROM reading_conflict q WHERE {same_key('q', 'r')} AND q.version = r.version{within(scope, 'q')}"
    )
    return (
        f"SELECT s.code, s.name, i.code, {key}, r.version, {decided}, {value}, f.name, t.name, c.source_row, "
        "c.source_column "
        f"FROM {by_key(scope, keys)} "
        "JOIN section s ON s.id = r.section_id JOIN indicator i ON i.id = r.indicator_id "
        f"JOIN reading c ON {same_key('c', 'r')}{within(scope, 'c')} "
        "JOIN import_file f ON f.id = c.file_id "
        "JOIN import_sheet t ON t.file_id = c.file_id AND t.sheet = c.source_sheet "
        f"LEFT JOIN reading_decision d ON {decision(scope)} "
        f"WHERE {same_key('r', 'k')} AND r.version = k.version AND r.flag = 1 AND {heads(scope, conditions)} "
        f"AND (c.version = r.version OR EXISTS ({beside} AND q.other_version = c.version)) "
        f"ORDER BY s.code{order}, i.code{order}, r.minute, r.method, r.version, c.version"
    )


def _told(connection: Connection, scope: Scope) -> Scope:
    """The scope as this database wants to be told it."""
    if is_sqlite(connection):
        return scope
    ids = None if scope.section_codes is None else _ids(connection, SECTION, scope.section_codes)
    return scope._replace(by_year=True, section_ids=ids)


def _bytewise(connection: Connection) -> str:
    return "" if is_sqlite(connection) else ' COLLATE "C"'


def _conditions(connection: Connection, scope: Scope) -> str | None:
    named = _named(connection, scope)
    return None if named is None else named + times(scope, "r")


def _named(connection: Connection, scope: Scope) -> str | None:
    """The condition that a row `r` is of the scope's sections and indicators; None when none of them is known."""
    # Only integers looked up or computed here are written into the text.
    parts = []
    for table, name, codes in (
        (SECTION, "section_id", scope.section_codes),
        (INDICATOR, "indicator_id", scope.indicators),
    ):
        if codes is None:
            continue
        ids = _ids(connection, table, codes)
        if not ids:
            return None
        parts.append(f"r.{name} IN ({', '.join(map(str, ids))})")
    return " AND ".join(parts) or "1 = 1"


def _ids(connection: Connection, table: Table, codes: Sequence[str]) -> list[int]:
    wanted = set(codes)
    return sorted(key for key, code in _codes(connection, table).items() if code in wanted)


def _codes(connection: Connection, table: Table) -> dict[int, str]:
    """The codes of sections or of indicators, by their numbers."""
    return {int(key): str(code) for key, code in connection.execute(select(table.c.id, table.c.code))}


def _standing(connection: Connection, scope: Scope) -> str | None:
    scope = _told(connection, scope)
    conditions = _conditions(connection, scope)
    return None if conditions is None else _standing_sql(conditions, scope)


def _standing_sql(conditions: str, scope: Scope, *, of_later: bool = False) -> str:
    """The query of what stands; with `of_later` only of the keys in `later`, which the statement has to define."""

    def chosen(name: str, otherwise: str) -> str:
        return f"CASE WHEN r.flag = 0 THEN r.{name} WHEN c.version IS NULL THEN {otherwise} ELSE c.{name} END AS {name}"

    # CROSS JOIN fixes SQLite's loop order: sections as they are asked for, then day by day through the key.
    if of_later:
        days, tables, among = "", f"{by_key(scope, 'later k')} CROSS JOIN section s", same_key("r", "k")
    else:
        days = f"WITH RECURSIVE {present_days(scope)} "
        tables, among = f"section s CROSS JOIN {by_day(scope, 'reading', conditions)}", "r.day = p.day"
    return (
        f"{days}SELECT r.day, r.section_id, r.indicator_id, s.code AS section_code, i.code AS indicator, r.minute, "
        f"{chosen('mantissa', 'NULL')}, {chosen('exponent', '0')}, {chosen('state', str(_MISSING))}, "
        f"{chosen('status', 'r.status')}, r.method, {', '.join(chosen(name, f'r.{name}') for name in _PLACE)} "
        f"FROM {tables} CROSS JOIN indicator i "
        f"LEFT JOIN reading_decision d ON {decision(scope)} "
        f"LEFT JOIN reading c ON {same_key('c', 'd')} AND c.version = d.chosen_version{within(scope, 'c')} "
        f"WHERE {among} AND r.section_id = s.id AND r.indicator_id = i.id AND {heads(scope, conditions)}"
    )
