"""What must hold of every split: quota, order, anonymity, zero share; judged against the shares themselves."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product

from compensation.expression import YUAN, Quantity, Value, constant
from compensation.expression.allocation import allocate
from compensation.proof.trial import Trial, called
from compensation.proof.words import money
from rules.agreement import POOL, Ratio, WaterWeight
from rules.outcome import Charge
from rules.transfers import clause_side, side

Weights = Mapping[str, Fraction]

_AWKWARD_FEN = (0, 1, 2, 100, 1_000_003, 99_999_999_999)


def shares_are_kept(trial: Trial) -> str | None:
    """Every line is within a fen of its exact share, and who has no share has no line."""
    for charge in trial.outcome.charges:
        sides = sides_of(trial, charge)
        amount = charge.amount.value
        if sides is None or not isinstance(amount, Fraction) or not amount:
            continue
        if in_steps(trial, charge):
            told = _steps_kept(trial, charge, *sides)
            if told is not None:
                return told
            continue
        weights = {
            (payer, payee): one * other
            for (payer, one), (payee, other) in product(sides[0].items(), sides[1].items())
            if one * other
        }
        for line in charge.lines:
            share = weights.get((line.payer, line.payee), Fraction(0)) * amount / (sum(weights.values()) or 1)
            value = line.amount.value
            if isinstance(value, Fraction) and (abs(value - share) >= Fraction(1, 100) or (value and not share)):
                name = trial.agreement.short
                pair = f"{name(line.payer)}付{name(line.payee)}"
                return f"{called(charge)}：{pair} {money(value)}，按份额应为 {money(share)}，相差不止尾差"
    return None


def in_steps(trial: Trial, charge: Charge) -> bool:
    """Whether a charge is split over one side first: parties capped one by one, or several on both sides by water."""
    section = next((each for each in trial.agreement.sections if each.code == charge.section), None)
    if charge.borne or section is None:
        return bool(charge.borne)
    ratios = (section.upstream, section.downstream, *charge.clause.ratios)
    return any(isinstance(weight, WaterWeight) for ratio in ratios for weight in ratio.values())


def _steps_kept(trial: Trial, charge: Charge, payers: Weights, payees: Weights) -> str | None:
    """Each party of the side taken first gets its share, or what a cap leaves; each of its lines its share of that."""
    turned = charge.clause.counted_side == "payee"
    first, second = (payees, payers) if turned else (payers, payees)
    for party, weight in first.items():
        if party in second:
            continue  # what it keeps has no line
        lines = [(line, line.amount.value) for line in charge.lines if party == (line.payee if turned else line.payer)]
        part = sum((value for _, value in lines if isinstance(value, Fraction)), Fraction(0))
        expected = charge.borne[party].value if charge.borne else _share(charge.amount.value, weight, first)
        wrong: list[tuple[Value, Value]] = (
            [(part, expected)] if _off(part, expected) or (charge.borne and part != expected) else []
        )
        for line, value in lines:
            share = _share(part, second.get(line.payer if turned else line.payee, Fraction(0)), second)
            wrong += [(value, share)] if _off(value, share) else []
        if wrong:
            told, right = wrong[0]
            name = trial.agreement.short(party)
            return f"{called(charge)}：{name} {money(told)}，按份额应为 {money(right)}，相差不止尾差"
    return None


def _share(amount: Value, weight: Fraction, weights: Weights) -> Fraction:
    return amount * weight / (sum(weights.values()) or 1) if isinstance(amount, Fraction) else Fraction(0)


def _off(value: Value, share: Value) -> bool:
    """Whether an amount is a fen or more off its share."""
    return isinstance(value, Fraction) and isinstance(share, Fraction) and abs(value - share) >= Fraction(1, 100)


def allocation_is_fair(trial: Trial) -> str | None:
    """Every ratio of the agreement splits awkward sums alike: to the fen, in any order, whoever holds which share."""
    found = {charge.amount.value for charge in trial.outcome.charges if isinstance(charge.amount.value, Fraction)}
    sums = [Fraction(fen, 100) for fen in _AWKWARD_FEN] + sorted(found)[-4:]
    for name, ratio in _ratios(trial):
        weights = {code: quantity.value for code, quantity in trial.case.weights(ratio).items()}
        numbers = {code: value for code, value in weights.items() if isinstance(value, Fraction)}
        for amount in sums if any(numbers.values()) else ():
            told = _unfair(amount, numbers)
            if told is not None:
                return f"{name}，{money(amount)}：{told}"
    return None


def _unfair(amount: Fraction, weights: Weights) -> str | None:
    parts = _split(amount, weights)
    if sum(parts.values()) != amount:
        return f"各份之和为 {money(sum(parts.values(), Fraction(0)))}"
    whole = sum(weights.values())
    for code, part in parts.items():
        if abs(part - amount * weights[code] / whole) >= Fraction(1, 100):
            return f"{code} 分得 {money(part)}，与应得份额相差不止尾差"
    if _split(amount, dict(reversed(list(weights.items())))) != parts:
        return "换一个排列次序，结果不同"
    codes = sorted(weights)
    moved = dict(zip(codes, (weights[code] for code in reversed(codes)), strict=True))
    before = sorted((weights[code], part) for code, part in parts.items())
    if sorted((moved[code], part) for code, part in _split(amount, moved).items()) != before:
        return "份额换由另一方持有，分得的金额不同"
    return None


def _split(amount: Fraction, weights: Weights) -> dict[str, Fraction]:
    parts = allocate(constant(amount, YUAN), {code: constant(each) for code, each in weights.items()}, "", "")
    return {code: part.value for code, part in parts.items() if isinstance(part.value, Fraction)}


def _ratios(trial: Trial) -> Iterator[tuple[str, Ratio]]:
    agreement = trial.agreement
    for section in agreement.sections:
        yield f"{section.name} 上游份额", section.upstream
        yield f"{section.name} 下游份额", section.downstream
    for clause in agreement.clauses:
        for ratio in clause.ratios:
            yield f"{clause.number} 比例", ratio


def sides_of(trial: Trial, charge: Charge) -> tuple[Weights, Weights] | None:
    """The weights of who pays and who is paid under a charge; None where a distribution may run out before."""
    clause, case = charge.clause, trial.case
    if clause.kind == "pool":
        if charge.section:
            return None
        ratio = clause.contributions if charge.lines[0].payee == POOL else clause.distribution
        parties, pool = _numbers(case.weights(ratio, charge.period)), {POOL: Fraction(1)}
        return (parties, pool) if charge.lines[0].payee == POOL else (pool, parties)
    section = case.agreement.section(charge.section)
    if clause.kind == "incident":
        return _incident_sides(trial, charge)
    factor = charge.indicator or None
    payers, payees = (
        _numbers(clause_side(case, clause, role, section, charge.period, factor)) for role in ("payer", "payee")
    )
    return (payees, payers) if charge.backward else (payers, payees)


def _incident_sides(trial: Trial, charge: Charge) -> tuple[Weights, Weights] | None:
    section = trial.agreement.section(charge.section)
    name = charge.subject.removeprefix(f"{section.name} ")
    facts = [
        fact
        for fact in trial.evidence.incidents
        if fact.section == charge.section and fact.day == charge.period.first and fact.number in (name, "")
    ]
    if len(facts) != 1:
        return None
    bearer = {facts[0].cost_bearer: Fraction(1)} if facts[0].cost_bearer else None
    upstream, downstream = (
        _numbers(side(trial.case, section, way, charge.period)) for way in ("upstream", "downstream")
    )
    return facts[0].responsibility or upstream, bearer or downstream


def _numbers(weights: Mapping[str, Quantity]) -> Weights:
    return {code: weight.value for code, weight in weights.items() if isinstance(weight.value, Fraction)}
