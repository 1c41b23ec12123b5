"""受益者付费: who drinks or uses the water pays for it, by the volume taken."""

from compensation.expression import Quantity
from rules.agreement import Clause, Period, Section
from rules.case import Case
from rules.parts import PartSpec

WATER_VOLUME = PartSpec("取水量", unit="m³")


def water_volume(case: Case, _: Clause, section: Section, period: Period, __: str | None) -> tuple[Quantity, ...]:
    """取水量: the water taken at an intake in the month, m³."""
    return (case.volume(section, period),)
