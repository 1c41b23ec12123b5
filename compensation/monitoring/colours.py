"""Quality said in colour: cells whose numbers wear a font colour, and a remark that may say what the colours mean.

The fast parser gives no styles, so an xlsx that has coloured fonts at all is opened once more. A colour is no value:
what wears one is taken as it stands and flagged. What a remark calls 离群 or 异常 has a flag of that meaning; any other
colour, explained otherwise or not at all, has the flag that says its meaning is unknown. Fills are looks, but for a
solid fill of a colour that a remark gives a meaning, as 黄色底纹表示异常值 does: it is called by its colour and 底.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from compensation.expression.formula import column_letters
from compensation.monitoring.records import Marked
from compensation.quality.doubt import Flag

MAX_NAMED = 12
MAX_STYLES_BYTES = 16 * 1024**2

_CHUNK = 1 << 20
_LONGEST_REMARK = 2048  # with the tags in it
_NAMES = tuple(name.encode() for name in "红橙黄绿蓝紫")

_REMARK = re.compile(
    r"(?P<colour>[红橙黄绿蓝紫])色?(?:的|标|字)?[^,，。;；]{0,6}(?:表示|为|代表|是)(?P<meaning>[^,，。;；]+)"
)
_FONTS = re.compile(rb"<(?:\w+:)?fonts\b.*?</(?:\w+:)?fonts>", re.DOTALL)
_FILLS = re.compile(rb"""<(?:\w+:)?patternFill\b[^>]*["']solid["'][^>]*>.*?</(?:\w+:)?patternFill>""", re.DOTALL)
_FILL_COLOUR = re.compile(rb"""<(?:\w+:)?fgColor\b[^>]*\b(rgb|indexed|theme)=["'](\w+)["']""")
_TAGS = re.compile(rb"<[^>]*>")
_OF_FONTS, _OF_FILLS = "字", ("底", "填充", "背景", "单元格", "格子", "阴影")
_VERBS = tuple(word.encode() for word in ("表示", "代表", "为", "是"))
_COLOUR = re.compile(rb"""<(?:\w+:)?color\b[^>]*\b(rgb|indexed|theme)=["'](\w+)["']""")
_MEANINGS = {"离群": Flag.MARKED_OUTLIER, "异常": Flag.MARKED_ABNORMAL}
_ACCENTS = range(4, 10)  # of a theme; the first four are its black and white
_SHARE = 0.6  # of the strongest part of a colour, which another must reach to count
_YELLOW = 0.85  # of the red in a yellow, that its green must reach; below it is an orange
OTHER = "其他颜"
FILL = "底"
PAINT: Mapping[str, str] = {
    "红": "FFFF0000",
    "橙": "FFFF8000",
    "黄": "FFFFFF00",
    "绿": "FF00B050",
    "蓝": "FF0000FF",
    "紫": "FF7030A0",
    OTHER: "FF00FFFF",
}
"""A colour (ARGB) for each name, which is read again as that name."""


class Worn(NamedTuple):
    """The colours of a sheet's cells by row and column from 1, and the remark that gives them a meaning.

    `nameless` numbers stand on a solid fill of a colour without a name, though the remark gives fills a meaning.
    """

    remark: str | None
    cells: Mapping[int, Mapping[int, str]]
    nameless: int = 0

    def at(self, row: int, column: int) -> tuple[str, Flag] | None:
        """The colour of a cell and the flag it stands for; None for a cell without."""
        colour = self.cells.get(row, {}).get(column)
        return None if colour is None else (colour, flag_of(colour, self.remark))


PLAIN = Worn(None, {})


class Style(NamedTuple):
    """The names of a font's colour and of a solid fill; `is_nameless` where the fill has a colour and no name."""

    font: str | None
    fill: str | None
    is_nameless: bool


class Look(NamedTuple):
    """A cell that is not empty, by row and column from 1, and what it wears."""

    row: int
    column: int
    style: Style
    is_number: bool


def remark_on_colours(texts: Iterable[str]) -> str | None:
    """The first text that gives colours a meaning, as 红色数字表示异常值 does; None where there is none."""
    return next((text.strip() for text in texts if len(text) > 4 and _REMARK.search(text)), None)


def flag_of(colour: str, remark: str | None) -> Flag:
    """The flag that a colour stands for by what the remark says of it."""
    said = [meaning for name, meaning in _said(remark) if name == colour]
    known = {flag for word, flag in _MEANINGS.items() for meaning in said if word in meaning}
    return known.pop() if len(known) == 1 and len(said) == 1 else Flag.MARKED


def _said(remark: str | None) -> Iterator[tuple[str, str]]:
    """Each colour of a font or a fill that a remark gives a meaning, and that meaning.

    A remark that says of neither speaks of both; of a fill only where it doubts, since fills are looks.
    """
    for found in _REMARK.finditer(remark or ""):
        words = found[0].removesuffix(found["meaning"])
        of_fills = any(word in words for word in _OF_FILLS)
        if not of_fills:
            yield found["colour"], found["meaning"]
        if of_fills or not (
            _OF_FONTS in words or _MEANINGS.keys().isdisjoint(re.findall("离群|异常", found["meaning"]))
        ):
            yield found["colour"] + FILL, found["meaning"]


def has_coloured_cells(workbook: bytes) -> bool:
    """Whether an xlsx workbook has a coloured font, or coloured fills of which it speaks: then it is opened again."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        name = next((each for each in archive.namelist() if each.lower().endswith("styles.xml")), None)
        if name is None:
            return False
        with archive.open(name) as member:
            styles = member.read(MAX_STYLES_BYTES)
        fonts = b"".join(_FONTS.findall(styles))
        if any(_named(kind.decode(), value.decode()) is not None for kind, value in _COLOUR.findall(fonts)):
            return True
        fills = _FILL_COLOUR.findall(b"".join(_FILLS.findall(styles)))
        is_filled = any(kind == b"theme" or _named(kind.decode(), value.decode()) for kind, value in fills)
        return is_filled and any(_speaks_of_fills(archive, each) for each in archive.namelist())


def _speaks_of_fills(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether a text in a part of the package gives the colour of a fill a meaning."""
    if not name.startswith(("xl/worksheets/", "xl/sharedStrings")) or not name.endswith(".xml"):
        return False
    before = b""
    with archive.open(name) as member:
        while piece := member.read(_CHUNK):
            xml, before = before + piece, piece[-_LONGEST_REMARK:]
            # A remark may be cut by the tags of its own colours. Hardly any sheet has these words.
            if any(map(xml.__contains__, _VERBS)) and any(map(xml.__contains__, _NAMES)):
                text = _TAGS.sub(b"", xml).decode(errors="ignore")
                if any(colour.endswith(FILL) for colour, _ in _said(text)):
                    return True
    return False


def fill_name(cell: Any) -> str | None:
    """The name of the solid fill of a cell; None where it has none, or one without a name."""
    fill = _kind_and_value(_solid_fill(cell))
    return _named(*fill) if fill else None


def _solid_fill(cell: Any) -> Any:
    """The colour of a cell's solid fill; None where it has none."""
    fill = cell.fill
    return None if fill is None or fill.fill_type != "solid" else fill.fgColor


def in_workbook(workbook: bytes) -> Callable[[str], Worn | None]:
    """Tells by title what a sheet of an xlsx wears; None where the workbook has no colours to look for."""
    is_coloured = cache(lambda: has_coloured_cells(workbook))
    return lambda sheet: worn_colours(workbook, sheet) if is_coloured() else None


def worn_colours(workbook: bytes, sheet: str) -> Worn:
    """The colours that a sheet's cells wear, and what a text of the sheet says of them."""
    from openpyxl import load_workbook  # noqa: PLC0415  slow to load, and hardly any file wears colours

    texts: list[str] = []
    looks: list[Look] = []
    book = load_workbook(io.BytesIO(workbook), read_only=True)
    try:
        for row in book[sheet].iter_rows():
            for cell in row:
                if cell.value in (None, ""):
                    continue
                if isinstance(cell.value, str) and not texts and remark_on_colours([cell.value]):
                    texts.append(cell.value)
                style = style_of(_kind_and_value(cell.font.color), _kind_and_value(_solid_fill(cell)))
                if style is not None:
                    looks.append(Look(cell.row, cell.column, style, isinstance(cell.value, int | float)))
    finally:
        book.close()
    return worn_of(looks, remark_on_colours(texts))


def worn_of(looks: Iterable[Look], remark: str | None) -> Worn:
    """What cells wear that means something, by what the sheet's remark says of colours."""
    cells: dict[int, dict[int, str]] = {}
    filled: list[tuple[int, int, str]] = []
    meant = {colour for colour, _ in _said(remark) if colour.endswith(FILL)}
    nameless = 0
    for row, column, style, is_number in looks:
        if style.font is not None:
            cells.setdefault(row, {})[column] = style.font
        if style.fill is not None and style.fill + FILL in meant:
            filled.append((row, column, style.fill + FILL))
        nameless += style.is_nameless and is_number
    for row, column, colour in filled:
        own = cells.get(row, {}).get(column)
        if own is None or flag_of(own, remark) is Flag.MARKED:
            cells.setdefault(row, {})[column] = colour
    return Worn(remark, cells, nameless if meant else 0)


def style_of(font: tuple[str, str] | None, fill: tuple[str, str] | None) -> Style | None:
    """What a font and a solid fill look like, each by the kind of its colour and its value; None for nothing at all."""
    name = _named(*fill) if fill else None
    is_nameless = fill is not None and name in {None, OTHER} and not _is_grey(*fill)
    style = Style(_named(*font) if font else None, None if name == OTHER else name, is_nameless)
    return style if any(style) else None


def _is_grey(kind: str, value: str) -> bool:
    """Whether a colour is white, black or grey, or none at all, which no remark would name."""
    if kind == "theme":
        return not value.isdecimal() or int(value) not in _ACCENTS
    parts = _parts(kind, value)
    return parts is None or max(parts) == min(parts)


def _kind_and_value(colour: Any) -> tuple[str, str] | None:
    return None if colour is None else (colour.type, str(getattr(colour, colour.type)))


def _parts(kind: str, value: str) -> tuple[int, int, int] | None:
    """Red, green and blue; None for what is no colour."""
    if kind == "indexed":
        from openpyxl.styles.colors import COLOR_INDEX  # noqa: PLC0415  as above

        value = COLOR_INDEX[int(value)] if value.isdecimal() and int(value) < len(COLOR_INDEX) else ""
    if not re.fullmatch(r"[0-9A-Fa-f]{8}", value):
        return None
    return int(value[2:4], 16), int(value[4:6], 16), int(value[6:8], 16)


def _named(kind: str, value: str) -> str | None:
    """A colour's name; None for black, grey, white and what is no colour."""
    if kind == "theme":
        return OTHER if value.isdecimal() and int(value) in _ACCENTS else None
    parts = _parts(kind, value)
    if parts is None:
        return None
    red, green, blue = parts
    strongest = max(red, green, blue)
    if strongest - min(red, green, blue) < strongest / 3 or not strongest:
        return None
    strong = (red > strongest * _SHARE, green > strongest * _SHARE, blue > strongest * _SHARE)
    names = {
        (True, False, False): "橙" if green > strongest * (1 - _SHARE) else "红",
        (False, True, False): "绿",
        (False, False, True): "蓝",
        (True, True, False): "黄" if green > red * _YELLOW else "橙",
        (True, False, True): "紫",
    }
    return names.get(strong, OTHER)


def conditional(sheet: str) -> str:
    """That a sheet has conditional formats, in Chinese: what they show depends on a calculation nobody stored."""
    return f"{_where(sheet)}有条件格式，由它们显示的颜色不读取；用它们标出的存疑值，请改用字体颜色，或另行说明。"


def unreadable(sheet: str, remark: str, *, is_workbook: bool) -> str:
    """That a remark speaks of colours which cannot be read, in Chinese."""
    mend = "请核对原表" if is_workbook else "请另存为 xlsx 再试读一次"
    return f"{_where(sheet)}用颜色说明数据质量（“{remark}”），颜色读不出来；数值照常收下，{mend}。"


def told(sheet: str, worn: Worn, marked: Sequence[Marked]) -> list[str]:
    """What was flagged by colour in a sheet, in Chinese, a line for each colour."""
    remark = worn.remark
    lines = []
    if worn.nameless:
        why = "底色是浅色或主题色，与表中所说的颜色对不上，没有标记；请改用标准色，或核对原表"
        lines.append(f"{_where(sheet)}另有 {worn.nameless} 个数字的{why}。")
    if not marked:
        return [*lines, f"{_where(sheet)}用颜色说明数据质量（“{remark}”），没有找到着色的数值。"] if remark else []
    said = f"表中写明“{remark}”" if remark else "表中没有说明颜色的含义"
    for colour, flag in dict.fromkeys((each.colour, each.flag) for each in marked):
        readings = [each.reading for each in marked if each.colour == colour]
        places = [f"{column_letters(each.column)}{each.row}" for each in readings]
        more = " 等" if len(places) > MAX_NAMED else ""
        lines.append(
            f"{_where(sheet)}{colour}色的数值 {len(places)} 个（{'、'.join(places[:MAX_NAMED])}{more}），"
            f"记存疑标记“{flag}”（{said}）；数值照常收下，计入、剔除还是待核实，由协议数据规则中的 flags 决定。"
        )
    return lines


def _where(sheet: str) -> str:
    return f"表「{sheet}」" if sheet else "表"
