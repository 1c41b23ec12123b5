"""Every property can fail: unsound agreements and broken engines are caught, and the clause is named."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from proving_tools import changed, finding

import compensation.proof.splitting
import rules.caps
import rules.charging
import rules.closing
import rules.evaluate
import rules.floors
import rules.joint_fund
import rules.transfers
from compensation.agreement.loader import parse
from compensation.expression import YUAN, Missing, Quantity, constant, minimum
from compensation.proof.direction import better_water_pays
from compensation.proof.funds import within_bounds
from compensation.proof.trial import Trial, periods
from rules.agreement import Agreement
from rules.case import Case
from rules.evidence import ChargedFact, Evidence, VolumeFact
from rules.outcome import Charge
from rules.transfers import Paid

CHECKOUT = Path(__file__).resolve().parents[2]
CHUHE = (
    "{up_to: Ⅱ, value: {<<: *known, value: 4000, unit: 万元}}",
    "{up_to: Ⅱ, value: {<<: *known, value: 10, unit: 万元}}",
)
CLEAN = {"w01019": Fraction(2), "w21003": Fraction(1, 10), "w21011": Fraction(1, 20)}
CAPPED = (
    "      payer: upstream\n      payee: downstream\n",
    """      payer: upstream
      payee: downstream
      caps:
        - {per: month, at_most: {<<: *assumed, value: 60, unit: 万元}}
        - {per: clause, at_most: {<<: *assumed, value: 1000, unit: 万元}}
""",
)


def told(agreement: Agreement, key: str) -> str:
    found = finding(agreement, key, seconds=1)
    assert found.told is not None
    assert found.trial is not None
    return found.told


def test_a_ladder_that_pays_the_upstream_less_for_better_water_is_caught() -> None:
    found = finding(changed("chuhe", CHUHE), "better_water")
    assert found.told is not None
    assert found.told.startswith("第一条 陈浅")
    assert "达到Ⅱ类" in found.told or "改善到" in found.told
    assert found.trial is not None
    # cut down: the same water all year but for a month of one indicator, and nothing beside it
    evidence = found.trial.evidence
    assert (evidence.incidents, evidence.exemptions, evidence.in_kind, evidence.last_year) == ((), (), (), ())
    odd = [Counter(known.values()).most_common()[1:] for known in evidence.months.values()]
    assert sum(n for others in odd for _, n in others) <= 1


def test_compensation_that_flows_the_wrong_way_is_caught() -> None:
    turned = changed(
        "jiangsu-taihu-load", ("payer: upstream\n      payee: downstream", "payer: downstream\n      payee: upstream")
    )
    assert told(turned, "better_water").startswith("第一条 九里")


def test_caps_that_cross_make_better_water_dearer() -> None:
    """What January's permanganate no longer takes up of two caps, February's and January's ammonia take up both."""
    crossing = changed(
        "jiangsu-taihu-load",
        (
            "      payer: upstream\n      payee: downstream\n",
            "      payer: upstream\n      payee: downstream\n      caps:\n"
            "        - {per: month, at_most: {<<: *assumed, value: 3, unit: 万元}}\n"
            "        - {per: indicator, at_most: {<<: *assumed, value: 5, unit: 万元}}\n",
        ),
    )
    months = [f"2015-{month:02d}" for month in range(1, 13)]
    clean = {code: dict.fromkeys(months, level) for code, level in CLEAN.items()}
    clean["w01019"] |= {"2015-01": Fraction(8), "2015-02": Fraction(8)}
    clean["w21003"] |= {"2015-01": Fraction(3)}
    evidence = Evidence(
        {},
        flows={("JIANGSU-JIULI", month): VolumeFact(Fraction(10**7), "") for month in months},
        months={("JIANGSU-JIULI", code): known for code, known in clean.items()},
    )
    said = better_water_pays(Trial(crossing, evidence, periods(crossing)[0]))
    assert said is not None
    assert said.startswith("第一条：九里 2015-01 高锰酸盐指数改善到原来的一半")
    assert "各笔封顶取整后合计" in said


def test_a_clause_that_nobody_can_reach_is_caught() -> None:
    text = ("period: year\n      measure:\n        kind: index", "period: term\n      measure:\n        kind: index")
    assert "第三条" in told(changed("taipu-draft", text), "coverage")


# engines broken on purpose

Break = Callable[[pytest.MonkeyPatch], None]


def fen_lost(patch: pytest.MonkeyPatch) -> None:
    """Every first line is a fen short."""
    real = rules.transfers.pay

    def pay(*args: Any) -> Paid:
        paid = real(*args)
        first, *rest = paid.lines
        short = replace(first, amount=(first.amount - constant(Fraction(1, 100), YUAN)))
        return paid._replace(lines=(short, *rest))

    patch.setattr(rules.caps, "pay", pay)
    patch.setattr(rules.transfers, "pay", pay)


def fen_of_anothers(patch: pytest.MonkeyPatch) -> None:
    """The last party pays two fen for the first."""
    real = rules.transfers.allocate

    def allocate(amount: Quantity, weights: Mapping[str, Quantity], *rest: str) -> dict[str, Quantity]:
        parts = real(amount, weights, *rest)
        first, last = min(parts), max(parts)
        moved = constant(Fraction(2, 100), YUAN)
        return parts if first == last else parts | {first: parts[first] - moved, last: parts[last] + moved}

    patch.setattr(rules.transfers, "allocate", allocate)


def remainder_to_the_first(patch: pytest.MonkeyPatch) -> None:
    """Whole fen by share, and all the rest to whoever is listed first."""

    def allocate(amount: Quantity, weights: Mapping[str, Quantity], *_: str) -> dict[str, Quantity]:
        numbers = {code: Fraction(str(weight.value)) for code, weight in weights.items()}
        value, whole = Fraction(str(amount.value)), sum(numbers.values())
        parts = {code: Fraction(value * 100 * weight / whole // 1, 100) for code, weight in numbers.items()}
        parts[next(iter(parts))] += value - sum(parts.values())
        return {code: constant(part, YUAN) for code, part in parts.items()}

    patch.setattr(compensation.proof.splitting, "allocate", allocate)


def unrounded(patch: pytest.MonkeyPatch) -> None:
    """Amounts stay as they are, parts of a fen and all."""
    patch.setattr(rules.charging, "to_the_fen", lambda amount: amount.to(YUAN))


def uncapped(patch: pytest.MonkeyPatch) -> None:
    """Caps are not looked at."""
    patch.setattr(rules.caps.Caps, "_cut", lambda _, amount, *__: amount)


def unfloored(patch: pytest.MonkeyPatch) -> None:
    """Floors are not looked at."""
    patch.setattr(rules.floors.Floors, "lift", lambda _, whole, __: whole)


def more_than_there_is(patch: pytest.MonkeyPatch) -> None:
    """A fund distributes what it is to distribute, whether it is there or not."""
    patch.setattr(rules.joint_fund, "minimum", lambda parts: parts[0])


def paid_as_claimed(patch: pytest.MonkeyPatch) -> None:
    """A fund pays what is claimed from it, whether it has it or not."""
    patch.setattr(rules.joint_fund.Account, "grant", lambda _, __, claim, ___: claim)


def first_come_first_served(patch: pytest.MonkeyPatch) -> None:
    """Who stands first in the file takes all that a fund has."""

    def parts(account: rules.joint_fund.Account) -> dict[str, Quantity]:
        left, found = account._granted, {}
        for who, amount in account._sums.items():
            found[who] = minimum([left, amount])
            left = left - found[who]
        return found

    patch.setattr(rules.joint_fund.Account, "_parts", property(parts))


def split_by_halves(patch: pytest.MonkeyPatch) -> None:
    """Whatever the shares, every party bears the same."""
    real = rules.transfers.allocate

    def allocate(amount: Quantity, weights: Mapping[str, Quantity], *rest: str) -> dict[str, Quantity]:
        return real(amount, dict.fromkeys(weights, constant(1)), *rest)

    patch.setattr(rules.transfers, "allocate", allocate)


def unlimited(patch: pytest.MonkeyPatch) -> None:
    """The yearly limit is not looked at."""
    patch.setattr(rules.closing, "cut_to_limit", lambda *_: {})


def named_by_code(patch: pytest.MonkeyPatch) -> None:
    """A party that has a certain code is always paid a fen more."""
    real = rules.transfers.allocate

    def allocate(amount: Quantity, weights: Mapping[str, Quantity], *rest: str) -> dict[str, Quantity]:
        extra = constant(Fraction(1, 100), YUAN)
        return {code: part + extra if code == "320000" else part for code, part in real(amount, weights, *rest).items()}

    patch.setattr(rules.transfers, "allocate", allocate)


def first_section_dearer(patch: pytest.MonkeyPatch) -> None:
    """Where a section stands in the file decides what it costs."""
    real = rules.evaluate._charges

    def charges(case: Case) -> Iterator[Charge]:
        places = {section.code: at for at, section in enumerate(case.agreement.sections)}
        for charge in real(case):
            yield replace(charge, amount=charge.amount + constant(places.get(charge.section, 0), YUAN))

    patch.setattr(rules.evaluate, "_charges", charges)


def a_fee_for_handling(patch: pytest.MonkeyPatch) -> None:
    """A hundred 元 that no agreement names."""
    real = rules.evaluate._charges

    def charges(case: Case) -> Iterator[Charge]:
        for charge in real(case):
            yield replace(charge, exact=charge.exact + constant(100, YUAN))

    patch.setattr(rules.evaluate, "_charges", charges)


def missing_is_nothing(patch: pytest.MonkeyPatch) -> None:
    """What is missing counts as nothing."""
    real = rules.charging.to_the_fen

    def to_the_fen(amount: Quantity) -> Quantity:
        return constant(0, YUAN) if isinstance(amount.value, Missing) else real(amount)

    patch.setattr(rules.charging, "to_the_fen", to_the_fen)


BREAKS: list[tuple[str, str, Break, str]] = [
    ("conserved", "taipu-draft", fen_lost, "第"),
    ("one_way", "taipu-draft", fen_lost, "金额为负"),
    ("one_way", "jiangsu-taihu-load", unrounded, "不是整数分"),
    ("bounds", "taipu-draft", uncapped, "第四条第一款"),
    ("bounds", "taipu-draft", unlimited, "第七条"),
    ("shares", "taipu-draft", fen_of_anothers, "第"),
    ("allocation", "taipu-draft", remainder_to_the_first, "次序"),
    ("renaming", "taipu-draft", named_by_code, "第"),
    ("order", "taipu-draft", first_section_dearer, "第"),
    ("scaling", "taipu-draft", a_fee_for_handling, "第"),
    ("missing", "taipu-draft", missing_is_nothing, "数据不全时已算作"),
]


# The same for agreements that do not ship: parties capped one by one, shares by water, funds that carry over.
OTHER_BREAKS: list[tuple[str, str, Break, str]] = [
    ("bounds", "cap-per-party", uncapped, "第一条 界河"),
    ("shares", "cap-per-party", split_by_halves, "第一条 界河"),
    ("conserved", "cap-per-party", fen_lost, "第一条 界河"),
    ("shares", "water-shares", split_by_halves, "各方出资"),
    ("missing", "water-shares", missing_is_nothing, "数据不全时已算作"),
    ("bounds", "pool-reserve", more_than_there_is, "透支"),
    ("bounds", "pool-of-penalties", paid_as_claimed, "透支"),
    ("bounds", "pool-by-class", paid_as_claimed, "透支"),
    ("order", "pool-by-class", first_come_first_served, "换一个次序"),
]


@pytest.mark.parametrize(
    ("key", "name", "break_it", "says"), OTHER_BREAKS, ids=[f"{x[1]}-{x[2].__name__}" for x in OTHER_BREAKS]
)
def test_a_broken_engine_is_caught_by_agreements_that_do_not_ship(
    key: str, name: str, break_it: Break, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (CHECKOUT / "tests" / "agreements" / f"{name}.yaml").read_text(encoding="utf-8")
    break_it(monkeypatch)
    found = finding(parse(f"{name}.yaml", text), key, examples=20, seconds=0)
    assert found.told is not None
    assert says in found.told


def test_a_floor_that_is_not_reached_is_caught_unless_a_cap_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (CHECKOUT / "tests" / "agreements" / "floor-per-year.yaml").read_text(encoding="utf-8")
    agreement = parse("floor-per-year.yaml", text)
    months = {f"2026-{month:02d}": Fraction(1, 2) for month in range(1, 13)}
    evidence = Evidence({}, months={("S1", "w21003"): months | {"2026-01": Fraction("1.1")}, ("S2", "w21003"): months})
    trial = Trial(agreement, evidence, periods(agreement)[0])
    assert within_bounds(trial) is None
    december = months | {"2026-12": Fraction(3)}
    full = Evidence({}, months={("S1", "w21003"): december, ("S2", "w21003"): december})
    assert within_bounds(Trial(agreement, full, periods(agreement)[0])) is None
    unfloored(monkeypatch)
    said = within_bounds(Trial(agreement, evidence, periods(agreement)[0]))
    assert said is not None
    assert "不到保底" in said


@pytest.mark.parametrize(
    ("name", "year", "charged"),
    [
        ("floor-per-party", 2026, ()),
        ("floor-over-the-term", 2028, (ChargedFact("exceed", False, Fraction(200_000), "上年结算", "S1"),)),
    ],
)
def test_a_floor_of_parties_or_over_the_term_that_is_not_reached_is_caught(
    name: str, year: int, charged: tuple[ChargedFact, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = parse(name, (CHECKOUT / "tests" / "agreements" / f"{name}.yaml").read_text(encoding="utf-8"))
    months = {
        f"{year}-{month:02d}": Fraction(3, 2) if month == 3 and not charged else Fraction(1, 2)
        for month in range(1, 13)
    }
    clean = dict.fromkeys(months, CLEAN["w21011"])
    series = {(section, code): clean for section in ("S1", "S2") for code in agreement.monitored}
    series |= {("S1", "w21003"): months}
    evidence = Evidence({}, months=series, charged=charged)
    period = periods(agreement)[year - 2026]
    assert within_bounds(Trial(agreement, evidence, period)) is None
    monkeypatch.setattr(rules.floors.Floors, "_lift", lambda _, amount, *__: amount)
    said = within_bounds(Trial(agreement, evidence, period))
    assert said is not None
    assert "不到保底" in said


@pytest.mark.parametrize(("key", "name", "break_it", "says"), BREAKS, ids=[f"{x[0]}-{x[2].__name__}" for x in BREAKS])
def test_a_broken_engine_is_caught(
    key: str, name: str, break_it: Break, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {uncapped: (CAPPED,), unlimited: (("value: 8000, unit", "value: 300, unit"),)}
    agreement = changed(name, *changes.get(break_it, ()))
    break_it(monkeypatch)
    found = finding(agreement, key, examples=12, seconds=0)
    assert found.told is not None
    assert says in found.told
