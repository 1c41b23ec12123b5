"""Sums of each day's first versions, kept beside the readings and only added to."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None

TABLE = "daily_sum"
KEY: Sequence[str] = ("day", "section_id", "indicator_id", "method", "exponent", "state", "status", "file_id")
REST: Sequence[str] = ("high", "low", "n")
KINDS: dict[type[sa.types.TypeEngine], Sequence[str]] = {
    sa.Integer: ("day", "section_id", "file_id", "n"),
    sa.BigInteger: ("high", "low"),
}
HALF = 10**9


def upgrade() -> None:
    op.create_table(
        TABLE,
        *(sa.Column(name, kind(name)(), nullable=False, autoincrement=False) for name in (*KEY, *REST)),
        sa.CheckConstraint("n > 0", name=op.f(f"ck_{TABLE}_n")),
        sa.PrimaryKeyConstraint(*KEY, name=f"pk_{TABLE}"),
        sqlite_with_rowid=False,
    )
    key = ", ".join(KEY)
    op.execute(
        f"INSERT INTO {TABLE} ({key}, {', '.join(REST)}) "
        f"SELECT {key}, coalesce(sum(mantissa / {HALF}), 0), coalesce(sum(mantissa % {HALF}), 0), count(*) "
        f"FROM reading WHERE version = 0 GROUP BY {key}"
    )
    if op.get_bind().dialect.name == "postgresql":
        refuse_changes_postgresql()
    else:
        refuse_changes_sqlite()


def downgrade() -> None:
    op.drop_table(TABLE)


def kind(name: str) -> type[sa.types.TypeEngine]:
    return next((each for each, names in KINDS.items() if name in names), sa.SmallInteger)


def refuse_changes_sqlite() -> None:
    refusal = f"BEGIN SELECT RAISE(ABORT, 'append-only: {TABLE}'); END"
    for event in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {TABLE}_no_{event} BEFORE {event.upper()} ON {TABLE} {refusal}")
    same = " AND ".join(f"{name} = NEW.{name}" for name in KEY)
    here = f"EXISTS (SELECT 1 FROM {TABLE} WHERE {same})"
    op.execute(f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} WHEN {here} {refusal}")


def refuse_changes_postgresql() -> None:
    for event in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_{event} BEFORE {event.upper()} ON {TABLE} "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
    op.execute(
        f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
