"""Where the leaves of a stored settlement came from: the rows of files, and the readings with their cells."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from compensation.application.gathering import exemption_fact, in_kind_fact, party_codes
from compensation.expression import Key
from compensation.monitoring.records import Method, State, Status
from compensation.quality.standard import indicator
from compensation.settlement.settle import Settlement
from compensation.sheets.origins import Origin, RawReading, Trace, key_of
from compensation.store import Scope, Sourced, Store, StoredSettlement, canonical_text, date_of_day
from rules.agreement import Period, year_before

_METHODS = {Method.AUTOMATIC: "自动监测", Method.MANUAL: "人工采样"}
_STATUSES = {
    Status.UNSTATED: "",
    Status.NORMAL: "正常",
    Status.MAINTENANCE: "维护",
    Status.STOPPED: "停站",
    Status.NOT_READY: "不具备运行条件",
}
_STATES = {State.MISSING: "缺测", State.NOT_MEASURED_HERE: "无此项", State.NOT_MONITORED: "未监测"}
# Days from the first of a spreadsheet's calendar to 1970-01-01.
_EPOCH_DAYS, _DAY_MINUTES = 25_569, 1_440


class _Rows(NamedTuple):
    """What the values of one day have in common when they stand in the same rows."""

    section: str
    day: date
    file: int
    sheet: str
    first: int
    last: int


def trace(store: Store, settlement: Settlement, stored: StoredSettlement, *, with_readings: bool) -> Trace:
    """The rows behind every leaf, and with `with_readings` every reading, as they were known to the settlement."""
    agreement, period = settlement.agreement, settlement.case.period
    asked = Period(year_before(period).first, period.last, "") if agreement.looks_back else period
    scope = Scope(
        [section.code for section in agreement.sections],
        list(agreement.monitored),
        datetime.combine(asked.first, time()),
        datetime.combine(asked.last + timedelta(1), time()),
        stored.readings_known_through,
    )
    files = _numbers(store, settlement)
    origins, count = _of_days(store, settlement, scope, files)
    origins += _of_volumes(store, settlement, stored.readings_known_through, files)
    origins += _of_facts(store, settlement, stored.readings_known_through, files)
    return Trace(tuple(origins), _readings(store, settlement, scope, files) if with_readings else None, count)


def _numbers(store: Store, settlement: Settlement) -> dict[int, int]:
    """The number on 数据来源 of each file, by its number in the store."""
    listed = {each.sha256: number for number, each in enumerate(settlement.sources, start=1)}
    return {each.id: listed[each.sha256] for each in store.source_files() if each.sha256 in listed}


def _of_days(store: Store, settlement: Settlement, scope: Scope, files: Mapping[int, int]) -> tuple[list[Origin], int]:
    """The rows of every day that has a value, and how many readings there are in all."""
    order = {section.code: number for number, section in enumerate(settlement.agreement.sections)}
    days = settlement.case.evidence.days
    found: dict[_Rows, list[tuple[str, int, int]]] = defaultdict(list)
    start = 0
    for section, code, number, file, sheet, first, last, numbers, rows in store.origins(scope):
        day = date_of_day(number)
        if day in days.get((section, code), {}):
            found[_Rows(section, day, files[file], sheet, first, last)].append((code, numbers, start))
        start += rows
    origins = [
        Origin(
            rows.section,
            rows.day.isoformat(),
            "、".join(indicator(code).name for code, _, _ in codes),
            rows.file,
            rows.sheet,
            rows.first,
            rows.last,
            sum(numbers for _, numbers, _ in codes),
            codes[0][2],
            tuple(_day_key(rows, code) for code, _, _ in codes),
        )
        for rows, codes in sorted(found.items(), key=lambda item: (order[item[0].section], item[0]))
    ]
    return origins, start


def _day_key(rows: _Rows, code: str) -> Key:
    return ("day", rows.section, code, rows.day.isoformat())


def _of_volumes(store: Store, settlement: Settlement, known_at: datetime, files: Mapping[int, int]) -> Iterator[Origin]:
    """The row of every monthly volume that the settlement has."""
    evidence = settlement.case.evidence
    taken = [(each.section_code, each.record.month, each) for each in store.intake_volumes(known_at)]
    passed = [
        (each.section_code, each.record.first_day, each)
        for each in store.flows(known_at)
        if each.record.first_day != each.record.last_day
    ]
    months = {month.name for month in settlement.case.months}
    for kind, what, facts, records in (
        ("volume", "取水量", evidence.volumes, taken),
        ("flow", "断面水量", evidence.flows, passed),
    ):
        for section, day, each in records:
            month = f"{day:%Y-%m}"
            if (section, month) in facts and month in months:
                row = each.record.row
                key = (kind, section, month)
                yield Origin(section, month, what, files[each.file_id], each.record.sheet, row, row, 1, None, (key,))


def _of_facts(store: Store, settlement: Settlement, known_at: datetime, files: Mapping[int, int]) -> Iterator[Origin]:
    """The row of every incident, exemption and contribution in kind that the settlement has."""
    evidence, parties = settlement.case.evidence, party_codes(settlement.agreement)
    used = {key_of(fact) for facts in (evidence.incidents, evidence.exemptions, evidence.in_kind) for fact in facts}

    def origin(each: Sourced[Any], key: Key, period: str, what: str) -> Iterator[Origin]:
        if key in used:
            row = each.record.row
            yield Origin(
                each.section_code, period, what, files[each.file_id], each.record.sheet, row, row, 1, None, (key,)
            )

    recorded = {fact.number: fact for fact in evidence.incidents}
    for incident in store.incidents(known_at):
        if incident.record.number in recorded:
            recognised = recorded[incident.record.number]
            yield from origin(incident, key_of(recognised), recognised.day.isoformat(), f"突发事件 {recognised.number}")
    for exemption in store.exemptions(known_at):
        fact = exemption_fact(exemption)
        yield from origin(exemption, key_of(fact), f"{fact.first} 至 {fact.last}", "免责认定")
    for gift in store.in_kind(known_at):
        if gift.record.contributor in parties and gift.record.receiver in parties:
            key = key_of(in_kind_fact(gift, parties))
            yield from origin(gift, key, f"{gift.record.year}年", "多元化补偿")


def _readings(store: Store, settlement: Settlement, scope: Scope, files: Mapping[int, int]) -> Iterator[RawReading]:
    names = {section.code: section.name for section in settlement.agreement.sections}
    for (
        section,
        code,
        minute,
        method,
        mantissa,
        exponent,
        state,
        status,
        file,
        sheet,
        row,
        column,
    ) in store.placed_readings(scope):
        yield RawReading(
            names[section],
            code,
            _days(minute),
            _METHODS[Method(method)],
            _text(state, mantissa, exponent),
            state == State.VALUE,
            _STATUSES[Status(status)],
            files[file],
            sheet,
            row,
            column,
        )


@lru_cache(maxsize=65_536)
def _text(state: int, mantissa: int | None, exponent: int) -> str:
    """The number, 0.025L for a non-detect, or why there is no number."""
    return _STATES.get(State(state)) or canonical_text(state, mantissa, exponent)


@lru_cache(maxsize=65_536)
def _days(minute: int) -> str:
    """A time as a spreadsheet counts days."""
    whole, rest = divmod(minute, _DAY_MINUTES)
    return repr(whole + _EPOCH_DAYS + rest / _DAY_MINUTES) if rest else str(whole + _EPOCH_DAYS)
