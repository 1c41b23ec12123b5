"""Why a published class is not the recomputed one: each cause by an example, most of them met in the real files."""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from compensation.quality.published import Cause, explain
from compensation.quality.standard import AUTOMATIC_STATION, Body


def values(ph: str, oxygen: str, permanganate: str, ammonia: str, phosphorus: str) -> dict[str, Fraction]:
    texts = (ph, oxygen, permanganate, ammonia, phosphorus)
    return {code: Fraction(text) for code, text in zip(AUTOMATIC_STATION, texts, strict=True)}


GOOD = values("7", "9", "1.5", "0.05", "0.01")


@pytest.mark.parametrize(
    ("measured", "body", "published", "cause"),
    [
        (GOOD, "river", 1, Cause.NONE),
        (values("6.89", "7.08", "1.44", "6", "0.032"), "river", 2, Cause.LOST_EXPONENT),
        (values("7.5", "8", "1.5", "0.05", "0.074"), "lake", 2, Cause.OTHER_BODY),
        (values("7.54", "7.72", "4.0", "0.198", "0.063"), "river", 3, Cause.ON_LIMIT),
        (values("7.55", "6.0", "2.26", "0.035", "0.072"), "river", 3, Cause.ON_LIMIT),
        (values("7.71", "4.97", "4.38", "0.276", "0.16"), "river", 3, Cause.ROUNDED),
        (values("7", "9", "1.5", "0.05", "0.01"), "river", 4, Cause.UNEXPLAINED),
    ],
)
def test_causes(measured: Mapping[str, Fraction], body: Body, published: int, cause: Cause) -> None:
    assert explain(measured, body, published).cause is cause


def test_on_limit_names_the_indicator_and_only_the_next_class() -> None:
    on_limit = values("7.54", "7.72", "4.0", "0.198", "0.063")
    assert explain(on_limit, "river", 3).suspects == ("w01019",)
    assert explain(on_limit, "river", 5).cause is Cause.UNEXPLAINED


def test_a_class_of_the_row_before() -> None:
    before = {"w01019": Fraction(7)}
    assert explain(GOOD, "river", 4, [before]).cause is Cause.OUT_OF_STEP
    assert explain(GOOD, "river", 5, [before]).cause is Cause.UNEXPLAINED


def test_a_permanganate_index_of_a_thousandth_is_the_last_thing_to_believe() -> None:
    measured = values("7.73", "7.16", "4.47", "0.047", "0.048")
    assert explain(measured, "river", 2).cause is Cause.LOST_EXPONENT
    assert explain(measured, "river", 2, [{"w01019": Fraction("3.9")}]).cause is Cause.OUT_OF_STEP


def test_out_of_order_is_named_when_nothing_else_explains() -> None:
    assert explain(GOOD, "river", 4, in_order=False).cause is Cause.OUT_OF_ORDER


def test_without_the_analyses_beside_it_a_class_cannot_be_told() -> None:
    assert explain(GOOD, "river", 5, [], gap=True).cause is Cause.NO_NEIGHBOUR
    assert explain(GOOD, "river", 5, [], gap=True, in_order=False).cause is Cause.OUT_OF_ORDER
    assert explain(GOOD, "river", 5, []).cause is Cause.UNEXPLAINED
