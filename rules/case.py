"""A case: one agreement over one body of evidence for one period, with the quantities that clauses are written in.

Each quantity is made once, so that every clause (and every cell of the workbook) refers to the same one.
Route (agreement's data rules): valid days → monthly mean → annual mean of the months; rounded by GB/T 8170 before a
class or an exceedance multiple is taken, where the agreement says so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

from compensation.expression import (
    CUBIC_METRES,
    YUAN,
    Missing,
    MissingItem,
    Quantity,
    constant,
    leaf,
    maximum,
    mean_valid,
    missing,
    ph_mean_valid,
    total,
    unit,
)
from compensation.quality.classes import class_name
from compensation.quality.means import PH_DECIMALS, ph_mean
from compensation.quality.standard import PH, Direction, indicator, limits
from rules.agreement import (
    Agreement,
    Clause,
    Parameter,
    Period,
    Ratio,
    Section,
    WaterWeight,
    months_of,
    year_before,
    years_of,
)
from rules.evidence import DayValue, Evidence

T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    """An agreement applied to evidence over `period`; figures are taken as of `as_of` (the period's first day).

    `provisional` computes over the months there are (暂算) and says so; otherwise what is missing stays 未定. With
    `needs_whole_years` (a settlement proper) an annual clause over part of a year is 未定 as well.
    """

    agreement: Agreement
    evidence: Evidence
    period: Period
    as_of: date
    provisional: bool = False
    needs_whole_years: bool = False
    _made: dict[tuple[Any, ...], Any] = field(default_factory=dict, repr=False)

    def _once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    @cached_property
    def months(self) -> tuple[Period, ...]:
        """The months of the period."""
        return months_of(self.period.first, self.period.last)

    @cached_property
    def years(self) -> tuple[Period, ...]:
        """The calendar years of the period; one piece when it lies within a year."""
        return years_of(self.period.first, self.period.last)

    def day_of(self, period: Period | None) -> date:
        """The day as of which figures and clauses are taken for a period; a backtest takes all as of one day."""
        inside = self.agreement.first <= self.period.first <= self.agreement.last
        return self.as_of if period is None or not inside else max(period.first, self.agreement.first)

    def annual(self, year: Period, amount: Quantity) -> Quantity:
        """An annual amount; missing when only a part of the year (as far as the term goes) is settled."""
        first = max(date(year.first.year, 1, 1), self.agreement.first)
        last = min(date(year.last.year, 12, 31), self.agreement.last)
        if not self.needs_whole_years or (year.first <= first and last <= year.last):
            return amount
        what = missing("期间不满一年，年度条款不能定案", period=year.name)
        return leaf(("part_of_year", year.name, amount.label), what, amount.unit, amount.label, "")

    def figure(self, parameter: Parameter, period: Period | None = None) -> Quantity:
        """A figure of the agreement as of the first day of `period`; a backtest takes all as of one day."""
        day = self.day_of(period)
        span = parameter.span(day)
        return self._once(("figure", parameter.key, span.first), lambda: parameter.at(day))

    def weights(self, ratio: Ratio, period: Period | None = None) -> dict[str, Quantity]:
        """The weights of a ratio; a party whose weight is a figure of zero has no share and does not appear."""
        found = {}
        for code, each in ratio.items():
            weight = self.water(each, code, period) if isinstance(each, WaterWeight) else self.figure(each, period)
            if isinstance(each, WaterWeight) or weight.value != 0:
                found[code] = weight
        return found

    def whole(self, parameter: Parameter) -> int:
        """A counting figure (days, months, samples) as an int."""
        return int(parameter.span(self.as_of).value)

    def year_before(self, period: Period) -> Period:
        """The same months or year one year earlier (上年同期)."""
        return self._once(("year_before", period), lambda: year_before(period))

    @cached_property
    def asked_months(self) -> tuple[Period, ...]:
        """The months whose values the clauses may ask for: those of the period, and of the year before where needed."""
        if not self.agreement.looks_back:
            return self.months
        start = year_before(Period(self.years[0].first, self.years[0].last, "")).first
        return months_of(start, self.period.last)

    # exemptions

    def exempt_days(self, section: str) -> frozenset[date]:
        """The days that recognised exemptions take out at a section (免责)."""
        return self._once(("exempt", section), lambda: frozenset(self._exempt_days(section)))

    def _exempt_days(self, section: str) -> Iterable[date]:
        for fact in self.evidence.exemptions:
            if fact.section == section:
                yield from Period(fact.first, fact.last, "").days

    def is_taken_out(self, section: Section, period: Period) -> bool:
        """Whether an exemption leaves too few days of the month to judge it, so that the month itself is taken out."""
        exempt = self.exempt_days(section.code)
        if not exempt:
            return False
        left = [day for day in period.days if day not in exempt]
        return len(left) < len(period.days) and len(left) < self._needed(section)

    def judged_months(self, section: Section, period: Period | None = None) -> tuple[Period, ...]:
        """The months of a period (the case's own when not said) that no exemption takes out at the section."""
        months = self.months if period is None else months_of(period.first, period.last)
        return tuple(month for month in months if not self.is_taken_out(section, month))

    def _needed(self, section: Section) -> int:
        rules = self.agreement.data_rules
        return self.whole(rules.samples_per_month if section.monitoring == "manual" else rules.days_per_month)

    # concentrations

    def day_value(self, section: Section, code: str, day: date) -> Quantity:
        """The day's valid value, or a missing one: too few values, exempt, or nothing reported."""

        def make() -> Quantity:
            known = self.evidence.days.get((section.code, code), {})
            value = None if day in self.exempt_days(section.code) else known.get(day)
            name = indicator(code).name
            return leaf(
                ("day", section.code, code, day.isoformat()),
                missing("当日无有效值", section.name, name, day.isoformat()) if value is None else value.value,
                unit(indicator(code).unit),
                f"{section.name} {day} {name}日均值",
                "" if value is None else value.source or f"{value.n} 个有效读数",
            )

        return self._once(("day", section.code, code, day), make)

    def month_mean(self, section: Section, code: str, month: Period) -> Quantity:
        """The monthly mean by the agreement's route, unrounded."""
        return self._once(("month", section.code, code, month), lambda: self._month_mean(section, code, month))

    def _month_mean(self, section: Section, code: str, month: Period) -> Quantity:
        label = f"{section.name} {month.name} {indicator(code).name}月均值"
        needed = self._needed(section)
        exempt = self.exempt_days(section.code)
        known = self.evidence.days.get((section.code, code), {})
        there = [known[day] for day in month.days if day in known and day not in exempt]
        what = f"有效日 {len(there)} 天，少于 {needed} 天"
        lacking = MissingItem(section.name, indicator(code).name, month.name, what)
        key = ("month", section.code, code, month.name)
        if waiting := self._waiting(section, code, [month]):
            return leaf(key, waiting, unit(indicator(code).unit), label, "")
        given = self.evidence.months.get((section.code, code))
        if given is not None:
            value = given[month.name] if month.name in given else Missing(frozenset({lacking}))
            return leaf(key, value, unit(indicator(code).unit), label, "已存月均值")
        if self.agreement.data_rules.route == "readings":
            n = sum(day.n for day in there)
            mean = _mean_of_readings(code, there) if len(there) >= needed else None
            value = Missing(frozenset({lacking})) if mean is None else mean
            return leaf(key, value, unit(indicator(code).unit), label, f"{n} 个有效读数的平均")
        days = [self.day_value(section, code, day) for day in month.days]
        return _mean_valid(code, days, needed, lacking).named(label, self.agreement.data_rules.clause)

    def _waiting(self, section: Section, code: str, months: Sequence[Period]) -> Missing | None:
        """What is 未定 while values in doubt wait to be verified (待核实); a provisional result does without them."""
        waiting = {} if self.provisional else self.evidence.waiting
        items = frozenset(
            MissingItem(section.name, indicator(code).name, month.name, f"{n} 个存疑值待核实")
            for month in months
            if (n := waiting.get((section.code, code, month.name)))
        )
        return Missing(items) if items else None

    def year_mean(self, section: Section, code: str, year: Period) -> Quantity:
        """The mean of the year's monthly means, unrounded; taken-out months are left out."""

        def make() -> Quantity:
            judged = self.judged_months(section, year)
            months = [self.month_mean(section, code, month) for month in judged]
            needed = 1 if self.provisional else self.whole(self.agreement.data_rules.months_per_year)
            lacking = MissingItem(section.name, indicator(code).name, year.name, f"有效月少于 {needed} 个")
            waiting = self._waiting(section, code, judged)
            if not months or waiting:
                key = ("year", section.code, code, year.name)
                what = waiting or missing(lacking.what, section.name, lacking.indicator, year.name)
                return leaf(key, what, unit(indicator(code).unit), f"{section.name} {lacking.indicator}均值", "")
            return _mean_valid(code, months, needed, lacking).named(
                f"{section.name} {year.name} {indicator(code).name}均值", self.agreement.data_rules.clause
            )

        return self._once(("year", section.code, code, year), make)

    def mean(self, section: Section, code: str, period: Period) -> Quantity:
        """The monthly or the annual mean; over several years, the mean of all their months."""
        if period.name == f"{period.first:%Y-%m}":
            return self.month_mean(section, code, period)
        return self.year_mean(section, code, period)

    def assessed(self, section: Section, code: str, period: Period) -> Quantity:
        """The value that is judged: the mean, rounded by GB/T 8170 where the agreement says so."""

        def make() -> Quantity:
            mean = self.mean(section, code, period)
            decimals = indicator(code).assessment_decimals
            if not self.agreement.data_rules.rounds_before_class or decimals is None:
                return mean
            return mean.rounded_for_assessment(decimals).named(
                f"{section.name} {period.name} {indicator(code).name}评价值", self.agreement.data_rules.clause
            )

        return self._once(("assessed", section.code, code, period), make)

    # classes

    def indicator_class(self, section: Section, code: str, period: Period) -> Quantity:
        """The class of one indicator at a section in a period (GB 3838-2002)."""

        def make() -> Quantity:
            table = limits(code, "lake" if section.body == "lake" else "river")
            if table is None:
                raise LookupError(f"no class limits for {code} in a {section.body}")
            return (
                self.assessed(section, code, period)
                .graded(table)
                .named(f"{section.name} {period.name} {indicator(code).name}类别", "GB 3838-2002")
            )

        return self._once(("indicator_class", section.code, code, period), make)

    def section_class(self, section: Section, period: Period, clause: Clause | None = None) -> Quantity:
        """The class of the section: its worst indicator of those assessed, or that the clause judges by.

        Source: 环办〔2011〕22号.
        """
        codes = self.indicators if clause is None else self.judged_by(clause)

        def make() -> Quantity:
            classes = [self.indicator_class(section, code, period) for code in codes]
            own = "" if codes == self.indicators else f"（{'、'.join(indicator(code).name for code in codes)}）"
            return maximum(classes).named(f"{section.name} {period.name} 水质类别{own}", "环办〔2011〕22号")

        return self._once(("class", section.code, period, codes), make)

    @property
    def indicators(self) -> tuple[str, ...]:
        """The assessed indicators (评价指标)."""
        return self.agreement.data_rules.indicators

    def judged_by(self, clause: Clause) -> tuple[str, ...]:
        """The indicators that a clause judges by: its own, or the assessed ones."""
        return clause.indicators or self.indicators

    def target(self, section: Section, period: Period | None = None) -> Quantity:
        """The section's target class; LookupError when the agreement sets none."""
        if section.target is None:
            raise LookupError(f"section {section.code} has no target")
        return self.figure(section.target, period)

    def multiple(self, section: Section, code: str, period: Period, clause: Clause | None = None) -> Quantity | None:
        """超标倍数 (C − S) / S against the limit that holds; None for an indicator that has none."""
        limit = self.target_limit(section, code, period, clause)
        if limit is None:
            return None

        def make() -> Quantity:
            name = f"{section.name} {period.name} {indicator(code).name}超标倍数"
            return ((self.assessed(section, code, period) - limit) / limit).named(name, "GB 3838-2002")

        return self._once(("multiple", section.code, code, period, limit.key), make)

    def target_limit(
        self, section: Section, code: str, period: Period, clause: Clause | None = None
    ) -> Quantity | None:
        """The limit for an indicator: the clause's own, or that of the section's target class.

        None where exceedance has no meaning: two-sided limits, oxygen, and indicators without a class limit.
        """
        own = None if clause is None else clause.measure.figures.get(f"limits.{section.code}.{code}")
        if own is not None:
            return self.figure(own, period)
        table = limits(code, "lake" if section.body == "lake" else "river")
        target = self.target(section, period).value
        if table is None or table.direction is not Direction.AT_MOST or isinstance(target, Missing):
            return None
        name = indicator(code)
        label = f"{name.name} {class_name(int(target))}类限值（{'湖库' if section.body == 'lake' else '河流'}）"
        key = ("limit", section.body, code, str(target))
        value = table.of_class(int(target))
        return self._once(key, lambda: leaf(key, value, unit(name.unit), label, "GB 3838-2002 表 1", certain=True))

    # volumes

    def volume(self, section: Section, month: Period) -> Quantity:
        """Water taken at an intake in a month, m³."""

        def make() -> Quantity:
            fact = self.evidence.volumes.get((section.code, month.name))
            lacking = missing("没有取水量", section.name, "取水量", month.name)
            value = lacking if fact is None else fact.volume_m3
            label = f"{section.name} {month.name} 取水量"
            source = "" if fact is None else fact.source
            return leaf(("volume", section.code, month.name), value, CUBIC_METRES, label, source)

        return self._once(("volume", section.code, month), make)

    def flow(self, section: Section, month: Period) -> Quantity:
        """Water that passed a section in a month, m³."""

        def make() -> Quantity:
            fact = self.evidence.flows.get((section.code, month.name))
            lacking = missing("没有水量", section.name, "水量", month.name)
            label = f"{section.name} {month.name} 水量"
            value, source = (lacking, "") if fact is None else (fact.volume_m3, fact.source)
            return leaf(("flow", section.code, month.name), value, CUBIC_METRES, label, source)

        return self._once(("flow", section.code, month), make)

    def water(self, weight: WaterWeight, party: str, period: Period | None = None) -> Quantity:
        """The water of a party's sections over the months of the period, in whole m³, as a plain number (水量权数)."""
        span = period or self.period

        def make() -> Quantity:
            of_month = self.flow if weight.by == "flow" else self.volume
            months = months_of(span.first, span.last)
            parts = [of_month(self.agreement.section(code), month) for code in weight.sections for month in months]
            what = "断面水量" if weight.by == "flow" else "取水量"
            label = f"{self.agreement.short(party)} {span.name} {what}权数"
            return (total(parts).rounded_half_up(0) / constant(1, CUBIC_METRES)).named(label, weight.source)

        return self._once(("water", weight, party, span), make)

    def opening(self, clause: Clause) -> Quantity:
        """期初结余: what the year before left in the fund of a clause, 元; nothing in the first year of the term.

        A backtest stands alone, and begins with nothing.
        """
        fact = next((fact for fact in self.evidence.balances if fact.clause == clause.key), None)
        inside = self.agreement.first <= self.period.first <= self.agreement.last
        if fact is None and (not inside or self.period.first.year == self.agreement.first.year):
            return constant(0, YUAN)
        lacking = missing("没有上年度的结算，期初结余未定", period=f"{self.period.first.year - 1}年")
        value = lacking if fact is None or fact.amount_yuan is None else fact.amount_yuan
        label = f"{clause.number} {self.period.first.year}年 期初结余"
        return leaf(("balance", clause.key), value, YUAN, label, "" if fact is None else fact.source)

    def sections(self, codes: Sequence[str]) -> tuple[Section, ...]:
        """The sections with these codes."""
        return tuple(self.agreement.section(code) for code in codes)


def _mean_valid(code: str, parts: Sequence[Quantity], at_least: int, lacking: MissingItem) -> Quantity:
    """The mean of the parts that are there: arithmetic, of pH through [H+] (统计技术规定)."""
    if code == PH:
        return ph_mean_valid(parts, at_least, lacking, PH_DECIMALS)
    return mean_valid(parts, at_least, lacking)


def _mean_of_readings(code: str, days: Sequence[DayValue]) -> Fraction:
    """The mean of all readings of the days, from their daily means."""
    if code == PH:
        return ph_mean([day.value for day in days for _ in range(day.n)])
    return sum((day.value * day.n for day in days), Fraction(0)) / sum(day.n for day in days)
