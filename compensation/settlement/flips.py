"""翻转点: how little a monthly mean would have to change for a charge to change, or for somebody else to pay.

For every section, indicator and month the monthly mean is moved up and down in steps of the indicator's reporting
resolution. Every charge only grows or only falls with a concentration, so the nearest change is found by halving.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from compensation.expression import Key, Missing, Value
from compensation.expression.variants import Variants
from compensation.quality.standard import body_of, indicator, limits
from compensation.settlement.evidence import Gathered
from compensation.settlement.settle import Settlement, leaves, settle
from rules.case import Case
from rules.evidence import Evidence

FARTHEST = 10
"""How many times the limit of class Ⅴ a mean is moved at most."""


@dataclass(frozen=True, slots=True)
class Flip:
    """The nearest change in one direction: the new monthly mean, and what becomes of which charges.

    `charges` are (subject, amount before, amount after) in 元, None for 未定. `payers_change` tells that then another
    pair of parties pays, or the same pair the other way round. `days` is how many daily values the mean is made of.
    """

    section: str
    indicator: str
    month: str
    value: Fraction
    flipped_at: Fraction
    days: int
    charges: tuple[tuple[str, Fraction | None, Fraction | None], ...]
    payers_change: bool

    @property
    def change(self) -> Fraction:
        """How far the monthly mean has to move, with its sign, in the indicator's unit."""
        return self.flipped_at - self.value

    @property
    def change_of_one_day(self) -> Fraction:
        """How far a single day's value would have to move for that."""
        return self.change * self.days


def flips(settlement: Settlement) -> tuple[Flip, ...]:
    """The nearest flips, upwards and downwards, of every monthly mean that is there, in the order of the sections."""
    case = settlement.case
    monthly = settle(
        settlement.agreement, case.period, Gathered(monthly_evidence(case), ()), settlement.mode, settlement.sources
    )
    finder = _Finder(monthly)
    return tuple(flip for key in finder.keys for flip in finder.both_ways(key, _days(case, key)))


def monthly_evidence(case: Case) -> Evidence:
    """The evidence with its monthly means in the place of daily values: the same amounts, far fewer leaves."""
    months: dict[tuple[str, str], dict[str, Fraction]] = {}
    for section in case.agreement.sections:
        for code in case.agreement.monitored:
            means = {month.name: case.month_mean(section, code, month).value for month in case.asked_months}
            months[section.code, code] = {name: mean for name, mean in means.items() if isinstance(mean, Fraction)}
    return replace(case.evidence, months=months)


def _days(case: Case, key: Key) -> int:
    _, code, name, month = key
    days = case.evidence.days.get((code, name), {})
    return sum(f"{day:%Y-%m}" == month and day not in case.exempt_days(code) for day in days)


class _Finder:
    def __init__(self, settlement: Settlement) -> None:
        self._settlement = settlement
        outcome = settlement.outcome
        self._charges = Variants([charge.amount for charge in outcome.charges])
        self._payments = Variants([transfer.amount for transfer in outcome.transfers])
        self._amounts = [charge.amount.value for charge in outcome.charges]
        self._payers = [bool(transfer.amount.value) for transfer in outcome.transfers]
        reached = set(self._charges.keys)
        order = {section.code: at for at, section in enumerate(settlement.agreement.sections)}
        self.keys = sorted(
            (key for key in leaves(outcome) if key[0] == "month" and key in reached),
            key=lambda key: (order[key[1]], key[2], key[3]),
        )

    def both_ways(self, key: Key, days: int) -> list[Flip]:
        value = self._charges.value(key)
        if isinstance(value, Missing):
            return []
        _, code, name, month = key
        section = self._settlement.agreement.section(code)
        table = limits(name, body_of(section.body))
        step = Fraction(1, 10 ** (indicator(name).hourly_decimals or 0))
        farthest = FARTHEST * max(table.bounds) if table is not None else value * FARTHEST
        found = []
        for direction, room in ((1, farthest - value), (-1, value)):
            steps = self._nearest(key, value, direction * step, int(room / step))
            if steps is not None:
                at = value + direction * steps * step
                found.append(Flip(section.name, name, month, value, at, days, *self._told(key, at)))
        return found

    def _nearest(self, key: Key, value: Fraction, step: Fraction, most: int) -> int | None:
        return nearest(lambda steps: self._charges.run({key: value + steps * step}) != self._amounts, most)

    def _told(self, key: Key, at: Fraction) -> tuple[tuple[tuple[str, Fraction | None, Fraction | None], ...], bool]:
        after = self._charges.run({key: at})
        told = tuple(
            (f"{charge.clause.number} {charge.subject}", _known(charge.amount.value), _known(new))
            for charge, new in zip(self._settlement.outcome.charges, after, strict=True)
            if new != charge.amount.value
        )
        payers = [bool(amount) for amount in self._payments.run({key: at})] if key in self._payments.keys else []
        return told, bool(payers) and payers != self._payers


def nearest(changed: Callable[[int], bool], most: int) -> int | None:
    """The least number of steps 1..most at which `changed` holds, given that it then holds for good; None if never."""
    if most < 1 or not changed(most):
        return None
    below, above = 0, most
    while above - below > 1:
        middle = (below + above) // 2
        if changed(middle):
            above = middle
        else:
            below = middle
    return above


def _known(value: Value) -> Fraction | None:
    return None if isinstance(value, Missing) else value
