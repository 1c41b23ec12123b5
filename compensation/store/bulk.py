"""Loading many rows at once: tuples straight into the driver on SQLite, COPY on PostgreSQL."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection

TupleRow = tuple[Any, ...]
CHUNK_ROWS = 20_000


def is_sqlite(connection: Connection) -> bool:
    """Tell which of the two databases this is."""
    return connection.dialect.name == "sqlite"


def driver(connection: Connection) -> Any:
    """Return the driver's own connection: sqlite3 or psycopg."""
    return connection.connection.driver_connection


def temporary_table(connection: Connection, name: str, definition: str, clustered: bool = False) -> None:
    """Make a table that lives as long as this transaction; `clustered` orders it by its primary key."""
    if is_sqlite(connection):
        tail = " WITHOUT ROWID" if clustered else ""
        connection.exec_driver_sql(f"CREATE TEMP TABLE {name} ({definition}){tail}")
    else:
        connection.exec_driver_sql(f"CREATE TEMP TABLE {name} ({definition}) ON COMMIT DROP")


def load(connection: Connection, table: str, names: Sequence[str], rows: Iterable[TupleRow]) -> int:
    """Append rows, given in the order of `names`; return how many. Memory is bounded by a chunk."""
    count = 0
    listed = ", ".join(names)
    insert = f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' * len(names))})"
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK_ROWS)):
        count += len(chunk)
        if is_sqlite(connection):
            driver(connection).executemany(insert, chunk)
            continue
        copying = Copying(connection, table, names)
        copying.write("".join(map(copy_text, chunk)).encode())
        copying.end()
    return count


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_text(row: TupleRow) -> str:
    """Return a row as a line of COPY's text."""
    fields = [
        "\\N" if field is None else field.translate(_ESCAPED) if isinstance(field, str) else str(field) for field in row
    ]
    return "\t".join(fields) + "\n"


class Copying:
    """A COPY into a table of a server, sent while the caller goes on; to be ended before anything else is asked."""

    def __init__(self, connection: Connection, table: str, names: Sequence[str]) -> None:
        """Begin to send lines of the columns `names`."""
        from psycopg.copy import QueuedLibpqWriter  # noqa: PLC0415  only a server's driver has it

        cursor = driver(connection).cursor()
        opened = ExitStack()
        opened.enter_context(cursor)
        statement = f"COPY {table} ({', '.join(names)}) FROM STDIN"
        self._copy = opened.enter_context(cursor.copy(statement, writer=QueuedLibpqWriter(cursor)))
        self._opened = opened

    def write(self, lines: bytes) -> None:
        """Send lines; they may still be on their way when this returns."""
        self._copy.write(lines)

    def end(self) -> None:
        """Wait until all is taken in."""
        self._opened.close()


def stream(connection: Connection, sql: str) -> Iterator[TupleRow]:
    """Run a query without parameters and give its rows as plain tuples, a chunk at a time."""
    raw = driver(connection)
    cursor = raw.cursor() if isinstance(raw, sqlite3.Connection) else raw.cursor(name="rows_in_chunks")
    with closing(cursor):
        cursor.execute(sql)
        while rows := cursor.fetchmany(CHUNK_ROWS):
            yield from rows


@contextmanager
def plain_inserts(connection: Connection, *tables: str) -> Iterator[None]:
    """Append to tables, on SQLite without their triggers against `INSERT OR REPLACE`: see decision 0025.

    Only plain inserts may stand in the block; they never replace a row. The triggers are back before the transaction
    can end, and a block that fails takes the whole transaction with it.
    """
    if not is_sqlite(connection):
        yield
        return
    names = ", ".join(f"'{table}_no_replace'" for table in tables)
    lifted = f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name IN ({names})"
    triggers = connection.exec_driver_sql(lifted).all()
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, definition in triggers:
        connection.exec_driver_sql(definition)


def number(connection: Connection, sql: str) -> int:
    """Return the single integer a query gives."""
    return int(connection.exec_driver_sql(sql).scalar_one())
