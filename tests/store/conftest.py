"""A fresh store for each test, on SQLite and on a private PostgreSQL server."""

import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from benchmarks import server
from benchmarks.server import Server
from compensation.store import NetPosition, NewSettlement, Obligation, Store, open_store

FEN = 123_456_789_012_345_678


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A throw-away server; it listens on a socket of its own only."""
    with server.postgresql("-c fsync=off -c max_connections=60") as running:
        if running is None:
            reason = "PostgreSQL's server programs (initdb, postgres) are not on this machine"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        yield running


@pytest.fixture(scope="session")
def postgresql_template(postgresql: Server) -> str:
    """A migrated database to copy for each test."""
    with open_store(postgresql.create("migrated")) as store:
        store.init()
    return "migrated"


@pytest.fixture
def postgresql_url(postgresql: Server, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database of its own."""
    name = f"t{abs(hash(request.node.nodeid)):x}"
    yield postgresql.create(name)
    postgresql.drop(name)


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
    running: Server = request.getfixturevalue("postgresql")
    name = f"s{abs(hash(request.node.nodeid)):x}"
    with open_store(running.create(name, request.getfixturevalue("postgresql_template"))) as opened:
        yield opened
    running.drop(name)


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
