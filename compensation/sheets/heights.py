"""How high a row must be for its words: no spreadsheet fits a row of merged cells, and not every one the others."""

import unicodedata
from collections.abc import Iterator

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from compensation.sheets.page import Content, Page, Shown

_LINE_POINTS, _PADDING_POINTS = 13.5, 4.5
_DEFAULT_WIDTH = 8.43
_WIDE = 1.9  # digits that a Chinese character takes


def row_heights(sheet: Worksheet, page: Page) -> dict[int, float]:
    """The height in points of every row that the page writes to; what the page asks for itself stands."""
    lines: dict[int, int] = {}
    spans = {(top, left): right for top, left, _, right in page.merges}
    for (row, column), (content, _) in page.cells.items():
        words = _words(content)
        if not words:
            lines.setdefault(row, 1)
            continue
        width = sum(width_of(sheet, each) for each in range(column, spans.get((row, column), column) + 1))
        lines[row] = max(lines.get(row, 1), lines_of(words, width))
    heights = {row: count * _LINE_POINTS + _PADDING_POINTS for row, count in lines.items()}
    return heights | page.heights


def width_of(sheet: Worksheet, column: int) -> float:
    """The width of a column, in digits."""
    dimension = sheet.column_dimensions.get(get_column_letter(column))
    return dimension.width if dimension is not None and dimension.width else _DEFAULT_WIDTH


def _words(content: Content) -> str:
    if isinstance(content, Shown):
        content = content.value
    return content if isinstance(content, str) else ""


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column `width` digits wide, a Chinese character being almost two."""
    if len(text) * _WIDE <= width - 1.5 and "\n" not in text:
        return 1
    return max(1, sum(_wrapped(part, max(4.0, width - 1.5)) for part in text.split("\n")))


def _wrapped(text: str, width: float) -> int:
    lines, used = 1, 0.0
    for size in _sizes(text):
        if used + size > width:
            lines, used = lines + 1, 0.0
        used += size
    return lines


def _sizes(text: str) -> Iterator[float]:
    for character in text:
        yield _WIDE if unicodedata.east_asian_width(character) in "WFA" else 1.0
