"""Readings and their history. Versions are only added, by the rule of `compensation.store.versions`.

The key begins with the day, so that what is imported day by day is added at the end; see decision 0023.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, SmallInteger, Table, Text

from compensation.store.clock import MINUTES_PER_DAY
from compensation.store.standing import KEY
from compensation.store.tables.base import METADATA, big, check, key, place, small, whole, words, yes_or_no

# Division cuts towards zero on both databases; a day before 1970 must not fall onto the next one.
DAY_OF_MINUTE = (
    f"day = (minute - (minute % {MINUTES_PER_DAY} + {MINUTES_PER_DAY}) % {MINUTES_PER_DAY}) / {MINUTES_PER_DAY}"
)


def _version_key() -> tuple[Column[Any], ...]:
    """The columns of a key that begins as that of `reading`, which one of the constraints below refers to."""
    return (
        key("day"),
        key("section_id"),
        key("indicator_id", SmallInteger),
        key("minute"),
        key("method", SmallInteger),
        key("version", SmallInteger),
    )


def _of_reading(name: str, version: str = "version") -> ForeignKeyConstraint:
    """The reference to a version of a reading, by the column that says which."""
    return ForeignKeyConstraint([*KEY, version], [f"reading.{each}" for each in (*KEY, "version")], name=name)


READING = Table(
    "reading",
    METADATA,
    key("day"),
    key("section_id", to="section.id"),
    key("indicator_id", SmallInteger, "indicator.id"),
    key("minute"),
    key("method", SmallInteger),
    key("version", SmallInteger),
    big("mantissa", nullable=True),
    small("exponent"),
    small("state"),
    small("status"),
    small("flag"),
    words("raw", nullable=True),
    big("known_at", nullable=True),
    *place(),
    whole("source_column"),
    check(DAY_OF_MINUTE, "day"),
    check("version >= 0", "version"),
    check("method IN (1, 2)", "method"),
    check("state BETWEEN 0 AND 4", "state"),
    check("status BETWEEN 0 AND 4", "status"),
    check("flag BETWEEN 0 AND 2", "flag"),
    check("version > 0 OR flag = 0", "first_stands"),
    check("(state <= 1) = (mantissa IS NOT NULL)", "state_has_value"),
    check("mantissa = CAST(mantissa AS BIGINT)", "mantissa_integer"),
    check("mantissa BETWEEN -999999999999999999 AND 999999999999999999", "mantissa_digits"),
    sqlite_with_rowid=False,
)
"""监测结果: mantissa * 10**exponent of `indicator` at `section` in `minute`, as reported.

`raw` is kept only where it differs from `canonical_text` of the value. `known_at` is the second of the
snapshot the file states. `flag`: 0 stands, 1 in conflict until decided, 2 superseded when it came.
"""

DAILY_SUM = Table(
    "daily_sum",
    METADATA,
    key("day"),
    key("section_id"),
    key("indicator_id", SmallInteger),
    key("method", SmallInteger),
    key("exponent", SmallInteger),
    key("state", SmallInteger),
    key("status", SmallInteger),
    key("file_id"),
    big("high"),
    big("low"),
    whole("n"),
    check("n > 0", "n"),
    sqlite_with_rowid=False,
)
"""日合计: of one day's values of one kind out of one file, first versions only; see `compensation.store.sums`.

The sum of mantissas is high * 10**9 + low, of `n` values; 0 where they have no number. It can be added up again at
any time, and `check` does, so what it names is looked after there and not by foreign keys.
"""

READING_CONFIRMATION = Table(
    "reading_confirmation",
    METADATA,
    *_version_key(),
    key("file_id", to="import_file.id"),
    key("source_sheet", SmallInteger),
    key("source_row"),
    key("source_column"),
    big("known_at", nullable=True),
    _of_reading("fk_reading_confirmation_reading"),
    sqlite_with_rowid=False,
)
"""再次确认: a file that shows a stored value again and knows it as of later, or states no snapshot.

Without it the value that stands would depend on the order in which files arrive.
"""

READING_CONFLICT = Table(
    "reading_conflict",
    METADATA,
    *_version_key(),
    key("other_version", SmallInteger),
    _of_reading("fk_reading_conflict_version"),
    _of_reading("fk_reading_conflict_other", "other_version"),
    check("other_version < version", "order"),
    sqlite_with_rowid=False,
)
"""数据冲突: two versions of one key of which neither is stated to be later."""

READING_DECISION = Table(
    "reading_decision",
    METADATA,
    *_version_key(),
    key("seq", SmallInteger),
    small("chosen_version", nullable=True),
    big("decided_at"),
    words("decided_by"),
    words("reason"),
    words("document"),
    _of_reading("fk_reading_decision_version"),
    _of_reading("fk_reading_decision_chosen", "chosen_version"),
    check("chosen_version <= version", "chosen"),
    sqlite_with_rowid=False,
)
"""冲突裁定: which version stands (none: the value is missing), by whom, when, why, on what document.

It settles the conflict that `version` opened; a later arrival that opens another needs its own decision.
"""

VALUE_MARK = Table(
    "value_mark",
    METADATA,
    key("section_id", to="section.id"),
    key("indicator_id", SmallInteger, "indicator.id"),
    key("minute"),
    key("method", SmallInteger),
    key("mantissa", BigInteger),
    key("exponent", SmallInteger),
    key("flag", Text),
    key("file_id", to="import_file.id"),
    words("colour"),
    words("remark"),
    small("source_sheet"),
    whole("source_row"),
    whole("source_column"),
    check("length(flag) > 0", "flag"),
)
"""存疑标记: a flag that a file puts on a value it reports, by the colour it wears, and where it stands there.

It speaks of the value it names, in lowest terms, whichever file that value was first taken from.
"""

DOUBT_ANSWER = Table(
    "doubt_answer",
    METADATA,
    key("section_id", to="section.id"),
    key("indicator_id", SmallInteger, "indicator.id"),
    key("minute"),
    key("flag", Text),
    key("mantissa", BigInteger),
    key("exponent", SmallInteger),
    key("seq", SmallInteger),
    yes_or_no("keep"),
    big("answered_at"),
    words("answered_by"),
    words("reason"),
    words("document"),
    check("length(answered_by) > 0 AND length(reason) > 0", "by_whom_and_why"),
)
"""存疑核实: whether a value in doubt counts, by whom, when, why, on what document.

It speaks of the value it names: one that a later file revises is another value, and raises doubt anew.
"""
