"""The registry of sections, and the written rule by which a file's section name becomes a section.

A name is no key: the same name stands in several provinces, brackets mix, names change. The rule:

1. Names are compared normalised: NFKC, so widths and brackets are one form, and without any space.
2. With a province: the one registered name or alias that accepts this province (or any) is the section.
   Without a province: the one registered section that bears the name is it.
3. A name no registered section bears under this province becomes a section of its own, code
   "<province>:<name>", or "-:<name>" when the file names no province. It is never merged by likeness.
4. A name without a province that several registered sections bear is refused, and the candidates are listed.

Sections of rule 3 take no part in rule 2, so the order in which files arrive decides nothing.
"""

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from compensation.errors import Fault, Place
from compensation.expression.formula import column_letters
from compensation.monitoring.records import SectionName
from compensation.monitoring.units import INVISIBLE
from compensation.monitoring.values import Problem
from compensation.store.tables import SECTION, SECTION_ALIAS


class RegisteredSection(NamedTuple):
    """A section as the registry holds it; `province` is a GB/T 2260 code.

    `body` is "river" or "lake", None for a section that was only met in a file: which limits hold for it is unknown.
    `parties` are those it concerns, GB/T 2260 codes joined by ";", upstream first, and `position` is where it lies, in
    words; None where nobody has said so. They tell people which section it is: an agreement names its own parties.
    """

    code: str
    name: str
    province: str | None
    basin: str | None
    body: str | None
    registered: bool
    parties: str | None = None
    position: str | None = None


def normalised(name: str) -> str:
    """Return a section name in the form in which names are compared."""
    return "".join(unicodedata.normalize("NFKC", name).translate(_BRACKETS).split())


_BRACKETS = str.maketrans({"〔": "(", "〕": ")", "【": "(", "】": ")", "[": "(", "]": ")"}) | dict(INVISIBLE)


def registry() -> list[tuple[RegisteredSection, list[tuple[str, str]]]]:
    """Return the sections that ship, each with its (normalised name, accepted province) pairs."""
    listed = []
    with files("compensation.store").joinpath("data/sections.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            names = [row["name"], *filter(None, row["aliases"].split(";"))]
            provinces = [row["province"], *filter(None, row["accepted_provinces"].split(";"))]
            section = RegisteredSection(
                *(row["code"], row["name"], row["province"], row["basin"], row["body"]),
                registered=True,
                parties=row["parties"] or None,
                position=row["position"] or None,
            )
            listed.append((section, [(normalised(name), place) for name in names for place in provinces]))
    return listed


def seed(connection: Connection) -> None:
    """Bring the registry of the database up to the one that ships; repeating it changes nothing."""
    known = {code: number for number, code in connection.execute(select(SECTION.c.id, SECTION.c.code))}
    for section, names in registry():
        values = section._asdict()
        if section.code in known:
            connection.execute(update(SECTION).where(SECTION.c.id == known[section.code]).values(values))
        else:
            known[section.code] = next_section_id(connection)
            connection.execute(insert(SECTION).values(id=known[section.code], **values))
        for name, province in names:
            name_section(connection, name, province, known[section.code])


def next_section_id(connection: Connection) -> int:
    """Return the number of the next section."""
    return int(connection.execute(select(func.coalesce(func.max(SECTION.c.id), 0))).scalar_one()) + 1


def name_section(connection: Connection, name: str, province: str, section_id: int) -> None:
    """Let a normalised name under a province mean this section, whatever it meant before."""
    alias = SECTION_ALIAS.c
    here = (alias.name == name) & (alias.province == province)
    if connection.execute(select(alias.section_id).where(here)).first() is None:
        connection.execute(insert(SECTION_ALIAS).values(name=name, province=province, section_id=section_id))
    else:
        connection.execute(update(SECTION_ALIAS).where(here).values(section_id=section_id))


class Resolver:
    """The rule at work on one file: gives each section name its id; `finish` enters the unknown ones."""

    def __init__(self, connection: Connection, where: str) -> None:
        """Load the registry; `where` is the file as shown to people."""
        alias, section = SECTION_ALIAS.c, SECTION.c
        self._connection = connection
        self._where = where
        self._bearers: dict[str, list[tuple[str, int]]] = {}
        for name, province, section_id in connection.execute(select(alias.name, alias.province, alias.section_id)):
            self._bearers.setdefault(name, []).append((province, section_id))
        self._by_code: dict[str, int] = {
            code: number for number, code in connection.execute(select(section.id, section.code))
        }
        self._last_id = max(self._by_code.values(), default=0)
        self._ids: dict[SectionName, int | None] = {}
        self.new: list[RegisteredSection] = []
        self._ambiguous: dict[SectionName, Fault] = {}

    def __call__(self, written: SectionName) -> int | None:
        """Return the section's id; None for an ambiguous name, whose fault is kept for `faults`."""
        if written not in self._ids:
            self._ids[written] = self._resolved(written)
        return self._ids[written]

    def problem(self, written: SectionName) -> Problem | None:
        """Return why a name is ambiguous, for a reader that refuses its rows one by one; nothing is noted here."""
        matches = self._matches(written)
        if len(matches) < 2:
            return None
        fault = _ambiguous(self._connection, self._where, written, matches)
        return Problem(f"{fault.what}：{fault.why}", fault.fix)

    def _matches(self, written: SectionName) -> set[int]:
        return {
            section_id
            for province, section_id in self._bearers.get(normalised(written.name), [])
            if written.province is None or province in ("", written.province)
        }

    def _resolved(self, written: SectionName) -> int | None:
        name, matches = normalised(written.name), self._matches(written)
        if len(matches) > 1:
            self._ambiguous[written] = _ambiguous(self._connection, self._where, written, matches)
            return None
        if matches:
            return matches.pop()
        code = f"{written.province or '-'}:{name}"
        if code not in self._by_code:
            self._last_id += 1
            self._by_code[code] = self._last_id
            self.new.append(RegisteredSection(code, name, written.province, None, None, registered=False))
        return self._by_code[code]

    def faults(self, headings: Mapping[SectionName, Sequence[Place]]) -> list[Fault]:
        """Every ambiguous name, once, or at each of the headings that bear it."""
        return [
            fault if place is None else replace(fault, where=f"{self._where}{_told(place)}", place=place)
            for written, fault in self._ambiguous.items()
            for place in headings.get(written) or (None,)
        ]

    def met(self, written: SectionName, sheet: str, row: int) -> None:
        """Say where an ambiguous name stands; the first place is kept."""
        fault = self._ambiguous[written]
        if fault.place is None:
            self._ambiguous[written] = replace(fault, place=Place(sheet, row, None))

    def finish(self) -> None:
        """Enter the sections met for the first time."""
        if self.new:
            self._connection.execute(
                insert(SECTION), [{"id": self._by_code[each.code], **each._asdict()} for each in self.new]
            )


def _told(place: Place) -> str:
    sheet, row, column = place
    return (f"表「{sheet}」" if sheet else "") + (f"{column_letters(column)}{row}" if column else f"第 {row} 行")


def _ambiguous(connection: Connection, where: str, written: SectionName, matches: set[int]) -> Fault:
    section = SECTION.c
    candidates = connection.execute(
        select(section.code, section.province).where(section.id.in_(matches)).order_by(section.code)
    )
    listed = "、".join(f"{code}（{province}）" for code, province in candidates)
    return Fault(
        where,
        f"断面「{written.name}」无法确定",
        f"登记表中有多个断面使用此名，文件没有写明省份：{listed}",
        "在文件中增加“省份”列（转置的表为“省份”行），写明断面所在省份",
    )
