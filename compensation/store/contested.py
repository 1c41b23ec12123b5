"""Keys that repeat in a file or stand in the database already: what their arrivals come to, by the rule of `versions`.

The staging tables `contested` and `arriving` say which they are; everything is streamed in the order of the key.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection

from compensation.store.bulk import CHUNK_ROWS, TupleRow, load, stream
from compensation.store.standing import KEY, same_key
from compensation.store.versions import Flag, History, Seen, content_of

SOURCE = ("source_sheet", "source_row", "source_column")
CONFIRMED = (*KEY, "version", "known_at", *SOURCE)
CONFLICT = (*KEY, "version", "other_version")


class Tally:
    """What the contested keys came to; its lists go to the staging tables whenever they reach a chunk."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.arrivals = self.appended = self.revised = self.superseded = self.conflicts = 0
        self.confirmed: list[TupleRow] = []
        self.conflicting: list[TupleRow] = []

    def count(self, version: int, flag: Flag) -> None:
        """Count a new version."""
        self.appended += 1
        self.superseded += flag is Flag.SUPERSEDED
        self.revised += flag is Flag.STANDS and version > 0

    def confirm(self, row: TupleRow) -> None:
        """Note a confirmation, a row of the table `confirmed`."""
        self.confirmed.append(row)
        if len(self.confirmed) + len(self.conflicting) >= CHUNK_ROWS:
            self.flush()

    def flush(self) -> None:
        """Hand over what was noted."""
        load(self.connection, "confirmed", CONFIRMED, self.confirmed)
        load(self.connection, "conflicting", CONFLICT, self.conflicting)
        self.confirmed.clear()
        self.conflicting.clear()


def resolved(connection: Connection, tally: Tally) -> Iterator[TupleRow]:
    """Give what must be appended for the contested keys (the columns of the table `appended`), and tally it."""
    for key, observations in groupby(stream(connection, _OBSERVATIONS), itemgetter(*range(len(KEY)))):
        history = History()
        opened = False
        for row in observations:
            kind, order, mantissa, exponent, state, status, raw, known_at, *source = row[len(KEY) :]
            seen = Seen(content_of(mantissa, exponent, state, status), known_at)
            if kind == _STORED:
                history.stored(order, seen)
            elif kind == _CONFIRMING:
                history.remember(seen)
            else:
                tally.arrivals += 1
                added = history.arrive(seen)
                if added.confirms:
                    tally.confirm((*key, added.version, known_at, *source))
                if added.flag is None:
                    continue
                tally.count(added.version, added.flag)
                opened = opened or added.flag is Flag.CONFLICT
                tally.conflicting.extend((*key, added.version, other) for other in added.against)
                yield (
                    *key, added.version, mantissa, exponent, state, status, raw, known_at,
                    int(added.flag), *source,
                )  # fmt: skip
        tally.conflicts += opened and len(history.standing()) > 1


_ARRIVING, _STORED, _CONFIRMING = 2, 0, 1


def _observations() -> str:
    # PostgreSQL types a union by its first branches, so the one without NULLs stands first.
    key = ", ".join(f"q.{name}" for name in KEY)
    value = "{0}.mantissa, {0}.exponent, {0}.state, {0}.status"
    nowhere = "NULL, NULL, NULL"
    return (
        f"SELECT {key}, {_ARRIVING} AS kind, 0 AS place, {value.format('s')}, s.raw, s.known_at, "
        "s.source_sheet, s.source_row, s.source_column "
        f"FROM contested q JOIN arriving s ON {same_key('s', 'q')} "
        f"UNION ALL SELECT {key}, {_STORED}, r.version, {value.format('r')}, NULL, r.known_at, {nowhere} "
        f"FROM contested q JOIN reading r ON {same_key('r', 'q')} "
        f"UNION ALL SELECT {key}, {_CONFIRMING}, c.version, {value.format('r')}, NULL, c.known_at, {nowhere} "
        f"FROM contested q JOIN reading_confirmation c ON {same_key('c', 'q')} "
        f"JOIN reading r ON {same_key('r', 'q')} AND r.version = c.version "
        # What arrives is taken in the order in which it stands in the file.
        f"ORDER BY {', '.join(str(place + 1) for place in range(len(KEY)))}, kind, place, {', '.join(SOURCE)}"
    )


_OBSERVATIONS = _observations()
