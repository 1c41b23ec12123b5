"""Recognising a table: where its header stands, what each column is, which rows around it are not data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from compensation.errors import Fault, Place
from compensation.expression.formula import column_letters
from compensation.monitoring import units
from compensation.monitoring.headers import (
    HAND_WORDS,
    REQUIRED,
    SECTION_RANK,
    Kind,
    Role,
    folded,
    role_of,
    take_apart,
)
from compensation.monitoring.layout_file import FixedTable
from compensation.monitoring.records import Method
from compensation.monitoring.times import month_in_name
from compensation.quality.standard import indicator_by_name

HEADER_SEARCH_ROWS = 30
_FEWEST_ACROSS = 2

Row = tuple[int, list[str]]

_AMOUNT_UNITS: Mapping[Role, str] = {Role.VOLUME: "m³", Role.COST: "元", Role.WORTH: "元", Role.CONCENTRATION: "mg/L"}
FLOW_UNITS = ("m³", "m³/s", "m³/d")
_METHOD_NAMES = {Method.AUTOMATIC: "自动站", Method.MANUAL: "人工采样"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column as recognised. `shift` is the power of ten from its unit into the one values are kept in."""

    number: int  # from 1
    header: str
    role: Role
    indicator: str | None = None
    unit: str | None = None  # as written; None when the file states none
    kept_unit: str | None = None
    shift: int = 0
    limit: str | None = None  # detection limit as written, in `unit`


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A recognised table: what `import --dry-run` shows and what the readers go by."""

    sheet: str
    kind: Kind
    method: Method | None
    method_reason: str
    header_rows: tuple[int, ...]
    unit_row: int | None
    limit_row: int | None
    last_head_row: int
    columns: tuple[Column, ...]
    titles: tuple[str, ...]
    head: tuple[tuple[int, tuple[str, ...]], ...] = ()  # every row above the data that is not empty, as it stands
    sheet_month: int | None = None  # where only the sheet's name says the month
    turned: bool = False  # indicators down the side: a column's number is then its row, and rows are columns
    width: int = 0  # of a turned table, how many columns of the file it has
    unit_for_all: str | None = None  # that a line above the table says for all of it
    height: int = 0  # and how many rows: columns beyond are what lines above the table say of all of it

    def of(self, role: Role) -> Column | None:
        """The column that plays this role, None when there is none."""
        return next((column for column in self.columns if column.role is role), None)

    @property
    def indicators(self) -> tuple[Column, ...]:
        """The columns that hold values of one indicator each, the published class included."""
        return tuple(each for each in self.columns if each.role in {Role.INDICATOR, Role.CLASS})

    def describe(self) -> list[str]:
        """What was understood, in Chinese, line by line (识别结果)."""
        where = f"表「{self.sheet}」" if self.sheet else "表"
        heads, first = [self.line(each) for each in self.header_rows], self.line(self.last_head_row + 1)
        lines = [f"{where}：{self.kind}，表头在{'、'.join(heads)}，数据从{first}起。"]
        if self.turned:
            lines.append("表是转置的：指标在左侧，断面或时间横排。")
        if self.sheet_month is not None:
            lines.append(f"月份取自工作表名：{self.sheet_month}月。")
        if self.method is not None:
            lines.append(f"采样方式：{_METHOD_NAMES[self.method]}（{self.method_reason}）。")
        for column in self.columns:
            if column.role is not Role.EMPTY:
                lines.append(f"{self._place(column)}「{column.header}」：{_meaning(column)}。")
        return lines

    def _place(self, column: Column) -> str:
        if not self.turned:
            return f"{column_letters(column.number)}列"
        return f"第{column.number}行" if column.number <= self.height else "表的上方"

    def line(self, number: int) -> str:
        """A row of the table as people call it; in a turned table it is a column of the file."""
        return f"{column_letters(number)}列" if self.turned else f"第{number}行"


def recognise(
    rows: Sequence[Row], sheet: str, file: str, method: Method | None, *, turned: bool = False
) -> tuple[TableLayout | None, list[Fault]]:
    """The layout of the table that begins within these first rows, and the faults of its header.

    `turned` says that the rows are the columns of the file; only a wide table is looked for then. None when no row,
    alone or with the one below it, names the columns a table of some kind must have.
    """
    best: tuple[tuple[int, int], int, Kind, list[str]] | None = None
    for index, (_, cells) in enumerate(rows):
        for depth, texts in _readings_of_header(rows, index, cells):
            for kind in (Kind.WIDE,) if turned else Kind:
                score = _score(kind, texts, month_in_name(sheet))
                # Of two readings that name as much, the shorter: a blank or a title above is no part of the header.
                if score and (best is None or (score, -depth) > best[0]):
                    best = ((score, -depth), index + depth - 1, kind, texts)
                    start = index
    if best is None:
        return None, []
    _, last, kind, texts = best
    return _layout(rows, (start, last), kind, texts, sheet, file, method, turned=turned)


def recognise_fixed(
    rows: Sequence[Row], sheet: str, file: str, method: Method | None, fixed: FixedTable
) -> tuple[TableLayout | None, list[Fault]]:
    """The layout that a layout file says a table has; None when the words it gives make no table of any kind."""
    line = f"{column_letters(fixed.header_row)} 列" if fixed.turned else f"第 {fixed.header_row} 行"
    where = f"《{file}》" + (f"表「{sheet}」" if sheet else "") + line
    at = next((place for place, (number, _) in enumerate(rows) if number == fixed.header_row), None)
    if at is None:
        if fixed.turned:
            return None, [Fault(where, "版式文件指明的表头列不在表里", "表没有这么宽", "更正 header_column")]
        what = "版式文件指明的表头行是空的，或不在表的开头"
        return None, [Fault(where, what, f"表头须在前{HEADER_SEARCH_ROWS}个非空行之内", "更正 header_row")]
    own = rows[at][1]
    texts = [fixed.columns.get(number, text) for number, text in enumerate(own, start=1)]
    texts += [fixed.columns.get(number, "") for number in range(len(own) + 1, max(fixed.columns, default=0) + 1)]
    kinds = (Kind.WIDE,) if fixed.turned else Kind
    by_score = ((_score(kind, texts, month_in_name(sheet)), kind) for kind in kinds)
    score, kind = max(by_score, key=lambda pair: pair[0])
    if not score:
        noun, key = ("行", "rows") if fixed.turned else ("列", "columns")
        why = f"缺少断面、时间或指标等必需的{noun}"
        return None, [Fault(where, f"版式文件给出的{noun}凑不成一种表", why, f"补全 {key}")]
    layout, faults = _layout(rows, (at, at), kind, texts, sheet, file, method, turned=fixed.turned)
    if fixed.data_from is not None:
        layout = replace(layout, last_head_row=fixed.data_from - 1)
    return layout, faults


def _layout(
    rows: Sequence[Row],
    header: tuple[int, int],
    kind: Kind,
    texts: list[str],
    sheet: str,
    file: str,
    method: Method | None,
    *,
    turned: bool = False,
) -> tuple[TableLayout, list[Fault]]:
    start, last = header
    numbers = tuple(number for number, _ in rows[start : last + 1])
    unit_row, limit_row, used = _rows_below(rows[last + 1 :])
    beside = rows if turned else rows[:start]
    for_all = units.said_for_all(text for _, cells in beside for text in cells)
    faults = _Faults(file, sheet, numbers[-1], for_all, turned=turned)
    columns = faults.columns(kind, texts, unit_row[1] if unit_row else [], limit_row[1] if limit_row else [])
    named, reason = _method(columns, method)
    titles = tuple(text for _, cells in rows[:start] for text in cells if text.strip())
    says_month = any(column.role in {Role.STAMP, Role.MONTH, Role.MOMENT} for column in columns)
    month = None if says_month else month_in_name(sheet)
    layout = TableLayout(
        sheet=sheet,
        kind=kind,
        method=named if kind in {Kind.WIDE, Kind.LONG, Kind.ACROSS} else None,
        method_reason=reason,
        header_rows=numbers,
        unit_row=unit_row[0] if unit_row else None,
        limit_row=limit_row[0] if limit_row else None,
        last_head_row=used or numbers[-1],
        columns=columns,
        titles=titles,
        head=tuple((number, tuple(cells)) for number, cells in rows if number <= (used or numbers[-1])),
        sheet_month=None if month is None else month[1],
        turned=turned,
        unit_for_all=for_all,
    )
    return layout, faults.found


def _readings_of_header(rows: Sequence[Row], index: int, cells: list[str]) -> list[tuple[int, list[str]]]:
    """The header as one row, and as two where the lower one names what the upper one groups."""
    readings = [(1, cells)]
    if index + 1 < len(rows):
        lower = rows[index + 1][1]
        width = max(len(cells), len(lower))
        pairs = zip(_padded(cells, width), _padded(lower, width), strict=True)
        if not all(not text.strip() or units.is_unit(text) for text in lower):
            readings.append((2, [_joined(upper, below) for upper, below in pairs]))
    return readings


def _joined(upper: str, lower: str) -> str:
    header = take_apart(lower)
    if lower.strip() and (indicator_by_name(header.name) or not upper.strip()):
        return lower
    if any(role_of(kind, header.name) not in {Role.UNKNOWN, Role.EMPTY} for kind in Kind):
        return lower
    return upper


def _padded(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))


def _score(kind: Kind, texts: list[str], sheet_month: tuple[int | None, int] | None) -> int:
    roles = [role_of(kind, take_apart(text).name) for text in texts]
    present = set(roles)
    if sheet_month is not None:
        present.add(Role.MONTH)
    if not REQUIRED[kind] <= present:
        return 0
    if kind in {Kind.WIDE, Kind.LONG, Kind.FLOW} and not present & {Role.STAMP, Role.MONTH}:
        return 0
    if kind is Kind.ACROSS and (roles.count(Role.MOMENT) < _FEWEST_ACROSS or present & {Role.STAMP, Role.VALUE}):
        return 0
    return sum(role not in {Role.UNKNOWN, Role.EMPTY} for role in roles)


def _rows_below(rows: Sequence[Row]) -> tuple[Row | None, Row | None, int | None]:
    """A units row and a detection-limits row under the header, and the last of them."""
    unit_row = limit_row = used = None
    written = [row for row in rows if any(map(str.strip, row[1]))]
    for number, cells in written[:2]:
        filled = [cell.strip() for cell in cells if cell.strip()]
        label = folded(filled[0]) if filled else ""
        is_labelled = label in {"单位", "计量单位"}
        rest = filled[1:] if is_labelled else filled
        # One known unit makes a units row of it, so that an unknown one beside it is refused and not passed over.
        says_units = all(map(units.is_unit, rest)) or is_labelled or any(map(units.is_dimension, rest))
        if unit_row is None and rest and says_units and not _numeric(rest):
            unit_row = (number, cells)
        elif limit_row is None and label in {"检出限", "方法检出限", "检测限"}:
            limit_row = (number, cells)
        else:
            break
        used = number
    return unit_row, limit_row, used


def _numeric(texts: list[str]) -> bool:
    return any(text[:1].isdigit() for text in texts)


class _Faults:
    """Builds the columns and gathers every fault of the header on the way."""

    def __init__(self, file: str, sheet: str, row: int, for_all: str | None, *, turned: bool) -> None:
        self._turned, self._for_all = turned, for_all
        self._where = f"《{file}》" + (f"表「{sheet}」" if sheet else "")
        self._sheet, self._row = sheet, row
        self.found: list[Fault] = []

    def columns(
        self, kind: Kind, texts: list[str], unit_cells: list[str], limit_cells: list[str]
    ) -> tuple[Column, ...]:
        columns = []
        for number, text in enumerate(texts, start=1):
            below = unit_cells[number - 1].strip() if number <= len(unit_cells) else ""
            limit = limit_cells[number - 1].strip() if number <= len(limit_cells) else ""
            columns.append(self._column(kind, (number, text), below, limit))
        return self._unique(_contextual(columns))

    def _column(self, kind: Kind, numbered: tuple[int, str], below: str, limit: str) -> Column:
        number, text = numbered
        header = take_apart(text)
        role = role_of(kind, header.name)
        unit = header.unit or (below if units.is_unit(below) else None)
        column = Column(number, " ".join(text.split()), role, unit=unit, limit=header.limit or limit or None)
        if header.unit and units.is_dimension(below) and units.shift(header.unit, below) != 0:
            self._fault(column, f"的单位与单位行的“{below}”不一致", "核对单位，只写一处")
        if role is Role.INDICATOR:
            known = indicator_by_name(header.name)
            if known is not None:
                return self._with_unit(replace(column, indicator=known.code), known.unit, header.strange_unit or below)
        if role is Role.CLASS:
            return replace(column, indicator="class")
        if role is Role.FLOW:
            unit = unit or ""
            kept = next((each for each in FLOW_UNITS if units.shift(unit, each) is not None), FLOW_UNITS[0])
            return self._with_unit(column, kept, header.strange_unit or below)
        if role in _AMOUNT_UNITS:
            return self._with_unit(column, _AMOUNT_UNITS[role], header.strange_unit or below)
        if role is Role.VALUE and header.strange_unit:
            self._fault(column, f"不认识的单位“{header.strange_unit}”", "改为 mg/L、μg/L 等规范单位")
        return column

    def _with_unit(self, column: Column, kept: str, strange: str) -> Column:
        unit = column.unit
        if unit is None and not strange and (unit := units.fitting(self._for_all, kept)):
            column = replace(column, unit=unit)
        if unit is None:
            if strange:
                self._fault(column, f"不认识的单位“{strange}”", f"改为 {kept} 或可换算的规范单位")
            elif column.role in {Role.VOLUME, Role.FLOW, Role.COST, Role.WORTH}:
                self._fault(column, "没有写单位", f"在表头写明单位，如（{kept}）或（万{kept}）")
            return replace(column, kept_unit=kept)
        power = units.shift(unit, kept)
        if power is None:
            self._fault(column, f"单位“{unit}”不能换算为 {kept}", f"改为 {kept} 或可换算的规范单位")
        return replace(column, kept_unit=kept, shift=power or 0)

    def _unique(self, columns: list[Column]) -> tuple[Column, ...]:
        seen: dict[tuple[Role, str | None], Column] = {}
        for column in columns:
            if column.role in {Role.DESCRIPTION, Role.UNKNOWN, Role.EMPTY}:
                continue
            said = column.header if column.role is Role.MOMENT else column.indicator
            first = seen.setdefault((column.role, said), column)
            if first is not column:
                at = f"第{first.number}行" if self._turned else f"{column_letters(first.number)}列"
                what = f"与{at}「{first.header}」重复"
                self._fault(column, what, "只保留一列")
        return tuple(columns)

    def _fault(self, column: Column, what: str, fix: str) -> None:
        row, number = (column.number, self._row) if self._turned else (self._row, column.number)
        where = f"{self._where}{column_letters(number)}{row}"
        place = Place(self._sheet, row, number)
        self.found.append(Fault(where, f"列「{column.header}」{what}", "无法确定该列数值的含义", fix, place))


def _contextual(columns: list[Column]) -> list[Column]:
    """Roles that depend on the other columns: one section column, a date with a clock beside it."""
    sections = [column for column in columns if column.role is Role.SECTION]
    stamps = [column for column in columns if column.role is Role.STAMP]
    chosen = min(sections, key=lambda column: SECTION_RANK[_name(column)], default=None)
    others = [column for column in sections if chosen is not None and _name(column) != _name(chosen)]
    changed = {column.number: Role.DESCRIPTION for column in others}
    if chosen is not None and others and _name(chosen).endswith(("编号", "编码", "代码")):
        changed[others[0].number] = Role.SECTION_ELSE
    dates = [column for column in stamps if _name(column).endswith(("日期", "date"))]
    times = [column for column in stamps if column not in dates]
    if len(dates) == 1 and len(times) == 1:
        changed[times[0].number] = Role.CLOCK
    return [replace(each, role=changed.get(each.number, each.role)) for each in columns]


def _name(column: Column) -> str:
    return folded(take_apart(column.header).name).strip("*:")


def _method(columns: tuple[Column, ...], chosen: Method | None) -> tuple[Method, str]:
    if chosen is not None:
        return chosen, "由导入选项指定"
    by_role = {column.role: column for column in columns}
    for role in (Role.STATUS, Role.SNAPSHOT):
        if role in by_role:
            return Method.AUTOMATIC, f"有「{by_role[role].header}」列"
    stamp = by_role.get(Role.STAMP)
    if stamp is None:
        return Method.MANUAL, "时间横排" if Role.MOMENT in by_role else "只有年份和月份"
    if _name(stamp).startswith(HAND_WORDS) or Role.CLOCK in by_role:
        return Method.MANUAL, f"有「{stamp.header}」列"
    if _name(stamp).endswith(("日期", "date")):
        return Method.MANUAL, f"「{stamp.header}」列只有日期"
    return Method.AUTOMATIC, f"有「{stamp.header}」列"


def _meaning(column: Column) -> str:
    if column.indicator is None or column.role is Role.CLASS:
        unit = f"，单位 {column.unit}" if column.unit else ""
        return f"{column.role.value}{unit}"
    named = indicator_by_name(column.indicator)
    unit = column.unit or f"未写单位，按 {column.kept_unit}"
    return f"{named.name if named else column.indicator}（{unit}）"
