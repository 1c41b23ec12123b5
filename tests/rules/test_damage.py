"""What damage is measured by, and who bears what an incident cost."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from figuring import DRAFT, figures

from compensation.expression import MG_PER_L, Missing, Quantity
from rules.agreement import Clause, Correction, Parameter, Part, Period, months_of
from rules.case import Case
from rules.damager_pays import exceedance, excess_load, incidents
from rules.evaluate import evaluate
from rules.evidence import Evidence, IncidentFact, VolumeFact
from rules.outcome import Charge

HU, SU, ZHE = "310000", "320000", "330000"
SECTION = DRAFT.section("310118_0002")  # target Ⅲ
GATE = DRAFT.section("TAIPU-GATE")
JINZE, JIAPING = "TAIPU-JINZE", "TAIPU-JIAPING"
COD, NH3, TP = DRAFT.data_rules.indicators
PH, ANTIMONY = "w01001", "w20004"
MAY = months_of(date(2027, 5, 1), date(2027, 5, 31))[0]
CLAUSE = next(each for each in DRAFT.clauses if each.measure.kind == "exceedance")
INCIDENT = next(each for each in DRAFT.clauses if each.kind == "incident")


def case(levels: Mapping[tuple[str, str], str], *facts: IncidentFact, period: Period = MAY) -> Case:
    months = {key: {"2027-05": Fraction(level)} for key, level in levels.items()}
    flows = {(SECTION.code, "2027-05"): VolumeFact(Fraction(1_000_000), "报表")}
    return Case(DRAFT, Evidence({}, months=months, flows=flows, incidents=facts), period, DRAFT.first)


def clause(*indicators: str, corrected: bool = False, **limits: Parameter) -> Clause:
    correction = Correction(GATE.code, "第五条") if corrected else None
    return replace(CLAUSE, indicators=indicators, correction=correction, measure=Part("exceedance", limits))


def values(measures: tuple[Quantity, ...]) -> list[Fraction | Missing]:
    return [each.value for each in measures]


LEVELS = {(SECTION.code, COD): "9", (SECTION.code, NH3): "1.25", (SECTION.code, TP): "0.1", (SECTION.code, PH): "9.5"}


def test_the_largest_multiple_comes_first_and_what_has_none_is_left_out() -> None:
    of_case = case(LEVELS)
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    assert values(exceedance(of_case, clause(NH3, COD, PH), SECTION, MAY, None)) == [half, quarter, half]
    assert values(exceedance(of_case, clause(COD, PH), SECTION, MAY, None)) == [half]
    assert values(exceedance(of_case, clause(NH3, COD, PH), SECTION, MAY, NH3)) == [quarter]
    with pytest.raises(LookupError, match="has a multiple"):
        exceedance(of_case, clause(PH), SECTION, MAY, None)


@pytest.mark.parametrize(
    ("level", "background", "multiple"),
    [
        ("9", "8.9", Fraction(1, 2)),
        ("9", "9", 0),
        ("9", "9.1", 0),
        ("5.7", "9", Fraction(-1, 20)),
        ("6", None, 0),  # nothing is charged, whatever came in
        ("9", None, None),
    ],
)
def test_what_came_in_as_bad_is_not_charged(level: str, background: str | None, multiple: Fraction | None) -> None:
    levels = {(SECTION.code, COD): level} | ({} if background is None else {(GATE.code, COD): background})
    found = values(exceedance(case(levels), clause(COD, corrected=True), SECTION, MAY, None))[0]
    assert found == multiple or (multiple is None and isinstance(found, Missing))
    alone = values(exceedance(case(levels), clause(COD), SECTION, MAY, None))[0]
    assert alone == Fraction(level) / 6 - 1


@pytest.mark.parametrize(("level", "tonnes"), [("5", 0), ("6", 0), ("6.5", Fraction(1, 2)), ("9", 3)])
def test_an_excess_load_is_what_is_above_the_limit_times_the_flow(level: str, tonnes: Fraction) -> None:
    load, above, flow = values(excess_load(case({(SECTION.code, COD): level}), clause(COD), SECTION, MAY, COD))
    assert (load, above, flow) == (tonnes, tonnes, 1_000_000)
    corrected = excess_load(
        case({(SECTION.code, COD): level, (GATE.code, COD): "9"}), clause(COD, corrected=True), SECTION, MAY, COD
    )
    assert values(corrected)[:2] == [0, 0]
    own = clause(COD, **figures({f"limits.{SECTION.code}.{COD}": 4}, MG_PER_L))
    assert values(excess_load(case({(SECTION.code, COD): level}), own, SECTION, MAY, COD))[1] == Fraction(level) - 4


def test_an_excess_load_is_of_an_indicator_that_has_a_limit() -> None:
    for factor in (None, PH):
        with pytest.raises(LookupError, match="has a limit"):
            excess_load(case(LEVELS), clause(PH), SECTION, MAY, factor)


FACT = IncidentFact(
    "SG-1",
    JINZE,
    date(2027, 5, 10),
    None,
    None,
    Fraction(1000),
    {SU: Fraction(3, 4), ZHE: Fraction(1, 4)},
    HU,
    "认定书",
)
SURCHARGE = 1_000_000


def charged(fact: IncidentFact) -> tuple[Charge, dict[tuple[str, str], Fraction | Missing]]:
    charge = incidents(case({}, fact), INCIDENT)[0]
    return charge, {(line.payer, line.payee): line.amount.value for line in charge.lines}


def test_an_incident_is_borne_by_responsibility_and_paid_to_who_bore_its_cost() -> None:
    charge, lines = charged(FACT)
    assert charge.amount.value == SURCHARGE + 1000
    assert lines == {(SU, HU): Fraction(750_750), (ZHE, HU): Fraction(250_250)}
    _, alone = charged(FACT._replace(responsibility={SU: Fraction(1), ZHE: Fraction(0)}))
    assert alone == {(SU, HU): SURCHARGE + 1000}
    _, to_another = charged(FACT._replace(responsibility={SU: Fraction(1)}, cost_bearer=ZHE))
    assert to_another == {(SU, ZHE): SURCHARGE + 1000}
    _, own = charged(FACT._replace(responsibility={SU: Fraction(1, 3), HU: Fraction(2, 3)}))
    assert own == {(SU, HU): Fraction("333666.67")}


def test_an_incident_is_among_what_the_agreement_comes_to() -> None:
    found = evaluate(replace(case({}, FACT), agreement=replace(DRAFT, clauses=(INCIDENT,))))
    assert [each.amount.value for each in found.charges] == [SURCHARGE + 1000]


def test_without_a_decision_the_sections_parties_pay_and_are_paid() -> None:
    _, lines = charged(FACT._replace(responsibility={}, cost_bearer=""))
    assert lines == {(SU, HU): Fraction(800_800), (ZHE, HU): Fraction(200_200)}


def test_a_cost_nobody_verified_leaves_the_amount_open() -> None:
    charge, lines = charged(FACT._replace(cost_yuan=None))
    assert isinstance(charge.amount.value, Missing)
    assert all(isinstance(value, Missing) for value in lines.values())


@pytest.mark.parametrize(
    ("concentration", "counts"), [("0.005", False), ("0.00500001", True), ("0.004", False), (None, None)]
)
def test_an_incident_by_concentration_counts_above_its_limit(concentration: str | None, counts: bool | None) -> None:
    found = None if concentration is None else Fraction(concentration)
    charge, _ = charged(FACT._replace(indicator=ANTIMONY, concentration=found))
    assert charge.measures[1].value == 1000
    if counts is None:
        assert isinstance(charge.amount.value, Missing)
    else:
        assert charge.measures[0].value == found
        assert charge.amount.value == charge.exact.value == (SURCHARGE + 1000 if counts else 0)


def test_incidents_of_the_period_count_in_the_order_of_their_days() -> None:
    days = [date(2027, 4, 30), MAY.last, MAY.first, date(2027, 6, 1)]
    facts = [FACT._replace(number=f"SG-{at}", day=day) for at, day in enumerate(days)]
    charges = incidents(case({}, *facts), INCIDENT)
    assert [each.period.first for each in charges] == [MAY.first, MAY.last]


def test_responsibility_is_no_evidence_that_may_be_missing() -> None:
    charge, _ = charged(FACT)
    waiting, labels = [line.amount for line in charge.lines], set()
    while waiting:
        node = waiting.pop()
        labels.add(node.label)
        waiting += node.args
    assert not [label for label in labels if "长除法" in label]
