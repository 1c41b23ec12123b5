"""Use cases: what an official asks for, wired from the rooms below. The command line only parses and prints."""

from typing import TYPE_CHECKING

from compensation.on_demand import on_demand

if TYPE_CHECKING:
    from compensation.application.auditing import check_all
    from compensation.application.explaining import chosen_amounts, explained
    from compensation.application.gathering import Request, gather_evidence
    from compensation.application.importing import Imported, import_file
    from compensation.application.negotiating import (
        Range,
        changed_agreement,
        compare_requests,
        flips_of_request,
        range_of_request,
    )
    from compensation.application.settling import (
        kept_settlement,
        party_named,
        recomputed,
        settle_and_keep,
        settle_request,
        stored_settlement,
        unlinked_sections,
        write_sheet,
    )
    from compensation.application.water import treatments, water_report

__all__ = [
    "Imported",
    "Range",
    "Request",
    "changed_agreement",
    "check_all",
    "chosen_amounts",
    "compare_requests",
    "explained",
    "flips_of_request",
    "gather_evidence",
    "import_file",
    "kept_settlement",
    "party_named",
    "range_of_request",
    "recomputed",
    "settle_and_keep",
    "settle_request",
    "stored_settlement",
    "treatments",
    "unlinked_sections",
    "water_report",
    "write_sheet",
]

__getattr__ = on_demand(__name__, __file__)
