"""Contributions in kind: what is credited, up to which share, and to whose debit."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from figuring import DRAFT, figure

from compensation.expression import RATIO, YUAN, Quantity, leaf
from rules.agreement import Agreement, Period
from rules.case import Case
from rules.diversified import credits_of_year
from rules.evidence import Evidence, InKindFact

HU, SU, ZHE = "310000", "320000", "330000"
YEAR = Period(date(2027, 1, 1), date(2027, 12, 31), "2027年")


def gave(contributor: str, receiver: str, value: str) -> InKindFact:
    return InKindFact(contributor, receiver, "technology", "协作", Fraction(value), "评估")


def agreement(share: Fraction | None) -> Agreement:
    return replace(DRAFT, money=replace(DRAFT.money, credit_share=None if share is None else figure(share, RATIO)))


def credited(
    net: dict[str, str], *facts: InKindFact, share: Fraction | None = Fraction(1, 5)
) -> tuple[dict[str, object], dict[str, object]]:
    case = Case(agreement(share), Evidence({}, in_kind=facts), YEAR, YEAR.first)
    given: dict[str, Quantity] = {
        code: leaf(("net", code), Fraction(value), YUAN, code, "测试") for code, value in net.items()
    }
    credits, debits = credits_of_year(case, given)
    return {code: each.value for code, each in credits.items()}, {code: each.value for code, each in debits.items()}


def test_a_contribution_is_credited_up_to_the_share_of_what_its_contributor_owes() -> None:
    net = {HU: "-1000.00", SU: "600.00", ZHE: "400.00"}
    assert credited(net, gave(HU, SU, "199.99")) == ({HU: Fraction("199.99")}, {SU: Fraction("199.99")})
    assert credited(net, gave(HU, SU, "200.01")) == ({HU: 200}, {SU: 200})
    assert credited(net, gave(SU, HU, "50")) == ({SU: 0}, {HU: 0})  # who owes nothing has nothing to credit against


def test_the_share_goes_down_to_the_whole_fen() -> None:
    assert credited({HU: "-0.09", SU: "0.09", ZHE: "0"}, gave(HU, SU, "5")) == (
        {HU: Fraction("0.01")},
        {SU: Fraction("0.01")},
    )


def test_an_agreed_value_is_rounded_half_up_to_the_fen_for_each_receiver() -> None:
    net = {HU: "-100", SU: "60", ZHE: "40"}
    assert credited(net, gave(HU, SU, "0.004"), gave(HU, SU, "0.001"), gave(HU, ZHE, "0.02")) == (
        {HU: Fraction("0.03")},
        {SU: Fraction("0.01"), ZHE: Fraction("0.02")},
    )
    assert credited(net, gave(HU, SU, "1.004"), gave(HU, ZHE, "1.004")) == ({HU: 2}, {SU: 1, ZHE: 1})


def test_a_credit_is_debited_to_the_receivers_by_the_value_they_received() -> None:
    net = {HU: "-0.50", SU: "0.30", ZHE: "0.20"}
    found = credited(net, gave(HU, ZHE, "1.00"), gave(HU, SU, "1.50"), gave(HU, SU, "0.50"))
    # 10 fen by 2 : 1 are 6.67 and 3.33
    assert found == ({HU: Fraction("0.10")}, {SU: Fraction("0.07"), ZHE: Fraction("0.03")})


def test_each_contributor_is_credited_for_its_own_and_debits_add_up() -> None:
    net = {HU: "-10", ZHE: "-20", SU: "30"}
    assert credited(net, gave(HU, SU, "1"), gave(ZHE, SU, "3"), gave(HU, ZHE, "0.5")) == (
        {HU: Fraction("1.5"), ZHE: 3},
        {SU: 4, ZHE: Fraction("0.5")},
    )


def test_an_agreement_that_credits_nothing_has_no_credits() -> None:
    assert credited({HU: "-10", SU: "10", ZHE: "0"}, gave(HU, SU, "1"), share=None) == ({}, {})


def test_contributions_are_numbered_from_one_in_their_order() -> None:
    facts = (gave(HU, SU, "2"), gave(HU, SU, "1"))
    case = Case(agreement(Fraction(1, 5)), Evidence({}, in_kind=facts), YEAR, YEAR.first)
    net = {code: leaf(("net", code), Fraction(0), YUAN, code, "测试") for code in (HU, SU, ZHE)}

    def leaves(node: Quantity) -> set[tuple[object, object]]:
        below = {(node.key, node.value)} if node.key and node.key[0] == "in_kind" else set()
        return below.union(*(leaves(each) for each in node.args))

    assert leaves(credits_of_year(case, net)[0][HU]) == {
        (("in_kind", "1"), Fraction(1)),
        (("in_kind", "2"), Fraction(2)),
    }
