"""Settlement workbooks: filled from a template, live formulas with their values, the same bytes every time."""

from compensation.sheets.comparison import write_comparison
from compensation.sheets.workbook import formulas, workbook_bytes, write_workbook

__all__ = ["formulas", "workbook_bytes", "write_comparison", "write_workbook"]
