"""Running clauses by itself: for which periods, in which directions, with which floor, and what is left out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from figuring import DRAFT, figure, figures

from compensation.expression import RATIO, Missing, Quantity
from rules.agreement import Agreement, Cap, Clause, Floor, Part, Period, Reach
from rules.case import Case
from rules.evaluate import evaluate
from rules.evidence import ChargedFact, Evidence, ExemptionFact
from rules.outcome import Charge, Outcome

HU, SU, ZHE = "310000", "320000", "330000"
FENHU, BRIDGE = "310118_0002", "310118_0003"
COD, NH3, TP = DRAFT.data_rules.indicators
ALWAYS = tuple(range(1, 13))
BARE = replace(
    next(each for each in DRAFT.clauses if each.measure.kind == "exceedance"),
    number="第一条",
    key="one",
    sections=(FENHU,),
    period="month",
    measure=Part("fixed"),
    tariff=Part("per_unit", figures({"price": 100})),
    payer="upstream",
    payee="downstream",
    reach=Reach(DRAFT.first, DRAFT.last, ALWAYS),
    correction=None,
    caps=(),
)


def tiers(value: int | str, otherwise: int | str) -> Part:
    row = Part("row", {"over": figure("0.5", RATIO), "value": figure(value)})
    return Part("tiers", figures({"otherwise": otherwise}), {"bound": "above", "mirror": "no"}, (row,))


def agreed(*clauses: Clause) -> Agreement:
    money = replace(DRAFT.money, credit_share=None, net_payment_limit=None, advance_share=None)
    return replace(DRAFT, clauses=clauses, money=money)


def outcome(
    *clauses: Clause,
    first: date = date(2027, 1, 1),
    last: date = date(2027, 3, 31),
    levels: Mapping[tuple[str, str], Mapping[str, str]] | None = None,
    exemptions: tuple[ExemptionFact, ...] = (),
    charged: tuple[ChargedFact, ...] = (),
    **more: bool,
) -> Outcome:
    months = {key: {name: Fraction(each) for name, each in values.items()} for key, values in (levels or {}).items()}
    facts = Evidence({}, months=months, exemptions=exemptions, charged=charged)
    period = Period(first, last, "期间")
    return evaluate(Case(agreed(*clauses), facts, period, first, **more))


def amounts(charges: tuple[Charge, ...]) -> dict[str, object]:
    found = {
        f"{each.section} {each.period.name} {each.indicator} {each.backward}": each.amount.value for each in charges
    }
    assert len(found) == len(charges)
    return found


def of(months: str, *values: int | str, section: str = FENHU, backward: bool = False) -> dict[str, object]:
    return {
        f"{section} {month}  {backward}": Fraction(value) for month, value in zip(months.split(), values, strict=True)
    }


# periods


def test_a_monthly_clause_runs_over_the_months_that_it_reaches() -> None:
    three = "2027-01 2027-02 2027-03"
    assert amounts(outcome(BARE).charges) == of(three, 100, 100, 100)
    later = replace(BARE, reach=Reach(date(2027, 2, 1), DRAFT.last, ALWAYS))
    assert amounts(outcome(later).charges) == of("2027-02 2027-03", 100, 100)
    some = replace(BARE, reach=Reach(DRAFT.first, DRAFT.last, (1, 3)))
    assert amounts(outcome(some).charges) == of("2027-01 2027-03", 100, 100)


def test_an_annual_clause_runs_over_the_years_that_it_reaches_whatever_its_months() -> None:
    yearly = replace(BARE, period="year", reach=Reach(date(2027, 1, 1), DRAFT.last, ()))
    found = outcome(yearly, first=DRAFT.first, last=DRAFT.last)
    assert amounts(found.charges) == of("2027年 2028年", 100, 100)


def test_part_of_a_year_settles_no_annual_clause_and_every_monthly_one() -> None:
    yearly = replace(BARE, period="year")
    for clause, settled in ((BARE, True), (yearly, False)):
        for whole_years in (False, True):
            found = outcome(clause, needs_whole_years=whole_years).charges
            values = [isinstance(each.amount.value, Fraction) for each in found]
            assert values == [settled or not whole_years] * len(found)
            assert found


def test_the_clauses_of_a_fund_and_of_incidents_are_run_as_such() -> None:
    fund, incident = (next(each for each in DRAFT.clauses if each.kind == kind) for kind in ("pool", "incident"))
    fund, quarter = replace(fund, deductions=()), "2027-01-01 至 2027-03-31"
    assert [each.subject for each in outcome(fund).charges] == [f"{quarter} 各方出资", f"{quarter} 资金分配"]
    assert outcome(incident).charges == ()


@pytest.mark.parametrize(("early", "late", "whole"), [(0, 0, True), (1, 0, False), (0, 1, False)])
def test_a_clause_over_the_term_runs_when_the_whole_term_is_settled(early: int, late: int, whole: bool) -> None:
    over = replace(BARE, period="term")
    found = outcome(over, first=DRAFT.first + timedelta(early), last=DRAFT.last - timedelta(late))
    assert amounts(found.charges) == (of("期间", 100) if whole else {})
    named = [(each.section, each.period, each.reason[:3]) for each in found.excluded]
    assert named == ([] if whole else [("", "期间", "第一条")])
    assert outcome(BARE).excluded == ()


def test_a_clause_for_each_indicator_charges_each() -> None:
    price = Part("per_unit", figures({f"prices.{code}": at for at, code in enumerate((COD, NH3, TP), start=1)}))
    each = replace(BARE, each_indicator=True, tariff=price)
    january = outcome(each, last=date(2027, 1, 31)).charges
    assert [(charge.indicator, charge.amount.value) for charge in january] == [(COD, 1), (NH3, 2), (TP, 3)]
    assert january[0].subject.endswith("2027-01 高锰酸盐指数")
    one = replace(each, indicators=(NH3,))
    assert [charge.indicator for charge in outcome(one, last=date(2027, 1, 31)).charges] == [NH3]


# directions and floors


@pytest.mark.parametrize(
    ("level", "forward", "backward"), [("9.1", "0.13", "0"), ("9", "0", "0.02"), ("6", "0", "0.02")]
)
def test_what_flows_one_way_does_not_flow_the_other(level: str, forward: str, backward: str) -> None:
    both = replace(
        BARE,
        measure=Part("exceedance"),
        indicators=(COD,),
        tariff=tiers("0.125", "0.015"),
        directions=("forward", "backward"),
    )
    there, back = outcome(both, last=date(2027, 1, 31), levels={(FENHU, COD): {"2027-01": level}}).charges
    assert (there.backward, there.amount.value) == (False, Fraction(forward))
    assert (back.backward, back.amount.value) == (True, Fraction(backward))
    assert {line.payer for line in there.lines} == {SU} == {line.payee for line in back.lines}
    assert there.exact.value == (Fraction("0.125") if forward != "0" else 0)
    assert back.exact.value == (Fraction("0.015") if backward != "0" else 0)
    assert back.subject == f"{there.subject}（反向）"


@pytest.mark.parametrize(
    ("price", "least", "charged"),
    [("1", "2.005", "2.01"), ("3", "2.005", "3"), ("0", "2.005", "0"), ("0.004", "2", "0")],
)
def test_a_floor_lifts_what_comes_to_anything(price: str, least: str, charged: str) -> None:
    floored = replace(BARE, tariff=Part("per_unit", figures({"price": price})), at_least=figure(least))
    assert outcome(floored, last=date(2027, 1, 31)).charges[0].amount.value == Fraction(charged)


# caps


def capped(per: tuple[str, ...], most: int | str) -> Clause:
    return replace(BARE, sections=(FENHU, BRIDGE), caps=(Cap(per, figure(most)),))


@pytest.mark.parametrize(
    ("per", "most", "charged"),
    [
        (("charge",), "60.009", [60, 60, 60, 60]),
        (("month",), 130, [100, 100, 30, 30]),
        (("section",), 130, [100, 30, 100, 30]),
        (("year",), 250, [100, 100, 50, 0]),
        (("clause",), 250, [100, 100, 50, 0]),
        (("section", "month"), 70, [70, 70, 70, 70]),
        (("term",), 250, [100, 100, 50, 0]),
    ],
)
def test_a_cap_is_taken_up_by_what_it_counts_together(
    per: tuple[str, ...], most: int | str, charged: list[int]
) -> None:
    found = outcome(capped(per, most), last=date(2027, 2, 28))
    assert [each.amount.value for each in found.charges] == charged
    assert [each.borne for each in found.charges] == [{}] * 4


def test_a_cap_over_the_term_counts_what_was_charged_before_in_that_direction() -> None:
    before = [
        ChargedFact("one", False, Fraction(120), "2026年"),
        ChargedFact("one", True, Fraction(1000), "2026年"),
        ChargedFact("two", False, Fraction(1000), "2026年"),
    ]
    found = outcome(capped(("term",), 250), last=date(2027, 2, 28), charged=tuple(before))
    assert [each.amount.value for each in found.charges] == [100, 30, 0, 0]
    again = outcome(capped(("year",), 250), last=date(2027, 2, 28), charged=tuple(before))
    assert [each.amount.value for each in again.charges] == [100, 100, 50, 0]


@pytest.mark.parametrize(
    ("per", "charged"),
    [
        (("term",), {FENHU: [0, 0], BRIDGE: [0, 0]}),  # 1330 are charged already
        (("section", "term"), {FENHU: [100, 30], BRIDGE: [100, 100]}),
        (("indicator", "term"), {FENHU: [100, 100], BRIDGE: [40, 100]}),
        (("indicator", "section", "term"), {FENHU: [90, 100], BRIDGE: [100, 100]}),
    ],
)
def test_a_cap_over_the_term_counts_before_what_it_counts_together_now(
    per: tuple[str, ...], charged: dict[str, list[int]]
) -> None:
    before = [
        (FENHU, COD, 160),
        (FENHU, NH3, 10),
        (BRIDGE, COD, 0),
        (BRIDGE, NH3, 60),
        ("TAIPU-JINZE", TP, 1100),
    ]
    facts = tuple(ChargedFact("one", False, Fraction(each), "2026年", where, what) for where, what, each in before)
    caps = (Cap(per, figure({1: 1330, 2: 300, 3: 250}[len(per)])),)
    clause = replace(BARE, sections=(FENHU, BRIDGE), each_indicator=True, indicators=(COD, NH3), caps=caps)
    found = outcome(clause, last=date(2027, 1, 31), charged=facts)
    by_section = {where: [each.amount.value for each in found.charges if each.section == where] for where in charged}
    assert by_section == charged


def test_what_was_charged_before_is_called_by_its_section_and_party() -> None:
    def called(per: tuple[str, ...], *fact: str) -> set[str]:
        facts = (ChargedFact("one", False, Fraction(1), "2026年", *fact),)
        charge = outcome(replace(BARE, caps=(Cap(per, figure(45)),)), last=date(2027, 1, 31), charged=facts).charges[0]
        waiting, labels = [charge.amount, *charge.borne.values()], set()
        while waiting:
            node = waiting.pop()
            waiting += node.args
            if node.key and node.key[0] == "charged":
                assert node.certain
                labels.add(node.label)
        return labels

    assert called(("term",)) == {"第一条 协议期内已计金额"}
    assert called(("term",), FENHU) == {f"第一条 协议期内已计金额（{DRAFT.section(FENHU).name}）"}
    assert called(("payer", "term"), "", "", SU) == {"第一条 协议期内已计金额（苏）"}
    assert called(("payer", "term"), FENHU, "", SU) == {f"第一条 协议期内已计金额（{DRAFT.section(FENHU).name}，苏）"}


@pytest.mark.parametrize(
    ("per", "borne", "charged"),
    [
        (("payer", "month"), [{SU: 45, ZHE: 30}] * 2, [75, 75]),
        (("payer", "year"), [{SU: 45, ZHE: 30}, {SU: 0, ZHE: 15}], [75, 15]),
        (("payee", "year"), [{HU: 45}, {HU: 0}], [45, 0]),
        (("payer", "term"), [{SU: 35, ZHE: 30}, {SU: 0, ZHE: 15}], [65, 15]),
    ],
)
def test_a_cap_of_a_party_counts_what_it_bears_itself(
    per: tuple[str, ...], borne: list[dict[str, int]], charged: list[int]
) -> None:
    before = (
        ChargedFact("one", False, Fraction(10), "2026年", party=SU),
        ChargedFact("one", False, Fraction(1000), "2026年"),
        ChargedFact("one", True, Fraction(1000), "2026年", party=SU),
    )
    clause = replace(BARE, sections=(BRIDGE,), caps=(Cap(per, figure(45)),))
    found = outcome(clause, last=date(2027, 2, 28), charged=before).charges
    assert [{code: each.value for code, each in charge.borne.items()} for charge in found] == borne
    assert [charge.amount.value for charge in found] == charged
    assert [sum(line.amount.value for line in charge.lines) for charge in found] == charged  # type: ignore[misc]


def test_a_charge_that_parties_and_the_whole_are_capped_in_keeps_to_both() -> None:
    caps = (Cap(("payer", "year"), figure(45)), Cap(("year",), figure(90)))
    found = outcome(replace(BARE, sections=(BRIDGE,), caps=caps), last=date(2027, 2, 28)).charges
    # 90 by 7 : 3 are 63 and 27, of which 苏 bears 45; what is left of 90 is 18, and of it 苏 has nothing left to bear
    assert [charge.amount.value for charge in found] == [72, Fraction("5.40")]


def test_a_provisional_result_does_not_let_what_is_missing_take_up_a_cap() -> None:
    row = Part("row", {"over": figure(0, RATIO), "value": figure(100)})
    bare = Part("tiers", {}, {"bound": "above", "mirror": "no"}, (row,))
    cap = (Cap(("clause",), figure(130)),)
    clause = replace(BARE, measure=Part("exceedance"), indicators=(COD,), tariff=bare, caps=cap)
    levels = {(FENHU, COD): {"2027-01": "9", "2027-03": "9"}}
    final, provisional = (outcome(clause, levels=levels, provisional=each) for each in (False, True))
    assert [isinstance(each.amount.value, Missing) for each in final.charges] == [False, True, True]
    assert amounts(provisional.charges) == of("2027-01 2027-03", 100, 30)
    left_out = [(each.section, each.period, each.document) for each in provisional.excluded]
    assert left_out == [(FENHU, "2027-02", "")]
    assert provisional.excluded[0].reason.startswith("暂算未计 第一条：")
    assert final.excluded == ()


# floors


@pytest.mark.parametrize(
    ("per", "least", "charged"),
    [
        (("charge",), "110.001", ["110.01"] * 4),
        (("section", "month"), 110, [110] * 4),
        (("section",), 250, [100, 150, 100, 150]),
        (("year",), 450, [100, 100, 100, 150]),
        (("clause",), 400, [100] * 4),
    ],
)
def test_the_last_charge_of_a_group_is_lifted_by_what_is_short(
    per: tuple[str, ...], least: int | str, charged: list[int | str]
) -> None:
    clause = replace(BARE, sections=(FENHU, BRIDGE), floors=(Floor(per, figure(least)),))
    found = outcome(clause, last=date(2027, 2, 28)).charges
    assert [each.amount.value for each in found] == [Fraction(each) for each in charged]
    assert [sum(line.amount.value for line in each.lines) for each in found] == [Fraction(each) for each in charged]  # type: ignore[misc]


def test_nothing_owed_is_not_lifted_and_caps_come_after_floors() -> None:
    nothing = replace(BARE, tariff=Part("per_unit", figures({"price": 0})), floors=(Floor(("year",), figure(90)),))
    assert [each.amount.value for each in outcome(nothing).charges] == [0, 0, 0]
    both = replace(BARE, floors=(Floor(("year",), figure(400)),), caps=(Cap(("month",), figure(150)),))
    assert [each.amount.value for each in outcome(both).charges] == [100, 100, 150]


def test_a_floor_of_the_year_waits_for_the_whole_year_in_a_settlement_proper() -> None:
    clause = replace(BARE, floors=(Floor(("year",), figure(400)),))
    found = outcome(clause, needs_whole_years=True).charges
    assert [isinstance(each.amount.value, Missing) for each in found] == [False, False, True]
    whole = outcome(clause, last=date(2027, 12, 31), needs_whole_years=True).charges
    assert whole[-1].amount.value == 100


def test_a_floor_of_the_month_does_not_wait_and_one_of_the_year_waits_for_its_own() -> None:
    monthly = replace(BARE, floors=(Floor(("month",), figure(400)),))
    assert [each.amount.value for each in outcome(monthly, needs_whole_years=True).charges] == [400] * 3
    yearly = replace(BARE, floors=(Floor(("year",), figure(1300)),))
    found = outcome(yearly, first=date(2026, 12, 1), last=date(2027, 12, 31), needs_whole_years=True).charges
    assert isinstance(found[0].amount.value, Missing)
    assert [each.amount.value for each in found[1:]] == [100] * 11 + [200]


@pytest.mark.parametrize(("level", "charged"), [("9.1", [1, 0]), ("9", [0, 1])])
def test_each_direction_has_a_floor_of_its_own(level: str, charged: list[int]) -> None:
    floored = replace(
        BARE,
        measure=Part("exceedance"),
        indicators=(COD,),
        tariff=tiers("0.125", "0.015"),
        directions=("forward", "backward"),
        floors=(Floor(("month",), figure(1)),),
    )
    found = outcome(floored, last=date(2027, 1, 31), levels={(FENHU, COD): {"2027-01": level}}).charges
    assert [each.amount.value for each in found] == charged


def test_what_is_owed_before_a_floor_is_named_where_there_is_one() -> None:
    for floors in ((), (Floor(("month",), figure(400)),)):
        clause = replace(BARE, floors=floors, caps=(Cap(("month",), figure(500)),))
        amount = outcome(clause, last=date(2027, 1, 31)).charges[0].amount
        named = {each for each in _labels(amount) if each.endswith("（分组保底前）")}
        assert named == ({f"第一条 {DRAFT.section(FENHU).name} 2027-01 应付额（分组保底前）"} if floors else set())


def _labels(node: Quantity) -> list[str]:
    return [node.label, *(label for each in node.args for label in _labels(each))]


def test_a_group_counts_what_is_owed_in_it_undetermined_with_something_missing_and_provisionally_without() -> None:
    row = Part("row", {"over": figure(0, RATIO), "value": figure(100)})
    bare = Part("tiers", {}, {"bound": "above", "mirror": "no"}, (row,))
    floors = (Floor(("year",), figure(250)),)
    clause = replace(BARE, measure=Part("exceedance"), indicators=(COD,), tariff=bare, floors=floors)
    levels = {(FENHU, COD): {"2027-01": "9", "2027-03": "9"}}
    final, provisional = (outcome(clause, levels=levels, provisional=each) for each in (False, True))
    assert [isinstance(each.amount.value, Missing) for each in final.charges] == [False, True, True]
    assert amounts(provisional.charges) == of("2027-01 2027-03", 100, 150)
    last_is_nothing = {(FENHU, COD): {"2027-01": "9", "2027-02": "0", "2027-03": "0"}}
    assert [each.amount.value for each in outcome(clause, levels=last_is_nothing).charges] == [100, 0, 150]


# exemptions


def test_a_month_that_an_exemption_takes_out_is_named_with_the_exemptions_that_touch_it() -> None:
    def fact(section: str, first: date, last: date, document: str) -> ExemptionFact:
        return ExemptionFact(section, first, last, "洪水", document)

    facts = (
        fact(FENHU, date(2027, 2, 1), date(2027, 2, 28), "整月"),
        fact(FENHU, date(2027, 2, 28), date(2027, 3, 1), "末日"),
        fact(FENHU, date(2027, 1, 31), date(2027, 2, 1), "首日"),
        fact(FENHU, date(2027, 1, 30), date(2027, 1, 31), "上月"),
        fact(FENHU, date(2027, 3, 1), date(2027, 3, 2), "下月"),
        fact(BRIDGE, date(2027, 2, 5), date(2027, 2, 5), "别处"),
    )
    found = outcome(BARE, exemptions=facts)
    assert amounts(found.charges) == of("2027-01 2027-03", 100, 100)
    named = [(each.section, each.period, each.document) for each in found.excluded]
    assert named == [(FENHU, "2027-02", "整月"), (FENHU, "2027-02", "末日"), (FENHU, "2027-02", "首日")]
