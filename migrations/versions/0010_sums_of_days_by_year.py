"""PostgreSQL: the sums of days are kept by year, and the first file of a year fills its sums' part as well.

See decision 0062. SQLite has no parts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None

TABLE = "daily_sum"
KEY = ("day", "section_id", "indicator_id", "method", "exponent", "state", "status", "file_id")
COLUMNS = (*KEY, "high", "low", "n")
LIKE = {"begin_sum_year": "begin_reading_year", "make_sum_year": "make_reading_year"}
"""The function for readings whose right each of the new ones goes with."""
RIGHTS = "SECURITY DEFINER SET search_path = public, pg_temp"
EPOCH = "DATE '1970-01-01'"
GRANTEE = "CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee\\:\\:regrole\\:\\:text END"
WHO = (
    f"SELECT DISTINCT {GRANTEE} FROM pg_class c CROSS JOIN aclexplode(c.relacl) a "
    f"WHERE c.oid = '{TABLE}'\\:\\:regclass AND a.privilege_type = 'INSERT' AND a.grantee <> c.relowner"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        begin_year()
        make_year()
        for function, other in LIKE.items():
            of = f"(SELECT * FROM pg_proc WHERE proname = '{other}') p"
            lend(f"'EXECUTE ON FUNCTION {function}'", of, "proacl", "proowner")
        rebuild(by_year=True)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        rebuild(by_year=False)
        for function in LIKE:
            op.execute(f"DROP FUNCTION {function}(integer)")


def begin_year() -> None:
    """The table of the sums of a year that has none, without a key; NULL where it has one."""
    execute(
        f"CREATE FUNCTION begin_sum_year(year integer) RETURNS text LANGUAGE plpgsql {RIGHTS} AS $$ "
        f"DECLARE part text := '{TABLE}_' || year; who text; "
        "BEGIN IF to_regclass(part) IS NOT NULL THEN RETURN NULL; END IF; "
        f"EXECUTE format('CREATE TABLE %I (LIKE {TABLE} INCLUDING CONSTRAINTS)', part); "
        f"FOR who IN {WHO} LOOP EXECUTE format('GRANT SELECT, INSERT ON %I TO %s', part, who); END LOOP; "
        "RETURN part; END $$"
    )
    op.execute("REVOKE ALL ON FUNCTION begin_sum_year(integer) FROM PUBLIC")


def make_year() -> None:
    """The part of a year: made empty, or the table that was begun for it, which gets its key."""
    bounds = f"make_date(year, 1, 1) - {EPOCH}, make_date(year + 1, 1, 1) - {EPOCH}"
    of = "FOR VALUES FROM (%s) TO (%s)"
    execute(
        f"CREATE FUNCTION make_sum_year(year integer) RETURNS void LANGUAGE plpgsql {RIGHTS} AS $$ "
        f"DECLARE part text := '{TABLE}_' || year; who text; "
        "BEGIN IF (SELECT relispartition FROM pg_class WHERE oid = to_regclass(part)) THEN RETURN; END IF; "
        "IF to_regclass(part) IS NULL THEN "
        f"EXECUTE format('CREATE TABLE %I PARTITION OF {TABLE} {of}', part, {bounds}); "
        f"ELSE FOR who IN {WHO} LOOP EXECUTE format('REVOKE INSERT ON %I FROM %s', part, who); END LOOP; "
        f"EXECUTE format('ALTER TABLE {TABLE} ATTACH PARTITION %I {of}', part, {bounds}); END IF; "
        "EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT "
        "EXECUTE FUNCTION append_only()', part || '_no_truncate', part); END $$"
    )
    op.execute("REVOKE ALL ON FUNCTION make_sum_year(integer) FROM PUBLIC")


def rebuild(*, by_year: bool) -> None:
    """Make the table anew, whole or by year, with the rows and the rights that it has."""
    before = f"{TABLE}_before"
    op.execute(f"ALTER TABLE {TABLE} RENAME TO {before}")
    op.execute(f"ALTER TABLE {before} RENAME CONSTRAINT pk_{TABLE} TO pk_{before}")
    op.create_table(
        TABLE,
        *(sa.Column(name, kind(name), nullable=False, autoincrement=False) for name in COLUMNS),
        sa.CheckConstraint("n > 0", name=op.f(f"ck_{TABLE}_n")),
        sa.PrimaryKeyConstraint(*KEY, name=f"pk_{TABLE}"),
        postgresql_partition_by="RANGE (day)" if by_year else None,
    )
    of = f"(SELECT * FROM pg_class WHERE oid = '{before}'\\:\\:regclass) c"
    lend(f"a.privilege_type || ' ON {TABLE}'", of, "relacl", "relowner")
    if by_year:
        years = f"SELECT DISTINCT extract(year FROM {EPOCH} + day)\\:\\:integer AS year FROM {before}"
        execute(f"SELECT make_sum_year(year) FROM ({years}) y")
    names = ", ".join(COLUMNS)
    op.execute(f"INSERT INTO {TABLE} ({names}) SELECT {names} FROM {before} ORDER BY {', '.join(KEY)}")
    op.execute(f"DROP TABLE {before}")
    for event, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_{event} BEFORE {event.upper()} ON {TABLE} "
            f"FOR EACH {each} EXECUTE FUNCTION append_only()"
        )


def lend(what: str, of: str, rights: str, owner: str) -> None:
    """Grant `what`, an expression of each right `a`, to everyone but the owner who has it `of` something else."""
    execute(
        f"DO $$ DECLARE r record; BEGIN FOR r IN SELECT {what} AS what, {GRANTEE} AS who "
        f"FROM {of} CROSS JOIN aclexplode({rights}) a WHERE a.grantee <> {owner} "
        "LOOP EXECUTE format('GRANT %s TO %s', r.what, r.who); END LOOP; END $$"
    )


def kind(name: str) -> type[sa.types.TypeEngine]:
    if name in ("high", "low"):
        return sa.BigInteger
    return sa.Integer if name in ("day", "section_id", "file_id", "n") else sa.SmallInteger


def execute(statement: str) -> None:
    op.execute(sa.text(statement))
