"""Water quality of a section out of the store: a report, and the same readings under every admissible treatment."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from compensation.errors import Fault, InputError
from compensation.monitoring.records import State, Status
from compensation.quality.means import substitute
from compensation.quality.periods import Sample, sample
from compensation.quality.report import SectionReport, section_report
from compensation.quality.standard import AUTOMATIC_STATION, Body, body_of, limits
from compensation.quality.treatments import Outcome, compare_treatments
from compensation.store import RegisteredSection, Store, time_of_minute
from rules.agreement import months_of


def treatments(store: Store, section: str, months: Sequence[date], body: Body | None = None) -> tuple[Outcome, ...]:
    """The months of a section under every admissible treatment.

    `body` serves a section whose kind of water the registry does not know. InputError without either, and when the
    section is not known.
    """
    found = _section(store, section)
    body = _body(found, body)
    samples = _samples(store, found, min(months), max(months) + timedelta(31), AUTOMATIC_STATION)
    limited = tuple(code for code in AUTOMATIC_STATION if limits(code, body) is not None)
    return compare_treatments(samples, list(months), body, limited)


def water_report(
    store: Store, section: str, first: date, last: date, target: int, body: Body | None = None
) -> SectionReport:
    """The water quality of a section from `first` to `last`, judged against a target class 1..5; `body` as above."""
    found = _section(store, section)
    months = [month.first.replace(day=1) for month in months_of(first, last)]
    return section_report(_samples(store, found, first, last, None), months, _body(found, body), target)


def _body(section: RegisteredSection, given: Body | None) -> Body:
    if section.body is None and given is None:
        why = "登记表中没有它的水体类型，河流与湖库的总磷限值不同"
        raise InputError(Fault(f"断面“{section.name}”", "不知道是河流还是湖库", why, "加上 --body 河流 或 --body 湖库"))
    return given or body_of(section.body)


def _section(store: Store, name: str) -> RegisteredSection:
    known = [each for each in store.sections() if name in (each.code, each.name)]
    if len(known) != 1:
        near = "、".join(f"{each.name}（{each.code}）" for each in known) or "库中没有这个名称或代码"
        raise InputError(Fault(f"断面“{name}”", "找不到唯一的断面", near, "改用断面代码，或先导入该断面的数据"))
    return known[0]


def _samples(
    store: Store, section: RegisteredSection, first: date, last: date, codes: Sequence[str] | None
) -> dict[str, list[Sample]]:
    """What counts between two days, both included: values and half limits, not those while 维护 or 停站."""
    start, end = datetime.combine(first, time()), datetime.combine(last + timedelta(1), time())
    samples: dict[str, list[Sample]] = {}
    rows = store.readings([section.code], None if codes is None else list(codes), start, end)
    for _, code, minute, mantissa, exponent, state, status, *_ in rows:
        if status not in (Status.UNSTATED, Status.NORMAL) or mantissa is None or code == "class":
            continue
        when = time_of_minute(minute)
        if state == State.VALUE:
            samples.setdefault(code, []).append(Sample(when, mantissa, exponent))
        elif state == State.BELOW_LIMIT:
            limit = mantissa * Fraction(10) ** exponent
            samples.setdefault(code, []).append(sample(when, substitute(limit)))
    return samples
