"""Every case that ships comes out to the fen, and the worked example in docs/ says the same as the case file."""

import re
from fractions import Fraction
from importlib import resources
from pathlib import Path

import pytest

from compensation.agreement.cases import CaseFile, parse_cases, shipped_cases
from compensation.errors import AgreementError
from compensation.expression import Quantity, Value
from compensation.money import fen_of, yuan_text
from compensation.settlement.cases import differences, settle_case
from compensation.settlement.settle import Settlement
from rules.evidence import VolumeFact

CHECKOUT = Path(__file__).resolve().parents[2]
WORKED = "taipu-worked-example.yaml"
HAND_COMPUTED = CHECKOUT / "tests" / "agreements" / "cases" / "hand-computed.yaml"
PARTIES = {"沪": "310000", "苏": "320000", "浙": "330000", "基金": "pool"}
JINZE, JIAPING, FENHU, BRIDGE = "TAIPU-JINZE", "TAIPU-JIAPING", "310118_0002", "310118_0003"

# What docs/worked-example.md comes to below the charges: who pays whom in a clause, section and period.
LINES = {
    "算例一": [
        ("第一条", "", "2026年", "沪", "基金", "50,000,000.00"),
        ("第一条", "", "2026年", "基金", "苏", "60,000,000.00"),
        ("第二条", JINZE, "2026-01", "沪", "苏", "1,702,597.71"),
        ("第二条", JINZE, "2026-01", "沪", "浙", "425,649.43"),
        ("第二条", JINZE, "2026-02", "沪", "苏", "1,556,881.89"),
        ("第二条", JINZE, "2026-02", "沪", "浙", "389,220.47"),
        ("第二条", JINZE, "2026-03", "沪", "苏", "1,297,445.18"),
        ("第二条", JINZE, "2026-03", "沪", "浙", "324,361.29"),
        ("第二条", JINZE, "2026-04", "沪", "苏", "1,678,019.34"),
        ("第二条", JINZE, "2026-05", "沪", "浙", "435,858.21"),
        ("第二条", JINZE, "2026-06", "沪", "苏", "1,685,406.42"),
        ("第二条", JINZE, "2026-07", "沪", "浙", "438,620.34"),
        ("第二条", JINZE, "2026-08", "沪", "苏", "1,322,505.16"),
        ("第二条", JINZE, "2026-08", "沪", "浙", "330,626.29"),
        ("第二条", JINZE, "2026-10", "沪", "浙", "322,655.82"),
        ("第二条", JINZE, "2026-11", "沪", "苏", "1,543,060.42"),
        ("第二条", JINZE, "2026-12", "沪", "浙", "416,923.26"),
        ("第二条", JIAPING, "2026-06", "浙", "苏", "168,610.16"),
        ("第三条", FENHU, "2026年", "沪", "苏", "22,400,000.00"),
        ("第三条", FENHU, "2026年", "浙", "苏", "9,600,000.00"),
        ("第三条", BRIDGE, "2026年", "沪", "浙", "12,000,000.00"),
        ("第四条第一款", FENHU, "2026-08", "苏", "浙", "150,000.00"),
        ("第四条第一款", BRIDGE, "2026-09", "浙", "沪", "150,000.00"),
        ("第四条第二款", JINZE, "2026-11-12", "苏", "沪", "3,413,580.28"),
        ("第四条第二款", JINZE, "2026-11-12", "浙", "沪", "1,462,962.97"),
    ],
    "算例二": [
        ("第一条", FENHU, "2027年", "苏", "沪", "7,000,000.00"),
        ("第一条", FENHU, "2027年", "苏", "浙", "3,000,000.00"),
        ("第二条", JINZE, "2027-12", "沪", "苏", "1,200,000.02"),
        ("第二条", JINZE, "2027-12", "沪", "浙", "300,000.00"),
        ("第三条", FENHU, "2027年", "苏", "浙", "12,000,000.00"),
        ("第三条", BRIDGE, "2027年", "浙", "沪", "7,500,000.00"),
        ("第四条第一款", FENHU, "2027-08", "苏", "沪", "525,000.00"),
        ("第四条第一款", FENHU, "2027-09", "苏", "浙", "375,000.00"),
        ("第四条第二款", JIAPING, "2027-05-20", "苏", "浙", "1,117,283.95"),
    ],
}
POSITIONS = {
    "算例一": [
        ("沪", "net", "-108,226,140.01"),
        ("苏", "net", "105,563,792.78"),
        ("浙", "net", "2,662,347.23"),
        ("沪", "credited", "21,645,228.00"),
        ("苏", "debited", "19,868,133.80"),
        ("浙", "debited", "1,777,094.20"),
        ("沪", "net_after_credit", "-86,580,912.01"),
        ("苏", "net_after_credit", "85,695,658.98"),
        ("浙", "net_after_credit", "885,253.03"),
        ("沪", "cut", "6,580,912.01"),
        ("苏", "cut", "-6,513,624.98"),
        ("浙", "cut", "-67,287.03"),
        ("沪", "clearing", "-47,866,000.05"),
        ("苏", "clearing", "47,774,626.65"),
        ("浙", "clearing", "91,373.40"),
    ],
    "算例二": [
        ("沪", "net", "14,799,999.76"),
        ("苏", "net", "-28,217,283.71"),
        ("浙", "net", "13,417,283.95"),
        ("苏", "credited", "5,643,456.74"),
        ("浙", "credited", "0.00"),
        ("沪", "debited", "5,643,456.74"),
        ("沪", "clearing", "9,156,543.02"),
        ("苏", "clearing", "-22,573,826.97"),
    ],
}
TRANSFERS = {
    "算例一": [
        ("advances", "沪", "苏", "31,407,407.35"),
        ("advances", "沪", "浙", "726,592.60"),
        ("clearing", "沪", "苏", "47,774,626.65"),
        ("clearing", "沪", "浙", "91,373.40"),
        ("next_advances", "沪", "苏", "47,509,220.40"),
        ("next_advances", "沪", "浙", "490,779.60"),
    ],
    "算例二": [("clearing", "苏", "沪", "9,156,543.02"), ("clearing", "苏", "浙", "13,417,283.95")],
}


def case_text() -> str:
    return resources.files("rules.cases").joinpath(WORKED).read_text(encoding="utf-8")


def document() -> str:
    return (CHECKOUT / "docs" / "worked-example.md").read_text(encoding="utf-8")


def worked(name: str) -> Settlement:
    return settle_case(next(case for case in parse_cases(WORKED, case_text()) if case.title.startswith(name)))


def yuan(amount: Quantity | None) -> str:
    assert amount is not None
    assert isinstance(amount.value, Fraction)
    return yuan_text(fen_of(amount.value))


@pytest.mark.parametrize("case", list(shipped_cases()), ids=lambda case: f"{case.name}: {case.title}")
def test_every_shipped_case_comes_out_to_the_fen(case: CaseFile) -> None:
    assert case.expected
    assert differences(case) == []


def test_the_worked_examples_ship() -> None:
    assert [case.title.partition("：")[0] for case in parse_cases(WORKED, case_text())] == ["算例一", "算例二"]
    assert WORKED in {case.name for case in shipped_cases()}


@pytest.mark.parametrize(
    ("amount", "changed"),
    [
        ("final: 沪, amount: -80000000.00 元", "final: 沪, amount: -80000000.01 元"),
        ("to: 浙, amount: 817966.00 元", "to: 浙, amount: 817966.01 元"),
        ("2026-03, amount: 1621806.47 元", "2026-03, amount: 1621806.46 元"),
        ("2026-09, amount: 0 元", "2026-09, amount: 0.01 元"),
        ("2026-11-12, amount: 4876543.25 元", "2026-11-12, amount: 4876543.26 元"),
    ],
)
def test_one_fen_of_difference_is_reported_with_its_place(amount: str, changed: str) -> None:
    text = case_text()
    assert amount in text
    line = text[: text.index(amount)].count("\n") + 1
    first = parse_cases(WORKED, text.replace(amount, changed, 1))[0]
    found = differences(first)
    assert [each.place for each in found] == [f"《{WORKED}》第 {line} 行"]
    assert found[0].actual_yuan is not None
    assert abs(found[0].expected_yuan - found[0].actual_yuan) == Fraction(1, 100)


def test_one_cubic_metre_is_reported_in_its_month() -> None:
    # 2 fen more, and less than 1 fen of it reaches the capped net of the payer
    text = case_text().replace("2026-01: 106412357 m³", "2026-01: 106412358 m³", 1)
    found = differences(parse_cases(WORKED, text)[0])
    assert {(each.actual_yuan or 0) - each.expected_yuan for each in found} >= {Fraction(2, 100)}


def test_missing_evidence_is_a_difference_and_never_a_number() -> None:
    text = case_text().replace("2026-01: 106412357 m³", "x-left-out: 1 m³", 1)
    with pytest.raises(AgreementError, match="x-left-out"):
        parse_cases(WORKED, text)
    text = case_text().replace("          2026-01: 106412357 m³\n", "", 1)
    found = {each.expected_yuan: each.actual_yuan for each in differences(parse_cases(WORKED, text)[0])}
    assert found[Fraction("2128247.14")] is None
    assert found[Fraction(-80000000)] is None


@pytest.mark.parametrize("name", LINES)
def test_the_last_fen_goes_to_whom_the_worked_example_says(name: str) -> None:
    outcome = worked(name).outcome
    found = {(x.clause, x.section, x.period, x.payer, x.payee): yuan(x.amount) for x in outcome.lines if x.amount.value}
    for clause, section, period, payer, payee, amount in LINES[name]:
        assert found[clause, section, period, PARTIES[payer], PARTIES[payee]] == amount


@pytest.mark.parametrize("name", POSITIONS)
def test_credits_cut_and_clearing_come_out_as_in_the_worked_example(name: str) -> None:
    positions = worked(name).outcome.positions
    for party, attribute, amount in POSITIONS[name]:
        assert (party, attribute, yuan(getattr(positions[PARTIES[party]], attribute))) == (party, attribute, amount)


@pytest.mark.parametrize("name", TRANSFERS)
def test_advances_and_payments_come_out_as_in_the_worked_example(name: str) -> None:
    outcome = worked(name).outcome
    for attribute in ("advances", "clearing", "next_advances"):
        expected = [(PARTIES[x], PARTIES[y], amount) for kind, x, y, amount in TRANSFERS[name] if kind == attribute]
        paid = [(each.payer, each.payee, yuan(each.amount)) for each in getattr(outcome, attribute)]
        if expected:
            assert sorted(each for each in paid if each[2] != "0.00") == sorted(expected)


def test_the_month_that_the_worked_example_takes_out_is_named() -> None:
    outcome = worked("算例一").outcome
    assert [(x.section, x.period, x.document) for x in outcome.excluded] == [(BRIDGE, "2026-11", "示例免〔2026〕1号")]
    assert not [x for x in outcome.charges if x.section == BRIDGE and x.period.name == "2026-11"]


def numbers(text: str) -> set[Fraction]:
    """Every number of a text, without thousands separators; an amount in 万元 also counts in 元."""
    plain = text.replace("−", "-").replace("**", "")
    found = {Fraction(each.replace(",", "")) for each in re.findall(r"-?\d[\d,]*(?:\.\d+)?", plain)}
    wan = {Fraction(each.replace(",", "")) * 10000 for each in re.findall(r"(\d[\d,]*(?:\.\d+)?) 万元", plain)}
    return found | wan


def test_the_document_says_every_amount_that_the_case_file_expects() -> None:
    written = numbers(document())
    for case in parse_cases(WORKED, case_text()):
        silent = [each for each in case.expected if each.amount_yuan not in written]
        assert silent == []


def test_the_document_says_every_amount_held_here() -> None:
    written = numbers(document())
    tables = [*LINES.values(), *POSITIONS.values(), *TRANSFERS.values()]
    amounts = {row[-1] for rows in tables for row in rows}
    assert [each for each in amounts if abs(Fraction(each.replace(",", ""))) not in {abs(x) for x in written}] == []


def test_the_document_gives_the_evidence_of_the_case_file() -> None:
    written = numbers(document())
    for case in parse_cases(WORKED, case_text()):
        evidence = case.evidence
        volumes: list[VolumeFact] = list(evidence.volumes.values())
        assert [each for each in volumes if each.volume_m3 not in written] == []
        assert [each for each in evidence.last_year if each.amount_yuan not in written] == []
        values = {value.value for days in evidence.days.values() for value in days.values()}
        assert values <= written


def test_the_sums_in_the_document_add_up() -> None:
    tables = re.findall(r"^\| \| 沪 \| 苏 \| 浙 \| 合计 \|\n\|[-: |]+\|\n((?:\|.*\|\n)+)", document(), re.MULTILINE)
    assert len(tables) == 2
    for table in tables:
        rows = [
            [Fraction(cell.strip(" *").replace(",", "").replace("−", "-")) for cell in line.split("|")[2:6]]
            for line in table.splitlines()
        ]
        assert all(sum(row[:3]) == row[3] == 0 for row in rows)
        assert [sum(column) for column in zip(*rows[:-1], strict=True)] == rows[-1]


def test_what_is_called_whole_fen_is(monkeypatch: pytest.MonkeyPatch) -> None:
    rounded: set[tuple[Value, Value]] = set()

    def watched(amount: Quantity) -> Quantity:
        there = whole_fen(amount)
        rounded.add((amount.value, there.value))
        return there

    whole_fen = Quantity.whole_fen
    monkeypatch.setattr(Quantity, "whole_fen", watched)
    monkeypatch.chdir(CHECKOUT)  # where the agreements that do not ship are found
    others = parse_cases(HAND_COMPUTED.name, HAND_COMPUTED.read_text(encoding="utf-8"))
    for case in (*shipped_cases(), *others):
        settle_case(case)
    assert len(rounded) > 100
    assert [each for each in rounded if each[0] != each[1]] == []
