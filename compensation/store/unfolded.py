"""Rows of wide tables on their way to a server: unfolded here, as a line of text for each value.

A line is what its row begins with and a text that is made once for each distinct cell of a column, so that unfolding
costs less here than a join costs there; and the server takes lines in while the next rows are read.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, event

from compensation.monitoring.lookups import Cell
from compensation.store.bulk import Copying, TupleRow, copy_text
from compensation.store.folded import REMEMBERED, ROW, unmet
from compensation.store.values import stored_cell

_NAMES = (*ROW, "indicator_id", "source_column", "mantissa", "exponent", "state", "raw")
_ROW_KEY = "day, section_id, minute, method"
_START = "%s\t" * len(ROW)


class Unfolded:
    """The way into a table, open from the first rows until others, or something else, are asked for, or `end`."""

    def __init__(self, connection: Connection) -> None:
        """Nothing is sent yet."""
        self._connection = connection
        self._table = ""
        self._copying: Copying | None = None
        # By identity, as in `folded`.
        self._texts: dict[tuple[int, int], dict[int, str]] = {}
        self._kept: list[Cell] = []
        # A question asked while rows are on their way would wait for ever.
        event.listen(connection, "before_cursor_execute", lambda *_: self.end())

    def take(
        self,
        table: str,
        rows: Iterable[TupleRow],
        columns: Sequence[tuple[int, int]],
        cells: Sequence[Sequence[Cell]],
    ) -> None:
        """Send rows: what stands in every one, as in `folded`, the (indicator_id, column) of each column, its cells."""
        if self._copying is None or table != self._table:
            self.end()
            self._copying, self._table = Copying(self._connection, table, _NAMES), table
        if len(self._kept) > REMEMBERED:
            self._texts.clear()
            self._kept.clear()
        ends = [self._ends(column, each) for column, each in zip(columns, cells, strict=True)]
        lines: list[str] = []
        for row, *values in zip(rows, *ends, strict=True):
            # All that stands in every row is a number or nothing.
            start = (_START % row).replace("None", "\\N")
            lines += start, start.join(values)
        self._copying.write("".join(lines).encode())

    def _ends(self, column: tuple[int, int], cells: Sequence[Cell]) -> list[str]:
        """The ends of the lines of a column's cells."""
        texts = self._texts.setdefault(column, {})
        unknown = unmet([cells], texts)
        start = "\t".join(map(str, column))
        for key, cell in unknown.items():
            texts[key] = f"{start}\t{copy_text(stored_cell(*cell))}"
        self._kept += unknown.values()
        return list(map(texts.__getitem__, map(id, cells)))

    def end(self) -> None:
        """Wait until the server has all that was sent."""
        if self._copying is not None:
            copying, self._copying = self._copying, None
            copying.end()


def repeated_sql(table: str, column: int, indicators: Iterable[int]) -> str:
    """Return the query of the keys that stand there more than once, if all of it is rows of these indicators.

    `column` is that of any one of them.
    """
    rows = f"SELECT {_ROW_KEY} FROM {table} WHERE source_column = {column} GROUP BY {_ROW_KEY} HAVING count(*) > 1"
    ids = ", ".join(map(str, sorted(set(indicators))))
    return (
        "SELECT r.day, r.section_id, c.indicator_id, r.minute, r.method "
        f"FROM ({rows}) r CROSS JOIN unnest(ARRAY[{ids}]::smallint[]) c(indicator_id)"
    )
