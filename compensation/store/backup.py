"""Backup and restore: every row of every table as text that both databases read, counted and hashed on both sides.

A backup is an archive: one member a table, `tables/<name>.jsonl`, a JSON array a row in the order of the primary key,
and `backup.json` with what they must come to. docs/decisions/0016 says why it is this and not the databases' own dump.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, MetaData, Table, Text, inspect, select

from compensation.archive import member, whole_file
from compensation.errors import Fault, InputError, IntegrityError, StoreError
from compensation.store import checks
from compensation.store.bulk import is_sqlite, load
from compensation.store.database import Database
from compensation.store.schema import VERSION_TABLE, asking, current_version, require_known, upgrade
from compensation.store.years import REFERS, make_parts, parts

FORMAT, SCHEMA = "taipu-compensation-backup", 1
WHAT = "备份"
_MANIFEST = "backup.json"
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class TableSum:
    """A table of a backup: its columns in the order of the rows, how many rows, and the SHA-256 of their lines."""

    name: str
    columns: list[str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds: the migration the database stood at, and its tables, those referred to first."""

    version: str
    tables: list[TableSum]

    @property
    def fingerprint(self) -> str:
        """内容指纹: the same for databases that hold the same rows, whichever of the two they are."""
        return hashlib.sha256(json.dumps(_plain(self), sort_keys=True).encode()).hexdigest()


def back_up(database: Database, path: Path) -> Contents:
    """Write a backup of one unchanging state of the database, read it back, and give it its name only then.

    InputError when a file of that name is there, or the place cannot be written to; StoreError when the database or
    the disk fails. An older version of the database is taken as it is.
    """
    if path.exists():
        raise InputError(Fault(f"《{path}》", "已有同名文件，没有备份", "备份从不覆盖文件", "换一个文件名"))
    with whole_file(path, WHAT) as file, database.reading() as connection:
        version = current_version(asking(connection), database.is_sqlite)
        if version is None:
            fault = Fault(f"数据库 {database.shown}", "没有可备份的内容", "数据库尚未初始化", "核对数据库地址")
            raise StoreError(fault)
        tables = reflected(connection)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            sums = [_write_table(connection, archive, table) for table in tables]
            contents = Contents(version, sums)
            manifest = {"format": FORMAT, "schema": SCHEMA, **_plain(contents), "fingerprint": contents.fingerprint}
            archive.writestr(member(_MANIFEST), json.dumps(manifest, ensure_ascii=False, indent=1))
        file.seek(0)
        if _examined(file, path.name) != contents:
            raise StoreError(Fault(f"《{path}》", "写出的备份读回来不一样", "磁盘或内存有错", "换一个磁盘重做"))
    return contents


def examine(path: Path) -> Contents:
    """Read a backup through; InputError with every table that is damaged, missing, or not as its manifest says."""
    try:
        with path.open("rb") as file:
            return _examined(file, path.name)
    except OSError as error:
        raise InputError(Fault(f"《{path}》", "文件读不出来", str(error.strerror), "核对路径和权限")) from error


def restore(database: Database, path: Path) -> Contents:
    """Fill an empty database from a backup, whole or not at all, and count, hash and check what then stands there.

    InputError when the backup is damaged, StoreError when the target holds anything, IntegrityError when what stands
    there is not what the backup held. An older backup is brought to the version of this software.
    """
    contents = examine(path)
    target = database.address.path
    if target is None:
        with path.open("rb") as file:
            _fill(database, file, path, contents)
        return contents
    if target.exists():
        raise StoreError(_not_empty(database))
    part = target.with_name(f".{target.name}.restoring")
    part.unlink(missing_ok=True)
    built = Database(f"sqlite:///{part}", database.busy_seconds)
    try:
        with path.open("rb") as file:
            _fill(built, file, path, contents)
        built.keep_write_ahead_log()
        built.close()
        part.rename(target)
    finally:
        for left in part.parent.glob(f"{part.name}*"):
            left.unlink()
    return contents


def _fill(database: Database, file: IO[bytes], path: Path, contents: Contents) -> None:
    """One transaction: schema, rows, sums, checks."""
    with database.writing(create=True) as connection:
        if inspect(connection).get_table_names():
            raise StoreError(_not_empty(database))
        require_known(database.address, contents.version)
        upgrade(connection, database.address, contents.version)
        tables = {table.name: table for table in reflected(connection)}
        _require_same_shape(path, contents, tables)
        with zipfile.ZipFile(file) as archive:
            for each in contents.tables:
                make_parts(connection, each.name, each.columns, _rows(archive, each.name))
                load(connection, each.name, each.columns, _rows(archive, each.name))
        if not is_sqlite(connection):
            connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        _verify(connection, path, contents, tables)
        upgrade(connection, database.address)
        broken = [each for each in checks.run(connection) if not each.ok]
        if broken:
            raise IntegrityError([_not_restored(path, f"{each.name} 不成立：{each.detail}") for each in broken])


def _verify(connection: Connection, path: Path, contents: Contents, tables: dict[str, Table]) -> None:
    faults = []
    for each in contents.tables:
        count, digest = 0, hashlib.sha256()
        for line in _lines(connection, tables[each.name]):
            count += 1
            digest.update(line)
        if (count, digest.hexdigest()) != (each.rows, each.sha256):
            faults.append(_not_restored(path, f"表 {each.name} 恢复后 {count} 行，内容与备份的 {each.rows} 行不符"))
    if faults:
        raise IntegrityError(faults)


def _not_restored(path: Path, why: str) -> Fault:
    return Fault(f"《{path}》", "没有恢复，目标未改变", why, "保留备份文件，联系维护者")


def _not_empty(database: Database) -> Fault:
    return Fault(
        f"数据库 {database.shown}",
        "目标不是空的，没有恢复",
        "恢复只写入空库，从不覆盖或合并",
        "指定一个还不存在的 SQLite 文件，或新建的空 PostgreSQL 库",
    )


def _require_same_shape(path: Path, contents: Contents, tables: dict[str, Table]) -> None:
    """The names go into SQL, so they have to be those that the migrations made."""
    held = {each.name: each.columns for each in contents.tables}
    made = {name: [column.name for column in table.c] for name, table in tables.items()}
    if held != made:
        odd = sorted(name for name in held.keys() | made.keys() if held.get(name) != made.get(name))
        why = f"表 {'、'.join(odd)} 与版本 {contents.version} 的结构不符"
        raise InputError(Fault(f"《{path.name}》", "备份的结构不对", why, "用写出它的程序版本恢复"))


def reflected(connection: Connection) -> list[Table]:
    """The tables that are there, in the order in which their rows may be written.

    A row comes after those it refers to; where the reference is deferred, the row referred to is a seal, and last.
    """
    found = MetaData()
    found.reflect(connection)
    left_out = {VERSION_TABLE, *parts(connection)}
    tables = {table.name: table for table in found.tables.values() if table.name not in left_out}
    before: dict[str, list[str]] = {name: list(REFERS.get(name, ())) for name in sorted(tables)}
    for name in before:
        for link in tables[name].foreign_key_constraints:
            other = link.referred_table.name
            if other != name and other in tables:
                first, then = (name, other) if link.deferrable else (other, name)
                before[then].append(first)
    order = TopologicalSorter({name: sorted(firsts) for name, firsts in before.items()}).static_order()
    return [tables[name] for name in order]


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """The rows as lines, in the order of the primary key, byte by byte the same on both databases."""
    order = [
        column if is_sqlite(connection) or not isinstance(column.type, Text) else column.collate("C")
        for column in table.primary_key.columns
    ]
    query = select(*table.c).order_by(*order)
    for row in connection.execute(query, execution_options={"yield_per": _CHUNK}):
        values = [value.isoformat() if isinstance(value, date) else value for value in row]
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _member(name: str) -> str:
    return f"tables/{name}.jsonl"


def _write_table(connection: Connection, archive: zipfile.ZipFile, table: Table) -> TableSum:
    count, digest = 0, hashlib.sha256()
    with archive.open(member(_member(table.name), zipfile.ZIP_DEFLATED), "w", force_zip64=True) as out:
        for line in _lines(connection, table):
            out.write(line)
            digest.update(line)
            count += 1
    return TableSum(table.name, [column.name for column in table.c], count, digest.hexdigest())


def _rows(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[Any, ...]]:
    with archive.open(_member(name)) as lines:
        for line in lines:
            yield tuple(json.loads(line))


def _plain(contents: Contents) -> dict[str, Any]:
    return {"version": contents.version, "tables": [asdict(each) for each in contents.tables]}


def _examined(file: IO[bytes], name: str) -> Contents:
    try:
        with zipfile.ZipFile(file) as archive:
            contents = _manifest(json.loads(archive.read(_MANIFEST)), name)
            faults = [fault for each in contents.tables if (fault := _table_fault(archive, each, name))]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(_damaged(name, "不是压缩包，或传输中缺损")) from error
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(_damaged(name, f"{_MANIFEST} 缺失或读不懂")) from error
    if faults:
        raise InputError(faults)
    return contents


def _damaged(name: str, why: str) -> Fault:
    return Fault(f"《{name}》", f"{WHAT}已损坏，什么也没有改变", why, "换用另一份备份")


def _manifest(plain: dict[str, Any], name: str) -> Contents:
    if plain["format"] != FORMAT or plain["schema"] != SCHEMA:
        why = f"格式为 {plain['format']} 第 {plain['schema']} 版，本程序只认 {FORMAT} 第 {SCHEMA} 版"
        raise InputError(Fault(f"《{name}》", "不是本程序认识的备份", why, "用写出它的程序版本恢复"))
    contents = Contents(plain["version"], [TableSum(**each) for each in plain["tables"]])
    if contents.fingerprint != plain["fingerprint"]:
        raise InputError(_damaged(name, f"{_MANIFEST} 与它自己的指纹不符"))
    return contents


def _table_fault(archive: zipfile.ZipFile, wanted: TableSum, name: str) -> Fault | None:
    count, digest = 0, hashlib.sha256()
    try:
        with archive.open(_member(wanted.name)) as lines:
            for line in lines:
                count += 1
                digest.update(line)
    except KeyError:
        return _damaged(name, f"缺少表 {wanted.name}")
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return _damaged(name, f"表 {wanted.name} 缺损")
    if (count, digest.hexdigest()) == (wanted.rows, wanted.sha256):
        return None
    return _damaged(name, f"表 {wanted.name} 有 {count} 行，内容与登记的 {wanted.rows} 行不符")
