"""The account of a fund that carries over: what clauses charge into it, and what it pays of what they claim from it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from figuring import DRAFT, figure, figures

from compensation.expression import RATIO, Missing
from rules.agreement import POOL, Cap, Clause, Part, Period, Reach
from rules.case import Case
from rules.evaluate import evaluate
from rules.evidence import BalanceFact, Evidence
from rules.joint_fund import fund_pays, touches_fund
from rules.outcome import Charge, Outcome

HU, SU, ZHE = "310000", "320000", "330000"
FENHU, BRIDGE = "310118_0002", "310118_0003"
COD = DRAFT.data_rules.indicators[0]
ALWAYS = tuple(range(1, 13))
FUND = replace(
    next(each for each in DRAFT.clauses if each.kind == "pool"),
    tariff=Part("pool", figures({"amount": 0}), {"carry_over": "reserve"}),
    deductions=(),
)


def charge(key: str, price: str, payer: str, payee: str, **more: object) -> Clause:
    """So much for each section and month."""
    bare = replace(
        next(each for each in DRAFT.clauses if each.measure.kind == "exceedance"),
        number=key,
        key=key,
        sections=(FENHU,),
        measure=Part("fixed"),
        tariff=Part("per_unit", figures({"price": price})),
        payer=payer,
        payee=payee,
        reach=Reach(DRAFT.first, DRAFT.last, ALWAYS),
        correction=None,
    )
    return replace(bare, **more)  # type: ignore[arg-type]


def run(
    *clauses: Clause,
    opening: str = "0",
    first: date = date(2027, 1, 1),
    last: date = date(2027, 2, 28),
    levels: Mapping[str, str] | None = None,
    provisional: bool = False,
) -> Outcome:
    """Clauses over two months, with so much in the fund before, and such levels of 高锰酸盐指数 by month."""
    months = {(FENHU, COD): {month: Fraction(each) for month, each in (levels or {}).items()}}
    money = replace(DRAFT.money, credit_share=None, net_payment_limit=None, advance_share=None)
    facts = Evidence({}, months=months, balances=(BalanceFact("fund", Fraction(opening), "2026年"),))
    agreement = replace(DRAFT, clauses=clauses, money=money)
    return evaluate(Case(agreement, facts, Period(first, last, "期间"), first, provisional=provisional))


def of(found: Outcome, key: str) -> list[object]:
    return [each.amount.value for each in found.charges if each.clause.key == key]


def closing(found: Outcome) -> object:
    assert found.fund is not None
    return found.fund.closing.value


def lines(found: Charge) -> dict[tuple[str, str], object]:
    return {(each.payer, each.payee): each.amount.value for each in found.lines}


INTO = charge("into", "100", "upstream", POOL)
OUT = charge("out", "80", POOL, "downstream")


def test_a_clause_charges_for_the_fund_and_another_is_paid_by_it() -> None:
    found = run(FUND, INTO, OUT)
    assert (of(found, "into"), of(found, "out"), closing(found)) == ([100, 100], [80, 80], 40)
    into, out = (next(each for each in found.charges if each.clause.key == key) for key in ("into", "out"))
    assert lines(into) == {(SU, POOL): 100}
    assert lines(out) == {(POOL, HU): 56, (POOL, ZHE): 24}
    assert [each.clause.key for each in found.charges] == ["fund", "fund", "into", "into", "out", "out"]


def test_all_that_flows_in_is_there_before_anything_is_paid() -> None:
    found = run(OUT, INTO, FUND)
    assert (of(found, "into"), of(found, "out"), closing(found)) == ([100, 100], [80, 80], 40)
    assert [each.clause.key for each in found.charges] == ["out", "out", "into", "into", "fund", "fund"]


def test_a_fund_pays_no_more_than_it_has_one_charge_after_the_other() -> None:
    assert of(run(FUND, OUT, opening="160"), "out") == [80, 80]
    short = run(FUND, OUT, opening="159.99")
    assert (of(short, "out"), closing(short)) == ([80, Fraction("79.99")], 0)
    less = run(FUND, OUT, opening="30")
    assert (of(less, "out"), closing(less)) == ([30, 0], 0)
    assert of(run(FUND, OUT), "out") == [0, 0]


def test_what_is_not_enough_is_shared_by_what_each_clause_claims_for_each_section() -> None:
    other = charge("other", "40", POOL, "downstream", sections=(FENHU, BRIDGE))
    # 160 : 80 : 80 of 0.10 are 5, 2.5 and 2.5 fen: of two that are alike the first named has the fen
    found = run(FUND, OUT, other, opening="0.10")
    assert of(found, "out") == [Fraction("0.05"), 0]
    assert sorted(of(found, "other")) == [0, 0, Fraction("0.02"), Fraction("0.03")]  # type: ignore[type-var]
    assert closing(found) == 0
    # 160 : 80 : 80 of 200
    assert of(run(FUND, OUT, other, opening="200"), "out") == [80, 20]
    assert of(run(FUND, OUT, other, opening="200"), "other") == [40, 10, 40, 10]


def test_claims_of_odd_fen_are_shared_by_fen() -> None:
    january = {"last": date(2027, 1, 31)}
    clauses = [charge(key, price, POOL, "upstream") for key, price in (("3", "0.03"), ("4", "0.04"), ("5", "0.05"))]
    found = run(FUND, *clauses, opening="0.07", **january)  # type: ignore[arg-type]
    # 7 by 3 : 4 : 5 are 1.75, 2.33 and 2.92
    assert [of(found, key) for key in "345"] == [[Fraction("0.02")], [Fraction("0.02")], [Fraction("0.03")]]


def test_a_clause_tells_whether_it_is_the_fund_charges_for_it_or_is_paid_by_it() -> None:
    both = replace(INTO, directions=("forward", "backward"))
    clauses = (
        FUND,
        INTO,
        OUT,
        both,
        charge("other", "1", "upstream", "downstream"),
        replace(FUND, tariff=Part("pool")),
    )
    assert [touches_fund(each) for each in clauses] == [True, True, True, True, False, False]
    assert [fund_pays(each) for each in clauses[1:5]] == [False, True, True, False]


def test_who_claims_nothing_gets_nothing_whatever_is_in_the_fund() -> None:
    row = Part("row", {"over": figure(0, RATIO), "value": figure(100)})
    by_level = Part("tiers", {}, {"bound": "above", "mirror": "no"}, (row,))
    unknown = replace(INTO, measure=Part("exceedance"), indicators=(COD,), tariff=by_level)
    assert of(run(FUND, unknown, charge("out", "0", POOL, "downstream")), "out") == [0, 0]


def test_each_year_pays_with_what_it_has_and_leaves_the_rest_to_the_next() -> None:
    november = {"first": date(2027, 12, 1), "last": date(2028, 1, 31)}
    found = run(FUND, INTO, OUT, opening="5", **november)  # type: ignore[arg-type]
    assert (of(found, "out"), closing(found)) == ([80, 80], 45)
    dry = run(FUND, charge("into", "50", "upstream", POOL), OUT, opening="5", **november)  # type: ignore[arg-type]
    assert (of(dry, "out"), closing(dry)) == ([55, 50], 0)
    assert [each.subject for each in dry.charges if each.clause.key == "out"] == [
        f"{DRAFT.section(FENHU).name} {month}" for month in ("2027-12", "2028-01")
    ]


def test_what_a_cap_cuts_is_not_claimed() -> None:
    capped = replace(OUT, caps=(Cap(("year",), figure(100)),))
    found = run(FUND, capped, charge("other", "50", POOL, "downstream"), opening="100")
    # 100 : 100
    assert of(found, "out") == [50, 0]
    assert of(found, "other") == [50, 0]
    rich = run(FUND, capped, opening="500")
    assert (of(rich, "out"), closing(rich)) == ([80, 20], 400)


@pytest.mark.parametrize(
    ("payer", "payee", "into", "out"),
    [("upstream", POOL, {(SU, POOL)}, {(POOL, SU)}), (POOL, "upstream", {(SU, POOL)}, {(POOL, SU)})],
)
def test_one_clause_may_flow_into_the_fund_and_out_of_it(
    payer: str, payee: str, into: set[tuple[str, str]], out: set[tuple[str, str]]
) -> None:
    row = Part("row", {"over": figure("0.5", RATIO), "value": figure(100)})
    tariff = Part("tiers", figures({"otherwise": 60}), {"bound": "above", "mirror": "no"}, (row,))
    clause = charge(
        "both",
        "1",
        payer,
        payee,
        measure=Part("exceedance"),
        indicators=(COD,),
        tariff=tariff,
        directions=("forward", "backward"),
    )
    # in January the limit of 6 is exceeded by more than a half, in February it is not
    found = run(FUND, clause, opening="10", levels={"2027-01": "9.1", "2027-02": "6"})
    moved = {next(iter(lines(each))): each.amount.value for each in found.charges if each.amount.value}
    if payer == POOL:
        assert moved == {(POOL, SU): 70, (SU, POOL): 60}
    else:
        assert moved == {(SU, POOL): 100, (POOL, SU): 60}
    assert closing(found) == (0 if payer == POOL else 50)
    assert set(moved) == into | out


@pytest.mark.parametrize("provisional", [False, True])
def test_what_is_missing_is_neither_received_nor_claimed_in_a_provisional_result(provisional: bool) -> None:
    row = Part("row", {"over": figure(0, RATIO), "value": figure(100)})
    tiers = Part("tiers", {}, {"bound": "above", "mirror": "no"}, (row,))
    by_level = {"measure": Part("exceedance"), "indicators": (COD,), "tariff": tiers}
    known = {"levels": {"2027-02": "9"}, "provisional": provisional}
    received = run(FUND, replace(INTO, **by_level), OUT, **known)  # type: ignore[arg-type]
    claimed = run(FUND, replace(OUT, **by_level), charge("other", "50", POOL, "downstream"), opening="100", **known)  # type: ignore[arg-type]
    if provisional:
        assert (of(received, "into"), of(received, "out")) == ([100], [80, 20])
        assert (of(claimed, "out"), of(claimed, "other")) == ([50], [50, 0])
        assert (closing(received), closing(claimed)) == (0, 0)
    else:
        for found in (received, claimed):
            assert all(isinstance(each, Missing) for each in of(found, "out")[-1:])
            assert isinstance(closing(found), Missing)
