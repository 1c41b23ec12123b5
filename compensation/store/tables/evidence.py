"""Evidence other than readings. Exact rationals are text "n/d", as a database number would round them."""

from sqlalchemy import Date, SmallInteger, Table, Text, UniqueConstraint

from compensation.store.tables.base import METADATA, big, check, day, key, link, place, small, whole, words

INTAKE_VOLUME = Table(
    "intake_volume",
    METADATA,
    key("section_id", to="section.id"),
    key("month", Date),
    words("volume_m3"),
    words("document"),
    *place(),
)
"""取水量 of a month at an intake, m³."""

FLOW = Table(
    "flow",
    METADATA,
    key("section_id", to="section.id"),
    key("first_day", Date),
    key("last_day", Date),
    words("volume_m3"),
    words("document"),
    *place(),
)
"""断面水量 of a period, both days included, m³."""

INCIDENT = Table(
    "incident",
    METADATA,
    key("id"),
    words("number"),
    day("day"),
    link("section_id", "section.id"),
    words("indicator", nullable=True),
    words("concentration_mg_per_l", nullable=True),
    words("cost_yuan"),
    words("cost_bearer"),
    words("document"),
    *place(),
    UniqueConstraint("number"),
)
"""突发事件, known by its number; cost in 元."""

INCIDENT_SHARE = Table(
    "incident_share",
    METADATA,
    key("incident_id", to="incident.id"),
    key("seq"),
    words("party"),
    words("share"),
)
"""责任比例 of one party in an incident, in the order the file gives them."""

EXEMPTION = Table(
    "exemption",
    METADATA,
    key("id"),
    link("section_id", "section.id"),
    day("first_day"),
    day("last_day"),
    words("reason"),
    words("document"),
    *place(),
    UniqueConstraint("section_id", "first_day", "last_day", "reason", "document"),
    check("first_day <= last_day", "days"),
)
"""免责认定: a period taken out of the account, both days included."""

IN_KIND = Table(
    "in_kind",
    METADATA,
    key("id"),
    whole("year"),
    words("contributor"),
    words("receiver"),
    words("kind"),
    words("description"),
    words("value_yuan"),
    words("document"),
    *place(),
    UniqueConstraint("year", "contributor", "receiver", "kind", "description"),
    check("contributor <> receiver", "two_parties"),
)
"""多元化补偿: a technology, talent or industry contribution at its agreed value in 元."""

EVIDENCE_CORRECTION = Table(
    "evidence_correction",
    METADATA,
    key("kind", Text),
    key("record_json", Text),
    key("seq", SmallInteger),
    words("stated_json", nullable=True),
    big("corrected_at"),
    words("corrected_by"),
    words("reason"),
    words("document"),
    link("file_id", "import_file.id", nullable=True),
    small("source_sheet", nullable=True),
    whole("source_row", nullable=True),
    check("kind IN ('intake_volume', 'flow', 'incident', 'exemption', 'in_kind')", "kind"),
    check("(stated_json IS NULL) = (file_id IS NULL)", "stated_in_a_file"),
    check("length(corrected_by) > 0 AND length(reason) > 0", "by_whom_and_why"),
    check("file_id IS NULL OR (source_sheet IS NOT NULL AND source_row IS NOT NULL)", "place"),
)
"""凭据更正: what a record says from now on, or that it was withdrawn (`stated_json` NULL); the record itself stays.

`kind` is the record's table and `record_json` what names it there, as a list. A correction has the file that
states it, a withdrawal none.
"""
