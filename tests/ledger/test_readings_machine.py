"""A year whose readings change under it: reported again, revised by a later snapshot, contradicted, and decided.

The model keeps what was ever seen of each month's ammonia, and works out what stands by sentences of its own.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from changing import (
    ANY,
    BY,
    GIVER,
    TAKER,
    Changing,
    an_old_settlement_is_computed_over_what_is_known_now,
    flat_per_month,
)
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from stateful import lived, short_life
from store_building import parsed, reading

from compensation.errors import IntegrityError
from compensation.monitoring.records import Method, Reading, SectionName
from compensation.store import Conflict, decisions, versions

RIVER = SectionName("界河", "410000")
AMMONIA = "w21003"
CLEAN = {"w01019": "2.0", "w21011": "0.05"}
FEN_A_MONTH = 12_500_000
MONTHS = st.integers(1, 12)
VALUES = st.sampled_from(["0.5", "0.50", "0.7", "1.5"])  # mg/L; 1.0 is the limit of class Ⅲ
SNAPSHOTS = st.sampled_from([None, None, 1, 2, 3])
UNDECIDED = "undecided"


class Seen(NamedTuple):
    """A value as a file states it, and the snapshot that the file says it is of."""

    value: float
    snapshot: int | None


class Month(NamedTuple):
    """All that was seen of a month, and what was decided about the values that stood against each other."""

    seen: frozenset[Seen] = frozenset()
    decided: object = UNDECIDED

    @property
    def stand(self) -> frozenset[float]:
        """The values of the latest snapshot, and those that state none."""
        latest = max((each.snapshot for each in self.seen if each.snapshot is not None), default=None)
        return frozenset(each.value for each in self.seen if each.snapshot in (None, latest))

    @property
    def value(self) -> float | None:
        """The one that counts; None while there is none, or nobody knows which."""
        if len(self.stand) == 1:
            return next(iter(self.stand))
        return self.decided if isinstance(self.decided, float) else None


class Readings(Changing):
    """Tries any step at any time."""

    agreement = flat_per_month("达标.yaml", {})
    parties = (TAKER, GIVER)

    def begin(self) -> None:
        self.months = {month: Month() for month in range(1, 13)}
        clean = [self.row(month, value, code) for month in range(1, 13) for code, value in CLEAN.items()]
        self.store.ingest(parsed(clean, name="示例数据_其他指标.xlsx"))
        self.report(dict.fromkeys(range(1, 12), "0.5"), None)

    @staticmethod
    def row(month: int, value: str, code: str = AMMONIA, snapshot: int | None = None) -> Reading:
        known_at = None if snapshot is None else datetime(2027, 1, snapshot)
        day = datetime(2026, month, 5)
        return reading(value, RIVER, code, day, known_at, method=Method.MANUAL, row=month + 1)

    @property
    def now(self) -> tuple[float | None, ...]:
        return tuple(month.value for month in self.months.values())

    @property
    def whole(self) -> bool:
        return all(month.value is not None for month in self.months.values())

    @property
    def owed(self) -> dict[str, int]:
        fen = FEN_A_MONTH * sum(month.value is not None and month.value <= 1 for month in self.months.values())
        return {TAKER: -fen, GIVER: fen}

    def report(self, said: dict[int, str], snapshot: int | None) -> None:
        rows = [self.row(month, value, snapshot=snapshot) for month, value in said.items()]
        self.store.ingest(parsed(rows, name=f"示例数据_{next(self.serial)}.xlsx"))
        for number, value in said.items():
            before = self.months[number]
            after = Month(before.seen | {Seen(float(value), snapshot)}, before.decided)
            self.months[number] = after if after.stand == before.stand else after._replace(decided=UNDECIDED)

    @rule(said=st.dictionaries(MONTHS, VALUES, min_size=1, max_size=4), snapshot=SNAPSHOTS)
    def report_again(self, said: dict[int, str], snapshot: int | None) -> None:
        self.report(said, snapshot)

    @precondition(lambda self: any(month.value is None for month in self.months.values()))
    @rule()
    def fill_what_is_missing(self) -> None:
        """So that most settlements know all they need."""
        self.report({number: "0.7" for number, month in self.months.items() if not month.seen}, None)
        for number in [number for number, month in self.months.items() if month.value is None]:
            self.decided(number, 0)

    def decided(self, number: int, at: int | None) -> None:
        """Decide for one of the values that stand, or for none of them."""

        def choose(conflict: Conflict) -> int | None:
            return None if at is None else conflict.candidates[at % len(conflict.candidates)].version

        (handle,) = [each.handle for each in self.store.conflicts() if each.time.month == number]
        (conflict,) = self.store.decide([handle], choose, BY, again=True)
        chosen = None if at is None else conflict.candidates[at % len(conflict.candidates)]
        value = None if chosen is None else float(chosen.text)
        assert value is None or value in self.months[number].stand
        self.months[number] = self.months[number]._replace(decided=value)

    @precondition(lambda self: any(len(month.stand) > 1 for month in self.months.values()))
    @rule(which=ANY, at=st.sampled_from([0, 1, 1, None]))
    def decide(self, which: int, at: int | None) -> None:
        contested = [number for number, month in self.months.items() if len(month.stand) > 1]
        self.decided(contested[which % len(contested)], at)

    @invariant()
    def what_waits_for_a_decision_is_told(self) -> None:
        waiting = {each.time.month for each in self.store.undecided()}
        assert waiting == {n for n, each in self.months.items() if len(each.stand) > 1 and each.decided == UNDECIDED}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_any_change_of_the_readings_is_as_the_model_says(kind: str, request: pytest.FixtureRequest) -> None:
    lived(Readings, kind, request, examples=6, steps=25)


STEPS: list[Callable[[Readings], None]] = [
    Readings.open,
    lambda life: life.report_again(said={12: "1.5"}, snapshot=2),
    lambda life: life.report_again(said={12: "0.7"}, snapshot=1),
    Readings.settle,
    lambda life: life.make_final(at=0),
    lambda life: life.report_again(said={3: "1.5", 4: "0.50"}, snapshot=None),
    Readings.settle,
    lambda life: life.decide(which=0, at=1),
    lambda life: life.adjust(at=0),
    lambda life: life.replay(at=0),
    lambda life: life.make_final(at=2),
    lambda life: life.pay(at=0),
    lambda life: life.report_again(said={3: "0.7"}, snapshot=3),
    Readings.settle,
    lambda life: life.replay(at=2),
    lambda life: life.replay_without_a_database(at=2),
]


def test_a_short_life_is_as_the_model_says(request: pytest.FixtureRequest) -> None:
    short_life(Readings, request, STEPS)


def a_later_snapshot_is_not_heeded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(versions.History, "standing", lambda history: history.unstated | set(history.latest))


def a_contradiction_passes_for_a_correction(patch: pytest.MonkeyPatch) -> None:
    judged = versions.History.arrive

    def arrive(history: versions.History, seen: versions.Seen) -> versions.Added:
        added = judged(history, seen)
        return added if added.flag is None else added._replace(flag=versions.Flag.STANDS, against=())

    patch.setattr(versions.History, "arrive", arrive)


def a_decision_is_for_the_other_value(patch: pytest.MonkeyPatch) -> None:
    written = decisions._append

    def other(connection: Any, conflict: Conflict, version: int | None, *rest: Any) -> None:
        (left,) = [each.version for each in conflict.candidates if each.version != version]
        written(connection, conflict, left, *rest)

    patch.setattr(decisions, "_append", other)


@pytest.mark.parametrize(
    "fault",
    [
        a_later_snapshot_is_not_heeded,
        a_contradiction_passes_for_a_correction,
        a_decision_is_for_the_other_value,
        an_old_settlement_is_computed_over_what_is_known_now,
    ],
)
def test_a_fault_in_the_code_is_found(
    fault: Callable[[pytest.MonkeyPatch], None], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    with pytest.raises((AssertionError, IntegrityError)):
        short_life(Readings, request, STEPS)
