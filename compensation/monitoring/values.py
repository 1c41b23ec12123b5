"""What the text of a cell says about a value: a number, less than a limit, nothing, not here, not this time."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from compensation.monitoring.container import UNCACHED
from compensation.monitoring.records import State
from compensation.monitoring.units import INVISIBLE

MAX_DIGITS = 18  # what a 64-bit integer holds, and three more than any laboratory reports
MAX_POWER = 30  # no quantity of water law lies beyond; an exponent of a million would be an attack

# Only the forms that mean the same digit or sign. NFKC would also turn 10³ into 103 and ① into 1.
_HALF_WIDTH: dict[int, int | None] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_HALF_WIDTH |= {0x3000: 0x20, 0xA0: 0x20, 0x2212: 0x2D, **INVISIBLE}

_MISSING = {
    "",
    "-",
    "--",
    "---",
    "—",
    "——",
    "/",
    "//",
    "\\",
    "null",
    "none",
    "nan",
    "n/a",
    "na",
    "缺测",
    "缺失",
    "无数据",
}
_WORDS = dict.fromkeys(_MISSING, State.MISSING)
_WORDS |= {"*": State.NOT_MEASURED_HERE, "**": State.NOT_MEASURED_HERE}
_WORDS |= {"未监测": State.NOT_MONITORED, "未测": State.NOT_MONITORED, "未采样": State.NOT_MONITORED}
_UNLIMITED = frozenset(
    {"nd", "n.d.", "未检出", "<mdl", "<dl", "<lod", "<检出限", "低于检出限", "小于检出限", "l", "dl"}
)
_ERRORS = frozenset({"#n/a", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"})

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,6})?"
_PLAIN = re.compile(_NUMBER, re.ASCII)
_BELOW = re.compile(
    rf"(?:(?:nd|未检出)?\s*[<(]+\s*(?P<sign>{_NUMBER})\s*l?\s*\)?|(?P<suffix>{_NUMBER})\s*\(?\s*(?:l|nd)\s*\)?)",
    re.ASCII | re.IGNORECASE,
)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)


class Parsed(NamedTuple):
    """A value: `mantissa * 10**exponent`, mantissa None where the state has no number."""

    state: State
    mantissa: int | None
    exponent: int


class Problem(NamedTuple):
    """Why a text was not taken, and what to do about it; both in Chinese."""

    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class ValueRule:
    """How one column's values are read.

    `shift` is the power of ten into the indicator's unit. `never_negative` holds for everything but temperature: a
    negative number is then a fault. With `minus_one_is_none` -1 means not monitored, as laboratories and collectors
    write it. `limit` is the column's detection limit in its own unit.
    """

    shift: int = 0
    never_negative: bool = False
    minus_one_is_none: bool = False
    limit: tuple[int, int] | None = None


def half_width(text: str) -> str:
    """Full-width digits, letters and signs as half-width ones, outer blanks removed."""
    return text.strip() if text.isascii() else text.translate(_HALF_WIDTH).strip()


def parse_value(text: str, rule: ValueRule) -> Parsed | Problem:
    """The value of a cell's text under a column's rule, exact, or why it cannot be taken."""
    plain = half_width(text)
    if _PLAIN.fullmatch(plain):
        return _number(plain, rule)
    word = plain.lower()
    if word in _WORDS:
        return Parsed(_WORDS[word], None, 0)
    if "".join(word.split()) in _UNLIMITED:
        return _below_unstated(rule)
    if found := _BELOW.fullmatch(plain):
        return _below(found["sign"] or found["suffix"], rule)
    return Problem(*_why_not(plain, word))


def parse_decimal(text: str) -> tuple[int, int] | Problem:
    """Mantissa and exponent of a plain or scientific number, digits as written, or why not."""
    digits, _, power = text.lower().partition("e")
    whole, _, decimals = digits.partition(".")
    exponent = int(power or 0) - len(decimals)
    significant = (whole + decimals).lstrip("+-0")
    if len(significant) > MAX_DIGITS:
        return Problem(f"有效数字超过{MAX_DIGITS}位，无法确定原始数据", f"改为不超过{MAX_DIGITS}位有效数字的原始数值")
    if abs(exponent + len(significant)) > MAX_POWER or abs(exponent) > MAX_POWER:
        return Problem("数量级超出任何水质或水量数据的范围", "核对数值和科学计数法的指数")
    mantissa = int(significant or "0")  # without leading zeros, of which int() takes only so many
    return (-mantissa if text.startswith("-") else mantissa), exponent


def parse_amount(text: str) -> Fraction | Problem:
    """A volume or a sum of money: a plain number, with or without thousands separators, never negative."""
    plain = half_width(text)
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _PLAIN.fullmatch(plain):
        return Problem(*_why_not(plain, plain.lower()))
    parsed = parse_decimal(plain)
    if isinstance(parsed, Problem):
        return parsed
    amount = Fraction(parsed[0]) * Fraction(10) ** parsed[1]
    return amount if amount >= 0 else Problem("数量不能为负", "核对正负号")


def _number(plain: str, rule: ValueRule) -> Parsed | Problem:
    parsed = parse_decimal(plain)
    if isinstance(parsed, Problem):
        return parsed
    mantissa, exponent = parsed
    if rule.minus_one_is_none and exponent <= 0 and mantissa == -(10**-exponent):
        return Parsed(State.NOT_MONITORED, None, 0)
    if rule.never_negative and mantissa < 0:
        return Problem("数值为负，这个指标不会小于零", "核对正负号；本次未监测写 -1，缺测留空或写 --")
    return Parsed(State.VALUE, mantissa, exponent + rule.shift)


def _below(limit: str, rule: ValueRule) -> Parsed | Problem:
    parsed = parse_decimal(limit)
    if isinstance(parsed, Problem):
        return parsed
    mantissa, exponent = parsed
    if mantissa <= 0:
        return Problem("检出限必须大于零", "填写方法检出限，如 0.025L")
    return Parsed(State.BELOW_LIMIT, mantissa, exponent + rule.shift)


def _below_unstated(rule: ValueRule) -> Parsed | Problem:
    if rule.limit is None:
        return Problem(
            "写明未检出，但没有检出限，无法参与均值计算",
            "改写为“检出限+L”（如 0.025L），或在表头、检出限行、版式文件中给出检出限",
        )
    return Parsed(State.BELOW_LIMIT, rule.limit[0], rule.limit[1] + rule.shift)


def _why_not(plain: str, word: str) -> tuple[str, str]:
    if word == UNCACHED:
        return "公式没有计算结果", "用表格软件打开文件重新计算并保存，或改填数值"
    if word in _ERRORS:
        return f"单元格是公式错误 {plain}", "修正公式或改填数值"
    if plain.startswith((">", "≥")):
        return "只给出下界（大于某值），不是确定的数值", "改填稀释后测得的数值"
    if "~" in plain or "～" in plain:
        return "是一个范围，不是一个数值", "改填单个数值"
    if "," in plain:
        return "数字中有逗号，可能是千分位也可能是小数点", "去掉逗号，小数点用 ."
    return "不是数值，也不是认识的缺测或未检出写法", "改填数值；未检出写“检出限+L”，缺测留空或写 --"
