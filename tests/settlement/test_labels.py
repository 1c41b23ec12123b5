"""Every amount of a settlement is called something, and so are the steps to it: no step is a page of arithmetic."""

from collections.abc import Iterator
from dataclasses import fields

import pytest

from compensation.agreement.cases import CaseFile, shipped_cases
from compensation.expression import Quantity
from compensation.settlement.cases import settle_case
from rules.outcome import Outcome

MOST = 15
"""How many operations a step may hold that have no name of their own, splits to the fen and running sums apart."""
OF_ALL_PARTIES = ("尾差", "累计", "分摊", "权数合计")


def amounts(outcome: Outcome) -> Iterator[Quantity]:
    for listed in (outcome.lines, outcome.transfers, outcome.clearing, outcome.next_advances):
        yield from (each.amount for each in listed)
    for position in outcome.positions.values():
        found = (getattr(position, each.name) for each in fields(position))
        yield from (each for each in found if isinstance(each, Quantity))


def computed(node: Quantity) -> bool:
    return node.op not in ("leaf", "constant")


def steps(roots: Iterator[Quantity]) -> Iterator[Quantity]:
    """Every named quantity that is computed, once."""
    seen: set[int] = set()
    left = list(roots)
    while left:
        node = left.pop()
        if id(node) not in seen:
            seen.add(id(node))
            left += node.args
            if node.label and computed(node):
                yield node


def unnamed(step: Quantity) -> int:
    """How many operations the step is made of."""
    seen: set[int] = set()
    left, count = [step], 0
    while left:
        node = left.pop()
        if id(node) not in seen and computed(node) and (node is step or not node.label):
            seen.add(id(node))
            count += 1
            left += node.args
    return count


@pytest.mark.parametrize("case", list(shipped_cases()), ids=lambda case: case.name)
def test_every_amount_and_every_step_to_it_has_a_name(case: CaseFile) -> None:
    outcome = settle_case(case).outcome
    assert [each for each in amounts(outcome) if computed(each) and not (each.label and each.unit.symbol)] == []
    long = {
        step.label: unnamed(step)
        for step in steps(amounts(outcome))
        if unnamed(step) > MOST and not any(word in step.label for word in OF_ALL_PARTIES)
    }
    assert long == {}
