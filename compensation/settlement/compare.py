"""What each candidate agreement does to the same data: who pays what, and which clause makes the difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from compensation.expression import Missing, Quantity
from compensation.settlement.settle import Settlement
from rules.agreement import POOL

CREDIT, LIMIT = "多元化抵扣", "限额调整"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one clause (or the credit, or the limit) brings a party under each agreement, 元; None is 未定.

    Positive is received. A clause that an agreement does not have brings nothing there.
    """

    principle: str
    what: str
    party: str
    amounts_yuan: tuple[Fraction | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Settlements of the same period under several agreements, and how each party fares, in total and by clause."""

    settlements: tuple[Settlement, ...]
    parties: tuple[tuple[str, str], ...]  # code, short name
    finals: tuple[Effect, ...]
    effects: tuple[Effect, ...]


def compare(settlements: Sequence[Settlement]) -> Comparison:
    """Compare settlements; the parties are those of any of the agreements, clauses are matched by their key."""
    parties: dict[str, str] = {}
    for settlement in settlements:
        parties |= {party.code: party.short for party in settlement.agreement.parties}
        if settlement.outcome.fund is not None:
            parties[POOL] = settlement.agreement.short(POOL)
    finals = tuple(
        Effect("", "本年度净额", code, tuple(_final(settlement, code) for settlement in settlements))
        for code in sorted(parties)
    )
    rows = dict.fromkeys(row for settlement in settlements for row in _rows(settlement))
    effects = tuple(
        Effect(principle, what, code, tuple(_effect(settlement, key, code) for settlement in settlements))
        for principle, key, what in rows
        for code in sorted(parties)
    )
    return Comparison(tuple(settlements), tuple(sorted(parties.items())), finals, effects)


def _rows(settlement: Settlement) -> list[tuple[str, str, str]]:
    clauses = [(each.principle, each.key, f"{each.number} {each.title}") for each in settlement.agreement.clauses]
    return [*clauses, ("diversified", CREDIT, CREDIT), ("", LIMIT, LIMIT)]


def _final(settlement: Settlement, code: str) -> Fraction | None:
    position = settlement.outcome.positions.get(code)
    return Fraction(0) if position is None else _known(position.final)


def _effect(settlement: Settlement, key: str, code: str) -> Fraction | None:
    position = settlement.outcome.positions.get(code)
    if position is None:
        return Fraction(0)
    if key == CREDIT:
        return _difference(position.net_after_credit, position.net)
    if key == LIMIT:
        return Fraction(0) if position.cut is None else _known(position.cut)
    numbers = {clause.number for clause in settlement.agreement.clauses if clause.key == key}
    amount = Fraction(0)
    for line in settlement.outcome.lines:
        if line.clause in numbers and code in (line.payer, line.payee):
            value = _known(line.amount)
            if value is None:
                return None
            amount += value if line.payee == code else -value
    return amount


def _difference(after: Quantity, before: Quantity) -> Fraction | None:
    one, other = _known(after), _known(before)
    return None if one is None or other is None else one - other


def _known(node: Quantity) -> Fraction | None:
    return None if isinstance(node.value, Missing) else node.value
