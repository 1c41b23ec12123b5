"""From a file's bytes to tables of text cells with their true addresses."""

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetVisibleEnum,
)

from compensation.errors import Fault, InputError
from compensation.expression.formula import column_letters
from compensation.monitoring import colours, comments, container, plaintext
from compensation.monitoring.pieces import CutSheet, cut_sheets
from compensation.monitoring.shape import SheetShape

if TYPE_CHECKING:
    from compensation.monitoring.biff import OldSheet

MAX_MERGED_CELLS = 200_000
MAX_REMEMBERED = 200_000

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_SAYS_SOMETHING = re.compile(rb"[^\x00 \t\r\n\xef\xbb\xbf]")
_SOME_DAY = date(2000, 1, 1)

T = TypeVar("T")
_Overlay = Mapping[int, Mapping[int, str]]


@dataclass(slots=True)
class Table:
    """One sheet, or the one table of a text file. `rows` gives (row number from 1, cells as text) once, in order.

    `merged` gives, for a cell inside a merged range, the cell that holds its text; both as (row, column) from 1.
    """

    name: str
    rows: Iterator[tuple[int, list[str]]]
    merged: dict[tuple[int, int], tuple[int, int]]


@dataclass(slots=True)
class Source:
    """A file taken into memory once: what is hashed is what is parsed."""

    name: str
    sha256: str
    size: int
    form: str
    tables: Iterator[Table]
    notes: list[str]
    epoch_1904: bool
    conditional: frozenset[str] = frozenset()  # its sheets that have conditional formats
    worn: Callable[[str], colours.Worn | None] | None = None  # the colours of a sheet's cells; None of a text


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file's content in hexadecimal, by which it is known again; InputError as opening it."""
    return hashlib.sha256(_bytes(path, path.name)).hexdigest()


def open_source(path: Path) -> Source:
    """Open a workbook or a text table, whatever its name says.

    Raises InputError when it is empty, not what can be read, dangerous, or locked by a password.
    """
    name = path.name
    data = _bytes(path, name)
    digest = hashlib.sha256(data).hexdigest()
    if data.startswith((_ZIP, _EMPTY_ZIP)):
        book = container.examine(data, name)
        tables = _sheets(data, name, book.notes, book.shapes)
        conditional = frozenset(title for title, shape in book.shapes.items() if shape.is_conditional)
        worn = colours.in_workbook(data)
        return Source(name, digest, len(data), "xlsx 工作簿", tables, book.notes, book.epoch_1904, conditional, worn)
    if data.startswith(_OLE):
        return _old_source(data, name, digest)
    notes: list[str] = []
    encoding = plaintext.encoding_of(data, name)
    if path.suffix.lower() in {".xlsx", ".xls", ".xlsm"}:
        notes.append(f"文件名为 {path.suffix}，内容是文本，按文本表格读取。")
    rows = enumerate(plaintext.rows_of(data, encoding, name), start=1)
    tables = iter([Table("", rows, {})])
    return Source(name, digest, len(data), f"文本表格（{encoding}）", tables, notes, False)


def _old_source(data: bytes, name: str, digest: str) -> Source:
    from compensation.monitoring import biff  # noqa: PLC0415  slow to load, and few files are an xls

    book = None if _ENCRYPTED in data else biff.examine(data, name)
    if book is None:
        raise _locked(name)
    parsed = _guarded(lambda: CalamineWorkbook.from_filelike(io.BytesIO(data)), name)
    titles = [sheet.title for sheet in book.sheets]
    if len(set(titles)) != len(titles) or len(titles) != len(parsed.sheets_metadata):
        raise _unreadable(name, "工作表的名单前后不一")
    notes = book.notes
    for old in book.sheets:
        found = {f"{column_letters(column)}{row}": words for (row, column), words in old.comments.items()}
        notes += comments.told_of(old.title, found)

    def worn(title: str) -> colours.Worn | None:
        number = titles.index(title)
        looks = list(book.looks(number))
        sheet = _guarded(partial(parsed.get_sheet_by_index, number), name)
        rows = _rows(sheet, book.sheets[number].said()) if looks else ()
        return colours.worn_of(looks, colours.remark_on_colours(chain(*(row for _, row in rows)))) if looks else None

    tables = _old_tables(parsed, book.sheets, name, notes)
    conditional = frozenset(sheet.title for sheet in book.sheets if sheet.shape.is_conditional)
    return Source(name, digest, len(data), "xls 工作簿", tables, notes, book.epoch_1904, conditional, worn)


def _old_tables(parsed: CalamineWorkbook, sheets: "Sequence[OldSheet]", name: str, notes: list[str]) -> Iterator[Table]:
    for number, (about, old) in enumerate(zip(parsed.sheets_metadata, sheets, strict=True)):
        if _is_table(about, old.title, notes):
            sheet = _guarded(partial(parsed.get_sheet_by_index, number), name)
            yield Table(old.title, _rows(sheet, old.said()), _merged(sheet))


def _bytes(path: Path, name: str) -> bytes:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise InputError(Fault(f"《{name}》", "不是文件", "路径是目录或设备", "指定数据文件"))
        if size > container.MAX_FILE_BYTES:
            limit = container.MAX_FILE_BYTES // 1024**2
            raise InputError(Fault(f"《{name}》", "文件过大", f"超过 {limit} MB", "按月或按断面拆成几个文件"))
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(Fault(f"《{name}》", "文件不存在", f"路径 {path}", "核对文件名和所在文件夹")) from error
    except OSError as error:
        raise InputError(
            Fault(f"《{name}》", "文件打不开", error.strerror or str(error), "核对权限，关闭占用它的程序")
        ) from error
    if not _SAYS_SOMETHING.search(data):
        raise InputError(Fault(f"《{name}》", "文件是空的", "没有任何内容", "重新导出或重新取得文件"))
    return data


def _sheets(data: bytes, name: str, notes: list[str], shapes: Mapping[str, SheetShape]) -> Iterator[Table]:
    cut = cut_sheets(data, shapes)
    whole = cache(lambda: _guarded(lambda: CalamineWorkbook.from_filelike(io.BytesIO(data)), name))
    frames = {title: _guarded(partial(_opened, each.frame()), name) for title, each in cut.items()}
    for about in (next(iter(frames.values()), None) or whole()).sheets_metadata:
        if not _is_table(about, about.name, notes):
            continue
        book = frames[about.name] if about.name in cut else whole()
        sheet = _guarded(partial(book.get_sheet_by_name, about.name), name)
        if about.name in cut:
            rows = _rows_in_pieces(cut[about.name], about.name, name)
        else:
            rows = _rows(sheet, shapes[about.name].unusable if about.name in shapes else {})
        yield Table(about.name, rows, _merged(sheet))


def _is_table(about: SheetMetadata, title: str, notes: list[str]) -> bool:
    """Whether a sheet has cells to read; what is special about it is noted."""
    if not str(about.typ).endswith("WorkSheet"):
        notes.append(f"表「{title}」不是数据表（图表或宏表），略过。")
        return False
    if about.visible is not SheetVisibleEnum.Visible:
        notes.append(f"表「{title}」是隐藏的，照常读取。")
    return True


def _opened(workbook: IO[bytes]) -> CalamineWorkbook:
    return CalamineWorkbook.from_filelike(workbook)


def _sheet_of(workbook: IO[bytes], sheet: str) -> CalamineSheet:
    return _opened(workbook).get_sheet_by_name(sheet)


def _rows(sheet: CalamineSheet, unusable: _Overlay) -> Iterator[tuple[int, list[str]]]:
    if sheet.start is None or sheet.end is None:
        yield from _beyond(0, unusable)
        return
    # The parser gives rows from the sheet's first but cells only from the first column in use.
    margin = [""] * sheet.start[1]
    yield from _placed(_texts(sheet.iter_rows(), _Numbers()), 1, unusable, margin, [])
    yield from _beyond(sheet.end[0] + 1, unusable)


def _beyond(last: int, unusable: _Overlay) -> Iterator[tuple[int, list[str]]]:
    """Rows below the parser's block, which ends with its last usable cell."""
    for number in sorted(row for row in unusable if row > last):
        yield _patched(number, [], unusable)


def _rows_in_pieces(cut: CutSheet, sheet: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The same rows as of the sheet laid out whole, of which only one piece ever is."""
    unusable = cut.shape.unusable
    width = cut.shape.filled_columns or max(
        (piece.end[1] + 1 for piece in _laid_out(cut, sheet, name) if piece.end is not None), default=0
    )
    text_of = _Numbers()
    last = 0
    for piece in _laid_out(cut, sheet, name):
        if piece.start is None or piece.end is None:
            continue
        first = piece.start[0] + 1
        if first <= last:
            raise _unreadable(name, f"表「{sheet}」第{first}行排在第{last}行之后")
        for number in range(last + 1, first):
            yield _patched(number, [""] * width, unusable)
        last = piece.end[0] + 1
        margin, rest = [""] * piece.start[1], [""] * (width - piece.end[1] - 1)
        yield from _placed(_texts(piece.to_python(skip_empty_area=True), text_of), first, unusable, margin, rest)
    if last:
        yield from _beyond(last, unusable)


def _laid_out(cut: CutSheet, sheet: str, name: str) -> Iterator[CalamineSheet]:
    for workbook in cut.pieces():
        yield _guarded(partial(_sheet_of, workbook, sheet), name)


def _texts(rows: Iterable[list[Any]], text_of: "_Numbers") -> Iterator[list[str]]:
    text_only = {str}.issuperset
    for cells in rows:
        if text_only(map(type, cells)):
            yield cells
        else:
            yield [
                cell if cell.__class__ is str else text_of[cell] if cell.__class__ is float else _text(cell)
                for cell in cells
            ]


def _placed(
    rows: Iterable[list[str]], first: int, unusable: _Overlay, margin: list[str], rest: list[str]
) -> Iterator[tuple[int, list[str]]]:
    """A block's rows in their places, as wide as the sheet, with what their unusable cells say."""
    if margin or rest:
        rows = (margin + texts + rest for texts in rows)
    numbered = enumerate(rows, start=first)
    return (_patched(number, texts, unusable) for number, texts in numbered) if unusable else numbered


def _patched(number: int, texts: list[str], unusable: _Overlay) -> tuple[int, list[str]]:
    """A row with what its unusable cells say."""
    if number in unusable:
        texts = texts + [""] * (max(unusable[number]) - len(texts))
        for column, text in unusable[number].items():
            texts[column - 1] = text
    return number, texts


class _Numbers(dict[float, str]):
    """The texts of numbers, each worked out once."""

    def __missing__(self, cell: float) -> str:
        if len(self) > MAX_REMEMBERED:
            self.clear()
        text = self[cell] = _text(cell)
        return text


def _text(cell: object) -> str:
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        # A sheet stores a number as the decimal of a binary double. The shortest decimal that gives the same double
        # is the one typed, up to 15 digits, and never further from it than what the sheet itself stores.
        return repr(cell).removesuffix(".0") if cell else "0"
    if isinstance(cell, datetime):
        return _to_the_second(cell).isoformat(" ")
    if isinstance(cell, time):
        rounded = _to_the_second(datetime.combine(_SOME_DAY, cell))
        return rounded.time().isoformat() if rounded.date() == _SOME_DAY else "24:00:00"
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    return str(cell)


def _to_the_second(moment: datetime) -> datetime:
    """A serial's 16 digits end within milliseconds of the second that was meant."""
    whole = moment.replace(microsecond=0)
    return whole + timedelta(seconds=1) if moment.microsecond >= 500_000 and moment.year < MAXYEAR else whole


def _merged(sheet: CalamineSheet) -> dict[tuple[int, int], tuple[int, int]]:
    anchors: dict[tuple[int, int], tuple[int, int]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if (bottom - top + 1) * (right - left + 1) + len(anchors) > MAX_MERGED_CELLS:
            continue
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                anchors[row + 1, column + 1] = (top + 1, left + 1)
    return anchors


def _guarded(call: Callable[[], T], name: str) -> T:
    try:
        return call()
    except PasswordError as error:
        raise _locked(name) from error
    except (CalamineError, OSError, ValueError) as error:
        raise _unreadable(name, str(error)) from error
    except BaseException as error:
        # The parser is native code: its panics reach Python as a BaseException of no importable class.
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable(name, "解析程序无法继续") from error


def _unreadable(name: str, why: str) -> InputError:
    return InputError(Fault(f"《{name}》", "工作簿已损坏或不完整", why, "重新取得文件，或用表格软件修复后另存"))


def _locked(name: str) -> InputError:
    return InputError(Fault(f"《{name}》", "工作簿设有打开密码", "加密内容无法读取", "在表格软件中取消密码后另存"))
