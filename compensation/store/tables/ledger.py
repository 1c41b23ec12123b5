"""The book: acts with their entries, payment orders and treasury slips, and the days nobody works.

An act's row is written last: it seals what it brought about. The foreign keys to it are deferred for that reason.
"""

from sqlalchemy import Date, ForeignKeyConstraint, Table, Text, UniqueConstraint

from compensation.store.tables.base import METADATA, big, check, day, key, link, whole, words, yes_or_no


def _sealed_by(column: str, target: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint([column], [target], deferrable=True, initially="DEFERRED")


NET_POSITION = Table(
    "net_position",
    METADATA,
    key("settlement_id"),
    key("party", Text),
    big("payable_fen"),
    big("receivable_fen"),
    big("adjusted_fen"),
    big("final_fen"),
    big("advanced_fen"),
    big("clearing_fen"),
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
"""各方净额 of a settlement, in fen; written before the settlement, whose row seals it.

`adjusted_fen` is what credits in kind and the yearly limit change; negative final and clearing are to be paid.
"""

ACT = Table(
    "act",
    METADATA,
    key("id"),
    words("kind"),
    link("settlement_id", "settlement.id"),
    words("digest"),
    day("day"),
    words("made_by"),
    words("document"),
    words("reason"),
    words("party"),
    words("department"),
    link("objection_id", "act.id", nullable=True),
    link("corrects_id", "settlement.id", nullable=True),
    big("recorded_at"),
    words("previous_hash"),
    words("hash"),
    UniqueConstraint("recorded_at"),
    UniqueConstraint("hash"),
    check(
        "kind IN ('correct', 'issue', 'confirm', 'object', 'dismiss', 'uphold', 'finalise', 'void', 'pay', 'refund')",
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
"""办理事项: who did what on which day, on which digest, by which document; linked into one chain."""

ENTRY = Table(
    "entry",
    METADATA,
    key("id"),
    whole("act_id"),
    words("kind"),
    words("clause"),
    words("section"),
    words("period"),
    _sealed_by("act_id", "act.id"),
    check(
        "kind IN ('obligation', 'contribution', 'distribution', 'credit', 'limit', 'clearing', 'advance', "
        "'payment', 'refund')",
        "kind",
    ),
)
"""分录 of an act."""

POSTING = Table(
    "posting",
    METADATA,
    key("entry_id"),
    key("account", Text),
    big("amount_fen"),
    _sealed_by("entry_id", "entry.id"),
    check("amount_fen <> 0", "amount_fen"),
    check("amount_fen = CAST(amount_fen AS BIGINT)", "amount_fen_integer"),
)
"""What an entry changes in one account, in fen: claim:310000, pool and the like."""

PAYMENT_ORDER = Table(
    "payment_order",
    METADATA,
    key("id"),
    words("number"),
    whole("act_id"),
    words("kind"),
    words("payer"),
    words("payee"),
    big("amount_fen"),
    words("period"),
    day("due", nullable=True),
    UniqueConstraint("number"),
    _sealed_by("act_id", "act.id"),
    check("kind IN ('clearing', 'advance')", "kind"),
    check("amount_fen > 0", "amount_fen"),
    check("amount_fen = CAST(amount_fen AS BIGINT)", "amount_fen_integer"),
    check("payer <> payee", "two_parties"),
)
"""拨付: who pays whom how much by when."""

SLIP = Table(
    "slip",
    METADATA,
    key("number", Text),
    whole("act_id"),
    link("order_id", "payment_order.id"),
    words("payer"),
    words("payee"),
    big("amount_fen"),
    UniqueConstraint("act_id"),
    _sealed_by("act_id", "act.id"),
    check("amount_fen > 0", "amount_fen"),
    check("amount_fen = CAST(amount_fen AS BIGINT)", "amount_fen_integer"),
    check("payer <> payee", "two_parties"),
)
"""国库凭证, known by its number, against an order."""

HOLIDAY = Table(
    "holiday",
    METADATA,
    key("day", Date),
    yes_or_no("working"),
    words("name"),
    words("source"),
)
"""放假或调休上班 of one day, as imported; what is published beyond the software's own table."""
