"""PostgreSQL: readings and what belongs to them by year, and their references checked once for a statement.

A settlement then touches the partitions of its own years. A year's partitions are made by `make_reading_year` when an
import brings the first reading of it. Three foreign keys checked row by row cost more than everything else of an
import; a trigger asks the same of all rows of a statement at once. It is as strong, since what readings refer to is
never removed or given another number. SQLite keeps its foreign keys, and the key's order serves it as partitions do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

KEY = ("section_id", "indicator_id", "minute", "method", "version")
PRIMARY = {
    "reading": KEY,
    "reading_confirmation": (*KEY, "file_id", "source_sheet", "source_row", "source_column"),
    "reading_conflict": (*KEY, "other_version"),
    "reading_decision": (*KEY, "seq"),
}
# Each companion with its foreign keys to a reading: name, and the column that says which version.
TO_READING = {
    "reading_confirmation": (("reading", "version"),),
    "reading_conflict": (("version", "version"), ("other", "other_version")),
    "reading_decision": (("version", "version"), ("chosen", "chosen_version")),
}
PARENTS = {"section_id": "section", "indicator_id": "indicator", "file_id": "import_file"}
COMPANIONS = tuple(TO_READING)
MINUTES_PER_DAY = 1440


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    make_functions()
    replace_tables(" PARTITION BY RANGE (minute)", years=True)
    op.execute(statement_trigger("reading"))
    for parent in ("section", "indicator"):
        op.execute(
            f"CREATE TRIGGER {parent}_keeps_number BEFORE DELETE OR UPDATE OF id ON {parent} "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {parent}_no_truncate BEFORE TRUNCATE ON {parent} "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    replace_tables("", years=False)
    for name, parent in PARENTS.items():
        op.create_foreign_key(f"fk_reading_{name}", "reading", parent, [name], ["id"])
    for parent in ("section", "indicator"):
        op.execute(f"DROP TRIGGER {parent}_keeps_number ON {parent}")
        op.execute(f"DROP TRIGGER {parent}_no_truncate ON {parent}")
    op.execute("DROP FUNCTION make_reading_year(integer)")
    op.execute("DROP FUNCTION reading_refers()")


def replace_tables(partitioned: str, *, years: bool) -> None:
    """Make each table anew, as it was but for its partitions, and move its rows."""
    for table, primary in PRIMARY.items():
        op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
        op.execute(f"ALTER TABLE {table}_before RENAME CONSTRAINT pk_{table} TO pk_{table}_before")
        op.execute(f"CREATE TABLE {table} (LIKE {table}_before INCLUDING CONSTRAINTS){partitioned}")
        op.create_primary_key(f"pk_{table}", table, list(primary))
    if years:
        minutes = f"minute - (minute % {MINUTES_PER_DAY} + {MINUTES_PER_DAY}) % {MINUTES_PER_DAY}"
        day = f"DATE '1970-01-01' + ({minutes}) / {MINUTES_PER_DAY}"
        op.execute(
            f"SELECT make_reading_year(year) FROM (SELECT DISTINCT extract(year FROM {day})::integer AS year "
            "FROM reading_before) y"
        )
    for table, primary in PRIMARY.items():
        op.execute(f"INSERT INTO {table} SELECT * FROM {table}_before ORDER BY {', '.join(primary)}")
    for table in reversed(PRIMARY):
        op.execute(f"DROP TABLE {table}_before")
        keep_history(table)
    for table, links in TO_READING.items():
        for name, version in links:
            columns = [*KEY[:-1], version]
            op.create_foreign_key(f"fk_{table}_{name}", table, "reading", columns, list(KEY))
    op.create_foreign_key("fk_reading_confirmation_file_id", "reading_confirmation", "import_file", ["file_id"], ["id"])


def keep_history(table: str) -> None:
    for event in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{event} BEFORE {event.upper()} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )


def statement_trigger(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_refers AFTER INSERT ON {table} REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION reading_refers()"
    )


def make_functions() -> None:
    lost = " ".join(
        f"IF EXISTS (SELECT 1 FROM (SELECT DISTINCT {name} FROM added) a "
        f"WHERE NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = a.{name})) THEN "
        f"RAISE EXCEPTION 'readings violate foreign key fk_reading_{name}: no such {parent}' "
        f"USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'fk_reading_{name}'; END IF;"
        for name, parent in PARENTS.items()
    )
    op.execute(
        f"CREATE FUNCTION reading_refers() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lost} RETURN NULL; END $$"
    )
    tables = ", ".join(f"'{table}'" for table in PRIMARY)
    start = f"(make_date({{}}, 1, 1) - DATE '1970-01-01') * {MINUTES_PER_DAY}"
    # Who imports may make the partitions of a year and no other table, so the function acts with its owner's rights.
    # What names a partition itself passes by the triggers of the whole, so a partition has its own.
    op.execute(
        sa.text(
            "CREATE FUNCTION make_reading_year(year integer) RETURNS void LANGUAGE plpgsql "
            "SECURITY DEFINER SET search_path = public, pg_temp AS $$ "
            "DECLARE whole text; part text; "
            f"BEGIN FOREACH whole IN ARRAY ARRAY[{tables}] LOOP part := whole || '_' || year\\:\\:text; "
            "CONTINUE WHEN to_regclass(part) IS NOT NULL; "
            "EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)', "
            f"part, whole, {start.format('year')}, {start.format('year + 1')}); "
            "EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT "
            "EXECUTE FUNCTION append_only()', part || '_no_truncate', part); "
            "IF whole = 'reading' THEN EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I "
            "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION reading_refers()', "
            "part || '_refers', part); END IF; END LOOP; END $$"
        )
    )
    op.execute("REVOKE ALL ON FUNCTION make_reading_year(integer) FROM PUBLIC")
