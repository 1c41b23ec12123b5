"""A derivation ends at any depth: what several steps share is told once, and referred to from everywhere else."""

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from compensation.agreement.cases import CaseFile, shipped_cases
from compensation.cli.told import told_steps
from compensation.expression import YUAN, Quantity, leaf, total
from compensation.expression.explain import ALL, Step, explain, explain_together, steps_below
from compensation.settlement.cases import settle_case
from rules.outcome import Outcome


def given(name: str) -> Quantity:
    return leaf((name,), 1, YUAN, name, "报表")  # type: ignore[arg-type]


def walked(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from walked(step.below)


def labelled(roots: Sequence[Quantity]) -> dict[int, list[Quantity]]:
    """Every labelled quantity that `roots` rest on, and what is below it."""
    found: dict[int, list[Quantity]] = {}
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if id(node) not in found:
            found[id(node)] = list(steps_below(node))
            waiting += found[id(node)]
    return found


def amounts(outcome: Outcome) -> list[Quantity]:
    transfers = (*outcome.transfers, *outcome.advances, *outcome.clearing, *outcome.next_advances)
    found = [each.amount for each in transfers] + [each.clearing for each in outcome.positions.values()]
    return found + ([outcome.fund.closing] if outcome.fund is not None else [])


def test_what_doubles_at_every_step_is_told_once() -> None:
    node = given("起点")
    for number in range(40):
        left, right = (node + given("左")).named(f"左 {number}"), (node + given("右")).named(f"右 {number}")
        node = (left + right).named(f"合 {number}")
    steps = list(walked([explain(node)]))
    assert Counter(step.label for step in steps if step.below) == Counter(
        f"{side} {number}" for number in range(40) for side in "左右合"
    )
    assert len(steps) == 1 + 40 * 6


def test_a_step_is_told_at_its_shallowest_place_and_the_deeper_one_refers_to_it() -> None:
    shared = (given("甲") + given("乙")).named("共用")
    deep = (shared + given("丙")).named("较深")
    top = total([deep, shared, shared]).named("合计")
    step = explain(top)
    assert [(each.label, each.number, each.see) for each in step.below] == [("较深", 0, 0), ("共用", 1, 0)]
    again, small = step.below[0].below
    assert (again.label, again.value, again.see) == ("共用", "2.00 元", 1)
    assert (again.in_words, again.in_numbers, again.below) == ("", "", ())
    assert (small.label, small.number, small.see) == ("丙", 0, 0)
    told = list(told_steps([step]))
    assert "    共用 ＝ 2.00 元，推导见下【1】" in told
    assert "  【1】共用 ＝ 2.00 元" in told


def test_the_depth_leaves_steps_without_what_is_below_and_these_too_are_told_once() -> None:
    shared = (given("甲") + given("乙")).named("共用")
    top = ((shared + given("丙")).named("一") + (shared + given("丁")).named("二")).named("合计")
    first, second = (step for step in walked([explain(top, 2)]) if step.label == "共用")
    assert (first.number, first.in_words, first.below) == (1, "甲 ＋ 乙", ())
    assert (second.see, second.in_words) == (1, "")
    assert {step.see or step.number for step in walked([explain(top, 1)])} == {0}


def test_what_was_given_is_simply_told_again() -> None:
    shared = given("甲")
    top = ((shared + given("丙")).named("一") + (shared + given("丁")).named("二")).named("合计")
    assert {step.see or step.number for step in walked([explain(top)])} == {0}
    assert [step.source for step in walked([explain(top)]) if step.label == "甲"] == ["报表", "报表"]


def test_amounts_told_together_share_their_steps() -> None:
    shared = (given("甲") + given("乙")).named("共用")
    one, other = (shared + given("丙")).named("一"), (shared + given("丁")).named("二")
    first, second = explain_together([one, other])
    assert (first.below[0].number, second.below[0].see) == (1, 1)
    told = "\n".join(told_steps((first, second)))
    assert told.index("【1】共用") < told.index("推导见上【1】")


def test_what_a_leaf_rests_on_is_told_once() -> None:
    day = given("日均值")
    row = Step("读数", "1 mg/L", "", "", "", "第 2 行", ())
    one, other = (day + given("甲")).named("一"), (day + given("乙")).named("二")
    asked = []

    def rows(node: Quantity) -> tuple[Step, ...]:
        asked.append(node.label)
        return (row,) if node is day else ()

    first, second = explain_together([one, other], below_leaf=rows)
    assert first.below[0].below == (row,)
    assert (second.below[0].see, second.below[0].below) == (first.below[0].number, ())
    assert Counter(asked) == {"日均值": 1, "甲": 1, "乙": 1}


@pytest.mark.parametrize("case", list(shipped_cases()), ids=lambda case: f"{case.name}: {case.title}")
def test_everything_a_shipped_case_comes_to_is_told_to_the_end(case: CaseFile) -> None:
    roots = amounts(settle_case(case).outcome)
    graph = labelled(roots)
    told = explain_together(roots)
    assert told == explain_together(roots, 10 * ALL)
    steps = list(walked(told))
    assert sum(bool(step.below) for step in steps) == sum(bool(below) for below in graph.values())
    assert len(steps) <= len(roots) + sum(map(len, graph.values()))
    numbers = Counter(step.number for step in steps if step.number)
    assert list(numbers) == list(range(1, len(numbers) + 1))
    assert set(numbers.values()) <= {1}
    in_full = {step.number: step for step in steps if step.number}
    for step in steps:
        if step.see:
            assert (step.label, step.value, step.clause) == (
                in_full[step.see].label,
                in_full[step.see].value,
                in_full[step.see].clause,
            )
            assert not step.below
