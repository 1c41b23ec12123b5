import csv
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from compensation.quality.periods import MonthRoute, Sample, ValidityRule, sample
from compensation.quality.standard import indicator_by_name
from compensation.quality.treatments import Outcome, compare_treatments
from compensation.rounding import decimal_text

OXYGEN, PERMANGANATE, AMMONIA, PHOSPHORUS = "w01009", "w01019", "w21003", "w21011"
JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)
Treatment = tuple[str, bool, bool, str]


@pytest.fixture(scope="module")
def bridge(shared_dir: Path) -> dict[Treatment, Outcome]:
    """The outcomes at 太浦河桥 by (month, with DO, rounded, route)."""
    samples: dict[str, list[Sample]] = {}
    with (shared_dir / "data/cnemc_2026_taipu_bridge.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            for name, text in row.items():
                found = indicator_by_name(name)
                if found is not None and text:
                    time = datetime.fromisoformat(row["监测时间"])
                    samples.setdefault(found.code, []).append(sample(time, Fraction(text)))
    outcomes = compare_treatments(samples, [JULY, AUGUST], "river")
    assert len(outcomes) == 16
    return {(each.month, each.with_dissolved_oxygen, each.rounded, each.route): each for each in outcomes}


def mean_of(outcome: Outcome, code: str) -> tuple[str, int]:
    (found,) = (each.mean for each in outcome.indicators if each.mean.indicator == code)
    assert found.value is not None
    return decimal_text(found.value, 4), found.n


@pytest.mark.real
def test_lesson_1_dissolved_oxygen_decides_who_pays(bridge: dict[Treatment, Outcome]) -> None:
    for month in ("2026-07", "2026-08"):
        with_oxygen, without = bridge[month, True, False, "readings"], bridge[month, False, False, "readings"]
        assert (with_oxygen.water_class, with_oxygen.deciding) == (4, (OXYGEN,))
        assert without.water_class == 3
        assert OXYGEN not in [each.mean.indicator for each in without.indicators]
    assert bridge["2026-07", False, False, "readings"].deciding == (PERMANGANATE,)
    assert bridge["2026-08", False, False, "readings"].deciding == (PHOSPHORUS,)


@pytest.mark.real
def test_lesson_2_rounding_before_classing_changes_the_class(bridge: dict[Treatment, Outcome]) -> None:
    raw, rounded = (bridge["2026-07", False, each, "readings"] for each in (False, True))
    assert mean_of(raw, PERMANGANATE) == mean_of(rounded, PERMANGANATE) == ("4.0271", 246)
    assert (raw.water_class, rounded.water_class) == (3, 2)
    assert rounded.deciding == (PERMANGANATE, PHOSPHORUS)


@pytest.mark.real
def test_lesson_3_the_route_changes_the_class(bridge: dict[Treatment, Outcome]) -> None:
    rows, days = (bridge["2026-07", False, False, each] for each in ("readings", "daily"))
    assert mean_of(rows, PERMANGANATE)[0] == "4.0271"
    assert decimal_text(Fraction(mean_of(days, PERMANGANATE)[0]), 3) == "3.948"
    assert (rows.water_class, days.water_class) == (3, 2)


@pytest.mark.real
def test_lesson_4_each_indicator_keeps_its_own_n(bridge: dict[Treatment, Outcome]) -> None:
    august = bridge["2026-08", True, True, "daily"]
    assert mean_of(august, PERMANGANATE)[1] == 296
    assert mean_of(august, AMMONIA)[1] == 296 - 39


@pytest.mark.real
def test_every_class_of_the_two_months(bridge: dict[Treatment, Outcome]) -> None:
    classes = {treatment: outcome.water_class for treatment, outcome in bridge.items() if not treatment[1]}
    assert {outcome.water_class for treatment, outcome in bridge.items() if treatment[1]} == {4}
    assert {treatment for treatment, each in classes.items() if treatment[0] == "2026-07" and each == 3} == {
        ("2026-07", False, False, "readings")
    }
    assert {each for treatment, each in classes.items() if treatment[0] == "2026-08"} == {3}


def test_an_indicator_without_readings_is_shown_and_decides_nothing() -> None:
    samples = {PHOSPHORUS: [sample(datetime(2026, 7, 1), Fraction("0.15"))]}
    outcome = compare_treatments(samples, [JULY], "river", (PHOSPHORUS, AMMONIA))[0]
    assert (outcome.water_class, outcome.deciding) == (3, (PHOSPHORUS,))
    missing = outcome.indicators[1]
    assert (missing.mean.indicator, missing.mean.n, missing.compared, missing.water_class) == (AMMONIA, 0, None, None)


def test_a_month_without_any_reading_has_no_class() -> None:
    outcomes = compare_treatments({}, [AUGUST], "lake")
    assert len(outcomes) == 8
    assert {(each.month, each.water_class, each.deciding) for each in outcomes} == {("2026-08", None, ())}


def test_body_of_water_and_validity_reach_the_outcome() -> None:
    samples = {PHOSPHORUS: [sample(datetime(2026, 7, 1), Fraction("0.15"))]}
    rule = ValidityRule(expected_per_day=1)
    lake = compare_treatments(samples, [JULY], "lake", (PHOSPHORUS,), rule)[0]
    assert lake.water_class == 5
    assert lake.route is MonthRoute.READINGS
    assert not lake.indicators[0].mean.valid


def test_an_indicator_that_table_1_does_not_limit_here_is_refused() -> None:
    samples = {"w21001": [sample(datetime(2026, 7, 1), Fraction("1.5"))]}
    with pytest.raises(LookupError, match="no class limit"):
        compare_treatments(samples, [JULY], "river", ("w21001",))
