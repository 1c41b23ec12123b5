"""The reading room's door: a file of any known form in, a ParsedFile out."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, dropwhile, islice
from pathlib import Path
from typing import Protocol

from compensation.errors import Fault, InputError
from compensation.expression.formula import column_letters
from compensation.monitoring import colours
from compensation.monitoring.across import AcrossReader
from compensation.monitoring.cells import Source, Table, open_source
from compensation.monitoring.evidence import EVIDENCE_KINDS, EvidenceReader
from compensation.monitoring.gathering import Gathering
from compensation.monitoring.headers import Kind, Role
from compensation.monitoring.joint import MeanRows
from compensation.monitoring.layout import HEADER_SEARCH_ROWS, Row, TableLayout, recognise, recognise_fixed
from compensation.monitoring.layout_file import FixedTable
from compensation.monitoring.long import LongReader
from compensation.monitoring.parsed import ParsedFile, ReadOptions, Sink
from compensation.monitoring.records import NOTHING_TO_DO
from compensation.monitoring.times import month_in_name, year_in_name
from compensation.monitoring.turned import MAX_ROWS as MAX_TURNED_ROWS
from compensation.monitoring.turned import TurnedReader, recognise_turned
from compensation.monitoring.values import Problem
from compensation.monitoring.wide import WideReader

CHUNK_ROWS = 4096
SHIFTED = "数值可能错位"
CELL_LOST = "←本行单元格数与表头不符：核对分隔符，改正后删除本格"
"""Stands beside a row that was too short or too long in a text file; in a workbook the row would look whole."""
SKIP_MARK = "〔导入时跳过〕"
"""Stands in the first row of every sheet that this software adds to a workbook and must not read back."""


class _TableReader(Protocol):
    def feed(self, rows: list[Row]) -> None: ...

    def notes(self) -> list[str]: ...


def read_file(path: Path | str, options: ReadOptions | None = None, sink: Sink | None = None) -> ParsedFile:
    """Read a monitoring file as it comes.

    Rows that cannot be taken are in `ParsedFile.refused`; InputError, with every fault, is for a file that cannot be
    read at all or whose table is not understood. With a `sink`, readings are handed over in chunks of at most
    CHUNK_ROWS rows, in file order, and not kept: memory is then bounded by the file's own size and a chunk.
    Before InputError or with blocking refusals a sink may already have been given chunks; its owner rolls back.
    """
    with _collector_paused():
        return _Reading(open_source(Path(path)), options or ReadOptions(), sink).run()


_MAKERS: dict[Kind, Callable[..., _TableReader]] = {
    Kind.WIDE: WideReader,
    Kind.LONG: LongReader,
    Kind.ACROSS: AcrossReader,
}


class _Reading:
    def __init__(self, source: Source, options: ReadOptions, sink: Sink | None) -> None:
        self._source, self._options, self._sink = source, options, sink
        self._file = ParsedFile(source.name, source.sha256, source.size, source.form)
        self._year = options.year or year_in_name(source.name)
        self._faults: list[Fault] = []
        self._strangers: list[str] = []

    def run(self) -> ParsedFile:
        """The file, whole."""
        met = set()
        for table in self._source.tables:
            met.add(table.name)
            self._table(table)
        if self._faults:
            raise InputError(self._faults)
        if not self._file.layouts:
            raise InputError(self._nothing_recognised())
        self._file.notes[:0] = self._source.notes
        self._file.notes += [f"表「{name}」没有认出表头，未读取。" for name in self._strangers]
        laid_out = [each.sheet for each in self._options.layout.tables] if self._options.layout else []
        self._file.notes += [
            f"版式文件写了表「{name}」，本文件没有这张表。" for name in laid_out if name and name not in met
        ]
        self._file.notes += self._ahead()
        self._file.counts.check()
        return self._file

    def _ahead(self) -> list[str]:
        """That something was measured, by its own word, later than it was read."""
        now, last = self._options.now, self._file.last_time
        if now is None or last is None or last <= now:
            return []
        return [f"监测时间最晚到 {last:%Y-%m-%d %H:%M}，晚于导入之时（{now:%Y-%m-%d %H:%M}），照常收下；请核对日期。"]

    def _table(self, table: Table) -> None:
        rows = _unmerged(table) if table.merged else table.rows
        rows = dropwhile(_is_empty, rows)
        head = list(islice(rows, HEADER_SEARCH_ROWS))
        if not head:
            return
        if is_to_be_skipped(head[0][1]):
            self._file.notes.append(f"表「{table.name}」是本系统附加的说明，略过。")
            return
        fixed = self._options.layout.of(table.name) if self._options.layout else None
        if fixed is not None and fixed.turned:
            self._turned(head, rows, table.name, fixed)
            return
        if fixed is None:
            layout, faults = recognise(head, table.name, self._source.name, self._options.method)
        else:
            layout, faults = recognise_fixed(head, table.name, self._source.name, self._options.method, fixed)
        if layout is None and fixed is None and self._turned(head, rows, table.name):
            return
        if layout is None:
            self._faults += faults
            self._strangers.append(table.name)
            return
        self._file.layouts.append(layout)
        if faults:
            self._faults += faults
            return
        header = next(cells for number, cells in head if number == layout.header_rows[-1])
        gathering = Gathering(self._file, table.name, self._sink, header, self._worn(table.name, head))
        reader = self._reader(layout, gathering)
        before = self._file.counts.rows_in
        last_head_row = layout.last_head_row
        data = dropwhile(lambda row: row[0] <= last_head_row, chain(head, rows))
        shaped = self._shaped(data, layout, gathering)
        if layout.kind is Kind.WIDE:
            shaped = self._without_means(shaped, layout, gathering)
        while batch := list(islice(shaped, CHUNK_ROWS)):
            reader.feed(batch)
        gathering.finish()
        self._faults += gathering.faults
        if not self._file.counts.rows_in - before:
            self._file.notes.append(f"表「{table.name}」只有表头，没有数据。" if table.name else "只有表头，没有数据。")
        # Misshapen rows are found before the batch they stand in has been read.
        sheets = {each.sheet: place for place, each in enumerate(self._file.layouts)}
        self._file.refused.sort(key=lambda each: (sheets[each.sheet], each.row))
        self._file.rejected.sort(key=lambda each: (sheets[each.sheet], each.row))
        self._file.notes += reader.notes() + _about_columns(layout) + self._told_colours(gathering)

    def _worn(self, sheet: str, head: list[Row]) -> colours.Worn:
        """The colours that cells of a sheet wear; that they cannot be read, though a remark speaks of them, is told."""
        remark = colours.remark_on_colours(cell for _, cells in head for cell in cells)
        worn = self._source.worn
        try:
            if worn is not None:
                return worn(sheet) or colours.Worn(remark, {})
        except Exception:
            # What one parser reads may fail in the other in any way; that there are colours is said all the same.
            remark = remark or "含义不明"
        if remark:
            self._file.notes.append(colours.unreadable(sheet, remark, is_workbook=worn is not None))
        return colours.PLAIN

    def _told_colours(self, gathering: Gathering) -> list[str]:
        marked = [each for each in self._file.marked if each.reading.sheet == gathering.sheet]
        shown = [colours.conditional(gathering.sheet)] if gathering.sheet in self._source.conditional else []
        return colours.told(gathering.sheet, gathering.worn, marked) + shown

    def _turned(self, head: list[Row], rest: Iterator[Row], sheet: str, fixed: FixedTable | None = None) -> bool:
        """Read a table whose indicators stand down the side; False when it is none, or too long for one.

        Where a layout file says that it is one (`fixed`), that is a fault.
        """
        rows = [*head, *islice(rest, MAX_TURNED_ROWS - len(head))]
        if next(rest, None) is not None:
            if fixed is not None:
                where = f"《{self._source.name}》" + (f"表「{sheet}」" if sheet else "")
                why = f"转置的表最多 {MAX_TURNED_ROWS} 行"
                self._faults.append(Fault(where, "版式文件说是转置的表，表太长", why, "核对版式文件，或把表拆开"))
            return False
        layout, block, faults = recognise_turned(rows, sheet, self._source.name, self._options.method, fixed)
        if layout is None:
            self._faults += faults
            return False
        self._file.layouts.append(layout)
        gathering = Gathering(self._file, sheet, self._sink, worn=self._worn(sheet, head))
        serials = not self._source.epoch_1904
        reader = TurnedReader(layout, block, self._options, self._year_of(sheet), gathering, serials=serials)
        self._faults += faults + reader.faults
        if not faults and not reader.faults:
            reader.read()
            self._file.notes += reader.notes() + _about_columns(layout) + self._told_colours(gathering)
        return True

    def _year_of(self, sheet: str) -> int | None:
        """The year of times without one: the sheet's name is nearest, then the option, then the file's name."""
        in_sheet = month_in_name(sheet)
        return (in_sheet[0] if in_sheet else None) or year_in_name(sheet) or self._year

    def _reader(self, layout: TableLayout, gathering: Gathering) -> _TableReader:
        serials = not self._source.epoch_1904
        year = self._year_of(layout.sheet)
        maker = EvidenceReader if layout.kind in EVIDENCE_KINDS else _MAKERS[layout.kind]
        return maker(layout, self._options, year, gathering, serials=serials)

    def _shaped(self, rows: Iterator[Row], layout: TableLayout, gathering: Gathering) -> Iterator[Row]:
        """Rows as wide as the header. A text row that is not has lost or gained a delimiter somewhere."""
        is_text = self._source.form.startswith("文本")
        width = len(layout.columns)
        handle = layout.of(Role.HANDLE)
        unnamed = [column.number - 1 for column in layout.columns if column.role is Role.EMPTY]
        unread: dict[int, list[str]] = {}
        is_plain = handle is None and not unnamed
        for row in rows:
            number, cells = row
            if is_plain and len(cells) == width:
                yield row
                continue
            if handle and (text := "".join(cells[handle.number - 1 : handle.number]).strip()):
                self._file.handles[layout.sheet, number] = text
            if unnamed and any(cells[each : each + 1] == [CELL_LOST] for each in unnamed):
                self._misshapen((number, cells), unnamed[0], gathering)
            elif len(cells) == width:
                for each in unnamed:
                    if cells[each].strip() and len(set(filter(None, cells))) > 1:
                        unread.setdefault(each + 1, []).append(f"{column_letters(each + 1)}{number}")
                yield number, cells
            elif not any(cell.strip() for cell in cells):
                yield number, [""] * width
            elif any(cell.strip() for cell in cells[width:]) or (is_text and len(cells) < width):
                self._misshapen((number, cells), width, gathering)
            else:
                yield number, (cells + [""] * width)[:width]
        self._file.notes += [
            f"表「{layout.sheet}」" * bool(layout.sheet)
            + f"{column_letters(each)}列没有表头，未读取；其中有内容的 {len(places)} 格，第一处是{places[0]}。"
            for each, places in unread.items()
        ]

    def _without_means(self, rows: Iterator[Row], layout: TableLayout, gathering: Gathering) -> Iterator[Row]:
        """Rows that are measurements; each mean is checked against the two rows above it and left out."""
        means = MeanRows(layout, self._options)
        for row in rows:
            if not means.is_mean(row):
                yield row
                continue
            gathering.saw(row[0])
            faults = means.faults(row)
            about = Problem("均值行，由系统另行计算", NOTHING_TO_DO)
            if (gathering.sheet, row[0]) in self._file.handles:
                about = Problem("均值要和上面的上下游两行一起核对，这里核对不了", "把原来的两行放回它上面，一起导入")
            gathering.refuse(row, faults or [(None, about)], blocking=bool(faults), settled=means.is_proved)

    @staticmethod
    def _misshapen(row: Row, width: int, gathering: Gathering) -> None:
        if gathering.set_aside(row):
            return
        reason = f"有{len(row[1])}个单元格，表头有{width}列，{SHIFTED}"
        gathering.refuse(row, [(width + 1, Problem(reason, "核对分隔符；含分隔符的文字须加引号"))])

    def _nothing_recognised(self) -> list[Fault]:
        name = self._source.name
        if not self._strangers:
            return [Fault(f"《{name}》", "文件里没有数据", "所有工作表都是空的", "重新导出或重新取得文件")]
        why = f"前{HEADER_SEARCH_ROWS}行中没有同时含断面、时间和指标的表头"
        fix = "对照使用手册第 4 节的表头示例更正表头，写版式文件用 --layout 给出，或用 compensation template 的表填报"
        return [
            Fault(f"《{name}》" + (f"表「{each}」" if each else ""), "没有认出表头", why, fix)
            for each in self._strangers
        ]


def is_to_be_skipped(cells: list[str]) -> bool:
    """Whether a sheet whose first row is this one was put there by this software for people to read."""
    return any(SKIP_MARK in cell for cell in cells)


def _is_empty(row: Row) -> bool:
    return not any(cell.strip() for cell in row[1])


def _unmerged(table: Table) -> Iterator[Row]:
    """Rows in which each cell of a merged range says what its first cell says."""
    merged = table.merged
    rows_concerned = {row for row, _ in merged}
    anchors = set(merged.values())
    texts: dict[tuple[int, int], str] = {}
    for number, cells in table.rows:
        if number in rows_concerned:
            for index, cell in enumerate(cells, start=1):
                place = (number, index)
                if place in anchors:
                    texts[place] = cell
                elif place in merged and not cell:
                    cells[index - 1] = texts.get(merged[place], "")
        yield number, cells


def _about_columns(layout: TableLayout) -> list[str]:
    named = [column.header for column in layout.columns if column.kept_unit not in {None, "无量纲"} and not column.unit]
    where = f"表「{layout.sheet}」" if layout.sheet else ""
    kind = "行" if layout.turned else "列"
    notes = [f"{where}未写单位、按标准单位读取的{kind}：{'、'.join(named)}。"] if named else []
    unread = [column.header for column in layout.columns if column.role is Role.UNKNOWN]
    return notes + ([f"{where}没有认出、未读取的{kind}：{'、'.join(unread)}。"] if unread else [])


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Readings hold no cycles, and the collector walking half a million of them again and again costs a third."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
