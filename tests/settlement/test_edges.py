"""Years that stand exactly on an edge, which chance seldom meets: engine and oracle, to the fen."""

from fractions import Fraction

import pytest
from oracle import BOUNDARIES, COD, FENHU, GATE, HU, INDICATORS, INTAKES, NH3, SU, TP, answer
from settling import DRAFT, digest, fen, settled
from strategies import DAYS, MONTHS, YEAR, Year

from rules.evidence import DayValue, Evidence, InKindFact, VolumeFact

CLEAN = {COD: Fraction("3.9"), NH3: Fraction("0.25"), TP: Fraction("0.08")}


def year(levels: dict[tuple[str, str], str], extra_m3: Fraction = Fraction(0), credit: int = 0) -> Evidence:
    """A year of constant levels: clean but for `levels`."""
    days = Year()
    for section in DRAFT.sections:
        for code in INDICATORS:
            value = Fraction(levels.get((section.code, code), CLEAN[code]))
            days[section.code, code] = dict.fromkeys(DAYS, DayValue(value, 6))
    volumes = {(section, month): VolumeFact(Fraction(10**7), "") for section in INTAKES for month in MONTHS}
    first = (INTAKES[0], MONTHS[0])
    volumes[first] = VolumeFact(10**7 + extra_m3, "")
    given = (InKindFact(HU, SU, "technology", "协作", Fraction(credit), "评估"),) if credit else ()
    return Evidence(days, volumes=volumes, in_kind=given)


def compare(facts: Evidence) -> dict[tuple[str, ...], int]:
    outcome, expected = settled(facts).outcome, answer(facts, YEAR)
    lines = {(x.clause, x.section, x.period, x.payer, x.payee): fen(x.amount) for x in outcome.lines}
    found = {key: amount for key, amount in lines.items() if amount is not None and amount != 0}
    assert found == expected.lines
    assert {code: fen(x.final) for code, x in outcome.positions.items()} == expected.final
    return {tuple(key): amount for key, amount in found.items()}


@pytest.mark.parametrize(("phosphorus", "upstream_pays"), [("0.0801", False), ("0.0803", True), ("0.08", False)])
def test_an_index_on_the_tie_goes_to_the_even_digit(phosphorus: str, upstream_pays: bool) -> None:
    found = compare(year({(FENHU, TP): phosphorus}))  # 0.0801 makes P 1.0005 exactly, which is 1.000
    assert any(key[0] == "第三条" and key[1] == FENHU and key[3] == SU for key in found) == upstream_pays


@pytest.mark.parametrize(("gate", "charged"), [("7", False), ("6.9", True), ("7.1", False)])
def test_an_equal_background_is_not_charged(gate: str, charged: bool) -> None:
    found = compare(year({(FENHU, COD): "7", (GATE, COD): gate}))
    assert any(key[0] == "第四条第一款" and key[1] == FENHU for key in found) == charged


@pytest.mark.parametrize(
    ("level", "wan"), [("6", 0), ("6.05", 0), ("6.1", 50), ("9", 50), ("9.1", 75), ("12", 75), ("12.1", 125)]
)
def test_tiers_begin_above_their_threshold(level: str, wan: int) -> None:
    found = compare(year({(section, COD): level for section in BOUNDARIES}))
    one_month = [x for key, x in found.items() if key[0] == "第四条第一款" and key[1:3] == (FENHU, MONTHS[0])]
    assert sum(one_month) == wan * 1_000_000


@pytest.mark.parametrize("extra", range(5))
def test_a_credit_never_rounds_up_beyond_its_share(extra: int) -> None:
    compare(year({}, Fraction(extra, 2), credit=10**8))  # half a cubic metre is one fen


def test_a_value_below_a_step_changes_the_digest() -> None:
    before, after = digest(year({})), digest(year({(FENHU, TP): "0.0800001"}))
    assert before != after
