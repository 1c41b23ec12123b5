"""共建共享: a joint fund to which all parties contribute, and which they share by agreed ratios.

A section that misses its annual target takes a part of the distribution from its upstream parties to its downstream
parties, or leaves it in the fund; never below zero: what a party has left of its distribution is the most that can be
taken from it. Sections are taken in the order in which the agreement lists them.

A fund may carry over (结转) what it does not distribute. Then it has an account: what the year before left is there to
distribute, and nothing is distributed that is not there, so that the account never falls below zero. Charges of other
clauses may flow into such a fund and out of it; what it cannot pay in a year it never pays.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from compensation.expression import FEN, YUAN, Missing, Quantity, choose, constant, maximum, minimum, total
from compensation.expression.allocation import allocate
from rules.agreement import POOL, Clause, Deduction, Period, Section
from rules.case import Case
from rules.outcome import Charge, Line
from rules.tariffs import to_the_fen
from rules.transfers import ZERO_YUAN, pay_by_party, sharable, side, split


def ways(clause: Clause, *, out: bool) -> list[str]:
    """The directions of a charge for the fund in which money flows out of it, or into it."""
    payer = {"forward": clause.payer, "backward": clause.payee}
    return [way for way in clause.directions if (payer[way] == POOL) == out]


def fund_pays(clause: Clause) -> bool:
    """Whether the fund is who pays under a charge, in one of its directions."""
    return bool(ways(clause, out=True))


def touches_fund(clause: Clause) -> bool:
    """Whether a clause is the fund that carries over, or charges for it."""
    return clause.through_fund or bool(clause.carries_over)


class Account:
    """共同资金账户: what a fund receives in a year, and what it pays of what is claimed from it.

    Everything is received before anything is paid. What is not enough for all claims of the year is shared among them
    by what each claims, by largest remainder; `who` claims is a clause for a section, whose own charges are paid one
    after the other until its part is used up.
    """

    def __init__(self, case: Case, clause: Clause, year: Period, opening: Quantity) -> None:
        self.case = case
        self.clause = clause
        self.year = year
        self.opening = opening
        self._received = [opening]
        self._claims: dict[str, list[Quantity]] = {}
        self._paid: dict[str, list[Quantity]] = {}

    def receive(self, amount: Quantity) -> None:
        """Money that flows in (元)."""
        if not _left_out(self.case, amount):
            self._received.append(amount)

    def claim(self, who: str, amount: Quantity) -> None:
        """An amount (元) that the fund is to pay, if it can."""
        if not _left_out(self.case, amount):
            self._claims.setdefault(who, []).append(amount)

    def grant(self, who: str, claim: Quantity, name: str) -> Quantity:
        """What the fund pays of a claim (元) that was made, claims in the order in which they were made."""
        if _left_out(self.case, claim):
            return claim
        before = self._paid.setdefault(who, [])
        part = self._parts[who]
        left = maximum([part - total(before), ZERO_YUAN]).whole_fen() if before else part
        before.append(claim)
        left = left.named(f"{name}：基金付款余额", self.clause.number)
        paid = choose(claim > ZERO_YUAN, minimum([claim, left]), ZERO_YUAN)
        return paid.named(f"{name}（以基金付款余额为限）", self.clause.number)

    def closing(self) -> Quantity:
        """What is left for the year after (元)."""
        left = (self._there - self._granted).whole_fen() if self._claims else self._there
        return left.named(f"{self.clause.number} {self.year.name} 结转下年", self.clause.number)

    @cached_property
    def _there(self) -> Quantity:
        there = total(self._received).whole_fen()
        return there.named(f"{self.year.name} 基金可付金额", self.clause.number)

    @cached_property
    def _sums(self) -> dict[str, Quantity]:
        """What everyone claims."""
        number, year = self.clause.number, self.year.name
        return {
            who: total(amounts).whole_fen().named(f"{year} {who} 应由基金支付合计", number)
            for who, amounts in self._claims.items()
        }

    @cached_property
    def _granted(self) -> Quantity:
        """What the fund pays of all claims together."""
        return minimum([total(list(self._sums.values())).whole_fen(), self._there]).named(
            f"{self.year.name} 基金付款合计", self.clause.number
        )

    @cached_property
    def _parts(self) -> dict[str, Quantity]:
        """Each one's part of what the fund pays."""
        number, label = self.clause.number, f"{self.year.name} 基金付款按应付额分摊"
        in_fen = {
            who: (amount.to(FEN).whole_fen() / constant(1, FEN)).named(f"{amount.label}（分）", number)
            for who, amount in self._sums.items()
        }
        return allocate(self._granted, in_fen, label, number)


class _Flow(NamedTuple):
    """The fund's contributions or its distribution: the amount before rounding, to the fen, and each party's share."""

    exact: Quantity
    amount: Quantity
    shares: Mapping[str, Quantity]


def pool(account: Account) -> Iterator[Charge]:
    """A year of the fund: contributions in, distribution out, and what failing sections move or leave in it."""
    case, clause, year = account.case, account.clause, account.year
    contributed = _contributed(case, clause, year)
    distributed = _distributed(case, clause, year, contributed, account.opening)
    yield _charge(case, clause, year, contributed, "各方出资")
    yield _charge(case, clause, year, distributed, "资金分配")
    account.receive(contributed.amount)
    account.receive(ZERO_YUAN - distributed.amount)
    left = dict(distributed.shares)
    for deduction in clause.deductions:
        for section in case.sections(deduction.sections):
            charge = _deduct(case, clause, year, deduction, section, left)
            if deduction.stays:
                account.receive(charge.amount)
            yield charge


def _contributed(case: Case, clause: Clause, year: Period) -> _Flow:
    exact = case.figure(clause.tariff.figures["amount"], year).to(YUAN)
    name = f"{year.name} 共同资金总额"
    weights = case.weights(clause.contributions, year)
    amount = sharable(case.annual(year, to_the_fen(exact).named(name, clause.number)), f"{name}出资", weights)
    return _Flow(exact, amount, _shares(case, clause, year, amount, weights, "出资"))


def _distributed(case: Case, clause: Clause, year: Period, contributed: _Flow, opening: Quantity) -> _Flow:
    """As much as is contributed; of a fund that carries over what the clause says, as far as it is there."""
    exact, amount = contributed.exact, contributed.amount
    if clause.carries_over:
        figures = clause.tariff.figures
        exact = case.figure(figures.get("distributed", figures["amount"]), year).to(YUAN)
        planned = case.annual(year, to_the_fen(exact))
        if clause.carries_over == "distribution":
            planned = (planned + opening).whole_fen()
        there = (opening + contributed.amount).whole_fen().named(f"{year.name} 基金可用金额", clause.number)
        amount = minimum([planned.named(f"{year.name} 拟分配金额", clause.number), there])
        amount = amount.named(f"{year.name} 分配总额", clause.number)
    weights = case.weights(clause.distribution, year)
    amount = sharable(amount, f"{year.name} 资金分配", weights)
    return _Flow(exact, amount, _shares(case, clause, year, amount, weights, "分配"))


def _shares(
    case: Case, clause: Clause, year: Period, amount: Quantity, weights: Mapping[str, Quantity], what: str
) -> Mapping[str, Quantity]:
    return split(case, amount, weights, f"{clause.number} {year.name} {what}")


def _charge(case: Case, clause: Clause, year: Period, flow: _Flow, what: str) -> Charge:
    into = what == "各方出资"

    def line(party: str, share: Quantity) -> Line:
        label = f"{clause.number} {case.agreement.short(party)}{'出资' if into else '分得'}"
        accounts = (party, POOL) if into else (POOL, party)
        return Line(clause.number, "", year.name, *accounts, share.named(label))

    lines = tuple(line(party, share) for party, share in flow.shares.items())
    return Charge(clause, "", year, f"{year.name} {what}", (flow.amount,), flow.exact, flow.amount, lines)


def _deduct(
    case: Case, clause: Clause, year: Period, deduction: Deduction, section: Section, left: dict[str, Quantity]
) -> Charge:
    """What a section that misses its annual target moves; `left` is what each party still has of its distribution."""
    annual = case.section_class(section, year)
    misses = annual > case.target(section, year)
    name = f"{clause.number} {section.name} {year.name}"
    due = choose(misses, case.figure(deduction.amount, year).to(YUAN), ZERO_YUAN)
    losers = side(case, section, "upstream", year) if deduction.losers is None else case.weights(deduction.losers, year)
    gainers = _gainers(case, deduction, section, year)
    scheduled = sharable(to_the_fen(due), f"{name} 扣减", losers, gainers).named(f"{name} 不达标扣减额", clause.number)

    def cut(party: str, part: Quantity) -> Quantity:
        short = case.agreement.short(party)
        taken = minimum([part, left.get(party, ZERO_YUAN)]).named(f"{name} 从{short}分配额中扣减", clause.number)
        # a provisional result leaves this section out, so it takes nothing from what the next ones may take
        if party in left and not _left_out(case, taken):
            rest = (left[party] - taken).whole_fen()
            left[party] = rest.named(f"{short}分配额扣减 {section.name} {year.name} 后剩余", clause.number)
        return taken

    moved, paid = pay_by_party(case, clause, section, year, scheduled, losers, gainers, "payer", f"{name} 扣减", cut)
    subject = f"{section.name} {year.name} 年度水质目标"
    amount = moved.named(f"{name} 实际扣减额", clause.number)
    return Charge(clause, section.code, year, subject, (annual, scheduled), due, amount, *paid)


def _gainers(case: Case, deduction: Deduction, section: Section, year: Period) -> Mapping[str, Quantity]:
    if deduction.stays:
        return {POOL: constant(1)}
    if deduction.gainers is None:
        return side(case, section, "downstream", year)
    return case.weights(deduction.gainers, year)


def _left_out(case: Case, amount: Quantity) -> bool:
    return case.provisional and isinstance(amount.value, Missing)
