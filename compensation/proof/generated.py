"""Agreements that could be, written as files: every measure with every tariff it can have, and what goes around them.

Each is sound on purpose: amounts grow with merit and who pays is who should, so that every property must hold. A
generated agreement goes through the loader like any other file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import strategies as st

from compensation.agreement.loader import parse
from rules.agreement import Agreement

_NAMES = ("甲", "乙", "丙", "丁")
_OUTSIDE = "省"
"""A party that stands above or below no section, and may be named as payer or payee."""

_CHEMICALS = ("高锰酸盐指数", "氨氮", "总磷")
_BASELINES = {"高锰酸盐指数": ("3.9", "4", "6"), "氨氮": ("0.25", "0.5", "1"), "总磷": ("0.08", "0.1", "0.2")}
_WEIGHTS = {1: ("1",), 2: ("3/10", "7/10"), 3: ("0.3", "30%", "4/10")}
_AMOUNTS = ("50", "100", "0.000001", "2/3", "33.333", "1200", "0")
_SMALL = ("1", "7.5", "1/3", "12345.6789")

_CAP_CHAINS = (
    ("charge", "[section, month]", "section", "clause"),
    ("charge", "month", "year", "term"),
    ("charge", "[section, indicator]", "section", "year"),
)
"""Caps that lie within each other; caps that cross each other can make better water dearer."""


class Scene(NamedTuple):
    """Sections by name, with the parties above and below them by short name, and the background section."""

    parties: tuple[str, ...]
    sections: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    background: bool
    last_year: int


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
    options: dict[str, str] = field(default_factory=dict)


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

Node = dict[str, Any] | list[Any] | str


def agreements(kinds: Sequence[Kind] = KINDS) -> st.SearchStrategy[Agreement]:
    """Any sound agreement whose charges are of these kinds; it shrinks towards one clause, two parties, one section."""
    return texts(kinds).map(lambda text: parse("举例.yaml", text))


@st.composite
def texts(draw: st.DrawFn, kinds: Sequence[Kind] = KINDS) -> str:
    """The same as text: an agreement file."""
    scene = draw(_scenes())
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3, unique_by=lambda kind: kind.measure))
    clauses = [draw(_charge(scene, kind, f"c{n}")) for n, kind in enumerate(chosen)]
    if draw(st.integers(0, 3)) == 3:
        clauses.append(draw(_pool(scene)))
    if draw(st.integers(0, 3)) == 3:
        clauses.append(_incident(scene))
    rounds, route = draw(st.sampled_from(["before_class", "none"])), draw(st.sampled_from(["daily", "readings"]))
    oxygen = ["溶解氧"] if draw(st.booleans()) else []
    file: Node = {
        "agreement": {"key": "example", "title": "举例", "version": "1", "status": "draft"},
        "scope": {"parties": _parties(scene), "sections": draw(_sections(scene, clauses))},
        "targets": {
            "indicators": [*_CHEMICALS, *oxygen],
            "data_rules": {
                "clause": "数据规则",
                **{
                    name: _figure(scene, value)
                    for name, value in (
                        ("expected_per_day", "6"),
                        ("day_share", "60%"),
                        ("days_per_month", "20"),
                        ("samples_per_month", "1"),
                        ("months_per_year", "8"),
                        ("non_detect_factor", "1/2"),
                    )
                },
                "route": route,
                "rounding": rounds,
            },
        },
        "duties": [],
        "payment": {"clauses": clauses, "money": draw(_money(scene, clauses))},
        "term": {"from": "2026-01-01", "to": f"{scene.last_year}-12-31"},
        "breach": [],
        "other": [],
    }
    return written(file)


def written(node: Node, depth: int = 0) -> str:
    """Plain data as YAML: mappings and lists in blocks, everything else as quoted text."""
    pad = "  " * depth
    if isinstance(node, dict):
        if not node:
            return " {}\n"
        lines = (f"{pad}{_quoted(key)}:{written(value, depth + 1)}" for key, value in node.items())
        return ("\n" if depth else "") + "".join(lines)
    if isinstance(node, list):
        if not node:
            return " []\n"
        return "\n" + "".join(f"{pad}-{written(value, depth + 1)}" for value in node)
    return f" {_quoted(node)}\n"


def _quoted(text: str) -> str:
    return f'"{text}"'


# figures


def _figure(scene: Scene, value: str, unit: str = "", *, later: str | None = None) -> Node:
    """A figure over the whole term; with `later` another value from the second year on."""
    last = f"{scene.last_year}-12-31"
    whole = {"from": "2026-01-01", "to": last, "source": "assumption", "value": value}
    symbol = {"unit": unit} if unit else {}
    if later is None or scene.last_year == 2026:
        return {**whole, **symbol}
    return [{**whole, **symbol, "to": "2026-12-31"}, {**whole, **symbol, "from": "2027-01-01", "value": later}]


def _ratio(scene: Scene, weights: dict[str, str]) -> Node:
    return {"from": "2026-01-01", "to": f"{scene.last_year}-12-31", "source": "assumption", "ratio": dict(weights)}


@st.composite
def _weights(draw: st.DrawFn, names: Sequence[str]) -> dict[str, str]:
    """Whole numbers, some of them nothing, or shares that make one."""
    if len(names) == 3 and draw(st.booleans()):
        return dict(zip(names, ("14.22%", "35.78%", "1/2"), strict=True))
    numbers = draw(st.lists(st.integers(0, 9), min_size=len(names), max_size=len(names)).filter(any))
    return {name: str(number) for name, number in zip(names, numbers, strict=True)}


@st.composite
def _yuan(draw: st.DrawFn, scene: Scene) -> Node:
    first, later = draw(st.sampled_from(_AMOUNTS)), draw(st.sampled_from(_AMOUNTS))
    return _figure(scene, first, draw(st.sampled_from(["万元", "元"])), later=later)


# scope


@st.composite
def _scenes(draw: st.DrawFn) -> Scene:
    parties = _NAMES[: draw(st.integers(2, 4))]
    sections = {}
    for name in ("上河口", "下河口", "支流口")[: draw(st.integers(1, 3))]:
        order = draw(st.permutations(parties))
        cut = draw(st.integers(1, len(parties) - 1))
        both = draw(st.integers(0, 4)) == 4
        sections[name] = (tuple(order[:cut]), tuple(order[cut - 1 if both and cut > 1 else cut :]))
    return Scene((*parties, _OUTSIDE), sections, draw(st.booleans()), draw(st.sampled_from([2026, 2026, 2027])))


def _parties(scene: Scene) -> Node:
    # listed in an order that is not that of the codes
    codes = dict(zip(scene.parties, ("330000", "310000", "340000", "320000", "360000"), strict=False))
    return [{"code": codes[name], "name": f"{name}方", "short": name} for name in scene.parties]


@st.composite
def _sections(draw: st.DrawFn, scene: Scene, clauses: Sequence[dict[str, Any]]) -> Node:
    listed: list[Any] = []
    if _asks_for_background(clauses):
        listed.append(
            {"code": "S0", "name": "来水", "kind": "background", **_where("automatic"), "source": "assumption"}
        )
    for n, (name, (above, below)) in enumerate(scene.sections.items(), start=1):
        by_hand = draw(st.booleans())
        listed.append(
            {
                "code": f"S{n}",
                "name": name,
                "kind": draw(st.sampled_from(["boundary", "intake"])),
                **_where("manual" if by_hand else "automatic", draw(st.sampled_from(["river", "lake"]))),
                "target": _figure(scene, draw(st.sampled_from(["Ⅲ", "Ⅱ", "Ⅳ"]))),
                "upstream": _ratio(scene, draw(_weights(above))),
                "downstream": _ratio(scene, draw(_weights(below))),
                "source": "assumption",
            }
        )
    return listed


def _where(monitoring: str, body: str = "river") -> dict[str, str]:
    return {"body": body, "monitoring": monitoring}


def _asks_for_background(clauses: Sequence[dict[str, Any]]) -> bool:
    return any("correction" in clause or "inflow" in clause.get("measure", {}) for clause in clauses)


# clauses


@st.composite
def _charge(draw: st.DrawFn, scene: Scene, kind: Kind, key: str) -> dict[str, Any]:
    # the first clause reaches every section, so that none is without one
    names = list(scene.sections)
    mine = names if key == "c0" else draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    period = draw(st.sampled_from(kind.periods))
    each = draw(st.booleans()) if kind.each is None else kind.each
    clause: dict[str, Any] = {
        "number": f"第{key}条",
        "key": key,
        "principle": "damager_pays" if kind.merit < 0 else "protector_compensated",
        "title": kind.measure,
        "text": "举例",
        "source": "assumption",
        "kind": "charge",
        "sections": mine,
        "period": period,
        "measure": {"kind": kind.measure, **draw(_measure(scene, kind, mine, period))},
        "tariff": {"kind": kind.tariff, **draw(_tariff(scene, kind, each=each))},
        **draw(_roles(scene, kind)),
    }
    if each:
        clause["each"] = "indicator"
    if kind.measure in ("exceedance", "excess_load", "mean_change", "class_steps", "section_class"):
        clause["indicators"] = list(_CHEMICALS[: draw(st.integers(1, 3))])
    if kind.measure in ("exceedance", "excess_load") and scene.background and draw(st.booleans()):
        clause["correction"] = {"clause": "修正", "background": "来水", "rule": "at_least_as_bad"}
    clause |= draw(_around(scene, period, each=each, upstream="upstream" in (clause["payer"], clause["payee"])))
    if "shares" in clause:
        codes = clause.get("indicators", list(_CHEMICALS))
        above = {name: scene.sections[name][0] for name in mine}
        clause["shares"] = {name: {code: _ratio(scene, draw(_weights(above[name]))) for code in codes} for name in mine}
    return clause


@st.composite
def _roles(draw: st.DrawFn, scene: Scene, kind: Kind) -> dict[str, Any]:
    """Merit is paid for by those below, or by somebody outside; harm by those above."""
    pays_upstream = _rising(kind) * kind.merit > 0
    payer, payee = ("downstream", "upstream") if pays_upstream else ("upstream", "downstream")
    outside = _ratio(scene, {_OUTSIDE: "1"})
    who = draw(st.sampled_from(["sides", "sides", "outside"]))
    if who == "outside":
        return {"payer": outside, "payee": payee} if pays_upstream else {"payer": payer, "payee": outside}
    return {"payer": payer, "payee": payee}


def _rising(kind: Kind) -> int:
    """Whether the amount rises with what is measured; around a pivot and down a ladder it falls."""
    if kind.tariff == "class_ladder":
        return 1  # the measure is a class, and the better class is the smaller number
    return -1 if kind.tariff == "around_pivot" else 1


@st.composite
def _around(draw: st.DrawFn, scene: Scene, period: str, *, each: bool, upstream: bool) -> dict[str, Any]:
    """Caps, a floor, days on which the clause applies, contribution rates."""
    found: dict[str, Any] = {}
    chain = draw(st.sampled_from(_CAP_CHAINS))
    caps = draw(st.lists(st.sampled_from(chain), max_size=2, unique=True))
    if caps:
        found["caps"] = [{"per": _per(per), "at_most": draw(_yuan(scene))} for per in caps]
    if draw(st.integers(0, 4)) == 4:
        found["at_least"] = draw(_yuan(scene))
    if period == "month" and draw(st.integers(0, 4)) == 4:
        found["applies"] = {"months": ["5", "6", "7"], "otherwise": "none"}
    if each and upstream and draw(st.booleans()):
        found["shares"] = {}
    return found


def _per(text: str) -> Node:
    return text.strip("[]").split(", ") if text.startswith("[") else text


@st.composite
def _measure(draw: st.DrawFn, scene: Scene, kind: Kind, sections: Sequence[str], period: str) -> dict[str, Any]:
    """What a measure asks for beside its name."""
    by_chemical = {name: draw(_concentrations(scene, _CHEMICALS)) for name in sections}
    if kind.measure in ("index", "spatial_index"):
        return draw(_index(scene, kind, by_chemical))
    if kind.measure in ("exceedance", "excess_load"):
        return {"limits": by_chemical} if draw(st.integers(0, 3)) == 3 else {}
    references = {
        "class_steps": dict.fromkeys(sections, _figure(scene, "Ⅲ")),
        "rate_change": dict.fromkeys(sections, _figure(scene, "80%")),
        "mean_change": by_chemical,
    }
    if kind.measure not in references:
        return {}
    choices = ["reference"] + ["target"] * (kind.measure == "class_steps") + ["last_year"] * (period != "term")
    against = draw(st.sampled_from(choices))
    table: dict[str, Any] = {"reference": references[kind.measure]} if against == "reference" else {}
    return {"against": against, **table}


@st.composite
def _index(draw: st.DrawFn, scene: Scene, kind: Kind, baseline: dict[str, Any]) -> dict[str, Any]:
    codes = _CHEMICALS[: draw(st.integers(1, 3))]
    weights = zip(codes, _WEIGHTS[len(codes)], strict=True)
    found: dict[str, Any] = {
        "decimals": _figure(scene, draw(st.sampled_from(["3", "2", "0"]))),
        "weights": {code: _figure(scene, weight) for code, weight in weights},
    }
    if draw(st.booleans()):
        found["k0"] = _figure(scene, "0.85")
    if kind.measure == "spatial_index":
        return {**found, "inflow": dict.fromkeys(baseline, "来水")}
    return {**found, "baseline": baseline}


@st.composite
def _concentrations(draw: st.DrawFn, scene: Scene, codes: Sequence[str]) -> dict[str, Any]:
    return {code: _figure(scene, draw(st.sampled_from(_BASELINES[code])), "mg/L") for code in codes}


def _tariff(scene: Scene, kind: Kind, *, each: bool) -> st.SearchStrategy[dict[str, Any]]:
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
        return {"prices": {code: _figure(scene, draw(st.sampled_from(values)), price) for code in _CHEMICALS}}
    found: dict[str, Any] = {"price": _figure(scene, draw(st.sampled_from(values)), price)}
    if kind.measure == "water_volume" and draw(st.booleans()):
        found["by_class"] = _steps(scene, ("1", "3/4", "0"), "")
    return found


@st.composite
def _per_step(draw: st.DrawFn, scene: Scene, kind: Kind) -> dict[str, Any]:
    step = {"m³": "1000000", "类": "1", "t": "3"}.get(kind.unit, "1/3")
    count = draw(st.sampled_from(["started", "full"]))
    return {"step": _figure(scene, step, kind.unit), "per_step": draw(_yuan(scene)), "count": count}


@st.composite
def _ladder(draw: st.DrawFn, scene: Scene) -> dict[str, Any]:
    return {"ladder": _steps(scene, draw(st.sampled_from([("4000", "1/3", "-2000"), ("5", "5", "0")])), "万元")}


@st.composite
def _flat(draw: st.DrawFn, scene: Scene, kind: Kind) -> dict[str, Any]:
    met = {"met": draw(_yuan(scene))}
    return met if kind.measure == "fixed" or draw(st.booleans()) else {**met, "missed": draw(_yuan(scene))}


@st.composite
def _around_pivot(draw: st.DrawFn, scene: Scene, kind: Kind) -> dict[str, Any]:
    found: dict[str, Any] = {"pivot": _figure(scene, kind.thresholds[1], kind.unit), "base": draw(_yuan(scene))}
    if draw(st.booleans()):
        found |= {"step": _figure(scene, "1" if kind.unit else "0.01", kind.unit), "per_step": draw(_yuan(scene))}
    return found | ({"at_most": draw(_yuan(scene))} if draw(st.booleans()) else {})


def _steps(scene: Scene, values: Sequence[str], unit: str) -> list[Any]:
    *first, last = values
    rows: list[Any] = [
        {"up_to": up_to, "value": _figure(scene, value, unit)} for up_to, value in zip(("Ⅱ", "Ⅲ"), first, strict=True)
    ]
    return [*rows, {"value": _figure(scene, last, unit)}]


@st.composite
def _tiers(draw: st.DrawFn, scene: Scene, kind: Kind) -> dict[str, Any]:
    """Thresholds and amounts that both rise; mirrored, or with an amount the other way below the first."""
    count = draw(st.integers(1, len(kind.thresholds)))
    rising = sorted(draw(st.lists(st.sampled_from([50, 75, 125, 400]), min_size=count, max_size=count)))
    rows = [
        {"over": _figure(scene, over, kind.unit), "value": _figure(scene, str(value), "万元")}
        for over, value in zip(kind.thresholds, rising, strict=False)
    ]
    found: dict[str, Any] = {"bound": draw(st.sampled_from(["above", "from"])), "tiers": rows}
    turn = draw(st.sampled_from(["", "otherwise", "mirror" if kind.signed else ""]))
    if turn == "mirror":
        # with the bound "from", zero itself would stand on both sides
        return {**found, "bound": "above", "mirror": "yes"}
    return {**found, "otherwise": draw(_yuan(scene))} if turn == "otherwise" else found


@st.composite
def _pool(draw: st.DrawFn, scene: Scene) -> dict[str, Any]:
    deductions = []
    for name, (above, below) in scene.sections.items():
        if draw(st.booleans()):
            losers, gainers = _ratio(scene, {above[0]: "1"}), _ratio(scene, dict.fromkeys(below, "1"))
            sides = draw(st.booleans())
            deductions.append(
                {
                    "sections": [name],
                    "amount": draw(_yuan(scene)),
                    "loser": "upstream" if sides else losers,
                    "gainer": "downstream" if sides else gainers,
                }
            )
    return {
        "number": "第p条",
        "key": "pool",
        "principle": "joint_fund",
        "title": "共同资金",
        "text": "举例",
        "source": "assumption",
        "kind": "pool",
        "amount": draw(_yuan(scene)),
        "contributions": _ratio(scene, draw(_weights(scene.parties))),
        "distribution": _ratio(scene, draw(_weights(scene.parties))),
        "deductions": deductions,
    }


def _incident(scene: Scene) -> dict[str, Any]:
    return {
        "number": "第i条",
        "key": "incident",
        "principle": "damager_pays",
        "title": "突发事件",
        "text": "举例",
        "source": "assumption",
        "kind": "incident",
        "sections": list(scene.sections),
        "indicator": "锑",
        "limit": _figure(scene, "0.005", "mg/L"),
        "surcharge": _figure(scene, "100", "万元"),
    }


@st.composite
def _money(draw: st.DrawFn, scene: Scene, clauses: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"rounding": {"clause": "金额", "line": "half_up_to_fen", "split": "largest_remainder"}}
    if scene.last_year > 2026 and any(clause.get("period") == "term" for clause in clauses):
        return found  # what is counted by the year stands against settling several at once
    for key, name, values, unit in (
        ("credit", "share", ("1/5", "1/3", "1"), ""),
        ("limit", "net_payment", ("8000", "100", "2/3"), "万元"),
        ("advance", "share", ("60%", "1/3"), ""),
    ):
        if draw(st.integers(0, 2)) == 2:
            found[key] = {"clause": key, name: _figure(scene, draw(st.sampled_from(values)), unit)}
    return found
