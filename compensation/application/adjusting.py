"""补差: what a correction changes for each party, clause by clause, and its sheet."""

from pathlib import Path
from typing import NamedTuple

from compensation.application.booking import Adjusted, agreement_of, names_of
from compensation.application.settling import MADE_UP
from compensation.sheets.adjustment import Change, Head, write_adjustment_sheet
from compensation.store import Store, StoredSettlement


class Difference(NamedTuple):
    """What a correction changes in one matter, in fen by party; positive is more to get or less to pay."""

    what: str
    fen: dict[str, int]


def differences_of(old: StoredSettlement, new: StoredSettlement) -> list[Difference]:
    """What differs, by clause in the agreement's order, then credits and limit, advances, and the clearing."""
    return [Difference(each.what, each.difference) for each in changes_of(old, new) if any(each.difference.values())]


def changes_of(old: StoredSettlement, new: StoredSettlement) -> list[Change]:
    """Every matter before and after, for each party and for a fund that has an account of its own."""
    clauses = dict.fromkeys(line.clause for each in (new, old) for line in each.obligations)
    parties = sorted({position.party for each in (old, new) for position in each.positions})
    found = [
        Change(clause, *({party: _of_clause(each, clause, party) for party in parties} for each in (old, new)))
        for clause in clauses
    ]
    for what, name in (
        ("抵扣与限额", "adjusted_fen"),
        ("本年度净额", "final_fen"),
        ("已预拨", "advanced_fen"),
        ("清算额", "clearing_fen"),
    ):
        before, after = ({each.party: getattr(each, name) for each in side.positions} for side in (old, new))
        found.append(Change(what, *({party: side.get(party, 0) for party in parties} for side in (before, after))))
    return found


def _of_clause(settlement: StoredSettlement, clause: str, party: str) -> int:
    return sum(
        line.amount_fen * ((line.payee == party) - (line.payer == party))
        for line in settlement.obligations
        if line.clause == clause
    )


def write_adjustment(store: Store, adjusted: Adjusted, path: Path) -> str:
    """Write the 补差 sheet and note its SHA-256 with the new settlement; returns that."""
    old, new = adjusted.old, adjusted.new
    agreement = agreement_of(new.agreement_id, new.agreement_text)
    deed = adjusted.done.act.deed
    made_up = any(MADE_UP in source.name for source in adjusted.settlement.sources)
    head = Head(
        agreement.title,
        adjusted.settlement.case.period.name,
        (old.number, new.number),
        (old.digest, new.digest),
        deed.reason,
        deed.document,
        MADE_UP if made_up else "",
        str(deed.day),
    )
    sha256 = write_adjustment_sheet(head, names_of(new), changes_of(old, new), path)
    store.add_workbook(new.id, "adjustment", path.name, sha256)
    return sha256
