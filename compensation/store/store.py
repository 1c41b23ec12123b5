"""The store as the application sees it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, select

from compensation.ledger.records import Act
from compensation.ledger.workdays import Calendar, Holiday, published
from compensation.monitoring.parsed import ParsedFile
from compensation.monitoring.records import Exemption, Flow, Incident, InKind, IntakeVolume
from compensation.store import (
    answers,
    book,
    checks,
    corrections,
    decisions,
    loaders,
    marks,
    quarantine,
    query,
    recorded,
    registering,
    settlements,
)
from compensation.store.address import BUSY_SECONDS
from compensation.store.answers import Answer, Doubted
from compensation.store.book import Book, Decide
from compensation.store.bulk import TupleRow
from compensation.store.clock import time_of_moment
from compensation.store.database import Database
from compensation.store.decisions import Choose, Conflict, Ruling
from compensation.store.ingest import IngestReport, Read, handed_over, ingest, last_moment, next_moment
from compensation.store.loaders import Sourced, SourceFile
from compensation.store.marks import Mark
from compensation.store.quarantine import Head, Quarantined
from compensation.store.query import Undecided
from compensation.store.recorded import Recorded
from compensation.store.registering import Listed, Merged, NewSection
from compensation.store.schema import asking, up_to_date, upgrade
from compensation.store.sections import RegisteredSection, seed
from compensation.store.settlements import NewSettlement, Saved, StoredSettlement, Workbook
from compensation.store.standing import Scope
from compensation.store.status import StoreStatus, held
from compensation.store.tables import SECTION


class Store:
    """One database. Every method is one transaction of its own, but within `unchanging` and `together`."""

    def __init__(self, database: Database) -> None:
        """Use `open_store` instead."""
        self.database = database
        self._reader: Connection | None = None
        self._writer: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release all connections."""
        self.database.close()

    def init(self) -> bool:
        """Create or migrate the database and bring the section registry up to date.

        True if the schema changed; safe to repeat. StoreError for a newer database or one that cannot be written.
        """
        with self.database.writing(create=True) as connection:
            changed = upgrade(connection, self.database.address)
            seed(connection)
        self.database.keep_write_ahead_log()
        return changed

    @contextmanager
    def unchanging(self) -> Iterator[None]:
        """Let every question in the block be answered from one state of the database; nothing is written in it."""
        before = self._reader
        with self._read() as connection:
            self._reader = connection
            try:
                yield
            finally:
                self._reader = before

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let all that is asked and written in the block be one transaction: all of it is kept, or nothing."""
        before = self._reader, self._writer
        with self._write() as connection:
            self._reader = self._writer = connection
            try:
                yield
            finally:
                self._reader, self._writer = before

    def _read(self) -> AbstractContextManager[Connection]:
        return nullcontext(self._reader) if self._reader else up_to_date(self.database.reading(), self.database.address)

    def _write(self) -> AbstractContextManager[Connection]:
        return nullcontext(self._writer) if self._writer else up_to_date(self.database.writing(), self.database.address)

    def ingest_from(
        self,
        name: str,
        read: Read,
        progress: Callable[[int], None] | None = None,
        correcting: Ruling | None = None,
    ) -> IngestReport:
        """Take a file in while it is read, in one transaction; the same content again is a no-op that says so.

        `read` hands the readings to the sink it is given, chunk by chunk, and returns the rest; what it raises undoes
        everything. `progress` is called now and then with the number of readings gone through. Blocking refusals are
        for `read` to weigh; here refused rows are only recorded. `correcting` says who lets records that contradict
        earlier ones correct them, and why; without it they are faults. Raises InputError for ambiguous sections and
        contradicting evidence, StoreError when the database cannot take it; nothing is changed then.
        """
        with self._write() as connection:
            return ingest(connection, name, read, progress, correcting)

    def ingest(
        self,
        parsed: ParsedFile,
        progress: Callable[[int], None] | None = None,
        correcting: Ruling | None = None,
    ) -> IngestReport:
        """Take a file in that has been read already; see `ingest_from`."""
        return self.ingest_from(parsed.name, handed_over(parsed), progress, correcting)

    def readings(
        self,
        section_codes: Sequence[str] | None = None,
        indicators: Sequence[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        as_known_at: datetime | None = None,
    ) -> Iterator[TupleRow]:
        """Give the readings that stand, as plain tuples, from `start` up to but without `end`.

        (section_code, indicator, minute, mantissa, exponent, state, status, method, file_id, source_row), where
        minute counts from 1970-01-01 00:00 Beijing time. Ordered by section code, indicator, minute, method.
        Undecided conflicts come as missing; `as_known_at` answers as the database would have then.
        """
        with self._read() as connection:
            yield from query.readings(connection, Scope(section_codes, indicators, start, end, as_known_at))

    def daily_sums(
        self,
        section_codes: Sequence[str] | None = None,
        indicators: Sequence[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        as_known_at: datetime | None = None,
    ) -> Iterator[TupleRow]:
        """Give (section_code, indicator, day, exponent, state, status, method, sum_mantissa, n) of what stands.

        `day` counts days since 1970-01-01, each from 00:00 to 23:59; sums are exact integers.
        """
        with self._read() as connection:
            yield from query.daily_sums(connection, Scope(section_codes, indicators, start, end, as_known_at))

    def monthly_sums(self, scope: Scope) -> Iterator[TupleRow]:
        """Give the same by month (202601) in the place of the day; see `query.monthly_sums`."""
        with self._read() as connection:
            yield from query.monthly_sums(connection, scope)

    def placed_readings(self, scope: Scope) -> Iterator[TupleRow]:
        """Give the readings that stand with the cells they stood in; see `query.placed_readings`."""
        with self._read() as connection:
            yield from query.placed_readings(connection, scope)

    def origins(self, scope: Scope) -> list[TupleRow]:
        """Return the rows of files that each day's readings stand in; see `query.origins`."""
        with self._read() as connection:
            return list(query.origins(connection, scope))

    def undecided(self, scope: Scope | None = None) -> list[Undecided]:
        """Return the keys in conflict that nobody has decided (未决)."""
        with self._read() as connection:
            return query.undecided(connection, scope or Scope())

    def conflicts(
        self,
        section_codes: Sequence[str] | None = None,
        indicators: Sequence[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        as_known_at: datetime | None = None,
    ) -> list[Conflict]:
        """Return the keys in conflict with their candidates, and the decision that holds where there is one."""
        with self._read() as connection:
            return decisions.conflicts(connection, Scope(section_codes, indicators, start, end, as_known_at))

    def decide(self, handles: Sequence[str], choose: Choose, ruling: Ruling, *, again: bool = False) -> list[Conflict]:
        """Decide the conflicts named, all or none, for ever; a decision is only overruled by a later one (`again`)."""
        with self._write() as connection:
            return decisions.decide(connection, handles, choose, ruling, next_moment(connection), again=again)

    def marks(self, as_known_at: datetime | None = None) -> list[Mark]:
        """Return the flags that files put on their own values, by section, indicator and time."""
        with self._read() as connection:
            return marks.marks(connection, as_known_at)

    def answers(self, as_known_at: datetime | None = None) -> dict[Doubted, Answer]:
        """Return what was found out about values in doubt, the answers that hold."""
        with self._read() as connection:
            return answers.answers(connection, as_known_at)

    def answer(self, doubted: Sequence[Doubted], ruling: Ruling, *, keep: bool, again: bool = False) -> None:
        """Answer whether values in doubt count, all or none, for ever; only a later answer overrules one (`again`)."""
        with self._write() as connection:
            answers.answer(connection, doubted, next_moment(connection), ruling, keep=keep, again=again)

    def recorded(self, as_known_at: datetime | None = None, *, only_corrected: bool = False) -> list[Recorded]:
        """Return every record of evidence with its number and all that was said of it, withdrawn ones included."""
        with self._read() as connection:
            return recorded.recorded(connection, as_known_at, only_corrected=only_corrected)

    def withdraw(self, handles: Sequence[str], ruling: Ruling) -> int:
        """Let records of evidence no longer count, all or none; they stay. Returns how many."""
        with self._write() as connection:
            standing = {each.handle: each.key for each in recorded.recorded(connection) if not each.withdrawn}
            return corrections.withdraw(connection, standing, handles, next_moment(connection), ruling)

    def listed_sections(self) -> list[Listed]:
        """Return all sections with every name by which files may call them, by code."""
        with self._read() as connection:
            return registering.listed(connection)

    def merges(self) -> list[Merged]:
        """Return which sections were found to be others, by whom and why."""
        with self._read() as connection:
            return registering.merges(connection)

    def add_section(self, new: NewSection) -> None:
        """Register a section; InputError when its code or one of its names belongs to another."""
        with self._write() as connection:
            registering.add(connection, new)

    def merge_sections(self, old: str, new: str, by: str, reason: str) -> IngestReport:
        """Let what was imported under the section `old` count under `new` from now on; nothing is rewritten."""
        with self._write() as connection:
            return registering.merge(connection, old, new, by, reason)

    def quarantined(self, *, released: bool = False) -> list[Quarantined]:
        """Return the rows in quarantine, with `released` those that have left it as well."""
        with self._read() as connection:
            return quarantine.rows(connection, released=released)

    def quarantined_heads(self) -> list[Head]:
        """Return what stood above the rows that are in quarantine."""
        with self._read() as connection:
            return quarantine.heads(connection)

    def give_up(self, handles: Sequence[str], by: str, reason: str) -> int:
        """Let rows leave the quarantine without a correction, for ever; all or none."""
        with self._write() as connection:
            return quarantine.give_up(connection, handles, by, reason, next_moment(connection))

    def known_through(self) -> datetime:
        """Return the last moment on record, of an import, a decision, a settlement or an act.

        What a settlement computed now rests on, and all of it: writers take turns, and each gives what it adds a moment
        after every one before it, so nothing can still come in at or before a moment that somebody has seen.
        1970-01-01 when there is none.
        """
        with self._read() as connection:
            return time_of_moment(last_moment(connection))

    def sections(self) -> list[RegisteredSection]:
        """Return all sections, registered or met in files, by code."""
        table = SECTION.c
        names = [table[name] for name in RegisteredSection._fields]
        with self._read() as connection:
            return sorted(RegisteredSection(*row) for row in connection.execute(select(*names)))

    def intake_volumes(self, as_known_at: datetime | None = None) -> list[Sourced[IntakeVolume]]:
        """Return the intake volumes by section code and month."""
        with self._read() as connection:
            return loaders.intake_volumes(connection, as_known_at)

    def flows(self, as_known_at: datetime | None = None) -> list[Sourced[Flow]]:
        """Return the water that passed each section, by section code and days."""
        with self._read() as connection:
            return loaders.flows(connection, as_known_at)

    def incidents(self, as_known_at: datetime | None = None) -> list[Sourced[Incident]]:
        """Return the incidents by number."""
        with self._read() as connection:
            return loaders.incidents(connection, as_known_at)

    def exemptions(self, as_known_at: datetime | None = None) -> list[Sourced[Exemption]]:
        """Return the exemptions by section code and first day."""
        with self._read() as connection:
            return loaders.exemptions(connection, as_known_at)

    def in_kind(self, as_known_at: datetime | None = None) -> list[Sourced[InKind]]:
        """Return the in-kind contributions by year and parties."""
        with self._read() as connection:
            return loaders.in_kind(connection, as_known_at)

    def source_files(self) -> list[SourceFile]:
        """Return the imported files in the order of import."""
        with self._read() as connection:
            return loaders.source_files(connection)

    def save_settlement(self, new: NewSettlement) -> Saved:
        """Keep a settlement for ever; the same digest again gives the one that is there."""
        with self._write() as connection:
            if new.number is not None:
                settlements.require_free_number(connection, new)
            return settlements.save(connection, new)

    def latest_settlement(
        self,
        agreement_id: str | None = None,
        period_from: date | None = None,
        period_to: date | None = None,
        mode: str | None = None,
        number: str | None = None,
        as_known_at: datetime | None = None,
    ) -> StoredSettlement | None:
        """Return the settlement kept last (by `as_known_at`) among those that match, None when there is none."""
        with self._read() as connection:
            return settlements.latest(connection, agreement_id, period_from, period_to, mode, number, as_known_at)

    def settlement_of_digest(self, digest: str) -> StoredSettlement | None:
        """Return the settlement that has this digest, None when it is not of this database."""
        with self._read() as connection:
            return settlements.of_digest(connection, digest)

    def settlement_of_workbook(self, sha256: str) -> tuple[StoredSettlement, Workbook] | None:
        """Return the settlement of which a workbook with these bytes was written, None when none was."""
        with self._read() as connection:
            return settlements.of_workbook(connection, sha256)

    def add_workbook(self, settlement_id: int, kind: str, name: str, sha256: str) -> bool:
        """Note a workbook that was written; False when this content is already noted."""
        with self._write() as connection:
            return settlements.add_workbook(connection, settlement_id, kind, name, sha256)

    def workbooks(self, settlement_id: int) -> Sequence[Workbook]:
        """Return the workbooks of a settlement in the order they were written."""
        with self._read() as connection:
            return settlements.workbooks(connection, settlement_id)

    def book(self, as_known_at: datetime | None = None) -> Book:
        """Return every settlement's head and everything that was done with settlements, in the order of the chain.

        `as_known_at` answers as the database would have then.
        """
        with self._read() as connection:
            return book.read(connection, as_known_at)

    def record(self, decide: Decide) -> Act:
        """Append what `decide` says is to be done after all that was done; nobody else writes in between."""
        with self._write() as connection:
            return book.record(connection, decide)

    def record_all(self, decides: Sequence[Decide]) -> list[Act]:
        """Append one after the other, each knowing those before it; all or none."""
        with self._write() as connection:
            return [book.record(connection, decide) for decide in decides]

    def calendar(self) -> Calendar:
        """Return the working days of all years whose arrangement is known."""
        with self._read() as connection:
            return Calendar((*published(), *book.holidays(connection)))

    def add_holidays(self, new: Sequence[Holiday]) -> int:
        """Add the days of years that are not known yet; return how many were added."""
        with self._write() as connection:
            return book.add_holidays(connection, new, Calendar(published()).years)

    def status(self) -> StoreStatus:
        """Return what the database holds."""
        with self._read() as connection:
            return held(asking(connection), self.database.address)

    def check(self) -> list[checks.Check]:
        """Check every named invariant; none changes anything."""
        with self._read() as connection:
            return checks.run(connection)


def open_store(url: str | None = None, busy_seconds: int = BUSY_SECONDS) -> Store:
    """Open the store at `url`, else COMPENSATION_DATABASE_URL, else compensation.db in the working folder.

    Nothing is read or created yet. A writer waits up to `busy_seconds` for another one to end.
    """
    return Store(Database(url, busy_seconds))
