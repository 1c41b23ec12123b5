"""What a day comes to out of sums of several kinds: decimals, non-detects, and what the data rules leave out."""

from datetime import date
from fractions import Fraction

import pytest
from settling import DRAFT

from compensation.monitoring.records import State, Status
from compensation.settlement.evidence import DaySum, Gathered, gather

BRIDGE, PHOSPHORUS = "310118_0003", "w21011"
DAY = date(2026, 3, 5)


def gathered(*kinds: tuple[int, State, Status, int, int]) -> Gathered:
    """Of (exponent, state, status, sum, count); the draft needs 4 values a day and takes non-detects for half."""
    return gather(DRAFT, date(2026, 1, 1), [DaySum(BRIDGE, PHOSPHORUS, DAY, *each) for each in kinds])


@pytest.mark.parametrize(
    ("kinds", "mean"),
    [
        ([(-2, State.VALUE, 60, 4)], Fraction(15, 100)),
        ([(-3, State.VALUE, 450, 3), (0, State.VALUE, 1, 1)], Fraction("0.3625")),
        ([(1, State.VALUE, 2, 4)], Fraction(5)),
        ([(1, State.VALUE, 2, 2), (-1, State.VALUE, 4, 2)], Fraction("5.1")),
        ([(-2, State.VALUE, 30, 3), (-2, State.BELOW_LIMIT, 2, 1)], Fraction("0.0775")),
        ([(-2, State.BELOW_LIMIT, 4, 4)], Fraction("0.005")),
    ],
)
def test_the_mean_of_a_day(kinds: list[tuple[int, State, int, int]], mean: Fraction) -> None:
    found = gathered(*((exponent, state, Status.NORMAL, total, n) for exponent, state, total, n in kinds))
    value = found.evidence.days[BRIDGE, PHOSPHORUS][DAY]
    assert (value.value, value.n) == (mean, 4)
    below = sum(n for _, state, _, n in kinds if state is State.BELOW_LIMIT)
    assert value.source == "4 个有效读数" + (f"，其中未检出 {below} 个" if below else "")
    assert found.omissions == ()


def test_what_a_station_in_repair_measured_is_left_out_and_counted_and_what_it_did_not_is_not() -> None:
    found = gathered(
        (-2, State.VALUE, Status.NORMAL, 60, 4),
        (-2, State.VALUE, Status.MAINTENANCE, 900, 2),
        (-2, State.BELOW_LIMIT, Status.STOPPED, 1, 1),
        (0, State.MISSING, Status.MAINTENANCE, 0, 1),
    )
    assert found.evidence.days[BRIDGE, PHOSPHORUS][DAY].value == Fraction(15, 100)
    assert sorted((each.reason, each.n) for each in found.omissions) == [
        ("站点停站期间的数据", 1),
        ("站点维护期间的数据", 2),
    ]


def test_a_day_with_too_few_values_has_none() -> None:
    found = gathered((-2, State.VALUE, Status.NORMAL, 60, 3), (0, State.MISSING, Status.NORMAL, 0, 3))
    assert found.evidence.days == {}
    assert [(each.reason, each.n) for each in found.omissions] == [("当日有效数据少于 4 个", 3)]
