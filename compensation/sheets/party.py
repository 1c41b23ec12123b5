"""本方结算: the settlement as one party sees it: what it receives and pays, from whom, to whom, and for what."""

from collections.abc import Sequence
from fractions import Fraction

from compensation.expression.formula import UNDETERMINED, Cell
from compensation.money import fen_of, uppercase
from compensation.settlement.settle import Settlement
from compensation.sheets import charges as lines_sheet
from compensation.sheets import page as style
from compensation.sheets.charges import Laid
from compensation.sheets.clicking import sentence
from compensation.sheets.page import Page, Shown, address, saying, total_of
from compensation.sheets.plan import Plan, number_of
from compensation.sheets.summary import EXPENDITURE, INCOME, ITEMS, sum_shown, sum_where, total_of_lines
from compensation.sheets.uppercase import uppercase_formula
from rules.agreement import POOL
from rules.outcome import Line, Transfer

NAME = "本方结算"
_WIDTH = 7


def party_view(plan: Plan, settlement: Settlement, laid: Laid, code: str) -> Page:
    """Who owes the party and whom it owes, its position, its payments, and every line it stands in."""
    page = Page(plan, NAME, _WIDTH)
    name = next(party.name for party in settlement.agreement.parties if party.code == code)
    page.text(3, 1, _WIDTH, f"本方：{name}。应收为正，应付为负；各表都引用本工作簿的结算汇总和分条计算。", style.NOTE)
    row = _accounts(page, 4, settlement, laid, code)
    row = _position(page, row, settlement, code)
    outcome = settlement.outcome
    row = _payments(page, row, "三、本年度应结算支付（轧差后）", settlement, outcome.transfers, code)
    row = _payments(page, row, "四、清算支付（扣除已预拨）", settlement, outcome.clearing, code)
    _lines(page, row, settlement, laid, code)
    page.freeze = "A4"
    return page


def _accounts(page: Page, row: int, settlement: Settlement, laid: Laid, code: str) -> int:
    """The other side, account by account; the party's own short name stands in the table for the formulas."""
    short = settlement.agreement.short
    lines = settlement.outcome.lines
    page.table(row, "一、与各方往来（轧差前）", "元", _WIDTH)
    heads = ["本方", "对方", "应收（元）", "应付（元）", "净额（元）"]
    page.heads(row + 1, heads)
    page.text(row + 1, 6, _WIDTH, "说明", style.HEAD)
    others = [party.code for party in settlement.agreement.parties if party.code != code]
    others += [POOL] if any(POOL in (line.payer, line.payee) for line in lines) else []
    first = row + 2
    for at, other in enumerate(others, start=first):
        page.put(at, 1, short(code), style.CENTRE)
        page.put(at, 2, short(other), style.CENTRE)
        for column, payer, payee in ((3, other, code), (4, code, other)):
            roles = {lines_sheet.PAYER: 2 if payer == other else 1, lines_sheet.PAYEE: 2 if payee == other else 1}
            text = sum_where(laid, [(role, address(at, where)) for role, where in roles.items()])
            value = total_of_lines([line for line in lines if (line.payer, line.payee) == (payer, payee)])
            page.put(at, column, Shown(saying(text), value), style.MONEY)
            page.link(at, column, laid.line_of(payer=payer, payee=payee))
        page.put(at, 5, _net(page, at), style.MONEY)
        page.text(at, 6, _WIDTH, "共同资金账户" if other == POOL else "", style.TEXT)
    bottom = first + len(others)
    page.text(bottom, 1, 2, "合计", style.HEAD_LEFT)
    for column in (3, 4):
        whole = total_of([_value(page, at, column) for at in range(first, bottom)])
        span = f"{address(first, column)}:{address(bottom - 1, column)}"
        page.put(bottom, column, sum_shown([span], len(others), whole), style.MONEY_TOTAL)
    page.put(bottom, 5, _net(page, bottom), style.MONEY_TOTAL)
    page.text(bottom, 6, _WIDTH, _agrees(page, bottom, settlement, code), style.TEXT)
    return bottom + 2


def _value(page: Page, row: int, column: int) -> Fraction | None:
    content = page.cells[row, column][0]
    value = content.value if isinstance(content, Shown) else None
    return value if isinstance(value, Fraction) else None


def _net(page: Page, row: int) -> Shown:
    income, outlay = _value(page, row, 3), _value(page, row, 4)
    value = UNDETERMINED if income is None or outlay is None else income - outlay
    cells = f"{address(row, 3)},{address(row, 4)}"
    text = f'IF(COUNT({cells})<2,"{UNDETERMINED}",ROUND({address(row, 3)}-{address(row, 4)},2))'
    return Shown(lambda _: text, value)


def _agrees(page: Page, row: int, settlement: Settlement, code: str) -> Shown:
    """In words whether the accounts add up to the net of 结算汇总."""
    net = settlement.outcome.positions[code].net
    mine, wanted = _value(page, row, 5), number_of(net)
    right, wrong = "与结算汇总的净额一致", "与结算汇总的净额不一致"
    shown = UNDETERMINED if mine is None or wanted is None else right if mine == wanted else wrong
    cell = address(row, 5)
    return Shown(
        lambda at: (
            f'IF(COUNT({cell},{at(net)})<2,"{UNDETERMINED}",IF(ROUND({cell}-{at(net)},2)=0,"{right}","{wrong}"))'
        ),
        shown,
    )


def _position(page: Page, row: int, settlement: Settlement, code: str) -> int:
    page.table(row, "二、本方结算", "元", _WIDTH)
    page.text(row + 1, 1, 2, "项目", style.HEAD)
    page.put(row + 1, 3, "金额（元）", style.HEAD)
    page.text(row + 1, 4, _WIDTH, "大写金额", style.HEAD)
    row += 2
    for item in ITEMS:
        node = item.of(settlement.outcome.positions[code])
        if node is None:
            continue
        page.text(row, 1, 2, item.label, style.HEAD_LEFT)
        page.node(row, 3, node, item.style)
        page.link(row, 3, page.plan.home(node))
        page.comments[row, 3] = sentence(node)
        page.text(row, 4, _WIDTH, _in_words(address(row, 3), number_of(node)), style.BIG)
        row += 1
    return row + 1


def _in_words(cell: str, value: Fraction | None) -> Shown:
    words = UNDETERMINED if value is None else uppercase(fen_of(value)) if value else "-"
    spelled = uppercase_formula(cell)
    return Shown(lambda _: spelled, words)


def _payments(
    page: Page, row: int, title: str, settlement: Settlement, transfers: Sequence[Transfer], code: str
) -> int:
    """The payments the party stands in, each with the budget code of its own side."""
    page.table(row, title, "元", _WIDTH)
    page.heads(row + 1, ["方向", "对方", "金额（元）"])
    page.text(row + 1, 4, _WIDTH - 1, "大写金额", style.HEAD)
    page.put(row + 1, _WIDTH, "本方预算科目", style.HEAD)
    row += 2
    mine = [each for each in transfers if code in (each.payer, each.payee)]
    if not mine:
        page.text(row, 1, _WIDTH, "无", style.CENTRE)
        return row + 2
    for each in mine:
        pays = each.payer == code
        page.put(row, 1, "应付" if pays else "应收", style.CENTRE)
        page.put(row, 2, settlement.agreement.full_name(each.payee if pays else each.payer), style.TEXT)
        page.node(row, 3, each.amount, style.MONEY_TOTAL)
        page.link(row, 3, page.plan.home(each.amount))
        page.text(row, 4, _WIDTH - 1, _in_words(address(row, 3), number_of(each.amount)), style.BIG)
        page.put(row, _WIDTH, EXPENDITURE if pays else INCOME, style.CODE)
        row += 1
    return row + 1


def _lines(page: Page, row: int, settlement: Settlement, laid: Laid, code: str) -> None:
    """Every line that the party stands in, in the order of the clauses."""
    page.table(row, "五、逐笔应收应付", "元", _WIDTH)
    page.heads(row + 1, ["序号", "对方", "应收（元）", "应付（元）", "条款", "事项", "分条计算"])
    page.title_rows = f"{row + 1}:{row + 1}"
    row += 2
    first = row
    short = settlement.agreement.short
    amounts: dict[int, list[Fraction | None]] = {3: [], 4: []}
    for charge, top, _ in laid.rows:
        for at, line in enumerate(charge.lines, start=top):
            if code not in (line.payer, line.payee):
                continue
            column = 4 if line.payer == code else 3
            _line(page, row, line, column)
            page.put(row, 1, row - first + 1, style.INTEGER)
            page.put(row, 2, short(line.payee if column == 4 else line.payer), style.CENTRE)
            page.put(row, 6, charge.subject, style.TEXT)
            page.put(row, 7, f"第 {at} 行", style.CENTRE)
            page.link(row, 7, Cell(lines_sheet.NAME, at, lines_sheet.LINE))
            amounts[column].append(number_of(line.amount))
            row += 1
    page.text(row, 1, 2, "合计", style.HEAD_LEFT)
    for column, values in amounts.items():
        letter = address(1, column)[:-1]
        span = f"{letter}{first}:{letter}{max(first, row - 1)}"
        text = f'IF(COUNTIF({span},"{UNDETERMINED}")>0,"{UNDETERMINED}",ROUND(SUM({span}),2))'
        page.put(row, column, Shown(saying(text), total_of(values)), style.MONEY_TOTAL)
    page.text(row, 5, _WIDTH, "", style.TEXT)
    page.filter = f"A{first - 1}:G{max(first, row - 1)}"


def _line(page: Page, row: int, line: Line, column: int) -> None:
    page.put(row, 7 - column, None, style.MONEY)
    page.node(row, column, line.amount, style.MONEY)
    page.put(row, 5, line.clause, style.CENTRE)
