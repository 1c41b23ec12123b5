"""Rows of a table as the reader hands them over: by columns, a chunk at a time, no record for each value."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain, repeat
from typing import NamedTuple

from compensation.monitoring.lookups import Cell
from compensation.monitoring.records import Method, Reading, SectionName, Status

_new_reading = partial(tuple.__new__, Reading)


class Wide(NamedTuple):
    """Rows of one sheet with a section, a time and a status each, and a cell under each of the columns.

    All sequences by row are as long as `numbers`; `cells` has one of them for each of `columns`, which are
    (indicator code, column from 1). Cells that say the same are one object within a table.
    """

    sheet: str
    method: Method
    columns: tuple[tuple[str, int], ...]
    numbers: Sequence[int]  # rows of the file, from 1
    sections: Sequence[SectionName]
    times: Sequence[datetime]
    known: Sequence[datetime | None]
    statuses: Sequence[Status]
    cells: Sequence[Sequence[Cell]]

    @property
    def size(self) -> int:
        """How many readings these are."""
        return len(self.numbers) * len(self.columns)

    def readings(self) -> Iterator[Reading]:
        """The same as records, row by row."""
        by_column = []
        for (code, column), cells in zip(self.columns, self.cells, strict=True):
            states, mantissas, exponents, raws = zip(*cells, strict=True)
            fields = zip(
                *(self.sections, repeat(code), self.times, repeat(self.method), states, mantissas, exponents),
                *(self.statuses, raws, self.known, repeat(self.sheet), self.numbers, repeat(column)),
                strict=False,  # `repeat` has no end
            )
            by_column.append(map(_new_reading, fields))
        return chain.from_iterable(zip(*by_column, strict=True))


class Long(NamedTuple):
    """Rows of one sheet with one value each, under the column `column` (from 1).

    All sequences are as long as `numbers`. Cells that say the same of one indicator are one object.
    """

    sheet: str
    column: int
    numbers: Sequence[int]  # rows of the file, from 1
    sections: Sequence[SectionName]
    indicators: Sequence[str]
    times: Sequence[datetime]
    known: Sequence[datetime | None]
    methods: Sequence[Method]
    statuses: Sequence[Status]
    cells: Sequence[Cell]

    @property
    def size(self) -> int:
        """How many readings these are."""
        return len(self.numbers)

    def readings(self) -> Iterator[Reading]:
        """The same as records."""
        states, mantissas, exponents, raws = zip(*self.cells, strict=True)
        fields = zip(
            *(self.sections, self.indicators, self.times, self.methods, states, mantissas, exponents),
            *(self.statuses, raws, self.known, repeat(self.sheet), self.numbers, repeat(self.column)),
            strict=False,  # `repeat` has no end
        )
        return map(_new_reading, fields)


Chunk = Wide | Long | list[Reading]
"""What a reader hands over at a time: rows of a wide or of a long table, or records of any other."""


def records_of(chunk: Chunk) -> list[Reading]:
    """A chunk as records."""
    return chunk if isinstance(chunk, list) else list(chunk.readings())
