"""A clause that charges, place by place: what it measures, what that costs, floors and caps, and who pays whom."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from compensation.expression import YUAN, Quantity, choose, maximum
from compensation.quality.standard import indicator
from rules.agreement import Clause, Period, Section
from rules.caps import Caps, Place
from rules.case import Case
from rules.floors import Floors
from rules.joint_fund import Account, ways
from rules.measures import MEASURES, falls_below_zero
from rules.outcome import Charge
from rules.tariffs import TARIFFS, Situation, to_the_fen
from rules.transfers import ZERO_YUAN, Paid, clause_side, pay, sharable


class Claim(NamedTuple):
    """What a clause comes to at a place, in one direction, and between whom.

    `exact` is before rounding to the fen, `owed` after it, `whole` after the floors of groups (元).
    """

    place: Place
    measures: tuple[Quantity, ...]
    exact: Quantity
    owed: Quantity
    whole: Quantity
    payers: Mapping[str, Quantity]
    payees: Mapping[str, Quantity]


class Charging:
    """A clause that charges, with what its caps and floors have counted so far."""

    def __init__(self, case: Case, clause: Clause) -> None:
        self.case = case
        self.clause = clause
        self.places = tuple(_places(case, clause))
        self.caps = Caps(case, clause)
        self.floors = Floors(case, clause, self.places)

    def charges(self, place: Place, directions: Sequence[str]) -> Iterator[Charge]:
        """What the clause charges at one place, in each of these directions."""
        for claim in self._claims(place, directions):
            at, owed = claim.place, claim.owed
            lift = partial(self.floors.lift_part, owed, at)
            charged = self.caps.charge(claim.whole, at, claim.payers, claim.payees, lift)
            for party, amount in {"": charged.amount, **charged.borne}.items():
                self.floors.take(owed, amount, at, party)
            yield self._charge(claim, *charged)

    def into(self, account: Account) -> Iterator[Charge]:
        """What the clause charges for the fund in the year of its account."""
        for place in self._places_of(account):
            for charge in self.charges(place, ways(self.clause, out=False)):
                account.receive(charge.amount)
                yield charge

    def claimed_from(self, account: Account) -> list[Claim]:
        """What the clause claims from the fund in the year of its account, after caps."""
        claims = []
        for place in self._places_of(account):
            for claim in self._claims(place, ways(self.clause, out=True)):
                capped = self.caps.whole(claim.whole, claim.place)
                account.claim(self._called(claim), capped)
                claims.append(claim._replace(whole=capped))
        return claims

    def paid_by(self, account: Account, claim: Claim) -> Charge:
        """The charge that the fund pays of a claim."""
        place, number = claim.place, self.clause.number
        amount = account.grant(self._called(claim), claim.whole, place.name).named(place.name, number)
        paid = pay(self.case, self.clause, place.section, place.period, amount, claim.payers, claim.payees)
        return self._charge(claim, amount, paid, {})

    def _called(self, claim: Claim) -> str:
        return f"{self.clause.number} {claim.place.section.name}"

    def _places_of(self, account: Account) -> Iterator[Place]:
        return (place for place in self.places if place.period.last.year == account.year.last.year)

    def _claims(self, place: Place, directions: Sequence[str]) -> Iterator[Claim]:
        case, clause = self.case, self.clause
        section, period, factor = place.section, place.period, place.indicator or None
        measures = MEASURES[clause.measure.kind][1](case, clause, section, period, factor)
        signed = TARIFFS[clause.tariff.kind][1](Situation(case, clause, section, period, factor), measures[0])
        if clause.period == "year":
            signed = case.annual(period, signed)
        signed = signed.named(f"{clause.number} {place.name} 计费额", clause.number)
        payers = clause_side(case, clause, "payer", section, period, factor)
        payees = clause_side(case, clause, "payee", section, period, factor)
        for backward in (way == "backward" for way in directions):
            amount = ZERO_YUAN - signed.to(YUAN) if backward else signed.to(YUAN)
            exact = maximum([amount, ZERO_YUAN]) if falls_below_zero(clause) else amount
            label = f"{clause.number} {place.name} {'反向应付额' if backward else '应付额'}"
            at = place._replace(backward=backward, name=label)
            owed = self._owed(exact, at)
            whole = sharable(self.floors.lift(owed, at), label, payers, payees)
            yield Claim(at, measures, exact, owed, whole, *((payees, payers) if backward else (payers, payees)))

    def _owed(self, exact: Quantity, at: Place) -> Quantity:
        """An amount to the fen, or the least that a charge comes to once it comes to anything."""
        owed = to_the_fen(exact)
        if self.clause.at_least is not None:
            least = self.case.figure(self.clause.at_least, at.period).to(YUAN)
            owed = choose(owed > ZERO_YUAN, to_the_fen(maximum([owed, least])), ZERO_YUAN)
        return owed.named(f"{at.name}（分组保底前）", self.clause.number) if self.clause.floors else owed

    def _charge(self, claim: Claim, amount: Quantity, paid: Paid, borne: Mapping[str, Quantity]) -> Charge:
        section, period, factor, backward, _ = claim.place
        name = _place_name(section, period, factor)
        return Charge(
            self.clause,
            section.code,
            period,
            f"{name}（反向）" if backward else name,
            claim.measures,
            claim.exact,
            amount,
            *paid,
            backward,
            factor,
            borne,
        )


def _places(case: Case, clause: Clause) -> Iterator[Place]:
    """What a clause is charged for, in order: each section, period and (where it is taken for each) indicator."""
    for section in case.sections(clause.sections):
        for period in _periods(case, clause, section):
            for factor in case.judged_by(clause) if clause.each_indicator else ("",):
                yield Place(section, period, factor, False, _place_name(section, period, factor))


def _place_name(section: Section, period: Period, factor: str) -> str:
    return f"{section.name} {period.name}" + (f" {indicator(factor).name}" if factor else "")


def is_term(case: Case) -> bool:
    """Whether the case is about the whole term of the agreement."""
    return (case.period.first, case.period.last) == (case.agreement.first, case.agreement.last)


def _periods(case: Case, clause: Clause, section: Section) -> tuple[Period, ...]:
    if clause.period == "term":
        return (case.period,) if is_term(case) else ()
    if clause.period == "year":
        return tuple(year for year in case.years if clause.reach.holds(case.day_of(year), None))
    months = case.judged_months(section)
    return tuple(month for month in months if clause.reach.holds(case.day_of(month), month.first.month))
