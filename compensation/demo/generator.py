"""Writes the demo year into a folder."""

from pathlib import Path

from compensation.demo.evidence import evidence_files
from compensation.demo.exports import station_files
from compensation.demo.hand import hand_files

DEFAULT_SEED = 20260101


def generate(folder: Path, year: int = 2026, seed: int = DEFAULT_SEED) -> list[Path]:
    """Write a year of 示例数据 into `folder`, made if absent; return the files in the order to import them.

    Automatic stations every four hours, monthly hand samples, intake volumes, an incident, an exemption and
    contributions in kind. Files of the same name are replaced; the same year and seed give the same bytes.
    OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in (*station_files(year, seed), *hand_files(year), *evidence_files(year, seed)):
        path = folder / name
        path.write_bytes(content)
        paths.append(path)
    return paths
