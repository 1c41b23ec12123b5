"""Readings and other records under an agreement's data rules: the evidence that its clauses may ask for.

Readings come as daily sums (exact integers), so that a year of half a million readings is a few thousand rows here.
What a rule leaves out (维护, 停站, too few values in a day) is counted with its reason, never dropped in silence.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from compensation.monitoring.records import State, Status
from compensation.quality.means import ph_mean_counted
from compensation.quality.standard import PH, indicator
from rules.agreement import Agreement, Section
from rules.evidence import (
    BalanceFact,
    ChargedFact,
    DayValue,
    Evidence,
    ExemptionFact,
    IncidentFact,
    InKindFact,
    TransferFact,
    VolumeFact,
)

_STATUS_NAMES = {
    Status.MAINTENANCE: "维护",
    Status.STOPPED: "停站",
    Status.NOT_READY: "不具备运行条件",
}
_COUNTED = (State.VALUE, State.BELOW_LIMIT)


class DaySum(NamedTuple):
    """The readings of one section, indicator and day that share exponent, state and status: their sum and count.

    Of pH, whose mean goes through [H+], only equal values may share a row.
    The sum is `mantissa_sum * 10**exponent`, in the indicator's unit; for BELOW_LIMIT it sums the detection limits.
    """

    section: str
    indicator: str
    day: date
    exponent: int
    state: State
    status: Status
    mantissa_sum: int
    n: int


class Omission(NamedTuple):
    """Readings that the data rules left out, counted by section, indicator, month and reason (剔除)."""

    section: str
    indicator: str
    month: str
    reason: str
    n: int


class MonthWaiting(NamedTuple):
    """How many values in doubt of a month nobody has verified yet, where the agreement asks (待核实)."""

    section: str
    indicator: str
    month: str
    n: int


class Decided(NamedTuple):
    """What somebody decided about the data: a conflict, a value in doubt, a correction of evidence (裁定、核实、更正).

    `about` says of what, `what` what was decided, `document` on which document (may be empty).
    """

    kind: str
    about: str
    what: str
    by: str
    at: datetime
    reason: str
    document: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """Evidence, what the data rules left out of it, and what people decided about the data."""

    evidence: Evidence
    omissions: tuple[Omission, ...]
    decided: tuple[Decided, ...] = ()


def gather(
    agreement: Agreement,
    as_of: date,
    sums: Iterable[DaySum],
    *,
    volumes: Mapping[tuple[str, str], VolumeFact] | None = None,
    flows: Mapping[tuple[str, str], VolumeFact] | None = None,
    incidents: Sequence[IncidentFact] = (),
    exemptions: Sequence[ExemptionFact] = (),
    in_kind: Sequence[InKindFact] = (),
    last_year: Sequence[TransferFact] = (),
    charged: Sequence[ChargedFact] = (),
    balances: Sequence[BalanceFact] = (),
    waiting: Sequence[MonthWaiting] = (),
) -> Gathered:
    """Apply the agreement's data rules, taken as of `as_of`, to daily sums; the other records pass through."""
    omitted: dict[tuple[str, str, str, str], int] = defaultdict(int)
    days: dict[tuple[str, str], dict[date, DayValue]] = defaultdict(dict)
    sections = {section.code: section for section in agreement.sections}
    monitored, rules = agreement.monitored, agreement.data_rules
    needed = ceil(rules.expected_per_day.span(as_of).value * rules.day_share.span(as_of).value)
    factor = rules.non_detect_factor.span(as_of).value
    excluded = tuple(excluded_statuses(agreement))
    for (code, name, day), group in _grouped(sums).items():
        section = sections.get(code)
        if section is None or name not in monitored:
            continue
        kept = [each for each in group if each.state in _COUNTED and each.status not in excluded]
        if len(kept) < len(group):
            _omit(group, excluded, omitted)
        value = _day_value(section, kept, needed, factor, omitted)
        if value is not None:
            days[code, name][day] = value
    evidence = Evidence(
        {key: dict(sorted(values.items())) for key, values in sorted(days.items())},
        dict(volumes or {}),
        tuple(incidents),
        tuple(exemptions),
        tuple(in_kind),
        tuple(last_year),
        tuple(charged),
        flows=dict(flows or {}),
        balances=tuple(balances),
        waiting={(each.section, each.indicator, each.month): each.n for each in waiting},
    )
    return Gathered(evidence, tuple(Omission(*key, n) for key, n in sorted(omitted.items())))


def _grouped(sums: Iterable[DaySum]) -> dict[tuple[str, str, date], list[DaySum]]:
    groups: dict[tuple[str, str, date], list[DaySum]] = defaultdict(list)
    for each in sums:
        groups[each[:3]].append(each)
    return groups


def excluded_statuses(agreement: Agreement) -> frozenset[Status]:
    """The station statuses whose values the agreement leaves out."""
    named = agreement.data_rules.excluded_statuses
    return frozenset(status for status, name in _STATUS_NAMES.items() if name in named)


def _omit(group: Sequence[DaySum], excluded: Sequence[Status], omitted: dict[tuple[str, str, str, str], int]) -> None:
    """Count what is left out because of the station's status; what was never measured is not left out."""
    for each in group:
        if each.state in _COUNTED and each.status in excluded:
            reason = f"站点{_STATUS_NAMES[each.status]}期间的数据"
            omitted[each.section, each.indicator, f"{each.day:%Y-%m}", reason] += each.n


def _day_value(
    section: Section,
    kept: Sequence[DaySum],
    needed: int,
    non_detect_factor: Fraction,
    omitted: dict[tuple[str, str, str, str], int],
) -> DayValue | None:
    """The day's mean, or None when there are fewer values than `needed` at a station, or none by hand."""
    n = below = 0
    for each in kept:
        n += each.n
        if each.state is State.BELOW_LIMIT:
            below += each.n
    if not n:
        return None
    if section.monitoring == "automatic" and n < needed:
        first = kept[0]
        reason = f"当日有效数据少于 {needed} 个"
        omitted[section.code, first.indicator, f"{first.day:%Y-%m}", reason] += n
        return None
    noun = "个有效读数" if section.monitoring == "automatic" else "个人工样品"
    mean = _mean(kept, non_detect_factor)
    return DayValue(mean, n, f"{n} {noun}" + (f"，其中未检出 {below} 个" if below else ""))


def _mean(kept: Sequence[DaySum], non_detect_factor: Fraction) -> Fraction:
    """The mean of what was kept, a non-detect at its share of the limit; pH through [H+], of equal values."""
    if kept[0].indicator == PH:
        counts: Counter[Fraction] = Counter()
        for each in kept:
            counts[each.mantissa_sum * Fraction(10) ** each.exponent / each.n] += each.n
        return ph_mean_counted(counts)
    # Whole numbers in units of the last decimal there is, brought to lowest terms once.
    last = kept[0].exponent if len(kept) == 1 else min(each.exponent for each in kept)
    total: int | Fraction = 0
    n = 0
    for each in kept:
        amount = each.mantissa_sum * 10 ** (each.exponent - last)
        n += each.n
        total += amount * non_detect_factor if each.state is State.BELOW_LIMIT else amount
    return Fraction(total * 10**last, n) if last > 0 else Fraction(total, n * 10**-last)


def indicator_name(code: str) -> str:
    """The Chinese name of an indicator."""
    return indicator(code).name
