"""The cells of a sheet as XML, each formula with the value that the engine computed.

openpyxl writes a formula without its value, and a cell through an element tree; this writes the same, with values, in
an eighth of the time. Everything else of a sheet stays openpyxl's.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import datetime as serials
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from compensation.errors import Fault, IntegrityError

Cached = Fraction | str
"""What a formula comes to: a number, or a text such as 未定."""

_serial: Any = serials.to_excel


class Streamed(NamedTuple):
    """Rows that are too many to hold: they take the place of the row `pattern`, in the styles of its cells."""

    pattern: int
    rows: Callable[[Sequence[str]], Iterator[str]]


def half_filled(what: str) -> IntegrityError:
    """A workbook never leaves here with a formula without its value, or a value without its formula."""
    return IntegrityError(Fault("工作簿", what, "写入程序与电子表格库的格式不一致", "停止使用，并报告本软件维护者"))


def number_text(value: Fraction) -> str:
    """A number as the file holds it: the shortest decimal that reads back as the nearest double."""
    if value.denominator == 1 and abs(value.numerator) < 2**53:
        return str(value.numerator)
    return repr(float(value))


@lru_cache(maxsize=4096)
def inline(text: str) -> str:
    """The type and content of a cell with a text, to stand behind its address and style."""
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f' t="inlineStr"><is><t{space}>{escape(text)}</t></is>' if text else ">"


class Rows:
    """The rows of a sheet: taken out of it, and written with their values."""

    def __init__(self, sheet: Worksheet, cached: Mapping[str, Cached], streamed: Streamed | None) -> None:
        self._title = sheet.title
        self._cached = cached
        self._streamed = streamed
        held: dict[tuple[int, int], Any] = sheet._cells
        self._cells: dict[int, list[Any]] = defaultdict(list)
        for (row, _), cell in sorted(held.items()):
            self._cells[row].append(cell)
        self._dimensions = {row: dict(each) for row, each in sheet.row_dimensions.items()}
        self._check()
        self._styles = self._numbered_styles()
        # What hangs on a cell is written with it: comments and links.
        sheet._cells = {at: cell for at, cell in held.items() if cell.comment or cell.hyperlink}
        sheet.row_dimensions.clear()

    def _numbered_styles(self) -> dict[bytes, int]:
        """The number of each style; it gets one when it is asked for, which has to be before the styles are written."""
        numbers: dict[bytes, int] = {}
        for cells in self._cells.values():
            for cell in cells:
                if cell._style is None:
                    cell._style = StyleArray()
                look = cell._style.tobytes()
                if look not in numbers:
                    numbers[look] = cell.style_id
        return numbers

    def _check(self) -> None:
        formulas = {cell.coordinate for row in self._cells.values() for cell in row if cell.data_type == "f"}
        for cell in sorted(formulas ^ set(self._cached)):
            what = "的公式没有缓存值" if cell in formulas else "有缓存值，却没有公式"
            raise half_filled(f"工作表“{self._title}”{cell} {what}")

    @property
    def spans(self) -> str:
        """The block that the cells fill, such as A1:D28."""
        columns = [cell.column for row in self._cells.values() for cell in row]
        if not columns:
            return "A1:A1"
        first, last = get_column_letter(min(columns)), get_column_letter(max(columns))
        return f"{first}{min(self._cells)}:{last}{max(self._cells)}"

    def texts(self) -> Iterator[str]:
        """The XML of each row, or of each streamed one."""
        for row in sorted(self._cells.keys() | self._dimensions.keys()):
            cells = self._cells.get(row, [])
            if self._streamed is not None and row == self._streamed.pattern:
                yield from self._streamed.rows([str(self._styles[cell._style.tobytes()]) for cell in cells])
                continue
            attributes = "".join(f' {name}="{value}"' for name, value in self._dimensions.get(row, {}).items())
            yield f'<row r="{row}"{attributes}>{"".join(map(self._text, cells))}</row>'

    def _text(self, cell: Any) -> str:
        value, style, at = cell.value, self._styles[cell._style.tobytes()], cell.coordinate
        start = f'<c r="{at}" s="{style}"' if style else f'<c r="{at}"'
        if value is None or value == "":
            return f'{start} t="n" />' if style else ""
        if cell.data_type == "f":
            result, formula = self._cached[at], escape(value[1:])
            if isinstance(result, str):
                return f'{start} t="str"><f>{formula}</f><v>{escape(result)}</v></c>'
            return f"{start}><f>{formula}</f><v>{number_text(result)}</v></c>"
        if isinstance(value, str):
            return f"{start}{inline(value)}</c>"
        if isinstance(value, bool):
            return f'{start} t="b"><v>{value:d}</v></c>'
        number = f"{_serial(value):.16g}" if isinstance(value, date) else repr(value)
        return f'{start} t="n"><v>{number}</v></c>'
