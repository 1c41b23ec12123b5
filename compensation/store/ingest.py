"""Taking one file in: one transaction, everything or nothing, counted to the last row."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from compensation.errors import Fault, InputError, IntegrityError
from compensation.monitoring.lookups import Unplaceable
from compensation.monitoring.parsed import ParsedFile, Sink
from compensation.monitoring.records import Refused
from compensation.store import marks, quarantine
from compensation.store.clock import moment_of, now_moment, time_of_moment
from compensation.store.decisions import Ruling
from compensation.store.evidence import EvidenceIntake
from compensation.store.sections import RegisteredSection, Resolver
from compensation.store.staging import Progress, Stage
from compensation.store.tables import (
    ACT,
    DOUBT_ANSWER,
    EVIDENCE_CORRECTION,
    IMPORT_FILE,
    IMPORT_SHEET,
    QUARANTINE_RELEASE,
    READING_DECISION,
    REFUSED_ROW,
    SETTLEMENT,
)

Read = Callable[[Sink, Unplaceable], ParsedFile]
"""How a file is read: its readings go to the sink; the other one says which section names the registry cannot tell."""


class IngestReport(NamedTuple):
    """What became of a file.

    With `already` the same content was imported before, under `name` at `imported_at`; the counts are those of that
    first import, and nothing was done but what `evidence_stored` and `evidence_corrected` say. rows_in = rows_stored +
    rows_identical + rows_quarantined + rows_refused + rows_empty, and readings = readings_stored + readings_identical.
    `revised` and `superseded` are among the stored: versions that replace an earlier one, or came too late to stand.
    `conflicts` are the keys that the file brought into conflict and left to be decided.
    """

    file_id: int
    name: str
    sha256: str
    imported_at: datetime
    already: bool
    rows_in: int
    rows_stored: int
    rows_identical: int
    rows_quarantined: int
    rows_refused: int
    rows_empty: int
    readings_stored: int
    readings_identical: int
    revised: int
    superseded: int
    conflicts: int
    evidence_stored: int
    evidence_corrected: int
    evidence_identical: int
    new_sections: tuple[RegisteredSection, ...]


def ingest(
    connection: Connection,
    name: str,
    read: Read,
    progress: Progress | None = None,
    correcting: Ruling | None = None,
) -> IngestReport:
    """Take a file in on a writing connection; see `Store.ingest_from`."""
    resolver = Resolver(connection, f"《{name}》")
    file_id = _next_file(connection)
    with Stage(connection, resolver, file_id, progress) as stage:
        parsed = read(stage.take, resolver.problem)
    earlier = _earlier(connection, parsed.sha256)
    if earlier is not None:
        stage.undo()
        return earlier if correcting is None else _said_again(connection, parsed, earlier, resolver, correcting)
    intake = EvidenceIntake(connection, resolver, parsed.name, stage.sheet, correcting)
    intake.take(*parsed.evidence)
    if parsed.takes_sound:
        for fault in intake.set_aside():
            parsed.reject(fault)
    coming = quarantine.coming(connection, parsed)
    faults = [*parsed.faults, *resolver.faults(parsed.headings), *intake.faults, *coming.strangers]
    if faults:
        raise InputError(faults)
    resolver.finish()
    staged = stage.compare()
    taken = staged.rows + len(intake.rows)
    new = staged.new_rows + len(intake.stored_rows)
    refused_places = [(stage.sheet(item.sheet), item) for item in parsed.refused]
    marked_places = [(stage.sheet(item.reading.sheet), item) for item in parsed.marked]
    rejected_places = [(stage.sheet(item.sheet), item) for item in parsed.rejected]
    report = IngestReport(
        file_id=file_id,
        name=parsed.name,
        sha256=parsed.sha256,
        imported_at=time_of_moment(next_moment(connection)),
        already=False,
        rows_in=parsed.counts.rows_in,
        rows_stored=new,
        rows_identical=taken - new,
        rows_quarantined=len(parsed.rejected),
        rows_refused=parsed.counts.rows_refused - len(parsed.rejected),
        rows_empty=parsed.counts.rows_empty,
        readings_stored=staged.stored,
        readings_identical=staged.readings - staged.stored,
        revised=staged.revised,
        superseded=staged.superseded,
        conflicts=staged.conflicts,
        evidence_stored=intake.stored,
        evidence_corrected=intake.corrected,
        evidence_identical=intake.identical,
        new_sections=tuple(resolver.new),
    )
    _require_tie(report)
    _write_file(connection, parsed, report, stage.sheets)
    stage.append()
    intake.append(report.file_id, moment_of(report.imported_at))
    marks.keep(connection, report.file_id, marked_places, resolver)
    _write_refused(connection, report.file_id, refused_places)
    quarantine.keep(connection, report.file_id, rejected_places, coming.instead_of)
    moment = moment_of(report.imported_at)
    quarantine.release(connection, coming.taken, report.file_id, moment)
    quarantine.release(connection, coming.replaced, report.file_id, moment, reason=quarantine.STILL_WRONG)
    return report


def _said_again(
    connection: Connection, parsed: ParsedFile, earlier: IngestReport, resolver: Resolver, correcting: Ruling
) -> IngestReport:
    """Let a file that was imported before correct what was said of its evidence since: restore what was withdrawn.

    Its readings are stored, and so is the file; a correction names the row of it that stands again.
    """
    sheet = IMPORT_SHEET.c
    known = connection.execute(select(sheet.name, sheet.sheet).where(sheet.file_id == earlier.file_id))
    numbers = {str(name): int(number) for name, number in known}
    before = len(numbers)
    intake = EvidenceIntake(
        connection, resolver, parsed.name, lambda name: numbers.setdefault(name, len(numbers)), correcting
    )
    intake.take(*parsed.evidence)
    if faults := [*parsed.faults, *resolver.faults(parsed.headings), *intake.faults]:
        raise InputError(faults)
    _write_sheets(connection, earlier.file_id, dict(list(numbers.items())[before:]))
    intake.append(earlier.file_id, next_moment(connection))
    return earlier._replace(evidence_stored=intake.stored, evidence_corrected=intake.corrected)


def handed_over(parsed: ParsedFile) -> Read:
    """Return how to take in a file that has been read already, its readings with it."""

    def read(sink: Sink, _unplaceable: Unplaceable) -> ParsedFile:
        if parsed.readings:
            sink(parsed.readings)
        return parsed

    return read


def next_moment(connection: Connection) -> int:
    """Return a moment later than every one on record, even when the machine's clock went backwards."""
    return max(now_moment(), last_moment(connection) + 1)


def last_moment(connection: Connection) -> int:
    """Return the last moment on record, 0 when there is none."""
    return max(
        connection.execute(select(func.max(column))).scalar_one() or 0
        for column in (
            IMPORT_FILE.c.imported_at,
            READING_DECISION.c.decided_at,
            EVIDENCE_CORRECTION.c.corrected_at,
            DOUBT_ANSWER.c.answered_at,
            QUARANTINE_RELEASE.c.released_at,
            SETTLEMENT.c.created_at,
            ACT.c.recorded_at,
        )
    )


def _next_file(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(IMPORT_FILE.c.id), 0))).scalar_one()) + 1


def _earlier(connection: Connection, sha256: str) -> IngestReport | None:
    row = connection.execute(select(IMPORT_FILE).where(IMPORT_FILE.c.sha256 == sha256)).first()
    if row is None:
        return None
    return IngestReport(
        file_id=row.id,
        name=row.name,
        sha256=row.sha256,
        imported_at=time_of_moment(row.imported_at),
        already=True,
        rows_in=row.rows_in,
        rows_stored=row.rows_stored,
        rows_identical=row.rows_identical,
        rows_quarantined=row.rows_quarantined,
        rows_refused=row.rows_refused,
        rows_empty=row.rows_empty,
        readings_stored=row.readings_stored,
        readings_identical=row.readings_identical,
        revised=0,
        superseded=0,
        conflicts=0,
        evidence_stored=0,
        evidence_corrected=0,
        evidence_identical=0,
        new_sections=(),
    )


def _require_tie(report: IngestReport) -> None:
    accounted = (
        report.rows_stored + report.rows_identical + report.rows_quarantined + report.rows_refused + report.rows_empty
    )
    if accounted != report.rows_in:
        raise IntegrityError(
            Fault(
                f"《{report.name}》",
                f"行数不平：读入 {report.rows_in} 行，去向只有 {accounted} 行",
                f"入库 {report.rows_stored}，相同 {report.rows_identical}，"
                f"隔离 {report.rows_quarantined}，未接收 {report.rows_refused}，空行 {report.rows_empty}",
                "未改动任何数据；请把文件交给维护人员",
            )
        )


def _write_file(connection: Connection, parsed: ParsedFile, report: IngestReport, sheets: dict[str, int]) -> None:
    connection.execute(
        insert(IMPORT_FILE).values(
            id=report.file_id,
            sha256=report.sha256,
            name=report.name,
            size_bytes=parsed.size,
            imported_at=moment_of(report.imported_at),
            kinds=",".join(parsed.kinds),
            layout_json=_layout_json(parsed),
            rows_in=report.rows_in,
            rows_stored=report.rows_stored,
            rows_identical=report.rows_identical,
            rows_quarantined=report.rows_quarantined,
            rows_refused=report.rows_refused,
            rows_empty=report.rows_empty,
            readings_stored=report.readings_stored,
            readings_identical=report.readings_identical,
        )
    )
    _write_sheets(connection, report.file_id, sheets)


def _write_sheets(connection: Connection, file_id: int, sheets: Mapping[str, int]) -> None:
    for name, number in sheets.items():
        connection.execute(insert(IMPORT_SHEET).values(file_id=file_id, sheet=number, name=name))


def _layout_json(parsed: ParsedFile) -> str:
    return json.dumps([asdict(layout) for layout in parsed.layouts], ensure_ascii=False, default=str)


def _write_refused(connection: Connection, file_id: int, refused: Sequence[tuple[int, Refused]]) -> None:
    if not refused:
        return
    table = REFUSED_ROW.c
    first = int(connection.execute(select(func.coalesce(func.max(table.id), 0))).scalar_one()) + 1
    connection.execute(
        insert(REFUSED_ROW),
        [
            {
                "id": first + offset,
                "file_id": file_id,
                "source_sheet": sheet,
                "source_row": item.row,
                "source_column": item.column,
                "text": item.text,
                "reason": item.reason,
                "fix": item.fix,
                "blocking": item.blocking,
            }
            for offset, (sheet, item) in enumerate(refused)
        ],
    )
