"""Figures of an agreement made up on the spot, for the tests of this room."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import count

from compensation.agreement.loader import load
from compensation.expression import YUAN, Unit
from rules.agreement import Agreement, Parameter, Span

DRAFT: Agreement = load("taipu-draft")
_NUMBERS = count()


def figure(value: Fraction | int | str, of: Unit = YUAN) -> Parameter:
    """A figure that holds over the whole term, under a key of its own."""
    key = f"figure {next(_NUMBERS)}"
    return Parameter(key, key, of, (Span(DRAFT.first, DRAFT.last, Fraction(value), "测试"),))


def figures(given: Mapping[str, Fraction | int | str | Parameter], of: Unit = YUAN) -> dict[str, Parameter]:
    """The same for several; what is a figure already stays it."""
    return {name: each if isinstance(each, Parameter) else figure(each, of) for name, each in given.items()}
