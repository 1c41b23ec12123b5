"""The first rooms: files, sections, readings, other evidence, settlements; append-only by trigger."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

ROWS = ("in", "stored", "identical", "quarantined", "refused", "empty")
KEY = ("section_id", "indicator_id", "minute", "method")

# Each table with the columns by which a row already there is recognised. SQLite's INSERT OR REPLACE removes
# such a row without firing a delete trigger, so an insert over it is refused by name as well.
APPEND_ONLY: dict[str, Sequence[Sequence[str]]] = {
    "import_file": (("id",), ("sha256",), ("imported_at",)),
    "import_sheet": (("file_id", "sheet"),),
    "refused_row": (("id",),),
    "quarantined_row": (("id",), ("file_id", "source_sheet", "source_row")),
    "quarantine_release": (("row_id",),),
    "section_merge": (("section_id",),),
    "reading": ((*KEY, "version"),),
    "reading_confirmation": ((*KEY, "version", "file_id", "source_sheet", "source_row", "source_column"),),
    "reading_conflict": ((*KEY, "version", "other_version"),),
    "reading_decision": ((*KEY, "version", "seq"),),
    "intake_volume": (("section_id", "month"),),
    "flow": (("section_id", "first_day", "last_day"),),
    "incident": (("id",), ("number",)),
    "incident_share": (("incident_id", "seq"),),
    "exemption": (("id",), ("section_id", "first_day", "last_day", "reason", "document")),
    "in_kind": (("id",), ("year", "contributor", "receiver", "kind", "description")),
    "settlement": (("id",), ("number",), ("digest",)),
    "obligation": (("settlement_id", "seq"),),
    "workbook": (("id",), ("settlement_id", "kind", "sha256")),
}


def upgrade() -> None:
    create_registry()
    create_files()
    create_readings()
    create_evidence()
    create_settlements()
    if op.get_bind().dialect.name == "postgresql":
        refuse_changes_postgresql()
    else:
        refuse_changes_sqlite()


def downgrade() -> None:
    for table in [*reversed(APPEND_ONLY), "section_alias", "section", "indicator"]:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION append_only()")


def column(name: str, kind: type[sa.types.TypeEngine], target: str | None = None, *, null: bool = False) -> sa.Column:
    return sa.Column(name, kind(), *([sa.ForeignKey(target)] if target else []), nullable=null)


def source() -> list[sa.Column]:
    return [
        column("file_id", sa.Integer, "import_file.id"),
        column("source_sheet", sa.SmallInteger),
        column("source_row", sa.Integer),
    ]


def create(table: str, *items: sa.schema.SchemaItem, primary: Sequence[str], rowid: bool = True) -> None:
    named = [
        sa.Column(
            item.name,
            item.type,
            *(sa.ForeignKey(link.target_fullname, name=f"fk_{table}_{item.name}") for link in item.foreign_keys),
            nullable=item.nullable,
            autoincrement=False,
        )
        if isinstance(item, sa.Column)
        else item
        for item in items
    ]
    op.create_table(table, *named, sa.PrimaryKeyConstraint(*primary, name=f"pk_{table}"), sqlite_with_rowid=rowid)


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def create_registry() -> None:
    create(
        "section",
        column("id", sa.Integer),
        column("code", sa.Text),
        column("name", sa.Text),
        column("province", sa.Text, null=True),
        column("basin", sa.Text, null=True),
        column("body", sa.Text, null=True),
        column("registered", sa.Boolean),
        unique("section", "code"),
        check("section", "body", "body IN ('river', 'lake')"),
        primary=["id"],
    )
    create(
        "section_alias",
        column("name", sa.Text),
        column("province", sa.Text),
        column("section_id", sa.Integer, "section.id"),
        primary=["name", "province"],
    )
    create(
        "indicator",
        column("id", sa.SmallInteger),
        column("code", sa.Text),
        unique("indicator", "code"),
        primary=["id"],
    )


def create_files() -> None:
    create(
        "import_file",
        column("id", sa.Integer),
        column("sha256", sa.Text),
        column("name", sa.Text),
        column("size_bytes", sa.BigInteger),
        column("imported_at", sa.BigInteger),
        column("kinds", sa.Text),
        column("layout_json", sa.Text),
        *(column(f"rows_{part}", sa.Integer) for part in ROWS),
        column("readings_stored", sa.Integer),
        column("readings_identical", sa.Integer),
        unique("import_file", "sha256"),
        unique("import_file", "imported_at"),
        check("import_file", "sha256", "length(sha256) = 64"),
        check("import_file", "rows_tie", f"rows_in = {' + '.join(f'rows_{part}' for part in ROWS[1:])}"),
        check("import_file", "rows_not_negative", " AND ".join(f"rows_{part} >= 0" for part in ROWS[1:])),
        primary=["id"],
    )
    create(
        "import_sheet",
        column("file_id", sa.Integer, "import_file.id"),
        column("sheet", sa.SmallInteger),
        column("name", sa.Text),
        primary=["file_id", "sheet"],
    )
    create(
        "refused_row",
        column("id", sa.Integer),
        *source(),
        column("source_column", sa.Integer, null=True),
        column("text", sa.Text),
        column("reason", sa.Text),
        column("fix", sa.Text),
        column("blocking", sa.Boolean),
        primary=["id"],
    )
    create(
        "quarantined_row",
        column("id", sa.Integer),
        *source(),
        column("cells_json", sa.Text),
        unique("quarantined_row", "file_id", "source_sheet", "source_row"),
        primary=["id"],
    )
    create(
        "quarantine_release",
        column("row_id", sa.Integer, "quarantined_row.id"),
        column("file_id", sa.Integer, "import_file.id", null=True),
        column("released_at", sa.BigInteger),
        *(column(name, sa.Text) for name in ("released_by", "reason")),
        primary=["row_id"],
    )
    create(
        "section_merge",
        column("section_id", sa.Integer, "section.id"),
        column("into_id", sa.Integer, "section.id"),
        column("file_id", sa.Integer, "import_file.id"),
        *(column(name, sa.Text) for name in ("merged_by", "reason")),
        check("section_merge", "two_sections", "section_id <> into_id"),
        primary=["section_id"],
    )


def reading_key() -> list[sa.Column]:
    kinds = (sa.Integer, sa.SmallInteger, sa.Integer, sa.SmallInteger)
    return [
        *(column(name, kind) for name, kind in zip(KEY, kinds, strict=True)),
        column("version", sa.SmallInteger),
    ]


def to_reading(table: str, version: str, name: str) -> sa.ForeignKeyConstraint:
    target = [f"reading.{part}" for part in (*KEY, "version")]
    return sa.ForeignKeyConstraint([*KEY, version], target, name=f"fk_{table}_{name}")


def create_readings() -> None:
    create(
        "reading",
        column("section_id", sa.Integer, "section.id"),
        column("indicator_id", sa.SmallInteger, "indicator.id"),
        *reading_key()[2:],
        column("mantissa", sa.BigInteger, null=True),
        *(column(name, sa.SmallInteger) for name in ("exponent", "state", "status", "flag")),
        column("raw", sa.Text, null=True),
        column("known_at", sa.BigInteger, null=True),
        *source(),
        column("source_column", sa.Integer),
        check("reading", "version", "version >= 0"),
        check("reading", "method", "method IN (1, 2)"),
        check("reading", "state", "state BETWEEN 0 AND 4"),
        check("reading", "status", "status BETWEEN 0 AND 4"),
        check("reading", "flag", "flag BETWEEN 0 AND 2"),
        check("reading", "state_has_value", "(state <= 1) = (mantissa IS NOT NULL)"),
        check("reading", "mantissa_integer", "mantissa = CAST(mantissa AS BIGINT)"),
        check("reading", "mantissa_digits", "mantissa BETWEEN -999999999999999999 AND 999999999999999999"),
        primary=[*KEY, "version"],
        rowid=False,
    )
    create(
        "reading_confirmation",
        *reading_key(),
        *source(),
        column("source_column", sa.Integer),
        column("known_at", sa.BigInteger, null=True),
        to_reading("reading_confirmation", "version", "reading"),
        primary=[*KEY, "version", "file_id", "source_sheet", "source_row", "source_column"],
        rowid=False,
    )
    create(
        "reading_conflict",
        *reading_key(),
        column("other_version", sa.SmallInteger),
        to_reading("reading_conflict", "version", "version"),
        to_reading("reading_conflict", "other_version", "other"),
        check("reading_conflict", "order", "other_version < version"),
        primary=[*KEY, "version", "other_version"],
        rowid=False,
    )
    create(
        "reading_decision",
        *reading_key(),
        column("seq", sa.SmallInteger),
        column("chosen_version", sa.SmallInteger, null=True),
        column("decided_at", sa.BigInteger),
        *(column(name, sa.Text) for name in ("decided_by", "reason", "document")),
        to_reading("reading_decision", "version", "version"),
        to_reading("reading_decision", "chosen_version", "chosen"),
        check("reading_decision", "chosen", "chosen_version <= version"),
        primary=[*KEY, "version", "seq"],
        rowid=False,
    )


def create_evidence() -> None:
    for table, days in (("intake_volume", ["month"]), ("flow", ["first_day", "last_day"])):
        create(
            table,
            column("section_id", sa.Integer, "section.id"),
            *(column(day, sa.Date) for day in days),
            *(column(name, sa.Text) for name in ("volume_m3", "document")),
            *source(),
            primary=["section_id", *days],
        )
    create(
        "incident",
        column("id", sa.Integer),
        column("number", sa.Text),
        column("day", sa.Date),
        column("section_id", sa.Integer, "section.id"),
        column("indicator", sa.Text, null=True),
        column("concentration_mg_per_l", sa.Text, null=True),
        *(column(name, sa.Text) for name in ("cost_yuan", "cost_bearer", "document")),
        *source(),
        unique("incident", "number"),
        primary=["id"],
    )
    create(
        "incident_share",
        column("incident_id", sa.Integer, "incident.id"),
        column("seq", sa.Integer),
        column("party", sa.Text),
        column("share", sa.Text),
        primary=["incident_id", "seq"],
    )
    create(
        "exemption",
        column("id", sa.Integer),
        column("section_id", sa.Integer, "section.id"),
        column("first_day", sa.Date),
        column("last_day", sa.Date),
        column("reason", sa.Text),
        column("document", sa.Text),
        *source(),
        unique("exemption", "section_id", "first_day", "last_day", "reason", "document"),
        check("exemption", "days", "first_day <= last_day"),
        primary=["id"],
    )
    words = ("contributor", "receiver", "kind", "description", "value_yuan", "document")
    create(
        "in_kind",
        column("id", sa.Integer),
        column("year", sa.Integer),
        *(column(name, sa.Text) for name in words),
        *source(),
        unique("in_kind", "year", "contributor", "receiver", "kind", "description"),
        check("in_kind", "two_parties", "contributor <> receiver"),
        primary=["id"],
    )


def create_settlements() -> None:
    create(
        "settlement",
        column("id", sa.Integer),
        *(column(name, sa.Text) for name in ("number", "agreement_id", "agreement_sha256", "agreement_text")),
        column("period_from", sa.Date),
        column("period_to", sa.Date),
        *(column(name, sa.Text) for name in ("mode", "engine_version", "digest")),
        column("readings_known_through", sa.BigInteger),
        column("payload_json", sa.Text),
        column("undetermined", sa.Boolean),
        column("created_at", sa.BigInteger),
        unique("settlement", "number"),
        unique("settlement", "digest"),
        check("settlement", "mode", "mode IN ('final', 'provisional', 'backtest', 'provisional_backtest')"),
        check("settlement", "period", "period_from <= period_to"),
        check("settlement", "digest", "length(digest) = 64"),
        check("settlement", "agreement_sha256", "length(agreement_sha256) = 64"),
        primary=["id"],
    )
    create(
        "obligation",
        column("settlement_id", sa.Integer, "settlement.id"),
        column("seq", sa.Integer),
        column("clause", sa.Text),
        column("section", sa.Text, null=True),
        *(column(name, sa.Text) for name in ("period", "payer", "payee")),
        column("amount_fen", sa.BigInteger),
        check("obligation", "amount_fen", "amount_fen >= 0"),
        check("obligation", "amount_fen_integer", "amount_fen = CAST(amount_fen AS BIGINT)"),
        check("obligation", "two_parties", "payer <> payee"),
        primary=["settlement_id", "seq"],
    )
    create(
        "workbook",
        column("id", sa.Integer),
        column("settlement_id", sa.Integer, "settlement.id"),
        *(column(name, sa.Text) for name in ("kind", "name", "sha256")),
        column("created_at", sa.BigInteger),
        unique("workbook", "settlement_id", "kind", "sha256"),
        check("workbook", "sha256", "length(sha256) = 64"),
        primary=["id"],
    )


def refuse_changes_sqlite() -> None:
    for table, keys in APPEND_ONLY.items():
        for event in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
            )
        same = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{name} = NEW.{name}' for name in names)})"
            for names in keys
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {same} "
            f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
        )


def refuse_changes_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in APPEND_ONLY:
        for event in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION append_only()"
            )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
