"""What clauses come to: charges with their lines, net positions, and who finally pays whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from compensation.expression import Quantity
from rules.agreement import Clause, Period


@dataclass(frozen=True, slots=True)
class Line:
    """One obligation (应付/应收): payer, payee (codes, or the pool), amount in 元 to the fen, its clause and period."""

    clause: str
    section: str  # code; empty when the clause is not about a section
    period: str
    payer: str
    payee: str
    amount: Quantity


@dataclass(frozen=True, slots=True)
class Charge:
    """What one clause charges for one section and period, before it is split: measures, amount, and the lines.

    `exact` is the amount in 元 before it is rounded to the fen and before any floor or cap.
    """

    clause: Clause
    section: str
    period: Period
    subject: str  # what an official calls it: 汾湖大桥 2026-07
    measures: tuple[Quantity, ...]
    exact: Quantity
    amount: Quantity
    lines: tuple[Line, ...]
    kept: tuple[Quantity, ...] = ()  # parts of parties on both sides, which nobody pays
    backward: bool = False  # flows from the clause's payee to its payer
    indicator: str = ""  # the one it is taken for, in a clause taken for each
    borne: Mapping[str, Quantity] = field(default_factory=dict)  # by party, where the clause caps one by one


@dataclass(frozen=True, slots=True)
class Position:
    """A party's sums, all in 元: negative net means that it pays."""

    party: str
    payable: Quantity
    receivable: Quantity
    net: Quantity
    credited: Quantity | None
    debited: Quantity | None
    net_after_credit: Quantity
    cut: Quantity | None  # what the limit takes: positive for the payer it spares, negative for a receiver
    final: Quantity
    advanced: Quantity | None  # advances paid less advances received
    clearing: Quantity


@dataclass(frozen=True, slots=True)
class Fund:
    """The account of a fund that carries over (共同资金账户), 元: what it had, and has when the settlement is paid."""

    clause: Clause
    opening: Quantity
    closing: Quantity


@dataclass(frozen=True, slots=True)
class Transfer:
    """Who finally pays whom (轧差后), 元."""

    payer: str
    payee: str
    amount: Quantity


@dataclass(frozen=True, slots=True)
class Excluded:
    """A section's month that was left out of the account, and why (免责与剔除, or 暂算 leaving out what is missing)."""

    section: str
    period: str
    reason: str
    document: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything the clauses of an agreement come to over one case."""

    charges: tuple[Charge, ...]
    positions: Mapping[str, Position]
    transfers: tuple[Transfer, ...]
    advances: tuple[Transfer, ...]
    clearing: tuple[Transfer, ...]
    next_advances: tuple[Transfer, ...]
    excluded: tuple[Excluded, ...]
    fund: Fund | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line, in the order of the clauses."""
        return tuple(line for charge in self.charges for line in charge.lines)
