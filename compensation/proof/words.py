"""Amounts and concentrations as a statement says them."""

from fractions import Fraction

from compensation.expression import Missing
from compensation.money import yuan_text
from compensation.rounding import plain_text


def money(amount: Fraction | Missing) -> str:
    """元 to the fen, or exactly where it is no whole fen; 未定."""
    if isinstance(amount, Missing):
        return "未定"
    fen = amount * 100
    return f"{yuan_text(int(fen))} 元" if fen.denominator == 1 else f"{plain_text(amount)} 元"
