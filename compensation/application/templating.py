"""Import forms for an agreement, written into a folder."""

from collections.abc import Sequence
from pathlib import Path

from compensation.errors import Fault, InputError
from compensation.sheets.forms import form_bytes, forms
from compensation.sheets.package import write_atomically
from rules.agreement import Agreement


def write_forms(agreement: Agreement, kinds: Sequence[str], folder: Path) -> list[Path]:
    """Write the forms of these kinds (all without any); InputError when one is there, for it may hold somebody's work.

    The names hold no year: in a form's name a year would be taken for that of times without one.
    """
    known = forms(agreement)
    targets = {kind: folder / f"填报表_{kind}.xlsx" for kind in (kinds or known)}
    taken = [path for path in targets.values() if path.exists()]
    if taken:
        why, fix = "其中可能有填好的数据", "移走它，或用 --folder 换一处"
        raise InputError([Fault(f"《{path}》", "文件已经存在，没有覆盖", why, fix) for path in taken])
    folder.mkdir(parents=True, exist_ok=True)
    for kind, path in targets.items():
        write_atomically(path, form_bytes(agreement, known[kind]))
    return list(targets.values())
