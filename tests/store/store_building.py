"""Parsed files made by hand, for the tests of the store."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from compensation.monitoring.parsed import Counts, ParsedFile
from compensation.monitoring.records import Method, Reading, Refused, SectionName, State, Status

SHANGHAI, JIANGSU, ZHEJIANG = "310000", "320000", "330000"
BRIDGE = SectionName("太浦河桥", SHANGHAI)
NOON = datetime(2026, 7, 9, 12)


def reading(
    text: str = "3.01",
    section: SectionName = BRIDGE,
    indicator: str = "w01019",
    time: datetime = NOON,
    known_at: datetime | None = None,
    state: State = State.VALUE,
    status: Status = Status.NORMAL,
    method: Method = Method.AUTOMATIC,
    row: int = 2,
    column: int = 5,
    sheet: str = "数据",
) -> Reading:
    """A reading whose value is the plain decimal `text`; for other states `text` is the raw cell."""
    mantissa, exponent = None, 0
    if state in (State.VALUE, State.BELOW_LIMIT):
        digits = text.rstrip("L")
        whole, _, part = digits.partition(".")
        mantissa, exponent = int(whole + part), -len(part)
    return Reading(
        section, indicator, time, method, state, mantissa, exponent, status, text, known_at, sheet, row, column
    )


def parsed(
    readings: Iterable[Reading] = (),
    name: str = "甲.xlsx",
    refused: Iterable[Refused] = (),
    empty: int = 0,
    **evidence: list,
) -> ParsedFile:
    """A parsed file; its SHA-256 follows from what it holds, its counts from its rows."""
    readings, refused = list(readings), list(refused)
    content = repr((name, readings, refused, sorted(evidence.items()), empty)).encode()
    rows = len({(each.sheet, each.row) for each in readings})
    rows_of_evidence = len({(each.sheet, each.row) for records in evidence.values() for each in records})
    turned_away = len({(each.sheet, each.row) for each in refused})
    return ParsedFile(
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        form="xlsx",
        readings=readings,
        reading_count=len(readings),
        refused=refused,
        counts=Counts(rows + rows_of_evidence + turned_away + empty, empty, rows, rows_of_evidence, turned_away),
        **evidence,
    )


def many(count: int, name: str = "多.csv", first: int = 0, sections: int = 20) -> ParsedFile:
    """A file of `count` readings at `sections` unregistered sections, each a row."""
    names = [SectionName(f"测站{number}", JIANGSU) for number in range(sections)]
    return parsed(
        (
            reading(
                f"{number % 997}.{number % 10}",
                section=names[number % sections],
                time=NOON + timedelta(hours=(first + number) // sections),
                row=number + 2,
            )
            for number in range(count)
        ),
        name=name,
    )
