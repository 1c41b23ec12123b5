"""Answers to doubts (存疑核实): whether a value in doubt counts, by whom, when, why; only added to.

An answer speaks of the value it was given about: one that is revised later raises doubt anew. Answering again appends
another answer, which then holds.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from compensation.errors import Fault, InputError
from compensation.store.clock import moment_of, time_of_minute, time_of_moment
from compensation.store.decisions import Ruling
from compensation.store.tables import DOUBT_ANSWER, INDICATOR, SECTION

_HANDLE = 10


class Doubted(NamedTuple):
    """A value in doubt: section code, indicator, minute, why (the flag's words), and the value itself."""

    section: str
    indicator: str
    minute: int
    flag: str
    mantissa: int
    exponent: int

    @property
    def handle(self) -> str:
        """The number by which people name it, alike in every database."""
        return hashlib.sha256("|".join(map(str, self)).encode()).hexdigest()[:_HANDLE]


class Answer(NamedTuple):
    """Whether the value counts, when that was answered, by whom, why, on what document."""

    keep: bool
    answered_at: datetime
    answered_by: str
    reason: str
    document: str

    @property
    def words(self) -> str:
        """What was answered, by whom and why."""
        document = f"（{self.document}）" if self.document else ""
        return f"{self.answered_by}核实{'计入' if self.keep else '剔除'}：{self.reason}{document}"


def answers(connection: Connection, known: datetime | None = None) -> dict[Doubted, Answer]:
    """Return the answer that holds for every value in doubt about which one was known by then."""
    table, section, indicator = DOUBT_ANSWER.c, SECTION.c, INDICATOR.c
    query = (
        select(section.code, indicator.code.label("indicator"), *table)
        .where(section.id == table.section_id, indicator.id == table.indicator_id)
        .order_by(table.seq)
    )
    if known is not None:
        query = query.where(table.answered_at <= moment_of(known))
    return {
        Doubted(row.code, row.indicator, row.minute, row.flag, row.mantissa, row.exponent): Answer(
            row.keep, time_of_moment(row.answered_at), row.answered_by, row.reason, row.document
        )
        for row in connection.execute(query)
    }


def answer(
    connection: Connection, doubted: Sequence[Doubted], moment: int, ruling: Ruling, *, keep: bool, again: bool
) -> None:
    """Append an answer about each value, all or none; InputError for one already answered (unless `again`)."""
    held = answers(connection)
    faults = [
        Fault(
            f"存疑值 {each.handle}",
            "已经核实",
            f"{time_of_minute(each.minute):%Y-%m-%d %H:%M} 的值，{held[each].words}",
            "确需改判的，加 --again；原结论照样留存",
        )
        for each in doubted
        if each in held and not again
    ]
    if faults:
        raise InputError(faults)
    section, indicator = SECTION.c, INDICATOR.c
    for each in doubted:
        key = {
            "section_id": connection.execute(select(section.id).where(section.code == each.section)).scalar_one(),
            "indicator_id": connection.execute(
                select(indicator.id).where(indicator.code == each.indicator)
            ).scalar_one(),
            **{name: getattr(each, name) for name in ("minute", "flag", "mantissa", "exponent")},
        }
        table = DOUBT_ANSWER.c
        here = [table[name] == value for name, value in key.items()]
        seq = connection.execute(select(func.coalesce(func.max(table.seq), -1)).where(*here)).scalar_one() + 1
        about = {"answered_by": ruling.decided_by, "reason": ruling.reason, "document": ruling.document}
        connection.execute(insert(DOUBT_ANSWER).values(**key, seq=seq, keep=keep, answered_at=moment, **about))
