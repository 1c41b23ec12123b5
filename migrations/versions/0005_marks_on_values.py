"""Flags that files put on their own values, only added to."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

TABLE = "value_mark"
KEY: Sequence[str] = (
    *("section_id", "indicator_id", "minute", "method", "mantissa", "exponent", "flag"),
    "file_id",
)
KINDS: dict[str, type[sa.types.TypeEngine]] = {
    "section_id": sa.Integer,
    "indicator_id": sa.SmallInteger,
    "minute": sa.Integer,
    "method": sa.SmallInteger,
    "mantissa": sa.BigInteger,
    "exponent": sa.SmallInteger,
    "flag": sa.Text,
    "file_id": sa.Integer,
    "colour": sa.Text,
    "remark": sa.Text,
    "source_sheet": sa.SmallInteger,
    "source_row": sa.Integer,
    "source_column": sa.Integer,
}
PARENTS = {"section_id": "section.id", "indicator_id": "indicator.id", "file_id": "import_file.id"}


def upgrade() -> None:
    op.create_table(
        TABLE,
        *(sa.Column(name, kind(), nullable=False, autoincrement=False) for name, kind in KINDS.items()),
        *(sa.ForeignKeyConstraint([name], [parent], name=f"fk_{TABLE}_{name}") for name, parent in PARENTS.items()),
        sa.CheckConstraint("length(flag) > 0", name=op.f(f"ck_{TABLE}_flag")),
        sa.PrimaryKeyConstraint(*KEY, name=f"pk_{TABLE}"),
    )
    if op.get_bind().dialect.name == "postgresql":
        refuse_changes_postgresql()
    else:
        refuse_changes_sqlite()


def downgrade() -> None:
    op.drop_table(TABLE)


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
