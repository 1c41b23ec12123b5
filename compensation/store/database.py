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
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{self.busy_seconds}s'")
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
            raise self._told(error.orig or error) from error
        except sqlite3.Error as error:
            raise self._told(error) from error
        except Exception as error:
            if type(error).__module__.partition(".")[0] == "psycopg":
                raise self._told(error) from error
            raise

    def _told(self, error: BaseException) -> StoreError:
        words = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        state = getattr(error, "sqlstate", None) or ""
        for marks, what, why, fix in _FAILURES:
            if any(mark in words if " " in mark else state.startswith(mark) for mark in marks if state or " " in mark):
                return StoreError(Fault(f"数据库 {self.shown}", what, f"{why}（{words}）", fix))
        return StoreError(
            Fault(
                f"数据库 {self.shown}", "数据库拒绝了这次操作", words, "本次操作未改动任何数据；请把此信息交给维护人员"
            )
        )

    def close(self) -> None:
        """Release all connections."""
        self.engine.dispose()


# A mark with a space is looked for in the message, one without is the beginning of an SQLSTATE.
_FAILURES: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    (
        ("database is locked", "table is locked", "55P03", "40001", "40P01"),
        "数据库正被占用",
        "另一个导入或结算正在写入",
        "等它结束后重试；本次未改动任何数据",
    ),
    (
        ("disk is full", "No space left", "53100"),
        "磁盘已满",
        "数据库所在磁盘没有剩余空间",
        "清理磁盘后重试；本次未改动任何数据",
    ),
    (
        ("readonly database", "42501", "25006"),
        "数据库只读",
        "当前用户没有写入权限",
        "检查数据库文件及其文件夹的权限，或向数据库管理员申请权限",
    ),
    (
        ("file is not a", "disk image is malformed"),
        "数据库文件不可用",
        "文件不是本软件的数据库，或已损坏",
        "换用正确的文件，或从备份恢复",
    ),
    (
        ("unable to open database file",),
        "无法打开数据库文件",
        "文件夹不存在或没有权限",
        "检查路径与权限",
    ),
    (
        ("no such table", "42P01"),
        "数据库尚未初始化",
        "其中没有本软件的表",
        "运行 compensation init",
    ),
    (
        ("connection failed", "connection is bad", "server closed", "could not connect", "08", "57P0"),
        "无法连接数据库服务器",
        "服务器未启动、地址不对或网络中断",
        "检查 " + URL_VARIABLE + " 与服务器状态后重试",
    ),
    (
        ("append-only: ", "23000"),
        "历史记录不可修改",
        "该表只增不改",
        "更正请另行导入或裁定，不得直接改库",
    ),
)


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
