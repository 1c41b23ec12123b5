"""Repeatable chance in whole numbers: the same seed gives the same files on every machine and Python.

SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), so that nothing depends on how a library draws its numbers.
"""

from hashlib import sha256

_MASK = (1 << 64) - 1


class Chance:
    """A stream of whole numbers. Streams of different names do not disturb each other."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, *names: str) -> None:
        digest = sha256("\x1f".join((str(seed), *names)).encode()).digest()
        self._state = int.from_bytes(digest[:8], "big")

    def _next(self) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def below(self, bound: int) -> int:
        """A whole number from 0 to bound - 1. The remainder's bias is under 2**-40 here."""
        if bound <= 0:
            raise ValueError("bound must be positive")
        return self._next() % bound

    def one_in(self, count: int) -> bool:
        """True once in `count` draws on average."""
        return self.below(count) == 0

    def spread(self, width: int) -> int:
        """A bell-shaped whole number around 0, never beyond ±width: the mean of four even draws."""
        drawn = sum(self.below(2 * width + 1) for _ in range(4)) - 4 * width
        # Towards zero on both sides, because // alone would pull every mean down.
        return drawn // 4 if drawn >= 0 else -(-drawn // 4)
