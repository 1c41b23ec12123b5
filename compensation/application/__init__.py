"""Use cases: what an official asks for, wired from the rooms below. The command line only parses and prints."""

from compensation.application.gathering import Request, gather_evidence
from compensation.application.importing import Imported, import_file
from compensation.application.settling import (
    check_all,
    chosen_amounts,
    recomputed,
    save,
    settle_request,
    stored_settlement,
    write_sheet,
)
from compensation.application.water import treatments

__all__ = [
    "Imported",
    "Request",
    "check_all",
    "chosen_amounts",
    "gather_evidence",
    "import_file",
    "recomputed",
    "save",
    "settle_request",
    "stored_settlement",
    "treatments",
    "write_sheet",
]
