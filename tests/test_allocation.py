"""Allocation: quota, order independence, anonymity, zero share, against an independent integer oracle."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from compensation.expression import RATIO, YUAN, Quantity, constant, leaf
from compensation.expression.allocation import allocate

CODES = ("310000", "320000", "330000", "340000")


def oracle(amount_fen: int, weights: dict[str, int]) -> dict[str, int]:
    whole = sum(weights.values())
    if not whole:
        return dict.fromkeys(weights, 0)
    floors = {code: amount_fen * weight // whole for code, weight in weights.items()}
    queue = sorted(weights, key=lambda code: (-(amount_fen * weights[code] % whole), -weights[code], code))
    for code in queue[: amount_fen - sum(floors.values())]:
        floors[code] += 1
    return floors


def split(amount_fen: int, weights: dict[str, int], *, certain: bool) -> dict[str, Fraction]:
    amount = leaf(("amount",), Fraction(amount_fen, 100), YUAN, "金额", "测试")
    nodes: dict[str, Quantity] = {
        code: leaf(("weight", code), Fraction(weight), RATIO, code, "测试", certain=certain)
        for code, weight in weights.items()
    }
    shares = allocate(amount, nodes, "分配", "测试")
    return {code: share.value * 100 for code, share in shares.items() if isinstance(share.value, Fraction)}


weights_of_parties = st.dictionaries(st.sampled_from(CODES), st.integers(0, 10**12), min_size=1)


@given(st.integers(0, 10**12), weights_of_parties, st.booleans())
def test_equals_the_oracle_and_conserves(amount_fen: int, weights: dict[str, int], certain: bool) -> None:
    if not any(weights.values()):
        amount_fen = 0
    shares = split(amount_fen, weights, certain=certain)
    assert sum(shares.values()) == amount_fen
    if len(weights) > 1:
        assert shares == oracle(amount_fen, weights)


@given(st.integers(0, 10**9), weights_of_parties)
def test_quota_and_zero_share(amount_fen: int, weights: dict[str, int]) -> None:
    whole = sum(weights.values())
    if len(weights) < 2 or not whole:
        return
    for code, share in split(amount_fen, weights, certain=True).items():
        exact = Fraction(amount_fen * weights[code], whole)
        assert abs(share - exact) < 1
        if not weights[code]:
            assert share == 0


def test_ties_go_to_the_larger_share_then_to_the_smaller_code() -> None:
    assert split(1, {"310000": 1, "320000": 1}, certain=True) == {"310000": 1, "320000": 0}
    assert split(5, {"310000": 1, "320000": 1, "330000": 2}, certain=True) == {
        "310000": 1,
        "320000": 1,
        "330000": 3,
    }
    assert split(2, {"330000": 3, "310000": 1}, certain=True) == {"330000": 2, "310000": 0}


def test_a_weight_of_one_beside_nothing_takes_all_and_none_at_all_takes_nothing() -> None:
    for certain in (True, False):
        assert split(5, {"310000": 1, "320000": 0}, certain=certain) == {"310000": 5, "320000": 0}
        assert split(0, {"310000": 0, "320000": 0}, certain=certain) == {"310000": 0, "320000": 0}


def test_a_constant_is_no_figure_of_an_agreement() -> None:
    assert constant(1).key is None


def nodes(certain: dict[str, bool]) -> dict[str, list[Fraction]]:
    """The values of every step of splitting 10^12 fen by large weights, by the last words of its label."""
    amount = leaf(("amount",), Fraction(10**10), YUAN, "金额", "测试")
    weights = {
        code: leaf(("weight", code), Fraction(999_999_999_999 - 7 * at), RATIO, code, "测试", certain=certain[code])
        for at, code in enumerate(CODES[:3])
    }
    found: dict[str, list[Fraction]] = {}
    waiting, seen = list(allocate(amount, weights, "分配", "测试").values()), set()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            assert isinstance(node.value, Fraction)
            found.setdefault(node.label.rpartition("：")[2], []).append(node.value)
            waiting += node.args
    return found


def test_weights_that_are_amounts_are_divided_two_digits_at_a_time_below_what_a_spreadsheet_counts_exactly() -> None:
    for certain in ((False, False, False), (True, True, False), (False, True, True)):
        steps = nodes(dict(zip(CODES, certain, strict=False)))
        assert max(abs(value) for values in steps.values() for value in values) < 2**48
        digits = [steps[f"长除法第 {place} 位，权数"] for place in range(1, 8)]
        assert "长除法第 8 位，权数" not in steps
        assert [max(values) for values in digits] == [999_999_999_999 // 100**place for place in range(6, -1, -1)]


def test_weights_that_are_fixed_are_multiplied_at_once() -> None:
    steps = nodes(dict.fromkeys(CODES, True))
    assert "每权数整分" in steps
    assert not [label for label in steps if "长除法" in label]
