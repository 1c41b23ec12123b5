"""Small questions, asked of the driver alone: loading what builds queries takes longer than the answer."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from importlib import import_module
from typing import Any, NamedTuple, TypeVar

from compensation.store.address import BUSY_SECONDS, Address, address_of
from compensation.store.clock import date_of_day, time_of_moment
from compensation.store.failures import is_drivers, told
from compensation.store.schema import Ask, require_current
from compensation.store.standing import Scope, undecided_sql

Answer = TypeVar("Answer")

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite^_%' ESCAPE '^'",
    "postgresql": "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition "
    "AND relnamespace = current_schema()::regnamespace",
}
# Two questions: a single one of both would read all readings to answer.
_DAYS = "SELECT (SELECT min(day) FROM reading), (SELECT max(day) FROM reading)"


class StoreStatus(NamedTuple):
    """Where the database is and how many rows each table holds; days span the readings, None without any."""

    shown_url: str
    rows: dict[str, int]
    undecided: int
    first_day: date | None
    last_day: date | None
    latest_settlement: str | None


class Earlier(NamedTuple):
    """A file that was imported before: its name then, and when."""

    name: str
    imported_at: datetime


def status(url: str | None = None) -> StoreStatus:
    """Return what the database holds."""
    return _asked(address_of(url), held)


def imported_before(size: int, fingerprint: Callable[[], str], url: str | None = None) -> Earlier | None:
    """Return under which name and when a file was imported; None when it was not.

    `fingerprint` gives its SHA-256 and is only asked when a file of `size` bytes was imported.
    """

    def find(ask: Ask, _address: Address) -> Earlier | None:
        rows = ask(f"SELECT sha256, name, imported_at FROM import_file WHERE size_bytes = {int(size)}")
        sha256 = fingerprint() if rows else ""
        return next((Earlier(name, time_of_moment(moment)) for each, name, moment in rows if each == sha256), None)

    return _asked(address_of(url), find)


def held(ask: Ask, address: Address) -> StoreStatus:
    """Return what the database holds, by a connection that sees one state of it."""
    tables = sorted(name for (name,) in ask(_TABLES[address.backend]) if name != "alembic_version")
    # Readings are counted when they come in (the check readings_counted); counting them again reads all of them.
    counts = {"reading": "SELECT coalesce(sum(readings_stored), 0) FROM import_file"}
    rows = {name: int(ask(counts.get(name, f"SELECT count(*) FROM {name}"))[0][0]) for name in tables}
    keys = "section_code, indicator, minute, method, version"
    undecided = ask(f"SELECT count(*) FROM (SELECT DISTINCT {keys} FROM ({undecided_sql(Scope(), '1 = 1')}) u) k")
    days = [None if bound is None else date_of_day(bound) for bound in ask(_DAYS)[0]]
    latest = ask("SELECT number FROM settlement ORDER BY id DESC LIMIT 1")
    return StoreStatus(address.shown, rows, undecided[0][0], days[0], days[1], latest[0][0] if latest else None)


def _asked(address: Address, question: Callable[[Ask, Address], Answer]) -> Answer:
    address.require_present()
    try:
        with _connected(address) as ask:
            require_current(ask, address)
            return question(ask, address)
    except Exception as error:
        if is_drivers(error):
            raise told(error, address.shown) from error
        raise


@contextmanager
def _connected(address: Address) -> Iterator[Ask]:
    """Ask within one transaction that sees one unchanging state of the database."""
    connection: Any
    if address.path is not None:
        connection = import_module("sqlite3").connect(address.path, timeout=BUSY_SECONDS, isolation_level=None)
        begin = "BEGIN"
    else:
        connection = import_module("psycopg").connect(f"postgresql://{address.rest}", connect_timeout=10)
        begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with closing(connection):
        connection.execute(begin)
        yield lambda sql: connection.execute(sql).fetchall()
