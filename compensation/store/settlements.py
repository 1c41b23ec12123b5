"""Settlements in and out: immutable, one row for a digest, however often it is computed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select

from compensation.errors import Fault, InputError
from compensation.store.clock import moment_of, time_of_moment
from compensation.store.ingest import next_moment
from compensation.store.tables import NET_POSITION, OBLIGATION, SETTLEMENT, WORKBOOK


class Obligation(NamedTuple):
    """One line of a settlement: `payer` owes `payee` `amount_fen` (>= 0, fen) under a clause for a period."""

    clause: str
    section: str | None
    period: str
    payer: str
    payee: str
    amount_fen: int


class NetPosition(NamedTuple):
    """A party's sums in a settlement (各方净额), in fen: negative final and clearing are to be paid.

    final = receivable - payable + adjusted (credits in kind, the yearly limit); clearing = final + advanced.
    """

    party: str
    payable_fen: int
    receivable_fen: int
    adjusted_fen: int
    final_fen: int
    advanced_fen: int
    clearing_fen: int


class NewSettlement(NamedTuple):
    """A settlement to be kept. `number` None lets the store give "<agreement>-<from>-<to>-<nn>".

    `mode` is "final", "provisional" or "backtest"; `readings_known_through` the time whose knowledge it rests on, of
    readings and of the book (`Store.known_through`), `digest` and `agreement_sha256` are SHA-256 in hexadecimal.
    """

    agreement_id: str
    agreement_sha256: str
    agreement_text: str
    period_from: date
    period_to: date
    mode: str
    engine_version: str
    digest: str
    readings_known_through: datetime
    payload_json: str
    undetermined: bool
    obligations: tuple[Obligation, ...]
    number: str | None = None
    positions: tuple[NetPosition, ...] = ()


class StoredSettlement(NamedTuple):
    """A settlement as kept."""

    id: int
    number: str
    agreement_id: str
    agreement_sha256: str
    agreement_text: str
    period_from: date
    period_to: date
    mode: str
    engine_version: str
    digest: str
    readings_known_through: datetime
    payload_json: str
    undetermined: bool
    created_at: datetime
    obligations: tuple[Obligation, ...]
    positions: tuple[NetPosition, ...]


class Saved(NamedTuple):
    """`created` is False when the digest was already there and nothing was done."""

    settlement: StoredSettlement
    created: bool


class Workbook(NamedTuple):
    """A workbook written for a settlement: its kind, file name and SHA-256 in hexadecimal."""

    kind: str
    name: str
    sha256: str
    created_at: datetime


def save(connection: Connection, new: NewSettlement) -> Saved:
    """Keep a settlement with its obligations, or find the one with the same digest."""
    table = SETTLEMENT.c
    existing = _one(connection, select(*table).where(table.digest == new.digest))
    if existing is not None:
        return Saved(existing, created=False)
    values: dict[str, Any] = new._asdict()
    obligations, positions = values.pop("obligations"), values.pop("positions")
    number = int(connection.execute(select(func.coalesce(func.max(table.id), 0))).scalar_one()) + 1
    values |= {
        "id": number,
        "number": new.number or _next_number(connection, new),
        "readings_known_through": moment_of(new.readings_known_through),
        "created_at": next_moment(connection),
    }
    # The settlement's row comes after its positions: it seals them.
    if positions:
        rows = [{"settlement_id": number, **position._asdict()} for position in positions]
        connection.execute(insert(NET_POSITION), rows)
    connection.execute(insert(SETTLEMENT).values(values))
    if obligations:
        connection.execute(
            insert(OBLIGATION),
            [{"settlement_id": number, "seq": seq, **line._asdict()} for seq, line in enumerate(obligations)],
        )
    stored = _one(connection, select(*table).where(table.id == number))
    if stored is None:
        raise AssertionError("a settlement just written is there")
    return Saved(stored, created=True)


def _next_number(connection: Connection, new: NewSettlement) -> str:
    prefix = f"{new.agreement_id}-{new.period_from:%Y%m%d}-{new.period_to:%Y%m%d}-"
    table = SETTLEMENT.c
    taken = {
        number for (number,) in connection.execute(select(table.number).where(table.agreement_id == new.agreement_id))
    }
    serial = 1
    while f"{prefix}{serial:02d}" in taken:
        serial += 1
    return f"{prefix}{serial:02d}"


def require_free_number(connection: Connection, new: NewSettlement) -> None:
    """Refuse a number that another settlement has; InputError."""
    taken = latest(connection, number=new.number)
    if taken is not None and taken.digest != new.digest:
        raise InputError(
            Fault(
                f"结算编号 {new.number}",
                "编号已被另一份结算使用",
                f"已有结算的摘要为 {taken.digest[:12]}，与本次不同",
                "换一个编号，或不指定编号由系统给出",
            )
        )


def latest(
    connection: Connection,
    agreement_id: str | None = None,
    period_from: date | None = None,
    period_to: date | None = None,
    mode: str | None = None,
    number: str | None = None,
    known: datetime | None = None,
) -> StoredSettlement | None:
    """Return the settlement kept last (by `known`) among those that match; None matches all."""
    table = SETTLEMENT.c
    wanted = {
        "agreement_id": agreement_id,
        "period_from": period_from,
        "period_to": period_to,
        "mode": mode,
        "number": number,
    }
    query = select(*table).where(*(table[name] == value for name, value in wanted.items() if value is not None))
    if known is not None:
        query = query.where(table.created_at <= moment_of(known))
    return _one(connection, query.order_by(table.id.desc()).limit(1))


def of_digest(connection: Connection, digest: str) -> StoredSettlement | None:
    """Return the settlement that has this digest."""
    table = SETTLEMENT.c
    return _one(connection, select(*table).where(table.digest == digest))


def of_workbook(connection: Connection, sha256: str) -> tuple[StoredSettlement, Workbook] | None:
    """Return the settlement of which a workbook with these bytes was written, and what was noted of it."""
    table = WORKBOOK.c
    query = select(table.settlement_id).where(table.sha256 == sha256).order_by(table.id).limit(1)
    number = connection.execute(query).scalar_one_or_none()
    if number is None:
        return None
    settlement = _one(connection, select(SETTLEMENT).where(SETTLEMENT.c.id == number))
    noted = next(each for each in workbooks(connection, number) if each.sha256 == sha256)
    return None if settlement is None else (settlement, noted)


def add_workbook(connection: Connection, settlement_id: int, kind: str, name: str, sha256: str) -> bool:
    """Note that a workbook was written; False when the same content of this kind is already noted."""
    table = WORKBOOK.c
    same = (table.settlement_id == settlement_id) & (table.kind == kind) & (table.sha256 == sha256)
    if connection.execute(select(table.id).where(same)).first() is not None:
        return False
    number = int(connection.execute(select(func.coalesce(func.max(table.id), 0))).scalar_one()) + 1
    connection.execute(
        insert(WORKBOOK).values(
            id=number,
            settlement_id=settlement_id,
            kind=kind,
            name=name,
            sha256=sha256,
            created_at=next_moment(connection),
        )
    )
    return True


def workbooks(connection: Connection, settlement_id: int) -> Sequence[Workbook]:
    """Return the workbooks of a settlement in the order they were written."""
    table = WORKBOOK.c
    query = select(table.kind, table.name, table.sha256, table.created_at)
    return [
        Workbook(kind, name, sha256, time_of_moment(created_at))
        for kind, name, sha256, created_at in connection.execute(
            query.where(table.settlement_id == settlement_id).order_by(table.id)
        )
    ]


def _one(connection: Connection, query: Any) -> StoredSettlement | None:
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    values = dict(row)
    for name in ("readings_known_through", "created_at"):
        values[name] = time_of_moment(values[name])
    table = OBLIGATION.c
    lines = connection.execute(
        select(table.clause, table.section, table.period, table.payer, table.payee, table.amount_fen)
        .where(table.settlement_id == values["id"])
        .order_by(table.seq)
    )
    sums = NET_POSITION.c
    positions = connection.execute(
        select(*(sums[name] for name in NetPosition._fields))
        .where(sums.settlement_id == values["id"])
        .order_by(sums.party)
    )
    return StoredSettlement(
        **values,
        obligations=tuple(Obligation(*line) for line in lines),
        positions=tuple(NetPosition(*position) for position in positions),
    )
