"""Rows of a wide or a long table, staged by columns, leave in the database what the same values as records leave."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from store_building import JIANGSU, parsed

from compensation.errors import Fault, InputError
from compensation.monitoring.batch import Chunk, Long, Wide, records_of
from compensation.monitoring.lookups import Cell, Unplaceable, ValueTable
from compensation.monitoring.parsed import Counts, ParsedFile, Sink
from compensation.monitoring.records import Method, SectionName, State, Status
from compensation.monitoring.values import ValueRule
from compensation.store import IngestReport, Store, folded, open_store
from compensation.store.checks import run
from compensation.store.places import Rows
from compensation.store.standing import KEY
from compensation.store.tables import SECTION_ALIAS

FIRST, SECOND = Cell(State.VALUE, 5, -1, "0.5"), Cell(State.VALUE, 3, 0, "3")
COLUMNS = ((("w01019", 4), ("w21003", 5), ("w21011", 6)), (("w21011", 4), ("w01010", 7)))
TEXTS = ("0.50", "0.5", "３.０", "0.025L", "*", "--", "", "12", "1e3", "0.10")


def chunks(seed: int, rows: int = 60) -> list[Wide]:
    """Rows on two sheets of different columns; sections, times and so keys repeat within and between them."""
    chance = random.Random(seed)
    tables = [ValueTable(ValueRule()), ValueTable(ValueRule(shift=-3))]
    found = []
    for place, (sheet, columns) in enumerate(zip(("一", "二"), COLUMNS, strict=True)):
        numbers = range(2, 2 + rows)
        known = [chance.choice((None, datetime(2026, 7, 9, 8))) for _ in numbers]
        found.append(
            Wide(
                sheet=sheet,
                method=Method.AUTOMATIC,
                columns=columns,
                numbers=numbers,
                sections=[SectionName(f"测站{chance.randrange(3)}", JIANGSU) for _ in numbers],
                times=[datetime(2025, 12, 31, 20) + timedelta(hours=4 * chance.randrange(6)) for _ in numbers],
                known=known,
                statuses=[chance.choice(list(Status)) for _ in numbers],
                cells=[[tables[place][chance.choice(TEXTS)] for _ in numbers] for _ in columns],
            )
        )
    return found


def take(store: Store, name: str, given: Sequence[Chunk]) -> IngestReport:
    content: ParsedFile = parsed(name=name)
    rows = len({(each.sheet, each.row) for chunk in given for each in records_of(chunk)})
    content.counts = Counts(rows, 0, rows, 0, 0)

    def read(sink: Sink, _: object) -> ParsedFile:
        for each in given:
            sink(each)
        return content

    return store.ingest_from(name, read)


def held(store: Store) -> list[list[tuple[object, ...]]]:
    names = [*KEY, "version"]
    with store.database.reading() as connection:
        assert all(each.ok for each in run(connection))
        return [
            sorted(map(tuple, connection.execute(text(f"SELECT {', '.join(names)}, {rest} FROM {table}"))), key=repr)
            for table, rest in (
                (
                    "reading",
                    "mantissa, exponent, state, status, flag, raw, known_at, file_id, source_sheet, source_row",
                ),
                ("reading", "file_id, source_sheet, source_row, source_column"),
                ("reading_confirmation", "known_at, file_id, source_sheet, source_row, source_column"),
                ("reading_conflict", "other_version"),
            )
        ]


@pytest.mark.parametrize("seed", range(4))
def test_rows_and_records_leave_the_same(store: Store, tmp_path: Path, seed: int) -> None:
    first, second = chunks(seed), chunks(seed + 100)
    with open_store(f"sqlite:///{tmp_path / 'records.db'}") as other:
        other.init()
        for name, given in (("甲", first[:1]), ("乙", first), ("丙", second)):
            report = take(store, name, given)
            same = take(other, name, [records_of(each) for each in given]) if len(given) == 2 else None
            if same is None:
                same = take_one(other, name, given[0])
            assert report[8:] == same[8:]
            assert report.readings_stored < sum(each.size for each in given), "keys repeat"
        assert held(store) == held(other)


def test_rows_that_bring_nothing_new_are_counted_alike(store: Store, tmp_path: Path) -> None:
    rows, columns = 8, COLUMNS[0]
    same, other = ([FIRST] * rows for _ in range(2))
    other[3] = SECOND
    first = Wide(
        sheet="一",
        method=Method.AUTOMATIC,
        columns=columns[:2],
        numbers=range(2, 2 + rows),
        sections=[SectionName("测站", JIANGSU)] * rows,
        times=[datetime(2026, 7, 1) + timedelta(hours=4 * number) for number in range(rows)],
        known=[None] * rows,
        statuses=[Status.NORMAL] * rows,
        cells=[same, same],
    )
    changed = first._replace(cells=[same, other])
    repeated = changed._replace(numbers=range(50, 50 + rows))
    wider = first._replace(columns=columns, cells=[same, same, same])
    files = {"甲": [first, repeated], "乙": [changed], "丙": [wider], "丁": [wider]}
    with open_store(f"sqlite:///{tmp_path / 'records.db'}") as records:
        records.init()
        found = []
        for name, given in files.items():
            report = take(store, name, given)
            assert report[8:] == take(records, name, [records_of(each) for each in given])[8:]
            found.append(report.rows_identical)
        # The row that contradicts is new once, in the repeat; a row with a further column is, though all else is known.
        assert found == [rows - 1, rows, 0, rows]
        assert held(store) == held(records)


def long_chunks(seed: int, rows: int = 60) -> list[Long]:
    """Rows of two long tables; sections, indicators and times, and so keys, repeat within and between them."""
    chance = random.Random(seed)
    tables = {code: ValueTable(ValueRule(shift=shift)) for shift, code in enumerate(("w01019", "w21003", "class"))}
    found = []
    for sheet in ("一", "二"):
        codes = [chance.choice(list(tables)) for _ in range(rows)]
        found.append(
            Long(
                sheet=sheet,
                column=5,
                numbers=range(2, 2 + rows),
                sections=[SectionName(f"测站{chance.randrange(3)}", JIANGSU) for _ in codes],
                indicators=codes,
                times=[datetime(2025, 12, 31, 20) + timedelta(hours=4 * chance.randrange(6)) for _ in codes],
                known=[chance.choice((None, datetime(2026, 7, 9, 8))) for _ in codes],
                methods=[chance.choice(list(Method)) for _ in codes],
                statuses=[chance.choice(list(Status)) for _ in codes],
                cells=[tables[code][chance.choice(TEXTS)] for code in codes],
            )
        )
    return found


@pytest.mark.parametrize("seed", range(3))
def test_long_rows_and_records_leave_the_same(store: Store, tmp_path: Path, seed: int) -> None:
    with open_store(f"sqlite:///{tmp_path / 'records.db'}") as other:
        other.init()
        for name, given in (("甲", long_chunks(seed)), ("乙", long_chunks(seed + 100))):
            report = take(store, name, given)
            assert report[8:] == take(other, name, [records_of(each) for each in given])[8:]
            assert report.conflicts, "keys repeat"
        assert held(store) == held(other)


def take_one(store: Store, name: str, given: Wide) -> IngestReport:
    """One chunk, its records in pieces that end within a row."""
    records = records_of(given)
    cuts = [0, 7, 50, len(records)]
    content = parsed(name=name)
    rows = len(given.numbers)
    content.counts = Counts(rows, 0, rows, 0, 0)

    def read(sink: Sink, _: object) -> ParsedFile:
        for start, end in pairwise(cuts):
            sink(records[start:end])
        return content

    return store.ingest_from(name, read)


def test_distinct_cells_are_forgotten_and_stored_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compensation.store.folded.REMEMBERED", 2)
    monkeypatch.setattr("compensation.store.unfolded.REMEMBERED", 2)
    monkeypatch.setattr("compensation.monitoring.lookups.REMEMBERED", 2)
    given = chunks(5)
    report = take(store, "甲", given)
    assert report.readings_stored + report.readings_identical == sum(each.size for each in given)
    held(store)


def test_texts_that_copying_has_signs_for_come_through(store: Store) -> None:
    raws = ["\\N", "a\tb", "\\.", "c\\nd", "e\nf\r", "None", "\\"]
    first = chunks(0, rows=len(raws))[0]
    cells = [[Cell(State.MISSING, None, 0, raw) for raw in raws] for _ in first.columns]
    times = [datetime(2026, 1, 1) + timedelta(hours=place) for place in range(len(raws))]
    given = first._replace(cells=cells, times=times)
    take(store, "甲", [given])
    take(store, "乙", [records_of(given._replace(times=[time + timedelta(days=1) for time in times]))])
    with store.database.reading() as connection:
        found = connection.execute(text("SELECT DISTINCT minute % 1440 / 60 AS hour, raw FROM reading ORDER BY hour"))
        assert [raw for _, raw in found] == raws


def test_a_reader_that_fails_among_rows_leaves_nothing_and_the_next_one_is_heard(store: Store) -> None:
    first, second = chunks(1)

    def read(sink: Sink, _: object) -> ParsedFile:
        sink(first)
        sink(second)
        raise InputError([Fault("表", "坏", "坏", "改")])

    with store.together():
        with pytest.raises(InputError):
            store.ingest_from("甲", read)
        assert store.status().rows["reading"] == 0, "the transaction goes on"
    with pytest.raises(InputError):
        store.ingest_from("甲", read)
    assert store.status().rows["reading"] == 0
    assert take(store, "甲", [first, second]).readings_stored > 0


def test_a_name_that_means_several_sections_is_told_among_rows(store: Store) -> None:
    with store.database.writing() as connection:
        connection.execute(insert(SECTION_ALIAS).values(name="王江泾", province=JIANGSU, section_id=1))
    first, second = chunks(2)
    vague = second._replace(sections=[SectionName("王江泾", None)] * len(second.numbers))

    def read(sink: Sink, unplaceable: Unplaceable) -> ParsedFile:
        sink(first)
        assert unplaceable(vague.sections[0]) is not None
        sink(vague)
        return parsed(name="甲")

    with pytest.raises(InputError, match="王江泾"):
        store.ingest_from("甲", read)
    assert store.status().rows["reading"] == 0


def test_rows_out_of_order_are_counted_once() -> None:
    rows = Rows()
    rows.add([0, 0, 0], [2, 2, 3])
    rows.add([0, 1], [3, 2])
    assert (rows.counted, rows.in_order) == (3, True)
    rows.add([0], [3])
    assert not rows.in_order


def test_a_cell_that_was_met_before_keeps_its_number(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/a.db") as store, store.database.writing(create=True) as connection:
        cells = folded.Cells(connection)
        assert cells.numbered([[FIRST, FIRST], [SECOND, FIRST]]) == [[1, 1], [2, 1]]
        assert cells.numbered([[SECOND, FIRST]]) == [[2, 1]]
        assert connection.exec_driver_sql("SELECT count(*) FROM cell").scalar_one() == 2
