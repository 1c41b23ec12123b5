"""Flags that files put on their own values (存疑标记): kept with the value they speak of, and only added to.

A file that says a value again which is stored already may mark it where the first did not; so a mark names the value,
not the row it was stored from.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from compensation.monitoring.records import Marked
from compensation.store.clock import minute_of, moment_of
from compensation.store.sections import Resolver
from compensation.store.tables import IMPORT_FILE, IMPORT_SHEET, INDICATOR, SECTION, VALUE_MARK
from compensation.store.versions import content_of


class Mark(NamedTuple):
    """A flag on a value, `mantissa * 10**exponent` in lowest terms, and the cell of the file that puts it there."""

    section: str
    indicator: str
    minute: int
    method: int
    mantissa: int
    exponent: int
    flag: str
    colour: str
    remark: str
    file_id: int
    file: str
    source_sheet: int
    sheet: str
    row: int
    column: int


def keep(connection: Connection, file_id: int, marked: Iterable[tuple[int, Marked]], resolver: Resolver) -> None:
    """Write down what a file marks, each with its sheet; the same mark on the same value twice in it is kept once."""
    indicator = INDICATOR.c
    indicators = {code: int(number) for number, code in connection.execute(select(indicator.id, indicator.code))}
    rows: dict[tuple[object, ...], dict[str, object]] = {}
    for sheet, (reading, colour, flag, remark) in marked:
        value = content_of(reading.mantissa, reading.exponent, reading.state, reading.status)
        key = {
            "section_id": resolver(reading.section),
            "indicator_id": indicators[reading.indicator],
            "minute": minute_of(reading.time),
            "method": int(reading.method),
            "mantissa": value.mantissa,
            "exponent": value.exponent,
            "flag": flag.value,
        }
        place = {"source_sheet": sheet, "source_row": reading.row, "source_column": reading.column}
        told = {"file_id": file_id, "colour": colour, "remark": remark}
        rows.setdefault(tuple(key.values()), {**key, **told, **place})
    if rows:
        connection.execute(insert(VALUE_MARK), list(rows.values()))


def marks(connection: Connection, known: datetime | None = None) -> list[Mark]:
    """Return every mark that was known by then; of several files that mark a value alike, the first."""
    table, section, indicator = VALUE_MARK.c, SECTION.c, INDICATOR.c
    file, sheet = IMPORT_FILE.c, IMPORT_SHEET.c
    key = (table.minute, table.method, table.mantissa, table.exponent, table.flag)
    query = (
        select(
            section.code,
            indicator.code,
            *key,
            *(table.colour, table.remark, table.file_id, file.name, table.source_sheet, sheet.name),
            *(table.source_row, table.source_column),
        )
        .where(section.id == table.section_id, indicator.id == table.indicator_id, file.id == table.file_id)
        .where(sheet.file_id == table.file_id, sheet.sheet == table.source_sheet)
        .order_by(section.code, indicator.code, *key, table.file_id)
    )
    if known is not None:
        query = query.where(file.imported_at <= moment_of(known))
    found: dict[tuple[object, ...], Mark] = {}
    for row in connection.execute(query):
        found.setdefault(tuple(row[:7]), Mark._make(row))
    return list(found.values())
