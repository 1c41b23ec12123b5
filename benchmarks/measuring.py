"""Medians of rounds taken in turn, wall and CPU; peak memory of a process; one table."""

import compileall
import gc
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from compensation.cli.main import collect_rarely

CHECKOUT = Path(__file__).resolve().parent.parent
BENCH_PYTHON = CHECKOUT / ".venv" / "bench" / "bin" / "python"


@dataclass(frozen=True)
class Timing:
    """Medians in seconds; peak memory in bytes where it was measured."""

    wall: float
    cpu: float
    peak: int | None = None

    def times(self, factor: float) -> "Timing":
        """What `factor` repetitions would take."""
        return Timing(self.wall * factor, self.cpu * factor, self.peak)


@dataclass(frozen=True)
class Row:
    """A line of the table: a step, what it took, what its baseline took, and what it must reach.

    `goal` is the most the ratio of CPU times may be; with `faster` the least by which the baseline must be slower;
    with `seconds` the most wall time the step may take. `by_wall` takes the ratio of wall times instead.
    """

    step: str
    ours: Timing
    baseline: str
    theirs: Timing | None
    goal: float | None = None
    faster: bool = False
    seconds: float | None = None
    by_wall: bool = False

    @property
    def ratio(self) -> float | None:
        """Ours against the baseline; with `faster`, how many times the baseline takes."""
        if self.theirs is None:
            return None
        ours, theirs = (each.wall if self.by_wall else each.cpu for each in (self.ours, self.theirs))
        return theirs / ours if self.faster else ours / theirs

    @property
    def met(self) -> bool | None:
        """Whether the row reaches its goal; None without one."""
        found = []
        if self.goal is not None and self.ratio is not None:
            found.append(self.ratio >= self.goal if self.faster else self.ratio <= self.goal)
        if self.seconds is not None:
            found.append(self.ours.wall <= self.seconds)
        return all(found) if found else None


def in_turn(actions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """The medians of each action; rounds are taken in turn, so that a busy machine is busy for all of them.

    Rings are looked for as rarely as in the program, and never in the middle of one action for what another left.
    """
    collect_rarely()
    walls: dict[str, list[float]] = {name: [] for name in actions}
    cpus: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            gc.collect()
            wall, cpu = time.perf_counter(), _cpu()
            action()
            cpus[name].append(_cpu() - cpu)
            walls[name].append(time.perf_counter() - wall)
    return {name: Timing(statistics.median(walls[name]), statistics.median(cpus[name])) for name in actions}


def _cpu() -> float:
    """CPU seconds of this process and of those it waited for."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usage)


def processes(commands: Mapping[str, Callable[[], Sequence[str]]], rounds: int) -> dict[str, Timing]:
    """The medians of whole processes, with their peak memory; each command is made anew for each round."""
    compiled()
    found: dict[str, list[tuple[float, float, int]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(_process(command()))
    return {
        name: Timing(
            *(statistics.median(column) for column in list(zip(*taken, strict=True))[:2]), max(x[2] for x in taken)
        )
        for name, taken in found.items()
    }


def compiled() -> None:
    """Compile the program as installing it does, so that no run has to, whatever the environment says about it."""
    for room in ("compensation", "rules", "benchmarks"):
        compileall.compile_dir(CHECKOUT / room, quiet=2)


def _process(command: Sequence[str]) -> tuple[float, float, int]:
    launcher = [sys.executable, "-S", str(CHECKOUT / "benchmarks" / "one.py"), *command]
    told = json.loads(subprocess.run(launcher, capture_output=True, check=True, cwd=CHECKOUT).stdout)
    if told["code"]:
        raise SystemExit(f"{' '.join(command)}: {told['errors']}")
    return told["wall"], told["cpu"], told["peak"]


def bench_python() -> Path | None:
    """The interpreter of the baselines' own environment, where `make bench` has made it."""
    return BENCH_PYTHON if BENCH_PYTHON.exists() else None


HEADER = ("step", "wall", "CPU", "peak", "baseline", "wall", "CPU", "peak", "ratio", "must reach", "")


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [HEADER, tuple("---" for _ in HEADER), *map(_cells, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(row: Row) -> tuple[str, ...]:
    goals = []
    if row.goal is not None:
        goals.append(f"≥ {row.goal:g}x faster" if row.faster else f"≤ {row.goal:g}x")
    if row.seconds is not None:
        goals.append(f"≤ {_seconds(row.seconds)}")
    ratio = (
        ""
        if row.ratio is None
        else f"{row.ratio:.2f}x{' faster' if row.faster else ''}{' (wall)' if row.by_wall else ''}"
    )
    met = {True: "met", False: "**missed**", None: ""}[row.met]
    theirs = ("", "", "") if row.theirs is None else _timing(row.theirs)
    return (row.step, *_timing(row.ours), row.baseline, *theirs, ratio, ", ".join(goals), met)


def _timing(timing: Timing) -> tuple[str, str, str]:
    peak = "" if timing.peak is None else f"{timing.peak / 2**20:.0f} MiB"
    return _seconds(timing.wall), _seconds(timing.cpu), peak


def _seconds(value: float) -> str:
    return f"{value:.3g} s" if value >= 1 else f"{value * 1000:.3g} ms"


def machine() -> str:
    """What the figures were taken on."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    load = os.getloadavg()[0]
    return (
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} x {cpu}, {platform.system()}, "
        f"Python {platform.python_version()}, load average {load:.1f}"
    )
