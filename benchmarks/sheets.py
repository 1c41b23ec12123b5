"""The workbook of a year, and the appendix of its raw readings, as whole commands against their baselines.

    python -m benchmarks.sheets [--rounds 5] [--rows 100000]

Ours includes starting, computing the stored settlement again to prove its digest, and the whole workbook; XlsxWriter
writes the rows of the appendix and nothing else.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from benchmarks import made_files
from benchmarks.importing import BASELINES, CELLS, Bench, program, quietly
from benchmarks.measuring import CHECKOUT, Row, bench_python, machine, processes, table

STATIONS, INDICATORS, DAYS = 4, 3, 365


def rows(count: int = 100_000, rounds: int = 5) -> list[Row]:
    """Both rows; `count` is how many readings the appendix has at least, those of hand samples apart."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), count)
        stations, others = made_files.taipu_files(bench.folder, max(4, -(-count // (STATIONS * INDICATORS * DAYS))))
        url = bench.new_url()
        quietly(program(url, "import", str(stations), *map(str, others)))
        settle = program(url, "settle", "2026", "--agreement", "taipu-draft")
        if subprocess.run(settle, capture_output=True, check=False).returncode not in (0, 4):
            raise SystemExit("the made-up year could not be settled")
        return [workbook_row(bench, url, rounds), *appendix_row(bench, url, rounds)]


def workbook_row(bench: Bench, url: str, rounds: int) -> Row:
    """`compensation sheet`, which an official waits for."""
    template = str(CHECKOUT / "templates_xlsx" / "settlement.xlsx")
    bare = [sys.executable, str(BASELINES / "bare_workbook.py"), template]
    times = processes(
        {
            "ours": lambda: program(url, "sheet", "--out", f"{bench.new()}.xlsx"),
            "theirs": lambda: [*bare, f"{bench.new()}.xlsx", str(CELLS)],
        },
        rounds,
    )
    baseline = f"openpyxl: load the template, {CELLS:,} plain cells, save"
    return Row("the yearly workbook: compensation sheet", times["ours"], baseline, times["theirs"], seconds=3)


def appendix_row(bench: Bench, url: str, rounds: int) -> list[Row]:
    """`compensation sheet --with-readings` against the same rows alone."""
    python = bench_python()
    if python is None:
        return []
    target = bench.folder / "counted.xlsx"
    quietly(program(url, "sheet", "--with-readings", "--out", str(target)))
    count = readings_in(target)
    bare = [str(python), str(BASELINES / "xlsxwriter_readings.py"), url.removeprefix("sqlite:///")]
    times = processes(
        {
            "ours": lambda: program(url, "sheet", "--with-readings", "--out", f"{bench.new()}.xlsx"),
            "theirs": lambda: [*bare, f"{bench.new()}.xlsx", str(count)],
        },
        rounds,
    )
    step = f"the yearly workbook with {count:,} raw readings: compensation sheet --with-readings"
    baseline = "XlsxWriter, constant memory: the same rows alone"
    return [Row(step, times["ours"], baseline, times["theirs"], goal=1)]


def readings_in(path: Path) -> int:
    """How many rows the appendix has below its heads."""
    with zipfile.ZipFile(path) as archive:
        last = max(archive.infolist(), key=lambda info: info.file_size).filename
        return len(re.findall(rb"<row ", archive.read(last))) - 5


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--rows", type=int, default=100_000)
    chosen = arguments.parse_args()
    print(machine(), table(rows(chosen.rows, chosen.rounds)), sep="\n")


if __name__ == "__main__":
    main()
