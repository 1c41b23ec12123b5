"""What all tables share: one metadata with named constraints, so that a test can ask for each by name."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Integer, MetaData, SmallInteger, Text
from sqlmodel import Field, SQLModel

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Table(SQLModel):
    """Root of every table; `table=True` classes do not validate, the database's own checks do."""

    metadata: ClassVar[MetaData] = METADATA


def check(condition: str, name: str) -> CheckConstraint:
    """Return a named CHECK; its full name in the database is ck_<table>_<name>."""
    return CheckConstraint(condition, name=name)


def key(sa_type: type[Any] = Integer, foreign_key: str | None = None) -> Any:
    """Return a primary-key column whose numbers this software gives itself, under the write lock.

    No sequence: ids then follow the order of commits, which the two clocks rely on.
    """
    extra: dict[str, Any] = {} if foreign_key is None else {"foreign_key": foreign_key}
    return Field(primary_key=True, sa_type=sa_type, sa_column_kwargs={"autoincrement": False}, **extra)


def small(nullable: bool = False) -> Any:
    """Return a SMALLINT column."""
    return Field(sa_type=SmallInteger, nullable=nullable)


def big(nullable: bool = False) -> Any:
    """Return a BIGINT column."""
    return Field(sa_type=BigInteger, nullable=nullable)


def words(nullable: bool = False, primary: bool = False) -> Any:
    """Return a TEXT column, with `primary` one of the key."""
    return Field(sa_type=Text, primary_key=primary, nullable=nullable)


def link(target: str, nullable: bool = False) -> Any:
    """Return an INTEGER foreign key."""
    return Field(foreign_key=target, nullable=nullable)


def columns(table: type[SQLModel]) -> Any:
    """Return the columns of a table for writing queries; the class attributes are typed as the row's values."""
    return table.__table__.c  # type: ignore[attr-defined]
