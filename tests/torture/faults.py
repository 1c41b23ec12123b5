"""What goes wrong around a command: a full disk, a server that goes away, a clock that goes backwards."""

import os
import random
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from torture import acts
from torture.acts import Act, Life
from torture.killing import Undisturbed
from torture.scene import OnPostgresql, OnSqlite, Scene
from torture.smalldisk import small_disk

from compensation.store import clock

_STORE_ERROR = 3
_MOST_FREE = 1024 * 1024
_USED_BEFORE = 0.9


def full_disk(scene: OnSqlite, act: Act, whole: Undisturbed, times: int, chance: random.Random) -> list[str]:
    """No file may grow beyond some size, as on a disk that is full: refused in words, and nothing changed."""
    wrong = []
    for _ in range(times):
        acts.clear(scene, act)
        size = chance.randrange(4096, scene.file.stat().st_size + 65536)

        def limit(size: int = size) -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        code = _left(scene.start(list(act.arguments), before=limit))
        wrong += [f"{scene.kind} {act.name}, disk full at {size}: {each}" for each in _refused(scene, act, whole, code)]
    return wrong


def full_server_disk(
    scene: OnPostgresql, act: Act, whole: Undisturbed, times: int, chance: random.Random
) -> tuple[int, list[str]]:
    """The disk on which the server keeps the database is full but for some bytes; how often that was refused.

    LookupError with the reason where no disk can be mounted for it.
    """
    refused, wrong = 0, []
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(small_disk(scene))
        except OSError as error:
            raise LookupError(str(error)) from error
        for _ in range(times):
            acts.clear(scene, act)
            free = chance.randrange(1 + chance.randrange(_MOST_FREE))
            if chance.random() < _USED_BEFORE:
                scene.state()  # the first to connect to a database that was copied makes the server write files
            disk.leave(free)
            code = _left(scene.start(list(act.arguments)))
            disk.empty()
            refused += code == _STORE_ERROR
            found = list(_refused(scene, act, whole, code))
            if code == _STORE_ERROR and "磁盘" not in scene.said():
                found.append(f"it does not say that the disk is full: {scene.said()}")
            wrong += [f"{scene.kind} {act.name}, disk full but for {free}: {each}" for each in found]
    return refused, wrong


def server_goes_away(scene: OnPostgresql, act: Act, whole: Undisturbed, times: int, chance: random.Random) -> list[str]:
    """The server's plug is pulled while a command is at work, and it is started anew."""
    wrong = []
    for _ in range(times):
        acts.clear(scene, act)
        child = scene.start(list(act.arguments))
        time.sleep(chance.uniform(0, whole.seconds))
        scene.server.restart()
        wrong += [f"{act.name}, server restarted: {each}" for each in _refused(scene, act, whole, _left(child))]
    return wrong


def _refused(scene: Scene, act: Act, whole: Undisturbed, code: int) -> Iterator[str]:
    scene.wait_for_quiet()
    state, content = scene.state(), acts.written(scene, act)
    if code not in (0, _STORE_ERROR):
        yield f"it leaves with {code}: {scene.said()}"
    if state != (whole.after if code == 0 else whole.before) and (code == 0 or state != whole.after):
        yield f"it leaves with {code}, and the database is neither as before nor as after"
    if content not in (None, whole.content):
        yield "half a file stands under its final name"
    yield from scene.broken()


def clock_goes_back(scene: Scene, life: Life) -> list[str]:
    """Every command of the life with a clock a day behind that of the one before; the order of things must hold."""
    wrong = []
    scene.bring_back(life.acts[0].state)
    for behind, command in enumerate(life.commands, start=1):

        def turn_back(behind: int = behind) -> None:
            class Behind(datetime):
                @classmethod
                def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # noqa: ARG003
                    return datetime.now(UTC) - timedelta(days=behind)

            clock.datetime = Behind  # type: ignore[misc]

        code = _left(scene.start(list(command), before=turn_back))
        if code != 0:
            wrong.append(f"{scene.kind} {command[0]} with the clock behind leaves with {code}: {scene.said()}")
        wrong += [f"{scene.kind} {command[0]} with the clock behind: {each}" for each in scene.broken()]
    return wrong


def _left(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
