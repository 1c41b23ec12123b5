"""What must hold of the money of any outcome: conserved at every level, within every bound, flowing one way."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction

from compensation.errors import IntegrityError
from compensation.expression import YUAN, Quantity
from compensation.proof.trial import Trial, amounts, called
from compensation.proof.words import money
from compensation.settlement.settle import differences
from rules.agreement import POOL, Cap, Clause, Floor, Grouped
from rules.joint_fund import touches_fund
from rules.outcome import Charge, Line, Outcome, Transfer


def conserved(trial: Trial) -> str | None:
    """What is paid is what is received: a charge and its lines, the pool, net positions, payments, clearing."""
    for charge in trial.outcome.charges:
        told = _charge_conserved(charge)
        if told is not None:
            return told
    try:
        broken = [(what, fen) for what, fen in differences(trial.outcome) if fen]
    except IntegrityError as error:
        return str(error)
    return f"{broken[0][0]}：相差 {money(Fraction(broken[0][1], 100))}" if broken else None


def _charge_conserved(charge: Charge) -> str | None:
    parts = [line.amount.value for line in charge.lines]
    known = [part for part in parts if isinstance(part, Fraction)]
    amount = charge.amount.value
    if not isinstance(amount, Fraction):
        # what one party has left of a distribution, or under its own cap, may be known while that of another is not
        partly = known and charge.clause.kind != "pool" and not charge.borne
        return f"{called(charge)}：金额未定，分担到各方的却有确定的" if partly else None
    if len(known) < len(parts):
        return f"{called(charge)}：金额已定，分担到各方的却有未定的"
    kept = [part.value for part in charge.kept if isinstance(part.value, Fraction)]
    total = sum(known + kept, Fraction(0))
    if total == amount:
        return None
    return f"{called(charge)}：应付 {money(amount)}，各方分担之和 {money(total)}"


def flows_one_way(trial: Trial) -> str | None:
    """No party pays itself, no line is negative or has a part of a fen, and only parties and the pool are named."""
    outcome = trial.outcome
    known = {party.code for party in trial.agreement.parties} | {POOL}
    name = trial.agreement.short
    payments: list[tuple[str, Line | Transfer]] = [(f"{line.clause} {line.period}", line) for line in outcome.lines]
    payments += [(what, each) for what, group in _transfers(outcome) for each in group]
    for where, each in payments:
        between = f"{where} {name(each.payer)}付{name(each.payee)}"
        if each.payer == each.payee:
            return f"{between}：自己付给自己"
        if not {each.payer, each.payee} <= known:
            return f"{between}：不是协议的缔约方"
        value = each.amount.value
        if isinstance(value, Fraction) and value < 0:
            return f"{between}：金额为负（{money(value)}）"
    for what, amount in amounts(outcome):
        if isinstance(amount.value, Fraction) and (amount.value * 100).denominator != 1:
            return f"{what}：{money(amount.value)} 不是整数分"
    return None


def _transfers(outcome: Outcome) -> Iterator[tuple[str, tuple[Transfer, ...]]]:
    yield "本年度支付", outcome.transfers
    yield "清算", outcome.clearing
    yield "预拨", outcome.advances
    yield "下年度预拨", outcome.next_advances


def within_bounds(trial: Trial) -> str | None:
    """No cap, limit, credit share, tariff maximum or distribution is ever exceeded, and no floor missed."""
    return next(_exceeded(trial), None)


def _exceeded(trial: Trial) -> Iterator[str]:
    for clause in trial.agreement.clauses:
        own = [charge for charge in trial.outcome.charges if charge.clause.key == clause.key]
        for cap in clause.caps:
            yield from _over_cap(trial, clause, cap, own)
        for floor in clause.floors:
            yield from _under_floor(trial, clause, floor, own)
        if clause.kind == "pool":
            yield from _over_distribution(trial, own)
        if "at_most" in clause.tariff.figures:
            yield from _over_maximum(trial, own)
    yield from _over_limit(trial)
    yield from _overdrawn(trial)


def _overdrawn(trial: Trial) -> Iterator[str]:
    """A fund that carries over never falls below zero, in no year and at no end, by its lines alone."""
    fund = trial.outcome.fund
    if fund is None or not isinstance(fund.opening.value, Fraction) or not isinstance(fund.closing.value, Fraction):
        return
    own = [charge for charge in trial.outcome.charges if touches_fund(charge.clause)]
    balance = fund.opening.value
    for year in trial.case.years:
        lines = [line for charge in own if charge.period.last.year == year.last.year for line in charge.lines]
        balance += sum((_known(line.amount) for line in lines if line.payee == POOL), Fraction(0))
        balance -= sum((_known(line.amount) for line in lines if line.payer == POOL), Fraction(0))
        if balance < 0:
            yield f"{fund.clause.number} {year.name}：共同资金透支 {money(-balance)}"
    if fund.closing.value < 0:
        yield f"{fund.clause.number}：期末结余为负（{money(fund.closing.value)}）"
    if trial.agreement.money.net_payment_limit is None and balance != fund.closing.value:
        yield f"{fund.clause.number}：期末结余 {money(fund.closing.value)}，按收支应为 {money(balance)}"


def _over_cap(trial: Trial, clause: Clause, cap: Cap, charges: list[Charge]) -> Iterator[str]:
    groups: dict[tuple[object, ...], list[tuple[Charge, str, Fraction]]] = defaultdict(list)
    for number, charge in enumerate(charges):
        for party, amount in _counted(cap, charge).items():
            groups[party, *_group(charge, number, cap.per)].append((charge, party, _known(amount)))
    for group in groups.values():
        charge, party, _ = group[-1]
        most = max(_yuan(trial.case.figure(cap.at_most, each.period)) for each, _, _ in group)
        earlier = _earlier(trial, clause, cap, charge, party)
        total = sum((amount for _, _, amount in group), Fraction(0))
        if total > max(Fraction(0), most - earlier):
            who = f"{trial.agreement.short(party)} " if party else ""
            yield f"{called(charge)}：{who}合计 {money(earlier + total)}，超过封顶 {money(most)}"


def _counted(counting: Grouped, charge: Charge) -> Mapping[str, Quantity]:
    """What a cap or floor counts of a charge: what each party bears of it, or the whole."""
    return charge.borne if counting.side else {"": charge.amount}


def _group(charge: Charge, number: int, per: tuple[str, ...]) -> tuple[object, ...]:
    """What the charge, the clause's `number`th, has in common with those that a cap or floor counts with it."""
    common = {
        "section": charge.section,
        "indicator": charge.indicator,
        "month": charge.period.name,
        "year": charge.period.first.year,
        "charge": number,
    }
    return charge.backward, *(common.get(each) for each in per)


def _under_floor(trial: Trial, clause: Clause, floor: Floor, charges: list[Charge]) -> Iterator[str]:
    """Once anything is owed in a group, the floor is reached, unless a cap is used up when its last charge is made."""
    if "term" in floor.per and trial.period.last < trial.agreement.last:
        return
    groups: dict[tuple[str, tuple[object, ...]], list[int]] = defaultdict(list)
    for number, charge in enumerate(charges):
        for party in _counted(floor, charge):
            groups[party, _group(charge, number, floor.per)].append(number)
    for (party, _), numbers in groups.items():
        group = [charges[number] for number in numbers]
        earlier = _earlier(trial, clause, floor, group[-1], party)
        owed = earlier or any(_known(charge.exact) * 100 >= Fraction(1, 2) for charge in group)
        if not owed or not all(isinstance(charge.amount.value, Fraction) for charge in group):
            continue
        least = _yuan(trial.case.figure(floor.at_least, group[-1].period))
        total = earlier + sum((_known(_counted(floor, charge)[party]) for charge in group), Fraction(0))
        so_far = charges[: numbers[-1] + 1]
        if total < least and not any(_used_up(trial, clause, cap, so_far, party) for cap in clause.caps):
            who = f"{trial.agreement.short(party)} " if party else ""
            yield f"{called(group[-1])}：{who}合计 {money(total)}，不到保底 {money(least)}"


def _used_up(trial: Trial, clause: Clause, cap: Cap, charges: list[Charge], party: str) -> bool:
    """Whether the last of the charges leaves less than a fen of a cap, of whole charges or of the party."""
    number, charge = len(charges) - 1, charges[-1]
    group = _group(charge, number, cap.per)
    counted = [_counted(cap, each) for at, each in enumerate(charges) if _group(each, at, cap.per) == group]
    taken = sum((_known(each[party]) for each in counted if party in each), Fraction(0))
    left = _yuan(trial.case.figure(cap.at_most, charge.period)) - _earlier(trial, clause, cap, charge, party) - taken
    return left * 100 < 1


def _earlier(trial: Trial, clause: Clause, counting: Grouped, charge: Charge, party: str) -> Fraction:
    """What earlier years of the term charged of what a cap or floor counts together with the charge."""
    if "term" not in counting.per:
        return Fraction(0)
    wanted = {"clause": clause.key, "backward": charge.backward, "party": party}
    wanted |= {word: getattr(charge, word) for word in ("section", "indicator") if word in counting.per}
    facts = (fact for fact in trial.evidence.charged if wanted.items() <= fact._asdict().items())
    return sum((fact.amount_yuan for fact in facts), Fraction(0))


def _over_distribution(trial: Trial, charges: list[Charge]) -> Iterator[str]:
    """What sections that fail take from a party in a year is at most what it got of the fund."""
    got: dict[tuple[int, str], Fraction] = defaultdict(Fraction)
    for charge in charges:
        for line in charge.lines:
            if line.payer == POOL:
                got[charge.period.first.year, line.payee] += _known(line.amount)
            elif charge.section:
                got[charge.period.first.year, line.payer] -= _known(line.amount)
    for (year, party), left in got.items():
        if left < 0:
            number, name = charges[0].clause.number, trial.agreement.short(party)
            yield f"{number} {year}年 {name}：扣减超过分配额 {money(-left)}"


def _over_maximum(trial: Trial, charges: list[Charge]) -> Iterator[str]:
    for charge in charges:
        most = _yuan(trial.case.figure(charge.clause.tariff.figures["at_most"], charge.period))
        if _known(charge.exact) > most:
            yield f"{called(charge)}：{money(_known(charge.exact))}，超过最高额 {money(most)}"


def _over_limit(trial: Trial) -> Iterator[str]:
    terms, name = trial.agreement.money, trial.agreement.short
    for code, position in trial.outcome.positions.items():
        if terms.net_payment_limit is not None and code != POOL:
            most, paid = _yuan(trial.case.figure(terms.net_payment_limit)), -_known(position.final)
            if paid > most:
                yield f"{terms.limit_clause} {name(code)}：净付 {money(paid)}，超过限额 {money(most)}"
        if terms.credit_share is not None and position.credited is not None:
            share = trial.case.figure(terms.credit_share).value
            most = max(-_known(position.net), Fraction(0)) * (share if isinstance(share, Fraction) else 0)
            taken = _known(position.credited)
            if not 0 <= taken <= most:
                yield f"{terms.credit_clause} {name(code)}：抵扣 {money(taken)}，超过上限 {money(most)}"


def _yuan(figure: Quantity) -> Fraction:
    return _known(figure.to(YUAN))


def _known(amount: Quantity) -> Fraction:
    """What is 未定 exceeds nothing."""
    return amount.value if isinstance(amount.value, Fraction) else Fraction(0)
