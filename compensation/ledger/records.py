"""What is recorded on the way from a settlement to money paid: acts, entries, orders, slips. All immutable.

An act (办理事项) is one thing that somebody did on a day: issuing, confirming, paying. It carries everything it brought
about, so that one chain over the acts covers the whole book.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from rules.agreement import POOL


class Department(StrEnum):
    """Which department of a party signs."""

    FINANCE = "finance"
    ENVIRONMENT = "environment"

    @property
    def label(self) -> str:
        """What it is called."""
        return {"finance": "财政", "environment": "环保"}[self.value]


class ActKind(StrEnum):
    """What was done."""

    CORRECT = "correct"  # 更正: this settlement takes the place of an earlier one
    ISSUE = "issue"  # 征求意见
    CONFIRM = "confirm"  # 确认
    OBJECT = "object"  # 异议
    DISMISS = "dismiss"  # 异议不成立
    UPHOLD = "uphold"  # 异议成立
    FINALISE = "finalise"  # 定案
    VOID = "void"  # 作废
    PAY = "pay"  # 拨付
    REFUND = "refund"  # 退款

    @property
    def label(self) -> str:
        """What it is called."""
        return _ACTS[self.value]


_ACTS = {
    "correct": "更正", "issue": "征求意见", "confirm": "确认", "object": "异议", "dismiss": "异议不成立",
    "uphold": "异议成立", "finalise": "定案", "void": "作废", "pay": "拨付", "refund": "退款",
}  # fmt: skip


class AccountKind(StrEnum):
    """The accounts of an agreement. Positive is what a party has to get, or what the fund holds."""

    CLAIM = "claim"  # 往来
    POOL = "pool"  # 共同资金
    ADVANCE = "advance"  # 预拨
    TREASURY = "treasury"  # 国库
    IN_KIND = "in_kind"  # 多元化

    @property
    def label(self) -> str:
        """What it is called."""
        return _ACCOUNTS[self.value]


_ACCOUNTS = {"claim": "往来", "pool": "共同资金", "advance": "预拨", "treasury": "国库", "in_kind": "多元化"}


class Account(NamedTuple):
    """An account: its kind, and the party (GB/T 2260 code) it belongs to; the fund belongs to nobody."""

    kind: AccountKind
    party: str = ""

    @property
    def text(self) -> str:
        """As it is stored: claim:310000, or pool."""
        return f"{self.kind.value}:{self.party}" if self.party else self.kind.value

    @classmethod
    def parse(cls, text: str) -> "Account":
        """The account that `text` names; ValueError for anything else."""
        kind, _, party = text.partition(":")
        return cls(AccountKind(kind), party)


def claim_of(code: str) -> Account:
    """The account by which a party, or the fund, takes part in a line of a settlement."""
    return Account(AccountKind.POOL) if code == POOL else Account(AccountKind.CLAIM, code)


class Posting(NamedTuple):
    """What an entry changes in one account, in fen; never zero."""

    account: Account
    amount_fen: int


class EntryKind(StrEnum):
    """What an entry stands for."""

    OBLIGATION = "obligation"  # 应付义务: what a clause charges, also into the fund or out of it
    CONTRIBUTION = "contribution"  # 出资: what the parties fund a pool by
    DISTRIBUTION = "distribution"  # 分配: what they share of it by agreed ratios
    CREDIT = "credit"  # 多元化抵扣
    LIMIT = "limit"  # 限额调整
    CLEARING = "clearing"  # 清算: the advances of the year are set against it
    ADVANCE = "advance"  # 预拨
    PAYMENT = "payment"  # 拨付
    REFUND = "refund"  # 退款

    @property
    def label(self) -> str:
        """What it is called."""
        return _ENTRIES[self.value]


_ENTRIES = {
    "obligation": "应付义务", "contribution": "共同资金出资", "distribution": "共同资金分配", "credit": "多元化抵扣",
    "limit": "限额调整", "clearing": "预拨清算", "advance": "预拨", "payment": "拨付", "refund": "退款",
}  # fmt: skip


class Entry(NamedTuple):
    """A journal entry (分录): at least two postings that sum to zero, under a clause, for a section and period."""

    kind: EntryKind
    clause: str
    section: str
    period: str
    postings: tuple[Posting, ...]


class OrderKind(StrEnum):
    """What an order pays."""

    CLEARING = "clearing"  # 清算
    ADVANCE = "advance"  # 预拨

    @property
    def label(self) -> str:
        """What it is called."""
        return {"clearing": "清算", "advance": "预拨"}[self.value]


class Order(NamedTuple):
    """A payment order (拨付): who pays whom how much (fen), for which period, by when (None: not agreed)."""

    number: str
    kind: OrderKind
    payer: str
    payee: str
    amount_fen: int
    period: str
    due: date | None


class Slip(NamedTuple):
    """A treasury's slip (凭证): under its own number, against an order, who paid whom how much (fen)."""

    number: str
    order: str
    payer: str
    payee: str
    amount_fen: int


class Deed(NamedTuple):
    """What somebody does: the content of an act. `settlement` is its number, `digest` the one it is done on.

    `day` is the day it was done on by its document, or the slip's; `objection` the act that a decision is about;
    `corrects` the number of the settlement whose place this one takes.
    """

    kind: ActKind
    settlement: str
    digest: str
    day: date
    made_by: str
    document: str = ""
    reason: str = ""
    party: str = ""
    department: str = ""
    objection: int | None = None
    corrects: str | None = None
    entries: tuple[Entry, ...] = ()
    orders: tuple[Order, ...] = ()
    slip: Slip | None = None


class Act(NamedTuple):
    """A deed as recorded: its number in the chain (from 1), the moment (µs, Beijing), and the two hashes."""

    number: int
    deed: Deed
    recorded_at: int
    previous_hash: str
    hash: str


def balances(entries: Iterable[Entry]) -> dict[Account, int]:
    """What the accounts hold after these entries, in fen; accounts that nothing touched are absent."""
    found: dict[Account, int] = {}
    for entry in entries:
        for account, amount_fen in entry.postings:
            found[account] = found.get(account, 0) + amount_fen
    return found


def entries_of(acts: Iterable[Act]) -> tuple[Entry, ...]:
    """Every entry of these acts, in order."""
    return tuple(entry for act in acts for entry in act.deed.entries)
