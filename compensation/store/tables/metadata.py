"""The tables with what only making and comparing a database asks for; no query needs it.

A partial index makes SQLAlchemy load PostgreSQL's dialect, which takes longer than all tables together.
"""

from sqlalchemy import Index, text

from compensation.store.standing import KEY
from compensation.store.tables import READING
from compensation.store.tables.base import METADATA

__all__ = ["METADATA"]

_LATER = text("version > 0")

# What has later versions is found through these alone: few keys have any.
Index("ix_reading_later", *(READING.c[name] for name in KEY), sqlite_where=_LATER, postgresql_where=_LATER)
