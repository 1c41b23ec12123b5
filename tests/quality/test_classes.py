from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.quality.classes import (
    class_colour,
    class_name,
    class_of,
    compliance_rate,
    exceedance_multiple,
    meets,
    parse_class,
    worst,
)
from compensation.quality.standard import Body, Direction, indicators, limits

STEP = Fraction(1, 10**9)
BODIES: tuple[Body, Body] = ("river", "lake")
LIMITED = [
    (code, body, table)
    for code in indicators()
    for body in BODIES
    if (table := limits(code, body)) is not None and table.direction is not Direction.WITHIN
]
BOUNDARIES = [
    pytest.param(code, body, table.bounds, table.direction, at, id=f"{code}-{body}-{at + 1}")
    for code, body, table in LIMITED
    for at in range(5)
]


@pytest.mark.parametrize(("code", "body", "bounds", "direction", "at"), BOUNDARIES)
def test_exactly_at_a_limit_it_is_met_and_just_beyond_it_is_not(
    code: str, body: Body, bounds: tuple[Fraction, ...], direction: Direction, at: int
) -> None:
    limit = bounds[at]
    beyond = limit + STEP if direction is Direction.AT_MOST else limit - STEP
    assert class_of(code, limit, body) == bounds.index(limit) + 1
    next_worse = [each for each in bounds if each != limit and bounds.index(each) > at]
    assert class_of(code, beyond, body) == (bounds.index(next_worse[0]) + 1 if next_worse else 6)


def test_every_item_of_table_1_but_temperature_and_ph_is_tried_at_its_limits() -> None:
    tried = {code for code, _, _ in LIMITED}
    assert tried == {code for code, each in indicators().items() if each.table == 1} - {"w01010", "w01001"}


@pytest.mark.parametrize(("ph", "expected"), [("6", 1), ("9", 1), ("7.2", 1), ("5.999", 6), ("9.001", 6), ("14", 6)])
def test_ph_meets_every_class_or_none(ph: str, expected: int) -> None:
    assert class_of("w01001", Fraction(ph), "river") == expected
    assert meets("w01001", Fraction(ph), 3, "lake") is (expected == 1)


def test_dissolved_oxygen_is_class_1_by_saturation_only_when_it_is_given() -> None:
    oxygen = Fraction("7.1")
    assert class_of("w01009", oxygen, "river") == 2
    assert class_of("w01009", oxygen, "river", do_saturation=Fraction("0.9")) == 1
    assert class_of("w01009", oxygen, "river", do_saturation=Fraction("0.8999")) == 2
    assert class_of("w21003", Fraction(3), "river", do_saturation=Fraction(1)) == 6


@pytest.mark.parametrize("code", ["w01010", "w21001", "w20004"])
def test_no_class_without_a_class_limit(code: str) -> None:
    with pytest.raises(LookupError, match="no class limit"):
        class_of(code, Fraction(1), "river")


@given(st.sampled_from(LIMITED), st.fractions(0, 50000), st.fractions(0, 50000))
def test_better_water_never_has_a_worse_class(
    limited: tuple[str, Body, object], one: Fraction, other: Fraction
) -> None:
    code, body, _ = limited
    low, high = sorted((one, other))
    if code == "w01009":
        low, high = high, low
    assert class_of(code, low, body) <= class_of(code, high, body)


@given(st.fractions(0, 1))
def test_phosphorus_in_a_lake_is_never_classed_better_than_in_a_river(value: Fraction) -> None:
    assert class_of("w21011", value, "lake") >= class_of("w21011", value, "river")


@given(st.sampled_from(LIMITED), st.fractions(0, 50000), st.integers(1, 5))
def test_an_exceedance_is_positive_exactly_when_the_target_is_missed(
    limited: tuple[str, Body, object], value: Fraction, target: int
) -> None:
    code, body, _ = limited
    multiple = exceedance_multiple(code, value, target, body)
    if code == "w01009":
        assert multiple is None
    else:
        assert multiple is not None
        assert (multiple > 0) is not meets(code, value, target, body)


def test_exceedance_multiples() -> None:
    assert exceedance_multiple("w21011", Fraction("0.3"), 3, "river") == Fraction(1, 2)
    assert exceedance_multiple("w21011", Fraction("0.3"), 3, "lake") == 5
    for code in ("w01010", "w01001", "w01009", "w01014", "w21001"):
        assert exceedance_multiple(code, Fraction(9), 3, "river") is None


def test_antimony_at_5_02_micrograms_is_not_erased() -> None:
    multiple = exceedance_multiple("w20004", Fraction("5.02") / 1000, 3, "river")
    assert multiple == Fraction("0.004")
    assert indicators()["w20004"].assessment_decimals is None


def test_the_worst_indicator_makes_the_class() -> None:
    assert worst([1, 4, 2]) == 4
    with pytest.raises(ValueError, match="empty"):
        worst([])


def test_compliance_rate() -> None:
    assert compliance_rate([True, False, True]) == Fraction(2, 3)
    assert compliance_rate([]) is None


@pytest.mark.parametrize("water_class", range(1, 7))
def test_a_class_reads_back_from_its_name(water_class: int) -> None:
    name = class_name(water_class)
    for text in (name, f"{name}类", f" {name} 类 ", str(water_class), f"{water_class}.0"):
        assert parse_class(text) == (water_class, "", True)


@pytest.mark.parametrize(
    ("text", "expected"), [("II", 2), ("II类", 2), ("iv", 4), ("劣V", 6), ("劣V类", 6), ("２", 2), ("三类", 3)]
)
def test_other_spellings_of_a_class(text: str, expected: int) -> None:
    assert parse_class(text).water_class == expected


@pytest.mark.parametrize("text", ["-1", "-1.0", "", "--", "*", "NULL", "轻度黑臭", "重度黑臭"])
def test_a_known_text_that_is_no_class_says_why(text: str) -> None:
    parsed = parse_class(text)
    assert parsed.water_class is None and parsed.known and parsed.note


@pytest.mark.parametrize("text", ["0", "7", "2.5", "良", "类", "VI"])
def test_an_unknown_text_is_not_guessed(text: str) -> None:
    parsed = parse_class(text)
    assert parsed.water_class is None and not parsed.known and text in parsed.note


def test_colours_and_names_exist_for_six_classes_only() -> None:
    names = [class_colour(each).name for each in range(1, 7)]
    assert names == ["蓝色", "蓝色", "绿色", "黄色", "橙色", "红色"]
    for outside in (0, 7, -1):
        with pytest.raises(ValueError, match="no water class"):
            class_colour(outside)
