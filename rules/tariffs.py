"""What a measure costs: tariffs, each a small function from a measured quantity to money.

A tariff answers with one signed amount: positive flows from the clause's payer to its payee, negative the other way.
"""

from collections.abc import Callable
from dataclasses import dataclass

from compensation.expression import CLASS, RATIO, YUAN, Quantity, Unit, choose, constant, maximum, minimum
from compensation.quality.classes import parse_class
from rules.agreement import Clause, Part, Period, Section
from rules.case import Case
from rules.parts import BY_INDICATOR, CLASS_NAMES, FigureSpec, PartSpec, RowSpec, TableSpec
from rules.transfers import ZERO_YUAN


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a tariff is applied: the case, the clause, its section and period, and the indicator it is taken for."""

    case: Case
    clause: Clause
    section: Section
    period: Period
    factor: str | None

    def figure(self, name: str, part: Part | None = None) -> Quantity:
        """A figure of the tariff (or of one of its rows) as of the period."""
        return self.case.figure((part or self.clause.tariff).figures[name], self.period)

    def has(self, name: str) -> bool:
        """Whether the tariff states this figure."""
        return name in self.clause.tariff.figures


Tariff = Callable[[Situation, Quantity], Quantity]

_UP_TO = {"up_to": CLASS_NAMES}

PER_UNIT = PartSpec(
    "按单位计价",
    figures={"price": FigureSpec("单价", None, required=False)},
    tables={"prices": TableSpec("单价", BY_INDICATOR, None, required=False)},
    rows_name="by_class",
    rows=RowSpec({"value": FigureSpec("水质系数")}, _UP_TO, required=False, last_is_open=True),
)
PER_STEP = PartSpec(
    "按步计价",
    figures={"step": FigureSpec("每步", None), "per_step": FigureSpec("每步金额", "元")},
    options={"count": ("started", "full")},
)
TIERS = PartSpec(
    "分档计价",
    figures={"otherwise": FigureSpec("未达首档时反向金额", "元", required=False)},
    options={"bound": ("above", "from"), "mirror": ("no", "yes")},
    rows_name="tiers",
    rows=RowSpec({"over": FigureSpec("门槛", None), "value": FigureSpec("金额", "元")}, ascending="over"),
)
CLASS_LADDER = PartSpec(
    "按水质类别分档",
    rows_name="ladder",
    rows=RowSpec({"value": FigureSpec("金额", "元")}, _UP_TO, last_is_open=True),
)
FLAT = PartSpec(
    "定额",
    figures={
        "met": FigureSpec("达到时金额", "元", required=False),
        "missed": FigureSpec("未达到时金额", "元", required=False),
    },
)
AROUND_PIVOT = PartSpec(
    "以基准值为界",
    figures={
        "pivot": FigureSpec("基准值", None),
        "base": FigureSpec("基本额", "元"),
        "step": FigureSpec("每步", None, required=False),
        "per_step": FigureSpec("每步金额", "元", required=False),
        "at_most": FigureSpec("最高额", "元", required=False),
    },
)


def per_unit(at: Situation, measure: Quantity) -> Quantity:
    """Measure × price (of the indicator, where prices are given so), times a coefficient by the section's class."""
    name = f"prices.{at.factor}"
    amount = measure * at.figure(name if at.has(name) else "price")
    if at.clause.tariff.rows:
        amount = amount * _by_class(at, at.case.section_class(at.section, at.period, at.clause), RATIO).named(
            "水质系数"
        )
    return amount


def per_step(at: Situation, measure: Quantity) -> Quantity:
    """So much for every step: each started one (向上取整) or each full one; below zero, the other way."""
    steps = (measure / at.figure("step")).to(RATIO)
    size = maximum([steps, constant(0) - steps])
    whole = size.floor() if at.clause.tariff.options["count"] == "full" else size.ceil()
    counted = whole.named("步数")
    amount = at.figure("per_step") * counted
    return choose(steps >= constant(0), amount, constant(0, amount.unit) - amount)


def tiers(at: Situation, measure: Quantity) -> Quantity:
    """The amount of the highest tier whose threshold the measure exceeds (or reaches).

    Below the first there is nothing, or an amount that flows the other way (`otherwise`). With `mirror` the same
    tiers count for the size of a negative measure, and flow the other way.
    """
    if at.clause.tariff.options["mirror"] == "yes":
        return _tier(at, measure, ZERO_YUAN) - _tier(at, constant(0, measure.unit) - measure, ZERO_YUAN)
    below = ZERO_YUAN - at.figure("otherwise").to(YUAN) if at.has("otherwise") else ZERO_YUAN
    return _tier(at, measure, below)


def _tier(at: Situation, measure: Quantity, below: Quantity) -> Quantity:
    amount = below
    for tier in at.clause.tariff.rows:
        threshold = at.figure("over", tier).to(measure.unit)
        reached = measure >= threshold if at.clause.tariff.options["bound"] == "from" else measure > threshold
        amount = choose(reached, at.figure("value", tier).to(YUAN), amount)
    return amount


def class_ladder(at: Situation, measure: Quantity) -> Quantity:
    """The amount of the first row whose class is met; a negative one flows the other way."""
    return _by_class(at, measure, YUAN)


def flat(at: Situation, measure: Quantity) -> Quantity:
    """One amount when the condition holds (measure 1), another one, the other way, when it does not (0)."""
    met = at.figure("met").to(YUAN) if at.has("met") else ZERO_YUAN
    missed = ZERO_YUAN - at.figure("missed").to(YUAN) if at.has("missed") else ZERO_YUAN
    return choose(measure.equals(constant(1)), met, missed)


def around_pivot(at: Situation, measure: Quantity) -> Quantity:
    """A base amount plus so much for each full step away from the pivot, at most a maximum.

    At or below the pivot it flows forward, above it the other way, by the same measure.
    """
    pivot = at.figure("pivot").to(measure.unit)

    def beyond(distance: Quantity, label: str) -> Quantity:
        amount = at.figure("base").to(YUAN)
        if at.has("per_step"):
            steps = (distance / at.figure("step")).to(RATIO).floor().named(label)
            amount = amount + (at.figure("per_step") * steps).to(YUAN)
        return minimum([amount, at.figure("at_most").to(YUAN)]) if at.has("at_most") else amount

    below, above = beyond(pivot - measure, "低于基准的整步数"), beyond(measure - pivot, "高于基准的整步数")
    return choose(measure <= pivot, below, ZERO_YUAN - above)


def _by_class(at: Situation, water_class: Quantity, of: Unit) -> Quantity:
    """The value of the first row whose `up_to` class is met; the last row, without one, is for what remains."""
    *steps, last = at.clause.tariff.rows
    value = at.figure("value", last).to(of)
    for row in reversed(steps):
        reached = parse_class(row.options["up_to"]).water_class
        if reached is None:
            raise LookupError(row.options["up_to"])
        value = choose(water_class <= constant(reached, CLASS), at.figure("value", row).to(of), value)
    return value


def to_the_fen(amount: Quantity) -> Quantity:
    """元, 四舍五入 to the fen."""
    return amount.to(YUAN).rounded_half_up(2)


TARIFFS: dict[str, tuple[PartSpec, Tariff]] = {
    "per_unit": (PER_UNIT, per_unit),
    "per_step": (PER_STEP, per_step),
    "tiers": (TIERS, tiers),
    "class_ladder": (CLASS_LADDER, class_ladder),
    "flat": (FLAT, flat),
    "around_pivot": (AROUND_PIVOT, around_pivot),
}

MAY_BE_NEGATIVE = frozenset({"class_ladder", "flat", "around_pivot"})


def turns(tariff: Part) -> bool:
    """Whether a tariff itself says that money may flow either way, whatever is measured."""
    return tariff.kind in MAY_BE_NEGATIVE or "otherwise" in tariff.figures or tariff.options.get("mirror") == "yes"
