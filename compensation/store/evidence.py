"""Evidence other than readings: kept once, never overwritten; a second, different statement is refused by name."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select
from sqlmodel import SQLModel

from compensation.errors import Fault, Place
from compensation.monitoring.records import (
    Exemption,
    Flow,
    Incident,
    InKind,
    IntakeVolume,
)
from compensation.store.sections import Resolver
from compensation.store.tables import (
    ExemptionRow,
    FlowRow,
    ImportFile,
    ImportSheet,
    IncidentRow,
    IncidentShare,
    InKindRow,
    IntakeVolumeRow,
)
from compensation.store.tables.base import columns
from compensation.store.values import fraction_text

Values = dict[str, Any]


class Kind(NamedTuple):
    """How one kind of evidence is told apart: its table, what names a record, and what it then says."""

    label: str
    table: type[SQLModel]
    natural: tuple[str, ...]
    stated: tuple[str, ...]
    numbered: bool


_VOLUME = Kind("取水量", IntakeVolumeRow, ("section_id", "month"), ("volume_m3", "document"), False)
_FLOW = Kind("断面水量", FlowRow, ("section_id", "first_day", "last_day"), ("volume_m3", "document"), False)
_INCIDENT = Kind(
    "突发事件",
    IncidentRow,
    ("number",),
    ("day", "section_id", "indicator", "concentration_mg_per_l", "cost_yuan", "cost_bearer", "document"),
    True,
)
_EXEMPTION = Kind("免责认定", ExemptionRow, ("section_id", "first_day", "last_day", "reason", "document"), (), True)
_IN_KIND = Kind(
    "多元化补偿",
    InKindRow,
    ("year", "contributor", "receiver", "kind", "description"),
    ("value_yuan", "document"),
    True,
)


class EvidenceIntake:
    """Takes the evidence records of one file in, inside the import's transaction.

    Rows are written when `append` is called, after the file's own row; until then only compared.
    """

    def __init__(
        self, connection: Connection, resolver: Resolver, file_name: str, sheet_number: Callable[[str], int]
    ) -> None:
        """`sheet_number` gives the small number of a sheet of the file."""
        self.connection = connection
        self.resolver = resolver
        self.file_name = file_name
        self.sheet_number = sheet_number
        self.faults: list[Fault] = []
        self.rows: set[tuple[int, int]] = set()
        self.stored_rows: set[tuple[int, int]] = set()
        self.identical = 0
        self._pending: list[tuple[Kind, Values, tuple[tuple[str, str], ...]]] = []
        self._seen: dict[tuple[Any, ...], tuple[Values, tuple[tuple[str, str], ...], str]] = {}

    @property
    def stored(self) -> int:
        """Return how many records are new."""
        return len(self._pending)

    def take(
        self,
        volumes: Iterable[IntakeVolume],
        flows: Iterable[Flow],
        incidents: Iterable[Incident],
        exemptions: Iterable[Exemption],
        in_kind: Iterable[InKind],
    ) -> None:
        """Compare all records with what is stored; contradictions are kept in `faults`."""
        for volume in volumes:
            self._compare(_VOLUME, volume, _values(volume, self._section(volume)))
        for flow in flows:
            self._compare(_FLOW, flow, _values(flow, self._section(flow)))
        for incident in incidents:
            shares = tuple((party, fraction_text(share)) for party, share in incident.responsibility)
            self._compare(_INCIDENT, incident, _values(incident, self._section(incident)), shares)
        for exemption in exemptions:
            self._compare(_EXEMPTION, exemption, _values(exemption, self._section(exemption)))
        for contribution in in_kind:
            self._compare(_IN_KIND, contribution, _values(contribution, None))

    def _section(self, record: IntakeVolume | Flow | Incident | Exemption) -> int:
        section = self.resolver(record.section)
        if section is None:
            self.resolver.met(record.section, record.sheet, record.row)
        return section or 0

    def _compare(self, kind: Kind, record: Any, values: Values, shares: tuple[tuple[str, str], ...] = ()) -> None:
        place = (self.sheet_number(record.sheet), record.row)
        values |= {"source_sheet": place[0], "source_row": place[1]}
        self.rows.add(place)
        name = (kind.label, *(values[part] for part in kind.natural))
        known = self._seen.get(name) or self._stored(kind, values)
        here = f"《{self.file_name}》表「{record.sheet}」第 {record.row} 行"
        if known is None:
            self._seen[name] = (values, shares, here)
            self._pending.append((kind, values, shares))
            self.stored_rows.add(place)
        elif all(known[0][part] == values[part] for part in kind.stated) and known[1] == shares:
            self.identical += 1
        else:
            self.faults.append(
                Fault(
                    here,
                    f"{kind.label}与已有记录矛盾",
                    f"{known[2]} 对同一事项另有不同的记载",
                    "核对两处原始文件，改正或删除有误的一处后重新导入",
                    Place(record.sheet, record.row, None),
                )
            )

    def _stored(self, kind: Kind, values: Values) -> tuple[Values, tuple[tuple[str, str], ...], str] | None:
        table, imported, sheet = columns(kind.table), columns(ImportFile), columns(ImportSheet)
        query = select(*table, imported.name.label("in_file"), sheet.name.label("in_sheet")).where(
            *(table[part] == values[part] for part in kind.natural),
            imported.id == table.file_id,
            (sheet.file_id == table.file_id) & (sheet.sheet == table.source_sheet),
        )
        row = self.connection.execute(query).mappings().first()
        if row is None:
            return None
        shares: tuple[tuple[str, str], ...] = ()
        if kind is _INCIDENT:
            shares = tuple(_shares(self.connection, row["id"]))
        return dict(row), shares, f"《{row['in_file']}》表「{row['in_sheet']}」第 {row['source_row']} 行"

    def append(self, file_id: int) -> None:
        """Write the new records under the file's id."""
        for kind, values, shares in self._pending:
            number = {"id": _next(self.connection, kind.table)} if kind.numbered else {}
            self.connection.execute(insert(kind.table).values(**number, **values, file_id=file_id))
            for seq, (party, share) in enumerate(shares):
                self.connection.execute(
                    insert(IncidentShare).values(incident_id=number["id"], seq=seq, party=party, share=share)
                )


def _values(record: Any, section_id: int | None) -> Values:
    values: Values = record._asdict()
    for name in ("section", "responsibility", "sheet", "row"):
        values.pop(name, None)
    for name, value in values.items():
        if isinstance(value, Fraction):
            values[name] = fraction_text(value)
    return values if section_id is None else values | {"section_id": section_id}


def _next(connection: Connection, table: type[SQLModel]) -> int:
    return int(connection.execute(select(func.coalesce(func.max(columns(table).id), 0))).scalar_one()) + 1


def _shares(connection: Connection, incident_id: int) -> Iterable[tuple[str, str]]:
    share = columns(IncidentShare)
    query = select(share.party, share.share).where(share.incident_id == incident_id).order_by(share.seq)
    return [(party, part) for party, part in connection.execute(query)]
