"""Settling the draft over made-up evidence, for the tests of this room."""

from fractions import Fraction

from strategies import FIRST, LAST

from compensation.agreement.loader import load
from compensation.expression import Quantity
from compensation.settlement.evidence import Gathered
from compensation.settlement.settle import Mode, Settlement, period_of, settle
from rules.agreement import Agreement
from rules.evidence import Evidence

DRAFT = load("taipu-draft")


def settled(facts: Evidence, mode: Mode = Mode.FINAL, agreement: Agreement = DRAFT) -> Settlement:
    """The settlement of the whole made-up year."""
    return settle(agreement, period_of(agreement, FIRST, LAST, backtest=False), Gathered(facts, ()), mode)


def fen(amount: Quantity) -> int | None:
    """Whole fen; None for 未定."""
    if not isinstance(amount.value, Fraction):
        return None
    assert (amount.value * 100).denominator == 1
    return int(amount.value * 100)


def known(amount: Quantity | None) -> int:
    """Whole fen of an amount that is determined; nothing is nothing."""
    found = 0 if amount is None else fen(amount)
    assert found is not None
    return found


def digest(facts: Evidence) -> str:
    """The digest alone: a failed comparison must not print a settlement, whose expressions share their parts."""
    return settled(facts).digest
