"""Floors of groups of charges: what a lifted charge tells, and what a file may not ask of a floor."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compensation.agreement.cases import parse_cases
from compensation.agreement.loader import parse
from compensation.errors import AgreementError
from compensation.expression.explain import Step, explain
from compensation.settlement.cases import settle_case

CHECKOUT = Path(__file__).resolve().parents[2]
AGREEMENTS = CHECKOUT / "tests" / "agreements"
CASES = AGREEMENTS / "cases" / "hand-computed.yaml"

# A change of an agreement, what must be told, and a text that stands in the line where it is told.
FAULTS = {
    "a floor under what a fund pays": (
        "pool-of-penalties",
        "      payer: pool",
        "      floors:\n        - {per: charge, at_least: {<<: *a, value: 1, unit: 元}}\n      payer: pool",
        "由基金付款的条款不能分组保底",
        "{per: charge, at_least",
    ),
    "a floor above a cap": (
        "floor-per-year",
        "value: 100, unit: 万元}}\n      floors",
        "value: 99, unit: 万元}}\n      floors",
        "“第一条 每断面每年保底”自 2026-01-01 起高于“第一条 每月封顶”",
        "per: [section, month], at_least",
    ),
    "a floor that sections of other parties share": (
        "floor-per-year",
        "per: [section, year], at_least",
        "per: year, at_least",
        "缺少 section",
        "per: [section, month], at_least",
    ),
    "a floor where parties are capped": (
        "floor-per-year",
        "per: month, at_most",
        "per: payer, at_most",
        "逐方封顶的条款不能再按整笔保底",
        "per: [section, month], at_least",
    ),
    "a floor of parties under a cap of charges": (
        "floor-per-party",
        "per: [payer, year], at_most",
        "per: year, at_most",
        "逐方保底的条款不能再按整笔封顶",
        "per: [payer, year], at_least",
    ),
    "a floor of those who pay and a cap of those who are paid": (
        "floor-per-party",
        "per: [payer, year], at_most",
        "per: [payee, year], at_most",
        "付款方和收款方都逐方计算",
        "per: [payer, year], at_least",
    ),
    "a floor of parties that share by water": (
        "water-shares",
        "      payer: upstream",
        "      floors:\n        - {per: payer, at_least: {<<: *a, value: 1, unit: 元}}\n      payer: upstream",
        "按水量分担的条款不能逐方保底",
        "per: payer, at_least",
    ),
    "a floor of parties that others of each section pay": (
        "floor-over-the-term",
        "payee: {<<: *a, ratio: {丙市: 1}}",
        "payee: downstream",
        "保底的 per 缺少 section",
        "per: [payer, year], at_least",
    ),
    "a floor over the term and by the year": (
        "floor-over-the-term",
        "per: [section, term], at_least: {<<: *a, value: 300",
        "per: [year, term], at_least: {<<: *a, value: 300",
        "“per”自相矛盾",
        "per: [year, term]",
    ),
}


def test_a_charge_lifted_to_a_floor_tells_which_floor_and_what_was_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT)
    case = next(
        each
        for each in parse_cases(CASES.name, CASES.read_text(encoding="utf-8"))
        if each.agreement.key == "floor-per-year"
    )
    december = next(each for each in settle_case(case).outcome.charges if each.subject == "界河 2026-12")
    lifted = explain(december.amount, depth=2).below[0]
    told = {step.label: step.value for step in (lifted, *lifted.below)}
    label = "第一条 界河 2026-12 应付额"
    assert told[f"{label}（每断面每年保底后）"] == "700,000.00 元"
    assert told[f"{label}（每断面每月保底后）"] == "0.00 元"
    assert told[f"{label}：距每断面每年保底尚缺"] == "700,000.00 元"


def test_the_part_of_a_party_lifted_to_a_floor_tells_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT)
    cases = parse_cases(CASES.name, CASES.read_text(encoding="utf-8"))
    case = next(each for each in cases if each.agreement.key == "floor-per-party")
    december = next(each for each in settle_case(case).outcome.charges if each.subject == "界河 2026-12")
    told = {step.label: step.value for step in _walked(explain(december.amount))}
    label = "第一条 界河 2026-12 应付额"
    short = {party: told[f"{label}（{party}）：距每年每一付款方保底尚缺"] for party in ("甲市", "乙市", "丙市")}
    assert short == {"甲市": "100,000.00 元", "乙市": "300,000.00 元", "丙市": "400,000.00 元"}
    year = next(each for each in settle_case(case).outcome.charges if each.clause.key == "reward")
    assert not any("尚缺" in step.label for step in _walked(explain(year.amount)))


def _walked(step: Step) -> Iterator[Step]:
    yield step
    for below in step.below:
        yield from _walked(below)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_floor_is_told_in_chinese_at_its_place(name: str) -> None:
    key, old, new, what, place = FAULTS[name]
    text = (AGREEMENTS / f"{key}.yaml").read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new, 1)
    with pytest.raises(AgreementError) as caught:
        parse("协议.yaml", text)
    told = [str(fault) for fault in caught.value.faults if what in str(fault)]
    assert told, caught.value
    line = int(told[0].partition("第 ")[2].partition(" 行")[0])
    assert place in text.splitlines()[line - 1]
