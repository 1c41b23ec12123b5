"""The steps of a settlement's life as commands, each with the state it starts from."""

from pathlib import Path
from typing import NamedTuple

from torture import river
from torture.scene import Scene

_BY = ("--by", "示例经办人", "--document", "示例文号〔2027〕1号")


class Act(NamedTuple):
    """One command that may be killed: the kept state it starts from, and the file it writes under its final name."""

    name: str
    arguments: tuple[str, ...]
    state: str
    writes: str = ""


class Life(NamedTuple):
    """The acts that may be killed, and every command from the first of them on."""

    acts: list[Act]
    commands: list[tuple[str, ...]]


def play(scene: Scene) -> Life:
    """Live the whole life once, undisturbed, and keep the state before each act.

    AssertionError when a command does not do what it should: nothing is proven then.
    """
    life = Life([], [])
    paths = river.files(scene.folder)

    def do(*arguments: str, act: str = "", writes: str = "") -> None:
        if act:
            scene.keep(f"before_{act}")
            life.acts.append(Act(act, arguments, f"before_{act}", writes))
        if life.acts:
            life.commands.append(arguments)
        code = scene.run(*arguments)
        if code != 0:
            raise AssertionError(f"{' '.join(arguments)} left with {code}: {scene.said()}")

    do("init")
    do("holidays", "import", str(paths["holidays"]))
    do("import", str(paths["samples"]), str(paths["volumes"]))
    do("import", str(paths["feed"]), act="import")
    do("settle", str(river.YEAR), "--agreement", str(paths["agreement"]), act="settle")
    do("sheet", "--out", "结算.xlsx", act="workbook", writes="结算.xlsx")
    number, digest = _latest(scene)
    do("issue", number, *_BY, "--date", "2027-03-01", act="issue")
    *earlier, last = [(party, department) for party in "沪苏浙" for department in ("财政", "环保")]
    for party, department in earlier:
        do("confirm", number, *_sign(party, department, digest))
    do("confirm", number, *_sign(*last, digest), act="confirm")
    do("finalise", number, *_BY, "--date", "2027-03-08", "--due", "2027-06-30", act="finalise")
    order, amount = _first_order(scene)
    do("pay", order, "--slip", "示例凭证1", "--amount", amount, *_BY, "--date", "2027-04-12", act="pay")
    do("import", str(paths["late"]))
    do("adjust", number, "--why", "补报多元化补偿", *_BY, "--date", "2027-05-06", act="adjust")
    return life


def _sign(party: str, department: str, digest: str) -> tuple[str, ...]:
    return ("--party", party, "--department", department, "--digest", digest[:12], *_BY, "--date", "2027-03-05")


def _latest(scene: Scene) -> tuple[str, str]:
    with scene.store() as store:
        found = store.latest_settlement()
    if found is None:
        raise AssertionError("nothing was settled")
    return found.number, found.digest


def _first_order(scene: Scene) -> tuple[str, str]:
    """Number and amount (元) of the first payment order."""
    with scene.store() as store:
        order = next(order for act in store.book().acts for order in act.deed.orders)
    return order.number, f"{order.amount_fen // 100}.{order.amount_fen % 100:02d}"


def written(scene: Scene, act: Act) -> bytes | None:
    """What stands under the final name, None when nothing does."""
    path = scene.folder / act.writes
    return path.read_bytes() if act.writes and path.is_file() else None


def clear(scene: Scene, act: Act) -> None:
    """Begin anew: the state before the act, and nothing under the final name."""
    if act.writes:
        Path(scene.folder / act.writes).unlink(missing_ok=True)
    scene.bring_back(act.state)
