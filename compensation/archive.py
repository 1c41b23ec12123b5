"""Files that leave here: under their name only once they are whole, and archives of the same members the same bytes."""

import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from compensation.errors import Fault, InputError, StoreError, os_reason

_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


def member(name: str, compression: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    """A member of an archive with its time, origin and rights fixed (decision 0006)."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.create_system = _UNIX
    info.external_attr = 0o644 << 16
    info.compress_type = compression
    return info


def packed(members: Mapping[str, bytes]) -> bytes:
    """An archive of the members in the order given, stored; the same members give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(member(name), content)
    return out.getvalue()


def unpacked(data: bytes, name: str, what: str, most_bytes: int) -> dict[str, bytes]:
    """The members of an archive; InputError when it is damaged, or inflates to more than `most_bytes`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > most_bytes:
                why = f"解开后超过 {most_bytes // 1024**2} MB"
                raise InputError(Fault(f"《{name}》", f"{what}异常庞大，已拒绝打开", why, "确认文件来源"))
            return {info.filename: archive.read(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        why = "不是压缩包，或传输中缺损"
        raise InputError(Fault(f"《{name}》", f"{what}已损坏", why, "向提供方重新取得文件")) from error


@contextmanager
def whole_file(path: Path, what: str) -> Iterator[io.BufferedRandom]:
    """A file that takes its name when the block ends well; until then, and when it fails, what stood there stands.

    InputError when the place cannot be written to, StoreError when the disk is full or fails.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o666)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as error:
        fix = "换一个存在且可写的文件夹；文件若已打开，请先关闭"
        raise InputError(Fault(f"《{path}》", f"不能写入{what}", os_reason(error), fix)) from error
    except OSError as error:
        why = f"{what}没有写成，原有文件未动"
        raise StoreError(Fault(f"《{path}》", why, os_reason(error), "腾出磁盘空间后重新执行")) from error


def write_whole(path: Path, content: bytes | Callable[[IO[bytes]], None], what: str) -> str:
    """Write the file under its name only once it is whole; its SHA-256. Errors as of `whole_file`.

    `content` is the bytes, or what writes them into the file, where they are too many to hold.
    """
    with whole_file(path, what) as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            content(file)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_whole(path: Path) -> bytes:
    """The bytes of a file that an official gave; InputError when they cannot be had."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(Fault(f"《{path}》", "文件读不出来", os_reason(error), "核对路径和权限")) from error
