"""What measures and tariffs of a generated agreement say: figures that differ from each other, all sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import strategies as st

CHEMICALS = ("高锰酸盐指数", "氨氮", "总磷")
_BASELINES = {"高锰酸盐指数": ("3.9", "4", "6"), "氨氮": ("0.25", "0.5", "1"), "总磷": ("0.08", "0.1", "0.2")}
_WEIGHTS = {1: ("1",), 2: ("3/10", "7/10"), 3: ("0.3", "30%", "4/10")}
_AMOUNTS = ("50", "100", "0.000001", "2/3", "33.333", "1200", "0")
_SMALL = ("1", "7.5", "1/3", "12345.6789")

Node = dict[str, Any] | list[Any] | str


class Scene(NamedTuple):
    """Sections by name, with the parties above and below them by short name, and the background section.

    With `gauges` (flow or intake) the parties above the first section share there by water, each by a gauge of its own.
    """

    parties: tuple[str, ...]
    sections: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    background: bool
    last_year: int
    gauges: str = ""

    @property
    def gauged(self) -> dict[str, str]:
        """The gauge of each party that has one."""
        above = next(iter(self.sections.values()))[0]
        return {name: f"{name}站" for name in above} if self.gauges else {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A measure with a tariff it can have: unit of what is measured, period, whether more of it is better.

    `merit` 1 pays who is upstream for more of it, -1 makes them pay for more of it.
    """

    measure: str
    tariff: str
    merit: int
    periods: tuple[str, ...] = ("month", "year")
    unit: str = ""
    thresholds: tuple[str, ...] = ("0", "1/2", "1")
    each: bool | None = False
    signed: bool = False


_LOSS = ("0", "0.5", "1")
_POINTS = ("0", "5", "20")
KINDS: tuple[Kind, ...] = (
    *(
        Kind("water_volume", tariff, 1, ("month",), "m³", ("0", "5000000"))
        for tariff in ("per_unit", "per_step", "tiers")
    ),
    *(
        Kind(measure, tariff, -1, ("month", "year", "term"), "", ("0.8", "1", "1.5"))
        for measure in ("index", "spatial_index")
        for tariff in ("around_pivot", "tiers", "per_step", "per_unit")
    ),
    *(
        Kind("class_steps", tariff, 1, ("month", "year", "term"), "类", ("0", "1", "2"), signed=True)
        for tariff in ("per_unit", "per_step", "tiers", "around_pivot")
    ),
    Kind("section_class", "class_ladder", 1, ("month", "year", "term"), "类"),
    Kind("compliant", "flat", 1, ("month", "year", "term")),
    Kind("compliant", "per_unit", 1),
    *(
        Kind("compliance_rate", tariff, 1, ("year",), "%", ("0", "60", "90"))
        for tariff in ("tiers", "around_pivot", "per_step")
    ),
    *(
        Kind(measure, tariff, 1, periods, "个百分点", _POINTS, each=measure == "mean_change", signed=True)
        for measure, periods in (("rate_change", ("year",)), ("mean_change", ("month", "year")))
        for tariff in ("per_unit", "per_step", "tiers")
    ),
    *(
        Kind("exceedance", tariff, -1, ("month", "year"), "", _LOSS, each=None)
        for tariff in ("tiers", "per_step", "per_unit")
    ),
    *(
        Kind("excess_load", tariff, -1, ("month",), "t", ("0", "10", "1000"), each=True)
        for tariff in ("per_unit", "tiers", "per_step")
    ),
    Kind("fixed", "per_unit", 1),
    Kind("fixed", "flat", 1),
)
"""Every measure with every tariff that fits its unit."""


def figure(scene: Scene, value: str, unit: str = "", *, later: str | None = None) -> Node:
    """A figure over the whole term; with `later` another value from the second year on."""
    last = f"{scene.last_year}-12-31"
    whole = {"from": "2026-01-01", "to": last, "source": "assumption", "value": value}
    symbol = {"unit": unit} if unit else {}
    if later is None or scene.last_year == 2026:
        return {**whole, **symbol}
    return [{**whole, **symbol, "to": "2026-12-31"}, {**whole, **symbol, "from": "2027-01-01", "value": later}]


def ratio(scene: Scene, weights: dict[str, str]) -> Node:
    """A ratio over the whole term, by short names."""
    return {"from": "2026-01-01", "to": f"{scene.last_year}-12-31", "source": "assumption", "ratio": dict(weights)}


def water(scene: Scene) -> Node:
    """Shares by the water of each party's gauge."""
    days = {"from": "2026-01-01", "to": f"{scene.last_year}-12-31", "source": "assumption"}
    return {**days, "by": scene.gauges, "sections": dict(scene.gauged)}


@st.composite
def weights(draw: st.DrawFn, names: Sequence[str]) -> dict[str, str]:
    """Whole numbers, some of them nothing, or shares that make one."""
    if len(names) == 3 and draw(st.booleans()):
        return dict(zip(names, ("14.22%", "35.78%", "1/2"), strict=True))
    numbers = draw(st.lists(st.integers(0, 9), min_size=len(names), max_size=len(names)).filter(any))
    return {name: str(number) for name, number in zip(names, numbers, strict=True)}


@st.composite
def yuan(draw: st.DrawFn, scene: Scene) -> Node:
    """An amount, some of them with parts of a fen, perhaps another one in the second year."""
    first, later = draw(st.sampled_from(_AMOUNTS)), draw(st.sampled_from(_AMOUNTS))
    return figure(scene, first, draw(st.sampled_from(["万元", "元"])), later=later)


@st.composite
def measure(draw: st.DrawFn, scene: Scene, kind: Kind, sections: Sequence[str], period: str) -> dict[str, Any]:
    """What a measure asks for beside its name."""
    by_chemical = {name: draw(_concentrations(scene, CHEMICALS)) for name in sections}
    if kind.measure in ("index", "spatial_index"):
        return draw(_index(scene, kind, by_chemical))
    if kind.measure in ("exceedance", "excess_load"):
        return {"limits": by_chemical} if draw(st.integers(0, 3)) == 3 else {}
    references = {
        "class_steps": dict.fromkeys(sections, figure(scene, "Ⅲ")),
        "rate_change": dict.fromkeys(sections, figure(scene, "80%")),
        "mean_change": by_chemical,
    }
    if kind.measure not in references:
        return {}
    target = [""] * (kind.measure == "class_steps")
    against = draw(st.sampled_from(target + ["reference"] + ["last_year"] * (period != "term")))
    if not against:
        return {}
    table: dict[str, Any] = {"reference": references[kind.measure]} if against == "reference" else {}
    return {"against": against, **table}


@st.composite
def _index(draw: st.DrawFn, scene: Scene, kind: Kind, baseline: dict[str, Any]) -> dict[str, Any]:
    codes = CHEMICALS[: draw(st.integers(1, 3))]
    weights = zip(codes, _WEIGHTS[len(codes)], strict=True)
    found: dict[str, Any] = {
        "decimals": figure(scene, draw(st.sampled_from(["3", "2", "0"]))),
        "weights": {code: figure(scene, weight) for code, weight in weights},
    }
    if draw(st.booleans()):
        found["k0"] = figure(scene, "0.85")
    if kind.measure == "spatial_index":
        return {**found, "inflow": dict.fromkeys(baseline, "来水")}
    return {**found, "baseline": baseline}


@st.composite
def _concentrations(draw: st.DrawFn, scene: Scene, codes: Sequence[str]) -> dict[str, Any]:
    return {code: figure(scene, draw(st.sampled_from(_BASELINES[code])), "mg/L") for code in codes}


def tariff(scene: Scene, kind: Kind, *, each: bool) -> st.SearchStrategy[dict[str, Any]]:
    """What a tariff asks for beside its name."""
    tariffs = {
        "per_unit": lambda: _per_unit(scene, kind, each=each),
        "per_step": lambda: _per_step(scene, kind),
        "tiers": lambda: _tiers(scene, kind),
        "class_ladder": lambda: _ladder(scene),
        "flat": lambda: _flat(scene, kind),
        "around_pivot": lambda: _around_pivot(scene, kind),
    }
    return tariffs[kind.tariff]()


@st.composite
def _per_unit(draw: st.DrawFn, scene: Scene, kind: Kind, *, each: bool) -> dict[str, Any]:
    price = f"万元/{kind.unit}" if kind.unit else "万元"
    values = _SMALL if kind.unit != "m³" else ("0.000002", "0.0000031")
    if each and draw(st.booleans()):
        return {"prices": {code: figure(scene, draw(st.sampled_from(values)), price) for code in CHEMICALS}}
    found: dict[str, Any] = {"price": figure(scene, draw(st.sampled_from(values)), price)}
    if kind.measure == "water_volume" and draw(st.booleans()):
        found["by_class"] = _steps(scene, ("1", "3/4", "0"), "")
    return found


@st.composite
def _per_step(draw: st.DrawFn, scene: Scene, kind: Kind) -> dict[str, Any]:
    step = {"m³": "1000000", "类": "1", "t": "3"}.get(kind.unit, "1/3")
    count = draw(st.sampled_from(["started", "full"]))
    return {"step": figure(scene, step, kind.unit), "per_step": draw(yuan(scene)), "count": count}


@st.composite
def _ladder(draw: st.DrawFn, scene: Scene) -> dict[str, Any]:
    return {"ladder": _steps(scene, draw(st.sampled_from([("4000", "1/3", "-2000"), ("5", "5", "0")])), "万元")}


@st.composite
def _flat(draw: st.DrawFn, scene: Scene, kind: Kind) -> dict[str, Any]:
    met = {"met": draw(yuan(scene))}
    return met if kind.measure == "fixed" or draw(st.booleans()) else {**met, "missed": draw(yuan(scene))}


@st.composite
def _around_pivot(draw: st.DrawFn, scene: Scene, kind: Kind) -> dict[str, Any]:
    found: dict[str, Any] = {"pivot": figure(scene, kind.thresholds[1], kind.unit), "base": draw(yuan(scene))}
    if draw(st.booleans()):
        found |= {"step": figure(scene, "1" if kind.unit else "0.01", kind.unit), "per_step": draw(yuan(scene))}
    return found | ({"at_most": draw(yuan(scene))} if draw(st.booleans()) else {})


def _steps(scene: Scene, values: Sequence[str], unit: str) -> list[Any]:
    *first, last = values
    rows: list[Any] = [
        {"up_to": up_to, "value": figure(scene, value, unit)} for up_to, value in zip(("Ⅱ", "Ⅲ"), first, strict=True)
    ]
    return [*rows, {"value": figure(scene, last, unit)}]


@st.composite
def _tiers(draw: st.DrawFn, scene: Scene, kind: Kind) -> dict[str, Any]:
    """Thresholds and amounts that both rise; mirrored, or with an amount the other way below the first."""
    count = draw(st.integers(1, len(kind.thresholds)))
    rising = sorted(draw(st.lists(st.sampled_from([50, 75, 125, 400]), min_size=count, max_size=count)))
    rows = [
        {"over": figure(scene, over, kind.unit), "value": figure(scene, str(value), "万元")}
        for over, value in zip(kind.thresholds, rising, strict=False)
    ]
    found: dict[str, Any] = {"bound": draw(st.sampled_from(["above", "from"])), "tiers": rows}
    turn = draw(st.sampled_from(["", "otherwise", "mirror" if kind.signed else ""]))
    if turn == "mirror":
        # with the bound "from", zero itself would stand on both sides
        return {**found, "bound": "above", "mirror": "yes"}
    return {**found, "otherwise": draw(yuan(scene))} if turn == "otherwise" else found
