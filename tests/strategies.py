"""Hypothesis strategies for evidence under the Taipu draft: whole years with gaps, incidents, exemptions and the rest.

The bulk of a year (thousands of daily values) comes from a drawn seed; what decides a settlement (levels near limits,
gaps, exemptions, incidents) is drawn item by item, so that a failure shrinks to the few that matter.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from rules.evidence import (
    DayValue,
    Evidence,
    ExemptionFact,
    IncidentFact,
    InKindFact,
    TransferFact,
    VolumeFact,
)

YEAR = 2026
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
DAYS = tuple(FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1))
MONTHS = tuple(f"{YEAR}-{month:02d}" for month in range(1, 13))
PARTIES = ("310000", "320000", "330000")
BACKGROUND = "TAIPU-GATE"
BOUNDARIES = ("310118_0002", "310118_0003")
INTAKES = ("TAIPU-JINZE", "TAIPU-JIAPING")
BY_HAND = ("TAIPU-JIAPING",)
SECTIONS = (BACKGROUND, *BOUNDARIES, *INTAKES)

# Levels by indicator, in units of its hourly decimals: around class limits, their rounding ties and the baselines.
STEP = {"w01019": Fraction(1, 100), "w21003": Fraction(1, 1000), "w21011": Fraction(1, 1000)}
LEVELS: Mapping[str, Sequence[int]] = {
    "w01019": (150, 200, 380, 390, 395, 399, 400, 404, 405, 406, 595, 600, 604, 605, 606, 900, 905, 1210, 1500),
    "w21003": (20, 149, 155, 220, 250, 494, 500, 505, 990, 1004, 1005, 1006, 1500, 1505, 2010, 2500),
    "w21011": (1, 19, 20, 80, 85, 99, 100, 101, 150, 199, 200, 201, 300, 301, 400, 401, 450),
}
INDICATORS = tuple(STEP)

# A whole year is a large example: a share of what the profile in force asks of a small one.
OVER_YEARS = settings(
    max_examples=max(2, settings().max_examples // 8),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


class Year(dict[tuple[str, str], dict[date, DayValue]]):
    """Daily values by section and indicator that say by the month what they hold: count × first value."""

    def __repr__(self) -> str:
        told = []
        for (section, code), values in self.items():
            by_month = [[v.value for day, v in values.items() if day.month == month] for month in range(1, 13)]
            texts = [f"{len(month)}×{month[0]}" if month else "0" for month in by_month]
            told.append(f"{section} {code}: {' '.join(texts)}")
        return "Year(" + "; ".join(told) + ")"


months = st.integers(1, 12)
days = st.sampled_from(DAYS)
fen = st.integers(0, 9_000_000_000)
yuan = st.one_of(fen.map(lambda x: Fraction(x, 100)), st.fractions(0, 10**8, max_denominator=10_000))
spots = st.tuples(st.sampled_from(SECTIONS), st.sampled_from(INDICATORS), months)


@st.composite
def volumes(draw: st.DrawFn) -> dict[tuple[str, str], VolumeFact]:
    rnd = random.Random(draw(st.integers(0, 10**6)))
    lost = (
        draw(st.sets(st.tuples(st.sampled_from(INTAKES), st.sampled_from(MONTHS)), max_size=2))
        if draw(st.sampled_from([False, False, False, True]))
        else set()
    )
    keys = [(section, month) for section in INTAKES for month in MONTHS]
    amounts = {key: Fraction(rnd.randint(0, 2 * 10**8), rnd.choice([1, 1, 10, 3])) for key in keys}
    return {key: VolumeFact(amount, "取水量报表") for key, amount in amounts.items() if key not in lost}


@st.composite
def responsibilities(draw: st.DrawFn) -> dict[str, Fraction]:
    weights = draw(st.lists(st.integers(0, 7), min_size=3, max_size=3).filter(any))
    return {party: Fraction(weight, sum(weights)) for party, weight in zip(PARTIES, weights, strict=True)}


@st.composite
def incidents(draw: st.DrawFn, number: str) -> IncidentFact:
    antimony = draw(st.booleans())
    return IncidentFact(
        number,
        draw(st.sampled_from(INTAKES)),
        draw(days),
        "w20004" if antimony else None,
        draw(st.sampled_from([Fraction(x, 100_000) for x in (499, 500, 501, 502, 900)])) if antimony else None,
        draw(st.one_of(yuan, yuan, yuan, st.none())),
        draw(responsibilities()),
        draw(st.sampled_from(PARTIES)),
        "认定书",
    )


@st.composite
def exemptions(draw: st.DrawFn) -> ExemptionFact:
    first = draw(days)
    last = min(LAST, first + timedelta(draw(st.integers(0, 70))))
    return ExemptionFact(draw(st.sampled_from(SECTIONS)), first, last, "洪水", "认定文件")


@st.composite
def contributions(draw: st.DrawFn) -> InKindFact:
    giver, receiver = draw(st.permutations(PARTIES))[:2]
    kind = draw(st.sampled_from(["technology", "talent", "industry"]))
    return InKindFact(giver, receiver, kind, "协作", draw(yuan), "评估报告")


@st.composite
def payments(draw: st.DrawFn) -> TransferFact:
    payer, payee = draw(st.permutations(PARTIES))[:2]
    return TransferFact(payer, payee, Fraction(draw(fen), 100), "上年度结算")


@st.composite
def concentrations(draw: st.DrawFn, *, complete: bool = False) -> Year:
    """Daily values of every section and indicator; months changed to drawn levels, months thinned to a few days."""
    rnd = random.Random(draw(st.integers(0, 10**6)))
    dirty = draw(st.sampled_from([0, 0, 1, 3]))
    found = Year()
    levels: dict[tuple[str, str, int], int] = {}
    for section in SECTIONS:
        for code in INDICATORS:
            low = len(LEVELS[code]) // 3 if not dirty else len(LEVELS[code])
            base = rnd.choice(LEVELS[code][: max(low, 4)])
            for month in range(1, 13):
                levels[section, code, month] = base if rnd.random() < 0.7 else rnd.choice(LEVELS[code])
    for (section, code, month), level in draw(st.dictionaries(spots, st.integers(0, 18), max_size=8)).items():
        levels[section, code, month] = LEVELS[code][level % len(LEVELS[code])]
    thinned = (
        {}
        if complete
        else draw(st.one_of(st.just({}), st.dictionaries(spots, st.sampled_from([0, 1, 19, 20, 21]), max_size=12)))
    )
    wobble = rnd.choice([0, 0, 1, 2])
    for section in SECTIONS:
        for code in INDICATORS:
            values: dict[date, DayValue] = {}
            for day in DAYS:
                if section in BY_HAND and day.day not in (5, 20):
                    continue
                units = max(0, levels[section, code, day.month] + rnd.randint(-wobble, wobble))
                values[day] = DayValue(units * STEP[code], 1 if section in BY_HAND else rnd.randint(4, 6))
            found[section, code] = values
    for (section, code, month), left in thinned.items():
        there = [day for day in found[section, code] if day.month == month]
        for day in there[left:]:
            del found[section, code][day]
    return found


@st.composite
def evidence(draw: st.DrawFn, *, complete: bool = False) -> Evidence:
    """A year's evidence; `complete` leaves nothing out, so that every amount is determined."""
    made = Evidence(
        days=draw(concentrations(complete=complete)),
        volumes=draw(volumes()),
        incidents=tuple(draw(incidents(f"SG-{n}")) for n in range(draw(st.integers(0, 3)))),
        exemptions=tuple(draw(st.lists(exemptions(), max_size=3))),
        in_kind=tuple(draw(st.lists(contributions(), max_size=4))),
        last_year=tuple(draw(st.lists(payments(), max_size=2, unique_by=lambda x: (x.payer, x.payee)))),
    )
    if not complete:
        return made
    whole = {(section, month): VolumeFact(Fraction(10**7), "") for section in INTAKES for month in MONTHS}
    known = tuple(x if x.cost_yuan is not None else x._replace(cost_yuan=Fraction(1)) for x in made.incidents)
    return replace(made, volumes={**whole, **made.volumes}, incidents=known, exemptions=())
