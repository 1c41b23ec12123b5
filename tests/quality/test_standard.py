import csv
from fractions import Fraction
from pathlib import Path

import pytest

from compensation.quality.standard import (
    ANTIMONY,
    PH,
    TEMPERATURE,
    TOTAL_NITROGEN,
    TOTAL_PHOSPHORUS,
    Body,
    Direction,
    assessed_codes,
    drinking_limit,
    indicator,
    indicator_by_name,
    indicators,
    limits,
)

BODIES: tuple[Body, Body] = ("river", "lake")


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def code_of(text: str) -> str:
    found = indicator_by_name(text)
    assert found is not None, text
    return found.code


def test_table_1_has_24_items_of_which_21_are_assessed() -> None:
    table = [code for code, each in indicators().items() if each.table == 1]
    assert len(table) == 24
    assert set(table) - set(assessed_codes()) == {TEMPERATURE, TOTAL_NITROGEN, "w02003"}
    assert len(assessed_codes()) == 21


def test_limits_agree_with_the_transcription_of_the_domain(shared_dir: Path) -> None:
    seen = set()
    for row in rows(shared_dir / "domain/gb3838_2002_table1.csv"):
        code = code_of(row["item"])
        seen.add(code)
        if code == TEMPERATURE:
            continue
        body: Body = "lake" if "湖" in row["item"] else "river"
        table = limits(code, body)
        assert table is not None, row
        assert (table.direction, indicator(code).unit) == (
            row["direction"],
            row["unit"],
        )
        if table.direction is Direction.WITHIN:
            assert {row[each] for each in ("I", "II", "III", "IV", "V")} == {"6~9"}
            assert table.bounds == (Fraction(6), Fraction(9))
        else:
            texts = [row[each].partition("(")[0] for each in ("I", "II", "III", "IV", "V")]
            assert table.bounds == tuple(map(Fraction, texts)), row
    assert seen == {code for code, each in indicators().items() if each.table == 1}


def test_drinking_limits_agree_with_the_transcription_of_the_domain(shared_dir: Path) -> None:
    table = rows(shared_dir / "domain/gb3838_2002_table2_3_metals.csv")
    for row in table:
        code = code_of(row["item"])
        assert drinking_limit(code) == Fraction(row["limit_mg_L"])
        assert f"表{indicator(code).table}" == row["table"]
    assert len(table) == sum(drinking_limit(code) is not None for code in indicators())


def test_codes_and_decimals_agree_with_the_domain(shared_dir: Path) -> None:
    for row in rows(shared_dir / "domain/factor_codes_and_decimals.csv"):
        found = indicator(row["hj212_code"])
        assert code_of(row["factor"]) == found.code
        as_text = ["" if each is None else str(each) for each in (found.hourly_decimals, found.assessment_decimals)]
        assert as_text == [row["hourly_decimals"], row["assessment_decimals"]], row


def test_phosphorus_differs_by_body_and_nitrogen_is_limited_in_lakes_alone() -> None:
    river, lake = (limits(TOTAL_PHOSPHORUS, body) for body in BODIES)
    assert river is not None and lake is not None
    assert all(tight < loose for tight, loose in zip(lake.bounds, river.bounds, strict=True))
    assert limits(TOTAL_NITROGEN, "river") is None
    assert limits(TOTAL_NITROGEN, "lake") is not None


@pytest.mark.parametrize("code", [TEMPERATURE, ANTIMONY, "w01014"])
def test_no_class_limit_where_table_1_sets_none(code: str) -> None:
    assert [limits(code, body) for body in BODIES] == [None, None]


def test_an_unknown_code_is_refused() -> None:
    for ask in (lambda: indicator("w99999"), lambda: limits("w99999", "river"), lambda: drinking_limit("w99999")):
        with pytest.raises(KeyError):
            ask()


def test_a_two_sided_limit_is_not_one_number_and_there_is_no_sixth_limit() -> None:
    ph, phosphorus = limits(PH, "river"), limits(TOTAL_PHOSPHORUS, "river")
    assert ph is not None and phosphorus is not None
    with pytest.raises(ValueError, match="two-sided"):
        ph.of_class(3)
    for outside in (0, 6):
        with pytest.raises(ValueError, match="no limit"):
            phosphorus.of_class(outside)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("溶解氧(mg/L)", "w01009"),
        ("溶解氧（mg／L）", "w01009"),
        ("ｐＨ（无量纲）", "w01001"),
        ("高锰酸钾", "w01019"),
        ("高锰酸盐指数", "w01019"),
        ("CODMn", "w01019"),
        ("COD", "w01018"),
        ("氨态氮(mg/L)", "w21003"),
        ("NH₃-N", "w21003"),
        ("铬（六价）", "w20117"),
        ("总磷(以P计)", "w21011"),
        ("叶绿素α(mg/L)", "x_chlorophyll_a"),
        ("叶绿素a", "x_chlorophyll_a"),
        ("悬浮质(mg/L)", "w01012"),
        ("溶解性总有机碳(mg/L)", "x_doc"),
        ("亚硝酸盐氮(μg/L)", "x_nitrite_n"),
        (" 总 氮 ", "w21001"),
        ("w21011", "w21011"),
    ],
)
def test_names_as_files_write_them(text: str, code: str) -> None:
    assert code_of(text) == code


@pytest.mark.parametrize("text", ["", "水质类别", "氨氮等级", "总磷等级", "铬", "站点情况", "(mg/L)"])
def test_what_is_no_indicator_is_not_taken_for_one(text: str) -> None:
    assert indicator_by_name(text) is None


def test_our_own_codes_are_recognisable() -> None:
    assert all(each.code.startswith("x_") == each.code_is_own for each in indicators().values())


@pytest.mark.parametrize(
    ("code", "body", "bounds"),
    [
        ("w01009", "river", "7.5 6 5 3 2"),
        ("w01019", "river", "2 4 6 10 15"),
        ("w21003", "river", "0.15 0.5 1 1.5 2"),
        ("w21011", "river", "0.02 0.1 0.2 0.3 0.4"),
        ("w21011", "lake", "0.01 0.025 0.05 0.1 0.2"),
        ("w21001", "lake", "0.2 0.5 1 1.5 2"),
    ],
)
def test_the_limits_that_settlements_rest_on(code: str, body: Body, bounds: str) -> None:
    table = limits(code, body)
    assert table is not None
    assert table.bounds == tuple(map(Fraction, bounds.split()))
    assert drinking_limit(ANTIMONY) == Fraction("0.005")
