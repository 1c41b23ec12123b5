"""Values in doubt, out of the store: found at a section, and left out where the agreement says so."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from compensation.monitoring.records import Method, State, Status
from compensation.quality.doubt import NEEDED, Action, Doubt, Flag, Point, doubts
from compensation.quality.standard import Body
from compensation.settlement.evidence import Omission, excluded_statuses
from compensation.store import Store, time_of_minute
from compensation.store.clock import MINUTES_PER_DAY
from rules.agreement import Agreement

_IN_ORDER = (Status.UNSTATED, Status.NORMAL)
_REASONS = {Action.EXCLUDE: "存疑数据剔除：", Action.ASK: "存疑数据待核实，暂不计入："}

SumKey = tuple[str, str, int, int, int, int, int]
"""Section, indicator, day, exponent, state, status and method, as daily sums are grouped."""


class Doubtful(NamedTuple):
    """A stored value that raises doubt, and why."""

    section: str
    doubt: Doubt
    mantissa: int
    exponent: int
    status: int


def find_doubtful(
    store: Store,
    bodies: dict[str, Body],
    start: datetime | None = None,
    end: datetime | None = None,
    known_at: datetime | None = None,
) -> Iterator[Doubtful]:
    """Every doubt about the automatic values at these sections (code and body of water), section by section."""
    rows = store.readings(list(bodies), list(NEEDED), start, end, known_at)
    for section, own in groupby(rows, itemgetter(0)):
        series: dict[str, list[Point]] = {}
        statuses: dict[tuple[str, int], int] = {}
        for _, indicator, minute, mantissa, exponent, state, status, method, *_ in own:
            if state == State.VALUE and method == Method.AUTOMATIC:
                series.setdefault(indicator, []).append(Point(minute, mantissa, exponent, status in _IN_ORDER))
                statuses[indicator, minute] = status
        values = {(code, point.minute): point for code, points in series.items() for point in points}
        for doubt in doubts(series, bodies[section]):
            point = values[doubt.indicator, doubt.minute]
            status = statuses[doubt.indicator, doubt.minute]
            yield Doubtful(section, doubt, point.mantissa, point.exponent, status)


def doubtful_sums(
    store: Store,
    agreement: Agreement,
    start: datetime,
    end: datetime,
    known_at: datetime | None,
    omissions: list[Omission],
) -> dict[SumKey, tuple[int, int]]:
    """What the agreement's rules on doubt take out of the daily sums: mantissa sum and count; each told as omitted.

    A value with several flags is left out by the first that says so. What a station reported out of order is left out
    by the rule on statuses already, where the agreement has it, and not counted twice.
    """
    actions = {Flag(name): Action(action) for name, action in agreement.data_rules.flags.items()}
    if not any(action is not Action.KEEP for action in actions.values()):
        return {}
    left_out = excluded_statuses(agreement)
    monitored = set(agreement.monitored)
    taken: dict[SumKey, tuple[int, int]] = {}
    seen: set[tuple[str, str, int]] = set()
    for each in find_doubtful(store, _bodies(agreement), start, end, known_at):
        code, minute, flag = each.doubt
        action = actions.get(flag, Action.KEEP)
        place = (each.section, code, minute)
        if action is Action.KEEP or code not in monitored or Status(each.status) in left_out or place in seen:
            continue
        seen.add(place)
        day = minute // MINUTES_PER_DAY
        key = (each.section, code, day, each.exponent, int(State.VALUE), each.status, int(Method.AUTOMATIC))
        less, fewer = taken.get(key, (0, 0))
        taken[key] = (less + each.mantissa, fewer + 1)
        reason = f"{_REASONS[action]}{flag}"
        omissions.append(Omission(each.section, code, f"{time_of_minute(minute):%Y-%m}", reason, 1))
    return taken


def _bodies(agreement: Agreement) -> dict[str, Body]:
    return {each.code: "lake" if each.body == "lake" else "river" for each in agreement.sections}


def bodies_of(store: Store, sections: Sequence[str] | None = None) -> dict[str, Body]:
    """The registered sections with their body of water, all or those of the codes or names given."""
    return {
        each.code: "lake" if each.body == "lake" else "river"
        for each in store.sections()
        if each.body is not None and (sections is None or each.code in sections or each.name in sections)
    }
