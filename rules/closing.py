"""Closing the account of a case: net positions, credits, the yearly limit, netting, advances and clearing."""

from collections.abc import Mapping, Sequence

from compensation.expression import YUAN, Quantity, leaf, missing, total
from rules.agreement import POOL
from rules.case import Case
from rules.diversified import credits_of_year
from rules.evidence import TransferFact
from rules.limits import cut_to_limit
from rules.netting import clearing_transfers, year_transfers
from rules.outcome import Charge, Excluded, Fund, Line, Outcome, Position, Transfer
from rules.transfers import ZERO_YUAN, flow


def close(case: Case, charges: tuple[Charge, ...], excluded: tuple[Excluded, ...]) -> Outcome:
    """Everything that follows from the charges: positions, payments, advances, clearing."""
    lines = tuple(line for charge in charges for line in charge.lines)
    positions = _positions(case, lines)
    transfers = year_transfers(case, lines, positions)
    advances = _advances(case)
    return Outcome(
        charges,
        positions,
        transfers,
        advances,
        clearing_transfers(case, transfers, advances, positions),
        _shares(case, transfers, "下年度预拨"),
        excluded,
        _fund(case, positions),
    )


def _fund(case: Case, positions: Mapping[str, Position]) -> Fund | None:
    """The account of the fund that carries over: what it had, and what all payments of the period leave in it."""
    clause = case.agreement.fund
    if clause is None:
        return None
    opening = case.opening(clause)
    closing = (opening + positions[POOL].final).whole_fen()
    return Fund(clause, opening, closing.named(f"{clause.number} {case.period.name} 期末结余（结转）", clause.number))


def _positions(case: Case, lines: tuple[Line, ...]) -> dict[str, Position]:
    money = case.agreement.money
    name = case.agreement.short
    codes = sorted(party.code for party in case.agreement.parties)
    codes += [POOL] if case.agreement.fund is not None else []
    flows = {code: flow(lines, code) for code in codes}
    net = {
        code: (received - paid).whole_fen().named(f"{name(code)} 各条款净额", money.rounding_clause)
        for code, (paid, received) in flows.items()
    }
    credited, debited = credits_of_year(case, net)
    after = {
        code: (net[code] + credited.get(code, ZERO_YUAN) - debited.get(code, ZERO_YUAN))
        .whole_fen()
        .named(f"{name(code)} 抵扣后净额", money.credit_clause)
        for code in codes
    }
    cuts = cut_to_limit(case, after)
    final = {
        code: (after[code] + cuts.get(code, ZERO_YUAN))
        .whole_fen()
        .named(f"{name(code)} 本年度净额", money.limit_clause)
        for code in codes
    }
    advanced = _advanced(case, _advances(case), codes)
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
    return amount.whole_fen().named(f"{case.agreement.short(code)} 清算额", case.agreement.money.advance_clause)


def _advances(case: Case) -> tuple[Transfer, ...]:
    """预拨 of this year: the agreed share of what last year's settlement had each party pay."""
    facts = sorted(case.evidence.last_year, key=lambda fact: (fact.payer, fact.payee))
    return _shares(case, [Transfer(fact.payer, fact.payee, _last_year(case, fact)) for fact in facts], "本年度预拨")


def _last_year(case: Case, fact: TransferFact) -> Quantity:
    lacking = missing("没有上年度的结算，预拨额未定", period=fact.source)
    return leaf(
        ("last_year", fact.payer, fact.payee),
        lacking if fact.amount_yuan is None else fact.amount_yuan,
        YUAN,
        f"上年度 {case.agreement.short(fact.payer)}付{case.agreement.short(fact.payee)}",
        fact.source,
        certain=fact.amount_yuan is not None,
    )


def _shares(case: Case, paid: Sequence[Transfer], what: str) -> tuple[Transfer, ...]:
    """The share of payments that is advanced in the year after; the fund advances none, and receives none."""
    money = case.agreement.money
    if money.advance_share is None:
        return ()
    share = case.figure(money.advance_share)

    def called(each: Transfer) -> str:
        return f"{what}：{case.agreement.short(each.payer)}付{case.agreement.short(each.payee)}"

    return tuple(
        Transfer(
            each.payer,
            each.payee,
            (each.amount * share).rounded_half_up(2).named(called(each), money.advance_clause),
        )
        for each in paid
        if POOL not in (each.payer, each.payee)
    )


def _advanced(case: Case, advances: tuple[Transfer, ...], codes: list[str]) -> dict[str, Quantity]:
    """Advances paid less advances received, by party; empty when there were none."""
    if not advances:
        return {}
    result = {}
    for code in codes:
        paid = total([ZERO_YUAN, *(each.amount for each in advances if each.payer == code)])
        received = total([ZERO_YUAN, *(each.amount for each in advances if each.payee == code)])
        what = f"{case.agreement.short(code)} 已预拨净额"
        result[code] = (paid - received).whole_fen().named(what, case.agreement.money.advance_clause)
    return result
