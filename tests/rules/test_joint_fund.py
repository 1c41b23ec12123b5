"""The joint fund by itself: contributions and distribution, what failing sections move, and what is carried over."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from figuring import DRAFT, figure, figures

from compensation.expression import RATIO, Missing
from rules.agreement import POOL, Clause, Deduction, Part, Period, months_of
from rules.case import Case
from rules.evaluate import evaluate
from rules.evidence import BalanceFact, Evidence
from rules.outcome import Charge, Outcome

HU, SU, ZHE = "310000", "320000", "330000"
FENHU, BRIDGE = "310118_0002", "310118_0003"  # 苏 above 沪 7 : 浙 3; 苏 7 : 浙 3 above 沪
MET = dict(zip(DRAFT.data_rules.indicators, ("6", "1", "0.2"), strict=True))  # Ⅲ to the full, which is the target
FOUL = "1000"
Amounts = dict[tuple[str, str], object]


def ratio(hu: int, su: int, zhe: int) -> Mapping[str, object]:
    return figures({HU: hu, SU: su, ZHE: zhe}, RATIO)


def fund(*deductions: Deduction, amount: str = "100", distributed: str | None = None, carry_over: str = "") -> Clause:
    """A fund of 100 元 a year: 沪 5 : 苏 3 : 浙 2 pay in, 沪 2 : 苏 6 : 浙 2 are given out."""
    given = {"amount": amount} | ({} if distributed is None else {"distributed": distributed})
    return replace(
        next(each for each in DRAFT.clauses if each.kind == "pool"),
        tariff=Part("pool", figures(given), {"carry_over": carry_over} if carry_over else {}),
        contributions=ratio(5, 3, 2),
        distribution=ratio(2, 6, 2),
        deductions=deductions,
    )


def taking(amount: str, *sections: str, **more: object) -> Deduction:
    return replace(Deduction(sections or (FENHU,), figure(amount), None, None), **more)  # type: ignore[arg-type]


def run(
    clause: Clause,
    foul: Mapping[str, str] | None = None,
    first: date = date(2027, 1, 1),
    last: date = date(2027, 12, 31),
    balance: tuple[BalanceFact, ...] = (BalanceFact("fund", Fraction(0), "2026年"),),
    unknown: str = "",
    **more: bool,
) -> Outcome:
    """Sections that just meet their targets, but for those `foul` in years that begin so, and an unknown one."""
    months = {
        (section.code, code): {
            month.name: Fraction(FOUL if month.name.startswith((foul or {}).get(section.code, "none")) else MET[code])
            for month in months_of(first, last)
        }
        for section in DRAFT.sections
        for code in DRAFT.data_rules.indicators
        if section.code != unknown
    }
    money = replace(DRAFT.money, credit_share=None, net_payment_limit=None, advance_share=None)
    agreement = replace(DRAFT, clauses=(clause,), money=money)
    facts = Evidence({}, months=months, balances=balance)
    return evaluate(Case(agreement, facts, Period(first, last, "期间"), first, **more))


def lines(charge: Charge) -> Amounts:
    assert len({(each.payer, each.payee) for each in charge.lines}) == len(charge.lines)
    return {(each.payer, each.payee): each.amount.value for each in charge.lines}


def moved(charge: Charge) -> Amounts:
    return {pair: amount for pair, amount in lines(charge).items() if amount}


def of(found: Outcome, *subjects: str) -> list[object]:
    """What the charges come to whose subject begins with these words, in their order."""
    return [charge.amount.value for words in subjects for charge in found.charges if charge.subject.startswith(words)]


def test_all_pay_in_by_their_shares_and_are_given_out_by_others() -> None:
    paid_in, given_out = run(fund(amount="100.005")).charges
    assert (paid_in.exact.value, paid_in.amount.value) == (Fraction("100.005"), Fraction("100.01"))
    assert (given_out.exact.value, given_out.amount.value) == (Fraction("100.005"), Fraction("100.01"))
    assert lines(paid_in) == {(HU, POOL): Fraction("50.01"), (SU, POOL): 30, (ZHE, POOL): 20}
    assert lines(given_out) == {(POOL, HU): 20, (POOL, SU): Fraction("60.01"), (POOL, ZHE): 20}


# what failing sections move


def test_a_section_that_misses_its_target_takes_from_above_for_below() -> None:
    clause = fund(taking("40", FENHU, BRIDGE))
    clean = run(clause).charges
    assert [each.amount.value for each in clean] == [100, 100, 0, 0]
    first, second = run(clause, foul={FENHU: "2027", BRIDGE: "2027"}).charges[2:]
    assert moved(first) == {(SU, HU): 28, (SU, ZHE): 12}
    # 苏, given 60, has 20 left of the 28 it would lose, 浙 all of the 12
    assert moved(second) == {(SU, HU): 20, (ZHE, HU): 12}
    assert [(each.exact.value, each.amount.value) for each in (first, second)] == [(40, 40), (40, 32)]
    assert run(clause, foul={BRIDGE: "2027"}).charges[3].amount.value == 40


def test_what_is_left_of_one_years_distribution_is_of_no_other_year() -> None:
    found = run(fund(taking("40")), foul={FENHU: "202"}, first=date(2026, 1, 1))
    assert of(found, "汾湖大桥(界标) 2026", "汾湖大桥(界标) 2027") == [40, 40]


def test_a_deduction_may_name_who_loses_and_who_gains() -> None:
    clause = fund(taking("30", losers=ratio(1, 0, 2), gainers=ratio(0, 1, 0)))
    assert moved(run(clause, foul={FENHU: "2027"}).charges[2]) == {(HU, SU): 10, (ZHE, SU): 20}
    one = fund(taking("30", gainers=ratio(0, 0, 1)))
    assert moved(run(one, foul={FENHU: "2027"}).charges[2]) == {(SU, ZHE): 30}


def test_who_is_given_nothing_has_nothing_to_lose() -> None:
    clause = replace(fund(taking("30", losers=ratio(1, 2, 0))), distribution=ratio(0, 1, 1))
    assert moved(run(clause, foul={FENHU: "2027"}).charges[2]) == {(SU, HU): 14, (SU, ZHE): 6}


@pytest.mark.parametrize("provisional", [False, True])
def test_a_section_that_nothing_is_known_of_takes_nothing_from_what_others_take_in_a_provisional_result(
    provisional: bool,
) -> None:
    clause = fund(taking("50", FENHU, BRIDGE, BRIDGE))
    found = run(clause, foul={BRIDGE: "2027"}, unknown=FENHU, provisional=provisional)
    amounts = [each.amount.value for each in found.charges[2:]]
    if provisional:
        # 苏 has 60, of which it loses 35 and then 25 of 35; 浙 20, of which 15 and then 5
        assert amounts == [50, 30]
        assert [each.section for each in found.excluded] == [FENHU]
    else:
        assert [isinstance(each, Missing) for each in amounts] == [True] * 3


# what is carried over


def balance(amount: str, key: str = "fund") -> tuple[BalanceFact, ...]:
    return (BalanceFact(key, Fraction(amount), "2026年"),)


TWO_YEARS = {"first": date(2027, 1, 1), "last": date(2028, 12, 31)}


@pytest.mark.parametrize(
    ("carry_over", "distributed", "given_out", "closing"),
    [
        ("reserve", None, [100, 100], 5),
        ("reserve", "90", [90, 90], 25),
        ("reserve", "200", [105, 100], 0),
        ("reserve", "102", [102, 102], 1),
        ("distribution", None, [105, 100], 0),
        ("distribution", "90", [95, 100], 10),
        ("distribution", "200", [105, 100], 0),
    ],
)
def test_a_fund_that_carries_over_gives_out_what_is_planned_as_far_as_it_is_there(
    carry_over: str, distributed: str | None, given_out: list[int], closing: int
) -> None:
    clause = fund(distributed=distributed, carry_over=carry_over)
    found = run(clause, balance=balance("5"), **TWO_YEARS)  # type: ignore[arg-type]
    assert of(found, "2027年 资金分配", "2028年 资金分配") == given_out
    assert of(found, "2027年 各方出资", "2028年 各方出资") == [100, 100]
    assert found.fund is not None
    assert (found.fund.opening.value, found.fund.closing.value) == (5, closing)


def test_a_fund_that_carries_nothing_over_gives_out_what_is_paid_in() -> None:
    found = run(fund(), balance=balance("5"), **TWO_YEARS)  # type: ignore[arg-type]
    assert of(found, "2027年 资金分配", "2028年 资金分配") == [100, 100]
    assert found.fund is None


def test_what_is_taken_and_stays_is_there_the_year_after_and_what_others_gain_is_not() -> None:
    clause = fund(taking("40", stays=True), taking("10", BRIDGE), carry_over="distribution")
    found = run(clause, foul={FENHU: "2027", BRIDGE: "2027"}, **TWO_YEARS)  # type: ignore[arg-type]
    stays, gained = (each for each in found.charges[2:4])
    assert moved(stays) == {(SU, POOL): 40}
    assert moved(gained) == {(SU, HU): 7, (ZHE, HU): 3}
    assert of(found, "2028年 资金分配") == [140]


@pytest.mark.parametrize("provisional", [False, True])
def test_what_would_stay_of_a_section_that_nothing_is_known_of_is_not_there_in_a_provisional_result(
    provisional: bool,
) -> None:
    clause = fund(taking("40", FENHU, BRIDGE, stays=True), carry_over="distribution")
    found = run(clause, foul={BRIDGE: "2027"}, unknown=FENHU, provisional=provisional, **TWO_YEARS)  # type: ignore[arg-type]
    (year_after,) = of(found, "2028年 资金分配") or [None]
    assert year_after == 140 if provisional else isinstance(year_after, Missing)
