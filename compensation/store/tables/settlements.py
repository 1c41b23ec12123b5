"""Settlements as they were computed, for ever."""

from datetime import date

from sqlalchemy import Integer, UniqueConstraint

from compensation.store.tables.base import Table, big, check, key, link, words


class SettlementRow(Table, table=True):
    """结算. Pins the agreement's text, the engine and the moment up to which readings were known."""

    __tablename__ = "settlement"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("digest"),
        check("mode IN ('final', 'provisional', 'backtest', 'provisional_backtest')", "mode"),
        check("period_from <= period_to", "period"),
        check("length(digest) = 64", "digest"),
        check("length(agreement_sha256) = 64", "agreement_sha256"),
    )

    id: int = key()
    number: str = words()
    agreement_id: str = words()
    agreement_sha256: str = words()
    agreement_text: str = words()
    period_from: date
    period_to: date
    mode: str = words()
    engine_version: str = words()
    digest: str = words()
    readings_known_through: int = big()
    payload_json: str = words()
    undetermined: bool
    created_at: int = big()


class ObligationRow(Table, table=True):
    """应付义务: one line of a settlement, in integer fen; direction is payer to payee, never a sign."""

    __tablename__ = "obligation"
    __table_args__ = (
        check("amount_fen >= 0", "amount_fen"),
        check("amount_fen = CAST(amount_fen AS BIGINT)", "amount_fen_integer"),
        check("payer <> payee", "two_parties"),
    )

    settlement_id: int = key(Integer, "settlement.id")
    seq: int = key()
    clause: str = words()
    section: str | None = words(nullable=True)
    period: str = words()
    payer: str = words()
    payee: str = words()
    amount_fen: int = big()


class WorkbookRow(Table, table=True):
    """结算工作簿 that was written for a settlement."""

    __tablename__ = "workbook"
    __table_args__ = (
        UniqueConstraint("settlement_id", "kind", "sha256"),
        check("length(sha256) = 64", "sha256"),
    )

    id: int = key()
    settlement_id: int = link("settlement.id")
    kind: str = words()
    name: str = words()
    sha256: str = words()
    created_at: int = big()
