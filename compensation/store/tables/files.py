"""Files taken in, and their rows that were not."""

from sqlalchemy import Integer, SmallInteger, UniqueConstraint

from compensation.store.tables.base import Table, big, check, key, link, small, words


class ImportFile(Table, table=True):
    """导入文件, known by its content. Row counts tie: in = stored + identical + quarantined + refused + empty."""

    __tablename__ = "import_file"
    __table_args__ = (
        UniqueConstraint("sha256"),
        UniqueConstraint("imported_at"),
        check("length(sha256) = 64", "sha256"),
        check("rows_in = rows_stored + rows_identical + rows_quarantined + rows_refused + rows_empty", "rows_tie"),
        check(
            "rows_stored >= 0 AND rows_identical >= 0 AND rows_quarantined >= 0 "
            "AND rows_refused >= 0 AND rows_empty >= 0",
            "rows_not_negative",
        ),
    )

    id: int = key()
    sha256: str = words()
    name: str = words()
    size_bytes: int = big()
    imported_at: int = big()
    kinds: str = words()
    layout_json: str = words()
    rows_in: int
    rows_stored: int
    rows_identical: int
    rows_quarantined: int
    rows_refused: int
    rows_empty: int
    readings_stored: int
    readings_identical: int


class ImportSheet(Table, table=True):
    """工作表: the names behind `source_sheet`."""

    __tablename__ = "import_sheet"

    file_id: int = key(Integer, "import_file.id")
    sheet: int = key(SmallInteger)
    name: str = words()


class RefusedRow(Table, table=True):
    """未接收的行, with its place, the reason and what to do; `blocking` rows are faults of the file."""

    __tablename__ = "refused_row"

    id: int = key()
    file_id: int = link("import_file.id")
    source_sheet: int = small()
    source_row: int
    source_column: int | None = None
    text: str = words()
    reason: str = words()
    fix: str = words()
    blocking: bool


class QuarantinedRow(Table, table=True):
    """隔离的行: refused for its faults while the sound rows of its file were taken; whole, its cells as JSON."""

    __tablename__ = "quarantined_row"
    __table_args__ = (UniqueConstraint("file_id", "source_sheet", "source_row"),)

    id: int = key()
    file_id: int = link("import_file.id")
    source_sheet: int = small()
    source_row: int
    cells_json: str = words()


class QuarantineRelease(Table, table=True):
    """解除隔离: by the corrected row of another file, or by somebody who says why it will not come."""

    __tablename__ = "quarantine_release"

    row_id: int = key(Integer, "quarantined_row.id")
    file_id: int | None = link("import_file.id", nullable=True)
    released_at: int = big()
    released_by: str = words()
    reason: str = words()
