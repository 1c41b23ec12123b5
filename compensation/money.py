"""Money in integer fen (分), and amounts in the words a cheque uses."""

import re
from fractions import Fraction

from compensation.errors import Fault, IntegrityError
from compensation.rounding import decimal_text, grouped

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿", "亿亿")


def fen_of(amount_yuan: Fraction) -> int:
    """The whole fen of an amount in 元; IntegrityError when it was not rounded to the fen before."""
    amount_fen = amount_yuan * 100
    if amount_fen.denominator != 1:
        raise IntegrityError(
            Fault("金额", f"{amount_yuan} 元不是整数分", "该金额在条款中没有取整到分", "在条款中写明取整规则")
        )
    return amount_fen.numerator


def yuan_text(amount_fen: int) -> str:
    """Such as 1,234,567.80, in 元."""
    return grouped(decimal_text(Fraction(amount_fen, 100), 2))


def wan_yuan_text(amount_fen: int) -> str:
    """Such as 123.45678, in 万元, with all six decimals a fen can need and no idle zeros beyond two."""
    text = grouped(decimal_text(Fraction(amount_fen, 1_000_000), 6))
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def uppercase(amount_fen: int) -> str:
    """人民币大写: 2550 万元 is 人民币贰仟伍佰伍拾万元整; 整 ends an amount in 元 or 角, 负 begins a negative one."""
    yuan, rest = divmod(abs(amount_fen), 100)
    jiao, fen = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif fen and yuan:
        text += "零"
    text += f"{_DIGITS[fen]}分" if fen else "整" if text else "零元整"
    return f"人民币{'负' if amount_fen < 0 else ''}{text}"


def _whole(number: int) -> str:
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text = ""
    for index in reversed(range(len(groups))):
        text += _group(groups[index]) + _GROUPS[index] if groups[index] else "零"
    return re.sub("零+", "零", text).strip("零")


def _group(number: int) -> str:
    text = ""
    for place in reversed(range(4)):
        digit = number // 10**place % 10
        text += _DIGITS[digit] + (_PLACES[place] if digit else "")
    return re.sub("零+", "零", text).rstrip("零")
