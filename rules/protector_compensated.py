"""保护者得到合理补偿: who keeps the water clean is paid by result."""

from compensation.expression import RATIO, Quantity, total
from rules.agreement import Clause, Period, Section
from rules.case import Case


def index(case: Case, clause: Clause, section: Section, period: Period) -> tuple[Quantity, ...]:
    """补偿指数 P = k0 · Σ w · C / C0 over the clause's indicators, rounded half to even.

    Weights 财资环〔2025〕50号, baseline 财建〔2016〕928号.

    C is the mean over the period, not rounded before the index is; C0 the baseline of the section.
    """
    parts = []
    ratios = []
    for row in clause.measure.rows:
        code = row.options["indicator"]
        mean = case.mean(section, code, period)
        baseline = case.figure(row.figures[f"baseline.{section.code}"])
        parts.append(case.figure(row.figures["weight"]) * (mean / baseline))
        ratios.append(mean)
    stability = clause.measure.figures.get("k0")
    value = total(parts) if stability is None else case.figure(stability) * total(parts)
    decimals = case.whole(clause.measure.figures["decimals"])
    if not value.unit.interchangeable(RATIO):
        raise TypeError(f"the index has a unit: {value.unit.symbol}")
    exact = value.named(f"{section.name} {period.name} 补偿指数（未修约）", clause.number)
    return (exact.rounded_half_even(decimals).named(f"{section.name} {period.name} 补偿指数 P", clause.number), *ratios)
