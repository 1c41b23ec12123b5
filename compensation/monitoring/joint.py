"""Two-station joint sheets (两站联合监测): an upstream row, a downstream row, a mean that is checked, not imported.

In a turned table they are columns of the file, which the table's layout calls rows.
"""

from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from compensation.monitoring.headers import Role, folded
from compensation.monitoring.layout import Column, Row, TableLayout
from compensation.monitoring.parsed import ReadOptions
from compensation.monitoring.records import State
from compensation.monitoring.values import Parsed, Problem, ValueRule, parse_value
from compensation.monitoring.wide import value_rule
from compensation.quality.means import mean, ph_mean, substitute
from compensation.quality.standard import PH
from compensation.rounding import decimal_text, half_even, half_up

MEAN_WORDS = frozenset({"均值", "平均", "平均值", "两站均值", "上下游均值", "均值行"})
_PAIR = 2


class MeanRows:
    """Follows the rows of a wide table and checks each mean row against the two rows above it."""

    def __init__(self, layout: TableLayout, options: ReadOptions) -> None:
        section = layout.of(Role.SECTION)
        self._section = section.number - 1 if section else 0
        self._layout = layout
        self._rules = [
            (column, value_rule(column.indicator or "", column.shift, column.limit, layout.method, options))
            for column in layout.indicators
            if column.role is Role.INDICATOR
        ]
        # One more than a pair, to know when there are too many.
        self._group: deque[Row] = deque(maxlen=_PAIR + 1)
        self.is_proved = False

    def is_mean(self, row: Row) -> bool:
        """Whether this row is a mean; any other row that is not empty is remembered."""
        cells = row[1]
        first = cells[0] or next(filter(None, cells), "")
        if cells[self._section] in MEAN_WORDS or _says_mean(first):
            return True
        if first:
            self.follow(row)
        return False

    def follow(self, row: Row) -> None:
        """Remember a row that is no mean."""
        self._group.append(row)

    def faults(self, row: Row) -> list[tuple[int | None, Problem]]:
        """Where the mean of exactly two rows above is not what the row says; the next group begins below it.

        `is_proved` then says whether all that the row says was compared, and agreed.
        """
        group = list(self._group)
        self._group.clear()
        self.is_proved = False
        if len(group) != _PAIR:
            return []
        found: list[tuple[int | None, Problem]] = []
        stands = []
        for column, rule in self._rules:
            above = [parse_value(cells[column.number - 1], rule) for _, cells in group]
            stated = parse_value(row[1][column.number - 1], rule)
            expected = _expected(column, above)
            if isinstance(stated, Parsed) and stated.mantissa is None:
                continue
            stands.append(expected is not None and isinstance(stated, Parsed))
            if expected is None or not isinstance(stated, Parsed):
                continue
            if not _agrees(stated, expected):
                told = "或 ".join(dict.fromkeys(_shown(each, stated, rule) for each in expected))
                lines = "、".join(self._layout.line(number) for number, _ in group)
                noun = "列" if self._layout.turned else "行"
                why = f"均值与上下游两{noun}不符：由{lines}算得 {told}"
                found.append((column.number, Problem(why, f"核对三{noun}的数值；均值不入库，由系统另行计算")))
        self.is_proved = bool(stands) and all(stands) and not found
        return found


@lru_cache(maxsize=4096)  # most rows begin with the name of a place or with a time, and these are few
def _says_mean(text: str) -> bool:
    return folded(text) in MEAN_WORDS


def _expected(column: Column, above: Sequence[Parsed | Problem]) -> tuple[Fraction, ...] | None:
    """The mean of what was measured, non-detects by half their limit; of pH also the one through [H+]."""
    values = []
    for each in above:
        if not isinstance(each, Parsed):
            return None
        if each.mantissa is not None:
            value = each.mantissa * Fraction(10) ** each.exponent
            values.append(substitute(value) if each.state is State.BELOW_LIMIT else value)
    if not values:
        return None
    return (mean(values), ph_mean(values)) if column.indicator == PH else (mean(values),)


def _agrees(stated: Parsed, expected: Sequence[Fraction]) -> bool:
    assert stated.mantissa is not None
    value = stated.mantissa * Fraction(10) ** stated.exponent
    if stated.state is State.BELOW_LIMIT:
        return any(each <= value for each in expected)
    decimals = max(0, -stated.exponent)
    return any(value in (half_even(each, decimals), half_up(each, decimals)) for each in expected)


def _shown(value: Fraction, stated: Parsed, rule: ValueRule) -> str:
    """The expected mean in the column's own unit, with one decimal more than was stated."""
    return decimal_text(value / Fraction(10) ** rule.shift, max(0, rule.shift - stated.exponent) + 1)
