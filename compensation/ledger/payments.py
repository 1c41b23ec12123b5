"""Payment orders (拨付) and the treasury's slips against them: what is paid, what is still owed, what is overdue."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from compensation.errors import Fault, InputError
from compensation.ledger.records import Account, AccountKind, Act, ActKind, Deed, Entry, EntryKind, Order, Posting, Slip
from compensation.money import yuan_text
from rules.agreement import POOL


class Paid(StrEnum):
    """How far an order is paid."""

    NOT = "未付"
    PARTLY = "部分已付"
    WHOLLY = "已付清"
    OVER = "多付"


class OrderState(NamedTuple):
    """An order with the settlement it is of, what slips paid on it less refunds (fen), and the slips themselves."""

    order: Order
    settlement: str
    digest: str
    paid_fen: int
    slips: tuple[Act, ...]

    @property
    def open_fen(self) -> int:
        """What is still to be paid; negative when too much was."""
        return self.order.amount_fen - self.paid_fen

    @property
    def paid(self) -> Paid:
        """How far it is paid."""
        if self.open_fen < 0:
            return Paid.OVER
        if self.open_fen == 0:
            return Paid.WHOLLY
        return Paid.PARTLY if self.paid_fen else Paid.NOT

    def overdue(self, day: date) -> bool:
        """Whether something is still to be paid after the day by which it was due."""
        return self.open_fen > 0 and self.order.due is not None and day > self.order.due


def order_states(acts: Iterable[Act]) -> tuple[OrderState, ...]:
    """Every order with what happened to it, in the order in which they were made."""
    found: dict[str, OrderState] = {}
    for act in acts:
        deed = act.deed
        for order in deed.orders:
            found[order.number] = OrderState(order, deed.settlement, deed.digest, 0, ())
        if deed.slip is not None:
            state = found[deed.slip.order]
            sign = -1 if deed.kind is ActKind.REFUND else 1
            paid_fen = state.paid_fen + sign * deed.slip.amount_fen
            found[deed.slip.order] = state._replace(paid_fen=paid_fen, slips=(*state.slips, act))
    return tuple(found.values())


def order_state(acts: Iterable[Act], number: str) -> OrderState:
    """The order with this number; InputError when there is none."""
    for state in order_states(acts):
        if state.order.number == number:
            return state
    raise InputError(
        Fault(f"拨付单 {number}", "没有这张拨付单", "定案时才生成拨付单", "用 compensation orders 列出拨付单")
    )


class Payment(NamedTuple):
    """A slip as somebody brings it: number, day, fen, who records it; with `refund` money that came back.

    `reason` says why more was paid than ordered, or the same again on the same day; without it these are refused.
    """

    slip: str
    order: str
    day: date
    amount_fen: int
    made_by: str
    document: str = ""
    reason: str = ""
    refund: bool = False
    payer: str = ""  # code; empty: as ordered
    payee: str = ""


def pay(acts: Sequence[Act], payment: Payment) -> Deed:
    """The deed of a payment or refund; InputError naming everything that speaks against it."""
    state = order_state(acts, payment.order)
    order = state.order
    payer, payee = (order.payee, order.payer) if payment.refund else (order.payer, order.payee)
    faults = list(_faults(acts, state, payment, payer, payee))
    if faults:
        raise InputError(faults)
    entry = EntryKind.REFUND if payment.refund else EntryKind.PAYMENT
    return Deed(
        ActKind.REFUND if payment.refund else ActKind.PAY,
        state.settlement,
        state.digest,
        payment.day,
        payment.made_by,
        payment.document,
        payment.reason,
        entries=tuple(
            _cash(entry, order, party, fen)
            for party, fen in ((payer, -payment.amount_fen), (payee, payment.amount_fen))
            if party != POOL  # what the fund has is its cash and what it has to get, in one account
        ),
        slip=Slip(payment.slip, order.number, payer, payee, payment.amount_fen),
    )


def _cash(kind: EntryKind, order: Order, party: str, fen: int) -> Entry:
    """What a treasury pays or receives, set against the claim of its party."""
    claim, treasury = Account(AccountKind.CLAIM, party), Account(AccountKind.TREASURY, party)
    return Entry(kind, "", "", order.period, (Posting(claim, -fen), Posting(treasury, fen)))


def _faults(acts: Sequence[Act], state: OrderState, payment: Payment, payer: str, payee: str) -> Iterable[Fault]:
    where = f"凭证 {payment.slip}"
    if not payment.slip.strip():
        yield Fault(f"拨付单 {payment.order}", "没有凭证号", "每笔收付以国库凭证为准", "填写凭证号")
    same = next((act for act in acts if act.deed.slip is not None and act.deed.slip.number == payment.slip), None)
    if same is not None and same.deed.slip is not None:
        told = f"已于 {same.deed.day} 登记在拨付单 {same.deed.slip.order} 上，{yuan_text(same.deed.slip.amount_fen)} 元"
        yield Fault(where, "凭证重复", told, "核对凭证号；同一凭证只登记一次")
    if payment.amount_fen <= 0:
        yield Fault(where, "金额须大于零", f"{yuan_text(payment.amount_fen)} 元", "更正金额；退款用 --refund")
    for given, due, what in ((payment.payer, payer, "付款方"), (payment.payee, payee, "收款方")):
        if given and given != due:
            why = f"凭证写的是 {given}，应为 {due}"
            yield Fault(where, f"{what}与拨付单不符", why, "核对凭证属于哪张拨付单")
    made = next(act.deed.day for act in acts if any(each.number == payment.order for each in act.deed.orders))
    if payment.day < made:
        yield Fault(where, f"日期 {payment.day} 早于定案日 {made}", "定案之前没有拨付单", "核对凭证日期")
    if payment.reason.strip():
        return
    most = state.paid_fen if payment.refund else max(state.open_fen, 0)
    if payment.amount_fen > most:
        what = "退款多于已付" if payment.refund else "多付"
        why = (
            f"拨付单 {yuan_text(state.order.amount_fen)} 元，已付 {yuan_text(state.paid_fen)} 元，"
            f"本次 {yuan_text(payment.amount_fen)} 元，多出 {yuan_text(payment.amount_fen - most)} 元"
        )
        yield Fault(where, what, why, "核对凭证；确已如此的，加 --why 说明，多出的记为待退")
    for act in state.slips:
        twin = act.deed.slip
        alike = (act.deed.kind is ActKind.REFUND) == payment.refund and act.deed.day == payment.day
        if alike and twin is not None and twin.number != payment.slip and twin.amount_fen == payment.amount_fen:
            why = f"凭证 {twin.number} 同日、同额，付的是同一张拨付单"
            yield Fault(where, "可能重复付款", why, "核对是否同一笔；确为两笔的，加 --why 说明")
