"""Where the database is: an address read once, without loading anything that could open it."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from compensation.errors import Fault, StoreError

URL_VARIABLE = "COMPENSATION_DATABASE_URL"
DEFAULT_URL = "sqlite:///compensation.db"
BUSY_SECONDS = 60
"""How long a writer waits for another one to end."""

_SCHEMES = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "postgresql+psycopg": "postgresql",
}
_PASSWORD = re.compile(r"^([^:/?]*):[^/]*@|(?<=[?&]password=)[^&]*")


class Address(NamedTuple):
    """A database by backend, "sqlite" or "postgresql", and what follows `://`; `path` is SQLite's file.

    `shown` is the address for people, without its password.
    """

    backend: str
    rest: str
    path: Path | None
    shown: str

    @property
    def is_sqlite(self) -> bool:
        """Tell which of the two databases this is."""
        return self.backend == "sqlite"

    def require_present(self) -> None:
        """Raise StoreError when the SQLite file does not exist."""
        if self.path is not None and not self.path.is_file():
            raise StoreError(
                Fault(
                    f"数据库 {self.path}",
                    "数据库不存在",
                    "尚未初始化，或当前文件夹不对",
                    "在正确的文件夹中运行 compensation init，或用环境变量 " + URL_VARIABLE + " 指明数据库",
                )
            )


def address_of(url: str | None = None) -> Address:
    """Read `url`, else the environment, else compensation.db in the working folder; StoreError for any other kind."""
    text = url or os.environ.get(URL_VARIABLE) or DEFAULT_URL
    scheme, separator, rest = text.partition("://")
    backend = _SCHEMES.get(scheme) if separator else None
    file = rest[1:].partition("?")[0] if backend == "sqlite" and rest.startswith("/") else ""
    if backend is None or (backend == "sqlite" and file in ("", ":memory:")):
        raise unusable(scheme)
    path = Path(file) if backend == "sqlite" else None
    return Address(backend, rest, path, f"{scheme}://{_PASSWORD.sub(_hidden, rest)}")


def _hidden(found: re.Match[str]) -> str:
    return "***" if found[1] is None else f"{found[1]}:***@"


def unusable(scheme: str) -> StoreError:
    """An address that is neither of the two."""
    return StoreError(
        Fault(
            f"数据库地址（{scheme}）",
            "数据库地址无法使用",
            "只支持 SQLite 文件与 PostgreSQL",
            "写成 sqlite:///文件名.db 或 postgresql://用户@主机/库名",
        )
    )
