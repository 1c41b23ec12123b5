"""Baseline: the template filled with as many plain cells as the workbook of a Taipu year has, by openpyxl.

python bare_workbook.py TEMPLATE TARGET CELLS
"""

import sys

from openpyxl import load_workbook

COLUMNS = 12


def main() -> None:
    """Load, fill, save."""
    template, target, count = sys.argv[1:]
    book = load_workbook(template)
    sheet = book.create_sheet("bare")
    for number in range(int(count)):
        row, column = divmod(number, COLUMNS)
        sheet.cell(row + 1, column + 1, number / 7)
    book.save(target)


if __name__ == "__main__":
    main()
