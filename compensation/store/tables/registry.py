"""Sections and indicators: the names everything else refers to by a small number."""

from sqlalchemy import Integer, SmallInteger, Text, UniqueConstraint

from compensation.store.tables.base import Table, check, key, link, words


class Section(Table, table=True):
    """断面. `registered` ones come from the registry, others were met in a file under (province, name).

    `parties` are GB/T 2260 codes joined by ";", upstream first; `position` says in words where it lies.
    """

    __tablename__ = "section"
    __table_args__ = (UniqueConstraint("code"), check("body IN ('river', 'lake')", "body"))

    id: int = key()
    code: str = words()
    name: str = words()
    province: str | None = words(nullable=True)
    basin: str | None = words(nullable=True)
    body: str | None = words(nullable=True)
    registered: bool
    parties: str | None = words(nullable=True)
    position: str | None = words(nullable=True)


class SectionAlias(Table, table=True):
    """断面名称: a normalised name under a province (GB/T 2260, 6 digits) that accepts it; "" accepts any."""

    __tablename__ = "section_alias"

    name: str = key(Text)
    province: str = key(Text)
    section_id: int = link("section.id")


class SectionMerge(Table, table=True):
    """断面合并: what was met as one section is another; `file_id` brought its readings in under that one."""

    __tablename__ = "section_merge"
    __table_args__ = (check("section_id <> into_id", "two_sections"),)

    section_id: int = key(Integer, "section.id")
    into_id: int = link("section.id")
    file_id: int = link("import_file.id")
    merged_by: str = words()
    reason: str = words()


class Indicator(Table, table=True):
    """监测因子: an HJ 212 / HJ 525 code, or "class" for the class the feed publishes."""

    __tablename__ = "indicator"
    __table_args__ = (UniqueConstraint("code"),)

    id: int = key(SmallInteger)
    code: str = words()
