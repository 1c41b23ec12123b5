"""Sections and indicators: the names everything else refers to by a small number."""

from sqlalchemy import SmallInteger, Table, Text, UniqueConstraint

from compensation.store.tables.base import METADATA, check, key, link, words, yes_or_no

SECTION = Table(
    "section",
    METADATA,
    key("id"),
    words("code"),
    words("name"),
    words("province", nullable=True),
    words("basin", nullable=True),
    words("body", nullable=True),
    yes_or_no("registered"),
    words("parties", nullable=True),
    words("position", nullable=True),
    UniqueConstraint("code"),
    check("body IN ('river', 'lake')", "body"),
)
"""断面. `registered` ones come from the registry, others were met in a file under (province, name).

`parties` are GB/T 2260 codes joined by ";", upstream first; `position` says in words where it lies.
"""

SECTION_ALIAS = Table(
    "section_alias",
    METADATA,
    key("name", Text),
    key("province", Text),
    link("section_id", "section.id"),
)
"""断面名称: a normalised name under a province (GB/T 2260, 6 digits) that accepts it; "" accepts any."""

SECTION_MERGE = Table(
    "section_merge",
    METADATA,
    key("section_id", to="section.id"),
    link("into_id", "section.id"),
    link("file_id", "import_file.id"),
    words("merged_by"),
    words("reason"),
    check("section_id <> into_id", "two_sections"),
)
"""断面合并: what was met as one section is another; `file_id` brought its readings in under that one."""

INDICATOR = Table(
    "indicator",
    METADATA,
    key("id", SmallInteger),
    words("code"),
    UniqueConstraint("code"),
)
"""监测因子: an HJ 212 / HJ 525 code, or "class" for the class the feed publishes."""
