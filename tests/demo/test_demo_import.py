"""Every demo file is read as it is: all of it understood, nothing that an official would have to mend."""

from pathlib import Path

import pytest

from compensation.demo import generate
from compensation.monitoring import ParsedFile, ReadOptions, read_file
from compensation.monitoring.records import Method, State, Status


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ParsedFile]:
    paths: list[Path] = generate(tmp_path_factory.mktemp("demo"))
    return {path.stem.split("_", 1)[1]: read_file(path, ReadOptions()) for path in paths}


def test_nothing_in_the_demo_files_has_to_be_mended(parsed: dict[str, ParsedFile]) -> None:
    assert {name: file.blocking for name, file in parsed.items() if file.blocking} == {}
    assert all(file.layouts for file in parsed.values())


def test_every_row_comes_in_as_what_it_is(parsed: dict[str, ParsedFile]) -> None:
    rows = {name: file.counts.rows_with_readings + file.counts.rows_with_evidence for name, file in parsed.items()}
    assert {name: count for name, count in rows.items() if "自动站" not in name} == {
        "人工采样_嘉善平湖取水口_2026": 12,
        "人工采样_金泽取水口锑_2026": 12,
        "取水量_2026": 24,
        "突发事件_2026": 1,
        "免责认定_2026": 1,
        "多元化补偿_2026": 4,
    }
    assert all(rows[name] > 2100 for name in rows if "自动站" in name)


def test_each_kind_of_evidence_arrives(parsed: dict[str, ParsedFile]) -> None:
    assert sum(volume.month.month for volume in parsed["取水量_2026"].intakes) == 2 * 78
    (incident,) = parsed["突发事件_2026"].incidents
    assert (incident.indicator, str(incident.concentration_mg_per_l)) == ("w20004", "251/50000")
    (exemption,) = parsed["免责认定_2026"].exemptions
    assert (exemption.section.name, exemption.first_day.day, exemption.last_day.day) == ("太浦河桥", 18, 26)
    assert {each.kind for each in parsed["多元化补偿_2026"].in_kind} == {"technology", "talent", "industry"}


def test_readings_keep_what_the_cells_said(parsed: dict[str, ParsedFile]) -> None:
    hand = parsed["人工采样_嘉善平湖取水口_2026"].readings
    assert {reading.method for reading in hand} == {Method.MANUAL}
    assert {reading.time.month for reading in hand} == set(range(1, 13))
    assert {State.VALUE, State.BELOW_LIMIT, State.NOT_MONITORED} == {reading.state for reading in hand}
    station = parsed["自动站_汾湖大桥_2026"].readings
    assert {Status.NORMAL, Status.MAINTENANCE, Status.STOPPED} == {reading.status for reading in station}
    assert all(reading.known_at is not None for reading in station)
