"""Deciding which of several values that contradict each other stands: by number, by file, or none of them."""

from collections.abc import Sequence

from compensation.errors import Fault, InputError
from compensation.store import Conflict, Ruling, Store

NONE = 0
"""The number that stands for "none of the candidates": the value then counts as missing."""


def find_conflicts(store: Store, section: str | None, *, decided: bool) -> list[Conflict]:
    """The conflicts at a section (by code or name; all without one) that wait, or with `decided` all of them."""
    return [
        each
        for each in store.conflicts()
        if (section is None or section in (each.section_code, each.section_name)) and (decided or each.decision is None)
    ]


def decide_by_number(
    store: Store, handles: Sequence[str], number: int, ruling: Ruling, *, again: bool = False
) -> list[Conflict]:
    """The candidate with this number stands in each of the conflicts; NONE rejects all of its candidates."""

    def choose(conflict: Conflict) -> int | None:
        if number == NONE:
            return None
        if number > len(conflict.candidates):
            why = f"只有 {len(conflict.candidates)} 个候选值"
            raise InputError(Fault(f"冲突 {conflict.handle}", f"没有第 {number} 个候选值", why, "重新选择"))
        return conflict.candidates[number - 1].version

    return store.decide(handles, choose, ruling, again=again)


def decide_by_file(
    store: Store, handles: Sequence[str], file: str, ruling: Ruling, *, again: bool = False
) -> list[Conflict]:
    """What this file says stands in each of the conflicts; it must have exactly one candidate in each."""

    def choose(conflict: Conflict) -> int | None:
        found = [each.version for each in conflict.candidates if each.file == file]
        if len(found) != 1:
            files = "、".join(f"《{each.file}》" for each in conflict.candidates)
            what = f"《{file}》" + ("不在候选值之中" if not found else f"自己就有 {len(found)} 个候选值")
            raise InputError(Fault(f"冲突 {conflict.handle}", what, f"候选值来自{files}", "改用 --choose 按序号选择"))
        return found[0]

    return store.decide(handles, choose, ruling, again=again)
