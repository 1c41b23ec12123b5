"""Evidence other than readings back out, as the records it came in as, with the registry's section codes."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Select, Table, select

from compensation.monitoring.records import Exemption, Flow, Incident, InKind, IntakeVolume, SectionName
from compensation.store.clock import moment_of, time_of_moment
from compensation.store.corrections import corrected, corrections, record_name
from compensation.store.tables import (
    EXEMPTION,
    FLOW,
    IMPORT_FILE,
    IMPORT_SHEET,
    IN_KIND,
    INCIDENT,
    INCIDENT_SHARE,
    INTAKE_VOLUME,
    SECTION,
)

Record = TypeVar("Record")


class Sourced(NamedTuple, Generic[Record]):
    """A record with the code of its section ("" where it has none) and the file it came from."""

    section_code: str
    record: Record
    file_id: int


class SourceFile(NamedTuple):
    """A file that was imported, for saying where a value came from; `sheets` by their small number.

    Rows tie: rows = taken + identical to what was there + quarantined + left out (notes, blanks).
    """

    id: int
    name: str
    sha256: str
    imported_at: datetime
    sheets: tuple[str, ...]
    rows: int = 0
    taken: int = 0
    identical: int = 0
    quarantined: int = 0
    left_out: int = 0


def intake_volumes(connection: Connection, known: datetime | None) -> list[Sourced[IntakeVolume]]:
    """Return all intake volumes by section code and month."""
    return [
        Sourced(
            row["section_code"],
            IntakeVolume(
                _name(row), row["month"], Fraction(row["volume_m3"]), row["document"], row["sheet"], row["source_row"]
            ),
            row["file_id"],
        )
        for row in _rows(connection, INTAKE_VOLUME, known, ("section_code", "month"))
    ]


def flows(connection: Connection, known: datetime | None) -> list[Sourced[Flow]]:
    """Return all flows by section code and days."""
    return [
        Sourced(
            row["section_code"],
            Flow(
                _name(row),
                row["first_day"],
                row["last_day"],
                Fraction(row["volume_m3"]),
                row["document"],
                row["sheet"],
                row["source_row"],
            ),
            row["file_id"],
        )
        for row in _rows(connection, FLOW, known, ("section_code", "first_day", "last_day"))
    ]


def incidents(connection: Connection, known: datetime | None) -> list[Sourced[Incident]]:
    """Return all incidents by number, with their responsibility in the order the file gave it."""
    shares: dict[int, list[tuple[str, Fraction]]] = {}
    table = INCIDENT_SHARE.c
    for key, party, share in connection.execute(
        select(table.incident_id, table.party, table.share).order_by(table.incident_id, table.seq)
    ):
        shares.setdefault(key, []).append((party, Fraction(share)))
    found = []
    for row in _rows(connection, INCIDENT, known, ("number",)):
        concentration = row["concentration_mg_per_l"]
        record = Incident(
            number=row["number"],
            day=row["day"],
            section=_name(row),
            indicator=row["indicator"],
            concentration_mg_per_l=None if concentration is None else Fraction(concentration),
            cost_yuan=Fraction(row["cost_yuan"]),
            responsibility=_stated_shares(row) or tuple(shares.get(row["id"], ())),
            cost_bearer=row["cost_bearer"],
            document=row["document"],
            sheet=row["sheet"],
            row=row["source_row"],
        )
        found.append(Sourced(row["section_code"], record, row["file_id"]))
    return found


def exemptions(connection: Connection, known: datetime | None) -> list[Sourced[Exemption]]:
    """Return all exemptions by section code and first day."""
    order = ("section_code", "first_day", "last_day", "reason", "document")
    return [
        Sourced(
            row["section_code"],
            Exemption(
                _name(row),
                row["first_day"],
                row["last_day"],
                row["reason"],
                row["document"],
                row["sheet"],
                row["source_row"],
            ),
            row["file_id"],
        )
        for row in _rows(connection, EXEMPTION, known, order)
    ]


def in_kind(connection: Connection, known: datetime | None) -> list[Sourced[InKind]]:
    """Return all in-kind contributions by year and parties."""
    words = ("year", "contributor", "receiver", "kind", "description")
    return [
        Sourced(
            "",
            InKind(
                row["year"],
                row["contributor"],
                row["receiver"],
                row["kind"],
                row["description"],
                Fraction(row["value_yuan"]),
                row["document"],
                row["sheet"],
                row["source_row"],
            ),
            row["file_id"],
        )
        for row in _rows(connection, IN_KIND, known, words)
    ]


def source_files(connection: Connection) -> list[SourceFile]:
    """Return every imported file, in the order of import."""
    sheet, imported = IMPORT_SHEET.c, IMPORT_FILE.c
    sheets: dict[int, list[str]] = {}
    for file_id, name in connection.execute(select(sheet.file_id, sheet.name).order_by(sheet.file_id, sheet.sheet)):
        sheets.setdefault(file_id, []).append(name)
    return [
        SourceFile(
            row.id,
            row.name,
            row.sha256,
            time_of_moment(row.imported_at),
            tuple(sheets.get(row.id, ())),
            row.rows_in,
            row.rows_stored,
            row.rows_identical,
            row.rows_quarantined,
            row.rows_refused + row.rows_empty,
        )
        for row in connection.execute(select(*imported).order_by(imported.id))
    ]


def _name(row: Mapping[str, Any]) -> SectionName:
    return SectionName(row["section_name"], row["section_province"])


def _rows(
    connection: Connection, kind: Table, known: datetime | None, order: tuple[str, ...]
) -> list[Mapping[str, Any]]:
    rows = _standing(connection, kind.name, imported_rows(connection, kind, known), known)
    return sorted(rows, key=lambda row: tuple(row[name] for name in order))


def imported_rows(connection: Connection, kind: Table, known: datetime | None = None) -> list[dict[str, Any]]:
    """Return the rows of a table of evidence as they were imported, with their section, file and sheet by name."""
    query = _imported(kind)
    if known is not None:
        query = query.where(IMPORT_FILE.c.imported_at <= moment_of(known))
    return [dict(row) for row in connection.execute(query).mappings()]


@cache
def _imported(kind: Table) -> Select[Any]:
    table, section, imported, sheet = kind.c, SECTION.c, IMPORT_FILE.c, IMPORT_SHEET.c
    selected = [*table, sheet.name.label("sheet"), imported.name.label("file")]
    conditions = [
        imported.id == table.file_id,
        (sheet.file_id == table.file_id) & (sheet.sheet == table.source_sheet),
    ]
    if "section_id" in table:
        selected += [
            section.code.label("section_code"),
            section.name.label("section_name"),
            section.province.label("section_province"),
        ]
        conditions.append(section.id == table.section_id)
    return select(*selected).where(*conditions)


def _standing(
    connection: Connection, kind: str, rows: list[dict[str, Any]], known: datetime | None
) -> list[dict[str, Any]]:
    """The rows as they were last corrected; without those withdrawn."""
    after = corrections(connection, known)
    section = SECTION.c
    found = []
    for row in rows:
        last = after.get((kind, record_name(kind, row)), [None])[-1]
        if last is None:
            found.append(row)
        elif last.stated is not None:
            now = corrected(row, last)
            if now.get("section_id") != row.get("section_id"):
                here = select(section.code, section.name, section.province).where(section.id == now["section_id"])
                names = ("section_code", "section_name", "section_province")
                now |= dict(zip(names, connection.execute(here).one(), strict=True))
            found.append(now)
    return found


def _stated_shares(row: Mapping[str, Any]) -> tuple[tuple[str, Fraction], ...]:
    """The shares as a correction of the incident states them; none without one."""
    return tuple((party, Fraction(share)) for party, share in row.get("shares", ()))
