"""The classes that the feed publishes against those recomputed from the values stored beside them."""

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import groupby
from operator import itemgetter, sub
from typing import NamedTuple

from compensation.monitoring.records import Method, State, Status
from compensation.quality.doubt import ANALYSIS_MINUTES
from compensation.quality.published import Cause, ClassCheck, explain
from compensation.quality.standard import AUTOMATIC_STATION, Body, body_of
from compensation.store import Store

_CLASS = "class"
_BESIDE = 2  # how many rows before and after a class may belong to
_IN_ORDER = (Status.UNSTATED, Status.NORMAL)

Values = dict[str, Fraction]


class Disagreement(NamedTuple):
    """A row whose published class is not the recomputed one; `body_known` tells whether the registry has its water."""

    section: str
    name: str
    minute: int
    values: Values
    body: Body
    body_known: bool
    check: ClassCheck


class ClassesChecked(NamedTuple):
    """How many complete rows there are, how many of each cause, and every row that disagrees."""

    complete: int
    counts: Counter[Cause]
    disagreements: list[Disagreement]


def check_classes(store: Store, section: str | None = None) -> ClassesChecked:
    """Recompute the class of every complete row of the automatic stations, all or of one section (code or name).

    A section that the registry does not know is judged as a river, and its disagreements name the lake limit where
    that explains them.
    """
    sections = {each.code: each for each in store.sections() if section in (None, each.code, each.name)}
    merged = {each.code for each in store.merges()}
    wanted = [code for code in sections if code not in merged]
    counts: Counter[Cause] = Counter()
    found = []
    rows = store.readings(wanted, [*AUTOMATIC_STATION, _CLASS])
    for code, own in groupby(rows, itemgetter(0)):
        about = sections[code]
        body = body_of(about.body)
        for minute, values, check in _checked(body, own):
            counts[check.cause] += 1
            if check.cause is not Cause.NONE:
                known = about.body is not None
                found.append(Disagreement(code, about.name, minute, values, body, known, check))
    return ClassesChecked(counts.total(), counts, found)


def _checked(body: Body, rows: Iterator[tuple[object, ...]]) -> Iterator[tuple[int, Values, ClassCheck]]:
    fraction = _fractions()
    at: dict[int, Values] = {}
    classes: dict[int, tuple[int, bool]] = {}
    for _, indicator, minute, mantissa, exponent, state, status, method, *_ in rows:
        if state != State.VALUE or method != Method.AUTOMATIC:
            continue
        if indicator == _CLASS:
            classes[minute] = (mantissa, status in _IN_ORDER)  # type: ignore[index,assignment]  # a value has both
        else:
            at.setdefault(minute, {})[indicator] = fraction(mantissa, exponent)  # type: ignore[index,arg-type]  # as above
    complete = [minute for minute in sorted(at) if minute in classes and len(at[minute]) == len(AUTOMATIC_STATION)]
    times = sorted(at)
    place = {minute: number for number, minute in enumerate(times)}
    for minute in complete:
        published, in_order = classes[minute]
        number = place[minute]
        beside = [
            at[each] for each in (*times[max(0, number - _BESIDE) : number], *times[number + 1 : number + 1 + _BESIDE])
        ]
        around = (*times[max(0, number - 1) : number], minute, *times[number + 1 : number + 2])
        gap = len(around) <= _BESIDE or max(map(sub, around[1:], around)) > ANALYSIS_MINUTES
        yield minute, at[minute], explain(at[minute], body, published, beside, in_order=in_order, gap=gap)


def _fractions() -> Callable[[int, int], Fraction]:
    """Values come again and again; making a fraction costs more than finding one."""
    known: dict[tuple[int, int], Fraction] = {}

    def fraction(mantissa: int, exponent: int) -> Fraction:
        key = (mantissa, exponent)
        if key not in known:
            known[key] = mantissa * Fraction(10) ** exponent
        return known[key]

    return fraction
