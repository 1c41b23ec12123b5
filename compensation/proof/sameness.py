"""What must not change an answer: names, the order of lists, and the unit in which money is counted."""

from collections.abc import Iterator
from fractions import Fraction

from compensation.expression import Value
from compensation.proof.rewriting import (
    multiplied,
    multiplied_evidence,
    other_names,
    renamed,
    renamed_evidence,
    turned_round,
)
from compensation.proof.trial import Trial, called
from compensation.proof.words import money
from rules.agreement import Clause
from rules.joint_fund import touches_fund
from rules.outcome import Charge

FACTOR = 7


def renaming_renames(trial: Trial) -> str | None:
    """Other party codes in the same order give the same amounts under the other codes.

    The order is kept because ties of a split go to the smaller code: with another order the same fen may go to
    another party, as the agreement says.
    """
    names = other_names(trial.agreement)
    back = {new: old for old, new in names.items()}
    other = Trial(renamed(trial.agreement, names), renamed_evidence(trial.evidence, names), trial.period)
    before, after = list(_named(trial, {})), list(_named(other, back))
    for one, two in zip(before, after, strict=False):
        if one != two:
            return f"{_told(one[0])}：改换代码前 {money(one[1])}，改换后 {_told(two[0])} {money(two[1])}"
    return None if len(before) == len(after) else "改换缔约方代码后，金额的笔数不同"


def _named(trial: Trial, names: dict[str, str]) -> Iterator[tuple[tuple[str, ...], Value]]:
    def name(code: str) -> str:
        return names.get(code, code)

    for line in trial.outcome.lines:
        yield (line.clause, line.section, line.period, name(line.payer), name(line.payee)), line.amount.value
    for code, position in trial.outcome.positions.items():
        yield ("本年度净额", name(code)), position.final.value
        yield ("清算额", name(code)), position.clearing.value
    for each in trial.outcome.clearing:
        yield ("清算", name(each.payer), name(each.payee)), each.amount.value


def _told(key: tuple[str, ...]) -> str:
    return " ".join(str(part) for part in key if part)


def order_does_not_matter(trial: Trial) -> str | None:
    """The file's parties and sections listed the other way round give the same amounts.

    Where the agreement itself lets the order of sections rule, it may: sections taken from one distribution one after
    the other, and a cap or floor that several sections share. Those clauses, what shares a fund with them, and the net
    positions, are not judged.
    """
    other = trial.under(turned_round(trial.agreement.text))
    ruled = [clause for clause in trial.agreement.clauses if order_rules(clause)]
    if any(touches_fund(clause) for clause in ruled):
        ruled += [clause for clause in trial.agreement.clauses if clause.through_fund]
    free = {clause.key for clause in trial.agreement.clauses} - {clause.key for clause in ruled}
    after = {_key(charge): charge for charge in other.outcome.charges}
    for charge in trial.outcome.charges:
        if charge.clause.key not in free:
            continue
        twin = after.get(_key(charge))
        if twin is None or _amounts(twin) != _amounts(charge):
            now = "没有这一笔" if twin is None else money(twin.amount.value)
            return f"{called(charge)}：原来 {money(charge.amount.value)}，各方、断面换一个次序后{now}，或分担不同"
    if len(free) < len(trial.agreement.clauses):
        return None
    for code, position in trial.outcome.positions.items():
        turned = other.outcome.positions[code]
        if (position.final.value, position.clearing.value) != (turned.final.value, turned.clearing.value):
            name, finals = trial.agreement.short(code), (position.final.value, turned.final.value)
            return f"{name} 本年度净额：原来 {money(finals[0])}，各方、断面换一个次序后 {money(finals[1])}"
    return None


def order_rules(clause: Clause) -> bool:
    """Whether the clause itself takes its sections one after the other."""
    grouped = [*(cap.per for cap in clause.caps), *(floor.per for floor in clause.floors)]
    shared = any("section" not in per and per != ("charge",) for per in grouped)
    return len(clause.sections) > 1 and (shared or bool(clause.deductions))


def _key(charge: Charge) -> tuple[object, ...]:
    return charge.clause.key, charge.section, charge.period.name, charge.subject, charge.backward


def _amounts(charge: Charge) -> tuple[object, ...]:
    lines = sorted((line.payer, line.payee, str(line.amount.value)) for line in charge.lines)
    return str(charge.amount.value), tuple(lines)


def scaling_scales(trial: Trial) -> str | None:
    """All money times seven makes every amount, before rounding and caps, seven times as much."""
    other = trial.under(multiplied(trial.agreement, FACTOR)).given(multiplied_evidence(trial.evidence, FACTOR))
    for one, two in zip(trial.outcome.charges, other.outcome.charges, strict=True):
        before, after = one.exact.value, two.exact.value
        expected = before * FACTOR if isinstance(before, Fraction) else before
        if after != expected:
            return f"{called(one)}：取整前 {money(before)}，全部金额乘以 {FACTOR} 后为 {money(after)}"
    return None
