"""拨款通知 and 清算函: what one finance bureau writes to the other, each one A4 page, from a template (decision 0012).

Amounts in 万元 and in words are live formulas over the one amount in 元. What nobody has said (an account, a document
number) stays an empty box; nothing is made up.
"""

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from compensation.errors import Fault, InputError
from compensation.money import uppercase
from compensation.resources import templates_dir
from compensation.sheets import page as style
from compensation.sheets.heights import row_heights
from compensation.sheets.package import Part, finished
from compensation.sheets.page import Page, Shown, address
from compensation.sheets.plan import Plan
from compensation.sheets.rows import Cached
from compensation.sheets.uppercase import uppercase_formula

TEMPLATE = "payment.xlsx"
ORDER, LETTER = "拨款通知", "清算函"
EXPENDITURE_CODE, INCOME_CODE = "2302102　生态保护补偿转移性支出", "1102102　生态保护补偿转移性收入"
REPORT_DAYS = 30
_WIDTH = 4
_ROW_POINTS, _ROOMY = 27, 1.45  # a page that is sealed and filled in by hand needs room


class Payee(NamedTuple):
    """The account that money goes to, as its holder gave it; empty where it is not known."""

    name: str = ""
    account: str = ""
    treasury: str = ""


class Allotment(NamedTuple):
    """One line of the receiver's split: to whom, fen, remark."""

    to: str
    amount_fen: int
    remark: str = ""


class PaymentPaper(NamedTuple):
    """Everything that a payment order or a clearing letter says; texts as printed, empty where not known.

    `payer` and `payee` are the bureaus; `lines` the payment orders that a letter asks for, an order has one.
    """

    agreement: str
    nature: str
    mark: str
    settlement: str
    digest: str
    period: str
    period_last: date
    payer: str
    payee: str
    lines: tuple["Line", ...]
    own_number: str
    other_number: str
    funding: str
    account: Payee
    use: str
    split: tuple[Allotment, ...]
    remark: str

    @property
    def total_fen(self) -> int:
        """The sum of the lines."""
        return sum(line.amount_fen for line in self.lines)


class Line(NamedTuple):
    """A payment order: its number, 清算 or 预拨 and of which year, fen, and the day by which it is due."""

    number: str
    kind: str
    period: str
    amount_fen: int
    due: date | None


def order_bytes(paper: PaymentPaper, template: Path | None = None) -> bytes:
    """拨款通知, from the payer's bureau to the payee's; the same paper gives the same bytes."""
    return _bytes(ORDER, _order(paper), paper, template)


def letter_bytes(paper: PaymentPaper, template: Path | None = None) -> bytes:
    """清算函, from the payee's bureau to the payer's; the same paper gives the same bytes."""
    return _bytes(LETTER, _letter(paper), paper, template)


def _order(paper: PaymentPaper) -> Page:
    page = Page(Plan(), ORDER, _WIDTH)
    (line,) = paper.lines
    row = _pairs(
        page,
        3,
        [
            ("付款单位", paper.payer, "收款单位", paper.payee),
            ("通知文号", paper.own_number, "对方清算函文号", paper.other_number),
            ("拨付单号", line.number, "款项", f"{line.period}{line.kind}"),
        ],
    )
    row = _wide(
        page,
        row,
        [
            ("依据协议", paper.agreement),
            ("依据结算", f"{paper.settlement}\n摘要 {paper.digest[:32]}\n　　 {paper.digest[32:]}"),
        ],
    )
    row = _amounts(page, row, Fraction(line.amount_fen, 100))
    row = _wide(
        page,
        row,
        [
            ("支出科目（付款方）", EXPENDITURE_CODE),
            ("收入科目（收款方）", INCOME_CODE),
            ("资金渠道", paper.funding),
            ("收款人全称", paper.account.name),
            ("收款账号", paper.account.account),
            ("开户国库（银行）", paper.account.treasury),
            ("付款期限", f"{line.due:%Y年%-m月%-d日}前" if line.due else "协议未约定"),
        ],
    )
    row = _split(page, row, paper)
    row = _wide(
        page,
        row,
        [
            ("使用范围", paper.use),
            (
                "使用要求",
                f"专款用于流域生态环境保护和补偿，不得挤占、挪用。收款方应在收到资金之日起 {REPORT_DAYS} 日内，"
                "将分配下达和使用情况报送付款方财政、生态环境部门。",
            ),
            ("备注", paper.remark),
        ],
    )
    _signed(page, row + 1, paper.payer)
    return page


def _letter(paper: PaymentPaper) -> Page:
    page = Page(Plan(), LETTER, _WIDTH)
    page.text(3, 1, _WIDTH, f"文号：{paper.own_number or '＿＿＿＿＿＿＿＿'}", style.UNIT_NOTE)
    page.text(4, 1, _WIDTH, f"{paper.payer}：", style.TABLE_TITLE)
    page.text(
        5,
        1,
        _WIDTH,
        f"　　根据{paper.agreement}和各方确认的结算 {paper.settlement}（摘要 {paper.digest[:16]}……），"
        f"{paper.period}生态保护补偿资金贵方应付我方如下，请按期限拨付下列账户。",
        style.CLAUSE,
    )
    row = 7
    page.table(row, "一、应拨付资金", "元", _WIDTH)
    page.heads(row + 1, ["拨付单号", "款项", "金额（元）", "付款期限"])
    row += 2
    first = row
    for line in paper.lines:
        page.put(row, 1, line.number, style.CENTRE)
        page.put(row, 2, f"{line.period}{line.kind}", style.CENTRE)
        page.put(row, 3, Fraction(line.amount_fen, 100), style.MONEY)
        page.put(row, 4, line.due.isoformat() if line.due else "协议未约定", style.CENTRE)
        row += 1
    total = Fraction(paper.total_fen, 100)
    page.put(row, 1, "合计", style.HEAD)
    page.put(row, 2, None, style.HEAD)
    text = f"SUM({address(first, 3)}:{address(row - 1, 3)})"
    page.put(row, 3, Shown(lambda _: text, total), style.MONEY_TOTAL)
    page.put(row, 4, None, style.CENTRE)
    row = _in_words(page, row + 1, address(row, 3), total)
    row += 1
    page.table(row, "二、收款信息", "", _WIDTH)
    row = _wide(
        page,
        row + 1,
        [
            ("收款人全称", paper.account.name),
            ("收款账号", paper.account.account),
            ("开户国库（银行）", paper.account.treasury),
            ("收入科目（收款方）", INCOME_CODE),
            ("支出科目（付款方）", EXPENDITURE_CODE),
            ("使用范围", paper.use),
            ("备注", paper.remark),
        ],
    )
    _signed(page, row + 1, paper.payee)
    return page


def _pairs(page: Page, row: int, rows: Sequence[tuple[str, str, str, str]]) -> int:
    for texts in rows:
        for column, text in enumerate(texts, start=1):
            page.put(row, column, text or None, style.HEAD_LEFT if column % 2 else style.TEXT)
        row += 1
    return row


def _wide(page: Page, row: int, rows: Sequence[tuple[str, str]]) -> int:
    for label, text in rows:
        page.put(row, 1, label, style.HEAD_LEFT)
        page.text(row, 2, _WIDTH, text or None, style.TEXT)
        row += 1
    return row


def _amounts(page: Page, row: int, yuan: Fraction) -> int:
    page.put(row, 1, "金额（元）", style.HEAD_LEFT)
    page.put(row, 2, yuan, style.MONEY_TOTAL)
    page.put(row, 3, "金额（万元）", style.HEAD_LEFT)
    cell = address(row, 2)
    page.put(row, 4, Shown(lambda _: f"{cell}/10000", yuan / 10_000), style.WAN)
    return _in_words(page, row + 1, cell, yuan)


def _in_words(page: Page, row: int, cell: str, yuan: Fraction) -> int:
    page.put(row, 1, "金额（大写）", style.HEAD_LEFT)
    words = Shown(lambda _: uppercase_formula(cell), uppercase(int(yuan * 100)))
    page.text(row, 2, _WIDTH, words, style.BIG)
    return row + 1


def _split(page: Page, row: int, paper: PaymentPaper) -> int:
    """The receiver's split; an empty line to be filled in where nobody has said it."""
    page.table(row, "收款方分配", "元", _WIDTH)
    page.heads(row + 1, ["序号", "分配单位", "金额（元）", "备注"])
    row += 2
    first = row
    for number, part in enumerate(paper.split, start=1):
        page.put(row, 1, number, style.INTEGER)
        page.put(row, 2, part.to, style.CENTRE)
        page.put(row, 3, Fraction(part.amount_fen, 100), style.MONEY)
        page.put(row, 4, part.remark or None, style.TEXT)
        row += 1
    if not paper.split:
        for column in range(1, _WIDTH + 1):
            page.put(row, column, None, style.CENTRE)
        return row + 1
    page.put(row, 1, "合计", style.HEAD)
    page.put(row, 2, None, style.HEAD)
    total = Fraction(sum(part.amount_fen for part in paper.split), 100)
    text = f"SUM({address(first, 3)}:{address(row - 1, 3)})"
    page.put(row, 3, Shown(lambda _: text, total), style.MONEY_TOTAL)
    page.put(row, 4, None, style.TEXT)
    return row + 1


def _signed(page: Page, row: int, bureau: str) -> None:
    page.text(row, 3, _WIDTH, f"{bureau}（章）\n\n经办人：　　　　　负责人：\n\n　　　　年　　月　　日", style.SEAL)
    page.heights[row] = 110


def _bytes(sheet_name: str, page: Page, paper: PaymentPaper, template: Path | None) -> bytes:
    book = _opened(template or templates_dir() / TEMPLATE, page)
    sheet = book[sheet_name]
    for other in book.sheetnames:
        if other != sheet_name:
            del book[other]
    words = {"{{文件性质}}": paper.nature, "{{标记}}": paper.mark, "{{结算期间}}": paper.period}
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.value = _replaced(cell.value, words)
    for part in filter(None, (sheet.oddHeader, sheet.oddFooter)):
        for place in (part.left, part.center, part.right):
            if place is not None and place.text:
                place.text = _replaced(place.text, words)
    cached = _filled(sheet, page)
    title = f"{sheet_name} {paper.lines[0].number}"
    return finished(book, {sheet.title: Part(cached)}, title, paper.period_last.isoformat())


def _replaced(text: str, words: dict[str, str]) -> str:
    for old, new in words.items():
        text = text.replace(old, new)
    return text


def _opened(template: Path, page: Page) -> Workbook:
    where = f"模板《{template.name}》"
    try:
        book = load_workbook(template)
    except (OSError, KeyError, ValueError, TypeError, BadZipFile, InvalidFileException) as error:
        raise InputError(Fault(where, "打不开", str(error), "换用完好的 .xlsx 模板，或不指定模板")) from error
    fix = "从随软件提供的 payment.xlsx 改起"
    faults = [
        Fault(where, f"缺少工作表“{name}”", "模板被改动过", fix) for name in [page.name] if name not in book.sheetnames
    ] + [
        Fault(where, f"缺少单元格样式“{name}”", "模板被改动过", fix)
        for name in sorted({name for _, name in page.cells.values()} - set(book.named_styles))
    ]
    if faults:
        raise InputError(faults)
    return book


def _filled(sheet: Worksheet, page: Page) -> dict[str, Cached]:
    cached: dict[str, Cached] = {}
    no_reference: Callable[..., str] = str
    for (row, column), (content, name) in sorted(page.cells.items(), key=lambda item: item[0]):
        cell = sheet.cell(row, column)
        if not isinstance(cell, Cell):
            where = f"模板的工作表“{page.name}”"
            what = f"{address(row, column)} 在合并单元格中，填不进去"
            raise InputError(Fault(where, what, "模板被改动过", "取消第二行以下的合并"))
        cell.style = name
        if isinstance(content, Shown):
            cell.value = f"={content.write(no_reference)}"
            cached[cell.coordinate] = content.value
        elif isinstance(content, Fraction):
            cell.value = content.numerator if content.denominator == 1 else float(content)
        elif isinstance(content, str):
            cell.value = content
            cell.data_type = "s"  # also where it begins with = + - @
        elif isinstance(content, int):
            cell.value = content
    for top, left, bottom, right in page.merges:
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    for row, height in row_heights(sheet, page).items():
        sheet.row_dimensions[row].height = page.heights.get(row) or max(_ROW_POINTS, height * _ROOMY)
    return cached
