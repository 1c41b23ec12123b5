"""What must be known about an .xlsx before a parser may touch it: real sizes, shape, formulas, errors.

The parser behind `cells` lays a sheet out as one dense block and aborts the process when that block is too large,
and it gives empty text for a formula without a cached value and for an error such as #DIV/0!. So the archive is
inflated once here, within bounds, and each sheet's XML is looked through first.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.parsers import expat

from compensation.errors import Fault, InputError
from compensation.expression.formula import column_letters
from compensation.monitoring import comments
from compensation.monitoring.shape import QuickLook, SheetShape, Tail, column_number

MAX_FILE_BYTES = 256 * 1024**2
MAX_MEMBERS = 2_000
MAX_INFLATED_BYTES = 1024**3
MAX_RATIO = 200  # deflate reaches about 1,000 on repeated text; dense sheets of short cells stay below 60
RATIO_FREE_BYTES = 64 * 1024**2  # below this size no ratio is a danger
MAX_SHEETS = 500
MAX_UNUSABLE = 10_000
UNCACHED = "#未计算"
HAS_LINKS = "工作簿含外部链接：只采用已缓存的数值，不访问外部文件。"
HAS_MACROS = "工作簿含宏：不运行。"

_CHUNK = 1 << 20
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT_MAIN = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATED = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})", re.ASCII)


@dataclass(slots=True)
class Workbook:
    """An .xlsx that has been looked through: shapes by sheet name, and what was noticed, in Chinese."""

    shapes: dict[str, SheetShape]
    notes: list[str]
    epoch_1904: bool


def examine(data: bytes, name: str) -> Workbook:
    """Look through the bytes of an .xlsx; InputError with every fault when a parser must not have it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive, name)
            return _Examination(archive, name).run()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError, ValueError) as error:
        raise _damaged(name) from error
    except (expat.ExpatError, ElementTree.ParseError, KeyError) as error:
        raise _damaged(name) from error
    except RuntimeError as error:  # zipfile's word for an encrypted member
        raise InputError(Fault(f"《{name}》", "压缩包带密码", "无法读取加密内容", "去掉密码后重新保存")) from error


class _Examination:
    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self._left = self._budget = MAX_INFLATED_BYTES
        self._faults: list[Fault] = []

    def run(self) -> Workbook:
        members = {info.filename for info in self._archive.infolist()}
        if "xl/workbook.xml" not in members:
            raise InputError(Fault(f"《{self._name}》", "不是 xlsx 工作簿", _kind(members), "用表格软件另存为 xlsx"))
        sheets, epoch_1904 = self._sheets()
        shapes = {}
        for title, path in sheets.items():
            shapes[title] = self._shape(path)
            shapes[title].path = path
        looked_at = set(sheets.values()) | {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"}
        for member in sorted(members - looked_at):
            self._pass_over(member)
        self._faults += [sprawls(self._name, title, shape) for title, shape in shapes.items() if shape.is_sprawling]
        if self._faults:
            raise InputError(self._faults)
        return Workbook(shapes, _noticed(members) + comments.told(self._archive, sheets), epoch_1904)

    def _sheets(self) -> tuple[dict[str, str], bool]:
        """Paths of worksheets by title, and whether serials count from 1904."""
        targets = {}
        for relation in self._tree("xl/_rels/workbook.xml.rels"):
            target = relation.get("Target", "")
            path = target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
            targets[relation.get("Id", "")] = posixpath.normpath(path)
        book = self._tree("xl/workbook.xml")
        sheets = {}
        for sheet in book.iter():
            if sheet.tag in {f"{_MAIN}sheet", f"{_STRICT_MAIN}sheet"}:
                identity = sheet.get(_RELATED) or sheet.get(_STRICT_RELATED) or ""
                # Whatever its declared type: the parser goes by the path, and must meet nothing not looked at.
                sheets[sheet.get("name", "")] = targets[identity]
        if len(sheets) > MAX_SHEETS:
            raise too_many_sheets(self._name, len(sheets))
        properties = [each for each in book.iter() if each.tag.endswith("}workbookPr")]
        return sheets, any(each.get("date1904") in {"1", "true"} for each in properties)

    def _tree(self, member: str) -> ElementTree.Element:
        return _parsed(b"".join(self._inflated(member)), self._name)

    def _inflated(self, member: str) -> Iterator[bytes]:
        """The member in pieces. A directory can lie about sizes, so what really comes out is counted."""
        with self._archive.open(member) as stream:
            while piece := stream.read(_CHUNK):
                self._left -= len(piece)
                if self._left < 0:
                    raise _bomb(self._name, "解压后的实际大小超过上限")
                yield piece

    def _pass_over(self, member: str) -> None:
        is_xml = member.endswith((".xml", ".rels"))
        for number, piece in enumerate(self._inflated(member)):
            # A document type can only stand before the root element; UTF-16 hides it from a plain search.
            if is_xml and number == 0 and (b"<!DOCTYPE" in piece or b"\x00<\x00!" in piece or b"<\x00!\x00D" in piece):
                raise _entities(self._name)

    def _shape(self, member: str) -> SheetShape:
        quick = self._quick_shape(member)
        if quick is not None and not quick.is_sprawling:
            return quick
        # A quick look counts formatted rows too; whether they hold anything takes parsing.
        self._left = self._budget
        return _ExactShape(self._name).of(self._inflated(member))

    def _quick_shape(self, member: str) -> SheetShape | None:
        """Shape by plain searches, some thirty times faster than parsing; None when the sheet needs a closer look."""
        self._budget = self._left
        look = QuickLook()
        for piece in self._inflated(member):
            if not look.at(piece):
                return None
        return look.shape()


class _ExactShape:
    """A sheet's shape by parsing it, for sheets with error cells, formulas without results or unusual XML.

    It may be cut between its rows all the same where an end of a row can be nothing else: see `QuickLook`.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._shape = SheetShape()
        self._row = self._column = 0
        self._in_cell = False
        self._type = ""
        self._formula = self._has_value = False
        self._text: list[str] = []
        self._tail = Tail()
        self._may_be_cut = True

    def of(self, pieces: Iterator[bytes]) -> SheetShape:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        parser.CommentHandler = parser.StartCdataSectionHandler = parser.ProcessingInstructionHandler = self._hides
        for piece in pieces:
            parser.Parse(piece, False)
            self._tail.at(piece)
        parser.Parse(b"", True)
        self._shape.size, self._shape.is_conditional = self._tail.size, self._tail.is_conditional
        self._shape.tail = self._tail.xml() if self._may_be_cut else None
        return self._shape

    def _doctype(self, *_: object) -> None:
        raise _entities(self._name)

    def _hides(self, *_: object) -> None:
        self._may_be_cut = False

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        kind = tag.rpartition("}")[2]
        if kind == "row":
            row = int(attributes.get("r", self._row + 1))
            self._may_be_cut = self._may_be_cut and row > self._row
            self._row, self._column = row, 0
        elif kind == "c":
            self._place(attributes.get("r"))
            self._type = attributes.get("t", "")
            self._formula = self._has_value = False
            self._text.clear()
        elif kind == "f":
            self._formula = True
        elif kind in {"v", "is"}:
            self._has_value = True

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self._column += 1
            self._may_be_cut = False
        elif found := _REFERENCE.fullmatch(reference):
            row = int(found[2])
            self._may_be_cut = self._may_be_cut and found[1].isupper() and row >= self._row
            self._column, self._row = column_number(found[1].upper()), row
        else:
            raise ValueError(reference)
        self._in_cell = True

    def _characters(self, text: str) -> None:
        if self._in_cell and self._has_value and len(self._text) < 4:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        if tag.rpartition("}")[2] != "c" or not self._in_cell:
            return
        text = "".join(self._text)
        # A formula may rightly come to empty text: then it is of type "str" and carries an empty value.
        if self._formula and not text and not (self._type == "str" and self._has_value):
            self._unusable(UNCACHED)
        elif self._type == "e":
            self._unusable(text)
        if self._has_value or self._formula:
            self._shape.filled += 1
            self._shape.last_row = max(self._shape.last_row, self._row)
            self._shape.last_column = max(self._shape.last_column, self._column)
        self._in_cell = False

    def _unusable(self, text: str) -> None:
        note_unusable(self._shape, self._row, self._column, text, self._name)


def note_unusable(shape: SheetShape, row: int, column: int, text: str, name: str) -> None:
    """Keep what a cell without a usable value says, by row and column from 1; InputError when there are too many."""
    shape.unusable_cells += 1
    if shape.unusable_cells > MAX_UNUSABLE:
        where = f"《{name}》{column_letters(column)}{row}等处"
        why = f"没有计算结果或出错的公式超过{MAX_UNUSABLE}个"
        raise InputError(Fault(where, "公式没有可用的结果", why, "打开文件重新计算并保存，或改填数值"))
    shape.unusable.setdefault(row, {})[column] = text


def sprawls(name: str, title: str, shape: SheetShape) -> Fault:
    """That a sheet spans far more than it holds."""
    return Fault(
        f"《{name}》表「{title}」",
        f"占用到第{shape.last_row}行，却只有{shape.filled}个有内容的单元格",
        "远处有零星内容（常为误按的空格），会使表格异常庞大",
        "删除数据区以外的行和列后保存，或拆成几个文件",
    )


def too_many_sheets(name: str, count: int) -> InputError:
    """That a workbook has too many sheets."""
    return InputError(Fault(f"《{name}》", f"有{count}张工作表", f"最多{MAX_SHEETS}张", "拆成几个文件"))


def _check_directory(archive: zipfile.ZipFile, name: str) -> None:
    members = archive.infolist()
    if len({member.filename.casefold() for member in members}) != len(members):
        raise _damaged(name)  # of two members with one name, two programs may read different ones
    if len(members) > MAX_MEMBERS:
        raise _bomb(name, f"压缩包内有{len(members)}个成员，上限{MAX_MEMBERS}个")
    declared = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if declared > MAX_INFLATED_BYTES:
        raise _bomb(name, f"声明的解压大小为{declared}字节，上限{MAX_INFLATED_BYTES}字节")
    if declared > RATIO_FREE_BYTES and declared > packed * MAX_RATIO:
        raise _bomb(name, f"压缩比超过{MAX_RATIO}倍")


def _parsed(data: bytes, name: str) -> ElementTree.Element:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise _entities(name)

    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(data, True)
    return ElementTree.fromstring(data)


def _noticed(members: set[str]) -> list[str]:
    notes = []
    if any(member.startswith("xl/externalLinks/") for member in members):
        notes.append(HAS_LINKS)
    if any(member.endswith("vbaProject.bin") for member in members):
        notes.append(HAS_MACROS)
    return notes


def _kind(members: set[str]) -> str:
    if "word/document.xml" in members:
        return "内容是 Word 文档"
    if "xl/workbook.bin" in members:
        return "内容是 xlsb 二进制工作簿"
    if "content.xml" in members:
        return "内容是 OpenDocument 文档"
    return "内容是压缩包，其中没有工作簿"


def _damaged(name: str) -> InputError:
    return InputError(
        Fault(f"《{name}》", "工作簿已损坏", "压缩包或其中的 XML 不完整", "重新取得文件，或用表格软件修复后另存")
    )


def _bomb(name: str, why: str) -> InputError:
    return InputError(
        Fault(f"《{name}》", "压缩内容异常庞大，已拒绝打开", why, "确认文件来源；确是监测数据的，拆成几个文件")
    )


def _entities(name: str) -> InputError:
    return InputError(
        Fault(f"《{name}》", "工作簿含文档类型声明，已拒绝打开", "正常工作簿没有实体定义", "用表格软件另存为 xlsx")
    )
