"""The steps of a settlement's life as commands, each with the state it starts from."""

from pathlib import Path
from typing import NamedTuple

import river
from scene import Scene


class Act(NamedTuple):
    """One command that may be killed: from which kept state, and the file it writes under its final name, if any."""

    name: str
    arguments: tuple[str, ...]
    state: str
    writes: str = ""


def play(scene: Scene) -> list[Act]:
    """Act the whole life once, keep the state before each step, and give the steps.

    AssertionError when a step does not do what it should undisturbed: nothing is proven then.
    """
    paths = river.files(scene.folder)
    _done(scene, "init")
    _done(scene, "import", str(paths["samples"]), str(paths["volumes"]))
    acts = [
        Act("import", ("import", str(paths["feed"])), "evidence"),
        Act("settle", ("settle", str(river.YEAR), "--agreement", str(paths["agreement"])), "imported"),
        Act("workbook", ("sheet", "--out", "结算.xlsx"), "settled", "结算.xlsx"),
    ]
    for act in acts:
        scene.keep(act.state)
        _done(scene, *act.arguments)
    return acts


def written(scene: Scene, act: Act) -> bytes | None:
    """What stands under the final name, None when nothing does."""
    path = scene.folder / act.writes
    return path.read_bytes() if act.writes and path.is_file() else None


def clear(scene: Scene, act: Act) -> None:
    """Begin anew: the state before the act, and nothing under the final name."""
    if act.writes:
        Path(scene.folder / act.writes).unlink(missing_ok=True)
    scene.bring_back(act.state)


def _done(scene: Scene, *arguments: str) -> None:
    code = scene.run(*arguments)
    if code != 0:
        raise AssertionError(f"{arguments[0]} left with {code}: {scene.said()}")
