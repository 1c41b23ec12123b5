"""封顶: caps of a clause, taken up by its charges in the order in which they arise.

A cap counts whole charges, or what each party of one side bears of them. Of a charge that both count, the caps of the
whole come first; whatever is charged in the end is what both have taken up.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from compensation.expression import YUAN, Missing, Quantity, leaf, maximum, minimum, total
from rules.agreement import COUNTED_SIDES, Cap, Clause, Grouped, Period, Section
from rules.case import Case
from rules.evidence import ChargedFact
from rules.transfers import ZERO_YUAN, Paid, at_most_fen, pay, pay_by_party

TOGETHER = ("section", "indicator", "month", "year", "term", *COUNTED_SIDES)
ALONE = ("charge", "clause")


class Place(NamedTuple):
    """What a charge is for: section, period, indicator, direction, and what it is called."""

    section: Section
    period: Period
    indicator: str
    backward: bool
    name: str

    def common(self, per: Sequence[str]) -> tuple[str, ...]:
        """What tells the group of this charge from others: of the words of `per`, those that a charge has itself."""
        words = {
            "section": self.section.code,
            "indicator": self.indicator,
            "month": self.period.name,
            "year": str(self.period.first.year),
        }
        return tuple(words.get(each, "") for each in per)


class Charged(NamedTuple):
    """What is charged in the end, its lines, and what each party bears where the clause counts parties one by one."""

    amount: Quantity
    paid: Paid
    borne: Mapping[str, Quantity]


class _Group(NamedTuple):
    """A cap, and what has been charged so far of what it counts together."""

    cap: Cap
    taken: list[Quantity]


class Caps:
    """What each cap of a clause has already let through, while its charges are made."""

    def __init__(self, case: Case, clause: Clause) -> None:
        self.case = case
        self.clause = clause
        self._taken: dict[tuple[object, ...], list[Quantity]] = {}

    def whole(self, amount: Quantity, place: Place) -> Quantity:
        """What the caps of whole charges leave of an amount (元, to the fen)."""
        groups = self._groups(place, "")
        capped = self._cut(amount, groups, place.period, place.name)
        self._take(groups, capped)
        return capped

    def charge(
        self,
        whole: Quantity,
        place: Place,
        payers: Mapping[str, Quantity],
        payees: Mapping[str, Quantity],
        lift: Callable[[str, Quantity], Quantity],
    ) -> Charged:
        """`whole` (元, to the fen), or what every cap still leaves of it, split over payers and payees.

        Where parties are counted one by one, `lift` gives what floors make of the part of one.
        """
        clause, side = self.clause, self.clause.counted_side
        groups = self._groups(place, "")
        capped = self._cut(whole, groups, place.period, place.name).named(place.name, clause.number)
        borne: dict[str, Quantity] = {}

        def cut(party: str, part: Quantity) -> Quantity:
            own = self._groups(place, party)
            name = f"{place.name}（{self.case.agreement.short(party)}）"
            borne[party] = self._cut(lift(party, part), own, place.period, name)
            self._take(own, borne[party])
            return borne[party]

        if side:
            label = f"{clause.number} {place.section.name} {place.period.name} 分担"
            moved, paid = pay_by_party(
                self.case, clause, place.section, place.period, capped, payers, payees, side, label, cut
            )
            capped = moved.named(place.name, clause.number)
        else:
            paid = pay(self.case, clause, place.section, place.period, capped, payers, payees)
        self._take(groups, capped)
        return Charged(capped, paid, borne)

    def _groups(self, place: Place, party: str) -> list[_Group]:
        """The caps of whole charges, or those of one party, each with what it has counted for this place."""
        found = []
        for number, cap in enumerate(self.clause.caps):
            if bool(cap.side) == bool(party):
                key = (number, *place.common(cap.per), party, place.backward)
                if key not in self._taken:
                    self._taken[key] = earlier(self.case, self.clause, cap, place, party)
                found.append(_Group(cap, self._taken[key]))
        return found

    def _cut(self, amount: Quantity, groups: Sequence[_Group], period: Period, name: str) -> Quantity:
        capped = amount
        for cap, taken in groups:
            most = at_most_fen(self.case.figure(cap.at_most, period))
            left = maximum([most - total(taken), ZERO_YUAN]).whole_fen() if taken else most
            capped = minimum([capped, left.named(f"{name}：封顶余额", self.clause.number)])
        return capped.named(f"{name}（封顶后）", self.clause.number)

    def _take(self, groups: Sequence[_Group], amount: Quantity) -> None:
        if self.case.provisional and isinstance(amount.value, Missing):
            return
        for cap, taken in groups:
            if cap.per != ("charge",):
                taken.append(amount)


def earlier(case: Case, clause: Clause, counting: Grouped, place: Place, party: str) -> list[Quantity]:
    """What earlier settlements of the term already charged, of what a cap or floor over the term counts together."""

    def counts(fact: ChargedFact) -> bool:
        return (
            (fact.clause, fact.backward, fact.party) == (clause.key, place.backward, party)
            and ("section" not in counting.per or fact.section == place.section.code)
            and ("indicator" not in counting.per or fact.indicator == place.indicator)
        )

    return [
        leaf(
            ("charged", fact.clause, str(fact.backward), str(number)),
            fact.amount_yuan,
            YUAN,
            f"{clause.number} 协议期内已计{'反向' if fact.backward else ''}金额{_of(case, fact)}",
            fact.source,
            certain=True,
        )
        for number, fact in enumerate(case.evidence.charged)
        if "term" in counting.per and counts(fact)
    ]


def _of(case: Case, fact: ChargedFact) -> str:
    words = [case.agreement.section(fact.section).name] if fact.section else []
    words += [case.agreement.short(fact.party)] if fact.party else []
    return f"（{'，'.join(words)}）" if words else ""
