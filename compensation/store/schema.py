"""The version of the database: bringing it to the newest, and refusing to work on any other."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from compensation.errors import Fault, StoreError
from compensation.resources import migrations_dir
from compensation.store.database import Database

HEAD = "0001"
"""The migration this software was written for; a test keeps it equal to the newest one bundled."""

_VERSION_TABLE = "alembic_version"


def alembic_config(connection: Connection | None = None) -> Config:
    """Return an Alembic configuration without a file, bound to `connection`."""
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def current_version(connection: Connection) -> str | None:
    """Return the migration a database stands at, None when it holds no tables of ours."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    row = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).first()
    return None if row is None else str(row[0])


def upgrade(connection: Connection, database: Database) -> bool:
    """Migrate to the newest version; True if anything was to be done. Raises StoreError on a newer database."""
    current = current_version(connection)
    if current == HEAD:
        return False
    config = alembic_config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise StoreError(_newer(database, current))
    command.upgrade(config, "head")
    return True


def require_current(connection: Connection, database: Database) -> None:
    """Raise StoreError unless the database stands at the version of this software."""
    current = current_version(connection)
    if current == HEAD:
        return
    if current is None:
        fault = Fault(
            f"数据库 {database.shown}",
            "数据库尚未初始化",
            "其中没有本软件的表",
            "运行 compensation init",
        )
    elif current < HEAD:
        fault = Fault(
            f"数据库 {database.shown}",
            f"数据库版本 {current} 低于程序所需的 {HEAD}",
            "数据库由较早的版本建立",
            "先备份，再运行 compensation init 升级",
        )
    else:
        fault = _newer(database, current)
    raise StoreError(fault)


def _newer(database: Database, current: str) -> Fault:
    return Fault(
        f"数据库 {database.shown}",
        f"数据库版本 {current} 高于程序所知的 {HEAD}",
        "数据库由更新的版本建立或升级",
        "换用与之相同或更新版本的程序",
    )
