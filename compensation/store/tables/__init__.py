"""The tables, one module per room of the database; importing this package registers them all."""

from compensation.store.tables.base import METADATA, Table
from compensation.store.tables.evidence import (
    EvidenceCorrection,
    ExemptionRow,
    FlowRow,
    IncidentRow,
    IncidentShare,
    InKindRow,
    IntakeVolumeRow,
)
from compensation.store.tables.files import ImportFile, ImportSheet, QuarantinedRow, QuarantineRelease, RefusedRow
from compensation.store.tables.ledger import (
    ActRow,
    EntryRow,
    HolidayRow,
    NetPositionRow,
    PaymentOrderRow,
    PostingRow,
    SlipRow,
)
from compensation.store.tables.readings import (
    DailySum,
    DoubtAnswer,
    ReadingConfirmation,
    ReadingConflict,
    ReadingDecision,
    ReadingRow,
    ValueMark,
)
from compensation.store.tables.registry import Indicator, Section, SectionAlias, SectionMerge
from compensation.store.tables.settlements import ObligationRow, SettlementRow, WorkbookRow

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
    "APPEND_ONLY",
    "GUARDS",
    "METADATA",
    "SEALED",
    "ActRow",
    "DailySum",
    "DoubtAnswer",
    "EntryRow",
    "EvidenceCorrection",
    "ExemptionRow",
    "FlowRow",
    "HolidayRow",
    "ImportFile",
    "ImportSheet",
    "InKindRow",
    "IncidentRow",
    "IncidentShare",
    "Indicator",
    "IntakeVolumeRow",
    "NetPositionRow",
    "ObligationRow",
    "PaymentOrderRow",
    "PostingRow",
    "QuarantineRelease",
    "QuarantinedRow",
    "ReadingConfirmation",
    "ReadingConflict",
    "ReadingDecision",
    "ReadingRow",
    "RefusedRow",
    "Section",
    "SectionAlias",
    "SectionMerge",
    "SettlementRow",
    "SlipRow",
    "Table",
    "ValueMark",
    "WorkbookRow",
]
