"""The book read out: statements per party and year, balances, and plain rows for other programs."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from compensation.ledger.records import Account, AccountKind, Act, EntryKind


class Row(NamedTuple):
    """One posting with everything around it: `number` is the act's, `entry` counts within it from 1; amount in fen."""

    number: int
    entry: int
    day: date
    settlement: str
    kind: EntryKind
    clause: str
    section: str
    period: str
    account: Account
    amount_fen: int
    others: tuple[Account, ...]
    document: str
    slip: str
    made_by: str
    reason: str
    hash: str


class Statement(NamedTuple):
    """An account over a year (both in fen): what it held before, its rows, and what it holds at the end."""

    account: Account
    before_fen: int
    rows: tuple[Row, ...]

    @property
    def after_fen(self) -> int:
        """What the account holds at the end."""
        return self.before_fen + sum(row.amount_fen for row in self.rows)


def rows_of(acts: Iterable[Act]) -> Iterator[Row]:
    """Every posting of these acts, in order."""
    for act in acts:
        deed = act.deed
        for at, entry in enumerate(deed.entries, start=1):
            accounts = [account for account, _ in entry.postings]
            for account, amount_fen in entry.postings:
                yield Row(
                    act.number,
                    at,
                    deed.day,
                    deed.settlement,
                    entry.kind,
                    entry.clause,
                    entry.section,
                    entry.period,
                    account,
                    amount_fen,
                    tuple(each for each in accounts if each != account),
                    deed.document,
                    deed.slip.number if deed.slip else "",
                    deed.made_by,
                    deed.reason,
                    act.hash,
                )


def statements(rows: Iterable[Row], party: str, year: int | None = None) -> tuple[Statement, ...]:
    """The accounts of a party (code; empty: the fund's) over the year in which things were done; None: from the start.

    Accounts that nothing ever touched are absent.
    """
    before: dict[Account, int] = {}
    inside: dict[Account, list[Row]] = {}
    for row in rows:
        if row.account.party != party or (year is not None and row.day.year > year):
            continue
        before.setdefault(row.account, 0)
        if year is not None and row.day.year < year:
            before[row.account] += row.amount_fen
        else:
            inside.setdefault(row.account, []).append(row)
    order = list(AccountKind)
    return tuple(
        Statement(account, before[account], tuple(inside.get(account, ())))
        for account in sorted(before, key=lambda each: order.index(each.kind))
    )


def account_name(account: Account, shorts: Mapping[str, str]) -> str:
    """往来:沪 and the like."""
    return f"{account.kind.label}:{shorts.get(account.party, account.party)}" if account.party else account.kind.label


def words(row: Row, sections: Mapping[str, str]) -> str:
    """What a row is about; `sections` gives the names of sections by code."""
    if row.slip:
        return f"{row.kind.label} 凭证 {row.slip}"
    section = sections.get(row.section, row.section)
    return " ".join(filter(None, (row.kind.label, row.clause, section, row.period)))
