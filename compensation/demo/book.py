"""A small xlsx writer for the demo files: the same cells give the same bytes.

Members are stored, not deflated, because compressed bytes differ between zlib builds; every time inside the
package is fixed. Source: ECMA-376 parts 1 and 2 (SpreadsheetML, Open Packaging Conventions).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from openpyxl.utils import get_column_letter

_SERIAL_DAY_ZERO = date(1899, 12, 30)
_MINUTES_A_DAY = 24 * 60
_FIRST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


class Number(NamedTuple):
    """A numeric cell, given as the decimal text that stands in the file."""

    text: str


Cell = str | Number | date | datetime | None
"""Text, a number, a day, a day with a time (kept as a serial), or nothing."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows from A1 on; `title_rows` are merged across the table and set in bold."""

    name: str
    rows: Sequence[Sequence[Cell]]
    title_rows: int = 0


def workbook_bytes(title: str, sheets: Sequence[Sheet]) -> bytes:
    """The whole xlsx package."""
    members = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations(
            (f"{_OFFICE}/relationships/officeDocument", "xl/workbook.xml"),
            (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ),
        "docProps/core.xml": _core_properties(title),
        "xl/workbook.xml": _workbook(sheets),
        "xl/_rels/workbook.xml.rels": _relations(
            *((f"{_OFFICE}/relationships/worksheet", f"worksheets/sheet{n + 1}.xml") for n in range(len(sheets))),
            (f"{_OFFICE}/relationships/styles", "styles.xml"),
        ),
        "xl/styles.xml": _STYLES,
    }
    members |= {f"xl/worksheets/sheet{n + 1}.xml": _worksheet(sheet) for n, sheet in enumerate(sheets)}
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as package:
        for name, text in members.items():
            member = ZipInfo(name, _FIRST_ZIP_TIME)
            # The default names the system that wrote the file.
            member.create_system = 3
            member.external_attr = 0o644 << 16
            package.writestr(member, text.encode())
    return buffer.getvalue()


def _content_types(sheets: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = [("/xl/workbook.xml", f"{kind}.sheet.main+xml"), ("/xl/styles.xml", f"{kind}.styles+xml")]
    parts += [(f"/xl/worksheets/sheet{n + 1}.xml", f"{kind}.worksheet+xml") for n in range(sheets)]
    parts.append(("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"))
    overrides = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in parts)
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(*targets: tuple[str, str]) -> str:
    items = "".join(
        f'<Relationship Id="rId{n + 1}" Type="{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(targets)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'


def _core_properties(title: str) -> str:
    stamp = "2026-01-01T00:00:00Z"
    times = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{stamp}</dcterms:{name}>' for name in ("created", "modified")
    )
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title>{times}</cp:coreProperties>"
    )


def _workbook(sheets: Sequence[Sheet]) -> str:
    items = "".join(
        f'<sheet name="{escape(sheet.name)}" sheetId="{n + 1}" r:id="rId{n + 1}"/>' for n, sheet in enumerate(sheets)
    )
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships"><sheets>{items}</sheets></workbook>'


_PLAIN, _DAY, _MOMENT, _TITLE = range(4)
_SONG = '<name val="宋体"/>'
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    r'<numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/>'
    r'<numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm"/></numFmts>'
    f'<fonts count="2"><font><sz val="11"/>{_SONG}</font><font><b/><sz val="14"/>{_SONG}</font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">'
    '<alignment horizontal="center"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _worksheet(sheet: Sheet) -> str:
    width = max(len(row) for row in sheet.rows)
    letters = [get_column_letter(column + 1) for column in range(width)]
    rows = "".join(_row(number, row, letters, sheet.title_rows) for number, row in enumerate(sheet.rows, start=1))
    merges = "".join(f'<mergeCell ref="A{n}:{letters[-1]}{n}"/>' for n in range(1, sheet.title_rows + 1))
    merged = f'<mergeCells count="{sheet.title_rows}">{merges}</mergeCells>' if merges else ""
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{letters[-1]}{len(sheet.rows)}"/>'
        f'<cols><col min="1" max="{width}" width="17" customWidth="1"/></cols>'
        f"<sheetData>{rows}</sheetData>{merged}"
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    )


def _row(number: int, row: Sequence[Cell], letters: Sequence[str], title_rows: int) -> str:
    style = _TITLE if number <= title_rows else _PLAIN
    cells = "".join(
        _cell(f"{letter}{number}", cell, style) for letter, cell in zip(letters, row, strict=False) if cell is not None
    )
    return f'<row r="{number}">{cells}</row>'


def _cell(address: str, cell: Cell, style: int) -> str:
    if isinstance(cell, Number):
        return f'<c r="{address}"><v>{cell.text}</v></c>'
    if isinstance(cell, datetime):
        return f'<c r="{address}" s="{_MOMENT}"><v>{_serial(cell)}</v></c>'
    if isinstance(cell, date):
        return f'<c r="{address}" s="{_DAY}"><v>{(cell - _SERIAL_DAY_ZERO).days}</v></c>'
    return f'<c r="{address}" s="{style}" t="inlineStr"><is><t>{escape(cell or "")}</t></is></c>'


def _serial(moment: datetime) -> str:
    """Days since 1899-12-30 with ten decimals, which is finer than ten microseconds."""
    days = (moment.date() - _SERIAL_DAY_ZERO).days
    minutes = moment.hour * 60 + moment.minute
    fraction = (minutes * 10**10 * 2 + _MINUTES_A_DAY) // (2 * _MINUTES_A_DAY)
    return f"{days}.{fraction:010d}" if fraction else str(days)
