"""A record of evidence that was wrong is corrected or withdrawn by adding; who, when and why stay, and both clocks."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest
from store_building import BRIDGE, parsed

from compensation.errors import InputError
from compensation.monitoring.records import Exemption, Flow, Incident, InKind, IntakeVolume, SectionName
from compensation.store import Ruling, Store

INTAKE = SectionName("金泽取水口", "310000")
BY = Ruling("张三", "原表笔误", "更正函〔2026〕5号")
VOLUME = IntakeVolume(INTAKE, date(2026, 7, 1), Fraction(10), "文1", "取水量", 4)
FLOW = Flow(BRIDGE, date(2026, 7, 1), date(2026, 7, 31), Fraction(7, 3), "文1", "水量", 4)
INCIDENT = Incident(
    "E-1",
    date(2026, 7, 2),
    INTAKE,
    "w20124",
    Fraction(1, 200),
    Fraction(5),
    (("苏", Fraction(1)),),
    "沪",
    "文2",
    "事件",
    5,
)
EXEMPTION = Exemption(BRIDGE, date(2026, 7, 1), date(2026, 7, 9), "洪水", "文3", "免责", 6)
GIFT = InKind(2026, "沪", "苏", "talent", "培训", Fraction(300), "文4", "多元化", 7)
ALL: dict[str, list[Any]] = {
    "intakes": [VOLUME],
    "flows": [FLOW],
    "incidents": [INCIDENT],
    "exemptions": [EXEMPTION],
    "in_kind": [GIFT],
}
RIGHT: dict[str, list[Any]] = {
    "intakes": [VOLUME._replace(volume_m3=Fraction(100), document="文9")],
    "flows": [FLOW._replace(volume_m3=Fraction(8))],
    "incidents": [
        INCIDENT._replace(
            day=date(2026, 7, 3),
            section=BRIDGE,
            concentration_mg_per_l=None,
            responsibility=(("苏", Fraction(7, 10)), ("浙", Fraction(3, 10))),
        )
    ],
    "in_kind": [GIFT._replace(value_yuan=Fraction(1, 3))],
}


def loaded(store: Store, known: datetime | None = None) -> dict[str, list[Any]]:
    kinds = {
        "intakes": store.intake_volumes,
        "flows": store.flows,
        "incidents": store.incidents,
        "exemptions": store.exemptions,
        "in_kind": store.in_kind,
    }
    return {kind: [each.record for each in load(known)] for kind, load in kinds.items()}


def handle(store: Store, kind: str) -> str:
    return next(each.handle for each in store.recorded() if each.kind == kind)


def test_what_contradicts_is_refused_with_the_way_out_and_taken_as_a_correction(store: Store) -> None:
    first = store.ingest(parsed(**ALL))
    with pytest.raises(InputError, match="--correct") as refused:
        store.ingest(parsed(name="乙.xlsx", **RIGHT))
    assert len(refused.value.faults) == 4
    assert loaded(store) == ALL
    report = store.ingest(parsed(name="乙.xlsx", **RIGHT), correcting=BY)
    assert (report.rows_stored, report.evidence_stored, report.evidence_corrected) == (4, 4, 4)
    assert loaded(store) == {**RIGHT, "exemptions": [EXEMPTION]}
    assert loaded(store, first.imported_at) == ALL, "what was known before the correction stays known"
    assert {each.section_code for each in store.incidents()} == {"310118_0003"}
    assert {each.file_id for each in store.intake_volumes()} == {report.file_id}
    assert store.known_through() == report.imported_at


def test_said_again_it_is_identical_and_the_old_value_contradicts_now(store: Store) -> None:
    store.ingest(parsed(**ALL))
    store.ingest(parsed(name="乙.xlsx", **RIGHT), correcting=BY)
    moved = {kind: [each._replace(row=each.row + 50) for each in records] for kind, records in RIGHT.items()}
    again = store.ingest(parsed(name="丙.xlsx", **moved), correcting=BY)
    assert (again.evidence_stored, again.evidence_corrected, again.evidence_identical) == (0, 0, 4)
    with pytest.raises(InputError, match=r"《乙\.xlsx》表「取水量」第 4 行"):
        store.ingest(parsed(name="丁.xlsx", intakes=[VOLUME]))
    back = store.ingest(parsed(name="丁.xlsx", intakes=[VOLUME]), correcting=BY)
    assert back.evidence_corrected == 1
    (volume,) = [each for each in store.recorded() if each.kind == "取水量"]
    assert [each.words for each in volume.said] == ["10 m³，文1", "100 m³，文9", "10 m³，文1"]
    assert [each.place for each in volume.said] == [f"《{name}.xlsx》表「取水量」第 4 行" for name in "甲乙丁"]
    assert [each.correction.reason for each in volume.said if each.correction] == ["原表笔误"] * 2


def test_two_rows_of_one_file_that_contradict_are_no_correction(store: Store) -> None:
    with pytest.raises(InputError, match="矛盾"):
        store.ingest(parsed(intakes=[VOLUME, RIGHT["intakes"][0]._replace(row=5)]), correcting=BY)
    assert loaded(store)["intakes"] == []


def test_a_withdrawn_record_counts_no_more_and_comes_back_only_by_a_correction(store: Store) -> None:
    before = store.ingest(parsed(**ALL)).imported_at
    assert store.withdraw([handle(store, "免责认定"), handle(store, "取水量")], BY) == 2
    assert loaded(store)["exemptions"] == loaded(store)["intakes"] == []
    assert loaded(store, before) == ALL
    (record,) = [each for each in store.recorded() if each.kind == "免责认定"]
    assert record.withdrawn
    assert [each.words for each in record.said] == ["洪水，文3", "撤销"]
    moved = [EXEMPTION._replace(row=60)]
    with pytest.raises(InputError, match="免责认定已被撤销"):
        store.ingest(parsed(name="乙.xlsx", exemptions=moved))
    store.ingest(parsed(name="乙.xlsx", exemptions=moved), correcting=BY)
    assert loaded(store)["exemptions"] == moved


def test_withdrawing_is_all_or_nothing(store: Store) -> None:
    store.ingest(parsed(**ALL))
    with pytest.raises(InputError, match="找不到"):
        store.withdraw([handle(store, "取水量"), "0000"], BY)
    assert loaded(store) == ALL
    store.withdraw([handle(store, "取水量")], BY)
    with pytest.raises(InputError, match="已经撤销"):
        store.withdraw([handle(store, "取水量")], BY)
