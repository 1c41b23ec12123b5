"""kill -9 at random moments of every step: the database is as before or as after, and the step can be done again."""

import os
import random
import signal
import time
from dataclasses import dataclass, field

from torture import acts
from torture.acts import Act
from torture.scene import Scene

# An undisturbed run is timed so often; the longest counts.
_TIMED = 3


@dataclass
class Tally:
    """What became of the kills of one act on one kind of database."""

    kind: str
    act: str
    killed: int = 0  # at work when killed
    finished: int = 0  # done before the kill came
    before: int = 0
    after: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kind:<10} {self.act:<9} {self.killed + self.finished:>4} kills: {self.killed} at work, "
            f"{self.finished} too late; {self.before} left as before, {self.after} as after, {len(self.wrong)} wrong"
        )


@dataclass(frozen=True)
class Undisturbed:
    """How long an act takes at most when nobody kills it (s), and what it leaves."""

    seconds: float
    before: str
    after: str
    content: bytes | None


def undisturbed(scene: Scene, act: Act) -> Undisturbed:
    """Run the act to its end a few times; AssertionError when it does not always leave the same."""
    longest, results = 0.0, set()
    for _ in range(_TIMED):
        acts.clear(scene, act)
        before = scene.state()
        begun = time.monotonic()
        code = scene.run(*act.arguments)
        longest = max(longest, time.monotonic() - begun)
        if code != 0:
            raise AssertionError(f"{act.name} left with {code}: {scene.said()}")
        results.add((before, scene.state(), acts.written(scene, act)))
    if len(results) != 1:
        raise AssertionError(f"{act.name} does not always leave the same")
    return Undisturbed(longest, *results.pop())


def kill_often(scene: Scene, act: Act, whole: Undisturbed, points: int, chance: random.Random) -> Tally:
    """Kill the act at `points` random moments, each time from the state before it, and judge what is left."""
    tally = Tally(scene.kind, act.name)
    for _ in range(points):
        acts.clear(scene, act)
        moment = chance.uniform(0, whole.seconds * 1.05)
        child = scene.start(list(act.arguments))
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            tally.killed += 1
        else:
            tally.finished += 1
        scene.wait_for_quiet()
        where = f"{scene.kind} {act.name} at {moment:.3f} s"
        tally.wrong += [f"{where}: {each}" for each in judge(scene, act, whole, tally)]
    return tally


def judge(scene: Scene, act: Act, whole: Undisturbed, tally: Tally) -> list[str]:
    """What is not as it must be after an act that may have been killed; the act is done again."""
    found = scene.broken()
    state, content = scene.state(), acts.written(scene, act)
    if state == whole.before:
        tally.before += 1
    elif state == whole.after:
        tally.after += 1
    else:
        found.append("the database is neither as before nor as after")
    if content not in (None, whole.content):
        found.append("half a file stands under its final name")
    if state == whole.after and content != whole.content:
        found.append("the database knows of a file that is not there")
    code = scene.run(*act.arguments)
    if code not in (0, 2) or (code == 2 and state != whole.after):
        found.append(f"done again it leaves with {code}: {scene.said()}")
    if (scene.state(), acts.written(scene, act)) != (whole.after, whole.content):
        found.append("done again it does not end where an undisturbed run ends")
    return found
