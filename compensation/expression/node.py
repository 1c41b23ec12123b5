"""The node: a quantity with its value, unit, label, and the operation and operands it came from.

Rules are written with these as plain arithmetic. The shape of an expression depends on the agreement and on which
data exist; everything that depends on a *value* (a class, a tier, a direction) is inside the expression, so that the
explanation and the spreadsheet formula can follow the number wherever a changed value takes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from compensation.expression.missing import Missing, MissingItem
from compensation.expression.ops import EVALUATE, Options
from compensation.expression.unit import CLASS, FEN, RATIO, Unit, UnitError
from compensation.quality.standard import Limits

Value: TypeAlias = Fraction | Missing
Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False, init=False)
class Quantity:
    """An exact value that remembers how it came about. Compared by identity: two equal numbers are two quantities.

    `value` is a Fraction in `unit`, or Missing. `key` names a leaf (a parameter or a piece of evidence). `certain`
    says that no leaf below can be missing. `clause` is the article the step stands on, `source` where a leaf is from.
    """

    op: str
    args: tuple["Quantity", ...]
    unit: Unit
    value: Value
    options: Options
    label: str
    clause: str
    key: Key | None
    source: str
    certain: bool

    def __init__(
        self,
        op: str,
        args: tuple["Quantity", ...],
        unit: Unit,
        value: Value,
        options: Options = (),
        label: str = "",
        clause: str = "",
        key: Key | None = None,
        source: str = "",
        certain: bool = True,
    ) -> None:
        """Set every field. Thousands are made in a settlement, and what dataclass generates takes twice as long."""
        _OP(self, op)
        _ARGS(self, args)
        _UNIT(self, unit)
        _VALUE(self, value)
        _OPTIONS(self, options)
        _LABEL(self, label)
        _CLAUSE(self, clause)
        _KEY(self, key)
        _SOURCE(self, source)
        _CERTAIN(self, certain)

    def __repr__(self) -> str:
        """One line: what it is and its value. The operands are left out, since a tree that shares them has no end."""
        value = self.value if isinstance(self.value, Fraction) else "未定"
        return f"<{self.op} {self.label or self.key or ''} = {value} {self.unit.symbol}>"

    def named(self, label: str, clause: str = "") -> "Quantity":
        """The same quantity under a Chinese label (and the clause it stands on)."""
        return Quantity(
            self.op,
            self.args,
            self.unit,
            self.value,
            self.options,
            label,
            clause or self.clause,
            self.key,
            self.source,
            self.certain,
        )

    def to(self, unit: Unit) -> "Quantity":
        """The same amount in another unit of its kind; UnitError when there is none."""
        if not self.unit.same_kind(unit):
            raise UnitError(f"“{self.unit.symbol}”不能换算为“{unit.symbol}”")
        if self.unit.interchangeable(unit):
            return self
        return _node("convert", (self,), unit, (self.unit.scale / unit.scale,))

    def __add__(self, other: "Quantity") -> "Quantity":
        return total([self, other])

    def __sub__(self, other: "Quantity") -> "Quantity":
        _require_same(self, other)
        return _node("subtract", (self, other), self.unit)

    def __mul__(self, other: "Quantity") -> "Quantity":
        return _node("multiply", (self, other), self.unit * other.unit)

    def __truediv__(self, other: "Quantity") -> "Quantity":
        return _node("divide", (self, other), self.unit / other.unit)

    def __le__(self, other: "Quantity") -> "Quantity":
        return _compare("<=", self, other)

    def __lt__(self, other: "Quantity") -> "Quantity":
        return _compare("<", self, other)

    def __ge__(self, other: "Quantity") -> "Quantity":
        return _compare(">=", self, other)

    def __gt__(self, other: "Quantity") -> "Quantity":
        return _compare(">", self, other)

    def equals(self, other: "Quantity") -> "Quantity":
        """The condition that both amounts are the same."""
        return _compare("=", self, other)

    def rounded_half_up(self, decimals: int) -> "Quantity":
        """四舍五入 to `decimals` places of its unit."""
        return _node("round_half_up", (self,), self.unit, (decimals,))

    def whole_fen(self) -> "Quantity":
        """The same amount of 元 or 分, whole fen already; the rounding is for spreadsheets, binary as they are."""
        return self.rounded_half_up(0 if self.unit == FEN else 2)

    def rounded_half_even(self, decimals: int) -> "Quantity":
        """GB/T 8170 修约 to `decimals` places of its unit."""
        return _node("round_half_even", (self,), self.unit, (decimals,))

    def rounded_for_assessment(self, decimals: int) -> "Quantity":
        """GB/T 8170, but a result that would become zero keeps one significant digit (统计技术规定)."""
        return _node("round_assessment", (self,), self.unit, (decimals,))

    def floor(self) -> "Quantity":
        """The whole part, downwards."""
        return _node("floor", (self,), self.unit)

    def ceil(self) -> "Quantity":
        """The next whole number, upwards: every started step counts."""
        return _node("ceil", (self,), self.unit)

    def whole_quotient(self, divisor: "Quantity") -> "Quantity":
        """How often `divisor` goes wholly into this; both whole numbers, not negative, `divisor` not zero."""
        return _node("whole_quotient", (self, divisor), self.unit / divisor.unit)

    def graded(self, limits: Limits) -> "Quantity":
        """The water-quality class 1..6 that the value meets."""
        return _node("grade", (self,), CLASS, (limits,))


_OP, _ARGS, _UNIT, _VALUE, _OPTIONS, _LABEL, _CLAUSE, _KEY, _SOURCE, _CERTAIN = (
    getattr(Quantity, field.name).__set__ for field in fields(Quantity)
)


def _node(op: str, args: tuple[Quantity, ...], unit: Unit, options: Options = ()) -> Quantity:
    value = EVALUATE[op](tuple([arg.value for arg in args]), options)
    return Quantity(op, args, unit, value, options, certain=False not in [arg.certain for arg in args])


def _require_same(*quantities: Quantity) -> None:
    first = quantities[0]
    unit = first.unit
    for other in quantities:
        # nearly always the very same unit; the comparison of scales is for those made on the way
        if other.unit is not unit and not unit.interchangeable(other.unit):
            raise UnitError(
                f"“{first.label or first.op}”（{first.unit.symbol or '无量纲'}）与"
                f"“{other.label or other.op}”（{other.unit.symbol or '无量纲'}）单位不同，不能相加或比较"
            )


def _compare(sign: str, left: Quantity, right: Quantity) -> Quantity:
    _require_same(left, right)
    return _node("compare", (left, right), RATIO, (sign,))


def leaf(key: Key, value: Value, unit: Unit, label: str, source: str, *, certain: bool = False) -> Quantity:
    """A value that was given, not computed: a parameter of the agreement (certain) or a piece of evidence."""
    return Quantity("leaf", (), unit, value, (), label, "", key, source, certain)


@lru_cache(maxsize=1024)
def constant(value: Fraction | int, unit: Unit = RATIO) -> Quantity:
    """A number that belongs to the arithmetic itself (0, 1, 100); never a figure of an agreement."""
    return Quantity("constant", (), unit, Fraction(value))


def total(parts: Sequence[Quantity]) -> Quantity:
    """The sum; missing as soon as one part is missing."""
    _require_same(*parts)
    return _node("sum", tuple(parts), parts[0].unit)


def maximum(parts: Sequence[Quantity]) -> Quantity:
    """The largest."""
    _require_same(*parts)
    return parts[0] if len(parts) == 1 else _node("maximum", tuple(parts), parts[0].unit)


def minimum(parts: Sequence[Quantity]) -> Quantity:
    """The smallest."""
    _require_same(*parts)
    return parts[0] if len(parts) == 1 else _node("minimum", tuple(parts), parts[0].unit)


def choose(condition: Quantity, then: Quantity, otherwise: Quantity) -> Quantity:
    """`then` where the condition holds, else `otherwise`; the branch not taken may be missing."""
    _require_same(then, otherwise)
    return _node("choose", (condition, then, otherwise), then.unit)


def all_of(conditions: Sequence[Quantity]) -> Quantity:
    """Holds when every condition holds."""
    return conditions[0] if len(conditions) == 1 else _node("all_of", tuple(conditions), RATIO)


def any_of(conditions: Sequence[Quantity]) -> Quantity:
    """Holds when at least one condition holds."""
    return conditions[0] if len(conditions) == 1 else _node("any_of", tuple(conditions), RATIO)


def mean_valid(parts: Sequence[Quantity], at_least: int, lacking: MissingItem) -> Quantity:
    """The mean of the parts that are there; missing (`lacking`) when fewer than `at_least` are."""
    _require_same(*parts)
    return _valid("mean_valid", parts, at_least, lacking)


def total_valid(parts: Sequence[Quantity], at_least: int, lacking: MissingItem) -> Quantity:
    """The sum of the parts that are there; missing (`lacking`) when fewer than `at_least` are.

    Only for a provisional result (暂算), which says on every page that it leaves months out.
    """
    _require_same(*parts)
    return _valid("total_valid", parts, at_least, lacking)


def ph_mean_valid(parts: Sequence[Quantity], at_least: int, lacking: MissingItem, decimals: int) -> Quantity:
    """The mean pH through [H+], correctly rounded to `decimals`: the exact mean is no rational number."""
    return _valid("ph_mean_valid", parts, at_least, lacking, decimals)


def _valid(op: str, parts: Sequence[Quantity], at_least: int, lacking: MissingItem, *more: int) -> Quantity:
    return _node(op, tuple(parts), parts[0].unit, (at_least, lacking, *more))
