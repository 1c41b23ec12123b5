"""Settlements with amounts of one's own choosing under the draft agreement, for the tests that keep and post them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from compensation.agreement.loader import load
from compensation.store import NetPosition, NewSettlement, Obligation

SHANGHAI, JIANGSU, ZHEJIANG = PARTIES = ("310000", "320000", "330000")
Pair = tuple[str, str, int]
DRAFT = load("taipu-draft")


def paid_off(positions: Mapping[str, int]) -> list[Pair]:
    """Payments that bring positions to zero: the largest debtor pays the largest creditor, again and again."""
    left, pairs = dict(positions), []
    while any(left.values()):
        payer, payee = min(left, key=lambda each: left[each]), max(left, key=lambda each: left[each])
        fen = min(-left[payer], left[payee])
        left[payer] += fen
        left[payee] -= fen
        pairs.append((payer, payee, fen))
    return pairs


def made(
    owed: Sequence[Pair], *, year: int = 2026, ahead: Sequence[Pair] = (), note: str = "", mode: str = "final"
) -> NewSettlement:
    """A settlement of lines under 第二条, with its year's advances; next year's are three fifths of what is paid."""
    obligations = tuple(
        Obligation("第二条", "TAIPU-JINZE", f"{year}-{at % 12 + 1:02d}", *pair) for at, pair in enumerate(owed)
    )
    final = dict.fromkeys(PARTIES, 0)
    for payer, payee, fen in owed:
        final[payer] -= fen
        final[payee] += fen
    advanced = dict.fromkeys(PARTIES, 0)
    for payer, payee, fen in ahead:
        advanced[payer] += fen
        advanced[payee] -= fen
    clearing = {party: final[party] + advanced[party] for party in PARTIES}
    transfers = paid_off(final)
    data = {
        "missing": [], "final": final, "transfers": transfers, "clearing": paid_off(clearing), "charged": [],
        "credited": {}, "debited": {}, "cut": {}, "advances": list(ahead), "fund": [],
        "next_advances": [(payer, payee, fen * 3 // 5) for payer, payee, fen in transfers],
    }  # fmt: skip
    digest = hashlib.sha256(repr((obligations, sorted(data.items()), year, note, mode)).encode()).hexdigest()
    return NewSettlement(
        DRAFT.key,
        DRAFT.sha256,
        DRAFT.text,
        date(year, 1, 1),
        date(year, 12, 31),
        mode,
        "0",
        digest,
        datetime(2027, 1, 5),
        json.dumps(data),
        False,
        obligations,
        f"示例-{year}-{digest[:8]}",
        tuple(
            NetPosition(
                party,
                sum(fen for payer, _, fen in owed if payer == party),
                sum(fen for _, payee, fen in owed if payee == party),
                0,
                final[party],
                advanced[party],
                clearing[party],
            )
            for party in PARTIES
        ),
    )
