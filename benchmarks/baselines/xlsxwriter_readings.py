"""Baseline: the raw readings of a database as a sheet by XlsxWriter's constant-memory mode, and nothing else.

python xlsxwriter_readings.py DATABASE TARGET COUNT
"""

import sqlite3
import sys
from datetime import datetime, timedelta

import xlsxwriter

HEADS = ("断面", "监测指标", "单位", "监测时间", "监测方式", "监测结果", "站点情况", "文件序号", "工作表", "行", "列")
EPOCH = datetime(1970, 1, 1)
ROWS = """
SELECT s.name, i.code, r.minute, r.method, r.mantissa, r.exponent, r.status, r.file_id, t.name, r.source_row,
       r.source_column
FROM reading r JOIN section s ON s.id = r.section_id JOIN indicator i ON i.id = r.indicator_id
JOIN import_sheet t ON t.file_id = r.file_id AND t.sheet = r.source_sheet
WHERE i.code IN ('w01019', 'w21003', 'w21011') ORDER BY s.code, i.code, r.minute, r.method
"""


def main() -> None:
    """Write the rows and see that they are as many as ours."""
    database, target, count = sys.argv[1:]
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet = book.add_worksheet("原始读数")
    text = book.add_format({"border": 1, "font_name": "宋体", "font_size": 10})
    time = book.add_format({"border": 1, "font_name": "宋体", "font_size": 10, "num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(0, 0, HEADS, text)
    number = 0
    for number, row in enumerate(sqlite3.connect(database).execute(ROWS), start=1):
        section, code, minute, method, mantissa, exponent, status, file, table, source_row, column = row
        sheet.write_string(number, 0, section, text)
        sheet.write_string(number, 1, code, text)
        sheet.write_string(number, 2, "mg/L", text)
        sheet.write_datetime(number, 3, EPOCH + timedelta(minutes=minute), time)
        sheet.write_string(number, 4, "自动监测" if method == 1 else "人工采样", text)
        if mantissa is None:
            sheet.write_string(number, 5, "缺测", text)
        else:
            sheet.write_number(number, 5, mantissa * 10.0**exponent, text)
        sheet.write_string(number, 6, "正常" if status == 1 else "", text)
        sheet.write_number(number, 7, file, text)
        sheet.write_string(number, 8, table, text)
        sheet.write_number(number, 9, source_row, text)
        sheet.write_number(number, 10, column, text)
    book.close()
    if number != int(count):
        raise SystemExit(f"{number} rows, not {count}")


if __name__ == "__main__":
    main()
