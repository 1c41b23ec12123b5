"""A long sheet is read piece by piece, and no row can tell: the same rows as of the sheet laid out whole."""

import sys
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path

import openpyxl
import pytest

from compensation.errors import InputError
from compensation.monitoring import container, pieces, read_file, texts
from compensation.monitoring.cells import open_source

sys.path.append(str(Path(__file__).resolve().parents[2] / "fuzz"))
from harness import MAIN, SHEET, packed

Tables = list[tuple[str, list[tuple[int, list[str]]], dict[tuple[int, int], tuple[int, int]]]]

GAPS = (
    '<row r="2"><c r="B2" t="inlineStr"><is><t>断面 &lt;/row></t></is></c><c r="D2"><v>1.5</v></c></row>'
    '<row r="3" ht="12"/><row r="7"><c r="C7"><v>7</v></c><c r="E7" s="0"/></row>'
    '<row r="8"><c r="A8" s="0"/></row><row r="9" spans="1:3"><c r="A9" t="str"><v></v></c><c r="B9"><v/></c></row>'
    '<row r="12"><c r="A12" t="b"><v>1</v></c></row><row r="14" hidden="1"></row>'
)
UNNUMBERED = '<row><c r="A1"><v>1</v></c></row><row><c r="A2"><v>2</v></c></row><row><c r="B3"><v>3</v></c></row>'
WIDE_LATER = "".join(f'<row r="{n}"><c r="{"ABK"[n % 3]}{n}"><v>{n}</v></c></row>' for n in range(1, 40))


def rows_of(path: Path) -> Tables:
    return [(table.name, list(table.rows), table.merged) for table in open_source(path).tables]


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[int]]:
    """Cut every sheet that can be cut into pieces of a few bytes, and count them."""

    def cut(size: int) -> list[int]:
        cuts: list[int] = []

        def counted(self: pieces.CutSheet) -> object:
            cuts.append(0)
            for each in whole(self):
                cuts[-1] += 1
                yield each

        whole = pieces.CutSheet.pieces
        monkeypatch.setattr(pieces.CutSheet, "pieces", counted)
        monkeypatch.setattr(pieces, "LONG_BYTES", 0)
        monkeypatch.setattr(pieces, "PIECE_BYTES", size)
        monkeypatch.setattr(pieces, "_CHUNK", size)
        monkeypatch.setattr(pieces, "AGAIN_TIMES", 0)
        return cuts

    return cut


def same_in_pieces(path: Path, cut: Callable[[int], list[int]], size: int) -> list[int]:
    """Hold the rows of the file in pieces against those of the whole; how many pieces each sheet came to."""
    whole = rows_of(path)
    cuts = cut(size)
    assert rows_of(path) == whole
    return cuts


@pytest.mark.parametrize("size", [1, 150, 300])
@pytest.mark.parametrize("rows", [GAPS, WIDE_LATER])
def test_gaps_margins_and_widths_are_as_of_the_whole(
    tmp_path: Path, in_pieces: Callable[[int], list[int]], rows: str, size: int
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(packed(SHEET.format(rows).encode()))
    (count,) = same_in_pieces(path, in_pieces, size)
    assert count > 1


def test_dates_of_1904_shared_texts_and_merged_ranges_across_a_cut(
    tmp_path: Path, in_pieces: Callable[[int], list[int]]
) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.worksheets[0]
    sheet.title = "甲 & 乙"
    for number in range(1, 60):
        sheet.append(
            [f"断面{number % 7}", datetime(2026, 7, 1, 4, number), time(7, number), number / 7, number % 2 == 0]
        )
    sheet.merge_cells("A5:A40")
    sheet.merge_cells("G50:H58")
    book.create_sheet("隐藏").append(["注"])
    book.worksheets[1].sheet_state = "hidden"
    path = tmp_path / "表.xlsx"
    book.save(path)
    counts = same_in_pieces(path, in_pieces, 300)
    assert min(counts[0], counts[-1]) >= 1
    assert max(counts) > 10
    (_, rows, merged), _ = rows_of(path)
    assert rows[3][1][1] == "2026-07-01 04:04:00"
    assert merged[40, 1] == (5, 1)


@pytest.mark.real
def test_real_files_come_out_the_same(shared_dir: Path, in_pieces: Callable[[int], list[int]]) -> None:
    paths = sorted((shared_dir / "data").rglob("*.xlsx"))
    whole = [rows_of(path) for path in paths]
    cuts = in_pieces(100_000)
    assert [rows_of(path) for path in paths] == whole
    assert sum(cuts) > 100


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- </row> -->",
        '<c r="B1" t="inlineStr"><is><t><![CDATA[</row>]]></t></is></c>',
        "<c><v>5</v></c>",
        '<c r="B1"><?note </row>?><v>2</v></c>',
        '<c r="z1"><v>2</v></c>',
    ],
)
def test_what_a_plain_search_cannot_follow_is_laid_out_whole(
    tmp_path: Path, in_pieces: Callable[[int], list[int]], hidden: str
) -> None:
    rows = f'<row r="1"><c r="A1"><v>1</v></c>{hidden}</row><row r="2"><c r="A2"><v>2</v></c></row>'
    path = tmp_path / "表.xlsx"
    path.write_bytes(packed(SHEET.format(rows).encode()))
    assert same_in_pieces(path, in_pieces, 1) == []


UNUSABLE = (
    '<row r="1"><c r="A1" t="str"><v>断面</v></c><c r="B1"><f>C1</f></c></row>'
    '<row r="3"><c r="A3" t="e"><v>#N/A</v></c></row>'
    '<row r="5"><c r="A5"><f>1+1</f><v>2</v></c><c r="C5" t="str"><f>""</f><v></v></c></row>'
    '<row r="8"><c r="E8"><f>1/0</f></c></row><row r="9"><c r="B9" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    '<row r="12"><c r="B12"><f>A1</f></c></row>'
)
FORMULAS = "".join(
    f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="{"BAD"[n % 3]}{n}" t="str"><f t="shared" si="0"/><v>和{n}</v></c>'
    f'<c r="F{n}"><f>SUM(A{n}:B{n})*&quot;&gt;&quot;</f><v>{n / 7}</v></c></row>'
    for n in range(1, 30)
)
COLUMNS = ("A", "Z", "AA", "AB", "BH", "ZZ", "AAA", "C", "XFD")
WIDE = "".join(
    f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="{COLUMNS[n % 9]}{n + 1}"><v>{n}</v></c></row>' for n in range(1, 40, 2)
)


@pytest.mark.parametrize("size", [1, 200, 900])
@pytest.mark.parametrize("rows", [UNUSABLE, FORMULAS, WIDE])
def test_formulas_errors_and_many_columns_are_as_of_the_whole(
    tmp_path: Path, in_pieces: Callable[[int], list[int]], rows: str, size: int
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(packed(SHEET.format(rows).encode()))
    counts = same_in_pieces(path, in_pieces, size)
    assert size > 200 or counts[-1] > 1


def test_a_formula_without_its_result_is_refused_with_its_cell_in_pieces_too(
    tmp_path: Path, in_pieces: Callable[[int], list[int]]
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["断面名称", "监测时间", "氨氮(mg/L)", "总氮(mg/L)"])
    for number in range(1, 20):
        sheet.append(["甲", datetime(2026, 7, 1, number), 0.5, 1.5])
    sheet["D9"] = "=C9+1"
    path = tmp_path / "表.xlsx"
    book.save(path)
    counts = in_pieces(300)
    (fault,) = read_file(path).blocking
    assert max(counts) > 5
    assert (fault.row, fault.column, fault.text) == (9, 4, "#未计算")


def test_faults_dates_and_merged_cells_come_out_the_same(tmp_path: Path, in_pieces: Callable[[int], list[int]]) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["断面名称", "监测时间", "氨氮(mg/L)", "总氮(mg/L)"])
    for number in range(1, 40):
        sheet.append(
            ["甲" if number % 5 == 1 else None, datetime(2026, 7, number % 28 + 1, 4), number / 7, f"0.{number}L"]
        )
    for first in range(2, 40, 5):
        sheet.merge_cells(f"A{first}:A{min(first + 4, 40)}")
    sheet["C7"], sheet["D12"], sheet["B20"], sheet["C30"] = "坏", "=C12+1", "2026.01.27~02.04", -5
    path = tmp_path / "表.xlsx"
    book.save(path)
    whole = read_file(path)
    counts = in_pieces(400)
    cut = read_file(path)
    assert max(counts) > 5
    assert [(each.row, each.column) for each in cut.blocking] == [(7, 3), (12, 4), (20, 2), (30, 3)]
    assert (cut.readings, cut.refused, cut.rejected, cut.notes, cut.counts, cut.layouts) == (
        *(whole.readings, whole.refused, whole.rejected, whole.notes, whole.counts, whole.layouts),
    )


def listing(*texts: str) -> bytes:
    return f'<sst xmlns="{MAIN}/spreadsheetml/2006/main" count="9">{"".join(texts)}</sst>'.encode()


TEXTS = (
    "<si><t>断面</t></si>",
    '<si><t xml:space="preserve"> 两端有空格 </t></si>',
    "<si/>",
    "<si><r><rPr><b/></rPr><t>粗</t></r><r><t>细</t></r></si>",
    "<si>\n<t>换行\n的</t><phoneticPr fontId='1'/></si>",
    "<si><t>&lt;/si&gt;&amp;</t></si>",
)
NAMING = "".join(
    f'<row r="{n}"><c r="A{n}" t="s"><v>{n % 6}</v></c><c r="B{n}" s="0" t="s" cm="0"><v>0{n % 5}</v></c>'
    f'<c r="C{n}"><v>{n}</v></c><c r="D{n}" t="s"/></row>'
    for n in range(1, 30)
).replace('<c r="D7" t="s"/>', '<c r="D7"/>')


@pytest.mark.parametrize("rows", [NAMING, NAMING.replace(' t="s"/>', "/>"), NAMING.replace(' t="s"', " t='s'")])
@pytest.mark.parametrize("size", [1, 200, 2000])
def test_each_piece_is_given_its_own_shared_texts(
    tmp_path: Path,
    in_pieces: Callable[[int], list[int]],
    monkeypatch: pytest.MonkeyPatch,
    rows: str,
    size: int,
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(packed(SHEET.format(rows).encode(), listing(*TEXTS)))
    given = []
    plain = texts.SharedTexts.given

    def noted(self: texts.SharedTexts, xml: bytes) -> tuple[bytes, bytes] | None:
        given.append(plain(self, xml))
        return given[-1]

    monkeypatch.setattr(texts.SharedTexts, "given", noted)
    whole = rows_of(path)
    assert not given
    in_pieces(size)
    monkeypatch.setattr(pieces, "MANY_TEXTS_BYTES", 0)
    assert rows_of(path) == whole
    assert len(given) > 1
    if rows == NAMING.replace(' t="s"/>', "/>"):
        assert all(given)
    assert size > 1 or max(each[0].count(b"<si") for each in given if each) <= 3


@pytest.mark.parametrize(
    "odd",
    [
        listing("<si><t><![CDATA[</si>]]></t></si>"),
        listing("<!-- <si> -->", *TEXTS),
        listing("<!-- <si><t>无</t></si> -->", *TEXTS),
        listing(*TEXTS).replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"xmlns=", b"xmlns:x="),
        listing("<si><t>未完"),
    ],
)
def test_a_list_of_texts_that_a_plain_search_cannot_follow_is_given_whole(odd: bytes) -> None:
    assert texts.SharedTexts.of([odd]) is None
    assert texts.SharedTexts.of(odd[at : at + 5] for at in range(0, len(odd), 5)) is None


def test_texts_are_found_wherever_the_pieces_of_the_list_end() -> None:
    whole = listing(*TEXTS)
    cell = b'<c r="A1" t="s"><v>%d</v></c>'
    for size in (1, 7, 30, 10**6):
        found = texts.SharedTexts.of(whole[at : at + size] for at in range(0, len(whole), size))
        assert found is not None
        for number, text in enumerate(TEXTS):
            assert found.given(cell % number) == (listing(text), cell % 0)
        assert found.given(cell % len(TEXTS)) is None
        assert found.given(cell % 3 + cell % 4) == (listing(TEXTS[3] + TEXTS[4]), cell % 0 + cell % 1)


def test_rows_without_numbers_stand_where_their_cells_say(
    tmp_path: Path, in_pieces: Callable[[int], list[int]]
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(packed(SHEET.format(UNNUMBERED).encode()))
    assert max(same_in_pieces(path, in_pieces, 1)) > 1


def test_rows_out_of_order_are_refused_in_words(tmp_path: Path, in_pieces: Callable[[int], list[int]]) -> None:
    rows = '<row r="9"><c r="A9"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    path = tmp_path / "表.xlsx"
    path.write_bytes(packed(SHEET.format(rows).encode()))
    in_pieces(1)
    with pytest.raises(InputError, match="第2行排在第9行之后"):
        rows_of(path)


def test_rows_out_of_order_beside_an_error_are_laid_out_whole(
    tmp_path: Path, in_pieces: Callable[[int], list[int]]
) -> None:
    rows = '<row r="9"><c r="A9" t="e"><v>#N/A</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    path = tmp_path / "表.xlsx"
    path.write_bytes(packed(SHEET.format(rows).encode()))
    assert same_in_pieces(path, in_pieces, 1) == []


@pytest.mark.parametrize("before", ["2", "2 ", ""])
def test_a_cell_within_a_cell_makes_no_sheet_wider(
    tmp_path: Path, in_pieces: Callable[[int], list[int]], before: str
) -> None:
    rows = (
        f'<row r="1"><c r="A1"><v>{before}<c r="AB1"><v>1</v></c></v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    )
    path = tmp_path / "表.xlsx"
    path.write_bytes(packed(SHEET.format(rows).encode()))
    same_in_pieces(path, in_pieces, 1)


def test_a_row_of_a_full_sheet_is_still_plain() -> None:
    rows = '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    look = container.QuickLook()
    assert look.at(SHEET.format(rows).encode())
    shape = look.shape()
    assert shape is not None
    assert shape.tail == b"</worksheet>"
    assert not container.QuickLook().at(SHEET.format(rows.replace("1048576", "1050000")).encode())


def test_a_wide_row_after_narrow_ones_needs_a_closer_look() -> None:
    # The cell of the first row says that it stands far below, which nobody looks for among few columns.
    far, wide = '<row r="1"><c r="A1000000"><v>1</v></c><c r="B1"><v>1</v></c></row>', '<row r="2"><c r="XFD2"/></row>'
    first, _, second = SHEET.format(far + "|" + wide).encode().partition(b"|")
    look = container.QuickLook()
    assert look.at(first + b" " * 100)
    assert look.at(second) is False or look.shape() is None
    look = container.QuickLook()
    assert look.at(SHEET.format(wide + far).encode())
    shape = look.shape()
    assert shape is not None
    assert shape.is_sprawling


def test_a_short_sheet_that_names_many_texts_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(packed(SHEET.format(NAMING).encode(), listing(*TEXTS)))
    shapes = container.examine(path.read_bytes(), path.name).shapes
    assert pieces.cut_sheets(path.read_bytes(), shapes) == {}
    monkeypatch.setattr(pieces, "MANY_TEXTS_BYTES", 0)
    assert pieces.cut_sheets(path.read_bytes(), shapes).keys() == shapes.keys()


def test_a_short_sheet_goes_whole_and_so_does_one_of_many_shared_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "表.xlsx"
    path.write_bytes(packed(SHEET.format(WIDE_LATER).encode()))
    shape = container.examine(path.read_bytes(), path.name).shapes["a"]
    assert pieces.cut_sheets(path.read_bytes(), {"a": shape}) == {}
    monkeypatch.setattr(pieces, "LONG_BYTES", 0)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 1)
    monkeypatch.setattr(pieces, "AGAIN_TIMES", 10_000)
    assert pieces.cut_sheets(path.read_bytes(), {"a": shape}) == {}


@pytest.mark.parametrize("error", ['t="e"', "t='e'", 't = "e"'])
def test_an_error_is_seen_whatever_its_quotes(error: str) -> None:
    row = '<row r="2"><c r="A2" {}><v>1</v></c></row>'
    assert container.QuickLook().at(SHEET.format(row.format('t="n"')).encode())
    assert not container.QuickLook().at(SHEET.format(row.format(error) + '<row r="3"><c r="A3"/></row>').encode())
