"""Every check of the book can fail: faults are planted past all triggers, and each is named."""

import sqlite3
from collections.abc import Iterator
from datetime import date

import pytest
from made import JIANGSU, SHANGHAI, ZHEJIANG, made
from sqlalchemy import text

from compensation.application import booking
from compensation.application.auditing import book_checks
from compensation.application.booking import Hand
from compensation.ledger.payments import Payment
from compensation.ledger.records import ActKind, Department
from compensation.ledger.workdays import Holiday
from compensation.store import Store

HAND = Hand("张三", date(2027, 3, 1), "文")
PARTIES = (SHANGHAI, JIANGSU, ZHEJIANG)
POOL = "pool"


def brought_to_final(store: Store, number: str, hand: Hand = HAND) -> None:
    booking.act_on(store, booking.stored(store, number), ActKind.ISSUE, hand)
    digest = booking.stored(store, number).digest
    for party in PARTIES:
        for department in Department:
            booking.confirm(store, number, party, department.value, digest, hand)
    booking.finalise(store, number, hand, date(2027, 4, 30))


@pytest.fixture
def booked(store: Store) -> Iterator[Store]:
    """Two years final, the second clearing the advances of the first, and a payment."""
    store.add_holidays([Holiday(date(year, 1, 1), False, "元旦", "示例数据") for year in (2027, 2028)])
    owed = [(SHANGHAI, JIANGSU, 1000), (JIANGSU, ZHEJIANG, 300)]
    first = store.save_settlement(made(owed)).settlement
    brought_to_final(store, first.number)
    order = store.book().acts[-1].deed.orders[0]
    booking.record_payments(store, [Payment("凭证1", order.number, date(2027, 4, 1), 100, "张三")])
    ahead = [(order.payer, order.payee, order.amount_fen) for order in store.book().acts[7].deed.orders[2:]]
    second = store.save_settlement(made(owed, year=2027, ahead=ahead)).settlement
    brought_to_final(store, second.number, HAND._replace(day=date(2028, 3, 1)))
    yield store


def plant(store: Store, *statements: str) -> None:
    """Run plain SQL with every trigger and foreign key out of the way."""
    path = store.database.address.path
    if path is not None:
        with sqlite3.connect(path) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for sql in statements:
                assert connection.execute(sql).rowcount > 0, sql
        connection.close()
        return
    with store.database.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for sql in statements:
            assert connection.execute(text(sql)).rowcount > 0, sql


def failed(store: Store) -> set[str]:
    return {each.name for each in (*store.check(), *book_checks(store)) if not each.ok} - {"append_only_triggers"}


def test_a_sound_book_is_silent(booked: Store) -> None:
    assert failed(booked) == set()
    assert {act.deed.kind for act in booked.book().acts} >= {ActKind.FINALISE, ActKind.PAY}


OF = "(SELECT entry_id FROM posting p JOIN entry e ON e.id = p.entry_id WHERE e.kind = '{kind}' LIMIT 1)"


@pytest.mark.parametrize(
    ("statements", "names"),
    [
        (["UPDATE act SET made_by = '李四' WHERE id = 3"], {"chain_whole"}),
        ([f"UPDATE act SET hash = '{'f' * 64}' WHERE id = 3"], {"chain_whole"}),
        (["DELETE FROM act WHERE id = 9", "DELETE FROM slip"], {"chain_whole", "nothing_unsealed"}),
        (
            ["UPDATE posting SET amount_fen = amount_fen + 1 WHERE entry_id = 1 AND account = 'claim:310000'"],
            {"entries_balanced", "chain_whole", "posted_as_settled"},
        ),
        (["UPDATE posting SET account = 'pool' WHERE entry_id = 1 AND amount_fen < 0"], {"pool_not_overdrawn"}),
        (["UPDATE obligation SET amount_fen = amount_fen + 1"], {"posted_as_settled", "positions_as_obligations"}),
        (
            [f"UPDATE act SET digest = '{'0' * 64}' WHERE id = 2"],
            {"digests_of_acts", "acts_legal", "chain_whole"},
        ),
        (["UPDATE act SET department = 'finance' WHERE id = 3"], {"acts_legal", "chain_whole"}),
        (
            ["UPDATE payment_order SET amount_fen = amount_fen + 1 WHERE id = 1"],
            {"orders_as_claims", "chain_whole"},
        ),
        (["UPDATE slip SET amount_fen = amount_fen + 1"], {"slips_posted", "chain_whole"}),
        (
            [
                "UPDATE slip SET amount_fen = 100000",
                "UPDATE posting SET amount_fen = amount_fen * 1000 WHERE entry_id IN "
                "(SELECT id FROM entry WHERE kind = 'payment')",
            ],
            {"payments_within_orders", "chain_whole"},
        ),
        (
            [
                "UPDATE posting SET amount_fen = amount_fen * 2 WHERE entry_id IN "
                "(SELECT id FROM entry WHERE kind = 'advance' AND period = '2027年')"
            ],
            {"advances_cleared_as_ordered", "chain_whole"},
        ),
        (
            [
                "UPDATE net_position SET adjusted_fen = adjusted_fen + 1, final_fen = final_fen + 1, "
                "clearing_fen = clearing_fen + 1 WHERE party = '310000'"
            ],
            {"positions_balanced"},
        ),
        (["DELETE FROM entry WHERE id = 1"], {"nothing_unsealed", "posted_as_settled"}),
    ],
)
def test_a_planted_fault_is_named(booked: Store, statements: list[str], names: set[str]) -> None:
    plant(booked, *statements)
    assert names <= failed(booked)
