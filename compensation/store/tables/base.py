"""What all tables share: one metadata with named constraints, so that a test can ask for each by name."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Integer,
    MetaData,
    SmallInteger,
    Text,
)
from sqlalchemy.types import TypeEngine

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def check(condition: str, name: str) -> CheckConstraint:
    """Return a named CHECK; its full name in the database is ck_<table>_<name>."""
    return CheckConstraint(condition, name=name)


def key(name: str, kind: type[TypeEngine[Any]] = Integer, to: str | None = None) -> Column[Any]:
    """Return a column of the primary key, a foreign key as well with `to`; this software gives its numbers itself.

    No sequence: ids given under the write lock follow the order of commits, which the two clocks rely on.
    """
    refers = () if to is None else (ForeignKey(to),)
    return Column(name, kind, *refers, primary_key=True, autoincrement=False)


def whole(name: str, nullable: bool = False) -> Column[int]:
    """Return an INTEGER column."""
    return Column(name, Integer, nullable=nullable)


def small(name: str, nullable: bool = False) -> Column[int]:
    """Return a SMALLINT column."""
    return Column(name, SmallInteger, nullable=nullable)


def big(name: str, nullable: bool = False) -> Column[int]:
    """Return a BIGINT column."""
    return Column(name, BigInteger, nullable=nullable)


def words(name: str, nullable: bool = False) -> Column[str]:
    """Return a TEXT column."""
    return Column(name, Text, nullable=nullable)


def day(name: str, nullable: bool = False) -> Column[date]:
    """Return a DATE column."""
    return Column(name, Date, nullable=nullable)


def yes_or_no(name: str) -> Column[bool]:
    """Return a BOOLEAN column."""
    return Column(name, Boolean, nullable=False)


def link(name: str, to: str, nullable: bool = False) -> Column[int]:
    """Return an INTEGER foreign key."""
    return Column(name, Integer, ForeignKey(to), nullable=nullable)


def place() -> tuple[Column[int], Column[int], Column[int]]:
    """Return the columns that say where a record stands: the file, the number of its sheet, the row."""
    return link("file_id", "import_file.id"), small("source_sheet"), whole("source_row")
