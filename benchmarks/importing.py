"""Import, re-import, start-up and the whole year, each as whole processes against its baseline.

    python -m benchmarks.importing [--rounds 5] [--rows 500000]

The real national files are taken from ../shared/data where they are, else files of the same shape are made up.
"""

import argparse
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import made_files
from benchmarks.measuring import CHECKOUT, Row, bench_python, in_turn, processes, table
from benchmarks.server import Server, postgresql
from benchmarks.taipu_year import DRAFT, FIRST, LAST, settled
from compensation.application import Request
from compensation.application.settling import settle_request
from compensation.store import open_store

REAL = CHECKOUT.parent / "shared" / "data"
BASELINES = CHECKOUT / "benchmarks" / "baselines"
COMPENSATION = str(Path(sys.executable).parent / "compensation")
CELLS = 17_000
"""About as many as the workbook of a Taipu year has: 17,179 were put into it on 2026-11-26."""
SHORT = 5
"""How many times as often an action of a fraction of a second is taken: the machine's pace changes within seconds."""

Command = Callable[[], Sequence[str]]


class Bench:
    """A folder of its own, new databases on demand, and the files to import."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.folder = folder
        self.rows = rows
        self._numbers = itertools.count()

    def national_xlsx(self) -> Path | None:
        """The real national week."""
        return next(iter(sorted(REAL.glob("*20260701_20260708.xlsx"))), None)

    def day_csv(self) -> Path:
        """The largest real day file, or one of its size."""
        real = sorted(REAL.glob("cnemc_2026_days/*.csv"), key=lambda path: path.stat().st_size)
        return real[-1] if real else made_files.national_csv(self.folder / "日.csv", min(self.rows, 25_000))

    def new(self) -> Path:
        """The path of a database that is not there yet."""
        return self.folder / f"{next(self._numbers)}.db"

    def new_url(self) -> str:
        """A database that is made and empty."""
        url = f"sqlite:///{self.new()}"
        quietly(program(url, "init"))
        return url

    def import_into_new(self, *files: Path) -> Command:
        """The command that imports the files into a database made for it."""
        return lambda: program(self.new_url(), "import", *map(str, files))

    def bare(self, path: Path) -> Command:
        """The bare baseline for a file."""
        python = sys.executable if path.suffix == ".xlsx" else str(bench_python() or sys.executable)
        return lambda: [python, str(BASELINES / "bare_sqlite.py"), str(path), str(self.new())]


def program(url: str, *arguments: str) -> list[str]:
    """The command line on a database."""
    return ["env", f"COMPENSATION_DATABASE_URL={url}", COMPENSATION, *arguments]


def quietly(command: Sequence[str]) -> None:
    """Run what is not measured."""
    subprocess.run(command, check=True, capture_output=True, cwd=CHECKOUT)


def compared(step: str, ours: Command, baseline: str, theirs: Command, rounds: int, **goal: float | bool) -> Row:
    """Both commands in turn."""
    times = processes({"ours": ours, "theirs": theirs}, rounds)
    return Row(step, times["ours"], baseline, times["theirs"], **goal)  # type: ignore[arg-type]  # the row's fields tell which is which


def import_rows(bench: Bench, rounds: int) -> list[Row]:
    """xlsx and CSV into SQLite."""
    xlsx = made_files.long_xlsx(bench.folder / "long.xlsx", bench.rows)
    bare = "bare calamine + sqlite3 executemany"
    found = [
        compared(
            f"import a long xlsx of {bench.rows:,} rows",
            bench.import_into_new(xlsx),
            bare,
            bench.bare(xlsx),
            rounds,
            goal=2,
        )
    ]
    national = bench.national_xlsx()
    if national is not None:
        label = "import the national week (xlsx, 41,793 rows, 501,372 readings)"
        found.append(compared(label, bench.import_into_new(national), bare, bench.bare(national), rounds, goal=2))
    if bench_python() is not None:
        day = bench.day_csv()
        label = f"import a national day ({day.name})"
        baseline = "bare polars + sqlite3 executemany"
        found.append(compared(label, bench.import_into_new(day), baseline, bench.bare(day), rounds, goal=2.5))
    return found


def beginner_row(bench: Bench, rounds: int) -> list[Row]:
    """The national week as a beginner would import it."""
    path, python = bench.national_xlsx(), bench_python()
    if path is None or python is None:
        return []

    def beginner() -> list[str]:
        return [str(python), str(BASELINES / "beginner.py"), str(path), str(bench.new())]

    label = "import the national week"
    baseline = "pandas with openpyxl + session.add_all"
    return [compared(label, bench.import_into_new(path), baseline, beginner, rounds, goal=10, faster=True)]


def again_row(bench: Bench, rounds: int) -> list[Row]:
    """An identical file a second time."""
    path = bench.national_xlsx() or made_files.long_xlsx(bench.folder / "again.xlsx", bench.rows)
    url = bench.new_url()
    quietly(program(url, "import", str(path)))
    times = processes(
        {
            "again": lambda: program(url, "import", str(path)),
            "hash": lambda: [sys.executable, str(BASELINES / "bare_hash.py"), str(path)],
        },
        rounds,
    )
    limit = times["hash"].wall + 0.5
    return [
        Row(f"import the identical {path.suffix[1:]} again", times["again"], "bare hash", times["hash"], seconds=limit)
    ]


def postgresql_rows(bench: Bench, server: Server, rounds: int) -> list[Row]:
    """The xlsx into PostgreSQL, as the first of its year and as the second; the baseline's key is there then too."""
    path = bench.national_xlsx() or made_files.long_xlsx(bench.folder / "server.xlsx", bench.rows)
    before = made_files.long_xlsx(bench.folder / "before.xlsx", 10_000)
    names = (f"bench{number}" for number in itertools.count())

    def ours(*earlier: Path) -> Command:
        def command() -> list[str]:
            url = server.create(next(names))
            for steps in (["init"], *(["import", str(each)] for each in earlier)):
                quietly(program(url, *steps))
            return program(url, "import", str(path))

        return command

    def theirs(*earlier: Path) -> Command:
        def command() -> list[str]:
            url = server.create(next(names))
            bare = [sys.executable, str(BASELINES / "bare_postgresql.py")]
            for each in earlier:
                quietly([*bare, str(each), url])
            return [*bare, str(path), url]

        return command

    label = f"import the same xlsx ({path.stat().st_size / 2**20:.0f} MiB) to PostgreSQL"
    baseline = "bare calamine + psycopg COPY"
    # The server works in a process of its own, so only the time on the clock counts both.
    return [
        compared(label, ours(), f"{baseline}, key made last", theirs(), rounds, goal=2, by_wall=True),
        compared(
            f"{label}, of a year that has readings",
            ours(before),
            f"{baseline} into a table with its key",
            theirs(before),
            rounds,
            goal=2,
            by_wall=True,
        ),
    ]


def start_rows(bench: Bench, rounds: int) -> list[Row]:
    """How long until the program says anything."""
    url = bench.new_url()
    times = processes(
        {
            "help": lambda: program(url, "--help"),
            "status": lambda: program(url, "status"),
            "click": lambda: [sys.executable, "-c", "import click"],
        },
        SHORT * rounds,
    )
    return [
        Row("compensation --help", times["help"], 'python -c "import click"', times["click"], goal=1.5),
        Row("compensation status", times["status"], 'python -c "import click"', times["click"], goal=4),
    ]


YEAR_STEPS = """
program=$1; sheet=$2; shift 2
"$program" import "$@"
"$program" settle 2026 --agreement taipu-draft --sheet "$sheet" || [ $? -eq 4 ]
"""


def year_rows(bench: Bench, rounds: int) -> list[Row]:
    """Import, settlement and workbook of a Taipu year, one after the other; settling alone."""
    a_day = max(6, round(30 * bench.rows / 500_000))
    stations, others = made_files.taipu_files(bench.folder, a_day)
    readings = 4 * 365 * a_day * (len(made_files.WIDE_HEADER) - 3)
    files = [str(path) for path in (stations, *others)]

    def ours() -> list[str]:
        shell = ["sh", "-ec", YEAR_STEPS, "sh", COMPENSATION, f"{bench.new()}.xlsx", *files]
        return ["env", f"COMPENSATION_DATABASE_URL={bench.new_url()}", *shell]

    template = str(CHECKOUT / "templates_xlsx" / "settlement.xlsx")

    def theirs() -> list[str]:
        python = str(bench_python() or sys.executable)
        return [python, str(BASELINES / "bare_year.py"), str(bench.new()), template, str(CELLS), str(stations)]

    url = bench.new_url()
    quietly(program(url, "import", *files))
    found = [stored_row(url, readings, rounds)]
    if bench_python() is not None:
        label = f"a whole year: import {readings:,} readings, settle, workbook"
        baseline = f"bare polars + executemany + GROUP BY in double + openpyxl with {CELLS:,} cells"
        found.append(compared(label, ours, baseline, theirs, rounds, goal=2))
    return found


def stored_row(url: str, readings: int, rounds: int) -> Row:
    """Settling from the stored readings, and from the same evidence in memory."""
    with open_store(url) as store:
        request = Request(DRAFT, FIRST, LAST)
        case = settle_request(store, request).case
        times = in_turn(
            {"stored": lambda: settle_request(store, request), "memory": lambda: settled(case.evidence)}, SHORT * rounds
        )
    label = f"settle from {readings:,} stored readings"
    return Row(label, times["stored"], "the same with daily values in memory", times["memory"], goal=2, seconds=1)


def rows(count: int = 500_000, rounds: int = 5, beginner_rounds: int = 1) -> list[Row]:
    """All rows of this script."""
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        bench = Bench(Path(folder), count)
        found = [*start_rows(bench, rounds), *import_rows(bench, rounds), *again_row(bench, rounds)]
        if server is not None:
            found += postgresql_rows(bench, server, rounds)
        found += year_rows(bench, rounds)
        if beginner_rounds:
            found += beginner_row(bench, beginner_rounds)
        return found


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--rows", type=int, default=500_000)
    chosen = arguments.parse_args()
    print(table(rows(chosen.rows, chosen.rounds)))


if __name__ == "__main__":
    main()
