"""Better water never costs those above it more, and never earns those below it more."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from compensation.expression import Key, Value
from compensation.expression.variants import Variants
from compensation.proof.levels import resolution
from compensation.proof.trial import Trial, called
from compensation.proof.words import money
from compensation.quality.classes import class_name
from compensation.quality.standard import Body, Direction, body_of, indicator, limits
from rules.agreement import POOL, Clause, Section
from rules.joint_fund import fund_pays, touches_fund
from rules.outcome import Charge

Cleaner = Callable[[str, Body, Fraction], Fraction]
"""From an indicator, a body of water and a value to one that is at least as good."""


class Better(NamedTuple):
    """Cleaner water at one section: what changed, in words, and the monthly means as they then are."""

    section: Section
    words: str
    means: dict[Key, Value]


def better_water_pays(trial: Trial) -> str | None:
    """Lower concentrations at a section never cost its upstream parties more, nor earn its downstream parties more.

    Judged twice, each time by clause and before the split among parties: every charge of the section by its exact
    amount, before rounding and caps, and the section's charges of a clause together, after them; of all clauses that
    charge for one fund together, because what flows into it less can flow out of it less. The parts of single
    parties are not judged, because largest remainder is not house-monotone: with a larger sum to split a party may
    get a fen less. Nor are other sections: what they are compared with may have become cleaner.
    A party on both sides of the section is left out; pH and what is missing stay as they are.
    """
    charges = trial.outcome.charges
    variants = Variants([*(charge.exact for charge in charges), *(charge.amount for charge in charges)])
    before = [*(charge.exact.value for charge in charges), *(charge.amount.value for charge in charges)]
    for better in _improvements(trial, set(variants.keys)):
        after = variants.run(better.means)
        told = _worse(trial, better, before, after)
        if told is not None:
            return told
    return None


def _improvements(trial: Trial, reached: set[Key]) -> Iterator[Better]:
    """Each section: all indicators and each alone, down to the limit of each class and by shares; each month alone."""
    for section in trial.agreement.sections:
        if section.kind == "background":
            continue
        for year in trial.case.years:
            months = {month.name for month in trial.case.months if year.first <= month.first <= year.last}
            for codes in dict.fromkeys((trial.agreement.monitored, *((code,) for code in trial.agreement.monitored))):
                names = "、".join(indicator(code).name for code in codes)
                ways = [(year.name, months, *way) for way in _WAYS]
                if len(codes) == 1:
                    ways += [(month, {month}, *_WAYS[-1]) for month in sorted(months)]
                for when, which, words, cleaner in ways:
                    means = _cleaner(trial, section, codes, which, cleaner)
                    kept = {key: value for key, value in means.items() if key in reached}
                    if kept:
                        yield Better(section, f"{section.name} {when} {names}{words}", kept)


def _to_class(water_class: int) -> Cleaner:
    def cleaner(code: str, body: Body, value: Fraction) -> Fraction:
        table = limits(code, body)
        return value if table is None or table.admits(value, water_class) else table.of_class(water_class)

    return cleaner


def _by_share(share: Fraction) -> Cleaner:
    def cleaner(code: str, body: Body, value: Fraction) -> Fraction:
        table, step = limits(code, body), resolution(code)
        if table is not None and table.direction is Direction.AT_LEAST:
            return value / share
        return min(value, max(step, value * share // step * step))

    return cleaner


_WAYS: tuple[tuple[str, Cleaner], ...] = (
    *((f"达到{class_name(each)}类", _to_class(each)) for each in (5, 4, 3, 2, 1)),
    ("改善到原来的九成", _by_share(Fraction(9, 10))),
    ("改善到原来的一半", _by_share(Fraction(1, 2))),
)


def _cleaner(
    trial: Trial, section: Section, codes: Sequence[str], months: set[str], cleaner: Cleaner
) -> dict[Key, Value]:
    """The monthly means that become better, by the key of their leaf; two-sided limits have no better side."""
    body = body_of(section.body)
    found: dict[Key, Value] = {}
    for code in codes:
        table = limits(code, body)
        if table is not None and table.direction is Direction.WITHIN:
            continue
        for month, value in trial.evidence.months.get((section.code, code), {}).items():
            new = cleaner(code, body, value)
            if month in months and new != value:
                found["month", section.code, code, month] = new
    return found


def _worse(trial: Trial, better: Better, before: Sequence[Value], after: Sequence[Value]) -> str | None:
    """The first clause under which the change hurts who is upstream or pays who is downstream."""
    charges = trial.outcome.charges
    sums: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for at, charge in enumerate(charges):
        if charge.section != better.section.code or not _touches(charge, better):
            continue
        sides = _sides(charge, better.section)
        exact = before[at], after[at]
        for party, sign in sides.items():
            gain = _gain(*exact) * sign
            if gain < 0:
                return _told(trial, better, charge, party, exact)
            sums[_judged_with(charge.clause), party] += (
                _gain(before[at + len(charges)], after[at + len(charges)]) * sign
            )
    for (key, party), gain in sums.items():
        clauses = [each for each in trial.agreement.clauses if _judged_with(each) == key]
        if gain < -sum(_moved_by_splitting(trial, clause) for clause in clauses):
            what = "多付或少收" if party in better.section.upstream else "多收或少付"
            name, where = trial.agreement.short(party), f"{better.section.name} 各笔封顶取整后合计"
            numbers = "、".join(clause.number for clause in clauses)
            return f"{numbers}：{better.words}，{where}，{name}一侧反而{what} {money(-gain)}"
    return None


def _judged_with(clause: Clause) -> str:
    return POOL if touches_fund(clause) else clause.key


def _moved_by_splitting(trial: Trial, clause: Clause) -> Fraction:
    """What largest remainder may move where parties are capped one by one: a fen for each of them, of every charge.

    The cap counts what a party bears after the split, and with a larger sum to split a party may bear a fen less. So
    may a section, once a year, of what a fund has not enough of.
    """
    if fund_pays(clause):
        return Fraction(len(trial.case.years), 100)
    charges = sum(charge.clause.key == clause.key for charge in trial.outcome.charges) if clause.counted_side else 0
    return Fraction(charges * len(trial.agreement.parties), 100)


def _touches(charge: Charge, better: Better) -> bool:
    """Charges of the same year; those of the next may look back on it, and find that less has become better since."""
    years = {int(key[3][:4]) for key in better.means}
    return any(charge.period.first.year <= year <= charge.period.last.year for year in years)


def _sides(charge: Charge, section: Section) -> dict[str, int]:
    """By party of the section: 1 where more money under the charge is what it should get for better water."""
    found = {}
    for line in charge.lines:
        for party, sign in ((line.payer, -1), (line.payee, 1)):
            if party in section.upstream and party not in section.downstream:
                found[party] = sign
            elif party in section.downstream and party not in section.upstream:
                found[party] = -sign
    return found


def _gain(before: Value, after: Value) -> Fraction:
    """What is 未定 before or after is no gain and no loss."""
    return after - before if isinstance(before, Fraction) and isinstance(after, Fraction) else Fraction(0)


def _told(trial: Trial, better: Better, charge: Charge, party: str, exact: tuple[Value, Value]) -> str:
    name = trial.agreement.short(party)
    pays = any(line.payer == party for line in charge.lines)
    side = "上游" if party in better.section.upstream else "下游"
    verb = "付出" if pays else "收到"
    change = f"由 {money(exact[0])} 变为 {money(exact[1])}"
    return f"{called(charge)}：{better.words}后，{side}的{name}{verb}的金额（取整、封顶、分担前）{change}"
