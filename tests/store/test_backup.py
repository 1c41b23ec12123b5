"""A backup is every row, on both databases the same; it comes back whole and checked, or nothing happens at all."""

import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text
from store_building import NOON, finalised, many, paid, parsed, reading
from test_evidence import ALL

from compensation.archive import member
from compensation.errors import InputError, IntegrityError, StoreError
from compensation.store import NewSettlement, Ruling, Store, back_up, examine, open_store, restore
from compensation.store.backup import Contents, TableSum
from compensation.store.schema import alembic_config
from compensation.store.tables.metadata import METADATA

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def filled(store: Store, settlement: NewSettlement) -> Store:
    """A store with something in most tables."""
    store.ingest(parsed([reading("3.01"), reading("0.025L", indicator="w21003", column=6)], **ALL))
    store.ingest(parsed([reading("3.05", row=9)], name="乙.xlsx"))
    store.ingest(many(300))
    (conflict,) = store.conflicts()
    store.decide([conflict.handle], lambda each: each.candidates[0].version, Ruling("张三", "原始\n记录", "1号"))
    kept = store.save_settlement(settlement).settlement
    store.add_workbook(kept.id, "settlement", "结算表.xlsx", "e" * 64)
    store.record(lambda _: finalised(kept.number))
    store.record(lambda _: paid(kept.number, 50))
    return store


@pytest.fixture(params=["sqlite", "postgresql"])
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind, another one than the store of the test."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'restored.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.database.reading() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=repr)
            for table in METADATA.sorted_tables
        }


def test_it_comes_back_row_for_row_into_either_database(filled: Store, target_url: str, tmp_path: Path) -> None:
    path = tmp_path / "备份.zip"
    written = back_up(filled.database, path)
    assert examine(path) == written
    with open_store(target_url) as again:
        assert restore(again.database, path) == written
        assert everything(again) == everything(filled)
        assert [each for each in again.check() if not each.ok] == []
        assert again.book().acts == filled.book().acts
        # and the triggers are there, the work goes on, and a backup of it has the same fingerprint
        assert back_up(again.database, tmp_path / "再.zip").fingerprint == written.fingerprint
        with pytest.raises(StoreError, match="只增不改"), again.database.writing() as connection:
            connection.execute(text("UPDATE workbook SET name = 'x'"))
        assert again.ingest(parsed([reading("9.9", time=NOON.replace(year=2027))], name="丙.xlsx")).readings_stored == 1


def test_each_table_is_counted_and_one_value_more_changes_the_fingerprint(filled: Store, tmp_path: Path) -> None:
    before = back_up(filled.database, tmp_path / "一.zip")
    assert {each.name for each in before.tables} == set(METADATA.tables)
    assert {each.name: each.rows for each in before.tables} == filled.status().rows
    assert back_up(filled.database, tmp_path / "二.zip").fingerprint == before.fingerprint
    filled.ingest(parsed([reading("9.9", time=NOON.replace(year=2027))], name="丙.xlsx"))
    assert back_up(filled.database, tmp_path / "三.zip").fingerprint != before.fingerprint


def test_a_backup_never_covers_a_file_and_needs_a_database(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "备份.zip"
    path.write_bytes(b"kept")
    with pytest.raises(InputError, match="已有同名文件"):
        back_up(filled.database, path)
    assert path.read_bytes() == b"kept"
    with open_store(f"sqlite:///{tmp_path / 'absent.db'}") as absent, pytest.raises(StoreError, match="不存在"):
        back_up(absent.database, tmp_path / "无.zip")
    assert not (tmp_path / "无.zip").exists()
    with pytest.raises(InputError, match="不能写入备份"):
        back_up(filled.database, tmp_path / "没有的文件夹" / "备份.zip")


def test_a_target_that_holds_anything_is_refused(filled: Store, target_url: str, tmp_path: Path) -> None:
    path = tmp_path / "备份.zip"
    back_up(filled.database, path)
    with open_store(target_url) as other:
        other.init()
        before = everything(other)
        with pytest.raises(StoreError, match="目标不是空的"):
            restore(other.database, path)
        assert everything(other) == before


def rewritten(path: Path, change: Change) -> None:
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    change(contents)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(member(name), content)


def other_value(contents: dict[str, bytes]) -> None:
    contents["tables/reading.jsonl"] = contents["tables/reading.jsonl"].replace(b"301", b"302", 1)


def a_row_less(contents: dict[str, bytes]) -> None:
    contents["tables/reading.jsonl"] = b"".join(contents["tables/reading.jsonl"].splitlines(keepends=True)[:-1])


def no_table(contents: dict[str, bytes]) -> None:
    del contents["tables/obligation.jsonl"]


def no_manifest(contents: dict[str, bytes]) -> None:
    del contents["backup.json"]


def other_sum(contents: dict[str, bytes]) -> None:
    contents["backup.json"] = contents["backup.json"].replace(b'"rows": 1', b'"rows": 2', 1)


def other_format(contents: dict[str, bytes]) -> None:
    contents["backup.json"] = contents["backup.json"].replace(b'"schema": 1', b'"schema": 2', 1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (other_value, "内容与登记的"),
        (a_row_less, "内容与登记的"),
        (no_table, "缺少表 obligation"),
        (no_manifest, "缺失或读不懂"),
        (other_sum, "指纹不符"),
        (other_format, "不是本程序认识的备份"),
    ],
)
def test_a_damaged_backup_changes_nothing(
    filled: Store, target_url: str, tmp_path: Path, change: Change, why: str
) -> None:
    path = tmp_path / "备份.zip"
    back_up(filled.database, path)
    rewritten(path, change)
    with open_store(target_url) as other:
        with pytest.raises(InputError, match=why):
            restore(other.database, path)
        assert_empty(other, tmp_path)


def assert_empty(other: Store, tmp_path: Path) -> None:
    if other.database.is_sqlite:
        assert list(tmp_path.glob("*restor*")) == []
        return
    with other.database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == []


def test_a_cut_off_file_and_one_of_another_kind_are_refused(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "备份.zip"
    back_up(filled.database, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="缺损"):
        examine(path)
    path.write_text("不是备份", encoding="utf-8")
    with pytest.raises(InputError, match="缺损"):
        examine(path)
    with pytest.raises(InputError, match="读不出来"):
        examine(tmp_path / "没有.zip")


def forged(contents: dict[str, bytes], change: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    """The manifest changed, with a fingerprint that fits, as somebody would who knows how."""
    plain = json.loads(contents["backup.json"])
    change(plain)
    sums = Contents(plain["version"], [TableSum(**each) for each in plain["tables"]])
    contents["backup.json"] = json.dumps({**plain, "fingerprint": sums.fingerprint}).encode()


def of_the_future(plain: dict) -> None:  # type: ignore[type-arg]
    plain["version"] = "9999"


def with_a_table_of_its_own(plain: dict) -> None:  # type: ignore[type-arg]
    plain["tables"][0]["columns"][0] = "id) SELECT 1; --"


@pytest.mark.parametrize(
    ("change", "error", "why"),
    [(of_the_future, StoreError, "高于程序所知"), (with_a_table_of_its_own, InputError, "备份的结构不对")],
)
def test_another_version_and_foreign_names_are_refused(  # type: ignore[no-untyped-def]
    filled: Store, target_url: str, tmp_path: Path, change, error, why: str
) -> None:
    path = tmp_path / "备份.zip"
    back_up(filled.database, path)
    rewritten(path, lambda contents: forged(contents, change))
    with open_store(target_url) as other:
        with pytest.raises(error, match=why):
            restore(other.database, path)
        assert_empty(other, tmp_path)


def test_what_breaks_an_invariant_is_not_restored(filled: Store, target_url: str, tmp_path: Path) -> None:
    """Whole and well summed, and still no database of ours: a file whose count of readings is not what it holds."""
    path = tmp_path / "备份.zip"
    if filled.database.is_sqlite:
        with sqlite3.connect(str(filled.database.address.path)) as connection:
            connection.execute("DROP TRIGGER import_file_no_update")
            connection.execute("UPDATE import_file SET readings_stored = readings_stored + 1 WHERE id = 1")
        connection.close()
    else:
        with filled.database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE import_file DISABLE TRIGGER ALL"))
            connection.execute(text("UPDATE import_file SET readings_stored = readings_stored + 1 WHERE id = 1"))
    back_up(filled.database, path)
    with open_store(target_url) as other:
        with pytest.raises(IntegrityError, match="readings_counted"):
            restore(other.database, path)
        assert_empty(other, tmp_path)


def test_an_earlier_version_is_backed_up_before_it_is_upgraded(empty_url: str, tmp_path: Path) -> None:
    """What a message of the software asks for: first a backup, then init."""
    with open_store(empty_url) as old:
        with old.database.writing(create=True) as connection:
            command.upgrade(alembic_config(connection), "0001")
        assert back_up(old.database, tmp_path / "旧.zip").version == "0001"
    with open_store(f"sqlite:///{tmp_path / 'new.db'}") as new:
        restore(new.database, tmp_path / "旧.zip")
        assert new.init() is False
        assert [each for each in new.check() if not each.ok] == []
