"""Quality said in colour: cells whose numbers wear a font colour, and a remark that may say what the colours mean.

The fast parser gives no styles, so a workbook that has coloured fonts at all is opened once more. A colour is no value:
what wears one is taken as it stands and flagged. What a remark calls 离群 or 异常 has a flag of that meaning; any other
colour, explained otherwise or not at all, has the flag that says its meaning is unknown. Fills are looks.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from compensation.expression.formula import column_letters
from compensation.monitoring.records import Marked
from compensation.quality.doubt import Flag

MAX_NAMED = 12
MAX_STYLES_BYTES = 16 * 1024**2

_REMARK = re.compile(
    r"(?P<colour>[红橙黄绿蓝紫])色?(?:的|标|字)?[^,，。;；]{0,6}(?:表示|为|代表|是)(?P<meaning>[^,，。;；]+)"
)
_FONTS = re.compile(rb"<(?:\w+:)?fonts\b.*?</(?:\w+:)?fonts>", re.DOTALL)
_COLOUR = re.compile(rb"""<(?:\w+:)?color\b[^>]*\b(rgb|indexed|theme)=["'](\w+)["']""")
_MEANINGS = {"离群": Flag.MARKED_OUTLIER, "异常": Flag.MARKED_ABNORMAL}
_ACCENTS = range(4, 10)  # of a theme; the first four are its black and white
_SHARE = 0.6  # of the strongest part of a colour, which another must reach to count
_YELLOW = 0.85  # of the red in a yellow, that its green must reach; below it is an orange
OTHER = "其他颜"
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
    """The colours of a sheet's cells by row and column from 1, and the remark that gives them a meaning."""

    remark: str | None
    cells: Mapping[int, Mapping[int, str]]

    def at(self, row: int, column: int) -> tuple[str, Flag] | None:
        """The colour of a cell and the flag it stands for; None for a cell without."""
        colour = self.cells.get(row, {}).get(column)
        return None if colour is None else (colour, flag_of(colour, self.remark))


PLAIN = Worn(None, {})


def remark_on_colours(texts: Iterable[str]) -> str | None:
    """The first text that gives colours a meaning, as 红色数字表示异常值 does; None where there is none."""
    return next((text.strip() for text in texts if len(text) > 4 and _REMARK.search(text)), None)


def flag_of(colour: str, remark: str | None) -> Flag:
    """The flag that a colour stands for by what the remark says of it."""
    said = [found["meaning"] for found in _REMARK.finditer(remark or "") if found["colour"] == colour]
    known = {flag for word, flag in _MEANINGS.items() for meaning in said if word in meaning}
    return known.pop() if len(known) == 1 and len(said) == 1 else Flag.MARKED


def has_coloured_fonts(workbook: bytes) -> bool:
    """Whether any font of an xlsx workbook has a colour, so that opening it again is worth the while."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        name = next((each for each in archive.namelist() if each.lower().endswith("styles.xml")), None)
        if name is None:
            return False
        with archive.open(name) as member:
            styles = member.read(MAX_STYLES_BYTES)
    fonts = b"".join(_FONTS.findall(styles))
    return any(_named(kind.decode(), value.decode()) is not None for kind, value in _COLOUR.findall(fonts))


def worn_colours(workbook: bytes, sheet: str) -> Worn:
    """The colours that a sheet's cells wear, and what a text of the sheet says of them."""
    from openpyxl import load_workbook  # noqa: PLC0415  slow to load, and hardly any file wears colours

    cells: dict[int, dict[int, str]] = {}
    texts: list[str] = []
    book = load_workbook(io.BytesIO(workbook), read_only=True)
    try:
        for row in book[sheet].iter_rows():
            for cell in row:
                if cell.value in (None, ""):
                    continue
                if isinstance(cell.value, str) and not texts and remark_on_colours([cell.value]):
                    texts.append(cell.value)
                if (colour := _name(cell)) is not None:
                    cells.setdefault(cell.row, {})[cell.column] = colour
    finally:
        book.close()
    return Worn(remark_on_colours(texts), cells)


def _name(cell: Any) -> str | None:
    colour = cell.font.color
    return None if colour is None else _named(colour.type, str(getattr(colour, colour.type)))


def _named(kind: str, value: str) -> str | None:
    """A colour's name; None for black, grey, white and what is no colour."""
    if kind == "theme":
        return OTHER if value.isdecimal() and int(value) in _ACCENTS else None
    if kind == "indexed":
        from openpyxl.styles.colors import COLOR_INDEX  # noqa: PLC0415  as above

        value = COLOR_INDEX[int(value)] if value.isdecimal() and int(value) < len(COLOR_INDEX) else ""
    if not re.fullmatch(r"[0-9A-Fa-f]{8}", value):
        return None
    red, green, blue = (int(value[at : at + 2], 16) for at in (2, 4, 6))
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


def unreadable(sheet: str, remark: str, *, is_xlsx: bool) -> str:
    """That a remark speaks of colours which cannot be read, in Chinese."""
    mend = "请核对原表" if is_xlsx else "请另存为 xlsx 再试读一次"
    return f"{_where(sheet)}用颜色说明数据质量（“{remark}”），颜色读不出来；数值照常收下，{mend}。"


def told(sheet: str, remark: str | None, marked: Sequence[Marked]) -> list[str]:
    """What was flagged by colour in a sheet, in Chinese, a line for each colour."""
    if not marked:
        return [f"{_where(sheet)}用颜色说明数据质量（“{remark}”），没有找到着色的数值。"] if remark else []
    said = f"表中写明“{remark}”" if remark else "表中没有说明颜色的含义"
    lines = []
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
