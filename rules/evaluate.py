"""An agreement run over its case: every clause in its order, then credits, limit, netting, advances."""

from collections.abc import Callable, Mapping

from compensation.expression import YUAN, Missing, Quantity, leaf, total
from rules.agreement import Clause, Period, Section
from rules.beneficiary_pays import water_volume
from rules.case import Case
from rules.damager_pays import exceedance, incidents
from rules.diversified import credits_of_year
from rules.joint_fund import pool
from rules.limits import cut_to_limit
from rules.outcome import Charge, Excluded, Line, Outcome, Position, Transfer
from rules.protector_compensated import index
from rules.tariffs import TARIFFS
from rules.transfers import ZERO_YUAN, flow, pay, settle_positions, side

Measure = Callable[[Case, Clause, Section, Period], tuple[Quantity, ...]]

MEASURES: dict[str, Measure] = {"water_volume": water_volume, "index": index, "exceedance": exceedance}


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
    excluded += _taken_out(case)
    lines = tuple(line for charge in charges for line in charge.lines)
    positions = _positions(case, lines)
    finals = {party: position.final for party, position in positions.items()}
    clearings = {party: position.clearing for party, position in positions.items()}
    transfers = settle_positions(case, finals, "本年度净额", case.agreement.money.rounding_clause)
    return Outcome(
        tuple(charges),
        positions,
        transfers,
        _advances(case),
        settle_positions(case, clearings, "清算", case.agreement.money.advance_clause),
        _next_advances(case, transfers),
        tuple(excluded),
    )


def _charges(case: Case, clause: Clause) -> tuple[Charge, ...]:
    if clause.kind == "pool":
        return pool(case, clause)
    if clause.kind == "incident":
        return incidents(case, clause)
    return tuple(
        charge
        for section in case.sections(clause.sections)
        for period in ((case.period,) if clause.period == "year" else case.judged_months(section))
        for charge in _charge(case, clause, section, period)
    )


def _charge(case: Case, clause: Clause, section: Section, period: Period) -> tuple[Charge, ...]:
    measures = MEASURES[clause.measure.kind](case, clause, section, period)
    amounts = TARIFFS[clause.tariff.kind](case, clause.tariff, measures[0], section, period)
    payers, payees = side(case, section, clause.payer), side(case, section, clause.payee)
    name = f"{section.name} {period.name}"
    forward = amounts.forward.named(f"{clause.number} {name} 应付额", clause.number)
    lines = pay(case, clause, section, period, forward, payers, payees)
    charges = [Charge(clause, section.code, period, name, measures, forward, lines)]
    if amounts.backward is not None:
        backward = amounts.backward.named(f"{clause.number} {name} 反向应付额", clause.number)
        lines = pay(case, clause, section, period, backward, payees, payers)
        charges.append(Charge(clause, section.code, period, f"{name}（反向）", measures, backward, lines))
    return tuple(charges)


def _left_out(case: Case, charge: Charge) -> Excluded | None:
    """A provisional result leaves out what is missing, and says so."""
    if not case.provisional or not isinstance(charge.amount.value, Missing):
        return None
    lacking = "；".join(str(item) for item in charge.amount.value.listed())
    return Excluded(charge.section, charge.period.name, f"暂算未计 {charge.clause.number}：{lacking}", "")


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


def _positions(case: Case, lines: tuple[Line, ...]) -> dict[str, Position]:
    money = case.agreement.money
    name = case.agreement.short
    codes = sorted(party.code for party in case.agreement.parties)
    flows = {code: flow(lines, code) for code in codes}
    net = {
        code: (received - paid).rounded_half_up(2).named(f"{name(code)} 各条款净额", money.rounding_clause)
        for code, (paid, received) in flows.items()
    }
    credited, debited = credits_of_year(case, net)
    after = {
        code: (net[code] + credited.get(code, ZERO_YUAN) - debited.get(code, ZERO_YUAN))
        .rounded_half_up(2)
        .named(f"{name(code)} 抵扣后净额", money.credit_clause)
        for code in codes
    }
    cuts = cut_to_limit(case, after)
    final = {
        code: (after[code] + cuts.get(code, ZERO_YUAN))
        .rounded_half_up(2)
        .named(f"{name(code)} 本年度净额", money.limit_clause)
        for code in codes
    }
    advanced = _advanced(_advances(case), codes)
    return {
        code: Position(
            code,
            flows[code][0].named(f"{name(code)} 应付合计", money.rounding_clause),
            flows[code][1].named(f"{name(code)} 应收合计", money.rounding_clause),
            net[code],
            credited.get(code),
            debited.get(code),
            after[code],
            cuts.get(code),
            final[code],
            advanced.get(code),
            _clearing(case, code, final[code], advanced),
        )
        for code in codes
    }


def _clearing(case: Case, code: str, final: Quantity, advanced: Mapping[str, Quantity]) -> Quantity:
    amount = final + advanced[code] if code in advanced else final
    return amount.rounded_half_up(2).named(f"{case.agreement.short(code)} 清算额", case.agreement.money.advance_clause)


def _advances(case: Case) -> tuple[Transfer, ...]:
    """预拨 of this year: the agreed share of what last year's settlement had each party pay."""
    share = case.agreement.money.advance_share
    if share is None:
        return ()
    return tuple(
        _advance(
            case,
            fact.payer,
            fact.payee,
            leaf(
                ("last_year", fact.payer, fact.payee),
                fact.amount_yuan,
                YUAN,
                f"上年度 {case.agreement.short(fact.payer)}付{case.agreement.short(fact.payee)}",
                fact.source,
                certain=True,
            ),
            "本年度预拨",
        )
        for fact in sorted(case.evidence.last_year)
    )


def _next_advances(case: Case, transfers: tuple[Transfer, ...]) -> tuple[Transfer, ...]:
    if case.agreement.money.advance_share is None:
        return ()
    return tuple(_advance(case, each.payer, each.payee, each.amount, "下年度预拨") for each in transfers)


def _advance(case: Case, payer: str, payee: str, last_year: Quantity, what: str) -> Transfer:
    share = case.agreement.money.advance_share
    if share is None:
        raise LookupError("the agreement knows no advances")
    amount = (last_year * case.figure(share)).rounded_half_up(2)
    label = f"{what}：{case.agreement.short(payer)}付{case.agreement.short(payee)}"
    return Transfer(payer, payee, amount.named(label, case.agreement.money.advance_clause))


def _advanced(advances: tuple[Transfer, ...], codes: list[str]) -> dict[str, Quantity]:
    """Advances paid less advances received, by party; empty when there were none."""
    if not advances:
        return {}
    result = {}
    for code in codes:
        paid = total([ZERO_YUAN, *(each.amount for each in advances if each.payer == code)])
        received = total([ZERO_YUAN, *(each.amount for each in advances if each.payee == code)])
        result[code] = (paid - received).rounded_half_up(2)
    return result
