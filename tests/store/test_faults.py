"""Power cuts, two officials at once, a full disk, and databases that cannot be used: before or after, and said why."""

import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from importing import POINTS
from sqlalchemy import event, text
from store_building import many, parsed, reading

from compensation.errors import StoreError
from compensation.store import Store, open_store
from compensation.store.failures import FAILURES, told

SCRIPT = Path(__file__).parent / "importing.py"


def _process(store: Store, *arguments: object) -> "subprocess.Popen[str]":
    url = store.database.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), url, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _state(store: Store) -> tuple[list[tuple], dict[str, int]]:
    return list(store.readings()), store.status().rows


def _all_hold(store: Store) -> None:
    assert [check for check in store.check() if not check.ok] == []


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point_leaves_the_database_as_before(store: Store, point: str) -> None:
    store.ingest(many(200, name="先.csv"))
    before = _state(store)
    process = _process(store, 600, "后.csv", 100, point)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, errors
    assert _state(store) == before
    _all_hold(store)
    report = store.ingest(many(600, name="后.csv", first=100))
    assert report.readings_stored == 600


def test_killed_at_any_time_leaves_before_or_after(sqlite_url: str) -> None:
    pick = random.Random(7)
    with open_store(sqlite_url) as store:
        store.init()
        outcomes = set()
        for number in range(12):
            before = store.status().rows["reading"]
            process = _process(store, 20_000, f"{number}.csv", 20_000 * number)
            time.sleep(pick.uniform(0.5, 2.5))
            process.kill()
            process.communicate()
            grown = store.status().rows["reading"] - before
            assert grown in (0, 20_000)
            outcomes.add(grown)
            _all_hold(store)
        assert store.ingest(many(20_000, name="末.csv", first=20_000 * 12)).readings_stored == 20_000


def test_several_officials_at_once_lose_and_double_nothing(store: Store) -> None:
    processes = [_process(store, 3000, f"{number}.csv", 1000 * number) for number in range(3)]
    processes += [_process(store, 3000, "0.csv", 0)]
    printed = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, printed
    assert sum(output.split()[3] == "True" for output, _ in printed) == 1
    rows = store.status().rows
    # keys 0..4999; the files overlap with different values where an hour's rows moved on
    assert rows["import_file"] == 3
    first, last = (len({row[:3] for row in store.readings()}), rows["reading"])
    assert (first, last) == (5000, sum(int(output.split()[0]) for output, _ in printed if output.split()[3] == "False"))
    _all_hold(store)


def test_waiting_for_another_writer_has_an_end(store: Store) -> None:
    impatient = open_store(store.database.url.render_as_string(hide_password=False), busy_seconds=0)
    with store.database.writing():
        started = time.monotonic()
        with pytest.raises(StoreError, match="正被占用"):
            impatient.ingest(parsed([reading()]))
        assert time.monotonic() - started < 10
        assert list(impatient.readings()) == []
    assert impatient.ingest(parsed([reading()])).readings_stored == 1
    impatient.close()


def test_patient_writer_goes_on_when_the_other_ends(store: Store) -> None:
    done = []
    with store.database.writing():
        thread = threading.Thread(target=lambda: done.append(store.ingest(parsed([reading()]))))
        thread.start()
        time.sleep(0.3)
        assert done == []
    thread.join(timeout=30)
    assert [report.readings_stored for report in done] == [1]


def test_reader_sees_one_state_while_an_import_goes_on(store: Store) -> None:
    store.ingest(many(100, name="先.csv"))
    rows = store.readings()
    seen = [next(rows)]
    store.ingest(many(100, name="后.csv", first=500))
    seen += rows
    assert len(seen) == 100
    assert len(list(store.readings())) == 200


def test_full_disk_changes_nothing_and_is_told(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        store.init()
        store.ingest(many(100, name="先.csv"))
        before = _state(store)

        def limit(connection: sqlite3.Connection, _record: object) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 5}")

        event.listen(store.database.engine, "connect", limit)
        with pytest.raises(StoreError, match="磁盘已满") as refused:
            store.ingest(many(20_000))
        assert refused.value.exit_code == 3
        event.remove(store.database.engine, "connect", limit)
        assert _state(store) == before
        _all_hold(store)


def test_a_server_without_room_to_let_anybody_in_is_told_as_a_full_disk() -> None:
    error = psycopg.OperationalError("connection failed: FATAL:  could not write init file")
    assert "磁盘已满" in str(told(error, "postgresql://…").faults[0])


def test_database_that_may_not_be_written_is_told(store: Store) -> None:
    if store.database.is_sqlite:
        event.listen(store.database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA query_only = ON"))
    else:
        event.listen(
            store.database.engine,
            "connect",
            lambda raw, _record: raw.execute("SET default_transaction_read_only = on") and raw.commit(),
        )
        store.database.close()
    with pytest.raises(StoreError, match="只读"):
        store.ingest(parsed([reading()]))
    assert list(store.readings()) == []


def test_missing_file_is_told_and_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMPENSATION_DATABASE_URL", raising=False)
    with open_store() as store, pytest.raises(StoreError, match="compensation init"):
        store.status()
    assert list(tmp_path.iterdir()) == []


def test_environment_names_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPENSATION_DATABASE_URL", f"sqlite:///{tmp_path / '别处.db'}")
    with open_store() as store:
        store.init()
    assert (tmp_path / "别处.db").is_file()


def test_something_else_is_not_taken_for_a_database(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"PK\x03\x04 this is a workbook" * 100)
    with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
        for action in (store.init, store.status):
            with pytest.raises(StoreError, match="不是本软件的数据库"):
                action()


def test_foreign_sqlite_database_is_not_ours(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store, pytest.raises(StoreError, match="尚未初始化"):
        store.status()


def test_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'no' / 'a.db'}") as store, pytest.raises(StoreError, match="无法打开"):
        store.init()


def test_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with (
        open_store(f"postgresql://owner@/x?host={tmp_path}") as store,
        pytest.raises(StoreError, match="无法连接数据库服务器"),
    ):
        store.status()


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense", "odd+kind://x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match="只支持 SQLite 文件与 PostgreSQL"):
        open_store(url)


def test_password_is_never_shown() -> None:
    with open_store("postgres://taipu:secret@127.0.0.1:1/x") as store:
        assert "secret" not in store.database.shown
        with pytest.raises(StoreError) as refused:
            store.status()
    assert "secret" not in str(refused.value)


def test_failure_nobody_foresaw_is_told_as_it_came(store: Store) -> None:
    with pytest.raises(StoreError, match="未改动任何数据"), store.database.writing() as connection:
        connection.execute(text("SELECT no_such_column FROM reading"))


class DriverError(Exception):
    def __init__(self, words: str, sqlstate: str | None) -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


def test_every_kind_of_failure_has_its_words() -> None:
    for failure in FAILURES:
        errors = [DriverError(f"FATAL: {words} here", None) for words in failure.words]
        errors += [DriverError("said otherwise", state.ljust(5, "0")) for state in failure.states]
        assert {told(error, "x").faults[0].what for error in errors} == {failure.what}
