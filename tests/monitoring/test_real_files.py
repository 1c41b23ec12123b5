"""The real files beside the checkout, as they are: what comes in is counted, and nothing is lost."""

from collections import Counter
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from compensation.monitoring import ParsedFile, ReadOptions, read_file
from compensation.monitoring.records import Method, State, Status

pytestmark = pytest.mark.real

# File: rows in, rows with readings, rows refused, empty rows, readings.
FILES = {
    "cnemc_2021_boundary_17_stations.csv": (14_051, 13_737, 314, 0, 164_844),
    "cnemc_2026_taipu_bridge.csv": (542, 542, 0, 0, 6_504),
    "cnemc_2026_border_sections.csv": (11_053, 11_053, 0, 0, 132_636),
    "cnemc_2020_2021_fenhu_taipu.csv": (90, 89, 1, 0, 1_068),
    "cnemc_2026_days/National_Water_20260709.csv": (1_490, 1_490, 0, 0, 17_880),
    "cnemc_2026_days/National_Water_20260810.csv": (24_810, 24_810, 0, 0, 297_720),
    "国控断面水质_20260701_20260708.xlsx": (41_793, 41_792, 0, 1, 501_504),
    "cnemc_2026_snapshot/water_info_上海市.xlsx": (19, 19, 0, 0, 228),
    "cnemc_2026_snapshot/water_info_江苏省.xlsx": (58, 58, 0, 0, 696),
    "cnemc_2026_snapshot/water_info_浙江省.xlsx": (47, 47, 0, 0, 564),
    "taihu_lake_monthly_2007_2015.xlsx": (864, 864, 0, 0, 13_824),
    "small_rivers_manual_2025.xlsx": (444, 444, 0, 0, 2_220),
}


def read(folder: Path, name: str) -> ParsedFile:
    return read_file(folder / "data" / name, ReadOptions(year=2026 if "snapshot" in name else None))


@pytest.mark.parametrize("name", FILES)
def test_every_file_comes_in_whole(shared_dir: Path, name: str) -> None:
    parsed = read(shared_dir, name)
    counts = parsed.counts
    found = (counts.rows_in, counts.rows_with_readings, counts.rows_refused, counts.rows_empty, len(parsed.readings))
    assert found == FILES[name]
    assert parsed.blocking == []
    assert all(each.reason for each in parsed.refused)
    assert not [column for layout in parsed.layouts for column in layout.columns if column.role.value == "未识别列"]


def test_no_file_of_the_folder_is_left_out(shared_dir: Path) -> None:
    folder = shared_dir / "data"
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in {".csv", ".xlsx"}}
    assert present == set(FILES)


def test_the_2021_feed(shared_dir: Path) -> None:
    parsed = read(shared_dir, "cnemc_2021_boundary_17_stations.csv")
    assert Counter(each.reason[:10] for each in parsed.refused) == {
        "没有监测时间，也没有": 226,
        "站点未报监测时间（-": 88,
    }
    times = [each.time for each in parsed.readings]
    assert (min(times), max(times)) == (datetime(2021, 3, 26, 20), datetime(2021, 8, 29, 8))
    assert all(each.known_at is not None and each.time <= each.known_at for each in parsed.readings)
    assert Counter(each.status for each in parsed.readings[::12]) == {
        Status.NORMAL: 13_223,
        Status.MAINTENANCE: 514,
    }
    versions: dict[tuple[str, datetime], set[tuple[int | None, int]]] = {}
    copies: Counter[tuple[str, datetime]] = Counter()
    for each in parsed.readings:
        if each.section.name == "汾湖大桥(界标)" and each.indicator == "w01019":
            copies[each.section.name, each.time] += 1
            versions.setdefault((each.section.name, each.time), set()).add((each.mantissa, each.exponent))
    assert sum(number > 1 for number in copies.values()) > 50, "the same key again is kept, not resolved"
    assert any(len(values) > 1 for values in versions.values())


def test_the_lake_in_two_units(shared_dir: Path) -> None:
    parsed = read(shared_dir, "taihu_lake_monthly_2007_2015.xlsx")
    first = {each.indicator: each for each in parsed.readings if each.row == 2}
    nitrite = first["x_nitrite_n"]
    assert nitrite.raw == "54.42"
    assert nitrite.mantissa is not None
    assert nitrite.mantissa * Fraction(10) ** nitrite.exponent == Fraction("0.05442"), "μg/L among mg/L"
    assert first["w21003"].time == datetime(2007, 1, 1)
    assert first["w21003"].method is Method.MANUAL
    assert Counter(each.raw for each in parsed.readings if each.state is State.MISSING) == {"/": 14}
    assert {each.section.name for each in parsed.readings} == {"THL00", *(f"THL{n:02}" for n in (1, 3, 4, 5, 6, 7, 8))}


def test_the_small_rivers(shared_dir: Path) -> None:
    parsed = read(shared_dir, "small_rivers_manual_2025.xlsx")
    assert {each.indicator for each in parsed.readings} == {"w01018", "w21003", "w21011", "w01019", "class"}
    assert parsed.readings[0].time == datetime(2025, 1, 2, 10, 25)
    smelly = [each for each in parsed.readings if "黑臭" in each.raw]
    assert len(smelly) == 13
    assert all(each.state is State.MISSING for each in smelly)
    assert sum(each.time.hour == each.time.minute == 0 for each in parsed.readings[::5]) == 56


def test_the_national_week(shared_dir: Path) -> None:
    parsed = read(shared_dir, "国控断面水质_20260701_20260708.xlsx")
    assert [(each.row, each.reason) for each in parsed.refused] == [(35_853, "空行")]
    classes = Counter(each.mantissa for each in parsed.readings if each.indicator == "class")
    assert classes == {1: 2_599, 2: 15_202, 3: 10_194, 4: 8_141, 5: 2_826, 6: 2_697, None: 133}
    keys = {(each.section, each.time, each.indicator) for each in parsed.readings}
    assert len(keys) < len(parsed.readings), "duplicate keys stay"
    assert all(each.section.province for each in parsed.readings)


def test_what_stopped_stations_still_say(shared_dir: Path) -> None:
    parsed = read(shared_dir, "cnemc_2020_2021_fenhu_taipu.csv")
    assert Counter(each.status for each in parsed.readings[::12]) == {
        Status.NORMAL: 83,
        Status.MAINTENANCE: 4,
        Status.STOPPED: 2,
    }
    assert {each.time.year for each in parsed.readings} == {2020, 2021}
