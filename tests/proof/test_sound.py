"""What ships, and what could be written, is sound: every property over every agreement."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compensation.agreement.loader import load, parse, shipped
from compensation.proof.generated import texts
from compensation.proof.generated_parts import KINDS
from compensation.proof.properties import PROPERTIES
from compensation.proof.proving import prove
from compensation.proof.strategies import agreements, trials
from compensation.proof.trial import Trial
from rules.agreement import Agreement
from rules.measures import MEASURES
from rules.tariffs import TARIFFS

WHOLE_YEARS = settings(
    max_examples=max(4, settings().max_examples // 10),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@pytest.mark.parametrize("name", list(shipped()))
def test_every_agreement_that_ships_is_sound(name: str) -> None:
    findings = prove(load(name), examples=6)
    assert [finding.told for finding in findings if finding.told] == []
    assert [finding.examples for finding in findings if not finding.property.gaps] == [6] * 10


@WHOLE_YEARS
@given(agreement=agreements(), data=st.data())
def test_every_property_holds_for_every_agreement_and_all_evidence(agreement: Agreement, data: st.DataObject) -> None:
    for gaps in (False, True):
        trial: Trial = data.draw(trials(agreement, gaps=gaps))
        told = [each.check(trial) for each in PROPERTIES if each.gaps == gaps]
        assert not any(told), (told, agreement.text)


def test_every_measure_and_every_tariff_is_generated() -> None:
    assert {kind.measure for kind in KINDS} == set(MEASURES)
    assert {kind.tariff for kind in KINDS} == set(TARIFFS)


@settings(max_examples=len(KINDS) * 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.sampled_from(KINDS).flatmap(lambda kind: texts([kind])))
def test_generated_files_are_read_without_a_fault_and_shrink_to_something_short(text: str) -> None:
    assert text.count('"kind": "charge"') == 1
    assert parse("举例.yaml", text).clauses
