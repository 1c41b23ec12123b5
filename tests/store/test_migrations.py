"""Migrations run up, down and up again with data in them, and never drift from the tables in code."""

import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from store_building import parsed, reading

from compensation.errors import IntegrityError, StoreError
from compensation.resources import migrations_dir, resource_dir
from compensation.store import Store, open_store
from compensation.store.checks import expected_triggers, present_triggers
from compensation.store.schema import HEAD, alembic_config, asking, current_version
from compensation.store.tables.metadata import METADATA


def _tables(store: Store) -> set[str]:
    with store.database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_head_in_code_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [HEAD]


def test_up_down_and_up_again_with_data(empty_url: str) -> None:
    with open_store(empty_url) as store:
        assert store.init() is True
        store.ingest(parsed([reading()]))
        with store.database.writing() as connection:
            command.downgrade(alembic_config(connection), "base")
        assert _tables(store) == {"alembic_version"}
        with store.database.writing() as connection:
            assert present_triggers(connection) == set()
            assert current_version(asking(connection), store.database.is_sqlite) is None
        with pytest.raises(StoreError, match="尚未初始化"):
            store.status()
        assert store.init() is True
        assert store.ingest(parsed([reading()])).readings_stored == 1
        with store.database.reading() as connection:
            assert present_triggers(connection) == expected_triggers(connection)


def test_init_again_keeps_everything(empty_url: str) -> None:
    with open_store(empty_url) as store:
        store.init()
        store.ingest(parsed([reading()]))
        before = store.status()
        assert store.init() is False
        assert store.status() == before


def test_tables_in_code_and_in_migrations_are_the_same(store: Store) -> None:
    with store.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, METADATA)
    if store.database.is_sqlite:
        assert found == []
        return
    # On PostgreSQL a trigger checks what readings refer to; test_append_only shows that it does.
    assert {(kind, link.parent.name, link.column_keys[0]) for kind, link in found} == {
        ("add_fk", "reading", name) for name in ("section_id", "indicator_id", "file_id")
    }


def test_readings_are_moved_into_their_years_and_back(empty_url: str) -> None:
    with open_store(empty_url) as store:
        store.init()
        late = datetime(2025, 12, 31, 23, 59)
        times = (datetime(1969, 12, 31, 12), late, late + timedelta(minutes=1))
        store.ingest(parsed([reading("1", time=time, row=row) for row, time in enumerate(times, start=2)]))
        store.ingest(parsed([reading("2", time=late), reading("1", time=times[2], known_at=late)], name="乙"))
        before = list(store.readings()), list(store.daily_sums()), store.conflicts(), store.status()
        with store.database.writing() as connection:
            command.downgrade(alembic_config(connection), "0003")
        with pytest.raises(StoreError, match="低于程序所需"):
            store.status()
        assert store.init() is True
        assert (list(store.readings()), list(store.daily_sums()), store.conflicts(), store.status()) == before
        assert all(check.ok for check in store.check())
        if not store.database.is_sqlite:
            with store.database.reading() as connection:
                parts = set(connection.execute(text("SELECT relname FROM pg_class WHERE relispartition")).scalars())
            assert {f"{table}_{year}" for table in ("reading", "daily_sum") for year in (1969, 2025, 2026)} <= parts
            assert not {"reading_1970", "daily_sum_1970"} & parts


def test_sqlite_layout_of_the_large_tables_is_the_declared_one(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.init()
        with store.database.reading() as connection:
            made = dict(connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).fetchall())
    for name, table in METADATA.tables.items():
        declared = not table.dialect_options["sqlite"]["with_rowid"]
        assert ("WITHOUT ROWID" in made[name]) == declared, name
    assert "WITHOUT ROWID" in made["reading"]


def test_failed_migration_leaves_the_database_as_it_was(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(empty_url) as store:
        with monkeypatch.context() as broken:
            broken.setattr("compensation.store.store.seed", lambda _connection: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                store.init()
        assert _tables(store) == set()
        assert store.init() is True


def _stand_at(store: Store, version: str) -> None:
    with store.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_newer_database_is_refused(store: Store) -> None:
    _stand_at(store, "9999")
    for action in (store.status, store.init, lambda: store.ingest(parsed([reading()])), lambda: list(store.readings())):
        with pytest.raises(StoreError, match="高于程序所知"):
            action()


def test_older_database_is_refused_until_migrated(store: Store) -> None:
    _stand_at(store, "0000")
    with pytest.raises(StoreError, match="compensation init"):
        store.status()


def test_missing_resource_is_told() -> None:
    with pytest.raises(IntegrityError, match="重新安装"):
        resource_dir("no_such_folder")


def test_migrations_are_found_in_a_wheel_layout(tmp_path: Path) -> None:
    """As a wheel lays the files out: the package with `_bundled/migrations`, and no checkout around it."""
    package = Path(sys.modules["compensation"].__file__ or "").parent
    site = tmp_path / "site"
    (site / "compensation").mkdir(parents=True)
    for entry in package.iterdir():
        if entry.name != "__pycache__":
            (site / "compensation" / entry.name).symlink_to(entry)
    resources = site / "compensation" / "resources.py"
    resources.unlink()
    resources.write_bytes((package / "resources.py").read_bytes())
    (site / "compensation" / "_bundled").mkdir()
    (site / "compensation" / "_bundled" / "migrations").symlink_to(migrations_dir())
    script = (
        "from compensation.resources import migrations_dir; from compensation.store import open_store\n"
        "store = open_store(); store.init(); print(migrations_dir()); print(store.status().rows['section'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        check=True, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(site)},
    )  # fmt: skip
    folder, sections = run.stdout.split()
    assert Path(folder) == site / "compensation" / "_bundled" / "migrations"
    assert int(sections) > 10
