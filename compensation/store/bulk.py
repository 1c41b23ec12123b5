"""Loading many rows at once: tuples straight into the driver on SQLite, COPY on PostgreSQL."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
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
        with (
            driver(connection).cursor() as cursor,
            cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy,
        ):
            for row in chunk:
                copy.write_row(row)
    return count


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
