"""An agreement run over its case: every clause in its order, then credits, limit, netting, advances."""

from collections.abc import Iterator

from compensation.expression import YUAN, Missing, choose, maximum
from compensation.quality.standard import indicator
from rules.agreement import Clause, Period, Section
from rules.caps import Caps, Place
from rules.case import Case
from rules.closing import close
from rules.damager_pays import incidents
from rules.floors import Floors
from rules.joint_fund import pool
from rules.measures import MEASURES, falls_below_zero
from rules.outcome import Charge, Excluded, Outcome
from rules.tariffs import TARIFFS, Situation, to_the_fen
from rules.transfers import ZERO_YUAN, clause_side, sharable


def evaluate(case: Case) -> Outcome:
    """Everything the agreement comes to over the case. Pure: the same case gives the same outcome."""
    charges: list[Charge] = []
    excluded: list[Excluded] = []
    for clause in case.agreement.clauses:
        for charge in _charges(case, clause):
            left_out = _left_out(case, charge)
            if left_out is None:
                charges.append(charge)
            else:
                excluded.append(left_out)
    excluded += [*_taken_out(case), *_not_in_this_period(case)]
    return close(case, tuple(charges), tuple(excluded))


def _charges(case: Case, clause: Clause) -> Iterator[Charge]:
    if clause.kind == "pool":
        yield from pool(case, clause)
    elif clause.kind == "incident":
        yield from incidents(case, clause)
    else:
        places = tuple(_places(case, clause))
        caps, floors = Caps(case, clause), Floors(case, clause, places)
        for place in places:
            yield from _charge(case, clause, place, caps, floors)


def _places(case: Case, clause: Clause) -> Iterator[Place]:
    """What a clause is charged for, in order: each section, period and (where it is taken for each) indicator."""
    for section in case.sections(clause.sections):
        for period in _periods(case, clause, section):
            for factor in case.judged_by(clause) if clause.each_indicator else ("",):
                name = f"{section.name} {period.name}" + (f" {indicator(factor).name}" if factor else "")
                yield Place(section, period, factor, False, name)


def _periods(case: Case, clause: Clause, section: Section) -> tuple[Period, ...]:
    if clause.period == "term":
        return (case.period,) if _is_term(case) else ()
    if clause.period == "year":
        return tuple(year for year in case.years if clause.reach.holds(case.day_of(year), None))
    months = case.judged_months(section)
    return tuple(month for month in months if clause.reach.holds(case.day_of(month), month.first.month))


def _charge(case: Case, clause: Clause, place: Place, caps: Caps, floors: Floors) -> Iterator[Charge]:
    """What a clause charges at one place, in each direction."""
    section, period, factor = place.section, place.period, place.indicator or None
    measures = MEASURES[clause.measure.kind][1](case, clause, section, period, factor)
    signed = TARIFFS[clause.tariff.kind][1](Situation(case, clause, section, period, factor), measures[0])
    if clause.period == "year":
        signed = case.annual(period, signed)
    payers = clause_side(case, clause, "payer", section, period, factor)
    payees = clause_side(case, clause, "payee", section, period, factor)
    for backward in (direction == "backward" for direction in clause.directions):
        amount = ZERO_YUAN - signed.to(YUAN) if backward else signed.to(YUAN)
        exact = maximum([amount, ZERO_YUAN]) if falls_below_zero(clause) else amount
        label = f"{clause.number} {place.name} {'反向应付额' if backward else '应付额'}"
        owed = to_the_fen(exact)
        if clause.at_least is not None:
            least = case.figure(clause.at_least, period).to(YUAN)
            owed = choose(owed > ZERO_YUAN, to_the_fen(maximum([owed, least])), ZERO_YUAN)
        if clause.floors:
            owed = owed.named(f"{label}（分组保底前）", clause.number)
        at = place._replace(backward=backward, name=label)
        whole = sharable(floors.lift(owed, at), label, payers, payees)
        sides = (payees, payers) if backward else (payers, payees)
        charged = caps.charge(whole, at, *sides)
        floors.take(owed, charged.amount, at)
        subject = f"{place.name}（反向）" if backward else place.name
        yield Charge(
            clause,
            section.code,
            period,
            subject,
            measures,
            exact,
            charged.amount,
            *charged.paid,
            backward,
            place.indicator,
            charged.borne,
        )


def _left_out(case: Case, charge: Charge) -> Excluded | None:
    """A provisional result leaves out what is missing, and says so."""
    if not case.provisional or not isinstance(charge.amount.value, Missing):
        return None
    lacking = "；".join(str(item) for item in charge.amount.value.listed())
    return Excluded(charge.section, charge.period.name, f"暂算未计 {charge.clause.number}：{lacking}", "")


def _is_term(case: Case) -> bool:
    return (case.period.first, case.period.last) == (case.agreement.first, case.agreement.last)


def _not_in_this_period(case: Case) -> list[Excluded]:
    """The clauses that count once over the term, where less than the term is settled."""
    if _is_term(case):
        return []
    term = f"{case.agreement.first} 至 {case.agreement.last}"
    return [
        Excluded("", case.period.name, f"{clause.number}按整个协议期（{term}）一次计算，本期间不计", "")
        for clause in case.agreement.clauses
        if clause.period == "term"
    ]


def _taken_out(case: Case) -> list[Excluded]:
    """The months that exemptions take out of the account, by section (第五条)."""
    return [
        Excluded(section.code, month.name, fact.reason, fact.document)
        for section in case.agreement.sections
        for month in case.months
        if case.is_taken_out(section, month)
        for fact in case.evidence.exemptions
        if fact.section == section.code and fact.first <= month.last and fact.last >= month.first
    ]
