"""The key of readings, and of what belongs to them, begins with the day; later versions have an index of their own.

What is imported day by day is then added at the end, where every day was written into the stretch of each section and
indicator before. SQLite keeps a table in the order of its key, and a backup names columns in the order in which they
stand, so on both databases each table is made anew. PostgreSQL keeps its partitions, which are by minute.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

OLD_KEY = ("section_id", "indicator_id", "minute", "method", "version")
KEY = ("day", *OLD_KEY)
# What each table has beside the key: first what completes its primary key, then the rest.
BESIDE: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "reading": (
        (),
        (
            *("mantissa", "exponent", "state", "status", "flag", "raw", "known_at"),
            *("file_id", "source_sheet", "source_row", "source_column"),
        ),
    ),
    "reading_confirmation": (("file_id", "source_sheet", "source_row", "source_column"), ("known_at",)),
    "reading_conflict": (("other_version",), ()),
    "reading_decision": (("seq",), ("chosen_version", "decided_at", "decided_by", "reason", "document")),
}
# Each companion with its foreign keys to a reading: name, and the column that says which version.
TO_READING: dict[str, Sequence[tuple[str, str]]] = {
    "reading": (),
    "reading_confirmation": (("reading", "version"),),
    "reading_conflict": (("version", "version"), ("other", "other_version")),
    "reading_decision": (("version", "version"), ("chosen", "chosen_version")),
}
PARENTS = {
    "reading": {"section_id": "section.id", "indicator_id": "indicator.id", "file_id": "import_file.id"},
    "reading_confirmation": {"file_id": "import_file.id"},
}
KINDS: dict[type[sa.types.TypeEngine], Sequence[str]] = {
    sa.BigInteger: ("mantissa", "known_at", "decided_at"),
    sa.Text: ("raw", "decided_by", "reason", "document"),
    sa.Integer: ("day", "section_id", "minute", "file_id", "source_row", "source_column"),
}
NULLABLE = ("mantissa", "raw", "known_at", "chosen_version")
DAY = "(minute - (minute % 1440 + 1440) % 1440) / 1440"
NEW_CHECKS = {"day": f"day = {DAY}", "first_stands": "version > 0 OR flag = 0"}
CHECKS: dict[str, dict[str, str]] = {
    "reading": {
        "version": "version >= 0",
        "method": "method IN (1, 2)",
        "state": "state BETWEEN 0 AND 4",
        "status": "status BETWEEN 0 AND 4",
        "flag": "flag BETWEEN 0 AND 2",
        "state_has_value": "(state <= 1) = (mantissa IS NOT NULL)",
        "mantissa_integer": "mantissa = CAST(mantissa AS BIGINT)",
        "mantissa_digits": "mantissa BETWEEN -999999999999999999 AND 999999999999999999",
    },
    "reading_conflict": {"order": "other_version < version"},
    "reading_decision": {"chosen": "chosen_version <= version"},
}
INDEX = "ix_reading_later"


def upgrade() -> None:
    rebuild(KEY)
    op.execute(f"CREATE INDEX {INDEX} ON reading ({', '.join(KEY[:-1])}) WHERE version > 0")


def downgrade() -> None:
    rebuild(OLD_KEY)


def rebuild(key: Sequence[str]) -> None:
    """Make each table anew under its new key, and move its rows in the order of it."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        set_parts_aside()
    for table in BESIDE:
        op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
        if postgresql:
            op.execute(f"ALTER TABLE {table}_before RENAME CONSTRAINT pk_{table} TO pk_{table}_before")
            op.execute(f"DROP INDEX IF EXISTS {INDEX}")
        create(table, key, postgresql=postgresql)
    if postgresql:
        year = f"extract(year FROM DATE '1970-01-01' + {DAY})::integer"
        op.execute(f"SELECT make_reading_year(year) FROM (SELECT DISTINCT {year} AS year FROM reading_before) y")
    for table, (primary, rest) in BESIDE.items():
        names = [*OLD_KEY, *primary, *rest]
        given, into = (names, names) if key is OLD_KEY else ([f"{DAY} AS day", *names], ["day", *names])
        order = ", ".join([*key, *primary])
        op.execute(
            f"INSERT INTO {table} ({', '.join(into)}) SELECT {', '.join(given)} FROM {table}_before ORDER BY {order}"
        )
    for table in reversed(BESIDE):
        op.execute(f"DROP TABLE {table}_before")
        if postgresql:
            refuse_changes_postgresql(table)
        else:
            refuse_changes_sqlite(table, [*key, *BESIDE[table][0]])


def set_parts_aside() -> None:
    """Give the partitions and their indexes other names, so that new ones can have theirs."""
    op.execute(
        "DO $$ DECLARE part text; BEGIN "
        "FOR part IN SELECT relname FROM pg_class WHERE relispartition AND relkind IN ('r', 'i') LOOP "
        "EXECUTE format('ALTER TABLE %I RENAME TO %I', part, part || '_before'); END LOOP; END $$"
    )


def create(table: str, key: Sequence[str], *, postgresql: bool) -> None:
    primary, rest = BESIDE[table]
    checks = CHECKS.get(table, {}) | (NEW_CHECKS if table == "reading" and key is KEY else {})
    # On PostgreSQL a trigger checks what readings refer to; see 0004.
    parents = {} if postgresql and table == "reading" else PARENTS.get(table, {})
    op.create_table(
        table,
        *(
            sa.Column(name, kind(name)(), nullable=name in NULLABLE, autoincrement=False)
            for name in (*key, *primary, *rest)
        ),
        *(sa.ForeignKeyConstraint([name], [parent], name=f"fk_{table}_{name}") for name, parent in parents.items()),
        *(
            sa.ForeignKeyConstraint(
                [*key[:-1], version], [f"reading.{part}" for part in key], name=f"fk_{table}_{name}"
            )
            for name, version in TO_READING[table]
        ),
        *(sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}")) for name, condition in checks.items()),
        sa.PrimaryKeyConstraint(*key, *primary, name=f"pk_{table}"),
        sqlite_with_rowid=False,
        postgresql_partition_by="RANGE (minute)",
    )


def kind(name: str) -> type[sa.types.TypeEngine]:
    return next((each for each, names in KINDS.items() if name in names), sa.SmallInteger)


def refuse_changes_sqlite(table: str, key: Sequence[str]) -> None:
    refusal = f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
    for event in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} {refusal}")
    same = " AND ".join(f"{name} = NEW.{name}" for name in key)
    here = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {here} {refusal}")


def refuse_changes_postgresql(table: str) -> None:
    for event in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
    if table == "reading":
        op.execute(
            "CREATE TRIGGER reading_refers AFTER INSERT ON reading REFERENCING NEW TABLE AS added "
            "FOR EACH STATEMENT EXECUTE FUNCTION reading_refers()"
        )
