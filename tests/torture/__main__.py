"""`make torture`: the whole life of a settlement under kill -9, a crowd, a full disk, a lost server, a wrong clock.

    python tests/torture [--points 500] [--times 20] [--seed 1] [--only sqlite] [--act settle]

Prints what was done how often and every thing that was not as it must be; exit code 1 when there was one.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from torture import acts, faults, killing  # noqa: E402
from torture.acts import Act  # noqa: E402
from torture.crowd import crowd  # noqa: E402
from torture.killing import Undisturbed  # noqa: E402
from torture.scene import OnPostgresql, OnSqlite, Scene, scenes  # noqa: E402

KINDS = ("sqlite", "postgresql")
_WRITERS = {"SQLite": 2, "PostgreSQL": 20}


def torture(scene: Scene, points: int, times: int, only: list[str], chance: random.Random) -> Iterator[str]:
    """Everything on one database; every thing that was not as it must be."""
    life = acts.play(scene)
    chosen = [act for act in life.acts if not only or act.name in only]
    for number, act in enumerate(chosen):
        whole = killing.undisturbed(scene, act)
        tally = killing.kill_often(scene, act, whole, points // len(chosen) + (number < points % len(chosen)), chance)
        print(tally, flush=True)
        yield from tally.wrong
        wrong = []
        if isinstance(scene, OnSqlite):
            wrong = faults.full_disk(scene, act, whole, times, chance)
            print(f"{scene.kind:<10} {act.name:<9} {times:>4} times a full disk: {len(wrong)} wrong", flush=True)
        elif isinstance(scene, OnPostgresql):
            wrong = faults.server_goes_away(scene, act, whole, times, chance)
            print(f"{scene.kind:<10} {act.name:<9} {times:>4} restarts of the server: {len(wrong)} wrong", flush=True)
            yield from wrong
            wrong = _full_disks(scene, act, whole, times, chance)
        yield from wrong
    wrong = faults.clock_goes_back(scene, life)
    print(
        f"{scene.kind:<10} {len(life.commands)} commands, each with the clock a day further back: {len(wrong)} wrong",
        flush=True,
    )
    yield from wrong
    scene.bring_back(life.acts[0].state)
    writers = _WRITERS[scene.kind]
    wrong = crowd(scene, writers)
    print(f"{scene.kind:<10} {writers} writers at once: {len(wrong)} wrong", flush=True)
    yield from wrong


def _full_disks(scene: OnPostgresql, act: Act, whole: Undisturbed, times: int, chance: random.Random) -> list[str]:
    try:
        refused, wrong = faults.full_server_disk(scene, act, whole, times, chance)
    except LookupError as error:
        print(f"{scene.kind:<10} {act.name:<9} a full disk was not tried: {error}", flush=True)
        return []
    told = f"{times:>4} times a full disk: {refused} refused, {len(wrong)} wrong"
    print(f"{scene.kind:<10} {act.name:<9} {told}", flush=True)
    return wrong


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description="Torture of a settlement's whole life.")
    parser.add_argument("--points", type=int, default=500, help="kills on each kind of database, over all steps")
    parser.add_argument("--times", type=int, default=20, help="full disks or restarts of the server for each step")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=KINDS, action="append", help="only this kind of database")
    parser.add_argument("--act", action="append", default=[], help="only this step")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, scenes(Path(folder), tuple(options.only or KINDS)) as found:
        wrong = [
            each
            for scene in found
            for each in torture(scene, options.points, options.times, options.act, random.Random(options.seed))
        ]
    for each in wrong:
        print(each)
    print(f"{len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
