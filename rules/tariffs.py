"""What a measure costs: tariffs, each a small function from a measured quantity to money.

A tariff answers with two amounts in 元, rounded to the fen: `forward` flows from the clause's payer to its payee,
`backward` (None when the clause knows only one direction) the other way. At most one of them is not zero.
"""

from collections.abc import Callable
from typing import NamedTuple

from compensation.expression import CLASS, YUAN, Quantity, choose, constant, minimum
from compensation.quality.classes import parse_class
from rules.agreement import Part, Period, Section
from rules.case import Case
from rules.transfers import ZERO_YUAN


class Amounts(NamedTuple):
    """The money of a measure in each direction, 元 to the fen."""

    forward: Quantity
    backward: Quantity | None


def per_unit(case: Case, tariff: Part, measure: Quantity, section: Section, period: Period) -> Amounts:
    """Measure × price, times a coefficient that may depend on the section's class in the period."""
    amount = measure * case.figure(tariff.figures["price"])
    if tariff.rows:
        amount = amount * by_class(case, tariff.rows, case.section_class(section, period)).named("水质系数")
    return Amounts(to_the_fen(amount), None)


def tiers(case: Case, tariff: Part, measure: Quantity, _: Section, __: Period) -> Amounts:
    """The amount of the highest tier whose threshold the measure exceeds; nothing below the first."""
    amount = ZERO_YUAN
    for tier in tariff.rows:
        above = measure > case.figure(tier.figures["over"])
        amount = choose(above, case.figure(tier.figures["value"]).to(YUAN), amount)
    return Amounts(to_the_fen(amount), None)


def around_pivot(case: Case, tariff: Part, measure: Quantity, _: Section, __: Period) -> Amounts:
    """A base amount plus so much for each full step away from the pivot, at most a maximum.

    At or below the pivot it flows forward, above it backward, by the same measure.
    """
    pivot = case.figure(tariff.figures["pivot"])
    step, per_step = case.figure(tariff.figures["step"]), case.figure(tariff.figures["per_step"])
    base, most = case.figure(tariff.figures["base"]), case.figure(tariff.figures["at_most"])

    def beyond(distance: Quantity, label: str) -> Quantity:
        steps = (distance / step).floor().named(label)
        return minimum([base + per_step * steps, most]).to(YUAN)

    met = measure <= pivot
    forward = choose(met, beyond(pivot - measure, "低于基准的整步数"), ZERO_YUAN)
    backward = choose(met, ZERO_YUAN, beyond(measure - pivot, "高于基准的整步数"))
    return Amounts(to_the_fen(forward), to_the_fen(backward))


def by_class(case: Case, rows: tuple[Part, ...], water_class: Quantity) -> Quantity:
    """The value of the first row whose `up_to` class is met; the last row, without `up_to`, is for what remains."""
    *steps, last = rows
    value = case.figure(last.figures["value"])
    for row in reversed(steps):
        reached = parse_class(row.options["up_to"]).water_class
        if reached is None:
            raise LookupError(row.options["up_to"])
        value = choose(water_class <= constant(reached, CLASS), case.figure(row.figures["value"]), value)
    return value


def to_the_fen(amount: Quantity) -> Quantity:
    """元, 四舍五入 to the fen (第八条)."""
    return amount.to(YUAN).rounded_half_up(2)


Tariff = Callable[[Case, Part, Quantity, Section, Period], Amounts]

TARIFFS: dict[str, Tariff] = {"per_unit": per_unit, "tiers": tiers, "around_pivot": around_pivot}
