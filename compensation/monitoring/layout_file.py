"""A layout file (版式文件): what the headers of a table should have said, where they say it otherwise.

    tables:
      - sheet: 一月             # left out: every sheet
        header_row: 3
        data_from: 5           # left out: below the header, its units row and its detection limits
        columns:
          A: 断面名称
          C: 总磷(mg/L)
          F: ""                # not read

A column means what a header of those words would mean: no new rule, only other words.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from compensation.errors import Fault, InputError
from compensation.monitoring.container import column_number

_LETTERS = re.compile(r"[A-Za-z]{1,3}", re.ASCII)
_KEYS = {"sheet", "header_row", "data_from", "columns"}


@dataclass(frozen=True, slots=True)
class FixedTable:
    """One table's layout: the row of its header, the first row of data, and header words by column from 1."""

    sheet: str | None
    header_row: int
    data_from: int | None
    columns: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class LayoutFile:
    """The tables of a layout file, in its order."""

    name: str
    tables: tuple[FixedTable, ...]

    def of(self, sheet: str) -> FixedTable | None:
        """The layout of a sheet: its own, else the one for every sheet."""
        found = [each for each in self.tables if each.sheet == sheet]
        return next(iter(found or [each for each in self.tables if each.sheet is None]), None)


def load_layout(path: Path) -> LayoutFile:
    """Read a layout file; InputError with every fault of it."""
    where = f"版式文件《{path.name}》"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "不是 UTF-8 编码的 YAML 文件"
        raise InputError(Fault(where, "读不出来", why, "核对路径和内容")) from error
    tables = content.get("tables") if isinstance(content, dict) else None
    if not isinstance(tables, list) or not tables:
        raise InputError(Fault(where, "没有 tables", "顶层应为 tables 列表", "照使用手册的示例书写"))
    faults: list[Fault] = []
    found = [_table(each, Told(where, place, faults)) for place, each in enumerate(tables, start=1)]
    if faults:
        raise InputError(faults)
    return LayoutFile(path.name, tuple(each for each in found if each is not None))


@dataclass(frozen=True, slots=True)
class Told:
    """Where a fault of the layout file is told."""

    where: str
    place: int
    faults: list[Fault]

    def __call__(self, what: str, fix: str) -> None:
        """Note one fault of this table."""
        self.faults.append(Fault(f"{self.where}第 {self.place} 个表", what, "版式文件写得不对", fix))


def _table(content: Any, told: Told) -> FixedTable | None:
    if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
        told("没有 columns", "写明各列的含义，如 A: 断面名称")
        return None
    for key in content.keys() - _KEYS:
        told(f"未知的键“{key}”", f"可用：{'、'.join(sorted(_KEYS))}")
    header, data = content.get("header_row"), content.get("data_from")
    if not isinstance(header, int) or not _is_row(header) or not (data is None or (_is_row(data) and data > header)):
        told("header_row 或 data_from 不是行号", "填正整数，data_from 在 header_row 之后")
        return None
    sheet = content.get("sheet")
    columns = dict(_columns(content["columns"], told))
    return FixedTable(None if sheet is None else str(sheet), header, data, columns)


def _columns(content: Mapping[Any, Any], told: Told) -> Iterator[tuple[int, str]]:
    for letter, words in content.items():
        if _LETTERS.fullmatch(str(letter)):
            yield column_number(str(letter).upper()), "" if words is None else str(words)
        else:
            told(f"“{letter}”不是列号", "用表格中的列标，如 A、AB")


def _is_row(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
