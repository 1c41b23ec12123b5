"""Seeded monitoring files of any size: long xlsx, wide CSV of national stations, and the stations of a Taipu year."""

import csv
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from compensation.demo.book import Cell, Number, Sheet, workbook_bytes
from compensation.demo.evidence import evidence_files
from compensation.demo.generator import DEFAULT_SEED
from compensation.demo.hand import hand_files
from compensation.demo.station import COLUMNS

TAIPU_STATIONS = (
    ("江苏省", "太浦闸下"),
    ("上海市", "汾湖大桥(界标)"),
    ("上海市", "太浦河桥"),
    ("上海市", "金泽取水口"),
)
WIDE_HEADER = ("省份", "断面名称", "监测时间", *COLUMNS.values(), "叶绿素α(mg/L)", "藻密度(cells/L)")
# Lowest, highest and decimals of each column, about where the public feed has them.
RANGES = ((4, 30, 2), (7, 8, 2), (6, 11, 2), (200, 600, 1), (5, 60, 1), (2, 6, 2), (0, 1, 3), (0, 0, 3), (1, 3, 3))
LONG_HEADER = ("省份", "断面名称", "监测时间", "监测项目", "监测值", "单位")
LONG_INDICATORS = (("溶解氧", "mg/L"), ("高锰酸盐指数", "mg/L"), ("氨氮", "mg/L"), ("总磷", "mg/L"), ("总氮", "mg/L"))
STATIONS = 1000
PROVINCES = ("江苏省", "浙江省", "上海市", "安徽省", "湖北省", "四川省")
NATIONAL_SECTIONS = 3646
READINGS_A_DAY = NATIONAL_SECTIONS * 6 * len(RANGES)


def long_xlsx(path: Path, rows: int, seed: int = 1) -> Path:
    """A long table of `rows` values: a row for each."""
    chance = random.Random(seed)
    table: list[Sequence[Cell]] = [LONG_HEADER]
    for number in range(rows):
        step, (name, unit) = divmod(number, len(LONG_INDICATORS))[0], LONG_INDICATORS[number % len(LONG_INDICATORS)]
        when = datetime(2026, 1, 1) + timedelta(hours=4 * (step // STATIONS))
        value = Number(f"{chance.randint(1, 9999) / 1000:.3f}")
        table.append(("浙江省", f"测站{step % STATIONS:04d}", f"{when:%Y-%m-%d %H:%M}", name, value, unit))
    path.write_bytes(workbook_bytes("监测结果", [Sheet("数据", table)]))
    return path


def wide_rows(stations: Sequence[tuple[str, str]], times: Sequence[datetime], seed: int) -> Iterator[Sequence[str]]:
    """A row for each station and time."""
    chance = random.Random(seed)
    for when in times:
        for province, station in stations:
            numbers = [f"{low + chance.random() * max(high - low, 0.1):.{places}f}" for low, high, places in RANGES]
            algae = (f"{chance.random() / 50:.4f}", str(chance.randint(10_000, 900_000)))
            yield (province, station, f"{when:%Y-%m-%d %H:%M}", *numbers, *algae)


def wide_csv(path: Path, rows: Iterator[Sequence[str]]) -> Path:
    """The rows under the header of the public feed, UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(WIDE_HEADER)
        writer.writerows(rows)
    return path


def taipu_files(folder: Path, a_day: int = 30) -> tuple[Path, list[Path]]:
    """The stations of a whole Taipu year, `a_day` rows a day each, and the other files that a settlement needs."""
    step = timedelta(minutes=24 * 60 // a_day)
    times = [datetime(2026, 1, 1) + step * number for number in range(365 * a_day)]
    stations = wide_csv(folder / "自动站_2026.csv", wide_rows(TAIPU_STATIONS, times, seed=2))
    others = []
    for name, content in (*hand_files(2026), *evidence_files(2026, DEFAULT_SEED)):
        others.append(folder / name)
        others[-1].write_bytes(content)
    return stations, others


def national_csv(path: Path, rows: int, seed: int = 3) -> Path:
    """A day file of `rows` rows."""
    stations = [("浙江省", f"测站{number:04d}") for number in range(STATIONS)]
    times = [datetime(2026, 7, 1) + timedelta(hours=4 * number) for number in range(-(-rows // STATIONS))]
    taken = (row for number, row in enumerate(wide_rows(stations, times, seed)) if number < rows)
    return wide_csv(path, taken)


def national_day(folder: Path, day: int, seed: int = 4) -> Path:
    """The file of one day (from 0, the first of 2026) of all national sections: 196,884 readings at six times."""
    start = datetime(2026, 1, 1) + timedelta(days=day)
    times = [start + timedelta(hours=4 * number) for number in range(6)]
    sections = [(PROVINCES[number % len(PROVINCES)], f"国控{number:04d}") for number in range(NATIONAL_SECTIONS)]
    path = folder / f"全国_{start:%Y%m%d}.csv"
    rows = (row[: 3 + len(RANGES)] for row in wide_rows(sections, times, seed + day))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(WIDE_HEADER[: 3 + len(RANGES)])
        writer.writerows(rows)
    return path
