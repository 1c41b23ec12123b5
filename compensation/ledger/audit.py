"""What must hold in the book at any time, each by name; found by looking at what is there, not at how it got there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from compensation.ledger.chain import breaks
from compensation.ledger.payments import order_states
from compensation.ledger.posting import Closing, Owed, claims, difference, settled_entries, uncleared, wanted
from compensation.ledger.records import (
    Account,
    AccountKind,
    Act,
    ActKind,
    balances,
    entries_of,
)
from compensation.money import yuan_text
from rules.agreement import POOL

Finding = tuple[str, str]
"""The name of what does not hold, and where, in Chinese."""


class Matter(NamedTuple):
    """What is settled about one period under an agreement: the acts on its settlements, and what the standing one says.

    `lines` and `closing` are those of the settlement made final last.
    """

    name: str
    agreement: str
    acts: tuple[Act, ...]
    lines: tuple[Owed, ...]
    closing: Closing


NAMES = (
    "chain_whole",
    "entries_balanced",
    "pool_not_overdrawn",
    "posted_as_settled",
    "advances_cleared_as_ordered",
    "orders_as_claims",
    "slips_posted",
    "payments_within_orders",
)


def audit(acts: Sequence[Act], matters: Sequence[Matter], agreements: Mapping[str, str]) -> Iterator[Finding]:
    """Everything that does not hold; `agreements` gives the agreement of each settlement by number."""
    yield from (("chain_whole", told) for told in breaks(acts))
    yield from (("entries_balanced", told) for told in _unbalanced(acts))
    for key in dict.fromkeys(agreements.values()):
        own = [act for act in acts if agreements.get(act.deed.settlement) == key]
        yield from (("pool_not_overdrawn", f"{key}：{told}") for told in _overdrawn(own))
    for matter in matters:
        yield from (("posted_as_settled", f"{matter.name}：{told}") for told in _not_as_settled(matter))
        own = [act for act in acts if agreements.get(act.deed.settlement) == matter.agreement]
        for party, fen in uncleared(entries_of(own), matter.closing.period).items():
            yield "advances_cleared_as_ordered", f"{matter.name}：{party} 的预拨相差 {yuan_text(fen)} 元"
    yield from (("orders_as_claims", told) for told in _orders_not_as_claims(acts))
    yield from (("slips_posted", told) for told in _slips_not_posted(acts))
    yield from (("payments_within_orders", told) for told in _beyond_orders(acts))


def _called(act: Act) -> str:
    return f"第 {act.number} 号（{act.deed.settlement} {act.deed.kind.label}）"


def _unbalanced(acts: Sequence[Act]) -> Iterator[str]:
    for act in acts:
        for at, entry in enumerate(act.deed.entries, start=1):
            total = sum(fen for _, fen in entry.postings)
            if total or len(entry.postings) < 2:
                yield f"{_called(act)}第 {at} 笔分录合计 {yuan_text(total)} 元"


def _overdrawn(acts: Sequence[Act]) -> Iterator[str]:
    held = 0
    for act in acts:
        held += balances(act.deed.entries).get(Account(AccountKind.POOL), 0)
        if held < 0:
            yield f"{_called(act)}之后共同资金为 {yuan_text(held)} 元"


def _not_as_settled(matter: Matter) -> Iterator[str]:
    for entry in difference(wanted(matter.lines, matter.closing), settled_entries(entries_of(matter.acts))):
        amounts = "、".join(f"{account.text} {yuan_text(fen)}" for account, fen in entry.postings)
        what = " ".join(filter(None, (entry.kind.label, entry.clause, entry.section, entry.period)))
        yield f"{what} 少记或多记：{amounts}"


def _orders_not_as_claims(acts: Sequence[Act]) -> Iterator[str]:
    """The orders of an act bring the claims that it posts to zero."""
    for act in acts:
        if act.deed.kind is not ActKind.FINALISE:
            continue
        left = dict(claims(act.deed.entries))
        for order in act.deed.orders:
            left[order.payer] = left.get(order.payer, 0) + order.amount_fen
            left[order.payee] = left.get(order.payee, 0) - order.amount_fen
        for party, fen in left.items():
            if fen:
                yield f"{_called(act)}的拨付单与 {party} 的往来相差 {yuan_text(fen)} 元"


def _slips_not_posted(acts: Sequence[Act]) -> Iterator[str]:
    for act in acts:
        slip = act.deed.slip
        if (slip is None) != (act.deed.kind not in (ActKind.PAY, ActKind.REFUND)):
            yield f"{_called(act)}与凭证不相称"
        if slip is None:
            continue
        held = balances(act.deed.entries)
        for party, fen in ((slip.payer, -slip.amount_fen), (slip.payee, slip.amount_fen)):
            if party != POOL and held.get(Account(AccountKind.TREASURY, party), 0) != fen:
                yield f"{_called(act)}凭证 {slip.number} 与分录不符"


def _beyond_orders(acts: Sequence[Act]) -> Iterator[str]:
    """Overpaying is told unless somebody said why when the slip was recorded."""
    for state in order_states(acts):
        reasoned = any(act.deed.reason for act in state.slips)
        if state.open_fen < 0 and not reasoned:
            yield f"拨付单 {state.order.number} 多付 {yuan_text(-state.open_fen)} 元，没有说明"
        if state.paid_fen < 0 and not reasoned:
            yield f"拨付单 {state.order.number} 退款多于已付 {yuan_text(-state.paid_fen)} 元，没有说明"
