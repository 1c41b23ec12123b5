"""A separate process that imports one file: python importing.py URL COUNT NAME FIRST [POINT].

With a POINT the process kills itself there, as a power cut would.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from store_building import many  # noqa: E402

from compensation.store import ingest, open_store, staging  # noqa: E402


def die(*_arguments: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(module: Any, name: str) -> None:
    """Die once the function has done its work."""
    original: Callable[..., Any] = getattr(module, name)

    def done_then_dead(*arguments: Any, **named: Any) -> Any:
        original(*arguments, **named)
        die()

    setattr(module, name, done_then_dead)


POINTS: dict[str, Callable[[], None]] = {
    "before anything": lambda: setattr(staging, "make_stages", die),
    "while staging": lambda: after(staging, "load"),
    "when staged": lambda: after(staging.Stage, "compare"),
    "file written": lambda: after(ingest, "_write_file"),
    "readings appended": lambda: after(staging.Stage, "append"),
    "all but the commit": lambda: after(ingest, "_write_refused"),
}


def main() -> None:
    url, count, name, first, *point = sys.argv[1:]
    for each in point:
        POINTS[each]()
    with open_store(url) as store:
        report = store.ingest(many(int(count), name=name, first=int(first)))
    print(report.readings_stored, report.readings_identical, report.conflicts, report.already)


if __name__ == "__main__":
    main()
