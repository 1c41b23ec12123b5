"""Evidence as people look at it: every record with its number, what was ever said of it, and by whom."""

from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select

from compensation.rounding import exact_text
from compensation.store.corrections import Correction, corrected, corrections, handle_of, record_name
from compensation.store.loaders import imported_rows
from compensation.store.tables import (
    EXEMPTION,
    FLOW,
    IN_KIND,
    INCIDENT,
    INCIDENT_SHARE,
    INTAKE_VOLUME,
)


class Said(NamedTuple):
    """One statement of a record: what (撤销 when withdrawn), where, and the correction it is; None for the first."""

    words: str
    place: str
    correction: Correction | None


class Recorded(NamedTuple):
    """A record of evidence: its kind, number, section ("" without), what it is about, and all that was said of it."""

    kind: str
    handle: str
    section: str
    about: str
    said: tuple[Said, ...]
    key: tuple[str, str]

    @property
    def withdrawn(self) -> bool:
        """Whether the last thing said of it is that it does not count."""
        last = self.said[-1].correction
        return last is not None and last.stated is None


Row = Mapping[str, Any]
WITHDRAWN = "撤销"
_CATEGORIES = {"technology": "技术", "talent": "人才", "industry": "产业"}


def _amount(text: str) -> str:
    value = Fraction(text)
    try:
        return exact_text(value)
    except ValueError:
        return str(value)


def _incident_words(row: Row) -> str:
    shares = "、".join(f"{party} {share}" for party, share in row.get("shares", ()))
    cost = f"应急费用 {_amount(row['cost_yuan'])} 元，{row['cost_bearer']}垫付"
    return f"{row['day']}，{cost}，责任 {shares}，{row['document']}"


def _gift(row: Row) -> str:
    parties = f"{row['contributor']}→{row['receiver']}"
    return f"{row['year']} {parties} {_CATEGORIES[row['kind']]} {row['description']}"


_KINDS: tuple[tuple[str, Table, Callable[[Row], str], Callable[[Row], str]], ...] = (
    (
        "取水量", INTAKE_VOLUME,
        lambda row: f"{row['month']:%Y-%m}",
        lambda row: f"{_amount(row['volume_m3'])} m³，{row['document']}",
    ),
    (
        "断面水量", FLOW,
        lambda row: f"{row['first_day']} 至 {row['last_day']}",
        lambda row: f"{_amount(row['volume_m3'])} m³，{row['document'] or '无文号'}",
    ),
    ("突发事件", INCIDENT, lambda row: f"事件 {row['number']}", _incident_words),
    (
        "免责认定", EXEMPTION,
        lambda row: f"{row['first_day']} 至 {row['last_day']}",
        lambda row: f"{row['reason']}，{row['document']}",
    ),
    (
        "多元化补偿", IN_KIND,
        _gift,
        lambda row: f"{_amount(row['value_yuan'])} 元，{row['document']}",
    ),
)  # fmt: skip


def recorded(connection: Connection, known: datetime | None = None, *, only_corrected: bool = False) -> list[Recorded]:
    """Every record known by then, or those that were corrected by then, by kind and in the order in which they came."""
    history = corrections(connection, known)
    if only_corrected and not history:
        return []
    shares = _shares(connection)
    found = []
    for label, table, about, words in _KINDS:
        kind = table.name
        for row in imported_rows(connection, table, known):
            if table is INCIDENT:
                row["shares"] = shares.get(row["id"], [])
            name = record_name(kind, row)
            if only_corrected and (kind, name) not in history:
                continue
            said = [Said(words(row), _place(row), None)]
            for each in history.get((kind, name), ()):
                if each.stated is None:
                    said.append(Said(WITHDRAWN, "", each))
                else:
                    said.append(Said(words(corrected(row, each)), each.place, each))
            section = row.get("section_name", "")
            found.append(Recorded(label, handle_of(kind, name), section, about(row), tuple(said), (kind, name)))
    return found


def _place(row: Row) -> str:
    return f"《{row['file']}》" + (f"表「{row['sheet']}」" if row["sheet"] else "") + f"第 {row['source_row']} 行"


def _shares(connection: Connection) -> dict[int, list[tuple[str, str]]]:
    table = INCIDENT_SHARE.c
    found: dict[int, list[tuple[str, str]]] = {}
    query = select(table.incident_id, table.party, table.share).order_by(table.incident_id, table.seq)
    for incident, party, share in connection.execute(query):
        found.setdefault(incident, []).append((party, share))
    return found
