"""A working folder with the demo year imported and settled, made once for each process that runs tests."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from life_of_a_year import HOLIDAYS, to_final

from compensation.cli.main import main
from compensation.demo import generate


class Said(NamedTuple):
    """What a command said and how it left."""

    code: int
    out: str
    err: str


class Desk:
    """A folder somebody works in, with its own database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "compensation.db"

    def run(self, *arguments: str, timeout: float = 120) -> Said:
        """The command as a process of its own."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.env, capture_output=True, timeout=timeout, check=False
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def command(self, *arguments: str) -> list[str]:
        """The command line of a process."""
        return [sys.executable, "-c", "from compensation.cli.main import main; main()", *arguments]

    @property
    def env(self) -> dict[str, str]:
        """The surroundings of a process: nothing that points to another database."""
        left = {key: value for key, value in os.environ.items() if not key.startswith("COMPENSATION_")}
        return {**left, "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}

    def dump(self) -> str:
        """Everything in the database, as text."""
        connection = sqlite3.connect(self.database)
        try:
            return "\n".join(connection.iterdump())
        finally:
            connection.close()


Call = Callable[..., Said]


@pytest.fixture(scope="session")
def year_of_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The files of the demo year."""
    return generate(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def settled_folder(tmp_path_factory: pytest.TempPathFactory, year_of_files: list[Path]) -> Path:
    """A folder whose database holds the demo year and its settlement; copied, never used itself."""
    desk = Desk(tmp_path_factory.mktemp("settled"))
    for arguments in (["init"], ["import", *map(str, year_of_files)], ["settle", "2026"]):
        said = desk.run(*arguments)
        assert said.code == 0, said.err
    return desk.folder


@pytest.fixture
def desk(tmp_path: Path, settled_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk of the test's own with the demo year imported and settled."""
    folder = tmp_path / "desk"
    shutil.copytree(settled_folder, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("COMPENSATION_DATABASE_URL", raising=False)
    return Desk(folder)


@pytest.fixture(scope="session")
def final_folder(tmp_path_factory: pytest.TempPathFactory, settled_folder: Path) -> Path:
    """A folder whose settlement is final; copied, never used itself."""
    folder = tmp_path_factory.mktemp("final") / "desk"
    shutil.copytree(settled_folder, folder)
    desk = Desk(folder)
    (folder / "放假.csv").write_text(HOLIDAYS, encoding="utf-8")

    def run(*arguments: str) -> None:
        said = desk.run(*arguments)
        assert said.code == 0, said.err

    run("holidays", "import", "放假.csv")
    to_final(folder, run)
    return folder


@pytest.fixture
def final(tmp_path: Path, final_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk of the test's own whose settlement is final."""
    folder = tmp_path / "desk"
    shutil.copytree(final_folder, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("COMPENSATION_DATABASE_URL", raising=False)
    return Desk(folder)


@pytest.fixture
def empty_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk of the test's own with a database that holds nothing yet."""
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("COMPENSATION_DATABASE_URL", raising=False)
    return Desk(folder)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """The command in this process, in the working folder: quick, and seen by coverage."""

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        said = capsys.readouterr()
        return Said(int(left.value.code or 0), said.out, said.err)

    yield run
