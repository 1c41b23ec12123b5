"""Whether a workbook that came back is one of ours, unchanged, and of which settlement."""

import hashlib
import re
from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

from compensation.application.settling import kept_settlement, mark_of, recomputed, stages_of, status_at
from compensation.application.tracing import trace
from compensation.archive import read_whole
from compensation.errors import Fault, InputError
from compensation.ledger.lifecycle import Stage
from compensation.sheets import workbook_bytes
from compensation.sheets.cover import COVER, PROVISIONAL, STATUS_CELL
from compensation.sheets.differing import Difference, Kind, differences
from compensation.sheets.origins import READINGS
from compensation.sheets.party import NAME as PARTY_SHEET
from compensation.sheets.returned import Book, cell_text, read_book
from compensation.store import Store, StoredSettlement, Workbook

_HARMLESS = (Kind.FILLED, Kind.UNCOMPUTED)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[\w.-]+-\d{4}(?:\d{4}-\d{8})?-[0-9a-f]{8}")


class Verdict(Enum):
    """What was found."""

    SAME_BYTES = auto()
    SAME_CONTENT = auto()
    DIFFERS = auto()


class Verified(NamedTuple):
    """The settlement a workbook belongs to, and in what it differs; `noted` where these very bytes were written.

    `stage` is where the settlement stood when the workbook was written, None where that cannot be told; `now` where it
    stands.
    """

    verdict: Verdict
    settlement: StoredSettlement
    sha256: str
    noted: Workbook | None
    differences: tuple[Difference, ...]
    stage: Stage | None
    now: Stage


def verify_workbook(store: Store, path: Path, *, number: str | None = None, template: Path | None = None) -> Verified:
    """Hold the workbook at `path` to the settlement it says it is of, or to that of `number`.

    That is the workbook of the stage that its cover names, if the settlement has come through that one, else of where
    the settlement stands. `template` is the one it was written with, where that was not the one that ships. InputError
    when there is nothing to hold it to: no workbook, damaged, not ours, or of another database.
    """
    data = read_whole(path)
    sha256 = hashlib.sha256(data).hexdigest()
    known = store.settlement_of_workbook(sha256)
    if known is not None and number in (None, known[0].number):
        passed = stages_of(store, known[0])
        stage = _printed(cell_text(data, COVER, STATUS_CELL), passed)
        return Verified(Verdict.SAME_BYTES, known[0], sha256, known[1], (), stage, passed[-1])
    returned = read_book(data, path.name)
    stored = _stored(store, returned, path, number)
    settlement = recomputed(store, stored)
    passed = stages_of(store, stored)
    stage = _printed(_cover(returned).get(STATUS_CELL, ""), passed)
    parties = [party.code for party in settlement.agreement.parties] if PARTY_SHEET in returned.sheets else [""]
    written = [
        workbook_bytes(
            settlement,
            template=template,
            mark=mark_of(settlement),
            party=each,
            status=status_at(stage or passed[-1]),
            trace=trace(store, settlement, stored, with_readings=READINGS in returned.sheets),
        )
        for each in parties
    ]
    if data in written:
        return Verified(Verdict.SAME_BYTES, stored, sha256, None, (), stage, passed[-1])
    found = min((differences(read_book(each, path.name), returned) for each in written), key=_changes)
    verdict = Verdict.DIFFERS if _changes(found) else Verdict.SAME_CONTENT
    return Verified(verdict, stored, sha256, None, tuple(found), stage, passed[-1])


def _changes(found: list[Difference]) -> int:
    return sum(each.kind not in _HARMLESS for each in found)


def _printed(text: str, passed: Sequence[Stage]) -> Stage | None:
    """The stage that a cover names, if the settlement has come through it."""
    named = Stage.DRAFT.value if text == PROVISIONAL else text
    return next((stage for stage in passed if stage.value == named), None)


def _stored(store: Store, returned: Book, path: Path, number: str | None) -> StoredSettlement:
    """The settlement to hold a workbook to: the one asked for, else the one its cover names."""
    if number is not None:
        return kept_settlement(store, number)
    texts = _cover(returned).values()
    digests = [found for text in texts for found in _DIGEST.findall(text.replace("\n", ""))]
    numbers = [found for text in texts for found in _NUMBER.findall(text)]
    for digest in digests:
        if (stored := store.settlement_of_digest(digest)) is not None:
            return stored
    for each in numbers:
        if (stored := store.latest_settlement(number=each)) is not None:
            return stored
    if digests or numbers:
        said = "、".join(dict.fromkeys([*numbers, *(digest[:12] for digest in digests)]))
        raise InputError(
            Fault(
                f"《{path.name}》",
                "不是本数据库的结算，无从核对",
                f"封面写的是 {said}，库中没有这个编号或摘要",
                "换用写出它的数据库核对；认为它由本库某次结算改成的，用 --against 指明编号",
            )
        )
    raise InputError(
        Fault(
            f"《{path.name}》",
            "不是本软件写出的结算工作簿",
            f"没有写着结算编号和摘要的“{COVER}”",
            "确认文件；封面被删改的，用 --against 指明与哪一次结算比对",
        )
    )


def _cover(returned: Book) -> dict[str, str]:
    """The texts on the cover by the addresses of their cells."""
    sheet = returned.sheets.get(COVER)
    looks = sheet.cells.items() if sheet else ()
    return {address: look.value for address, look in looks if isinstance(look.value, str)}
