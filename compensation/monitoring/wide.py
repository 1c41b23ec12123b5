"""A row per time, a column per indicator: read by columns, a batch of rows at a time.

Whole columns go through `map` and `zip` because most of a national file's time would otherwise be Python's loop.
Rows that are not plainly good leave the batch and are looked at one by one.
"""

from datetime import datetime
from itertools import compress
from typing import cast

from compensation.monitoring.batch import Wide
from compensation.monitoring.gathering import Gathering
from compensation.monitoring.headers import Role
from compensation.monitoring.layout import Column, Row, TableLayout
from compensation.monitoring.lookups import Cell, ClassTable, SectionTable, ValueTable, status_of
from compensation.monitoring.parsed import ReadOptions
from compensation.monitoring.records import NOTHING_TO_DO, Method, SectionName, State, Status
from compensation.monitoring.times import Moment, TimeColumns, TimeTable
from compensation.monitoring.values import Parsed, Problem, ValueRule, parse_value
from compensation.quality.standard import TEMPERATURE

_TIME_ROLES = (Role.STAMP, Role.CLOCK, Role.YEAR, Role.MONTH, Role.DAY, Role.SNAPSHOT)
_NO_VALUES = Problem("没有数值", NOTHING_TO_DO)


def time_table(
    layout: TableLayout, options: ReadOptions, default_year: int | None, *, serials: bool
) -> tuple[TimeTable, list[int]]:
    """The table of moments of a layout, and the columns (from 0) whose texts are its keys.

    Where only the sheet's name says when, the section's column is the key: it says nothing, and is there.
    """
    columns = [column for role in (*_TIME_ROLES, Role.SECTION) if (column := layout.of(role))]
    columns = [column for column in columns if column.role is not Role.SECTION] or columns
    place = {column.role: index for index, column in enumerate(columns)}
    roles = TimeColumns(
        stamp=place.get(Role.STAMP),
        clock=place.get(Role.CLOCK),
        year=place.get(Role.YEAR),
        month=place.get(Role.MONTH),
        day=place.get(Role.DAY),
        snapshot=place.get(Role.SNAPSHOT),
    )
    table = TimeTable(roles, default_year, serials=serials, default_month=layout.sheet_month, now=options.now)
    return table, [column.number - 1 for column in columns]


def section_table(layout: TableLayout, options: ReadOptions) -> tuple[SectionTable, list[int]]:
    """The table of sections of a layout, and the columns (from 0) whose texts are its keys."""
    columns = [column for role in (Role.SECTION, Role.SECTION_ELSE, Role.PROVINCE) if (column := layout.of(role))]
    has_province = any(column.role is Role.PROVINCE for column in columns)
    table = SectionTable(has_province=has_province, unplaceable=options.unplaceable)
    return table, [column.number - 1 for column in columns]


def value_rule(code: str, shift: int, limit: str | None, method: Method | None, options: ReadOptions) -> ValueRule:
    """How values of this indicator are read: only a temperature is ever below zero.

    In a hand-sampling sheet -1 means not monitored under every indicator; a station's -1 ℃ was measured.
    """
    never_negative = code != TEMPERATURE
    minus_one_is_none = never_negative or method is Method.MANUAL
    # A header's limit is in the column's unit, an option's in the indicator's.
    stated, power = (limit, 0) if limit is not None else (options.detection_limits.get(code), -shift)
    if stated is None:
        return ValueRule(shift, never_negative, minus_one_is_none)
    parsed = parse_value(stated, ValueRule(power))
    number = (parsed.mantissa, parsed.exponent) if isinstance(parsed, Parsed) and parsed.mantissa else None
    return ValueRule(shift, never_negative, minus_one_is_none, number)


class WideReader:
    """Reads the rows below one wide header."""

    def __init__(
        self,
        layout: TableLayout,
        options: ReadOptions,
        default_year: int | None,
        gathering: Gathering,
        *,
        serials: bool,
    ) -> None:
        self._gathering = gathering
        self._sheet = layout.sheet
        self._method = layout.method or Method.MANUAL
        self._automatic = self._method is Method.AUTOMATIC
        self._columns = layout.indicators
        self._named = tuple((column.indicator or "", column.number) for column in self._columns)
        self._times, self._time_columns = time_table(layout, options, default_year, serials=serials)
        self._time_column = self._time_columns[0] + 1
        self._timed_by_sheet = layout.sheet_month is not None
        self._sections, self._section_columns = section_table(layout, options)
        status = layout.of(Role.STATUS)
        self._status_column = status.number - 1 if status else None
        self._statuses: dict[str, Status] = {}
        self._strange_statuses: set[str] = set()
        self.classes = ClassTable()
        shared: dict[ValueRule, ValueTable] = {}
        self._tables = [self._table(column, options, shared) for column in self._columns]

    def _table(self, column: Column, options: ReadOptions, shared: dict[ValueRule, ValueTable]) -> ValueTable:
        if column.role is Role.CLASS:
            return self.classes
        rule = value_rule(column.indicator or "", column.shift, column.limit, self._method, options)
        return shared.setdefault(rule, ValueTable(rule))

    def feed(self, rows: list[Row]) -> None:
        """Read a batch of rows, each as wide as the header."""
        for each in self._tables:
            each.forget()
        numbers = [number for number, _ in rows]
        columns = list(zip(*(cells for _, cells in rows), strict=True))
        moments = list(map(self._times.__getitem__, zip(*(columns[each] for each in self._time_columns), strict=True)))
        sections = [self._sections[key] for key in zip(*(columns[each] for each in self._section_columns), strict=True)]
        good = [
            moment.time is not None and section.__class__ is SectionName
            for moment, section in zip(moments, sections, strict=True)
        ]
        parsed = [
            list(map(table.__getitem__, columns[column.number - 1]))
            for column, table in zip(self._columns, self._tables, strict=True)
        ]
        for column, table in zip(self._columns, self._tables, strict=True):
            if table.bad:
                good = [
                    fine and text not in table.bad for fine, text in zip(good, columns[column.number - 1], strict=True)
                ]
        if self._timed_by_sheet:
            # Without a time of its own a note below the table would look like a section.
            values = zip(*(columns[column.number - 1] for column in self._columns), strict=True)
            good = [fine and any(map(str.strip, texts)) for fine, texts in zip(good, values, strict=True)]
        if not all(good):
            for index, fine in enumerate(good):
                if not fine:
                    self._odd(rows[index], moments[index], sections[index])
            numbers = list(compress(numbers, good))
            moments = list(compress(moments, good))
            sections = list(compress(sections, good))
            columns = [tuple(compress(each, good)) for each in columns]
            parsed = [list(compress(each, good)) for each in parsed]
        if numbers:
            self._emit(numbers, moments, sections, columns, parsed)

    def _emit(
        self,
        numbers: list[int],
        moments: list[Moment],
        sections: list[SectionName | Problem | None],
        columns: list[tuple[str, ...]],
        parsed: list[list[Cell]],
    ) -> None:
        times, known, _ = zip(*moments, strict=True)
        statuses = self._status(columns, len(numbers))
        for column, cells in zip(self._columns, parsed, strict=True):
            if column.role is Role.CLASS:
                self.classes.count([cell.raw for cell in cells])
        self._gathering.extend(cast("list[SectionName]", sections), cast("tuple[datetime, ...]", times))
        self._gathering.saw(numbers[-1])
        rows = Wide(
            sheet=self._sheet,
            method=self._method,
            columns=self._named,
            numbers=numbers,
            sections=cast("list[SectionName]", sections),
            times=cast("tuple[datetime, ...]", times),
            known=known,
            statuses=statuses,
            cells=parsed,
        )
        self._gathering.take_columns(rows)

    def _status(self, columns: list[tuple[str, ...]], rows: int) -> list[Status]:
        if self._status_column is None:
            return [Status.UNSTATED] * rows
        texts = columns[self._status_column]
        for text in set(texts) - self._statuses.keys():
            status = status_of(text)
            if status is None:
                self._strange_statuses.add(text)
            self._statuses[text] = status or Status.UNSTATED
        return [self._statuses[text] for text in texts]

    def _odd(self, row: Row, moment: Moment, section: SectionName | Problem | None) -> None:
        if self._gathering.set_aside(row):
            return
        cells = row[1]
        problems: list[tuple[int | None, Problem]] = []
        measured = False
        for column, table in zip(self._columns, self._tables, strict=True):
            text = cells[column.number - 1]
            if problem := table.bad.get(text):
                problems.append((column.number, problem))
            elif column.role is Role.INDICATOR and table[text].state in {State.VALUE, State.BELOW_LIMIT}:
                measured = True
        if moment.problem is not None:
            problems.append((self._time_column, moment.problem))
        if isinstance(section, Problem):
            problems.append((self._section_columns[-1] + 1, section))
        if problems:
            self._gathering.refuse(row, problems)
        elif moment.time is None:
            self._gathering.refuse_timeless(row, self._time_column, measured=measured, automatic=self._automatic)
        elif section is not None:
            self._gathering.refuse(row, [(self._section_columns[0] + 1, _NO_VALUES)], blocking=False)
        else:
            problem = Problem("没有断面名称", "填写断面名称")
            self._gathering.refuse(row, [(self._section_columns[0] + 1, problem)], blocking=measured)

    def notes(self) -> list[str]:
        """What was noticed about the cells, in Chinese."""
        unusual = [
            f"水质类别“{text}”不是 GB 3838 的类别（{number}处），按缺失处理，原文保留。"
            for text, number in sorted(self.classes.unusual.items())
            if number
        ]
        return unusual + [f"站点情况“{text}”不认识，按未说明处理。" for text in sorted(self._strange_statuses)]
