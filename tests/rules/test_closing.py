"""Closing by itself: nets, the yearly limit, advances of the year before and for the next, and the fund's account."""

from dataclasses import replace
from fractions import Fraction

import pytest
from figuring import DRAFT, figure

from compensation.expression import RATIO, YUAN, Missing, leaf
from rules.agreement import POOL, Agreement, Parameter, Period
from rules.case import Case
from rules.closing import close
from rules.evidence import Evidence, InKindFact, TransferFact
from rules.outcome import Charge, Line, Outcome, Transfer

HU, SU, ZHE = "310000", "320000", "330000"
YEAR = Period(DRAFT.first, DRAFT.first.replace(month=12, day=31), "2026年")
CLAUSE = next(each for each in DRAFT.clauses if each.kind == "charge")


def agreed(limit: Parameter | None = None, share: Parameter | None = None) -> Agreement:
    return replace(DRAFT, money=replace(DRAFT.money, net_payment_limit=limit, advance_share=share, credit_share=None))


def closed(
    agreement: Agreement,
    *flows: tuple[str, str, str],
    last_year: tuple[TransferFact, ...] = (),
    in_kind: tuple[InKindFact, ...] = (),
) -> Outcome:
    amounts = [leaf(("flow", str(at)), Fraction(amount), YUAN, "", "") for at, (_, _, amount) in enumerate(flows)]
    lines = tuple(
        Line("", "", "", payer, payee, amount) for (payer, payee, _), amount in zip(flows, amounts, strict=True)
    )
    nothing = leaf(("none",), Fraction(0), YUAN, "", "")
    charges = (Charge(CLAUSE, "", YEAR, "", (), nothing, nothing, lines),)
    return close(Case(agreement, Evidence({}, last_year=last_year, in_kind=in_kind), YEAR, YEAR.first), charges, ())


def moved(transfers: tuple[Transfer, ...]) -> dict[tuple[str, str], object]:
    return {(each.payer, each.payee): each.amount.value for each in transfers if each.amount.value}


def of(outcome: Outcome, what: str) -> list[object]:
    amounts = [getattr(outcome.positions[code], what) for code in (HU, SU, ZHE)]
    return [amount and amount.value for amount in amounts]


FLOWS = ((HU, SU, "10.00"), (HU, ZHE, "2.05"), (SU, ZHE, "4.00"), (ZHE, HU, "0.50"))


def test_a_net_is_what_is_received_less_what_is_paid() -> None:
    outcome = closed(agreed(), *FLOWS)
    assert of(outcome, "payable") == [Fraction("12.05"), 4, Fraction("0.5")]
    assert of(outcome, "receivable") == [Fraction("0.5"), 10, Fraction("6.05")]
    assert (
        of(outcome, "net")
        == of(outcome, "final")
        == of(outcome, "clearing")
        == [Fraction("-11.55"), 6, Fraction("5.55")]
    )
    assert of(outcome, "cut") == of(outcome, "credited") == of(outcome, "advanced") == [None] * 3
    assert moved(outcome.transfers) == {(HU, SU): 6, (HU, ZHE): Fraction("5.55")}
    assert outcome.advances == outcome.next_advances == ()
    assert outcome.fund is None
    assert set(outcome.positions) == {HU, SU, ZHE}
    advanced = closed(agreed(), *FLOWS, last_year=(TransferFact(HU, SU, Fraction(1), "2025年"),))
    assert advanced.advances == ()
    assert of(advanced, "clearing") == of(outcome, "clearing")


def test_a_credit_moves_from_who_received_to_who_contributed() -> None:
    agreement = agreed()
    agreement = replace(agreement, money=replace(agreement.money, credit_share=figure("0.2", RATIO)))
    gave = (InKindFact(HU, SU, "technology", "协作", Fraction(2), "评估"),)
    outcome = closed(agreement, *FLOWS, in_kind=gave)
    assert of(outcome, "credited") == [2, None, None]
    assert of(outcome, "debited") == [None, 2, None]
    assert of(outcome, "net_after_credit") == of(outcome, "final") == [Fraction("-9.55"), 4, Fraction("5.55")]


def test_a_fund_that_carries_over_has_an_account_and_neither_advances_nor_is_advanced() -> None:
    pool = next(each for each in DRAFT.clauses if each.kind == "pool")
    carried = replace(pool, tariff=replace(pool.tariff, options={"carry_over": "reserve"}))
    agreement = replace(agreed(share=figure("0.5", RATIO)), clauses=(carried,))
    outcome = closed(agreement, (HU, POOL, "10"), (POOL, SU, "7"), (HU, SU, "2"))
    assert outcome.positions[POOL].final.value == 3
    assert outcome.fund is not None
    assert [outcome.fund.opening.value, outcome.fund.closing.value] == [0, 3]
    assert moved(outcome.transfers) == {(HU, SU): 9, (HU, POOL): 3}
    assert moved(outcome.next_advances) == {(HU, SU): Fraction("4.5")}
    limited = replace(agreement, money=replace(agreement.money, net_payment_limit=figure(1)))
    spent = closed(limited, (POOL, SU, "7"), (HU, SU, "2"))
    assert spent.positions[HU].final.value == -1
    assert spent.positions[POOL].final.value == -7
    assert not [each for each in outcome.next_advances if POOL in (each.payer, each.payee)]


def test_a_limit_spares_the_payer_what_it_cuts_from_the_receivers() -> None:
    outcome = closed(agreed(figure("11.549")), *FLOWS)
    # 11.54 at most: one fen over, which 苏, with 6 of 11.55, is the first to lose
    assert of(outcome, "cut") == [Fraction("0.01"), Fraction("-0.01"), 0]
    assert of(outcome, "final") == [Fraction("-11.54"), Fraction("5.99"), Fraction("5.55")]
    assert of(closed(agreed(figure("11.55")), *FLOWS), "cut") == [0, 0, 0]
    assert of(closed(agreed(figure("1.55")), *FLOWS), "cut") == [10, Fraction("-5.19"), Fraction("-4.81")]


def test_advances_are_a_share_of_the_year_before_and_are_cleared() -> None:
    before = (
        TransferFact(SU, ZHE, Fraction("0.01"), "2025年"),
        TransferFact(HU, SU, Fraction("1.01"), "2025年"),
        TransferFact(HU, POOL, Fraction(99), "2025年"),
        TransferFact(POOL, SU, Fraction(99), "2025年"),
    )
    outcome = closed(agreed(share=figure("0.5", RATIO)), *FLOWS, last_year=before)
    assert [(each.payer, each.payee) for each in outcome.advances] == [(HU, SU), (SU, ZHE)]
    assert moved(outcome.advances) == {(HU, SU): Fraction("0.51"), (SU, ZHE): Fraction("0.01")}  # 0.505 and 0.005
    assert of(outcome, "advanced") == [Fraction("0.51"), Fraction("-0.50"), Fraction("-0.01")]
    assert of(outcome, "clearing") == [Fraction("-11.04"), Fraction("5.50"), Fraction("5.54")]
    assert moved(outcome.clearing) == {(HU, SU): Fraction("5.50"), (HU, ZHE): Fraction("5.54")}
    assert moved(outcome.next_advances) == {(HU, SU): 3, (HU, ZHE): Fraction("2.78")}  # 2.775


def test_a_year_before_that_nobody_settled_leaves_the_clearing_open_and_says_so() -> None:
    outcome = closed(agreed(share=figure("0.5", RATIO)), *FLOWS, last_year=(TransferFact(HU, SU, None, "2025年"),))
    assert of(outcome, "final") == [Fraction("-11.55"), 6, Fraction("5.55")]
    missing = outcome.positions[HU].clearing.value
    assert isinstance(missing, Missing)
    assert [(each.period, each.what) for each in missing.listed()] == [("2025年", "没有上年度的结算，预拨额未定")]


@pytest.mark.parametrize(("known", "certain"), [(Fraction(3), True), (None, False)])
def test_what_the_year_before_came_to_is_certain_once_it_is_settled(known: Fraction | None, certain: bool) -> None:
    outcome = closed(agreed(share=figure("0.5", RATIO)), last_year=(TransferFact(HU, SU, known, "2025年"),))
    assert outcome.advances[0].amount.certain == certain
