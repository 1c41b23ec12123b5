"""影响范围: the amounts under each admissible treatment of the same data.

Non-detects at nothing, half or the full limit; rounding before a class is taken or not; the averaging route;
dissolved oxygen among the assessed indicators or not. Each stands in the agreement's data rules, so a treatment is the
agreement with another data rule.
"""

import hashlib
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import NamedTuple

from compensation.quality.standard import DISSOLVED_OXYGEN
from rules.agreement import Agreement
from rules.substitution import substituted

NON_DETECT = {Fraction(0): "未检出按 0", Fraction(1, 2): "未检出取检出限一半", Fraction(1): "未检出取检出限"}
ROUNDING = {True: "先修约后评价", False: "不修约"}
ROUTES = {"daily": "先日后月", "readings": "逐条平均"}
OXYGEN = {False: "溶解氧不计", True: "溶解氧计入"}


class Treatment(NamedTuple):
    """One admissible treatment: non-detect factor, rounding before class, route, dissolved oxygen in or out."""

    non_detect: Fraction
    rounds: bool
    route: str
    oxygen: bool

    @property
    def label(self) -> str:
        """In Chinese."""
        return "，".join((NON_DETECT[self.non_detect], ROUNDING[self.rounds], ROUTES[self.route], OXYGEN[self.oxygen]))


def own_treatment(agreement: Agreement) -> Treatment:
    """The treatment that the agreement itself names."""
    rules = agreement.data_rules
    factor = rules.non_detect_factor.span(agreement.first).value
    return Treatment(factor, rules.rounds_before_class, rules.route, DISSOLVED_OXYGEN in rules.indicators)


def single_changes(agreement: Agreement) -> list[tuple[str, list[Treatment]]]:
    """For each question, the treatments that differ from the agreement's own in that question only."""
    own = own_treatment(agreement)
    return [
        ("未检出", [own._replace(non_detect=factor) for factor in NON_DETECT if factor != own.non_detect]),
        ("修约", [own._replace(rounds=not own.rounds)]),
        ("平均路径", [own._replace(route=route) for route in ROUTES if route != own.route]),
        ("溶解氧", [own._replace(oxygen=not own.oxygen)]),
    ]


def all_treatments() -> list[Treatment]:
    """Every combination."""
    return [Treatment(*each) for each in product(NON_DETECT, ROUNDING, ROUTES, OXYGEN)]


def under(agreement: Agreement, treatment: Treatment) -> Agreement:
    """The agreement with the data rules of a treatment; its title and digest say so."""
    changed = substituted(agreement, {agreement.data_rules.non_detect_factor.key: treatment.non_detect})
    others = tuple(code for code in agreement.data_rules.indicators if code != DISSOLVED_OXYGEN)
    indicators = (DISSOLVED_OXYGEN, *others) if treatment.oxygen else others
    rules = replace(
        changed.data_rules, rounds_before_class=treatment.rounds, route=treatment.route, indicators=indicators
    )
    text = f"{agreement.text}\n# 数据处理：{treatment.label}\n"
    return replace(
        changed,
        data_rules=rules,
        title=f"{agreement.title}（数据处理：{treatment.label}）",
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
