"""The version of the database: bringing it to the newest, and refusing to work on any other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from compensation.errors import Fault, StoreError
from compensation.resources import migrations_dir
from compensation.store.address import Address

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

Ask = Callable[[str], Sequence[Sequence[Any]]]
"""A query without parameters in, its rows out; by whatever holds the connection."""

HEAD = "0010"
"""The migration this software was written for; a test keeps it equal to the newest one bundled."""

VERSION_TABLE = "alembic_version"


def alembic_config(connection: "Connection | None" = None) -> "Config":
    """Return an Alembic configuration without a file, bound to `connection`."""
    from alembic.config import Config  # noqa: PLC0415  takes as long to load as all else, and only init needs it

    config = Config()
    config.set_main_option("script_location", str(migrations_dir()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def current_version(ask: Ask, is_sqlite: bool) -> str | None:
    """Return the migration a database stands at, None when it holds no tables of ours."""
    tables = (
        f"SELECT name FROM sqlite_master WHERE name = '{VERSION_TABLE}'"
        if is_sqlite
        else f"SELECT 1 WHERE to_regclass('{VERSION_TABLE}') IS NOT NULL"
    )
    if not ask(tables):
        return None
    rows = ask(f"SELECT version_num FROM {VERSION_TABLE}")
    return str(rows[0][0]) if rows else None


def upgrade(connection: "Connection", address: Address, to: str = HEAD) -> bool:
    """Migrate upwards to `to`; True if anything was to be done. Raises StoreError on a newer database."""
    from alembic import command  # noqa: PLC0415

    current = current_version(asking(connection), address.is_sqlite)
    if current == to:
        return False
    if current is not None:
        require_known(address, current)
    command.upgrade(alembic_config(connection), to)
    return True


def require_known(address: Address, version: str) -> None:
    """Raise StoreError unless `version` is one that this software can migrate from."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    scripts = ScriptDirectory.from_config(alembic_config())
    if version not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(_newer(address, version))


def asking(connection: "Connection") -> Ask:
    """Return how to ask on a connection of SQLAlchemy's."""
    return lambda sql: connection.exec_driver_sql(sql).fetchall()


def require_current(ask: Ask, address: Address) -> None:
    """Raise StoreError unless the database stands at the version of this software."""
    current = current_version(ask, address.is_sqlite)
    if current == HEAD:
        return
    if current is None:
        fault = Fault(
            f"数据库 {address.shown}",
            "数据库尚未初始化",
            "其中没有本软件的表",
            "运行 compensation init",
        )
    elif current < HEAD:
        fault = Fault(
            f"数据库 {address.shown}",
            f"数据库版本 {current} 低于程序所需的 {HEAD}",
            "数据库由较早的版本建立",
            "先备份，再运行 compensation init 升级",
        )
    else:
        fault = _newer(address, current)
    raise StoreError(fault)


@contextmanager
def up_to_date(connecting: AbstractContextManager["Connection"], address: Address) -> Iterator["Connection"]:
    """Give a connection to a database that stands at the version of this software; StoreError otherwise."""
    with connecting as connection:
        require_current(asking(connection), address)
        yield connection


def _newer(address: Address, current: str) -> Fault:
    return Fault(
        f"数据库 {address.shown}",
        f"数据库版本 {current} 高于程序所知的 {HEAD}",
        "数据库由更新的版本建立或升级",
        "换用与之相同或更新版本的程序",
    )
