"""The demo year gives every clause of the draft agreement something to act on.

The monthly means are worked out here from the files themselves, in a plain way of its own, so that the year stays
what the guide says it is whatever happens to the reader or to the engine.
"""

import csv
import unicodedata
from collections import Counter, defaultdict
from datetime import date, datetime
from fractions import Fraction
from importlib.resources import files as files_of_rules
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from python_calamine import CalamineWorkbook

from compensation.demo import generate

PERMANGANATE, AMMONIA, PHOSPHORUS = "高锰酸盐指数(mg/L)", "氨氮(mg/L)", "总磷(mg/L)"
CLASS_III = {PERMANGANATE: Fraction(6), AMMONIA: Fraction(1), PHOSPHORUS: Fraction(1, 5)}
CLASS_II = {PERMANGANATE: Fraction(4), AMMONIA: Fraction(1, 2), PHOSPHORUS: Fraction(1, 10)}
LAKE, FENHU, BRIDGE, JINZE = "太浦闸下", "汾湖大桥(界标)", "太浦河桥", "金泽取水口"
BACKWATER = (date(2026, 6, 18), date(2026, 6, 26))


class Row(NamedTuple):
    time: datetime
    cells: dict[str, str]
    fetched: str


Months = dict[int, Fraction]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {path.name: path for path in generate(tmp_path_factory.mktemp("demo"))}


@pytest.fixture(scope="module")
def stations(files: dict[str, Path]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for name, path in files.items():
        if "自动站" in name:
            for row in station_rows(path):
                rows[row.cells["断面名称"]].append(row)
    return rows


def station_rows(path: Path) -> list[Row]:
    tables = csv_tables(path) if path.suffix == ".csv" else xlsx_tables(path)
    rows = []
    for title, header, *body in tables:
        assert "示例数据" in title[0]
        for cells in body:
            named = dict(zip(header, cells, strict=False))
            if named.get("断面名称"):
                rows.append(Row(moment(named), named, named.get("抓取时间", "")))
    return rows


def csv_tables(path: Path) -> list[list[list[str]]]:
    encoding = "utf-8-sig" if path.read_bytes().startswith(b"\xef\xbb\xbf") else "gb18030"
    return [list(csv.reader(path.read_text(encoding).splitlines()))]


def xlsx_tables(path: Path) -> list[list[list[str]]]:
    book = CalamineWorkbook.from_path(path)
    return [
        [[as_text(cell) for cell in row] for row in book.get_sheet_by_name(name).to_python()]
        for name in book.sheet_names
    ]


def as_text(cell: object) -> str:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d} 00:00"
    return str(cell)


def moment(cells: dict[str, str]) -> datetime:
    text = cells["监测时间"].replace("/", "-")
    return datetime.strptime(f"{cells['year']}-{text}" if "year" in cells else text, "%Y-%m-%d %H:%M")


def number(text: str) -> Fraction | None:
    return None if text in ("", "--", "*") else Fraction(unicodedata.normalize("NFKC", text))


def daily(rows: list[Row], indicator: str, left_out: tuple[date, date] | None = None) -> dict[date, Fraction]:
    """Means of days with at least four of six values, the last published value of each time counting."""
    latest = {row.time: row for row in rows if row.cells["站点情况"] == "正常"}
    values: dict[date, list[Fraction]] = defaultdict(list)
    for time, row in latest.items():
        value = number(row.cells[indicator])
        if value is not None and not (left_out and left_out[0] <= time.date() <= left_out[1]):
            values[time.date()].append(value)
    return {day: sum(each, Fraction(0)) / len(each) for day, each in values.items() if len(each) >= 4}


def monthly(rows: list[Row], indicator: str, left_out: tuple[date, date] | None = None) -> Months:
    days = daily(rows, indicator, left_out)
    months: dict[int, list[Fraction]] = defaultdict(list)
    for day, value in days.items():
        months[day.month].append(value)
    assert all(len(values) >= 20 for values in months.values())
    return {month: sum(values, Fraction(0)) / len(values) for month, values in months.items()}


def multiple(months: Months, month: int, indicator: str) -> Fraction:
    return months[month] / CLASS_III[indicator] - 1


def test_every_station_has_twelve_valid_months(stations: dict[str, list[Row]]) -> None:
    assert set(stations) == {LAKE, FENHU, BRIDGE, JINZE}
    for rows in stations.values():
        for indicator in CLASS_III:
            assert set(monthly(rows, indicator)) == set(range(1, 13))


def test_one_boundary_section_misses_its_annual_class(stations: dict[str, list[Row]]) -> None:
    year = {
        section: sum(monthly(stations[section], PERMANGANATE, BACKWATER).values(), Fraction(0)) / 12
        for section in (FENHU, BRIDGE)
    }
    assert year[FENHU] > Fraction("6.15")
    assert year[BRIDGE] < 4


def test_the_index_is_above_one_at_one_section_and_below_at_the_other(stations: dict[str, list[Row]]) -> None:
    text = (files_of_rules("rules") / "agreements" / "taipu-draft.yaml").read_text(encoding="utf-8")
    (measure,) = [
        clause["measure"]
        for clause in yaml.load(text, yaml.BaseLoader)["payment"]["clauses"]
        if clause["principle"] == "protector_compensated"
    ]
    index = {
        section: sum(
            Fraction(measure["weights"][name]["value"])
            * sum(monthly(stations[section], f"{name}(mg/L)", BACKWATER).values(), Fraction(0))
            / 12
            / Fraction(baseline["value"])
            for name, baseline in measure["baseline"][section].items()
        )
        for section in (FENHU, BRIDGE)
    }
    assert Fraction("0.5") < index[BRIDGE] < Fraction("0.95")
    assert Fraction("1.05") < index[FENHU] < 2


def test_ammonia_in_february_passes_half_the_limit_again(stations: dict[str, list[Row]]) -> None:
    months = monthly(stations[FENHU], AMMONIA)
    assert Fraction(1, 2) < multiple(months, 2, AMMONIA) < 1
    assert all(multiple(months, month, AMMONIA) < 0 for month in months if month != 2)


def test_the_lake_is_as_bad_as_the_boundary_in_august_only(stations: dict[str, list[Row]]) -> None:
    lake, boundary = (monthly(stations[section], PHOSPHORUS) for section in (LAKE, FENHU))
    assert lake[8] > boundary[8] > CLASS_III[PHOSPHORUS]
    assert [month for month in boundary if boundary[month] > CLASS_III[PHOSPHORUS]] == [8]
    # Nothing else exceeds in August, so the correction alone decides that month.
    assert monthly(stations[FENHU], PERMANGANATE)[8] < Fraction("5.95")
    assert all(value < CLASS_III[PERMANGANATE] for value in monthly(stations[LAKE], PERMANGANATE).values())
    assert all(value < CLASS_III[AMMONIA] for value in monthly(stations[LAKE], AMMONIA).values())


def test_the_exemption_turns_june_from_exceeding_to_met(stations: dict[str, list[Row]]) -> None:
    assert monthly(stations[BRIDGE], AMMONIA)[6] > Fraction("1.01")
    assert monthly(stations[BRIDGE], AMMONIA, BACKWATER)[6] < CLASS_II[AMMONIA]
    assert len([day for day in daily(stations[BRIDGE], AMMONIA, BACKWATER) if day.month == 6]) >= 20


def test_september_at_the_bridge_is_charged(stations: dict[str, list[Row]]) -> None:
    bridge = monthly(stations[BRIDGE], PHOSPHORUS)
    assert [month for month in bridge if bridge[month] > CLASS_III[PHOSPHORUS]] == [9]
    assert monthly(stations[LAKE], PHOSPHORUS)[9] < bridge[9]


def test_the_intake_meets_each_coefficient(stations: dict[str, list[Row]]) -> None:
    months = {indicator: monthly(stations[JINZE], indicator) for indicator in CLASS_III}
    classes = Counter(
        "worse"
        if any(months[code][month] > CLASS_III[code] for code in CLASS_III)
        else "III"
        if any(months[code][month] > CLASS_II[code] for code in CLASS_II)
        else "I-II"
        for month in range(1, 13)
    )
    assert classes == {"I-II": 6, "III": 5, "worse": 1}


def test_one_antimony_sample_is_above_the_limit_and_matches_the_incident(files: dict[str, Path]) -> None:
    ((_, header, *rows),) = csv_tables(files["示例数据_人工采样_金泽取水口锑_2026.csv"])
    assert header == ["断面名称", "采样时间", "指标", "数值", "单位", "备注"]
    above = [row for row in rows if not row[3].endswith("L") and Fraction(row[3]) > 5]
    assert [(row[1], row[3], row[4]) for row in above] == [("2026-05-12 09:30", "5.02", "μg/L")]
    ((_, names, incident, *_),) = xlsx_tables(files["示例数据_突发事件_2026.xlsx"])
    named = dict(zip(names, incident, strict=True))
    assert (named["日期"], named["断面"], named["浓度(mg/L)"]) == ("2026-05-12 00:00", JINZE, "0.00502")
    assert sum(Fraction(part.partition(":")[2]) for part in named["责任比例"].split(";")) == 1
    ((_, names, _, *rows, _, _, _, _),) = xlsx_tables(files["示例数据_人工采样_嘉善平湖取水口_2026.xlsx"])
    antimony = [row[names.index("锑")] for row in rows]
    assert "0.0005L" in antimony
    assert all(text.endswith("L") or Fraction(text) <= Fraction("0.005") for text in antimony)


def test_contributions_in_kind_pass_a_fifth_of_what_shanghai_can_owe(files: dict[str, Path]) -> None:
    ((_, header, *rows),) = csv_tables(files["示例数据_多元化补偿_2026.csv"])
    given = sum(Fraction(row[header.index("认定价值(万元)")]) for row in rows if row[1] == "沪")
    # 5,000 to the fund, at most 4,000 at the bridge, and all the water of the year at the full price.
    water = Fraction(351 * 365) * Fraction(2, 100) * Fraction(106, 100)
    assert given > (5000 + 4000 + water) / 5
    assert {row[3] for row in rows} == {"技术", "人才", "产业"}


def test_volumes_cover_both_intakes_and_all_months(files: dict[str, Path]) -> None:
    ((_, header, *rows),) = xlsx_tables(files["示例数据_取水量_2026.xlsx"])
    assert header == ["断面", "年", "月", "取水量(万m³)", "依据文号"]
    taken = [row for row in rows if row[0] in (JINZE, "嘉善平湖取水口")]
    assert len({(row[0], row[2]) for row in taken}) == 24
    jinze = sum(Fraction(row[3]) for row in taken if row[0] == JINZE)
    assert abs(jinze / (351 * 365) - 1) < Fraction(1, 20)


def test_the_faults_of_real_files_are_there(stations: dict[str, list[Row]], files: dict[str, Path]) -> None:
    rows = [row for each in stations.values() for row in each]
    assert {row.cells["站点情况"] for row in rows} == {"正常", "维护", "停站"}
    garbage = {number(row.cells[PHOSPHORUS]) for row in rows if row.cells["站点情况"] == "维护"}
    assert garbage == {Fraction("1.45")}
    assert any(row.cells[PHOSPHORUS] == "--" for row in rows if row.cells["站点情况"] == "正常")
    assert any("．" in row.cells["pH(无量纲)"] for row in stations[BRIDGE])
    outage = {row.time.date() for row in stations[BRIDGE]}
    assert not any(date(2026, 10, day) in outage for day in range(5, 11))
    hand = [
        as_text(cell)
        for table in xlsx_tables(files["示例数据_人工采样_嘉善平湖取水口_2026.xlsx"])
        for row in table
        for cell in row
    ]
    assert {"0.025L", "<0.025", "-1", "０．０８６", "2026年10月13日"} <= set(hand)


def test_a_repeat_differs_only_where_a_later_fetch_explains_it(stations: dict[str, list[Row]]) -> None:
    identical = revised = 0
    for rows in stations.values():
        by_time: dict[datetime, list[Row]] = defaultdict(list)
        for row in rows:
            by_time[row.time].append(row)
        for first, *later in by_time.values():
            for row in later:
                same = {k: v for k, v in row.cells.items() if k != "抓取时间"} == {
                    k: v for k, v in first.cells.items() if k != "抓取时间"
                }
                identical += same
                revised += not same
                assert same or row.fetched > first.fetched
    assert identical > 20
    assert revised > 10
