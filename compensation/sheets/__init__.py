"""Settlement workbooks: filled from a template, live formulas with their values, the same bytes every time."""

from compensation.sheets.comparison import write_comparison
from compensation.sheets.pdf import office, write_pdf
from compensation.sheets.template_check import check_template
from compensation.sheets.workbook import formulas, workbook_bytes, write_workbook

__all__ = [
    "check_template",
    "formulas",
    "office",
    "workbook_bytes",
    "write_comparison",
    "write_pdf",
    "write_workbook",
]
