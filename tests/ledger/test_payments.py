"""Slips are matched to orders; what is over, under, doubled or late is told."""

from datetime import date

import pytest
from living import JIANGSU, MARCH, SHANGHAI, chained, deed

from compensation.errors import InputError
from compensation.ledger.payments import Paid, Payment, order_states, pay
from compensation.ledger.records import Act, ActKind, Order, OrderKind, balances, entries_of

APRIL = date(2027, 4, 1)
ORDER = Order("甲-P1", OrderKind.CLEARING, SHANGHAI, JIANGSU, 1000, "2026年", APRIL)
FIRST = deed(ActKind.FINALISE, orders=(ORDER, ORDER._replace(number="甲-P2", due=None)))
SLIP = Payment("凭证1", "甲-P1", MARCH, 400, "张三")


def after(*payments: Payment) -> list[Act]:
    deeds = [FIRST]
    for payment in payments:
        deeds.append(pay(chained(deeds), payment))
    return chained(deeds)


def refusal(payment: Payment, *before: Payment) -> str:
    with pytest.raises(InputError) as refused:
        pay(after(*before), payment)
    return str(refused.value)


@pytest.mark.parametrize(
    ("amounts", "paid", "left"),
    [((), Paid.NOT, 1000), ((400,), Paid.PARTLY, 600), ((400, 600), Paid.WHOLLY, 0)],
)
def test_an_order_knows_how_far_it_is_paid(amounts: tuple[int, ...], paid: Paid, left: int) -> None:
    slips = [SLIP._replace(slip=f"凭证{fen}", amount_fen=fen) for fen in amounts]
    state = order_states(after(*slips))[0]
    assert (state.paid, state.open_fen, len(state.slips)) == (paid, left, len(amounts))


def test_overdue_is_a_matter_of_the_day_asked_about() -> None:
    first, second = order_states(after(SLIP))
    assert not first.overdue(APRIL)
    assert first.overdue(date(2027, 4, 2))
    assert not second.overdue(date(2099, 1, 1))
    whole = order_states(after(SLIP._replace(amount_fen=1000)))[0]
    assert not whole.overdue(date(2099, 1, 1))


def test_a_payment_moves_cash_against_claims() -> None:
    held = balances(entries_of(after(SLIP)))
    assert {account.text: fen for account, fen in held.items()} == {
        "claim:310000": 400, "treasury:310000": -400, "claim:320000": -400, "treasury:320000": 400,
    }  # fmt: skip


def test_a_refund_goes_the_other_way() -> None:
    acts = after(SLIP, SLIP._replace(slip="凭证2", amount_fen=150, refund=True))
    assert order_states(acts)[0].paid_fen == 250
    assert acts[-1].deed.kind is ActKind.REFUND
    assert acts[-1].deed.slip is not None
    assert (acts[-1].deed.slip.payer, acts[-1].deed.slip.payee) == (JIANGSU, SHANGHAI)


@pytest.mark.parametrize(
    ("payment", "told"),
    [
        (SLIP, "凭证重复"),
        (SLIP._replace(slip="凭证2", order="乙-P1"), "没有这张拨付单"),
        (SLIP._replace(slip="凭证2", amount_fen=601), "多出 0.01 元"),
        (SLIP._replace(slip="凭证2"), "可能重复付款"),
        (SLIP._replace(slip="凭证2", amount_fen=0), "金额须大于零"),
        (SLIP._replace(slip="凭证2", amount_fen=401, refund=True), "退款多于已付"),
        (SLIP._replace(slip="凭证2", amount_fen=3, payer=JIANGSU), "付款方与拨付单不符"),
        (SLIP._replace(slip="凭证2", amount_fen=3, payee=SHANGHAI), "收款方与拨付单不符"),
        (SLIP._replace(slip="凭证2", amount_fen=3, day=date(2027, 2, 28)), "早于定案日"),
        (SLIP._replace(slip=" ", amount_fen=3), "没有凭证号"),
    ],
)
def test_what_is_odd_is_told(payment: Payment, told: str) -> None:
    assert told in refusal(payment, SLIP)


def test_all_that_is_odd_is_told_at_once() -> None:
    told = refusal(SLIP._replace(amount_fen=700, payer=JIANGSU), SLIP)
    assert all(each in told for each in ("凭证重复", "付款方", "多付"))


def test_overpaying_with_a_reason_is_recorded_and_seen() -> None:
    acts = after(SLIP, SLIP._replace(slip="凭证2", amount_fen=700, reason="误付，待退"))
    state = order_states(acts)[0]
    assert (state.paid, state.open_fen) == (Paid.OVER, -100)
    back = pay(acts, SLIP._replace(slip="凭证3", amount_fen=100, refund=True))
    assert order_states(chained([*(act.deed for act in acts), back]))[0].paid is Paid.WHOLLY


def test_the_same_again_with_a_reason_is_recorded() -> None:
    state = order_states(after(SLIP, SLIP._replace(slip="凭证2", reason="分两笔支付")))[0]
    assert (state.paid_fen, state.paid) == (800, Paid.PARTLY)
