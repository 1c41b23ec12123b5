"""The temporary tables through which the readings of one import go."""

from collections.abc import Iterable

from sqlalchemy import Connection

from compensation.store.bulk import is_sqlite, temporary_table
from compensation.store.contested import CONFIRMED, CONFLICT, SOURCE
from compensation.store.standing import KEY

VALUE = ("mantissa", "exponent", "state", "status", "raw", "known_at")
STAGE = (*KEY, *VALUE, *SOURCE)
APPENDED = (*KEY, "version", *VALUE, "flag", *SOURCE)
_TYPES = {"mantissa": "BIGINT", "known_at": "BIGINT", "raw": "TEXT"}
_TYPES |= dict.fromkeys(("indicator_id", "method", "exponent", "state", "status"), "SMALLINT")
_WORK_MEMORY = "256MB"
"""What a server may take for a sort of an import: its default, 4 MB, has every one go through files."""


def make_stages(connection: Connection) -> None:
    """Make them empty: what comes, the keys of it that are contested, their values, and what these come to."""
    if not is_sqlite(connection):
        connection.exec_driver_sql(f"SET LOCAL maintenance_work_mem = '{_WORK_MEMORY}'")
        connection.exec_driver_sql(f"SET LOCAL work_mem = '{_WORK_MEMORY}'")
        connection.exec_driver_sql("SET LOCAL jit = off")
    temporary_table(connection, "stage", _definition(STAGE))
    temporary_table(connection, "contested", f"{_definition(KEY)}, PRIMARY KEY ({', '.join(KEY)})", clustered=True)
    temporary_table(connection, "arriving", _definition(STAGE))
    temporary_table(connection, "appended", _definition(APPENDED))
    temporary_table(connection, "confirmed", _definition(CONFIRMED))
    temporary_table(connection, "conflicting", _definition(CONFLICT))


def _definition(names: Iterable[str]) -> str:
    return ", ".join(f"{name} {_TYPES.get(name, 'INTEGER')}" for name in names)
