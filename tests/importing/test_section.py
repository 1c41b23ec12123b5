"""Sections are registered and merged by people who say why; nothing that was stored is rewritten."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compensation.store import Store

HEADER = ("省份", "断面名称", "监测时间", "总磷(mg/L)", "氨氮(mg/L)", "站点情况")
Call = Callable[..., Any]
Write = Callable[..., Path]
MERGE = ("section", "merge", "310000:太浦河大桥", "310118_0003", "--by", "张三", "--why", "俗称")


def rows(name: str, *values: tuple[str, str, str]) -> list[tuple[str, ...]]:
    return [HEADER, *(("上海市", name, f"2026-07-{day} 04:00", tp, nh, "正常") for day, tp, nh in values)]


@pytest.fixture
def two(call: Call, write_text: Write) -> Call:
    one = write_text(rows("太浦河桥", ("01", "0.1", "0.2"), ("02", "0.3", "0.4")), "甲.csv")
    other = write_text(rows("太浦河大桥", ("02", "0.3", "0.5"), ("03", "0.6", "0.7")), "乙.csv")
    assert call("import", str(one), str(other)).code == 0
    return call


def values(store: Store, code: str, indicator: str = "w21011", **known: Any) -> list[tuple[int | None, int]]:
    return [(row[3], row[4]) for row in store.readings([code], [indicator], **known)]


def test_merging_brings_the_values_over_and_names_what_contradicts(two: Call, store: Store) -> None:
    before = store.known_through()
    said = two(*MERGE)
    assert said.code == 0, said.err
    assert "2 行 ＝ 收下 2 ＋ 与已有相同 0；冲突待裁定 1" in said.out
    assert values(store, "310118_0003") == [(1, -1), (3, -1), (6, -1)]
    (conflict,) = store.conflicts()
    assert conflict.indicator == "w21003"
    assert [each.text for each in conflict.candidates] == ["0.4", "0.5"]
    assert (conflict.candidates[1].sheet, conflict.candidates[1].row) == ("《乙.csv》", 2)
    assert values(store, "310118_0003", as_known_at=before) == [(1, -1), (3, -1)]
    assert values(store, "310000:太浦河大桥") == [(3, -1), (6, -1)], "what was stored stays"
    assert all(check.ok for check in store.check())
    assert [each[:2] + each[3:] for each in store.merges()] == [("310000:太浦河大桥", "310118_0003", "张三", "俗称")]


def test_later_files_mean_the_section_that_was_kept(two: Call, store: Store, write_text: Write) -> None:
    two(*MERGE)
    assert two("import", str(write_text(rows("太浦河 大桥", ("04", "0.8", "0.9")), "丙.csv"))).code == 0
    assert values(store, "310118_0003")[-1] == (8, -1)
    with_init = store.init()
    assert not with_init
    assert "已并入 310118_0003" in two("section", "list", "大桥").out


def test_a_section_says_whom_it_concerns_and_where_it_lies(call: Call, store: Store) -> None:
    place = ("--party", "江苏省", "--party", "310000", "--party", "江苏", "--position", " 太浦河，苏沪交界 ")
    assert call("section", "add", "JS-1", "芦墟", "--province", "江苏省", "--body", "river", *place).code == 0
    (lu,) = [each for each in store.sections() if each.code == "JS-1"]
    assert (lu.parties, lu.position) == ("320000;310000", "太浦河，苏沪交界")
    (line,) = [line for line in call("section", "list", "芦墟").out.splitlines() if "JS-1" in line]
    assert "江苏、上海" in line
    assert "太浦河，苏沪交界" in line
    refused = call("section", "add", "JS-2", "平望", "--province", "江苏省", "--body", "river", "--party", "江东")
    assert refused.code == 2
    assert "省份“江东”" in refused.err
    met = call("section", "list", "太浦河桥").out
    assert "江苏、浙江、上海" in met


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("310118_0003", "310000:太浦河大桥", "随软件提供的登记表"),
        ("310000:太浦河大桥", "310000:太浦河大桥", "不能并入自己"),
        ("无", "310118_0003", "没有这个断面"),
    ],
)
def test_what_cannot_be_merged(two: Call, store: Store, old: str, new: str, why: str) -> None:
    before = store.status()
    said = two("section", "merge", old, new, "--by", "张三", "--why", "x")
    assert (said.code, why in said.err) == (2, True)
    assert store.status() == before


def test_merging_again_is_refused(two: Call) -> None:
    two(*MERGE)
    assert "已经合并过" in two(*MERGE).err


def test_evidence_is_carried_over(two: Call, store: Store, write_book: Write) -> None:
    header = ("省份", "断面", "年", "月", "取水量(m³)", "依据文号")
    path = write_book([header, ("上海市", "太浦河大桥", 2026, 7, 5, "文")], "取水.xlsx")
    assert two("import", str(path)).code == 0
    assert two(*MERGE).code == 0
    assert [(each.section_code, each.record.volume_m3) for each in store.intake_volumes()] == [
        ("310000:太浦河大桥", 5),
        ("310118_0003", 5),
    ]


def test_a_new_section_is_registered_under_all_its_names(call: Call, store: Store, write_text: Write) -> None:
    add = ("section", "add", "JS-1", "平望大桥", "--province", "江苏", "--body", "lake", "--also", "平望")
    assert call(*add, "--accept", "上海市").code == 0
    assert call("import", str(write_text(rows("平望", ("01", "0.1", "0.2"))))).code == 0
    assert values(store, "JS-1") == [(1, -1)]
    assert "平望（310000）" in call("section", "list", "JS-1").out
    again = call(*add)
    assert again.code == 2
    assert "代码已经有了" in again.err
    assert "已经指断面 JS-1" in again.err
    assert "不认识" in call("section", "add", "X", "乙", "--province", "火星", "--body", "river").err


def test_no_reading_row_changes_when_sections_merge(two: Call, folder: Path) -> None:
    def dump() -> list[Any]:
        with sqlite3.connect(folder / "compensation.db") as connection:
            return connection.execute("SELECT * FROM reading WHERE file_id <= 2 ORDER BY 1, 2, 3, 4, 5").fetchall()

    before = dump()
    two(*MERGE)
    assert dump() == before
