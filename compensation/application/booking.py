"""What officials do with a settlement, recorded for ever: issue, confirm, object, finalise, void, correct, pay."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from compensation.agreement.loader import parse
from compensation.application.gathering import Request, party_codes
from compensation.application.settling import recomputed, settle_and_keep
from compensation.errors import Fault, InputError, UndeterminedError
from compensation.ledger.lifecycle import State, Subject, others_of, require, state_of
from compensation.ledger.payments import OrderState, Payment, order_states, pay
from compensation.ledger.posting import (
    Closing,
    Owed,
    Pair,
    advances,
    claims,
    difference,
    payments_of,
    settled_entries,
    uncleared,
    wanted,
)
from compensation.ledger.records import (
    Account,
    AccountKind,
    Act,
    ActKind,
    Deed,
    Entry,
    Order,
    OrderKind,
    balances,
    entries_of,
)
from compensation.money import yuan_text
from compensation.settlement.settle import Settlement, as_data
from compensation.store import Book, Store, StoredSettlement
from rules.agreement import Agreement, period_name


class Hand(NamedTuple):
    """Who does something, on which day, by which document, and why."""

    made_by: str
    day: date
    document: str = ""
    reason: str = ""


class Done(NamedTuple):
    """What was recorded, and where the settlement stands now."""

    act: Act
    subject: Subject
    state: State


@lru_cache(maxsize=64)
def agreement_of(agreement_id: str, text: str) -> Agreement:
    """The agreement that a settlement was made under, from its own text."""
    return parse(f"{agreement_id}.yaml", text)


def stored(store: Store, number: str) -> StoredSettlement:
    """The settlement with this number; InputError when there is none."""
    found = store.latest_settlement(number=number)
    if found is None:
        raise InputError(
            Fault(
                f"结算 {number}", "没有这个编号的结算", "编号不对，或结算在别的数据库里", "用 compensation status 核对"
            )
        )
    return found


def subject_of(settlement: StoredSettlement) -> Subject:
    """What the life cycle has to know of a settlement."""
    agreement = agreement_of(settlement.agreement_id, settlement.agreement_text)
    days = agreement.money.objection_days
    data = json.loads(settlement.payload_json)
    missing = ["；".join(filter(None, map(str, item))) for item in data.get("missing", ())]
    if settlement.undetermined and not missing:
        missing = ["结算时未能确定的数据"]
    return Subject(
        settlement.number,
        settlement.digest,
        settlement.agreement_id,
        settlement.period_from,
        settlement.period_to,
        settlement.mode,
        tuple(missing),
        {party.code: party.short for party in agreement.parties},
        None if days is None else int(days.span(min(settlement.period_to, agreement.last)).value),
    )


def names_of(settlement: StoredSettlement) -> dict[str, str]:
    """The short names by code of all that take part in a settlement: the parties, and a fund with an account."""
    short = agreement_of(settlement.agreement_id, settlement.agreement_text).short
    return {each.party: short(each.party) for each in settlement.positions}


def party_code(settlement: StoredSettlement, name: str) -> str:
    """The code of the party called `name`; `name` itself when there is none, which the life cycle then refuses."""
    return party_codes(agreement_of(settlement.agreement_id, settlement.agreement_text)).get(name, name)


def where_it_stands(store: Store, number: str) -> tuple[Subject, State, tuple[Act, ...]]:
    """A settlement, where it stands, and everything that was done with it."""
    subject = subject_of(stored(store, number))
    acts = tuple(act for act in store.book().acts if act.deed.settlement == number)
    return subject, state_of(subject, acts, store.calendar()), acts


Fill = Callable[[Book, Deed], Deed]
"""Adds to a legal deed what it brings about."""


def act_on(
    store: Store,
    settlement: StoredSettlement,
    kind: ActKind,
    hand: Hand,
    fill: Fill = lambda _book, deed: deed,
    **more: Any,
) -> Done:
    """Record a step of the life cycle, if nothing speaks against it; InputError with everything that does."""
    subject, calendar = subject_of(settlement), store.calendar()
    deed = Deed(kind, subject.number, subject.digest, hand.day, hand.made_by, hand.document, hand.reason)
    deed = deed._replace(**more)

    def decide(book: Book) -> Deed:
        state = state_of(subject, book.acts, calendar)
        require(subject, state, others_of(subject.number, book.peers(subject.number), book.acts), deed, calendar)
        return fill(book, deed)

    act = store.record(decide)
    return Done(act, subject, state_of(subject, store.book().acts, calendar))


def digest_meant(settlement: StoredSettlement, given: str) -> str:
    """The whole digest that a person abbreviates: at least 12 of its digits; another digest as it is given."""
    short = given.strip().lower()
    if len(short) < 12:
        why = f"只给了 {len(short)} 位"
        raise InputError(Fault(f"结算 {settlement.number}", "摘要太短", why, "照结算表封面至少填写摘要的前 12 位"))
    return settlement.digest if settlement.digest.startswith(short) else short.ljust(64, "?")


def confirm(store: Store, number: str, party: str, department: str, digest: str, hand: Hand) -> Done:
    """A department of a party confirms the settlement under the digest that it holds in hand."""
    settlement = stored(store, number)
    code = party_code(settlement, party)
    meant = digest_meant(settlement, digest)
    return act_on(store, settlement, ActKind.CONFIRM, hand, party=code, department=department, digest=meant)


def raise_objection(store: Store, number: str, party: str, department: str, hand: Hand) -> Done:
    """A department of a party objects, with its reason."""
    settlement = stored(store, number)
    code = party_code(settlement, party)
    return act_on(store, settlement, ActKind.OBJECT, hand, party=code, department=department)


def decide_objection(store: Store, act_number: int, hand: Hand, *, upheld: bool) -> Done:
    """An objection is dismissed, or upheld, which leads to a new settlement."""
    act = next((act for act in store.book().acts if act.number == act_number), None)
    if act is None or act.deed.kind is not ActKind.OBJECT:
        raise InputError(
            Fault(f"第 {act_number} 号", "不是异议", "编号不对", "用 compensation objection list 查看编号")
        )
    kind = ActKind.UPHOLD if upheld else ActKind.DISMISS
    return act_on(store, stored(store, act.deed.settlement), kind, hand, objection=act_number)


def finalise(store: Store, number: str, hand: Hand, due: date | None = None, advance_due: date | None = None) -> Done:
    """Make a settlement final: its entries are posted and its payment orders made, all in one act."""
    settlement = stored(store, number)
    data = json.loads(settlement.payload_json)
    if "next_advances" not in data:
        data = as_data(recomputed(store, settlement))
    closing = closing_of(settlement, data)
    lines = owed_of(settlement)

    def fill(book: Book, deed: Deed) -> Deed:
        peers = {*book.peers(number), number}
        posted = entries_of(act for act in book.acts if act.deed.settlement in peers)
        settled = settled_entries(posted)
        entries = difference(wanted(lines, closing), settled)
        ahead = () if _has_final(book, peers) else advances(closing)
        _require_cleared(book, settlement, (*entries, *ahead), closing.period)
        # As on the sheet where nothing was posted before; otherwise what the differences come to.
        pairs = payments_of(claims(entries)) if settled else closing.clearing
        orders = [
            *((OrderKind.CLEARING, pair, closing.period, due) for pair in pairs),
            *((OrderKind.ADVANCE, pair, closing.next_period, advance_due) for pair in closing.next_advances if ahead),
        ]
        return deed._replace(entries=(*entries, *ahead), orders=tuple(_numbered(number, orders)))

    return act_on(store, settlement, ActKind.FINALISE, hand, fill)


def owed_of(settlement: StoredSettlement) -> tuple[Owed, ...]:
    """The lines of a settlement as the ledger posts them."""
    return tuple(
        Owed(line.clause, line.section or "", line.period, line.payer, line.payee, line.amount_fen)
        for line in settlement.obligations
    )


def closing_of(settlement: StoredSettlement, data: Mapping[str, Any]) -> Closing:
    """What follows from the lines of a settlement, from its data."""
    money = agreement_of(settlement.agreement_id, settlement.agreement_text).money
    clauses = {"credit": money.credit_clause, "limit": money.limit_clause, "advance": money.advance_clause}
    period = period_name(settlement.period_from, settlement.period_to)
    return Closing.of(data, period, f"{settlement.period_to.year + 1}年", clauses)


def _has_final(book: Book, numbers: Iterable[str]) -> bool:
    return any(act.deed.kind is ActKind.FINALISE and act.deed.settlement in numbers for act in book.acts)


def _numbered(number: str, orders: Iterable[tuple[OrderKind, Pair, str, date | None]]) -> Iterable[Order]:
    there = [(kind, pair, period, due) for kind, pair, period, due in orders if pair[2]]
    for at, (kind, (payer, payee, fen), period, due) in enumerate(there, start=1):
        yield Order(f"{number}-P{at:02d}", kind, payer, payee, fen, period, due)


def _require_cleared(book: Book, settlement: StoredSettlement, new: Iterable[Entry], period: str) -> None:
    """Refuse a settlement that takes back other advances than were ordered, or leaves the fund below zero."""
    own = entries_of(
        act for act in book.acts if book.heads[act.deed.settlement].agreement_id == settlement.agreement_id
    )
    after = (*own, *new)
    name = agreement_of(settlement.agreement_id, settlement.agreement_text).short
    faults = [
        Fault(
            f"结算 {settlement.number}",
            f"{name(party)}的预拨与账簿不符",
            f"账簿上 {period}的预拨与本结算所扣的相差 {yuan_text(abs(fen))} 元",
            "上年度定案之后再结算本年度，或重新结算",
        )
        for party, fen in uncleared(after, period).items()
    ]
    pool = balances(after).get(Account(AccountKind.POOL), 0)
    if pool < 0:
        why = f"定案后将为 {yuan_text(pool)} 元"
        faults.append(Fault(f"结算 {settlement.number}", "共同资金不足", why, "核对出资与分配"))
    if faults:
        raise InputError(faults)


def record_payments(store: Store, payments: Iterable[Payment]) -> list[tuple[Act, OrderState]]:
    """Record slips one after the other; InputError, and nothing recorded, when something speaks against one of them."""

    def paying(payment: Payment) -> Callable[[Book], Deed]:
        return lambda book: pay(book.acts, payment)

    acts = store.record_all([paying(each) for each in payments])
    states = {state.order.number: state for state in order_states(store.book().acts)}
    return [(act, states[act.deed.slip.order]) for act in acts if act.deed.slip is not None]


class Adjusted(NamedTuple):
    """A correction: the settlement it takes the place of, the new one, and what was recorded."""

    old: StoredSettlement
    new: StoredSettlement
    settlement: Settlement
    done: Done


def adjust(store: Store, number: str, hand: Hand, agreement: Agreement | None = None) -> Adjusted:
    """Settle a year again over what is known now, as a correction of a settlement that is final or was voided.

    Under the same agreement text, or another version of the same agreement. The new settlement is kept only together
    with the act that says what it corrects. InputError when nothing differs, UndeterminedError when data are missing.
    """
    old = stored(store, number)
    under = agreement or agreement_of(old.agreement_id, old.agreement_text)
    if under.key != old.agreement_id:
        why = f"原结算依据 {old.agreement_id}，给出的是 {under.key}"
        raise InputError(Fault("--agreement", "不是同一协议", why, "给出同一协议的新版本"))
    with store.together():
        settlement, saved = settle_and_keep(store, Request(under, old.period_from, old.period_to))
        new = saved.settlement
        _require_correction(old, new, settlement)
        done = act_on(store, new, ActKind.CORRECT, hand, corrects=old.number)
    return Adjusted(old, new, settlement, done)


def _require_correction(old: StoredSettlement, new: StoredSettlement, settlement: Settlement) -> None:
    if new.digest == old.digest:
        what, why = "没有需要更正的", "按现有数据重算，结果与它完全相同"
        raise InputError(Fault(f"结算 {old.number}", what, why, "先导入更正的数据，或裁定冲突"))
    if settlement.missing:
        raise UndeterminedError(
            [
                Fault(f"结算 {new.number}", "更正后的结果未定", str(item), "补齐数据后再更正")
                for item in settlement.missing
            ]
        )
