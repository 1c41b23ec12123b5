"""Evidence other than readings: kept once, never overwritten.

A second, different statement is refused by name, unless somebody says that it corrects the first, and why.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, func, insert, select

from compensation.errors import Fault, Place
from compensation.monitoring.records import (
    Exemption,
    Flow,
    Incident,
    InKind,
    IntakeVolume,
)
from compensation.store.corrections import NATURAL, Correction, append, corrected, corrections, record_name
from compensation.store.decisions import Ruling
from compensation.store.sections import Resolver
from compensation.store.tables import (
    EXEMPTION,
    FLOW,
    IMPORT_FILE,
    IMPORT_SHEET,
    IN_KIND,
    INCIDENT,
    INCIDENT_SHARE,
    INTAKE_VOLUME,
)
from compensation.store.values import fraction_text

_MEND = "核对两处原始文件，改正或删除有误的一处后重新导入"
_ONE_OF_TWO = "另一行对同一事项记载不同，不能判断哪一行对，都没有收下"

Values = dict[str, Any]
Shares = tuple[tuple[str, str], ...]


class Kind(NamedTuple):
    """How one kind of evidence is told apart: its table, and what a record then says."""

    label: str
    table: Table
    stated: tuple[str, ...]
    numbered: bool

    @property
    def name(self) -> str:
        """The name of its table."""
        return self.table.name

    @property
    def natural(self) -> tuple[str, ...]:
        """What names a record."""
        return NATURAL[self.name]


_VOLUME = Kind("取水量", INTAKE_VOLUME, ("volume_m3", "document"), False)
_FLOW = Kind("断面水量", FLOW, ("volume_m3", "document"), False)
_INCIDENT = Kind(
    "突发事件",
    INCIDENT,
    ("day", "section_id", "indicator", "concentration_mg_per_l", "cost_yuan", "cost_bearer", "document"),
    True,
)
_EXEMPTION = Kind("免责认定", EXEMPTION, (), True)
_IN_KIND = Kind(
    "多元化补偿",
    IN_KIND,
    ("value_yuan", "document"),
    True,
)


class Known(NamedTuple):
    """What a record says so far and where; `withdrawn` when the last thing said of it is that it does not count."""

    values: Values
    shares: Shares
    place: str
    withdrawn: Correction | None

    def says(self, kind: Kind, values: Values, shares: Shares) -> bool:
        """Whether these values say the same."""
        same = all(self.values[part] == values[part] for part in kind.stated)
        return self.withdrawn is None and same and self.shares == shares

    def after(self, correction: Correction) -> "Known":
        """What it says after a correction."""
        if correction.stated is None:
            return self._replace(withdrawn=correction)
        values = corrected(self.values, correction)
        shares = tuple((party, share) for party, share in correction.stated.get("shares", ()))
        return Known(values, shares, correction.place, None)


class EvidenceIntake:
    """Takes the evidence records of one file in, inside the import's transaction.

    Rows are written when `append` is called, after the file's own row; until then only compared.
    """

    def __init__(
        self,
        connection: Connection,
        resolver: Resolver,
        file_name: str,
        sheet_number: Callable[[str], int],
        correcting: Ruling | None = None,
    ) -> None:
        """`sheet_number` gives the small number of a sheet of the file; `correcting` who corrects earlier records."""
        self._correcting = correcting
        self._corrections = corrections(connection)
        self._corrected: list[tuple[Kind, Values, Shares]] = []
        self.connection = connection
        self.resolver = resolver
        self.file_name = file_name
        self.sheet_number = sheet_number
        self.rows: set[tuple[int, int]] = set()
        self.stored_rows: set[tuple[int, int]] = set()
        self._wrong: dict[tuple[int, int], Fault] = {}
        self._claims: dict[tuple[Any, ...], dict[tuple[int, int], Fault]] = {}
        self._contested: list[tuple[Any, ...]] = []
        self._pending: list[tuple[Kind, Values, Shares]] = []
        self._seen: dict[tuple[Any, ...], Known] = {}

    @property
    def faults(self) -> list[Fault]:
        """Every record that contradicts what is known, in the order of the file."""
        return list(self._wrong.values())

    @property
    def stored(self) -> int:
        """Return how many records are new, corrections included."""
        return len(self._pending) + len(self._corrected)

    @property
    def identical(self) -> int:
        """Return how many records say what is known."""
        return len(self.rows - self.stored_rows)

    @property
    def corrected(self) -> int:
        """Return how many records say something else from now on."""
        return len(self._corrected)

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

    def _compare(self, kind: Kind, record: Any, values: Values, shares: Shares = ()) -> None:
        place = (self.sheet_number(record.sheet), record.row)
        values |= {"source_sheet": place[0], "source_row": place[1]}
        self.rows.add(place)
        name = (kind.label, *(values[part] for part in kind.natural))
        mine = self._seen.get(name)
        known = mine or self._stored(kind, values)
        here = f"《{self.file_name}》表「{record.sheet}」第 {record.row} 行"
        at = Place(record.sheet, record.row, None)
        self._claims.setdefault(name, {})[place] = Fault(
            here, f"{kind.label}在本文件中自相矛盾", _ONE_OF_TWO, _MEND, at
        )
        if known is not None and known.says(kind, values, shares):
            return
        if known is None or (mine is None and self._correcting is not None):
            self._seen[name] = Known(values, shares, here, None)
            (self._pending if known is None else self._corrected).append((kind, values, shares))
            self.stored_rows.add(place)
        else:
            self._wrong[place] = Fault(here, *_contradiction(kind, known, in_one_file=mine is not None), at)
            if mine is not None:
                self._contested.append(name)

    def set_aside(self) -> list[Fault]:
        """Take every record at fault out of what is kept, and return the faults, one for each row.

        Of rows in one file that contradict each other none is kept: which of them is right nobody has said.
        """
        for name in self._contested:
            self._wrong = self._claims[name] | self._wrong
        wrong = set(self._wrong)
        self._pending = [each for each in self._pending if _place(each[1]) not in wrong]
        self._corrected = [each for each in self._corrected if _place(each[1]) not in wrong]
        self.rows -= wrong
        self.stored_rows -= wrong
        faults = [self._wrong[place] for place in sorted(wrong)]
        self._wrong.clear()
        return faults

    def _stored(self, kind: Kind, values: Values) -> "Known | None":
        table, imported, sheet = kind.table.c, IMPORT_FILE.c, IMPORT_SHEET.c
        query = select(*table, imported.name.label("in_file"), sheet.name.label("in_sheet")).where(
            *(table[part] == values[part] for part in kind.natural),
            imported.id == table.file_id,
            (sheet.file_id == table.file_id) & (sheet.sheet == table.source_sheet),
        )
        row = self.connection.execute(query).mappings().first()
        if row is None:
            return None
        shares: Shares = ()
        if kind is _INCIDENT:
            shares = tuple(_shares(self.connection, row["id"]))
        place = f"《{row['in_file']}》表「{row['in_sheet']}」第 {row['source_row']} 行"
        known = Known(dict(row), shares, place, None)
        for each in self._corrections.get((kind.name, record_name(kind.name, values)), ()):
            known = known.after(each)
        return known

    def append(self, file_id: int, moment: int) -> None:
        """Write the new records under the file's id, and the corrections as of the moment."""
        for kind, values, shares in self._pending:
            number = {"id": _next(self.connection, kind.table)} if kind.numbered else {}
            self.connection.execute(insert(kind.table).values(**number, **values, file_id=file_id))
            for seq, (party, share) in enumerate(shares):
                self.connection.execute(
                    insert(INCIDENT_SHARE).values(incident_id=number["id"], seq=seq, party=party, share=share)
                )
        for kind, values, shares in self._corrected:
            assert self._correcting is not None
            stated = {part: values[part] for part in kind.stated} | ({"shares": shares} if shares else {})
            place = (file_id, values["source_sheet"], values["source_row"])
            record = record_name(kind.name, values)
            append(self.connection, kind.name, record, stated, moment, self._correcting, place)


def _contradiction(kind: Kind, known: Known, *, in_one_file: bool) -> tuple[str, str, str]:
    """What is wrong with a record that says something else than what is known, why, and what to do."""
    if known.withdrawn is not None:
        by = f"{known.withdrawn.corrected_by} 于 {known.withdrawn.corrected_at:%Y-%m-%d} 撤销：{known.withdrawn.reason}"
        return f"{kind.label}已被撤销", by, "删去这一行；确须恢复的，导入时用 --correct 并写明何人、为何"
    fix = _MEND
    if not in_one_file:
        fix += "；已入库的有误的，导入时用 --correct 并写明何人、为何"
    return f"{kind.label}与已有记录矛盾", f"{known.place} 对同一事项另有不同的记载", fix


def _place(values: Values) -> tuple[int, int]:
    return values["source_sheet"], values["source_row"]


def _values(record: Any, section_id: int | None) -> Values:
    values: Values = record._asdict()
    for name in ("section", "responsibility", "sheet", "row"):
        values.pop(name, None)
    for name, value in values.items():
        if isinstance(value, Fraction):
            values[name] = fraction_text(value)
    return values if section_id is None else values | {"section_id": section_id}


def _next(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1


def _shares(connection: Connection, incident_id: int) -> Iterable[tuple[str, str]]:
    share = INCIDENT_SHARE.c
    query = select(share.party, share.share).where(share.incident_id == incident_id).order_by(share.seq)
    return [(party, part) for party, part in connection.execute(query)]
