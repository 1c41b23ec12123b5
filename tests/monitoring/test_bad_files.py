"""Files that must not be read, must not hurt, or must be read although they look bad."""

import io
import os
import re
import resource
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable
from datetime import datetime
from datetime import time as dt_time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compensation.errors import InputError
from compensation.monitoring import container, read_file

Write = Callable[..., Path]
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ROW = ("甲", "2026-07-09 22:00", 0.1)
HEADER = ("断面名称", "监测时间", "总磷(mg/L)")
SHEET = "xl/worksheets/sheet1.xml"


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_file(path)
    for fault in caught.value.faults:
        assert f"《{path.name}》" in fault.where
        assert fault.what and fault.why and fault.fix
    return str(caught.value)


def rewritten(path: Path, changes: dict[str, Callable[[bytes], bytes]], extra: dict[str, bytes] | None = None) -> Path:
    content = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, changes.get(member, bytes)(old.read(member)))
        for member, data in (extra or {}).items():
            new.writestr(member, data)
    return path


@pytest.fixture
def book(write_book: Write) -> Path:
    return write_book([HEADER, ROW])


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\x00" * 100, b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
@pytest.mark.parametrize("name", ["空.csv", "空.xlsx"])
def test_an_empty_file(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert "是空的" in refusal(path)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b'{"a": 1}', "结构化文本"),
        (bytes(range(256)) * 4, "不是可以读取"),
        (b"PK\x03\x04garbage", "损坏"),
        (OLE + b"\x00" * 600, "损坏"),
        ("这是一封信，没有表格。".encode(), "没有认出表头"),
        (b"a,b,c\n1,2,3\n", "没有认出表头"),
    ],
)
@pytest.mark.parametrize("name", ["数据.xlsx", "数据.csv"])
def test_not_what_its_name_says(tmp_path: Path, name: str, content: bytes, word: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert word in refusal(path)


def test_text_under_a_workbooks_name_is_read_and_noted(write_text: Write) -> None:
    parsed = read_file(write_text([HEADER, ROW], "数据.xlsx"))
    assert parsed.counts.rows_with_readings == 1
    assert any("内容是文本" in note for note in parsed.notes)


def test_a_workbook_under_a_text_name_is_read(book: Path) -> None:
    renamed = book.rename(book.with_suffix(".csv"))
    assert read_file(renamed).counts.rows_with_readings == 1


def test_absent_files_and_folders(tmp_path: Path) -> None:
    assert "不存在" in refusal(tmp_path / "没有.csv")
    assert "不是文件" in refusal(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission(book: Path) -> None:
    book.chmod(0)
    assert "打不开" in refusal(book)


def test_a_file_too_large(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_FILE_BYTES", 100)
    assert "过大" in refusal(book)


def test_a_locked_workbook(tmp_path: Path) -> None:
    path = tmp_path / "加密.xlsx"
    path.write_bytes(OLE + b"\x00" * 512 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 512)
    assert "密码" in refusal(path)


def test_a_zip_with_a_password(book: Path) -> None:
    data = bytearray(book.read_bytes())
    for found in re.finditer(rb"PK\x01\x02", bytes(data)):
        data[found.start() + 8] |= 1
    for found in re.finditer(rb"PK\x03\x04", bytes(data)):
        data[found.start() + 6] |= 1
    book.write_bytes(data)
    assert "密码" in refusal(book)


def test_a_bomb_by_ratio(book: Path) -> None:
    blanks = b" " * (container.RATIO_FREE_BYTES + 1)
    assert "压缩比" in refusal(rewritten(book, {}, {"xl/media/image.bin": blanks}))


def test_a_bomb_by_declared_size(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_INFLATED_BYTES", 1000)
    assert "声明的解压大小" in refusal(book)


def test_a_bomb_by_number_of_members(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_MEMBERS", 3)
    assert "成员" in refusal(book)


def test_a_directory_that_lies_about_sizes(book: Path) -> None:
    rewritten(book, {}, {"xl/media/image.bin": b" " * 5_000_000})
    data = bytearray(book.read_bytes())
    last = data.rindex(b"PK\x01\x02")
    assert struct.unpack_from("<L", data, last + 24) == (5_000_000,)
    struct.pack_into("<L", data, last + 24, 10)
    book.write_bytes(data)
    assert "损坏" in refusal(book)


def test_what_really_comes_out_is_bounded(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(book) as archive:
        declared = sum(member.file_size for member in archive.infolist())
    with zipfile.ZipFile(book) as archive:
        examination = container._Examination(archive, book.name)
        examination._left = declared - 1
        with pytest.raises(InputError, match="实际大小"):
            examination.run()


def test_two_members_with_one_name(book: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(book, "a") as archive:
        archive.writestr(SHEET, b"<worksheet/>")
    assert "损坏" in refusal(book)


@pytest.mark.parametrize("member", [SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"])
def test_entities_are_refused_wherever_they_stand(book: Path, member: str) -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    assert "文档类型" in refusal(rewritten(book, {member: lambda data: laughs + re.sub(rb"^<\?xml.*?\?>", b"", data)}))


@pytest.mark.parametrize(
    "content", [b"<worksheet>", b"<worksheet><sheetData><row r='x'/></sheetData></worksheet>", b""]
)
def test_a_sheet_that_is_no_sheet(book: Path, content: bytes) -> None:
    assert "损坏" in refusal(rewritten(book, {SHEET: lambda _: content}))


@pytest.mark.parametrize("members", [{"word/document.xml": b"<x/>"}, {"content.xml": b"<x/>"}, {"a.txt": b"1"}])
def test_an_archive_that_is_no_workbook(tmp_path: Path, members: dict[str, bytes]) -> None:
    path = tmp_path / "数据.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert "不是 xlsx" in refusal(path)


def test_a_dimension_of_a_million_empty_rows_is_only_a_claim(book: Path) -> None:
    def claim(data: bytes) -> bytes:
        return re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', data)

    assert read_file(rewritten(book, {SHEET: claim})).counts.rows_in == 1


def test_formatted_empty_rows_are_no_rows(book: Path) -> None:
    empty = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (row, row) for row in range(3, 120_000))
    path = rewritten(book, {SHEET: lambda data: data.replace(b"</sheetData>", empty + b"</sheetData>")})
    assert read_file(path).counts.rows_in == 1


@pytest.mark.parametrize("reference", [b"A1048576", b"Z900000", b"XFD1048576", b"XFD3", b"AAA99999"])
def test_a_stray_cell_far_away_is_refused_before_it_takes_memory(book: Path, reference: bytes) -> None:
    row = re.sub(rb"\D", b"", reference)
    stray = b'<row r="%s"><c r="%s" t="str"><v> </v></c></row></sheetData>' % (row, reference)
    path = rewritten(book, {SHEET: lambda data: data.replace(b"</sheetData>", stray)})
    if reference == b"XFD3":
        assert read_file(path).counts.rows_in == 1
        return
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "删除数据区以外" in refusal(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize(
    "cell",
    [
        b"<c r='ZZZ1000000'><v>1</v></c>",
        b'<c\nr="ZZZ1000000"><v>1</v></c>',
        b'<c s="0" r="ZZZ1000000"><v>1</v></c>',
        b'<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="ZZZ1000000"><x:v>1</x:v></x:c>',
        b"<x:c xmlns:x=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" r='XFD1000000'><x:v>1</x:v></x:c>",
        b'<c r="Xfd1000000"><v>1</v></c>',
        b"".join(b'<c r="%c3"><v>1</v></c>' % letter for letter in b"CDEFGHIJKLMNOPQRSTUVWXYZ")
        + b'<c r="XFD1000000"><v>1</v></c>',
        b'<c r="A99999999999"><v>1</v></c>',
        b'<c r="ZZZZZ1"><v>1</v></c>',
        b'<c r="1"><v>1</v></c>',
    ],
)
def test_a_stray_cell_in_disguise_is_found_too(book: Path, cell: bytes) -> None:
    row = b'<row r="3">' + cell + b"</row></sheetData>"
    refusal(rewritten(book, {SHEET: lambda data: data.replace(b"</sheetData>", row)}))


def test_formulas_use_their_cached_value(book: Path) -> None:
    def formula(data: bytes) -> bytes:
        return re.sub(rb'(<c r="C2"[^>]*>)<v>0.1</v>', rb"\1<f>1/4</f><v>0.25</v>", data)

    parsed = read_file(rewritten(book, {SHEET: formula}))
    assert [each.raw for each in parsed.readings] == ["0.25"]


def test_a_formula_without_a_cached_value_is_refused_at_its_cell(write_book: Write) -> None:
    parsed = read_file(write_book([HEADER, ROW, ("甲", "2026-07-10 02:00", "=C2*2"), ("=A2", "2026-07-10 02:00", 0.1)]))
    assert [(each.row, each.column, each.blocking) for each in parsed.refused] == [(3, 3, True), (4, 1, True)]
    assert "没有计算结果" in parsed.refused[0].reason
    assert [each.row for each in parsed.readings] == [2]


def test_a_last_row_of_dead_formulas_is_not_lost(write_book: Write) -> None:
    parsed = read_file(write_book([HEADER, ROW, ("=A2", "=B2", "=C2")]))
    assert (parsed.counts.rows_in, parsed.counts.rows_refused) == (2, 1)
    assert {each.row for each in parsed.blocking} == {3}


def test_a_formula_that_comes_to_empty_text_is_empty(book: Path) -> None:
    def formula(data: bytes) -> bytes:
        return re.sub(rb'<c r="C2"[^>]*><v>0.1</v>', b'<c r="C2" t="str"><f>IF(1,"")</f><v></v>', data)

    assert [each.raw for each in read_file(rewritten(book, {SHEET: formula})).readings] == [""]


def test_an_error_cell_is_refused_not_missing(book: Path) -> None:
    def error(data: bytes) -> bytes:
        return re.sub(rb'<c r="C2"[^>]*><v>0.1</v>', b'<c r="C2" t="e"><v>#DIV/0!</v>', data)

    parsed = read_file(rewritten(book, {SHEET: error}))
    assert [(each.row, each.column, each.text) for each in parsed.blocking] == [(2, 3, "#DIV/0!")]


def test_too_many_dead_formulas_refuse_the_file(write_book: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_UNUSABLE", 5)
    rows = [HEADER, *[("甲", "2026-07-10 02:00", "=1+1")] * 6]
    assert "公式" in refusal(write_book(rows))


def test_links_and_macros_are_noted_and_left_alone(book: Path) -> None:
    extra = {"xl/externalLinks/externalLink1.xml": b"<externalLink/>", "xl/vbaProject.bin": b"\x00"}
    notes = read_file(rewritten(book, {}, extra)).notes
    assert any("外部链接" in note for note in notes)
    assert any("宏" in note for note in notes)


def test_serials_count_otherwise_in_a_1904_workbook(write_book: Write) -> None:
    path = write_book([HEADER, ("甲", 46212.5, 0.1)])
    assert read_file(path).readings[0].time.hour == 12
    old = openpyxl.load_workbook(path)
    old.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    old.save(path)
    assert "1904" in read_file(path).blocking[0].reason


@pytest.mark.parametrize(
    ("serial", "clock", "time"),
    [
        (b"46212.9166666", b"0.5", "2026-07-09 12:00"),
        (b"46212", b"0.3263888", "2026-07-09 07:50"),
        (b"46212", b"0.99999999", "2026-07-10 00:00"),
        (b"46211.9999999", b"0", "2026-07-09 00:00"),
        (b"2958465.9999999", b"0", None),
    ],
)
def test_serials_come_back_to_the_second(write_book: Write, serial: bytes, clock: bytes, time: str | None) -> None:
    path = write_book([("采样日期", "采样时间", *HEADER[::2]), (datetime(2026, 1, 1, 1), dt_time(1), "甲", 0.1)])

    def serials(data: bytes) -> bytes:
        for cell, number in ((b"A2", serial), (b"B2", clock)):
            data, count = re.subn(rb'(<c r="%s"[^>]*><v>)[^<]*' % cell, rb"\g<1>%s" % number, data)
            assert count == 1
        return data

    parsed = read_file(rewritten(path, {SHEET: serials}))
    assert [f"{each.time:%Y-%m-%d %H:%M}" for each in parsed.readings] == ([time] if time else [])
    assert bool(parsed.blocking) is (time is None)


def test_a_quote_that_never_closes(write_text: Write) -> None:
    assert "引号" in refusal(write_text([HEADER, ("甲", '"2026-07-09 22:00', "0.1"), ROW]))


def test_a_cell_without_end(write_text: Write) -> None:
    assert "过长" in refusal(write_text([HEADER, ("甲", "x" * 200_000, "0.1")]))


def test_only_empty_sheets(write_book: Write) -> None:
    assert "没有数据" in refusal(write_book({"一": [], "二": []}))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_damaged_workbook_is_an_error_in_words(book: Path, data: st.DataObject) -> None:
    content = bytearray(book.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    path = book.with_name("坏.xlsx")
    path.write_bytes(content[:cut] if data.draw(st.booleans()) else content)
    try:
        read_file(path)
    except InputError as error:
        assert error.faults


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_below_a_header_are_read_or_refused(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "乱.csv"
    path.write_bytes("断面,时间,总磷(mg/L)\n".encode() + tail)
    try:
        parsed = read_file(path)
    except InputError as error:
        assert error.faults
    else:
        parsed.counts.check()


@pytest.mark.office
def test_xls_reads_as_xlsx_does(book: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        if os.environ.get("CI") == "true":
            pytest.fail("LibreOffice is absent")
        pytest.skip("LibreOffice is absent")
    profile = book.parent / "profile"
    command = [office, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "xls"]
    subprocess.run([*command, "--outdir", str(book.parent), str(book)], check=True, capture_output=True)
    old = read_file(book.with_suffix(".xls"))
    assert old.form == "xls 工作簿"
    assert old.readings == read_file(book).readings
