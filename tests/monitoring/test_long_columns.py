"""A long table is read by columns; what comes of a row does not hang on the rows that are read with it."""

import random
from pathlib import Path

import pytest

from compensation.monitoring import ParsedFile, read_file, reader

HEADER = "断面名称,监测时间,监测项目,监测值,单位,监测方式,站点情况"
SECTIONS = ("太浦河桥", "太浦河桥", "汾湖大桥(界标)", "", "#REF!")
TIMES = ("2026-07-01 00:00", "2026-07-01 04:00", "2026-07-01 04:00", "", "某日")
INDICATORS = (("总磷", "mg/L"), ("氨氮", "mg/L"), ("氨氮", "μg/L"), ("总氮", ""), ("铁锈", "mg/L"), ("水质类别", ""))
TEXTS = ("0.12", "0.120", "0.025L", "--", "", "-3", "约半", "2", "1e-2")


def _file(folder: Path, seed: int) -> Path:
    chance = random.Random(seed)
    rows = []
    for _ in range(80):
        name, unit = chance.choice(INDICATORS)
        method = chance.choice(("自动", "人工", "", "目测"))
        status = chance.choice(("正常", "维护", ""))
        row = [chance.choice(SECTIONS), chance.choice(TIMES), name, chance.choice(TEXTS), unit, method, status]
        rows.append(",".join(row) if chance.random() > 0.1 else "," * 6)
    path = folder / "长表_2026.csv"
    path.write_text("\n".join([HEADER, *rows, "注：以上为测试数据，未经审核" + "," * 6]), encoding="utf-8")
    return path


def _found(parsed: ParsedFile) -> tuple[object, ...]:
    extent = (parsed.sections, parsed.first_time, parsed.last_time, parsed.reading_count)
    return parsed.readings, parsed.refused, parsed.rejected, parsed.counts, sorted(parsed.notes), extent


@pytest.mark.parametrize("seed", range(6))
def test_rows_are_read_the_same_alone_and_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    path = _file(tmp_path, seed)
    together = read_file(path)
    monkeypatch.setattr(reader, "CHUNK_ROWS", 1)
    alone = read_file(path)
    assert _found(together) == _found(alone)
    assert together.readings
    assert together.rejected
