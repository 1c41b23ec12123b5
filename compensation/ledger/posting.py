"""What a settlement posts: entries from its lines and its closing; of a correction only what differs.

Claims (往来) are what a party has to get. A line takes its amount from the payer's claim to the payee's, or through the
joint fund. What credits and the yearly limit change comes on top, then the advances of the year are set against it, so
that the claims end at the clearing. Next year's advances are claims as well, held against 预拨 until they are cleared.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from compensation.ledger.records import Account, AccountKind, Entry, EntryKind, Posting, balances, claim_of
from rules.agreement import POOL

Pair = tuple[str, str, int]
"""Payer, payee, fen."""


class Owed(NamedTuple):
    """A line of a settlement: `payer` owes `payee` (codes, or the fund) `amount_fen` under a clause for a period."""

    clause: str
    section: str
    period: str
    payer: str
    payee: str
    amount_fen: int


class Closing(NamedTuple):
    """What follows from the lines of a settlement, in fen by party or as pairs, and the clauses it rests on."""

    period: str
    next_period: str
    credited: Mapping[str, int]
    debited: Mapping[str, int]
    cut: Mapping[str, int]
    advances: Sequence[Pair]
    clearing: Sequence[Pair]
    next_advances: Sequence[Pair]
    credit_clause: str = ""
    limit_clause: str = ""
    advance_clause: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Any], period: str, next_period: str, clauses: Mapping[str, str]) -> "Closing":
        """The closing that the data of a settlement hold; `clauses` under credit, limit and advance."""
        return cls(
            period,
            next_period,
            data["credited"],
            data["debited"],
            data["cut"],
            _pairs(data["advances"]),
            _pairs(data["clearing"]),
            _pairs(data["next_advances"]),
            clauses["credit"],
            clauses["limit"],
            clauses["advance"],
        )


def _pairs(listed: Iterable[Sequence[Any]]) -> list[Pair]:
    return [(payer, payee, fen) for payer, payee, fen in listed]


def wanted(lines: Iterable[Owed], closing: Closing) -> tuple[Entry, ...]:
    """Every entry that a settlement stands for, in the order of its lines; without next year's advances."""
    entries = [_line(line) for line in lines]
    in_kind = {party: closing.credited.get(party, 0) for party in {*closing.credited, *closing.debited}}
    for party, fen in closing.debited.items():
        in_kind[party] -= fen
    advanced = _positions(closing.advances)
    entries += [
        _against(EntryKind.CREDIT, closing.credit_clause, closing.period, AccountKind.IN_KIND, in_kind),
        Entry(
            EntryKind.LIMIT,
            closing.limit_clause,
            "",
            closing.period,
            tuple(Posting(claim_of(party), fen) for party, fen in sorted(closing.cut.items()) if fen),
        ),
        _against(
            EntryKind.CLEARING,
            closing.advance_clause,
            closing.period,
            AccountKind.ADVANCE,
            {party: -fen for party, fen in advanced.items()},
        ),
    ]
    return tuple(entry for entry in entries if entry.postings)


def advances(closing: Closing) -> tuple[Entry, ...]:
    """Next year's advances (预拨), one entry for each pair."""
    return tuple(
        _against(
            EntryKind.ADVANCE,
            closing.advance_clause,
            closing.next_period,
            AccountKind.ADVANCE,
            {payer: -fen, payee: fen},
        )
        for payer, payee, fen in closing.next_advances
        if fen
    )


def _line(line: Owed) -> Entry:
    # what is paid for a section, into the fund or out of it, is owed under a clause like any other line
    kind = EntryKind.OBLIGATION
    if POOL in (line.payer, line.payee) and not line.section:
        kind = EntryKind.DISTRIBUTION if line.payer == POOL else EntryKind.CONTRIBUTION
    postings = ((claim_of(line.payer), -line.amount_fen), (claim_of(line.payee), line.amount_fen))
    return Entry(
        kind, line.clause, line.section, line.period, tuple(Posting(*each) for each in postings if line.amount_fen)
    )


def _against(kind: EntryKind, clause: str, period: str, other: AccountKind, claims: Mapping[str, int]) -> Entry:
    """An entry that changes the claims of the parties by `claims`, each against its own account of another kind."""
    postings = [
        Posting(account, fen)
        for party, change in sorted(claims.items())
        for account, fen in ((claim_of(party), change), (Account(other, party), -change))
        if change
    ]
    return Entry(kind, clause, "", period, tuple(postings))


def _positions(pairs: Iterable[Pair]) -> dict[str, int]:
    """What pairs come to for each party: received less paid."""
    found: dict[str, int] = {}
    for payer, payee, fen in pairs:
        found[payer] = found.get(payer, 0) - fen
        found[payee] = found.get(payee, 0) + fen
    return found


def difference(wanted_entries: Iterable[Entry], posted: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that bring what is posted to what is wanted; nothing where they agree already."""
    before, after = _summed(posted), _summed(wanted_entries)
    found = []
    for key in dict.fromkeys((*after, *before)):
        here, there = after.get(key, {}), before.get(key, {})
        changes = {account: here.get(account, 0) - there.get(account, 0) for account in {*here, *there}}
        postings = tuple(Posting(account, fen) for account, fen in sorted(changes.items()) if fen)
        if postings:
            kind, clause, section, period, _ = key
            found.append(Entry(kind, clause, section, period, postings))
    return tuple(found)


_NOT_OF_SETTLING = (EntryKind.ADVANCE, EntryKind.PAYMENT, EntryKind.REFUND)


def settled_entries(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Those entries that follow from the lines of settlements."""
    return tuple(entry for entry in entries if entry.kind not in _NOT_OF_SETTLING)


Key = tuple[EntryKind, str, str, str, tuple[Account, ...]]
_OF_PAIRS = (EntryKind.OBLIGATION, EntryKind.CONTRIBUTION, EntryKind.DISTRIBUTION)


def _summed(entries: Iterable[Entry]) -> dict[Key, dict[Account, int]]:
    """Postings by what an entry stands for: of a line its two accounts belong to that, whichever pays.

    A line for a section is 应付义务 also where the book has it as 出资 or 分配, as it had before these were told apart.
    """
    found: dict[Key, dict[Account, int]] = {}
    for entry in entries:
        of_pair = entry.kind in _OF_PAIRS
        pair = tuple(sorted(account for account, _ in entry.postings)) if of_pair else ()
        kind = EntryKind.OBLIGATION if of_pair and entry.section else entry.kind
        sums = found.setdefault((kind, entry.clause, entry.section, entry.period, pair), {})
        for account, fen in entry.postings:
            sums[account] = sums.get(account, 0) + fen
    return found


def claims(entries: Iterable[Entry]) -> dict[str, int]:
    """What entries change in the claim of each party, in fen, and in the fund, which holds what it carries over."""
    held = balances(entries)
    ours = {AccountKind.CLAIM, AccountKind.POOL}
    return {account.party or POOL: fen for account, fen in sorted(held.items()) if account.kind in ours and fen}


def uncleared(entries: Iterable[Entry], period: str) -> dict[str, int]:
    """Advances of a period that were ordered and not cleared, or cleared and not ordered, by party; empty when none."""
    own = [e for e in entries if e.period == period and e.kind in (EntryKind.ADVANCE, EntryKind.CLEARING)]
    held = balances(own)
    return {account.party: fen for account, fen in sorted(held.items()) if account.kind is AccountKind.ADVANCE and fen}


def payments_of(positions: Mapping[str, int]) -> tuple[Pair, ...]:
    """Payments that bring positions (fen, summing to zero) to zero: payers and receivers laid out along one line.

    The same rule by which a settlement nets its positions (`rules.transfers`), over whole fen.
    """
    if sum(positions.values()) != 0:
        raise ValueError("positions sum to zero")
    spans: dict[bool, list[tuple[int, int, str]]] = {False: [], True: []}
    for receives, group in groupby(sorted(positions.items(), key=lambda each: each[1] > 0), lambda each: each[1] > 0):
        start = 0
        for party, fen in sorted(group):
            spans[receives].append((start, start + abs(fen), party))
            start += abs(fen)
    return tuple(
        (payer, payee, min(paid_to, got_to) - max(paid_from, got_from))
        for paid_from, paid_to, payer in spans[False]
        for got_from, got_to, payee in spans[True]
        if min(paid_to, got_to) > max(paid_from, got_from)
    )
