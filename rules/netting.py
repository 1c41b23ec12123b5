"""轧差: what everybody owes everybody, turned into payments: over all positions at once, or pair by pair (bilateral).

Gross pairs stand on the sheet either way. Netting over all positions lets a party that owes as much
as it is owed pay nothing; pair by pair it pays the one and is paid by the other.
"""

from collections.abc import Mapping, Sequence
from itertools import permutations

from compensation.expression import Quantity, maximum, total
from rules.agreement import POOL
from rules.case import Case
from rules.outcome import Line, Position, Transfer
from rules.transfers import ZERO_YUAN, settle_positions

Pairs = Mapping[tuple[str, str], Quantity]
"""What one party owes another, 元, by payer and payee."""


def year_transfers(case: Case, lines: Sequence[Line], positions: Mapping[str, Position]) -> tuple[Transfer, ...]:
    """本年度应结算支付: payments that bring every final position to zero."""
    finals = {party: position.final for party, position in positions.items()}
    clause = case.agreement.money.rounding_clause
    if case.agreement.money.netting == "multilateral":
        return settle_positions(case, finals, "本年度净额", clause)
    owed = {
        (payer, payee): _sum([line.amount for line in lines if (line.payer, line.payee) == (payer, payee)])
        for payer, payee in _pairs(finals)
    }
    return _pair_by_pair(case, owed, finals, "本年度净额", clause)


def clearing_transfers(
    case: Case, transfers: Sequence[Transfer], advances: Sequence[Transfer], positions: Mapping[str, Position]
) -> tuple[Transfer, ...]:
    """清算支付: payments that bring every clearing position to zero, the advances taken off."""
    clearings = {party: position.clearing for party, position in positions.items()}
    clause = case.agreement.money.advance_clause
    if case.agreement.money.netting == "multilateral":
        return settle_positions(case, clearings, "清算", clause)
    owed = {
        (payer, payee): (_of(transfers, payer, payee) + _of(advances, payee, payer)).whole_fen()
        for payer, payee in _pairs(clearings)
    }
    return _pair_by_pair(case, owed, clearings, "清算", clause)


def _pair_by_pair(
    case: Case, owed: Pairs, positions: Mapping[str, Quantity], what: str, clause: str
) -> tuple[Transfer, ...]:
    """Each pair's own debts set against each other; only the rest is netted over all.

    The rest is what belongs to no pair: the joint fund, credits in kind, what the limit cuts.
    """
    name = case.agreement.short
    rest = {
        party: (
            position
            + total([ZERO_YUAN, *(amount for (payer, _), amount in owed.items() if payer == party)])
            - total([ZERO_YUAN, *(amount for (_, payee), amount in owed.items() if payee == party)])
        )
        .whole_fen()
        .named(f"{what}：{name(party)} 双边轧差以外", clause)
        for party, position in positions.items()
    }
    others = settle_positions(case, rest, f"{what}（双边轧差以外）", clause)
    sums = {(each.payer, each.payee): owed.get((each.payer, each.payee), ZERO_YUAN) + each.amount for each in others}
    return tuple(
        Transfer(
            payer,
            payee,
            maximum([amount - sums[payee, payer], ZERO_YUAN])
            .whole_fen()
            .named(f"{what}：{name(payer)}付{name(payee)}", clause),
        )
        for (payer, payee), amount in sums.items()
    )


def _pairs(positions: Mapping[str, Quantity]) -> list[tuple[str, str]]:
    return list(permutations(sorted(set(positions) - {POOL}), 2))


def _of(transfers: Sequence[Transfer], payer: str, payee: str) -> Quantity:
    return _sum([each.amount for each in transfers if (each.payer, each.payee) == (payer, payee)])


def _sum(amounts: Sequence[Quantity]) -> Quantity:
    return total([ZERO_YUAN, *amounts]).whole_fen()
