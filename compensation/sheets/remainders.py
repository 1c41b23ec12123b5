"""尾差说明: each allocation that left fen over, who got them, and by which part of the rule."""

import re
from fractions import Fraction
from typing import NamedTuple

from compensation.expression import Quantity
from compensation.settlement.settle import Settlement
from compensation.sheets import page as style
from compensation.sheets.page import Page, Shown, address, shown_number
from compensation.sheets.plan import Plan, number_of
from rules.agreement import POOL, Agreement
from rules.transfers import ARROW

NAME = "尾差说明"
_HEADS = [
    "序号",
    "分摊事项",
    "待分（分）",
    "剩余（分）",
    "分得方",
    "整分",
    "余数",
    "名次",
    "补得（分）",
    "分得（元）",
    "说明",
]
_NUMBER, _WHAT, _AMOUNT, _LEFT, _WHO, _FLOOR, _REST, _RANK, _EXTRA, _SHARE, _WHY = range(1, 12)
_RULE = (
    "规则：最大余数法（{clause}）。每方先得整分，剩余的分按余数从大到小每方补 1 分；余数相同的，权数大者在先；"
    "仍相同的，GB/T 2260 代码小者在先。权数为零的不得。"
)
_GOT, _TIED, _NOT = "按余数名次补得", "余数相同，按权数、代码定先后", "未补"


class _Part(NamedTuple):
    """A party's part of an allocation, taken from its expression."""

    who: str  # a short name, payer → payee where it is a pair, or a claim on a fund
    share: Quantity
    floor: Quantity
    extra: Quantity
    ahead: Quantity  # how many stand before it in the queue for the fen that are left
    rest: Quantity


class _Allocation(NamedTuple):
    left: Quantity
    parts: list[_Part]


def remainders(plan: Plan, settlement: Settlement, steps: tuple[str, str]) -> Page:
    """One row for each party of each allocation that left fen over; the rest of them summed, which must be 0.

    `steps` are the columns of names and of values on 计算过程, where every allocation has its own. Call this when that
    page is laid out: which allocations are listed depends on the amounts, and must not move the cells of other pages.
    """
    page = Page(plan, NAME, len(_HEADS))
    listed = [each for each in _allocations(plan, settlement.agreement) if number_of(each.left)]
    clause = settlement.agreement.money.rounding_clause
    page.text(3, 1, page.width, _RULE.format(clause=clause), style.NOTE)
    page.text(4, 1, 3, "未列出的各次分摊的剩余分合计（应为 0）", style.HEAD_LEFT)
    rows = sum(len(each.parts) for each in listed)
    text = f'SUMIFS({steps[1]},{steps[0]},"*：剩余分")-SUM({address(7, _EXTRA)}:{address(7 + rows, _EXTRA)})'
    page.put(4, 4, Shown(lambda _: text, Fraction(0)), style.FEN)
    page.zero_ranges.append("D4")
    page.table(5, "", "分、元（见表头）", page.width)
    page.heads(6, _HEADS)
    page.title_rows, page.freeze = "6:6", "A7"
    row = 7
    if not listed:
        page.text(row, 1, page.width, "各次分摊都恰好分尽，没有尾差", style.CENTRE)
        return page
    for number, each in enumerate(listed, start=1):
        row = _allocation(page, row, number, each)
    page.filter = f"A6:{address(row - 1, page.width)}"
    return page


def _allocations(plan: Plan, agreement: Agreement) -> list[_Allocation]:
    """The allocations of the plan, known by their shape: floor + 1 fen if fewer stand ahead than are left.

    The parties of each come in the order of their codes, by which the rule breaks its last ties; claims on a fund,
    which are of a clause and a section, by their names.
    """
    codes = {agreement.short(code): code for code in (POOL, *(party.code for party in agreement.parties))}
    found: dict[int, tuple[Quantity, dict[str, _Part]]] = {}
    for node in plan.everything():
        part = _part(node)
        if part is not None:
            left = part.extra.args[0].args[1]
            found.setdefault(plan.identity(left), (left, {}))[1].setdefault(part.who, part)

    def order(part: _Part) -> list[str]:
        return [codes.get(name, name) for name in part.who.split(ARROW)]

    return [_Allocation(left, sorted(parts.values(), key=order)) for left, parts in found.values()]


def _part(node: Quantity) -> _Part | None:
    if node.op != "convert" or node.args[0].op != "sum" or len(node.args[0].args) != 2:
        return None
    floor, extra = node.args[0].args
    if extra.op != "choose" or extra.args[0].op != "compare" or not extra.args[0].args[1].label.endswith("：剩余分"):
        return None
    ahead = extra.args[0].args[0]
    who = re.findall(r"（([^（）]+)）：", floor.label)[-1]
    return _Part(who, node, floor, extra, ahead, _rest(ahead))


def _rest(ahead: Quantity) -> Quantity:
    """The party's own remainder, which every other one is compared with."""
    first = ahead.args[0] if ahead.op == "sum" else ahead
    return first.args[0].args[0].args[1]


def _allocation(page: Page, row: int, number: int, each: _Allocation) -> int:
    last = row + len(each.parts) - 1
    rests = [number_of(part.rest) for part in each.parts]
    for offset, part in enumerate(each.parts):
        at = row + offset
        page.put(at, _NUMBER, number, style.INTEGER)
        page.put(at, _WHAT, each.left.label.removesuffix("：剩余分"), style.TEXT)
        page.node(at, _AMOUNT, each.left.args[0], style.FEN)
        page.node(at, _LEFT, each.left, style.FEN)
        page.put(at, _WHO, part.who.replace(ARROW, f" {ARROW} "), style.CENTRE)
        page.node(at, _FLOOR, part.floor, style.FEN)
        page.node(at, _REST, part.rest, style.FEN)
        rank = Fraction(1) + (number_of(part.ahead) or 0)
        page.put(at, _RANK, Shown(lambda see, p=part: f"1+{see(p.ahead)}", rank), style.INTEGER)  # type: ignore[misc]
        extra = shown_number(part.extra)
        page.put(at, _EXTRA, Shown(lambda see, p=part: see(p.extra), extra), style.FEN)  # type: ignore[misc]
        page.node(at, _SHARE, part.share, style.MONEY)
        home = page.plan.home(part.share)
        page.link(at, _SHARE, home if home is not None and home.sheet != NAME else None)
        tied = rests.count(number_of(part.rest)) > 1
        page.put(at, _WHY, _why(at, row, last, tied=tied, got=bool(number_of(part.extra))), style.TEXT)
    return last + 1


def _why(at: int, first: int, last: int, *, tied: bool, got: bool) -> Shown:
    rests = f"{address(first, _REST)}:{address(last, _REST)}"
    extra, rest = address(at, _EXTRA), address(at, _REST)
    text = f'IF({extra}=0,"{_NOT}",IF(COUNTIF({rests},{rest})>1,"{_TIED}","{_GOT}"))'
    return Shown(lambda _: text, (_TIED if tied else _GOT) if got else _NOT)
