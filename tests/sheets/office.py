"""LibreOffice as the second opinion: recalculates workbooks in a profile of the job's own, recalculation forced."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from openpyxl import load_workbook

PROGRAM = shutil.which("soffice") or shutil.which("libreoffice")
TIMEOUT_S = 300
# 32 here; any other number by this variable, such as 200 for a release.
SEEDS = range(int(os.environ.get("COMPENSATION_OFFICE_SETTLEMENTS", "32")))
FORCED = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
</oor:items>
"""

Value = str | int | float | None


class Recalculated(NamedTuple):
    """A workbook as it left here, and as LibreOffice makes it."""

    made: Path
    again: Path


def require() -> str:
    """The program; without it the test says so and skips, and in CI it fails."""
    if PROGRAM is None:
        reason = "LibreOffice (soffice) is not on this machine: the workbook cannot be recalculated"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return PROGRAM


def recalculated(paths: Sequence[Path], out: Path) -> list[Path]:
    """Every workbook loaded, recalculated and saved by LibreOffice, in one run."""
    program = require()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        user = Path(profile) / "user"
        user.mkdir()
        (user / "registrymodifications.xcu").write_text(FORCED, encoding="utf-8")
        command = [program, f"-env:UserInstallation=file://{profile}", "--headless", "--norestore"]
        command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), *map(str, paths)]
        subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)
    made = [out / path.name for path in paths]
    assert [path.name for path in made if not path.is_file()] == []
    return made


def values(path: Path) -> dict[tuple[str, str], Value]:
    """What every cell holds, by sheet and address, as cached in the file."""
    book = load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def formulas(path: Path) -> dict[tuple[str, str], str]:
    """Every formula, by sheet and address."""
    book = load_workbook(path)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


def differences(
    expected: dict[tuple[str, str], Value], found: dict[tuple[str, str], Value], cells: Iterator[tuple[str, str]]
) -> list[tuple[tuple[str, str], Value, Value]]:
    """The cells in which two workbooks disagree: text exactly, money to the fen, the rest to 13 significant digits."""
    return [
        (cell, expected.get(cell), found.get(cell)) for cell in cells if not same(expected.get(cell), found.get(cell))
    ]


def same(one: Value, other: Value) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or abs(one - other) <= 1e-12 * max(abs(one), abs(other), 1e-3)
    return one == other
