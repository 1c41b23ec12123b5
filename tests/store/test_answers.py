"""Answers about values in doubt: only added to, the last one holds, two clocks, one value and no other."""

import pytest
from store_building import parsed, reading

from compensation.errors import InputError
from compensation.store import Doubted, Ruling, Store

VALUE = Doubted("310118_0003", "w01019", 29_000_000, "指数丢失", 301, -2)
BY = Ruling("张三", "与实验室比对一致", "比对单2号")


@pytest.fixture
def held(store: Store) -> Store:
    store.ingest(parsed([reading()]))
    return store


def test_an_answer_holds_and_says_by_whom_and_why(held: Store) -> None:
    before = held.known_through()
    held.answer([VALUE], BY, keep=True)
    (answer,) = held.answers().values()
    assert (answer.keep, answer.words) == (True, "张三核实计入：与实验室比对一致（比对单2号）")
    assert held.answers(before) == {}
    assert held.known_through() == answer.answered_at
    assert VALUE._replace(mantissa=302) not in held.answers(), "a revised value is another value"


def test_a_second_answer_needs_to_be_asked_for_and_the_first_stays(held: Store) -> None:
    held.answer([VALUE], BY, keep=True)
    first = held.known_through()
    other = VALUE._replace(minute=5)
    with pytest.raises(InputError, match="已经核实"):
        held.answer([other, VALUE], Ruling("李四", "复核"), keep=False)
    assert list(held.answers()) == [VALUE]
    held.answer([other, VALUE], Ruling("李四", "复核"), keep=False, again=True)
    assert [each.keep for each in held.answers().values()] == [False, False]
    assert [each.keep for each in held.answers(first).values()] == [True]


def test_every_value_has_a_number_of_its_own() -> None:
    others = [
        VALUE._replace(**{name: value}) for name, value in (("minute", 1), ("flag", "传感器卡滞"), ("mantissa", 3))
    ]
    assert len({each.handle for each in (VALUE, *others)}) == 4
