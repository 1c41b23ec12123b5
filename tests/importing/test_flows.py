"""Water that passed a section: by month or by day, as a volume or a rate, exact, and never from an incomplete month."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from compensation.agreement.loader import load
from compensation.application import Request, gather_evidence
from compensation.monitoring import read_file
from compensation.store import Store
from rules.agreement import Period

Write = Callable[..., Path]
Call = Callable[..., Any]
JULY = (date(2026, 7, 1), date(2026, 7, 31))


@pytest.mark.parametrize(
    ("header", "row", "volume", "days"),
    [
        (("断面", "年", "月", "断面水量(万m³)"), ("太浦河桥", 2026, 7, "1.5"), 15_000, JULY),
        (("断面", "年", "月", "闸泄量(亿m³)"), ("太浦闸下", 2026, 7, "0.25"), 25_000_000, JULY),
        (("断面", "月份", "月均流量(m³/s)"), ("太浦河桥", "2026-07", "0.1"), 267_840, JULY),
        (("断面", "日期", "日均流量(m³/s)"), ("太浦河桥", "2026-07-09", "0.1"), 8640, (date(2026, 7, 9),) * 2),
        (("断面", "日期", "流量(m³/d)"), ("太浦河桥", "2026-07-09", "12"), 12, (date(2026, 7, 9),) * 2),
        (("断面", "日期", "下泄水量(万m³)"), ("太浦闸下", "2026-07-09", "3"), 30_000, (date(2026, 7, 9),) * 2),
        (("断面", "日期", "流量(m³/s)"), ("太浦河桥", "2026-07", "1"), 2_678_400, JULY),
    ],
)
def test_units_and_periods(
    write_book: Write, header: tuple[str, ...], row: tuple[object, ...], volume: int, days: tuple[date, date]
) -> None:
    parsed = read_file(write_book([header, row]))
    assert parsed.kinds == ("flow",)
    (flow,) = parsed.flows
    assert (flow.volume_m3, flow.first_day, flow.last_day) == (Fraction(volume), *days)


@pytest.mark.parametrize("header", ["断面水量", "断面水量(吨)", "流量(m³/斤)"])
def test_a_unit_that_is_absent_or_unknown_is_refused(call: Call, write_book: Write, header: str) -> None:
    said = call("import", str(write_book([("断面", "年", "月", header), ("太浦河桥", 2026, 7, 1)])))
    assert said.code == 2
    assert "单位" in said.err


def test_what_was_taken_stays_what_was_taken(write_book: Write) -> None:
    header = ("断面", "年", "月", "取水量(万m³)", "依据文号")
    assert read_file(write_book([header, ("金泽取水口", 2026, 7, 1, "文")])).kinds == ("intake",)


def gathered(store: Store) -> dict[tuple[str, str], Any]:
    request = Request(load("taipu-draft"), date(2026, 1, 1), date(2026, 12, 31))
    period = Period(date(2026, 1, 1), date(2026, 12, 31), "2026年")
    return dict(gather_evidence(store, request, period, date(2026, 1, 1)).evidence.flows)


def test_flows_reach_the_rules_and_an_incomplete_month_does_not(call: Call, write_book: Write, store: Store) -> None:
    days = [
        ("太浦河桥", f"2026-{month:02}-{day:02}", "2")
        for month in (6, 7)
        for day in range(1, monthrange(2026, month)[1] + 1)
    ]
    rows = [("断面", "日期", "流量(m³/s)"), *[row for row in days if row[1] != "2026-06-11"]]
    assert call("import", str(write_book(rows, "日.xlsx"))).code == 0
    month = [("断面", "年", "月", "过水量(万m³)", "依据文号"), ("汾湖大桥(界标)", 2026, 6, "5", "水文〔2026〕6号")]
    assert call("import", str(write_book(month, "月.xlsx"))).code == 0
    found = gathered(store)
    assert {key: fact.volume_m3 for key, fact in found.items()} == {
        ("310118_0003", "2026-07"): 31 * 2 * 86_400,
        ("310118_0002", "2026-06"): 50_000,
    }
    assert found["310118_0002", "2026-06"].source == "水文〔2026〕6号"


def test_a_different_volume_for_the_same_days_is_refused(call: Call, write_book: Write, store: Store) -> None:
    header = ("断面", "年", "月", "断面水量(m³)")
    assert call("import", str(write_book([header, ("太浦河桥", 2026, 7, 5)], "一.xlsx"))).code == 0
    again = call("import", str(write_book([header, ("太浦河桥", 2026, 7, "5.0"), ("太浦河桥", 2026, 8, 1)], "二.xlsx")))
    assert "收下 1 ＋ 与已有相同 1" in again.out
    assert "矛盾" in call("import", str(write_book([header, ("太浦河桥", 2026, 7, 6)], "三.xlsx"))).err
    assert [each.record.volume_m3 for each in store.flows()] == [5, 1]
