"""What comes back from reading a file, and what a caller may say beforehand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from compensation.errors import Fault, Place
from compensation.monitoring.batch import Chunk
from compensation.monitoring.lookups import Unplaceable
from compensation.monitoring.records import (
    Exemption,
    Flow,
    Incident,
    InKind,
    IntakeVolume,
    Marked,
    Method,
    Reading,
    Refused,
    Rejected,
    SectionName,
)

if TYPE_CHECKING:
    from compensation.monitoring.layout import TableLayout
    from compensation.monitoring.layout_file import LayoutFile

MAX_TEXT = 200
MOST_TOLD = 50  # a national file has two thousand sections

Sink = Callable[[Chunk], None]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the file itself does not say.

    `year` serves times without one where no column and no snapshot gives it. `method` overrides how the sheet was
    recognised, `layout` what its headers mean. `detection_limits` gives, by indicator code, the limit of a bare 未检出
    as text in the indicator's unit. `now` is when the file is read, by the clock of whoever reads it: what lies in a
    later year cannot have been measured. `unplaceable`, where given, refuses rows by their section's name.
    """

    year: int | None = None
    method: Method | None = None
    layout: "LayoutFile | None" = None
    detection_limits: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    now: datetime | None = None
    unplaceable: Unplaceable | None = None


@dataclass(slots=True)
class Counts:
    """Rows of data, titles, headers, units rows and notes apart. Each row is counted in exactly one of the four."""

    rows_in: int = 0
    rows_empty: int = 0
    rows_with_readings: int = 0
    rows_with_evidence: int = 0
    rows_refused: int = 0

    def check(self) -> None:
        """AssertionError when a row was lost or counted twice."""
        parts = self.rows_empty + self.rows_with_readings + self.rows_with_evidence + self.rows_refused
        if parts != self.rows_in:
            raise AssertionError(f"{self.rows_in} rows came in, {parts} are accounted for")


@dataclass(slots=True)
class ParsedFile:
    """A file as read. Nothing is resolved: the same key twice is there twice, in file order.

    `readings` is empty when a sink took them chunk by chunk; `marked` are those of them that wear a colour, either way.
    `sections`, `first_time` and `last_time` are those of the readings and span all of them either way; `headings` are
    the cells of turned tables that name the section of all that stands below them. `rejected` are
    the rows with faults, whole; `handles` are the quarantine numbers (隔离编号) that rows bear which were refused in an
    earlier file, by sheet and row. `faults` are what whoever takes the file in holds against it, told together
    with what the store finds; with `takes_sound` the store puts rows of evidence that it finds fault with among the
    rejected instead. `evidence_cells` are these rows as they stand, by sheet and row.
    """

    name: str
    sha256: str
    size: int
    form: str
    layouts: "list[TableLayout]" = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    marked: list[Marked] = field(default_factory=list)
    reading_count: int = 0
    intakes: list[IntakeVolume] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    exemptions: list[Exemption] = field(default_factory=list)
    in_kind: list[InKind] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    handles: dict[tuple[str, int], str] = field(default_factory=dict)
    evidence_cells: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    takes_sound: bool = False
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    sections: set[SectionName] = field(default_factory=set)
    headings: dict[SectionName, list[Place]] = field(default_factory=dict)
    first_time: datetime | None = None
    last_time: datetime | None = None

    def describe(self) -> list[str]:
        """What was understood of the file, in Chinese, line by line, before anything is written (识别结果)."""
        counts = self.counts
        lines = [f"《{self.name}》{self.form}，{self.size}字节。"]
        lines += [line for layout in self.layouts for line in layout.describe()]
        lines += self.extent()
        lines.append(
            f"共{counts.rows_in}行：有监测结果{counts.rows_with_readings}行（{self.reading_count}个数值），"
            f"有凭据{counts.rows_with_evidence}行，未采用{counts.rows_refused}行，空行{counts.rows_empty}行。"
        )
        if self.blocking:
            lines.append(f"须更正{len(self.blocking)}处。")
        return lines + self.notes

    def extent(self) -> list[str]:
        """The period and the sections of what was read, in Chinese; of records beside readings too."""
        days = [each.month for each in self.intakes] + [each.day for each in self.incidents]
        days += [day for each in self.flows for day in (each.first_day, each.last_day)]
        days += [day for each in self.exemptions for day in (each.first_day, each.last_day)]
        days += [date(each.year, month, 1) for each in self.in_kind for month in (1, 12)]
        times = [each for each in (self.first_time, self.last_time) if each]
        records: list[IntakeVolume | Flow | Incident | Exemption] = [*self.intakes, *self.flows]
        records += [*self.incidents, *self.exemptions]
        sections = sorted({each.name for each in self.sections | {each.section for each in records}})
        lines = []
        if times:
            lines.append(f"时段：{min(times):%Y-%m-%d %H:%M} 至 {max(times):%Y-%m-%d %H:%M}。")
        if days:
            lines.append(f"凭据时段：{min(days):%Y-%m} 至 {max(days):%Y-%m}。")
        if sections:
            more = f"等，另有{len(sections) - MOST_TOLD}个" if len(sections) > MOST_TOLD else ""
            lines.append(f"断面{len(sections)}个：{'、'.join(sections[:MOST_TOLD])}{more}。")
        return lines

    def reject(self, fault: Fault) -> None:
        """Count a row of evidence as rejected after all, for a fault that only the store could find."""
        assert fault.place is not None
        sheet, row, _ = fault.place
        cells = self.evidence_cells.get((sheet, row), ())
        self.rejected.append(Rejected(sheet, row, cells))
        text = "｜".join(filter(None, cells))
        self.refused.append(Refused(sheet, row, None, text[:MAX_TEXT], f"{fault.what}：{fault.why}", fault.fix, True))
        self.counts.rows_with_evidence -= 1
        self.counts.rows_refused += 1

    @property
    def evidence(
        self,
    ) -> tuple[list[IntakeVolume], list[Flow], list[Incident], list[Exemption], list[InKind]]:
        """All records beside readings, kind by kind."""
        return self.intakes, self.flows, self.incidents, self.exemptions, self.in_kind

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the file holds, one word for each kind of table, in order of appearance."""
        return tuple(dict.fromkeys(layout.kind.name.lower() for layout in self.layouts))

    @property
    def released(self) -> list[tuple[str, str, int]]:
        """The quarantine numbers of the rows that were taken this time, each with its sheet and row."""
        rejected = {(each.sheet, each.row) for each in self.rejected}
        return [(handle, *place) for place, handle in self.handles.items() if place not in rejected]

    @property
    def blocking(self) -> list[Refused]:
        """The refusals that are faults to mend in the file."""
        return [each for each in self.refused if each.blocking]
