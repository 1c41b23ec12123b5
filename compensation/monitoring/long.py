"""A row per value: section, time, indicator, value, unit; read by columns, a batch of rows at a time.

Rows that are not plainly good leave the batch and are looked at one by one.
"""

from datetime import datetime
from itertools import compress
from typing import Any, NamedTuple, cast

from compensation.monitoring import units
from compensation.monitoring.batch import Long
from compensation.monitoring.gathering import Gathering
from compensation.monitoring.headers import Role
from compensation.monitoring.layout import Column, Row, TableLayout
from compensation.monitoring.lookups import Cell, ClassTable, ValueTable, method_of, status_of
from compensation.monitoring.parsed import ReadOptions
from compensation.monitoring.records import NOTHING_TO_DO, Method, Reading, SectionName, State, Status
from compensation.monitoring.times import Moment
from compensation.monitoring.values import Problem
from compensation.monitoring.wide import section_table, time_table, value_rule
from compensation.quality.standard import Indicator, indicator_by_name

_CLASS_NAMES = frozenset({"水质类别", "类别", "综合水质类别"})
_DIMENSIONLESS = "无量纲"

Problems = list[tuple[int | None, Problem]]


class _Kind(NamedTuple):
    """What a row says beside section, time and value: which indicator, in which unit, how measured, at what state."""

    code: str
    table: ValueTable
    method: Method
    status: Status


class LongReader:
    """Reads the rows below one long header."""

    def __init__(
        self,
        layout: TableLayout,
        options: ReadOptions,
        default_year: int | None,
        gathering: Gathering,
        *,
        serials: bool,
    ) -> None:
        self._layout, self._options, self._gathering = layout, options, gathering
        self._times, self._time_columns = time_table(layout, options, default_year, serials=serials)
        self._sections, self._section_columns = section_table(layout, options)
        self._tables: dict[tuple[str, str, Method], ValueTable | Problem] = {}
        self._classes = ClassTable()
        self._assumed: dict[str, str] = {}
        self._name = self._required(Role.INDICATOR_NAME)
        self._value = self._required(Role.VALUE)
        kinds = (self._name, *(layout.of(role) for role in (Role.UNIT, Role.METHOD, Role.STATUS)))
        self._kind_columns = [column.number - 1 for column in kinds if column is not None]
        self._kinds: dict[tuple[str, ...], _Kind | None] = {}

    def _required(self, role: Role) -> Column:
        column = self._layout.of(role)
        if column is None:
            raise ValueError(f"a long table has a column for {role}")
        return column

    def feed(self, rows: list[Row]) -> None:
        """Read a batch of rows, each as wide as the header."""
        for table in self._tables.values():
            if isinstance(table, ValueTable):
                table.forget()
        columns = list(zip(*(cells for _, cells in rows), strict=True))
        moments = list(map(self._times.__getitem__, zip(*(columns[each] for each in self._time_columns), strict=True)))
        named = zip(*(columns[each] for each in self._section_columns), strict=True)
        sections = list(map(self._sections.__getitem__, named))
        kinds = self._kinds_of(columns, rows)
        texts = columns[self._value.number - 1]
        cells = [None if kind is None else kind.table[text] for kind, text in zip(kinds, texts, strict=True)]
        good = [
            kind is not None
            and text not in kind.table.bad
            and moment.time is not None
            and moment.problem is None
            and section.__class__ is SectionName
            for kind, text, moment, section in zip(kinds, texts, moments, sections, strict=True)
        ]
        taken: tuple[list[Any], ...] = rows, moments, sections, kinds, cells
        if not all(good):
            for row in (row for row, fine in zip(rows, good, strict=True) if not fine):
                problems: Problems = []
                self.reading(row, problems)
                if not self._gathering.set_aside(row):
                    self.refuse(row, problems)
            taken = tuple(list(compress(each, good)) for each in taken)
        if any(good):
            self._emit(*taken)

    def _kinds_of(self, columns: list[tuple[str, ...]], rows: list[Row]) -> "list[_Kind | None]":
        keys = list(zip(*(columns[each] for each in self._kind_columns), strict=True))
        samples = dict(zip(keys, rows, strict=True))
        for key in samples.keys() - self._kinds.keys():
            self._kinds[key] = self._kind(samples[key][1])
        return list(map(self._kinds.__getitem__, keys))

    def _kind(self, cells: list[str]) -> _Kind | None:
        """What a row says beside section, time and value; None when anything of it is at fault."""
        problems: Problems = []
        method = self._method(cells, problems)
        table, code = self._values(cells, method, problems)
        return None if problems or table is None else _Kind(code, table, method, self._status(cells))

    def _emit(
        self,
        rows: list[Row],
        moments: list[Moment],
        sections: list[SectionName],
        kinds: list[_Kind],
        cells: list[Cell],
    ) -> None:
        times, known, _ = zip(*moments, strict=True)
        codes, _, methods, statuses = zip(*kinds, strict=True)
        numbers = [number for number, _ in rows]
        self._gathering.extend(sections, cast("tuple[datetime, ...]", times))
        self._gathering.saw(numbers[-1])
        self._gathering.take_columns(
            Long(
                sheet=self._layout.sheet,
                column=self._value.number,
                numbers=numbers,
                sections=sections,
                indicators=codes,
                times=cast("tuple[datetime, ...]", times),
                known=known,
                methods=methods,
                statuses=statuses,
                cells=cells,
            )
        )

    def notes(self) -> list[str]:
        """Units that no cell states and that were taken to be the indicator's own."""
        return [f"{name}未写单位，按 {unit}。" for name, unit in sorted(self._assumed.items())]

    def refuse(self, row: Row, problems: Problems) -> None:
        """Refuse a row for its faults, or leave one out that has none and says nothing."""
        if problems:
            self._gathering.refuse(row, problems)
        else:
            problem = Problem("没有监测时间，也没有数值", NOTHING_TO_DO)
            self._gathering.refuse(row, [(self._time_columns[0] + 1, problem)], blocking=False)

    def reading(self, row: Row, problems: Problems) -> Reading | None:
        """The value of one row; None with what is wrong with it added to `problems`, or when it says nothing."""
        number, cells = row
        moment = self._times[tuple(cells[each] for each in self._time_columns)]
        section = self._sections[tuple(cells[each] for each in self._section_columns)]
        method = self._method(cells, problems)
        cell, code = self._cell(cells, method, problems)
        has_value = cell is not None and cell.state in {State.VALUE, State.BELOW_LIMIT}
        if moment.problem:
            problems.append((self._time_columns[0] + 1, moment.problem))
        elif moment.time is None and has_value:
            problems.append((self._time_columns[0] + 1, Problem("有数值而没有监测时间", "补填监测时间，或删除该行")))
        if isinstance(section, Problem):
            problems.append((self._section_columns[-1] + 1, section))
        elif section is None and has_value:
            problems.append((self._section_columns[0] + 1, Problem("没有断面名称", "填写断面名称")))
        if problems or cell is None or moment.time is None or not isinstance(section, SectionName):
            return None
        return Reading(
            section=section,
            indicator=code,
            time=moment.time,
            method=method,
            state=cell.state,
            mantissa=cell.mantissa,
            exponent=cell.exponent,
            status=self._status(cells),
            raw=cell.raw,
            known_at=moment.known_at,
            sheet=self._layout.sheet,
            row=number,
            column=self._value.number,
        )

    def _method(self, cells: list[str], problems: Problems) -> Method:
        column = self._layout.of(Role.METHOD)
        default = self._layout.method or Method.MANUAL
        if column is None or not cells[column.number - 1].strip():
            return default
        method = method_of(cells[column.number - 1])
        if method is None:
            problems.append((column.number, Problem("不认识的监测方式", "填写 自动 或 人工")))
        return method or default

    def _status(self, cells: list[str]) -> Status:
        column = self._layout.of(Role.STATUS)
        return (status_of(cells[column.number - 1]) if column else None) or Status.UNSTATED

    def _cell(self, cells: list[str], method: Method, problems: Problems) -> tuple[Cell | None, str]:
        table, code = self._values(cells, method, problems)
        if table is None:
            return None, code
        text = cells[self._value.number - 1]
        cell = table[text]
        if problem := table.bad.get(text):
            problems.append((self._value.number, problem))
        return cell, code

    def _values(self, cells: list[str], method: Method, problems: Problems) -> tuple[ValueTable | None, str]:
        """The table of values that a row's own belongs to, and its indicator."""
        name = cells[self._name.number - 1].strip()
        if name in _CLASS_NAMES:
            return self._classes, "class"
        known = indicator_by_name(name) if name else None
        if known is None:
            if cells[self._value.number - 1].strip():
                problems.append((self._name.number, Problem(f"不认识的指标“{name}”", "填写规范的指标名称或代码")))
            return None, ""
        table = self._table(known, cells, method)
        if isinstance(table, Problem):
            unit = self._layout.of(Role.UNIT)
            problems.append((unit.number if unit else self._value.number, table))
            return None, known.code
        return table, known.code

    def _table(self, known: Indicator, cells: list[str], method: Method) -> ValueTable | Problem:
        column = self._layout.of(Role.UNIT)
        unit = (cells[column.number - 1].strip() if column else "") or self._value.unit
        unit = unit or units.fitting(self._layout.unit_for_all, known.unit) or ""
        key = (known.code, unit, method)
        if key not in self._tables:
            self._tables[key] = self._new_table(known, unit, method)
        return self._tables[key]

    def _new_table(self, known: Indicator, unit: str, method: Method) -> ValueTable | Problem:
        has_column = self._layout.of(Role.UNIT) is not None
        if not unit and known.unit != _DIMENSIONLESS:
            if has_column:
                return Problem(f"{known.name}没有写单位", f"填写单位，如 {known.unit}")
            self._assumed[known.name] = known.unit
        power = units.shift(unit, known.unit) if unit else 0
        if power is None:
            return Problem(f"单位“{unit}”不认识，或不能换算为 {known.unit}", f"改为 {known.unit} 或可换算的规范单位")
        return ValueTable(value_rule(known.code, power, self._value.limit, method, self._options))
