"""What the fuzzer feeds the readers with, and what it holds them to; tests use it without the fuzzer."""

import io
import struct
import tempfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import old_books

from compensation.errors import InputError
from compensation.monitoring import pieces, read_file
from compensation.monitoring.cells import open_source

FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-"))
SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}'
    "</sheetData></worksheet>"
)
MAIN = "http://schemas.openxmlformats.org"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{MAIN}/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{MAIN}/package/2006/relationships"><Relationship Id="r1" '
    f'Type="{MAIN}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}/spreadsheetml/2006/main" '
    f'xmlns:r="{MAIN}/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets>'
    "</workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{MAIN}/package/2006/relationships"><Relationship Id="r1" '
    f'Type="{MAIN}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
SEEDS = (
    "省份,断面名称,监测时间,水质类别,总磷(mg/L),站点情况\n上海市,太浦河桥,07-09 04:00,Ⅱ,0.1,正常\n",
    "断面名称,采样日期,指标,数值,单位\n甲,2026/7/9,锑,5.02L,μg/L\n",
    '断面,年,月,取水量(万m³),依据文号\n甲,2026,7,"1,200.5",文\n',
    "断面,日期,流量(m³/s)\n甲,20260709,12.5\n",
    "编号,日期,断面,指标,浓度(mg/L),核定应急费用(万元),责任比例,承担方,依据文号\n1,2026-07-09,甲,锑,0.006,5,苏:1,沪,文\n",
    "断面,起,止,原因,认定文件\n甲,2026年7月1日,2026.7.3,洪水,文\n",
    "年度,提供方,受益方,类别,内容,认定价值(万元),依据文号\n2026,沪,苏,技术,模型,80,文\n",
    "断面\t监测时间\t氨氮(mg/L)\n单位\t\tmg/L\n检出限\t\t0.025\n甲\t46212.5\tND\n均值\t\t0.1\n",
    "监测项目,单位,甲,乙,均值\n采样日期,,2026-07-09,2026-07-10,\n总磷,μg/L,50,0.01L,\n站点情况,,正常,维护,\n",
    "断面：甲\n项目,2026-07-09,2026-08-10\nPH,7,x\n",
    "断面,指标,单位,1月,2026年2月,20260301\n甲,总磷,mg/L,0.1,<0.01,--\n注：月均\n",
)


def read(data: bytes, name: str) -> None:
    """Read one file; only a refusal in words is an answer besides a count that ties."""
    path = FOLDER / name
    path.write_bytes(data)
    try:
        parsed = read_file(path)
    except InputError as error:
        assert error.faults
        return
    parsed.counts.check()
    assert len({(each.sheet, each.row) for each in parsed.rejected}) == len(parsed.rejected)
    assert parsed.counts.rows_refused >= len(parsed.rejected)


def packed(sheet: bytes, texts: bytes = b"") -> bytes:
    """A workbook whose one sheet is these bytes: the mutator then reaches the sheet and not only the zip around it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in PARTS.items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        if texts:
            archive.writestr("xl/sharedStrings.xml", texts)
    return out.getvalue()


def cut(sheet: bytes) -> None:
    """Hold a sheet read in pieces of a hundred bytes against the same laid out whole, where it is XML at all."""
    try:
        ElementTree.fromstring(sheet)
    except (ElementTree.ParseError, LookupError, ValueError):
        return
    path = FOLDER / "b.xlsx"
    path.write_bytes(packed(sheet))
    usual = pieces.LONG_BYTES, pieces.PIECE_BYTES, pieces.AGAIN_TIMES
    try:
        whole = _rows(path)
        pieces.LONG_BYTES, pieces.PIECE_BYTES, pieces.AGAIN_TIMES = 0, 100, 0
        assert _rows(path) == whole
    except InputError as error:
        assert error.faults
    finally:
        pieces.LONG_BYTES, pieces.PIECE_BYTES, pieces.AGAIN_TIMES = usual


def _rows(path: Path) -> list[object]:
    return [(table.name, list(table.rows), table.merged) for table in open_source(path).tables]


def one(data: bytes) -> None:
    """The first byte chooses how the rest is to be taken: a text, a workbook, an old one's records, or a sheet."""
    kind, rest = data[:1], data[1:]
    if kind == b"s":
        read(packed(rest), "a.xlsx")
        cut(rest)
    elif kind == b"o":
        read(old_books.compound(rest), "a.xls")
    else:
        read(rest, "a.csv" if kind == b"t" else "a.xlsx")


def seeds() -> list[bytes]:
    """Small files of every form."""
    made = [b"t" + text.encode(encoding) for text in SEEDS for encoding in ("utf-8", "gb18030", "utf-16")]
    for text in SEEDS:
        rows = "".join(
            f'<row r="{number}">'
            + "".join(f'<c r="{chr(65 + at)}{number}" t="str"><v>{cell}</v></c>' for at, cell in enumerate(cells))
            + "</row>"
            for number, cells in enumerate((line.replace("\t", ",").split(",") for line in text.splitlines()), start=1)
        )
        sheet = SHEET.format(rows).encode()
        made += [b"s" + sheet, b"x" + packed(sheet)]
    records = [_old(text, version) for text in SEEDS for version in (old_books.BIFF8, old_books.BIFF5)]
    return made + [b"o" + each for each in records] + [b"x" + old_books.compound(records[0])]


def _old(text: str, version: int) -> bytes:
    """The records of an old workbook with a table and, beside it, of each kind that is looked at."""
    table = [
        [float(each) if each.replace(".", "", 1).isdecimal() else each for each in line.replace("\t", ",").split(",")]
        for line in text.splitlines()
    ]
    made = old_books
    last = len(table)
    dirt = made.cell(last, 0, "#N/A") + made.formula(last, 1, b"\2\0\7\0\0\0\xff\xff")
    dirt += made.formula(last, 2, bytes(8), 2) + made.formula(last, 3, b"\3\0\0\0\0\0\xff\xff")
    dirt += made.cell(last, 6, 0.5, version, made.FIRST_OWN) + made.comment(1, 1, "注", version)
    dirt += made.record(0x00BD, struct.pack("<HHHIHIH", last, 4, 15, 0x3FF00000, 15, 0x40000000, 5))
    dirt += made.record(0x01B0, bytes(14)) + made.record(0x0809, bytes(16)) + made.record(0x000A)
    around = made.styles([(10, 13)], version) + made.record(0x0092, struct.pack("<HI", 1, 255))
    return made.book([("甲", made.rows(table, version) + dirt)], version, around)
