"""结算汇总: who owes whom, what each party comes to, and what is finally paid."""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from compensation.expression import Quantity
from compensation.expression.formula import UNDETERMINED
from compensation.money import fen_of, uppercase
from compensation.settlement.settle import Settlement
from compensation.sheets import charges as lines_sheet
from compensation.sheets import page as style
from compensation.sheets.charges import Laid
from compensation.sheets.clicking import sentence
from compensation.sheets.page import Page, Shown, address, total_of
from compensation.sheets.plan import Plan, number_of
from compensation.sheets.rows import Cached
from compensation.sheets.uppercase import uppercase_formula
from rules.agreement import POOL
from rules.outcome import Line, Position, Transfer

NAME = "结算汇总"
_COLUMNS, _WIDTH = 7, 19.0
"""The columns that the template has, and the width in digits of those that more parties need."""
EXPENDITURE, INCOME = "2302102", "1102102"


class Summary(NamedTuple):
    """The page and where its matrix stands, for the cross-checks."""

    page: Page
    matrix_row: int
    clause_rows: range


class _Item(NamedTuple):
    label: str
    of: Callable[[Position], Quantity | None]
    style: str
    sums_to_zero: bool

    @property
    def name(self) -> str:
        """What the quantity is called in formulas of others."""
        return re.sub(r"\W.*", "", self.label)


ITEMS = (
    _Item("应付合计", lambda p: p.payable, style.MONEY, False),
    _Item("应收合计", lambda p: p.receivable, style.MONEY, False),
    _Item("净额（应收－应付）", lambda p: p.net, style.MONEY_TOTAL, True),
    _Item("抵扣贷方（多元化补偿）", lambda p: p.credited, style.MONEY, False),
    _Item("抵扣借方（多元化补偿）", lambda p: p.debited, style.MONEY, False),
    _Item("抵扣后净额", lambda p: p.net_after_credit, style.MONEY_TOTAL, True),
    _Item("年度限额调整", lambda p: p.cut, style.MONEY, True),
    _Item("本年度净额", lambda p: p.final, style.MONEY_TOTAL, True),
    _Item("已预拨净额（预付－预收）", lambda p: p.advanced, style.MONEY, True),
    _Item("清算额（正收负付）", lambda p: p.clearing, style.MONEY_TOTAL, True),
)


def summary(plan: Plan, settlement: Settlement, laid: Laid) -> Summary:
    """The matrix, the positions, the clauses, the payments."""
    codes = [party.code for party in settlement.agreement.parties]
    accounts = codes + [POOL] * (settlement.outcome.fund is not None)
    page = Page(plan, NAME, max(_COLUMNS, len(accounts) + 3))
    page.widths = dict.fromkeys(range(_COLUMNS + 1, page.width + 1), _WIDTH)
    row = 3
    if settlement.missing:
        text = f"本结算有未定事项 {len(settlement.missing)} 项，相应金额标为“未定”，明细见“免责与剔除”。"
        page.text(row, 1, page.width, text, style.MARK)
    matrix = row + 1
    row = _matrix(page, matrix, settlement, laid)
    row = _positions(page, row, settlement, accounts)
    clauses = row + 2
    row = _clauses(page, row, settlement, laid, codes)
    clause_rows = range(clauses, row - 1)
    outcome = settlement.outcome
    row = _payments(page, row, "四、本年度应结算支付（轧差后）", settlement, outcome.transfers)
    remark = "扣除已预拨后应拨付" if outcome.advances else "本年度无预拨，与上表相同"
    row = _payments(page, row, f"五、清算支付（{remark}）", settlement, outcome.clearing)
    if outcome.advances:
        row = _advances(page, row, "六、本年度已预拨", settlement, outcome.advances)
    if outcome.next_advances:
        number = "七" if outcome.advances else "六"
        _advances(page, row, f"{number}、下年度预拨", settlement, outcome.next_advances)
    page.freeze = "A4"
    return Summary(page, matrix, clause_rows)


def _range(laid: Laid, column: int) -> str:
    first, last = address(laid.first, column), address(laid.last, column)
    return f"'{lines_sheet.NAME}'!${first[0]}${first[1:]}:${last[0]}${last[1:]}"


def sum_where(laid: Laid, conditions: Sequence[tuple[int, str]]) -> str:
    """The lines that meet the conditions added up; 未定 when one of them is."""
    criteria = ",".join(f"{_range(laid, column)},{wanted}" for column, wanted in conditions)
    amounts = _range(laid, lines_sheet.LINE)
    undetermined = f'COUNTIFS({criteria},{amounts},"{UNDETERMINED}")>0'
    return f'IF({undetermined},"{UNDETERMINED}",ROUND(SUMIFS({amounts},{criteria}),2))'


def total_of_lines(lines: Sequence[Line]) -> Cached:
    """What the lines add up to in 元; 未定 when one of them is."""
    return total_of([number_of(line.amount) for line in lines])


def _matrix(page: Page, row: int, settlement: Settlement, laid: Laid) -> int:
    """Payers down, payees across, the joint fund as an account like any other."""
    accounts = [party.code for party in settlement.agreement.parties]
    lines = settlement.outcome.lines
    if any(POOL in (line.payer, line.payee) for line in lines):
        accounts.append(POOL)
    name = settlement.agreement.short
    last = len(accounts) + 2
    page.table(row, "一、往来总额（轧差前，横行付、纵列收）", "元", last)
    page.heads(row + 1, ["付方＼收方", *(name(code) for code in accounts), "应付合计"])
    for number, payer in enumerate(accounts, start=row + 2):
        page.put(number, 1, name(payer), style.HEAD_LEFT)
        for column, payee in enumerate(accounts, start=2):
            here = [line for line in lines if (line.payer, line.payee) == (payer, payee)]
            conditions = (
                (lines_sheet.PAYER, address(number, 1)),
                (lines_sheet.PAYEE, address(row + 1, column)),
            )
            text = sum_where(laid, conditions)
            page.put(number, column, Shown(lambda _, t=text: t, total_of_lines(here)), style.MONEY)  # type: ignore[misc]
            page.link(number, column, laid.line_of(payer=payer, payee=payee))
        paid = [line for line in lines if line.payer == payer]
        span = f"{address(number, 2)}:{address(number, last - 1)}"
        page.put(number, last, sum_shown([span], len(accounts), total_of_lines(paid)), style.MONEY_TOTAL)
    bottom = row + 2 + len(accounts)
    page.put(bottom, 1, "应收合计", style.HEAD_LEFT)
    for column, payee in enumerate(accounts, start=2):
        span = f"{address(row + 2, column)}:{address(bottom - 1, column)}"
        received = [line for line in lines if line.payee == payee]
        page.put(bottom, column, sum_shown([span], len(accounts), total_of_lines(received)), style.MONEY_TOTAL)
    span = f"{address(row + 2, last)}:{address(bottom - 1, last)}"
    page.put(bottom, last, sum_shown([span], len(accounts), total_of_lines(lines)), style.MONEY_TOTAL)
    return bottom + 2


def sum_shown(refs: Sequence[str], count: int, value: Cached) -> Shown:
    """The sum of `count` cells, 未定 when one of them is no number."""
    cells = ",".join(refs)
    text = f'IF(COUNT({cells})<{count},"{UNDETERMINED}",ROUND(SUM({cells}),2))'
    return Shown(lambda _: text, value)


def _positions(page: Page, row: int, settlement: Settlement, codes: list[str]) -> int:
    last = len(codes) + 2
    page.table(row, "二、各方结算（正数为应收，负数为应付）", "元", last)
    page.heads(row + 1, ["项目", *map(settlement.agreement.full_name, codes), "合计"])
    row += 2
    positions = [settlement.outcome.positions[code] for code in codes]
    for item in ITEMS:
        nodes = [item.of(position) for position in positions]
        if all(node is None for node in nodes):
            continue
        page.put(row, 1, item.label, style.HEAD_LEFT)
        for column, node in enumerate(nodes, start=2):
            if node is None:
                page.put(row, column, 0, item.style)
            else:
                _amount(page, row, column, node, item.style)
                page.names[f"{page_name(codes[column - 2], settlement)}_{item.name}"] = (row, column)
        values = [Fraction(0) if node is None else number_of(node) for node in nodes]
        span = f"{address(row, 2)}:{address(row, last - 1)}"
        page.put(row, last, sum_shown([span], len(codes), total_of(values)), style.MONEY_TOTAL)
        row += 1
    return _fund(page, row, settlement, last) + 1


def _fund(page: Page, row: int, settlement: Settlement, last: int) -> int:
    """What the account of the fund had and has, where it carries over; below its position."""
    fund = settlement.outcome.fund
    if fund is None:
        return row
    for label, node in (("共同资金期初结余", fund.opening), ("共同资金期末结余（结转）", fund.closing)):
        page.put(row, 1, label, style.HEAD_LEFT)
        for column in range(2, last + 1):
            page.put(row, column, None, style.MONEY)
        _amount(page, row, last - 1, node, style.MONEY_TOTAL)
        row += 1
    return row


def _amount(page: Page, row: int, column: int, node: Quantity, named: str) -> None:
    page.node(row, column, node, named)
    page.link(row, column, page.plan.leads_to(node, lines_sheet.NAME))
    page.comments[row, column] = sentence(node)


def page_name(code: str, settlement: Settlement) -> str:
    """The party in a defined name, in which not every sign may stand."""
    return "_" + re.sub(r"\W", "_", settlement.agreement.short(code))


def _clauses(page: Page, row: int, settlement: Settlement, laid: Laid, codes: list[str]) -> int:
    """What each clause comes to for each party, received less paid."""
    last = len(codes) + 2
    page.table(row, "三、各条款净额（正数为应收，负数为应付）", "元", last)
    page.heads(row + 1, ["条款", *(settlement.agreement.short(code) for code in codes), "合计（基金除外）"])
    head = row + 1
    row += 2
    for clause in settlement.agreement.clauses:
        mine = [line for line in settlement.outcome.lines if line.clause == clause.number]
        page.put(row, 1, clause.number, style.HEAD_LEFT)
        values: list[Cached] = []
        for column, code in enumerate(codes, start=2):
            who = f"{address(head, column)[: -len(str(head))]}${head}"
            which = (lines_sheet.CLAUSE, f"$A{row}")
            income = sum_where(laid, (which, (lines_sheet.PAYEE, who)))
            outlay = sum_where(laid, (which, (lines_sheet.PAYER, who)))
            text = f'IF(AND(ISNUMBER({income}),ISNUMBER({outlay})),ROUND({income}-{outlay},2),"{UNDETERMINED}")'
            received = total_of_lines([line for line in mine if line.payee == code])
            paid = total_of_lines([line for line in mine if line.payer == code])
            value = UNDETERMINED if isinstance(received, str) or isinstance(paid, str) else received - paid
            values.append(value)
            first = laid.line_of(clause=clause.number, payer=code) or laid.line_of(clause=clause.number, payee=code)
            page.link(row, column, first)
            page.put(row, column, Shown(lambda _, t=text: t, value), style.MONEY)  # type: ignore[misc]
        span = f"{address(row, 2)}:{address(row, last - 1)}"
        whole = total_of([None if isinstance(value, str) else value for value in values])
        page.put(row, last, sum_shown([span], len(codes), whole), style.MONEY_TOTAL)
        row += 1
    return row + 1


def _payments(page: Page, row: int, title: str, settlement: Settlement, transfers: Sequence[Transfer]) -> int:
    """Each pair in both directions, since a changed leaf may turn a payment round."""
    page.table(row, title, "元", page.width)
    page.heads(row + 1, ["付方 → 收方", "金额（元）", "金额（万元）", "大写金额"])
    page.text(row + 1, 4, page.width - 2, "大写金额", style.HEAD)
    page.heads(row + 1, ["付方支出科目", "收方收入科目"], page.width - 1)
    row += 2
    for transfer in transfers:
        page.put(row, 1, _pair(settlement, transfer), style.TEXT)
        _amount(page, row, 2, transfer.amount, style.MONEY_TOTAL)
        cell, value = address(row, 2), number_of(transfer.amount)
        wan = UNDETERMINED if value is None else value / 10_000
        text = f'IF(ISNUMBER({cell}),{cell}/10000,"{UNDETERMINED}")'
        page.put(row, 3, Shown(lambda _, t=text: t, wan), style.WAN)  # type: ignore[misc]
        words = UNDETERMINED if value is None else uppercase(fen_of(value)) if value else "-"
        spelled = uppercase_formula(cell)
        page.text(row, 4, page.width - 2, Shown(lambda _, t=spelled: t, words), style.BIG)  # type: ignore[misc]
        page.put(row, page.width - 1, EXPENDITURE, style.CODE)
        page.put(row, page.width, INCOME, style.CODE)
        row += 1
    return row + 1


def _advances(page: Page, row: int, title: str, settlement: Settlement, transfers: Sequence[Transfer]) -> int:
    page.table(row, title, "元", 3)
    page.heads(row + 1, ["付方 → 收方", "金额（元）", "金额（万元）"])
    row += 2
    for transfer in transfers:
        page.put(row, 1, _pair(settlement, transfer), style.TEXT)
        _amount(page, row, 2, transfer.amount, style.MONEY)
        cell, value = address(row, 2), number_of(transfer.amount)
        wan = UNDETERMINED if value is None else value / 10_000
        text = f'IF(ISNUMBER({cell}),{cell}/10000,"{UNDETERMINED}")'
        page.put(row, 3, Shown(lambda _, t=text: t, wan), style.WAN)  # type: ignore[misc]
        row += 1
    return row + 1


def _pair(settlement: Settlement, transfer: Transfer) -> str:
    name = settlement.agreement.full_name
    return f"{name(transfer.payer)} → {name(transfer.payee)}"
