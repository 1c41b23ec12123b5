"""A layout file (版式文件): what the headers of a table should have said, where they say it otherwise.

    tables:
      - sheet: 一月             # left out: every sheet
        header_row: 3
        data_from: 5           # left out: below the header, its units row and its detection limits
        columns:
          A: 断面名称
          C: 总磷(mg/L)
          F: ""                # not read
      - sheet: 二月             # a turned table: what is said of rows above is said of columns here
        header_column: A
        data_from: C
        rows:
          1: 断面名称
          4: 总磷(mg/L)

A column, or a row of a turned table, means what a header of those words would mean: no new rule, only other words.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from compensation.errors import Fault, InputError
from compensation.monitoring.shape import column_number

_LETTERS = re.compile(r"[A-Za-z]{1,3}", re.ASCII)
_UPRIGHT = {"header_row", "columns"}
_TURNED = {"header_column", "rows"}
_KEYS = {"sheet", "data_from"}


@dataclass(frozen=True, slots=True)
class FixedTable:
    """One table's layout: the row of its header, the first row of data, and header words by column from 1.

    Of a turned table rows and columns change places: `header_row` and `data_from` are columns, `columns` are rows.
    """

    sheet: str | None
    header_row: int
    data_from: int | None
    columns: Mapping[int, str]
    turned: bool = False


@dataclass(frozen=True, slots=True)
class LayoutFile:
    """The tables of a layout file, in its order."""

    name: str
    tables: tuple[FixedTable, ...]

    def of(self, sheet: str) -> FixedTable | None:
        """The layout of a sheet: its own, else the one for every sheet."""
        found = [each for each in self.tables if each.sheet == sheet]
        return next(iter(found or [each for each in self.tables if each.sheet is None]), None)


class _Loader(yaml.SafeLoader):
    """As the safe loader, but a key said twice is a fault: the first of the two would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(None, None, f"“{key.value}”写了两次", key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def load_layout(path: Path) -> LayoutFile:
    """Read a layout file; InputError with every fault of it."""
    where = f"版式文件《{path.name}》"
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), _Loader)
    except yaml.MarkedYAMLError as error:
        line = f"第 {error.problem_mark.line + 1} 行" if error.problem_mark else ""
        twice = isinstance(error, yaml.constructor.ConstructorError) and error.problem
        why = twice or "不合 YAML 的写法：缩进、冒号后的空格或引号不对"
        raise InputError(Fault(f"{where}{line}", "读不出来", why, "照使用手册的示例书写")) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "不是 UTF-8 编码的 YAML 文件"
        raise InputError(Fault(where, "读不出来", why, "核对路径和内容")) from error
    tables = content.get("tables") if isinstance(content, dict) else None
    if not isinstance(tables, list) or not tables:
        raise InputError(Fault(where, "没有 tables", "顶层应为 tables 列表", "照使用手册的示例书写"))
    faults: list[Fault] = []
    found: list[FixedTable] = []
    for place, each in enumerate(tables, start=1):
        told = Told(where, place, faults)
        table = _table(each, told)
        if table is not None and table.sheet in [other.sheet for other in found]:
            told("与前面的表是同一张工作表", "同一张工作表只写一次；不写 sheet 的也只能有一个")
        found += [table] if table else []
    if faults:
        raise InputError(faults)
    return LayoutFile(path.name, tuple(found))


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
    if not isinstance(content, dict):
        told("没有 columns 或 rows", "写明各列的含义，如 A: 断面名称；转置的表用 rows 写明各行的含义")
        return None
    turned = bool(content.keys() & _TURNED)
    if turned and content.keys() & _UPRIGHT:
        told(
            "横表的键和转置表的键写在了一起",
            "指标横排的表写 header_row、columns；指标竖排（转置）的表写 header_column、rows",
        )
        return None
    lines, header_key = ("rows", "header_column") if turned else ("columns", "header_row")
    allowed = _KEYS | (_TURNED if turned else _UPRIGHT)
    for key in content.keys() - allowed:
        told(f"未知的键“{key}”", f"可用：{'、'.join(sorted(allowed))}")
    if not isinstance(content.get(lines), dict):
        told(f"没有 {lines}", "写明各行的含义，如 4: 总磷(mg/L)" if turned else "写明各列的含义，如 A: 断面名称")
        return None
    header, data = (_line(content.get(key), turned=turned) for key in (header_key, "data_from"))
    if header is None or not (content.get("data_from") is None or (data is not None and data > header)):
        noun, like = ("列号", "用表格中的列标，如 A、AB") if turned else ("行号", "填正整数")
        told(f"{header_key} 或 data_from 不是{noun}", f"{like}，data_from 在 {header_key} 之后")
        return None
    sheet = content.get("sheet")
    words = dict(_words(content[lines], told, turned=turned))
    return FixedTable(None if sheet is None else str(sheet), header, data, words, turned)


def _words(content: Mapping[Any, Any], told: Told, *, turned: bool) -> Iterator[tuple[int, str]]:
    for name, words in content.items():
        line = _line(name, turned=not turned)
        if line is None:
            told(
                f"“{name}”不是{'行号' if turned else '列号'}",
                "用表格左侧的行号，如 4" if turned else "用表格中的列标，如 A、AB",
            )
        elif isinstance(words, list | dict):
            told(f"“{name}”的含义不是一句话", '写一个表头，如 总磷(mg/L)；不读的写空 ""')
        else:
            yield line, "" if words is None else str(words)


def _line(value: Any, *, turned: bool) -> int | None:
    """The number of a row, or with `turned` of a column by its letters; None for anything else."""
    if turned:
        return column_number(value.upper()) if isinstance(value, str) and _LETTERS.fullmatch(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else None
