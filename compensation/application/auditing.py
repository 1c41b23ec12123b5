"""The checks of the book over a live database: what the ledger finds, that every act was legal, sums as settled."""

import json
from collections.abc import Iterator

from compensation.application.booking import closing_of, owed_of, subject_of
from compensation.application.settling import recomputed
from compensation.errors import CompensationError, IntegrityError
from compensation.ledger.audit import NAMES, Matter, audit
from compensation.ledger.lifecycle import replay
from compensation.ledger.records import ActKind
from compensation.store import Book, Check, Store, StoredSettlement


def book_checks(store: Store) -> list[Check]:
    """Every named invariant of the book."""
    book = store.book()
    settlements = {number: found for number in _used(book) if (found := store.latest_settlement(number=number))}
    findings: dict[str, list[str]] = {name: [] for name in (*NAMES, "acts_legal", "digests_of_acts")}
    for name, told in audit(book.acts, list(_matters(book, settlements)), _agreements(book)):
        findings[name].append(told)
    subjects = {number: subject_of(each) for number, each in settlements.items()}
    try:
        findings["acts_legal"] += replay(subjects, book.acts, store.calendar())
    except CompensationError as error:
        findings["acts_legal"].append(str(error.faults[0]))
    findings["digests_of_acts"] += [
        f"第 {act.number} 号所据摘要 {act.deed.digest[:12]} 不是 {act.deed.settlement} 的摘要"
        for act in book.acts
        if act.deed.digest != book.heads[act.deed.settlement].digest
    ]
    return [Check(name, not told, "；".join(told[:5]) or "成立") for name, told in findings.items()]


def _used(book: Book) -> list[str]:
    return list(dict.fromkeys(act.deed.settlement for act in book.acts))


def _agreements(book: Book) -> dict[str, str]:
    return {number: head.agreement_id for number, head in book.heads.items()}


def _matters(book: Book, settlements: dict[str, StoredSettlement]) -> Iterator[Matter]:
    """One for each agreement and period of which a settlement was made final."""
    standing: dict[tuple[object, ...], str] = {}
    for act in book.acts:
        if act.deed.kind is ActKind.FINALISE:
            standing[book.heads[act.deed.settlement].matter] = act.deed.settlement
    for number in standing.values():
        settlement = settlements[number]
        peers = {*book.peers(number), number}
        acts = tuple(act for act in book.acts if act.deed.settlement in peers)
        data = json.loads(settlement.payload_json)
        if "next_advances" not in data:
            continue
        yield Matter(number, settlement.agreement_id, acts, owed_of(settlement), closing_of(settlement, data))


def check_all(store: Store) -> list[Check]:
    """Every named invariant: of the store, of the book, and that the latest settlement comes out to its digest."""
    checks = [*store.check(), *book_checks(store)]
    stored = store.latest_settlement()
    if stored is not None:
        try:
            recomputed(store, stored)
            checks.append(Check("settlement_reproducible", True, "成立"))
        except IntegrityError as error:
            checks.append(Check("settlement_reproducible", False, str(error.faults[0])))
    return checks
