"""Where a sheet is torn into pages: no table begins at the foot of one and goes on at the head of the next.

Programs and fonts differ in how wide a column is, and so in how much a sheet shrinks to the width of its paper and how
much a page holds. What is reckoned here is the least; the most seen is a seventh more.
"""

from collections.abc import Mapping

from openpyxl.worksheet.worksheet import Worksheet

from compensation.sheets import page as style
from compensation.sheets.heights import width_of
from compensation.sheets.page import Page

_A4 = (595, 842)  # points
_INCH = 72
_DEFAULT_POINTS = 15
_DIGIT_PIXELS, _CELL_PIXELS, _PIXEL = 8, 5, 0.75  # of 宋体 11
_MOST = 1.15
"""What a page may hold, as a multiple of what is reckoned."""
_FOOT = 0.15
"""The part of a page in which no table begins: its title, its heads and a row would not all find room."""


def breaks(sheet: Worksheet, page: Page, heights: Mapping[int, float]) -> list[int]:
    """The rows after which a page ends: those the page asks for, and those before a table that begins near a foot.

    `heights` are in points, by row; other rows have that of the template.
    """
    first, _, last = (page.title_rows or "1:0").partition(":")
    room = _room(sheet, page) - sum(_height(sheet, row, heights) for row in range(int(first), int(last) + 1))
    found: list[int] = []
    used = 0.0  # since the last page that was ended here
    for row in range(1, max((row for row, _ in page.cells), default=0) + 1):
        if row - 1 in page.breaks or (_begins(page, row) and _near_a_foot(used / room)):
            found.append(row - 1)
            used = 0.0
        used += _height(sheet, row, heights)
    return found


def _near_a_foot(pages: float) -> bool:
    """Whether so many pages further on, by what they hold at least, one may be about to end."""
    ended = int(pages + _FOOT)
    return ended >= 1 and ended * _MOST >= pages


def _begins(page: Page, row: int) -> bool:
    content, named = page.cells.get((row, 1), (None, ""))
    return named == style.TABLE_TITLE and bool(content)


def _room(sheet: Worksheet, page: Page) -> float:
    """What a page holds in points of unshrunk rows."""
    short, long = _A4
    wide, high = (long, short) if sheet.page_setup.orientation == "landscape" else (short, long)
    margins = sheet.page_margins
    wide_inside = wide - _INCH * (margins.left + margins.right)
    high_inside = high - _INCH * (margins.top + margins.bottom)
    last = max((column for _, column in page.cells), default=1)
    pixels = sum(_DIGIT_PIXELS * width_of(sheet, column) + _CELL_PIXELS for column in range(1, last + 1))
    shrunk = min(1.0, wide_inside * page.pages_wide / (pixels * _PIXEL))
    return high_inside / shrunk


def _height(sheet: Worksheet, row: int, heights: Mapping[int, float]) -> float:
    own = sheet.row_dimensions[row].height if row in sheet.row_dimensions else None
    return float(heights.get(row) or own or _DEFAULT_POINTS)
