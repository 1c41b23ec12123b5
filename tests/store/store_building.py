"""Parsed files made by hand, for the tests of the store."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from compensation.ledger.records import (
    Account,
    AccountKind,
    ActKind,
    Deed,
    Entry,
    EntryKind,
    Order,
    OrderKind,
    Posting,
    Slip,
)
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


def moved(kind: EntryKind, payer: Account, payee: Account, fen: int) -> Entry:
    """An entry that takes `fen` from one account to another."""
    return Entry(kind, "第一条", "", "2026年", (Posting(payer, -fen), Posting(payee, fen)))


def claim(party: str) -> Account:
    return Account(AccountKind.CLAIM, party)


def done(kind: ActKind, settlement: str, digest: str = "c" * 64, **more: object) -> Deed:
    """A deed on a day of 2027."""
    return Deed(kind, settlement, digest, date(2027, 3, 1), "张三", "沪财〔2027〕1号")._replace(**more)


def finalised(settlement: str, fen: int = 100, orders: int = 1) -> Deed:
    """What a settlement of one line posts, with its orders."""
    entries = (
        moved(EntryKind.OBLIGATION, claim(SHANGHAI), claim(JIANGSU), fen),
        moved(EntryKind.CONTRIBUTION, claim(SHANGHAI), Account(AccountKind.POOL), fen),
        moved(EntryKind.DISTRIBUTION, Account(AccountKind.POOL), claim(JIANGSU), fen),
    )
    made = tuple(
        Order(f"{settlement}-P{n}", OrderKind.CLEARING, SHANGHAI, JIANGSU, 2 * fen, "2026年", date(2027, 4, 1))
        for n in range(1, orders + 1)
    )
    return done(ActKind.FINALISE, settlement, entries=entries, orders=made)


def paid(settlement: str, fen: int = 200, number: str = "凭证1") -> Deed:
    """What a slip posts against the settlement's first order."""
    treasury = [Account(AccountKind.TREASURY, party) for party in (SHANGHAI, JIANGSU)]
    entries = (
        moved(EntryKind.PAYMENT, treasury[0], claim(SHANGHAI), fen),
        moved(EntryKind.PAYMENT, claim(JIANGSU), treasury[1], fen),
    )
    slip = Slip(number, f"{settlement}-P1", SHANGHAI, JIANGSU, fen)
    return done(ActKind.PAY, settlement, entries=entries, slip=slip)
