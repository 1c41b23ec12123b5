"""水量与取水, 事件, 多元化补偿 and the cover: every record of the evidence, and what of it is credited."""

from collections.abc import Callable
from pathlib import Path

import pytest
from made_up import Year
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from compensation.settlement.settle import Settlement
from compensation.sheets import write_workbook

WITH_RECORDS = 0


@pytest.fixture(scope="module")
def settlement(years: Callable[[int], Year]) -> Settlement:
    return years(WITH_RECORDS).settled()


@pytest.fixture(scope="module")
def path(settlement: Settlement, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records") / "结算.xlsx"
    write_workbook(settlement, path, status="定案")
    return path


def rows(sheet: Worksheet, title: str) -> list[tuple[object, ...]]:
    """The rows of the table whose title begins so, without its heads."""
    start = next(row for row in range(1, sheet.max_row + 1) if str(sheet.cell(row, 1).value).startswith(title))
    found = []
    for row in sheet.iter_rows(min_row=start + 2, values_only=True):
        if row[0] is None:
            break
        found.append(row)
    return found


def test_every_incident_and_contribution_is_listed(path: Path, settlement: Settlement) -> None:
    book, evidence = load_workbook(path, data_only=True), settlement.case.evidence
    incidents = rows(book["事件"], "一、")
    assert len(evidence.incidents) > 0
    assert {row[1] for row in incidents} == {fact.number for fact in evidence.incidents}
    assert {row[6] for row in incidents} == {fact.source for fact in evidence.incidents}
    gifts = rows(book["多元化补偿"], "一、")
    assert len(evidence.in_kind) > 0
    assert [row[4] for row in gifts] == [fact.description for fact in sorted(evidence.in_kind)]
    assert [round(row[5] * 100) for row in gifts] == [  # type: ignore[operator]
        round(fact.value_yuan * 100) for fact in sorted(evidence.in_kind)
    ]


def test_what_is_credited_and_what_lapses_is_what_was_agreed(path: Path, settlement: Settlement) -> None:
    sheet = load_workbook(path, data_only=True)["多元化补偿"]
    credits = {row[0]: row for row in rows(sheet, "二、")}
    assert any(row[3] for row in credits.values())
    for party in settlement.agreement.parties:
        given = sum(fact.value_yuan for fact in settlement.case.evidence.in_kind if fact.contributor == party.code)
        _, value, most, credit, lapsed, _ = [round((cell or 0) * 100) for cell in (0, *credits[party.short][1:6])]  # type: ignore[operator]
        assert value == round(given * 100)
        assert credit == min(value, most)
        assert credit + lapsed == value


def test_volumes_are_listed_by_intake_and_month(path: Path, settlement: Settlement) -> None:
    listed = rows(load_workbook(path, data_only=True)["水量与取水"], "取水量")
    assert len(listed) == len(settlement.case.evidence.volumes)
    assert sum(row[2] for row in listed) == pytest.approx(  # type: ignore[misc]
        float(sum(fact.volume_m3 for fact in settlement.case.evidence.volumes.values()))
    )


def test_the_cover_says_how_far_the_settlement_has_come(
    path: Path, years: Callable[[int], Year], tmp_path: Path
) -> None:
    def status(path: Path) -> str:
        sheet = load_workbook(path)["封面"]
        return next(str(row[1].value) for row in sheet.iter_rows() if row[0].value == "结算状态")

    assert status(path) == "定案"
    assert "定案" in load_workbook(path)["结算汇总"].oddHeader.right.text
    write_workbook(years(2).settled(), tmp_path / "暂算.xlsx")
    assert status(tmp_path / "暂算.xlsx") == "暂算"
    write_workbook(years(8).settled(), tmp_path / "草案.xlsx")
    assert status(tmp_path / "草案.xlsx") == "草案"
