from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.rounding import (
    decimal_text,
    exact_text,
    grouped,
    half_even,
    half_up,
    plain_text,
    terminating_decimals,
)

DECIMALS = st.integers(0, 9)
FRACTIONS = st.fractions(max_denominator=10**9)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        ("12.1498", 1, "12.1"),
        ("1268", -2, "1300"),
        ("10.502", 0, "11"),
        ("1.05", 1, "1.0"),
        ("0.35", 1, "0.4"),
        ("0.0325", 3, "0.032"),
        ("32500", -3, "32000"),
        ("-0.0325", 3, "-0.032"),
        ("15.4546", 0, "15"),
        ("4.0271", 1, "4.0"),
        ("2.675", 2, "2.68"),
    ],
)
def test_half_even_as_gb_t_8170_shows_it(value: str, decimals: int, expected: str) -> None:
    assert half_even(Fraction(value), decimals) == Fraction(expected)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        ("0.000003", 5, "0.000003"),
        ("0.0000035", 5, "0.000004"),
        ("0.0000025", 5, "0.000002"),
        ("0.0000015", 5, "0.000002"),
        ("0.00094", 2, "0.0009"),
        ("0.00095", 2, "0.001"),
        ("0.0996", 0, "0.1"),
        ("-0.004", 2, "-0.004"),
        ("0.005", 2, "0.005"),
        ("0.006", 2, "0.01"),
        ("0", 2, "0"),
    ],
)
def test_what_would_round_to_zero_keeps_one_digit(value: str, decimals: int, expected: str) -> None:
    assert half_even(Fraction(value), decimals, keep_one_digit=True) == Fraction(expected)


@pytest.mark.parametrize(
    ("value", "expected"), [("2.675", "2.68"), ("-2.675", "-2.68"), ("0.005", "0.01"), ("0.00499", "0")]
)
def test_half_up_is_the_same_for_a_debt_and_a_claim(value: str, expected: str) -> None:
    assert half_up(Fraction(value), 2) == Fraction(expected)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"), [("1250", -2, 1300), ("-1249.9", -2, -1200), ("15", -1, 20), ("0.5", 0, 1)]
)
def test_half_up_before_the_point(value: str, decimals: int, expected: int) -> None:
    assert half_up(Fraction(value), decimals) == expected


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [("-0.004", 2, "0.00"), ("-1.5", 2, "-1.50"), ("12", 0, "12"), ("0.05", 1, "0.0"), ("1234.5678", 3, "1234.568")],
)
def test_decimal_text(value: str, decimals: int, expected: str) -> None:
    assert decimal_text(Fraction(value), decimals) == expected


def test_decimal_text_rounds_by_the_rule_it_is_given() -> None:
    assert decimal_text(Fraction("0.05"), 1, half_up) == "0.1"


def test_decimal_text_refuses_negative_decimals() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        decimal_text(Fraction(1), -1)


def test_exact_text_refuses_a_value_without_a_terminating_decimal() -> None:
    assert exact_text(Fraction(1, 200)) == "0.005"
    with pytest.raises(ValueError, match="no terminating decimal"):
        exact_text(Fraction(1, 3))


@pytest.mark.parametrize(("value", "expected"), [("2/37", "2/37"), ("-1/3", "-1/3"), ("1/8", "0.125"), ("40", "40")])
def test_plain_text_ends_or_stays_a_quotient(value: str, expected: str) -> None:
    assert plain_text(Fraction(value)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234567.80", "1,234,567.80"),
        ("-1234.5", "-1,234.5"),
        ("-0.50", "-0.50"),
        ("0.1234567", "0.1234567"),
        ("999", "999"),
    ],
)
def test_thousands_are_separated_before_the_point_only(text: str, expected: str) -> None:
    assert grouped(text) == expected


@given(FRACTIONS, DECIMALS)
def test_rounding_again_changes_nothing(value: Fraction, decimals: int) -> None:
    for rule in (half_even, half_up):
        once = rule(value, decimals)
        assert rule(once, decimals) == once
        assert abs(once - value) <= Fraction(1, 2 * 10**decimals)


@given(FRACTIONS, FRACTIONS, DECIMALS)
def test_rounding_never_turns_an_order_round(one: Fraction, other: Fraction, decimals: int) -> None:
    low, high = sorted((one, other))
    assert half_even(low, decimals) <= half_even(high, decimals)
    assert half_up(low, decimals) <= half_up(high, decimals)


@given(st.integers(), DECIMALS)
def test_ties_go_to_the_even_digit_and_away_from_zero(units: int, decimals: int) -> None:
    tie = Fraction(2 * units + 1, 2 * 10**decimals)
    assert half_even(tie, decimals) * 10**decimals % 2 == 0
    assert abs(half_up(tie, decimals)) > abs(tie)


@given(FRACTIONS, DECIMALS)
@example(Fraction(1, 10**9), 0)
@example(Fraction(95, 10**4), 1)
def test_one_kept_digit_is_never_zero_and_is_one_digit(value: Fraction, decimals: int) -> None:
    kept = half_even(value, decimals, keep_one_digit=True)
    assert (kept == 0) == (value == 0)
    if half_even(value, decimals) == 0:
        assert len(exact_text(abs(kept)).replace(".", "").lstrip("0")) <= 1
        assert half_even(kept, decimals, keep_one_digit=True) == kept
    else:
        assert kept == half_even(value, decimals)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_texts_read_back_as_the_value(value: object) -> None:
    fraction = Fraction(str(value))
    assert Fraction(decimal_text(fraction, 6)) == fraction
    assert Fraction(exact_text(fraction)) == fraction
    assert terminating_decimals(fraction) <= 6
