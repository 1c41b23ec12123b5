"""The database room: everything that was imported, decided and settled, for ever; SQLite or PostgreSQL."""

from typing import TYPE_CHECKING

from compensation.on_demand import on_demand

if TYPE_CHECKING:
    from compensation.store.answers import Answer, Doubted
    from compensation.store.backup import Contents, back_up, examine, restore
    from compensation.store.book import Book
    from compensation.store.checks import Check
    from compensation.store.clock import date_of_day, day_of, minute_of, time_of_minute, today
    from compensation.store.decisions import Candidate, Conflict, Decision, Ruling
    from compensation.store.ingest import IngestReport
    from compensation.store.loaders import Sourced, SourceFile
    from compensation.store.marks import Mark
    from compensation.store.quarantine import Head, Quarantined
    from compensation.store.query import Undecided
    from compensation.store.recorded import Recorded
    from compensation.store.registering import Listed, Merged, NewSection
    from compensation.store.sections import RegisteredSection
    from compensation.store.settlements import NetPosition, NewSettlement, Obligation, Saved, StoredSettlement, Workbook
    from compensation.store.standing import Scope
    from compensation.store.status import StoreStatus
    from compensation.store.store import Store, open_store
    from compensation.store.values import canonical_text

__all__ = [
    "Answer",
    "Book",
    "Candidate",
    "Check",
    "Conflict",
    "Contents",
    "Decision",
    "Doubted",
    "Head",
    "IngestReport",
    "Listed",
    "Mark",
    "Merged",
    "NetPosition",
    "NewSection",
    "NewSettlement",
    "Obligation",
    "Quarantined",
    "Recorded",
    "RegisteredSection",
    "Ruling",
    "Saved",
    "Scope",
    "SourceFile",
    "Sourced",
    "Store",
    "StoreStatus",
    "StoredSettlement",
    "Undecided",
    "Workbook",
    "back_up",
    "canonical_text",
    "date_of_day",
    "day_of",
    "examine",
    "minute_of",
    "open_store",
    "restore",
    "time_of_minute",
    "today",
]

__getattr__ = on_demand(__name__, __file__)
