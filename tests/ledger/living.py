"""Settlements, acts and calendars made by hand, for the tests of the ledger."""

from collections.abc import Iterable
from datetime import date

from compensation.ledger.chain import START, linked
from compensation.ledger.lifecycle import Subject
from compensation.ledger.records import Act, ActKind, Deed, Department
from compensation.ledger.workdays import Calendar, Holiday, published

SHANGHAI, JIANGSU, ZHEJIANG = "310000", "320000", "330000"
PARTIES = {SHANGHAI: "沪", JIANGSU: "苏", ZHEJIANG: "浙"}
DIGEST = "a" * 64
MARCH = date(2027, 3, 1)
NEXT_YEAR = (Holiday(date(2027, 1, 1), False, "元旦", "示例数据"),)
CALENDAR = Calendar((*published(), *NEXT_YEAR))


def subject(number: str = "甲", digest: str = DIGEST, **more: object) -> Subject:
    """A settlement of 2026 between three parties, 15 working days for objections."""
    made = Subject(number, digest, "taipu", date(2026, 1, 1), date(2026, 12, 31), "final", (), PARTIES, 15)
    return made._replace(**more)


def deed(kind: ActKind, settlement: str = "甲", **more: object) -> Deed:
    """A deed on 2027-03-01 with a document and a reason."""
    return Deed(kind, settlement, DIGEST, MARCH, "张三", "〔2027〕1号", "理由")._replace(**more)


def confirmations(settlement: str = "甲", digest: str = DIGEST) -> list[Deed]:
    """The six confirmations."""
    return [
        deed(ActKind.CONFIRM, settlement, digest=digest, party=party, department=each.value)
        for party in PARTIES
        for each in Department
    ]


def chained(deeds: Iterable[Deed]) -> list[Act]:
    """Deeds as acts of one chain."""
    acts: list[Act] = []
    for number, each in enumerate(deeds, start=1):
        acts.append(linked(number, 1_000 + number, acts[-1].hash if acts else START, each))
    return acts
