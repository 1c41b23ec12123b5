"""Files taken in, and their rows that were not."""

from sqlalchemy import SmallInteger, Table, UniqueConstraint

from compensation.store.tables.base import METADATA, big, check, key, link, place, whole, words, yes_or_no

IMPORT_FILE = Table(
    "import_file",
    METADATA,
    key("id"),
    words("sha256"),
    words("name"),
    big("size_bytes"),
    big("imported_at"),
    words("kinds"),
    words("layout_json"),
    whole("rows_in"),
    whole("rows_stored"),
    whole("rows_identical"),
    whole("rows_quarantined"),
    whole("rows_refused"),
    whole("rows_empty"),
    whole("readings_stored"),
    whole("readings_identical"),
    UniqueConstraint("sha256"),
    UniqueConstraint("imported_at"),
    check("length(sha256) = 64", "sha256"),
    check("rows_in = rows_stored + rows_identical + rows_quarantined + rows_refused + rows_empty", "rows_tie"),
    check(
        "rows_stored >= 0 AND rows_identical >= 0 AND rows_quarantined >= 0 AND rows_refused >= 0 AND rows_empty >= 0",
        "rows_not_negative",
    ),
)
"""导入文件, known by its content. Row counts tie: in = stored + identical + quarantined + refused + empty."""

IMPORT_SHEET = Table(
    "import_sheet",
    METADATA,
    key("file_id", to="import_file.id"),
    key("sheet", SmallInteger),
    words("name"),
)
"""工作表: the names behind `source_sheet`."""

REFUSED_ROW = Table(
    "refused_row",
    METADATA,
    key("id"),
    *place(),
    whole("source_column", nullable=True),
    words("text"),
    words("reason"),
    words("fix"),
    yes_or_no("blocking"),
)
"""未接收的行, with its place, the reason and what to do; `blocking` rows are faults of the file."""

QUARANTINED_ROW = Table(
    "quarantined_row",
    METADATA,
    key("id"),
    *place(),
    words("cells_json"),
    UniqueConstraint("file_id", "source_sheet", "source_row"),
)
"""隔离的行: refused for its faults while the sound rows of its file were taken; whole, its cells as JSON."""

QUARANTINE_RELEASE = Table(
    "quarantine_release",
    METADATA,
    key("row_id", to="quarantined_row.id"),
    link("file_id", "import_file.id", nullable=True),
    big("released_at"),
    words("released_by"),
    words("reason"),
)
"""解除隔离: by the corrected row of another file, or by somebody who says why it will not come."""
