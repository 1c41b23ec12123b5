"""What can be measured, by kind: each measure stands in the room of the principle it serves."""

from collections.abc import Callable

from compensation.expression import Quantity, constant
from rules import tariffs
from rules.agreement import Agreement, Clause, Period, Section, WaterWeight
from rules.beneficiary_pays import WATER_VOLUME, water_volume
from rules.case import Case
from rules.damager_pays import EXCEEDANCE, EXCESS_LOAD, exceedance, excess_load
from rules.parts import PartSpec
from rules.protector_compensated import (
    CLASS_STEPS,
    COMPLIANCE_RATE,
    COMPLIANT,
    INDEX,
    MEAN_CHANGE,
    RATE_CHANGE,
    SECTION_CLASS,
    SPATIAL_INDEX,
    class_steps,
    compliance_rate,
    compliant,
    index,
    mean_change,
    rate_change,
    section_class,
    spatial_index,
)

Measure = Callable[[Case, Clause, Section, Period, str | None], tuple[Quantity, ...]]
"""The first quantity is what the tariff is applied to; the others are shown beside it."""

FIXED = PartSpec("固定")


def fixed(_: Case, __: Clause, ___: Section, ____: Period, _____: str | None) -> tuple[Quantity, ...]:
    """固定: one, whatever the water is like."""
    return (constant(1).named("固定"),)


MEASURES: dict[str, tuple[PartSpec, Measure]] = {
    "water_volume": (WATER_VOLUME, water_volume),
    "index": (INDEX, index),
    "spatial_index": (SPATIAL_INDEX, spatial_index),
    "class_steps": (CLASS_STEPS, class_steps),
    "section_class": (SECTION_CLASS, section_class),
    "compliant": (COMPLIANT, compliant),
    "compliance_rate": (COMPLIANCE_RATE, compliance_rate),
    "rate_change": (RATE_CHANGE, rate_change),
    "mean_change": (MEAN_CHANGE, mean_change),
    "exceedance": (EXCEEDANCE, exceedance),
    "excess_load": (EXCESS_LOAD, excess_load),
    "fixed": (FIXED, fixed),
}

EACH_INDICATOR_ONLY = frozenset({"excess_load", "mean_change"})
ANNUAL_ONLY = frozenset({"compliance_rate", "rate_change"})
MONTHLY_ONLY = frozenset({"water_volume", "excess_load"})
MAY_BE_NEGATIVE = frozenset({"class_steps", "rate_change", "mean_change"})


_MEASURES_WATER = {"flow": "excess_load", "intake": "water_volume"}


def water_asked(agreement: Agreement, by: str) -> tuple[str, ...]:
    """The sections whose water (`by` flow or intake) a clause measures or shares by, by their codes."""
    measured = [
        code for each in agreement.clauses if each.measure.kind == _MEASURES_WATER[by] for code in each.sections
    ]
    shared = [
        code
        for ratio in agreement.ratios
        for weight in ratio.values()
        if isinstance(weight, WaterWeight) and weight.by == by
        for code in weight.sections
    ]
    return tuple(dict.fromkeys(measured + shared))


def may_be_negative(clause: Clause) -> bool:
    """Whether money can flow either way under the clause."""
    return clause.measure.kind in MAY_BE_NEGATIVE or tariffs.turns(clause.tariff)


def falls_below_zero(clause: Clause) -> bool:
    """Whether the clause's amount can be negative: then it is split into what flows one way and the other.

    An exceedance multiple is negative where the limit is met, which by itself is no reason to pay anybody.
    """
    by_amount = clause.tariff.kind in ("per_unit", "per_step")
    return may_be_negative(clause) or (clause.measure.kind == "exceedance" and by_amount)
