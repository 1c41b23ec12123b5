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
    targets = {name: folder / f"{Path(name).stem}{SUFFIX}.xlsx" for name in dict.fromkeys(row.file for row in rows)}
    taken = [path for path in targets.values() if path.exists()]
    if taken:
        why, fix = "其中可能有尚未导入的改正", "先导入或移走它，或用 --folder 换一处"
        raise InputError([Fault(f"《{path}》", "文件已经存在，没有覆盖", why, fix) for path in taken])
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, target in targets.items():
        own = [row for row in rows if row.file == name]
        write_atomically(target, quarantine_book(name, [head for head in heads if head.file == name], own))
        written.append((target, len(own)))
    return written


def give_up_quarantined(store: Store, handles: Sequence[str], by: str, reason: str) -> int:
    """Let rows leave without a correction; InputError without a name or a reason, or for a number not waiting."""
    if not by.strip() or not reason.strip():
        raise InputError(Fault("解除隔离", "何人或理由是空的", "要能追究到人和理由", "填写 --by 和 --why"))
    return store.give_up(handles, by.strip(), reason.strip())
