"""Baseline: bare python-calamine and bare COPY through psycopg 3 of the same values.

python bare_postgresql.py FILE URL
"""

import sys
from pathlib import Path

import psycopg
from bare_sqlite import cells, values


def main() -> None:
    """Read the file and copy its values into a new table, then make its key; or into the table that is there."""
    rows = values(cells(Path(sys.argv[1])))
    found = {(section, name, time): value for section, name, time, value in rows}
    with psycopg.connect(sys.argv[2]) as connection:
        is_new = connection.execute("SELECT to_regclass('bare') IS NULL").fetchone() == (True,)
        if is_new:
            connection.execute("CREATE TABLE bare (section text, indicator text, time text, value double precision)")
        with connection.cursor().copy("COPY bare FROM STDIN") as copy:
            for key, value in found.items():
                copy.write_row((*key, value))
        if is_new:
            connection.execute("ALTER TABLE bare ADD PRIMARY KEY (section, indicator, time)")


if __name__ == "__main__":
    main()
