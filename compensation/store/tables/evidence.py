"""Evidence other than readings. Exact rationals are text "n/d", as a database number would round them."""

from datetime import date

from sqlalchemy import Date, Integer, SmallInteger, Text, UniqueConstraint
from sqlmodel import Field

from compensation.store.tables.base import Table, big, check, key, link, small, words


class IntakeVolumeRow(Table, table=True):
    """取水量 of a month at an intake, m³."""

    __tablename__ = "intake_volume"

    section_id: int = key(Integer, "section.id")
    month: date = key(Date)
    volume_m3: str = words()
    document: str = words()
    file_id: int = link("import_file.id")
    source_sheet: int = small()
    source_row: int


class FlowRow(Table, table=True):
    """断面水量 of a period, both days included, m³."""

    __tablename__ = "flow"

    section_id: int = key(Integer, "section.id")
    first_day: date = key(Date)
    last_day: date = key(Date)
    volume_m3: str = words()
    document: str = words()
    file_id: int = link("import_file.id")
    source_sheet: int = small()
    source_row: int


class IncidentRow(Table, table=True):
    """突发事件, known by its number; cost in 元."""

    __tablename__ = "incident"
    __table_args__ = (UniqueConstraint("number"),)

    id: int = key()
    number: str = words()
    day: date
    section_id: int = link("section.id")
    indicator: str | None = words(nullable=True)
    concentration_mg_per_l: str | None = words(nullable=True)
    cost_yuan: str = words()
    cost_bearer: str = words()
    document: str = words()
    file_id: int = link("import_file.id")
    source_sheet: int = small()
    source_row: int


class IncidentShare(Table, table=True):
    """责任比例 of one party in an incident, in the order the file gives them."""

    __tablename__ = "incident_share"

    incident_id: int = key(Integer, "incident.id")
    seq: int = key()
    party: str = words()
    share: str = words()


class ExemptionRow(Table, table=True):
    """免责认定: a period taken out of the account, both days included."""

    __tablename__ = "exemption"
    __table_args__ = (
        UniqueConstraint("section_id", "first_day", "last_day", "reason", "document"),
        check("first_day <= last_day", "days"),
    )

    id: int = key()
    section_id: int = link("section.id")
    first_day: date
    last_day: date
    reason: str = words()
    document: str = words()
    file_id: int = link("import_file.id")
    source_sheet: int = small()
    source_row: int


class InKindRow(Table, table=True):
    """多元化补偿: a technology, talent or industry contribution at its agreed value in 元."""

    __tablename__ = "in_kind"
    __table_args__ = (
        UniqueConstraint("year", "contributor", "receiver", "kind", "description"),
        check("contributor <> receiver", "two_parties"),
    )

    id: int = key()
    year: int
    contributor: str = words()
    receiver: str = words()
    kind: str = words()
    description: str = words()
    value_yuan: str = words()
    document: str = words()
    file_id: int = link("import_file.id")
    source_sheet: int = small()
    source_row: int


class EvidenceCorrection(Table, table=True):
    """凭据更正: what a record says from now on, or that it was withdrawn (`stated_json` NULL); the record itself stays.

    `kind` is the record's table and `record_json` what names it there, as a list. A correction has the file that
    states it, a withdrawal none.
    """

    __tablename__ = "evidence_correction"
    __table_args__ = (
        check("kind IN ('intake_volume', 'flow', 'incident', 'exemption', 'in_kind')", "kind"),
        check("(stated_json IS NULL) = (file_id IS NULL)", "stated_in_a_file"),
        check("length(corrected_by) > 0 AND length(reason) > 0", "by_whom_and_why"),
        check("file_id IS NULL OR (source_sheet IS NOT NULL AND source_row IS NOT NULL)", "place"),
    )

    kind: str = Field(primary_key=True, sa_type=Text)
    record_json: str = Field(primary_key=True, sa_type=Text)
    seq: int = key(SmallInteger)
    stated_json: str | None = words(nullable=True)
    corrected_at: int = big()
    corrected_by: str = words()
    reason: str = words()
    document: str = words()
    file_id: int | None = link("import_file.id", nullable=True)
    source_sheet: int | None = small(nullable=True)
    source_row: int | None = Field(sa_type=Integer, nullable=True)
