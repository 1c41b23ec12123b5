"""保底: floors of a clause: what is short of one is added to the last charge of its group, before caps are looked at.

Whether anything is owed in a group is asked before caps, what has flowed in it after them. Where a cap lets no more
through the floor is not reached. A provisional result leaves out what is missing; when that is the last charge of a
group, the group is not topped up.
"""

from collections.abc import Sequence
from typing import NamedTuple

from compensation.expression import Missing, Quantity, choose, maximum, total
from rules.agreement import Clause, Floor
from rules.caps import Place
from rules.case import Case
from rules.transfers import ZERO_YUAN, at_least_fen

WITHIN = ("section", "indicator", "month", "year")


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
            self._key(number, place._replace(backward=back)): place.common(WITHIN)
            for place in places
            for number in range(len(clause.floors))
            for back in (False, True)
        }

    def lift(self, whole: Quantity, place: Place) -> Quantity:
        """`whole` (元, to the fen), or more where this is the last charge of a group that is short of its floor."""
        lifted = whole
        for number, floor in enumerate(self.clause.floors):
            key = self._key(number, place)
            if self._last[key] == place.common(WITHIN):
                lifted = self._lifted(whole, lifted, floor, place, self._group(key))
        return lifted

    def take(self, owed: Quantity, charged: Quantity, place: Place) -> None:
        """Count a charge: what was owed before floors and caps, and what it came to."""
        if self.case.provisional and isinstance(charged.value, Missing):
            return
        for number in range(len(self.clause.floors)):
            group = self._group(self._key(number, place))
            group.owed.append(owed)
            group.charged.append(charged)

    def _lifted(self, whole: Quantity, lifted: Quantity, floor: Floor, place: Place, group: _Group) -> Quantity:
        name, number = place.name, self.clause.number
        what = floor.at_least.label.removeprefix(f"{number} ")
        least = at_least_fen(self.case.figure(floor.at_least, place.period))
        if "year" in floor.per:
            year = next(each for each in self.case.years if each.last >= place.period.last)
            least = self.case.annual(year, least.named(f"{name}：{what}", number))
        short = maximum([least - total(group.charged), ZERO_YUAN]).whole_fen() if group.charged else least
        owed = total([*group.owed, whole]) > ZERO_YUAN
        short = choose(owed, short, ZERO_YUAN).named(f"{name}：距{what}尚缺", number)
        return maximum([lifted, short]).named(f"{name}（{what}后）", number)

    def _group(self, key: tuple[object, ...]) -> _Group:
        return self._groups.setdefault(key, _Group([], []))

    def _key(self, number: int, place: Place) -> tuple[object, ...]:
        per = self.clause.floors[number].per
        # what is short of the floor of a single charge is its own
        return number, *place.common(WITHIN if per == ("charge",) else per), place.backward
