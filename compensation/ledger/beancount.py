"""The book as a beancount file, so that an independent program can say whether it agrees with our balances.

Account names of beancount begin with a letter or digit of the Latin kind, hence Assets:Claim-往来:310000-沪.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import groupby

from compensation.ledger.records import Account
from compensation.ledger.statement import Row, words

CURRENCY = "CNY"


def beancount_account(account: Account, shorts: Mapping[str, str]) -> str:
    """The name of an account in the file."""
    kind = account.kind
    name = f"Assets:{kind.value.title().replace('_', '-')}-{kind.label}"
    if not account.party:
        return name
    short = shorts.get(account.party, "")
    return f"{name}:{account.party}" + (f"-{short}" if short.isalnum() else "")


def beancount_text(rows: Iterable[Row], shorts: Mapping[str, str], sections: Mapping[str, str], title: str) -> str:
    """The whole file: accounts opened on the first day, a transaction for each entry, and what each account holds."""
    return "\n".join(_lines(list(rows), shorts, sections, title)) + "\n"


def _lines(rows: list[Row], shorts: Mapping[str, str], sections: Mapping[str, str], title: str) -> Iterator[str]:
    yield f'option "title" {_quoted(title)}'
    yield f'option "operating_currency" "{CURRENCY}"'
    if not rows:
        return
    accounts = sorted({row.account for row in rows})
    first, last = min(row.day for row in rows), max(row.day for row in rows)
    yield ""
    for account in accounts:
        yield f"{first} open {beancount_account(account, shorts)} {CURRENCY}"
    held = dict.fromkeys(accounts, 0)
    for (number, _), group in groupby(rows, lambda row: (row.number, row.entry)):
        entry = list(group)
        head = entry[0]
        yield ""
        yield f"{head.day} * {_quoted(head.settlement)} {_quoted(words(head, sections))}"
        yield f"  act: {number}"
        yield f'  hash: "{head.hash}"'
        for name, text in (("document", head.document), ("by", head.made_by), ("reason", head.reason)):
            if text:
                yield f"  {name}: {_quoted(text)}"
        for row in entry:
            held[row.account] += row.amount_fen
            yield f"  {beancount_account(row.account, shorts)}  {yuan_plain(row.amount_fen)} {CURRENCY}"
    yield ""
    for account, fen in held.items():
        # Without a tolerance of its own an assertion would let a whole fen pass.
        yield f"{last + timedelta(1)} balance {beancount_account(account, shorts)}  {yuan_plain(fen)} ~ 0 {CURRENCY}"


def yuan_plain(fen: int) -> str:
    """An amount in 元 for other programs: no grouping, two decimals."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02d}"


def _quoted(text: str) -> str:
    """A string of the file: on one line, with quotes and backslashes escaped."""
    plain = " ".join(text.split())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
