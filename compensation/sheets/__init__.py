"""Settlement workbooks: filled from a template, live formulas with their values, the same bytes every time."""

from typing import TYPE_CHECKING

from compensation.on_demand import on_demand

if TYPE_CHECKING:
    from compensation.sheets.annotated import annotated_copy, annotated_path
    from compensation.sheets.comparison import write_comparison
    from compensation.sheets.package import write_atomically
    from compensation.sheets.pdf import office, write_pdf
    from compensation.sheets.template_check import check_template
    from compensation.sheets.workbook import formulas, workbook_bytes, write_workbook

__all__ = [
    "annotated_copy",
    "annotated_path",
    "check_template",
    "formulas",
    "office",
    "workbook_bytes",
    "write_atomically",
    "write_comparison",
    "write_pdf",
    "write_workbook",
]
__getattr__ = on_demand(__name__, __file__)
