"""Where the readers of all kinds of table put what they find, row by row counted."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from compensation.errors import Fault, Place
from compensation.monitoring import units
from compensation.monitoring.batch import Chunk, Long, Wide, records_of
from compensation.monitoring.colours import PLAIN, Worn
from compensation.monitoring.headers import folded, is_header
from compensation.monitoring.layout import Row
from compensation.monitoring.lookups import SUM_WORDS
from compensation.monitoring.parsed import MAX_TEXT, ParsedFile, Sink
from compensation.monitoring.records import NOTHING_TO_DO, Marked, Reading, Refused, Rejected, SectionName
from compensation.monitoring.values import Problem
from compensation.quality.doubt import CLASS

LONG_TEXT = 12
_NOTE_WORDS = ("注", "备注", "说明", "数据来源", "填表", "审核", "制表", "单位：", "单位:", "※")
_LABELLED = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff\s]{0,11}[:：]")


@dataclass(slots=True)
class Gathering:
    """What has been found so far in one table of a file."""

    file: ParsedFile
    sheet: str
    sink: Sink | None
    header: list[str] = field(default_factory=list)
    worn: Worn = PLAIN
    faults: list[Fault] = field(default_factory=list)
    _empty_runs: list[list[int]] = field(default_factory=list)
    _last: int = 0

    def take(self, readings: list[Reading], rows: int) -> None:
        """Readings of this many rows."""
        self.file.counts.rows_in += rows
        self.file.counts.rows_with_readings += rows
        self.file.reading_count += len(readings)
        if readings:
            self._hand_over(readings)

    def take_columns(self, rows: Wide | Long) -> None:
        """Readings of rows of a table, by columns."""
        self.file.counts.rows_in += len(rows.numbers)
        self.file.counts.rows_with_readings += len(rows.numbers)
        self.file.reading_count += rows.size
        self._hand_over(rows)

    def _hand_over(self, chunk: Chunk) -> None:
        if self.worn.cells:
            self.file.marked += self._marked(records_of(chunk))
        if self.sink is None:
            self.file.readings.extend(records_of(chunk))
        else:
            self.sink(chunk)

    def _marked(self, readings: Iterable[Reading]) -> Iterator[Marked]:
        for each in readings:
            worn = self.worn.at(each.row, each.column)
            if worn is not None and each.mantissa is not None and each.indicator != CLASS:
                yield Marked(each, *worn, self.worn.remark or "")

    def extend(self, sections: Iterable[SectionName], times: Sequence[datetime]) -> None:
        """Widen the file's extent by the sections and times of some rows."""
        file = self.file
        file.sections.update(sections)
        first, last = min(times), max(times)
        file.first_time = min(file.first_time or first, first)
        file.last_time = max(file.last_time or last, last)

    def take_evidence(self, row: Row) -> None:
        """One row that became a record of evidence."""
        self.file.evidence_cells[self.sheet, row[0]] = tuple(row[1])
        self.file.counts.rows_in += 1
        self.file.counts.rows_with_evidence += 1

    def refuse(
        self,
        row: Row,
        problems: Sequence[tuple[int | None, Problem]],
        *,
        blocking: bool = True,
        settled: bool = False,
    ) -> None:
        """One row refused whole, with each of its faults and their columns from 1.

        A row from the quarantine of which nothing is taken has not been corrected and may not leave it, however little
        its like is asked for elsewhere; unless what was wrong with it is `settled`.
        """
        self.file.counts.rows_in += 1
        self.file.counts.rows_refused += 1
        number, cells = row
        if not (blocking or settled) and (self.sheet, number) in self.file.handles:
            blocking = True
            problems = [(column, _still_waiting(problem)) for column, problem in problems]
        if blocking:
            worn = tuple(sorted(self.worn.cells.get(number, {}).items()))
            remark = (self.worn.remark or "") if worn else ""
            self.file.rejected.append(Rejected(self.sheet, number, tuple(cells), worn, remark))
        for column, problem in problems:
            text = cells[column - 1] if column and column <= len(cells) else "｜".join(filter(None, cells))
            self.file.refused.append(
                Refused(self.sheet, number, column, text[:MAX_TEXT], problem.reason, problem.fix, blocking)
            )

    def refuse_timeless(self, row: Row, column: int, *, measured: bool, automatic: bool) -> None:
        """A row without a time. A station that says so itself (-- or NULL) is no fault anyone can mend in the file."""
        text = row[1][column - 1].strip()
        if not measured:
            problem = Problem("没有监测时间，也没有数值（站点未上报）", NOTHING_TO_DO)
        elif automatic and text:
            problem = Problem(
                f"站点未报监测时间（{text}），数值无法归入任何时段", "无须处理；需要时向站点索取时间后补录"
            )
        else:
            problem = Problem("有数值而没有监测时间", "补填监测时间，或删除该行")
        self.refuse(row, [(column, problem)], blocking=measured and not (automatic and text))

    def set_aside(self, row: Row) -> bool:
        """Take a row that is no data: empty, a repeated header, a note, a mean. False when it is none of these."""
        number, cells = row
        filled = [cell for cell in cells if cell.strip()]
        if not filled:
            self._empty(number)
            return True
        if _is_note(filled):
            where = f"表「{self.sheet}」" if self.sheet else ""
            self.file.notes.append(f"{where}第{number}行是附注：{filled[0].strip()[:MAX_TEXT]}")
            self._said_too_late(number, filled)
            return True
        self.saw(number)
        if cells == self.header or _said(cells) == _said(self.header):
            self.refuse(row, [(None, Problem("重复的表头行", NOTHING_TO_DO))], blocking=False)
        elif is_header(self.file.layouts[-1].kind, cells):
            self._begins_another(row)
        elif folded(filled[0]) in SUM_WORDS:
            self.refuse(row, [(None, Problem("均值或合计行，由系统另行计算", NOTHING_TO_DO))], blocking=False)
        else:
            return False
        return True

    def _said_too_late(self, number: int, filled: list[str]) -> None:
        """A unit for all of the table, said below it: what stands above was read already, in another one."""
        unit = units.said_for_all(filled)
        columns = self.file.layouts[-1].columns
        unsaid = {each.header: each.kept_unit for each in columns if each.kept_unit and not each.unit}
        if unit and any(units.shift(unit, kept) for kept in unsaid.values()):
            names = "、".join(unsaid)
            why = f"上面{names}没有写单位，按标准单位读会差若干倍"
            fix = "把单位写进表头、表头下的单位行，或表的上方"
            self._fault(number, f"表的下方写明单位“{unit}”", why, fix)

    def _begins_another(self, row: Row) -> None:
        """Another header below: what follows it would be read under the wrong words, sound as it looks."""
        problem = Problem("表中又有一个表头，与上面的不同", "把它和它下面的行移到另一张工作表，再导入")
        self.refuse(row, [(None, problem)])
        self._fault(row[0], problem.reason, "它下面的各行按上面的表头读会读错", problem.fix)

    def _fault(self, number: int, what: str, why: str, fix: str) -> None:
        """A fault of the file that no option passes over, told at one of its rows."""
        where = f"《{self.file.name}》" + (f"表「{self.sheet}」" if self.sheet else "") + f"第 {number} 行"
        self.faults.append(Fault(where, what, why, fix, Place(self.sheet, number, None)))

    def saw(self, number: int) -> None:
        """A row that is not empty stands here."""
        self._last = max(self._last, number)

    def finish(self) -> None:
        """The table has ended: count each run of empty rows inside it; those after its last row are no rows."""
        counts = self.file.counts
        for first, last in self._empty_runs:
            if first > self._last:
                continue
            counts.rows_in += last - first + 1
            counts.rows_empty += last - first + 1
            reason = "空行" if first == last else f"第{first}至{last}行为空行"
            self.file.refused.append(Refused(self.sheet, first, None, "", reason, NOTHING_TO_DO, False))

    def _empty(self, number: int) -> None:
        if self._empty_runs and self._empty_runs[-1][1] == number - 1:
            self._empty_runs[-1][1] = number
        else:
            self._empty_runs.append([number, number])


def _still_waiting(problem: Problem) -> Problem:
    reason = f"带隔离编号的行没有可收下的内容，不能解除隔离（{problem.reason}）"
    mend = "改正本行" if problem.fix == NOTHING_TO_DO else problem.fix
    return Problem(reason, f"{mend}；不再改正的，整行删去，并用 compensation quarantine release 说明")


def _said(cells: Sequence[str]) -> list[str]:
    return [folded(cell) for cell in cells if cell.strip()]


def _is_note(filled: list[str]) -> bool:
    """Whether a row says one thing only: long, or opening as notes do. A merged note repeats in every cell.

    So does a line for signatures, in which every cell opens with a word and a colon: 填表人：张三, 审核：李四.
    """
    text = filled[0].strip()
    if len(filled) > 1 and all(_LABELLED.match(each.strip()) for each in filled):
        return True
    return len(set(filled)) == 1 and (len(text) > LONG_TEXT or text.startswith(_NOTE_WORDS))
