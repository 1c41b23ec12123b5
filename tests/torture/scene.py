"""A working folder and a database whose states can be kept, brought back, and told apart."""

import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import text

from benchmarks.server import Server, postgresql
from compensation.application import check_all
from compensation.cli.main import main
from compensation.store import Store, open_store

URL = "COMPENSATION_DATABASE_URL"
# When something was learned or done differs from run to run, and so does the chain that seals these moments.
_VOLATILE = ("_at", "readings_known_through", "hash")


class Scene:
    """One folder somebody works in, with one database."""

    kind: str
    url: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)

    def keep(self, state: str) -> None:
        """Keep the database as it is now under a name."""
        raise NotImplementedError

    def bring_back(self, state: str) -> None:
        """Make the database what it was when it was kept."""
        raise NotImplementedError

    def wait_for_quiet(self) -> None:
        """Return once nobody else is at work in the database."""

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store, closed again before anybody forks."""
        with open_store(self.url) as opened:
            yield opened

    def start(self, arguments: list[str], *, before: Callable[[], None] | None = None, said: str = "said.txt") -> int:
        """Run a command in a process of its own, forked so that it need not import anything; its process id.

        `before` is called in that process first; what the command says goes to the file `said` of the folder.
        """
        child = os.fork()
        if child:
            return child
        try:
            os.chdir(self.folder)
            os.environ[URL] = self.url
            heard = os.open(self.folder / said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(heard, 1)
            os.dup2(heard, 2)
            if before is not None:
                before()
            main(arguments)
        except SystemExit as left:
            os._exit(left.code if isinstance(left.code, int) else 0)
        except BaseException as error:
            print(f"Traceback: {error!r}", flush=True)
        os._exit(70)

    def run(self, *arguments: str) -> int:
        """Run a command to its end; its exit code."""
        return os.waitstatus_to_exitcode(os.waitpid(self.start(list(arguments)), 0)[1])

    def said(self, name: str = "said.txt") -> str:
        """What a command said."""
        return (self.folder / name).read_text(encoding="utf-8", errors="replace")

    def state(self) -> str:
        """A digest of every row of every table, moments apart."""
        digest = hashlib.sha256()
        with self.store() as store, store.database.engine.connect() as connection:
            for table in sorted(store.status().rows):
                found = connection.execute(text(f'SELECT * FROM "{table}"'))
                names = [name for name in list(found.keys()) if not name.endswith(_VOLATILE)]
                rows = sorted(repr(tuple(row[name] for name in names)) for row in found.mappings())
                digest.update("\n".join((table, *names, *rows)).encode())
        return digest.hexdigest()

    def broken(self) -> list[str]:
        """Every named invariant that does not hold."""
        with self.store() as store:
            return [f"{each.name}: {each.detail}" for each in check_all(store) if not each.ok]


class OnSqlite(Scene):
    """A scene with an SQLite file."""

    kind = "SQLite"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.file = folder / "compensation.db"
        self.url = f"sqlite:///{self.file}"

    def keep(self, state: str) -> None:
        with sqlite3.connect(self.file) as here, sqlite3.connect(self.folder / f"{state}.kept") as there:
            here.backup(there)

    def bring_back(self, state: str) -> None:
        for part in ("", "-wal", "-shm"):
            self.file.with_name(self.file.name + part).unlink(missing_ok=True)
        shutil.copyfile(self.folder / f"{state}.kept", self.file)
        with sqlite3.connect(self.file) as here:
            here.execute("PRAGMA journal_mode = WAL")


class OnPostgresql(Scene):
    """A scene with a database of its own on a server."""

    kind = "PostgreSQL"

    def __init__(self, folder: Path, server: Server) -> None:
        super().__init__(folder)
        self.server = server
        self.name = "scene"
        self.tablespace = ""  # where the database lies once it is brought back; the server's own without one
        self.url = server.create(self.name)

    def keep(self, state: str) -> None:
        self.wait_for_quiet()
        self.server.drop(state)
        self.server.create(state, self.name)

    def bring_back(self, state: str) -> None:
        self.server.drop(self.name)
        self.server.create(self.name, state, self.tablespace)

    def wait_for_quiet(self) -> None:
        sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        with psycopg.connect(self.server.url.format("postgres"), autocommit=True) as connection:
            for _ in range(600):
                row = connection.execute(sql, (self.name,)).fetchone()
                if row is not None and row[0] == 0:
                    return
                time.sleep(0.05)
        raise TimeoutError(f"somebody is still at work in {self.name}")


@contextmanager
def scenes(folder: Path, kinds: tuple[str, ...]) -> Iterator[list[Scene]]:
    """A scene on each kind of database asked for; LookupError when PostgreSQL is asked for and not installed."""
    found: list[Scene] = []
    if "sqlite" in kinds:
        found.append(OnSqlite(folder / "sqlite"))
    if "postgresql" not in kinds:
        yield found
        return
    with postgresql() as server:
        if server is None:
            raise LookupError("PostgreSQL's server programs (initdb, postgres) are not on this machine")
        yield [*found, OnPostgresql(folder / "postgresql", server)]
