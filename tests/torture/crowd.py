"""Many officials at once: every file is taken in exactly once and whole, whatever the others do meanwhile."""

import os
from datetime import date
from pathlib import Path

from torture import river
from torture.scene import Scene

_FILES = 3
_ROWS = 240


def _file(folder: Path, name: str, section: str, first: int) -> Path:
    lines = ["断面名称,监测时间,高锰酸盐指数(mg/L),氨氮(mg/L)"]
    for number in range(_ROWS):
        day, hour = divmod(number, 24)
        when = date.fromordinal(date(river.YEAR, 1, 1).toordinal() + first + day)
        lines.append(f"{section},{when} {hour:02d}:00,{number % 9}.{first % 10},0.{10 + number % 80}")
    path = folder / f"示例数据_{name}.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def crowd(scene: Scene, writers: int) -> list[str]:
    """`writers` processes at once, each with files of its own and all of them with one in common; what went wrong.

    Two neighbours report the same section for the same days, every other with another value: the values that
    contradict each other have to be found as such, whoever came first.
    """
    wrong: list[str] = []
    with scene.store() as store:
        rows_before, held_before = store.status().rows, sum(1 for _ in store.readings())
    common = _file(scene.folder, "共有", "淀峰", 0)
    files = {
        writer: [
            _file(scene.folder, f"{writer}_{number}", f"虚构断面{writer // 2}", 10 * number + writer % 2)
            for number in range(_FILES)
        ]
        for writer in range(writers)
    }
    children = {
        scene.start(["import", *map(str, files[writer]), str(common)], said=f"said-{writer}.txt"): writer
        for writer in range(writers)
    }
    while children:
        child, status = os.wait()
        writer = children.pop(child)
        if os.waitstatus_to_exitcode(status) != 0:
            wrong.append(f"{scene.kind} writer {writer} failed: {scene.said(f'said-{writer}.txt')}")
    scene.wait_for_quiet()
    refused = sum("未重复导入" in scene.said(f"said-{writer}.txt") for writer in range(writers))
    with scene.store() as store:
        rows = store.status().rows
        held = {(row[0], row[1], row[2]) for row in store.readings()}
        contradicting = {(each.section_code, each.indicator, each.time) for each in store.undecided()}
    for what, is_, must in (
        ("files", rows["import_file"] - rows_before["import_file"], writers * _FILES + 1),
        ("times the common file was already there", refused, writers - 1),
        ("readings", rows["reading"] - rows_before["reading"], 2 * _ROWS * (writers * _FILES + 1)),
        ("keys", len(held) - held_before, _keys(writers)),
        ("contradictions", len(contradicting), _contradictions(writers)),
    ):
        if is_ != must:
            wrong.append(f"{scene.kind} {what}: {is_}, not {must}")
    return wrong + scene.broken()


def _spans(writer: int) -> set[tuple[int, int]]:
    return {(writer // 2, 10 * number + writer % 2 + day) for number in range(_FILES) for day in range(_ROWS // 24)}


def _keys(writers: int) -> int:
    days = set().union(*(_spans(writer) for writer in range(writers)))
    return 2 * (24 * len(days) + _ROWS)


def _contradictions(writers: int) -> int:
    shared = [_spans(writer) & _spans(writer + 1) for writer in range(0, writers - 1, 2)]
    return 2 * 24 * sum(map(len, shared))
