"""Faults of caps and floors, which count charges of a clause together, and of what they say of each other."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from compensation.expression import YUAN
from rules.agreement import Clause, Floor, Parameter, Section, WaterWeight


class GroupFault(NamedTuple):
    """The key of the clause that a fault is at, and what is wrong, why, and how to mend it."""

    key: str
    what: str
    why: str
    fix: str


def group_faults(clause: Clause, sections: Collection[Section]) -> Iterator[GroupFault]:
    """What is wrong with the caps and floors of one charge."""
    # Parties are capped one by one on one side only: what the one side is spared, the other does not get.
    if len({cap.side for cap in clause.caps if cap.side}) > 1:
        fix = "只留 payer 或 payee 一种，或分成两条"
        yield GroupFault("caps", "付款方和收款方都逐方封顶", "先减哪一方说不清", fix)
    yield from _cut_and_lifted(clause)
    if any(floor.side for floor in clause.floors) and any(
        isinstance(weight, WaterWeight) for weight in _weights(clause, sections)
    ):
        why = "份额随水量变，最后一笔中可能没有份额，也可能缺水量"
        yield GroupFault("floors", "按水量分担的条款不能逐方保底", why, "改为按整笔保底，或改用固定份额")
    for floor in clause.floors:
        for word in _lacks_to_be_alike(clause, floor):
            why = "补足由一组的最后一笔承担，组内各笔的分担可以不同"
            fix = f"加上 {word}，或把付款方、收款方写明"
            if floor.side:
                why = "补足的钱在一组的最后一笔中收付，组内各笔的另一方可以不同"
                fix += "；钱只往一个方向流的，写明 direction" if len(clause.directions) > 1 else ""
            yield GroupFault("floors", f"保底的 per 缺少 {word}", why, fix)
        for cap in clause.caps:
            day = _above(floor.at_least, cap.at_most)
            if day is not None:
                what = f"“{floor.at_least.label}”自 {day} 起高于“{cap.at_most.label}”"
                yield GroupFault("floors", what, "保底和封顶自相矛盾", "保底不高于本条的任何一个封顶")


def _cut_and_lifted(clause: Clause) -> Iterator[GroupFault]:
    """Whole charges and parts of parties are not both cut and lifted: the one would undo the other."""
    capped, lifted = {cap.side for cap in clause.caps}, {floor.side for floor in clause.floors}
    if capped - {""} and "" in lifted:
        yield GroupFault(
            "floors", "逐方封顶的条款不能再按整笔保底", "补足的金额会被逐方减去", "保底也写明这一方，或分成两条"
        )
    if lifted - {""} and "" in capped:
        why = "逐方补足之后，合计会超过整笔的封顶"
        yield GroupFault("floors", "逐方保底的条款不能再按整笔封顶", why, "封顶也写明这一方，或分成两条")
    if lifted - {""} and len((lifted | capped) - {""}) > 1:
        why = "一方补足，另一方跟着多收或多付，再补、再减就没有尽头"
        yield GroupFault("floors", "付款方和收款方都逐方计算", why, "只留 payer 或 payee 一种，或分成两条")


def _weights(clause: Clause, sections: Collection[Section]) -> Iterator[Parameter | WaterWeight]:
    """What the two sides of the clause have their shares by, at any of its sections."""
    for section in sections:
        if section.code in clause.sections:
            sides = {"upstream": section.upstream, "downstream": section.downstream}
            for role in (clause.payer, clause.payee):
                yield from sides.get(role, {}).values()
    for ratio in clause.ratios:
        yield from ratio.values()


def _lacks_to_be_alike(clause: Clause, floor: Floor) -> Iterator[str]:
    """What `per` has to name so that the charges of a group are shared alike; of parties, by the other side.

    What is short is paid like the last charge of the group.
    """
    roles = {"payer": clause.payer, "payee": clause.payee}
    if len(clause.directions) == 1:
        roles.pop(floor.side, None)
    if floor.per == ("charge",):
        return
    if len(clause.sections) > 1 and {"upstream", "downstream"} & set(roles.values()) and "section" not in floor.per:
        yield "section"
    if clause.shares and "upstream" in roles.values() and "indicator" not in floor.per:
        yield "indicator"


def _above(floor: Parameter, cap: Parameter) -> date | None:
    """The first day on which a floor lies above a cap; what could not be read is a fault already."""
    if not floor.unit.same_kind(YUAN) or not cap.unit.same_kind(YUAN):
        return None
    found = (
        max(low.first, high.first)
        for low in floor.spans
        for high in cap.spans
        if max(low.first, high.first) <= min(low.last, high.last)
        and low.value * floor.unit.scale > high.value * cap.unit.scale
    )
    return min(found, default=None)
