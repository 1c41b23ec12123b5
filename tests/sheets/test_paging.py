"""Where a table begins on paper, reckoned on a sheet of rows of one height."""

import pytest
from openpyxl import Workbook

from compensation.sheets.page import Page
from compensation.sheets.paging import breaks
from compensation.sheets.plan import Plan

# An A4 page on its side holds 595 - 72 * 1.5 = 487 points; columns this narrow are not shrunk.
ROW = 48.7


def ended(*titles: int, last: int = 60, title_rows: str | None = None) -> list[int]:
    """The rows after which a page ends, of ten rows to a page and tables with titles in these rows."""
    page = Page(Plan(), "表", 2, title_rows=title_rows)
    for row in range(1, last + 1):
        page.put(row, 1, "行")
    for row in titles:
        page.table(row, "一、表", "元", 2)
    sheet = Workbook().active
    assert sheet is not None
    sheet.page_setup.orientation = "landscape"
    sheet.page_margins.top = sheet.page_margins.bottom = 0.75
    return breaks(sheet, page, dict.fromkeys(range(1, last + 1), ROW))


@pytest.mark.parametrize("title", [1, 5, 9])
def test_a_table_with_room_for_its_first_rows_stays(title: int) -> None:
    assert ended(title) == []


@pytest.mark.parametrize("title", [10, 11, 12])
def test_a_table_near_the_foot_begins_a_page(title: int) -> None:
    assert ended(title) == [title - 1]


def test_a_page_that_was_ended_is_counted_from_its_head() -> None:
    assert ended(10, 15) == [9]
    assert ended(10, 20) == [9, 19]


def test_the_further_on_the_less_is_known_of_where_pages_end() -> None:
    assert ended(13) == ended(17) == []
    assert ended(23) == [22]


def test_heads_that_every_page_repeats_take_their_room() -> None:
    assert ended(9, title_rows="1:2") == [8]


def test_what_the_page_asks_for_is_kept() -> None:
    page = Page(Plan(), "表", 2, breaks=[3])
    page.put(5, 1, "行")
    sheet = Workbook().active
    assert sheet is not None
    assert breaks(sheet, page, {}) == [3]
