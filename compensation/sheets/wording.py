"""表头文字: a sheet of the template in which a bureau writes what a table's heads are called with it.

Each row names a sheet, a heading as the software has it, and the bureau's own words; without these nothing changes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from openpyxl import Workbook

from compensation.sheets import page as style
from compensation.sheets.page import Page

NAME = "表头文字"
FIRST_ROW = 5
HEADINGS = frozenset({style.HEAD, style.HEAD_LEFT, style.TABLE_TITLE})


class Wording(NamedTuple):
    """A row of the sheet: where it stands, and its three cells."""

    row: int
    sheet: str
    heading: str
    own: str


def rows_of(book: Workbook) -> Iterator[Wording]:
    """The rows of the sheet; none when the template has no such sheet."""
    if NAME not in book.sheetnames:
        return
    cells = book[NAME].iter_rows(min_row=FIRST_ROW, max_col=3, values_only=True)
    for number, row in enumerate(cells, start=FIRST_ROW):
        sheet, heading, own = ("" if cell is None else str(cell).strip() for cell in row)
        if heading:
            yield Wording(number, sheet, heading, own)


def own_words(book: Workbook) -> dict[tuple[str, str], str]:
    """The bureau's words by sheet and heading; the sheet itself is taken out of the workbook."""
    words = {(each.sheet, each.heading): each.own for each in rows_of(book) if each.own}
    if NAME in book.sheetnames:
        book.remove(book[NAME])
    return words


def reword(pages: Iterable[Page], words: Mapping[tuple[str, str], str], names: Collection[str]) -> None:
    """Put the words into the headings, but never in place of one of `names`, which formulas look for in cells."""
    for page in pages:
        for place, (content, named) in page.cells.items():
            if named in HEADINGS and isinstance(content, str) and content not in names:
                page.cells[place] = (words.get((page.name, content), content), named)
