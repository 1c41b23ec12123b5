"""损害者赔偿: who lets the water worsen, or causes an incident, pays."""

from math import lcm

from compensation.expression import MG_PER_L, RATIO, YUAN, Missing, Quantity, choose, constant, leaf, maximum, missing
from compensation.quality.standard import Direction, indicator, limits
from rules.agreement import Clause, Period, Section
from rules.case import Case
from rules.evidence import IncidentFact
from rules.outcome import Charge
from rules.tariffs import to_the_fen
from rules.transfers import ZERO_YUAN, pay, side


def exceedance(case: Case, clause: Clause, section: Section, period: Period) -> tuple[Quantity, ...]:
    """最大超标倍数: the largest (C − S) / S over the target's limits, after the upstream correction.

    Indicators without a multiple (pH, dissolved oxygen, temperature) do not enter. The first quantity is the largest,
    the others are those of the single indicators.
    """
    singles = [
        _corrected(case, clause, section, code, period, _multiple(case, section, code, period))
        for code in case.indicators
        if _has_multiple(section, code)
    ]
    largest = maximum(singles).named(f"{section.name} {period.name} 最大超标倍数", clause.number)
    return (largest, *singles)


def _has_multiple(section: Section, code: str) -> bool:
    table = limits(code, "lake" if section.body == "lake" else "river")
    return table is not None and table.direction is Direction.AT_MOST


def _multiple(case: Case, section: Section, code: str, period: Period) -> Quantity:
    table = limits(code, "lake" if section.body == "lake" else "river")
    if table is None:
        raise LookupError(code)
    value = case.assessed(section, code, period)
    target = case.target(section)
    if isinstance(target.value, Missing):
        raise LookupError(section.code)
    key = ("limit", section.body, code, str(target.value))
    source = "GB 3838-2002 表 1"
    label = f"{indicator(code).name} {section.name}目标限值"
    limit = leaf(key, table.of_class(int(target.value)), value.unit, label, source, certain=True)
    return ((value - limit) / limit).named(
        f"{section.name} {period.name} {indicator(code).name}超标倍数", "GB 3838-2002"
    )


def _corrected(case: Case, clause: Clause, section: Section, code: str, period: Period, multiple: Quantity) -> Quantity:
    """上游来水修正: an indicator at least as bad at the background section in that month is not charged (第五条)."""
    if clause.correction_section is None:
        return multiple
    background = case.agreement.section(clause.correction_section)
    comes_in = case.assessed(background, code, period) >= case.assessed(section, code, period)
    nothing = constant(0, RATIO)
    charged = choose(multiple > nothing, choose(comes_in, nothing, multiple), multiple)
    return charged.named(f"{section.name} {period.name} {indicator(code).name}超标倍数（扣除上游来水后）", "第五条")


def incidents(case: Case, clause: Clause) -> tuple[Charge, ...]:
    """Incidents (突发事件): verified cost and a surcharge, by responsibility, to the party that bore the cost."""
    return tuple(
        _incident(case, clause, fact)
        for fact in sorted(case.evidence.incidents, key=lambda fact: (fact.day, fact.number, fact.section))
        if case.period.first <= fact.day <= case.period.last
    )


def _incident(case: Case, clause: Clause, fact: IncidentFact) -> Charge:
    section = case.agreement.section(fact.section)
    day = Period(fact.day, fact.day, fact.day.isoformat())
    name = f"{section.name} {fact.number or day.name}"
    lacking = missing("没有核定的应急费用、责任比例和承担方", section.name, "突发事件", day.name)
    cost = leaf(
        ("incident", fact.number, day.name, section.code, "cost"),
        lacking if fact.cost_yuan is None else fact.cost_yuan,
        YUAN,
        f"{name} 核定应急费用",
        fact.source,
    )
    amount = to_the_fen(cost + case.figure(clause.tariff.figures["surcharge"]).to(YUAN))
    measures: tuple[Quantity, ...] = (cost,)
    if fact.indicator is not None:
        value = leaf(
            ("incident", fact.number, day.name, section.code, "concentration"),
            missing("没有浓度", section.name, indicator(fact.indicator).name, day.name)
            if fact.concentration is None
            else fact.concentration,
            MG_PER_L,
            f"{name} {indicator(fact.indicator).name}浓度",
            fact.source,
        )
        exceeds = value > case.figure(clause.tariff.figures["limit"])
        amount = choose(exceeds, amount, ZERO_YUAN)
        measures = (value, cost)
    amount = amount.named(f"{clause.number} {name} 赔偿额", clause.number)
    # without a decision on responsibility the amount is missing, and so is what every party of the section owes
    payers = _responsibility(fact) or side(case, section, "upstream")
    payees = {fact.cost_bearer: constant(1)} if fact.cost_bearer else side(case, section, "downstream")
    lines = pay(case, clause, section, day, amount, payers, payees)
    return Charge(clause, section.code, day, name, measures, amount, lines)


def _responsibility(fact: IncidentFact) -> dict[str, Quantity]:
    """Shares of responsibility as whole-number weights over their common denominator."""
    denominator = lcm(*(share.denominator for share in fact.responsibility.values()))
    return {
        party: leaf(
            ("incident", fact.number, fact.day.isoformat(), fact.section, f"responsibility.{party}"),
            share * denominator,
            RATIO,
            f"{fact.number} 责任权数",
            fact.source,
            certain=True,
        )
        for party, share in sorted(fact.responsibility.items())
        if share
    }
