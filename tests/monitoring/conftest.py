"""Small files of every kind of dirt, written where a test can find them."""

from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

Rows = Sequence[Sequence[object]]
FEED = ("省份", "断面名称", "监测时间", "水质类别", "水温(℃)", "氨氮(mg/L)", "总磷(mg/L)", "站点情况")
HAND = ("采样日期", "断面名称", "水温(℃)", "氨氮(mg/L)", "总磷(mg/L)")


@pytest.fixture
def write_text(tmp_path: Path) -> Callable[..., Path]:
    def write(
        rows: Rows, name: str = "数据.csv", encoding: str = "utf-8", delimiter: str = ",", end: str = "\n"
    ) -> Path:
        path = tmp_path / name
        text = "".join(delimiter.join(map(str, row)) + end for row in rows)
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.fixture
def write_book(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: Rows | dict[str, Rows], name: str = "数据.xlsx", merged: Sequence[str] = ()) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, content in (rows if isinstance(rows, dict) else {"数据": rows}).items():
            sheet = book.create_sheet(title)
            for row in content:
                sheet.append(list(row))
            for area in merged:
                sheet.merge_cells(area)
        path = tmp_path / name
        book.save(path)
        return path

    return write


@pytest.fixture
def feed() -> tuple[str, ...]:
    return FEED


@pytest.fixture
def hand() -> tuple[str, ...]:
    return HAND
