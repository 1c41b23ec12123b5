"""What a settlement takes over from the year before is pinned to one moment, as its readings are.

While a year is being settled, others may finalise, correct, pay or settle anew the year before. What they do comes
after the moment to which the new settlement is pinned, so that it comes out to the same digest for ever.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from made import PARTIES, made

from compensation.agreement.loader import load, parse
from compensation.application import booking
from compensation.application.auditing import check_all
from compensation.application.booking import Hand
from compensation.application.gathering import Request
from compensation.application.importing import import_file
from compensation.application.packaging import export_package, replay_package
from compensation.application.registering import add_section
from compensation.application.settling import kept_settlement, recomputed, settle_and_keep, write_sheet
from compensation.ledger.payments import Payment
from compensation.ledger.records import ActKind, Department
from compensation.monitoring import ReadOptions
from compensation.store import Store, ingest, open_store, settlements
from rules.agreement import Agreement

HAND = Hand("张三", date(2027, 3, 1), "示例文号〔2027〕1号", "核对")
FUND = load(str(Path(__file__).resolve().parents[1] / "agreements" / "pool-carry-over.yaml"))

Meanwhile = Callable[[Store, str], object]


def deducting(amount: int) -> Agreement:
    """The same agreement with another deduction, and so another balance handed on."""
    return parse("x.yaml", FUND.text.replace("value: 200, unit", f"value: {amount}, unit"))


def kept(store: Store, year: int, agreement: Agreement = FUND) -> str:
    request = Request(agreement, date(year, 1, 1), date(year, 12, 31))
    return settle_and_keep(store, request)[1].settlement.number


def made_final(store: Store, number: str) -> None:
    stored = booking.stored(store, number)
    booking.act_on(store, stored, ActKind.ISSUE, HAND)
    for party in booking.subject_of(stored).parties:
        for department in Department:
            booking.confirm(store, number, party, department.value, stored.digest, HAND)
    booking.finalise(store, number, HAND)


def paid(store: Store, number: str) -> None:
    made_final(store, number)
    order = store.book().acts[-1].deed.orders[0]
    booking.record_payments(store, [Payment("凭证1", order.number, HAND.day, order.amount_fen, "张三")])


def corrected(store: Store, number: str) -> None:
    made_final(store, number)
    made_final(store, booking.adjust(store, number, HAND, deducting(50)).new.number)


MEANWHILE: dict[str, Meanwhile] = {
    "finalised": made_final,
    "paid": paid,
    "corrected": corrected,
    "settled anew": lambda store, _: kept(store, 2026, deducting(25)),
}


@pytest.fixture
def two_drafts(store: Store, tmp_path: Path) -> tuple[Store, str]:
    """2026 settled twice, so that which of the two counts is open; the number of the first."""
    rows = [f"{year}-{month:02d}-10,界河,6.1,0.50,0.100" for year in (2026, 2027) for month in range(1, 13)]
    path = tmp_path / "示例数据_采样.csv"
    path.write_text("\n".join(["采样日期,断面名称,高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L)", *rows]), encoding="utf-8")
    add_section(store, "S1", "界河", "河南省", "river", None, [], [])
    import_file(store, path, ReadOptions(), now=datetime(2028, 1, 31, 12))
    first = kept(store, 2026)
    kept(store, 2026, deducting(100))
    return store, first


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.parametrize("moment", ["known_through", "book", "save_settlement"])
def test_what_others_do_with_the_year_before_while_this_one_is_settled_comes_after_it(
    two_drafts: tuple[Store, str], what: str, moment: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store, first = two_drafts
    undisturbed = getattr(store, moment)
    url = store.database.url.render_as_string(hide_password=False).replace("+psycopg", "")

    def disturbed(*arguments: Any) -> Any:
        monkeypatch.undo()  # once
        done = None if moment == "save_settlement" else undisturbed(*arguments)
        with open_store(url) as others:
            MEANWHILE[what](others, first)
        return done or undisturbed(*arguments)

    monkeypatch.setattr(store, moment, disturbed)
    stored = kept_settlement(store, kept(store, 2027))
    settlement = recomputed(store, stored)
    assert [each for each in check_all(store) if not each.ok] == []
    write_sheet(store, settlement, stored, tmp_path / "结算.xlsx")
    export_package(store, stored, tmp_path / "复算包.zip")
    assert replay_package(tmp_path / "复算包.zip").agrees
    assert kept(store, 2027) != stored.number  # settled now, it rests on what has been done since


def test_a_correction_is_kept_with_what_says_so_or_not_at_all(
    two_drafts: tuple[Store, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, first = two_drafts
    made_final(store, first)
    before = store.status().rows

    def died(*_arguments: Any, **_more: Any) -> None:
        assert store.book().heads.keys() != heads.keys()  # the new settlement is there for whoever adjusts
        raise KeyboardInterrupt

    heads = store.book().heads
    monkeypatch.setattr(booking, "act_on", died)
    with pytest.raises(KeyboardInterrupt):
        booking.adjust(store, first, HAND, deducting(50))
    monkeypatch.undo()
    assert store.status().rows == before
    booking.adjust(store, first, HAND, deducting(50))
    assert store.book().acts[-1].deed.corrects == first


def test_who_waited_for_the_lock_is_given_a_later_moment_whatever_the_default_isolation(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(postgresql_url) as store:
        store.init()
        with psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(
                f"ALTER DATABASE {connection.info.dbname} SET default_transaction_isolation = serializable"
            )
    with open_store(postgresql_url) as one, open_store(postgresql_url) as other, ThreadPoolExecutor() as pool:
        monkeypatch.setattr(ingest, "now_moment", lambda: 1)  # clocks that tell nobody apart
        with one.database.writing() as connection:
            settlements.save(connection, made([(*PARTIES[:2], 100)]))
            waiting = pool.submit(other.save_settlement, made([(*PARTIES[:2], 200)]))
            while not connection.exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted").first():
                assert not waiting.done(), waiting.exception()
        later = waiting.result(60).settlement
        first = one.latest_settlement(as_known_at=later.created_at - timedelta(microseconds=1))
        assert first is not None
        assert first.id < later.id
        assert one.known_through() == later.created_at
