"""共建共享: a joint fund to which all parties contribute, and which they share by agreed ratios.

A section that misses its annual target takes a part of the distribution from its upstream parties to its downstream
parties, never below zero: what a party has left of its distribution is the most that can be taken from it. Sections
are taken in the order in which the agreement lists them.
"""

from compensation.expression import YUAN, Missing, Quantity, choose, minimum, total
from compensation.expression.allocation import allocate
from rules.agreement import POOL, Clause, Deduction, Period, Ratio, Section
from rules.case import Case
from rules.outcome import Charge, Line
from rules.tariffs import to_the_fen
from rules.transfers import ZERO_YUAN, pay, side


def pool(case: Case, clause: Clause, year: Period) -> tuple[Charge, ...]:
    """The fund's year: contributions in, distribution out, and what failing sections move between the parties."""
    exact = case.figure(clause.tariff.figures["amount"], year).to(YUAN)
    amount = case.annual(year, to_the_fen(exact).named(f"{year.name} 共同资金总额", clause.number))
    contributed = _shares(case, clause, year, amount, clause.contributions, "出资")
    distributed = _shares(case, clause, year, amount, clause.distribution, "分配")
    name = case.agreement.short
    contributions = tuple(
        Line(clause.number, "", year.name, party, POOL, share.named(f"{clause.number} {name(party)}出资"))
        for party, share in contributed.items()
    )
    distributions = tuple(
        Line(clause.number, "", year.name, POOL, party, share.named(f"{clause.number} {name(party)}分得"))
        for party, share in distributed.items()
    )
    charges = [
        Charge(clause, "", year, f"{year.name} 各方出资", (amount,), exact, amount, contributions),
        Charge(clause, "", year, f"{year.name} 资金分配", (amount,), exact, amount, distributions),
    ]
    left = dict(distributed)
    for deduction in clause.deductions:
        for section in case.sections(deduction.sections):
            charges.append(_deduct(case, clause, year, deduction, section, left))
    return tuple(charges)


def _shares(case: Case, clause: Clause, year: Period, amount: Quantity, ratio: Ratio, what: str) -> dict[str, Quantity]:
    label = f"{clause.number} {year.name} {what}"
    return allocate(amount, case.weights(ratio, year), label, case.agreement.money.rounding_clause)


def _deduct(
    case: Case, clause: Clause, year: Period, deduction: Deduction, section: Section, left: dict[str, Quantity]
) -> Charge:
    """What a section that misses its annual target moves; `left` is what each party still has of its distribution."""
    annual = case.section_class(section, year)
    misses = annual > case.target(section, year)
    name = f"{clause.number} {section.name} {year.name}"
    due = choose(misses, case.figure(deduction.amount, year).to(YUAN), ZERO_YUAN)
    scheduled = to_the_fen(due).named(f"{name} 不达标扣减额", clause.number)
    losers = side(case, section, "upstream", year) if deduction.losers is None else case.weights(deduction.losers, year)
    gainers = (
        side(case, section, "downstream", year) if deduction.gainers is None else case.weights(deduction.gainers, year)
    )
    lines: list[Line] = []
    kept: list[Quantity] = []
    moved: list[Quantity] = []
    for party, part in allocate(scheduled, losers, f"{name} 扣减", case.agreement.money.rounding_clause).items():
        short = case.agreement.short(party)
        taken = minimum([part, left.get(party, ZERO_YUAN)]).named(f"{name} 从{short}分配额中扣减", clause.number)
        # a provisional result leaves this section out, so it takes nothing from what the next ones may take
        if party in left and not (case.provisional and isinstance(taken.value, Missing)):
            rest = (left[party] - taken).rounded_half_up(2)
            left[party] = rest.named(f"{short}分配额扣减 {section.name} {year.name} 后剩余", clause.number)
        paid = pay(case, clause, section, year, taken, {party: losers[party]}, gainers)
        moved.append(taken)
        lines += paid.lines
        kept += paid.kept
    subject = f"{section.name} {year.name} 年度水质目标"
    amount = total(moved).rounded_half_up(2).named(f"{name} 实际扣减额", clause.number)
    return Charge(clause, section.code, year, subject, (annual, scheduled), due, amount, tuple(lines), tuple(kept))
