from decimal import Context, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.quality.means import PH_DECIMALS, exact_sum, mean, ph_mean, substitute
from compensation.rounding import half_even

PAIRS = st.lists(st.tuples(st.integers(-(10**18), 10**18), st.integers(-9, 3)), max_size=30)
PH = st.integers(0, 1400).map(lambda hundredths: Fraction(hundredths, 100))


@given(PAIRS)
def test_exact_sum_is_the_sum_of_the_fractions(pairs: list[tuple[int, int]]) -> None:
    assert exact_sum(pairs) == sum((mantissa * Fraction(10) ** exponent for mantissa, exponent in pairs), Fraction(0))


@given(st.lists(st.fractions(), min_size=1, max_size=20))
def test_mean_is_exact_and_in_any_order(values: list[Fraction]) -> None:
    assert mean(values) == sum(values) / len(values) == mean(reversed(values))


def test_a_mean_of_nothing_is_refused() -> None:
    for each in (mean, ph_mean):
        with pytest.raises(ValueError, match="nothing"):
            each([])


def test_ph_mean_goes_through_the_hydrogen_ion() -> None:
    assert ph_mean([Fraction(6), Fraction(8)], 2) == Fraction("6.30")
    assert ph_mean([Fraction(6), Fraction(8)]) == Fraction("6.296708621881")


@given(st.lists(PH, min_size=1, max_size=12), st.integers(0, PH_DECIMALS))
@example([Fraction("5.5"), *[Fraction("7.5")] * 10], 0)
def test_ph_mean_is_correctly_rounded(values: list[Fraction], decimals: int) -> None:
    result = ph_mean(values, decimals)
    assert result == half_even(result, decimals)
    with localcontext(Context(prec=80)):
        ions = sum(Decimal(10) ** -(Decimal(each.numerator) / each.denominator) for each in values)
        exact = -(Decimal(ions) / len(values)).log10()
    assert abs(Fraction(exact) - result) <= Fraction(1, 2 * 10**decimals) + Fraction(1, 10**70)


@given(st.lists(PH, min_size=1, max_size=12), st.randoms())
def test_ph_mean_lies_at_or_below_the_plain_mean_and_knows_no_order(values: list[Fraction], random: object) -> None:
    result = ph_mean(values)
    assert min(values) <= result <= mean(values) + Fraction(1, 10**PH_DECIMALS)
    assert ph_mean(sorted(values)) == ph_mean(sorted(values, reverse=True)) == result


@pytest.mark.parametrize(
    ("low", "expected"),
    [("5.5", 6), ("6.5", 8), ("4.5", 6), ("7.5", 8)],
)
def test_ph_mean_on_an_exact_tie_goes_to_the_even_digit(low: str, expected: int) -> None:
    ion_of_one, ten_of_a_hundredth = Fraction(low), [Fraction(low) + 2] * 10
    assert ph_mean([ion_of_one, *ten_of_a_hundredth], 1) == Fraction(low) + 1
    assert ph_mean([ion_of_one, *ten_of_a_hundredth], 0) == expected


@pytest.mark.parametrize("places", range(20, 80, 3))
def test_ph_mean_just_beside_a_tie_is_not_taken_for_one(places: int) -> None:
    tie = [Fraction("5.5"), *[Fraction("7.5")] * 10]
    speck = Fraction(1, 10**places)
    assert ph_mean([*tie[:-1], tie[-1] + speck], 0) == 7
    assert ph_mean([*tie[:-1], tie[-1] - speck], 0) == 6


def test_ph_mean_of_equal_values_is_that_value() -> None:
    assert ph_mean([Fraction("7.45")] * 5, 1) == Fraction("7.4")
    assert ph_mean([Fraction("7.45")] * 5) == Fraction("7.45")


def test_a_non_detect_stands_between_nothing_and_its_limit() -> None:
    limit = Fraction("0.025")
    assert substitute(limit) == Fraction("0.0125")
    assert [substitute(limit, Fraction(each)) for each in (0, 1)] == [0, limit]
    for outside in (Fraction(-1, 10), Fraction(11, 10)):
        with pytest.raises(ValueError, match="non-detect"):
            substitute(limit, outside)
