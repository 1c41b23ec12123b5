"""What if: the same expression with some leaves changed, computed again only where the change reaches.

An amount under a changed reading or parameter needs no new settlement: the expressions are there, and only what
stands above the changed leaves has to be computed again, exactly as it was the first time.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

from compensation.expression import columns
from compensation.expression.node import Key, Quantity, Value
from compensation.expression.ops import EVALUATE, Evaluate, Options

Step = tuple[str, Evaluate, tuple[int, ...], Options]

AT_ONCE = 256
"""Variants computed together: enough to make a step cheap, few enough to stay in the cache of the processor."""
FEW = 4
"""Up to this many are computed one by one, where what does not change is left alone sooner."""


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
            steps.append((node.op, EVALUATE[node.op], args, node.options))
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
            if value == start[at]:
                return
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
            _, evaluate, args, options = steps[at]
            spread(at, evaluate(tuple([changed[arg] if arg in changed else start[arg] for arg in args]), options))
        return [changed.get(at, start[at]) for at in self._roots]

    def run_many(self, variants: Sequence[Mapping[Key, Value]]) -> list[list[Value]]:
        """`run` for each of many variants: the same values, found together for those that change the same leaves."""
        alike: dict[frozenset[Key], list[int]] = {}
        for number, changes in enumerate(variants):
            alike.setdefault(frozenset(changes), []).append(number)
        found: dict[int, list[Value]] = {}
        for keys, numbers in alike.items():
            if len(numbers) <= FEW:
                found.update((number, self.run(variants[number])) for number in numbers)
                continue
            reached = self._reached(keys)
            for first in range(0, len(numbers), AT_ONCE):
                some = numbers[first : first + AT_ONCE]
                found.update(zip(some, self._together(keys, reached, [variants[each] for each in some]), strict=True))
        return [found[number] for number in range(len(variants))]

    def _reached(self, keys: Iterable[Key]) -> list[int]:
        """The places above the leaves `keys`, in the order in which they can be computed."""
        reached: set[int] = set()
        waiting = [at for key in keys for at in self._leaves[key]]
        while waiting:
            above = [place for place in self._above[waiting.pop()] if place not in reached]
            reached.update(above)
            waiting += above
        return sorted(reached)

    def _together(
        self, keys: Iterable[Key], reached: Sequence[int], variants: Sequence[Mapping[Key, Value]]
    ) -> list[list[Value]]:
        count = len(variants)
        start = self._start
        changed: dict[int, columns.Column] = {}
        for key in keys:
            given = columns.column(variant[key] for variant in variants)
            changed.update((at, given) for at in self._leaves[key] if given != start[at])
        for at in reached:
            op, _, args, options = self._steps[at]
            if not changed.keys().isdisjoint(args):
                operands = [changed[arg] if arg in changed else start[arg] for arg in args]
                value = columns.compute(op, operands, options, count)
                if value != start[at]:
                    changed[at] = value
        roots = [columns.values_of(changed.get(at, start[at]), count) for at in self._roots]
        return [list(values) for values in zip(*roots, strict=True)]


def _above(steps: Sequence[Step], reached: Sequence[bool]) -> list[tuple[int, ...]]:
    """For each place, the places computed from it that a change can reach."""
    above: list[list[int]] = [[] for _ in steps]
    for at, (_, _, args, _) in enumerate(steps):
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
