from fractions import Fraction

import pytest

from compensation.quality.cwqi import item_index, section_index, sections_index
from compensation.quality.means import ph_mean
from compensation.quality.standard import Direction, assessed_codes, limits


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("w21011", "0.3", "3/2"),
        ("w01009", "10", "1/2"),
        ("w01009", "2.5", "2"),
        ("w01009", "0.5", "10"),
        ("w01001", "7", "0"),
        ("w01001", "6", "1"),
        ("w01001", "6.5", "1/2"),
        ("w01001", "9", "1"),
        ("w01001", "8", "1/2"),
        ("w01001", "10", "3/2"),
    ],
)
def test_item_index_of_a_river(code: str, value: str, expected: str) -> None:
    assert item_index(code, Fraction(value), "river") == Fraction(expected)


def test_phosphorus_of_a_lake_is_measured_by_the_limit_of_lakes() -> None:
    assert item_index("w21011", Fraction("0.3"), "lake") == 6


def test_water_exactly_at_class_3_has_one_point_for_each_of_the_21_items() -> None:
    values = {}
    for code in assessed_codes():
        table = limits(code, "river")
        assert table is not None
        values[code] = table.bounds[1] if table.direction is Direction.WITHIN else table.of_class(3)
    index = section_index(values, "river")
    assert index.value == len(index.items) == 21
    assert index.missing == ()


def test_what_is_missing_is_named_and_what_is_not_assessed_is_passed_over() -> None:
    index = section_index({"w21011": Fraction("0.1"), "w21001": Fraction(9), "w01010": Fraction(30)}, "river")
    assert index.value == Fraction(1, 2)
    assert index.items == {"w21011": Fraction(1, 2)}
    assert len(index.missing) == 20


def test_sections_are_averaged_item_by_item_and_bodies_joined_by_number() -> None:
    river = {"w21011": Fraction("0.1"), "w01001": Fraction(7)}, {"w21011": Fraction("0.3"), "w01001": Fraction(8)}
    lake = {"w21011": Fraction("0.05")}
    ph = (ph_mean([Fraction(7), Fraction(8)]) - 7) / 2
    assert sections_index([("river", river[0]), ("river", river[1])]) == 1 + ph
    assert sections_index([("river", river[0]), ("lake", lake), ("river", river[1])]) == ((1 + ph) * 2 + 1) / 3


def test_what_has_no_index_is_refused() -> None:
    with pytest.raises(ValueError, match="zero has no index"):
        item_index("w01009", Fraction(0), "river")
    with pytest.raises(ValueError, match="not an item"):
        item_index("w21001", Fraction(1), "lake")
    with pytest.raises(ValueError, match="no sections"):
        sections_index([])
