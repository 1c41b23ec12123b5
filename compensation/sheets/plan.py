"""Which cell each quantity of a settlement stands in.

Two quantities with the same operation on the same operands are one here: a party's share and the line that pays it
out are the same cell, and every formula that needs it refers to that cell. Explicit places come first (leaves,
section values, charges, sums); whatever else a formula needs gets a helper cell through `helpers`.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from fractions import Fraction

from compensation.errors import Fault, IntegrityError
from compensation.expression import Quantity, maximum, minimum, total
from compensation.expression.formula import Cell, formula, needs_own_cell, ranges

EXCEL_FORMULA_LIMIT = 8192
EXCEL_NESTING_LIMIT = 64
# A formula that a person can still follow when it is clicked on.
_LONGEST_INLINE = 24
_LONGEST_SUM = 40
_GIVEN = ("leaf", "constant")

Place = Callable[[Quantity, str], Cell]


class Plan:
    """Homes of quantities, and their formulas."""

    def __init__(self) -> None:
        self._identities: dict[Hashable, int] = {}
        self._identity_of: dict[int, int] = {}
        self._homes: dict[int, Cell] = {}
        self._placed: list[Quantity] = []
        self._kept: list[Quantity] = []
        self._written_as: dict[int, Quantity] = {}

    def identity(self, node: Quantity) -> int:
        """The same number for quantities that are the same leaf, or the same operation on the same operands."""
        known = self._identity_of.get(id(node))
        if known is not None:
            return known
        for below in _in_order(node, self._identity_of):
            key = self._key(below)
            self._identity_of[id(below)] = self._identities.setdefault(key, len(self._identities))
            self._kept.append(below)  # an id is only the object's own while the object lives
        return self._identity_of[id(node)]

    def _key(self, node: Quantity) -> Hashable:
        if node.op == "leaf":
            return ("leaf", node.key)
        if node.op == "constant":
            return ("constant", node.value, node.unit.symbol)
        return (node.op, node.options, tuple(self._identity_of[id(arg)] for arg in node.args))

    def home(self, node: Quantity) -> Cell | None:
        """The cell in which the quantity stands."""
        return None if node.op == "constant" else self._homes.get(self.identity(node))

    def place(self, node: Quantity, cell: Cell) -> bool:
        """Give the quantity a home; False when it has one already, or is a number of the arithmetic itself."""
        if node.op == "constant" or self.identity(node) in self._homes:
            return False
        self._homes[self.identity(node)] = cell
        self._placed.append(node)
        return True

    @property
    def placed(self) -> tuple[Quantity, ...]:
        """Every quantity that has a home, in the order in which the homes were given."""
        return tuple(self._placed)

    def everything(self) -> list[Quantity]:
        """Every distinct quantity at or below those that have a home, operands first."""
        return list(self._below(self._placed))

    def formula(self, node: Quantity, sheet: str) -> str:
        """The live formula of the quantity for its own cell on `sheet`; IntegrityError when Excel could not hold it."""
        text = formula(self._written_as.get(self.identity(node), node), self.home, sheet)
        too_deep = text.count("(") >= EXCEL_NESTING_LIMIT and nesting(text) >= EXCEL_NESTING_LIMIT
        if len(text) >= EXCEL_FORMULA_LIMIT or too_deep:
            raise IntegrityError(
                Fault(
                    f"工作簿公式“{node.label or node.op}”",
                    f"公式长 {len(text)} 字符、嵌套 {nesting(text)} 层，超出电子表格的上限",
                    "一个算式引用了过多的单元格",
                    "停止使用，并报告本软件维护者",
                )
            )
        return text

    def leads_to(self, node: Quantity, sheet: str) -> Cell | None:
        """The nearest cell on `sheet` that `node` is computed from; None when nothing below it stands there."""
        level, seen = list(node.args), {id(node)}
        while level:
            below: list[Quantity] = []
            for arg in level:
                if id(arg) in seen:
                    continue
                seen.add(id(arg))
                home = self.home(arg)
                if home is not None and home.sheet == sheet:
                    return home
                below += arg.args
            level = below
        return None

    def helpers(self, place: Place) -> None:
        """Give a helper cell to everything below the placed quantities that needs one.

        `place` gets the quantity and what to call it: its label, or that of the step it is a part of.
        """
        known = {self.identity(node) for node in self._placed}
        nodes = list(self._below(self._placed))
        identity_of = self._identity_of  # of all of them, now that they were gone through
        users: Counter[int] = Counter()
        required: set[int] = set()
        for node in nodes:
            users.update({identity_of[id(arg)] for arg in node.args})
            required |= {identity_of[id(arg)] for arg in needs_own_cell(node)}
        labels = self._labels(nodes)
        sizes: dict[int, int] = {}
        for node in nodes:
            key = identity_of[id(node)]
            size = 1 + sum(sizes.get(identity_of[id(arg)], 0) for arg in node.args)
            if key not in known and self._wants_home(node, size, key in required, users[key]):
                self.place(node, place(node, labels[key]))
            sizes[key] = 1 if key in self._homes else size
        self._shorten(nodes, labels, place)

    def _wants_home(self, node: Quantity, size: int, required: bool, users: int) -> bool:
        if node.op == "constant":
            return False
        return bool(required or node.label or size > _LONGEST_INLINE or (users > 1 and size > 4))

    def _labels(self, nodes: list[Quantity]) -> dict[int, str]:
        """What to call each quantity; never a sentence about its value, which a changed leaf would belie."""
        labels: dict[int, str] = {}
        for node in reversed(nodes):
            mine = labels.setdefault(self._identity_of[id(node)], node.label or "中间量")
            inherited = mine if mine.endswith("中间量") else f"{mine}：中间量"
            for arg in node.args:
                labels.setdefault(self._identity_of[id(arg)], arg.label or inherited)
        return labels

    def _shorten(self, nodes: Iterable[Quantity], labels: dict[int, str], place: Place) -> None:
        """Long sums over scattered cells become sums of sums: a function takes 255 arguments, a formula 8,192 signs."""
        again = {"sum": total, "maximum": maximum, "minimum": minimum}
        for node in nodes:
            cells = [self.home(arg) for arg in node.args]
            if node.op not in again or None in cells:
                continue
            if len(list(ranges([cell for cell in cells if cell], ""))) <= _LONGEST_SUM:
                continue
            parts = []
            for start in range(0, len(node.args), _LONGEST_SUM):
                chunk = node.args[start : start + _LONGEST_SUM]
                part = again[node.op](chunk)
                name = f"{labels[self.identity(node)]}：第 {start + 1} 至 {start + len(chunk)} 项"
                self.place(part, place(part, name))
                parts.append(part)
            whole = again[node.op](parts)
            if whole.value != node.value:
                raise AssertionError(f"regrouping changed {node.label or node.op}")
            if self.home(node) is None:
                self.place(node, place(node, labels[self.identity(node)]))
            self._written_as[self.identity(node)] = whole

    def _below(self, roots: Iterable[Quantity]) -> Iterator[Quantity]:
        """Every distinct quantity at or below the roots, operands first."""
        seen: set[int] = set()
        visited: dict[int, int] = {}
        for root in roots:
            for node in _in_order(root, visited):
                visited[id(node)] = 0
                key = self.identity(node)
                if key not in seen:
                    seen.add(key)
                    yield node


def _in_order(root: Quantity, done: dict[int, int]) -> Iterator[Quantity]:
    """`root` and what lies below it and is not `done`, operands before their users; without recursion."""
    stack: list[tuple[Quantity, bool]] = [(root, False)]
    given: set[int] = set()
    while stack:
        node, expanded = stack.pop()
        if id(node) in done or id(node) in given:
            continue
        if expanded:
            given.add(id(node))
            yield node
        else:
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))


def nesting(text: str) -> int:
    """How many brackets deep a formula goes, texts in it apart."""
    depth = deepest = 0
    quoted = False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif not quoted:
            depth += (character == "(") - (character == ")")
            deepest = max(deepest, depth)
    return deepest


def number_of(node: Quantity) -> Fraction | None:
    """The value, None when it is 未定."""
    return node.value if isinstance(node.value, Fraction) else None
