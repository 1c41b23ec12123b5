"""The engine against a second, independent computation of the whole draft: every line and every net, to the fen."""

import pytest
from hypothesis import given
from oracle import PARTIES, Answer, Fen, answer
from settling import fen, settled
from strategies import OVER_YEARS, YEAR, evidence

from compensation.settlement.settle import Mode, Settlement
from rules.evidence import Evidence


def as_answer(settlement: Settlement) -> Answer:
    outcome = settlement.outcome
    lines: dict[tuple[str, str, str, str, str], Fen] = {}
    for line in outcome.lines:
        key = (line.clause, line.section, line.period, line.payer, line.payee)
        there, amount = lines.get(key, 0), fen(line.amount)
        lines[key] = None if there is None or amount is None else there + amount
    paid = {(each.payer, each.payee): fen(each.amount) for each in outcome.transfers}
    return Answer(
        {key: amount for key, amount in lines.items() if amount != 0},
        {code: fen(outcome.positions[code].net) for code in PARTIES},
        {code: fen(outcome.positions[code].final) for code in PARTIES},
        {code: fen(outcome.positions[code].clearing) for code in PARTIES},
        {pair: amount for pair, amount in paid.items() if amount != 0},
    )


@pytest.mark.parametrize("provisional", [False, True], ids=["final", "provisional"])
@OVER_YEARS
@given(facts=evidence())
def test_every_line_and_every_net(provisional: bool, facts: Evidence) -> None:
    got = as_answer(settled(facts, Mode.PROVISIONAL if provisional else Mode.FINAL))
    expected = answer(facts, YEAR, provisional=provisional)
    assert got.lines == expected.lines
    assert got.net == expected.net
    assert got.final == expected.final
    assert got.clearing == expected.clearing
    assert got.payments == expected.payments


@OVER_YEARS
@given(facts=evidence(complete=True))
def test_every_line_and_every_net_of_a_complete_year(facts: Evidence) -> None:
    got, expected = as_answer(settled(facts)), answer(facts, YEAR)
    assert None not in expected.final.values()
    assert got == expected
