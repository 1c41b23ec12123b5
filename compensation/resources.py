"""Files that travel with the software and are not Python: migrations and workbook templates.

In a checkout they stand at the top of the tree; in an installed wheel under `compensation/_bundled/`.
"""

from pathlib import Path

from compensation.errors import Fault, IntegrityError

_PACKAGE = Path(__file__).resolve().parent


def resource_dir(name: str) -> Path:
    """Return the folder of a bundled resource, such as "migrations" or "templates_xlsx".

    Raises IntegrityError when neither the wheel nor the checkout holds it: the installation is damaged.
    """
    for candidate in (_PACKAGE / "_bundled" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise IntegrityError(
        Fault(
            where=f"程序目录 {_PACKAGE}",
            what=f"缺少随程序发布的「{name}」",
            why="安装不完整，或文件被移走",
            fix="重新安装本软件",
        )
    )


def migrations_dir() -> Path:
    """Return the Alembic script location."""
    return resource_dir("migrations")


def templates_dir() -> Path:
    """Return the folder of the workbook templates."""
    return resource_dir("templates_xlsx")
