"""The explanation of a quantity in Chinese, step by step, from the same expression as its number.

A labelled quantity is a step; what lies between two labels is written out inside the step as arithmetic, once with
names and once with numbers. An expression shares its parts: a step that is needed in several places is told in full in
one of them, numbered there, and the others refer to that number. So a derivation ends at any depth.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, cast

from compensation.expression.missing import Missing
from compensation.expression.node import Quantity
from compensation.quality.classes import class_name
from compensation.quality.standard import Direction, Limits
from compensation.rounding import decimal_text, grouped, plain_text

Namer = Callable[[Quantity], str | None]
BelowLeaf = Callable[[Quantity], "tuple[Step, ...]"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is, its value, how it follows from the steps below it, and the clause or source.

    `number` is 0 unless other places refer to the step; such a place has the number in `see`, and no arithmetic and
    nothing below of its own.
    """

    label: str
    value: str
    in_words: str
    in_numbers: str
    clause: str
    source: str
    below: tuple["Step", ...]
    exact: str = ""  # the value as an exact number, such as 1/3; empty where it is 未定 or no number of its own
    unit: str = ""
    number: int = 0
    see: int = 0


SCHEMA = 2
"""The version of the steps as plain data; docs/explain-schema.json says what they hold."""

ALL = 99
"""More levels than any derivation has."""


def as_data(step: Step) -> dict[str, Any]:
    """A step and all below it as plain data, by the schema."""
    own = {name: getattr(step, name) for name in _FIELDS}
    return {**own, "below": [as_data(below) for below in step.below]}


_FIELDS = ("number", "see", "label", "value", "exact", "unit", "in_words", "in_numbers", "clause", "source")


def explain(node: Quantity, depth: int = ALL) -> Step:
    """The steps that lead to `node`, `depth` levels of them."""
    return explain_together([node], depth)[0]


def explain_together(
    nodes: Sequence[Quantity], depth: int = ALL, below_leaf: BelowLeaf = lambda _: ()
) -> tuple[Step, ...]:
    """The same for several quantities, telling once what they share; `below_leaf` says what a leaf itself rests on."""
    return _Telling(nodes, depth, below_leaf).steps


class _Telling:
    """Tells each step at its shallowest place, the first of several, where most levels of it are left to be shown."""

    def __init__(self, nodes: Sequence[Quantity], depth: int, below_leaf: BelowLeaf) -> None:
        self._level: dict[int, int] = {}
        self._below: dict[int, Sequence[Quantity]] = {}
        self._rows: dict[int, tuple[Step, ...]] = {}
        self._places = Counter(id(node) for node in nodes)
        self._numbers: dict[int, int] = {}
        self._look(nodes, depth, below_leaf)
        told: set[int] = set()
        for node in nodes:
            self._number(node, 0, told)
        told.clear()
        self.steps = tuple([self._tell(node, 0, told) for node in nodes])

    def _look(self, nodes: Sequence[Quantity], depth: int, below_leaf: BelowLeaf) -> None:
        """Find, level by level, at which level each step comes first, in how many places, and what is below it."""
        here = nodes
        for level in range(depth + 1):
            new = {id(node): node for node in here if id(node) not in self._level}
            for each, node in new.items():
                self._level[each] = level
                self._below[each] = tuple(steps_below(node)) if level < depth else ()
                self._places.update(id(below) for below in self._below[each])
                self._rows[each] = below_leaf(node) if node.op == "leaf" and level < depth else ()
            here = [below for each in new for below in self._below[each]]

    def _number(self, node: Quantity, level: int, told: set[int]) -> None:
        """Number the steps that several places need, in the order in which they are told."""
        if not self._here(node, level, told):
            return
        if self._places[id(node)] > 1 and (not _given(node) or self._rows[id(node)]):
            self._numbers[id(node)] = len(self._numbers) + 1
        for each in self._below[id(node)]:
            self._number(each, level + 1, told)

    def _here(self, node: Quantity, level: int, told: set[int]) -> bool:
        """Whether this is the place where a step is told."""
        if level > self._level[id(node)] or id(node) in told:
            return False
        told.add(id(node))
        return True

    def _tell(self, node: Quantity, level: int, told: set[int]) -> Step:
        here, number = self._here(node, level, told), self._numbers.get(id(node), 0)
        if number and not here:
            return replace(_own(node), in_words="", in_numbers="", see=number)
        below = [self._tell(each, level + 1, told) for each in self._below[id(node)]]
        return replace(_own(node), below=(*below, *self._rows[id(node)]), number=number)


def _given(node: Quantity) -> bool:
    """Whether the value was given and not computed; told again, it takes no more room than a reference."""
    return node.op in ("leaf", "constant")


def _own(node: Quantity) -> Step:
    """A step with nothing below it."""
    given = _given(node)
    words = _top(node, lambda n: n.label or None)
    numbers = "" if given else _top(node, lambda n: value_text(n) if n.label else None)
    exact = str(node.value) if isinstance(node.value, Fraction) else ""
    told = node.label or words, value_text(node), "" if given else words, numbers
    return Step(*told, node.clause, node.source, (), exact, node.unit.symbol)


def steps_below(node: Quantity) -> Iterator[Quantity]:
    """The nearest labelled quantities below `node`, each once, in the order they are written."""
    seen: set[int] = set()

    def walk(arg: Quantity) -> Iterator[Quantity]:
        if id(arg) in seen:
            return
        seen.add(id(arg))
        if arg.label:
            yield arg
        else:
            for deeper in arg.args:
                yield from walk(deeper)

    for arg in node.args:
        yield from walk(arg)


def value_text(node: Quantity) -> str:
    """The value as an official reads it, with its unit; 未定 when it is missing."""
    if isinstance(node.value, Missing):
        return "未定"
    if node.unit.symbol == "类" and 1 <= node.value <= 6 and not _counts_classes(node):
        return f"{class_name(int(node.value))}类"
    return _with_unit(number_for_reading(node.value, money=node.unit.dims == (("元", 1),)), node.unit.symbol)


def _counts_classes(node: Quantity) -> bool:
    """Whether the value is a number of classes, such as two classes better, also after a floor or cap."""
    if node.op in ("maximum", "minimum", "choose"):
        return any(_counts_classes(arg) for arg in node.args if arg.unit.symbol == "类")
    return node.op == "subtract" or (node.op == "constant" and not 1 <= cast("Fraction", node.value) <= 6)


def number_for_reading(value: Fraction, *, money: bool = False) -> str:
    """Thousands separated; money with at least two decimals; an endless decimal cut at six and marked 约."""
    if money and (value * 100).denominator == 1:
        return grouped(decimal_text(value, 2))
    text = plain_text(value)
    if "/" in text and len(text) <= 7:
        return text
    if "/" in text or len(text.partition(".")[2]) > 12:
        return f"约{grouped(decimal_text(value, 6))}"
    return grouped(text)


def _with_unit(text: str, symbol: str) -> str:
    return text + symbol if symbol in ("", "%", "类") else f"{text} {symbol}"


def _top(node: Quantity, name: Namer) -> str:
    return _SENTENCES[node.op](node, lambda arg: _inline(arg, name))


def _inline(node: Quantity, name: Namer) -> str:
    known = name(node)
    if known is not None:
        return known
    if node.op in ("leaf", "constant"):
        return value_text(node)
    text = _SENTENCES[node.op](node, lambda arg: _inline(arg, name))
    return f"（{text}）" if node.op in _NEEDS_BRACKETS else text


Sentence = Callable[[Quantity, Callable[[Quantity], str]], str]
_NEEDS_BRACKETS = frozenset({"sum", "subtract", "divide", "multiply", "choose", "any_of", "all_of"})
_SIGNS = {"<=": "≤", "<": "＜", ">=": "≥", ">": "＞", "=": "＝"}


def _joined(sign: str) -> Sentence:
    return lambda node, show: f" {sign} ".join(show(arg) for arg in node.args)


def _called(name: str) -> Sentence:
    return lambda node, show: f"{name}（{'，'.join(show(arg) for arg in node.args)}）"


def _converted(node: Quantity, show: Callable[[Quantity], str]) -> str:
    return f"{show(node.args[0])}（换算为{node.unit.symbol or '比值'}）"


def _rounded(how: str) -> Sentence:
    def sentence(node: Quantity, show: Callable[[Quantity], str]) -> str:
        decimals = cast("int", node.options[0])
        where = "分" if node.unit.symbol == "元" and decimals == 2 else f"小数点后 {decimals} 位"
        return f"{show(node.args[0])}，{how}到{where}"

    return sentence


def _chosen(node: Quantity, show: Callable[[Quantity], str]) -> str:
    condition, then, otherwise = node.args
    if isinstance(condition.value, Missing):
        return f"若 {show(condition)} 则 {show(then)}，否则 {show(otherwise)}"
    held, taken = ("成立", then) if condition.value else ("不成立", otherwise)
    return f"因 {show(condition)} {held}，取 {show(taken)}"


def _graded(node: Quantity, show: Callable[[Quantity], str]) -> str:
    limits = cast("Limits", node.options[0])
    texts = "、".join(plain_text(bound) for bound in limits.bounds)
    way = {Direction.AT_MOST: "不大于", Direction.AT_LEAST: "不小于", Direction.WITHIN: "介于"}[limits.direction]
    return f"{show(node.args[0])} 与各类限值（{way} {texts}）比较"


def _over_valid(what: str) -> Sentence:
    def sentence(node: Quantity, _: Callable[[Quantity], str]) -> str:
        there = sum(isinstance(arg.value, Fraction) for arg in node.args)
        return f"{there} 个有效值的{what}（至少 {node.options[0]} 个）"

    return sentence


def _plain(node: Quantity, _: Callable[[Quantity], str]) -> str:
    return value_text(node)


_SENTENCES: dict[str, Sentence] = {
    "leaf": _plain,
    "constant": _plain,
    "sum": _joined("＋"),
    "subtract": _joined("－"),
    "multiply": _joined("×"),
    "divide": _joined("÷"),
    "convert": _converted,
    "maximum": _called("取最大"),
    "minimum": _called("取最小"),
    "round_half_up": _rounded("四舍五入"),
    "round_half_even": _rounded("四舍六入五成双修约"),
    "round_assessment": _rounded("按 GB/T 8170 修约"),
    "floor": lambda node, show: f"{show(node.args[0])} 取整数部分",
    "ceil": lambda node, show: f"{show(node.args[0])} 向上取整",
    "whole_quotient": lambda node, show: f"{show(node.args[0])} ÷ {show(node.args[1])} 取整数部分",
    "compare": lambda node, show: f"{show(node.args[0])} {_SIGNS[cast('str', node.options[0])]} {show(node.args[1])}",
    "all_of": _joined("且"),
    "any_of": _joined("或"),
    "choose": _chosen,
    "grade": _graded,
    "mean_valid": _over_valid("算术平均"),
    "total_valid": _over_valid("合计"),
    "ph_mean_valid": _over_valid("氢离子浓度平均"),
}
