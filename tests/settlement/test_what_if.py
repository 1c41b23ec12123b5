"""Variants, turning points, comparisons, treatments: each held against settling anew."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from settling import DRAFT, settled
from strategies import OVER_YEARS, evidence

from compensation.application import changed_agreement
from compensation.errors import AgreementError, InputError
from compensation.expression import Key
from compensation.expression.variants import Variants
from compensation.settlement.compare import CREDIT, LIMIT, compare
from compensation.settlement.flips import flips, monthly_evidence, nearest
from compensation.settlement.settle import Settlement, leaves
from compensation.settlement.treatments import own_treatment, single_changes, under
from rules.evidence import Evidence
from rules.substitution import substituted


def monthly(facts: Evidence) -> Evidence:
    return monthly_evidence(settled(facts).case)


def amounts(settlement: Settlement) -> list[object]:
    outcome = settlement.outcome
    return [x.amount.value for x in (*outcome.charges, *outcome.lines, *outcome.transfers, *outcome.clearing)]


def with_month(facts: Evidence, key: Key, value: Fraction) -> Evidence:
    _, section, code, month = key
    months = {place: dict(values) for place, values in facts.months.items()}
    months[section, code][month] = value
    return replace(facts, months=months)


@OVER_YEARS
@given(facts=evidence())
def test_monthly_means_in_the_place_of_days_give_the_same_amounts(facts: Evidence) -> None:
    assert amounts(settled(monthly(facts))) == amounts(settled(facts))


@OVER_YEARS
@given(facts=evidence(), pick=st.integers(0, 10**6), times=st.integers(0, 40))
def test_a_variant_is_what_settling_the_changed_evidence_gives(facts: Evidence, pick: int, times: int) -> None:
    settlement = settled(monthly(facts))
    known = [
        key
        for key, leaf in leaves(settlement.outcome).items()
        if key[0] == "month" and isinstance(leaf.value, Fraction)
    ]
    if not known:
        return
    key = sorted(known)[pick % len(known)]
    value = leaves(settlement.outcome)[key].value
    assert isinstance(value, Fraction)
    changed = value * times / 10
    outcome = settlement.outcome
    roots = [x.amount for x in (*outcome.charges, *outcome.lines, *outcome.transfers, *outcome.clearing)]
    assert Variants(roots).run({key: changed}) == amounts(settled(with_month(monthly(facts), key, changed)))
    assert Variants(roots, [key]).run({}) == amounts(settlement)


@OVER_YEARS
@given(facts=evidence(), pick=st.integers(0, 10**6))
def test_a_flip_is_the_nearest_step_at_which_a_charge_changes(facts: Evidence, pick: int) -> None:
    base = monthly(facts)
    found = flips(settled(facts))
    if not found:
        return
    flip = found[pick % len(found)]
    section = next(each.code for each in DRAFT.sections if each.name == flip.section)
    key = ("month", section, flip.indicator, flip.month)
    step = Fraction(1, {"w01019": 100, "w21003": 1000, "w21011": 1000}[flip.indicator])
    before = flip.flipped_at + (step if flip.change < 0 else -step)

    def charged(value: Fraction) -> list[object]:
        return [charge.amount.value for charge in settled(with_month(base, key, value)).outcome.charges]

    assert charged(before) == charged(flip.value)
    assert charged(flip.flipped_at) != charged(flip.value)
    assert flip.charges


def test_nearest_counts_steps() -> None:
    assert nearest(lambda steps: steps >= 7, 100) == 7
    assert nearest(lambda steps: steps >= 1, 1) == 1
    assert nearest(lambda _: False, 100) is None
    assert nearest(lambda _: True, 0) is None


def test_another_figure_is_another_agreement_with_the_same_rules() -> None:
    changed = substituted(DRAFT, {"index.base": Fraction(2500)})
    figures = {parameter.key: parameter for parameter in DRAFT.parameters}
    assert figures["index.base"].spans[0].value == 2000
    clause = next(clause for clause in changed.clauses if clause.key == "index")
    assert clause.tariff.figures["base"].spans[0].value == 2500
    assert {parameter.key: parameter for parameter in changed.parameters}["index.base"].spans[0].value == 2500
    assert changed.sha256 != DRAFT.sha256
    with pytest.raises(InputError, match=r"没有这个参数.*\n.*没有这个参数"):
        substituted(DRAFT, {"no.such": Fraction(1), "nor.this": Fraction(1)})


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("index.weights.氨氮=0.9", "权重合计为 8/5，不是 1"),
        ("money.credit.share=5", "须为 0 至 1 的数"),
        ("exceedance.tiers.2.over=2", "没有由低到高排列"),
        ("section.太浦河桥.upstream.苏=-1", "不成比例"),
        ("section.太浦河桥.upstream.苏=7.5", "权数不是整数"),
        ("section.太浦河桥.target=7", "不是水质类别"),
        ("section.太浦河桥.target=5/2", "不是水质类别"),
    ],
)
def test_a_figure_that_no_agreement_could_have_is_not_tried_out(setting: str, told: str) -> None:
    with pytest.raises(AgreementError, match=told):
        changed_agreement(DRAFT, [setting])


@pytest.mark.parametrize("setting", ["section.太浦河桥.target=Ⅱ", "section.太浦河桥.upstream.苏=1", "index.base=1"])
def test_a_figure_that_an_agreement_could_have_is_tried_out(setting: str) -> None:
    key, _, value = setting.partition("=")
    changed = next(each for each in changed_agreement(DRAFT, [setting]).parameters if each.key == key)
    assert {span.value for span in changed.spans} == {Fraction(2 if value == "Ⅱ" else value)}


@OVER_YEARS
@given(facts=evidence(), base=st.integers(0, 4000))
def test_the_effects_of_a_comparison_sum_to_the_net(facts: Evidence, base: int) -> None:
    other = settled(facts, agreement=substituted(DRAFT, {"index.base": Fraction(base)}))
    comparison = compare([settled(facts), other])
    for final in comparison.finals:
        for at, amount in enumerate(final.amounts_yuan):
            parts = [effect.amounts_yuan[at] for effect in comparison.effects if effect.party == final.party]
            if amount is not None:
                assert sum(part for part in parts if part is not None) == amount
    unchanged = {effect.what for effect in comparison.effects if len(set(effect.amounts_yuan)) == 1}
    changed = {effect.what for effect in comparison.effects} - unchanged
    assert all(what.startswith("第三条") or what in (CREDIT, LIMIT) for what in changed)


@OVER_YEARS
@given(facts=evidence())
def test_the_agreements_own_treatment_changes_nothing(facts: Evidence) -> None:
    own = under(DRAFT, own_treatment(DRAFT))
    assert amounts(settled(facts, agreement=own)) == amounts(settled(facts))


def test_each_question_is_changed_alone() -> None:
    own = own_treatment(DRAFT)
    for _, treatments in single_changes(DRAFT):
        for treatment in treatments:
            assert sum(one != other for one, other in zip(own, treatment, strict=True)) == 1
            assert under(DRAFT, treatment).sha256 != DRAFT.sha256
