"""The same readings under every admissible treatment."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from compensation.errors import Fault, InputError
from compensation.monitoring.records import State, Status
from compensation.quality.periods import Sample
from compensation.quality.standard import AUTOMATIC_STATION, Body, limits
from compensation.quality.treatments import Outcome, compare_treatments
from compensation.store import (
    Store,
    time_of_minute,
)


def treatments(store: Store, section: str, months: Sequence[date]) -> tuple[Outcome, ...]:
    """The months of a section under every admissible treatment; InputError when the section is not known."""
    known = [each for each in store.sections() if section in (each.code, each.name)]
    if len(known) != 1:
        near = "、".join(f"{each.name}（{each.code}）" for each in known) or "用 compensation status 查看已导入的内容"
        raise InputError(Fault(f"断面“{section}”", "找不到唯一的断面", near, "改用断面代码或登记名称"))
    start = datetime.combine(min(months), time())
    end = datetime.combine(max(months) + timedelta(32), time())
    samples: dict[str, list[Sample]] = {}
    for _, code, minute, mantissa, exponent, state, status, *_ in store.readings(
        [known[0].code], list(AUTOMATIC_STATION), start, end
    ):
        if state == State.VALUE and status in (Status.UNSTATED, Status.NORMAL):
            samples.setdefault(code, []).append(Sample(time_of_minute(minute), mantissa, exponent))
    body: Body = "lake" if known[0].body == "lake" else "river"
    limited = tuple(code for code in AUTOMATIC_STATION if limits(code, body) is not None)
    return compare_treatments(samples, list(months), body, limited)
