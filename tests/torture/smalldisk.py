"""A disk of a server's own that can be filled to the last page: a small file system in memory, as a tablespace."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torture.scene import OnPostgresql

_MEBIBYTES = 96
_TABLESPACE = "small"


class SmallDisk:
    """The disk on which the scene's database lies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.filler = folder / "filler"

    def leave(self, free: int) -> None:
        """Fill the disk until so many bytes are left."""
        there = os.statvfs(self.folder)
        with self.filler.open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, max(1, there.f_bavail * there.f_frsize - free))

    def empty(self) -> None:
        """Make room again."""
        self.filler.unlink(missing_ok=True)


@contextmanager
def small_disk(scene: OnPostgresql) -> Iterator[SmallDisk]:
    """Let the scene's database lie on a small disk; OSError with the reason where none can be mounted."""
    root = Path(tempfile.mkdtemp(prefix="compensation-disk-"))
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={_MEBIBYTES}m", "tmpfs", str(root))
        try:
            folder = root / "data"
            folder.mkdir()
            root.chmod(0o755)
            shutil.chown(folder, "postgres")
            scene.server.administer(f"CREATE TABLESPACE {_TABLESPACE} LOCATION '{folder}'")
            scene.tablespace = _TABLESPACE
            try:
                yield SmallDisk(root)
            finally:
                scene.tablespace = ""
                scene.server.drop(scene.name)
                scene.server.administer(f"DROP TABLESPACE {_TABLESPACE}")
        finally:
            _run("umount", str(root))
    finally:
        root.rmdir()


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(done.stderr.strip() or f"{command[0]} left with {done.returncode}")
