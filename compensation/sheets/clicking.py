"""What a reader does with a workbook: click from an amount to what it rests on, read why, sign, and break nothing."""

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Protection
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from compensation.expression import Quantity
from compensation.expression.explain import explain
from compensation.sheets.page import Input, Page, address, fixed

AUTHOR = "补偿结算系统"
_LONGEST = 240
_SIGNS_A_LINE, _LINE_POINTS = 26, 15


def sentence(node: Quantity) -> str:
    """Why an amount is what it is: in words, in numbers, by which clause, as it was when the workbook was written."""
    step = explain(node, 0)
    parts = [f"写出时：{step.label} ＝ {step.value}"]
    if step.in_words and step.in_words != step.label:
        parts.append(f"＝ {step.in_words}")
    if step.in_numbers and step.in_numbers != step.in_words:
        parts.append(f"＝ {step.in_numbers}")
    if step.clause:
        parts.append(f"〔{step.clause}〕")
    # A long sum is followed by its lines, not by its sentence.
    return "\n".join(part if len(part) <= _LONGEST else f"{part[:_LONGEST]}……" for part in parts)


def links_of(page: Page) -> list[tuple[str, str]]:
    """Each linked cell, and the place that clicking it leads to."""
    return [
        (address(row, column), f"'{target.sheet}'!{target.local}")
        for (row, column), target in sorted(page.links.items())
    ]


def make_clickable(book: Workbook, sheet: Worksheet, page: Page) -> None:
    """Write comments, names, open cells and protection into the sheet of the page."""
    for (row, column), text in sorted(page.comments.items()):
        lines = sum(1 + len(part) // _SIGNS_A_LINE for part in text.split("\n"))
        sheet.cell(row, column).comment = Comment(text, AUTHOR, height=_LINE_POINTS * (lines + 2), width=380)
    for name, (row, column) in page.names.items():
        book.defined_names[name] = DefinedName(name, attr_text=f"'{page.name}'!{fixed(row, column)}")
    _protect(sheet, page)


def _protect(sheet: Worksheet, page: Page) -> None:
    """Formulas are safe from a slip of the hand; there is no password, since an auditor may try other figures."""
    protection = sheet.protection
    protection.sheet = True
    for allowed in ("formatCells", "formatColumns", "formatRows", "autoFilter", "sort"):
        setattr(protection, allowed, False)
    validations: dict[Input, DataValidation] = {}
    for (row, column), wanted in sorted(page.inputs.items(), key=lambda item: item[0]):
        sheet.cell(row, column).protection = Protection(locked=False)
        if wanted not in validations:
            validations[wanted] = _validation(wanted)
            sheet.add_data_validation(validations[wanted])
        validations[wanted].add(address(row, column))


def _validation(wanted: Input) -> DataValidation:
    if wanted.kind == "choice":
        rule = DataValidation(type="list", formula1=f'"{",".join(wanted.choices)}"', allow_blank=True)
        rule.error, rule.errorTitle = f"请从“{'”“'.join(wanted.choices)}”中选择。", "意见"
    elif wanted.kind == "date":
        # 2000-01-01 as a spreadsheet counts days: whatever is older was not meant as a date.
        rule = DataValidation(type="date", operator="greaterThanOrEqual", formula1="36526", allow_blank=True)
        rule.error, rule.errorTitle = "请填写日期，如 2027-03-15。", "签署日期"
    else:
        rule = DataValidation(type="textLength", operator="lessThanOrEqual", formula1="200", allow_blank=True)
        rule.error, rule.errorTitle = "不超过 200 字。", "文字过长"
    rule.showErrorMessage = True
    return rule
