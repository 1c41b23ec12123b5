import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest
from python_calamine import CalamineWorkbook

from compensation.quality.classes import parse_class
from compensation.quality.published import Cause, check_class, feed_class
from compensation.quality.standard import AUTOMATIC_STATION, Body, indicator_by_name

Key = tuple[str, str, str]  # province, section, time
BODIES: tuple[Body, Body] = ("river", "lake")

# Rows of the real files whose published class cannot follow from the values stored beside it: 4E-3 was cut to 4.
LOST_EXPONENT: dict[Key, str] = {
    ("福建省", "武夷山兴田", "2026-07-07 05:00"): "w21003",
    ("福建省", "武夷山兴田", "2026-07-04 15:00"): "w21003",
    ("新疆维吾尔自治区", "赛湖2", "2026-07-07 03:00"): "w21011",
    ("新疆维吾尔自治区", "赛湖2", "2026-07-07 01:00"): "w21011",
    ("云南省", "红旗桥", "2026-07-06 14:00"): "w21003",
    ("山西省", "王家庄", "2026-07-06 14:00"): "w21003",
}


class Row(NamedTuple):
    key: Key
    values: Mapping[str, Fraction]
    published: int


@pytest.mark.real
def test_the_class_of_every_row_of_the_sample_is_reproduced(shared_dir: Path) -> None:
    with (shared_dir / "domain/class_check_sample_cnemc.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 1281
    disagreeing = []
    for row in rows:
        values = {code_of(name): Fraction(row[name]) for name in ("pH", "DO", "CODMn", "NH3N", "TP")}
        body: Body = "lake" if row["tp_limit_type_inferred"] == "lake" else "river"
        if check_class(values, body, int(row["published_class(1-6)"])).cause is not Cause.NONE:
            disagreeing.append(row)
    assert disagreeing == []


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "complete"),
    [
        ("cnemc_2026_taipu_bridge.csv", 493),
        ("cnemc_2026_border_sections.csv", 8217),
        ("cnemc_2026_days/National_Water_20260709.csv", 1094),
        ("cnemc_2026_days/National_Water_20260810.csv", 18943),
        ("国控断面水质_20260701_20260708.xlsx", 32955),
    ],
)
def test_real_files_disagree_only_in_the_rows_explained_one_by_one(shared_dir: Path, name: str, complete: int) -> None:
    rows = list(complete_rows(table(shared_dir / "data" / name)))
    assert len(rows) == complete
    found = {}
    for section in by_section(rows):
        body = body_of(section)
        for row in section:
            check = check_class(row.values, body, row.published)
            if check.cause is not Cause.NONE:
                assert (check.cause, check.suspects) == (Cause.LOST_EXPONENT, (LOST_EXPONENT.get(row.key),)), row
                found[row.key] = check.suspects[0]
    assert found == (LOST_EXPONENT if name.endswith(".xlsx") else {})


SOUND = {
    code: Fraction(value) for code, value in zip(AUTOMATIC_STATION, ("7.2", "8", "1.5", "0.1", "0.01"), strict=True)
}


def test_a_lost_exponent_is_found_and_named() -> None:
    assert check_class(SOUND, "river", 1) == (1, 1, Cause.NONE, ())
    assert check_class({**SOUND, "w21011": Fraction(4)}, "river", 1) == (1, 6, Cause.LOST_EXPONENT, ("w21011",))


@pytest.mark.parametrize("phosphorus", ["0.4", "0.999", "10", "40"])
def test_only_a_mantissa_can_have_lost_its_exponent(phosphorus: str) -> None:
    check = check_class({**SOUND, "w21011": Fraction(phosphorus)}, "river", 1)
    assert (check.cause, check.suspects) == (Cause.UNEXPLAINED, ())


@pytest.mark.parametrize("phosphorus", ["1", "9.99"])
def test_the_least_and_the_largest_mantissa(phosphorus: str) -> None:
    assert check_class({**SOUND, "w21011": Fraction(phosphorus)}, "lake", 1).suspects == ("w21011",)


def test_one_lost_exponent_must_explain_the_whole_difference() -> None:
    both = {**SOUND, "w21003": Fraction("1.2"), "w21011": Fraction(4)}
    assert check_class(both, "river", 4).suspects == ("w21011",)
    assert check_class(both, "river", 1).cause is Cause.UNEXPLAINED


def test_a_row_published_as_worse_than_its_values_is_not_explained_by_ph_or_oxygen() -> None:
    assert check_class(SOUND, "river", 6).cause is Cause.UNEXPLAINED


def test_an_incomplete_row_is_refused() -> None:
    with pytest.raises(KeyError):
        check_class({"w21011": Fraction(1)}, "river", 3)


def code_of(name: str) -> str:
    found = indicator_by_name(name)
    assert found is not None, name
    return found.code


def table(path: Path) -> Sequence[Sequence[str]]:
    if path.suffix == ".xlsx":
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        return [[str(cell) for cell in row] for row in sheet.to_python()]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def complete_rows(cells: Sequence[Sequence[str]]) -> Iterator[Row]:
    """Rows with a class and all five indicators, which alone have a class that can be recomputed."""
    columns = {found.code: at for at, name in enumerate(cells[0]) if (found := indicator_by_name(name))}
    province, section, time, published = (cells[0].index(each) for each in ("省份", "断面名称", "监测时间", "水质类别"))
    for row in cells[1:]:
        water_class = parse_class(row[published]).water_class
        texts = {code: row[columns[code]] for code in AUTOMATIC_STATION}
        if water_class is None or not all(text.replace(".", "").isdigit() for text in texts.values()):
            continue
        values = {code: Fraction(text) for code, text in texts.items()}
        yield Row((row[province], row[section], row[time]), values, water_class)


def by_section(rows: Iterable[Row]) -> Iterable[list[Row]]:
    sections: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        sections[row.key[:2]].append(row)
    return sections.values()


def body_of(section: list[Row]) -> Body:
    """The feed does not say river or lake, but a section is one of them throughout: the one that disagrees least."""
    return min(BODIES, key=lambda body: sum(feed_class(row.values, body) != row.published for row in section))
