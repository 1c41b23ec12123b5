"""What is refused: in Chinese, with the place, the reason and the remedy, its own exit code, and nothing changed."""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from compensation.agreement.loader import load

ASKED_WRONGLY: dict[str, tuple[list[str], int, str]] = {
    "unknown command": (["settel", "2026"], 2, "settel"),
    "unknown option": (["settle", "2026", "--provisionl"], 2, "--provisionl"),
    "no file": (["import"], 2, "用法有误"),
    "no such file": (["import", "没有.csv"], 2, "没有.csv"),
    "a folder as a file": (["import", "夹"], 2, "夹"),
    "no period": (["settle"], 2, "期间"),
    "half a period": (["settle", "--from", "2026-01-01"], 2, "期间"),
    "year and period": (["settle", "2026", "--from", "2026-01-01", "--to", "2026-12-31"], 2, "期间"),
    "period the wrong way round": (["settle", "--from", "2026-12-31", "--to", "2026-01-01"], 2, "晚于"),
    "no year": (["settle", "二〇二六"], 2, "年"),
    "no such day": (["settle", "--from", "2026-02-30", "--to", "2026-12-31"], 2, "--from"),
    "outside the term": (["settle", "2029"], 2, "期限"),
    "unknown agreement": (["settle", "2026", "--agreement", "taipu"], 2, "taipu-draft"),
    "no agreement file": (["settle", "2026", "--agreement", "没有.yaml"], 2, "没有.yaml"),
    "a folder as an agreement": (["settle", "2026", "--agreement", "夹.yaml"], 2, "文件夹"),
    "unknown settlement": (["sheet", "taipu-draft-2026-00000000"], 2, "taipu-draft-2026-00000000"),
    "sheet into a folder that is not there": (["sheet", "--out", "没有/表.xlsx"], 2, "没有/表.xlsx"),
    "sheet over a folder": (["sheet", "--out", "夹"], 2, "夹"),
    "unknown party": (["explain", "--party", "皖"], 2, "皖"),
    "unknown clause": (["explain", "--clause", "第九十条"], 2, "第一条"),
    "unknown section": (["quality", "长江大桥", "2026-07"], 2, "长江大桥"),
    "no month": (["quality", "太浦河桥", "2026-13"], 2, "2026-07"),
}


@pytest.mark.parametrize("name", ASKED_WRONGLY)
def test_a_wrong_request_is_refused(desk, call, name: str) -> None:  # type: ignore[no-untyped-def]
    (desk.folder / "夹").mkdir()
    (desk.folder / "夹.yaml").mkdir()
    before, files = desk.dump(), sorted(desk.folder.iterdir())
    arguments, code, said = ASKED_WRONGLY[name]
    left = call(*arguments)
    assert left.code == code, left
    assert said in left.err
    assert re.search(r"错误：|用法有误：", left.err)
    assert "Traceback" not in left.err
    assert not re.search(r"[A-Za-z]{4,} [a-z]{2,} [a-z]{2,}", left.err), f"English: {left.err}"
    assert desk.dump() == before
    assert sorted(desk.folder.iterdir()) == files


def workbook(sheet: bytes) -> bytes:
    """The least workbook with this sheet."""
    namespace = b"http://schemas.openxmlformats.org"
    parts = {
        "[Content_Types].xml": b'<Types xmlns="%s/package/2006/content-types"><Default Extension="xml" ContentType='
        b'"application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        b'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        b'officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        b'"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>' % namespace,
        "_rels/.rels": b'<Relationships xmlns="%s/package/2006/relationships"><Relationship Id="r1" Type="%s/'
        b'officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        % (namespace, namespace),
        "xl/workbook.xml": b'<workbook xmlns="%s/spreadsheetml/2006/main" xmlns:r="%s/officeDocument/2006/'
        b'relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>' % (namespace, namespace),
        "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="%s/package/2006/relationships"><Relationship Id="r1" '
        b'Type="%s/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        % (namespace, namespace),
        "xl/worksheets/sheet1.xml": sheet,
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as book:
        for part, data in parts.items():
            book.writestr(part, data)
    return content.getvalue()


def sheet(dimension: str, rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        f'<worksheet xmlns="{space}"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'.encode()
    )


def bomb() -> bytes:
    return workbook(sheet("A1:A1", "<!--" + " " * 300_000_000 + "-->"))


def claims_a_million_rows() -> bytes:
    return workbook(
        sheet("A1:XFD1048576", '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>尾</t></is></c></row>')
    )


def with_password() -> bytes:
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    return header.ljust(512, b"\xff") + "EncryptedPackage".encode("utf-16-le").ljust(2048, b"\0")


BAD_FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty csv": ("空.csv", bytes),
    "empty xlsx": ("空.xlsx", bytes),
    "picture": ("图.xlsx", lambda: b"\x89PNG\r\n\x1a\n" + bytes(200)),
    "text as xlsx": ("文.xlsx", "这里只有一段话，不是数据。\n".encode),
    "noise as csv": ("噪.csv", lambda: bytes(range(256)) * 20),
    "zip that is no workbook": ("包.xlsx", lambda: workbook(b"")[:300]),
    "password": ("密.xlsx", with_password),
    "zip bomb": ("弹.xlsx", bomb),
    "a million rows claimed": ("百万.xlsx", claims_a_million_rows),
    "another table": ("别.csv", "姓名,电话\n张三,123\n".encode),
    "unknown unit": ("单位.csv", "断面名称,监测时间,总磷(斤/斗)\n太浦河桥,2026-07-01 08:00,0.1\n".encode),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_and_nothing_changes(desk, call, name: str) -> None:  # type: ignore[no-untyped-def]
    before = desk.dump()
    file, content = BAD_FILES[name]
    Path(file).write_bytes(content())
    left = call("import", file)
    assert left.code == 2, left
    assert f"《{file}》" in left.err
    for part in ("错误：", "原因：", "处理："):
        assert part in left.err
    assert desk.dump() == before


def test_one_bad_file_among_good_ones_does_not_hold_the_others_up(desk, call) -> None:  # type: ignore[no-untyped-def]
    head = "断面名称,监测时间,高锰酸盐指数,氨氮,总磷\n"
    Path("好.csv").write_text(head + "太浦河桥,2025-01-05 08:00,3.1,0.2,0.08\n", encoding="utf-8")
    Path("坏.csv").write_bytes(b"")
    left = call("import", "坏.csv", "好.csv", "没有.csv")
    assert left.code == 2
    assert "《好.csv》：1 行" in left.out
    assert "共 2 处问题" in left.err


def test_an_agreement_with_typos_is_refused_with_every_place(desk, call) -> None:  # type: ignore[no-untyped-def]
    text = (
        load("taipu-draft").text.replace("unit: 元/m³", "unit: 元/斛", 1).replace("  status: draft", "  statsu: draft")
    )
    Path("协议.yaml").write_text(text, encoding="utf-8")
    before = desk.dump()
    for command in (["settle", "2026", "--agreement", "协议.yaml"], ["agreement", "check", "协议.yaml"]):
        left = call(*command)
        assert left.code == 2
        assert "元/斛" in left.err
        assert "statsu" in left.err
        assert len(re.findall(r"《协议.yaml》第 \d+ 行第 \d+ 列", left.err)) >= 2
    assert desk.dump() == before


@pytest.mark.parametrize("command", [["status"], ["settle", "2026"], ["sheet"], ["explain"], ["check"]])
def test_a_folder_without_a_database_is_told_and_none_is_made(  # type: ignore[no-untyped-def]
    empty_desk, call, command: list[str]
) -> None:
    left = call(*command)
    assert left.code == 3
    assert "compensation init" in left.err
    assert not list(empty_desk.folder.iterdir())


def test_a_database_that_is_none(empty_desk, call, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    empty_desk.database.write_text("这不是数据库" * 500, encoding="utf-8")
    before = empty_desk.database.read_bytes()
    for command in (["status"], ["init"], ["settle", "2026"]):
        assert call(*command).code == 3
    assert empty_desk.database.read_bytes() == before
    monkeypatch.setenv("COMPENSATION_DATABASE_URL", "mysql://x/y")
    assert call("status").code == 3


def test_nothing_settled_yet(empty_desk, call) -> None:  # type: ignore[no-untyped-def]
    assert call("init").code == 0
    before = empty_desk.dump()
    for command in (["sheet"], ["explain"]):
        left = call(*command)
        assert left.code == 2
        assert "compensation settle" in left.err
    assert call("check").code == 0
    assert empty_desk.dump() == before
