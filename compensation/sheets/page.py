"""A sheet while it is laid out: what stands in which cell, in which style; formulas follow once every home is known."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

from openpyxl.worksheet.worksheet import Worksheet

from compensation.expression import Key, Quantity
from compensation.expression.formula import UNDETERMINED, Cell
from compensation.sheets.plan import Plan, number_of
from compensation.sheets.rows import Cached, Streamed

At: TypeAlias = Callable[[Quantity], str]


class Home(NamedTuple):
    """The cell of a quantity: a leaf's value, or its live formula."""

    node: Quantity


class Ref(NamedTuple):
    """A cell that shows a quantity whose home is elsewhere."""

    node: Quantity


class Shown(NamedTuple):
    """A formula of presentation over cells (a class name, a sum of the 勾稽), with what it comes to.

    `write` gets a function that gives the address of a quantity, as seen from this sheet.
    """

    write: Callable[[At], str]
    value: Cached


def saying(formula: str) -> Callable[[At], str]:
    """What writes a formula that names no quantity."""
    return lambda _at: formula


class Blank(NamedTuple):
    """A leaf that is missing, shown as `text` (a blank when empty)."""

    node: Quantity
    text: str


Content: TypeAlias = str | int | Fraction | date | Home | Ref | Shown | Blank | None


class Input(NamedTuple):
    """What an official may type into a cell that stays open: one of `choices`, a date, or some words."""

    kind: Literal["choice", "date", "words"]
    choices: tuple[str, ...] = ()


# Names of the cell styles in the template.
TITLE, SUBTITLE, TABLE_TITLE, HEAD, HEAD_LEFT = "大标题", "副标题", "表题", "表头", "表头左"
TEXT, CENTRE, NOTE, MARK, UNIT_NOTE, BIG = "正文", "居中", "说明", "标记", "单位", "大写"
MONEY, MONEY_TOTAL, WAN, NUMBER, CONCENTRATION, INTEGER, CODE = (
    "金额",
    "金额合计",
    "万元",
    "数值",
    "浓度",
    "整数",
    "编码",
)
RATIO, DECIMALS, VOLUME, FEN, NATURE = "倍数", "小数", "水量", "分", "文件性质"
CLASS, ASSUMED, CHECK, DAY, TIME, CLAUSE, SEAL = "类别", "假定值", "勾稽值", "日期", "时间", "条文", "签章"


@dataclass
class Page:
    """One sheet, by its name in the template."""

    plan: Plan
    name: str
    width: int
    cells: dict[tuple[int, int], tuple[Content, str]] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    class_ranges: list[str] = field(default_factory=list)
    zero_ranges: list[str] = field(default_factory=list)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    title_rows: str | None = None
    freeze: str | None = None
    filter: str | None = None
    pages_wide: int = 1
    links: dict[tuple[int, int], Cell] = field(default_factory=dict)
    facts: dict[tuple[int, int], Key] = field(default_factory=dict)
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    names: dict[str, tuple[int, int]] = field(default_factory=dict)
    inputs: dict[tuple[int, int], "Input"] = field(default_factory=dict)
    drawings: list[Callable[[Worksheet], None]] = field(default_factory=list)
    streamed: Streamed | None = None

    def put(self, row: int, column: int, content: Content, style: str = TEXT) -> None:
        """Content that is not a quantity."""
        self.cells[row, column] = (content, style)

    def node(self, row: int, column: int, node: Quantity, style: str) -> None:
        """A quantity: here is its home, or what its home elsewhere shows."""
        if node.op == "constant":
            self.put(row, column, number_of(node), style)
        elif self.plan.place(node, Cell(self.name, row, column)):
            self.put(row, column, Home(node), style)
        else:
            self.put(row, column, Ref(node), style)

    def link(self, row: int, column: int, target: Cell | None) -> None:
        """Clicking the cell leads to `target`; nothing when there is none."""
        if target is not None:
            self.links[row, column] = target

    def text(self, row: int, first: int, last: int, content: Content, style: str = TEXT) -> None:
        """Content over merged cells of a row, each of them styled, so that borders close."""
        for column in range(first, last + 1):
            self.put(row, column, content if column == first else None, style)
        if last > first:
            self.merges.append((row, first, row, last))

    def heads(self, row: int, heads: list[str], first: int = 1) -> None:
        """A row of column headings."""
        for column, head in enumerate(heads, start=first):
            self.put(row, column, head, HEAD)

    def table(self, row: int, title: str, unit: str, last: int) -> None:
        """The line above a table: its title, and on the right the unit it is in."""
        split = max(1, last - max(2, last // 4)) if last > 2 else 1
        self.text(row, 1, split, title, TABLE_TITLE)
        self.text(row, split + 1, last, f"单位：{unit}" if unit else None, UNIT_NOTE)


def address(row: int, column: int) -> str:
    """Such as D5, for formulas within a sheet."""
    return Cell("", row, column).local


def fixed(row: int, column: int) -> str:
    """Such as $D$5."""
    letters = Cell("", 1, column).local[:-1]
    return f"${letters}${row}"


def for_number(node: Quantity) -> str:
    """The style for a quantity that stands among others of different kinds."""
    by_unit = {"元": MONEY, "万元": MONEY, "分": FEN, "m³": VOLUME}.get(node.unit.symbol)
    if by_unit is not None:
        return by_unit
    value = number_of(node)
    return NUMBER if value is None or value.denominator == 1 or node.op == "leaf" else DECIMALS


def shown_number(node: Quantity) -> Cached:
    """What a cell that shows the quantity holds: its number, or 未定."""
    return UNDETERMINED if number_of(node) is None else number_of(node) or Fraction(0)


def total_of(values: list[Fraction | None]) -> Cached:
    """The sum; 未定 as soon as one of them is."""
    there = [value for value in values if value is not None]
    return sum(there, Fraction(0)) if len(there) == len(values) else UNDETERMINED
