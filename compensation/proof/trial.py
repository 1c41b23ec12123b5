"""A trial: an agreement over evidence that could be, for a period that it can be settled for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from compensation.errors import InputError
from compensation.expression import Quantity
from compensation.settlement.settle import period_of
from rules.agreement import Agreement, Period, years_of
from rules.case import Case
from rules.evaluate import evaluate
from rules.evidence import Evidence
from rules.outcome import Charge, Outcome


@dataclass(frozen=True, repr=False)
class Trial:
    """One agreement, one body of evidence, one period; what they come to is worked out once, when it is asked for."""

    agreement: Agreement
    evidence: Evidence
    period: Period

    @cached_property
    def case(self) -> Case:
        """The case that the clauses are run over."""
        return Case(self.agreement, self.evidence, self.period, self.period.first)

    @cached_property
    def outcome(self) -> Outcome:
        """What every clause comes to."""
        return evaluate(self.case)

    def __repr__(self) -> str:
        """What differs from harmless water, so that a failing test can be read."""
        told = [f"{self.agreement.key} {self.period.name}"]
        for series, known in self.evidence.months.items():
            runs = [f"{len(list(run))}×{value}" for value, run in groupby(known.values())]
            told.append(f"{'/'.join(series)}: {' '.join(runs)}")
        beside = replace(self.evidence, months={})
        return f"Trial({'; '.join(told)}; {beside})"

    def under(self, agreement: Agreement) -> "Trial":
        """The same evidence and period under another agreement."""
        return Trial(agreement, self.evidence, self.period)

    def given(self, evidence: Evidence) -> "Trial":
        """The same agreement and period over other evidence."""
        return Trial(self.agreement, evidence, self.period)


def periods(agreement: Agreement) -> tuple[Period, ...]:
    """The periods that the agreement is settled for: its years, or the whole term where a clause counts over it."""
    if any(clause.period == "term" for clause in agreement.clauses):
        try:
            return (period_of(agreement, agreement.first, agreement.last, backtest=False),)
        except InputError:
            # a limit, a credit or an advance of a year stands against it: such a clause is never reached
            pass
    return years_of(agreement.first, agreement.last)


def amounts(outcome: Outcome) -> Iterator[tuple[str, Quantity]]:
    """Every amount that an outcome comes to, each under a name that an official knows it by."""
    for charge in outcome.charges:
        yield called(charge), charge.amount
        for line in charge.lines:
            yield f"{called(charge)}，{line.payer}付{line.payee}", line.amount
    for code, position in outcome.positions.items():
        yield f"{code} 本年度净额", position.final
        yield f"{code} 清算额", position.clearing


def called(charge: Charge) -> str:
    """What a charge is called: its clause and its subject."""
    return f"{charge.clause.number} {charge.subject}"
