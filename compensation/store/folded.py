"""Rows of wide tables in the database as rows, and the query that unfolds them into readings.

A national row has a dozen values, and ten thousand texts make up half a million cells. So a row goes in once, with
the numbers of its cells, a distinct cell goes in once, and the database puts them together.
"""

from collections.abc import Container, Iterable, Sequence

from sqlalchemy import Connection

from compensation.monitoring.lookups import Cell
from compensation.store.bulk import TupleRow, load, temporary_table
from compensation.store.values import stored_cell

REMEMBERED = 200_000
"""Distinct cells that are kept at hand."""
_KEY = "r.day, r.section_id, c.indicator_id, r.minute, r.method"
ROW = ("day", "section_id", "minute", "method", "status", "known_at", "source_sheet", "source_row")
"""What stands in every row."""


def unmet(columns: Iterable[Sequence[Cell]], met: Container[int]) -> dict[int, Cell]:
    """Return the cells of some columns by their identities, but for those that were met before."""
    here: dict[int, Cell] = {}
    for column in columns:
        here.update(zip(map(id, column), column, strict=True))
    return {identity: cell for identity, cell in here.items() if identity not in met}


class Cells:
    """The distinct cells of one import, each stored under a number."""

    def __init__(self, connection: Connection) -> None:
        """Make the empty table `cell`."""
        self._connection = connection
        self._last = 0
        # By identity, as comparing cells costs more than storing one twice; keeping them keeps identities from reuse.
        self._numbers: dict[int, int] = {}
        self._kept: list[Cell] = []
        definition = "id INTEGER PRIMARY KEY, mantissa BIGINT, exponent INTEGER, state INTEGER, raw TEXT"
        temporary_table(connection, "cell", definition)

    def numbered(self, columns: Sequence[Sequence[Cell]]) -> list[list[int]]:
        """Return the numbers of the cells of some columns; those not met before are stored."""
        if len(self._kept) > REMEMBERED:
            self._numbers.clear()
            self._kept.clear()
        unknown = unmet(columns, self._numbers)
        numbers = range(self._last + 1, self._last + 1 + len(unknown))
        self._numbers.update(zip(unknown, numbers, strict=True))
        self._kept += unknown.values()
        self._last += len(unknown)
        rows = ((number, *stored_cell(*cell)) for number, cell in zip(numbers, unknown.values(), strict=True))
        load(self._connection, "cell", ("id", "mantissa", "exponent", "state", "raw"), rows)
        return [list(map(self._numbers.__getitem__, map(id, column))) for column in columns]


class Shape:
    """All rows of one import that have the same columns: a table of rows and one of their columns."""

    def __init__(self, connection: Connection, place: int, columns: Sequence[tuple[int, int]]) -> None:
        """`columns` are (indicator_id, column of the file)."""
        self._connection = connection
        self.rows = f"wide_{place}"
        self._columns = f"wide_{place}_column"
        self._places = [f"v{each}" for each in range(len(columns))]
        self.width = len(columns)
        types = {"known_at": "BIGINT"}
        named = ", ".join(f"{name} {types.get(name, 'INTEGER')}" for name in (*ROW, *self._places))
        key = "PRIMARY KEY (day, section_id, minute, method, source_sheet, source_row)"
        temporary_table(connection, self.rows, f"{named}, {key}", clustered=True)
        definition = "place INTEGER, indicator_id INTEGER PRIMARY KEY, source_column INTEGER"
        temporary_table(connection, self._columns, definition)
        numbered = [(place, *column) for place, column in enumerate(columns)]
        load(connection, self._columns, ("place", "indicator_id", "source_column"), numbered)

    def take(self, rows: Sequence[TupleRow]) -> None:
        """Store rows: what stands in every row, then the number of each cell."""
        load(self._connection, self.rows, (*ROW, *self._places), rows)

    def keys_sql(self) -> str:
        """Return the query of the keys of all values, each with its sheet and row."""
        return f"SELECT {_KEY}, r.source_sheet, r.source_row FROM {self.rows} r CROSS JOIN {self._columns} c"

    def repeated_sql(self) -> str:
        """Return the query of the keys that stand here more than once."""
        by = "day, section_id, minute, method"
        rows = f"SELECT {by} FROM {self.rows} GROUP BY {by} HAVING count(*) > 1"
        return f"SELECT {_KEY} FROM ({rows}) r CROSS JOIN {self._columns} c"

    def unfolded_sql(self) -> str:
        """Return the query of all values. Its loops give them in the order of the key, on SQLite, without a sort.

        `day_contested` says of each whether any key of its day and section is in the table `contested`.
        """
        contested = "EXISTS (SELECT 1 FROM contested k WHERE k.day = w.day AND k.section_id = w.section_id)"
        # DISTINCT keeps SQLite from asking this of every value.
        days = f"SELECT DISTINCT w.day, w.section_id, {contested} AS day_contested FROM {self.rows} w"
        cases = " ".join(f"WHEN {place} THEN r.{name}" for place, name in enumerate(self._places))
        return (
            f"SELECT {_KEY}, v.mantissa, v.exponent, v.state, "
            "r.status, v.raw, r.known_at, r.source_sheet, r.source_row, c.source_column, p.day_contested "
            f"FROM ({days}) p CROSS JOIN {self._columns} c CROSS JOIN {self.rows} r CROSS JOIN cell v "
            f"WHERE r.day = p.day AND r.section_id = p.section_id AND v.id = CASE c.place {cases} END"
        )
