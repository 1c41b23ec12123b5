"""What provinces really paid comes out of the agreements that ship, to the yuan."""

import csv
from dataclasses import replace
from datetime import date
from fractions import Fraction
from importlib import resources
from pathlib import Path

import pytest

from compensation.agreement.cases import CaseFile, shipped_cases
from compensation.agreement.loader import load, shipped
from compensation.expression import YUAN, leaf
from compensation.settlement.cases import differences, settle_case
from rules.agreement import Agreement, Party, Period
from rules.case import Case
from rules.evidence import Evidence
from rules.transfers import settle_positions

AGREEMENTS = {
    "anhui-class-steps",
    "chishui-1",
    "chishui-2",
    "chuhe",
    "jiangsu-taihu-load",
    "jiangsu-two-way",
    "national-frame-2025",
    "taipu-draft",
    "xinanjiang-1",
}
# GB/T 2260 codes of the parties, from the standard and not from the files.
CODES = {
    "云南省": "530000",
    "贵州省": "520000",
    "四川省": "510000",
    "安徽省": "340000",
    "浙江省": "330000",
    "江苏省": "320000",
    "上海市": "310000",
    "宣城市": "341800",
    "铜陵市": "340700",
    "常州市": "320400",
    "无锡市": "320200",
    "徐州市": "320300",
    "宿迁市": "321300",
    "丹阳市": "321181",
    "镇江市丹徒区": "321112",
}
# The case that stands for each published row: agreement and case as the published table calls them.
CASES = {
    ("赤水河 round 1", "full compliance"): "赤水河第一轮 2018 年：全部达标",
    ("赤水河 round 1", "three years"): "赤水河第一轮 2018—2020 年：三年全部达标",
    ("赤水河 round 2", "full compliance"): "赤水河第二轮 2021 年：全部达标",
    ("安徽 class steps", "宣城 2020-10"): "安徽宣城市 2020 年 10 月",
    ("安徽 class steps", "铜陵 2020-01..11"): "安徽铜陵市 2020 年 1—11 月",
}
# Rules of the published table that hold beside an agreement: the balances of the national guide fund.
FUND = "national guide fund"

Row = dict[str, str]


def shipped_case(title: str) -> CaseFile:
    return next(case for case in shipped_cases() if case.title == title)


def published(shared_dir: Path) -> list[Row]:
    path = shared_dir / "domain" / "published_cases.csv"
    if not path.is_file():
        pytest.skip("published_cases.csv is not among the shared files")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def balances() -> dict[int, dict[str, tuple[str, int]]]:
    """Amounts in 万元 by year and province code, with the province's name."""
    found: dict[int, dict[str, tuple[str, int]]] = {}
    with resources.files("rules.cases").joinpath("yangtze-guide-fund.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(int(row["year"]), {})[row["code"]] = (row["party"], int(row["amount_wan_yuan"]))
    return found


def paid(case: CaseFile, name: str) -> Fraction:
    """What came out for a party (its final net) or for sections (their charges, those against them deducted), 元."""
    settlement = settle_case(case)
    parties = {party.short: party.code for party in case.agreement.parties}
    if name in parties:
        values = [settlement.outcome.positions[parties[name]].final.value]
    else:
        codes = {section.name: section.code for section in case.agreement.sections}
        wanted = {codes[each.strip()] for each in name.split(";")}
        charges = [each for each in settlement.outcome.charges if each.section in wanted]
        values = [-each.amount.value if each.backward else each.amount.value for each in charges]  # type: ignore[operator]
    assert all(isinstance(value, Fraction) for value in values)
    return sum(values, Fraction(0))  # type: ignore[arg-type]


def test_every_published_row_comes_out_to_the_yuan(shared_dir: Path) -> None:
    rows = [row for row in published(shared_dir) if row["agreement"] != FUND]
    assert len(rows) == 11
    for row in rows:
        case = shipped_case(CASES[row["agreement"], row["case"]])
        assert case.certainty == row["certainty"]
        assert paid(case, row["party_or_section"]) == int(row["amount_wan_yuan"]) * 10_000, row


def test_every_published_party_row_is_expected_by_its_case(shared_dir: Path) -> None:
    for row in published(shared_dir):
        if row["agreement"] == FUND:
            continue
        case = shipped_case(CASES[row["agreement"], row["case"]])
        amounts = {each.amount_yuan for each in case.expected}
        names = len(row["party_or_section"].split(";"))
        assert Fraction(int(row["amount_wan_yuan"]) * 10_000, names) in amounts, row


def test_a_case_that_is_a_yuan_off_is_reported() -> None:
    case = shipped_case("赤水河第一轮 2018 年：全部达标")
    expected = [replace(each, amount_yuan=each.amount_yuan + 1) for each in case.expected]
    assert len(differences(replace(case, expected=tuple(expected)))) == len(case.expected)


def test_the_agreements_that_must_ship_do_and_load_without_a_fault() -> None:
    assert set(shipped()) >= AGREEMENTS


@pytest.mark.parametrize("key", sorted(AGREEMENTS))
def test_a_shipped_agreement_says_what_is_unverified(key: str) -> None:
    agreement = load(key)
    assert agreement.key == key
    assert agreement.status in ("draft", "reconstructed")
    assert agreement.notes
    if agreement.status == "reconstructed":
        assert any("未核（假定）" in note for note in agreement.notes)
    assert {party.name: party.code for party in agreement.parties}.items() <= CODES.items()
    sources = {span.source for parameter in agreement.parameters for span in parameter.spans}
    assert "assumption" in sources


@pytest.mark.parametrize("year", [2023, 2024])
def test_the_national_guide_fund_sums_to_zero(year: int) -> None:
    assert sum(amount for _, amount in balances()[year].values()) == 0


def test_the_balances_of_the_fund_are_those_published(shared_dir: Path) -> None:
    path = shared_dir / "domain" / "mof_yangtze_settlement_zero_sum.csv"
    if not path.is_file():
        pytest.skip("mof_yangtze_settlement_zero_sum.csv is not among the shared files")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = [tuple(row.values()) for row in csv.DictReader(lines)]
    ours = [(str(year), name, str(amount)) for year, own in balances().items() for name, amount in own.values()]
    assert sorted(ours) == sorted(rows)
    for row in published(shared_dir):
        if row["agreement"] == FUND:
            own = balances()[int(row["period"])]
            listed = [int(part) for part in row["note"].split(" sums ")[0].split()]
            assert listed == [amount for _, amount in own.values()]
            assert sum(listed) == int(row["amount_wan_yuan"])


@pytest.mark.parametrize("year", [2023, 2024])
def test_netting_the_fund_pays_every_province_exactly_its_balance(year: int) -> None:
    own = balances()[year]
    agreement: Agreement = replace(
        load("chishui-1"), parties=tuple(Party(code, name, name) for code, (name, _) in own.items())
    )
    case = Case(agreement, Evidence({}), Period(date(2018, 1, 1), date(2018, 12, 31), "2018年"), date(2018, 1, 1))
    finals = {
        code: leaf(("balance", code), Fraction(amount * 10_000), YUAN, name, "长江流域引导资金清算", certain=True)
        for code, (name, amount) in own.items()
    }
    transfers = settle_positions(case, finals, "清算", "")
    for code, (_, amount) in own.items():
        received = sum(each.amount.value for each in transfers if each.payee == code)  # type: ignore[misc]
        sent = sum(each.amount.value for each in transfers if each.payer == code)  # type: ignore[misc]
        assert received - sent == amount * 10_000
        assert min(received, sent) == 0
