"""勾稽: every sum that must agree, as a live formula that must be 0."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from compensation.expression import YUAN, Quantity, constant
from compensation.expression.formula import UNDETERMINED
from compensation.settlement.settle import Settlement
from compensation.sheets import page as style
from compensation.sheets.charges import Laid
from compensation.sheets.page import At, Page, Shown
from compensation.sheets.plan import Plan, number_of
from compensation.sheets.rows import Cached
from rules.agreement import POOL
from rules.outcome import Charge

NAME = "勾稽"
_HEADS = ["序号", "勾稽关系", "差额（元）", "说明"]
_FIRST = 6


class Terms(NamedTuple):
    """What a check adds and takes away; `at_most` asks only that the sum be not above zero."""

    label: str
    plus: tuple[Quantity, ...]
    minus: tuple[Quantity, ...]
    remark: str
    at_most: bool = False


def checks(plan: Plan, settlement: Settlement, laid: Laid) -> Page:
    """One row a check, and above them how many are not zero."""
    page = Page(plan, NAME, len(_HEADS))
    terms = [*_of_charges(laid), *_of_sums(settlement)]
    last = _FIRST + len(terms) - 1
    span = f"C{_FIRST}:C{last}"
    values = [_value(each) for each in terms]
    page.text(3, 1, 2, "不为零的项数（应为 0）", style.HEAD_LEFT)
    wrong = Fraction(sum(not isinstance(value, str) and value != 0 for value in values))
    page.put(3, 3, Shown(lambda _: f'COUNTIF({span},">0")+COUNTIF({span},"<0")', wrong), style.CHECK)
    undetermined = Fraction(sum(isinstance(value, str) for value in values))
    page.put(
        3, 4, Shown(lambda _: f'"未定项数："&COUNTIF({span},"{UNDETERMINED}")', f"未定项数：{undetermined}"), style.NOTE
    )
    page.table(4, "每一项差额都应为 0；不为 0 的以红色标出", "元", page.width)
    page.heads(5, _HEADS)
    for number, (each, value) in enumerate(zip(terms, values, strict=True), start=1):
        row = _FIRST + number - 1
        page.put(row, 1, number, style.INTEGER)
        page.put(row, 2, each.label, style.TEXT)
        page.put(row, 3, _shown(each, value), style.CHECK)
        page.put(row, 4, each.remark, style.TEXT)
    page.names["勾稽不为零项数"] = (3, 3)
    page.filter = f"A5:D{last}"
    page.zero_ranges += [span, "C3"]
    page.title_rows, page.freeze = "5:5", f"A{_FIRST}"
    return page


def _value(terms: Terms) -> Cached:
    plus, minus = [number_of(n) for n in terms.plus], [number_of(n) for n in terms.minus]
    if None in plus or None in minus:
        return UNDETERMINED
    there = [v for v in plus if v is not None] + [-v for v in minus if v is not None]
    difference = sum(there, Fraction(0))
    return max(Fraction(0), difference) if terms.at_most else difference


def _shown(terms: Terms, value: Cached) -> Shown:
    def write(at: At) -> str:
        plus, minus = [at(node) for node in terms.plus], [at(node) for node in terms.minus]
        counted = [at(node) for node in (*terms.plus, *terms.minus) if node.op != "constant"]
        body = f"{_sum(plus)}-{_sum(minus)}" if minus else _sum(plus)
        body = f"ROUND({body},2)"
        if terms.at_most:
            body = f"MAX(0,{body})"
        if not counted:
            return body
        return f'IF({_count(counted)}<{len(counted)},"{UNDETERMINED}",{body})'

    return Shown(write, value)


def _in_parts(cells: Sequence[str], function: str) -> str:
    parts = [cells[start : start + 100] for start in range(0, len(cells), 100)]
    return "+".join(f"{function}({','.join(part)})" for part in parts) or "0"


def _sum(cells: Sequence[str]) -> str:
    text = _in_parts(cells, "SUM")
    return f"({text})" if "+" in text else text


def _count(cells: Sequence[str]) -> str:
    return _in_parts(cells, "COUNT")


def _of_charges(laid: Laid) -> list[Terms]:
    return [_of_charge(charge) for charge, _, _ in laid.rows]


def _of_charge(charge: Charge) -> Terms:
    parts = (*(line.amount for line in charge.lines), *charge.kept)
    label = f"{charge.clause.number} {charge.subject}：分摊之和－应付额"
    return Terms(label, parts, (charge.amount,), "含一方兼为收付、由其自留的部分" if charge.kept else "")


def _of_sums(settlement: Settlement) -> list[Terms]:
    outcome, name = settlement.outcome, settlement.agreement.short
    positions = outcome.positions
    into = tuple(line.amount for line in outcome.lines if line.payee == POOL)
    out = tuple(line.amount for line in outcome.lines if line.payer == POOL)
    terms = [Terms("共同资金：收入－支出", into, out, "")] if (into or out) and outcome.fund is None else []
    if outcome.fund is not None:
        had, has = outcome.fund.opening, outcome.fund.closing
        terms.append(Terms("共同资金：期初结余＋本年度净额－期末结余", (had, positions[POOL].final), (has,), ""))
        terms.append(Terms("共同资金：期末结余不为负", (constant(0, YUAN),), (has,), "低于零的部分", at_most=True))
    for what, label in (
        ("net", "各方净额之和"),
        ("net_after_credit", "各方抵扣后净额之和"),
        ("final", "各方本年度净额之和"),
        ("clearing", "各方清算额之和"),
    ):
        terms.append(Terms(label, tuple(getattr(each, what) for each in positions.values()), (), ""))
    credited = tuple(each.credited for each in positions.values() if each.credited is not None)
    debited = tuple(each.debited for each in positions.values() if each.debited is not None)
    if credited:
        terms.append(Terms("多元化补偿：贷方－借方", credited, debited, ""))
    for code, position in positions.items():
        lines = outcome.lines
        paid = tuple(line.amount for line in lines if line.payer == code)
        received = tuple(line.amount for line in lines if line.payee == code)
        terms.append(Terms(f"{name(code)}：逐笔应收－逐笔应付－净额", received, (*paid, position.net), ""))
    for label, transfers, what in (
        ("本年度支付", outcome.transfers, "final"),
        ("清算支付", outcome.clearing, "clearing"),
    ):
        for code, position in positions.items():
            received = tuple(each.amount for each in transfers if each.payee == code)
            paid = tuple(each.amount for each in transfers if each.payer == code)
            terms.append(Terms(f"{label}：{name(code)} 收－付－净额", received, (*paid, getattr(position, what)), ""))
    return terms + _of_limit(settlement)


def _of_limit(settlement: Settlement) -> list[Terms]:
    limit = settlement.agreement.money.net_payment_limit
    if limit is None:
        return []
    most = settlement.case.figure(limit).to(YUAN)
    return [
        Terms(
            f"{settlement.agreement.short(code)}：净付额不超过年度限额",
            (constant(0, YUAN),),
            (position.final, most),
            "超过限额的部分",
            at_most=True,
        )
        for code, position in settlement.outcome.positions.items()
        if code != POOL
    ]
