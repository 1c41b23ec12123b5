"""What the records of an .xls hold beside the values of its cells: errors, lost results, comments, colours, sizes.

The parser behind `cells` gives empty text for an error such as #DIV/0! and for a formula that nobody calculated, knows
no comments and no looks, loses the Chinese of BIFF5 (Excel 5 and 95), and lays a sheet out as one dense block. So the
records are walked through first, within bounds, as the package of an .xlsx is by `container`. Layouts of records:
[MS-XLS] and, for BIFF5, the file format documentation of OpenOffice.org.
"""

import io
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from struct import Struct, unpack_from

import olefile

from compensation.errors import Fault, InputError
from compensation.monitoring import container
from compensation.monitoring.colours import Look, Style, style_of
from compensation.monitoring.comments import LONGEST, OURS
from compensation.monitoring.shape import MAX_DENSE_CELLS, SheetShape

MAX_COMMENTS = 65_536  # of a book; a sheet numbers its drawn objects with 16 bits
MAX_OLD_TEXTS = 1_000_000  # in the cells of a book of BIFF5
MAX_ROWS, MAX_COLUMNS = 65_536, 256

_BOF, _EOF, _CONTINUE, _FILEPASS = 0x0809, 0x000A, 0x003C, 0x002F
_BOUNDSHEET, _DATEMODE, _CODEPAGE, _PALETTE, _FONT, _XF = 0x0085, 0x0022, 0x0042, 0x0092, 0x0031, 0x00E0
_SUPBOOK, _RECALCID, _TABLE_OF_TEXTS, _DIMENSIONS = 0x01AE, 0x01C1, 0x00FC, 0x0200
_FORMULA, _BOOLERR, _MULRK, _NUMBER, _RK = 0x0006, 0x0205, 0x00BD, 0x0203, 0x027E
_NUMBERS, _TEXTS = frozenset({_NUMBER, _RK}), frozenset({0x0204, 0x00FD, 0x00D6})  # LABEL, LABELSST, RSTRING
_NOTE, _OBJ, _TXO, _CONDITIONAL = 0x001C, 0x005D, 0x01B6, frozenset({0x01B0, 0x0879})
_REMARKS = frozenset({_NOTE, _OBJ, _TXO, _CONTINUE})
_STRING = 0x0207  # the text that the formula before it comes to
_BIFF5, _BIFF8 = 0x0500, 0x0600
_NO_FONT = 4  # fonts are numbered 0 to 3, 5, 6 and on
_PAINTED = range(8, 64)  # the indexes of colours that a palette gives
_SOLID = 1
_SHORTEST_TEXT = 3  # bytes, in the table of texts
_COMMON_OBJECT_DATA, _CALCULATE_ON_OPENING = 0x15, 0x0002
_TEXT, _ERROR, _BLANK = 0, 2, 3
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_CODECS = {936: "gb18030", 10000: "mac_roman", 10008: "gb2312", 32768: "mac_roman", 32769: "cp1252"}
_LISTED = _TEXTS | {_FORMULA, _BOOLERR, _NOTE, _STRING}  # of which a book holds no more than so many

_head, _place = Struct("<HH").unpack_from, Struct("<HHH").unpack_from


@dataclass(slots=True)
class OldSheet:
    """One sheet as its records have it, whatever kind it is of.

    `texts` has those of a book of BIFF5 by row and column, `comments` those of any by both, from 1. `looks` has the
    places of styled cells by style: row * 512 + column * 2, from 0, and 1 more for a number.
    """

    title: str
    shape: SheetShape = field(default_factory=SheetShape)
    texts: dict[int, dict[int, str]] = field(default_factory=dict)
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    looks: dict[int, "array[int]"] = field(default_factory=dict)

    def said(self) -> dict[int, dict[int, str]]:
        """What the parser of cells gives wrongly or not at all, by row and column."""
        rows = self.texts.keys() | self.shape.unusable.keys()
        return {row: self.texts.get(row, {}) | self.shape.unusable.get(row, {}) for row in rows}


@dataclass(slots=True)
class OldBook:
    """An .xls that has been looked through; its sheets stand in the order in which it lists them."""

    sheets: list[OldSheet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    epoch_1904: bool = False
    styles: dict[int, Style] = field(default_factory=dict)

    def looks(self, number: int) -> Iterator[Look]:
        """The cells of a sheet that wear a colour."""
        for style, places in self.sheets[number].looks.items():
            for place in places:
                yield Look(place // 512 + 1, place % 512 // 2 + 1, self.styles[style], is_number=bool(place % 2))


def examine(data: bytes, name: str) -> OldBook | None:
    """Look through the bytes of an .xls; None when it is locked by a password.

    InputError when it is damaged, cut short, far larger than what it holds, or older than Excel 5.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            stream = next((each for each in ("Workbook", "Book") if file.exists(each)), None)
            if stream is None:
                why = "内容是 Word 文档" if file.exists("WordDocument") else "里面没有工作簿"
                raise InputError(Fault(f"《{name}》", "不是 xls 工作簿", why, "用表格软件另存为 xlsx"))
            if file.get_size(stream) > len(data):
                raise _damaged(name)
            has_macros = file.exists("_VBA_PROJECT_CUR")
            records = file.openstream(stream).read()
        book = _Examination(records, name).run()
    except InputError:
        raise
    except Exception as error:
        # Bytes that do not fit may make the container's library, or the walk, stumble in any way.
        raise _damaged(name) from error
    if book is not None and has_macros:
        book.notes.append(container.HAS_MACROS)
    return book


class _Examination:
    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name = data, name
        self._book = OldBook()
        self._left = 2 * len(data)  # sheets may not lead to the same records again and again
        self._version = 0
        self._codec = "cp1252"
        self._palette: dict[int, str] = {}
        self._fonts: list[int] = []
        self._formats: list[tuple[int, int | None]] = []  # of an XF: its font, and the colour of a solid fill
        self._starts: list[tuple[int, str]] = []
        self._comments_left, self._texts_left = MAX_COMMENTS, MAX_OLD_TEXTS
        self._never_calculated = True

    def run(self) -> OldBook | None:
        for kind, at, length in self._records(0):
            if kind == _FILEPASS:
                return None
            self._of_book(kind, at, length)
        if len(self._starts) > container.MAX_SHEETS:
            raise container.too_many_sheets(self._name, len(self._starts))
        self._styles()
        blank = [self._sheet(start, title) for start, title in self._starts]
        if self._never_calculated:
            for number, places in enumerate(blank):
                for place in places:
                    self._unusable(self._book.sheets[number], *divmod(place, MAX_COLUMNS), container.UNCACHED)
        self._judge()
        return self._book

    def _records(self, at: int) -> Iterator[tuple[int, int, int]]:
        """Each record's kind, the place of its content and its length, from a BOF to its EOF.

        What stands in a BOF of its own within, a chart, is passed over.
        """
        kind, length = _head(self._data, at)
        if kind != _BOF:
            raise _damaged(self._name)
        if not self._version:
            self._version = unpack_from("<H", self._data, at + 4)[0]
            if self._version not in {_BIFF5, _BIFF8}:
                why = "早于 Excel 5 的格式，或版本号损坏"
                raise InputError(Fault(f"《{self._name}》", "不支持的 xls 版本", why, "用表格软件另存为 xlsx"))
        depth = 1
        while depth:
            at += length + 4
            kind, length = _head(self._data, at)
            self._left -= length + 4
            if self._left < 0 or at + 4 + length > len(self._data):
                raise _damaged(self._name)
            depth += (kind == _BOF) - (kind == _EOF)
            if depth == 1:
                yield kind, at + 4, length

    def _of_book(self, kind: int, at: int, length: int) -> None:
        data = self._data
        if kind == _BOUNDSHEET:
            (start,) = unpack_from("<I", data, at)
            self._starts.append((start, self._text(at + 7, data[at + 6], at + length)))
        elif kind == _CODEPAGE:
            (page,) = unpack_from("<H", data, at)
            self._codec = _CODECS.get(page, f"cp{page}")
        elif kind == _DATEMODE:
            self._book.epoch_1904 = data[at] == 1
        elif kind == _TABLE_OF_TEXTS and unpack_from("<I", data, at + 4)[0] * _SHORTEST_TEXT > len(data):
            raise _damaged(self._name)
        elif kind == _RECALCID:
            self._never_calculated = False
        elif kind == _FONT:
            self._fonts.append(unpack_from("<H", data, at + 4)[0])
        elif kind == _XF:
            self._formats.append(self._format(at))
        elif kind == _PALETTE:
            for number in range((length - 2) // 4):
                start = at + 2 + number * 4
                self._palette[_PAINTED[0] + number] = "FF" + data[start : start + 3].hex().upper()
        elif kind == _SUPBOOK and length > 4 and container.HAS_LINKS not in self._book.notes:
            self._book.notes.append(container.HAS_LINKS)

    def _format(self, at: int) -> tuple[int, int | None]:
        (font,) = unpack_from("<H", self._data, at)
        if self._version == _BIFF8:
            pattern, colours = (
                unpack_from("<I", self._data, at + 14)[0] >> 26,
                unpack_from("<H", self._data, at + 18)[0],
            )
        else:
            colours, pattern = unpack_from("<HH", self._data, at + 8)
            pattern &= 0x3F
        return font, colours & 0x7F if pattern == _SOLID else None

    def _styles(self) -> None:
        """Styles by the number of the XF, of those that are not plain."""
        fonts = {number + (number >= _NO_FONT): colour for number, colour in enumerate(self._fonts)}
        for number, (font, fill) in enumerate(self._formats):
            style = style_of(self._colour(fonts.get(font)), self._colour(fill))
            if style is not None:
                self._book.styles[number] = style

    def _colour(self, index: int | None) -> tuple[str, str] | None:
        if index not in _PAINTED:
            return None
        return ("rgb", self._palette[index]) if index in self._palette else ("indexed", str(index))

    def _text(self, at: int, count: int, end: int) -> str:
        """The text of `count` characters there, behind its byte of options; in BIFF5, which has none, of bytes."""
        if self._version == _BIFF8:
            is_wide = self._data[at] & 1
            raw = self._data[at + 1 : min(end, at + 1 + count * (1 + is_wide))]
            return raw.decode("utf-16-le" if is_wide else "latin-1", "replace")
        raw = self._data[at : min(end, at + count)]
        try:
            return raw.decode(self._codec, "replace")
        except LookupError:
            return raw.decode("latin-1")

    def _sheet(self, start: int, title: str) -> "array[int]":
        """Walk through a sheet; the places of its formulas whose result is empty text, or was never worked out."""
        walk = _SheetWalk(title, self._data, self._book.styles, self._text, is_old=self._version == _BIFF5)
        self._book.sheets.append(walk.sheet)
        for kind, at, length in self._records(start):
            walk.at(kind, at, length)
            if kind not in _LISTED:
                continue
            for row, column, text in walk.unusable:
                self._unusable(walk.sheet, row, column, text)
            walk.unusable.clear()
            if len(walk.sheet.comments) > self._comments_left:
                raise self._too_much(title, "批注过多", f"一个文件最多 {MAX_COMMENTS} 处")
            if walk.text_cells > self._texts_left:
                raise self._too_much(title, "文字过多", f"Excel 95 格式的文件最多 {MAX_OLD_TEXTS} 格文字")
        self._comments_left -= len(walk.sheet.comments)
        self._texts_left -= walk.text_cells
        self._never_calculated = self._never_calculated and not walk.has_results
        return walk.blank

    def _too_much(self, title: str, what: str, why: str) -> InputError:
        return InputError(Fault(f"《{self._name}》表「{title}」", what, why, "删去不用的，或拆成几个文件"))

    def _unusable(self, sheet: OldSheet, row: int, column: int, text: str) -> None:
        container.note_unusable(sheet.shape, row + 1, column + 1, text, self._name)

    def _judge(self) -> None:
        shapes = [sheet.shape for sheet in self._book.sheets]
        faults = [
            container.sprawls(self._name, each.title, each.shape)
            for each in self._book.sheets
            if each.shape.is_sprawling
        ]
        if not faults and sum(each.last_row * each.last_column for each in shapes) > MAX_DENSE_CELLS:
            why = f"各表合计超过 {MAX_DENSE_CELLS} 个单元格"
            faults.append(Fault(f"《{self._name}》", "工作簿过大", why, "拆成几个文件"))
        if faults:
            raise InputError(faults)


class _SheetWalk:
    """Takes the records of one sheet as they come."""

    def __init__(
        self,
        title: str,
        data: bytes,
        styles: Mapping[int, Style],
        text: Callable[[int, int, int], str],
        *,
        is_old: bool,
    ) -> None:
        self.sheet = OldSheet(title)
        self.unusable: list[tuple[int, int, str]] = []
        self.blank = array("I")
        self.has_results = False
        self._data, self._styles, self._text, self._is_old = data, styles, text, is_old
        self.text_cells = 0
        self._formula_at = (0, 0)
        self._object = -1
        self._words: dict[int, str] = {}
        self._wanted = 0  # characters that come next, of the text of the last object

    def at(self, kind: int, at: int, length: int) -> None:
        """Look at the next record."""
        data = self._data
        if kind in _NUMBERS:
            self._cell(*_place(data, at), is_number=True)
        elif kind == _MULRK:
            row, column = unpack_from("<HH", data, at)
            for number in range((length - 6) // 6):
                (style,) = unpack_from("<H", data, at + 4 + number * 6)
                self._cell(row, column + number, style, is_number=True)
        elif kind in _TEXTS:
            row, column, style = _place(data, at)
            self._cell(row, column, style)
            if self._is_old:
                self._text_cell(row, column, at + 6, length - 6)
        elif kind == _STRING and self._is_old:
            self._text_cell(*self._formula_at, at, length)
        elif kind == _BOOLERR:
            row, column, style, code, is_error = unpack_from("<HHHBB", data, at)
            self._cell(row, column, style)
            if is_error:
                self._error(row, column, code)
        elif kind == _FORMULA:
            self._formula(at)
        elif kind in _REMARKS:
            self._remark(kind, at, length)
        elif kind == _DIMENSIONS:
            self._claim(at, length)
        else:
            self.sheet.shape.is_conditional |= kind in _CONDITIONAL

    def _cell(self, row: int, column: int, style: int, *, is_number: bool = False) -> None:
        if column >= MAX_COLUMNS:
            raise IndexError(column)
        shape = self.sheet.shape
        shape.filled += 1
        if row >= shape.last_row:
            shape.last_row = row + 1
        if column >= shape.last_column:
            shape.last_column = column + 1
        if style in self._styles:
            self.sheet.looks.setdefault(style, array("I")).append(row * 512 + column * 2 + is_number)

    def _claim(self, at: int, length: int) -> None:
        """What a sheet says of its size, by which the parser sets memory aside whether it is true or not."""
        form = "<IIHH" if length >= 14 else "<HHHH"
        row, rows, column, columns = unpack_from(form, self._data, at)
        if rows and columns and not (row < rows <= MAX_ROWS and column < columns <= MAX_COLUMNS):
            raise IndexError(rows)

    def _text_cell(self, row: int, column: int, at: int, length: int) -> None:
        (count,) = unpack_from("<H", self._data, at)
        self.sheet.texts.setdefault(row + 1, {})[column + 1] = self._text(at + 2, count, at + length)
        self.text_cells += 1

    def _error(self, row: int, column: int, code: int) -> None:
        self.unusable.append((row, column, _ERRORS.get(code, "#ERROR!")))

    def _formula(self, at: int) -> None:
        row, column, style = _place(self._data, at)
        result = self._data[at + 6 : at + 14]
        (options,) = unpack_from("<H", self._data, at + 14)
        self._formula_at = row, column
        kind = result[0] if result[6:] == b"\xff\xff" else None
        self._cell(row, column, style, is_number=kind is None)
        if kind == _ERROR:
            self._error(row, column, result[2])
        # Programs that write formulas without working them out leave a zero or empty text, and say so or do not.
        elif options & _CALCULATE_ON_OPENING and (kind == _BLANK or result == bytes(8)):
            self.unusable.append((row, column, container.UNCACHED))
        elif kind == _BLANK:
            self.blank.append(row * MAX_COLUMNS + column)
        self.has_results = self.has_results or kind != _BLANK

    def _remark(self, kind: int, at: int, length: int) -> None:
        data, end = self._data, at + length
        if kind == _OBJ and not self._is_old:
            part, _, _, number = unpack_from("<HHHH", data, at)
            self._object = number if part == _COMMON_OBJECT_DATA else -1
        elif kind == _TXO and not self._is_old:
            (self._wanted,) = unpack_from("<H", data, at + 10)
        elif kind == _CONTINUE and self._wanted and length:
            self._words[self._object] = _brief(self._text(at, self._wanted, end))
            self._wanted = 0
        elif kind == _NOTE:
            row, column, count = unpack_from("<HHH", data, at)
            if self._is_old:
                if row < MAX_ROWS - 1:  # else more of a text that needed more than one record
                    self._comment(row, column, _brief(self._text(at + 6, count, end)))
                return
            number, count = unpack_from("<HH", data, at + 6)
            if self._text(at + 10, count, end) != OURS:
                self._comment(row, column, self._words.get(number, ""))

    def _comment(self, row: int, column: int, words: str) -> None:
        self.sheet.comments[row + 1, column + 1] = words


def _brief(words: str) -> str:
    return " ".join(words.split())[:LONGEST]


def _damaged(name: str) -> InputError:
    why = "记录不完整，或指向文件之外"
    return InputError(Fault(f"《{name}》", "工作簿已损坏或不完整", why, "重新取得文件，或用表格软件修复后另存"))
