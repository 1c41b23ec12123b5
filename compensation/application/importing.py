"""Taking files in: whole or not at all, every fault told in one pass."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from compensation import sheets
from compensation.errors import Fault, Place
from compensation.expression.formula import column_letters
from compensation.monitoring import ParsedFile, ReadOptions, fingerprint, read_file
from compensation.monitoring.lookups import Unplaceable
from compensation.monitoring.parsed import Sink
from compensation.store.clock import present
from compensation.store.status import Earlier, imported_before

if TYPE_CHECKING:
    from compensation.store import IngestReport, Ruling, Store


class Imported(NamedTuple):
    """A file read, and what became of it; `report` is None when it was only read (试读) ."""

    parsed: ParsedFile
    report: "IngestReport | None"


def earlier_import(path: Path) -> Earlier | None:
    """Look the file's content up before anything is read of it, so that a repetition costs no more than its hash.

    A new file does not cost even that, as long as none of its size was imported.
    """
    try:
        size = path.stat().st_size
    except OSError:
        fingerprint(path)
        raise
    return imported_before(size, partial(fingerprint, path))


def import_file(
    store: "Store",
    path: Path,
    options: ReadOptions,
    *,
    accept_valid: bool = False,
    dry_run: bool = False,
    correcting: "Ruling | None" = None,
    progress: Callable[[int], None] | None = None,
    now: datetime | None = None,
    made_up: bool = False,
) -> Imported:
    """Read one file and take it in, whole or not at all.

    InputError lists every faulty row unless `accept_valid` takes the sound rows and records the refused ones.
    `correcting` says who lets evidence that contradicts earlier records correct them, and why. `now` is the moment of
    the import, by the machine's clock unless given: what lies in a later year is a fault of its row, unless the file is
    `made_up`, to try an agreement on a year to come.
    """
    options = replace(options, now=None if made_up else now or present())
    if dry_run:
        return Imported(read_file(path, options, sink=lambda _chunk: None), None)
    found: list[ParsedFile] = []

    def read(sink: Sink, unplaceable: Unplaceable) -> ParsedFile:
        own = replace(options, unplaceable=unplaceable) if accept_valid else options
        parsed = read_file(path, own, sink)
        parsed.takes_sound = accept_valid
        if parsed.blocking and not accept_valid:
            parsed.faults += [_fault(parsed, *each[:-1]) for each in parsed.blocking]
        found.append(parsed)
        return parsed

    report = store.ingest_from(path.name, read, progress, correcting)
    return Imported(found[0], report)


def write_annotated(path: Path, faults: Sequence[Fault]) -> Path | None:
    """Write the annotated copy of a file with faults beside it; None when none of them has a place in a table."""
    content = sheets.annotated_copy(path, faults)
    if content is None:
        return None
    target = sheets.annotated_path(path)
    sheets.write_atomically(target, content)
    return target


def _fault(parsed: ParsedFile, sheet: str, row: int, column: int | None, text: str, reason: str, fix: str) -> Fault:
    cell = f"{column_letters(column)}{row}" if column else f"第 {row} 行"
    where = f"《{parsed.name}》" + (f"表「{sheet}」" if sheet else "") + cell
    return Fault(where, reason, f"内容为“{text}”", fix, Place(sheet, row, column))
