"""Seeded settlements of every kind that a workbook must hold; made up, and good for nothing else."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from importlib import resources

from compensation.agreement.loader import parse
from compensation.settlement.evidence import Gathered, Omission
from compensation.settlement.settle import Mode, Settlement, SourceFile, period_of, settle
from rules.agreement import Agreement, Section, months_of
from rules.evidence import DayValue, Evidence, ExemptionFact, IncidentFact, InKindFact, TransferFact, VolumeFact

YEAR = 2026
PARTIES = ("310000", "320000", "330000")
# Typical values and their spread, in units of the last decimal.
LEVELS = {"w01019": (40, 8, 10), "w21003": (25, 15, 100), "w21011": (85, 30, 1000)}


@dataclass(frozen=True)
class Year:
    """What a settlement is made from; `changed` makes the same with other evidence or figures."""

    agreement: Agreement
    gathered: Gathered
    first: date
    last: date
    mode: Mode

    def settled(self) -> Settlement:
        period = period_of(self.agreement, self.first, self.last, backtest="backtest" in self.mode.value)
        sources = (
            SourceFile("=1+1.csv", "0" * 64),
            SourceFile("示例数据_太浦河桥_2026.xlsx", "f" * 64),
        )
        return settle(self.agreement, period, self.gathered, self.mode, sources)

    def changed(self, change: Callable[[Evidence], Evidence]) -> "Year":
        return replace(self, gathered=replace(self.gathered, evidence=change(self.gathered.evidence)))


def agreement(*replacements: tuple[str, str]) -> Agreement:
    """The draft agreement, with pieces of its text replaced."""
    text = resources.files("rules.agreements").joinpath("taipu-draft.yaml").read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return parse("taipu-draft.yaml", text)


def year(seed: int) -> Year:
    """The made-up year of a seed: kinds take turns, so that forty in a row hold every kind several times."""
    chance = random.Random(seed)
    kind = seed % 8
    limit = ("{<<: *assumed, value: 8000, unit: 万元}", "{<<: *assumed, value: 731.07, unit: 万元}")
    deal = agreement(limit) if kind in (1, 5) else agreement()
    first, last = date(YEAR, 1, 1), date(YEAR, 12, 31)
    mode = Mode.FINAL
    if kind == 2:
        mode = Mode.PROVISIONAL
    elif kind == 3:
        first, last, mode = date(2024, 1, 1), date(2024, 12, 31), Mode.BACKTEST
    elif kind == 6:
        first, last, mode = date(2025, 7, 1), date(2025, 8, 31), Mode.PROVISIONAL_BACKTEST
    factor = {section.code: Fraction(chance.choice((55, 75, 90, 99, 103, 120)), 100) for section in deal.sections}
    if kind == 1:  # two payers and one receiver, and a limit in the way
        factor = dict.fromkeys(factor, Fraction(chance.choice((130, 150)), 100))
    elif kind == 5:  # one payer and two receivers
        upper, lower = (section.code for section in deal.sections if section.kind == "boundary")
        factor |= {upper: Fraction(97, 100), lower: Fraction(55, 100)}
    days = {}
    for section in deal.sections:
        lost = (
            {chance.randint(1, 12)} if kind == 2 else set(range(1, 7)) if kind == 4 and chance.random() < 0.3 else set()
        )
        for code, (level, spread, scale) in LEVELS.items():
            days[section.code, code] = _days(
                chance, section, (level, spread, scale), factor[section.code], first, last, lost
            )
    gathered = Gathered(
        Evidence(
            days,
            _volumes(chance, deal, first, last, complete=kind != 4),
            _incidents(chance, deal, first, last),
            _exemptions(chance, deal, first, last),
            _in_kind(chance) if chance.random() < 0.6 else (),
            _last_year(chance) if chance.random() < 0.6 else (),
        ),
        (Omission(deal.sections[1].code, "w21003", f"{first:%Y-%m}", "站点维护期间的数据", 17),),
    )
    return Year(deal, gathered, first, last, mode)


def _days(
    chance: random.Random,
    section: Section,
    level: tuple[int, int, int],
    factor: Fraction,
    first: date,
    last: date,
    lost: set[int],
) -> dict[date, DayValue]:
    values = {}
    middle, spread, scale = level
    bad_month = chance.randint(1, 12) if chance.random() < 0.4 else 0
    worse = chance.choice((2, 3, 5))
    day = first
    while day <= last:
        by_hand = section.monitoring == "manual"
        taken = day.day == 10 if by_hand else chance.random() > 0.04
        if taken and day.month not in lost:
            n = 1 if by_hand else chance.choice((4, 5, 6))
            readings = sum(middle + chance.randint(-spread, spread) for _ in range(n))
            value = Fraction(readings, n * scale) * factor * (worse if day.month == bad_month else 1)
            values[day] = DayValue(value, n)
        day += timedelta(1)
    return values


def _volumes(
    chance: random.Random, deal: Agreement, first: date, last: date, *, complete: bool
) -> dict[tuple[str, str], VolumeFact]:
    return {
        (section.code, month.name): VolumeFact(Fraction(chance.randint(10**8, 10**9), 10), "示例文号〔2026〕11号")
        for section in deal.sections
        if section.kind == "intake"
        for month in months_of(first, last)
        if complete or chance.random() > 0.1
    }


def _incidents(chance: random.Random, deal: Agreement, first: date, last: date) -> tuple[IncidentFact, ...]:
    intakes = [section.code for section in deal.sections if section.kind == "intake"]
    facts = []
    for number in range(chance.randint(0, 2)):
        third = Fraction(chance.randint(1, 6), 7)
        facts.append(
            IncidentFact(
                f"SG-{number + 1}",
                chance.choice(intakes),
                first + timedelta(chance.randint(0, (last - first).days)),
                chance.choice(("w20004", None)),
                Fraction(chance.choice((499, 500, 502)), 100_000),
                Fraction(chance.randint(1, 10**9), 100),
                {"320000": third, "330000": 1 - third},
                "310000",
                "示例文号〔2026〕21号",
            )
        )
    return tuple(facts)


def _exemptions(chance: random.Random, deal: Agreement, first: date, last: date) -> tuple[ExemptionFact, ...]:
    if chance.random() < 0.5:
        return ()
    start = first + timedelta(chance.randint(0, max(1, (last - first).days - 30)))
    end = start + timedelta(chance.randint(3, 25))
    boundary = [section.code for section in deal.sections if section.kind == "boundary"]
    return (ExemptionFact(chance.choice(boundary), start, end, "潮水顶托，断面处持续回流", "示例文号〔2026〕31号"),)


def _in_kind(chance: random.Random) -> tuple[InKindFact, ...]:
    facts = []
    for number in range(chance.randint(1, 4)):
        contributor, receiver = chance.sample(PARTIES, 2)
        value = Fraction(chance.randint(10**6, 10**9), 100)
        facts.append(InKindFact(contributor, receiver, "technology", f"监测技术支援 {number + 1}", value, "示例协议书"))
    return tuple(facts)


def _last_year(chance: random.Random) -> tuple[TransferFact, ...]:
    payer, *payees = chance.sample(PARTIES, 3)
    return tuple(
        TransferFact(payer, payee, Fraction(chance.randint(1, 10**10), 100), "上年度结算书") for payee in payees
    )
