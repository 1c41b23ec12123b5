"""A seeded year of evidence under the Taipu draft, and variants of it: a figure or a monthly mean changed.

The values stand around the limits, the baselines and the rounding ties, so that every clause has something to decide.
"""

import random
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from compensation.agreement.loader import load
from compensation.expression import Key
from compensation.settlement.evidence import Gathered
from compensation.settlement.flips import monthly_evidence
from compensation.settlement.settle import Mode, Settlement, period_of, settle
from rules.agreement import Agreement
from rules.evidence import DayValue, Evidence, VolumeFact
from rules.substitution import substituted

YEAR = 2026
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
DRAFT = load("taipu-draft")
PERIOD = period_of(DRAFT, FIRST, LAST, backtest=False)
SHORT = {
    "TAIPU-GATE": "gate",
    "310118_0002": "fenhu",
    "310118_0003": "bridge",
    "TAIPU-JINZE": "jinze",
    "TAIPU-JIAPING": "jiaping",
}
BY_HAND = "TAIPU-JIAPING"
INTAKES = ("TAIPU-JINZE", "TAIPU-JIAPING")
# In units of the last decimal that is reported: the usual level, and how far a month may be away from it.
LEVELS = {"w01019": (400, 90, 2), "w21003": (230, 120, 3), "w21011": (85, 25, 3)}
FIGURES = {"intake.price": "price", "index.base": "base"}
MONTHS = tuple(f"{YEAR}-{month:02d}" for month in range(1, 13))

Change = tuple[str, str, str, Fraction]
"""What is changed (figure or month), its name, the month, the new value."""


def evidence(seed: int = 20260101) -> Evidence:
    """A full year of daily values, and of volumes."""
    chance = random.Random(seed)
    days = {}
    for section in SHORT:
        for code, (level, spread, decimals) in LEVELS.items():
            values = {}
            day = FIRST
            while day <= LAST:
                if day.day == 1:
                    month = level + chance.randint(-spread, spread) * (6 if chance.random() < 0.2 else 1)
                if section != BY_HAND or day.day == 10:
                    value = max(1, month + chance.randint(-spread // 4, spread // 4))
                    values[day] = DayValue(Fraction(value, 10**decimals), 6)
                day += timedelta(1)
            days[section, code] = values
    volumes = {
        (section, month): VolumeFact(Fraction(chance.randint(10**8, 10**9), 10), "取水量报表")
        for section in INTAKES
        for month in MONTHS
    }
    return Evidence(days, volumes)


def settled(facts: Evidence, agreement: Agreement = DRAFT) -> Settlement:
    """The settlement of the year."""
    return settle(agreement, PERIOD, Gathered(facts, ()), Mode.FINAL)


def monthly(facts: Evidence) -> Evidence:
    """The evidence as it is stored once months are closed: monthly means in the place of daily values."""
    return monthly_evidence(settled(facts).case)


def changes(facts: Evidence, count: int, seed: int = 1) -> list[Change]:
    """`count` changes of monthly evidence: every second one a figure, the others a monthly mean."""
    chance = random.Random(seed)
    found: list[Change] = []
    spots = [(section, code) for section in SHORT for code in LEVELS]
    for number in range(count):
        if number % 2 == 0:
            name = list(FIGURES)[number // 2 % 2]
            start = next(each for each in DRAFT.parameters if each.key == name).span(FIRST).value
            found.append(("figure", name, "", start * chance.randint(500, 1500) / 1000))
            continue
        section, code = spots[number // 2 % len(spots)]
        month = chance.choice(MONTHS)
        new = facts.months[section, code][month] * chance.randint(500, 1500) / 1000
        found.append(("month", f"{section}/{code}", month, new))
    return found


def as_variant(change: Change) -> dict[Key, Fraction]:
    """A change as the leaf it changes."""
    kind, name, month, value = change
    if kind == "figure":
        return {("parameter", name, FIRST.isoformat()): value}
    section, code = name.split("/")
    return {("month", section, code, month): value}


def settled_anew(facts: Evidence, change: Change) -> Settlement:
    """The settlement with a change, computed from the beginning."""
    kind, name, month, value = change
    if kind == "figure":
        return settled(facts, substituted(DRAFT, {name: value}))
    section, code = name.split("/")
    own = {**facts.months[section, code], month: value}
    return settled(replace(facts, months={**facts.months, (section, code): own}))


def for_openfisca(facts: Evidence, changed: list[Change]) -> dict[str, object]:
    """The same year and variants as the baseline reads them."""
    inputs: dict[str, dict[str, float]] = {
        f"{SHORT[section]}_{code}": {month: float(value) for month, value in values.items()}
        for (section, code), values in facts.months.items()
        if section in SHORT and code in LEVELS
    }
    for (section, month), fact in facts.volumes.items():
        inputs.setdefault(f"{SHORT[section]}_volume", {})[month] = float(fact.volume_m3)
    for key, name in FIGURES.items():
        figure = next(each for each in DRAFT.parameters if each.key == key)
        scale = figure.unit.scale if name == "base" else 1
        inputs[name] = {str(YEAR): float(figure.span(FIRST).value * scale)}
    return {"year": str(YEAR), "inputs": inputs, "changes": [_told(each) for each in changed]}


def _told(change: Change) -> tuple[str, str, float]:
    kind, name, month, value = change
    if kind == "figure":
        return FIGURES[name], str(YEAR), float(value) * (10_000 if name == "index.base" else 1)
    section, code = name.split("/")
    return f"{SHORT[section]}_{code}", month, float(value)
