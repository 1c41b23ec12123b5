"""Readings and their history. Versions are only added, by the rule of `compensation.store.versions`.

The key begins with the day, so that what is imported day by day is added at the end; see decision 0023.
"""

from sqlalchemy import BigInteger, Boolean, ForeignKeyConstraint, Index, Integer, SmallInteger, Text, text
from sqlmodel import Field

from compensation.store.clock import MINUTES_PER_DAY
from compensation.store.standing import KEY
from compensation.store.tables.base import Table, big, check, key, link, small, words

# Division cuts towards zero on both databases; a day before 1970 must not fall onto the next one.
DAY_OF_MINUTE = (
    f"day = (minute - (minute % {MINUTES_PER_DAY} + {MINUTES_PER_DAY}) % {MINUTES_PER_DAY}) / {MINUTES_PER_DAY}"
)

_LATER = "version > 0"


class ReadingRow(Table, table=True):
    """监测结果: mantissa * 10**exponent of `indicator` at `section` in `minute`, as reported.

    `raw` is kept only where it differs from `canonical_text` of the value. `known_at` is the second of the
    snapshot the file states. `flag`: 0 stands, 1 in conflict until decided, 2 superseded when it came.
    """

    __tablename__ = "reading"
    __table_args__ = (
        # What has later versions is found through these alone: few keys have any.
        Index("ix_reading_later", *KEY, sqlite_where=text(_LATER), postgresql_where=text(_LATER)),
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
        {"sqlite_with_rowid": False},
    )

    day: int = key()
    section_id: int = key(Integer, "section.id")
    indicator_id: int = key(SmallInteger, "indicator.id")
    minute: int = key()
    method: int = key(SmallInteger)
    version: int = key(SmallInteger)
    mantissa: int | None = big(nullable=True)
    exponent: int = small()
    state: int = small()
    status: int = small()
    flag: int = small()
    raw: str | None = words(nullable=True)
    known_at: int | None = big(nullable=True)
    file_id: int = link("import_file.id")
    source_sheet: int = small()
    source_row: int
    source_column: int


class DailySum(Table, table=True):
    """日合计: of one day's values of one kind out of one file, first versions only; see `compensation.store.sums`.

    The sum of mantissas is high * 10**9 + low, of `n` values; 0 where they have no number. It can be added up again at
    any time, and `check` does, so what it names is looked after there and not by foreign keys.
    """

    __tablename__ = "daily_sum"
    __table_args__ = (check("n > 0", "n"), {"sqlite_with_rowid": False})

    day: int = key()
    section_id: int = key()
    indicator_id: int = key(SmallInteger)
    method: int = key(SmallInteger)
    exponent: int = key(SmallInteger)
    state: int = key(SmallInteger)
    status: int = key(SmallInteger)
    file_id: int = key()
    high: int = big()
    low: int = big()
    n: int


class ReadingConfirmation(Table, table=True):
    """再次确认: a file that shows a stored value again and knows it as of later, or states no snapshot.

    Without it the value that stands would depend on the order in which files arrive.
    """

    __tablename__ = "reading_confirmation"
    __table_args__ = (
        ForeignKeyConstraint(
            [*KEY, "version"],
            [f"reading.{name}" for name in (*KEY, "version")],
            name="fk_reading_confirmation_reading",
        ),
        {"sqlite_with_rowid": False},
    )

    day: int = key()
    section_id: int = key()
    indicator_id: int = key(SmallInteger)
    minute: int = key()
    method: int = key(SmallInteger)
    version: int = key(SmallInteger)
    file_id: int = key(Integer, "import_file.id")
    source_sheet: int = key(SmallInteger)
    source_row: int = key()
    source_column: int = key()
    known_at: int | None = big(nullable=True)


class ReadingConflict(Table, table=True):
    """数据冲突: two versions of one key of which neither is stated to be later."""

    __tablename__ = "reading_conflict"
    __table_args__ = (
        ForeignKeyConstraint(
            [*KEY, "version"],
            [f"reading.{name}" for name in (*KEY, "version")],
            name="fk_reading_conflict_version",
        ),
        ForeignKeyConstraint(
            [*KEY, "other_version"],
            [f"reading.{name}" for name in (*KEY, "version")],
            name="fk_reading_conflict_other",
        ),
        check("other_version < version", "order"),
        {"sqlite_with_rowid": False},
    )

    day: int = key()
    section_id: int = key()
    indicator_id: int = key(SmallInteger)
    minute: int = key()
    method: int = key(SmallInteger)
    version: int = key(SmallInteger)
    other_version: int = key(SmallInteger)


class ReadingDecision(Table, table=True):
    """冲突裁定: which version stands (none: the value is missing), by whom, when, why, on what document.

    It settles the conflict that `version` opened; a later arrival that opens another needs its own decision.
    """

    __tablename__ = "reading_decision"
    __table_args__ = (
        ForeignKeyConstraint(
            [*KEY, "version"],
            [f"reading.{name}" for name in (*KEY, "version")],
            name="fk_reading_decision_version",
        ),
        ForeignKeyConstraint(
            [*KEY, "chosen_version"],
            [f"reading.{name}" for name in (*KEY, "version")],
            name="fk_reading_decision_chosen",
        ),
        check("chosen_version <= version", "chosen"),
        {"sqlite_with_rowid": False},
    )

    day: int = key()
    section_id: int = key()
    indicator_id: int = key(SmallInteger)
    minute: int = key()
    method: int = key(SmallInteger)
    version: int = key(SmallInteger)
    seq: int = key(SmallInteger)
    chosen_version: int | None = small(nullable=True)
    decided_at: int = big()
    decided_by: str = words()
    reason: str = words()
    document: str = words()


class ValueMark(Table, table=True):
    """存疑标记: a flag that a file puts on a value it reports, by the colour it wears, and where it stands there.

    It speaks of the value it names, in lowest terms, whichever file that value was first taken from.
    """

    __tablename__ = "value_mark"
    __table_args__ = (check("length(flag) > 0", "flag"),)

    section_id: int = key(Integer, "section.id")
    indicator_id: int = key(SmallInteger, "indicator.id")
    minute: int = key()
    method: int = key(SmallInteger)
    mantissa: int = key(BigInteger)
    exponent: int = key(SmallInteger)
    flag: str = Field(primary_key=True, sa_type=Text)
    file_id: int = key(Integer, "import_file.id")
    colour: str = words()
    remark: str = words()
    source_sheet: int = small()
    source_row: int
    source_column: int


class DoubtAnswer(Table, table=True):
    """存疑核实: whether a value in doubt counts, by whom, when, why, on what document.

    It speaks of the value it names: one that a later file revises is another value, and raises doubt anew.
    """

    __tablename__ = "doubt_answer"
    __table_args__ = (check("length(answered_by) > 0 AND length(reason) > 0", "by_whom_and_why"),)

    section_id: int = key(Integer, "section.id")
    indicator_id: int = key(SmallInteger, "indicator.id")
    minute: int = key()
    flag: str = Field(primary_key=True, sa_type=Text)
    mantissa: int = key(BigInteger)
    exponent: int = key(SmallInteger)
    seq: int = key(SmallInteger)
    keep: bool = Field(sa_type=Boolean, nullable=False)
    answered_at: int = big()
    answered_by: str = words()
    reason: str = words()
    document: str = words()
