"""Connections: which database, how SQLite and PostgreSQL are held, and their failures told in Chinese."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from compensation.errors import Fault, StoreError
from compensation.store.failures import told

URL_VARIABLE = "COMPENSATION_DATABASE_URL"
DEFAULT_URL = "sqlite:///compensation.db"
BUSY_SECONDS = 60
_WRITE_LOCK = 3_100_003_200_003_300  # the advisory lock all writers of one PostgreSQL database take
_WRITE = {"write": True}


class Database:
    """One database by URL. Nothing is opened before the first use, and SQLite files are never made by accident."""

    def __init__(self, url: str | None = None, busy_seconds: int = BUSY_SECONDS) -> None:
        """Take `url`, else the environment, else compensation.db in the working folder."""
        self.url = _parsed(url or os.environ.get(URL_VARIABLE) or DEFAULT_URL)
        self.busy_seconds = busy_seconds
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.shown = self.url.render_as_string(hide_password=True)
        self.engine = self._engine()

    @property
    def path(self) -> Path | None:
        """Return the SQLite file, None on a server."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    def _engine(self) -> Engine:
        if not self.is_sqlite:
            return create_engine(self.url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
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
        self.require_present()
        with self.translated(), self.engine.connect() as connection, connection.begin():
            if not self.is_sqlite:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection

    @contextmanager
    def writing(self, create: bool = False) -> Iterator[Connection]:
        """Give the one writing connection; everything in the block is stored together or not at all."""
        if not create:
            self.require_present()
        with (
            self.translated(),
            self.engine.connect().execution_options(**_WRITE) as connection,
            connection.begin(),
        ):
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{max(1, self.busy_seconds * 1000)}ms'")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")
            yield connection

    def require_present(self) -> None:
        """Raise StoreError when the SQLite file does not exist."""
        if self.path is not None and not self.path.is_file():
            raise StoreError(
                Fault(
                    f"数据库 {self.path}",
                    "数据库不存在",
                    "尚未初始化，或当前文件夹不对",
                    "在正确的文件夹中运行 compensation init，或用环境变量 " + URL_VARIABLE + " 指明数据库",
                )
            )

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn failures of the driver into StoreError."""
        try:
            yield
        except DBAPIError as error:
            raise told(error.orig or error, self.shown) from error
        except sqlite3.Error as error:
            raise told(error, self.shown) from error
        except Exception as error:
            if type(error).__module__.partition(".")[0] == "psycopg":
                raise told(error, self.shown) from error
            raise

    def close(self) -> None:
        """Release all connections."""
        self.engine.dispose()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock before anything is read, so two imports cannot interleave or deadlock.
    options: dict[str, Any] = dict(connection.get_execution_options())
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")


def _parsed(text: str) -> URL:
    scheme, _, rest = text.partition("://")
    if scheme in ("postgres", "postgresql"):
        text = f"postgresql+psycopg://{rest}"
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError):
        backend = ""
    if backend not in ("sqlite", "postgresql") or (backend == "sqlite" and url.database in (None, "", ":memory:")):
        raise StoreError(
            Fault(
                f"数据库地址（{scheme}）",
                "数据库地址无法使用",
                "只支持 SQLite 文件与 PostgreSQL",
                "写成 sqlite:///文件名.db 或 postgresql://用户@主机/库名",
            )
        )
    return url
