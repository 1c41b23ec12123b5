"""Corrections of evidence (凭据更正): what a record says from now on, or that it no longer counts; only added to.

The record as first imported stays, and every correction after it. The last one that was known stands.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from compensation.errors import Fault, InputError
from compensation.store.clock import moment_of, time_of_moment
from compensation.store.tables import EVIDENCE_CORRECTION, IMPORT_FILE, IMPORT_SHEET

NATURAL: Mapping[str, tuple[str, ...]] = {
    "intake_volume": ("section_id", "month"),
    "flow": ("section_id", "first_day", "last_day"),
    "incident": ("number",),
    "exemption": ("section_id", "first_day", "last_day", "reason", "document"),
    "in_kind": ("year", "contributor", "receiver", "kind", "description"),
}
"""What names a record of each kind, by its table."""

_HANDLE = 10
_DATES = ("day",)


class Correction(NamedTuple):
    """What was stated of a record (None: withdrawn), when, by whom, why, on what document, and where it stands."""

    kind: str
    record: str
    seq: int
    stated: Mapping[str, Any] | None
    corrected_at: datetime
    corrected_by: str
    reason: str
    document: str
    file_id: int | None
    file: str
    sheet: str
    row: int

    @property
    def place(self) -> str:
        """Where it stands, as people find it; empty for a withdrawal."""
        return (
            f"《{self.file}》" + (f"表「{self.sheet}」" if self.sheet else "") + f"第 {self.row} 行"
            if self.file
            else ""
        )


def record_name(kind: str, values: Mapping[str, Any]) -> str:
    """What names a record, as text: a JSON list of its natural key."""
    return json.dumps([values[part] for part in NATURAL[kind]], ensure_ascii=False, default=date.isoformat)


def handle_of(kind: str, record: str) -> str:
    """The number by which people name a record."""
    return hashlib.sha256(f"{kind}|{record}".encode()).hexdigest()[:_HANDLE]


def corrections(connection: Connection, known: datetime | None = None) -> dict[tuple[str, str], list[Correction]]:
    """All corrections known by then, by kind and record, the oldest first."""
    table, imported, sheet = EVIDENCE_CORRECTION.c, IMPORT_FILE.c, IMPORT_SHEET.c
    query = (
        select(*table, imported.name.label("file"), sheet.name.label("sheet"))
        .outerjoin(IMPORT_FILE, imported.id == table.file_id)
        .outerjoin(IMPORT_SHEET, (sheet.file_id == table.file_id) & (sheet.sheet == table.source_sheet))
        .order_by(table.kind, table.record_json, table.seq)
    )
    if known is not None:
        query = query.where(table.corrected_at <= moment_of(known))
    found: dict[tuple[str, str], list[Correction]] = {}
    for row in connection.execute(query).mappings():
        correction = Correction(
            row["kind"],
            row["record_json"],
            row["seq"],
            None if row["stated_json"] is None else json.loads(row["stated_json"]),
            time_of_moment(row["corrected_at"]),
            row["corrected_by"],
            row["reason"],
            row["document"],
            row["file_id"],
            row["file"] or "",
            row["sheet"] or "",
            row["source_row"] or 0,
        )
        found.setdefault((correction.kind, correction.record), []).append(correction)
    return found


def corrected(row: Mapping[str, Any], correction: Correction) -> dict[str, Any]:
    """A record's row with what the correction states, and with the place where it does."""
    assert correction.stated is not None
    values = {name: date.fromisoformat(value) if name in _DATES else value for name, value in correction.stated.items()}
    place = {"file_id": correction.file_id, "sheet": correction.sheet, "source_row": correction.row}
    return {**row, **values, **place}


def append(
    connection: Connection,
    kind: str,
    record: str,
    stated: Mapping[str, Any] | None,
    moment: int,
    ruling: tuple[str, str, str],
    place: tuple[int, int, int] | None,
) -> None:
    """Add a correction or a withdrawal; `ruling` is by whom, why and on what document, `place` file, sheet and row."""
    table = EVIDENCE_CORRECTION.c
    before = connection.execute(select(table.seq).where(table.kind == kind, table.record_json == record)).scalars()
    file_id, sheet, row = place or (None, None, None)
    by, reason, document = ruling
    connection.execute(
        insert(EVIDENCE_CORRECTION).values(
            kind=kind,
            record_json=record,
            seq=max(before, default=-1) + 1,
            stated_json=None if stated is None else json.dumps(stated, ensure_ascii=False, default=date.isoformat),
            corrected_at=moment,
            corrected_by=by,
            reason=reason,
            document=document,
            file_id=file_id,
            source_sheet=sheet,
            source_row=row,
        )
    )


def withdraw(
    connection: Connection,
    standing: Mapping[str, tuple[str, str]],
    handles: Sequence[str],
    moment: int,
    ruling: tuple[str, str, str],
) -> int:
    """Withdraw the records named, all or none; `standing` gives kind and record of each handle that counts."""
    wanted = list(dict.fromkeys(handles))
    faults = [
        Fault(f"凭据 {each}", "找不到", "没有这个编号的凭据，或已经撤销", "用 compensation evidence list 列出编号")
        for each in wanted
        if each not in standing
    ]
    if faults:
        raise InputError(faults)
    for each in wanted:
        append(connection, *standing[each], None, moment, ruling, None)
    return len(wanted)
