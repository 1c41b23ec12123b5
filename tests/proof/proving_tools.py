"""Agreements that are unsound on purpose, and trials picked from a strategy, for the tests of this room."""

from importlib import resources
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from compensation.agreement.loader import parse
from compensation.proof.properties import PROPERTIES
from compensation.proof.proving import Finding, prove
from rules.agreement import Agreement

T = TypeVar("T")


def changed(name: str, *changes: tuple[str, str]) -> Agreement:
    """An agreement that ships, with pieces of its text replaced."""
    text = resources.files("rules.agreements").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return parse(f"{name}.yaml", text)


def finding(agreement: Agreement, key: str, examples: int = 30, seconds: int = 10) -> Finding:
    """What became of one property."""
    one = [each for each in PROPERTIES if each.key == key]
    return prove(agreement, examples, properties=one, seconds=seconds)[0]


def picked(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """The first examples of a strategy, the same ones on every run."""
    found: list[T] = []

    @seed(7)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: T) -> None:
        found.append(example)

    collect()
    return found
