"""Who pays whom by itself: sides, splitting over both, what is shared by water, and netting."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from figuring import DRAFT, figure, figures

from compensation.expression import FEN, RATIO, YUAN, Missing, MissingItem, Quantity, constant, leaf
from rules.agreement import Period
from rules.case import Case
from rules.evidence import Evidence
from rules.outcome import Line
from rules.transfers import at_most_fen, clause_side, flow, pay, pay_by_party, settle_positions, sharable, split

HU, SU, ZHE = "310000", "320000", "330000"
SECTION = DRAFT.section("310118_0002")  # 苏 above, 沪 7 : 浙 3 below
BRIDGE = DRAFT.section("310118_0003")  # 苏 7 : 浙 3 above, 沪 below
YEAR = Period(date(2027, 1, 1), date(2027, 12, 31), "2027年")
CASE = Case(DRAFT, Evidence({}), YEAR, DRAFT.first)
CLAUSE = next(each for each in DRAFT.clauses if each.kind == "charge")
NOTHING_KNOWN = Missing(frozenset({MissingItem("断面", "水量", "2027年", "没有水量")}))


def yuan(value: str | int) -> Quantity:
    return leaf(("amount",), Fraction(value), YUAN, "金额", "测试")


def fixed(**weights: int) -> dict[str, Quantity]:
    return {{"hu": HU, "su": SU, "zhe": ZHE}[name]: constant(weight) for name, weight in weights.items()}


def water(**weights: int | Missing) -> dict[str, Quantity]:
    codes = {"hu": HU, "su": SU, "zhe": ZHE}
    return {
        codes[name]: leaf((name,), each if isinstance(each, Missing) else Fraction(each), RATIO, name, "测试")
        for name, each in weights.items()
    }


def values(amounts: Mapping[str, Quantity]) -> dict[str, object]:
    return {code: amount.value for code, amount in amounts.items()}


def paid(
    amount: str, payers: dict[str, Quantity], payees: dict[str, Quantity]
) -> tuple[dict[tuple[str, str], object], list[object]]:
    found = pay(CASE, CLAUSE, SECTION, YEAR, yuan(amount), payers, payees)
    lines = {(line.payer, line.payee): line.amount.value for line in found.lines}
    assert len(lines) == len(found.lines)
    return lines, [each.value for each in found.kept]


def test_a_side_is_the_sections_or_the_clauses_own() -> None:
    def side(role: str, factor: str | None = None, **changes: object) -> dict[str, object]:
        clause = replace(CLAUSE, payer="upstream", payee="downstream")
        clause = replace(clause, **changes)  # type: ignore[arg-type]
        return values(clause_side(CASE, clause, role, BRIDGE, YEAR, factor))

    rates = {f"{BRIDGE.code}.w01019": figures({SU: 9, ZHE: 1}, RATIO)}
    assert side("payer") == side("payer", "w01019") == {SU: 7, ZHE: 3}
    assert list(side("payee")) == [HU]
    assert side("payer", "w01019", shares=rates) == {SU: 9, ZHE: 1}
    assert side("payer", "w21003", shares=rates) == {SU: 7, ZHE: 3}
    turned = {"payer": "downstream", "payee": "upstream", "shares": rates}
    assert side("payee", "w01019", **turned) == {SU: 9, ZHE: 1}
    assert list(side("payer", "w01019", **turned)) == [HU]
    named = {"payer": figures({HU: 2, ZHE: 5}, RATIO), "payee": figures({SU: 1}, RATIO)}
    assert side("payer", payer="parties", payee="parties", parties=named) == {HU: 2, ZHE: 5}
    assert side("payee", payer="parties", payee="parties", parties=named) == {SU: 1}


def test_one_side_that_stands_alone_is_paid_or_pays_by_the_shares_of_the_other() -> None:
    assert paid("0.10", fixed(su=2, zhe=1), fixed(hu=5)) == (
        {(SU, HU): Fraction("0.07"), (ZHE, HU): Fraction("0.03")},
        [],
    )
    assert paid("0.10", fixed(hu=5), fixed(su=2, zhe=1)) == (
        {(HU, SU): Fraction("0.07"), (HU, ZHE): Fraction("0.03")},
        [],
    )
    assert paid("0.10", fixed(hu=1, su=1), fixed(hu=5)) == ({(SU, HU): Fraction("0.05")}, [Fraction("0.05")])


def test_between_two_sides_a_pairs_share_is_the_product_and_nobody_pays_itself() -> None:
    lines, kept = paid("1.00", fixed(hu=1, su=3), fixed(hu=2, zhe=3))
    # by 1 × 2, 1 × 3, 3 × 2, 3 × 3 of 20
    assert lines == {(HU, ZHE): Fraction("0.15"), (SU, HU): Fraction("0.30"), (SU, ZHE): Fraction("0.45")}
    assert kept == [Fraction("0.10")]


def test_by_water_on_both_sides_the_payers_come_first_and_their_parts_are_split() -> None:
    lines, kept = paid("0.05", water(su=1, zhe=1), fixed(hu=1, zhe=1))
    # 苏 3 fen: 2 and 1; 浙 2 fen: 1 and 1, of which it keeps its own
    assert lines == {(SU, HU): Fraction("0.02"), (SU, ZHE): Fraction("0.01"), (ZHE, HU): Fraction("0.01")}
    assert kept == [Fraction("0.01")]
    assert paid("0.05", fixed(su=1, zhe=1), water(hu=1, zhe=1)) == (lines, kept)
    # two fen: one from each, where by the pairs both would come from 苏
    first = {(SU, HU): Fraction("0.01"), (SU, ZHE): 0, (ZHE, HU): Fraction("0.01")}
    for sides in ((water(su=1, zhe=1), fixed(hu=1, zhe=1)), (fixed(su=1, zhe=1), water(hu=1, zhe=1))):
        assert paid("0.02", *sides) == (first, [0])
    by_pairs = {(SU, HU): Fraction("0.01"), (SU, ZHE): Fraction("0.01"), (ZHE, HU): 0}
    assert paid("0.02", fixed(su=1, zhe=1), fixed(hu=1, zhe=1)) == (by_pairs, [0])
    assert paid("0.03", fixed(hu=1), water(su=1, zhe=1))[0] == {(HU, SU): Fraction("0.02"), (HU, ZHE): Fraction("0.01")}


@pytest.mark.parametrize(("side", "borne"), [("payer", {SU: 6, ZHE: 3}), ("payee", {HU: 8, ZHE: 1})])
def test_what_a_party_of_one_side_bears_may_be_cut_before_it_is_split(side: str, borne: dict[str, int]) -> None:
    seen: dict[str, object] = {}

    def cut(party: str, part: Quantity) -> Quantity:
        seen[party] = part.value
        return part if party != ZHE else yuan(3 if side == "payer" else 1)

    payers, payees = fixed(su=6, zhe=4), fixed(hu=8, zhe=2)
    moved, found = pay_by_party(CASE, CLAUSE, SECTION, YEAR, yuan(10), payers, payees, side, "分担", cut)
    assert seen == ({SU: 6, ZHE: 4} if side == "payer" else {HU: 8, ZHE: 2})
    assert moved.value == sum(borne.values())
    sums: dict[str, object] = {}
    for code in borne:
        own = [line.amount.value for line in found.lines if getattr(line, side) == code]
        own += [each.value for each in found.kept if code == ZHE]
        sums[code] = sum(own)  # type: ignore[arg-type]
    assert sums == borne


def test_for_nothing_the_water_is_not_asked() -> None:
    unknown = water(su=NOTHING_KNOWN, zhe=1)
    assert values(split(CASE, yuan(0), unknown, "分担")) == {SU: 0, ZHE: 0}
    assert values(split(CASE, yuan(0), unknown | {ZHE: constant(1)}, "分担")) == {SU: 0, ZHE: 0}
    assert all(isinstance(each, Missing) for each in values(split(CASE, yuan("0.01"), unknown, "分担")).values())
    assert values(split(CASE, yuan("0.03"), water(su=2, zhe=1), "分担")) == {
        SU: Fraction("0.02"),
        ZHE: Fraction("0.01"),
    }


def test_what_no_water_is_there_to_share_by_is_open_unless_it_is_nothing() -> None:
    dry, wet = water(su=0, zhe=0), water(su=0, zhe=1)
    assert sharable(yuan(5), "出资", fixed(su=1), wet).value == 5
    assert sharable(yuan(0), "出资", dry).value == 0
    for sides in ([dry], [dry, wet], [wet, dry], [fixed(su=1), dry], [water(su=NOTHING_KNOWN)]):
        assert isinstance(sharable(yuan(5), "出资", *sides).value, Missing)
    amount = yuan(5)
    assert sharable(amount, "出资", fixed(su=1), fixed(su=0)) is amount


def test_payments_bring_every_position_to_zero_along_the_order_of_the_codes() -> None:
    finals = {"110000": "-5", HU: "2", SU: "-4", ZHE: "4", "440000": "3"}
    found = settle_positions(CASE, {code: yuan(value) for code, value in finals.items()}, "净额", "")
    assert len(found) == 20
    nonzero = {(each.payer, each.payee): each.amount.value for each in found if each.amount.value}
    assert nonzero == {("110000", HU): 2, ("110000", ZHE): 3, (SU, ZHE): 1, (SU, "440000"): 3}
    assert {each.amount.value for each in found if (each.payer, each.payee) not in nonzero} == {0}


def test_what_flows_is_summed_by_who_pays_and_who_is_paid() -> None:
    lines = [Line("", "", "", *pair, yuan(amount)) for pair, amount in (((HU, SU), 3), ((SU, HU), 5), ((HU, ZHE), 7))]
    assert [[each.value for each in flow(lines, code)] for code in (HU, SU, ZHE, "x")] == [
        [10, 5],
        [5, 3],
        [0, 7],
        [0, 0],
    ]


def test_a_bound_goes_down_to_the_whole_fen() -> None:
    assert [at_most_fen(yuan(value)).value for value in ("0.019", "0.02", "1/3")] == [
        Fraction("0.01"),
        Fraction("0.02"),
        Fraction("0.33"),
    ]
    assert at_most_fen(figure("1.999", FEN).at(DRAFT.first)).value == Fraction("0.01")


def test_steps_of_a_split_call_the_parties_by_their_names() -> None:
    found = pay(CASE, CLAUSE, SECTION, YEAR, yuan("0.05"), fixed(su=2, zhe=1), fixed(hu=7, zhe=3))
    labels, stack = set(), [*(line.amount for line in found.lines), *found.kept]
    while stack:
        node = stack.pop()
        labels.add(node.label)
        stack += node.args
    assert any("（苏→沪）：整分" in label for label in labels)
    assert not any(code in label for label in labels for code in (HU, SU, ZHE))
