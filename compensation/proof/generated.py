"""Agreements that could be, written as files: every measure with every tariff it can have, and what goes around them.

Each is sound on purpose: amounts grow with merit and who pays is who should, so that every property must hold. A
generated agreement goes through the loader like any other file.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from compensation.agreement.loader import parse
from compensation.proof.generated_parts import (
    CHEMICALS,
    KINDS,
    Kind,
    Node,
    Scene,
    figure,
    measure,
    ratio,
    tariff,
    water,
    weights,
    yuan,
)
from rules.agreement import Agreement

_NAMES = ("甲", "乙", "丙", "丁")
_OUTSIDE = "省"
"""A party that stands above or below no section, and may be named as payer or payee."""

_CAP_CHAINS = (
    ("charge", "[section, month]", "section", "clause"),
    ("charge", "month", "year", "term"),
    ("charge", "[section, indicator]", "[section, term]", "term"),
    ("charge", "[section, payer]", "payer", "[payer, term]"),
    ("charge", "[section, month, payee]", "payee"),
    ("[section, payee]", "[section, payee, term]", "[payee, term]"),
)
"""Caps that lie within each other; caps that cross each other can make better water dearer."""

_FLOORS = (
    "charge",
    "[section, month]",
    "[section, indicator]",
    "section",
    "[section, term]",
    "[section, payer]",
    "[section, month, payee]",
    "[section, payee]",
    "[section, payee, term]",
)
"""Groups of a chain whose charges are all shared alike, so that they may have a floor."""


def agreements(kinds: Sequence[Kind] = KINDS) -> st.SearchStrategy[Agreement]:
    """Any sound agreement whose charges are of these kinds; it shrinks towards one clause, two parties, one section."""
    return texts(kinds).map(lambda text: parse("举例.yaml", text))


@st.composite
def texts(draw: st.DrawFn, kinds: Sequence[Kind] = KINDS) -> str:
    """The same as text: an agreement file."""
    scene = draw(_scenes())
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3, unique_by=lambda kind: kind.measure))
    clauses = [draw(_charge(scene, kind, f"c{n}")) for n, kind in enumerate(chosen)]
    for_fund = [clause for clause in clauses if draw(st.integers(0, 5)) == 5]
    if for_fund or draw(st.integers(0, 3)) == 3:
        clauses.append(draw(_pool(scene)))
    for clause in for_fund:
        _through_fund(clause)
        clauses[-1].setdefault("carry_over", "reserve")
    if draw(st.integers(0, 3)) == 3:
        clauses.append(_incident(scene))
    rounds, route = draw(st.sampled_from(["before_class", "none"])), draw(st.sampled_from(["daily", "readings"]))
    oxygen = ["溶解氧"] if draw(st.booleans()) else []
    file: Node = {
        "agreement": {"key": "example", "title": "举例", "version": "1", "status": "draft"},
        "scope": {"parties": _parties(scene), "sections": draw(_sections(scene, clauses))},
        "targets": {
            "indicators": [*CHEMICALS, *oxygen],
            "data_rules": {
                "clause": "数据规则",
                **{
                    name: figure(scene, value)
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
    gauges = draw(st.sampled_from(["", "", "flow", "intake"]))
    return Scene((*parties, _OUTSIDE), sections, draw(st.booleans()), draw(st.sampled_from([2026, 2026, 2027])), gauges)


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
    listed += [_gauge(scene, party, name) for party, name in scene.gauged.items()]
    for n, (name, (above, below)) in enumerate(scene.sections.items(), start=1):
        by_hand = draw(st.booleans())
        by_water = bool(scene.gauges) and n == 1
        listed.append(
            {
                "code": f"S{n}",
                "name": name,
                "kind": draw(st.sampled_from(["boundary", "intake"])),
                **_where("manual" if by_hand else "automatic", draw(st.sampled_from(["river", "lake"]))),
                "target": figure(scene, draw(st.sampled_from(["Ⅲ", "Ⅱ", "Ⅳ"]))),
                "upstream": water(scene) if by_water else ratio(scene, draw(weights(above))),
                "downstream": ratio(scene, draw(weights(below))),
                "source": "assumption",
            }
        )
    return listed


def _gauge(scene: Scene, party: str, name: str) -> dict[str, Any]:
    """Where the water of a party is measured: at an intake of its own, or as it flows by."""
    found = {"code": f"G{name}", "name": name, **_where("manual"), "source": "assumption"}
    if scene.gauges == "flow":
        return {**found, "kind": "background"}
    sides = {"upstream": ratio(scene, {party: "1"}), "downstream": ratio(scene, {_OUTSIDE: "1"})}
    return {**found, "kind": "intake", "target": figure(scene, "Ⅲ"), **sides}


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
        "measure": {"kind": kind.measure, **draw(measure(scene, kind, mine, period))},
        "tariff": {"kind": kind.tariff, **draw(tariff(scene, kind, each=each))},
        **draw(_roles(scene, kind)),
    }
    if each:
        clause["each"] = "indicator"
    if kind.measure in ("exceedance", "excess_load", "mean_change", "class_steps", "section_class"):
        clause["indicators"] = list(CHEMICALS[: draw(st.integers(1, 3))])
    if kind.measure in ("exceedance", "excess_load") and scene.background and draw(st.booleans()):
        clause["correction"] = {"clause": "修正", "background": "来水", "rule": "at_least_as_bad"}
    clause |= draw(_around(scene, period, each=each, upstream="upstream" in (clause["payer"], clause["payee"])))
    if "shares" in clause:
        codes = clause.get("indicators", list(CHEMICALS))
        above = {name: scene.sections[name][0] for name in mine}
        clause["shares"] = {name: {code: ratio(scene, draw(weights(above[name]))) for code in codes} for name in mine}
        if scene.gauges and next(iter(scene.sections)) in mine and draw(st.booleans()):
            clause["shares"][next(iter(scene.sections))][codes[0]] = water(scene)
    return clause


@st.composite
def _roles(draw: st.DrawFn, scene: Scene, kind: Kind) -> dict[str, Any]:
    """Merit is paid for by those below, or by somebody outside; harm by those above."""
    pays_upstream = _rising(kind) * kind.merit > 0
    payer, payee = ("downstream", "upstream") if pays_upstream else ("upstream", "downstream")
    outside = ratio(scene, {_OUTSIDE: "1"})
    who = draw(st.sampled_from(["sides", "sides", "outside"]))
    if who == "outside":
        return {"payer": outside, "payee": payee} if pays_upstream else {"payer": payer, "payee": outside}
    return {"payer": payer, "payee": payee}


def _through_fund(clause: dict[str, Any]) -> None:
    """Whoever is not upstream of the section gives way to the fund, which has no floors and caps no party."""
    clause["payer" if clause["payee"] == "upstream" else "payee"] = "pool"
    clause.pop("floors", None)
    if any(_sided(cap["per"]) for cap in clause.get("caps", [])):
        del clause["caps"]


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
        found["caps"] = [{"per": _per(per), "at_most": draw(yuan(scene))} for per in caps]
    if draw(st.integers(0, 4)) == 4:
        found["at_least"] = draw(yuan(scene))
    if draw(st.integers(0, 3)) == 3:
        found |= draw(_floored(scene, [per for per in chain if per in _FLOORS], found.get("caps", [])))
    if period == "month" and draw(st.integers(0, 4)) == 4:
        found["applies"] = {"months": ["5", "6", "7"], "otherwise": "none"}
    alike = all(floor["per"] == "charge" or "indicator" in floor["per"] for floor in found.get("floors", []))
    if each and upstream and alike and draw(st.booleans()):
        found["shares"] = {}
    return found


@st.composite
def _floored(draw: st.DrawFn, scene: Scene, words: Sequence[str], caps: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Floors over the same groups as caps, and below them: of parties where these are capped, never by water."""
    of_parties = any(_sided(cap["per"]) for cap in caps) or (not caps and draw(st.booleans()))
    words = [each for each in words if _sided(_per(each)) == of_parties]
    if not words or (of_parties and scene.gauges):
        return {}
    per = draw(st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True))
    least = figure(scene, draw(st.sampled_from(["60", "2/3", "0.01"])), "元")
    floors = [{"per": _per(each), "at_least": least} for each in per]
    most = figure(scene, "100", draw(st.sampled_from(["元", "万元"])))
    above = [{**cap, "at_most": most} for cap in caps if _sided(cap["per"]) == of_parties]
    return {"floors": floors, "caps": above} if caps else {"floors": floors}


def _sided(per: Node) -> bool:
    return bool({"payer", "payee"} & set([per] if isinstance(per, str) else per))


def _per(text: str) -> Node:
    return text.strip("[]").split(", ") if text.startswith("[") else text


@st.composite
def _pool(draw: st.DrawFn, scene: Scene) -> dict[str, Any]:
    deductions = []
    for name, (above, below) in scene.sections.items():
        if draw(st.booleans()):
            losers, gainers = ratio(scene, {above[0]: "1"}), ratio(scene, dict.fromkeys(below, "1"))
            sides, stays = draw(st.booleans()), draw(st.integers(0, 2)) == 2
            deductions.append(
                {
                    "sections": [name],
                    "amount": draw(yuan(scene)),
                    "loser": "upstream" if sides else losers,
                    "gainer": "pool" if stays else "downstream" if sides else gainers,
                }
            )
    more: dict[str, Any] = {"distributed": draw(yuan(scene))} if draw(st.booleans()) else {}
    if more or any(each["gainer"] == "pool" for each in deductions):
        more["carry_over"] = draw(st.sampled_from(["reserve", "distribution"]))
    by_water = bool(scene.gauges) and draw(st.booleans())
    return {
        "number": "第p条",
        "key": "pool",
        "principle": "joint_fund",
        "title": "共同资金",
        "text": "举例",
        "source": "assumption",
        "kind": "pool",
        "amount": draw(yuan(scene)),
        "contributions": water(scene) if by_water else ratio(scene, draw(weights(scene.parties))),
        "distribution": ratio(scene, draw(weights(scene.parties))),
        "deductions": deductions,
        **more,
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
        "limit": figure(scene, "0.005", "mg/L"),
        "surcharge": figure(scene, "100", "万元"),
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
            found[key] = {"clause": key, name: figure(scene, draw(st.sampled_from(values)), unit)}
    return found
