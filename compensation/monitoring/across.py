"""A row per section and indicator, a column per time: each cell is a value of its own, with its own address."""

from dataclasses import replace

from compensation.monitoring.gathering import Gathering
from compensation.monitoring.headers import Kind, Role, take_apart
from compensation.monitoring.layout import Column, Row, TableLayout
from compensation.monitoring.long import LongReader, Problems
from compensation.monitoring.parsed import ReadOptions
from compensation.monitoring.records import Reading
from compensation.monitoring.times import month_in_name


class AcrossReader:
    """Reads the rows below one header with times in it: every cell as a long table would have it in a row."""

    def __init__(
        self,
        layout: TableLayout,
        options: ReadOptions,
        default_year: int | None,
        gathering: Gathering,
        *,
        serials: bool,
    ) -> None:
        self._gathering = gathering
        self._moments = [(column.number, *_said(column)) for column in layout.columns if column.role is Role.MOMENT]
        self._width = width = len(layout.columns)
        added = [
            Column(width + place, role.value, role)
            for place, role in enumerate((Role.STAMP, Role.MONTH, Role.VALUE), start=1)
        ]
        long = replace(layout, kind=Kind.LONG, columns=(*layout.columns, *added))
        self._long = LongReader(long, options, default_year, gathering, serials=serials)

    def feed(self, rows: list[Row]) -> None:
        """Read a batch of rows, each as wide as the header."""
        for row in rows:
            number, cells = row
            readings: list[Reading] = []
            problems: Problems = []
            for column, stamp, month in self._moments if any(cells) else ():
                found: Problems = []
                reading = self._long.reading((number, [*cells, stamp, month, cells[column - 1]]), found)
                if reading is not None:
                    readings.append(reading._replace(column=column))
                problems += [(column if place and place > self._width else place, problem) for place, problem in found]
            if (problems or not readings) and self._gathering.set_aside(row):
                continue
            if problems or not readings:
                self._long.refuse(row, list(dict.fromkeys(problems)))
                continue
            self._gathering.extend({each.section for each in readings}, [each.time for each in readings])
            self._gathering.saw(number)
            self._gathering.take(readings, 1)

    def notes(self) -> list[str]:
        """Units that no cell states and that were taken to be the indicator's own."""
        return self._long.notes()


def _said(column: Column) -> tuple[str, str]:
    """What a header says of its time: a stamp, or a month, as a table's columns would have them."""
    name = take_apart(column.header).name
    month = month_in_name(name)
    if month is None:
        return name, ""
    return "", f"{month[0]}-{month[1]:02}" if month[0] else str(month[1])
