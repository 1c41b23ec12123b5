"""The made-up year lived to its end: issued, confirmed by all, final, paid in part; for the demonstration only."""

from collections.abc import Iterator
from datetime import date

from compensation.application import booking
from compensation.application.booking import Hand
from compensation.application.reading_book import orders
from compensation.ledger.payments import Payment
from compensation.ledger.records import ActKind, Department
from compensation.ledger.workdays import Holiday
from compensation.money import yuan_text
from compensation.store import Store

SOURCE = "示例数据，不是国务院办公厅的安排"
HOLIDAYS = tuple(
    Holiday(date(2027, month, day), False, name, SOURCE)
    for month, day, name in ((1, 1, "元旦"), (2, 8, "春节"), (4, 5, "清明节"), (5, 3, "劳动节"), (10, 1, "国庆节"))
)
_BY, _ISSUED, _SIGNED, _FINAL, _PAID = "示例经办人", *(date(2027, *day) for day in ((3, 1), (3, 5), (3, 10), (4, 12)))


def live(store: Store, number: str) -> Iterator[str]:
    """Take a settlement of 2026 through its life on made-up days and documents, and say so step by step."""
    store.add_holidays(HOLIDAYS)
    settlement = booking.stored(store, number)
    done = booking.act_on(store, settlement, ActKind.ISSUE, Hand(_BY, _ISSUED, "示例文号〔2027〕1号"))
    days = f"{done.subject.objection_days} 个工作日，放假安排为示例"
    yield f"征求意见 {_ISSUED}，异议期限 {done.state.deadline}（{days}）"
    for serial, (party, department) in enumerate(done.state.lacking, start=2):
        hand = Hand(_BY, _SIGNED, f"示例文号〔2027〕{serial}号")
        booking.confirm(store, number, party, department.value, settlement.digest, hand)
    shorts = done.subject.parties.values()
    yield f"确认 {_SIGNED}：{'、'.join(f'{short}（{each.label}）' for short in shorts for each in Department)}"
    final = booking.finalise(store, number, Hand(_BY, _FINAL, "示例纪要〔2027〕1号"), date(2027, 4, 30)).act.deed
    yield f"定案 {_FINAL}：记账 {len(final.entries)} 笔，拨付单 {len(final.orders)} 张"
    names = booking.names_of(settlement)
    for at, state in enumerate(orders(store, number)[:2], start=1):
        fen = state.order.amount_fen // at  # the first wholly, the second by half
        payment = Payment(f"示例凭证{at}", state.order.number, _PAID, fen, _BY)
        ((_, after),) = booking.record_payments(store, [payment])
        pair = f"{names[state.order.payer]}付{names[state.order.payee]}"
        yield f"拨付 {_PAID}：{pair} {yuan_text(fen)} 元（凭证 {payment.slip}），{after.paid}"
