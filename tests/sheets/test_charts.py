"""图表: every series shows cells that hold the settlement's own figures, and can be told apart without colour."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from made_up import Year
from openpyxl import Workbook, load_workbook
from openpyxl.utils import range_boundaries

from compensation.settlement.settle import Settlement
from compensation.sheets import write_workbook


@pytest.fixture(scope="module")
def settlement(years: Callable[[int], Year]) -> Settlement:
    return years(0).settled()


@pytest.fixture(scope="module")
def book(settlement: Settlement, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    target = tmp_path_factory.mktemp("charts") / "结算.xlsx"
    write_workbook(settlement, target)
    return load_workbook(target, data_only=True)


def title(chart: Any) -> str:
    return "".join(run.t for paragraph in chart.title.tx.rich.p for run in paragraph.r)


def cells(book: Workbook, reference: str) -> list[Any]:
    sheet, _, area = reference.rpartition("!")
    left, top, right, bottom = range_boundaries(area.replace("$", ""))
    grid = book[sheet.strip("'")].iter_rows(top, bottom, left, right, values_only=True)
    return [value for row in grid for value in row]


def series(book: Workbook, chart: Any) -> dict[str, list[Any]]:
    return {cells(book, each.tx.strRef.f)[0]: cells(book, each.val.numRef.f) for each in chart.series}


def chart_of(book: Workbook, words: str) -> Any:
    return next(chart for chart in book["图表"]._charts if words in title(chart))


def test_there_is_a_chart_for_each_question(book: Workbook) -> None:
    titles = [title(chart) for chart in book["图表"]._charts]
    assert [each.partition("（")[0] for each in titles] == [
        "谁付给谁",
        "第三条补偿指数逐月与 1 的比较",
        "高锰酸盐指数月均浓度与限值",
        "氨氮月均浓度与限值",
        "总磷月均浓度与限值",
    ]


def test_concentrations_are_those_of_the_section_sheet_beside_their_limit(
    book: Workbook, settlement: Settlement
) -> None:
    shown = series(book, chart_of(book, "总磷"))
    assert set(shown.pop("Ⅲ类限值（河流）")) == {0.2}
    assert list(shown) == [section.name for section in settlement.agreement.sections]
    values = book["断面水质"]
    for name, months in shown.items():
        found = [
            row[4].value
            for row in values.iter_rows(min_row=20)
            if row[0].value == name and str(row[2].value).startswith("总磷") and str(row[1].value).startswith("2026-")
        ]
        assert months == found
        assert len(months) == 12


def test_who_pays_whom_adds_up_to_the_matrix(book: Workbook) -> None:
    shown = series(book, chart_of(book, "谁付给谁"))
    summary = book["结算汇总"]
    whole = next(row for row in range(6, 15) if summary.cell(row, 1).value == "应收合计")
    gross = summary.cell(whole, 6).value
    assert sum(sum(values) for values in shown.values()) == pytest.approx(gross / 10_000, abs=1e-6)
    assert "第一条" in shown


def test_the_index_of_each_month_stands_beside_one(book: Workbook, settlement: Settlement) -> None:
    shown = series(book, chart_of(book, "补偿指数"))
    assert shown.pop("P = 1") == [1] * 12
    clause = next(each for each in settlement.agreement.clauses if each.measure.kind == "index")
    figures, case = clause.measure.figures, settlement.case
    boundary = {section.name: section for section in settlement.agreement.sections if section.kind == "boundary"}
    assert set(shown) == set(boundary)
    for name, values in shown.items():
        for month, value in zip(case.months, values, strict=True):
            exact = Fraction(0)
            for code in case.indicators:
                mean = case.mean(boundary[name], code, month).value
                base = case.figure(figures[f"baseline.{boundary[name].code}.{code}"]).value
                exact += case.figure(figures[f"weights.{code}"]).value * mean / base  # type: ignore[operator]
            assert value == pytest.approx(float(exact), abs=0.0005 + 1e-9)


def test_series_differ_without_colour(book: Workbook) -> None:
    for chart in book["图表"]._charts:
        looks = [
            (
                each.graphicalProperties.line.dashStyle,
                each.marker.symbol if each.marker else None,
                each.graphicalProperties.pattFill.prst if each.graphicalProperties.pattFill else None,
            )
            for each in chart.series
        ]
        assert len(set(looks)) == len(looks), title(chart)


def test_a_month_without_a_value_is_a_gap_and_not_a_zero(years: Callable[[int], Year], tmp_path: Path) -> None:
    path = tmp_path / "结算.xlsx"
    write_workbook(years(2).settled(), path)
    book = load_workbook(path, data_only=True)
    chart = chart_of(book, "总磷")
    assert chart.display_blanks == "gap"
    values = [value for months in series(book, chart).values() for value in months]
    assert None in values
    assert not [value for value in values if isinstance(value, str)]
