"""A file goes in whole, once, and every row of it is accounted for."""

from datetime import timedelta

import pytest
from store_building import BRIDGE, NOON, many, parsed, reading

from compensation.errors import IntegrityError
from compensation.monitoring.records import Method, Refused, State, Status
from compensation.store import Store, minute_of
from compensation.store.status import imported_before

LATER = NOON + timedelta(days=1)


def test_what_goes_in_comes_out(store: Store) -> None:
    report = store.ingest(
        parsed(
            [
                reading("3.01", row=2),
                reading("0.025L", state=State.BELOW_LIMIT, indicator="w21003", row=2),
                reading("--", state=State.MISSING, indicator="w21011", row=2),
                reading("3.2", time=LATER, status=Status.MAINTENANCE, method=Method.MANUAL, row=7),
            ]
        )
    )
    assert (report.rows_in, report.rows_stored, report.readings_stored) == (2, 2, 4)
    minute = minute_of(NOON)
    code = "310118_0003"
    assert list(store.readings()) == [
        (code, "w01019", minute, 301, -2, 0, 1, 1, 1, 2),
        (code, "w01019", minute + 1440, 32, -1, 0, 2, 2, 1, 7),
        (code, "w21003", minute, 25, -3, 1, 1, 1, 1, 2),
        (code, "w21011", minute, None, 0, 2, 1, 1, 1, 2),
    ]


def test_plain_tuples_so_that_nothing_depends_on_the_driver(store: Store) -> None:
    store.ingest(parsed([reading()]))
    assert [type(row) for row in store.readings()] == [tuple]
    assert [type(row) for row in store.daily_sums()] == [tuple]


def test_same_content_twice_is_a_no_op_that_says_so(store: Store) -> None:
    first = store.ingest(parsed([reading()]))
    before = store.status()
    again = store.ingest(parsed([reading()]))
    assert not first.already
    assert again.already
    assert (again.file_id, again.name, again.imported_at) == (first.file_id, first.name, first.imported_at)
    assert store.status() == before


def test_identical_in_another_file_is_counted_and_not_stored_again(store: Store) -> None:
    store.ingest(parsed([reading(row=2), reading(time=LATER, row=3)]))
    report = store.ingest(parsed([reading("3.010", row=9), reading("4", time=NOON - timedelta(1), row=10)], name="乙"))
    assert (report.rows_stored, report.rows_identical, report.readings_identical) == (1, 1, 1)
    assert store.status().rows["reading"] == 3


def test_row_with_one_new_value_counts_as_stored(store: Store) -> None:
    store.ingest(parsed([reading(row=2)]))
    report = store.ingest(parsed([reading(row=2), reading("7.1", indicator="w01001", row=2)], name="乙"))
    assert (report.rows_stored, report.rows_identical) == (1, 0)
    assert (report.readings_stored, report.readings_identical) == (1, 1)


def test_repeat_within_one_file(store: Store) -> None:
    report = store.ingest(parsed([reading(row=2), reading(row=3), reading(row=4)]))
    assert (report.rows_stored, report.rows_identical) == (1, 2)


def test_later_snapshot_revises(store: Store) -> None:
    report = store.ingest(parsed([reading("3.01", known_at=NOON, row=2), reading("3.05", known_at=LATER, row=3)]))
    assert (report.revised, report.conflicts) == (1, 0)
    assert [row[3] for row in store.readings()] == [305]
    assert store.undecided() == []


@pytest.mark.parametrize("known", [(None, None), (NOON, NOON), (None, LATER), (NOON, None)])
def test_different_without_a_later_snapshot_is_a_conflict_and_counts_as_missing(store: Store, known: tuple) -> None:
    store.ingest(parsed([reading("3.01", known_at=known[0], row=2)]))
    report = store.ingest(parsed([reading("3.05", known_at=known[1], row=3)], name="乙"))
    assert report.conflicts == 1
    assert [row[3:8] for row in store.readings()] == [(None, 0, int(State.MISSING), int(Status.NORMAL), 1)]
    (conflict,) = store.undecided()
    assert (conflict.section_code, conflict.indicator, conflict.time) == ("310118_0003", "w01019", NOON)
    assert (conflict.version, conflict.other_versions) == (1, (0,))


def test_hand_sample_of_the_day_does_not_contradict_the_station_at_midnight(store: Store) -> None:
    midnight = NOON.replace(hour=0)
    report = store.ingest(
        parsed([reading("3.0", time=midnight), reading("3.4", time=midnight, method=Method.MANUAL, row=3)])
    )
    assert (report.conflicts, report.readings_stored) == (0, 2)


def test_same_value_in_another_state_or_status_is_another_content(store: Store) -> None:
    store.ingest(parsed([reading("0.025", row=2)]))
    below = store.ingest(parsed([reading("0.025L", state=State.BELOW_LIMIT, row=2)], name="乙"))
    repaired = store.ingest(parsed([reading("0.025", status=Status.MAINTENANCE, row=2)], name="丙"))
    assert (below.conflicts, repaired.conflicts) == (1, 1)


def test_missing_value_has_no_exponent_to_differ_in(store: Store) -> None:
    missing = reading("--", state=State.MISSING)
    store.ingest(parsed([missing._replace(exponent=-2)]))
    report = store.ingest(parsed([missing], name="乙"))
    assert report.readings_identical == 1
    assert [row[4] for row in store.readings()] == [0]


def test_refused_rows_are_kept_with_their_reason(store: Store) -> None:
    refused = [
        Refused("数据", 5, 3, "x", "不是数值", "改为数值", True),
        Refused("数据", 5, 4, "y", "单位不明", "写明单位", True),
    ]
    report = store.ingest(parsed([reading()], refused=refused, empty=2))
    assert (report.rows_in, report.rows_stored, report.rows_refused, report.rows_empty) == (4, 1, 1, 2)
    assert store.status().rows["refused_row"] == 2


def test_file_whose_rows_do_not_add_up_changes_nothing(store: Store) -> None:
    lost = parsed([reading()])
    lost.counts.rows_in += 1
    before = store.status()
    with pytest.raises(IntegrityError, match="行数不平"):
        store.ingest(lost)
    assert store.status() == before


def test_raw_text_is_kept_only_where_it_says_more(store: Store) -> None:
    store.ingest(
        parsed(
            [
                reading("3.01", row=2),
                reading("3.01", row=3, time=LATER)._replace(raw="３.０１"),
                reading("--", state=State.MISSING, row=4, indicator="w21003"),
                reading("", state=State.MISSING, row=5, indicator="w21011"),
            ]
        )
    )
    with store.database.reading() as connection:
        found = connection.exec_driver_sql("SELECT source_row, raw FROM reading ORDER BY 1").fetchall()
    assert [tuple(row) for row in found] == [(2, None), (3, "３.０１"), (4, "--"), (5, None)]


def test_progress_is_told(store: Store) -> None:
    seen: list[int] = []
    store.ingest(many(3000), seen.append)
    assert seen
    assert seen == sorted(seen)


def test_chunks_are_an_inner_matter(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compensation.store.bulk.CHUNK_ROWS", 7)
    monkeypatch.setattr("compensation.store.contested.CHUNK_ROWS", 5)
    store.ingest(many(100))
    report = store.ingest(many(100, name="再.csv", first=20))
    # the second file starts an hour later with other values: all but its last hour conflict
    assert (report.conflicts, report.readings_stored) == (80, 100)
    assert len(store.undecided()) == 80
    assert all(check.ok for check in store.check())


def test_clock_going_backwards_does_not_upset_the_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = store.ingest(parsed([reading("1")]))
    monkeypatch.setattr("compensation.store.ingest.now_moment", lambda: 0)
    second = store.ingest(parsed([reading("2", time=LATER)], name="乙"))
    assert second.imported_at > first.imported_at
    assert [row[3] for row in store.readings(as_known_at=first.imported_at)] == [1]
    assert store.known_through() == second.imported_at


def test_file_with_nothing_but_a_header(store: Store) -> None:
    report = store.ingest(parsed())
    assert (report.rows_in, report.readings_stored) == (0, 0)
    assert list(store.readings()) == []
    assert BRIDGE.name in {section.name for section in store.sections()}


def test_a_file_is_hashed_only_when_one_of_its_size_was_imported(store: Store) -> None:
    known = parsed([reading()])
    store.ingest(known)
    url = store.database.url.render_as_string(hide_password=False)
    asked: list[str] = []

    def fingerprint() -> str:
        asked.append(known.sha256)
        return known.sha256

    assert imported_before(known.size + 1, fingerprint, url) is None
    assert asked == []
    earlier = imported_before(known.size, fingerprint, url)
    assert earlier is not None
    assert earlier[0] == known.name
    assert imported_before(known.size, lambda: "0" * 64, url) is None
