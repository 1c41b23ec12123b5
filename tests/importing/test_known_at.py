"""What was known on a day, asked for on the command line: decisions and corrections made since do not count."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compensation.cli.period import end_of
from compensation.store import Store, clock

Call = Callable[..., Any]
Write = Callable[..., Path]
VOLUMES = ("断面", "年", "月", "取水量(m³)", "依据文号")
SETTLE = ("settle", "--from", "2026-01-01", "--to", "2026-01-31", "--provisional")


@pytest.mark.parametrize(
    ("asked", "end"),
    [
        (datetime(2026, 7, 1), datetime(2026, 7, 1, 23, 59, 59, 999_999)),
        (datetime(2026, 7, 1, 8), datetime(2026, 7, 1, 8)),
    ],
)
def test_a_day_is_known_to_its_end(asked: datetime, end: datetime) -> None:
    assert end_of(asked) == end


def test_the_same_question_at_two_moments(
    call: Call, write_text: Write, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    quality = [("断面", "采样日期", "总磷(mg/L)", "氨氮(mg/L)", "高锰酸盐指数(mg/L)")]
    quality += [("嘉善平湖取水口", f"2026-01-{day:02}", "0.05", "0.1", "2") for day in range(1, 32)]
    assert call("import", str(write_text(quality, "水质.csv"))).code == 0
    assert call("import", str(write_text([VOLUMES, ("嘉善平湖取水口", 2026, 1, 1_000_000, "文1")], "甲.csv"))).code == 0
    day = store.known_through()
    monkeypatch.setattr(clock, "now_moment", lambda: clock.moment_of(day + timedelta(days=3)))
    monkeypatch.setattr("compensation.store.ingest.now_moment", clock.now_moment)
    right = write_text([VOLUMES, ("嘉善平湖取水口", 2026, 1, 9_000_000, "文2")], "乙.csv")
    assert call("import", str(right), "--correct", "--by", "张三", "--why", "笔误").code == 0
    now = call(*SETTLE).out
    kept = store.status().rows["settlement"]
    then = call(*SETTLE, "--known-at", f"{day:%Y-%m-%d}").out
    assert "按截至" in then
    assert "没有存入数据库" in then
    assert store.status().rows["settlement"] == kept
    assert [line for line in then.splitlines() if "按截至" not in line] != now.splitlines()
    after = call(*SETTLE, "--known-at", f"{day + timedelta(days=3):%Y-%m-%d}").out
    assert [line for line in after.splitlines() if "按截至" not in line] == [
        line for line in now.splitlines() if "按截至" not in line
    ]
