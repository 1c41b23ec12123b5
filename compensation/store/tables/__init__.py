"""The tables, one module per room of the database; importing this package registers them all."""

from compensation.store.tables.base import METADATA, Table
from compensation.store.tables.evidence import (
    ExemptionRow,
    FlowRow,
    IncidentRow,
    IncidentShare,
    InKindRow,
    IntakeVolumeRow,
)
from compensation.store.tables.files import ImportFile, ImportSheet, QuarantinedRow, QuarantineRelease, RefusedRow
from compensation.store.tables.readings import (
    ReadingConfirmation,
    ReadingConflict,
    ReadingDecision,
    ReadingRow,
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
    "reading_confirmation",
    "reading_conflict",
    "reading_decision",
    "intake_volume",
    "flow",
    "incident",
    "incident_share",
    "exemption",
    "in_kind",
    "settlement",
    "obligation",
    "workbook",
)
"""Tables whose rows are never changed or removed; triggers refuse it on both databases."""

__all__ = [
    "APPEND_ONLY",
    "METADATA",
    "ExemptionRow",
    "FlowRow",
    "ImportFile",
    "ImportSheet",
    "InKindRow",
    "IncidentRow",
    "IncidentShare",
    "Indicator",
    "IntakeVolumeRow",
    "ObligationRow",
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
    "Table",
    "WorkbookRow",
]
