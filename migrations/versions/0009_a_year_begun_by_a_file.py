"""PostgreSQL: the first file of a year fills a table that then becomes the part of that year; see decision 0062.

Until it does, the table is nobody's part and no other session sees it. Who may add readings may fill it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None

PARENTS = {"section_id": "section", "indicator_id": "indicator", "file_id": "import_file"}
TABLES = ("reading", "reading_confirmation", "reading_conflict", "reading_decision")
MINUTES_PER_DAY = 1440
RIGHTS = "SECURITY DEFINER SET search_path = public, pg_temp"
# Of the whole table's own rights, so that nobody gets one that it would not give.
WHO = (
    "SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee\\:\\:regrole\\:\\:text END "
    "FROM pg_class c CROSS JOIN aclexplode(c.relacl) a "
    "WHERE c.oid = 'reading'\\:\\:regclass AND a.privilege_type = 'INSERT' AND a.grantee <> c.relowner"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        begin_year()
        make_year(attaching=True)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION begin_reading_year(integer, integer)")
        make_year(attaching=False)


def begin_year() -> None:
    """The table of a year that has none, for the first versions of one file; NULL where it has one."""
    execute(
        f"CREATE FUNCTION begin_reading_year(year integer, file integer) RETURNS text LANGUAGE plpgsql {RIGHTS} AS $$ "
        "DECLARE part text := 'reading_' || year; who text; "
        "BEGIN IF to_regclass(part) IS NOT NULL THEN RETURN NULL; END IF; "
        "EXECUTE format('CREATE TABLE %I (LIKE reading INCLUDING CONSTRAINTS)', part); "
        "EXECUTE format('ALTER TABLE %I ALTER version SET DEFAULT 0, ALTER flag SET DEFAULT 0, "
        "ALTER file_id SET DEFAULT %s', part, file); "
        f"FOR who IN {WHO} LOOP EXECUTE format('GRANT SELECT, INSERT, DELETE ON %I TO %s', part, who); END LOOP; "
        "RETURN part; END $$"
    )
    op.execute("REVOKE ALL ON FUNCTION begin_reading_year(integer, integer) FROM PUBLIC")


def make_year(*, attaching: bool) -> None:
    """The function that makes the parts of a year; before this migration it left out what `attaching` adds."""
    tables = ", ".join(f"'{table}'" for table in TABLES)
    start = f"(make_date({{}}, 1, 1) - DATE '1970-01-01') * {MINUTES_PER_DAY}"
    bounds = f"{start.format('year')}, {start.format('year + 1')}"
    make = f"EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)', part, whole, {bounds}); "
    made = "CONTINUE WHEN to_regclass(part) IS NOT NULL; "
    if attaching:
        made = "CONTINUE WHEN (SELECT relispartition FROM pg_class WHERE oid = to_regclass(part)); "
        make = f"IF to_regclass(part) IS NULL THEN {make}ELSE {attach(bounds)}END IF; "
    execute(
        "CREATE OR REPLACE FUNCTION make_reading_year(year integer) RETURNS void LANGUAGE plpgsql "
        f"{RIGHTS} AS $$ DECLARE whole text; part text; who text; lost boolean; "
        f"BEGIN FOREACH whole IN ARRAY ARRAY[{tables}] LOOP part := whole || '_' || year\\:\\:text; {made}{make}"
        "EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT "
        "EXECUTE FUNCTION append_only()', part || '_no_truncate', part); "
        "IF whole = 'reading' THEN EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I "
        "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION reading_refers()', "
        "part || '_refers', part); END IF; END LOOP; END $$"
    )


def attach(bounds: str) -> str:
    """What is done with a table that was filled: no trigger has seen its rows, so what they refer to is asked here."""
    asked = "".join(
        f"EXECUTE format('SELECT EXISTS (SELECT 1 FROM (SELECT DISTINCT {name} FROM %I) a "
        f"WHERE NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = a.{name}))', part) INTO lost; "
        f"IF lost THEN RAISE EXCEPTION 'readings violate foreign key fk_reading_{name}: no such {parent}' "
        f"USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'fk_reading_{name}'; END IF; "
        for name, parent in PARENTS.items()
    )
    return (
        f"{asked}FOR who IN {WHO} LOOP EXECUTE format('REVOKE INSERT, DELETE ON %I FROM %s', part, who); END LOOP; "
        "EXECUTE format('ALTER TABLE %I ALTER version DROP DEFAULT, ALTER flag DROP DEFAULT, "
        "ALTER file_id DROP DEFAULT', part); "
        f"EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', whole, part, {bounds}); "
    )


def execute(statement: str) -> None:
    op.execute(sa.text(statement))
