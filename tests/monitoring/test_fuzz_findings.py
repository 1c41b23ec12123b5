"""The fuzzer's own seeds go through its harness, and whatever it found is kept here, mended."""

import sys
from pathlib import Path

import pytest

from compensation.monitoring import read_file

sys.path.append(str(Path(__file__).resolve().parents[2] / "fuzz"))
import harness

SEEDS = harness.seeds()


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_seeds_pass(number: int) -> None:
    harness.one(SEEDS[number])


def test_seeds_are_files_that_are_read(tmp_path: Path) -> None:
    kinds = set()
    for seed in SEEDS:
        path = tmp_path / "a.xlsx"
        wrap = {b"s": harness.packed, b"o": harness.old_books.compound}.get(seed[:1], bytes)
        path.write_bytes(wrap(seed[1:]))
        kinds.update(read_file(path).kinds)
    assert kinds == {"wide", "long", "across", "intake", "flow", "incident", "exemption", "in_kind"}


@pytest.mark.parametrize("kind", [b"t", b"s", b"x", b"o"])
def test_what_is_no_file_is_refused_in_words(kind: bytes) -> None:
    harness.one(kind)
    harness.one(kind + bytes(range(256)))


def test_small_letters_in_an_address_are_a_column_too() -> None:
    row = '<row r="1"</row><row r="3"><c r="z3" t="str"><v>PH</v></c></row>'
    harness.one(b"s" + harness.SHEET.format(row).encode())
    harness.one(b"s" + harness.SHEET.format(row.replace('1"<', '1"><')).encode())


def test_sixty_thousand_empty_rows_within_a_table_across_are_passed_over(tmp_path: Path) -> None:
    old = harness.old_books
    table = [("断面", "指标", "单位", "2026年1月", "2026年2月"), ("甲", "总磷", "mg/L", 0.1, 0.2)]
    last = b"".join(old.cell(60_000, column, value) for column, value in enumerate(("甲", "氨氮", "mg/L", 0.3)))
    path = tmp_path / "a.xls"
    path.write_bytes(old.compound(old.book([("表", old.rows(table) + last)])))
    parsed = read_file(path)
    assert (parsed.reading_count, parsed.counts.rows_in, parsed.counts.rows_empty) == (4, 60_000, 59_998)
