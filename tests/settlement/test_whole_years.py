"""What part of a year, or a year without the one before, leaves 未定; never a number, never zero."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given
from settling import DRAFT, settled
from strategies import OVER_YEARS, evidence

from compensation.settlement.evidence import Gathered
from compensation.settlement.settle import Mode, period_of, settle
from rules.evidence import Evidence, TransferFact

PART = (date(2026, 1, 1), date(2026, 10, 31))


@OVER_YEARS
@given(facts=evidence())
def test_part_of_a_year_settles_no_annual_clause(facts: Evidence) -> None:
    settlement = settle(DRAFT, period_of(DRAFT, *PART, backtest=False), Gathered(facts, ()), Mode.FINAL)
    annual = [charge for charge in settlement.outcome.charges if charge.clause.key in ("fund", "index")]
    assert annual
    assert not any(isinstance(charge.amount.value, Fraction) for charge in annual)
    assert any("不满一年" in item.what for item in settlement.missing)
    backtest = settle(DRAFT, period_of(DRAFT, *PART, backtest=True), Gathered(facts, ()), Mode.BACKTEST)
    assert not any("不满一年" in item.what for item in backtest.missing)


@OVER_YEARS
@given(facts=evidence())
def test_an_unknown_year_before_leaves_the_clearing_open_and_the_net_as_it_is(facts: Evidence) -> None:
    unknown = (TransferFact("310000", "320000", None, "2025年"), TransferFact("330000", "310000", None, "2025年"))
    without = settled(replace(facts, last_year=()))
    settlement = settled(replace(facts, last_year=unknown))
    for code, position in settlement.outcome.positions.items():
        assert position.final.value == without.outcome.positions[code].final.value
        assert not isinstance(position.clearing.value, Fraction)
    assert any("预拨额未定" in item.what for item in settlement.missing)
