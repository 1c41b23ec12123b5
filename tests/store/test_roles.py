"""Each role can do its own work on the shared database, and nothing else; none can touch what is kept."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from alembic import command
from store_building import JIANGSU, NOON, SHANGHAI, ZHEJIANG, done, finalised, paid, parsed, reading
from test_evidence import ALL

from benchmarks.server import Server
from compensation.cli.main import main
from compensation.errors import InputError, StoreError
from compensation.ledger.records import ActKind
from compensation.store import NewSettlement, Ruling, Store, open_store
from compensation.store.database import Database
from compensation.store.roles import INSERTS, OWNER_ONLY, ROLES, grant, script, signers, statements
from compensation.store.schema import alembic_config
from compensation.store.tables.metadata import METADATA

PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
As = Callable[[str], Store]
PARTIES = (SHANGHAI, JIANGSU, ZHEJIANG)
SIGNER = f"{SHANGHAI}_finance"


def test_every_table_is_placed_once() -> None:
    placed = [table for tables in INSERTS.values() for table in tables]
    assert len(placed) == len(set(placed))
    assert {*placed, *OWNER_ONLY, "act"} == set(METADATA.tables)


@pytest.fixture
def url(postgresql: Server, postgresql_template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with the roles, and a login that holds each: u_<role>, u_<party>_<department>."""
    name = f"r{abs(hash(request.node.nodeid)):x}"
    made = postgresql.create(name, postgresql_template)
    database = Database(made)
    grant(database, name, PARTIES)
    grant(database, name, PARTIES)  # safe to repeat
    grant(database, name)  # and without parties it takes nothing away from those that have roles
    database.close()
    roles = {role: f"{name}_{role}" for role in ROLES}
    roles |= {f"{party}_{each}": role for (party, each), role in signers(name, PARTIES).items()}
    for login_of, role in roles.items():
        postgresql.administer(f"CREATE ROLE u_{name}_{login_of} LOGIN IN ROLE {role}")
    yield made
    postgresql.drop(name)
    for login_of, role in roles.items():
        postgresql.administer(f"DROP ROLE u_{name}_{login_of}, {role}")


def name_of(url: str) -> str:
    return url.rpartition("/")[0] and url.split("@/")[1].split("?", maxsplit=1)[0]


def login(url: str, role: str) -> str:
    return url.replace("owner@", f"u_{name_of(url)}_{role}@")


@pytest.fixture
def as_role(url: str) -> Iterator[As]:
    """The store as somebody who holds one role has it."""
    opened: list[Store] = []

    def store(role: str) -> Store:
        opened.append(open_store(login(url, role)))
        return opened[-1]

    yield store
    for each in opened:
        each.close()


def test_the_rights_are_these_and_no_others(url: str) -> None:
    with psycopg.connect(url) as connection:
        for role in ROLES:
            held = {
                (table, privilege)
                for table in [*METADATA.tables, "alembic_version"]
                for privilege in PRIVILEGES
                if connection.execute(
                    "SELECT has_table_privilege(%s, %s, %s)", (f"{name_of(url)}_{role}", table, privilege)
                ).fetchone() == (True,)
            }  # fmt: skip
            adds = {*INSERTS.get(role, ()), *(["act"] if role in ("settle", "confirm") else [])}
            assert held == {(table, "SELECT") for table in [*METADATA.tables, "alembic_version"]} | {
                (table, "INSERT") for table in adds
            }


def test_each_does_its_own_work(as_role: As, settlement: NewSettlement) -> None:
    clerk, settler, signer, reader = (as_role(role) for role in ("import", "settle", SIGNER, "read"))
    clerk.ingest(parsed([reading("3.01")], **ALL))
    clerk.ingest(parsed([reading("3.05", row=9)], name="乙.xlsx"))
    (conflict,) = clerk.conflicts()
    clerk.decide([conflict.handle], lambda each: each.candidates[0].version, Ruling("张三", "原始记录", "1号"))
    number = settler.save_settlement(settlement).settlement.number
    settler.add_workbook(1, "settlement", "结算表.xlsx", "e" * 64)
    settler.record(lambda _: done(ActKind.ISSUE, number))
    signer.record(lambda _: done(ActKind.CONFIRM, number, party=SHANGHAI, department="finance"))
    settler.record(lambda _: finalised(number))
    settler.record(lambda _: paid(number))
    assert len(reader.book().acts) == 4
    assert [each for each in reader.check() if not each.ok] == []


def test_the_commands_work_under_their_roles(url: str, tmp_path: Path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "太浦河桥.csv"
    file.write_text(
        "断面名称,监测时间,水质类别,高锰酸盐指数,氨氮,总磷\n太浦河桥,2026-01-05 08:00,Ⅱ,3.1,0.2,0.08\n",
        encoding="utf-8",
    )

    def run(role: str, *arguments: str) -> int:
        monkeypatch.setenv("COMPENSATION_DATABASE_URL", login(url, role))
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        return int(left.value.code or 0)

    assert run("read", "import", str(file)) == 3
    assert "没有写入权限" in capsys.readouterr().err
    assert run("import", "import", str(file)) == 0
    assert run("import", "settle", "2026") == 3
    assert run("settle", "settle", "2026") == 4  # undetermined, and kept
    assert run("settle", "import", str(file)) == 0  # the same content again: nothing to write
    assert run("confirm", "check") == 0
    assert run("read", "status") == 0
    assert "taipu-draft-2026-" in capsys.readouterr().out
    assert run("read", "backup", str(tmp_path / "备份.zip")) == 0
    assert run("read", "roles", "--execute") == 3


def refused(work: Callable[[], object]) -> None:
    with pytest.raises(StoreError, match="没有写入权限"):
        work()


def test_nobody_does_the_work_of_another(as_role: As, settlement: NewSettlement) -> None:
    clerk, settler, signer, reader = (as_role(role) for role in ("import", "settle", SIGNER, "read"))
    number = settler.save_settlement(settlement).settlement.number
    other = parsed([reading("9.9", time=NOON.replace(year=2027))], name="丙.xlsx")
    for store in (settler, signer, reader):
        refused(lambda store=store: store.ingest(other))  # type: ignore[misc]
    another = settlement._replace(digest="d" * 64, number="x")
    for store in (clerk, signer, reader):
        refused(lambda store=store: store.save_settlement(another))  # type: ignore[misc]
        refused(lambda store=store: store.add_workbook(1, "settlement", "a", "e" * 64))  # type: ignore[misc]
    confirming = done(ActKind.CONFIRM, number, party=SHANGHAI, department="finance")
    for store in (clerk, settler, reader, as_role("confirm")):  # who confirms for no party confirms nothing
        refused(lambda store=store: store.record(lambda _: confirming))  # type: ignore[misc]
    for store in (clerk, signer, reader):
        refused(lambda store=store: store.record(lambda _: done(ActKind.ISSUE, number)))  # type: ignore[misc]
        refused(lambda store=store: store.record(lambda _: finalised(number)))  # type: ignore[misc]
    assert reader.book().acts == ()


@pytest.mark.parametrize("kind", [ActKind.CONFIRM, ActKind.OBJECT])
def test_a_bureau_signs_for_itself_and_for_nobody_else(as_role: As, settlement: NewSettlement, kind: ActKind) -> None:
    number = as_role("settle").save_settlement(settlement).settlement.number
    signer = as_role(SIGNER)
    for party in PARTIES:
        for department in ("finance", "environment"):
            if (party, department) != (SHANGHAI, "finance"):
                forged = done(kind, number, party=party, department=department)
                refused(lambda forged=forged: signer.record(lambda _: forged))  # type: ignore[misc]
    signer.record(lambda _: done(kind, number, party=SHANGHAI, department="finance"))
    as_role(f"{ZHEJIANG}_finance").record(lambda _: done(kind, number, party=ZHEJIANG, department="finance"))
    assert [act.deed.party for act in signer.book().acts] == [SHANGHAI, ZHEJIANG]


FORGED = (
    "INSERT INTO act SELECT {next}, kind, settlement_id, digest, day, made_by, document, reason, '330000', department, "
    "objection_id, corrects_id, recorded_at + 1, hash, repeat('f', 64) FROM act"
)
OF_ANOTHER = (
    FORGED,
    "UPDATE act SET party = '330000'",
    "SET ROLE {name}_confirm_330000_finance",
    "SET ROLE {name}_settle",
    "SELECT set_config('role', '{name}_confirm_330000_finance', false)",
    "SET SESSION AUTHORIZATION u_{name}_330000_finance",
    "GRANT {name}_confirm_330000_finance TO u_{name}_310000_finance",
    "ALTER ROLE {name}_confirm_310000_finance BYPASSRLS",
    "ALTER POLICY {name}_confirm_310000_finance ON act WITH CHECK (true)",
    "DROP POLICY {name}_confirm_310000_finance ON act",
    "CREATE POLICY mine ON act FOR INSERT WITH CHECK (true)",
    "ALTER TABLE act NO FORCE ROW LEVEL SECURITY",
)


@pytest.mark.parametrize("attack", OF_ANOTHER)
def test_plain_sql_makes_no_bureau_another(url: str, as_role: As, settlement: NewSettlement, attack: str) -> None:
    number = as_role("settle").save_settlement(settlement).settlement.number
    as_role(SIGNER).record(lambda _: done(ActKind.CONFIRM, number, party=SHANGHAI, department="finance"))
    with (
        psycopg.connect(login(url, SIGNER)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(attack.format(name=name_of(url), next=2))


def test_what_row_level_security_refuses_is_only_the_name_of_another(
    url: str, as_role: As, settlement: NewSettlement
) -> None:
    """The forged row is sound otherwise: in its own name a bureau may write it."""
    number = as_role("settle").save_settlement(settlement).settlement.number
    as_role(SIGNER).record(lambda _: done(ActKind.CONFIRM, number, party=SHANGHAI, department="finance"))
    with psycopg.connect(login(url, SIGNER)) as connection:
        assert connection.execute(FORGED.replace("'330000'", "party").format(next=2)).rowcount == 1


ATTACKS = (
    "UPDATE settlement SET number = 'x'",
    "DELETE FROM act",
    "TRUNCATE reading",
    "DROP TABLE workbook",
    "DROP TRIGGER act_no_update ON act",
    "ALTER TABLE act DISABLE TRIGGER ALL",
    "ALTER TABLE act DISABLE ROW LEVEL SECURITY",
    "CREATE TABLE mine (id integer)",
    "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "UPDATE alembic_version SET version_num = '9999'",
    "SET session_replication_role = replica",
    "GRANT INSERT ON reading TO PUBLIC",
)


@pytest.mark.parametrize("role", ROLES)
def test_none_can_change_remove_or_disarm_anything(url: str, role: str) -> None:
    for attack in ATTACKS:
        with psycopg.connect(login(url, role)) as connection:
            if attack.startswith("GRANT"):
                connection.execute(attack)  # PostgreSQL only warns, and grants nothing
                granted = connection.execute(
                    "SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = 'PUBLIC' "
                    "AND table_schema = 'public'"
                ).fetchone()
                assert granted == (0,)
                continue
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(attack)


def test_only_who_imports_may_begin_a_year_and_no_one_passes_by_the_whole(url: str) -> None:
    ways = ("make_reading_year(2031)", "begin_reading_year(2032, 1)", "make_sum_year(2031)", "begin_sum_year(2032)")
    for role in ROLES:
        for way in ways:
            attack = f"SELECT {way}"
            with psycopg.connect(login(url, role)) as connection:
                if role == "import":
                    year, is_of_sums = re.findall(r"\d+", way)[0], "sum" in way
                    connection.execute(f"SELECT {way}")
                    connection.execute(f"SELECT make_{'sum' if is_of_sums else 'reading'}_year({year})")
                    table = "daily_sum" if is_of_sums else "reading"
                    attack = f"INSERT INTO {table}_{year} SELECT * FROM {table}"
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(attack)


def test_who_got_the_role_before_years_could_be_begun_imports_all_the_same(url: str, as_role: As) -> None:
    clerk = as_role("import")
    with psycopg.connect(url) as connection:
        right = f"EXECUTE ON FUNCTION begin_reading_year(integer, integer) FROM {name_of(url)}_import"
        connection.execute(f"REVOKE {right}")
    assert clerk.ingest(parsed([reading("3.01")])).readings_stored == 1


def test_who_got_the_role_before_sums_were_kept_by_year_imports_as_before(url: str, as_role: As) -> None:
    clerk = as_role("import")
    clerk.ingest(parsed([reading("3.01")]))
    with open_store(url) as owner:
        with owner.database.writing() as connection:
            command.downgrade(alembic_config(connection), "0009")
        assert owner.init() is True
        assert all(check.ok for check in owner.check())
    sums = list(as_role("read").daily_sums())
    assert len(sums) == 1
    later = reading("3.02", time=NOON + timedelta(days=366))
    assert clerk.ingest(parsed([later], name="次年")).readings_stored == 1
    assert len(list(as_role("read").daily_sums())) == 2


def test_without_a_role_nothing_can_be_read(url: str, postgresql: Server) -> None:
    stranger = f"s_{name_of(url)}"
    postgresql.administer(f"CREATE ROLE {stranger} LOGIN")
    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(url.replace("owner@", f"{stranger}@"))
    finally:
        postgresql.administer(f"DROP ROLE {stranger}")


def test_the_printed_sql_is_what_is_executed(url: str) -> None:
    database = Database(url)
    assert script(database, "abc", PARTIES).split(";\n")[:-1] == list(statements("abc", name_of(url), PARTIES))
    database.close()


@pytest.mark.parametrize("party", ["", "310000; DROP TABLE act", "沪", "a" * 13, "A1"])
def test_a_party_that_is_no_name_is_refused(party: str) -> None:
    with pytest.raises(InputError, match="--agreement"):
        list(statements("taipu", "db", [party]))


def test_the_roles_of_an_agreements_parties_are_made_and_told(
    url: str, monkeypatch, capsys, postgresql: Server
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("COMPENSATION_DATABASE_URL", url)
    name = f"p{name_of(url)}"
    try:
        with pytest.raises(SystemExit):
            main(["roles", "--prefix", name, "--execute"])
        assert f"{name}_confirm 本身不能替任何一方确认" in capsys.readouterr().out
        with pytest.raises(SystemExit):
            main(["roles", "--prefix", name, "--agreement", "taipu-draft", "--execute"])
        assert f"{name}_confirm_330000_environment　浙环保部门确认、异议" in capsys.readouterr().out
    finally:
        for role in [*signers(name, PARTIES).values(), *(f"{name}_{role}" for role in ROLES)]:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"DROP OWNED BY {role}")
                connection.execute(f"DROP ROLE {role}")


@pytest.mark.parametrize("prefix", ["", "Taipu", "1a", "a-b", "a" * 32, 'a"; DROP TABLE act; --', "太浦"])
def test_a_prefix_that_is_no_name_is_refused(prefix: str) -> None:
    with pytest.raises(InputError, match="--prefix"):
        list(statements(prefix, "db"))


def test_sqlite_has_no_roles(tmp_path: Path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("COMPENSATION_DATABASE_URL", f"sqlite:///{tmp_path / 'a.db'}")
    with pytest.raises(SystemExit) as left:
        main(["roles"])
    assert left.value.code == 2
    assert "没有角色可设" in capsys.readouterr().err
