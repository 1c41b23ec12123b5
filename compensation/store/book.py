"""The book in and out: acts with everything they brought about, one chain; the store writes, the ledger decides."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select

from compensation.errors import Fault, InputError
from compensation.ledger.chain import START, linked
from compensation.ledger.records import (
    Account,
    Act,
    ActKind,
    Deed,
    Entry,
    EntryKind,
    Order,
    OrderKind,
    Posting,
    Slip,
)
from compensation.ledger.workdays import Holiday
from compensation.store.clock import moment_of
from compensation.store.ingest import next_moment
from compensation.store.tables import (
    ACT,
    ENTRY,
    HOLIDAY,
    PAYMENT_ORDER,
    POSTING,
    SETTLEMENT,
    SLIP,
)


class Head(NamedTuple):
    """What identifies a settlement in the book; `created_at` is the moment (µs) at which it was kept."""

    id: int
    number: str
    agreement_id: str
    digest: str
    mode: str
    period_from: date
    period_to: date
    created_at: int

    @property
    def matter(self) -> tuple[str, date, date]:
        """What settlements of the same matter share: agreement and period."""
        return self.agreement_id, self.period_from, self.period_to


class Book(NamedTuple):
    """Every settlement by its number, and every act in the order of the chain."""

    heads: Mapping[str, Head]
    acts: tuple[Act, ...]

    def peers(self, number: str) -> tuple[str, ...]:
        """The other settlements of the same matter, in the order in which they were kept."""
        matter = self.heads[number].matter
        return tuple(other for other, head in self.heads.items() if head.matter == matter and other != number)

    def of_agreement(self, key: str) -> tuple[Act, ...]:
        """The acts on settlements under one agreement."""
        return tuple(act for act in self.acts if self.heads[act.deed.settlement].agreement_id == key)


Decide = Callable[[Book], Deed]
"""What is to be done, given everything that was done before; raises InputError when it may not be done."""


def heads(connection: Connection) -> dict[str, Head]:
    """Return every settlement by its number."""
    table = SETTLEMENT.c
    query = select(*(table[name] for name in Head._fields)).order_by(table.id)
    return {row.number: Head(*row) for row in connection.execute(query)}


def read(connection: Connection, known: datetime | None = None) -> Book:
    """Return the whole book, or what stood in it by `known`."""
    there = heads(connection)
    acts = _acts(connection, {head.id: head.number for head in there.values()})
    if known is None:
        return Book(there, acts)
    until = moment_of(known)
    return Book(
        {number: head for number, head in there.items() if head.created_at <= until},
        tuple(act for act in acts if act.recorded_at <= until),
    )


def _acts(connection: Connection, numbers: Mapping[int, str]) -> tuple[Act, ...]:
    entries, orders, slips = _entries(connection), _orders(connection), _slips(connection)
    table = ACT.c
    return tuple(
        Act(
            row["id"],
            Deed(
                ActKind(row["kind"]),
                numbers[row["settlement_id"]],
                row["digest"],
                row["day"],
                row["made_by"],
                row["document"],
                row["reason"],
                row["party"],
                row["department"],
                row["objection_id"],
                None if row["corrects_id"] is None else numbers[row["corrects_id"]],
                tuple(entries[row["id"]]),
                tuple(orders[row["id"]]),
                slips.get(row["id"]),
            ),
            row["recorded_at"],
            row["previous_hash"],
            row["hash"],
        )
        for row in connection.execute(select(*table).order_by(table.id)).mappings()
    )


def _entries(connection: Connection) -> defaultdict[int, list[Entry]]:
    lines = POSTING.c
    postings: defaultdict[int, list[Posting]] = defaultdict(list)
    query = select(lines.entry_id, lines.account, lines.amount_fen).order_by(lines.entry_id, lines.account)
    for entry, account, amount_fen in connection.execute(query):
        postings[entry].append(Posting(Account.parse(account), amount_fen))
    table = ENTRY.c
    found: defaultdict[int, list[Entry]] = defaultdict(list)
    for row in connection.execute(select(*table).order_by(table.id)).mappings():
        entry = Entry(EntryKind(row["kind"]), row["clause"], row["section"], row["period"], tuple(postings[row["id"]]))
        found[row["act_id"]].append(entry)
    return found


def _orders(connection: Connection) -> defaultdict[int, list[Order]]:
    table = PAYMENT_ORDER.c
    found: defaultdict[int, list[Order]] = defaultdict(list)
    for row in connection.execute(select(*table).order_by(table.id)).mappings():
        values = {name: row[name] for name in Order._fields} | {"kind": OrderKind(row["kind"])}
        found[row["act_id"]].append(Order(**values))
    return found


def _slips(connection: Connection) -> dict[int, Slip]:
    table, orders = SLIP.c, PAYMENT_ORDER.c
    query = select(table.act_id, table.number, orders.number, table.payer, table.payee, table.amount_fen).where(
        orders.id == table.order_id
    )
    return {act: Slip(*rest) for act, *rest in connection.execute(query)}


def record(connection: Connection, decide: Decide) -> Act:
    """Let `decide` say what is to be done after all that was done, and append it; the caller holds the write lock."""
    book = read(connection)
    deed = sorted_deed(decide(book))
    number = len(book.acts) + 1
    act = linked(number, next_moment(connection), book.acts[-1].hash if book.acts else START, deed)
    known = book.heads
    _write_entries(connection, act)
    _write_orders(connection, act)
    _write_slip(connection, act)
    values: dict[str, Any] = {
        name: getattr(deed, name) for name in ("digest", "day", "made_by", "document", "reason", "party", "department")
    }
    values |= {
        "id": number,
        "kind": deed.kind.value,
        "settlement_id": known[deed.settlement].id,
        "objection_id": deed.objection,
        "corrects_id": None if deed.corrects is None else known[deed.corrects].id,
        "recorded_at": act.recorded_at,
        "previous_hash": act.previous_hash,
        "hash": act.hash,
    }
    connection.execute(insert(ACT).values(values))
    return act


def sorted_deed(deed: Deed) -> Deed:
    """The deed with the postings of its entries in the order in which they are read back."""
    ordered = tuple(
        entry._replace(postings=tuple(sorted(entry.postings, key=lambda each: each.account.text)))
        for entry in deed.entries
    )
    return deed._replace(entries=ordered)


def _next(connection: Connection, column: Any) -> int:
    return int(connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one()) + 1


def _write_entries(connection: Connection, act: Act) -> None:
    first = _next(connection, ENTRY.c.id)
    entries, postings = [], []
    for number, entry in enumerate(act.deed.entries, start=first):
        entries.append(
            {
                "id": number,
                "act_id": act.number,
                "kind": entry.kind.value,
                "clause": entry.clause,
                "section": entry.section,
                "period": entry.period,
            }
        )
        postings += [
            {"entry_id": number, "account": account.text, "amount_fen": amount_fen}
            for account, amount_fen in entry.postings
        ]
    if entries:
        connection.execute(insert(POSTING), postings)
        connection.execute(insert(ENTRY), entries)


def _write_orders(connection: Connection, act: Act) -> None:
    first = _next(connection, PAYMENT_ORDER.c.id)
    rows = [
        {"id": number, "act_id": act.number, **order._asdict(), "kind": order.kind.value}
        for number, order in enumerate(act.deed.orders, start=first)
    ]
    if rows:
        connection.execute(insert(PAYMENT_ORDER), rows)


def _write_slip(connection: Connection, act: Act) -> None:
    slip = act.deed.slip
    if slip is None:
        return
    table = PAYMENT_ORDER.c
    order = connection.execute(select(table.id).where(table.number == slip.order)).scalar_one()
    values = slip._asdict() | {"act_id": act.number, "order_id": order}
    del values["order"]
    connection.execute(insert(SLIP).values(values))


def holidays(connection: Connection) -> tuple[Holiday, ...]:
    """Return the imported days, by day."""
    table = HOLIDAY.c
    query = select(table.day, table.working, table.name, table.source).order_by(table.day)
    return tuple(Holiday(*row) for row in connection.execute(query))


def add_holidays(connection: Connection, new: Sequence[Holiday], known: frozenset[int]) -> int:
    """Add the days of years that are not known yet; the same days again change nothing. InputError for other days."""
    before = set(holidays(connection))
    if set(new) <= before:
        return 0
    years = known | {each.day.year for each in before}
    taken = sorted({each.day.year for each in new} & years)
    if taken:
        where = f"{'、'.join(map(str, taken))} 年放假安排"
        raise InputError(Fault(where, "已有这一年的安排", "放假安排只增不改", "只导入还没有的年份"))
    connection.execute(insert(HOLIDAY), [each._asdict() for each in new])
    return len(new)
