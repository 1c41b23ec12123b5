"""The registry at work: sections added, names learnt, and one section found to be another (断面登记、合并).

A merge rewrites nothing. What was imported under the old section is taken in once more under the other one, by the rule
that every file goes by: the same value is counted once, a different one is a conflict. It comes in as a file of its
own, whose sheets say from which file each row is, so that what was known on an earlier day stays what was known.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from compensation.errors import Fault, InputError
from compensation.monitoring.parsed import Counts, ParsedFile
from compensation.monitoring.records import Marked, Method, Reading, SectionName, State, Status
from compensation.quality.doubt import Flag
from compensation.store import loaders, marks
from compensation.store.bulk import stream
from compensation.store.clock import time_of_minute, time_of_moment, time_of_second
from compensation.store.ingest import IngestReport, handed_over, ingest, next_moment
from compensation.store.sections import RegisteredSection, name_section, next_section_id, normalised, registry
from compensation.store.standing import Scope, present_days, same_key
from compensation.store.tables import IMPORT_FILE, SECTION, SECTION_ALIAS, SECTION_MERGE
from compensation.store.values import canonical_text


class NewSection(NamedTuple):
    """A section to be registered, with its other names and the provinces (GB/T 2260) that may report it."""

    section: RegisteredSection
    other_names: Sequence[str]
    accepted_provinces: Sequence[str]


class Listed(NamedTuple):
    """A section with every (name, province) by which files may call it; `merged_into` is the code of another one."""

    section: RegisteredSection
    names: tuple[tuple[str, str], ...]
    merged_into: str | None


class Merged(NamedTuple):
    """A section that was found to be another: which, when, by whom, why."""

    code: str
    into: str
    merged_at: datetime
    merged_by: str
    reason: str


def listed(connection: Connection) -> list[Listed]:
    """Return all sections by code."""
    section, alias = SECTION.c, SECTION_ALIAS.c
    names: dict[int, list[tuple[str, str]]] = {}
    for number, name, province in connection.execute(
        select(alias.section_id, alias.name, alias.province).order_by(alias.name, alias.province)
    ):
        names.setdefault(number, []).append((name, province))
    into = {each.code: each.into for each in merges(connection)}
    rows = connection.execute(select(section.id, *(section[name] for name in RegisteredSection._fields)))
    found = [(number, RegisteredSection(*rest)) for number, *rest in rows]
    return [
        Listed(each, tuple(names.get(number, ())), into.get(each.code))
        for number, each in sorted(found, key=lambda pair: pair[1].code)
    ]


def merges(connection: Connection) -> list[Merged]:
    """Return the merges in the order in which they were made."""
    table, imported = SECTION_MERGE.c, IMPORT_FILE.c
    section = SECTION.c
    codes = {row.id: row.code for row in connection.execute(select(section.id, section.code))}
    query = select(table.section_id, table.into_id, imported.imported_at, table.merged_by, table.reason).where(
        imported.id == table.file_id
    )
    return [
        Merged(codes[old], codes[new], time_of_moment(at), by, reason)
        for old, new, at, by, reason in connection.execute(query.order_by(table.file_id))
    ]


def add(connection: Connection, new: NewSection) -> None:
    """Register a section; InputError when its code or one of its names belongs to another."""
    section, alias = SECTION.c, SECTION_ALIAS.c
    faults = []
    if connection.execute(select(section.id).where(section.code == new.section.code)).first() is not None:
        faults.append(Fault(f"断面 {new.section.code}", "代码已经有了", "代码不能重复", "核对代码"))
    names = [
        (normalised(name), province)
        for name in dict.fromkeys([new.section.name, *new.other_names])
        for province in dict.fromkeys(filter(None, [new.section.province, *new.accepted_provinces]))
    ]
    for name, province in names:
        held = connection.execute(
            select(section.code).where(section.id == alias.section_id, alias.name == name, alias.province == province)
        ).first()
        if held is not None:
            why = f"{province} 的“{name}”已经指断面 {held[0]}"
            faults.append(Fault(f"断面名称“{name}”", "已被使用", why, "核对名称和省份；确是同一断面的，不必再登记"))
    if faults:
        raise InputError(faults)
    number = next_section_id(connection)
    connection.execute(insert(SECTION).values(id=number, **new.section._asdict()))
    for name, province in names:
        name_section(connection, name, province, number)


def merge(connection: Connection, old: str, new: str, by: str, reason: str) -> IngestReport:
    """Take what was imported under `old` in under `new` once more, and let files that name `old` mean `new`."""
    known = {each.section.code: each for each in listed(connection)}
    _require_mergeable(known, old, new)
    ids = {code: number for number, code in connection.execute(select(SECTION.c.id, SECTION.c.code))}
    source, target = known[old], known[new].section
    name = SectionName(source.section.name, source.section.province or target.province)
    for each, province in {*source.names, (normalised(name.name), name.province or "")}:
        name_section(connection, each, province, ids[new])
    moment = next_moment(connection)
    carried = _carried(connection, source.section, target, ids[old], name, moment)
    report = ingest(connection, carried.name, handed_over(carried))
    connection.execute(
        insert(SECTION_MERGE).values(
            section_id=ids[old], into_id=ids[new], file_id=report.file_id, merged_by=by, reason=reason
        )
    )
    return report


def _require_mergeable(known: Mapping[str, Listed], old: str, new: str) -> None:
    faults = [
        Fault(f"断面 {code}", "没有这个断面", "代码有误", "用 compensation section list 列出代码")
        for code in (old, new)
        if code not in known
    ]
    if not faults and old == new:
        faults.append(Fault(f"断面 {old}", "不能并入自己", "两个代码相同", "核对代码"))
    elif not faults:
        shipped = {section.code for section, _ in registry()}
        if old in shipped:
            faults.append(Fault(f"断面 {old}", "不能并入别的断面", "它在随软件提供的登记表中", "把另一个并入它"))
        faults += [
            Fault(f"断面 {code}", "已经合并过", f"它已并入 {known[code].merged_into}", "改用后者的代码")
            for code in (old, new)
            if known[code].merged_into is not None
        ]
    if faults:
        raise InputError(faults)


def _carried(
    connection: Connection, old: RegisteredSection, new: RegisteredSection, number: int, name: SectionName, moment: int
) -> ParsedFile:
    """All that was imported under the old section as a file of its own; its sheets are the files it came from."""
    sheets = {
        (each.id, place): f"《{each.name}》" + (f"表「{sheet}」" if sheet else "")
        for each in loaders.source_files(connection)
        for place, sheet in enumerate(each.sheets)
    }
    told = f"断面合并：{old.name}（{old.code}）并入 {new.name}（{new.code}）"
    parsed = ParsedFile(told, hashlib.sha256(f"{told}|{moment}".encode()).hexdigest(), 0, "断面合并")
    parsed.readings = list(_readings(connection, number, name, sheets))
    parsed.marked = list(_marked(connection, old, name, sheets))
    files = {each.id: each.name for each in loaders.source_files(connection)}
    for found, taken in (
        (loaders.intake_volumes(connection, None), parsed.intakes),
        (loaders.flows(connection, None), parsed.flows),
        (loaders.exemptions(connection, None), parsed.exemptions),
    ):
        for each in found:
            if each.section_code == old.code:
                record = each.record
                where = f"《{files[each.file_id]}》" + (f"表「{record.sheet}」" if record.sheet else "")
                taken.append(record._replace(section=name, sheet=where))  # type: ignore[arg-type]
    if any(each.section_code == old.code for each in loaders.incidents(connection, None)):
        why = "事件按编号登记，不能改记到另一断面"
        raise InputError(Fault(f"断面 {old.code}", "有突发事件记录，不能合并", why, "由各方另文认定该事件的断面"))
    of_readings = {(each.sheet, each.row) for each in parsed.readings}
    of_evidence = {(each.sheet, each.row) for each in parsed.intakes}
    of_evidence |= {(each.sheet, each.row) for each in parsed.flows}
    of_evidence |= {(each.sheet, each.row) for each in parsed.exemptions}
    parsed.reading_count = len(parsed.readings)
    rows = len(of_readings | of_evidence)
    parsed.counts = Counts(rows, 0, len(of_readings), rows - len(of_readings), 0)
    return parsed


def _marked(
    connection: Connection, old: RegisteredSection, name: SectionName, sheets: Mapping[tuple[int, int], str]
) -> Iterator[Marked]:
    """The marks on the old section's values, each on its value alone: a mark asks for neither text nor status."""
    for mark in marks.marks(connection):
        if mark.section == old.code:
            place = (sheets[mark.file_id, mark.source_sheet], mark.row, mark.column)
            value = (State.VALUE, mark.mantissa, mark.exponent, Status.UNSTATED, "", None)
            reading = Reading(name, mark.indicator, time_of_minute(mark.minute), Method(mark.method), *value, *place)
            yield Marked(reading, mark.colour, Flag(mark.flag), mark.remark)


def _readings(
    connection: Connection, number: int, name: SectionName, sheets: Mapping[tuple[int, int], str]
) -> Iterator[Reading]:
    key = "r.indicator_id, r.minute, r.method"
    value = "r.mantissa, r.exponent, r.state, r.status, r.raw"
    same = f"{same_key('c', 'r')} AND c.version = r.version"
    place = "{0}.known_at, {0}.file_id, {0}.source_sheet, {0}.source_row, {0}.source_column"
    rows = stream(
        connection,
        f"WITH RECURSIVE {present_days(Scope())}, own AS (SELECT r.* FROM present p CROSS JOIN reading r "
        f"WHERE r.day = p.day AND r.section_id = {number}) "
        f"SELECT i.code, {key}, r.version, {value}, {place.format('r')} FROM own r "
        "JOIN indicator i ON i.id = r.indicator_id "
        f"UNION ALL SELECT i.code, {key}, r.version, {value}, {place.format('c')} FROM own r "
        f"JOIN reading_confirmation c ON {same} JOIN indicator i ON i.id = r.indicator_id ORDER BY 2, 3, 4, 5, 11",
    )
    for code, _, minute, method, _, mantissa, exponent, state, status, raw, known, file, sheet, row, column in rows:
        yield Reading(
            section=name,
            indicator=code,
            time=time_of_minute(minute),
            method=Method(method),
            state=State(state),
            mantissa=mantissa,
            exponent=exponent,
            status=Status(status),
            raw=raw if raw is not None else canonical_text(state, mantissa, exponent),
            known_at=None if known is None else time_of_second(known),
            sheet=sheets[file, sheet],
            row=row,
            column=column,
        )
