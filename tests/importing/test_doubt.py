"""What an agreement says about values in doubt is done, and every exclusion is told with its reason."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compensation.agreement.loader import load, parse
from compensation.application import Request, gather_evidence
from compensation.errors import AgreementError
from compensation.store import Store
from rules.agreement import Agreement, Period

HEADER = ("省份", "断面名称", "监测时间", "水质类别", "pH", "溶解氧(mg/L)", "高锰酸盐指数(mg/L)", "氨氮(mg/L)",
          "总磷(mg/L)", "站点情况")  # fmt: skip
DAY = date(2026, 7, 9)


def ruled(flags: str) -> Agreement:
    text = load("taipu-draft").text
    marked = text.replace("    route: daily\n", f"    route: daily\n    flags: {flags}\n")
    assert marked != text
    return parse("试.yaml", marked)


@pytest.fixture
def stored(call: Callable[..., Any], write_text: Callable[..., Path], store: Store) -> Store:
    values = ["0.05", "0.06", "40.00", "0.05", "0.07", "0.06"]
    rows = [
        ("上海市", "太浦河桥", f"2026-07-09 {4 * place:02}:00", "Ⅱ", "7", "9", "1.5", f"0.1{place}", value,
         "维护" if place == 5 else "正常")
        for place, value in enumerate(values)
    ]  # fmt: skip
    assert call("import", str(write_text([HEADER, *rows]))).code == 0
    return store


def outcome(store: Store, agreement: Agreement) -> tuple[Any, list[tuple[str, int]]]:
    request = Request(agreement, date(2026, 7, 1), date(2026, 7, 31), provisional=True)
    period = Period(date(2026, 7, 1), date(2026, 7, 31), "2026-07")
    gathered = gather_evidence(store, request, period, DAY)
    day = gathered.evidence.days.get(("310118_0003", "w21011"), {}).get(DAY)
    return day, [(each.reason, each.n) for each in gathered.omissions if each.indicator == "w21011"]


@pytest.mark.parametrize("flags", [None, "{}", "{指数丢失: keep}"])
def test_by_default_values_in_doubt_are_kept(stored: Store, flags: str | None) -> None:
    day, omitted = outcome(stored, load("taipu-draft") if flags is None else ruled(flags))
    assert day.n == 5
    assert day.value > 8
    assert omitted == [("站点维护期间的数据", 1)]


@pytest.mark.parametrize(("action", "words"), [("exclude", "存疑数据剔除"), ("ask", "存疑数据待核实，暂不计入")])
def test_what_is_taken_out_is_told(stored: Store, action: str, words: str) -> None:
    day, omitted = outcome(stored, ruled(f"{{指数丢失: {action}, 维护或停站期间: {action}}}"))
    assert day.n == 4
    assert day.value * 400 == 5 + 6 + 5 + 7
    assert sorted(omitted) == sorted([("站点维护期间的数据", 1), (f"{words}：指数丢失", 1)])


def test_an_agreement_cannot_name_a_doubt_that_does_not_exist() -> None:
    with pytest.raises(AgreementError, match="未知的存疑标记“瞎猜”") as caught:
        ruled("{瞎猜: exclude, 指数丢失: drop}")
    assert len(caught.value.faults) == 2
