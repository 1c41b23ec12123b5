"""Conflicts are listed with every candidate's place, and decided by appending: by whom, why, and for how long."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from store_building import NOON, parsed, reading

from compensation.errors import InputError
from compensation.monitoring.records import State
from compensation.store import Conflict, Ruling, Store

RULING = Ruling("张三", "原始记录为准", "核查单〔2026〕3号")


def number(chosen: int) -> Callable[[Conflict], int | None]:
    return lambda conflict: conflict.candidates[chosen - 1].version


def nothing(_conflict: Conflict) -> int | None:
    return None


@pytest.fixture
def contested(store: Store) -> Store:
    store.ingest(parsed([reading("3.01", row=2), reading("0.20", indicator="w21003", row=2, column=6)]))
    store.ingest(parsed([reading("3.05", row=9, column=7)], name="乙.xlsx"))
    return store


def standing(store: Store, indicator: str = "w01019") -> list[tuple[int | None, int]]:
    return [(row[3], row[5]) for row in store.readings(indicators=[indicator])]


def test_both_values_are_shown_with_their_place(contested: Store) -> None:
    (conflict,) = contested.conflicts()
    assert (conflict.section_code, conflict.section_name, conflict.indicator) == ("310118_0003", "太浦河桥", "w01019")
    assert (conflict.time, conflict.decision) == (NOON, None)
    assert [(each.text, each.file, each.sheet, each.row, each.column) for each in conflict.candidates] == [
        ("3.01", "甲.xlsx", "数据", 2, 5),
        ("3.05", "乙.xlsx", "数据", 9, 7),
    ]


@pytest.mark.parametrize(("chosen", "value"), [(1, 301), (2, 305)])
def test_the_decided_value_stands_and_who_decided_is_kept(contested: Store, chosen: int, value: int) -> None:
    (conflict,) = contested.conflicts()
    before = contested.known_through()
    contested.decide([conflict.handle], number(chosen), RULING)
    assert standing(contested) == [(value, State.VALUE)]
    assert contested.undecided() == []
    (after,) = contested.conflicts()
    assert after.decision is not None
    assert after.decision[2:] == RULING
    assert after.decision.chosen_version == chosen - 1
    assert after.decision.decided_at == contested.known_through() > before


def test_none_of_them_is_a_decision_too(contested: Store) -> None:
    (conflict,) = contested.conflicts()
    contested.decide([conflict.handle], nothing, RULING)
    assert standing(contested) == [(None, State.MISSING)]
    assert contested.undecided() == []


def test_what_was_known_before_the_decision_is_still_known(contested: Store) -> None:
    (conflict,) = contested.conflicts()
    before = contested.known_through()
    contested.decide([conflict.handle], number(2), RULING)
    (then,) = contested.conflicts(as_known_at=before)
    assert then.decision is None
    assert [row[3] for row in contested.readings(indicators=["w01019"], as_known_at=before)] == [None]


def test_a_decision_is_overruled_only_on_purpose_and_stays(contested: Store) -> None:
    (conflict,) = contested.conflicts()
    contested.decide([conflict.handle], number(2), RULING)
    with pytest.raises(InputError, match="已经裁定"):
        contested.decide([conflict.handle], number(1), RULING)
    contested.decide([conflict.handle], number(1), Ruling("李四", "复核"), again=True)
    assert standing(contested) == [(301, State.VALUE)]
    (after,) = contested.conflicts()
    assert after.decision is not None
    assert after.decision.decided_by == "李四"
    assert contested.status().rows["reading_decision"] == 2


def test_several_are_decided_together_or_not_at_all(contested: Store) -> None:
    contested.ingest(parsed([reading("0.30", indicator="w21003", row=3)], name="丙.xlsx"))
    first, second = contested.conflicts()
    with pytest.raises(InputError, match="找不到"):
        contested.decide([first.handle, "ffff"], number(1), RULING)
    assert len(contested.undecided()) == 2
    contested.decide([first.handle, second.handle, first.handle], number(1), RULING)
    assert contested.undecided() == []
    assert contested.status().rows["reading_decision"] == 2


def test_a_later_contradiction_needs_a_decision_of_its_own(contested: Store) -> None:
    (conflict,) = contested.conflicts()
    contested.decide([conflict.handle], number(2), RULING)
    contested.ingest(parsed([reading("3.09", row=4)], name="丁.xlsx"))
    (newer,) = contested.conflicts()
    assert newer.decision is None
    assert [each.text for each in newer.candidates] == ["3.01", "3.05", "3.09"]
    assert newer.handle != conflict.handle
    assert standing(contested) == [(None, State.MISSING)]


def test_a_revision_by_a_later_snapshot_ends_the_conflict(store: Store) -> None:
    store.ingest(parsed([reading("3.01", known_at=NOON, row=2), reading("3.05", known_at=NOON, row=3)]))
    assert len(store.conflicts()) == 1
    store.ingest(parsed([reading("3.07", known_at=NOON + timedelta(1), row=2)], name="乙"))
    assert store.conflicts() == []
    assert standing(store) == [(307, State.VALUE)]


def test_a_file_tells_the_conflicts_it_leaves_not_those_it_ends_itself(store: Store) -> None:
    settled = [(value, NOON + timedelta(later)) for value, later in (("3.01", 0), ("3.05", 0), ("3.07", 1))]
    report = store.ingest(
        parsed(
            [reading(value, known_at=known, row=row) for row, (value, known) in enumerate(settled)]
            + [reading(value, indicator="w21003", row=9 + row) for row, value in enumerate(("0.1", "0.2", "0.3"))]
        )
    )
    assert report.conflicts == len(store.conflicts()) == 1


def test_the_scope_is_kept(contested: Store) -> None:
    assert contested.conflicts(["310118_0002"]) == []
    assert contested.conflicts(["unknown"]) == []
    assert contested.conflicts(indicators=["w21003"]) == []
    assert len(contested.conflicts(["310118_0003"], ["w01019"], NOON, NOON + timedelta(minutes=1))) == 1
