"""保护者得到合理补偿: who keeps the water clean is paid by result.

Measures of result: the compensation index against a baseline or against another section, class steps against a
target or reference, compliance of a period, the compliance rate, and its change in percentage points.
"""

from compensation.expression import RATIO, Quantity, choose, constant, leaf, missing, total, unit
from compensation.quality.standard import indicator
from rules.agreement import Clause, Period, Section
from rules.case import Case
from rules.parts import (
    BY_INDICATOR,
    BY_SECTION,
    BY_SECTION_AND_INDICATOR,
    SAME_AS_INDICATOR,
    FigureSpec,
    PartSpec,
    TableSpec,
)

POINTS = unit("个百分点")

INDEX = PartSpec(
    "补偿指数",
    figures={"decimals": FigureSpec("指数修约位数"), "k0": FigureSpec("稳定系数 k0", required=False)},
    tables={
        "weights": TableSpec("权重", BY_INDICATOR, sums_to_one=True),
        "baseline": TableSpec("基准浓度 C0", BY_SECTION_AND_INDICATOR, SAME_AS_INDICATOR),
    },
)
SPATIAL_INDEX = PartSpec(
    "空间指数（出境断面对入境断面）",
    figures={"decimals": FigureSpec("指数修约位数"), "k0": FigureSpec("稳定系数 k0", required=False)},
    tables={"weights": TableSpec("权重", BY_INDICATOR, sums_to_one=True)},
    sections={"inflow": "入境断面"},
)
AGAINST = {"against": ("reference", "last_year")}
CLASS_STEPS = PartSpec(
    "优于目标的类别数",
    tables={"reference": TableSpec("参照类别", BY_SECTION, "类", required=False)},
    options=AGAINST,
    unit="类",
)
SECTION_CLASS = PartSpec("断面水质类别", unit="类")
COMPLIANT = PartSpec("是否达标")
COMPLIANCE_RATE = PartSpec("达标率", unit="%")
RATE_CHANGE = PartSpec(
    "达标率较参照年的变化（百分点）",
    tables={"reference": TableSpec("参照年达标率", BY_SECTION, "", required=False)},
    options=AGAINST,
    unit="个百分点",
)
MEAN_CHANGE = PartSpec(
    "浓度较参照值的下降（百分点）",
    tables={"reference": TableSpec("参照浓度", BY_SECTION_AND_INDICATOR, SAME_AS_INDICATOR, required=False)},
    options=AGAINST,
    unit="个百分点",
)


def index(case: Case, clause: Clause, section: Section, period: Period, _: str | None) -> tuple[Quantity, ...]:
    """补偿指数 P = k0 · Σ w · C / C0 over the clause's indicators, rounded half to even.

    C is the mean over the period, not rounded before the index is; C0 the section's baseline (财建〔2016〕928号: the
    mean of the three to five years before). Weights of the national frame: 财资环〔2025〕50号.
    """
    figures = clause.measure.figures
    means = {code: case.mean(section, code, period) for code in _weighted(clause)}
    bases = {code: case.figure(figures[f"baseline.{section.code}.{code}"], period) for code in means}
    return (_weighted_ratio(case, clause, section, period, means, bases), *means.values())


def spatial_index(case: Case, clause: Clause, section: Section, period: Period, _: str | None) -> tuple[Quantity, ...]:
    """空间指数: Σ w · C(outflow) / C(inflow), the section against where the water came in (财资环〔2025〕50号)."""
    inflow = case.agreement.section(clause.measure.options[f"inflow.{section.code}"])
    means = {code: case.mean(section, code, period) for code in _weighted(clause)}
    bases = {code: case.mean(inflow, code, period) for code in means}
    return (_weighted_ratio(case, clause, section, period, means, bases), *means.values(), *bases.values())


def _weighted(clause: Clause) -> list[str]:
    return [key.split(".")[1] for key in clause.measure.figures if key.startswith("weights.")]


def _weighted_ratio(
    case: Case,
    clause: Clause,
    section: Section,
    period: Period,
    means: dict[str, Quantity],
    bases: dict[str, Quantity],
) -> Quantity:
    figures = clause.measure.figures
    parts = [case.figure(figures[f"weights.{code}"], period) * (means[code] / bases[code]) for code in means]
    value = total(parts)
    if "k0" in figures:
        value = case.figure(figures["k0"], period) * value
    name = f"{section.name} {period.name} 补偿指数"
    exact = value.named(f"{name}（未修约）", clause.number)
    return exact.rounded_half_even(case.whole(figures["decimals"])).named(f"{name} P", clause.number)


def class_steps(case: Case, clause: Clause, section: Section, period: Period, _: str | None) -> tuple[Quantity, ...]:
    """优于目标的类别数: how many classes better than the target, a reference class, or the year before.

    Negative when worse.
    """
    reached = case.section_class(section, period, clause)
    reference = clause.measure.figures.get(f"reference.{section.code}")
    if clause.measure.options["against"] == "last_year":
        goal, what = case.section_class(section, case.year_before(period), clause), "优于上年同期的类别数"
    elif reference is not None:
        goal, what = case.figure(reference, period), "优于参照类别的类别数"
    else:
        goal, what = case.target(section, period), "优于目标的类别数"
    return ((goal - reached).named(f"{section.name} {period.name} {what}", clause.number), reached)


def section_class(case: Case, clause: Clause, section: Section, period: Period, _: str | None) -> tuple[Quantity, ...]:
    """断面水质类别 of the period, 1 to 6, for a ladder of classes."""
    return (case.section_class(section, period, clause),)


def compliant(case: Case, clause: Clause, section: Section, period: Period, _: str | None) -> tuple[Quantity, ...]:
    """是否达标: 1 when the section meets its target in the period, else 0."""
    return (_met(case, clause, section, period), case.section_class(section, period, clause))


def _met(case: Case, clause: Clause, section: Section, period: Period) -> Quantity:
    meets = case.section_class(section, period, clause) <= case.target(section, period)
    label = f"{section.name} {period.name} 达标（1 是，0 否）"
    return choose(meets, constant(1, RATIO), constant(0, RATIO)).named(label, clause.number)


def compliance_rate(
    case: Case, clause: Clause, section: Section, period: Period, _: str | None
) -> tuple[Quantity, ...]:
    """达标率: the share of the judged months of the period in which the section meets its target, in %."""
    return (_rate(case, clause, section, period),)


def _rate(case: Case, clause: Clause, section: Section, period: Period) -> Quantity:
    months = case.judged_months(section, period)
    if not months:
        what = missing("没有可评价的月份", section.name, "达标率", period.name)
        return leaf(("rate", section.code, period.name), what, unit("%"), f"{section.name} {period.name} 达标率", "")
    met = total([_met(case, clause, section, month) for month in months])
    rate = (met / constant(len(months))).to(unit("%"))
    return rate.named(f"{section.name} {period.name} 达标率", clause.number)


def rate_change(case: Case, clause: Clause, section: Section, period: Period, _: str | None) -> tuple[Quantity, ...]:
    """达标率变化: this year's compliance rate less last year's, or a reference year's, in percentage points."""
    rate = _rate(case, clause, section, period)
    if clause.measure.options["against"] == "last_year":
        before = _rate(case, clause, section, case.year_before(period))
    else:
        before = case.figure(clause.measure.figures[f"reference.{section.code}"], period).to(rate.unit)
    change = (rate - before).to(POINTS).named(f"{section.name} {period.name} 达标率变化", clause.number)
    return (change, rate, before)


def mean_change(
    case: Case, clause: Clause, section: Section, period: Period, factor: str | None
) -> tuple[Quantity, ...]:
    """浓度下降: (reference − mean) / reference in percentage points; the clause is taken for each indicator.

    The reference is a given concentration, or the value of the same months of the year before.
    """
    if factor is None:
        raise LookupError("mean_change is taken for each indicator")
    mean = case.assessed(section, factor, period)
    if clause.measure.options["against"] == "last_year":
        before = case.assessed(section, factor, case.year_before(period))
    else:
        before = case.figure(clause.measure.figures[f"reference.{section.code}.{factor}"], period)
    change = ((before - mean) / before).to(POINTS)
    name = f"{section.name} {period.name} {indicator(factor).name}浓度较参照值下降"
    return (change.named(name, clause.number), mean, before)
