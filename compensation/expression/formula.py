"""The spreadsheet formula of a quantity, from the same expression as its number.

Only functions that WPS and Excel 2010 have. Two things a spreadsheet does differently are met here, once:

- It counts in binary doubles, so 1-0.93 is a little less than 0.07. Every comparison, whole part and half-even tie is
  therefore decided on a difference rounded to 9 decimals of the unit, far finer than any figure an agreement names.
- It skips text inside SUM and AVERAGE. A formula whose operands may be missing counts them first and says 未定.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, cast

from compensation.expression.node import Quantity
from compensation.quality.standard import Direction, Limits
from compensation.rounding import plain_text

UNDETERMINED = "未定"


class Cell(NamedTuple):
    """Where a quantity stands in the workbook; `row` and `column` from 1."""

    sheet: str
    row: int
    column: int

    @property
    def local(self) -> str:
        """Such as D5."""
        return f"{column_letters(self.column)}{self.row}"

    def seen_from(self, sheet: str) -> str:
        """Such as D5, or '断面水质'!D5 from another sheet."""
        return self.local if sheet == self.sheet else f"'{self.sheet}'!{self.local}"


CellOf = Callable[[Quantity], Cell | None]

_SUM, _PRODUCT, _ATOM = 1, 2, 3


def column_letters(column: int) -> str:
    """1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def formula(node: Quantity, cell_of: CellOf, sheet: str) -> str:
    """The formula (with its =) of `node` for a cell of `sheet`; its operands are found by `cell_of`."""
    writer = _Writer(cell_of, sheet)
    return "=" + writer.guarded(node, ())


def needs_own_cell(node: Quantity) -> Iterator[Quantity]:
    """The operands of `node` that its formula can only refer to, so that they must stand in a cell themselves."""
    for arg in node.args:
        if arg.op in _PLAIN:
            continue
        if node.op in _REPEATS_OPERAND or arg.op in _MAY_SAY_MISSING or _uncertain_choice(arg):
            yield arg


_PLAIN = frozenset({"leaf", "constant"})
_REPEATS_OPERAND = frozenset({"round_half_even", "round_assessment", "grade"})
_MAY_SAY_MISSING = frozenset({"mean_valid", "total_valid", "ph_mean_valid", "round_assessment", "round_half_even"})


def _uncertain_choice(node: Quantity) -> bool:
    return node.op == "choose" and not all(branch.certain for branch in node.args[1:])


class _Writer:
    def __init__(self, cell_of: CellOf, sheet: str) -> None:
        self._cell_of = cell_of
        self._sheet = sheet
        self._counted: list[Cell] = []

    def guarded(self, node: Quantity, known: Iterable[Cell]) -> str:
        """The text of `node`, said to be 未定 while an operand not `known` to be there is missing."""
        outer, self._counted = self._counted, []
        text, _ = self._write(node)
        known = set(known)
        lacking = [cell for cell in dict.fromkeys(self._counted) if cell not in known]
        self._counted = outer
        if not lacking:
            return text
        return f'IF(COUNT({self._cells(lacking)})<{len(lacking)},"{UNDETERMINED}",{text})'

    def _operand(self, node: Quantity) -> tuple[str, int]:
        cell = self._cell_of(node)
        if cell is None:
            return self._write(node)
        if not node.certain:
            self._counted.append(cell)
        return cell.seen_from(self._sheet), _ATOM

    def _text(self, node: Quantity, above: int) -> str:
        text, strength = self._operand(node)
        return text if strength >= above else f"({text})"

    def _truth(self, node: Quantity) -> str:
        if self._cell_of(node) is not None or node.op not in ("compare", "all_of", "any_of"):
            return f"{self._text(node, _ATOM)}=1"
        return self._condition(node)

    def _condition(self, node: Quantity) -> str:
        """The condition itself, never a reference to the cell it may stand in."""
        if node.op == "compare":
            return self._comparison(node)
        name = "AND" if node.op == "all_of" else "OR"
        return f"{name}({','.join(self._truth(arg) for arg in node.args)})"

    def _comparison(self, node: Quantity) -> str:
        left, right = node.args
        sign = cast("str", node.options[0])
        if _exact_in_a_cell(left) and _exact_in_a_cell(right):
            return f"{self._text(left, _SUM)}{sign}{self._text(right, _SUM)}"
        return f"ROUND({self._text(left, _SUM)}-{self._text(right, _PRODUCT)},9){sign}0"

    def _write(self, node: Quantity) -> tuple[str, int]:
        return _FORMS[node.op](self, node)

    def _cells(self, cells: Sequence[Cell]) -> str:
        return ",".join(ranges(cells, self._sheet))

    def _arguments(self, nodes: Sequence[Quantity], *, count: bool) -> str:
        cells = [self._cell_of(node) for node in nodes]
        if all(cell is not None for cell in cells):
            there = cast("list[Cell]", cells)
            if count:
                self._counted += [cell for cell, node in zip(there, nodes, strict=True) if not node.certain]
            return self._cells(there)
        return ",".join(self._text(node, _SUM) for node in nodes)

    # one method per operation

    def leaf(self, node: Quantity) -> tuple[str, int]:
        if not isinstance(node.value, Fraction):
            return f'"{UNDETERMINED}"', _ATOM
        return plain_text(node.value), _ATOM if node.value.denominator == 1 and node.value >= 0 else _PRODUCT

    def sum(self, node: Quantity) -> tuple[str, int]:
        if len(node.args) > 2 and all(self._cell_of(arg) is not None for arg in node.args):
            return f"SUM({self._arguments(node.args, count=True)})", _ATOM
        return "+".join(self._text(arg, _SUM) for arg in node.args), _SUM

    def subtract(self, node: Quantity) -> tuple[str, int]:
        left, right = node.args
        return f"{self._text(left, _SUM)}-{self._text(right, _PRODUCT)}", _SUM

    def multiply(self, node: Quantity) -> tuple[str, int]:
        return "*".join(self._text(arg, _PRODUCT) for arg in node.args), _PRODUCT

    def divide(self, node: Quantity) -> tuple[str, int]:
        left, right = node.args
        return f"{self._text(left, _PRODUCT)}/{self._text(right, _ATOM)}", _PRODUCT

    def convert(self, node: Quantity) -> tuple[str, int]:
        factor = cast("Fraction", node.options[0])
        text = self._text(node.args[0], _PRODUCT)
        return (f"{text}*{factor}" if factor.denominator == 1 else f"{text}/{1 / factor}"), _PRODUCT

    def extreme(self, node: Quantity) -> tuple[str, int]:
        return f"{'MAX' if node.op == 'maximum' else 'MIN'}({self._arguments(node.args, count=True)})", _ATOM

    def round_half_up(self, node: Quantity) -> tuple[str, int]:
        return f"ROUND({self._text(node.args[0], _SUM)},{node.options[0]})", _ATOM

    def round_half_even(self, node: Quantity) -> tuple[str, int]:
        return _half_even(self._text(node.args[0], _ATOM), str(node.options[0])), _PRODUCT

    def round_assessment(self, node: Quantity) -> tuple[str, int]:
        value, decimals = self._text(node.args[0], _ATOM), str(node.options[0])
        rounded = _half_even(value, decimals)
        one_digit = _half_even(value, f"-INT(ROUND(LOG10({value}),9))")
        return f"IF(AND({value}>0,{rounded}=0),{one_digit},{rounded})", _ATOM

    def floor(self, node: Quantity) -> tuple[str, int]:
        return f"INT(ROUND({self._text(node.args[0], _SUM)},9))", _ATOM

    def ceil(self, node: Quantity) -> tuple[str, int]:
        return f"-INT(-ROUND({self._text(node.args[0], _SUM)},9))", _SUM

    def whole_quotient(self, node: Quantity) -> tuple[str, int]:
        left, right = node.args
        return f"INT({self._text(left, _PRODUCT)}/{self._text(right, _ATOM)})", _ATOM

    def condition(self, node: Quantity) -> tuple[str, int]:
        return f"IF({self._condition(node)},1,0)", _ATOM

    def choose(self, node: Quantity) -> tuple[str, int]:
        condition, then, otherwise = node.args
        truth = self._truth(condition)
        known = tuple(self._counted)
        branches = (self._branch(then, known), self._branch(otherwise, known))
        return f"IF({truth},{branches[0]},{branches[1]})", _ATOM

    def _branch(self, node: Quantity, known: tuple[Cell, ...]) -> str:
        cell = self._cell_of(node)
        return cell.seen_from(self._sheet) if cell is not None else self.guarded(node, known)

    def grade(self, node: Quantity) -> tuple[str, int]:
        value = self._text(node.args[0], _ATOM)
        limits = cast("Limits", node.options[0])
        if limits.direction is Direction.WITHIN:
            low, high = map(plain_text, limits.bounds)
            return f"IF(AND({value}>={low},{value}<={high}),1,6)", _ATOM
        sign = "<=" if limits.direction is Direction.AT_MOST else ">="
        text = str(len(limits.bounds) + 1)
        for rank, bound in reversed(list(enumerate(limits.bounds, start=1))):
            text = f"IF({value}{sign}{plain_text(bound)},{rank},{text})"
        return text, _ATOM

    def valid(self, node: Quantity) -> tuple[str, int]:
        outside = list(self._counted)
        cells = self._arguments(node.args, count=False)
        if node.op == "ph_mean_valid":
            body = f"ROUND(-LOG10({self._hydrogen_ions(node)}/COUNT({cells})),{node.options[-1]})"
        else:
            body = f"{'AVERAGE' if node.op == 'mean_valid' else 'SUM'}({cells})"
        self._counted = outside  # what is missing is left out here, and makes nothing else missing
        at_least = max(1, cast("int", node.options[0]))
        return f'IF(COUNT({cells})<{at_least},"{UNDETERMINED}",{body})', _ATOM

    def _hydrogen_ions(self, node: Quantity) -> str:
        """The sum of 10^-pH, cell by cell: over a range it would be an array formula, and trip over text."""
        texts = [self._text(arg, _ATOM) for arg in node.args]
        terms = [f"IF(ISNUMBER({text}),10^-{text},0)" for text in texts]
        return f"SUM({','.join(terms)})"


_FORMS: dict[str, Callable[[_Writer, Quantity], tuple[str, int]]] = {
    "leaf": _Writer.leaf,
    "constant": _Writer.leaf,
    "sum": _Writer.sum,
    "subtract": _Writer.subtract,
    "multiply": _Writer.multiply,
    "divide": _Writer.divide,
    "convert": _Writer.convert,
    "maximum": _Writer.extreme,
    "minimum": _Writer.extreme,
    "round_half_up": _Writer.round_half_up,
    "round_half_even": _Writer.round_half_even,
    "round_assessment": _Writer.round_assessment,
    "floor": _Writer.floor,
    "ceil": _Writer.ceil,
    "whole_quotient": _Writer.whole_quotient,
    "compare": _Writer.condition,
    "all_of": _Writer.condition,
    "any_of": _Writer.condition,
    "choose": _Writer.choose,
    "grade": _Writer.grade,
    "mean_valid": _Writer.valid,
    "total_valid": _Writer.valid,
    "ph_mean_valid": _Writer.valid,
}


def _exact_in_a_cell(node: Quantity) -> bool:
    return node.op in ("leaf", "constant", "round_half_up", "round_half_even", "round_assessment", "grade")


def _half_even(value: str, decimals: str) -> str:
    scaled = f"{value}*10^({decimals})" if not decimals.isdigit() else f"{value}*{10 ** int(decimals)}"
    back = f"10^({decimals})" if not decimals.isdigit() else str(10 ** int(decimals))
    return f"IF(ROUND({scaled}-INT({scaled}),9)=0.5,2*ROUND({scaled}/2,0),ROUND({scaled},0))/{back}"


def ranges(cells: Sequence[Cell], sheet: str) -> Iterator[str]:
    """Cells that follow each other down a column or along a row, written as ranges."""
    at = 0
    while at < len(cells):
        first = cells[at]
        end = at
        for step in ((1, 0), (0, 1)):
            end = at
            while end + 1 < len(cells) and cells[end + 1] == Cell(
                first.sheet, cells[end].row + step[0], cells[end].column + step[1]
            ):
                end += 1
            if end > at:
                break
        yield first.seen_from(sheet) + (f":{cells[end].local}" if end > at else "")
        at = end + 1
