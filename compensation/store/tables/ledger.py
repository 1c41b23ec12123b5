"""The book: acts with their entries, payment orders and treasury slips, and the days nobody works.

An act's row is written last: it seals what it brought about. The foreign keys to it are deferred for that reason.
"""

from datetime import date

from sqlalchemy import Date, ForeignKeyConstraint, UniqueConstraint

from compensation.store.tables.base import Table, big, check, key, link, words


def _sealed_by(column: str, target: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint([column], [target], deferrable=True, initially="DEFERRED")


class NetPositionRow(Table, table=True):
    """各方净额 of a settlement, in fen; written before the settlement, whose row seals it.

    `adjusted_fen` is what credits in kind and the yearly limit change; negative final and clearing are to be paid.
    """

    __tablename__ = "net_position"
    __table_args__ = (
        _sealed_by("settlement_id", "settlement.id"),
        check("payable_fen >= 0 AND receivable_fen >= 0", "not_negative"),
        check("final_fen = receivable_fen - payable_fen + adjusted_fen", "final"),
        check("clearing_fen = final_fen + advanced_fen", "clearing"),
        check(
            "payable_fen = CAST(payable_fen AS BIGINT) AND receivable_fen = CAST(receivable_fen AS BIGINT) AND "
            "adjusted_fen = CAST(adjusted_fen AS BIGINT) AND advanced_fen = CAST(advanced_fen AS BIGINT)",
            "integer",
        ),
    )

    settlement_id: int = key()
    party: str = words(primary=True)
    payable_fen: int = big()
    receivable_fen: int = big()
    adjusted_fen: int = big()
    final_fen: int = big()
    advanced_fen: int = big()
    clearing_fen: int = big()


class ActRow(Table, table=True):
    """办理事项: who did what on which day, on which digest, by which document; linked into one chain."""

    __tablename__ = "act"
    __table_args__ = (
        UniqueConstraint("recorded_at"),
        UniqueConstraint("hash"),
        check(
            "kind IN ('correct', 'issue', 'confirm', 'object', 'dismiss', 'uphold', 'finalise', 'void', 'pay', "
            "'refund')",
            "kind",
        ),
        check("length(digest) = 64", "digest"),
        check("length(hash) = 64 AND length(previous_hash) = 64", "hash"),
        check("made_by <> ''", "made_by"),
        check("(kind IN ('confirm', 'object')) = (party <> '')", "party"),
        check("department IN ('', 'finance', 'environment')", "department"),
        check("(kind IN ('dismiss', 'uphold')) = (objection_id IS NOT NULL)", "objection"),
        check("(kind = 'correct') = (corrects_id IS NOT NULL)", "corrects"),
    )

    id: int = key()
    kind: str = words()
    settlement_id: int = link("settlement.id")
    digest: str = words()
    day: date
    made_by: str = words()
    document: str = words()
    reason: str = words()
    party: str = words()
    department: str = words()
    objection_id: int | None = link("act.id", nullable=True)
    corrects_id: int | None = link("settlement.id", nullable=True)
    recorded_at: int = big()
    previous_hash: str = words()
    hash: str = words()


class EntryRow(Table, table=True):
    """分录 of an act."""

    __tablename__ = "entry"
    __table_args__ = (
        _sealed_by("act_id", "act.id"),
        check(
            "kind IN ('obligation', 'contribution', 'distribution', 'credit', 'limit', 'clearing', 'advance', "
            "'payment', 'refund')",
            "kind",
        ),
    )

    id: int = key()
    act_id: int
    kind: str = words()
    clause: str = words()
    section: str = words()
    period: str = words()


class PostingRow(Table, table=True):
    """What an entry changes in one account, in fen: claim:310000, pool and the like."""

    __tablename__ = "posting"
    __table_args__ = (
        _sealed_by("entry_id", "entry.id"),
        check("amount_fen <> 0", "amount_fen"),
        check("amount_fen = CAST(amount_fen AS BIGINT)", "amount_fen_integer"),
    )

    entry_id: int = key()
    account: str = words(primary=True)
    amount_fen: int = big()


class PaymentOrderRow(Table, table=True):
    """拨付: who pays whom how much by when."""

    __tablename__ = "payment_order"
    __table_args__ = (
        UniqueConstraint("number"),
        _sealed_by("act_id", "act.id"),
        check("kind IN ('clearing', 'advance')", "kind"),
        check("amount_fen > 0", "amount_fen"),
        check("amount_fen = CAST(amount_fen AS BIGINT)", "amount_fen_integer"),
        check("payer <> payee", "two_parties"),
    )

    id: int = key()
    number: str = words()
    act_id: int
    kind: str = words()
    payer: str = words()
    payee: str = words()
    amount_fen: int = big()
    period: str = words()
    due: date | None


class SlipRow(Table, table=True):
    """国库凭证, known by its number, against an order."""

    __tablename__ = "slip"
    __table_args__ = (
        UniqueConstraint("act_id"),
        _sealed_by("act_id", "act.id"),
        check("amount_fen > 0", "amount_fen"),
        check("amount_fen = CAST(amount_fen AS BIGINT)", "amount_fen_integer"),
        check("payer <> payee", "two_parties"),
    )

    number: str = words(primary=True)
    act_id: int
    order_id: int = link("payment_order.id")
    payer: str = words()
    payee: str = words()
    amount_fen: int = big()


class HolidayRow(Table, table=True):
    """放假或调休上班 of one day, as imported; what is published beyond the software's own table."""

    __tablename__ = "holiday"

    day: date = key(Date)
    working: bool
    name: str = words()
    source: str = words()
