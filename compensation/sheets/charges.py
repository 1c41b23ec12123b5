"""分条计算: one block for each clause: what was measured, what it costs, and who pays it to whom."""

from fractions import Fraction
from typing import NamedTuple

from compensation.expression.formula import Cell
from compensation.settlement.settle import Settlement
from compensation.sheets import leaves, records, sections
from compensation.sheets import page as style
from compensation.sheets.clicking import sentence
from compensation.sheets.page import Page, address
from compensation.sheets.plan import Plan, number_of
from rules.agreement import Clause
from rules.outcome import Charge, Line

NAME = "分条计算"
CLAUSE, SUBJECT, MEASURE, VALUE, UNIT, AMOUNT, PAYER, PAYEE, LINE, NOTE = range(1, 11)
_HEADS = ["条款", "事项", "计量", "计量值", "计量单位", "应付额（元）", "付方", "收方", "分摊金额（元）", "备注"]
_PRINCIPLES = {
    "joint_fund": "共建共享",
    "beneficiary_pays": "受益者付费",
    "protector_compensated": "保护者得到合理补偿",
    "damager_pays": "损害者赔偿",
}


class Laid(NamedTuple):
    """Where the charges stand: rows of all lines, and each charge with its rows."""

    page: Page
    first: int
    last: int
    rows: list[tuple[Charge, int, int]]

    def line_of(self, *, clause: str = "", payer: str = "", payee: str = "") -> Cell | None:
        """Where the first line that fits stands, such as the first that one party pays another."""
        for charge, first, _ in self.rows:
            for row, line in enumerate(charge.lines, start=first):
                if clause in ("", line.clause) and payer in ("", line.payer) and payee in ("", line.payee):
                    return Cell(NAME, row, LINE)
        return None


def charges(plan: Plan, settlement: Settlement) -> Laid:
    """Every charge of every clause, in the order of the agreement."""
    page = Page(plan, NAME, len(_HEADS))
    page.table(3, "", "元", page.width)
    page.heads(4, _HEADS)
    page.title_rows, page.freeze = "4:4", "A5"
    row = 5
    rows: list[tuple[Charge, int, int]] = []
    for clause in settlement.agreement.clauses:
        mine = [charge for charge in settlement.outcome.charges if charge.clause is clause]
        _heading(page, row, clause)
        row += 1
        if not mine:
            page.text(row, 1, page.width, "本期无", style.CENTRE)
            row += 1
        for charge in mine:
            after = _charge(page, row, charge, settlement)
            rows.append((charge, row, after - 1))
            row = after
    page.filter = f"A4:{address(row - 1, page.width)}"
    return Laid(page, 5, row, rows)


def _heading(page: Page, row: int, clause: Clause) -> None:
    principle = _PRINCIPLES.get(clause.principle, clause.principle)
    source = "假定，尚无协议文本" if clause.source == "assumption" else clause.source
    text = f"{clause.number}　{clause.title}　〔原则：{principle}〕\n{clause.text}\n依据：{source}"
    page.text(row, 1, page.width, text, style.CLAUSE)


def _charge(page: Page, row: int, charge: Charge, settlement: Settlement) -> int:
    lines: tuple[Line | None, ...] = charge.lines or (None,)
    name = settlement.agreement.short
    for number, line in enumerate(lines):
        at = row + number
        for column in range(1, page.width + 1):
            page.put(at, column, None, style.CENTRE)
        page.put(at, CLAUSE, charge.clause.number, style.CENTRE)
        page.put(at, SUBJECT, charge.subject, style.TEXT)
        # on a short text: LibreOffice does not wrap a text that is a link, and would cut a long name
        page.link(at, CLAUSE, _origin(page.plan, charge))
        if number == 0:
            _measured(page, at, charge)
        if line is not None:
            page.put(at, PAYER, name(line.payer), style.CENTRE)
            page.put(at, PAYEE, name(line.payee), style.CENTRE)
            page.node(at, LINE, line.amount, style.MONEY)
        page.put(at, NOTE, _remark(charge, number), style.TEXT)
    return row + len(lines)


def _measured(page: Page, row: int, charge: Charge) -> None:
    page.node(row, AMOUNT, charge.amount, style.MONEY)
    page.comments[row, AMOUNT] = sentence(charge.amount)
    if not charge.measures or charge.measures[0] is charge.amount:
        return
    measure = charge.measures[0]
    page.put(row, MEASURE, _short(measure.label, charge), style.TEXT)
    page.node(row, VALUE, measure, style.for_number(measure))
    page.put(row, UNIT, measure.unit.symbol or "—", style.CENTRE)


def _origin(plan: Plan, charge: Charge) -> Cell | None:
    """What the charge is about: the section's values, else the records, else the figures of the agreement."""
    for sheet in (sections.NAME, records.WATER, records.EVENTS, leaves.PARAMETERS):
        for node in (*charge.measures, charge.exact, charge.amount):
            home = plan.home(node)
            found = home if home is not None and home.sheet == sheet else plan.leads_to(node, sheet)
            if found is not None:
                return found
    return None


def _short(label: str, charge: Charge) -> str:
    """The label without the section and period that the subject says already."""
    for part in charge.subject.removesuffix("（反向）").split(" "):
        label = label.replace(part, "", 1)
    label = label.replace(charge.period.name, "", 1)
    return " ".join(label.split()) or "计量"


def _remark(charge: Charge, number: int) -> str:
    if number:
        return ""
    if number_of(charge.amount) is None:
        return "未定，见“免责与剔除”"
    if charge.clause.kind == "pool" and charge.section and number_of(charge.amount) != Fraction(0):
        return "扣至分配额为零为止"
    return ""
