"""The four station files: the same columns in four dresses, as four offices would send them."""

from collections.abc import Iterable, Sequence

from compensation.demo.book import Cell, Number, Sheet, workbook_bytes
from compensation.demo.chance import Chance
from compensation.demo.river import BRIDGE, FENHU, JINZE, LAKE
from compensation.demo.station import HEADER, Faults, Row, feed_cells, published_rows

LABEL = "示例数据"
NOTICE = "示例数据：由程序按固定种子生成，不是真实监测结果，不得用于任何实际结算。"

_FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
_PH_COLUMN = HEADER.index("pH(无量纲)")
_FIRST_SECOND_HALF_MONTH = 7

_LAKE_FAULTS = Faults(maintenance=((1, 14), (4, 15), (7, 15), (10, 14)), stopped=((5, 11), (5, 13)))
_FENHU_FAULTS = Faults(maintenance=((2, 3), (5, 20), (9, 9), (12, 2)), stopped=((3, 9), (3, 11)), revised=75)
_BRIDGE_FAULTS = Faults(maintenance=((3, 18), (6, 3), (12, 16)), silent=((10, 5), (10, 10)))
_JINZE_FAULTS = Faults(maintenance=((4, 8), (8, 12), (11, 11)), missing=220)


def station_files(year: int, seed: int) -> Iterable[tuple[str, bytes]]:
    """File names and contents of the automatic stations, in the order in which they are imported."""
    yield f"{LABEL}_自动站_太浦闸下_{year}.xlsx", _lake_workbook(year, seed)
    yield f"{LABEL}_自动站_汾湖大桥_{year}.csv", _fenhu_text(year, seed)
    yield f"{LABEL}_自动站_太浦河桥_{year}.csv", _bridge_text(year, seed)
    yield f"{LABEL}_自动站_金泽取水口_{year}.xlsx", _jinze_workbook(year, seed)


def csv_bytes(rows: Iterable[Sequence[str]], encoding: str, line_end: str) -> bytes:
    """Comma-separated text; no demo cell holds a comma or a quote, which is asserted."""
    lines = []
    for row in rows:
        assert not any("," in cell or '"' in cell for cell in row)
        lines.append(",".join(row) + line_end)
    return "".join(lines).encode(encoding)


def _lake_workbook(year: int, seed: int) -> bytes:
    """Every cell is text, the year stands in a column of its own, and one row in the middle is empty."""
    title = f"太浦闸下水质自动站{year}年数据（{LABEL}）"
    rows: list[Sequence[Cell]] = [(title,), ("year", *HEADER)]
    rows += [
        (str(year), *feed_cells(row, f"{row.time:%m-%d %H:%M}"))
        for row in published_rows(LAKE, _LAKE_FAULTS, year, seed)
    ]
    rows.insert(len(rows) // 2, ())
    rows += [(), (NOTICE,)]
    return workbook_bytes(title, [Sheet(LABEL, rows, title_rows=1)])


def _fenhu_text(year: int, seed: int) -> bytes:
    """UTF-8 with BOM; rows in the order they were fetched, so a revision stands below what it corrects."""
    rows: list[Sequence[str]] = [(NOTICE,), (*HEADER, "抓取时间")]
    rows += [
        (*feed_cells(row, f"{row.time:%Y-%m-%d %H:%M}"), f"{row.fetched:%Y-%m-%d %H:%M:%S}")
        for row in published_rows(FENHU, _FENHU_FAULTS, year, seed)
    ]
    return csv_bytes(rows, "utf-8-sig", "\n")


def _bridge_text(year: int, seed: int) -> bytes:
    """GB18030 with CRLF, dates as an office program prints them, and some digits typed full-width."""
    chance = Chance(seed, BRIDGE.section, "typing")
    rows: list[Sequence[str]] = [(NOTICE,), HEADER]
    for row in published_rows(BRIDGE, _BRIDGE_FAULTS, year, seed):
        time = row.time
        cells = list(feed_cells(row, f"{time.year}/{time.month}/{time.day} {time.hour}:{time.minute:02d}"))
        if chance.one_in(300):
            cells[_PH_COLUMN] = cells[_PH_COLUMN].translate(_FULL_WIDTH)
        rows.append(cells)
    return csv_bytes(rows, "gb18030", "\r\n")


def _jinze_workbook(year: int, seed: int) -> bytes:
    """Numbers as numbers and times as serials, one sheet for each half of the year."""
    halves: tuple[list[Sequence[Cell]], list[Sequence[Cell]]] = ([], [])
    for row in published_rows(JINZE, _JINZE_FAULTS, year, seed):
        halves[row.time.month >= _FIRST_SECOND_HALF_MONTH].append(_typed_cells(row))
    sheets = [
        Sheet(
            f"{LABEL}{half}",
            [(f"金泽取水口水质自动站{year}年{half}数据（{LABEL}）",), HEADER, *rows, (NOTICE,)],
            1,
        )
        for half, rows in zip(("上半年", "下半年"), halves, strict=True)
    ]
    return workbook_bytes(f"金泽取水口水质自动站{year}年数据（{LABEL}）", sheets)


def _typed_cells(row: Row) -> Sequence[Cell]:
    texts = feed_cells(row, "")
    return tuple(row.time if name == "监测时间" else _typed(text) for name, text in zip(HEADER, texts, strict=True))


def _typed(text: str) -> Cell:
    if not text:
        return None
    return Number(text) if text.replace(".", "").isdecimal() else text
