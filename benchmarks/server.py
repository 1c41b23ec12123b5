"""A private PostgreSQL server for one run, on a socket of its own: for benchmarks, for tests, and for torture."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg


class Server(NamedTuple):
    """A running server: its URL with {} for the name of the database, and how to pull its plug and start it anew."""

    url: str
    restart: Callable[[], None]

    def administer(self, command: str) -> None:
        """Run one command outside any transaction, as CREATE DATABASE wants it."""
        with psycopg.connect(self.url.format("postgres"), autocommit=True) as connection:
            connection.execute(command)

    def create(self, name: str, template: str = "template1", tablespace: str = "") -> str:
        """A new database, empty or a copy of `template`, in the server's own place or a tablespace; its URL."""
        where = f' TABLESPACE "{tablespace}"' if tablespace else ""
        self.administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{where}')
        return self.url.format(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self.administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return Path(found).resolve().parent if found else (known[-1] if known else None)


@contextmanager
def postgresql(options: str = "") -> Iterator[Server | None]:
    """A throw-away server with further `options` of its own; None where none is installed."""
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    # The server refuses to run as root, and folders of pytest's are closed to other users.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="compensation-pg-"))
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        # Output goes to a file: the server inherits it and would hold a pipe open.
        with (folder / "log").open("a") as log:
            subprocess.run(
                [binaries / program, "-D", folder / "data", *arguments],
                check=True, cwd=folder, user=user, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def start() -> None:
        run("pg_ctl", "-w", "-t", "60", "-o", f"-k {folder} -c listen_addresses= {options}", "start")

    def stop() -> None:
        run("pg_ctl", "-m", "immediate", "-w", "stop")

    def restart() -> None:
        stop()
        start()

    run("initdb", "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    start()
    try:
        yield Server(f"postgresql://owner@/{{}}?host={folder}", restart)
    finally:
        stop()
        shutil.rmtree(folder, ignore_errors=True)
