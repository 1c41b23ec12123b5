"""A working folder with an empty database, and the command called in it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest

from compensation.cli.main import main
from compensation.store import Store, open_store

Rows = Sequence[Sequence[object]]


class Said(NamedTuple):
    """What a command said and how it left."""

    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder; its database is there and holds nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMPENSATION_DATABASE_URL", raising=False)
    with open_store() as opened:
        opened.init()
    return tmp_path


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    """The store of the working folder."""
    with open_store() as opened:
        yield opened


@pytest.fixture
def call(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command in this process, in the working folder."""

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        said = capsys.readouterr()
        return Said(int(left.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def write_text(folder: Path) -> Callable[..., Path]:
    """A delimited text file."""

    def write(rows: Rows, name: str = "数据.csv", encoding: str = "utf-8", delimiter: str = ",") -> Path:
        path = folder / name
        path.write_bytes("".join(delimiter.join(map(str, row)) + "\n" for row in rows).encode(encoding))
        return path

    return write


@pytest.fixture
def write_book(folder: Path) -> Callable[..., Path]:
    """A workbook, one sheet or several."""

    def write(rows: Rows | dict[str, Rows], name: str = "数据.xlsx", merged: Sequence[str] = ()) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, content in (rows if isinstance(rows, dict) else {"数据": rows}).items():
            sheet = book.create_sheet(title)
            for row in content:
                sheet.append(list(row))
            for area in merged:
                sheet.merge_cells(area)
        book.save(folder / name)
        return folder / name

    return write
