"""One family of errors, told to officials in Chinese.

Every error says where (file, sheet, cell, clause), what, why and how to fix it::

    CompensationError                 exit code 1   anything this software refuses to do
    ├── InputError                    exit code 2   a file or argument that cannot be taken
    │   └── AgreementError            exit code 2   an agreement file with faults, all of them listed
    ├── StoreError                    exit code 3   the database is absent, locked, full or of another version
    ├── UndeterminedError             exit code 4   a result is 未定 and the caller asked for a number
    └── IntegrityError                exit code 5   something that must hold does not: funds, digests, history

A reader that goes through a whole file collects `Fault` records and raises once, at the end, with all of them.
"""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """A cell of a table by sheet (empty for a text file), row and column from 1; column None means the whole row."""

    sheet: str
    row: int
    column: int | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place. `where` is an address a person can find, such as 《a.xlsx》表「数据」D7.

    `place` says the same for a program, where the fault stands in a table: the annotated copy is made by it.
    """

    where: str
    what: str
    why: str
    fix: str
    place: Place | None = None

    def __str__(self) -> str:
        return f"{self.where}：{self.what}。原因：{self.why}。处理：{self.fix}。"


class CompensationError(Exception):
    """Root of the family; carries one or more faults and the exit code of the command line."""

    exit_code = 1

    def __init__(self, faults: Fault | Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        if not self.faults:
            raise ValueError("an error names at least one fault")
        super().__init__("\n".join(str(fault) for fault in self.faults))


class InputError(CompensationError):
    """A file or an argument that cannot be taken as it is; nothing was changed."""

    exit_code = 2


class AgreementError(InputError):
    """An agreement file with faults, each with its line and column."""


class StoreError(CompensationError):
    """The database is absent, locked, full, or of another version."""

    exit_code = 3


class UndeterminedError(CompensationError):
    """A result is 未定: data it needs are missing. Each fault names one missing thing."""

    exit_code = 4


class IntegrityError(CompensationError):
    """Something that must always hold does not hold: funds, digests, append-only history."""

    exit_code = 5


_REASONS = {
    errno.ENOENT: "路径不存在",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许这样操作",
    errno.EROFS: "所在磁盘是只读的",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EFBIG: "文件超过允许的大小",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件太多",
}


def os_reason(error: OSError) -> str:
    """Why the operating system refused, in Chinese; its own words where we have none."""
    return _REASONS.get(error.errno or 0, error.strerror or str(error))
