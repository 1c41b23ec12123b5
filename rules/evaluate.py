"""An agreement run over its case: every clause in its order, then credits, limit, netting, advances."""

from collections import defaultdict
from collections.abc import Iterator

from compensation.expression import Missing
from rules.case import Case
from rules.charging import Charging, is_term
from rules.closing import close
from rules.damager_pays import incidents
from rules.joint_fund import Account, pool
from rules.outcome import Charge, Excluded, Outcome
from rules.transfers import ZERO_YUAN


def evaluate(case: Case) -> Outcome:
    """Everything the agreement comes to over the case. Pure: the same case gives the same outcome."""
    charges: list[Charge] = []
    excluded: list[Excluded] = []
    for charge in _charges(case):
        left_out = _left_out(case, charge)
        if left_out is None:
            charges.append(charge)
        else:
            excluded.append(left_out)
    excluded += [*_taken_out(case), *_not_in_this_period(case)]
    return close(case, tuple(charges), tuple(excluded))


def _charges(case: Case) -> Iterator[Charge]:
    """Every charge, in the order of the clauses."""
    of_fund = _of_fund(case)
    for clause in case.agreement.clauses:
        if clause.key in of_fund:
            yield from of_fund[clause.key]
        elif clause.kind == "pool":
            for year in case.years:
                yield from pool(Account(case, clause, year, ZERO_YUAN))
        elif clause.kind == "incident":
            yield from incidents(case, clause)
        else:
            charging = Charging(case, clause)
            for place in charging.places:
                yield from charging.charges(place, clause.directions)


def _of_fund(case: Case) -> dict[str, list[Charge]]:
    """What flows into and out of the fund that carries over, by clause; year by year, and in before out."""
    found: dict[str, list[Charge]] = defaultdict(list)
    fund = case.agreement.fund
    if fund is None:
        return found
    through = [Charging(case, clause) for clause in case.agreement.clauses if clause.through_fund]
    opening = case.opening(fund)
    for year in case.years:
        account = Account(case, fund, year, opening)
        found[fund.key] += pool(account)
        for charging in through:
            found[charging.clause.key] += charging.into(account)
        claimed = [(charging, charging.claimed_from(account)) for charging in through]
        for charging, claims in claimed:
            found[charging.clause.key] += [charging.paid_by(account, claim) for claim in claims]
        opening = account.closing()
    return found


def _left_out(case: Case, charge: Charge) -> Excluded | None:
    """A provisional result leaves out what is missing, and says so."""
    if not case.provisional or not isinstance(charge.amount.value, Missing):
        return None
    lacking = "；".join(str(item) for item in charge.amount.value.listed())
    return Excluded(charge.section, charge.period.name, f"暂算未计 {charge.clause.number}：{lacking}", "")


def _not_in_this_period(case: Case) -> list[Excluded]:
    """The clauses that count once over the term, where less than the term is settled."""
    if is_term(case):
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
