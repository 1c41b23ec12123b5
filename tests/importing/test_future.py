"""What cannot have been measured yet: a later year than that of the import is refused where it stands."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from compensation.application.importing import import_file
from compensation.errors import InputError
from compensation.monitoring import ReadOptions
from compensation.store import Store

Write = Callable[..., Path]
NOW = datetime(2026, 11, 26, 12)
HEAD = ("断面", "采样日期", "总磷(mg/L)")
VOLUMES = ("断面", "年", "月", "取水量(m³)", "依据文号")
IN_KIND = ("年度", "提供方", "受益方", "类别", "内容", "认定价值(万元)", "依据文号")


def take(store: Store, path: Path, now: datetime = NOW, **options: Any) -> Any:
    return import_file(store, path, ReadOptions(), now=now, **options)


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([HEAD, ("太浦河桥", "2126-07-01", "0.1")], "B2"),
        ([HEAD, ("太浦河桥", "2027-01-01 08:00", "0.1")], "B2"),
        ([HEAD, ("太浦河桥", "60000", "0.1")], "B2"),
        ([("断面", "指标", "2026-07-01", "2126-08-01"), ("太浦河桥", "总磷", "0.1", "0.2")], "D2"),
        ([("断面", "时间", "指标", "数值", "单位"), ("太浦河桥", "2126-07-01", "总磷", "0.3", "mg/L")], "B2"),
        (
            [
                ("项目", "2026-07-01", "2126-07-01"),
                ("断面", "太浦河桥", "太浦河桥"),
                ("总磷", "1", "2"),
                ("pH", "7", "7"),
            ],
            "C1",
        ),
        ([VOLUMES, ("金泽取水口", "2126", "1", "11", "文")], "C2"),
        ([IN_KIND, ("2126", "沪", "苏", "技术", "模型", "80", "文")], "A2"),
    ],
)
def test_a_later_year_is_refused_with_its_cell(
    store: Store, write_text: Write, rows: list[tuple[str, ...]], place: str
) -> None:
    with pytest.raises(InputError) as refused:
        take(store, write_text(rows))
    told = str(refused.value)
    assert place in told
    assert "还没有到（导入之日为2026-11-26）" in told
    assert "先校准再导入" in told
    assert store.status().rows["import_file"] == 0


def test_the_sound_rows_are_taken(store: Store, write_text: Write) -> None:
    path = write_text([HEAD, ("太浦河桥", "2126-07-01", "0.1"), ("太浦河桥", "2026-07-01", "0.1")])
    report = take(store, path, accept_valid=True).report
    assert (report.rows_stored, report.rows_quarantined) == (1, 1)


def test_later_in_this_year_is_taken_and_told(store: Store, write_text: Write) -> None:
    parsed = take(store, write_text([HEAD, ("太浦河桥", "2026-12-01", "0.1")])).parsed
    assert "监测时间最晚到 2026-12-01 00:00，晚于导入之时（2026-11-26 12:00），照常收下；请核对日期。" in parsed.notes
    assert not take(store, write_text([HEAD, ("太浦河桥", "2026-11-01", "0.1")], "乙.csv")).parsed.notes[1:]


def test_a_new_year_that_has_begun_elsewhere_is_not_later(store: Store, write_text: Write) -> None:
    path = write_text([HEAD, ("太浦河桥", "2027-01-01 00:00", "0.1")])
    assert take(store, path, datetime(2026, 12, 31, 23, 50)).report.readings_stored == 1


def test_works_may_be_exempt_beyond_this_year(store: Store, write_text: Write) -> None:
    path = write_text(
        [("断面", "起", "止", "原因", "认定文件"), ("太浦河桥", "2026-12-01", "2027-02-01", "工程", "文")]
    )
    assert take(store, path).report.evidence_stored == 1


def test_what_is_made_up_may_lie_ahead(store: Store, write_text: Write) -> None:
    path = write_text([HEAD, ("太浦河桥", "2028-07-01", "0.1")])
    assert take(store, path, made_up=True).report.readings_stored == 1
