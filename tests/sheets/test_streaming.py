"""Rows streamed into the package: memory that does not grow with them, and a sheet that cannot overflow."""

import io
import tracemalloc
from collections.abc import Iterator

import pytest
from openpyxl import Workbook

from compensation.errors import InputError
from compensation.sheets.origins import RawReading, Trace, raw_readings
from compensation.sheets.package import Package, Part
from compensation.sheets.plan import Plan


class Nowhere(io.RawIOBase):
    """Takes everything and keeps nothing; it can be sought in, as a file can."""

    def __init__(self) -> None:
        self.at = self.size = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset if whence == 0 else self.at + offset if whence == 1 else self.size + offset
        return self.at

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self.at += len(content)
        self.size = max(self.size, self.at)
        return len(content)


def readings(count: int) -> Iterator[RawReading]:
    for number in range(count):
        yield RawReading(
            "断面", "w21003", str(46_000 + number), "自动监测", "0.25", True, "正常", 1, "表", number + 2, 7
        )


def peak_of(count: int) -> tuple[int, int]:
    page = raw_readings(Plan(), Trace((), readings(count), count))
    assert page.streamed is not None
    book = Workbook()
    sheet = book.worksheets[0]
    for column in range(1, 12):
        sheet.cell(page.streamed.pattern, column).number_format = "0.00"
    tracemalloc.start()
    sink = Nowhere()
    Package(book, {sheet.title: Part({}, (), page.streamed)}, "", "2026-12-31").write(sink)  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, sink.size


def test_ten_times_the_rows_take_no_more_memory() -> None:
    peak_of(10)
    (few, small), (many, large) = peak_of(3_000), peak_of(30_000)
    assert large > 9 * small
    assert many < 1.2 * few


def test_more_readings_than_a_sheet_has_rows_are_refused_in_words() -> None:
    with pytest.raises(InputError, match="一张工作表只容得下"):
        raw_readings(Plan(), Trace((), readings(1), 1_048_572))
    assert raw_readings(Plan(), Trace((), readings(1), 1_048_571)).streamed is not None


def test_a_count_that_does_not_hold_is_not_written() -> None:
    page = raw_readings(Plan(), Trace((), readings(3), 4))
    assert page.streamed is not None
    with pytest.raises(AssertionError, match="3 readings"):
        list(page.streamed.rows(["1"] * 11))
