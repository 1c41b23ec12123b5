"""Settlements as they were computed, for ever."""

from sqlalchemy import Table, UniqueConstraint

from compensation.store.tables.base import METADATA, big, check, day, key, link, words, yes_or_no

SETTLEMENT = Table(
    "settlement",
    METADATA,
    key("id"),
    words("number"),
    words("agreement_id"),
    words("agreement_sha256"),
    words("agreement_text"),
    day("period_from"),
    day("period_to"),
    words("mode"),
    words("engine_version"),
    words("digest"),
    big("readings_known_through"),
    words("payload_json"),
    yes_or_no("undetermined"),
    big("created_at"),
    UniqueConstraint("number"),
    UniqueConstraint("digest"),
    check("mode IN ('final', 'provisional', 'backtest', 'provisional_backtest')", "mode"),
    check("period_from <= period_to", "period"),
    check("length(digest) = 64", "digest"),
    check("length(agreement_sha256) = 64", "agreement_sha256"),
)
"""结算. Pins the agreement's text, the engine and the moment up to which readings were known."""

OBLIGATION = Table(
    "obligation",
    METADATA,
    key("settlement_id", to="settlement.id"),
    key("seq"),
    words("clause"),
    words("section", nullable=True),
    words("period"),
    words("payer"),
    words("payee"),
    big("amount_fen"),
    check("amount_fen >= 0", "amount_fen"),
    check("amount_fen = CAST(amount_fen AS BIGINT)", "amount_fen_integer"),
    check("payer <> payee", "two_parties"),
)
"""应付义务: one line of a settlement, in integer fen; direction is payer to payee, never a sign."""

WORKBOOK = Table(
    "workbook",
    METADATA,
    key("id"),
    link("settlement_id", "settlement.id"),
    words("kind"),
    words("name"),
    words("sha256"),
    big("created_at"),
    UniqueConstraint("settlement_id", "kind", "sha256"),
    check("length(sha256) = 64", "sha256"),
)
"""结算工作簿 that was written for a settlement."""
