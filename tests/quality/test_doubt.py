"""Doubt is raised where a value can hardly be right, and nowhere else."""

from fractions import Fraction

import pytest

from compensation.quality.doubt import ALGAL_DENSITY, Doubt, Flag, Point, doubts, impossible, saturation
from compensation.quality.standard import (
    AMMONIA_NITROGEN,
    DISSOLVED_OXYGEN,
    PERMANGANATE_INDEX,
    PH,
    TEMPERATURE,
    TOTAL_NITROGEN,
    TOTAL_PHOSPHORUS,
)

HOUR = 60


def points(*texts: str, step: int = 4 * HOUR, in_order: bool = True) -> list[Point]:
    made = []
    for place, text in enumerate(texts):
        whole, _, part = text.partition(".")
        made.append(Point(place * step, int(whole + part), -len(part), in_order))
    return made


def flagged(series: dict[str, list[Point]], flag: Flag) -> list[tuple[str, int]]:
    return [(each.indicator, each.minute // HOUR) for each in doubts(series, "river") if each.flag is flag]


def station(tp: list[Point], published: int) -> dict[str, list[Point]]:
    """A station whose other indicators are all of class I."""
    length = len(tp)
    return {
        PH: points(*["7"] * length),
        DISSOLVED_OXYGEN: points(*["9"] * length),
        PERMANGANATE_INDEX: points(*["1.5"] * length),
        AMMONIA_NITROGEN: points(*["0.05"] * length),
        TOTAL_PHOSPHORUS: tp,
        "class": points(*[str(published)] * length),
    }


def test_a_lost_exponent_is_off_its_neighbours_and_the_published_class() -> None:
    series = station(points("0.004", "0.005", "4", "0.006", "0.004"), published=1)
    assert flagged(series, Flag.LOST_EXPONENT) == [(TOTAL_PHOSPHORUS, 8)]


def test_a_lost_exponent_that_was_held_is_found_each_time() -> None:
    series = station(points("0.004", "0.005", "4", "4", "4", "0.006", "0.007"), published=1)
    assert flagged(series, Flag.LOST_EXPONENT) == [(TOTAL_PHOSPHORUS, hour) for hour in (8, 12, 16)]


def test_a_count_of_algae_without_its_exponent_is_found_among_others_without_theirs() -> None:
    series = {ALGAL_DENSITY: points("9615638", "1.681555", "1.53046", "0", "1.53046", "10", "9.9", "1.2")}
    assert flagged(series, Flag.LOST_EXPONENT) == [(ALGAL_DENSITY, hour) for hour in (4, 8, 16, 24, 28)]
    assert flagged({ALGAL_DENSITY: points("99999", "1.681555", "3")}, Flag.LOST_EXPONENT) == []


def test_a_high_value_that_the_class_confirms_is_no_doubt() -> None:
    series = station(points("0.004", "0.005", "4", "0.006", "0.004"), published=6)
    assert flagged(series, Flag.LOST_EXPONENT) == []


@pytest.mark.parametrize("value", ["0.05", "0.1", "0.0004"])
def test_a_tenfold_rise_is_weather(value: str) -> None:
    assert flagged({TOTAL_PHOSPHORUS: points("0.005", "0.005", value, "0.006", "0.005")}, Flag.LOST_EXPONENT) == []


def test_a_very_low_value_that_changes_no_class_is_no_doubt() -> None:
    series = station(points("0.004", "0.005", "0.00001", "0.006", "0.004"), published=1)
    assert flagged(series, Flag.LOST_EXPONENT) == []


def test_without_a_class_the_neighbours_speak_alone_but_need_company() -> None:
    assert flagged({TOTAL_PHOSPHORUS: points("0.05", "50", "0.06")}, Flag.LOST_EXPONENT) == [(TOTAL_PHOSPHORUS, 4)]
    assert flagged({TOTAL_PHOSPHORUS: points("0.05", "50")}, Flag.LOST_EXPONENT) == []
    assert flagged({TOTAL_PHOSPHORUS: points("0", "0.05", "0", "0.06", "0")}, Flag.LOST_EXPONENT) == []


def test_ammonia_above_total_nitrogen_puts_both_in_doubt() -> None:
    series = {AMMONIA_NITROGEN: points("0.5", "2.00", "2.01"), TOTAL_NITROGEN: points("2", "2.0", "2.0")}
    assert flagged(series, Flag.AMMONIA_ABOVE_TOTAL) == [(TOTAL_NITROGEN, 8), (AMMONIA_NITROGEN, 8)]


def test_oxygen_above_saturation_at_its_temperature() -> None:
    assert saturation(Fraction(0)) == Fraction(4680, 316)
    series = {DISSOLVED_OXYGEN: points("9.06", "9.08", "14"), TEMPERATURE: points("20", "20")}
    assert saturation(Fraction(20)) == Fraction(4680, 516)
    assert flagged(series, Flag.ABOVE_SATURATION) == [(DISSOLVED_OXYGEN, 4)]


def test_no_scale_of_ph_goes_beyond_fourteen() -> None:
    found = impossible({PH: points("0", "14", "14.00", "14.01", "17", "70"), TOTAL_NITROGEN: points("17")})
    assert found == [Doubt(PH, hour * HOUR, Flag.IMPOSSIBLE) for hour in (12, 16, 20)]


def test_the_ends_of_a_scale_are_exact() -> None:
    beyond = [Point(0, 14 * 10**15 + 1, -15, True), Point(1, -1, -15, True), Point(2, 2, 1, True), Point(3, 1, 1, True)]
    assert [each.minute for each in impossible({PH: beyond})] == [0, 1, 2]


def test_one_analysis_reported_again_before_the_next() -> None:
    hourly = points("0.05", "0.05", "0.05", "0.05", "0.05", "0.06", step=HOUR)
    assert flagged({TOTAL_PHOSPHORUS: hourly}, Flag.HELD) == [(TOTAL_PHOSPHORUS, hour) for hour in (1, 2, 3)]
    assert flagged({TOTAL_PHOSPHORUS: points("0.05", "0.05", "0.050")}, Flag.HELD) == []
    assert flagged({PH: points("7", "7", step=HOUR)}, Flag.HELD) == []


def test_a_sensor_that_does_not_move_for_a_day() -> None:
    assert flagged({PH: points(*["7.1"] * 7)}, Flag.FROZEN) == [(PH, 4 * n) for n in range(1, 7)]
    assert flagged({PH: points(*["7.1"] * 6)}, Flag.FROZEN) == []
    assert flagged({TOTAL_PHOSPHORUS: points(*["0.05"] * 18)}, Flag.FROZEN) == []
    assert len(flagged({TOTAL_PHOSPHORUS: points(*["0.05"] * 19)}, Flag.FROZEN)) == 18


def test_out_of_order_is_a_doubt_of_its_own() -> None:
    series = {PH: points("7", in_order=False), TOTAL_PHOSPHORUS: points("0.05")}
    assert doubts(series, "river") == [Doubt(PH, 0, Flag.OUT_OF_ORDER)]
