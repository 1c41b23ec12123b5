"""Hypothesis strategies for authors of rules: evidence for any agreement, and agreements of every kind.

    from compensation.proof.strategies import agreements, evidence, trials

Everything shrinks towards water that offends nobody, the same in every month, and nothing beside it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from hypothesis import strategies as st

from compensation.proof.generated import agreements
from compensation.proof.levels import levels, no_worse_than, resolution
from compensation.proof.trial import Trial, periods
from rules.agreement import Agreement, Clause, Period
from rules.case import Case
from rules.evidence import (
    BalanceFact,
    ChargedFact,
    Evidence,
    ExemptionFact,
    IncidentFact,
    InKindFact,
    TransferFact,
    VolumeFact,
)
from rules.measures import water_asked

__all__ = ["agreements", "evidence", "trials"]

Series = tuple[str, str]
"""A section and an indicator, by their codes."""

SOURCE = "举例"

_fen = st.integers(0, 9_000_000_000).map(lambda fen: Fraction(fen, 100))
_volumes = st.one_of(
    st.sampled_from([Fraction(10**7), Fraction(0), Fraction(1), Fraction(123_456_789, 10)]),
    st.integers(0, 2 * 10**8).map(Fraction),
)


def trials(agreement: Agreement, *, gaps: bool = False) -> st.SearchStrategy[Trial]:
    """The agreement over any evidence for any of its periods; with `gaps`, evidence may lack anything."""

    def over(period: Period) -> st.SearchStrategy[Trial]:
        return evidence(agreement, period, gaps=gaps).map(lambda made: Trial(agreement, made, period))

    return st.sampled_from(periods(agreement)).flatmap(over)


def evidence(agreement: Agreement, period: Period | None = None, *, gaps: bool = False) -> st.SearchStrategy[Evidence]:
    """Evidence for a period of the agreement (its first when not said), as monthly means and everything beside them.

    Complete unless `gaps`: then months, whole series, volumes and costs may be missing. Concentrations are finite
    decimals in the indicator's unit, around every limit and figure of the agreement.
    """
    chosen = periods(agreement)[0] if period is None else period
    return _Maker(agreement, chosen, gaps=gaps).evidence()


class _Maker:
    """What an agreement may ask for in a period, worked out once for all examples."""

    def __init__(self, agreement: Agreement, period: Period, *, gaps: bool) -> None:
        self.agreement = agreement
        self.period = period
        self.gaps = gaps
        case = Case(agreement, Evidence({}), period, period.first)
        self.months = tuple(month.name for month in case.months)
        self.asked = tuple(month.name for month in case.asked_months)
        self.parties = tuple(sorted(party.code for party in agreement.parties))
        self.levels = {
            (section.code, code): levels(agreement, section, code)
            for section in agreement.sections
            for code in agreement.monitored
        }
        self.series = tuple(self.levels)
        self.taken = water_asked(agreement, "intake")
        self.passed = water_asked(agreement, "flow")

    def evidence(self) -> st.SearchStrategy[Evidence]:
        money = self.agreement.money
        return st.builds(
            Evidence,
            days=st.just({}),
            months=self._concentrations(),
            volumes=self._by_month(self.taken),
            flows=self._by_month(self.passed),
            incidents=self._incidents(),
            exemptions=st.lists(self._exemption(), max_size=2).map(tuple),
            in_kind=st.lists(self._in_kind(), max_size=3 if money.credit_share is not None else 0).map(tuple),
            last_year=st.lists(
                self._transfer(), max_size=2 if money.advance_share is not None else 0, unique_by=lambda fact: fact[:2]
            ).map(tuple),
            charged=self._charged(),
            balances=self._balances(),
        )

    # water

    def _concentrations(self) -> st.SearchStrategy[Mapping[Series, Mapping[str, Fraction]]]:
        @st.composite
        def make(draw: st.DrawFn) -> Mapping[Series, Mapping[str, Fraction]]:
            found = {}
            for section in self.agreement.sections:
                # class by class: of several indicators drawn alike, the worst would nearly always be Ⅴ or worse
                worst = draw(st.sampled_from([2, 3, 1, 4, 5, 6]))
                for code in self.agreement.monitored:
                    known = no_worse_than(section, code, worst, self.levels[section.code, code])
                    found[section.code, code] = dict.fromkeys(self.asked, draw(_value(code, known)))
            for series, month, at in draw(st.lists(self._spot(), max_size=10)):
                choices = self.levels[series]
                found[series][month] = choices[at % len(choices)]
            for series, only in draw(st.lists(self._gap(), max_size=3 if self.gaps else 0)):
                for gone in self.asked if only is None else (only,):
                    found[series].pop(gone, None)
            return found

        return make()

    def _spot(self) -> st.SearchStrategy[tuple[Series, str, int]]:
        return st.tuples(st.sampled_from(self.series), st.sampled_from(self.asked), st.integers(0, 40))

    def _gap(self) -> st.SearchStrategy[tuple[Series, str | None]]:
        return st.tuples(st.sampled_from(self.series), st.one_of(st.none(), st.sampled_from(self.asked)))

    def _by_month(self, sections: Sequence[str]) -> st.SearchStrategy[Mapping[tuple[str, str], VolumeFact]]:
        if not sections:
            return st.just({})
        keys = [(section, month) for section in sections for month in self.months]
        usual = st.fixed_dictionaries(dict.fromkeys(sections, _volumes))
        special = st.dictionaries(st.sampled_from(keys), _volumes, max_size=4)
        lost: st.SearchStrategy[set[tuple[str, str]]] = st.sets(st.sampled_from(keys), max_size=2 if self.gaps else 0)

        def made(
            base: Mapping[str, Fraction], other: Mapping[tuple[str, str], Fraction], gone: set[tuple[str, str]]
        ) -> Mapping[tuple[str, str], VolumeFact]:
            amounts = {key: other.get(key, base[key[0]]) for key in keys if key not in gone}
            return {key: VolumeFact(amount, SOURCE) for key, amount in amounts.items()}

        return st.builds(made, usual, special, lost)

    # what people establish

    def _day(self) -> st.SearchStrategy[date]:
        return st.integers(0, (self.period.last - self.period.first).days).map(
            lambda days: self.period.first + timedelta(days)
        )

    def _incidents(self) -> st.SearchStrategy[tuple[IncidentFact, ...]]:
        clauses = [clause for clause in self.agreement.clauses if clause.kind == "incident" and clause.sections]
        if not clauses:
            return st.just(())
        one = st.sampled_from(clauses).flatmap(self._incident)
        return st.lists(one, max_size=2).map(
            lambda facts: tuple(fact._replace(number=f"例{n}") for n, fact in enumerate(facts, start=1))
        )

    def _incident(self, clause: Clause) -> st.SearchStrategy[IncidentFact]:
        limit = clause.tariff.figures["limit"].spans[0].value
        known = st.just((None, None))
        found = st.sampled_from([limit * 2, limit, limit + resolution(clause.measure.options["indicator"])])
        measured = st.tuples(st.just(clause.measure.options["indicator"]), found)
        cost = st.one_of(_fen, _fen, st.none()) if self.gaps else _fen

        def made(
            where: str,
            day: date,
            what: tuple[str | None, Fraction | None],
            spent: Fraction | None,
            weights: Sequence[int],
            bearer: str,
        ) -> IncidentFact:
            shares = {code: Fraction(weight, sum(weights)) for code, weight in zip(self.parties, weights, strict=True)}
            return IncidentFact("", where, day, *what, spent, shares, bearer, SOURCE)

        return st.builds(
            made,
            st.sampled_from(clause.sections),
            self._day(),
            st.one_of(known, measured),
            cost,
            st.lists(st.integers(0, 7), min_size=len(self.parties), max_size=len(self.parties)).filter(any),
            st.sampled_from(self.parties),
        )

    def _exemption(self) -> st.SearchStrategy[ExemptionFact]:
        def made(section: str, first: date, days: int) -> ExemptionFact:
            return ExemptionFact(section, first, min(self.period.last, first + timedelta(days)), "洪水", SOURCE)

        codes = [section.code for section in self.agreement.sections]
        return st.builds(made, st.sampled_from(codes), self._day(), st.integers(0, 70))

    def _pair(self) -> st.SearchStrategy[tuple[str, str]]:
        pairs = [(one, other) for one in self.parties for other in self.parties if one != other]
        return st.sampled_from(pairs)

    def _in_kind(self) -> st.SearchStrategy[InKindFact]:
        def made(pair: tuple[str, str], kind: str, value: Fraction) -> InKindFact:
            return InKindFact(pair[0], pair[1], kind, "协作", value, SOURCE)

        return st.builds(made, self._pair(), st.sampled_from(["technology", "talent", "industry"]), _fen)

    def _transfer(self) -> st.SearchStrategy[TransferFact]:
        def made(pair: tuple[str, str], value: Fraction) -> TransferFact:
            return TransferFact(pair[0], pair[1], value, SOURCE)

        return st.builds(made, self._pair(), _fen)

    # what earlier years of the term left

    def _charged(self) -> st.SearchStrategy[tuple[ChargedFact, ...]]:
        clauses = [
            clause
            for clause in self.agreement.clauses
            if any("term" in each.per for each in (*clause.caps, *clause.floors))
        ]
        if not clauses:
            return st.just(())
        return st.lists(st.sampled_from(clauses).flatmap(self._charge), max_size=3).map(tuple)

    def _charge(self, clause: Clause) -> st.SearchStrategy[ChargedFact]:
        judged = clause.indicators or self.agreement.data_rules.indicators
        return st.builds(
            ChargedFact,
            st.just(clause.key),
            st.booleans(),
            _fen,
            st.just(SOURCE),
            st.sampled_from(clause.sections),
            st.sampled_from(judged if clause.each_indicator else ("",)),
            st.sampled_from(("", *self.parties) if clause.counted_side else ("",)),
        )

    def _balances(self) -> st.SearchStrategy[tuple[BalanceFact, ...]]:
        """What a fund has left of the year before; from the second year on."""
        fund = self.agreement.fund
        if fund is None or self.period.first.year == self.agreement.first.year:
            return st.just(())
        amount = st.one_of(_fen, st.none()) if self.gaps else _fen
        return amount.map(lambda value: (BalanceFact(fund.key, value, SOURCE),))


def _value(code: str, known: Sequence[Fraction]) -> st.SearchStrategy[Fraction]:
    """Mostly one of the known levels, else anything in their range that the indicator is reported in."""
    step = resolution(code)
    least, most = max(1, ceil(min(known) / step)), max(1, int(max(known) / step))
    any_value = st.integers(min(least, most), most).map(lambda steps: steps * step)
    return st.one_of(st.sampled_from(known), st.sampled_from(known), any_value)
