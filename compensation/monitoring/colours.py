"""Quality said in colour: a remark gives font colours a meaning, and cells wear them.

The fast parser gives no styles, so the file is opened once more, and only where a remark speaks of colours. A colour is
no value: what wears one is taken as it stands, and named with its address.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MAX_NAMED = 12

_REMARK = re.compile(r"[红绿蓝黄橙紫]色?(?:的|标|字)?[^,，。;；]{0,6}(?:表示|为|代表|是)[^,，。;；]+")
_SHARE = 0.6  # of the strongest part of a colour, which another must reach to count


def remark_on_colours(texts: Iterable[str]) -> str | None:
    """The first text that gives colours a meaning, as 红色数字表示异常值 does; None where there is none."""
    return next((text for text in texts if len(text) > 4 and _REMARK.search(text)), None)


def coloured_cells(path: Path, sheet: str, remark: str) -> dict[str, list[str]]:
    """The addresses of the cells of a sheet that wear a colour of which the remark speaks, by the colour's name."""
    from openpyxl import load_workbook  # noqa: PLC0415  slow to load, and hardly any file speaks of colours

    found: dict[str, list[str]] = {}
    book = load_workbook(path, read_only=True)
    try:
        for row in book[sheet].iter_rows():
            for cell in row:
                name = _name(cell) if cell.value not in (None, "") else None
                if name is not None and name in remark:
                    found.setdefault(name, []).append(cell.coordinate)
    finally:
        book.close()
    return found


def _name(cell: Any) -> str | None:
    colour = cell.font.color
    rgb = colour.rgb if colour is not None and colour.type == "rgb" else None
    if not isinstance(rgb, str) or len(rgb) != len("FFRRGGBB"):
        return None
    red, green, blue = (int(rgb[at : at + 2], 16) for at in (2, 4, 6))
    strongest = max(red, green, blue)
    if strongest - min(red, green, blue) < strongest / 3:
        return None  # black, grey, white
    strong = (red > strongest * _SHARE, green > strongest * _SHARE, blue > strongest * _SHARE)
    names = {
        (True, False, False): "红",
        (False, True, False): "绿",
        (False, False, True): "蓝",
        (True, True, False): "黄",
        (True, False, True): "紫",
    }
    return names.get(strong)


def note_on_colours(path: Path, sheet: str, remark: str, *, is_xlsx: bool) -> str:
    """What is said of them, in Chinese."""
    said = f"表「{sheet}」用颜色说明数据质量（“{remark.strip()}”）"
    if not is_xlsx:
        return f"{said}，这种格式的颜色读不出来；数值照常收下，请另存为 xlsx 再试读一次。"
    parts = []
    try:
        coloured = coloured_cells(path, sheet, remark)
    except Exception:
        # What one parser reads may fail in the other in any way; that there are colours is said all the same.
        return f"{said}，颜色读不出来；数值照常收下，请核对原表。"
    for name, cells in coloured.items():
        more = " 等" if len(cells) > MAX_NAMED else ""
        parts.append(f"{name}色 {len(cells)} 处（{'、'.join(cells[:MAX_NAMED])}{more}）")
    worn = "，".join(parts) or "没有找到这些颜色的单元格"
    return f"{said}：{worn}。颜色不是数值，这些值照常收下；不应计入的，改为 -- 后再导入。"
