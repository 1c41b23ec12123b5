"""Splitting a sum to the fen by largest remainder, as an expression.

Every party gets the whole fen of its exact share; the fen that are left go one each to the largest remainders, ties
to the larger share, then to the smaller GB/T 2260 code. This keeps quota (nobody is a fen or more off), does not
depend on the order of the parties, and gives a zero share nothing.

Weights are whole numbers and every product stays below 2^48, up to which spreadsheets compare whole numbers exactly:
for fixed weights such as 7 : 3 only the rest of the amount after division by their sum is multiplied; weights that
are themselves amounts of money are multiplied by long division, two decimal digits at a time.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from compensation.expression.node import Quantity, all_of, any_of, choose, constant, maximum, total
from compensation.expression.unit import FEN, YUAN

_BASE = 100
_PLACES = 7  # weights below 10^14
_RULE = "尾差（最大余数法：余数大者先得，余数相同份额大者先，再相同代码小者先）"


def allocate(
    amount: Quantity,
    weights: Mapping[str, Quantity],
    label: str,
    clause: str,
    called: Callable[[str], str] = str,
) -> dict[str, Quantity]:
    """Split `amount` (元, whole fen, not negative) over the parties by `weights` (whole numbers, not negative).

    Returns each party's share in 元, keyed as `weights`, whose keys are GB/T 2260 codes; the shares sum to `amount`,
    exactly. When all weights are zero the amount must be zero as well, and nobody gets anything. `called` gives what
    labels call a party.
    """
    codes = sorted(weights)
    if len(codes) == 1:
        return {codes[0]: amount.named(label, clause)}
    amount_fen = amount.to(FEN).whole_fen().named(f"{label}：待分金额", clause)
    whole = maximum([total([weights[code] for code in codes]), constant(1)]).named(f"{label}：权数合计", clause)
    names = _Names(label, {code: f"{label}（{called(code)}）" for code in codes}, clause)
    split = _by_parts if all(weight.certain for weight in weights.values()) else _by_long_division
    floors, rests = split(amount_fen, weights, whole, names)
    left = (amount_fen - total(list(floors.values()))).named(f"{label}：剩余分", clause)
    shares = {}
    for code in codes:
        ahead = [
            choose(_before(other, code, rests, weights), constant(1, FEN), constant(0, FEN))
            for other in codes
            if other != code
        ]
        extra = choose(total(ahead) < left, constant(1, FEN), constant(0, FEN))
        extra = extra.named(f"{names.of[code]}：{_RULE}", clause)
        shares[code] = (floors[code] + extra).to(YUAN).named(label, clause)
    return shares


Parts = tuple[dict[str, Quantity], dict[str, Quantity]]


class _Names(NamedTuple):
    """What the steps of a split are called: of the whole, and of each party; and the clause they are under."""

    whole: str
    of: Mapping[str, str]
    clause: str


def _before(other: str, code: str, rests: Mapping[str, Quantity], weights: Mapping[str, Quantity]) -> Quantity:
    """Whether `other` stands before `code` in the queue for the fen that are left."""
    tie = weights[other] >= weights[code] if other < code else weights[other] > weights[code]
    return any_of([rests[other] > rests[code], all_of([rests[other].equals(rests[code]), tie])])


def _by_parts(amount_fen: Quantity, weights: Mapping[str, Quantity], whole: Quantity, names: _Names) -> Parts:
    """With T = a*W + b, the share T*w/W is a*w + b*w/W."""
    rounds = amount_fen.whole_quotient(whole).named(f"{names.whole}：每权数整分", names.clause)
    rest = (amount_fen - rounds * whole).named(f"{names.whole}：每权数余分", names.clause)
    floors, rests = {}, {}
    for code, weight in sorted(weights.items()):
        part = (rest * weight).whole_quotient(whole).named(f"{names.of[code]}：余分的整分", names.clause)
        floors[code] = (rounds * weight + part).named(f"{names.of[code]}：整分", names.clause)
        rests[code] = (rest * weight - part * whole).named(f"{names.of[code]}：余数", names.clause)
    return floors, rests


def _by_long_division(amount_fen: Quantity, weights: Mapping[str, Quantity], whole: Quantity, names: _Names) -> Parts:
    base = constant(_BASE)
    floors, rests = {}, {}
    for code, weight in sorted(weights.items()):
        quotient, rest, above = constant(0, FEN), constant(0, FEN), constant(0)
        for place in reversed(range(_PLACES)):
            name = f"{names.of[code]}：长除法第 {_PLACES - place} 位"
            upto = weight.whole_quotient(constant(_BASE**place)).named(f"{name}，权数", names.clause)
            carried = (rest * base + amount_fen * (upto - above * base)).named(f"{name}，被除数", names.clause)
            digit = carried.whole_quotient(whole).named(f"{name}，商", names.clause)
            rest = (carried - digit * whole).named(f"{name}，余数", names.clause)
            quotient = (quotient * base + digit).named(f"{name}，累计商", names.clause)
            above = upto
        floors[code], rests[code] = quotient, rest
    return floors, rests
