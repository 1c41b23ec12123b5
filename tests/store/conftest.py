"""A fresh store for each test, on SQLite and on a private PostgreSQL server."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import psycopg
import pytest

from compensation.store import NetPosition, NewSettlement, Obligation, Store, open_store

FEN = 123_456_789_012_345_678
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def _server_binaries() -> Path:
    found = shutil.which("initdb")
    folder = Path(found).resolve().parent if found else (BINARIES[-1] if BINARIES else None)
    if folder is None:
        reason = "PostgreSQL's server programs (initdb, postgres) are not on this machine"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a throw-away server without its database name; it listens on a socket of its own only."""
    binaries = _server_binaries()
    # The server refuses to run as root, and a folder of pytest's is closed to other users.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="compensation-pg-"))
    if user:
        shutil.chown(folder, user)
    data = str(folder / "data")

    def run(program: str, *arguments: str) -> None:
        # Output goes to a file: the server inherits it and would hold a pipe open.
        with (folder / "log").open("a") as log:
            subprocess.run(
                [binaries / program, "-D", data, *arguments],
                check=True, cwd=folder, user=user, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    run("initdb", "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=60"
    run("pg_ctl", "-w", "-t", "60", "-o", options, "start")
    try:
        yield f"postgresql://owner@/{{}}?host={folder}"
    finally:
        run("pg_ctl", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql: str) -> str:
    """A migrated database to copy for each test."""
    _administer(postgresql, "CREATE DATABASE migrated")
    with open_store(postgresql.format("migrated")) as store:
        store.init()
    return "migrated"


def _administer(server: str, command: str) -> None:
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(command)


@pytest.fixture
def postgresql_url(postgresql: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database of its own."""
    name = f"t{abs(hash(request.node.nodeid)):x}"
    _administer(postgresql, f"CREATE DATABASE {name}")
    yield postgresql.format(name)
    _administer(postgresql, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'compensation.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database, on each of the two."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A migrated store, on each of the two databases."""
    if request.param == "sqlite":
        with open_store(f"sqlite:///{tmp_path / 'compensation.db'}") as opened:
            opened.init()
            yield opened
        return
    server = request.getfixturevalue("postgresql")
    template = request.getfixturevalue("postgresql_template")
    name = f"s{abs(hash(request.node.nodeid)):x}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    with open_store(server.format(name)) as opened:
        yield opened
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settlement() -> NewSettlement:
    """A settlement of two lines."""
    return NewSettlement(
        agreement_id="taipu",
        agreement_sha256="b" * 64,
        agreement_text="id: taipu\n",
        period_from=date(2026, 1, 1),
        period_to=date(2026, 12, 31),
        mode="final",
        engine_version="0.1.0",
        digest="c" * 64,
        readings_known_through=datetime(2027, 1, 5, 8, 30, 0, 123456),
        payload_json="{}",
        undetermined=False,
        obligations=(
            Obligation("第一条", "310118_0003", "2026", "310000", "320000", FEN),
            Obligation("第四条", None, "2026-07", "320000", "310000", 0),
        ),
        positions=(
            NetPosition("310000", FEN, 0, 0, -FEN, 0, -FEN),
            NetPosition("320000", 0, FEN, 0, FEN, 0, FEN),
        ),
    )
