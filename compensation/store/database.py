"""Connections: which database, how SQLite and PostgreSQL are held, and their failures told in Chinese."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from compensation.store.address import BUSY_SECONDS, Address, address_of, unusable
from compensation.store.failures import is_drivers, told

_WRITE_LOCK = 3_100_003_200_003_300  # the advisory lock all writers of one PostgreSQL database take
_WRITE = {"write": True}
_STAGED_MEMORY = "128MB"
"""What a server may take for the temporary tables of an import; at its default, 8 MB, they go through files."""


class Database:
    """One database by URL. Nothing is opened before the first use, and SQLite files are never made by accident."""

    def __init__(self, url: str | None = None, busy_seconds: int = BUSY_SECONDS) -> None:
        """Take `url`, else the environment, else compensation.db in the working folder."""
        self.address = address_of(url)
        self.url = _parsed(self.address)
        self.busy_seconds = busy_seconds
        self.is_sqlite = self.address.is_sqlite
        self.shown = self.address.shown
        self.engine = self._engine()

    def _engine(self) -> Engine:
        if not self.is_sqlite:
            engine = create_engine(self.url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
            event.listen(engine, "connect", _prepare_postgresql)
            return engine
        engine = create_engine(self.url, poolclass=NullPool, connect_args={"timeout": self.busy_seconds})
        event.listen(engine, "connect", self._prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _prepare_sqlite(self, connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own transaction handling would start a transaction late and commit around DDL.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {self.busy_seconds * 1000}",
            "foreign_keys = ON",
            "synchronous = FULL",
            "cache_size = -65536",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one unchanging state of the database."""
        self.address.require_present()
        with self.translated(), self.engine.connect() as connection, connection.begin():
            if not self.is_sqlite:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection

    @contextmanager
    def writing(self, create: bool = False) -> Iterator[Connection]:
        """Give the one writing connection; everything in the block is stored together or not at all."""
        if not create:
            self.address.require_present()
        with (
            self.translated(),
            self.engine.connect().execution_options(**_WRITE) as connection,
            connection.begin(),
        ):
            if not self.is_sqlite:
                # Whatever the database's default: once the lock is held, all that was written before has to be seen.
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{max(1, self.busy_seconds * 1000)}ms'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")
            yield connection

    def keep_write_ahead_log(self) -> None:
        """Let readers of an SQLite file go on while an import writes; this is a property of the file."""
        if self.is_sqlite:
            with self.translated(), self.engine.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA journal_mode = WAL")  # type: ignore[union-attr]

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn failures of the driver into StoreError."""
        try:
            yield
        except DBAPIError as error:
            raise told(error.orig or error, self.shown) from error
        except Exception as error:
            if is_drivers(error):
                raise told(error, self.shown) from error
            raise

    def close(self) -> None:
        """Release all connections."""
        self.engine.dispose()


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # What an import stages is asked several times over. The server takes this only before a first temporary table.
    connection.execute(f"SET temp_buffers = '{_STAGED_MEMORY}'")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock before anything is read, so two imports cannot interleave or deadlock.
    options: dict[str, Any] = dict(connection.get_execution_options())
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")


def _parsed(address: Address) -> URL:
    driver = "sqlite" if address.is_sqlite else "postgresql+psycopg"
    try:
        return make_url(f"{driver}://{address.rest}")
    except ArgumentError:
        raise unusable(address.backend) from None
