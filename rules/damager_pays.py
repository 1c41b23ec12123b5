"""损害者赔偿: who lets the water worsen, or causes an incident, pays."""

from math import lcm

from compensation.expression import MG_PER_L, RATIO, TONNES, YUAN, Quantity, choose, constant, leaf, maximum, missing
from compensation.quality.standard import indicator
from rules.agreement import Clause, Period, Section
from rules.case import Case
from rules.evidence import IncidentFact
from rules.outcome import Charge
from rules.parts import BY_SECTION_AND_INDICATOR, SAME_AS_INDICATOR, FigureSpec, PartSpec, TableSpec
from rules.tariffs import to_the_fen
from rules.transfers import ZERO_YUAN, pay, sharable, side

_LIMITS = {"limits": TableSpec("协议限值", BY_SECTION_AND_INDICATOR, SAME_AS_INDICATOR, required=False)}
EXCEEDANCE = PartSpec("最大超标倍数", tables=_LIMITS)
EXCESS_LOAD = PartSpec("超标通量", tables=_LIMITS, unit="t")
INCIDENT = PartSpec(
    "突发事件核定费用",
    figures={"limit": FigureSpec("事件浓度限值", "mg/L"), "surcharge": FigureSpec("每次事件附加额", "元")},
)


def exceedance(
    case: Case, clause: Clause, section: Section, period: Period, factor: str | None
) -> tuple[Quantity, ...]:
    """最大超标倍数: the largest (C − S) / S over the limits of the target or of the clause, after upstream correction.

    Indicators without a multiple (pH, dissolved oxygen, temperature) do not enter. The first quantity is the largest,
    the others are those of the single indicators; a clause taken for each indicator has only its own.
    """
    singles = []
    for code in case.judged_by(clause) if factor is None else (factor,):
        multiple = case.multiple(section, code, period, clause)
        if multiple is not None:
            name = f"{section.name} {period.name} {indicator(code).name}超标倍数"
            singles.append(_without_inflow(case, clause, section, code, period, multiple, name))
    if not singles:
        raise LookupError("exceedance needs an indicator that has a multiple")
    if len(singles) == 1:
        return (singles[0],)
    return (maximum(singles).named(f"{section.name} {period.name} 最大超标倍数", clause.number), *singles)


def excess_load(
    case: Case, clause: Clause, section: Section, period: Period, factor: str | None
) -> tuple[Quantity, ...]:
    """超标通量: (C − C_target) × the month's flow, in t, nothing below the target; for each indicator."""
    limit = None if factor is None else case.target_limit(section, factor, period, clause)
    if factor is None or limit is None:
        raise LookupError("excess_load is taken for each indicator that has a limit")
    name = f"{section.name} {period.name} {indicator(factor).name}"
    value, flow = case.assessed(section, factor, period), case.flow(section, period)
    above = maximum([value - limit, constant(0, value.unit)]).named(f"{name}超标浓度", clause.number)
    above = _without_inflow(case, clause, section, factor, period, above, f"{name}超标浓度")
    load = (above * flow).to(TONNES).named(f"{name}超标通量", clause.number)
    return (load, above, flow)


def _without_inflow(
    case: Case, clause: Clause, section: Section, code: str, period: Period, excess: Quantity, name: str
) -> Quantity:
    """上游来水修正: nothing where the indicator is at least as bad at the background section in the same period."""
    if clause.correction is None:
        return excess
    background = case.agreement.section(clause.correction.section)
    comes_in = case.assessed(background, code, period) >= case.assessed(section, code, period)
    nothing = constant(0, excess.unit)
    charged = choose(excess > nothing, choose(comes_in, nothing, excess), excess)
    return charged.named(f"{name}（扣除上游来水后）", clause.correction.clause)


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
    exact = cost + case.figure(clause.tariff.figures["surcharge"], day).to(YUAN)
    amount = to_the_fen(exact)
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
        exceeds = value > case.figure(clause.tariff.figures["limit"], day)
        exact, amount = choose(exceeds, exact, ZERO_YUAN), choose(exceeds, amount, ZERO_YUAN)
        measures = (value, cost)
    # without a decision on responsibility the amount is missing, and so is what every party of the section owes
    payers = _responsibility(fact) or side(case, section, "upstream", day)
    payees = {fact.cost_bearer: constant(1)} if fact.cost_bearer else side(case, section, "downstream", day)
    label = f"{clause.number} {name} 赔偿额"
    amount = sharable(amount, label, payers, payees).named(label, clause.number)
    paid = pay(case, clause, section, day, amount, payers, payees)
    return Charge(clause, section.code, day, name, measures, exact, amount, *paid)


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
