"""The real monitoring files, as they are, into both databases: counted to the row, and revised values told apart."""

from collections import Counter
from pathlib import Path

import pytest

from compensation.monitoring import read_file
from compensation.monitoring.records import State
from compensation.store import Store
from compensation.store.ingest import IngestReport

pytestmark = pytest.mark.real


def _import(store: Store, path: Path) -> IngestReport:
    parsed = read_file(path)
    report = store.ingest(parsed)
    assert report.rows_in == parsed.counts.rows_in
    assert report.rows_in == (report.rows_stored + report.rows_identical + report.rows_refused + report.rows_empty)
    assert report.readings_stored + report.readings_identical == parsed.reading_count
    return report


def _all_hold(store: Store) -> None:
    assert [check for check in store.check() if not check.ok] == []


def test_earlier_publication_is_revised_by_the_later_snapshot(store: Store, shared_dir: Path) -> None:
    report = _import(store, shared_dir / "data" / "cnemc_2021_boundary_17_stations.csv")
    assert report.rows_in == 14_051
    assert report.revised > 1_000
    assert report.conflicts == 0
    assert store.undecided() == []
    codes = {section.code for section in store.sections()}
    assert {"310118_0002", "310118_0003", "310000_0001", "320583_0002", "TAIPU-MINHANG"} <= codes
    bridge = list(store.readings(["310118_0002"], ["w01019"]))
    assert len({row[2] for row in bridge}) == len(bridge)
    _all_hold(store)
    assert _import_again(store, shared_dir).already


def _import_again(store: Store, shared_dir: Path) -> IngestReport:
    return store.ingest(read_file(shared_dir / "data" / "cnemc_2021_boundary_17_stations.csv"))


def test_files_that_overlap_count_each_value_once(store: Store, shared_dir: Path) -> None:
    whole = _import(store, shared_dir / "data" / "cnemc_2026_border_sections.csv")
    bridge = _import(store, shared_dir / "data" / "cnemc_2026_taipu_bridge.csv")
    day = _import(store, shared_dir / "data" / "cnemc_2026_days" / "National_Water_20260709.csv")
    assert (whole.rows_in, bridge.rows_in, day.rows_in) == (11_053, 542, 1_490)
    assert day.rows_identical > 0
    states = Counter(row[5] for row in store.readings(["310118_0003"], ["w21003"]))
    assert states[State.VALUE] > 400
    assert states[State.MISSING] > 39
    _all_hold(store)


def test_national_week(store: Store, shared_dir: Path) -> None:
    report = _import(store, shared_dir / "data" / "国控断面水质_20260701_20260708.xlsx")
    assert (report.rows_in, report.rows_empty) == (41_793, 1)
    assert report.readings_stored > 450_000
    sums = store.daily_sums(indicators=["w01019"])
    assert sum(row[8] for row in sums) == sum(1 for _ in store.readings(indicators=["w01019"]))
    _all_hold(store)


def test_hand_samples_and_lake_months(store: Store, shared_dir: Path) -> None:
    lake = _import(store, shared_dir / "data" / "taihu_lake_monthly_2007_2015.xlsx")
    rivers = _import(store, shared_dir / "data" / "small_rivers_manual_2025.xlsx")
    assert (lake.rows_in, rivers.rows_in) == (864, 444)
    assert {row[7] for row in store.readings()} == {2}
    # Point 1 of two rivers was sampled on one day: two places, no contradiction.
    assert not store.undecided()
    assert {"-:龙舌尖1", "-:冷绛河1"} <= {each.code for each in store.sections()}
    _all_hold(store)
