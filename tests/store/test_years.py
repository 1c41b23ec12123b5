"""On a server the first file of a year fills the table that becomes the part of that year."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from store_building import NOON, many, parsed, reading

from compensation.errors import Fault, InputError, StoreError
from compensation.monitoring.records import State
from compensation.store import Store, staging
from compensation.store.years import parts

Fresh = Callable[[], AbstractContextManager[Store]]
NEW_YEAR = datetime(2027, 1, 1)
TABLES = ("reading", "daily_sum", "reading_confirmation", "reading_conflict", "section", "import_file")


@pytest.fixture
def server(fresh_postgresql: Fresh) -> Iterator[Store]:
    """A migrated store on PostgreSQL."""
    with fresh_postgresql() as store:
        yield store


def rows(store: Store, sql: str) -> list[Any]:
    with store.database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def contents(store: Store) -> dict[str, list[Any]]:
    found = {table: rows(store, f"SELECT to_jsonb(t) - 'imported_at' FROM {table} t") for table in TABLES}
    return {table: sorted(map(str, each)) for table, each in found.items()}


def parts_of(store: Store) -> set[str]:
    with store.database.reading() as connection:
        return {name for name in parts(connection) if name.startswith(("reading_20", "daily_sum"))}


def looks(store: Store, part: str) -> dict[str, list[Any]]:
    """What a part is made of, whatever its year."""
    asked = {
        "columns": "SELECT attname, atttypid::regtype::text, attnotnull, atthasdef FROM pg_attribute "
        "WHERE attrelid = '{0}'::regclass AND attnum > 0 AND NOT attisdropped",
        "constraints": "SELECT contype::text, convalidated, replace(conname, '{0}', ''), pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE conrelid = '{0}'::regclass",
        "indexes": "SELECT replace(indexdef, '{0}', '') FROM pg_indexes WHERE tablename = '{0}'",
        "triggers": "SELECT replace(pg_get_triggerdef(oid), '{0}', ''), tgenabled::text FROM pg_trigger "
        "WHERE tgrelid = '{0}'::regclass AND NOT tgisinternal",
        "adds": "SELECT a.grantee FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = '{0}'::regclass "
        "AND a.grantee <> c.relowner AND a.privilege_type <> 'SELECT'",
    }
    return {what: sorted(rows(store, sql.format(part))) for what, sql in asked.items()}


def test_a_part_that_a_file_filled_is_like_any_other(server: Store) -> None:
    server.ingest(parsed([reading()]))
    assert parts_of(server) == {"reading_2026", "daily_sum_2026"}
    with server.database.writing() as connection:
        connection.execute(text("SELECT make_reading_year(2031), make_sum_year(2031)"))
    for table in ("reading", "daily_sum"):
        filled, empty = looks(server, f"{table}_2026"), looks(server, f"{table}_2031")
        assert filled == empty
        assert all(filled[what] for what in ("columns", "constraints", "indexes", "triggers"))
    assert not [check for check in server.check() if not check.ok]


def test_a_year_whose_sums_have_their_part_already_is_begun_all_the_same(server: Store) -> None:
    with server.database.writing() as connection:
        connection.execute(text("SELECT make_sum_year(2026)"))
    server.ingest(parsed([reading()]))
    assert parts_of(server) == {"reading_2026", "daily_sum_2026"}
    assert len(list(server.daily_sums())) == 1
    assert not [check for check in server.check() if not check.ok]


def history(store: Store) -> None:
    """Two years in one file with repeats of every kind, then more of both."""
    times = [NEW_YEAR + timedelta(minutes=30 * number) for number in range(-3, 3)]
    first = [reading(f"{row}.5", time=time, row=row) for row, time in enumerate(times, start=2)]
    first += [
        reading("9", time=times[0], row=20),  # contradicts
        reading("7.5", time=times[5], row=21),  # repeats
        reading("8", time=times[4], row=22, known_at=times[5]),  # comes later
        reading("--", time=times[1], indicator="w21003", state=State.MISSING, row=23, column=6),
    ]
    file = parsed(first, name="两年.xlsx")

    def read(sink: Any, _unplaceable: Any) -> Any:
        for year in (2027, 2026):
            sink([each for each in first if each.time.year == year])
        return file

    store.ingest_from(file.name, read)
    store.ingest(many(500, name="多.csv"))
    store.ingest(parsed([reading("9", time=times[0], row=2, known_at=NOON), reading("1", row=3)], name="后.xlsx"))


def test_either_way_leaves_the_same(fresh_postgresql: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh_postgresql() as store:
        history(store)
        assert parts_of(store) == {f"{table}_{year}" for table in ("reading", "daily_sum") for year in (2026, 2027)}
        assert all(check.ok for check in store.check())
        begun = contents(store)
    monkeypatch.setattr(staging, "begin_year", lambda *_: None)
    with fresh_postgresql() as store:
        history(store)
        assert contents(store) == begun
    assert all(begun.values())


def test_a_chunk_of_two_years_is_staged_beside_the_parts(server: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    filled: list[str] = []
    load = staging.load
    monkeypatch.setattr(staging, "load", lambda *each: filled.append(each[1]) or load(*each))
    both = [reading("2", row=3), reading("3", time=NEW_YEAR + timedelta(days=1), row=4)]
    chunks = [[reading("1", time=NEW_YEAR)], both]
    file = parsed([*chunks[0], *both])

    def read(sink: Any, _unplaceable: Any) -> Any:
        for chunk in chunks:
            sink(chunk)
        return file

    server.ingest_from(file.name, read)
    assert filled[:2] == ["reading_2027", "stage"]
    assert rows(server, "SELECT mantissa FROM reading ORDER BY minute") == [(2,), (1,), (3,)]
    assert not [check for check in server.check() if not check.ok]


def test_a_year_that_has_readings_is_added_to(server: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    server.ingest(parsed([reading()]))
    filled: list[str] = []
    load = staging.load
    monkeypatch.setattr(staging, "load", lambda *each: filled.append(each[1]) or load(*each))
    server.ingest(parsed([reading("2", row=3, time=NOON + timedelta(hours=4))], name="乙.xlsx"))
    assert filled[0] == "stage"
    assert rows(server, "SELECT count(*) FROM reading_2026") == [(2,)]


def test_a_right_of_everyone_is_lent_and_taken_back_like_that_of_a_role(server: Store) -> None:
    with server.database.writing() as connection:
        connection.execute(text("GRANT INSERT ON reading TO PUBLIC"))
    server.ingest(parsed([reading()]))
    assert parts_of(server) == {"reading_2026", "daily_sum_2026"}
    assert looks(server, "reading_2026")["adds"] == []


def test_what_is_staged_has_room_in_the_memory_of_the_server(server: Store) -> None:
    for number in range(3):
        server.ingest(parsed([reading(str(number), row=number + 2, time=NOON + timedelta(hours=4 * number))]))
        assert rows(server, "SHOW temp_buffers") == [("128MB",)]


def test_what_is_refused_leaves_no_table(server: Store) -> None:
    def read(sink: Any, _unplaceable: Any) -> Any:
        sink([reading()])
        raise InputError(Fault("《甲.xlsx》", "数值看不懂", "不是数", "更正"))

    with pytest.raises(InputError):
        server.ingest_from("甲.xlsx", read)
    assert rows(server, "SELECT to_regclass('reading_2026')") == [(None,)]
    assert server.ingest(parsed([reading()])).readings_stored == 1


def test_the_same_file_read_for_another_year_leaves_no_table(server: Store) -> None:
    file = parsed([reading()])
    server.ingest(file)
    again = replace(file, readings=[reading(time=NEW_YEAR)])
    assert server.ingest(again).already
    assert rows(server, "SELECT to_regclass('reading_2027')") == [(None,)]
    assert server.ingest(parsed([reading(time=NEW_YEAR)], name="乙.xlsx")).readings_stored == 1


@pytest.mark.parametrize("name", ["section_id", "indicator_id", "file_id"])
def test_a_filled_table_that_refers_to_nothing_is_no_part(server: Store, name: str) -> None:
    server.ingest(parsed([reading()]))
    days = (NEW_YEAR - datetime(2026, 1, 1)).days
    new = {"day": f"day + {days}", "minute": f"minute + {days} * 1440", name: "32000"}
    names = [column for column, *_ in looks(server, "reading_2026")["columns"]]
    moved = f"INSERT INTO reading_2027 ({', '.join(names)}) SELECT {', '.join(new.get(each, each) for each in names)}"
    with pytest.raises(StoreError, match=f"fk_reading_{name}"), server.database.writing() as connection:
        for statement in ("SELECT begin_reading_year(2027, 1)", f"{moved} FROM reading"):
            connection.execute(text(statement))
        connection.execute(text("SELECT make_reading_year(2027)"))
    assert parts_of(server) == {"reading_2026", "daily_sum_2026"}
