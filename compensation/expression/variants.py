"""What if: the same expression with some leaves changed, computed again only where the change reaches.

An amount under a changed reading or parameter needs no new settlement: the expressions are there, and only what
stands above the changed leaves has to be computed again, exactly as it was the first time.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

from compensation.expression.node import Key, Quantity, Value
from compensation.expression.ops import EVALUATE, Evaluate, Options

Step = tuple[Evaluate, tuple[int, ...], Options]


class Variants:
    """Roots, and the quantities between them and the leaves that may change, in an order that can be computed.

    `keys` are the leaves that may change; None lets any leaf change. A change of shape (a party without a share, a
    month without data, another number of days) is not a change of a leaf and needs a new settlement.
    """

    def __init__(self, roots: Sequence[Quantity], keys: Iterable[Key] | None = None) -> None:
        allowed = None if keys is None else frozenset(keys)
        order = _ordered(roots)
        place: dict[int, int] = {}
        steps: list[Step] = []
        self._start: list[Value] = []
        self._leaves: dict[Key, list[int]] = {}
        reached: list[bool] = []
        for node in order:
            at = len(self._start)
            place[id(node)] = at
            self._start.append(node.value)
            args = tuple(place[id(arg)] for arg in node.args)
            changes = node.key is not None and (allowed is None or node.key in allowed)
            if node.key is not None and changes:
                self._leaves.setdefault(node.key, []).append(at)
            reached.append(changes or any(reached[arg] for arg in args))
            steps.append((EVALUATE[node.op], args, node.options))
        self._roots = [place[id(root)] for root in roots]
        self._steps = steps
        self._above = _above(steps, reached)

    @property
    def keys(self) -> tuple[Key, ...]:
        """The leaves that may change."""
        return tuple(self._leaves)

    def value(self, key: Key) -> Value:
        """The value of a leaf as it was."""
        return self._start[self._leaves[key][0]]

    def run(self, changes: Mapping[Key, Value]) -> list[Value]:
        """The values of the roots when the leaves have the values in `changes`, in their units."""
        changed: dict[int, Value] = {}
        start, steps, above = self._start, self._steps, self._above
        queue: list[int] = []
        queued: set[int] = set()

        def spread(at: int, value: Value) -> None:
            if value != start[at]:
                changed[at] = value
                for place in above[at]:
                    if place not in queued:
                        queued.add(place)
                        heappush(queue, place)

        for key, value in changes.items():
            for at in self._leaves[key]:
                spread(at, value)
        while queue:
            at = heappop(queue)
            evaluate, args, options = steps[at]
            spread(at, evaluate(tuple(changed.get(arg, start[arg]) for arg in args), options))
        return [changed.get(at, start[at]) for at in self._roots]


def _above(
    steps: Sequence[tuple[Evaluate, tuple[int, ...], Options]], reached: Sequence[bool]
) -> list[tuple[int, ...]]:
    """For each place, the places computed from it that a change can reach."""
    above: list[list[int]] = [[] for _ in steps]
    for at, (_, args, _) in enumerate(steps):
        if reached[at]:
            for arg in set(args):
                above[arg].append(at)
    return [tuple(places) for places in above]


def _ordered(roots: Sequence[Quantity]) -> list[Quantity]:
    """Every quantity below the roots, operands before what is computed from them."""
    order: list[Quantity] = []
    done: set[int] = set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, below_done = stack.pop()
        if id(node) in done:
            continue
        if below_done:
            done.add(id(node))
            order.append(node)
        else:
            stack.append((node, True))
            stack += [(arg, False) for arg in node.args if id(arg) not in done]
    return order
