"""Rows in quarantine: listed, written out to be corrected file by file, and given up by somebody who says why."""

from collections.abc import Sequence
from pathlib import Path

from compensation.errors import Fault, InputError
from compensation.sheets.package import write_atomically
from compensation.sheets.quarantined import quarantine_book
from compensation.store import Quarantined, Store

SUFFIX = "_隔离"


def find_quarantined(store: Store, file: str | None, *, released: bool) -> list[Quarantined]:
    """The rows in quarantine, of one file or of all; with `released` those that have left it as well."""
    return [each for each in store.quarantined(released=released) if file in (None, each.file)]


def export_quarantined(store: Store, file: str | None, folder: Path) -> list[tuple[Path, int]]:
    """Write a workbook for each file that has rows in quarantine; where it is, and how many rows it holds.

    The name keeps the original's, whose year may be the only one there is. InputError when a workbook of that name is
    there already: somebody may be correcting it.
    """
    rows = find_quarantined(store, file, released=False)
    heads = store.quarantined_heads()
    written = []
    for name in dict.fromkeys(row.file for row in rows):
        own = [row for row in rows if row.file == name]
        target = folder / f"{Path(name).stem}{SUFFIX}.xlsx"
        if target.exists():
            why = "其中可能有尚未导入的改正"
            raise InputError(
                Fault(f"《{target}》", "文件已经存在，没有覆盖", why, "先导入或移走它，或用 --folder 换一处")
            )
        write_atomically(target, quarantine_book(name, [head for head in heads if head.file == name], own))
        written.append((target, len(own)))
    return written


def give_up_quarantined(store: Store, handles: Sequence[str], by: str, reason: str) -> int:
    """Let rows leave without a correction; InputError without a name or a reason, or for a number not waiting."""
    if not by.strip() or not reason.strip():
        raise InputError(Fault("解除隔离", "何人或理由是空的", "要能追究到人和理由", "填写 --by 和 --why"))
    return store.give_up(handles, by.strip(), reason.strip())
