"""Readings and daily sums come back exact, in one order, from any range, as of any moment."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from store_building import BRIDGE, JIANGSU, NOON, parsed, reading

from compensation.monitoring.records import Method, SectionName, State, Status
from compensation.store import Scope, Store, date_of_day, day_of, minute_of, open_store, time_of_minute
from compensation.store.bulk import stream
from compensation.store.standing import KEY

SECTIONS = [BRIDGE, SectionName("千灯浦口", JIANGSU), SectionName("乙站", JIANGSU), SectionName("Z站", None)]
INDICATORS = ["w21011", "w01019", "class", "w01001"]


def _spread() -> list:
    return [
        reading(
            f"{n}.{k}", section=section, indicator=indicator, time=NOON + timedelta(hours=7 * step), row=10 * n + step
        )
        for n, section in enumerate(SECTIONS)
        for k, indicator in enumerate(INDICATORS)
        for step in range(6)
    ]


def test_order_is_of_codes_and_time_whatever_came_first(store: Store) -> None:
    store.ingest(parsed(reversed(_spread())))
    rows = list(store.readings())
    assert len(rows) == 96
    assert rows == sorted(rows, key=lambda row: row[:3])


def test_sums_come_in_the_order_of_the_registry(store: Store) -> None:
    store.ingest(parsed(reversed(_spread())))
    with store.database.reading() as connection:
        named = "SELECT code, id FROM section UNION ALL SELECT code, id FROM indicator"
        numbers = {str(code): int(number) for code, number in connection.execute(text(named))}
    for sums in (list(store.daily_sums()), list(store.monthly_sums(Scope()))):
        order = [(numbers[section], numbers[indicator], *rest) for section, indicator, *rest in sums]
        assert order == sorted(order)
        assert len({each[:3] for each in order}) > len(numbers) / 2


def test_scope_is_kept(store: Store) -> None:
    store.ingest(parsed(_spread()))
    start, end = NOON + timedelta(hours=7), NOON + timedelta(hours=21)
    rows = list(store.readings(["310118_0003", "320000:乙站", "unknown"], ["w01019", "class"], start, end))
    assert {row[0] for row in rows} == {"310118_0003", "320000:乙站"}
    assert {row[1] for row in rows} == {"w01019", "class"}
    assert {time_of_minute(row[2]) for row in rows} == {start, start + timedelta(hours=7)}
    assert len(rows) == 8
    assert list(store.readings(["unknown"])) == []
    assert list(store.readings([], None)) == []
    assert list(store.daily_sums(indicators=["unknown"])) == []
    assert store.undecided(Scope(["unknown"])) == []


def test_daily_sums_of_eighteen_digits_do_not_overflow(store: Store) -> None:
    largest = "9" * 18
    store.ingest(
        parsed(
            [reading(largest, time=NOON.replace(hour=hour), row=hour + 2, indicator="w01003") for hour in range(24)]
            + [
                reading(f"-{largest}", time=NOON.replace(hour=hour), row=hour + 40, indicator="w01010")
                for hour in range(24)
            ]
        )
    )
    sums = [(row[1], row[7], row[8]) for row in store.daily_sums()]
    assert sums == [("w01003", 24 * int(largest), 24), ("w01010", -24 * int(largest), 24)]


VALUES = st.lists(
    st.tuples(
        st.integers(-(10**18) + 1, 10**18 - 1),
        st.integers(-6, 3),
        st.sampled_from([State.VALUE, State.BELOW_LIMIT, State.MISSING]),
        st.sampled_from([Status.NORMAL, Status.MAINTENANCE]),
        st.sampled_from(list(Method)),
        st.integers(-3000, 3000),
    ),
    max_size=25,
    unique_by=lambda value: (value[4], value[5]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES)
def test_daily_sums_are_the_sums_of_the_readings(tmp_path, values: list) -> None:
    for leftover in tmp_path.glob("*"):
        leftover.unlink()
    readings = [
        reading(time=NOON + timedelta(minutes=offset), status=status, method=method, row=row)._replace(
            state=state, mantissa=None if state is State.MISSING else mantissa, exponent=exponent
        )
        for row, (mantissa, exponent, state, status, method, offset) in enumerate(values)
    ]
    with open_store(f"sqlite:///{tmp_path / 'a.db'}") as store:
        store.init()
        store.ingest(parsed(readings))
        expected: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
        for code, indicator, minute, mantissa, exponent, state, status, method, _, _ in store.readings():
            cell = expected[(code, indicator, minute // 1440, exponent, state, status, method)]
            cell[0] += mantissa or 0
            cell[1] += 1
        assert {row[:7]: list(row[7:]) for row in store.daily_sums()} == expected
        assert sum(row[8] for row in store.daily_sums()) == len(values)


def test_daily_sums_of_a_part_of_a_day_are_of_that_part(store: Store) -> None:
    store.ingest(parsed(_spread()))
    store.ingest(parsed([reading("9.5", section=SECTIONS[0], time=NOON, row=99)], name="乙"))
    for start, end in (
        (NOON + timedelta(hours=1), NOON + timedelta(hours=30)),
        (NOON.replace(hour=0), NOON + timedelta(hours=13)),
        (NOON + timedelta(hours=1), None),
        (NOON + timedelta(hours=1), NOON + timedelta(hours=9)),
        (None, NOON.replace(hour=0) + timedelta(days=1)),
    ):
        expected: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
        for code, indicator, minute, mantissa, exponent, state, status, method, _, _ in store.readings(
            start=start, end=end
        ):
            cell = expected[(code, indicator, minute // 1440, exponent, state, status, method)]
            cell[0] += mantissa or 0
            cell[1] += 1
        assert {row[:7]: list(row[7:]) for row in store.daily_sums(start=start, end=end)} == expected


def test_monthly_sums_are_the_daily_sums_of_their_months(store: Store) -> None:
    store.ingest(parsed(_spread()))
    late = [reading("2", time=datetime(2025, 12, 31, 23), row=7), reading("3", time=datetime(2026, 3, 31, 23), row=8)]
    store.ingest(parsed([*late, reading("5", section=SECTIONS[0], time=NOON, row=9)], name="乙"))
    for scope in (Scope(), Scope(["310118_0003"], ["w01019"], NOON, NOON + timedelta(hours=20)), Scope(["unknown"])):
        expected: dict[tuple, list[int]] = defaultdict(lambda: [0, 0])
        for code, indicator, day, *kind, total, n in store.daily_sums(*scope[:4]):
            cell = expected[(code, indicator, int(f"{date_of_day(day):%Y%m}"), *kind)]
            cell[0] += total
            cell[1] += n
        found = list(store.monthly_sums(scope))
        assert {row[:7]: list(row[7:]) for row in found} == expected
        assert len(found) == len(expected)
    assert {row[2] for row in store.monthly_sums(Scope())} == {202512, int(f"{NOON:%Y%m}"), 202603}


def test_daily_sums_answer_as_of_a_moment(store: Store) -> None:
    store.ingest(parsed([reading("1", time=NOON), reading("2", time=NOON + timedelta(hours=4), row=3)]))
    then = store.known_through()
    before = list(store.daily_sums())
    store.ingest(parsed([reading("4", time=NOON + timedelta(hours=8)), reading("3", time=NOON, row=3)], name="乙"))
    assert [row[7:] for row in before] == [(3, 2)]
    assert list(store.daily_sums(as_known_at=then)) == before
    assert {(row[7], row[8]) for row in store.daily_sums()} == {(6, 2), (0, 1)}


def test_a_kept_sum_that_is_not_the_readings_is_found(store: Store) -> None:
    store.ingest(parsed(_spread()))
    assert all(check.ok for check in store.check())
    kind = "day, section_id, indicator_id, method, exponent, state, status"
    with store.database.writing() as connection:
        connection.execute(
            text(
                f"INSERT INTO daily_sum ({kind}, file_id, high, low, n) "
                f"SELECT {kind}, 99, 0, 1, 1 FROM daily_sum ORDER BY {kind} LIMIT 1"
            )
        )
    assert [(check.name, check.detail) for check in store.check() if not check.ok] == [
        ("days_add_up", "1 个日合计与监测值不符")
    ]


def test_times_before_1970_keep_their_day(store: Store) -> None:
    old = datetime(1969, 12, 31, 23, 30)
    store.ingest(parsed([reading(time=old)]))
    assert [time_of_minute(row[2]) for row in store.readings()] == [old]
    assert [date_of_day(row[2]) for row in store.daily_sums()] == [old.date()]
    assert store.status().first_day == old.date()


def _decide(store: Store, chosen: int | None, seq: int, decided_at: int) -> None:
    columns = f"{', '.join(KEY)}, version, seq, chosen_version, decided_at, decided_by, reason, document"
    with store.database.writing() as connection:
        connection.execute(
            text(
                f"INSERT INTO reading_decision ({columns}) SELECT {', '.join(KEY)}, version, :seq, :chosen, :at, "
                "'某', '核对原始记录', '文' FROM reading WHERE flag = 1 ORDER BY version DESC LIMIT 1"
            ),
            {"seq": seq, "chosen": chosen, "at": decided_at},
        )


def test_decision_settles_a_conflict_until_it_is_changed_or_reopened(store: Store) -> None:
    store.ingest(parsed([reading("3.01", row=2), reading("3.05", row=3)]))
    moment = minute_of(datetime(2027, 1, 1)) * 60_000_000
    when = datetime(2027, 1, 1)
    for seq, (chosen, value) in enumerate([(0, 301), (1, 305), (None, None)]):
        _decide(store, chosen, seq, moment + seq)
        assert [row[3] for row in store.readings()] == [value]
        assert [row[7] for row in store.daily_sums()] == [value or 0]
        assert store.undecided() == []
    # and each answer can still be asked for
    then = [[row[3] for row in store.readings(as_known_at=when + timedelta(microseconds=n))] for n in (-1, 0, 1, 2)]
    assert then == [[None], [301], [305], [None]]
    assert len(store.undecided(Scope(as_known_at=when - timedelta(microseconds=1)))) == 1
    assert store.known_through() == when + timedelta(microseconds=2)
    store.ingest(parsed([reading("4", row=4)], name="丙"))
    (conflict,) = store.undecided()
    assert (conflict.version, conflict.other_versions) == (2, (0, 1))
    assert [row[3] for row in store.readings()] == [None]


def test_questions_in_one_block_are_answered_from_one_state(store: Store) -> None:
    store.ingest(parsed([reading()]))
    with store.unchanging():
        before = list(store.readings())
        with open_store(store.database.url.render_as_string(hide_password=False)) as other:
            other.ingest(parsed([reading(time=NOON + timedelta(hours=4))], name="后来.csv"))
            assert len(list(other.readings())) == 2
        assert list(store.readings()) == before
        assert len(list(store.daily_sums())) == 1
        assert len(store.source_files()) == 1
    assert len(list(store.readings())) == 2


def test_chosen_version_brings_its_own_source(store: Store) -> None:
    store.ingest(parsed([reading("3.01", row=7)]))
    store.ingest(parsed([reading("3.05", row=9)], name="乙"))
    _decide(store, 0, 0, 10**16)
    assert [row[8:] for row in store.readings()] == [(1, 7)]


@pytest.mark.parametrize(
    "moment", [datetime(1970, 1, 1), datetime(2026, 2, 28, 23, 59), datetime(1969, 12, 31, 23, 59)]
)
def test_minutes_and_days_are_read_back(moment: datetime) -> None:
    assert time_of_minute(minute_of(moment)) == moment
    assert date_of_day(day_of(moment.date())) == moment.date()
    assert minute_of(moment) // 1440 == day_of(moment.date())


def test_seconds_are_cut_towards_the_past() -> None:
    assert minute_of(datetime(1969, 12, 31, 23, 59, 30)) == -1
    assert minute_of(datetime(1970, 1, 1, 0, 0, 59)) == 0


def test_status_tells_what_there_is(store: Store) -> None:
    assert (store.status().first_day, store.status().undecided) == (None, 0)
    store.ingest(parsed([reading("3.01", row=2), reading("3.05", row=3), reading(time=NOON + timedelta(9), row=4)]))
    status = store.status()
    assert (status.rows["reading"], status.undecided) == (3, 1)
    assert (status.first_day, status.last_day) == (NOON.date(), (NOON + timedelta(9)).date())


def test_a_year_reads_the_parts_of_its_own_year_only(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for year in (2024, 2025, 2026):
        first, second = reading("1", time=datetime(year, 3, 1)), reading("2", time=datetime(year, 3, 1))
        store.ingest(parsed([first, second], name=f"{year}.csv"))
    plans: list[str] = []
    plan_of = "QUERY PLAN " if store.database.is_sqlite else ""

    def planned(connection: Connection, sql: str) -> Iterator[tuple[object, ...]]:
        plans.append("\n".join(connection.execute(text(f"EXPLAIN {plan_of}{sql}".replace(":", "\\:"))).scalars(-1)))
        return stream(connection, sql)

    for module in ("query", "decisions"):
        monkeypatch.setattr(f"compensation.store.{module}.stream", planned)
    year = {"start": datetime(2025, 1, 1), "end": datetime(2026, 1, 1)}
    for known in (None, datetime(2100, 1, 1)):
        assert len(list(store.readings(**year, as_known_at=known))) == 1
        assert len(list(store.daily_sums(**year, as_known_at=known))) == 1
        assert len(store.undecided(Scope(**year, as_known_at=known))) == 1
        assert len(store.conflicts(**year, as_known_at=known)) == 1
    assert len(plans) == 8
    if store.database.is_sqlite:
        # Only the readings asked for are those between two minutes: later versions and decisions are found by the key.
        searches = [line for plan in plans for line in plan.splitlines() if re.match("SEARCH [ndl] ", line)]
        assert len(searches) >= 12
        assert all("minute=?" in line for line in searches), searches
        plans.clear()
        list(store.readings(["310118_0003"], **year))
        list(store.daily_sums(["310118_0003"], **year))
        assert len(re.findall(r"SEARCH r USING PRIMARY KEY \(day=\? AND section_id=\?", "\n".join(plans))) >= 2, plans
        assert "SCAN r" not in "".join(plans)
        return
    for plan in plans:
        assert "reading_2025" in plan
        assert not re.findall(r"(?:reading|daily_sum)\w*_(?:2024|2026)", plan), plan


def test_a_server_that_has_counted_nothing_yet_still_goes_by_the_key(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store.database.is_sqlite:
        pytest.skip("SQLite plans by the order in which tables are named, whatever it has counted")
    first = datetime(2025, 1, 1)
    store.ingest(parsed([reading("1", section=SECTIONS[0], time=first)], name="先.csv"))
    with store.database.writing() as connection:
        for table in ("reading_2025", "daily_sum_2025"):
            connection.execute(text(f"ALTER TABLE {table} SET (autovacuum_enabled = false)"))
    many = [
        reading(
            "0.5", section=SectionName(f"站{n}", JIANGSU), time=first + timedelta(days=day, hours=4), row=400 * n + day
        )
        for n in range(30)
        for day in range(300)
    ]
    store.ingest(parsed(many, name="后.csv"))
    plans: list[str] = []

    def planned(connection: Connection, sql: str) -> Iterator[tuple[object, ...]]:
        plans.append("\n".join(connection.execute(text(f"EXPLAIN {sql}".replace(":", "\\:"))).scalars()))
        return stream(connection, sql)

    monkeypatch.setattr("compensation.store.query.stream", planned)
    few = (["320000:站7", "320000:站8"], ["w01019"], datetime(2025, 1, 1, 6), datetime(2025, 12, 1, 6))
    assert len(list(store.readings(*few))) == 2 * 299
    assert sum(row[8] for row in store.daily_sums(*few)) == 2 * 299
    assert sum(row[8] for row in store.monthly_sums(Scope(*few))) == 2 * 299
    assert len(list(store.placed_readings(Scope(*few)))) == 2 * 299
    found = "\n".join(plans)
    assert not re.findall(r"Seq Scan on (?:reading_2025|daily_sum)", found), found
    of_rows = re.findall(r"Scan using (?:reading|daily_sum)_2025_pkey on \w+ r_?\d*\b.*\n\s+Index Cond: (.*)", found)
    asked = [each for each in of_rows if "(section_id = q" in each]
    # Readings twice, and for both sums the kept ones and the days that are cut.
    assert len(asked) == 6, found
    assert all(re.search(r"\(day = p\w*\.day\)", each) for each in asked), asked
    later = [each for each in of_rows if "(section_id = k" in each]
    assert len(later) == 4, found
    assert all(re.search(r"\(day = k\w*\.day\)", each) for each in later), later
