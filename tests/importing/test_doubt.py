"""What an agreement says about values in doubt is done, and every exclusion is told with its reason."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compensation.agreement.loader import load, parse
from compensation.application import Request, gather_evidence, settle_request
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


def settled(store: Store, agreement: Agreement, *, provisional: bool) -> Any:
    request = Request(agreement, date(2026, 7, 1), date(2026, 7, 31), provisional=provisional)
    return settle_request(store, request)


def waiting(store: Store, agreement: Agreement) -> list[str]:
    missing = settled(store, agreement, provisional=False).missing
    return [str(each) for each in missing if "存疑" in each.what]


def test_what_an_agreement_asks_about_is_undetermined_until_somebody_answers(
    stored: Store, call: Callable[..., Any], folder: Path
) -> None:
    asking = ruled("{指数丢失: ask}")
    (folder / "试.yaml").write_text(asking.text, encoding="utf-8")
    assert waiting(stored, asking) == ["太浦河桥 总磷 2026-07：1 个存疑值待核实"]
    assert not any("存疑" in each.what for each in settled(stored, asking, provisional=True).missing)
    assert "共 0 个" in call("doubts").out, "the draft asks about nothing"
    listed = call("doubts", "--agreement", "试.yaml")
    assert "共 1 个，待核实 1 个" in listed.out
    code = listed.out.splitlines()[2].split()[0]
    options = ("--agreement", "试.yaml", "--by", "张三", "--why", "比对一致")
    assert call("doubts", "answer", code, "--keep", *options, "--document", "单2号").code == 0
    day, omitted = outcome(stored, asking)
    assert (day.n, omitted) == (5, [("站点维护期间的数据", 1)])
    assert waiting(stored, asking) == []
    told = [each for each in settled(stored, asking, provisional=True).decided if each.kind == "存疑核实"]
    assert [(each.about, each.what, each.by, each.reason, each.document) for each in told] == [
        ("太浦河桥 总磷 2026-07-09 08:00", "40（指数丢失）计入", "张三", "比对一致", "单2号")
    ]
    assert call("doubts", "answer", code, "--exclude", *options).code == 2
    assert call("doubts", "answer", code, "--exclude", "--again", *options).code == 0
    day, omitted = outcome(stored, asking)
    assert day.n == 4
    assert ("存疑数据（指数丢失），张三核实剔除：比对一致", 1) in omitted
    assert "张三核实剔除" in call("doubts", "--agreement", "试.yaml", "--answered").out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--keep"], "没有说清核实哪些值"),
        (["--all"], "没有说清计入还是剔除"),
        (["abc", "--keep"], "找不到"),
    ],
)
def test_what_cannot_be_answered(call: Callable[..., Any], stored: Store, arguments: list[str], why: str) -> None:
    said = call("doubts", "answer", *arguments, "--by", "张三", "--why", "x")
    assert said.code == 2
    assert why in said.err
    assert stored.answers() == {}


def test_a_ph_value_in_doubt_leaves_the_mean_as_well(
    call: Callable[..., Any], write_text: Callable[..., Path], store: Store
) -> None:
    rows = [
        ("上海市", "太浦河桥", f"2026-07-{9 + place // 6:02} {place % 6 * 4:02}:00", "Ⅱ", "7" if place < 7 else "8",
         "9", "1.5", "0.1", "0.05", "正常")
        for place in range(12)
    ]  # fmt: skip
    assert call("import", str(write_text([HEADER, *rows]))).code == 0
    text = load("taipu-draft").text.replace("indicators: [高锰", "indicators: [pH, 高锰")
    text = text.replace("    route: daily\n", "    route: daily\n    flags: {传感器卡滞: exclude}\n")
    agreement = parse("试.yaml", text)
    assert "w01001" in agreement.monitored
    request = Request(agreement, date(2026, 7, 1), date(2026, 7, 31), provisional=True)
    gathered = gather_evidence(store, request, Period(date(2026, 7, 1), date(2026, 7, 31), "2026-07"), DAY)
    assert DAY not in gathered.evidence.days.get(("310118_0003", "w01001"), {}), "one of six is too few for a day"


@pytest.mark.parametrize(("header", "clock"), [("监测时间", " 04:00"), ("采样日期", "")])
def test_an_impossible_ph_is_in_doubt_whoever_measured_it(
    call: Callable[..., Any], write_text: Callable[..., Path], store: Store, header: str, clock: str
) -> None:
    rows = [
        ("断面名称", header, "pH"),
        ("太浦河桥", f"2026-07-09{clock}", "17"),
        ("太浦河桥", f"2026-07-10{clock}", "7"),
    ]
    assert call("import", str(write_text(rows))).code == 0
    said = call("check", "doubt", "--section", "太浦河桥").out
    assert re.search("超出可能范围 +1\n", said)
    assert said.count("2026-07-09 0") == 1
    text = ruled("{超出可能范围: exclude}").text
    agreement = parse("试.yaml", text.replace("indicators: [高锰酸盐指数,", "indicators: [pH, 高锰酸盐指数,"))
    assert "w01001" in agreement.monitored
    request = Request(agreement, date(2026, 7, 1), date(2026, 7, 31), provisional=True)
    gathered = gather_evidence(store, request, Period(date(2026, 7, 1), date(2026, 7, 31), "2026-07"), DAY)
    omitted = [(each.indicator, each.reason) for each in gathered.omissions]
    assert omitted.count(("w01001", "存疑数据剔除：超出可能范围")) == 1
