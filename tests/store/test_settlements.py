"""A settlement is kept once for its digest, for ever, and comes back as it was."""

from datetime import date

import pytest
from store_building import parsed, reading

from compensation.errors import InputError, StoreError
from compensation.store import NewSettlement, Obligation, Store


def test_settlement_comes_back_as_it_went_in(store: Store, settlement: NewSettlement) -> None:
    saved = store.save_settlement(settlement)
    assert saved.created
    stored = saved.settlement
    assert stored.number == "taipu-20260101-20261231-01"
    for name in NewSettlement._fields:
        if name != "number":
            assert getattr(stored, name) == getattr(settlement, name), name
    assert store.latest_settlement() == stored


def test_same_digest_again_is_the_same_settlement(store: Store, settlement: NewSettlement) -> None:
    first = store.save_settlement(settlement)
    again = store.save_settlement(settlement)
    assert not again.created
    assert again.settlement == first.settlement
    assert store.status().rows["settlement"] == 1


def test_numbers_count_up_within_agreement_and_period(store: Store, settlement: NewSettlement) -> None:
    numbers = [
        store.save_settlement(settlement._replace(digest=f"{n:064d}", period_from=start)).settlement.number
        for n, start in enumerate([date(2026, 1, 1), date(2026, 2, 1), date(2026, 1, 1)])
    ]
    assert numbers == ["taipu-20260101-20261231-01", "taipu-20260201-20261231-01", "taipu-20260101-20261231-02"]


def test_number_of_another_settlement_is_refused(store: Store, settlement: NewSettlement) -> None:
    store.save_settlement(settlement._replace(number="沪苏浙〔2027〕1号"))
    with pytest.raises(InputError, match="编号已被另一份结算使用"):
        store.save_settlement(settlement._replace(number="沪苏浙〔2027〕1号", digest="d" * 64))
    assert not store.save_settlement(settlement._replace(number="沪苏浙〔2027〕1号")).created


def test_latest_is_found_by_any_criterion(store: Store, settlement: NewSettlement) -> None:
    assert store.latest_settlement() is None
    final = store.save_settlement(settlement).settlement
    trial = store.save_settlement(settlement._replace(digest="d" * 64, mode="backtest", agreement_id="b")).settlement
    assert store.latest_settlement() == trial
    assert store.latest_settlement(mode="final") == final
    assert store.latest_settlement(agreement_id="taipu", period_from=date(2026, 1, 1)) == final
    assert store.latest_settlement(period_to=date(2025, 12, 31)) is None
    assert store.latest_settlement(number=final.number) == final


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "draft"},
        {"digest": "short"},
        {"period_to": date(2025, 1, 1)},
        {"obligations": (Obligation("一", None, "2026", "苏", "沪", -1),)},
        {"obligations": (Obligation("一", None, "2026", "苏", "苏", 1),)},
    ],
)
def test_what_cannot_be_is_refused_whole(store: Store, settlement: NewSettlement, wrong: dict) -> None:
    with pytest.raises(StoreError):
        store.save_settlement(settlement._replace(**wrong))
    assert store.status().rows["settlement"] == 0
    assert store.status().rows["obligation"] == 0


def test_workbooks_are_noted_once_for_their_content(store: Store, settlement: NewSettlement) -> None:
    number = store.save_settlement(settlement).settlement.id
    assert store.add_workbook(number, "settlement", "甲.xlsx", "a" * 64)
    assert not store.add_workbook(number, "settlement", "乙.xlsx", "a" * 64)
    assert store.add_workbook(number, "settlement", "乙.xlsx", "b" * 64)
    assert [(each.kind, each.name) for each in store.workbooks(number)] == [
        ("settlement", "甲.xlsx"),
        ("settlement", "乙.xlsx"),
    ]
    with pytest.raises(StoreError):
        store.add_workbook(99, "settlement", "丙.xlsx", "a" * 64)


def test_known_through_moves_with_each_import(store: Store) -> None:
    before = store.known_through()
    report = store.ingest(parsed([reading()]))
    assert before < report.imported_at == store.known_through()


def test_final_settlement_that_is_undetermined_bears_no_money(store: Store, settlement: NewSettlement) -> None:
    assert all(check.ok for check in store.check())
    store.save_settlement(settlement._replace(undetermined=True))
    assert [check.name for check in store.check() if not check.ok] == ["undetermined_has_no_amount"]
