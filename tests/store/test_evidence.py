"""Evidence comes back as it went in; said twice it is counted, said differently it is refused with both places."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from store_building import BRIDGE, NOON, parsed, reading

from compensation.errors import InputError
from compensation.monitoring.records import Exemption, Incident, InKind, IntakeVolume, SectionName
from compensation.store import Store

INTAKE = SectionName("金泽取水口", "310000")
VOLUME = IntakeVolume(INTAKE, date(2026, 7, 1), Fraction(10**9 + 1, 3), "示例文号1", "取水量", 4)
INCIDENT = Incident(
    number="E-1",
    day=date(2026, 7, 2),
    section=INTAKE,
    indicator="w20124",
    concentration_mg_per_l=Fraction(502, 100_000),
    cost_yuan=Fraction(1_234_567, 100),
    responsibility=(("苏", Fraction(7, 10)), ("浙", Fraction(3, 10))),
    cost_bearer="沪",
    document="示例文号2",
    sheet="突发事件",
    row=5,
)
EXEMPTION = Exemption(BRIDGE, date(2026, 7, 1), date(2026, 7, 9), "顶托/回流", "示例文号3", "免责", 6)
IN_KIND = InKind(2026, "沪", "苏", "talent", "培训", Fraction(300_000), "示例文号4", "多元化", 7)
ALL = {"intakes": [VOLUME], "incidents": [INCIDENT], "exemptions": [EXEMPTION], "in_kind": [IN_KIND]}


def _loaded(store: Store) -> list[list]:
    return [store.intake_volumes(), store.incidents(), store.exemptions(), store.in_kind()]


def test_evidence_comes_back_as_it_went_in(store: Store) -> None:
    report = store.ingest(parsed(**ALL))
    assert (report.rows_stored, report.evidence_stored, report.evidence_identical) == (4, 4, 0)
    loaded = _loaded(store)
    assert [each[0].record for each in loaded] == [VOLUME, INCIDENT, EXEMPTION._replace(section=BRIDGE), IN_KIND]
    assert [each[0].section_code for each in loaded] == ["TAIPU-JINZE", "TAIPU-JINZE", "310118_0003", ""]
    assert {each[0].file_id for each in loaded} == {report.file_id}


def test_registry_names_the_section_whatever_the_file_called_it(store: Store) -> None:
    store.ingest(parsed(exemptions=[EXEMPTION._replace(section=SectionName("汾湖大桥", "320000"))]))
    (loaded,) = store.exemptions()
    assert (loaded.section_code, loaded.record.section) == ("310118_0002", SectionName("汾湖大桥(界标)", "310000"))


def test_same_evidence_again_is_counted_and_not_stored(store: Store) -> None:
    store.ingest(parsed(**ALL))
    before = _loaded(store)
    moved = {kind: [record._replace(row=record.row + 50) for record in records] for kind, records in ALL.items()}
    report = store.ingest(parsed(name="乙.xlsx", **moved))
    assert (report.rows_identical, report.evidence_stored, report.evidence_identical) == (4, 0, 4)
    assert _loaded(store) == before


CONTRADICTIONS = [
    ("intakes", VOLUME._replace(volume_m3=Fraction(5))),
    ("intakes", VOLUME._replace(document="另一文号")),
    ("incidents", INCIDENT._replace(cost_yuan=Fraction(1))),
    ("incidents", INCIDENT._replace(responsibility=(("苏", Fraction(1)),))),
    ("incidents", INCIDENT._replace(section=BRIDGE)),
    ("in_kind", IN_KIND._replace(value_yuan=Fraction(1))),
]


@pytest.mark.parametrize(("kind", "record"), CONTRADICTIONS)
@pytest.mark.parametrize("apart", [True, False])
def test_contradiction_names_both_places_and_changes_nothing(store: Store, kind: str, record, apart: bool) -> None:
    record = record._replace(row=99)
    first = ALL[kind][0]
    if apart:
        store.ingest(parsed(name="甲.xlsx", **ALL))
    before = store.status()
    second = [record] if apart else [first, record]
    with pytest.raises(InputError) as refused:
        store.ingest(parsed([reading("9", row=3)], name="乙.xlsx", **{kind: second}))
    told = str(refused.value)
    place = "甲.xlsx" if apart else "乙.xlsx"
    assert f"《乙.xlsx》表「{record.sheet}」第 99 行" in told
    assert f"《{place}》表「{first.sheet}」第 {first.row} 行" in told
    assert store.status() == before


def test_all_contradictions_of_a_file_are_told_at_once(store: Store) -> None:
    store.ingest(parsed(**ALL))
    wrong = {
        "intakes": [VOLUME._replace(volume_m3=Fraction(1))],
        "in_kind": [IN_KIND._replace(value_yuan=Fraction(2))],
    }
    with pytest.raises(InputError) as refused:
        store.ingest(parsed(name="乙.xlsx", **wrong))
    assert len(refused.value.faults) == 2


def test_exemptions_of_one_period_by_two_documents_stand_side_by_side(store: Store) -> None:
    store.ingest(parsed(exemptions=[EXEMPTION, EXEMPTION._replace(document="另一文号", row=8)]))
    assert [each.record.document for each in store.exemptions()] == ["另一文号", "示例文号3"]


def test_what_was_known_then(store: Store) -> None:
    first = store.ingest(parsed([reading()]))
    store.ingest(parsed(name="乙", **ALL))
    assert store.intake_volumes(first.imported_at) == []
    assert store.incidents(first.imported_at) == []
    assert store.exemptions(first.imported_at) == []
    assert store.in_kind(first.imported_at) == []
    assert all(_loaded(store))


def test_files_are_listed_with_their_sheets(store: Store) -> None:
    store.ingest(parsed([reading(sheet="一月"), reading(time=NOON + timedelta(1), row=3, sheet="二月")]))
    store.ingest(parsed(name="乙.xlsx", **ALL))
    first, second = store.source_files()
    assert (first.id, first.name, first.sheets) == (1, "甲.xlsx", ("一月", "二月"))
    assert set(second.sheets) == {"取水量", "突发事件", "免责", "多元化"}
    assert first.imported_at < second.imported_at
