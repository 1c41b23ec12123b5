"""The shape of an agreement: parties, sections, data rules, clauses, limits, money; every value dated, with its source.

Agreements are data (`rules/agreements/*.yaml`); this module says what they consist of once they are loaded. It follows
the seven items of 生态保护补偿条例 (decree 779) art. 17: scope, targets, duties, payment, term, breach, other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from compensation.errors import Fault, InputError
from compensation.expression import Quantity, Unit, leaf


class Period(NamedTuple):
    """A stretch of days, both ends included, under the name it has on the sheet (2026-07, 2026年)."""

    first: date
    last: date
    name: str

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of the period."""
        return _days(self.first, self.last)


# The months of a year are asked for their days hundreds of times in one settlement.
@lru_cache(maxsize=1024)
def _days(first: date, last: date) -> tuple[date, ...]:
    return tuple(first + timedelta(n) for n in range((last - first).days + 1))


def years_of(first: date, last: date) -> tuple[Period, ...]:
    """The calendar years that the days from `first` to `last` touch, cut at both ends."""
    spans = ((max(first, date(year, 1, 1)), min(last, date(year, 12, 31))) for year in range(first.year, last.year + 1))
    return tuple(Period(start, end, period_name(start, end)) for start, end in spans)


def period_name(first: date, last: date) -> str:
    """2026年 for a whole calendar year, else both days."""
    whole = (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31))
    return f"{first.year}年" if whole else f"{first} 至 {last}"


def year_before(period: Period) -> Period:
    """The same days one year earlier (上年同期); a month stays a month and a year a year, and 29 February has none."""
    first, last = _a_year_earlier(period.first), _a_year_earlier(period.last + timedelta(1)) - timedelta(1)
    name = f"{first:%Y-%m}" if period.name == f"{period.first:%Y-%m}" else period_name(first, last)
    return Period(first, last, name)


def _a_year_earlier(day: date) -> date:
    return date(day.year - 1, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def months_of(first: date, last: date) -> tuple[Period, ...]:
    """The calendar months that the days from `first` to `last` touch, cut at both ends."""
    months = []
    day = first
    while day <= last:
        after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        end = min(last, after - timedelta(1))
        months.append(Period(day, end, f"{day:%Y-%m}"))
        day = after
    return tuple(months)


class Span(NamedTuple):
    """A value with the days it holds, both included, and where it is from: an article, a document, or `assumption`."""

    first: date
    last: date
    value: Fraction
    source: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A figure of the agreement: its key (for `--set`), Chinese label, unit, and the spans of its values."""

    key: str
    label: str
    unit: Unit
    spans: tuple[Span, ...]

    def span(self, day: date) -> Span:
        """The span that holds on `day`; InputError when none does: an old figure is never used silently."""
        for span in self.spans:
            if span.first <= day <= span.last:
                return span
        raise InputError(
            Fault(
                f"参数“{self.label}”（{self.key}）",
                f"{day} 没有有效值",
                f"协议只给出 {self.spans[0].first} 至 {self.spans[-1].last} 的值",
                "结算协议期内的日期，或回测时用 --as-of 指定取值日",
            )
        )

    def at(self, day: date) -> Quantity:
        """The value on `day` as a quantity that knows its source."""
        span = self.span(day)
        source = "假定值，尚无协议文本" if span.source == "assumption" else span.source
        key = ("parameter", self.key, span.first.isoformat())
        return leaf(key, span.value, self.unit, self.label, source, certain=True)


@dataclass(frozen=True, slots=True)
class WaterWeight:
    """水量分担: what a party has a share by is the water of its sections in the period, m³.

    `by` is flow (water that passed the sections, 断面水量) or intake (water taken at them, 取水量).
    """

    by: str
    sections: tuple[str, ...]
    source: str


Ratio = Mapping[str, Parameter | WaterWeight]
"""Weights by GB/T 2260 code: whole numbers such as 7 : 3, or the water of sections; who is not named has no share."""


@dataclass(frozen=True, slots=True)
class Party:
    """A signatory (缔约方), by GB/T 2260 code."""

    code: str
    name: str
    short: str


@dataclass(frozen=True, slots=True)
class Section:
    """A monitoring cross-section (断面) with the parties above and below it and their shares."""

    code: str
    name: str
    kind: str  # boundary / intake / background
    body: str  # river / lake
    monitoring: str  # automatic / manual
    target: Parameter | None
    upstream: Ratio
    downstream: Ratio
    source: str


@dataclass(frozen=True, slots=True)
class DataRules:
    """How readings become values (协议数据规则).

    Route: hours to a day (at least `day_share` of `expected_per_day`), days to a month (at least `days_per_month`),
    months to a year (at least `months_per_year`); a hand-sampled section needs `samples_per_month`.
    `route` is daily (mean of daily means) or readings (mean of all readings of valid days).
    `flags` says by the name of a doubt what becomes of values that raise it; keep where it says nothing.
    `rounds_before_class` names the convention for class and exceedance. `excluded_statuses` are station statuses
    whose values are left out.
    """

    clause: str
    indicators: tuple[str, ...]
    expected_per_day: Parameter
    day_share: Parameter
    days_per_month: Parameter
    samples_per_month: Parameter
    months_per_year: Parameter
    non_detect_factor: Parameter
    route: str
    rounds_before_class: bool
    excluded_statuses: tuple[str, ...]
    flags: Mapping[str, str] = field(default_factory=dict)  # what is done with values in doubt: exclude / keep / ask


@dataclass(frozen=True, slots=True)
class Part:
    """One composable part of a clause (a measure, a tariff): its kind, its figures, and its plain options."""

    kind: str
    figures: Mapping[str, Parameter] = field(default_factory=dict)  # a table's under name.indicator and the like
    options: Mapping[str, str] = field(default_factory=dict)
    rows: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True)
class Grouped:
    """Which charges of a clause a cap or floor counts together.

    `per` names what they have in common: section, indicator, month, year, term (with what earlier settlements of it
    charged), or several; alone it may also be charge (each by itself) or clause (all of the period). With payer (or
    payee) what each paying (or paid) party bears of them is counted, not the charges.
    """

    per: tuple[str, ...]

    @property
    def side(self) -> str:
        """payer or payee, where each party of that side is counted by itself; empty where whole charges are."""
        return next((word for word in self.per if word in COUNTED_SIDES), "")


COUNTED_SIDES = ("payer", "payee")


@dataclass(frozen=True, slots=True)
class Cap(Grouped):
    """封顶: the most that may flow one way under a clause within a group of charges, in the order they arise."""

    at_most: Parameter


@dataclass(frozen=True, slots=True)
class Floor(Grouped):
    """保底: the least that flows so, once anything is owed; what is short is added to the last charge of the group."""

    at_least: Parameter


@dataclass(frozen=True, slots=True)
class Reach:
    """When a clause applies (适用时段): days of the term, both included, and calendar months (1 to 12).

    `elsewhere_nothing` says outright that nothing is owed outside; otherwise other clauses have to cover the rest.
    """

    first: date
    last: date
    months: tuple[int, ...]
    elsewhere_nothing: bool = False

    def holds(self, day: date, month: int | None) -> bool:
        """Whether the clause applies on `day`, and in the calendar month where one is meant."""
        return self.first <= day <= self.last and (month is None or month in self.months)


@dataclass(frozen=True, slots=True)
class Correction:
    """上游来水修正: an indicator at least as bad at the background section in the same period is not charged."""

    section: str
    clause: str


@dataclass(frozen=True, slots=True)
class Deduction:
    """What a section that misses its annual target takes from some parties' distribution for others (扣减)."""

    sections: tuple[str, ...]
    amount: Parameter
    losers: Ratio | None  # None: the section's upstream parties, by their shares
    gainers: Ratio | None  # None: the section's downstream parties, by theirs
    stays: bool = False  # nobody gains: what is taken stays in the fund


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: principle × what is measured × tariff × who pays whom × scope × period × caps and floors."""

    number: str  # 第二条
    key: str
    principle: str
    title: str
    text: str
    source: str
    kind: str  # charge / pool / incident
    sections: tuple[str, ...]
    period: str  # month / year / term / event
    measure: Part
    tariff: Part
    payer: str  # upstream / downstream / parties (named ones) / pool (the fund that carries over)
    payee: str
    reach: Reach
    directions: tuple[str, ...] = ("forward",)  # backward: a negative amount flows from payee to payer
    each_indicator: bool = False
    indicators: tuple[str, ...] = ()  # those the clause judges by; empty: the assessed ones
    parties: Mapping[str, Ratio] = field(default_factory=dict)  # by payer and payee, where these are named
    at_least: Parameter | None = None  # 保底: the least that a charge comes to once it comes to anything
    adds_to: tuple[str, ...] = ()  # keys of clauses that measure the same and are meant to add up
    correction: Correction | None = None
    caps: tuple[Cap, ...] = ()
    floors: tuple[Floor, ...] = ()
    shares: Mapping[str, Ratio] = field(default_factory=dict)  # upstream shares by section code and indicator
    contributions: Ratio = field(default_factory=dict)
    distribution: Ratio = field(default_factory=dict)
    deductions: tuple[Deduction, ...] = ()

    @property
    def counted_side(self) -> str:
        """The side (payer or payee) whose parties its caps or floors count one by one; empty where none does."""
        return next((each.side for each in (*self.caps, *self.floors) if each.side), "")

    @property
    def through_fund(self) -> bool:
        """Whether the clause charges for the fund: what is charged flows into it, or out of it, or both."""
        return POOL in (self.payer, self.payee)

    @property
    def carries_over(self) -> str:
        """What becomes of what a fund has left (结转): reserve, distribution, or nothing is left (empty)."""
        return self.tariff.options.get("carry_over", "")

    @property
    def ratios(self) -> Iterator[Ratio]:
        """Every ratio by which the clause itself shares money."""
        yield from (self.contributions, self.distribution, *self.shares.values(), *self.parties.values())
        for deduction in self.deductions:
            yield from (each for each in (deduction.losers, deduction.gainers) if each is not None)


@dataclass(frozen=True, slots=True)
class Money:
    """Limits and payment arrangements (第六至八条): credit share, yearly limit, advance share, objection days.

    `netting` is multilateral (all positions at once) or bilateral (each pair for itself).
    """

    credit_share: Parameter | None
    credit_clause: str
    net_payment_limit: Parameter | None
    limit_clause: str
    advance_share: Parameter | None
    advance_clause: str
    objection_days: Parameter | None
    rounding_clause: str
    netting: str = "multilateral"


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement (补偿协议), loaded and checked. `text` is the file as it was, `sha256` its digest."""

    key: str
    title: str
    version: str
    status: str  # draft / signed
    document: str
    first: date
    last: date
    parties: tuple[Party, ...]
    sections: tuple[Section, ...]
    data_rules: DataRules
    duties: tuple[str, ...]
    clauses: tuple[Clause, ...]
    money: Money
    breach: tuple[str, ...]
    other: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    notes: tuple[str, ...]
    text: str
    sha256: str

    @property
    def monitored(self) -> tuple[str, ...]:
        """The indicators whose daily values the clauses may ask for: the assessed ones, and those of any index."""
        weighted = (
            key.split(".")[1] for clause in self.clauses for key in clause.measure.figures if key.startswith("weights.")
        )
        own = (code for clause in self.clauses for code in clause.indicators)
        return tuple(dict.fromkeys((*self.data_rules.indicators, *weighted, *own)))

    @property
    def looks_back(self) -> bool:
        """Whether a clause compares with the year before, whose values it then needs."""
        return any(clause.measure.options.get("against") == "last_year" for clause in self.clauses)

    @property
    def ratios(self) -> Iterator[Ratio]:
        """Every ratio by which money is shared: those of the sections, and those of the clauses."""
        for section in self.sections:
            yield from (section.upstream, section.downstream)
        for clause in self.clauses:
            yield from clause.ratios

    @property
    def fund(self) -> Clause | None:
        """The clause whose fund carries over, and so has an account of its own; there is one at most."""
        return next((clause for clause in self.clauses if clause.carries_over), None)

    def section(self, code: str) -> Section:
        """The section with this code; KeyError when the agreement does not name it."""
        for section in self.sections:
            if section.code == code:
                return section
        raise KeyError(code)

    def short(self, code: str) -> str:
        """The short name of a party or account: 沪, 苏, 浙, 基金."""
        return next((party.short for party in self.parties if party.code == code), "基金" if code == POOL else code)

    def full_name(self, code: str) -> str:
        """The name of a party or account in full: 上海市, 共同资金."""
        return next((party.name for party in self.parties if party.code == code), "共同资金")


POOL = "pool"
"""The account of the joint fund (共同资金): an account like any other."""
