"""Readings on their way in: staged, compared with what is stored as whole sets, appended.

Keys that neither repeat in the file nor stand in the database already go in with one statement. Only the contested
ones pass through `versions`, streamed in the order of the key.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from compensation.monitoring.records import Reading
from compensation.store.bulk import (
    CHUNK_ROWS,
    TupleRow,
    is_sqlite,
    load,
    number,
    stream,
    temporary_table,
)
from compensation.store.clock import minute_of, second_of
from compensation.store.sections import Resolver
from compensation.store.standing import KEY
from compensation.store.tables import Indicator
from compensation.store.tables.base import columns
from compensation.store.values import raw_or_none
from compensation.store.versions import Flag, History, Seen, content_of

_KEY = ", ".join(KEY)
_VALUE = ("mantissa", "exponent", "state", "status", "raw", "known_at")
_SOURCE = ("source_sheet", "source_row", "source_column")
_STAGE = (*KEY, "seq", *_VALUE, *_SOURCE)
_APPENDED = (*KEY, "version", *_VALUE, "flag", *_SOURCE)
_CONFIRMED = (*KEY, "version", "known_at", *_SOURCE)
_CONFLICT = (*KEY, "version", "other_version")
_TYPES = {"mantissa": "BIGINT", "known_at": "BIGINT", "raw": "TEXT"}

_REMEMBERED_TEXTS = 200_000

Progress = Callable[[int], None]


class Staged(NamedTuple):
    """How many readings came, went into the database, opened a conflict, and how many versions they revised."""

    readings: int
    stored: int
    revised: int
    superseded: int
    conflicts: int
    contested: bool


def _definition(names: Iterable[str], primary: str = "") -> str:
    listed = ", ".join(f"{name} {_TYPES.get(name, 'INTEGER')}" for name in names)
    return f"{listed}, PRIMARY KEY ({primary})" if primary else listed


class Stage:
    """The staging tables of one import, in the import's own transaction."""

    def __init__(self, connection: Connection) -> None:
        """Make the empty staging tables."""
        self.connection = connection
        self.sheets: dict[str, int] = {}
        self.rows: set[tuple[int, int]] = set()
        indicator = columns(Indicator)
        self._indicators = {code: int(key) for key, code in connection.execute(select(indicator.id, indicator.code))}
        temporary_table(connection, "stage", _definition(_STAGE))
        temporary_table(connection, "contested", _definition(KEY, _KEY), clustered=True)
        temporary_table(connection, "appended", _definition(_APPENDED))
        temporary_table(connection, "confirmed", _definition(_CONFIRMED))
        temporary_table(connection, "conflicting", _definition(_CONFLICT))

    def sheet(self, name: str) -> int:
        """Return the small number of a sheet of this file."""
        return self.sheets.setdefault(name, len(self.sheets))

    def fill(self, readings: Iterable[Reading], resolver: Resolver, progress: Progress | None = None) -> Staged:
        """Stage the readings and work out what must be appended; nothing is stored yet.

        Ambiguous sections are left out and kept by the resolver, which the caller asks to raise.
        """
        count = load(self.connection, "stage", _STAGE, self._rows(readings, resolver, progress))
        self._find_contested()
        contested = number(self.connection, "SELECT count(*) FROM contested")
        if not contested:
            return Staged(count, count, 0, 0, 0, contested=False)
        tally = _Tally(self.connection)
        load(self.connection, "appended", _APPENDED, self._resolved(tally))
        tally.flush()
        stored = count - tally.arrivals + tally.appended
        return Staged(count, stored, tally.revised, tally.superseded, tally.conflicts, contested=True)

    def _rows(self, readings: Iterable[Reading], resolver: Resolver, progress: Progress | None) -> Iterator[TupleRow]:
        # This loop runs once per cell of a national file, so every lookup it can avoid is avoided.
        raws: dict[tuple[str, int, int | None, int], str | None] = {}
        last_sheet, last_row, last_time, last_known, last_section = None, None, None, None, None
        sheet = minute = section_id = 0
        known: int | None = None
        for seq, reading in enumerate(readings):
            section, code, time, method, state, mantissa, exponent, status, raw, known_at, name, row, place = reading
            if row != last_row or name != last_sheet:
                last_sheet, last_row = name, row
                sheet = self.sheet(name)
                self.rows.add((sheet, row))
                if progress is not None and seq % 1000 < 20:
                    progress(seq)
            if section is not last_section:
                last_section = section
                section_id = resolver(section) or 0
            if not section_id:
                resolver.met(section, name, row)
                continue
            if time is not last_time:
                last_time, minute = time, minute_of(time)
            if known_at is not last_known:
                last_known, known = known_at, None if known_at is None else second_of(known_at)
            text = (raw, state, mantissa, exponent)
            if text not in raws:
                if len(raws) > _REMEMBERED_TEXTS:
                    raws.clear()
                raws[text] = raw_or_none(*text)
            indicator = self._indicators.get(code) or self._enter_indicator(code)
            yield (
                section_id, indicator, minute, int(method), seq,
                mantissa, exponent if mantissa is not None else 0, int(state), int(status), raws[text], known,
                sheet, row, place,
            )  # fmt: skip

    def _enter_indicator(self, code: str) -> int:
        key = max(self._indicators.values(), default=0) + 1
        self.connection.execute(insert(Indicator).values(id=key, code=code))
        self._indicators[code] = key
        return key

    def _find_contested(self) -> None:
        same = " AND ".join(f"r.{name} = s.{name}" for name in KEY)
        self.connection.exec_driver_sql(
            f"INSERT INTO contested SELECT {_KEY} FROM stage GROUP BY {_KEY} HAVING count(*) > 1 "
            f"UNION SELECT {_KEY} FROM stage s "
            f"WHERE EXISTS (SELECT 1 FROM reading r WHERE {same} AND r.version = 0)"
        )
        if not is_sqlite(self.connection):
            self.connection.exec_driver_sql("ANALYZE contested")
            self.connection.exec_driver_sql("ANALYZE stage")

    def _resolved(self, tally: "_Tally") -> Iterator[TupleRow]:
        for key, observations in groupby(stream(self.connection, _OBSERVATIONS), itemgetter(0, 1, 2, 3)):
            history = History()
            for row in observations:
                kind, order, mantissa, exponent, state, status, raw, known_at, *source = row[4:]
                seen = Seen(content_of(mantissa, exponent, state, status), known_at)
                if kind == _STORED:
                    history.stored(order, seen)
                elif kind == _CONFIRMING:
                    history.remember(seen)
                else:
                    tally.arrivals += 1
                    added = history.arrive(seen)
                    if added.confirms:
                        tally.confirm((*key, added.version, known_at, *source))
                    if added.flag is None:
                        continue
                    tally.count(added.version, added.flag)
                    tally.conflicting.extend((*key, added.version, other) for other in added.against)
                    yield (
                        *key, added.version, mantissa, exponent, state, status, raw, known_at,
                        int(added.flag), *source,
                    )  # fmt: skip

    def stored_rows(self) -> set[tuple[int, int]]:
        """Return (sheet, row) of the rows of which at least one reading is new."""
        found = stream(
            self.connection,
            f"SELECT DISTINCT source_sheet, source_row FROM stage WHERE NOT EXISTS {_CONTESTED} "
            "UNION SELECT DISTINCT source_sheet, source_row FROM appended",
        )
        return {(sheet, row) for sheet, row in found}

    def append(self, file_id: int) -> None:
        """Move what was worked out into the tables, under the file's id."""
        run = self.connection.exec_driver_sql
        source = ", ".join(_SOURCE)
        value = ", ".join(_VALUE)
        target = f"INSERT INTO reading ({_KEY}, version, {value}, flag, {source}, file_id)"
        run(
            f"{target} SELECT {_KEY}, 0, {value}, {int(Flag.STANDS)}, {source}, {file_id} FROM stage "
            f"WHERE NOT EXISTS {_CONTESTED} ORDER BY {_KEY}"
        )
        run(f"{target} SELECT {_KEY}, version, {value}, flag, {source}, {file_id} FROM appended")
        confirmed, conflict = ", ".join(_CONFIRMED), ", ".join(_CONFLICT)
        run(f"INSERT INTO reading_confirmation ({confirmed}, file_id) SELECT {confirmed}, {file_id} FROM confirmed")
        run(f"INSERT INTO reading_conflict ({conflict}) SELECT {conflict} FROM conflicting")


class _Tally:
    """What the contested keys came to; its lists go to the staging tables whenever they reach a chunk."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.arrivals = self.appended = self.revised = self.superseded = self.conflicts = 0
        self.confirmed: list[TupleRow] = []
        self.conflicting: list[TupleRow] = []

    def count(self, version: int, flag: Flag) -> None:
        self.appended += 1
        self.superseded += flag is Flag.SUPERSEDED
        self.conflicts += flag is Flag.CONFLICT
        self.revised += flag is Flag.STANDS and version > 0

    def confirm(self, row: TupleRow) -> None:
        self.confirmed.append(row)
        if len(self.confirmed) + len(self.conflicting) >= CHUNK_ROWS:
            self.flush()

    def flush(self) -> None:
        load(self.connection, "confirmed", _CONFIRMED, self.confirmed)
        load(self.connection, "conflicting", _CONFLICT, self.conflicting)
        self.confirmed.clear()
        self.conflicting.clear()


_ARRIVING, _STORED, _CONFIRMING = 2, 0, 1
_SAME_STAGE = " AND ".join(f"contested.{name} = stage.{name}" for name in KEY)
_CONTESTED = f"(SELECT 1 FROM contested WHERE {_SAME_STAGE})"


def _observations() -> str:
    # PostgreSQL types a union by its first branches, so the one without NULLs stands first.
    def joined(alias: str, other: str = "q") -> str:
        return " AND ".join(f"{alias}.{name} = {other}.{name}" for name in KEY)

    key = ", ".join(f"q.{name}" for name in KEY)
    value = "{0}.mantissa, {0}.exponent, {0}.state, {0}.status"
    nowhere = "NULL, NULL, NULL"
    return (
        f"SELECT {key}, {_ARRIVING} AS kind, s.seq AS place, {value.format('s')}, s.raw, s.known_at, "
        "s.source_sheet, s.source_row, s.source_column "
        f"FROM contested q JOIN stage s ON {joined('s')} "
        f"UNION ALL SELECT {key}, {_STORED}, r.version, {value.format('r')}, NULL, r.known_at, {nowhere} "
        f"FROM contested q JOIN reading r ON {joined('r')} "
        f"UNION ALL SELECT {key}, {_CONFIRMING}, c.version, {value.format('r')}, NULL, c.known_at, {nowhere} "
        f"FROM contested q JOIN reading_confirmation c ON {joined('c')} "
        f"JOIN reading r ON {joined('r')} AND r.version = c.version "
        "ORDER BY 1, 2, 3, 4, kind, place"
    )


_OBSERVATIONS = _observations()
