from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.monitoring.lookups import ClassTable, ValueTable, province_code
from compensation.monitoring.records import State
from compensation.monitoring.values import MAX_DIGITS, Parsed, Problem, ValueRule, parse_amount, parse_value

PLAIN = ValueRule()
HAND = ValueRule(never_negative=True, minus_one_is_none=True)
HAND_TEMPERATURE = ValueRule(minus_one_is_none=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.195", (State.VALUE, 195, -3)),
        ("1.90", (State.VALUE, 190, -2)),
        ("643", (State.VALUE, 643, 0)),
        ("-0.3", (State.VALUE, -3, -1)),
        ("+7.5", (State.VALUE, 75, -1)),
        ("４．５６", (State.VALUE, 456, -2)),
        ("−0.3", (State.VALUE, -3, -1)),
        (" 0.1 ", (State.VALUE, 1, -1)),
        ("　0.1\u00a0", (State.VALUE, 1, -1)),
        (".5", (State.VALUE, 5, -1)),
        ("0.123456789012345678", (State.VALUE, 123456789012345678, -18)),
        ("-123456789012345678", (State.VALUE, -123456789012345678, 0)),
        ("5.", (State.VALUE, 5, 0)),
        ("0", (State.VALUE, 0, 0)),
        ("4E-3", (State.VALUE, 4, -3)),
        ("1.53046E+07", (State.VALUE, 153046, 2)),
        ("1e16", (State.VALUE, 1, 16)),
        ("0.025L", (State.BELOW_LIMIT, 25, -3)),
        ("0.025 l", (State.BELOW_LIMIT, 25, -3)),
        ("<0.025", (State.BELOW_LIMIT, 25, -3)),
        ("＜０．０２５", (State.BELOW_LIMIT, 25, -3)),
        ("ND<0.08", (State.BELOW_LIMIT, 8, -2)),
        ("ND(0.08)", (State.BELOW_LIMIT, 8, -2)),
        ("未检出（＜0.004）", (State.BELOW_LIMIT, 4, -3)),
        ("0.0004ND", (State.BELOW_LIMIT, 4, -4)),
        ("", (State.MISSING, None, 0)),
        ("--", (State.MISSING, None, 0)),
        ("/", (State.MISSING, None, 0)),
        ("NULL", (State.MISSING, None, 0)),
        ("*", (State.NOT_MEASURED_HERE, None, 0)),
        ("未监测", (State.NOT_MONITORED, None, 0)),
        ("-1", (State.VALUE, -1, 0)),
    ],
)
def test_each_form_of_value(text: str, expected: tuple[State, int | None, int]) -> None:
    assert parse_value(text, PLAIN) == Parsed(*expected)
    if expected[0] is not State.MISSING:
        assert ValueTable(PLAIN)[text] == (*expected, text)


@pytest.mark.parametrize("text", ["-1", "-1.0", "-1.000000", "－1"])
def test_never_negative_is_not_monitored_where_people_write_it(text: str) -> None:
    for rule in (HAND, HAND_TEMPERATURE):
        assert parse_value(text, rule) == Parsed(State.NOT_MONITORED, None, 0)
    assert parse_value(text, PLAIN).state is State.VALUE  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["-1.1", "-10", "-0.1", "-2", "-1e1"])
def test_other_negatives_are_refused_but_for_a_temperature(text: str) -> None:
    refused = parse_value(text, HAND)
    assert isinstance(refused, Problem)
    assert "数值为负" in refused.reason
    parsed = parse_value(text, PLAIN)
    assert parse_value(text, HAND_TEMPERATURE) == parsed
    assert isinstance(parsed, Parsed)
    assert parsed.state is State.VALUE
    assert parsed.mantissa is not None
    assert Fraction(parsed.mantissa) * Fraction(10) ** parsed.exponent == Fraction(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("10³", "不是数值"),
        ("①", "不是数值"),
        ("1/2", "不是数值"),
        ("四", "不是数值"),
        ("0.05mg/L", "不是数值"),
        ("1.2.3", "不是数值"),
        ("1,234", "逗号"),
        (">24000", "下界"),
        ("0.1~0.2", "范围"),
        ("#DIV/0!", "公式错误"),
        ("#未计算", "没有计算结果"),
        ("<0", "检出限"),
        ("0L", "检出限"),
        ("1E999999", "数量级"),
        ("1E40", "数量级"),
        ("1E9999999", "不是数值"),
        ("0." + "0" * 40 + "1", "数量级"),
        ("1234567890123456789", "有效数字"),
        ("0.1234567890123456789", "有效数字"),
        ("9" * 6000, "有效数字"),
        ("inf", "不是数值"),
        ("١٢", "不是数值"),
    ],
)
def test_what_is_not_taken_says_why(text: str, word: str) -> None:
    problem = parse_value(text, PLAIN)
    assert isinstance(problem, Problem)
    assert word in problem.reason
    assert problem.fix
    table = ValueTable(PLAIN)
    assert table[text].state is State.MISSING
    assert table.bad[text] == problem


def test_a_flood_of_zeros_is_zero() -> None:
    assert parse_value("0" * 6000, PLAIN) == Parsed(State.VALUE, 0, 0)


@pytest.mark.parametrize("text", ["ND", "未检出", "<MDL", "＜检出限", "< MDL"])
def test_non_detect_without_a_limit_needs_one(text: str) -> None:
    assert isinstance(parse_value(text, PLAIN), Problem)
    assert parse_value(text, ValueRule(limit=(25, -3))) == Parsed(State.BELOW_LIMIT, 25, -3)


def test_units_shift_values_and_limits_alike() -> None:
    micro = ValueRule(shift=-3, limit=(5, -1))
    assert parse_value("5.02", micro) == Parsed(State.VALUE, 502, -5)
    assert parse_value("0.5L", micro) == Parsed(State.BELOW_LIMIT, 5, -4)
    assert parse_value("ND", micro) == Parsed(State.BELOW_LIMIT, 5, -4)
    assert ValueTable(micro)["5.02"] == (State.VALUE, 502, -5, "5.02")


@given(st.integers(-(10**MAX_DIGITS) + 1, 10**MAX_DIGITS - 1), st.integers(-20, 0), st.integers(-6, 6))
def test_a_written_decimal_is_kept_exactly(mantissa: int, exponent: int, shift: int) -> None:
    whole, rest = divmod(abs(mantissa), 10**-exponent)
    text = ("-" if mantissa < 0 else "") + f"{whole}" + (f".{rest:0{-exponent}d}" if exponent else "")
    for parsed in (parse_value(text, ValueRule(shift)), ValueTable(ValueRule(shift))[text]):
        assert not isinstance(parsed, Problem)
        assert parsed.state is State.VALUE
        assert parsed.mantissa is not None
        value = Fraction(parsed.mantissa) * Fraction(10) ** parsed.exponent
        assert value == Fraction(mantissa) * Fraction(10) ** (exponent + shift)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1e-9, max_value=1e15))
def test_a_sheet_number_is_the_decimal_that_names_it(number: float) -> None:
    parsed = parse_value(repr(number), PLAIN)
    assert isinstance(parsed, Parsed)
    assert parsed.mantissa is not None
    assert float(Fraction(parsed.mantissa) * Fraction(10) ** parsed.exponent) == number


@given(st.text(max_size=40))
def test_any_text_is_a_value_or_a_reason(text: str) -> None:
    parsed = parse_value(text, HAND)
    table = ValueTable(HAND)
    cell = table[text]
    if isinstance(parsed, Problem):
        assert parsed.reason and parsed.fix
        assert text in table.bad
    else:
        assert (parsed.mantissa is not None) == (parsed.state in {State.VALUE, State.BELOW_LIMIT})
        assert cell == (*parsed, text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234,567.5", Fraction(2469135, 2)),
        ("11185.6", Fraction(55928, 5)),
        ("０", Fraction(0)),
        ("1.2e3", Fraction(1200)),
    ],
)
def test_amounts(text: str, amount: Fraction) -> None:
    assert parse_amount(text) == amount


@pytest.mark.parametrize("text", ["-5", "约100", "1,23", "", "--", "1E31"])
def test_amounts_refused(text: str) -> None:
    assert isinstance(parse_amount(text), Problem)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Ⅱ", 2), ("II类", 2), ("劣Ⅴ", 6), ("劣V类", 6), ("Ⅴ类", 5), ("6", 6), ("I类", 1), ("三类", 3)],
)
def test_classes(text: str, expected: int) -> None:
    assert ClassTable()[text] == (State.VALUE, expected, 0, text)


def test_no_class_is_missing_and_strange_words_are_counted() -> None:
    table = ClassTable()
    for text in ("-1", "", "--", "轻度黑臭"):
        assert table[text] == (State.MISSING, None, 0, text)
    table.count(["轻度黑臭", "-1", "轻度黑臭"])
    assert dict(table.unusual) == {"轻度黑臭": 2}
    assert table["*"].state is State.NOT_MEASURED_HERE


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("江苏省", "320000"),
        ("上海", "310000"),
        ("新疆维吾尔自治区", "650000"),
        ("内蒙古自治区", "150000"),
        ("330000", "330000"),
    ],
)
def test_provinces(text: str, code: str) -> None:
    assert province_code(text) == code


def test_a_name_that_is_no_province_has_no_code() -> None:
    assert province_code("江南省") is None
