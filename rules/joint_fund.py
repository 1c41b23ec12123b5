"""共建共享: a joint fund to which all parties contribute, and which they share by agreed ratios.

A section that misses its annual target takes a part of the distribution from its upstream parties to its downstream
parties, never below zero: what a party has left of its distribution is the most that can be taken from it. Sections
are taken in the order in which the agreement lists them.
"""

from compensation.expression import YUAN, Missing, Quantity, choose, minimum
from compensation.expression.allocation import allocate
from rules.agreement import POOL, Clause, Section
from rules.case import Case
from rules.outcome import Charge, Line
from rules.tariffs import to_the_fen
from rules.transfers import ZERO_YUAN, pay, side


def pool(case: Case, clause: Clause) -> tuple[Charge, ...]:
    """The fund's year: contributions in, distribution out, and what failing sections move between the parties."""
    amount = to_the_fen(case.figure(clause.tariff.figures["amount"])).named("年度共同资金总额", clause.number)
    contributed = _shares(case, clause, amount, "出资")
    distributed = _shares(case, clause, amount, "分配")
    name = case.agreement.short
    contributions = tuple(
        Line(clause.number, "", case.period.name, party, POOL, share.named(f"{clause.number} {name(party)}出资"))
        for party, share in contributed.items()
    )
    distributions = tuple(
        Line(clause.number, "", case.period.name, POOL, party, share.named(f"{clause.number} {name(party)}分得"))
        for party, share in distributed.items()
    )
    charges = [
        Charge(clause, "", case.period, "各方出资", (amount,), amount, contributions),
        Charge(clause, "", case.period, "资金分配", (amount,), amount, distributions),
    ]
    left = dict(distributed)
    for section in case.sections(clause.sections):
        charges.append(_deduction(case, clause, section, left))
    return tuple(charges)


def _shares(case: Case, clause: Clause, amount: Quantity, what: str) -> dict[str, Quantity]:
    ratio = clause.contributions if what == "出资" else clause.distribution
    return allocate(amount, case.weights(ratio), f"{clause.number} {what}", case.agreement.money.rounding_clause)


def _deduction(case: Case, clause: Clause, section: Section, left: dict[str, Quantity]) -> Charge:
    """What a section that misses its annual target moves; `left` is what each party still has of its distribution."""
    annual = case.section_class(section, case.period)
    misses = annual > case.target(section)
    scheduled = to_the_fen(choose(misses, case.figure(clause.tariff.figures["deduction"]).to(YUAN), ZERO_YUAN)).named(
        f"{clause.number} {section.name} 年度不达标扣减额", clause.number
    )
    upstream, downstream = side(case, section, "upstream"), side(case, section, "downstream")
    label = f"{clause.number} {section.name} 扣减"
    lines: list[Line] = []
    for party, due in allocate(scheduled, upstream, label, case.agreement.money.rounding_clause).items():
        taken = minimum([due, left.get(party, ZERO_YUAN)]).named(
            f"{clause.number} {section.name} 从{case.agreement.short(party)}分配额中扣减", clause.number
        )
        # a provisional result leaves this section out, so it takes nothing from what the next ones may take
        if party in left and not (case.provisional and isinstance(taken.value, Missing)):
            rest = (left[party] - taken).rounded_half_up(2)
            left[party] = rest.named(f"{case.agreement.short(party)}分配额扣减 {section.name} 后剩余", clause.number)
        lines += pay(case, clause, section, case.period, taken, {party: upstream[party]}, downstream)
    return Charge(clause, section.code, case.period, f"{section.name} 年度水质目标", (annual,), scheduled, tuple(lines))
