"""Corrections of evidence and answers to doubts, both only added to."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

# Each table with the columns by which a row already there is recognised, as in 0001.
APPEND_ONLY: dict[str, Sequence[str]] = {
    "evidence_correction": ("kind", "record_json", "seq"),
    "doubt_answer": ("section_id", "indicator_id", "minute", "flag", "mantissa", "exponent", "seq"),
}
BY_WHOM_AND_WHY = "length({}) > 0 AND length(reason) > 0"


def upgrade() -> None:
    create(
        "evidence_correction",
        column("kind", sa.Text),
        column("record_json", sa.Text),
        column("seq", sa.SmallInteger),
        column("stated_json", sa.Text, null=True),
        column("corrected_at", sa.BigInteger),
        *(column(name, sa.Text) for name in ("corrected_by", "reason", "document")),
        column("file_id", sa.Integer, null=True),
        column("source_sheet", sa.SmallInteger, null=True),
        column("source_row", sa.Integer, null=True),
        link("evidence_correction", "file_id", "import_file.id"),
        check("evidence_correction", "kind", "kind IN ('intake_volume', 'flow', 'incident', 'exemption', 'in_kind')"),
        check("evidence_correction", "stated_in_a_file", "(stated_json IS NULL) = (file_id IS NULL)"),
        check("evidence_correction", "by_whom_and_why", BY_WHOM_AND_WHY.format("corrected_by")),
        check(
            "evidence_correction",
            "place",
            "file_id IS NULL OR (source_sheet IS NOT NULL AND source_row IS NOT NULL)",
        ),
    )
    create(
        "doubt_answer",
        column("section_id", sa.Integer),
        column("indicator_id", sa.SmallInteger),
        column("minute", sa.Integer),
        column("flag", sa.Text),
        column("mantissa", sa.BigInteger),
        column("exponent", sa.SmallInteger),
        column("seq", sa.SmallInteger),
        column("keep", sa.Boolean),
        column("answered_at", sa.BigInteger),
        *(column(name, sa.Text) for name in ("answered_by", "reason", "document")),
        link("doubt_answer", "section_id", "section.id"),
        link("doubt_answer", "indicator_id", "indicator.id"),
        check("doubt_answer", "by_whom_and_why", BY_WHOM_AND_WHY.format("answered_by")),
    )
    for table, key in APPEND_ONLY.items():
        if op.get_bind().dialect.name == "postgresql":
            refuse_changes_postgresql(table)
        else:
            refuse_changes_sqlite(table, key)


def downgrade() -> None:
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)


def column(name: str, kind: type[sa.types.TypeEngine], *, null: bool = False) -> sa.Column:
    return sa.Column(name, kind(), nullable=null, autoincrement=False)


def link(table: str, name: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [target], name=f"fk_{table}_{name}")


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def create(table: str, *items: sa.schema.SchemaItem) -> None:
    op.create_table(table, *items, sa.PrimaryKeyConstraint(*APPEND_ONLY[table], name=f"pk_{table}"))


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
