"""A recognised layout written as a layout file, to be kept, corrected and given back with `--layout`."""

import json
import re
from collections.abc import Iterable, Iterator

from compensation.expression.formula import column_letters
from compensation.monitoring.headers import Role, take_apart
from compensation.monitoring.layout import Column, TableLayout

_LIMIT = re.compile(r"[\d.]+", re.ASCII)


def written(layouts: Iterable[TableLayout]) -> Iterator[str]:
    """The lines of the layout file that says of these tables what was recognised."""
    yield "tables:"
    for layout in layouts:
        yield from _table(layout)


def _table(layout: TableLayout) -> Iterator[str]:
    keys = [f"sheet: {_quoted(layout.sheet)}"] if layout.sheet else []
    head, data = layout.header_rows[-1], layout.last_head_row + 1
    if layout.turned:
        keys += [f"header_column: {column_letters(head)}", f"data_from: {column_letters(data)}", "rows:"]
    else:
        keys += [f"header_row: {head}", f"data_from: {data}", "columns:"]
    for start, key in zip(["  - ", *["    "] * len(keys)], keys, strict=False):
        yield start + key
    for column in layout.columns:
        said_above = layout.turned and column.number > layout.height
        if said_above or (column.role is Role.EMPTY and not column.header):
            continue
        name = column.number if layout.turned else column_letters(column.number)
        unread = f"  # 未读取：{column.header}" if column.role is Role.UNKNOWN else ""
        yield f"      {name}: {_quoted(_words(column))}{unread}"


def _words(column: Column) -> str:
    """A header that says all that was understood of the column: the name, the unit, the detection limit."""
    if column.role in {Role.UNKNOWN, Role.EMPTY}:
        return ""
    said = take_apart(column.header)
    told = [column.unit] if column.unit and not said.unit else []
    if column.limit and not said.limit and _LIMIT.fullmatch(column.limit):
        told.append(f"检出限{column.limit}")
    return f"{column.header}({','.join(told)})" if told else column.header


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
