"""Values in doubt, out of the store: found at a section, and left out where the agreement says so."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from compensation.errors import Fault, InputError
from compensation.monitoring.records import Method, State, Status
from compensation.quality.doubt import NEEDED, Action, Doubt, Flag, Point, doubts, impossible
from compensation.quality.standard import Body, body_of
from compensation.settlement.evidence import MonthWaiting, Omission, excluded_statuses
from compensation.store import Answer, Doubted, Mark, Ruling, Store, time_of_minute
from compensation.store.clock import MINUTES_PER_DAY
from rules.agreement import Agreement

_IN_ORDER = (Status.UNSTATED, Status.NORMAL)

SumKey = tuple[str, str, int, int, int, int, int]
"""Section, indicator, day, exponent, state, status and method, as daily sums are grouped."""


class Doubtful(NamedTuple):
    """A stored value that raises doubt, and why."""

    section: str
    doubt: Doubt
    mantissa: int
    exponent: int
    state: int
    status: int
    method: int

    @property
    def place(self) -> tuple[str, str, int, int]:
        """Section, indicator, minute and method: a value with several flags has one."""
        return (self.section, *self.doubt[:2], self.method)

    @property
    def named(self) -> Doubted:
        """The value and its flag, by which an answer finds them."""
        code, minute, flag = self.doubt
        return Doubted(self.section, code, minute, flag.value, self.mantissa, self.exponent)


class _Value(NamedTuple):
    mantissa: int
    exponent: int
    state: int
    status: int


def find_doubtful(
    store: Store,
    bodies: Mapping[str, Body],
    start: datetime | None = None,
    end: datetime | None = None,
    known_at: datetime | None = None,
) -> Iterator[Doubtful]:
    """Every doubt about the values at these sections (code and body of water), by section, indicator and minute.

    Doubts are searched for among automatic values; what no scale has, and what a file marks in doubt, may be a hand
    sample too.
    """
    marked: dict[str, list[Mark]] = {}
    for mark in store.marks(known_at):
        marked.setdefault(mark.section, []).append(mark)
    indicators = {*NEEDED, *(mark.indicator for section in marked.keys() & bodies.keys() for mark in marked[section])}
    rows = store.readings(list(bodies), sorted(indicators), start, end, known_at)
    for section, own in groupby(rows, itemgetter(0)):
        values = {
            (indicator, minute, method): _Value(mantissa, exponent, state, status)
            for _, indicator, minute, mantissa, exponent, state, status, method, *_ in own
            if state in (State.VALUE, State.BELOW_LIMIT)
        }
        found = [*_searched(values, bodies[section]), *_marked(values, marked.get(section, ()))]
        for doubt, method in sorted(found, key=lambda each: (*each[0][:2], each[1], each[0].flag)):
            yield Doubtful(section, doubt, *values[doubt.indicator, doubt.minute, method], method)


def _searched(values: Mapping[tuple[str, int, int], _Value], body: Body) -> Iterator[tuple[Doubt, int]]:
    by_method: dict[int, dict[str, list[Point]]] = {}
    for (indicator, minute, method), value in values.items():
        if value.state == State.VALUE and indicator in NEEDED:
            point = Point(minute, value.mantissa, value.exponent, value.status in _IN_ORDER)
            by_method.setdefault(method, {}).setdefault(indicator, []).append(point)
    for method, series in by_method.items():
        yield from ((doubt, method) for doubt in impossible(series))
        if method == Method.AUTOMATIC:
            yield from ((doubt, method) for doubt in doubts(series, body))


def _marked(values: Mapping[tuple[str, int, int], _Value], marks: Iterable[Mark]) -> Iterator[tuple[Doubt, int]]:
    """The marks on values that stand as they stood when they were marked."""
    for mark in marks:
        value = values.get((mark.indicator, mark.minute, mark.method))
        if value is not None and _same(value, mark):
            yield Doubt(mark.indicator, mark.minute, Flag(mark.flag)), mark.method


def _same(value: _Value, mark: Mark) -> bool:
    return value.mantissa * Fraction(10) ** value.exponent == mark.mantissa * Fraction(10) ** mark.exponent


class Sifted(NamedTuple):
    """What the agreement's rules on doubt take out of what was measured.

    `sums` gives mantissa sum and count by the key of a daily sum; `minutes` the minutes themselves, by section,
    indicator and method; `months` how many values wait to be verified, by section, indicator and month. `left_out`
    are the places of those that do not count, whatever else they could tell.
    """

    sums: dict[SumKey, tuple[int, int]]
    minutes: dict[tuple[str, str, int], set[int]]
    months: dict[tuple[str, str, str], int]
    left_out: set[tuple[str, str, int, int]]

    @property
    def waiting(self) -> tuple[MonthWaiting, ...]:
        """How many values wait to be verified, month by month."""
        return tuple(MonthWaiting(*key, n) for key, n in sorted(self.months.items()))

    def take(self, each: Doubtful) -> None:
        """Take a value out."""
        code, minute, _ = each.doubt
        day = minute // MINUTES_PER_DAY
        key = (each.section, code, day, each.exponent, each.state, each.status, each.method)
        less, fewer = self.sums.get(key, (0, 0))
        self.sums[key] = (less + each.mantissa, fewer + 1)
        self.minutes.setdefault((each.section, code, each.method), set()).add(minute)

    def wait(self, each: Doubtful) -> None:
        """Count a value among those that wait."""
        key = (each.section, each.doubt.indicator, f"{time_of_minute(each.doubt.minute):%Y-%m}")
        self.months[key] = self.months.get(key, 0) + 1


def sift_doubtful(
    store: Store,
    agreement: Agreement,
    start: datetime,
    end: datetime,
    known_at: datetime | None,
    omissions: list[Omission],
) -> Sifted:
    """What the agreement's rules on doubt, and what people found out, take out; each value is told as omitted.

    A value with several flags is left out if one of them says so, waits if one asks and has no answer, and else counts.
    What a station reported out of order is left out by the rule on statuses already, where the agreement has it, and
    not counted twice. A sample that may tell of an incident goes on telling it until somebody has answered.
    """
    sifted = Sifted({}, {}, {}, set())
    actions = {Flag(name): Action(action) for name, action in agreement.data_rules.flags.items()}
    if not any(action is not Action.KEEP for action in actions.values()):
        return sifted
    left_out = excluded_statuses(agreement)
    monitored, watched = set(agreement.monitored), _watched(agreement)
    answers = store.answers(known_at)
    found = find_doubtful(store, _bodies(agreement), start, end, known_at)
    for (section, code, minute, _), flagged in groupby(
        found, lambda each: (each.section, *each.doubt[:2], each.method)
    ):
        told = [(_outcome(each, actions, answers), each) for each in flagged]
        first = told[0][1]
        if code not in monitored | watched or Status(first.status) in left_out:
            continue
        verdict, reason = min((outcome for outcome, _ in told), key=lambda outcome: outcome[0])
        if verdict is Verdict.COUNTS or (verdict is Verdict.WAITS and code not in monitored):
            continue
        sifted.take(first)
        if verdict is Verdict.LEFT_OUT:
            sifted.left_out.add(first.place)
        if verdict is Verdict.WAITS:
            sifted.wait(first)
        omissions.append(Omission(section, code, f"{time_of_minute(minute):%Y-%m}", reason, 1))
    return sifted


def _watched(agreement: Agreement) -> set[str]:
    """The indicators of which a sample may tell of an incident."""
    return {clause.measure.options["indicator"] for clause in agreement.clauses if clause.kind == "incident"}


class Verdict(IntEnum):
    """What becomes of a value in doubt; of several the first holds."""

    LEFT_OUT = 1
    WAITS = 2
    COUNTS = 3


def _outcome(each: Doubtful, actions: Mapping[Flag, Action], answers: Mapping[Doubted, Answer]) -> tuple[Verdict, str]:
    """What becomes of a value by one of its flags, and why."""
    flag = each.doubt.flag
    action = actions.get(flag, Action.KEEP)
    if action is Action.KEEP:
        return Verdict.COUNTS, ""
    if action is Action.EXCLUDE:
        return Verdict.LEFT_OUT, f"存疑数据剔除：{flag}"
    answer = answers.get(each.named)
    if answer is None:
        return Verdict.WAITS, f"存疑数据待核实，暂不计入：{flag}"
    return (Verdict.COUNTS if answer.keep else Verdict.LEFT_OUT), f"存疑数据（{flag}），{answer.words}"


class Asked(NamedTuple):
    """A value in doubt of which an agreement wants to know more, and the answer if somebody gave one."""

    doubtful: Doubtful
    name: str  # of the section
    answer: Answer | None


def find_asked(store: Store, agreement: Agreement, section: str | None, *, answered: bool) -> list[Asked]:
    """The values in doubt that an agreement asks about: those that wait, or with `answered` all of them."""
    asked = {Flag(name) for name, action in agreement.data_rules.flags.items() if action == Action.ASK}
    names = {each.code: each.name for each in agreement.sections if section in (None, each.code, each.name)}
    bodies = {code: body for code, body in _bodies(agreement).items() if code in names}
    answers = store.answers()
    if not asked or not bodies:
        return []
    found = [
        Asked(each, names[each.section], answers.get(each.named))
        for each in find_doubtful(store, bodies)
        if each.doubt.flag in asked and each.doubt.indicator in _watched(agreement).union(agreement.monitored)
    ]
    return [each for each in found if answered or each.answer is None]


def answer_doubts(
    store: Store, asked: Sequence[Asked], handles: Sequence[str], ruling: Ruling, *, keep: bool, again: bool
) -> int:
    """Answer whether the values with these numbers count, all or none; InputError for an unknown number."""
    known = {each.doubtful.named.handle: each.doubtful.named for each in asked}
    faults = [
        Fault(f"存疑值 {each}", "找不到", "没有这个编号，或值已被更正", "用 compensation doubts 列出编号")
        for each in handles
        if each not in known
    ]
    if faults:
        raise InputError(faults)
    wanted = [known[each] for each in dict.fromkeys(handles)]
    store.answer(wanted, ruling, keep=keep, again=again)
    return len(wanted)


def _bodies(agreement: Agreement) -> dict[str, Body]:
    return {each.code: body_of(each.body) for each in agreement.sections}


def bodies_of(store: Store, sections: Sequence[str] | None = None) -> dict[str, Body]:
    """The sections with their body of water, all or those of the codes or names given, but for those merged away.

    What the registry does not know is judged as a river, as its classes are.
    """
    merged = {each.code for each in store.merges()}
    return {
        each.code: body_of(each.body)
        for each in store.sections()
        if each.code not in merged and (sections is None or each.code in sections or each.name in sections)
    }
