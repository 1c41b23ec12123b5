"""Where the readings of a file stand in it."""

from collections.abc import Sequence
from operator import le


class Rows:
    """How many rows of the file there were, counted without remembering them while they come in their order."""

    def __init__(self) -> None:
        """None has come yet."""
        self.counted = 0
        self.in_order = True
        self._last = (-1, 0)

    def add(self, sheets: Sequence[int], rows: Sequence[int]) -> None:
        """Count the rows of some records."""
        places = [self._last, *zip(sheets, rows, strict=True)]
        self.in_order = self.in_order and all(map(le, places, places[1:]))
        self.counted += len(set(places)) - 1
        self._last = places[-1]
