"""Taking files in: whole or not at all, every fault told in one pass."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from compensation.errors import Fault, InputError
from compensation.expression.formula import column_letters
from compensation.monitoring import ParsedFile, ReadOptions, read_file
from compensation.store import (
    IngestReport,
    Store,
)


class Imported(NamedTuple):
    """A file read, and what became of it; `report` is None when it was only read (试读) ."""

    parsed: ParsedFile
    report: IngestReport | None


def import_file(
    store: Store,
    path: Path,
    options: ReadOptions,
    *,
    accept_valid: bool = False,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Read one file and take it in, whole or not at all.

    InputError lists every faulty row unless `accept_valid` takes the sound rows and records the refused ones.
    """
    parsed = read_file(path, options)
    if dry_run:
        return Imported(parsed, None)
    if parsed.blocking and not accept_valid:
        raise InputError(
            [
                Fault(_place(parsed, each.sheet, each.row, each.column), each.reason, f"内容为“{each.text}”", each.fix)
                for each in parsed.blocking
            ]
        )
    return Imported(parsed, store.ingest(parsed, progress))


def _place(parsed: ParsedFile, sheet: str, row: int, column: int | None) -> str:
    cell = f"{column_letters(column)}{row}" if column else f"第 {row} 行"
    return f"《{parsed.name}》" + (f"表「{sheet}」" if sheet else "") + cell
