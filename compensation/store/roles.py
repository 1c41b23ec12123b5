"""Roles on PostgreSQL with the least rights: who imports, who settles, who only reads, and who confirms for whom.

Each department of each party confirms under a role of its own, which signs for nobody else. No role may change or
remove a row, make or alter a table, or touch a trigger; who has none of the roles may not even look. Every table is
placed here: a new one fails the tests until somebody has said who adds rows to it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from compensation.errors import Fault, InputError
from compensation.ledger.records import Department
from compensation.store.database import Database

DEFAULT_PREFIX = "taipu"
_PREFIX = re.compile(r"[a-z][a-z0-9_]{0,30}")
_PARTY = re.compile(r"[a-z0-9]{1,12}")

ROLES = ("import", "settle", "confirm", "read")
INSERTS: dict[str, tuple[str, ...]] = {
    "import": (
        "section",
        "section_alias",
        "indicator",
        "import_file",
        "import_sheet",
        "refused_row",
        "quarantined_row",
        "quarantine_release",
        "reading",
        "daily_sum",
        "reading_confirmation",
        "reading_conflict",
        "reading_decision",
        "intake_volume",
        "flow",
        "incident",
        "incident_share",
        "exemption",
        "in_kind",
        "evidence_correction",
        "value_mark",
        "doubt_answer",
        "holiday",
    ),
    "settle": ("settlement", "obligation", "net_position", "workbook", "entry", "posting", "payment_order", "slip"),
}
"""The tables to which a role alone may add rows; all roles may read all."""

SETTLING = "kind NOT IN ('confirm', 'object')"
SIGNING = "kind IN ('confirm', 'object') AND party = '{party}' AND department = '{department}'"
"""The acts that a role may do: who settles does not confirm, and who confirms does so in its own name alone."""

OWNER_ONLY = ("section_merge",)
"""Merging sections changes what names mean (an UPDATE), so it stays with the owner, as `init` and `restore` do."""


def signers(prefix: str, parties: Iterable[str]) -> dict[tuple[str, Department], str]:
    """The role under which each department of the parties (codes) confirms and objects."""
    return {
        (party, department): f"{prefix}_confirm_{party}_{department.value}"
        for party in dict.fromkeys(parties)
        for department in Department
    }


def statements(prefix: str, database_name: str, parties: Iterable[str] = ()) -> Iterator[str]:
    """The SQL that makes the roles, or sets them right where they are there; safe to repeat.

    `parties` are the codes of those whose departments get roles to confirm under; such roles that are there already
    stay. InputError when the prefix or a code cannot stand in the name of a role.
    """
    _require_names(prefix, parties)
    named = {role: f"{prefix}_{role}" for role in ROLES}
    everyone = ", ".join(named.values())
    database = '"' + database_name.replace('"', '""') + '"'
    yield from map(_role, named.values())
    for what in (f"DATABASE {database}", "SCHEMA public", "ALL TABLES IN SCHEMA public"):
        yield f"REVOKE ALL ON {what} FROM PUBLIC, {everyone}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {everyone}"
    # an import is staged in temporary tables
    yield f"GRANT TEMPORARY ON DATABASE {database} TO {named['import']}"
    functions = "begin_reading_year(integer, integer)", "make_reading_year", "begin_sum_year", "make_sum_year"
    yield f"GRANT EXECUTE ON FUNCTION {', '.join(functions)} TO {named['import']}"
    yield f"GRANT USAGE ON SCHEMA public TO {everyone}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {everyone}"
    for role, tables in INSERTS.items():
        yield f"GRANT INSERT ON {', '.join(tables)} TO {named[role]}"
    yield from _acts(named, everyone, prefix)
    for (party, department), name in signers(prefix, parties).items():
        yield _role(name)
        yield f"GRANT {named['confirm']} TO {name}"
        yield from _may(name, SIGNING.format(party=party, department=department.value))


def _require_names(prefix: str, parties: Iterable[str]) -> None:
    if not _PREFIX.fullmatch(prefix):
        why = "只用小写字母、数字和下划线，以字母开头，不超过 31 个字符"
        raise InputError(Fault("--prefix", f"“{prefix}”不能作角色名前缀", why, "换一个前缀，如 taipu"))
    for party in parties:
        if not _PARTY.fullmatch(party):
            why = "只用小写字母和数字，不超过 12 个字符"
            raise InputError(Fault("--agreement", f"缔约方代码“{party}”不能入角色名", why, "改用 GB/T 2260 代码"))


def _role(name: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
        f"THEN CREATE ROLE {name} NOLOGIN; END IF; END $$"
    )


def _acts(named: dict[str, str], everyone: str, prefix: str) -> Iterator[str]:
    """Which acts a role may do is a matter of rows, not of the table; who confirms for no party may add none."""
    yield "ALTER TABLE act ENABLE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS {prefix}_read ON act"
    yield f"CREATE POLICY {prefix}_read ON act FOR SELECT TO {everyone} USING (true)"
    yield f"GRANT INSERT ON act TO {named['settle']}, {named['confirm']}"
    yield f"DROP POLICY IF EXISTS {named['confirm']} ON act"
    yield from _may(named["settle"], SETTLING)


def _may(role: str, condition: str) -> Iterator[str]:
    yield f"DROP POLICY IF EXISTS {role} ON act"
    yield f"CREATE POLICY {role} ON act FOR INSERT TO {role} WITH CHECK ({condition})"


def grant(database: Database, prefix: str, parties: Sequence[str] = ()) -> None:
    """Make the roles in one transaction; StoreError when the user may not (only an owner who may create roles)."""
    _require_server(database)
    with database.writing() as connection:
        for statement in statements(prefix, database.url.database or "", parties):
            connection.exec_driver_sql(statement)


def script(database: Database, prefix: str, parties: Sequence[str] = ()) -> str:
    """The same as text for an administrator; nothing is opened."""
    _require_server(database)
    return "".join(f"{statement};\n" for statement in statements(prefix, database.url.database or "", parties))


def _require_server(database: Database) -> None:
    if database.is_sqlite:
        raise InputError(
            Fault(
                f"数据库 {database.shown}",
                "没有角色可设",
                "SQLite 是一个文件，谁能写文件谁就能写库",
                "几家共用时换用 PostgreSQL；单机用文件夹权限管住数据库文件",
            )
        )
