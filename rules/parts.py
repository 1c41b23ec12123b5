"""What a measure or a tariff is made of in an agreement file, so that the file can be read and checked without code.

A part has figures (single dated values), tables (figures by indicator, or by section and indicator), rows (a list of
tiers or class steps) and plain options. A new kind is one small function with one of these beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

BY_INDICATOR = ("indicator",)
BY_SECTION = ("section",)
BY_SECTION_AND_INDICATOR = ("section", "indicator")

SAME_AS_INDICATOR = "indicator"
"""The unit of a figure that is a concentration of the indicator it stands under."""


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """A figure: its Chinese label and the kind of unit it must have ("" a plain number, 类 a class, None any)."""

    label: str
    kind: str | None = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class TableSpec:
    """Figures by indicator or by section and indicator; `sums_to_one` for weights."""

    label: str
    by: tuple[str, ...]
    kind: str | None = ""
    required: bool = True
    sums_to_one: bool = False


@dataclass(frozen=True, slots=True)
class RowSpec:
    """Rows of a list, each with figures and with options of its own (such as the class it reaches up to).

    `last_is_open` asks the last row, and only that, to have no options: it is for everything that remains.
    `ascending` names the figure that must grow from row to row.
    """

    figures: Mapping[str, FigureSpec]
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: bool = True
    last_is_open: bool = False
    ascending: str = ""


@dataclass(frozen=True, slots=True)
class PartSpec:
    """Everything a kind of measure or tariff may and must say in an agreement file."""

    label: str
    figures: Mapping[str, FigureSpec] = field(default_factory=dict)
    tables: Mapping[str, TableSpec] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the first choice is the default
    sections: Mapping[str, str] = field(default_factory=dict)  # tables of section by section: name and label
    rows_name: str = ""
    rows: RowSpec | None = None
    unit: str = ""  # of what a measure measures


CLASS_NAMES = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ")
