"""The one way to write a stored value as text, so that only unusual cell texts take up room."""

from fractions import Fraction

from compensation.monitoring.records import State

_WORDS = {State.MISSING: "", State.NOT_MEASURED_HERE: "*", State.NOT_MONITORED: "-1"}
_PLAIN_ZEROS = 12
_REMEMBERED = 200_000


def canonical_text(state: int, mantissa: int | None, exponent: int) -> str:
    """Return the text that stands for a value when no `raw` is stored beside it.

    A value is its plain decimal with the digits it was reported with, "0.50" for (50, -2); beyond twelve
    added zeros "5E+20". Below the detection limit it is the limit with L, "0.025L".
    """
    if mantissa is None:
        return _WORDS[State(state)]
    plain = decimal_text(mantissa, exponent)
    return plain + "L" if state == State.BELOW_LIMIT else plain


def decimal_text(mantissa: int, exponent: int) -> str:
    """Return mantissa * 10**exponent as a decimal, keeping every reported digit."""
    if exponent > _PLAIN_ZEROS:
        return f"{mantissa}E+{exponent}"
    if exponent >= 0:
        return f"{mantissa}{'0' * exponent}" if mantissa else "0"
    digits = str(abs(mantissa)).rjust(1 - exponent, "0")
    return f"{'-' if mantissa < 0 else ''}{digits[:exponent]}.{digits[exponent:]}"


def raw_or_none(raw: str, state: int, mantissa: int | None, exponent: int) -> str | None:
    """Return the cell text if it must be stored, None if `canonical_text` gives it back."""
    return None if raw == canonical_text(state, mantissa, exponent) else raw


class StoredCells(dict[tuple[State, int | None, int, str], tuple[int | None, int, int, str | None]]):
    """Cells (state, mantissa, exponent, text) as they are stored: (mantissa, exponent, state, raw), worked out once."""

    def __missing__(self, cell: tuple[State, int | None, int, str]) -> tuple[int | None, int, int, str | None]:
        if len(self) > _REMEMBERED:
            self.clear()
        found = self[cell] = stored_cell(*cell)
        return found


def stored_cell(
    state: State, mantissa: int | None, exponent: int, text: str
) -> tuple[int | None, int, int, str | None]:
    """Return a cell as it is stored: mantissa, exponent, state, and its text if it must be."""
    raw = raw_or_none(text, state, mantissa, exponent)
    return mantissa, 0 if mantissa is None else exponent, int(state), raw


def fraction_text(value: Fraction) -> str:
    """Return a rational as "n/d", or "n" when it is whole; `Fraction(text)` reads it back exactly."""
    return str(value)
