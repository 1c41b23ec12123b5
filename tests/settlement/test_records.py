"""What a settlement stands on, as plain data and back: exact, whole, refused when a value is not what it should be."""

import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.monitoring.records import State, Status
from compensation.settlement.evidence import DaySum, Omission
from compensation.settlement.records import MonthVolume, Records, as_plain, from_plain
from rules.evidence import BalanceFact, ChargedFact, ExemptionFact, IncidentFact, InKindFact, TransferFact, VolumeFact

DAY = date(2026, 3, 9)
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
fractions = st.fractions(min_value=-(10**12), max_value=10**12)
days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
volumes = st.builds(MonthVolume, words, words, st.builds(VolumeFact, fractions, words))
ROWS = {
    "day_sums": st.builds(
        DaySum, words, words, days, st.integers(-9, 9), st.sampled_from(State), st.sampled_from(Status),
        st.integers(-(10**20), 10**20), st.integers(1, 9),
    ),
    "volumes": volumes,
    "flows": volumes,
    "incidents": st.builds(
        IncidentFact, words, words, days, st.none() | words, st.none() | fractions, st.none() | fractions,
        st.dictionaries(words, fractions, max_size=3), words, words,
    ),
    "exemptions": st.builds(ExemptionFact, words, days, days, words, words),
    "in_kind": st.builds(InKindFact, words, words, words, words, fractions, words),
    "last_year": st.builds(TransferFact, words, words, st.none() | fractions, words),
    "charged": st.builds(ChargedFact, words, st.booleans(), fractions, words, words, words, words),
    "balances": st.builds(BalanceFact, words, st.none() | fractions, words),
    "left_out": st.builds(Omission, words, words, words, words, st.integers(1, 99)),
}  # fmt: skip
records = st.builds(Records, **{name: st.lists(rows, max_size=3).map(tuple) for name, rows in ROWS.items()})
SOME = Records(
    day_sums=(DaySum("a", "w21003", DAY, -3, State.BELOW_LIMIT, Status.NORMAL, 25, 1),),
    incidents=(IncidentFact("1", "a", DAY, None, None, Fraction(1, 3), {"310000": Fraction(1, 7)}, "x", "y"),),
    charged=(ChargedFact("fund", True, Fraction(5), "z"),),
)


@given(records)
def test_records_come_back_equal_through_json(given_records: Records) -> None:
    plain = json.loads(json.dumps(as_plain(given_records), ensure_ascii=False))
    back = from_plain(plain)
    assert back == given_records
    assert as_plain(back) == as_plain(given_records)


def set_row(table: str, at: int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(plain: dict[str, Any]) -> None:
        plain[table]["rows"][0][at] = value

    return change


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda plain: plain.pop("flows"), "tables"),
        (lambda plain: plain.update(more={}), "tables"),
        (lambda plain: plain["charged"]["fields"].reverse(), "charged: fields"),
        (lambda plain: plain["charged"]["rows"][0].pop(), r"charged\[0\]"),
        (set_row("day_sums", 2, "2026-02-30"), r"day_sums\[0\]\.day"),
        (set_row("day_sums", 2, "20260309"), r"day_sums\[0\]\.day"),
        (set_row("day_sums", 4, 9), r"day_sums\[0\]\.state"),
        (set_row("day_sums", 6, 2.5), r"day_sums\[0\]\.mantissa_sum"),
        (set_row("day_sums", 7, True), r"day_sums\[0\]\.n"),
        (set_row("incidents", 5, "1/0"), r"incidents\[0\]\.cost_yuan"),
        (set_row("incidents", 5, "2/6"), r"incidents\[0\]\.cost_yuan"),  # not in lowest terms: written by another hand
        (set_row("incidents", 5, 0.5), r"incidents\[0\]\.cost_yuan"),
        (set_row("incidents", 6, {"310000": 1}), r"incidents\[0\]\.responsibility"),
        (set_row("incidents", 6, []), r"incidents\[0\]\.responsibility"),
        (set_row("charged", 1, 1), r"charged\[0\]\.backward"),
        (set_row("charged", 0, None), r"charged\[0\]\.clause"),
    ],
)
def test_what_is_not_what_it_should_be_is_named(change: Callable[[dict[str, Any]], None], where: str) -> None:
    plain = json.loads(json.dumps(as_plain(SOME)))
    change(plain)
    with pytest.raises(ValueError, match=where):
        from_plain(plain)
