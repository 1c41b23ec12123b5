"""Amounts in fen, in 元, in 万元 and in the words of a cheque."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.errors import IntegrityError
from compensation.money import fen_of, uppercase, wan_yuan_text, yuan_text

WORDS = {
    0: "零元整",
    1: "壹分",
    9: "玖分",
    10: "壹角整",
    11: "壹角壹分",
    90: "玖角整",
    100: "壹元整",
    101: "壹元零壹分",
    110: "壹元壹角整",
    111: "壹元壹角壹分",
    1000: "壹拾元整",
    1_005: "壹拾元零伍分",
    1_500: "壹拾伍元整",
    10_000: "壹佰元整",
    10_100: "壹佰零壹元整",
    11_000: "壹佰壹拾元整",
    100_000: "壹仟元整",
    100_100: "壹仟零壹元整",
    101_000: "壹仟零壹拾元整",
    101_100: "壹仟零壹拾壹元整",
    110_000: "壹仟壹佰元整",
    110_100: "壹仟壹佰零壹元整",
    1_000_000: "壹万元整",
    1_000_100: "壹万零壹元整",
    1_001_000: "壹万零壹拾元整",
    1_010_000: "壹万零壹佰元整",
    1_100_000: "壹万壹仟元整",
    1_100_100: "壹万壹仟零壹元整",
    10_000_000: "壹拾万元整",
    10_010_000: "壹拾万零壹佰元整",
    100_000_000: "壹佰万元整",
    100_010_000: "壹佰万零壹佰元整",
    1_000_000_000: "壹仟万元整",
    1_000_000_100: "壹仟万零壹元整",
    1_001_000_000: "壹仟零壹万元整",
    1_001_000_100: "壹仟零壹万零壹元整",
    2_550_000_000: "贰仟伍佰伍拾万元整",
    10_000_000_000: "壹亿元整",
    10_000_000_100: "壹亿零壹元整",
    10_000_010_000: "壹亿零壹佰元整",
    10_001_000_000: "壹亿零壹万元整",
    10_010_000_000: "壹亿零壹拾万元整",
    10_100_000_000: "壹亿零壹佰万元整",
    11_000_000_000: "壹亿壹仟万元整",
    100_000_000_100: "壹拾亿零壹元整",
    100_000_000_000: "壹拾亿元整",
    123_456_789_012: "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分",
    1_000_000_000_000: "壹佰亿元整",
    1_002_003_004_005: "壹佰亿贰仟零叁万零肆拾元零伍分",
    10_000_500_000: "壹亿零伍仟元整",
    2_000_000_030: "贰仟万元叁角整",
}
DIGITS = "零壹贰叁肆伍陆柒捌玖"


@pytest.mark.parametrize("fen", WORDS)
def test_amounts_in_words(fen: int) -> None:
    assert uppercase(fen) == f"人民币{WORDS[fen]}"


def test_a_negative_amount_begins_with_its_sign() -> None:
    assert uppercase(-101) == "人民币负壹元零壹分"
    assert uppercase(-1) == "人民币负壹分"


def read_back(words: str) -> int:
    """The fen that words mean, read place by place, without knowing how they were made."""
    sign = -1 if words.startswith("人民币负") else 1
    text = words.removeprefix("人民币").removeprefix("负").removesuffix("整")
    whole, _, rest = text.partition("元") if "元" in text else ("", "", text)
    fen = 0
    for digit, unit in re.findall(f"([{DIGITS}])([角分])", rest):
        fen += DIGITS.index(digit) * (10 if unit == "角" else 1)
    total = section = number = 0
    for sign_ in whole:
        if sign_ in DIGITS:
            number = DIGITS.index(sign_)
        elif sign_ in "拾佰仟":
            section += number * {"拾": 10, "佰": 100, "仟": 1000}[sign_]
            number = 0
        elif sign_ == "万":
            total, section, number = total + (section + number) * 10_000, 0, 0
        else:
            total, section, number = (total + section + number) * 10**8, 0, 0
    return sign * ((total + section + number) * 100 + fen)


@given(st.one_of(st.integers(-(10**13), 10**13), st.integers(0, 10**4), st.integers(0, 10**7).map(lambda x: x * 10**4)))
def test_words_mean_the_amount_and_keep_the_rules_of_a_cheque(fen: int) -> None:
    words = uppercase(fen)
    assert read_back(words) == fen
    body = words.removeprefix("人民币").removeprefix("负")
    assert "零零" not in body
    assert not re.search("零[元万亿角分整]", body.replace("零元整", ""))
    assert body.endswith(("元整", "角整", "分"))
    assert body[0] != "零" or body == "零元整"
    assert not (body.endswith("分整"))


@given(st.integers(-(10**16), 10**16))
def test_figures_say_every_fen(fen: int) -> None:
    assert Fraction(yuan_text(fen).replace(",", "")) * 100 == fen
    assert Fraction(wan_yuan_text(fen).replace(",", "")) * 1_000_000 == fen
    assert re.fullmatch(r"-?\d{1,3}(,\d{3})*\.\d\d", yuan_text(fen))
    assert re.fullmatch(r"-?\d{1,3}(,\d{3})*\.\d{2,6}", wan_yuan_text(fen))


def test_figures() -> None:
    assert yuan_text(0) == "0.00"
    assert yuan_text(-5) == "-0.05"
    assert yuan_text(123_456_780) == "1,234,567.80"
    assert wan_yuan_text(1) == "0.000001"
    assert wan_yuan_text(2_550_000_000) == "2,550.00"
    assert wan_yuan_text(-1_234_567) == "-1.234567"


def test_only_whole_fen_are_money() -> None:
    assert fen_of(Fraction(1, 100)) == 1
    assert fen_of(Fraction(-5)) == -500
    with pytest.raises(IntegrityError) as caught:
        fen_of(Fraction(1, 1000))
    assert caught.value.exit_code == 5
