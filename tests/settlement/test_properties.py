"""What must hold for every year that could be: conservation, limits, missing data, direction, digests."""

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from settling import DRAFT, digest, fen, known, settled
from strategies import (
    BOUNDARIES,
    DAYS,
    INDICATORS,
    INTAKES,
    MONTHS,
    OVER_YEARS,
    PARTIES,
    YEAR,
    Year,
    evidence,
)

from compensation.agreement.loader import parse
from compensation.settlement.settle import Mode, Settlement, differences
from rules.agreement import POOL
from rules.evidence import DayValue, Evidence, ExemptionFact
from rules.outcome import Charge, Line

LIMIT_FEN = 8000 * 1_000_000
SIDES = {section.code: (set(section.upstream), set(section.downstream)) for section in DRAFT.sections}


def on_both_sides(charge: Charge, facts: Evidence) -> int:
    """What a party that causes an incident and bears its cost keeps to itself, fen."""
    fact = next(x for x in facts.incidents if x.number in charge.subject)
    own = fact.responsibility.get(fact.cost_bearer, Fraction(0))
    return known(charge.amount) - sum(known(line.amount) for line in charge.lines) if own else 0


@OVER_YEARS
@given(facts=evidence(), mode=st.sampled_from([Mode.FINAL, Mode.PROVISIONAL]))
def test_money_is_conserved_at_every_level(facts: Evidence, mode: Mode) -> None:
    outcome = settled(facts, mode).outcome
    assert all(amount == 0 for _, amount in differences(settled(facts, mode).outcome))
    for charge in outcome.charges:
        if fen(charge.amount) is None:
            assert all(fen(line.amount) is None for line in charge.lines)
            continue
        kept = on_both_sides(charge, facts) if charge.clause.kind == "incident" else 0
        assert sum(known(line.amount) for line in charge.lines) + kept == known(charge.amount)
    into = sum(known(line.amount) for line in outcome.lines if line.payee == POOL)
    out_of = sum(known(line.amount) for line in outcome.lines if line.payer == POOL)
    assert into == out_of == 10_000 * 1_000_000
    if fen(outcome.positions[PARTIES[0]].final) is None:
        return
    for what in ("net", "net_after_credit", "final", "clearing"):
        assert sum(known(getattr(position, what)) for position in outcome.positions.values()) == 0
    for transfers, what in ((outcome.transfers, "final"), (outcome.clearing, "clearing")):
        for code, position in outcome.positions.items():
            received = sum(known(each.amount) for each in transfers if each.payee == code)
            paid = sum(known(each.amount) for each in transfers if each.payer == code)
            assert received - paid == known(getattr(position, what))
            assert not (received and paid), "a party either pays or receives"


@OVER_YEARS
@given(facts=evidence(), mode=st.sampled_from([Mode.FINAL, Mode.PROVISIONAL]))
def test_limits_hold_and_no_line_is_odd(facts: Evidence, mode: Mode) -> None:
    outcome = settled(facts, mode).outcome
    flows: list[Line] = list(outcome.lines)
    for each in (*flows, *outcome.transfers, *outcome.clearing, *outcome.advances, *outcome.next_advances):
        assert each.payer != each.payee
        assert (fen(each.amount) or 0) >= 0
        assert {each.payer, each.payee} <= {*PARTIES, POOL}
    for position in outcome.positions.values():
        if fen(position.final) is None:
            continue
        assert known(position.final) >= -LIMIT_FEN
        owed = max(0, -known(position.net))
        assert 0 <= 5 * known(position.credited) <= owed
        assert known(position.debited) >= 0


@OVER_YEARS
@given(
    facts=evidence(complete=True),
    section=st.sampled_from(BOUNDARIES),
    code=st.sampled_from(INDICATORS),
    month=st.sampled_from(MONTHS),
)
def test_what_is_missing_is_said_and_never_zero(facts: Evidence, section: str, code: str, month: str) -> None:
    days = Year(facts.days)
    days[section, code] = {day: value for day, value in days[section, code].items() if f"{day:%Y-%m}" != month}
    facts = replace(facts, days=days)
    final = settled(facts)
    gone = [line for line in final.outcome.lines if line.section == section and line.period == month]
    assert gone
    assert all(fen(line.amount) is None for line in gone)
    assert all(fen(position.final) is None for position in final.outcome.positions.values())
    assert all(fen(each.amount) is None for each in final.outcome.clearing)
    name = DRAFT.section(section).name
    assert any(item.section == name and item.period == month for item in final.missing)
    provisional = settled(facts, Mode.PROVISIONAL)
    assert not provisional.missing
    left_out = [each for each in provisional.outcome.excluded if each.section == section and each.period == month]
    assert left_out
    assert all("暂算" in each.reason and name in each.reason for each in left_out)
    assert not [line for line in provisional.outcome.lines if line.section == section and line.period == month]


@OVER_YEARS
@given(facts=evidence(complete=True), intake=st.sampled_from(INTAKES), month=st.sampled_from(MONTHS))
def test_a_volume_that_is_missing_is_no_volume_of_zero(facts: Evidence, intake: str, month: str) -> None:
    volumes = {key: fact for key, fact in facts.volumes.items() if key != (intake, month)}
    final = settled(replace(facts, volumes=volumes))
    assert [(item.section, item.indicator, item.period) for item in final.missing] == [
        (DRAFT.section(intake).name, "取水量", month)
    ]


def test_less_than_eight_months_make_no_year() -> None:
    level = DayValue(Fraction(1, 10), 6)
    everything = {(section.code, code): dict.fromkeys(DAYS, level) for section in DRAFT.sections for code in INDICATORS}
    for months, there in ((8, True), (7, False)):
        days = {key: {d: v for d, v in values.items() if d.month <= months} for key, values in everything.items()}
        index = [x for x in settled(Evidence(days)).outcome.charges if x.clause.key == "index"]
        assert [fen(charge.amount) is not None for charge in index] == [there] * len(index)


def lines_of(settlement: Settlement, section: str) -> dict[str, int]:
    """What each party gets at one section over all clauses, fen."""
    flows = dict.fromkeys(PARTIES, 0)
    for line in settlement.outcome.lines:
        if line.section == section and line.period.count("-") < 2:  # incidents are no matter of the mean
            flows[line.payer] -= known(line.amount)
            flows[line.payee] += known(line.amount)
    return flows


@OVER_YEARS
@given(
    facts=evidence(complete=True),
    section=st.sampled_from((*BOUNDARIES, *INTAKES)),
    better=st.sampled_from([Fraction(99, 100), Fraction(9, 10), Fraction(1, 2), Fraction(1, 10)]),
)
def test_better_water_never_costs_the_upstream_nor_earns_the_downstream(
    facts: Evidence, section: str, better: Fraction
) -> None:
    days = Year(facts.days)
    for code in INDICATORS:
        days[section, code] = {
            day: value._replace(value=value.value * better) for day, value in days[section, code].items()
        }
    before, after = settled(facts), settled(replace(facts, days=days))
    upstream, downstream = SIDES[section]
    was, is_now = lines_of(before, section), lines_of(after, section)
    assert all(is_now[party] >= was[party] for party in upstream)
    assert all(is_now[party] <= was[party] for party in downstream)
    nets = [{code: known(each.net) for code, each in x.outcome.positions.items()} for x in (before, after)]
    assert all(nets[1][party] >= nets[0][party] for party in upstream - downstream)
    assert all(nets[1][party] <= nets[0][party] for party in downstream - upstream)


def shuffled(facts: Evidence, seed: int) -> Evidence:
    """The same evidence, handed over in another order."""
    rnd = random.Random(seed)

    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(rnd.sample(items, len(items)))

    days = Year((key, dict(mixed(tuple(values.items())))) for key, values in mixed(tuple(facts.days.items())))
    return replace(
        facts,
        days=days,
        volumes=dict(mixed(tuple(facts.volumes.items()))),
        incidents=mixed(facts.incidents),
        exemptions=mixed(facts.exemptions),
        in_kind=mixed(facts.in_kind),
        last_year=mixed(facts.last_year),
    )


@OVER_YEARS
@given(facts=evidence(), seed=st.integers(0, 999))
def test_the_order_of_the_evidence_does_not_matter(facts: Evidence, seed: int) -> None:
    before, after = digest(facts), digest(shuffled(facts, seed))
    assert before == after


def changed(facts: Evidence, what: str, at: int, day: date) -> Evidence:
    """The evidence with one value changed a little."""
    if what == "day":
        keys = sorted(facts.days)
        key = keys[at % len(keys)]
        nearest = min(facts.days[key], key=lambda each: abs((each - day).days))
        value = facts.days[key][nearest]
        days = Year(facts.days)
        days[key] = {**facts.days[key], nearest: value._replace(value=value.value + Fraction(1, 10**6))}
        return replace(facts, days=days)
    if what == "volume":
        keys = sorted(facts.volumes)
        key = keys[at % len(keys)]
        fact = facts.volumes[key]
        return replace(facts, volumes={**facts.volumes, key: fact._replace(volume_m3=fact.volume_m3 + 1)})
    place = {"incident": "incidents", "in_kind": "in_kind", "last_year": "last_year"}[what]
    records = list(getattr(facts, place))
    assume(records)
    chosen = records[at % len(records)]
    field = {"incident": "cost_yuan", "in_kind": "value_yuan", "last_year": "amount_yuan"}[what]
    records[at % len(records)] = chosen._replace(**{field: getattr(chosen, field) + Fraction(1, 100)})
    return replace(facts, **{place: tuple(records)})


@OVER_YEARS
@given(
    facts=evidence(complete=True),
    what=st.sampled_from(["day", "day", "volume", "incident", "in_kind", "last_year"]),
    at=st.integers(0, 99),
    day=st.sampled_from(DAYS),
)
def test_any_changed_value_changes_the_digest(facts: Evidence, what: str, at: int, day: date) -> None:
    before, again, after = digest(facts), digest(facts), digest(changed(facts, what, at, day))
    assert before == again
    assert before != after


def rewritten(facts: Evidence, codes: dict[str, str]) -> Evidence:
    """The evidence with the parties under other codes."""
    return replace(
        facts,
        incidents=tuple(
            x._replace(
                responsibility={codes[party]: share for party, share in x.responsibility.items()},
                cost_bearer=codes[x.cost_bearer],
            )
            for x in facts.incidents
        ),
        in_kind=tuple(x._replace(contributor=codes[x.contributor], receiver=codes[x.receiver]) for x in facts.in_kind),
        last_year=tuple(x._replace(payer=codes[x.payer], payee=codes[x.payee]) for x in facts.last_year),
    )


@OVER_YEARS
@given(facts=evidence())
def test_renaming_the_parties_renames_the_answer(facts: Evidence) -> None:
    codes = {"310000": "110000", "320000": "420000", "330000": "650000"}
    text = DRAFT.text
    for old, new in codes.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    renamed = settled(rewritten(facts, codes), agreement=parse("renamed.yaml", text))
    original = settled(facts)
    assert [
        (x.clause, x.section, x.period, codes.get(x.payer, x.payer), codes.get(x.payee, x.payee), fen(x.amount))
        for x in original.outcome.lines
    ] == [(x.clause, x.section, x.period, x.payer, x.payee, fen(x.amount)) for x in renamed.outcome.lines]
    for code, position in original.outcome.positions.items():
        assert fen(position.final) == fen(renamed.outcome.positions[codes[code]].final)
        assert fen(position.clearing) == fen(renamed.outcome.positions[codes[code]].clearing)


@OVER_YEARS
@given(facts=evidence(), order=st.permutations(range(3)))
def test_the_order_of_the_parties_does_not_matter(facts: Evidence, order: list[int]) -> None:
    listed = [line for line in DRAFT.text.splitlines(keepends=True) if line.startswith("    - {code:")]
    assert len(listed) == len(PARTIES)
    text = DRAFT.text.replace("".join(listed), "".join(listed[at] for at in order))
    mixed = settled(facts, agreement=parse("mixed.yaml", text))
    for code, position in settled(facts).outcome.positions.items():
        assert fen(position.final) == fen(mixed.outcome.positions[code].final)


@pytest.mark.parametrize("month", [f"{YEAR}-02", f"{YEAR}-12"])
def test_an_exempted_month_is_left_out_and_named(month: str) -> None:
    level = DayValue(Fraction(9), 6)
    days = {(section.code, code): dict.fromkeys(DAYS, level) for section in DRAFT.sections for code in INDICATORS}
    out = [day for day in DAYS if f"{day:%Y-%m}" == month]
    exemption = ExemptionFact(BOUNDARIES[0], out[0], out[-1], "洪水", "防汛〔2026〕1号")
    outcome = settled(Evidence(days, exemptions=(exemption,))).outcome
    assert not [x for x in outcome.lines if x.section == BOUNDARIES[0] and x.period == month]
    assert [x for x in outcome.lines if x.section == BOUNDARIES[1] and x.period == month]
    assert [(x.section, x.period, x.reason, x.document) for x in outcome.excluded] == [
        (BOUNDARIES[0], month, "洪水", "防汛〔2026〕1号")
    ]
