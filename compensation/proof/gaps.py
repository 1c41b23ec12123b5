"""What is missing stays 未定: no amount is told as long as what is missing could change it."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from compensation.expression import Value
from compensation.proof.levels import resolution
from compensation.proof.trial import Trial, amounts
from compensation.proof.words import money
from compensation.quality.standard import Direction, body_of, limits
from rules.evidence import VolumeFact
from rules.measures import water_asked

_LOW, _HIGH = "最好", "最差"


def missing_is_never_zero(trial: Trial) -> str | None:
    """An amount that is determined stays the same whatever the missing values turn out to be.

    A year with enough months (the agreement's own number) is determined without the rest; so for amounts of a year
    only series that have too few months are filled in, and for amounts of a month all.
    """
    for monthly in (True, False):
        before = _judged(trial, monthly=monthly)
        for which in (_LOW, _HIGH):
            after = _judged(_completed(trial, which, all_months=monthly), monthly=monthly)
            for what, value in before.items():
                if isinstance(value, Fraction) and after.get(what, value) != value:
                    told = money(after[what]) if what in after else "没有这一笔"
                    return f"{what}：数据不全时已算作 {money(value)}，缺的数据按{_words(which)}补齐后为 {told}"
    return None


def _words(which: str) -> str:
    return f"{which}的情形"


def _judged(trial: Trial, *, monthly: bool) -> Mapping[str, Value]:
    """Amounts by name: those of months, or everything else."""
    months = {month.name for month in trial.case.months}
    own = {
        f"{charge.clause.number} {charge.subject}"
        for charge in trial.outcome.charges
        if charge.period.name in months or charge.clause.kind == "incident"
    }
    found: dict[str, Value] = {}
    for what, amount in amounts(trial.outcome):
        if (what.partition("，")[0] in own) == monthly:
            found[what] = amount.value
    return found


def _completed(trial: Trial, which: str, *, all_months: bool) -> Trial:
    """The trial with what is missing filled in, all alike."""
    evidence, agreement = trial.evidence, trial.agreement
    needed = agreement.data_rules.months_per_year.span(trial.case.as_of).value
    asked = [month.name for month in trial.case.asked_months]
    months = {}
    for (code, name), known in evidence.months.items():
        filled = dict.fromkeys(asked, _extreme(agreement.section(code).body, name, which)) | dict(known)
        sparse = any(sum(month.startswith(year) for month in known) < needed for year in {each[:4] for each in asked})
        months[code, name] = filled if all_months or sparse else known
    cost = Fraction(0) if which == _LOW else Fraction(10**7)
    incidents = tuple(
        fact if fact.cost_yuan is not None else fact._replace(cost_yuan=cost) for fact in evidence.incidents
    )
    volume = VolumeFact(Fraction(0) if which == _LOW else Fraction(10**8), "")
    names = [month.name for month in trial.case.months]
    return trial.given(
        replace(
            evidence,
            months=months,
            incidents=incidents,
            volumes=_filled(evidence.volumes, trial, "intake", names, volume),
            flows=_filled(evidence.flows, trial, "flow", names, volume),
        )
    )


def _filled(
    known: Mapping[tuple[str, str], VolumeFact], trial: Trial, by: str, months: list[str], fact: VolumeFact
) -> dict[tuple[str, str], VolumeFact]:
    return {(code, month): fact for code in water_asked(trial.agreement, by) for month in months} | dict(known)


def _extreme(body: str, code: str, which: str) -> Fraction:
    table = limits(code, body_of(body))
    if table is None:
        return resolution(code) if which == _LOW else Fraction(100)
    clean, foul = resolution(code), max(table.bounds) * 10
    if table.direction is Direction.AT_LEAST:
        clean, foul = max(table.bounds) * 2, resolution(code)
    elif table.direction is Direction.WITHIN:
        clean = sum(table.bounds, Fraction(0)) / 2
    return clean if which == _LOW else foul
