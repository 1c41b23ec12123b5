"""What stands for a key is a property of the set of observations; the history is only how we came to know it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from store_building import NOON, parsed, reading

from compensation.monitoring.records import State
from compensation.store import Store, open_store
from compensation.store.versions import Content, Flag, History, Seen, content_of, history

CONTENTS = st.sampled_from([Content(value, -2, 0, 1) for value in (301, 305, 399)])
SNAPSHOTS = st.none() | st.integers(1, 4)
OBSERVATIONS = st.lists(st.builds(Seen, CONTENTS, SNAPSHOTS), min_size=1, max_size=7)


def model_standing(observations: Sequence[Seen]) -> set[Content]:
    """The definition, over the whole set at once: an observation falls only to a later stated one."""
    stated = [each.known_at for each in observations if each.known_at is not None]
    return {
        each.content
        for each in observations
        if each.known_at is None or not any(other > each.known_at for other in stated)
    }


class Log:
    """What a database would hold after the arrivals."""

    def __init__(self) -> None:
        self.versions: list[tuple[Seen, Flag, tuple[int, ...]]] = []
        self.confirmations: list[Seen] = []

    def arrive(self, seen: Seen) -> None:
        added = self.reloaded().arrive(seen)
        if added.flag is not None:
            assert added.version == len(self.versions)
            self.versions.append((seen, added.flag, added.against))
        elif added.confirms:
            assert self.versions[added.version][0].content == seen.content
            self.confirmations.append(seen)

    def reloaded(self) -> History:
        return history(((n, seen) for n, (seen, _, _) in enumerate(self.versions)), self.confirmations)

    def head(self) -> tuple[Seen, Flag, tuple[int, ...]]:
        return [each for each in self.versions if each[1] is not Flag.SUPERSEDED][-1]

    def answer(self) -> Content | None:
        seen, flag, _ = self.head()
        return seen.content if flag is Flag.STANDS else None


def logged(observations: Sequence[Seen]) -> Log:
    log = Log()
    for seen in observations:
        log.arrive(seen)
    return log


def model_answer(observations: Sequence[Seen]) -> Content | None:
    standing = model_standing(observations)
    return standing.pop() if len(standing) == 1 else None


@given(OBSERVATIONS)
@example([Seen(Content(1, 0, 0, 1), 1), Seen(Content(1, 0, 0, 1), 3), Seen(Content(2, 0, 0, 1), 2)])
@example([Seen(Content(1, 0, 0, 1), 2), Seen(Content(1, 0, 0, 1), None), Seen(Content(2, 0, 0, 1), 3)])
def test_the_head_of_the_log_is_what_stands(observations: list[Seen]) -> None:
    for length in range(1, len(observations) + 1):
        assert logged(observations[:length]).answer() == model_answer(observations[:length])


@given(OBSERVATIONS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_decides_nothing(observations: list[Seen], random) -> None:
    shuffled = list(observations)
    random.shuffle(shuffled)
    assert logged(shuffled).answer() == logged(observations).answer()


@given(OBSERVATIONS)
def test_a_conflict_names_every_other_that_stands(observations: list[Seen]) -> None:
    log = logged(observations)
    seen, flag, against = log.head()
    others = {log.versions[version][0].content for version in against}
    expected = model_standing(observations) - {seen.content} if flag is Flag.CONFLICT else set()
    assert others == expected


@given(OBSERVATIONS)
def test_saying_it_all_again_adds_nothing(observations: list[Seen]) -> None:
    log = logged(observations)
    before = (list(log.versions), list(log.confirmations))
    for seen in observations:
        log.arrive(seen)
    assert (log.versions, log.confirmations) == before


@given(st.integers(-(10**17), 10**17), st.integers(-20, 20), st.integers(0, 1))
def test_content_is_the_value_not_its_digits(mantissa: int, exponent: int, state: int) -> None:
    assert content_of(mantissa * 10, exponent - 1, state, 1) == content_of(mantissa, exponent, state, 1)
    found = content_of(mantissa, exponent, state, 1)
    assert found.mantissa is not None
    assert found.mantissa * 10 ** (found.exponent + 40) == mantissa * 10 ** (exponent + 40)


ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from(["3.01", "3.010", "3.05", "4"]),
        st.none() | st.integers(0, 3),
        st.integers(0, 2),  # hours: three keys
        st.booleans(),  # a new file begins here
    ),
    min_size=1,
    max_size=12,
)


def _files(arrivals: Sequence[tuple[str, int | None, int, bool]]) -> list[list]:
    files: list[list] = [[]]
    for row, (text, snapshot, hour, cut) in enumerate(arrivals, start=2):
        if cut and files[-1]:
            files.append([])
        known_at = None if snapshot is None else NOON + timedelta(days=1 + snapshot)
        files[-1].append(reading(text, time=NOON + timedelta(hours=hour), known_at=known_at, row=row))
    return files


def _model_values(arrivals: Sequence[tuple[str, int | None, int, bool]]) -> list[tuple[int, ...]]:
    values = []
    for hour in sorted({arrival[2] for arrival in arrivals}):
        answer = model_answer(
            [
                Seen(Content(int(text.replace(".", "").ljust(4, "0")), -3, 0, 1), snapshot)
                for text, snapshot, at, _ in arrivals
                if at == hour
            ]
        )
        values.append((hour, State.MISSING, None) if answer is None else (hour, State.VALUE, answer.mantissa))
    return values


def _stored_values(store: Store) -> list[tuple[int | None, ...]]:
    first = int((NOON - datetime(1970, 1, 1)).total_seconds()) // 60
    return [
        ((row[2] - first) // 60, row[5], None if row[3] is None else row[3] * 10 ** (row[4] + 3))
        for row in store.readings()
    ]


def _sums(readings: Sequence[tuple]) -> dict[tuple, tuple[int, int]]:
    found: dict[tuple, tuple[int, int]] = {}
    for code, indicator, minute, mantissa, exponent, state, status, method, *_ in readings:
        key = (code, indicator, minute // 1440, exponent, state, status, method)
        total, n = found.get(key, (0, 0))
        found[key] = (total + (mantissa or 0), n + 1)
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ARRIVALS)
def test_the_database_agrees_with_the_model(tmp_path: Path, arrivals: list) -> None:
    for leftover in tmp_path.glob("*"):
        leftover.unlink()
    with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
        store.init()
        moments = []
        files = _files(arrivals)
        for number, readings in enumerate(files):
            moments.append(store.ingest(parsed(readings, name=f"{number}.csv")).imported_at)
            done = sum(map(len, files[: number + 1]))
            assert _stored_values(store) == _model_values(arrivals[:done])
        # what was known then can still be asked now
        for number, moment in enumerate(moments):
            then = list(store.readings(as_known_at=moment))
            done = sum(map(len, files[: number + 1]))
            assert [row[5] for row in then] == [value[1] for value in _model_values(arrivals[:done])]
            assert _sums(then) == {row[:7]: row[7:] for row in store.daily_sums(as_known_at=moment)}
        waiting = [value for value in _model_values(arrivals) if value[1] == State.MISSING]
        assert len(store.undecided()) == len(waiting)
        assert all(check.ok for check in store.check())


@pytest.mark.parametrize("reverse", [False, True])
def test_both_databases_log_the_same_history(store: Store, reverse: bool) -> None:
    texts = [("3.01", 1), ("3.01", 3), ("3.05", 2), ("4", 3), ("4", None), ("3.05", 4)]
    for row, (text, snapshot) in enumerate(texts[::-1] if reverse else texts):
        known_at = None if snapshot is None else NOON + timedelta(days=snapshot)
        store.ingest(parsed([reading(text, known_at=known_at, row=row)], name=f"{row}"))
    with store.database.reading() as connection:
        found = connection.exec_driver_sql("SELECT version, mantissa, flag FROM reading ORDER BY version")
        versions = [tuple(row) for row in found]
    assert {row[:7]: row[7:] for row in store.daily_sums()} == _sums(list(store.readings()))
    expected = [(0, 301, 0), (1, 305, 2), (2, 4, 1), (3, 305, 1)]
    assert versions == ([(0, 305, 0), (1, 4, 1), (2, 301, 2)] if reverse else expected)
