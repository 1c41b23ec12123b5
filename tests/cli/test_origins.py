"""From a daily value to the cells of the file it came from: by the links of the workbook, read back from the files."""

import csv
import hashlib
import re
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cli.conftest import Call, Desk
from python_calamine import CalamineWorkbook

BRIDGE = "太浦河桥"


class Book(NamedTuple):
    """A workbook as a program sees it that follows links: values by sheet, and links by sheet and cell."""

    values: dict[str, list[list[Any]]]
    links: dict[str, dict[str, str]]

    def at(self, location: str) -> list[Any]:
        """The row that a link leads to."""
        sheet, row = re.fullmatch(r"'(.+)'!\$?[A-Z]+\$?([0-9]+)", location).groups()  # type: ignore[union-attr]
        return self.values[sheet][int(row) - 1]


def opened(path: Path) -> Book:
    read = CalamineWorkbook.from_path(str(path))
    values = {name: read.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in read.sheet_names}
    links = {}
    with zipfile.ZipFile(path) as archive:
        for number, name in enumerate(read.sheet_names, start=1):
            xml = archive.read(f"xl/worksheets/sheet{number}.xml").decode()
            found = re.findall(r"<hyperlink [^>]*>", xml)
            links[name] = {
                re.search(r' ref="([^"]+)"', each)[1]: re.search(r' location="([^"]+)"', each)[1]  # type: ignore[index]
                for each in found
            }
    return Book(values, links)


@pytest.fixture(scope="module")
def written(settled_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traced")
    (folder / "compensation.db").write_bytes((settled_folder / "compensation.db").read_bytes())
    said = Desk(folder).run("sheet", "--out", "结算.xlsx", "--with-readings")
    assert said.code == 0, said.err
    assert hashlib.sha256((folder / "结算.xlsx").read_bytes()).hexdigest() in said.out
    return folder / "结算.xlsx"


@pytest.fixture(scope="module")
def book(written: Path) -> Book:
    return opened(written)


def text_rows(files: list[Path], name: str) -> list[list[str]]:
    path = next(each for each in files if each.name == name)
    content = path.read_bytes()
    text = content.decode("utf-8-sig") if content.startswith(b"\xef\xbb\xbf") else content.decode("gb18030")
    return list(csv.reader(text.splitlines()))


def test_a_daily_value_leads_to_the_rows_it_is_the_mean_of(book: Book, year_of_files: list[Path]) -> None:
    daily = book.values["日均值"]
    column = daily[4].index(BRIDGE) + 1  # ammonia stands second of the three
    followed = 0
    for number, row in enumerate(daily[6:], start=7):
        if not isinstance(row[column], float) or number % 10:
            continue
        line = book.at(book.links["日均值"][f"{chr(65 + column)}{number}"])
        section, day, what, count, file, _, first, last = line
        assert (section, day) == (BRIDGE, f"{row[0]:%Y-%m-%d}")
        assert "氨氮" in what
        name = book.values["数据来源"][4 + int(file)][1]
        rows = text_rows(year_of_files, name)
        head = next(each for each in rows if "断面名称" in each)
        cells = rows[int(first) - 1 : int(last)]
        assert {each[head.index("断面名称")] for each in cells} == {BRIDGE}
        kept = [each for each in cells if each[-1] == "正常"]
        values = [
            Fraction(each[head.index("氨氮(mg/L)")]) for each in kept if each[head.index("氨氮(mg/L)")] not in "--*"
        ]
        if len(values) == len(kept) == len({each[head.index("监测时间")] for each in kept}):
            assert row[column] == pytest.approx(float(sum(values) / len(values)), rel=1e-12)
            followed += 1
        assert count >= len(values)
    assert followed > 15


def test_a_volume_leads_to_its_row(book: Book) -> None:
    water = book.values["水量与取水"]
    linked = [cell for cell in book.links["水量与取水"] if cell.startswith("C")]
    assert len(linked) == 24
    for cell in linked:
        line = book.at(book.links["水量与取水"][cell])
        label, value = water[int(cell[1:]) - 1][1:3]
        assert label == f"{line[0]} {line[1]} 取水量"
        assert line[6] == line[7] > 1
        assert value > 0


@pytest.mark.parametrize(
    ("sheet", "what", "named"),
    [("事件", "突发事件", 2), ("多元化补偿", "多元化补偿", 5), ("免责与剔除", "免责认定", 6)],
)
def test_a_fact_leads_to_its_row(book: Book, year_of_files: list[Path], sheet: str, what: str, named: int) -> None:
    """`named` is a column whose words the row of the file has too."""
    led = {cell: book.at(place) for cell, place in book.links[sheet].items() if "来源行" in place and cell[0] == "A"}
    assert len(led) > 0
    for cell, line in led.items():
        assert line[2].startswith(what)
        assert line[6] == line[7]
        words = book.values[sheet][int(cell[1:]) - 1][named - 1]
        name = book.values["数据来源"][4 + int(line[4])][1]
        path = next(each for each in year_of_files if each.name == name)
        if path.suffix == ".csv":
            rows: list[list[Any]] = [*text_rows(year_of_files, name)]
        else:
            rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(line[5]).to_python(skip_empty_area=False)
        assert words in rows[int(line[6]) - 1]


def test_every_reading_stands_in_the_cell_that_is_named(book: Book, year_of_files: list[Path]) -> None:
    readings = book.values["原始读数"][5:]
    assert len(readings) > 20_000
    names = {row[0]: row[1] for row in book.values["数据来源"][5:] if row[1]}
    rows = {name: text_rows(year_of_files, name) for name in names.values() if name.endswith(f"{BRIDGE}_2026.csv")}
    compared = 0
    for section, _, _, _, _, value, _, file, _, row, column in readings:
        if section == BRIDGE and names[file] in rows:
            text = rows[names[file]][int(row) - 1][int(column) - 1]
            if isinstance(value, float):
                assert Fraction(text) == Fraction(str(value))
                compared += 1
    assert compared > 5_000


def test_the_rows_of_a_day_lead_to_its_first_reading(book: Book) -> None:
    links = book.links["来源行"]
    counted = [cell for cell in links if cell.startswith("D")]
    assert len(counted) > 1_000
    for cell in counted[::97]:
        line = book.values["来源行"][int(cell[1:]) - 1]
        first = book.at(links[cell])
        assert first[0] == line[0]
        assert line[2].startswith(first[1])
        assert f"{first[3]:%Y-%m-%d}" == line[1]


def test_the_same_bytes_again_and_without_readings_no_sheet_of_them(
    desk: Desk, call: Callable[..., Call], written: Path
) -> None:
    assert call("sheet", "--out", "again.xlsx", "--with-readings").code == 0  # type: ignore[attr-defined]
    assert (desk.folder / "again.xlsx").read_bytes() == written.read_bytes()
    assert call("sheet", "--out", "plain.xlsx").code == 0  # type: ignore[attr-defined]
    with zipfile.ZipFile(desk.folder / "plain.xlsx") as archive:
        names = re.findall('<sheet [^>]*name="([^"]+)"', archive.read("xl/workbook.xml").decode())
    assert "来源行" in names
    assert "原始读数" not in names
