"""Officials see what contradicts, where it stands, and decide; the settlement says what became of it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compensation.agreement.loader import load
from compensation.application import Request, settle_request
from compensation.store import Store

HEADER = ("省份", "断面名称", "监测时间", "总磷(mg/L)", "站点情况")
Call = Callable[..., Any]


@pytest.fixture
def contested(call: Call, write_text: Callable[..., Path]) -> Call:
    first = write_text([HEADER, ("上海市", "太浦河桥", "2026-07-09 04:00", "0.100", "正常")], "甲.csv")
    second = write_text([HEADER, ("上海市", "太浦河桥", "2026-07-09 04:00", "0.300", "正常")], "乙.csv")
    assert call("import", str(first), str(second)).code == 0
    return call


def handle(said: Any) -> str:
    return str(said.out.splitlines()[2].split()[0])


def test_the_list_names_both_rows(contested: Call) -> None:
    said = contested("conflicts")
    assert said.code == 0
    for words in ("太浦河桥", "总磷", "2026-07-09 04:00", "1) 0.100", "2) 0.300", "《甲.csv》D2", "《乙.csv》D2"):
        assert words in said.out
    assert "共 1 处，待裁定 1 处" in said.out
    assert contested("conflicts", "--section", "淀峰").out.strip() == "没有待裁定的冲突。"


@pytest.mark.parametrize("how", [("--choose", "2"), ("--from-file", "乙.csv")])
def test_deciding_by_number_or_by_file(contested: Call, store: Store, how: tuple[str, str]) -> None:
    code = handle(contested("conflicts"))
    said = contested("conflicts", "decide", code, *how, "--by", "张三", "--why", "原始记录", "--document", "3号")
    assert (said.code, said.err) == (0, "")
    assert [row[3] for row in store.readings(indicators=["w21011"])] == [300]
    assert contested("conflicts").out.strip() == "没有待裁定的冲突。"
    told = contested("conflicts", "--decided").out
    assert "以此为准，张三" in told.splitlines()[3]
    assert "原始记录" in told


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--choose", "1", "--by", "张三", "--why", "x"], "没有说清裁定哪些冲突"),
        (["--all", "--by", "张三", "--why", "x"], "没有说清以哪个为准"),
        (["--all", "--choose", "1", "--from-file", "甲.csv", "--by", "张三", "--why", "x"], "没有说清以哪个为准"),
        (["--all", "--choose", "3", "--by", "张三", "--why", "x"], "没有第 3 个候选值"),
        (["--all", "--from-file", "丙.csv", "--by", "张三", "--why", "x"], "不在候选值之中"),
        (["--all", "--choose", "1", "--by", " ", "--why", "x"], "裁定人或理由是空的"),
        (["0000", "--choose", "1", "--by", "张三", "--why", "x"], "找不到"),
    ],
)
def test_what_cannot_be_decided(contested: Call, store: Store, arguments: list[str], why: str) -> None:
    said = contested("conflicts", "decide", *arguments)
    assert said.code == 2
    assert why in said.err
    assert len(store.undecided()) == 1


def test_the_settlement_uses_the_decision_and_says_what_was_left_out(contested: Call, store: Store) -> None:
    request = Request(load("taipu-draft"), date(2026, 7, 1), date(2026, 7, 31), provisional=True)

    def reasons() -> list[str]:
        return [each.reason for each in settle_request(store, request).omissions]

    assert any("尚未裁定" in reason for reason in reasons())
    contested("conflicts", "decide", "--all", "--choose", "0", "--by", "张三", "--why", "都无法核实")
    assert [reason for reason in reasons() if "裁定" in reason] == ["同一时刻数据不一致，张三裁定均不采用：都无法核实"]
    said = contested("conflicts", "--decided")
    assert "都不采用，张三" in said.out
    code = handle(said)
    contested("conflicts", "decide", code, "--choose", "1", "--by", "李四", "--why", "复核", "--again")
    assert not any("裁定" in reason for reason in reasons())
