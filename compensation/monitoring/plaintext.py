"""Delimited text: which encoding, which delimiter, which rows. Content decides, never the file's name."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from compensation.errors import Fault, InputError

MAX_CELL_CHARACTERS = 32_767  # the most a spreadsheet cell holds

_CHUNK = 1 << 20
_DELIMITERS = (",", "\t", ";", "|", "，")
_SAMPLE_LINES = 20
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF 文档"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf", "7z 压缩包"),
    (b"SQLite format 3", "数据库文件"),
    (b"{\\rtf", "RTF 文档"),
)
# Words of a header row, by which GB18030 and Big5 are told apart: most byte strings are valid in both.
_SIMPLIFIED = ("断面", "监测", "时间", "指标", "总磷", "溶解氧", "氨氮", "年份", "采样", "取水")
_TRADITIONAL = ("斷面", "監測", "時間", "指標", "總磷", "測站", "採樣", "年份", "氨氮", "溶氧")
# Two Chinese characters in UTF-8. In GB18030 and Big5 these bytes are rare ones, and hardly ever make up a whole line.
# A pattern for each byte that they begin with, which is searched for ten times as fast as one for all.
_CHINESE = [re.compile(b"%c[\x80-\xbf]{2}[\xe4-\xe9][\x80-\xbf]{2}" % each) for each in range(0xE4, 0xEA)]
_MOST_TOLD = 8


def encoding_of(data: bytes, name: str) -> str:
    """The encoding that fits all of the data; InputError when it is no text, none fits, or lines differ in it."""
    for magic, kind in _NOT_TEXT:
        if data.startswith(magic):
            raise _no_table(name, f"内容是{kind}")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _proved(data, (encoding,), name)
    zeros = data[:4096].count(0)
    if zeros and _is_utf8_with_zeros(data):
        raise _no_table(name, f"文本里夹有空字节（第 {data.index(0) + 1} 个字节）")
    if zeros:
        even = data[:4096:2].count(0)
        candidates = ("utf-16-be",) if even > zeros // 2 else ("utf-16-le",)
        return _proved(data, candidates, name)
    encoding = _proved(data, ("utf-8", "gb18030", "big5hkscs"), name)
    if encoding != "utf-8":
        _require_one(data, name)
    if encoding == "gb18030" and _is_big5(data):
        return "big5hkscs"
    return encoding


def rows_of(data: bytes, encoding: str, name: str) -> Iterator[list[str]]:
    """Rows of cells, one at a time; a row is a record, as a spreadsheet would number it."""
    start = _lines(data, encoding, _SAMPLE_LINES)
    if start.lstrip().lower().startswith(("<html", "<!doctype", "<table", "<?xml", "{", "[")):
        raise _no_table(name, "内容是网页或结构化文本，不是表格")
    delimiter = delimiter_of(start)
    stream = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise InputError(
            Fault(
                f"《{name}》第{reader.line_num}行附近",
                "引号不配对，或单元格过长",
                f"CSV 格式错误（{error}）",
                "用表格软件打开核对后另存为 xlsx",
            )
        ) from error


def delimiter_of(start: str) -> str:
    """The delimiter that splits most of the first lines into the same number of cells; comma when none does."""
    lines = [line for line in start.splitlines() if line.strip()]
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        counts = [line.count(delimiter) for line in lines]
        common = max(counts, key=counts.count, default=0)
        score = common * counts.count(common)
        if score > most:
            best, most = delimiter, score
    return best


def _lines(data: bytes, encoding: str, number: int) -> str:
    stream = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline=None)
    return "\n".join(stream.readline(MAX_CELL_CHARACTERS) for _ in range(number))


def _proved(data: bytes, candidates: tuple[str, ...], name: str) -> str:
    for encoding in candidates:
        if _decodes(data, encoding):
            return encoding
    if candidates[0].startswith("utf-8"):
        _require_one(data, name)
    raise _no_table(name, "既不是工作簿，也不是 UTF-8、GB18030、Big5 或 UTF-16 编码的文本")


def _decodes(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    view = memoryview(data)
    try:
        for start in range(0, len(data), _CHUNK):
            text = decoder.decode(view[start : start + _CHUNK], final=start + _CHUNK >= len(data))
            if "\x00" in text or "\x1b" in text:
                return False
    except UnicodeDecodeError:
        return False
    return True


def _require_one(data: bytes, name: str) -> None:
    """Refuse a text, not all of it UTF-8, of which some lines are: as GB18030 they would be read as other words."""
    for pattern in _CHINESE:
        at = 0
        while found := pattern.search(data, at):
            start, end = data.rfind(b"\n", 0, found.start()) + 1, data.find(b"\n", found.end())
            at = end if end >= 0 else len(data)
            if _decodes(data[start:at], "utf-8"):
                raise _mixed(data, name)


def _mixed(data: bytes, name: str) -> InputError:
    utf8: list[int] = []
    other: list[int] = []
    neither: list[int] = []
    for number, line in enumerate(io.BytesIO(data.removeprefix(codecs.BOM_UTF8)), start=1):
        if line.isascii():
            continue
        if _decodes(line, "utf-8"):
            utf8.append(number)
        elif _decodes(line, "gb18030") and not _is_cut(line):
            other.append(number)
        else:
            neither.append(number)
    kinds = (("UTF-8", utf8), ("GB18030（GBK）或 Big5", other), ("两者都不是（可能没有传完整）", neither))
    why = "；".join(f"{_listed(numbers)}是 {words}" for words, numbers in kinds if numbers)
    where = f"《{name}》第 {min((utf8, other + neither), key=len)[0]} 行"
    fix = "多半是两个来源的行拼在了一起：分别导入原来的各个文件，或把整个文件重新录成一种编码（UTF-8）"
    return InputError(Fault(where, "文本里夹有另一种编码的行", why, fix))


def _listed(numbers: list[int]) -> str:
    more = f"等 {len(numbers)} 行" if len(numbers) > _MOST_TOLD else ""
    return f"第 {'、'.join(map(str, numbers[:_MOST_TOLD]))} 行{more}"


def _is_cut(line: bytes) -> bool:
    """Whether a last line is UTF-8 that ends within a character."""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(line)
    except UnicodeDecodeError:
        return False
    return not line.endswith(b"\n")


def _is_utf8_with_zeros(data: bytes) -> bool:
    """Whether text is UTF-8 but for zero bytes: no UTF-16 of anything but Latin stays valid without its zeros."""
    text = data.replace(b"\0", b"")
    return not text.isascii() and _decodes(text, "utf-8")


def _is_big5(data: bytes) -> bool:
    start = data[:8192]
    simplified = start.decode("gb18030", "replace")
    traditional = start.decode("big5hkscs", "replace")
    own = sum(word in simplified for word in _SIMPLIFIED)
    other = sum(word in traditional for word in _TRADITIONAL)
    return other > own and _decodes(data, "big5hkscs")


def _no_table(name: str, why: str) -> InputError:
    return InputError(Fault(f"《{name}》", "不是可以读取的表格文件", why, "提供 xlsx、xls 或 CSV 格式的监测数据"))
