"""Fixtures that every room of tests shares."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from benchmarks import server
from benchmarks.server import Server
from compensation.store import Store, open_store

# A busy machine is no failure, so no example has a deadline. Hypothesis itself takes `ci` where CI is set.
settings.register_profile("quick", max_examples=16, deadline=None)
settings.register_profile("usual", max_examples=100, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "usual")

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real monitoring data and domain facts beside the checkout; skips where it is absent."""
    folder = CHECKOUT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the real monitoring data (../shared) are not beside this checkout")
    return folder


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


Fresh = Callable[[], AbstractContextManager[Store]]
"""Gives a migrated store of its own for each call, for tests that need many."""


@pytest.fixture
def fresh_sqlite(tmp_path: Path) -> Fresh:
    """New stores on SQLite, copied from a migrated file."""
    serial = count()
    template = tmp_path / "template.db"
    with open_store(f"sqlite:///{template}") as store:
        store.init()

    @contextmanager
    def fresh() -> Iterator[Store]:
        path = tmp_path / f"{next(serial)}.db"
        path.write_bytes(template.read_bytes())
        with open_store(f"sqlite:///{path}") as store:
            yield store

    return fresh


@pytest.fixture
def fresh_postgresql(postgresql: Server, postgresql_template: str) -> Fresh:
    """New stores on PostgreSQL, copied from a migrated database."""
    serial = count()

    @contextmanager
    def fresh() -> Iterator[Store]:
        name = f"fresh{next(serial)}"
        with open_store(postgresql.create(name, postgresql_template)) as store:
            yield store
        postgresql.drop(name)

    return fresh
