"""A section name becomes a section by the written rule, never by luck or by the order of files."""

import itertools
from pathlib import Path

import pytest
from sqlalchemy import insert
from store_building import JIANGSU, SHANGHAI, ZHEJIANG, parsed, reading

from compensation.errors import InputError
from compensation.monitoring.records import SectionName
from compensation.store import Store, open_store
from compensation.store.sections import normalised, registry
from compensation.store.tables import SECTION_ALIAS


def _codes(store: Store, *names: SectionName) -> list[str]:
    report = store.ingest(
        parsed((reading(section=name, row=row) for row, name in enumerate(names, start=2)), name=str(names))
    )
    assert report.readings_stored + report.readings_identical == len(names)
    with store.database.reading() as connection:
        found = connection.exec_driver_sql(
            "SELECT s.code FROM reading r JOIN section s ON s.id = r.section_id "
            f"WHERE r.file_id = {report.file_id} ORDER BY r.source_row"
        )
        return [code for (code,) in found]


@pytest.mark.parametrize(
    ("name", "province", "code"),
    [
        ("汾湖大桥(界标)", SHANGHAI, "310118_0002"),
        ("汾湖大桥（界标）", JIANGSU, "310118_0002"),
        ("汾湖大桥", SHANGHAI, "310118_0002"),
        (" 汾湖 大桥 ( 界标 ) ", None, "310118_0002"),
        ("汾湖大桥〔界标〕", None, "310118_0002"),
        ("汾湖大桥(界标)", ZHEJIANG, "330000:汾湖大桥(界标)"),
        ("太浦河桥", None, "310118_0003"),
        ("赵屯(石浦大桥)", JIANGSU, "320583_0002"),
        ("闵行西界（松浦大桥）", SHANGHAI, "TAIPU-MINHANG"),
        ("闵行西界", SHANGHAI, "TAIPU-MINHANG"),
        ("太浦闸下", JIANGSU, "TAIPU-GATE"),
        ("金泽取水口", SHANGHAI, "TAIPU-JINZE"),
        ("嘉善平湖取水口", ZHEJIANG, "TAIPU-JIAPING"),
        ("无名河", None, "-:无名河"),
        ("无名河", JIANGSU, "320000:无名河"),
    ],
)
def test_rule(store: Store, name: str, province: str | None, code: str) -> None:
    assert _codes(store, SectionName(name, province)) == [code]


def test_order_of_files_decides_nothing(tmp_path: Path) -> None:
    names = [SectionName("无名河", None), SectionName("无名河", JIANGSU), SectionName("无名河", ZHEJIANG)]
    answers = set()
    for number, order in enumerate(itertools.permutations(names)):
        with open_store(f"sqlite:///{tmp_path / f'{number}.db'}") as store:
            store.init()
            answers.add(tuple(sorted(code for name in order for code in _codes(store, name))))
    assert answers == {("-:无名河", "320000:无名河", "330000:无名河")}


def test_sections_met_for_the_first_time_are_reported(store: Store) -> None:
    report = store.ingest(parsed([reading(section=SectionName("甲站（东）", JIANGSU)), reading(row=3)]))
    assert [(each.code, each.name, each.registered) for each in report.new_sections] == [
        ("320000:甲站(东)", "甲站(东)", False)
    ]
    again = store.ingest(parsed([reading("9", section=SectionName("甲站(东)", JIANGSU), row=8)], name="乙"))
    assert again.new_sections == ()


def test_ambiguous_names_are_refused_all_at_once_with_their_candidates(store: Store) -> None:
    with store.database.writing() as connection:
        connection.execute(insert(SECTION_ALIAS).values(name="太浦河桥", province=ZHEJIANG, section_id=1))
        connection.execute(insert(SECTION_ALIAS).values(name="王江泾", province=JIANGSU, section_id=1))
    before = store.status()
    names = [SectionName("太浦河桥", None), SectionName("王江泾", None), SectionName("新站", None)]
    with pytest.raises(InputError) as refused:
        store.ingest(parsed(reading(section=name, row=row) for row, name in enumerate(names, 2)))
    told = str(refused.value)
    assert len(refused.value.faults) == 2
    for part in ("《甲.xlsx》", "太浦河桥", "王江泾", "310118_0003（310000）", "310118_0002（310000）", "省份"):
        assert part in told
    assert store.status() == before
    assert _codes(store, SectionName("太浦河桥", SHANGHAI), SectionName("太浦河桥", ZHEJIANG)) == [
        "310118_0003",
        "310118_0002",
    ]


def test_registry_is_sound() -> None:
    listed = registry()
    codes = [section.code for section, _ in listed]
    assert len(set(codes)) == len(codes)
    names = [pair for _, pairs in listed for pair in pairs]
    assert len(set(names)) == len(names)
    assert all(name == normalised(name) for name, _ in names)
    assert all(province in (SHANGHAI, JIANGSU, ZHEJIANG) for _, province in names)
    assert {section.body for section, _ in listed} == {"river", "lake"}
    assert [section.code for section, _ in listed if section.body == "lake"] == ["310000_0001"]


def test_registry_is_brought_up_to_date_by_init(store: Store) -> None:
    before = store.sections()
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE section SET body = 'lake', basin = NULL")
        connection.exec_driver_sql("DELETE FROM section_alias")
    store.init()
    assert store.sections() == before
    assert _codes(store, SectionName("汾湖大桥", JIANGSU)) == ["310118_0002"]
