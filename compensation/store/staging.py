"""Readings on their way in: staged, compared with what is stored as whole sets, appended.

Keys that neither repeat in the file nor stand in the database already go in with one statement. Only the contested
ones pass through `versions`, streamed in the order of the key. Memory is bounded by a chunk.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import repeat
from operator import attrgetter
from types import TracebackType
from typing import NamedTuple, Self

from sqlalchemy import Connection, insert, select

from compensation.monitoring.batch import Chunk, Long, Wide
from compensation.monitoring.records import Reading, SectionName
from compensation.store import sums
from compensation.store.bulk import TupleRow, is_sqlite, load, number, plain_inserts
from compensation.store.clock import MINUTES_PER_DAY, minute_of, second_of
from compensation.store.contested import CONFIRMED, CONFLICT, SOURCE, Tally, resolved
from compensation.store.folded import Cells, Shape
from compensation.store.places import Rows
from compensation.store.sections import Resolver
from compensation.store.stages import APPENDED, STAGE, VALUE, make_stages
from compensation.store.standing import KEY, same_key
from compensation.store.tables import INDICATOR
from compensation.store.unfolded import Unfolded, repeated_sql
from compensation.store.values import StoredCells
from compensation.store.versions import Flag
from compensation.store.years import Begun, begin_year, make_sum_years, make_years, outside

_KEY = ", ".join(KEY)
_CONTESTED = f"(SELECT 1 FROM contested WHERE {same_key('contested', 's')})"
_BEFORE = "before_the_readings"

Progress = Callable[[int], None]


class Staged(NamedTuple):
    """How many readings and rows came, how many of them are new, and what became of the contested ones.

    `stored` readings go in; among them those that open a conflict, revise a version, or come too late to stand.
    """

    readings: int
    rows: int
    stored: int
    new_rows: int
    revised: int
    superseded: int
    conflicts: int


class Stage:
    """The staging tables of one import, in the import's own transaction."""

    def __init__(
        self, connection: Connection, resolver: Resolver, file_id: int, progress: Progress | None = None
    ) -> None:
        """Make the empty staging tables for the file that gets the number `file_id`.

        Ambiguous sections are kept by the resolver, which the caller asks before anything is appended.
        """
        self.connection = connection
        self.sheets: dict[str, int] = {}
        self._resolver = resolver
        self._file_id = file_id
        self._progress = progress
        self._rows = Rows()
        self._count = 0
        self._values = StoredCells()
        self._first_minute, self._last_minute = 2**31 - 1, -(2**31)
        self._years: set[int] = set()
        indicator = INDICATOR.c
        self._indicators = {code: int(key) for key, code in connection.execute(select(indicator.id, indicator.code))}
        self._layouts: set[tuple[tuple[str, int], ...]] = set()
        self._others: set[int] = set()  # how many values a row of no layout has, 0 where they are not alike
        self._shapes: dict[tuple[tuple[str, int], ...], Shape] = {}
        self._is_contested = False
        self._staged: set[str] = set()
        self._began: dict[int, Begun | None] = {}
        make_stages(connection)
        self._cells = Cells(connection)
        self._unfolded = None if is_sqlite(connection) else Unfolded(connection)

    def __enter__(self) -> Self:
        """Let readings come."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """All have come, or what brought them failed; either way the connection can be asked again."""
        self._all_sent()

    def _all_sent(self) -> None:
        """Let the connection be asked again."""
        if self._unfolded is not None:
            self._unfolded.end()

    def sheet(self, name: str) -> int:
        """Return the small number of a sheet of this file."""
        return self.sheets.setdefault(name, len(self.sheets))

    def take(self, chunk: Chunk) -> None:
        """Stage what a reader hands over."""
        if isinstance(chunk, Wide):
            self._layouts.add(chunk.columns)
            self._take_wide(chunk)
            self._count += chunk.size
        elif chunk:
            self._others.add(int(isinstance(chunk, Long)))
            self._all_sent()
            if isinstance(chunk, Long):
                rows, times = self._long(chunk), chunk.times
            else:
                rows, times = self._records(chunk), [each.time for each in chunk]
            load(self.connection, self._table(times), STAGE, rows)
            self._count += len(times)
        if self._progress is not None:
            self._progress(self._count)

    def _take_wide(self, chunk: Wide) -> None:
        sheet = self.sheet(chunk.sheet)
        self._rows.counted += len(chunk.numbers)
        numbered = [(self._indicator(code), column) for code, column in chunk.columns]
        days, minutes = self._times(chunk.times)
        rows = (
            days,
            self._sections(chunk.sections, repeat(chunk.sheet), chunk.numbers),
            minutes,
            repeat(int(chunk.method)),
            map(int, chunk.statuses),
            map(_second, chunk.known),
            repeat(sheet),
            chunk.numbers,
        )
        # `repeat` has no end.
        if self._unfolded is not None:
            table = self._table(chunk.times)
            self._unfolded.take(table, zip(*rows, strict=False), numbered, chunk.cells)
            return
        if chunk.columns not in self._shapes:
            self._shapes[chunk.columns] = Shape(self.connection, len(self._shapes), numbered)
        cells = self._cells.numbered(chunk.cells)
        self._shapes[chunk.columns].take(list(zip(*rows, *cells, strict=False)))

    def _long(self, chunk: Long) -> Iterator[TupleRow]:
        sheet, values = self.sheet(chunk.sheet), list(map(self._values.__getitem__, chunk.cells))
        mantissas, exponents, states, raws = zip(*values, strict=True)
        self._rows.add([sheet] * chunk.size, chunk.numbers)
        days, minutes = self._times(chunk.times)
        return zip(
            days,
            self._sections(chunk.sections, repeat(chunk.sheet), chunk.numbers),
            map(self._indicator, chunk.indicators),
            minutes,
            map(int, chunk.methods),
            mantissas,
            exponents,
            states,
            map(int, chunk.statuses),
            raws,
            map(_second, chunk.known),
            repeat(sheet),
            chunk.numbers,
            repeat(chunk.column),
            strict=False,  # `repeat` has no end
        )

    def _records(self, readings: Sequence[Reading]) -> Iterator[TupleRow]:
        (sections, codes, times, methods, states, mantissas, exponents, statuses, raws, known, sheets, rows,
         places) = zip(*readings, strict=True)  # fmt: skip
        numbers = [self.sheet(name) for name in sheets]
        self._rows.add(numbers, rows)
        cells = zip(states, mantissas, exponents, raws, strict=True)
        mantissas, exponents, states, raws = zip(*map(self._values.__getitem__, cells), strict=True)
        days, minutes = self._times(times)
        return zip(
            days,
            self._sections(sections, sheets, rows),
            map(self._indicator, codes),
            minutes,
            map(int, methods),
            mantissas,
            exponents,
            states,
            map(int, statuses),
            raws,
            map(_second, known),
            numbers,
            rows,
            places,
            strict=True,
        )

    def _sections(self, named: Sequence[SectionName], sheets: Iterable[str], rows: Sequence[int]) -> list[int]:
        found = [self._resolver(section) or 0 for section in named]
        if 0 in found:
            for section, key, sheet, row in zip(named, found, sheets, rows, strict=False):
                if not key:
                    self._resolver.met(section, sheet, row)
        return found

    def _times(self, times: Sequence[datetime]) -> tuple[list[int], list[int]]:
        """The days and the minutes."""
        minutes = list(map(minute_of, times))
        self._years.update(map(attrgetter("year"), times))
        self._first_minute = min(self._first_minute, *minutes)
        self._last_minute = max(self._last_minute, *minutes)
        return [minute // MINUTES_PER_DAY for minute in minutes], minutes

    def _table(self, times: Sequence[datetime]) -> str:
        """Return the table in which rows of these times are staged: the part-to-be of a year that has none, if one."""
        years = set(map(attrgetter("year"), times))
        table = None
        if len(years) == 1 and not is_sqlite(self.connection):
            (year,) = years
            if not self._began:
                self.connection.exec_driver_sql(f"SAVEPOINT {_BEFORE}")
            if year not in self._began:
                self._began[year] = begin_year(self.connection, year, self._file_id)
            begun = self._began[year]
            table = begun and begun.readings
        self._staged.add(table or "stage")
        return table or "stage"

    def _indicator(self, code: str) -> int:
        if code not in self._indicators:
            key = max(self._indicators.values(), default=0) + 1
            self.connection.execute(insert(INDICATOR).values(id=key, code=code))
            self._indicators[code] = key
        return self._indicators[code]

    def compare(self) -> Staged:
        """Work out what must be appended; nothing is stored yet."""
        if not self._count:
            return Staged(0, 0, 0, 0, 0, 0, 0)
        self._analyze()
        self._find_contested()
        self._is_contested = bool(number(self.connection, "SELECT EXISTS (SELECT 1 FROM contested)"))
        rows = self._rows.counted if self._rows.in_order else self._count_rows()
        if not self._is_contested:
            return Staged(self._count, rows, self._count, rows, 0, 0, 0)
        tally = self._resolve()
        stored = self._count - tally.arrivals + tally.appended
        new = rows - self._identical_rows()
        return Staged(self._count, rows, stored, new, tally.revised, tally.superseded, tally.conflicts)

    def _staged_sql(self) -> str:
        """The query of all values beside the parts-to-be that can be contested, "" without any.

        Few days of a wide file are, and no others are unfolded.
        """
        unfolded = [f"({shape.unfolded_sql()}) u WHERE day_contested" for shape in self._shapes.values()]
        tables = [*(self._staged & {"stage"}), *unfolded]
        return " UNION ALL ".join(f"SELECT {', '.join(STAGE)} FROM {each}" for each in tables)

    def _keys_sql(self) -> str:
        parts = [f"SELECT {_KEY}, source_sheet, source_row FROM {table}" for table in sorted(self._staged)]
        return " UNION ALL ".join([*parts, *(shape.keys_sql() for shape in self._shapes.values())])

    def _count_rows(self) -> int:
        rows = f"SELECT DISTINCT source_sheet, source_row FROM ({self._keys_sql()}) s"
        return number(self.connection, f"SELECT count(*) FROM ({rows}) d")

    def _identical_rows(self) -> int:
        """How many rows brought nothing that is new: each of their values is contested, and none is appended."""
        place = "source_sheet, source_row"
        width, *others = {*map(len, self._layouts), *self._others}
        if width and not others:
            arriving = f"SELECT {place} FROM arriving GROUP BY {place} HAVING count(*) = {width}"
        else:
            among = f"({place}) IN (SELECT {place} FROM arriving)"
            new = f"SELECT {place} FROM ({self._keys_sql()}) s WHERE {among} AND NOT EXISTS {_CONTESTED}"
            arriving = f"SELECT {place} FROM arriving EXCEPT {new}"
        rows = f"{arriving} EXCEPT SELECT {place} FROM appended"
        return number(self.connection, f"SELECT count(*) FROM ({rows}) d")

    def _wide(self) -> list[str]:
        return [shape.rows for shape in self._shapes.values()]

    def _within(self) -> str:
        """A condition by which a server leaves out the years that cannot be meant.

        SQLite would search by it, not by the key.
        """
        bounds = f" AND r.minute BETWEEN {self._first_minute} AND {self._last_minute}"
        return "" if is_sqlite(self.connection) else bounds

    def _analyze(self) -> None:
        if not is_sqlite(self.connection) and "stage" in self._staged:
            self.connection.exec_driver_sql("SET LOCAL default_statistics_target = 10")
            self.connection.exec_driver_sql(f"ANALYZE stage ({_KEY})")

    def _find_contested(self) -> None:
        keys = self._keys_sql()
        tables: list[str | Shape] = [*self._staged, *self._shapes.values()]
        if len(self._layouts) == len(tables) == 1 and not self._others:
            (layout,), (table,) = self._layouts, tables
            if isinstance(table, str):
                contested = repeated_sql(table, layout[0][1], [self._indicator(code) for code, _ in layout])
            else:
                contested = table.repeated_sql()
        else:
            contested = f"SELECT {_KEY} FROM ({keys}) k GROUP BY {_KEY} HAVING count(*) > 1"
        first, last = (minute // MINUTES_PER_DAY for minute in (self._first_minute, self._last_minute))
        days = f"SELECT EXISTS (SELECT 1 FROM reading r WHERE r.day BETWEEN {first} AND {last}{self._within()})"
        if number(self.connection, days):
            stored = f"SELECT 1 FROM reading r WHERE {same_key('r', 's')} AND r.version = 0{self._within()}"
            contested += f" UNION SELECT {_KEY} FROM ({keys}) s WHERE EXISTS ({stored})"
        self.connection.exec_driver_sql(f"INSERT INTO contested {contested}")
        if not is_sqlite(self.connection):
            self.connection.exec_driver_sql("ANALYZE contested")

    def _resolve(self) -> Tally:
        names = ", ".join(STAGE)
        for table in self._staged - {"stage"}:
            # They are weighed against each other, and come back as what they come to.
            taken = f"DELETE FROM {table} s WHERE EXISTS {_CONTESTED} RETURNING {names}"
            self.connection.exec_driver_sql(f"WITH taken AS ({taken}) INSERT INTO arriving SELECT {names} FROM taken")
        if staged := self._staged_sql():
            self.connection.exec_driver_sql(
                f"INSERT INTO arriving SELECT {names} FROM ({staged}) s WHERE EXISTS {_CONTESTED}"
            )
        if not is_sqlite(self.connection):
            self.connection.exec_driver_sql("ANALYZE arriving")
        tally = Tally(self.connection)
        load(self.connection, "appended", APPENDED, resolved(self.connection, tally))
        tally.flush()
        return tally

    def undo(self) -> None:
        """Take back what a year that has no part yet was begun with; the file was imported before."""
        if self._began:
            self.connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {_BEFORE}")

    def append(self) -> None:
        """Move what was worked out into the tables, under the file's number."""
        run, file_id = self.connection.exec_driver_sql, self._file_id
        source, value = ", ".join(SOURCE), ", ".join(VALUE)
        make_years(self.connection, self._years)
        target = f"INSERT INTO reading ({_KEY}, version, {value}, flag, {source}, file_id)"
        with plain_inserts(self.connection, "reading", "daily_sum"):
            for staged, contested, order in self._sources():
                fresh = f"WHERE NOT ({contested})" if self._is_contested else ""
                first = f"SELECT {_KEY}, 0, {value}, {int(Flag.STANDS)}, {source}, {file_id} FROM {staged} s"
                run(f"{target} {first} {fresh} {order}")
            run(f"{target} SELECT {_KEY}, version, {value}, flag, {source}, {file_id} FROM appended")
            self._keep_sums()
        confirmed, conflict = ", ".join(CONFIRMED), ", ".join(CONFLICT)
        run(f"INSERT INTO reading_confirmation ({confirmed}, file_id) SELECT {confirmed}, {file_id} FROM confirmed")
        run(f"INSERT INTO reading_conflict ({conflict}) SELECT {conflict} FROM conflicting")

    def _keep_sums(self) -> None:
        """Keep the sums of the first versions that went in.

        SQLite finds them where they now stand, by their days and sections. On a server all of a year that the file
        began are its own; of other years it knows nothing yet and would plan as if there were none, so it is shown once
        more what was staged.
        """
        keep = partial(sums.keep, self.connection, self._file_id)
        if is_sqlite(self.connection):
            summed = ", ".join(f"r.{name}" for name in sums.SUMMED)
            days = " UNION ".join(f"SELECT DISTINCT day, section_id FROM {table}" for table in ("stage", *self._wide()))
            keep(
                f"SELECT {summed} FROM ({days}) p CROSS JOIN reading r WHERE r.day = p.day "
                f"AND r.section_id = p.section_id AND r.version = 0 AND r.file_id = {self._file_id}"
            )
            return
        summed, began = ", ".join(sums.SUMMED), {year: begun for year, begun in self._began.items() if begun}
        for begun in began.values():
            keep(f"SELECT {summed} FROM {begun.readings} WHERE version = 0", begun.sums)
        make_sum_years(self.connection, self._years)
        first = f"SELECT {summed} FROM {{}} s WHERE {' AND '.join(['TRUE', *map(outside, began)])}"
        others = [f"{first.format('appended')} AND version = 0"]
        if "stage" in self._staged:
            fresh = f" AND NOT EXISTS {_CONTESTED}" if self._is_contested else ""
            others.append(first.format("stage") + fresh)
        keep(" UNION ALL ".join(others))

    def _sources(self) -> Iterator[tuple[str, str, str]]:
        """Each staged table, which rows `s` of it are contested, and how to sort it.

        A table ordered by its key is filled fastest in that order.
        """
        contested = f"EXISTS {_CONTESTED}"
        if "stage" in self._staged:
            yield "stage", contested, f"ORDER BY {_KEY if is_sqlite(self.connection) else sums.NEARLY_BY_KEY}"
        for shape in self._shapes.values():
            yield f"({shape.unfolded_sql()})", f"s.day_contested AND {contested}", ""


def _second(known_at: datetime | None) -> int | None:
    return None if known_at is None else second_of(known_at)
