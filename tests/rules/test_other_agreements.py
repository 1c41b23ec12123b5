"""Agreements that do not ship, written from the guide alone: each comes out as computed by hand."""

from pathlib import Path

import pytest

from compensation.agreement.cases import CaseFile, parse_cases
from compensation.agreement.loader import parse
from compensation.errors import AgreementError
from compensation.settlement.cases import differences, settle_case

CHECKOUT = Path(__file__).resolve().parents[2]
AGREEMENTS = CHECKOUT / "tests" / "agreements"
CASES = AGREEMENTS / "cases" / "hand-computed.yaml"

# A change of an agreement, what must be told, and a text that stands in the line where it is told.
FAULTS = {
    "a month that no clause meets": (
        "values-that-change",
        "applies: {to: 2027-06-30}",
        "applies: {to: 2027-05-31}",
        "2027-06 没有条款适用",
        "number: 第一条",
    ),
    "a month that two exclusive clauses meet": (
        "values-that-change",
        "applies: {to: 2027-06-30}",
        "applies: {to: 2027-07-31}",
        "2027-07 等 1 个时段重复计费",
        "number: 第二条",
    ),
    "months left out without a word": (
        "values-that-change",
        "applies: {months: [6, 7], otherwise: none}",
        "applies: {months: [6, 7]}",
        "2026-01、2026-02、2026-03、2026-04、2026-05、2026-08 等 30 个 没有条款适用",
        "number: 第三条",
    ),
    "a clause that begins after the term": (
        "values-that-change",
        "applies: {from: 2027-07-01}",
        "applies: {from: 2029-01-01, to: 2029-12-31}",
        "永远到不了",
        "2029-01-01",
    ),
    "a month that is none": ("values-that-change", "months: [6, 7]", "months: [6, 13]", "“13”不是月份", "[6, 13]"),
    "a clause without a section": (
        "per-started-step",
        "sections: [界河]",
        "sections: []",
        "没有适用的断面",
        "sections: []",
    ),
    "a step of another unit": (
        "per-started-step",
        "step: {<<: *a, value: 0.1}",
        "step: {<<: *a, value: 0.1, unit: 个百分点}",
        "",
        "",
    ),
    "a number that no memory holds": (
        "per-started-step",
        "step: {<<: *a, value: 0.1}",
        "step: {<<: *a, value: 1e999999999}",
        "不是数",
        "1e999999999",
    ),
    "a term without an end": (
        "per-started-step",
        "term: {from: 2026-01-01, to: 2028-12-31}",
        "term: {from: 2026-01-01, to: 9999-12-31}",
        "期限过长",
        "term: {",
    ),
    "parties that are nobody": ("five-tiers", "payee: downstream", "payee: []", "这里没有值", "payee: []"),
    "a step in money": (
        "per-started-step",
        "step: {<<: *a, value: 0.1}",
        "step: {<<: *a, value: 0.1, unit: 万元}",
        "“step”的单位“万元”不对",
        "kind: per_step",
    ),
    "a price per tonne of points": (
        "points-against-last-year",
        "unit: 万元/个百分点",
        "unit: 万元/t",
        "之积不是金额",
        "kind: per_unit",
    ),
    "an annual measure by the month": (
        "points-against-last-year",
        "period: year\n      measure: {kind: rate_change",
        "period: month\n      measure: {kind: rate_change",
        "不能按月",
        "period: month",
    ),
    "no reference": (
        "points-against-last-year",
        "{kind: rate_change, against: last_year}",
        "{kind: rate_change}",
        "缺少 界河 的 reference",
        "number: 第一条",
    ),
    "a cap per nothing known": (
        "cap-per-indicator-and-month",
        "per: [indicator, month]",
        "per: [indicator, week]",
        "“week”不在可选范围内",
        "per: [indicator, week]",
    ),
    "nitrogen in a river without a limit": (
        "five-tiers",
        "      measure: {kind: exceedance}\n",
        "      measure: {kind: exceedance}\n      indicators: [总氮]\n",
        "无法按总氮评价",
        "kind: exceedance",
    ),
    "a flat sum for a concentration": (
        "flat-per-month",
        "kind: compliant",
        "kind: exceedance",
        "flat 只能",
        "kind: flat",
    ),
    "a backward flow that cannot be": (
        "five-tiers",
        "      payer: upstream",
        "      direction: backward\n      payer: upstream",
        "没有反向",
        "direction: backward",
    ),
    "two amounts for the other way": (
        "mirrored-tiers",
        "        mirror: yes\n",
        "        mirror: yes\n        otherwise: {<<: *a, value: 1, unit: 万元}\n",
        "不能同时用",
        "kind: tiers",
    ),
    "a party from nowhere": ("values-that-change", "{省里: 1}}\n", "{省府: 1}}\n", "未知的缔约方“省府”", "省府"),
    "water of a section that is none": (
        "water-shares",
        "甲市: 支流甲",
        "甲市: 支流丁",
        "未知的断面“支流丁”",
        "by: flow",
    ),
    "water of one section twice": ("water-shares", "[支流乙, 支流丙]", "[支流乙, 支流甲]", "算了两次", "by: flow"),
    "water taken where none is taken": ("water-shares", "丁市: 取水口丁", "丁市: 支流丙", "不是取水口", "by: intake"),
    "water of nobody": ("water-shares", "甲市: 支流甲", "申市: 支流甲", "未知的缔约方“申市”", "by: flow"),
    "water for a part of the term": (
        "water-shares",
        "by: flow, sections",
        "to: 2027-12-31, by: flow, sections",
        "2028-01-01 至 2028-12-31 没有值",
        "by: flow",
    ),
    "parties capped on both sides": (
        "cap-per-party",
        "{per: [payer, year]",
        "{per: [payee, year]",
        "都逐方封顶",
        "per: [payer, month]",
    ),
    "a cap over the term in each year": (
        "cap-per-party",
        "per: [payee, term]",
        "per: [year, term]",
        "自相矛盾",
        "per: [year, term]",
    ),
    "charges for a fund that has no account": (
        "pool-by-class",
        "      carry_over: distribution\n",
        "",
        "“第二条”收付的基金没有账户",
        "number: 第二条",
    ),
    "a carry-over of nothing": (
        "pool-carry-over",
        "gainer: pool",
        "gainer: downstream",
        "结转用不上",
        "carry_over: distribution",
    ),
    "a fund that pays itself": ("pool-by-class", "payee: upstream", "payee: pool", "付款方与收款方相同", "payee: pool"),
    "a fund that caps each payee": (
        "pool-of-penalties",
        "per: [section, year], at_most",
        "per: payee, at_most",
        "由基金付款的条款不能逐方封顶",
        "per: payee, at_most",
    ),
    "money left that goes nowhere": (
        "pool-carry-over",
        "      carry_over: distribution\n",
        "",
        "没有写明结转",
        "- sections: [界河]",
    ),
    "less distributed, and the rest nowhere": (
        "pool-reserve",
        "      carry_over: reserve\n",
        "",
        "没有写明结转",
        "to: 2026-12-31, value: 500",
    ),
    "nothing to carry over": ("pool-carry-over", "gainer: pool", "gainer: downstream", "结转用不上", "carry_over"),
    "a carry-over to nowhere": (
        "pool-carry-over",
        "carry_over: distribution",
        "carry_over: away",
        "“away”不在可选范围内",
        "carry_over: away",
    ),
    "a figure that begins before the term": (
        "per-started-step",
        "per_step: {<<: *a,",
        "per_step: {<<: *a, from: 2025-01-01,",
        "2025-01-01 至 2028-12-31 超出协议期限",
        "per_step:",
    ),
    "a figure that holds after the term": (
        "per-started-step",
        "upstream: {<<: *a,",
        "upstream: {<<: *a, to: 2030-12-31,",
        "2026-01-01 至 2030-12-31 超出协议期限",
        "upstream:",
    ),
    "an addition to nothing": (
        "five-tiers",
        "      payer: upstream",
        "      adds_to: [nothing]\n      payer: upstream",
        "不是其他条款的键",
        "number: 第一条",
    ),
}


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT)


def hand_computed() -> tuple[CaseFile, ...]:
    return parse_cases(CASES.name, CASES.read_text(encoding="utf-8"))


def test_every_hand_computed_case_comes_out_to_the_fen() -> None:
    cases = hand_computed()
    assert [(case.title, differences(case)) for case in cases if differences(case)] == []
    used = {case.agreement.key for case in cases}
    assert used == {path.stem for path in AGREEMENTS.glob("*.yaml")}


def test_last_years_values_that_are_not_there_leave_the_amount_open() -> None:
    text = CASES.read_text(encoding="utf-8")
    cut = "      before:\n        界河: {高锰酸盐指数: 4.0, 氨氮: 0.60, 总磷: 0.100}\n"
    assert cut in text
    case = next(
        each for each in parse_cases(CASES.name, text.replace(cut, "")) if each.agreement.key == "mirrored-tiers"
    )
    assert {each.actual_yuan for each in differences(case)} == {None}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("支流乙: {2026-01: 100 万m³, ", "支流乙: {", "没有水量"),
        ("支流甲: {2026-01: 300 万m³", "支流甲: {2026-01: 0 万m³", ""),
        ("        取水口丙: 200 万m³\n", "", "没有取水量"),
        (
            "        取水口丙: 200 万m³\n        取水口丁: 100 万m³",
            "        取水口丙: 0 m³\n        取水口丁: 0 m³",
            "合计为 0",
        ),
    ],
)
def test_what_is_owed_by_water_nobody_measured_stays_open(old: str, new: str, told: str) -> None:
    """Nothing of one party is a measurement; a volume that is not there, or no water at all, is none."""
    text = CASES.read_text(encoding="utf-8")
    assert old in text
    case = next(
        each for each in parse_cases(CASES.name, text.replace(old, new)) if each.agreement.key == "water-shares"
    )
    settlement = settle_case(case)
    assert any(told in item.what for item in settlement.missing) if told else not settlement.missing
    finals = {each.expected_yuan: each.actual_yuan for each in differences(case)}
    assert (None in finals.values()) == bool(told)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_in_chinese_at_its_place(name: str) -> None:
    key, old, new, told, place = FAULTS[name]
    text = (AGREEMENTS / f"{key}.yaml").read_text(encoding="utf-8")
    assert text.count(old) >= 1
    text = text.replace(old, new, 1)
    if not told:
        assert parse("协议.yaml", text)
        return
    with pytest.raises(AgreementError) as caught:
        parse("协议.yaml", text)
    found = [fault for fault in caught.value.faults if told in fault.what]
    assert found, [str(fault) for fault in caught.value.faults]
    line = int(found[0].where.split("第 ")[1].split(" 行")[0])
    assert place in text.splitlines()[line - 1]


def test_clauses_that_say_they_add_up_are_no_clash() -> None:
    text = (AGREEMENTS / "values-that-change.yaml").read_text(encoding="utf-8")
    text = text.replace("applies: {to: 2027-06-30}", "adds_to: [new]", 1)
    assert parse("协议.yaml", text).clauses[0].adds_to == ("new",)


def test_all_faults_come_in_one_pass() -> None:
    text = (AGREEMENTS / "values-that-change.yaml").read_text(encoding="utf-8")
    for _, old, new, _, _ in (FAULTS["a month that no clause meets"], FAULTS["a party from nowhere"]):
        text = text.replace(old, new, 1)
    with pytest.raises(AgreementError) as caught:
        parse("协议.yaml", text)
    assert len(caught.value.faults) >= 2


def test_the_example_of_when_a_clause_applies_loads() -> None:
    guide = (CHECKOUT / "docs" / "agreement-authoring.md").read_text(encoding="utf-8")
    skeleton = guide.split("```yaml\n")[1].split("```")[0]
    example = guide.split("## When a clause applies")[1].split("```yaml\n")[1].split("```")[0]
    indented = "".join(f"    {line}\n" for line in example.splitlines())
    text = skeleton.replace("  clauses:\n", f"  clauses:\n{indented}", 1)
    clause = parse("guide.yaml", text).clauses[0]
    assert clause.reach.months == (5, 6, 7, 8, 9)
    assert clause.caps[0].per == ("indicator", "month")
    assert clause.parties["payer"].keys() == {"310000", "320000"}
    with pytest.raises(AgreementError, match="没有条款适用"):
        parse("guide.yaml", text.replace(", otherwise: none", ""))


def test_a_kind_that_is_none_is_the_only_fault_told_of_its_part() -> None:
    """It is not judged as if another kind stood there."""
    text = (AGREEMENTS / "flat-per-month.yaml").read_text(encoding="utf-8")
    assert "kind: compliant" in text
    with pytest.raises(AgreementError) as caught:
        parse("协议.yaml", text.replace("kind: compliant", "kind: complient"))
    assert ["“complient”不在可选范围内" in str(fault) for fault in caught.value.faults] == [True]


def test_the_keys_that_are_known_are_named_once_each() -> None:
    text = (AGREEMENTS / "per-started-step.yaml").read_text(encoding="utf-8")
    with pytest.raises(AgreementError) as caught:
        parse("协议.yaml", text.replace("step: {", "steps: {", 1))
    assert "这里只认识：kind、step、per_step、count" in str(caught.value)
