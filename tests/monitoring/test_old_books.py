"""What an .xls holds beside its values is told and refused as in an .xlsx; its files are made record by record."""

import sys
from collections.abc import Callable
from pathlib import Path
from struct import pack

import pytest

from compensation.errors import InputError
from compensation.monitoring import ParsedFile, biff, read_file
from compensation.quality.doubt import Flag

sys.path.append(str(Path(__file__).resolve().parents[2] / "fuzz"))
import old_books as old

TABLE = [
    ("年份", "月份", "断面", "总磷(mg/L)", "氨氮(mg/L)", "备注"),
    (2026, 1, "甲", 0.1, 0.2, None),
    (2026, 2, "甲", 0.3, 0.4, None),
]
VERSIONS = pytest.mark.parametrize("version", [old.BIFF8, old.BIFF5])
EMPTY_TEXT = b"\3\0\0\0\0\0\xff\xff"
Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def write(extra: bytes = b"", version: int = old.BIFF8, around: bytes = b"", **more: int) -> Path:
        records = old.book([("数据", old.rows(TABLE, version) + extra)], version, around, **more)
        path = tmp_path / "旧.xls"
        path.write_bytes(old.compound(records, "Book" if version == old.BIFF5 else "Workbook"))
        return path

    return write


def refused(parsed: ParsedFile) -> list[tuple[int, int | None, str]]:
    return [(each.row, each.column, each.text) for each in parsed.refused]


def why(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_file(path)
    return str(caught.value)


@VERSIONS
def test_a_table_is_read(make: Make, version: int) -> None:
    parsed = read_file(make(version=version))
    assert (parsed.form, parsed.reading_count, parsed.refused) == ("xls 工作簿", 4, [])
    assert {each.sheet for each in parsed.readings} == {"数据"}
    assert {each.section.name for each in parsed.readings} == {"甲"}
    assert not any("公式" in each for each in parsed.notes)


@VERSIONS
def test_an_error_is_refused_at_its_cell(make: Make, version: int) -> None:
    extra = old.cell(1, 4, "#DIV/0!") + old.formula(2, 3, b"\2\0\x2a\0\0\0\xff\xff")
    parsed = read_file(make(extra, version))
    assert refused(parsed) == [(2, 5, "#DIV/0!"), (3, 4, "#N/A")]
    assert parsed.refused[0].reason == "单元格是公式错误 #DIV/0!"


@VERSIONS
@pytest.mark.parametrize(("result", "options"), [(bytes(8), 2), (EMPTY_TEXT, 2), (EMPTY_TEXT, 0)])
def test_a_formula_that_nobody_calculated_is_refused(make: Make, version: int, result: bytes, options: int) -> None:
    parsed = read_file(make(old.formula(1, 4, result, options), version))
    assert refused(parsed) == [(2, 5, "#未计算")]


@pytest.mark.parametrize(
    ("extra", "around"),
    [
        (old.formula(2, 3, pack("<d", 0.7)) + old.formula(1, 4, EMPTY_TEXT), b""),
        (old.formula(1, 4, EMPTY_TEXT), old.record(0x01C1, bytes(8))),
        (old.formula(1, 4, pack("<d", 0.7), 2), b""),
    ],
)
def test_a_formula_may_come_to_empty_text_and_have_been_calculated(make: Make, extra: bytes, around: bytes) -> None:
    assert read_file(make(extra, around=around)).refused == []


def test_the_text_of_a_formula_in_an_old_codepage(make: Make) -> None:
    words = old.record(0x0207, old.text("乙", "H", old.BIFF5))
    parsed = read_file(make(old.formula(2, 2, b"\0\0\0\0\0\0\xff\xff") + words, old.BIFF5))
    assert {each.section.name for each in parsed.readings} == {"甲", "乙"}


@VERSIONS
def test_comments_are_told(make: Make, version: int) -> None:
    extra = old.comment(1, 3, "仪器\n故障", version) + old.comment(2, 4, "复测", version, number=2)
    notes = read_file(make(extra, version)).notes
    assert [each.split("，")[0] for each in notes] == ["表「数据」有 2 处批注（D2：仪器 故障；E3：复测）"]


def test_our_own_comments_are_not_told_and_one_without_its_text_is(make: Make) -> None:
    assert read_file(make(old.comment(1, 3, "x", author="补偿结算系统"))).notes == []
    lost = old.record(0x001C, pack("<HHHH", 1, 3, 0, 9) + old.text("", "H"))
    assert "1 处批注（D2：）" in "".join(read_file(make(lost)).notes)


@VERSIONS
def test_colours_of_fonts_and_fills(make: Make, version: int) -> None:
    remark = old.cell(1, 5, "红色数字表示异常值，黄色底纹表示离群值", version)
    styles = old.styles([(10, None), (8, 13), (23, 22), (8, None)], version)
    extra = remark + b"".join(
        old.cell(row, column, value, version, old.FIRST_OWN + style)
        for row, column, value, style in [(1, 3, 0.1, 0), (1, 4, 0.2, 1), (2, 3, 0.3, 2), (2, 4, 0.4, 3)]
    )
    parsed = read_file(make(extra, version, styles))
    assert [(each.reading.row, each.reading.column, each.colour, each.flag) for each in parsed.marked] == [
        (2, 4, "红", Flag.MARKED_ABNORMAL),
        (2, 5, "黄底", Flag.MARKED_OUTLIER),
    ], "grey is no colour"
    assert not any("读不出来" in each for each in parsed.notes)


def test_a_palette_of_the_books_own(make: Make) -> None:
    palette = old.record(0x0092, pack("<HIII", 3, 0, 0xFFFFFF, 0x0000B050))
    styles = old.styles([(10, None)]) + palette
    extra = old.cell(1, 3, 0.1, style=old.FIRST_OWN)
    assert [each.colour for each in read_file(make(extra, around=styles)).marked] == ["绿"]


def test_numbers_in_a_row_of_one_record_wear_their_styles(make: Make) -> None:
    both = pack("<HHHIHIH", 1, 3, old.FIRST_OWN, 10 << 2 | 2, 15, 20 << 2 | 2, 4)
    parsed = read_file(make(old.record(0x00BD, both), around=old.styles([(10, None)])))
    assert [(each.reading.row, each.reading.column, each.flag) for each in parsed.marked] == [(2, 4, Flag.MARKED)]


def test_conditional_formats_links_and_the_epoch_are_told(make: Make) -> None:
    notes = read_file(make(old.record(0x01B0, bytes(14)), around=old.record(0x01AE, bytes(9)))).notes
    assert [each.split("，")[0] for each in notes] == [
        "工作簿含外部链接：只采用已缓存的数值",
        "表「数据」有条件格式",
    ]
    book = biff.examine(make(around=old.record(0x0022, b"\1\0")).read_bytes(), "旧.xls")
    assert book is not None and book.epoch_1904


def test_what_stands_in_a_chart_within_is_none_of_the_sheets(make: Make) -> None:
    chart = old.record(0x0809, bytes(16)) + old.cell(1, 3, "#N/A") + old.record(0x000A)
    assert read_file(make(chart)).refused == []


def test_what_is_damaged_or_no_workbook_is_refused_in_words(make: Make, tmp_path: Path) -> None:
    whole = make().read_bytes()
    path = tmp_path / "坏.xls"
    for size in (8, 511, 513, 1100, 1600, 1700):
        path.write_bytes(whole[:size])
        assert "损坏" in why(path)
    path.write_bytes(old.compound(old.record(0x0809, bytes(16)) + old.record(0x000A)))
    assert "不支持的 xls 版本" in why(path)
    path.write_bytes(old.compound(b"", "Other"))
    assert "里面没有工作簿" in why(path)
    path.write_bytes(old.compound(b"", "WordDocument"))
    assert "Word 文档" in why(path)
    path.write_bytes(old.compound(old.book([("甲", old.rows(TABLE))])[:-4]))
    assert "损坏" in why(path), "the end of the last sheet is missing, and rows may be"


def test_a_password_is_named(make: Make) -> None:
    assert "密码" in why(make(around=old.record(0x002F, bytes(54))))


def test_claims_are_bounded(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "占用到第65536行" in why(make(old.cell(65_535, 255, 1)))
    records = old.book([("甲", old.rows(TABLE))])
    listed = old.record(0x0085, pack("<IBB", records.index(b"\x09\x08", 4), 0, 0) + old.text("甲", "B"))
    assert listed in records
    path = tmp_path / "多.xls"
    path.write_bytes(old.compound(records.replace(listed, listed * 600)))
    assert "损坏" in why(path) or "600张" in why(path)
    monkeypatch.setattr(biff, "MAX_COMMENTS", 1)
    assert "批注过多" in why(make(old.comment(1, 3, "a") + old.comment(2, 3, "b", number=2)))
    monkeypatch.setattr(biff, "MAX_OLD_TEXTS", 7)
    assert "文字过多" in why(make(version=old.BIFF5))
    monkeypatch.setattr(biff, "MAX_DENSE_CELLS", 17)
    assert "工作簿过大" in why(make())


@VERSIONS
@pytest.mark.parametrize(
    "size",
    [(0, 0xFFFF, 0, 0xFFFF), (5, 3, 0, 2), (0, 3, 7, 2), (0, 3, 0, 257)],
    ids=["huge", "rows", "columns", "wide"],
)
def test_a_size_that_no_sheet_has_is_refused_before_memory_is_set_aside(
    make: Make, version: int, size: tuple[int, int, int, int]
) -> None:
    form = "<HHHHH" if version == old.BIFF5 else "<IIHHH"
    assert "损坏" in why(make(old.record(0x0200, pack(form, *size, 0)), version))
    assert read_file(make(old.record(0x0200, pack(form, 0, 3, 0, 6, 0)), version)).reading_count == 4
    assert read_file(make(old.record(0x0200, pack(form, 0, 0, 0, 0, 0)), version)).reading_count == 4


def test_more_texts_than_there_are_bytes_are_refused(make: Make) -> None:
    assert "损坏" in why(make(around=old.record(0x00FC, pack("<II", 1, 0x7FFFFFFF))))
    assert read_file(make(around=old.record(0x00FC, pack("<II", 0, 0)))).reading_count == 4


def test_cells_of_a_chart_within_are_not_read(make: Make) -> None:
    size = old.record(0x0200, pack("<IIHHH", 0, 0x7FFFFFFF, 0, 0xFFFF, 0))
    chart = old.record(0x0809, bytes(16)) + size + old.cell(1, 3, 99) + old.cell(9, 3, 99) + old.record(0x000A)
    parsed = read_file(make(chart))
    assert [each.mantissa for each in parsed.readings] == [1, 2, 3, 4]
