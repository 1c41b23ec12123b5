"""封顶: caps of a clause, taken up by its charges in the order in which they arise."""

from collections.abc import Mapping

from compensation.expression import YUAN, Missing, Quantity, leaf, maximum, minimum, total
from rules.agreement import Cap, Clause, Period, Section
from rules.case import Case
from rules.transfers import ZERO_YUAN, at_most_fen

TOGETHER = ("section", "indicator", "month", "year")
ALONE = ("charge", "clause", "term")


class Caps:
    """What each cap of a clause has already let through, per direction and group, while its charges are made."""

    def __init__(self, case: Case, clause: Clause) -> None:
        self.case = case
        self.clause = clause
        self._taken: dict[tuple[int, tuple[str, ...], bool], list[Quantity]] = {}

    def apply(
        self, amount: Quantity, section: Section, period: Period, factor: str | None, *, backward: bool, name: str
    ) -> Quantity:
        """`amount` (元, to the fen), or what every cap still leaves of it."""
        common = {
            "section": section.code,
            "indicator": factor or "",
            "month": period.name,
            "year": str(period.first.year),
        }
        groups = [
            (cap, self._group(number, cap, common, backward=backward)) for number, cap in enumerate(self.clause.caps)
        ]
        capped = amount
        for cap, taken in groups:
            most = at_most_fen(self.case.figure(cap.at_most, period))
            left = maximum([most - total(taken), ZERO_YUAN]).rounded_half_up(2) if taken else most
            capped = minimum([capped, left.named(f"{name}：封顶余额", self.clause.number)])
        if groups:
            capped = capped.named(f"{name}（封顶后）", self.clause.number)
        if not (self.case.provisional and isinstance(capped.value, Missing)):
            for cap, taken in groups:
                if cap.per != ("charge",):
                    taken.append(capped)
        return capped

    def _group(self, number: int, cap: Cap, common: Mapping[str, str], *, backward: bool) -> list[Quantity]:
        key = (number, tuple(common.get(each, "") for each in cap.per), backward)
        if key not in self._taken:
            self._taken[key] = self._earlier(backward=backward) if cap.per == ("term",) else []
        return self._taken[key]

    def _earlier(self, *, backward: bool) -> list[Quantity]:
        """What earlier settlements of the term already charged in this direction."""
        return [
            leaf(
                ("charged", fact.clause, str(fact.backward), str(number)),
                fact.amount_yuan,
                YUAN,
                f"{self.clause.number} 协议期内已计{'反向' if backward else ''}金额",
                fact.source,
                certain=True,
            )
            for number, fact in enumerate(self.case.evidence.charged)
            if fact.clause == self.clause.key and fact.backward == backward
        ]
