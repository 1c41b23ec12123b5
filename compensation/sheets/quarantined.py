"""The rows of one file that are in quarantine, under the header they stood below, ready to be corrected and imported.

Each row bears its number (隔离编号); when its corrected form comes in, the row leaves the quarantine.
"""

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from compensation.errors import Fault, Place
from compensation.monitoring.headers import Role
from compensation.monitoring.reader import CELL_LOST
from compensation.sheets.annotated import front, mark, paint, sheet_name, text_cell, write_text
from compensation.store import Head, Quarantined


def quarantine_book(file: str, heads: Sequence[Head], rows: Sequence[Quarantined]) -> bytes:
    """The workbook of the rows of one file; `heads` are those of its sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    faults: list[Fault] = []
    for head in heads:
        own = [row for row in rows if row.sheet == head.sheet]
        if own:
            faults += _sheet(book.create_sheet(sheet_name(head.sheet)), head, own)
    mark(book, faults)
    words = [
        f"《{file}》导入时隔离的 {len(rows)} 行，共 {len(faults)} 处问题；其余的行已经入库。",
        "问题所在的单元格已标为浅红色，批注写明原因和处理办法。改正后保存，再导入本文件即可。",
        "“隔离编号”列请保留：改正的行入库后，系统凭它解除隔离。不再需要的行整行删去，并用 quarantine release 说明。",
    ]
    front(book, words, faults)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(sheet: Worksheet, head: Head, rows: Sequence[Quarantined]) -> list[Fault]:
    # Beyond every cell of every row, so that a row that is too long does not reach into it.
    handle = max(head.width, *(len(row.cells) for row in rows)) + 1
    written: Mapping[int, int] = {number: place for place, (number, _) in enumerate(head.rows, start=1)}
    for number, cells in head.rows:
        _write(sheet, written[number], cells)
    write_text(text_cell(sheet, written[head.header_row], handle), Role.HANDLE.value)
    faults = []
    for at, row in enumerate(rows, start=len(head.rows) + 1):
        _write(sheet, at, row.cells)
        for column, name in row.colours:
            paint(text_cell(sheet, at, column), name)
        write_text(text_cell(sheet, at, handle), row.handle)
        if any(fault.column is not None and fault.column > head.width for fault in row.faults):
            write_text(text_cell(sheet, at, handle + 1), CELL_LOST)
        faults += [
            Fault(f"第 {at} 行", each.reason, f"内容为“{each.text}”", each.fix, Place(sheet.title, at, each.column))
            for each in row.faults
        ]
    for number, remark in enumerate(sorted({row.remark for row in rows} - {""}), start=len(head.rows) + len(rows) + 1):
        write_text(text_cell(sheet, number, 1), f"注：{remark}")
    return faults


def _write(sheet: Worksheet, row: int, cells: Sequence[str]) -> None:
    for column, text in enumerate(cells, start=1):
        if text:
            write_text(text_cell(sheet, row, column), text)
