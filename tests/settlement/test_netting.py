"""Pair by pair or all at once, every position comes to zero; only the way the money takes differs."""

import pytest
from hypothesis import given
from settling import DRAFT, known, settled
from strategies import OVER_YEARS, PARTIES, evidence

from compensation.agreement.loader import parse
from compensation.errors import AgreementError
from compensation.settlement.settle import Settlement
from rules.agreement import POOL, Agreement
from rules.evidence import Evidence
from rules.outcome import Transfer

MONEY = "    objection_days: "


def with_netting(text: str) -> Agreement:
    """The draft with another word for its netting."""
    return parse("draft.yaml", DRAFT.text.replace(MONEY, f"    netting: {text}\n{MONEY}"))


BILATERAL = with_netting("bilateral")
ONLY_INCIDENTS = parse(
    "pairs.yaml",
    BILATERAL.text.replace("    credit: {clause: 第六条, share: {<<: *assumed, value: 1/5}}\n", "").replace(
        "    limit: {clause: 第七条, net_payment: {<<: *assumed, value: 8000, unit: 万元}}\n", ""
    ),
)


def paid(transfers: tuple[Transfer, ...]) -> dict[tuple[str, str], int]:
    return {(each.payer, each.payee): known(each.amount) for each in transfers if known(each.amount)}


def received(transfers: tuple[Transfer, ...]) -> dict[str, int]:
    pairs = paid(transfers)
    return {p: sum(fen * ((b == p) - (a == p)) for (a, b), fen in pairs.items()) for p in PARTIES}


def gross(settlement: Settlement) -> dict[tuple[str, str], int]:
    """What each party owes each other in its lines, set against what it is owed by the same."""
    found = dict.fromkeys([(a, b) for a in PARTIES for b in PARTIES if a != b], 0)
    for line in settlement.outcome.lines:
        if POOL not in (line.payer, line.payee):
            found[line.payer, line.payee] += known(line.amount)
    return {(a, b): fen - found[b, a] for (a, b), fen in found.items() if fen > found[b, a]}


@OVER_YEARS
@given(evidence(complete=True))
def test_pair_by_pair_every_position_comes_to_zero(facts: Evidence) -> None:
    one = settled(facts, agreement=BILATERAL)
    if one.missing:
        return
    all_at_once = settled(facts)
    for party in PARTIES:
        position = one.outcome.positions[party]
        assert known(position.final) == known(all_at_once.outcome.positions[party].final)
        assert received(one.outcome.transfers)[party] == known(position.final)
        assert received(one.outcome.clearing)[party] == known(position.clearing)
    pairs = paid(one.outcome.clearing)
    assert not [pair for pair in pairs if pair[::-1] in pairs]


@OVER_YEARS
@given(evidence(complete=True))
def test_what_belongs_to_pairs_is_paid_between_them(facts: Evidence) -> None:
    """Without credits and a limit only the fund is left over, and it pays what it takes: pairs pay their own."""
    one = settled(facts, agreement=ONLY_INCIDENTS)
    if one.missing:
        return
    fund = {
        party: sum(
            known(line.amount) * ((line.payee == party) - (line.payer == party))
            for line in one.outcome.lines
            if POOL in (line.payer, line.payee)
        )
        for party in PARTIES
    }
    transfers, own = paid(one.outcome.transfers), gross(one)
    through_fund = {
        (a, b): transfers.get((a, b), 0) - transfers.get((b, a), 0) - own.get((a, b), 0) + own.get((b, a), 0)
        for a in PARTIES
        for b in PARTIES
        if a < b
    }
    for party, fen in fund.items():
        assert sum(fen_ * ((b == party) - (a == party)) for (a, b), fen_ in through_fund.items()) == fen
    # among three, payments of the fund's positions: no more than its payers and receivers need
    assert sum(fen_ != 0 for fen_ in through_fund.values()) <= 2


def test_what_is_unknown_is_refused() -> None:
    assert (DRAFT.money.netting, BILATERAL.money.netting) == ("multilateral", "bilateral")
    with pytest.raises(AgreementError, match="netting"):
        with_netting("trilateral")
