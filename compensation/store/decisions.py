"""Conflicts and what was decided about them (冲突裁定): listed with every candidate's place, decided by appending.

A decision settles the conflict that one version opened. Deciding again appends another decision, which then holds;
a later file that contradicts what stands opens a conflict of its own, which needs its own decision.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from compensation.errors import Fault, InputError
from compensation.store.bulk import stream
from compensation.store.clock import time_of_minute, time_of_moment, time_of_second
from compensation.store.query import conflicts_sql
from compensation.store.standing import KEY, Scope
from compensation.store.tables import READING_DECISION
from compensation.store.values import canonical_text

_HANDLE = 10


class Candidate(NamedTuple):
    """One of the values in conflict: its text as the file wrote it, and where it stands there."""

    version: int
    text: str
    state: int
    status: int
    known_at: datetime | None
    file: str
    sheet: str
    row: int
    column: int


class Decision(NamedTuple):
    """Which version was chosen (None: none of them, the value is missing), when, by whom, why, on what document."""

    chosen_version: int | None
    decided_at: datetime
    decided_by: str
    reason: str
    document: str


class Conflict(NamedTuple):
    """A key with several standing values. `handle` names it alike in every database; `decision` is the one that holds.

    Candidates are in the order in which they came; officials choose them by their number from 1.
    """

    handle: str
    section_code: str
    section_name: str
    indicator: str
    time: datetime
    method: int
    version: int
    key: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    decision: Decision | None


class Ruling(NamedTuple):
    """What somebody decides: by whom, why, and on what document (may be empty)."""

    decided_by: str
    reason: str
    document: str = ""


Choose = Callable[[Conflict], int | None]
"""Which version of a conflict is to stand; None for none of them. Raises InputError when it cannot say."""


def conflicts(connection: Connection, scope: Scope) -> list[Conflict]:
    """Return the conflicts of the scope, decided ones included, in the order of the key."""
    sql = conflicts_sql(connection, scope)
    if sql is None:
        return []
    found: dict[tuple[int, ...], tuple[tuple[str, str, str], Decision | None, list[Candidate]]] = {}
    for code, name, indicator, *rest in stream(connection, sql):
        key, decided, value = tuple(rest[:6]), rest[6:11], rest[11:]
        version, mantissa, exponent, state, status, raw, known_at, file, sheet, row, column = value
        decision = None
        if decided[1] is not None:
            decision = Decision(decided[0], time_of_moment(decided[1]), *decided[2:])
        _, _, candidates = found.setdefault(key, ((code, name, indicator), decision, []))
        text = raw if raw is not None else canonical_text(state, mantissa, exponent)
        known = None if known_at is None else time_of_second(known_at)
        candidates.append(Candidate(version, text, state, status, known, file, sheet, row, column))
    return [
        Conflict(
            _handle(code, indicator, minute, method, version),
            code,
            name,
            indicator,
            time_of_minute(minute),
            method,
            version,
            tuple(key),
            tuple(candidates),
            decision,
        )
        for (*key, version), ((code, name, indicator), decision, candidates) in found.items()
        for minute, method in (key[-2:],)
    ]


def decide(
    connection: Connection, handles: Sequence[str], choose: Choose, ruling: Ruling, moment: int, *, again: bool
) -> list[Conflict]:
    """Append a decision for each conflict named, all or none; return them as they were before.

    InputError for an unknown handle, one already decided (unless `again`), or a choice that cannot be made.
    """
    known = conflicts(connection, Scope())
    chosen: list[tuple[Conflict, int | None]] = []
    faults: list[Fault] = []
    for handle in dict.fromkeys(handles):
        try:
            conflict = _named(known, handle, again=again)
            chosen.append((conflict, choose(conflict)))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    for conflict, version in chosen:
        _append(connection, conflict, version, ruling, moment)
    return [conflict for conflict, _ in chosen]


def _named(known: Sequence[Conflict], handle: str, *, again: bool) -> Conflict:
    found = [each for each in known if each.handle == handle]
    if not found:
        why = "没有这个编号的冲突，或已有后来的数据取代了它"
        raise InputError(Fault(f"冲突 {handle}", "找不到", why, "用 compensation conflicts 列出编号"))
    if found[0].decision is not None and not again:
        before = found[0].decision
        why = f"{before.decided_by} 已于 {before.decided_at:%Y-%m-%d %H:%M} 裁定：{before.reason}"
        raise InputError(Fault(f"冲突 {handle}", "已经裁定", why, "确需改判的，加 --again；原裁定照样留存"))
    return found[0]


def _append(connection: Connection, conflict: Conflict, version: int | None, ruling: Ruling, moment: int) -> None:
    table = READING_DECISION.c
    key = dict(zip(KEY, conflict.key, strict=True)) | {"version": conflict.version}
    here = [table[name] == value for name, value in key.items()]
    seq = connection.execute(select(func.coalesce(func.max(table.seq), -1)).where(*here)).scalar_one() + 1
    connection.execute(
        insert(READING_DECISION).values(**key, seq=seq, chosen_version=version, decided_at=moment, **ruling._asdict())
    )


def _handle(code: str, indicator: str, minute: int, method: int, version: int) -> str:
    named = f"{code}|{indicator}|{minute}|{method}|{version}"
    return hashlib.sha256(named.encode()).hexdigest()[:_HANDLE]
