"""The text that stands for a value, so that nothing but unusual cells is stored twice."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.monitoring.records import State
from compensation.store import canonical_text
from compensation.store.values import fraction_text, raw_or_none


@pytest.mark.parametrize(
    ("state", "mantissa", "exponent", "text"),
    [
        (State.VALUE, 50, -2, "0.50"),
        (State.VALUE, -5, -1, "-0.5"),
        (State.VALUE, -1234, -2, "-12.34"),
        (State.VALUE, 0, -3, "0.000"),
        (State.VALUE, 0, 3, "0"),
        (State.VALUE, 153046, 2, "15304600"),
        (State.VALUE, 5, 20, "5E+20"),
        (State.VALUE, 123, 0, "123"),
        (State.VALUE, 123, -3, "0.123"),
        (State.BELOW_LIMIT, 25, -3, "0.025L"),
        (State.MISSING, None, 0, ""),
        (State.NOT_MEASURED_HERE, None, 0, "*"),
        (State.NOT_MONITORED, None, 0, "-1"),
    ],
)
def test_canonical_text(state: State, mantissa: int | None, exponent: int, text: str) -> None:
    assert canonical_text(state, mantissa, exponent) == text
    assert raw_or_none(text, state, mantissa, exponent) is None
    assert raw_or_none(text + " ", state, mantissa, exponent) == text + " "


@given(st.integers(-(10**18) + 1, 10**18 - 1), st.integers(-30, 30))
def test_text_is_the_value_exactly(mantissa: int, exponent: int) -> None:
    value = Fraction(canonical_text(State.VALUE, mantissa, exponent))
    assert value == Fraction(mantissa) * Fraction(10) ** exponent
    if mantissa >= 0:
        assert canonical_text(State.BELOW_LIMIT, mantissa, exponent).endswith("L")


@given(st.fractions())
def test_fractions_are_read_back(value: Fraction) -> None:
    assert Fraction(fraction_text(value)) == value
