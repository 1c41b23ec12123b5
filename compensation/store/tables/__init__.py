"""The tables, one module per room of the database; importing this package registers them all."""

from compensation.store.tables.evidence import (
    EVIDENCE_CORRECTION,
    EXEMPTION,
    FLOW,
    IN_KIND,
    INCIDENT,
    INCIDENT_SHARE,
    INTAKE_VOLUME,
)
from compensation.store.tables.files import IMPORT_FILE, IMPORT_SHEET, QUARANTINE_RELEASE, QUARANTINED_ROW, REFUSED_ROW
from compensation.store.tables.ledger import (
    ACT,
    ENTRY,
    HOLIDAY,
    NET_POSITION,
    PAYMENT_ORDER,
    POSTING,
    SLIP,
)
from compensation.store.tables.readings import (
    DAILY_SUM,
    DOUBT_ANSWER,
    READING,
    READING_CONFIRMATION,
    READING_CONFLICT,
    READING_DECISION,
    VALUE_MARK,
)
from compensation.store.tables.registry import INDICATOR, SECTION, SECTION_ALIAS, SECTION_MERGE
from compensation.store.tables.settlements import OBLIGATION, SETTLEMENT, WORKBOOK

APPEND_ONLY = (
    "import_file",
    "import_sheet",
    "refused_row",
    "quarantined_row",
    "quarantine_release",
    "section_merge",
    "reading",
    "daily_sum",
    "reading_confirmation",
    "reading_conflict",
    "reading_decision",
    "intake_volume",
    "flow",
    "incident",
    "incident_share",
    "exemption",
    "in_kind",
    "evidence_correction",
    "value_mark",
    "doubt_answer",
    "settlement",
    "obligation",
    "workbook",
    "net_position",
    "act",
    "entry",
    "posting",
    "payment_order",
    "slip",
    "holiday",
)
"""Tables whose rows are never changed or removed; triggers refuse it on both databases."""

GUARDS = {
    True: ("settlement_balanced", "entry_balanced", "pool_not_overdrawn"),
    False: ("positions_balanced", "entry_balanced", "posting_balanced", "pool_not_overdrawn"),
}
"""Triggers that keep the books balanced, on SQLite (True) and on PostgreSQL."""

SEALED = ("net_position", "entry", "posting", "payment_order", "slip")
"""Tables to which nothing can be added once what they belong to is written."""

__all__ = [
    "ACT",
    "APPEND_ONLY",
    "DAILY_SUM",
    "DOUBT_ANSWER",
    "ENTRY",
    "EVIDENCE_CORRECTION",
    "EXEMPTION",
    "FLOW",
    "GUARDS",
    "HOLIDAY",
    "IMPORT_FILE",
    "IMPORT_SHEET",
    "INCIDENT",
    "INCIDENT_SHARE",
    "INDICATOR",
    "INTAKE_VOLUME",
    "IN_KIND",
    "NET_POSITION",
    "OBLIGATION",
    "PAYMENT_ORDER",
    "POSTING",
    "QUARANTINED_ROW",
    "QUARANTINE_RELEASE",
    "READING",
    "READING_CONFIRMATION",
    "READING_CONFLICT",
    "READING_DECISION",
    "REFUSED_ROW",
    "SEALED",
    "SECTION",
    "SECTION_ALIAS",
    "SECTION_MERGE",
    "SETTLEMENT",
    "SLIP",
    "VALUE_MARK",
    "WORKBOOK",
]
