"""保底: floors of a clause: what is short of one is added to the last charge of its group, before caps are looked at.

A floor counts whole charges, or what each party of one side bears of them: then it is the party's part of its last
charge that is lifted, and the other side pays or gets so much more. Whether anything is owed in a group is asked before
caps, what has flowed in it after them. Where a cap lets no more through the floor is not reached. A provisional result
leaves out what is missing; when that is the last charge of a group, the group is not topped up.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from compensation.expression import Missing, Quantity, choose, maximum, total
from rules.agreement import COUNTED_SIDES, Clause, Floor, months_of
from rules.caps import Place, earlier
from rules.case import Case
from rules.transfers import ZERO_YUAN, at_least_fen, clause_side

_OF_A_CHARGE = ("section", "indicator", "month", "year")
"""What tells one charge of a clause from every other of a direction."""


class _Group(NamedTuple):
    """What was owed so far in the group of a floor, before caps, and what was charged of it."""

    owed: list[Quantity]
    charged: list[Quantity]


class Floors:
    """What each floor of a clause still has to add, while charges are made in the order of `places`, either way."""

    def __init__(self, case: Case, clause: Clause, places: Sequence[Place]) -> None:
        self.case = case
        self.clause = clause
        self._groups: dict[tuple[object, ...], _Group] = {}
        self._last = {
            self._key(number, at, party): at.common(_OF_A_CHARGE)
            for number, floor in enumerate(clause.floors)
            if "term" not in floor.per or _is_last_of_term(case, clause)
            for place in places
            for at in (place, place._replace(backward=True))
            for party in self._counted(floor, at)
        }

    def lift(self, owed: Quantity, place: Place) -> Quantity:
        """`owed` (元, to the fen), or more where this is the last charge of a group that is short of its floor."""
        return self._lift(owed, owed, place, "")

    def lift_part(self, owed: Quantity, place: Place, party: str, part: Quantity) -> Quantity:
        """The same for the part that one party has of what is owed."""
        return self._lift(part, owed, place, party)

    def take(self, owed: Quantity, charged: Quantity, place: Place, party: str) -> None:
        """Count a charge, or what a party bears of it: what was owed before floors and caps, and what it came to."""
        if self.case.provisional and isinstance(charged.value, Missing):
            return
        for number, floor in enumerate(self.clause.floors):
            group = self._group(number, floor, place, party)  # of the whole, or of parties, only the one is asked for
            group.owed.append(owed)
            group.charged.append(charged)

    def _lift(self, amount: Quantity, owed: Quantity, place: Place, party: str) -> Quantity:
        lifted = amount
        for number, floor in enumerate(self.clause.floors):
            if self._last.get(self._key(number, place, party)) == place.common(_OF_A_CHARGE):
                group = self._group(number, floor, place, party)
                name = f"{place.name}（{self.case.agreement.short(party)}）" if party else place.name
                lifted = self._lifted(lifted, owed, floor, place._replace(name=name), group)
        return lifted

    def _lifted(self, lifted: Quantity, owed: Quantity, floor: Floor, place: Place, group: _Group) -> Quantity:
        name, number = place.name, self.clause.number
        what = floor.at_least.label.removeprefix(f"{number} ")
        least = at_least_fen(self.case.figure(floor.at_least, place.period))
        if {"year", "term"} & set(floor.per):
            year = next(each for each in self.case.years if each.last >= place.period.last)
            least = self.case.annual(year, least.named(f"{name}：{what}", number))
        short = maximum([least - total(group.charged), ZERO_YUAN]).whole_fen() if group.charged else least
        any_owed = total([*group.owed, owed]) > ZERO_YUAN
        short = choose(any_owed, short, ZERO_YUAN).named(f"{name}：距{what}尚缺", number)
        return maximum([lifted, short]).named(f"{name}（{what}后）", number)

    def _group(self, number: int, floor: Floor, place: Place, party: str) -> _Group:
        key = self._key(number, place, party)
        if key not in self._groups:
            before = earlier(self.case, self.clause, floor, place, party)
            self._groups[key] = _Group(list(before), list(before))
        return self._groups[key]

    def _key(self, number: int, place: Place, party: str) -> tuple[object, ...]:
        per = self.clause.floors[number].per
        # what is short of the floor of a single charge is its own
        return number, *place.common(_OF_A_CHARGE if per == ("charge",) else per), party, place.backward

    def _counted(self, floor: Floor, at: Place) -> Iterable[str]:
        """The parties that the floor counts one by one at a place, those without a share left out; else "" alone."""
        if not floor.side:
            return ("",)
        role = next(each for each in COUNTED_SIDES if (each == floor.side) != at.backward)
        return clause_side(self.case, self.clause, role, at.section, at.period, at.indicator)


def _is_last_of_term(case: Case, clause: Clause) -> bool:
    """Whether the clause charges nothing more within the term once the case is settled; the calendar says so."""
    later = months_of(case.period.last, case.agreement.last)[1:]
    return not any(clause.reach.holds(month.first, month.first.month) for month in later)
