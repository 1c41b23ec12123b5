"""Turned tables (转置表): indicators down the side, sections or times across the top.

The table is turned, and then a header of the usual kind is looked for in its first columns: units beside the names,
limits, status and class come as in any wide table. What is said once above the table (断面：, 采样日期：) holds for
all of it. A file row is one indicator over all samples, and keeps its own address.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from compensation.errors import Fault, Place
from compensation.expression.formula import column_letters
from compensation.monitoring.gathering import Gathering
from compensation.monitoring.headers import ROLES, Kind, Role, folded, is_moment, take_apart
from compensation.monitoring.joint import MEAN_WORDS, MeanRows
from compensation.monitoring.layout import Column, Row, TableLayout, recognise, recognise_fixed
from compensation.monitoring.layout_file import FixedTable
from compensation.monitoring.lookups import SUM_WORDS, ClassTable, ValueTable, status_of
from compensation.monitoring.parsed import ReadOptions
from compensation.monitoring.records import NOTHING_TO_DO, Method, Reading, SectionName, Status
from compensation.monitoring.values import Problem
from compensation.monitoring.wide import section_table, time_table, value_rule
from compensation.quality.standard import indicator_by_name

MAX_ROWS = 300

_CORNERS = frozenset(
    {"监测项目", "检测项目", "项目", "指标", "指标名称", "监测指标", "因子", "监测因子", "项目名称", "分析项目"}
)
_UNIT_WORDS = frozenset({"单位", "计量单位"})
_SAID_ABOVE = re.compile(
    r"(?P<section>断面|断面名称|监测断面|监测点位|点位名称|点位)[:：]\s*(?P<name>[^\s,，;；]+)"
    r"|(?P<time>(?:采样|监测|取样)(?:日期|时间))[:：]\s*(?P<when>\d[\d年月日时分:：/.\-\s]*)"
)


TAKEN = "〔已收下〕"
"""Stands in a row of the quarantine for each value of it that was taken, and must not come in again."""
_SHORT = Problem("单元格比其他行少，数值可能错位", "核对分隔符；含分隔符的文字须加引号")


class Block:
    """The rows of a sheet, all in memory, and the same turned: rows of it are columns of the file."""

    def __init__(self, rows: Sequence[Row], fixed: FixedTable | None = None) -> None:
        """`fixed` says which column holds the names of the rows, and what they should have been."""
        self.rows = list(rows)
        self.height = max((number for number, _ in rows), default=0)
        self.width = max((len(cells) for _, cells in rows), default=0)
        self._cells = dict(rows)
        self._handle = next((at for at in range(1, self.width + 1) if self._is_handle(at)), None)
        self._words = fixed.columns if fixed else {}
        self._names = fixed.header_row if fixed else self._label_column()

    def length(self, row: int) -> int:
        """How many cells a row has."""
        return len(self._cells.get(row, []))

    def text(self, row: int, column: int) -> str:
        """The text of a cell, empty beyond the edge."""
        cells = self._cells.get(row, [])
        return cells[column - 1] if column <= len(cells) else ""

    def _is_handle(self, column: int) -> bool:
        return any(self.text(number, column).strip() == Role.HANDLE for number in self._cells)

    def handle(self, row: int) -> str:
        """The quarantine number that a row bears."""
        return self.text(row, self._handle).strip() if self._handle else ""

    def turned(self) -> list[Row]:
        """The columns as rows, each as long as the sheet is high; what is said above stands below each."""
        said, names = self._said(), self._names
        found = []
        for column in range(1, self.width + 1):
            if column == self._handle:
                continue
            cells = [self.text(row, column) for row in range(1, self.height + 1)]
            if column == names:
                cells = [self._label(row, column) for row in range(1, self.height + 1)]
            is_sample = names is not None and column > names and any(map(str.strip, cells))
            extra = [(label if column == names else text if is_sample else "") for label, text in said]
            found.append((column, cells + extra))
        return found

    def _label_column(self) -> int | None:
        counts = {
            column: sum(indicator_by_name(take_apart(self.text(row, column)).name) is not None for row in self._cells)
            for column in range(1, min(self.width, 4) + 1)
        }
        best = max(counts, key=lambda column: (counts[column], -column), default=None)
        return best if best is not None and counts[best] else None

    def _label(self, row: int, column: int) -> str:
        """A row's name; the corner of a table of indicators names what stands beside it: sections, or times."""
        text = self._words.get(row, self.text(row, column))
        if row in self._words or folded(text).strip("*:") not in _CORNERS:
            return text
        across = [self.text(row, each).strip() for each in range(column + 1, self.width + 1)]
        across = [each for each in across if each and folded(each) not in _UNIT_WORDS]
        return "采样日期" if across and all(map(is_moment, across)) else "断面名称"

    def _said(self) -> list[tuple[str, str]]:
        """What lines above the table say of all of it, as (label, text)."""
        names = self._names
        labels = [folded(self._label(row, names)).strip("*:") for row in self._cells] if names else []
        roles = {ROLES[Kind.WIDE].get(label) for label in labels}
        found: dict[str, str] = {}
        for _, cells in self.rows:
            filled = {cell.strip() for cell in cells if cell.strip()}
            for text in filled:
                for match in _SAID_ABOVE.finditer(text):
                    label = match["time"] or "断面名称"
                    if ROLES[Kind.WIDE][label] not in roles:
                        found.setdefault(label, (match["name"] or match["when"]).strip())
        return list(found.items())


def recognise_turned(
    rows: Sequence[Row], sheet: str, file: str, method: Method | None, fixed: FixedTable | None = None
) -> tuple[TableLayout | None, Block, list[Fault]]:
    """The layout of a turned table, its block, and the faults of its header.

    Without a layout when it is none, which is a fault only where a layout file says that it is one.
    """
    block = Block(rows, fixed)
    if fixed is None:
        layout, faults = recognise(block.turned(), sheet, file, method, turned=True)
    elif beyond := [row for row in fixed.columns if row > block.height]:
        where = f"《{file}》" + (f"表「{sheet}」" if sheet else "")
        why = f"版式文件写到第{max(beyond)}行，表只到第{block.height}行"
        return None, block, [Fault(where, "版式文件与表不符", why, "核对 rows 的行号")]
    else:
        layout, faults = recognise_fixed(block.turned(), sheet, file, method, fixed)
    if layout is None:
        return None, block, faults if fixed else []
    data = {column.number for column in layout.indicators}
    head = tuple((number, tuple(cells)) for number, cells in rows if number not in data)
    titles = {number for number, cells in rows if len({cell for cell in cells if cell.strip()}) == 1}
    columns = tuple(
        replace(each, role=Role.EMPTY) if each.role is Role.UNKNOWN and each.number in titles else each
        for each in layout.columns
    )
    said = tuple(each.header for each in layout.columns if each.number in titles and each.role is Role.UNKNOWN)
    whole = replace(layout, columns=columns, titles=said, head=head, width=block.width, height=block.height)
    return whole, block, faults


class TurnedReader:
    """Reads the rows of one turned table: each is one indicator, over all samples."""

    def __init__(
        self,
        layout: TableLayout,
        block: Block,
        options: ReadOptions,
        default_year: int | None,
        gathering: Gathering,
        *,
        serials: bool,
    ) -> None:
        self._layout, self._block, self._gathering = layout, block, gathering
        self._options, self._method = options, layout.method or Method.MANUAL
        self._times, self._time_rows = time_table(layout, options, default_year, serials=serials)
        self._sections, self._section_rows = section_table(layout, options)
        self.faults: list[Fault] = []
        self._aside: dict[int, list[Problem]] = {}
        self._parted = 0
        self._notes: list[str] = []
        self._means = MeanRows(layout, options)
        self._wrong_means: dict[int, list[tuple[int | None, Problem]]] = {}
        # In a text file a short row has lost a delimiter somewhere, and its values may belong to their neighbours.
        named = [row + 1 for row in (*self._section_rows, *self._time_rows) if row < block.height]
        self._length = max(map(block.length, named), default=0) if gathering.file.form.startswith("文本") else 0
        for row in named:
            if block.length(row) < self._length:
                self._fault(self._length, [row - 1], _SHORT)
        self._samples = [each for column in block.turned() if (each := self._sample(*column)) is not None]

    def _sample(self, column: int, cells: list[str]) -> tuple[int, SectionName, datetime, Status] | None:
        """Where and when a column of the file was sampled; None for one without values, a mean, or a fault."""
        if column <= self._layout.last_head_row:
            return None
        named = [cells[row] for row in self._section_rows]
        words = {folded(text) for text in (*named, *(cells[row] for row in self._time_rows))}
        if words & MEAN_WORDS:
            for row, problem in self._means.faults((column, cells)):
                self._wrong_means.setdefault(row or 0, []).append((column, problem))
            self._notes.append(f"{self._layout.line(column)}是均值，只核对，不入库。")
            return None
        if words & SUM_WORDS:
            self._notes.append(f"{self._layout.line(column)}是合计，由系统另行计算，不入库。")
            return None
        if not any(cells[each.number - 1].strip() for each in self._layout.indicators):
            return None
        self._means.follow((column, cells))
        section = self._sections[tuple(named)]
        moment = self._times[tuple(cells[row] for row in self._time_rows)]
        if not isinstance(section, SectionName):
            self._misplaced(column, self._section_rows, section or Problem("没有断面名称", "填写断面名称"))
        else:
            row = next((row for row in reversed(self._section_rows) if cells[row].strip()), self._section_rows[0]) + 1
            place = Place(self._layout.sheet, min(row, self._block.height), column)
            self._gathering.file.headings.setdefault(section, []).append(place)
        if moment.time is None:
            self._misplaced(column, self._time_rows, moment.problem or Problem("没有监测时间", "补填监测时间"))
        if not isinstance(section, SectionName) or moment.time is None:
            return None
        stated = self._layout.of(Role.STATUS)
        status = status_of(cells[stated.number - 1]) if stated else None
        return column, section, moment.time, status or Status.UNSTATED

    def _misplaced(self, column: int, rows: Sequence[int], problem: Problem) -> None:
        """A column that belongs nowhere: set aside where the sound ones are wanted, else a fault of the table."""
        if self._options.unplaceable is None:
            self._fault(column, rows, problem)
            return
        row = min(max(rows) + 1, self._block.height)
        heading = f"{column_letters(column)}{row}“{self._block.text(row, column)}”"
        self._aside.setdefault(column, []).append(Problem(f"{heading}：{problem.reason}", problem.fix))

    def _fault(self, column: int, rows: Sequence[int], problem: Problem) -> None:
        sheet = self._layout.sheet
        row = min(max(rows) + 1, self._block.height)
        where = f"《{self._gathering.file.name}》" + (f"表「{sheet}」" if sheet else "")
        text = self._block.text(row, column)
        place = Place(sheet, row, column)
        why = f"内容为“{text}”，整列的数值都归不到断面和时间"
        self.faults.append(Fault(f"{where}{column_letters(column)}{row}", problem.reason, why, problem.fix, place))

    def read(self) -> None:
        """Read every row; call it only when there are no faults."""
        shared: dict[object, ValueTable] = {}
        for column in self._layout.indicators:
            rule = value_rule(column.indicator or "", column.shift, column.limit, self._method, self._options)
            table = shared.setdefault(rule, ValueTable(rule)) if column.role is Role.INDICATOR else ClassTable()
            self._row(column, table)
        if self._parted:
            columns = "、".join(self._layout.line(each) for each in self._aside)
            self._notes.append(
                f"{columns}的数值归不到断面和时间，单独隔离；因此分成两部分的{self._parted}行，收下的和隔离的各计一行。"
            )

    def _row(self, row: Column, table: ValueTable) -> None:
        file, sheet = self._gathering.file, self._layout.sheet
        if handle := self._block.handle(row.number):
            file.handles[sheet, row.number] = handle
        text = partial(self._block.text, row.number)
        readings = []
        problems: list[tuple[int | None, Problem]] = []
        for column, section, time, status in self._samples:
            if text(column) == TAKEN:
                continue
            cell = table[text(column)]
            if problem := table.bad.get(cell.raw):
                problems.append((column, problem))
            readings.append(
                Reading(section, row.indicator or "", time, self._method, *cell[:3], status, cell.raw, None, sheet,
                        row.number, column)
            )  # fmt: skip
        problems += self._wrong_means.get(row.number, [])
        aside = [(column, each) for column, found in self._aside.items() if text(column).strip() for each in found]
        if self._block.length(row.number) < self._length:
            problems.append((self._length + 1, _SHORT))
        columns = range(1, self._block.width + 1)
        if problems:
            self._gathering.refuse((row.number, list(map(text, columns))), [*problems, *aside])
            return
        if handle and not readings and not aside:
            nothing = Problem("没有数值", NOTHING_TO_DO)
            self._gathering.refuse((row.number, list(map(text, columns))), [(None, nothing)], blocking=False)
            return
        if readings:
            self._gathering.extend({each.section for each in readings}, [each.time for each in readings])
            self._gathering.take(readings, 1)
        if aside:
            names = range(1, self._layout.last_head_row + 1)
            kept = [text(each) if each in names or each in self._aside else text(each) and TAKEN for each in columns]
            self._gathering.refuse((row.number, kept), aside)
            self._parted += bool(readings)

    def notes(self) -> list[str]:
        """What was left out and why, in Chinese."""
        return self._notes
