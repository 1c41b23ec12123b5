"""CWQI, the urban water-quality index (城市水质指数).

Source: 《城市地表水环境质量排名技术规定（试行）》 (环办监测〔2017〕51号), from general knowledge of it: check a
figure meant for publication against its text first, the averaging of pH through [H+] in particular.

The index of an item is its concentration over the class Ⅲ limit; the index of a section is their sum over the
21 assessed items; smaller is better. Sections of one body of water are averaged item by item before the
division, and rivers and lakes are joined by their number of sections. The index ranks; it carries no money.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from compensation.quality.means import mean, ph_mean
from compensation.quality.standard import PH, Body, Direction, assessed_codes, limits

REFERENCE_CLASS = 3
NEUTRAL_PH = Fraction(7)


class WaterIndex(NamedTuple):
    """The sum of the item indices, the items, and the assessed indicators that had no value.

    Indices over different sets of items must not be ranked against each other: compare `missing` first.
    """

    value: Fraction
    items: Mapping[str, Fraction]
    missing: tuple[str, ...]


def item_index(code: str, value: Fraction, body: Body) -> Fraction:
    """C / S(Ⅲ); S / C for dissolved oxygen; (7 - pH) / (7 - 6) up to 7 and (pH - 7) / (9 - 7) above.

    ValueError for an indicator that is not among the 21, and for dissolved oxygen of zero, which has no
    index.
    """
    if code not in assessed_codes():
        raise ValueError(f"{code} is not an item of the index")
    table = limits(code, body)
    assert table is not None  # each of the 21 has limits in both bodies of water
    if table.direction is Direction.WITHIN:
        lower, upper = table.bounds
        bound = upper if value > NEUTRAL_PH else lower
        return (value - NEUTRAL_PH) / (bound - NEUTRAL_PH)
    limit = table.of_class(REFERENCE_CLASS)
    if table.direction is Direction.AT_MOST:
        return value / limit
    if value <= 0:
        raise ValueError("dissolved oxygen of zero has no index")
    return limit / value


def section_index(values: Mapping[str, Fraction], body: Body) -> WaterIndex:
    """The index of one section from its period values by indicator code; other indicators are passed over."""
    items = {code: item_index(code, values[code], body) for code in assessed_codes() if code in values}
    missing = tuple(code for code in assessed_codes() if code not in values)
    return WaterIndex(sum(items.values(), Fraction(0)), items, missing)


def sections_index(sections: Sequence[tuple[Body, Mapping[str, Fraction]]]) -> Fraction:
    """The index of a set of sections: (CWQI of rivers x M + CWQI of lakes x N) / (M + N).

    An item is averaged over the sections that have it, pH through [H+]. ValueError without sections.
    """
    if not sections:
        raise ValueError("an index of no sections")
    weighted = Fraction(0)
    for body in ("river", "lake"):
        own = [values for kind, values in sections if kind == body]
        if own:
            weighted += section_index(_means(own), body).value * len(own)
    return weighted / len(sections)


def _means(sections: Sequence[Mapping[str, Fraction]]) -> dict[str, Fraction]:
    codes = {code for values in sections for code in values}
    found = {code: [values[code] for values in sections if code in values] for code in codes}
    return {code: ph_mean(own) if code == PH else mean(own) for code, own in found.items()}
