"""Charges that a fund pays: told down to what flowed into it, and never more than is known to be there."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from compensation.agreement.cases import CaseFile, parse_cases
from compensation.expression import Missing
from compensation.expression.explain import value_text
from compensation.settlement.cases import settle_case
from rules.agreement import Period
from rules.case import Case
from rules.evaluate import evaluate
from rules.joint_fund import fund_pays

CHECKOUT = Path(__file__).resolve().parents[2]
CASES = CHECKOUT / "tests" / "agreements" / "cases" / "hand-computed.yaml"


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT)


def penalties() -> CaseFile:
    """Penalties of 80 万元 flow into the fund, from which 175 万元 are claimed."""
    cases = parse_cases(CASES.name, CASES.read_text(encoding="utf-8"))
    return next(each for each in cases if each.agreement.key == "pool-of-penalties")


def test_what_a_fund_pays_of_a_claim_is_told_down_to_what_flowed_into_it() -> None:
    case = penalties()
    june = next(
        each for each in settle_case(case).outcome.charges if each.subject == "界河 2026-06" and fund_pays(each.clause)
    )
    told: dict[str, str] = {}
    seen: set[int] = set()
    nodes = [june.amount]
    while nodes:
        node = nodes.pop()
        if id(node) not in seen:
            seen.add(id(node))
            told[node.label] = value_text(node)
            nodes += node.args
    assert told["第三条 界河 2026-06 应付额"] == "7,142.86 元"
    assert told["第三条 界河 2026-06 应付额：基金付款余额"] == "7,142.86 元"
    assert told["2026年 第三条 界河 应由基金支付合计"] == "1,000,000.00 元"
    assert told["2026年 基金付款合计"] == told["2026年 基金可付金额"] == "800,000.00 元"
    assert told["第二条 界河 2026-02 应付额"] == "600,000.00 元"


def test_a_fund_does_without_what_is_missing_only_in_a_provisional_result() -> None:
    case = penalties()
    known_days = case.evidence.days.items()
    until_december = {key: {day: value for day, value in days.items() if day.month < 12} for key, days in known_days}
    evidence = replace(case.evidence, days=until_december)
    period = Period(case.first, case.last, "2026年")
    final, provisional = (
        evaluate(Case(case.agreement, evidence, period, case.first, provisional=each)) for each in (False, True)
    )
    paid = [each for each in final.charges if fund_pays(each.clause) and not each.backward]
    # what is not known may leave less for everybody; only those that claim nothing get nothing for certain
    assert {each.amount.value for each in paid if not isinstance(each.amount.value, Missing)} == {0}
    known = [each.amount.value for each in provisional.charges if fund_pays(each.clause) and not each.backward]
    assert len(known) == 22
    assert sum(value for value in known if isinstance(value, Fraction)) == 800_000
