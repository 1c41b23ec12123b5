"""计算过程: helper cells, one step a row, for every quantity that formulas refer to and that stands nowhere else."""

from compensation.expression import Quantity
from compensation.expression.formula import Cell
from compensation.sheets import page as style
from compensation.sheets.page import Home, Page
from compensation.sheets.plan import Plan

NAME = "计算过程"
_HEADS = ["序号", "步骤", "数值", "单位", "条款"]
_FIRST = 5


def columns(page: Page) -> tuple[str, str]:
    """The names and the values of the steps, as ranges for formulas of other sheets."""
    last = max(row for row, _ in page.cells)
    return f"'{NAME}'!$B${_FIRST}:$B${last}", f"'{NAME}'!$C${_FIRST}:$C${last}"


def working(plan: Plan) -> Page:
    """Places what is left to place; call it when every other page is laid out."""
    page = Page(plan, NAME, len(_HEADS))
    page.table(3, "每行一步，公式只引用其他单元格", "见单位栏", page.width)
    page.heads(4, _HEADS)
    page.title_rows, page.freeze = "4:4", f"A{_FIRST}"
    row = _FIRST

    def place(node: Quantity, label: str) -> Cell:
        nonlocal row
        page.put(row, 1, row - _FIRST + 1, style.INTEGER)
        page.put(row, 2, label, style.TEXT)
        page.put(row, 3, Home(node), style.for_number(node))
        page.put(row, 4, node.unit.symbol or "—", style.CENTRE)
        page.put(row, 5, node.clause or "—", style.CENTRE)
        row += 1
        return Cell(NAME, row - 1, 3)

    plan.helpers(place)
    page.filter = f"A4:E{max(row - 1, _FIRST)}"
    return page
