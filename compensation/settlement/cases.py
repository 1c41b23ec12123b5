"""Running a case: what came out, held against what must come out, without a tolerance."""

from fractions import Fraction
from typing import NamedTuple

from compensation.agreement.cases import CaseFile, Expected
from compensation.settlement.evidence import Gathered
from compensation.settlement.settle import Mode, Settlement, period_of, settle


class Difference(NamedTuple):
    """An amount that did not come out: where it is expected, and both numbers in 元 (None: 未定, or no such amount)."""

    place: str
    expected_yuan: Fraction
    actual_yuan: Fraction | None


def settle_case(case: CaseFile) -> Settlement:
    """The settlement of a case's evidence under its agreement."""
    inside = case.agreement.first <= case.first and case.last <= case.agreement.last
    period = period_of(case.agreement, case.first, case.last, backtest=not inside)
    return settle(case.agreement, period, Gathered(case.evidence, ()), Mode.FINAL if inside else Mode.BACKTEST)


def differences(case: CaseFile) -> list[Difference]:
    """Every expected amount that the engine does not meet exactly."""
    settlement = settle_case(case)
    found = []
    for expected in case.expected:
        actual = _actual(settlement, expected)
        if actual != expected.amount_yuan:
            found.append(Difference(expected.place, expected.amount_yuan, actual))
    return found


def _actual(settlement: Settlement, expected: Expected) -> Fraction | None:
    outcome = settlement.outcome
    if expected.what == "fund":
        fund = outcome.fund
        values = [fund.closing.value] if fund is not None and fund.clause.number == expected.names[0] else []
    elif expected.what == "final":
        values = [outcome.positions[expected.names[0]].final.value]
    elif expected.what == "payment":
        values = [each.amount.value for each in outcome.transfers if (each.payer, each.payee) == expected.names]
    else:
        clause, section, period = expected.names
        values = [
            charge.amount.value
            for charge in outcome.charges
            if charge.clause.number == clause
            and (not section or charge.section == section)
            and (not period or charge.period.name == period)
        ]
    numbers = [value for value in values if isinstance(value, Fraction)]
    return sum(numbers, Fraction(0)) if values and len(numbers) == len(values) else None
