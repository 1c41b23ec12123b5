"""The quarantine (隔离区): rows refused for their faults while the sound rows of their file were taken.

A row leaves when its corrected form comes in bearing its number, or when somebody says why it will not come. One that
comes bearing its number and is still wrong waits in the place of the former. All is appended; the row stays for ever.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select

from compensation.errors import Fault, InputError, Place
from compensation.monitoring.parsed import ParsedFile
from compensation.monitoring.records import Refused, Rejected
from compensation.store.clock import time_of_moment
from compensation.store.tables import IMPORT_FILE, IMPORT_SHEET, QUARANTINE_RELEASE, QUARANTINED_ROW, REFUSED_ROW

STILL_WRONG = "改后仍有错，由该文件中的那一行代替"
_INSTEAD_OF = "instead_of"


class Release(NamedTuple):
    """How a row left the quarantine: by a file (its name), or by somebody, and why."""

    released_at: datetime
    released_by: str
    reason: str
    file: str | None


class Quarantined(NamedTuple):
    """A row in quarantine: its number, where it stands, its cells as text, its faults; `release` once it has left.

    `colours` are those that its cells wear, by column from 1, and `remark` what its file says of them.
    """

    handle: str
    file: str
    sheet: str
    row: int
    cells: tuple[str, ...]
    faults: tuple[Refused, ...]
    release: Release | None
    colours: tuple[tuple[int, str], ...] = ()
    remark: str = ""


class Coming(NamedTuple):
    """What a file does to rows that wait: `taken` leave, `replaced` are still wrong.

    `instead_of` says, by sheet and row of the file, in whose place a row waits; a stranger is a number nobody gave out.
    """

    taken: list[int]
    replaced: list[int]
    instead_of: Mapping[tuple[str, int], int]
    strangers: list[Fault]


class Head(NamedTuple):
    """What stood above the data of a sheet: rows by their number; `width` is how many columns the header has."""

    file: str
    sheet: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    header_row: int
    width: int


def rows(connection: Connection, *, released: bool) -> list[Quarantined]:
    """Return the rows that wait, or with `released` all there ever were, in the order in which they came."""
    table, left = QUARANTINED_ROW.c, QUARANTINE_RELEASE.c
    imported, sheet = IMPORT_FILE.c, IMPORT_SHEET.c
    by_file = IMPORT_FILE.alias("by_file")
    query = (
        select(
            table.id, imported.sha256, imported.name, sheet.name, table.source_row, table.cells_json,
            left.released_at, left.released_by, left.reason, by_file.c.name, table.file_id, table.source_sheet,
        )
        .join(IMPORT_FILE, imported.id == table.file_id)
        .join(IMPORT_SHEET, (sheet.file_id == table.file_id) & (sheet.sheet == table.source_sheet))
        .outerjoin(QUARANTINE_RELEASE, left.row_id == table.id)
        .outerjoin(by_file, by_file.c.id == left.file_id)
        .order_by(table.id)
    )  # fmt: skip
    if not released:
        query = query.where(left.row_id.is_(None))
    faults = _faults(connection)
    return [
        Quarantined(
            _handle(key, sha256),
            file,
            sheet_name,
            row,
            tuple(kept["cells"]),
            tuple(faults.get((file_id, sheet_number, row), ())),
            None if at is None else Release(time_of_moment(at), by, reason, corrected),
            tuple((column, name) for column, name in kept["colours"]),
            kept["remark"],
        )
        for key, sha256, file, sheet_name, row, cells, at, by, reason, corrected, file_id, sheet_number in (
            connection.execute(query)
        )
        for kept in (_kept(cells),)
    ]


def _kept(cells: str) -> dict[str, Any]:
    """A row as put away: its cells alone, or with the colours that some of them wear and whose place it took."""
    found = json.loads(cells)
    return found if isinstance(found, dict) else {"cells": found, "colours": [], "remark": ""}


def _put_away(row: Rejected, instead_of: int | None) -> str:
    kept = {"cells": row.cells, "colours": row.colours, "remark": row.remark}
    replaces = {} if instead_of is None else {_INSTEAD_OF: instead_of}
    return json.dumps(kept | replaces if row.colours or replaces else row.cells, ensure_ascii=False)


def heads(connection: Connection) -> list[Head]:
    """Return what stood above the data of every sheet of which a row is or was in quarantine."""
    imported = IMPORT_FILE.c
    kept = select(QUARANTINED_ROW.c.file_id)
    query = select(imported.name, imported.layout_json).where(imported.id.in_(kept)).order_by(imported.id)
    return [
        Head(
            name,
            layout["sheet"],
            tuple((number, tuple(cells)) for number, cells in layout["head"]),
            layout["head"][-1][0] if layout.get("turned") else layout["header_rows"][-1],
            layout.get("width") or len(layout["columns"]),
        )
        for name, layouts in connection.execute(query)
        for layout in json.loads(layouts)
    ]


def keep(
    connection: Connection,
    file_id: int,
    rejected: Sequence[tuple[int, Rejected]],
    instead_of: Mapping[tuple[str, int], int],
) -> None:
    """Put the rejected rows of a file, each with the number of its sheet, into the quarantine."""
    if not rejected:
        return
    table = QUARANTINED_ROW.c
    first = int(connection.execute(select(func.coalesce(func.max(table.id), 0))).scalar_one()) + 1
    connection.execute(
        insert(QUARANTINED_ROW),
        [
            {
                "id": first + offset,
                "file_id": file_id,
                "source_sheet": sheet,
                "source_row": item.row,
                "cells_json": _put_away(item, instead_of.get((item.sheet, item.row))),
            }
            for offset, (sheet, item) in enumerate(rejected)
        ],
    )


def coming(connection: Connection, parsed: ParsedFile) -> Coming:
    """Return what the numbers in a file do."""
    if not parsed.handles:
        return Coming([], [], {}, [])
    known = _known(connection)
    faults = [
        Fault(
            f"《{parsed.name}》" + (f"表「{sheet}」" if sheet else "") + f"第 {row} 行",
            f"隔离编号“{handle}”不认识",
            "不是本数据库给出的编号",
            "照导出时的编号填写，或删去该编号",
            Place(sheet, row, None),
        )
        for handle, sheet, row in parsed.released
        if handle not in known
    ]
    gone = set(connection.execute(select(QUARANTINE_RELEASE.c.row_id)).scalars())
    later = _successors(connection)
    taken = _with_successors({known[handle] for handle, *_ in parsed.released if handle in known}, later)
    wrong = {(each.sheet, each.row) for each in parsed.rejected}
    instead_of = {
        place: known[handle] for place, handle in parsed.handles.items() if place in wrong and handle in known
    }
    replaced = _with_successors(set(instead_of.values()), later)
    return Coming(sorted(taken - gone), sorted(replaced - taken - gone), instead_of, faults)


def _successors(connection: Connection) -> dict[int, list[int]]:
    """The rows that took the place of another, by its number."""
    table = QUARANTINED_ROW.c
    found: dict[int, list[int]] = {}
    query = select(table.id, table.cells_json).where(table.cells_json.contains(f'"{_INSTEAD_OF}"'))
    for key, cells in connection.execute(query.order_by(table.id)):
        kept = _kept(cells)
        if _INSTEAD_OF in kept:
            found.setdefault(kept[_INSTEAD_OF], []).append(key)
    return found


def _with_successors(rows: set[int], later: Mapping[int, list[int]]) -> set[int]:
    """Rows and all that took their place, one after the other: a sheet may bear the number of the first."""
    found, waiting = set(rows), list(rows)
    while waiting:
        new = [each for each in later.get(waiting.pop(), ()) if each not in found]
        found.update(new)
        waiting += new
    return found


def release(
    connection: Connection, found: Sequence[int], file_id: int | None, moment: int, by: str = "", reason: str = ""
) -> None:
    """Let rows leave: corrected by the file, or by somebody, who says why."""
    if not found:
        return
    about = {"file_id": file_id, "released_at": moment, "released_by": by, "reason": reason or "改正后导入"}
    connection.execute(insert(QUARANTINE_RELEASE), [{"row_id": row, **about} for row in found])


def give_up(connection: Connection, handles: Sequence[str], by: str, reason: str, moment: int) -> int:
    """Let rows leave by their numbers; InputError names every number that does not wait. Returns how many left."""
    known = _known(connection)
    gone = set(connection.execute(select(QUARANTINE_RELEASE.c.row_id)).scalars())
    wanted = list(dict.fromkeys(handles))
    faults = [
        Fault(f"隔离编号 {each}", "不在隔离区", "编号有误，或已经解除", "用 compensation quarantine 列出编号")
        for each in wanted
        if each not in known or known[each] in gone
    ]
    if faults:
        raise InputError(faults)
    release(connection, [known[each] for each in wanted], None, moment, by, reason)
    return len(wanted)


def _known(connection: Connection) -> dict[str, int]:
    table, imported = QUARANTINED_ROW.c, IMPORT_FILE.c
    query = select(table.id, imported.sha256).where(imported.id == table.file_id)
    return {_handle(key, sha256): key for key, sha256 in connection.execute(query)}


def _handle(key: int, sha256: str) -> str:
    """A number that no other database gives to another row."""
    return f"G{key}-{sha256[:6]}"


def _faults(connection: Connection) -> dict[tuple[int, int, int], list[Refused]]:
    table, sheet = REFUSED_ROW.c, IMPORT_SHEET.c
    query = (
        select(table.file_id, table.source_sheet, sheet.name, table.source_row, table.source_column, table.text,
               table.reason, table.fix)
        .where(table.blocking, (sheet.file_id == table.file_id) & (sheet.sheet == table.source_sheet))
        .order_by(table.id)
    )  # fmt: skip
    found: dict[tuple[int, int, int], list[Refused]] = {}
    for file_id, number, name, row, column, text, reason, fix in connection.execute(query):
        found.setdefault((file_id, number, row), []).append(Refused(name, row, column, text, reason, fix, True))
    return found
