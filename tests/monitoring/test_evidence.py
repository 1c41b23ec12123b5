from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from compensation.errors import InputError
from compensation.monitoring import read_file
from compensation.monitoring.records import Exemption, Incident, InKind, IntakeVolume, SectionName

Write = Callable[..., Path]
INTAKE = ("断面/取水口", "年", "月", "取水量(万m³)", "依据文号")
INCIDENT = ("编号", "日期", "断面", "指标", "浓度(μg/L)", "核定应急费用(万元)", "责任比例", "承担方", "依据文号")
EXEMPTION = ("断面", "起", "止", "原因", "认定文件")
IN_KIND = ("年度", "提供方", "受益方", "类别", "内容", "认定价值(万元)", "依据文号")
EVENT = ("1号", "2026-05-12", "金泽取水口", "锑", "5.02", "186.37", "苏:4/5;浙:1/5", "沪", "文1")
GIFT = ("2026", "沪", "苏", "技术", "预警系统", "1,680.5", "文3")


def test_intake_volumes(write_book: Write) -> None:
    rows = [
        ("取水量",),
        INTAKE,
        ("金泽取水口", 2026, 1, 11185.6, "文1"),
        ("金泽取水口", 2026, "2月", "0", "文1"),
        (),
        ("注：示例",),
    ]
    parsed = read_file(write_book(rows))
    section = SectionName("金泽取水口", None)
    assert parsed.intakes == [
        IntakeVolume(section, date(2026, 1, 1), Fraction(111856000), "文1", "数据", 3),
        IntakeVolume(section, date(2026, 2, 1), Fraction(0), "文1", "数据", 4),
    ]
    assert (parsed.kinds, parsed.counts.rows_with_evidence, parsed.counts.rows_in) == (("intake",), 2, 2)


def test_a_month_with_its_year_needs_no_year_column(write_text: Write) -> None:
    header = ("取水口", "月份", "取水量(m³)", "依据文号")
    parsed = read_file(
        write_text([header, ("金泽取水口", "2026-03", "5", "文1"), ("金泽取水口", "2026年4月", "6", "文1")])
    )
    assert [(each.month, each.volume_m3) for each in parsed.intakes] == [(date(2026, 3, 1), 5), (date(2026, 4, 1), 6)]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("", "2026", "1", "5", "文1"), 1),
        (("甲", "2026", "13", "5", "文1"), 3),
        (("甲", "2026", "", "5", "文1"), 3),
        (("甲", "二六", "1", "5", "文1"), 3),
        (("甲", "2026", "1", "-5", "文1"), 4),
        (("甲", "2026", "1", "约5", "文1"), 4),
        (("甲", "2026", "1", "", "文1"), 4),
        (("甲", "2026", "1", "5", ""), 5),
    ],
)
def test_a_bad_volume_is_refused_at_its_cell(write_text: Write, row: tuple[str, ...], column: int) -> None:
    parsed = read_file(write_text([INTAKE, row, ("乙", "2026", "1", "5", "文1")]))
    assert [(each.row, each.column, each.blocking) for each in parsed.refused] == [(2, column, True)]
    assert len(parsed.intakes) == 1


def test_an_amount_without_a_unit_is_refused(write_text: Write) -> None:
    with pytest.raises(InputError, match="没有写单位"):
        read_file(write_text([("取水口", "年", "月", "取水量", "依据文号"), ("甲", "2026", "1", "5", "文1")]))


def test_incidents(write_text: Write) -> None:
    parsed = read_file(write_text([INCIDENT, EVENT, (*EVENT[:3], "", "", *EVENT[5:6], "苏：70%、浙：30%", *EVENT[7:])]))
    assert parsed.incidents[0] == Incident(
        number="1号",
        day=date(2026, 5, 12),
        section=SectionName("金泽取水口", None),
        indicator="w20004",
        concentration_mg_per_l=Fraction(502, 10**5),
        cost_yuan=Fraction(1863700),
        responsibility=(("苏", Fraction(4, 5)), ("浙", Fraction(1, 5))),
        cost_bearer="沪",
        document="文1",
        sheet="",
        row=2,
    )
    assert parsed.incidents[1].responsibility == (("苏", Fraction(7, 10)), ("浙", Fraction(3, 10)))
    assert (parsed.incidents[1].indicator, parsed.incidents[1].concentration_mg_per_l) == (None, None)


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (0, ""),
        (1, "2026-02-30"),
        (1, ""),
        (3, "某物"),
        (4, "很高"),
        (5, ""),
        (6, "苏:4/5;浙:2/5"),
        (6, "苏:1/2;苏:1/2"),
        (6, "苏占大头"),
        (6, "苏:1/0;浙:1/1"),
        (6, ""),
        (7, ""),
        (8, ""),
    ],
)
def test_a_bad_incident_is_refused_at_its_cell(write_text: Write, index: int, text: str) -> None:
    row = (*EVENT[:index], text, *EVENT[index + 1 :])
    parsed = read_file(write_text([INCIDENT, row]))
    assert not parsed.incidents
    assert [each.column for each in parsed.blocking] == [index + 1]


def test_a_concentration_of_what_is_no_concentration_is_refused(write_text: Write) -> None:
    parsed = read_file(write_text([INCIDENT, (*EVENT[:3], "水温", *EVENT[4:])]))
    assert [each.column for each in parsed.blocking] == [5]


def test_every_fault_of_a_row_is_told_and_the_row_counted_once(write_text: Write) -> None:
    parsed = read_file(write_text([INCIDENT, ("", "昨天", *EVENT[2:6], "苏", "", "文1")]))
    assert [each.column for each in parsed.blocking] == [1, 2, 7, 8]
    assert (parsed.counts.rows_in, parsed.counts.rows_refused) == (1, 1)


def test_exemptions(write_text: Write) -> None:
    rows = [("示例，仅供参考的说明文字",), EXEMPTION, ("太浦河桥", "2026-06-18", "2026年6月26日", "顶托回流", "文2")]
    parsed = read_file(write_text([*rows, ("太浦河桥", "2026-06-18", "2026-06-17", "洪水", "文2")]))
    section = SectionName("太浦河桥", None)
    assert parsed.exemptions == [Exemption(section, date(2026, 6, 18), date(2026, 6, 26), "顶托回流", "文2", "", 3)]
    assert [(each.row, each.column) for each in parsed.blocking] == [(4, 3)]


@pytest.mark.parametrize("first", ["2026-06", "06-18", "2026-02-30", "2026.06.18~06.26"])
def test_an_exemption_needs_whole_dates(write_text: Write, first: str) -> None:
    parsed = read_file(write_text([EXEMPTION, ("太浦河桥", first, "2026-06-26", "洪水", "文2")]))
    assert [each.column for each in parsed.blocking] == [2]


def test_in_kind(write_text: Write) -> None:
    quoted = (*GIFT[:5], f'"{GIFT[5]}"', GIFT[6])
    parsed = read_file(write_text([IN_KIND, quoted, ("2026年度", "沪", "浙", "人才", "培训", "86.5", "文3")]))
    assert parsed.in_kind[0] == InKind(2026, "沪", "苏", "technology", "预警系统", Fraction(16805000), "文3", "", 2)
    assert (parsed.in_kind[1].year, parsed.in_kind[1].kind) == (2026, "talent")


@pytest.mark.parametrize(("index", "text"), [(0, "26"), (1, ""), (2, "沪"), (3, "资金"), (5, "-1"), (6, "")])
def test_a_bad_contribution_is_refused_at_its_cell(write_text: Write, index: int, text: str) -> None:
    row = (*GIFT[:5], "1680", GIFT[6])
    parsed = read_file(write_text([IN_KIND, (*row[:index], text, *row[index + 1 :])]))
    assert not parsed.in_kind
    assert [each.column for each in parsed.blocking] == [index + 1]
