"""Plain SQL, from whoever holds the password, cannot change or remove history, nor put nonsense into it."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import CheckConstraint, Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from store_building import BRIDGE, NOON, finalised, paid, parsed, reading

from compensation.errors import StoreError
from compensation.ledger.workdays import Holiday
from compensation.monitoring.records import (
    Exemption,
    Flow,
    Incident,
    InKind,
    IntakeVolume,
    Marked,
    Refused,
    Rejected,
    SectionName,
)
from compensation.quality.doubt import Flag
from compensation.store import Doubted, Ruling, Store
from compensation.store.checks import expected_triggers, present_triggers
from compensation.store.standing import KEY
from compensation.store.tables import APPEND_ONLY
from compensation.store.tables.metadata import METADATA


@pytest.fixture
def full(store: Store, settlement) -> Iterator[Store]:
    """A store with at least one row in every append-only table."""
    store.ingest(
        parsed(
            [reading("3.01", row=2)],
            refused=[Refused("数据", 3, None, "x", "不是数值", "改", True)],
            intakes=[IntakeVolume(BRIDGE, date(2026, 7, 1), Fraction(10), "文", "数据", 10)],
            flows=[Flow(BRIDGE, date(2026, 7, 1), date(2026, 7, 31), Fraction(10), "文", "数据", 14)],
            incidents=[
                Incident(
                    "E1",
                    date(2026, 7, 2),
                    BRIDGE,
                    None,
                    None,
                    Fraction(5),
                    (("苏", Fraction(1)),),
                    "沪",
                    "文",
                    "数据",
                    11,
                )
            ],
            exemptions=[Exemption(BRIDGE, date(2026, 7, 1), date(2026, 7, 2), "洪水", "文", "数据", 12)],
            in_kind=[InKind(2026, "沪", "苏", "talent", "培训", Fraction(7), "文", "数据", 13)],
        )
    )
    store.ingest(parsed([reading("3.01", known_at=NOON, row=2), reading("3.05", row=3)], name="乙"))
    faulty = parsed(
        [reading("3.3", time=NOON.replace(hour=3))], name="丙", refused=[Refused("数据", 3, 2, "x", "坏", "改", True)]
    )
    faulty.rejected.append(Rejected("数据", 3, ("甲", "x")))
    faulty.marked.append(Marked(faulty.readings[0], "红", Flag.MARKED, ""))
    store.ingest(faulty)
    store.give_up([store.quarantined()[0].handle], "某", "重复")
    store.ingest(parsed([reading("3.2", section=SectionName("旧名", "310000"))], name="丁"))
    store.merge_sections("310000:旧名", "310118_0003", "某", "更名")
    store.withdraw([store.recorded()[0].handle], Ruling("某", "作废"))
    store.answer([Doubted("310118_0003", "w01019", 1, "指数丢失", 301, -2)], Ruling("某", "核对"), keep=True)
    saved = store.save_settlement(settlement)
    store.add_workbook(saved.settlement.id, "settlement", "甲.xlsx", "a" * 64)
    for deed in (finalised(saved.settlement.number), paid(saved.settlement.number)):
        store.record(lambda _before, deed=deed: deed)
    store.add_holidays([Holiday(date(2027, 1, 1), False, "元旦", "示例数据")])
    with store.database.writing() as connection:
        if not store.database.is_sqlite:
            connection.execute(text("SELECT make_reading_year(1970)"))
        key = ", ".join(KEY)
        columns = f"{key}, version, seq, chosen_version, decided_at, decided_by, reason, document"
        values = f"{key}, version, 0, 0, 1, '某', '核对', '文'"
        connection.execute(
            text(f"INSERT INTO reading_decision ({columns}) SELECT {values} FROM reading WHERE flag = 1")
        )
    yield store


def _attack(store: Store, sql: str) -> str:
    with pytest.raises(DBAPIError) as refused, store.database.engine.begin() as connection:
        connection.execute(text(sql))
    return str(refused.value.orig)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_update_and_delete_are_refused(full: Store, table: str) -> None:
    assert full.status().rows[table] > 0
    column = METADATA.tables[table].columns.keys()[-1]
    assert f"append-only: {table}" in _attack(full, f"UPDATE {table} SET {column} = {column}")
    assert f"append-only: {table}" in _attack(full, f"DELETE FROM {table}")
    assert full.status().rows[table] > 0


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_replacing_and_truncating_are_refused(full: Store, table: str) -> None:
    if full.database.is_sqlite:
        told = _attack(full, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    else:
        told = _attack(full, f"TRUNCATE {table} CASCADE")
    assert "append-only: " in told


def test_refusal_is_told_in_chinese(full: Store) -> None:
    with pytest.raises(StoreError, match="历史记录不可修改"), full.database.writing() as connection:
        connection.execute(text("DELETE FROM settlement"))


def test_triggers_are_there_by_name_and_their_absence_is_noticed(full: Store) -> None:
    with full.database.reading() as connection:
        assert present_triggers(connection) == expected_triggers(connection)
    on = "" if full.database.is_sqlite else " ON reading"
    with full.database.writing() as connection:
        connection.execute(text(f"DROP TRIGGER reading_no_delete{on}"))
    failed = {check.name: check.detail for check in full.check() if not check.ok}
    assert list(failed) == ["append_only_triggers"]
    assert "reading_no_delete" in failed["append_only_triggers"]


def _checks(connection: Connection) -> dict[str, set[str | None]]:
    return {
        table: {each["name"] for each in inspect(connection).get_check_constraints(table)} for table in METADATA.tables
    }


def test_checks_are_there_by_name(store: Store) -> None:
    declared = {
        name: {str(each.name) for each in table.constraints if isinstance(each, CheckConstraint)}
        for name, table in METADATA.tables.items()
    }
    with store.database.reading() as connection:
        assert _checks(connection) == declared
    assert declared["obligation"] == {
        "ck_obligation_amount_fen",
        "ck_obligation_amount_fen_integer",
        "ck_obligation_two_parties",
    }


OBLIGATION = "INSERT INTO obligation VALUES (1, {seq}, '第一条', NULL, '2026', {payer}, '沪', {fen})"
READING = (
    "INSERT INTO reading (day, section_id, indicator_id, minute, method, version, mantissa, exponent, state, status, "
    "flag, file_id, source_sheet, source_row, source_column) VALUES ({day}, 1, 1, 5, {method}, {version}, {mantissa}, "
    "0, {state}, {status}, {flag}, {file}, 0, 1, 1)"
)
SOUND = {"day": 0, "method": 1, "version": 0, "mantissa": 1, "state": 0, "status": 1, "flag": 0, "file": 1}


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        (OBLIGATION.format(seq=9, payer="'苏'", fen=-1), "ck_obligation_amount_fen"),
        (OBLIGATION.format(seq=9, payer="'沪'", fen=1), "ck_obligation_two_parties"),
        (READING.format(**SOUND | {"day": 1}), "ck_reading_day"),
        (READING.format(**SOUND | {"method": 3}), "ck_reading_method"),
        (READING.format(**SOUND | {"version": -1}), "ck_reading_version"),
        (READING.format(**SOUND | {"state": 2}), "ck_reading_state_has_value"),
        (READING.format(**SOUND | {"mantissa": "NULL"}), "ck_reading_state_has_value"),
        (READING.format(**SOUND | {"mantissa": 10**18}), "ck_reading_mantissa_digits"),
        (READING.format(**SOUND | {"status": 5}), "ck_reading_status"),
        (READING.format(**SOUND | {"version": 1, "flag": 3}), "ck_reading_flag"),
        (READING.format(**SOUND | {"flag": 1}), "ck_reading_first_stands"),
    ],
)
def test_nonsense_is_refused_by_a_named_check(full: Store, sql: str, constraint: str) -> None:
    assert constraint in _attack(full, sql)


def test_sound_row_would_have_been_taken(full: Store) -> None:
    with full.database.engine.begin() as connection:
        connection.execute(text(READING.format(**SOUND)))
        connection.execute(text(OBLIGATION.format(seq=9, payer="'苏'", fen=1)))


@pytest.mark.parametrize("fen", ["1.5", "'许多'", "'1e3x'"])
def test_money_is_whole_fen(full: Store, fen: str) -> None:
    if not full.database.is_sqlite and fen == "1.5":
        # PostgreSQL rounds a literal into a BIGINT column before any check sees it: the stored fen are whole.
        with full.database.engine.begin() as connection:
            connection.execute(text(OBLIGATION.format(seq=9, payer="'苏'", fen=fen)))
            found = connection.execute(text("SELECT amount_fen FROM obligation WHERE seq = 9")).scalar_one()
        assert isinstance(found, int)
        return
    told = _attack(full, OBLIGATION.format(seq=9, payer="'苏'", fen=fen))
    assert "ck_obligation_amount_fen_integer" in told or "bigint" in told


@pytest.mark.parametrize("value", [1.5, "'abc'"])
def test_readings_are_whole_numbers(full: Store, value: object) -> None:
    if full.database.is_sqlite:
        assert "ck_reading_mantissa" in _attack(full, READING.format(**SOUND | {"mantissa": value}))


def test_reading_without_its_file_is_refused(full: Store) -> None:
    told = _attack(full, READING.format(**SOUND | {"file": 99}))
    assert "FOREIGN KEY" in told or "fk_reading_file_id" in told


@pytest.mark.parametrize("column", ["section_id", "indicator_id", "file_id"])
def test_what_readings_refer_to_is_asked_for_all_of_a_statement(full: Store, column: str) -> None:
    """By the whole and by a year's own part; and what they refer to stays, under its number."""
    if full.database.is_sqlite:
        pytest.skip("SQLite has foreign keys")
    names = list(METADATA.tables["reading"].columns.keys())
    changed = {"minute": "(minute + 1) % 1440 + 1440 * day", column: f"{column} + 1000 * (row_number() OVER ())"}
    listed = ", ".join(changed.get(name, name) for name in names)
    for table in ("reading", "reading_2026"):
        told = _attack(full, f"INSERT INTO {table} ({', '.join(names)}) SELECT {listed} FROM reading")
        assert f"fk_reading_{column}" in told
    parent = {"section_id": "section", "indicator_id": "indicator", "file_id": "import_file"}[column]
    for attack in (f"DELETE FROM {parent}", f"UPDATE {parent} SET id = id + 1000", f"TRUNCATE {parent} CASCADE"):
        assert "append-only: " in _attack(full, attack)


def test_a_years_part_is_no_way_around(full: Store) -> None:
    if full.database.is_sqlite:
        pytest.skip("SQLite has no parts")
    for attack in ("UPDATE reading_2026 SET raw = raw", "DELETE FROM reading_2026", "TRUNCATE reading_2026 CASCADE"):
        assert "append-only: " in _attack(full, attack)
