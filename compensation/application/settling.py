"""Settling what is stored, keeping the result, computing it again, explaining it, writing its workbook."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from compensation import sheets
from compensation.agreement.loader import parse
from compensation.application.gathering import Request, gather_evidence, party_codes
from compensation.errors import Fault, InputError, IntegrityError
from compensation.ledger.lifecycle import Stage, stages
from compensation.money import fen_of
from compensation.settlement.settle import (
    Mode,
    Settlement,
    SourceFile,
    as_data,
    figures_as_of,
    period_of,
    settle,
)
from compensation.store import (
    NetPosition,
    NewSettlement,
    Obligation,
    Saved,
    Store,
    StoredSettlement,
)
from rules.agreement import Agreement

MADE_UP = "示例数据"
"""What the name of every made-up file says."""


def settle_request(store: Store, request: Request) -> Settlement:
    """Compute what `request` asks for from what is stored; nothing is written."""
    period = period_of(request.agreement, request.first, request.last, backtest=request.backtest)
    with store.unchanging():
        gathered = gather_evidence(store, request, period, figures_as_of(request.agreement, request.first))
        sources = sources_of(store, request.known_at)
    return settle(request.agreement, period, gathered, request.mode, sources)


def sources_of(store: Store, known_at: datetime | None) -> tuple[SourceFile, ...]:
    """The files that had been imported by then."""
    return tuple(
        SourceFile(each.name, each.sha256, each.rows, each.taken, each.identical, each.quarantined, each.left_out)
        for each in store.source_files()
        if known_at is None or each.imported_at <= known_at
    )


class Unlinked(NamedTuple):
    """A section of an agreement whose data stand in the store under another code of the same name."""

    name: str
    code: str
    stored_as: tuple[str, ...]


def unlinked_sections(store: Store, agreement: Agreement) -> tuple[Unlinked, ...]:
    """The sections of an agreement that the store knows by name only: their data are there and are not found."""
    known = store.sections()
    codes = {section.code for section in known}
    return tuple(
        Unlinked(section.name, section.code, others)
        for section in agreement.sections
        if section.code not in codes and (others := tuple(each.code for each in known if each.name == section.name))
    )


def settle_and_keep(store: Store, request: Request) -> tuple[Settlement, Saved]:
    """Compute what `request` asks for and keep it for ever. The same digest again is the one that is there.

    What is known, and what was done with other years, is pinned before anything is read, so that neither an import nor
    an act in between can make the settlement one that nobody can compute again.
    """
    known_at = request.known_at or store.known_through()
    settlement = settle_request(store, request._replace(known_at=known_at))
    obligations = tuple(
        Obligation(line.clause, line.section or None, line.period, line.payer, line.payee, fen_of(line.amount.value))
        for line in settlement.outcome.lines
        if isinstance(line.amount.value, Fraction) and not settlement.missing
    )
    data = as_data(settlement)
    new = NewSettlement(
        settlement.agreement.key,
        settlement.agreement.sha256,
        settlement.agreement.text,
        settlement.case.period.first,
        settlement.case.period.last,
        settlement.mode.value,
        settlement.engine_version,
        settlement.digest,
        known_at,
        json.dumps(data, ensure_ascii=False, sort_keys=True),
        bool(settlement.missing),
        obligations,
        settlement.number,
        _positions(obligations, data),
    )
    return settlement, store.save_settlement(new)


def _positions(obligations: Sequence[Obligation], data: Mapping[str, Any]) -> tuple[NetPosition, ...]:
    """各方净额 in fen, from the lines and from what the settlement says of itself; none while anything is missing."""
    if data["missing"]:
        return ()
    found = []
    for party, final in data["final"].items():
        payable = sum(line.amount_fen for line in obligations if line.payer == party)
        receivable = sum(line.amount_fen for line in obligations if line.payee == party)
        clearing = sum(fen * ((payee == party) - (payer == party)) for payer, payee, fen in data["clearing"])
        adjusted = final - receivable + payable
        found.append(NetPosition(party, payable, receivable, adjusted, final, clearing - final, clearing))
    return tuple(found)


def kept_settlement(store: Store, number: str | None) -> StoredSettlement:
    """A stored settlement (the latest without a number) as it was kept; InputError when there is none."""
    stored = store.latest_settlement(number=number)
    if stored is None:
        what = f"没有编号为 {number} 的结算" if number else "还没有任何结算"
        raise InputError(Fault("数据库", what, "找不到可用的结算", "先执行 compensation settle，或核对编号"))
    return stored


def stored_settlement(store: Store, number: str | None) -> tuple[Settlement, StoredSettlement]:
    """A stored settlement (the latest without a number), computed again from what was known when it was made.

    InputError when there is none; IntegrityError when the digest does not come out again.
    """
    stored = kept_settlement(store, number)
    return recomputed(store, stored), stored


def request_of(stored: StoredSettlement) -> Request:
    """What has to be asked for to compute a stored settlement again."""
    mode = Mode(stored.mode)
    return Request(
        parse(f"{stored.agreement_id}.yaml", stored.agreement_text),
        stored.period_from,
        stored.period_to,
        backtest=mode in (Mode.BACKTEST, Mode.PROVISIONAL_BACKTEST),
        provisional=mode.provisional,
        known_at=stored.readings_known_through,
    )


def recomputed(store: Store, stored: StoredSettlement) -> Settlement:
    """A stored settlement computed again under its own agreement text; IntegrityError when the digest differs."""
    settlement = settle_request(store, request_of(stored))
    if settlement.digest != stored.digest:
        why = f"存档摘要 {stored.digest[:12]}，重算得 {settlement.digest[:12]}"
        if stored.engine_version != settlement.engine_version:
            why += f"；存档由 {stored.engine_version} 版算出，现为 {settlement.engine_version} 版"
        raise IntegrityError(Fault(f"结算 {stored.number}", "无法重现", why, "用当时的版本重算，或重新结算后另存"))
    return settlement


def party_named(settlement: Settlement, name: str) -> str:
    """The code of the party that is called `name`; InputError when the agreement has no such party."""
    codes = party_codes(settlement.agreement)
    if name not in codes:
        known = "、".join(party.short for party in settlement.agreement.parties)
        raise InputError(Fault("--party", f"“{name}”不是本协议的缔约方", f"缔约方：{known}", "更正 --party"))
    return codes[name]


def mark_of(settlement: Settlement) -> str:
    """What every page of its workbook says beside 暂算 and 回测: 示例数据 when any of the data are made up."""
    return MADE_UP if any(MADE_UP in source.name for source in settlement.sources) else ""


def stages_of(store: Store, stored: StoredSettlement) -> tuple[Stage, ...]:
    """Every stage that a settlement has come through, 草案 first; the last is where it stands."""
    return stages(stored.number, store.book().acts)


def status_at(stage: Stage) -> str:
    """What the cover of a workbook says of a stage; nothing of a 草案, which may be 暂算 as well."""
    return "" if stage is Stage.DRAFT else stage.value


def write_sheet(
    store: Store,
    settlement: Settlement,
    stored: StoredSettlement,
    path: Path,
    *,
    template: Path | None = None,
    party: str = "",
    with_readings: bool = False,
) -> str:
    """Write the settlement workbook and note its SHA-256; returns that. Made-up data are marked on every page.

    Its cover says how far the settlement has come by now; the same settlement at the same stage gives the same bytes.
    `party` is the code of the party from whose side it is written, empty for the workbook of all; `with_readings` adds
    every reading with the cell it stood in.
    """
    from compensation.application.tracing import trace  # noqa: PLC0415  loads all of openpyxl, which settling does not need

    found = trace(store, settlement, stored, with_readings=with_readings)
    status = status_at(stages_of(store, stored)[-1])
    sha256 = sheets.write_workbook(
        settlement, path, template=template, mark=mark_of(settlement), party=party, status=status, trace=found
    )
    store.add_workbook(stored.id, "party" if party else "settlement", path.name, sha256)
    return sha256
