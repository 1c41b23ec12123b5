"""Acts are kept as they were done, chained and balanced; plain SQL cannot unbalance, extend or unchain them."""

from collections.abc import Iterator
from datetime import date
from threading import Thread

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from store_building import JIANGSU, SHANGHAI, claim, done, finalised, moved, paid

from compensation.errors import InputError, StoreError
from compensation.ledger.chain import breaks
from compensation.ledger.records import Account, AccountKind, ActKind, EntryKind, balances, entries_of
from compensation.ledger.workdays import Holiday
from compensation.store import Book, NetPosition, NewSettlement, Store
from compensation.store.book import sorted_deed
from compensation.store.checks import expected_triggers, present_triggers
from compensation.store.schema import alembic_config

ZEROS = "0" * 64
ACT = (
    "INSERT INTO act (id, kind, settlement_id, digest, day, made_by, document, reason, party, department, recorded_at, "
    "previous_hash, hash) VALUES ({id}, '{kind}', 1, '" + "c" * 64 + "', '2027-03-01', '某', '', '', '', '', 9, "
    "{previous}, '" + "f" * 64 + "')"
)
LAST = "(SELECT hash FROM act ORDER BY id DESC LIMIT 1)"
ENTRY = "INSERT INTO entry VALUES (9, {act}, 'obligation', '第一条', '', '2026年')"
POSTING = "INSERT INTO posting VALUES (9, '{account}', {fen})"
POSITION = "INSERT INTO net_position VALUES ({id}, '{party}', 0, {fen}, 0, {fen}, 0, {fen})"
SETTLEMENT = (
    "INSERT INTO settlement SELECT 2, 'x', agreement_id, agreement_sha256, agreement_text, period_from, period_to, "
    "mode, engine_version, '" + "e" * 64 + "', readings_known_through, payload_json, undetermined, created_at "
    "FROM settlement WHERE id = 1"
)


@pytest.fixture
def number(store: Store, settlement: NewSettlement) -> str:
    """The number of a settlement that is kept."""
    return store.save_settlement(settlement).settlement.number


@pytest.fixture
def booked(store: Store, number: str) -> Iterator[Store]:
    """A store with a settlement that is final, ordered and paid in part."""
    store.record(lambda _: finalised(number))
    store.record(lambda _: paid(number, 50))
    yield store


def test_acts_come_back_as_they_were_done(store: Store, number: str) -> None:
    deeds = [done(ActKind.ISSUE, number), finalised(number, orders=2), paid(number)]
    kept = [store.record(lambda _, deed=deed: deed) for deed in deeds]
    assert store.book().acts == tuple(kept)
    assert [act.deed for act in kept] == [sorted_deed(deed) for deed in deeds]
    assert [act.number for act in kept] == [1, 2, 3]
    assert list(breaks(kept)) == []


def test_everything_paid_leaves_no_claim(store: Store, number: str) -> None:
    store.record(lambda _: finalised(number))
    store.record(lambda _: paid(number))
    held = balances(entries_of(store.book().acts))
    assert {account.kind for account, fen in held.items() if fen} == {AccountKind.TREASURY}


def test_decision_sees_all_that_was_done_before(booked: Store) -> None:
    seen: list[int] = []

    def refuse(book: Book) -> None:
        seen.append(len(book.acts))
        raise InputError([])

    with pytest.raises(ValueError, match="at least one fault"):
        booked.record(refuse)
    assert seen == [2]
    assert len(booked.book().acts) == 2


def test_writers_at_once_make_one_chain(booked: Store, number: str) -> None:
    def write(at: int) -> None:
        for deed in [paid(number, 1, f"甲{at}-{turn}") for turn in range(3)]:
            booked.record(lambda _, deed=deed: deed)

    threads = [Thread(target=write, args=(at,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    acts = booked.book().acts
    assert len(acts) == 2 + 12
    assert list(breaks(acts)) == []


def test_positions_come_back(store: Store, settlement: NewSettlement) -> None:
    assert store.save_settlement(settlement).settlement.positions == settlement.positions


def attack(store: Store, *statements: str) -> str:
    with pytest.raises(DBAPIError) as refused, store.database.engine.begin() as connection:
        for sql in statements:
            connection.execute(text(sql))
    return str(refused.value.orig)


def test_what_the_attacks_are_made_of_is_sound(booked: Store) -> None:
    with booked.database.engine.begin() as connection:
        for sql in (
            POSTING.format(account="claim:310000", fen=5),
            POSTING.format(account="claim:320000", fen=-5),
            ENTRY.format(act=3),
            ACT.format(id=3, kind="finalise", previous=LAST),
            POSITION.format(id=2, party="310000", fen=0),
            SETTLEMENT,
        ):
            connection.execute(text(sql))
    assert [number for number, *_ in booked.book().acts] == [1, 2, 3]
    assert len(list(breaks(booked.book().acts))) == 2  # a hash that is none, and a moment in the past


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        ((POSTING.format(account="claim:310000", fen=5), ENTRY.format(act=3)), "unbalanced"),
        (
            (
                POSTING.format(account="claim:310000", fen=5),
                POSTING.format(account="claim:320000", fen=-4),
                ENTRY.format(act=3),
                ACT.format(id=3, kind="finalise", previous=LAST),
            ),
            "unbalanced",
        ),
        ((ENTRY.format(act=3), ACT.format(id=3, kind="finalise", previous=LAST)), "unbalanced"),
        (("INSERT INTO posting VALUES (1, 'claim:330000', 5)",), "append-only: posting"),
        (
            (
                POSTING.format(account="claim:310000", fen=5),
                POSTING.format(account="claim:320000", fen=-5),
                ENTRY.format(act=1),
            ),
            "append-only: entry",
        ),
        (("INSERT INTO payment_order VALUES (9, 'x', 1, 'clearing', '沪', '苏', 1, '', NULL)",), "append-only"),
        (("INSERT INTO slip VALUES ('x', 1, 1, '沪', '苏', 1)",), "append-only"),
        ((POSITION.format(id=1, party="330000", fen=0),), "append-only: net_position"),
        ((POSITION.format(id=2, party="310000", fen=5), SETTLEMENT), "unbalanced: net_position"),
        ((ACT.format(id=4, kind="issue", previous=LAST),), "unchained: act"),
        ((ACT.format(id=3, kind="issue", previous=f"'{ZEROS}'"),), "unchained: act"),
        (
            (
                POSTING.format(account="claim:310000", fen=5),
                POSTING.format(account="pool", fen=-5),
                ENTRY.format(act=3),
                ACT.format(id=3, kind="finalise", previous=LAST),
            ),
            "overdrawn: pool",
        ),
    ],
)
def test_hostile_inserts_are_refused(booked: Store, statements: tuple[str, ...], told: str) -> None:
    before = booked.status().rows
    assert told in attack(booked, *statements)
    assert booked.status().rows == before


@pytest.mark.parametrize(
    "statements",
    [
        (POSTING.format(account="claim:310000", fen=5), POSTING.format(account="claim:320000", fen=-5)),
        (
            POSTING.format(account="claim:310000", fen=5),
            POSTING.format(account="claim:320000", fen=-5),
            ENTRY.format(act=3),
        ),
        (POSITION.format(id=2, party="310000", fen=0),),
    ],
)
def test_what_nothing_seals_is_refused_at_the_end(booked: Store, statements: tuple[str, ...]) -> None:
    assert "foreign key" in attack(booked, *statements).lower()


@pytest.mark.parametrize(
    ("table", "wrong", "constraint"),
    [
        ("act", {"kind": "forget"}, "ck_act_kind"),
        ("act", {"digest": "short"}, "ck_act_digest"),
        ("act", {"made_by": ""}, "ck_act_made_by"),
        ("act", {"kind": "confirm"}, "ck_act_party"),
        ("act", {"department": "police"}, "ck_act_department"),
        ("act", {"kind": "dismiss"}, "ck_act_objection"),
        ("act", {"kind": "correct"}, "ck_act_corrects"),
    ],
)
def test_nonsense_is_refused_by_a_named_check(
    booked: Store, number: str, table: str, wrong: dict, constraint: str
) -> None:
    values = {
        "id": "3", "kind": "'issue'", "settlement_id": "1", "digest": f"'{'c' * 64}'", "day": "'2027-03-01'",
        "made_by": "'某'", "document": "''", "reason": "''", "party": "''", "department": "''", "recorded_at": "9",
        "previous_hash": LAST, "hash": f"'{'f' * 64}'",
    }  # fmt: skip
    values |= {name: f"'{value}'" for name, value in wrong.items()}
    sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())})"
    assert constraint in attack(booked, sql)


def test_refusal_is_told_in_chinese(booked: Store, number: str) -> None:
    unbalanced = finalised(number)
    entry = moved(EntryKind.OBLIGATION, claim(SHANGHAI), claim(JIANGSU), 5)
    entry = entry._replace(postings=(entry.postings[0], entry.postings[1]._replace(amount_fen=4)))
    with pytest.raises(StoreError, match="账目不平"):
        booked.record(lambda _: unbalanced._replace(entries=(entry,), orders=()))
    overdrawn = moved(EntryKind.DISTRIBUTION, Account(AccountKind.POOL), claim(JIANGSU), 5)
    with pytest.raises(StoreError, match="账目不平"):
        booked.record(lambda _: unbalanced._replace(entries=(overdrawn,), orders=()))
    assert len(booked.book().acts) == 2


def test_positions_that_do_not_sum_to_zero_are_refused(store: Store, settlement: NewSettlement) -> None:
    off = NetPosition("330000", 0, 1, 0, 1, 0, 1)
    with pytest.raises(StoreError, match="账目不平"):
        store.save_settlement(settlement._replace(positions=(*settlement.positions, off)))
    assert store.status().rows["settlement"] == 0


def test_down_and_up_again_keeps_settlements_and_positions_them(store: Store, settlement: NewSettlement) -> None:
    fen = settlement.positions[1].final_fen
    payload = f'{{"final": {{"310000": {-fen}, "320000": {fen}}}, "clearing": [["310000", "320000", {fen}]]}}'
    kept = store.save_settlement(settlement._replace(payload_json=payload)).settlement
    bare = store.save_settlement(settlement._replace(digest="d" * 64, positions=())).settlement
    store.record(lambda _: finalised(kept.number))
    with store.database.writing() as connection:
        command.downgrade(alembic_config(connection), "0001")
    with store.database.writing() as connection:
        assert not {name for name in present_triggers(connection) if "act" in name or "balanced" in name}
        assert connection.execute(text("SELECT count(*) FROM settlement")).scalar_one() == 2
        command.upgrade(alembic_config(connection), "head")
    with store.database.reading() as connection:
        assert present_triggers(connection) == expected_triggers(connection)
    assert store.latest_settlement(number=kept.number) == kept
    assert store.latest_settlement(number=bare.number) == bare
    assert store.book().acts == ()
    store.record(lambda _: finalised(kept.number))


def test_holidays_are_added_by_whole_years_and_only_once(store: Store) -> None:
    new = [Holiday(date(2027, 1, 1), False, "元旦", "示例数据"), Holiday(date(2027, 1, 3), True, "调休", "示例数据")]
    assert store.add_holidays(new) == 2
    assert store.add_holidays(new) == 0
    assert 2027 in store.calendar().years
    assert not store.calendar().works(date(2027, 1, 1))
    assert store.calendar().works(date(2027, 1, 3))
    with pytest.raises(InputError, match="2027"):
        store.add_holidays([Holiday(date(2027, 5, 3), False, "劳动节", "示例数据")])
    with pytest.raises(InputError, match="2026"):
        store.add_holidays([Holiday(date(2026, 5, 4), False, "劳动节", "示例数据")])
