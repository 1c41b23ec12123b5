"""来源行 and 原始读数: the rows of the files behind every leaf, and every reading with the cell it stood in.

A leaf leads to its row of 来源行, which names the file, the sheet and the rows to open; where the raw readings are
written too, that row leads on to them. Readings are streamed: a hundred thousand are never held at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from compensation.errors import Fault, InputError
from compensation.expression import Key
from compensation.expression.formula import Cell, column_letters
from compensation.quality.standard import indicator
from compensation.sheets import page as style
from compensation.sheets.leaves import SOURCES
from compensation.sheets.page import Home, Page
from compensation.sheets.plan import Plan
from compensation.sheets.rows import Streamed, inline
from rules.evidence import ExemptionFact, IncidentFact, InKindFact

ROWS, READINGS = "来源行", "原始读数"
_FIRST = 6
_LETTERS = "ABCDEFGHIJK"
_LAST_ROW = 1_048_576  # of an .xlsx sheet


class Origin(NamedTuple):
    """The rows of one sheet of a file, first to last, in which the values of some leaves stand.

    `file` is the number of the file on 数据来源. `readings` counts the numbers in these rows, and `start` is the
    place of the first of them among all readings, from 0; None where they are no readings (a volume).
    """

    section: str
    period: str
    what: str
    file: int
    sheet: str
    first_row: int
    last_row: int
    readings: int
    start: int | None
    keys: tuple[Key, ...]


class RawReading(NamedTuple):
    """A reading as it stands, with the cell it stood in; `value` is its number or what the cell said."""

    section: str
    indicator: str
    days: str  # the time, as a spreadsheet counts days
    method: str
    value: str
    is_number: bool
    status: str
    file: int
    sheet: str
    row: int
    column: int


class Trace(NamedTuple):
    """Where the leaves came from; `readings` is None unless the raw appendix is asked for, `how_many` counts them."""

    origins: Sequence[Origin] = ()
    readings: Iterable[RawReading] | None = None
    how_many: int = 0


def key_of(fact: IncidentFact | ExemptionFact | InKindFact) -> Key:
    """What a fact that is more than one number goes by, where it is listed and where it came from."""
    match fact:
        case IncidentFact():
            return "incident", fact.number
        case ExemptionFact():
            return "exemption", fact.section, fact.first.isoformat(), fact.last.isoformat(), fact.document
        case InKindFact():
            return "in_kind", fact.contributor, fact.receiver, fact.kind, fact.description, fact.source


_ROW_STYLES = (
    style.TEXT, style.CENTRE, style.TEXT, style.INTEGER, style.INTEGER, style.TEXT, style.INTEGER, style.INTEGER,
)  # fmt: skip
_ROW_HEADS = ["断面", "期间", "内容", "数值个数", "文件序号", "工作表", "首行", "末行"]


def source_rows(plan: Plan, trace: Trace, names: Mapping[str, str]) -> Page:
    """One line for each run of rows of a file; `names` are those of the sections."""
    page = Page(plan, ROWS, len(_ROW_HEADS))
    note = "原文件第“首行”至“末行”即该期间数值所在的行；其中按数据规则不计入的，见“免责与剔除”。"
    page.text(3, 1, page.width, note, style.NOTE)
    page.table(4, "各项数值在原文件中的位置", "个、行号", page.width)
    page.heads(5, _ROW_HEADS)
    page.title_rows, page.freeze = "5:5", f"A{_FIRST}"
    for column, name in enumerate(_ROW_STYLES, start=1):
        page.put(_FIRST, column, None, name)
    page.heights[_FIRST] = 18
    for row, each in enumerate(trace.origins, start=_FIRST):
        page.link(row, 5, Cell(SOURCES, 5 + each.file, 2))
        if trace.readings is not None and each.start is not None:
            page.link(row, 4, Cell(READINGS, _FIRST + each.start, 1))
    page.streamed = Streamed(_FIRST, partial(_origin_rows, trace.origins, names))
    page.filter = f"A5:{column_letters(page.width)}{_FIRST + len(trace.origins) - 1}"
    return page


def _origin_rows(origins: Iterable[Origin], names: Mapping[str, str], styles: Sequence[str]) -> Iterator[str]:
    for number, each in enumerate(origins, start=_FIRST):
        cells: tuple[str | int, ...] = (
            names.get(each.section, each.section),
            each.period,
            each.what,
            each.readings,
            each.file,
            each.sheet,
            each.first_row,
            each.last_row,
        )
        yield _row(number, cells, styles)


def _row(number: int, cells: Sequence[str | int], styles: Sequence[str]) -> str:
    """The XML of a row of texts and whole numbers."""
    written = "".join(
        f'<c r="{letter}{number}" s="{named}"{inline(cell) if isinstance(cell, str) else _figure(cell)}</c>'
        for letter, cell, named in zip(_LETTERS, cells, styles, strict=False)
    )
    return f'<row r="{number}">{written}</row>'


def link_leaves(pages: Iterable[Page], trace: Trace) -> None:
    """Clicking a leaf, or the number of a fact, leads to the rows that it came from."""
    rows: dict[Key, Cell] = {}
    for row, each in enumerate(trace.origins, start=_FIRST):
        for key in each.keys:
            rows.setdefault(key, Cell(ROWS, row, 1))
    for page in pages:
        for (row, column), (content, _) in page.cells.items():
            if isinstance(content, Home) and content.node.key in rows:
                page.link(row, column, rows[content.node.key])
        for (row, column), key in page.facts.items():
            page.link(row, column, rows.get(key))


_READING_HEADS = [
    "断面", "监测指标", "单位", "监测时间", "监测方式", "监测结果", "站点情况", "文件序号", "工作表", "行", "列",
]  # fmt: skip
_STYLES = (
    style.TEXT, style.TEXT, style.CENTRE, style.TIME, style.CENTRE, style.NUMBER, style.CENTRE, style.INTEGER,
    style.TEXT, style.INTEGER, style.INTEGER,
)  # fmt: skip


def raw_readings(plan: Plan, trace: Trace) -> Page:
    """The page with one row as a pattern of its styles; `streamed` gives the rows. InputError when they do not fit."""
    last = _FIRST + trace.how_many - 1
    if last > _LAST_ROW:
        raise InputError(
            Fault(
                "--with-readings",
                f"原始读数有 {trace.how_many:,} 行，一张工作表只容得下 {_LAST_ROW - _FIRST + 1:,} 行",
                "结算期间的读数过多",
                "不加 --with-readings；或分期结算",
            )
        )
    page = Page(plan, READINGS, len(_READING_HEADS))
    page.text(3, 1, page.width, "结算所依据的每个读数，及其在原文件中的单元格；文件序号见“数据来源”。", style.NOTE)
    page.table(4, "监测结果（现行有效者）", "见单位栏", page.width)
    page.heads(5, _READING_HEADS)
    for column, name in enumerate(_STYLES, start=1):
        page.put(_FIRST, column, None, name)
    page.heights[_FIRST] = 18
    page.title_rows, page.freeze = "5:5", f"A{_FIRST}"
    page.filter = f"A5:{column_letters(page.width)}{max(last, _FIRST)}"
    page.streamed = Streamed(_FIRST, partial(_rows, trace.readings or (), trace.how_many))
    return page


def _rows(readings: Iterable[RawReading], count: int, styles: Sequence[str]) -> Iterator[str]:
    """The XML of every row; `styles` are the numbers of the cells' styles. AssertionError when the count differs."""
    number = _FIRST - 1
    (a, b, c, d, e, f, g, h, i, j, k) = styles
    for number, each in enumerate(readings, start=_FIRST):
        code, unit = _indicator(each.indicator)
        value = f"><v>{each.value}</v>" if each.is_number else inline(each.value)
        yield (
            f'<row r="{number}"><c r="A{number}" s="{a}"{inline(each.section)}</c>'
            f'<c r="B{number}" s="{b}"{code}</c><c r="C{number}" s="{c}"{unit}</c>'
            f'<c r="D{number}" s="{d}"><v>{each.days}</v></c><c r="E{number}" s="{e}"{inline(each.method)}</c>'
            f'<c r="F{number}" s="{f}"{value}</c><c r="G{number}" s="{g}"{inline(each.status)}</c>'
            f'<c r="H{number}" s="{h}"><v>{each.file}</v></c><c r="I{number}" s="{i}"{inline(each.sheet)}</c>'
            f'<c r="J{number}" s="{j}"><v>{each.row}</v></c><c r="K{number}" s="{k}"><v>{each.column}</v></c></row>'
        )
    if number - _FIRST + 1 != count:
        raise AssertionError(f"{number - _FIRST + 1} readings were streamed and {count} announced")


def _figure(number: int) -> str:
    return f"><v>{number}</v>"


@lru_cache(maxsize=256)
def _indicator(code: str) -> tuple[str, str]:
    known = indicator(code)
    return inline(known.name), inline(known.unit)
