"""Netting by itself: all positions at once, or each pair's own debts first and the rest over all."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from figuring import DRAFT

from compensation.expression import YUAN, Quantity, leaf
from rules.agreement import POOL, Period
from rules.case import Case
from rules.evidence import Evidence
from rules.netting import clearing_transfers, year_transfers
from rules.outcome import Line, Position, Transfer

HU, SU, ZHE = "310000", "320000", "330000"
YEAR = Period(DRAFT.first, DRAFT.first.replace(month=12, day=31), "2026年")


def yuan(value: str) -> Quantity:
    return leaf(("amount", value), Fraction(value), YUAN, "", "")


def case(netting: str) -> Case:
    agreement = replace(DRAFT, money=replace(DRAFT.money, netting=netting))
    return Case(agreement, Evidence({}), YEAR, YEAR.first)


def positions(sums: Mapping[str, str], what: str) -> dict[str, Position]:
    """Positions of which only one sum is asked for; the other is one that would be noticed."""
    other = yuan("999")
    given = {"final": other, "clearing": other}
    return {
        code: Position(code, other, other, other, None, None, other, None, advanced=None, **given | {what: yuan(each)})
        for code, each in sums.items()
    }


def moved(transfers: tuple[Transfer, ...]) -> dict[tuple[str, str], object]:
    assert len({(each.payer, each.payee) for each in transfers}) == len(transfers)
    return {(each.payer, each.payee): each.amount.value for each in transfers if each.amount.value}


def of_year(netting: str, finals: Mapping[str, str], *flows: tuple[str, str, str]) -> dict[tuple[str, str], object]:
    lines = [Line("", "", "", payer, payee, yuan(amount)) for payer, payee, amount in flows]
    return moved(year_transfers(case(netting), lines, positions(finals, "final")))


def of_clearing(
    netting: str, clearings: Mapping[str, str], paid: list[tuple[str, str, str]], advanced: list[tuple[str, str, str]]
) -> dict[tuple[str, str], object]:
    year, before = (
        [Transfer(payer, payee, yuan(amount)) for payer, payee, amount in each] for each in (paid, advanced)
    )
    return moved(clearing_transfers(case(netting), year, before, positions(clearings, "clearing")))


FLOWS = ((HU, SU, "6.00"), (HU, SU, "4.00"), (HU, ZHE, "2.05"), (SU, ZHE, "4.00"), (ZHE, HU, "0.50"))
FINALS = {HU: "-11.55", SU: "6.00", ZHE: "5.55"}


def test_all_at_once_who_is_owed_as_much_pays_nothing() -> None:
    assert of_year("multilateral", FINALS, *FLOWS) == {(HU, SU): 6, (HU, ZHE): Fraction("5.55")}


def test_pair_by_pair_each_pays_the_other_what_is_left_between_them() -> None:
    assert of_year("bilateral", FINALS, *FLOWS) == {(HU, SU): 10, (HU, ZHE): Fraction("1.55"), (SU, ZHE): 4}


def test_what_belongs_to_no_pair_is_netted_over_all_and_set_against_what_pairs_pay() -> None:
    # a limit spared 沪 0.55, of which 苏 lost 0.30 and 浙 0.25
    cut = {HU: "-11.00", SU: "5.70", ZHE: "5.30"}
    left = {(HU, SU): Fraction("9.70"), (HU, ZHE): Fraction("1.30"), (SU, ZHE): Fraction(4)}
    assert of_year("bilateral", cut, *FLOWS) == left
    # what 苏 loses is more than 沪 owes it
    assert of_year("bilateral", {HU: "1", SU: "-1"}, (HU, SU, "2")) == {(SU, HU): 1}


def test_a_fund_is_of_no_pair() -> None:
    flows = ((HU, SU, "2"), (HU, POOL, "10"), (POOL, SU, "7"))
    finals = {HU: "-12", SU: "9", ZHE: "0", POOL: "3"}
    assert of_year("bilateral", finals, *flows) == {(HU, SU): 9, (HU, POOL): 3}


def test_clearing_takes_off_what_was_advanced_between_the_same_two() -> None:
    paid = [(HU, SU, "10"), (SU, ZHE, "4")]
    advanced = [(HU, SU, "12"), (ZHE, SU, "1"), (HU, ZHE, "1")]
    clearings = {HU: "3", SU: "-7", ZHE: "4"}
    assert of_clearing("bilateral", clearings, paid, advanced) == {(SU, HU): 2, (ZHE, HU): 1, (SU, ZHE): 5}
    assert of_clearing("multilateral", clearings, paid, advanced) == {(SU, HU): 3, (SU, ZHE): 4}
