"""多元化: technology, talent and industry contributions at agreed value, credited against what the contributor owes."""

from collections.abc import Mapping

from compensation.expression import FEN, YUAN, Quantity, constant, leaf, maximum, minimum, total
from compensation.expression.allocation import allocate
from rules.case import Case
from rules.transfers import ZERO_YUAN


def credits_of_year(case: Case, net: Mapping[str, Quantity]) -> tuple[dict[str, Quantity], dict[str, Quantity]]:
    """Credits by contributor and debits by receiver, 元: up to the agreed share of what the contributor owes.

    What exceeds the share lapses. A contributor's credit is debited to the parties that received its contributions,
    in proportion to their values.
    """
    share = case.agreement.money.credit_share
    if share is None:
        return {}, {}
    clause = case.agreement.money.credit_clause
    credited: dict[str, Quantity] = {}
    debits: dict[str, list[Quantity]] = {}
    for contributor in sorted({fact.contributor for fact in case.evidence.in_kind}):
        values = _values(case, contributor)
        name = case.agreement.short(contributor)
        owed = maximum([ZERO_YUAN - net[contributor], ZERO_YUAN]).named(f"{name} 抵扣前净应付", clause)
        most = (owed.to(FEN).whole_fen() * case.figure(share)).floor().to(YUAN).named(f"{name} 抵扣上限", clause)
        credit = minimum([total(list(values.values())).whole_fen(), most]).named(f"{name} 多元化抵扣额", clause)
        credited[contributor] = credit
        weights = {party: value.to(FEN).whole_fen() / constant(1, FEN) for party, value in values.items()}
        for party, part in allocate(credit, weights, f"{name} 抵扣额分摊", clause, case.agreement.short).items():
            debits.setdefault(party, []).append(part)
    return credited, {
        party: total(parts).whole_fen().named(f"{case.agreement.short(party)} 抵扣借方", clause)
        for party, parts in debits.items()
    }


def _values(case: Case, contributor: str) -> dict[str, Quantity]:
    """The agreed value of what `contributor` gave to each party, 元, to the fen."""
    given: dict[str, list[Quantity]] = {}
    for number, fact in enumerate(sorted(case.evidence.in_kind), start=1):
        if fact.contributor != contributor:
            continue
        label = f"{case.agreement.short(contributor)}对{case.agreement.short(fact.receiver)}：{fact.description}"
        value = leaf(("in_kind", str(number)), fact.value_yuan, YUAN, label, fact.source)
        given.setdefault(fact.receiver, []).append(value)
    return {party: total(values).rounded_half_up(2) for party, values in sorted(given.items())}
