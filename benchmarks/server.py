"""A private PostgreSQL server for one run, on a socket of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return Path(found).resolve().parent if found else (known[-1] if known else None)


@contextmanager
def postgresql() -> Iterator[str | None]:
    """The URL of a server, with {} for the name of the database; None where none is installed."""
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    # The server refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="compensation-bench-"))
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        with (folder / "log").open("a") as log:
            subprocess.run(
                [binaries / program, "-D", folder / "data", *arguments],
                check=True, cwd=folder, user=user, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    run("initdb", "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    run("pg_ctl", "-w", "-t", "60", "-o", f"-k {folder} -c listen_addresses=", "start")
    try:
        yield f"postgresql://owner@/{{}}?host={folder}"
    finally:
        run("pg_ctl", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def create(server: str, name: str) -> str:
    """A new empty database on the server; its URL."""
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.format(name)
