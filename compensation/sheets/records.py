"""Evidence beside the water's quality, each with the document it rests on: 水量与取水, 事件, 多元化补偿."""

from collections.abc import Mapping, Sequence
from datetime import date

from compensation.expression import Key, Quantity
from compensation.quality.standard import indicator
from compensation.rounding import plain_text
from compensation.settlement.settle import Settlement
from compensation.sheets import page as style
from compensation.sheets.origins import key_of
from compensation.sheets.page import Page, Shown, address, shown_number
from compensation.sheets.plan import Plan, number_of

WATER, EVENTS, IN_KIND = "水量与取水", "事件", "多元化补偿"
_HEADS = ["序号", "事项", "数值", "单位", "依据"]
_KINDS = {"technology": "技术", "talent": "人才", "industry": "产业"}


def water(plan: Plan, given: Mapping[Key, Quantity], settlement: Settlement) -> Page:
    """Water taken at intakes, and water that passed sections, by month."""
    page = Page(plan, WATER, 5)
    order = {section.code: number for number, section in enumerate(settlement.agreement.sections)}
    row = 4
    for kind, title in (("volume", "取水量"), ("flow", "断面水量")):
        nodes = [node for key, node in given.items() if key[0] == kind]
        nodes.sort(key=lambda node: _place_and_month(node, order))
        # the second table only where there is something in it: one of nothing could take a page of its own
        if nodes or kind == "volume":
            row = _listing(page, row, title, nodes)
    page.freeze = "A4"
    return page


def _place_and_month(node: Quantity, order: Mapping[str, int]) -> tuple[int, str]:
    _, section, month = node.key or ("", "", "")
    return order[section], month


def _listing(page: Page, row: int, title: str, nodes: Sequence[Quantity]) -> int:
    """A table of volumes, each with what it rests on; the row after it and a blank one."""
    page.table(row, title, "m³", page.width)
    page.heads(row + 1, _HEADS)
    row += 2
    if not nodes:
        page.text(row, 1, page.width, "无", style.CENTRE)
        row += 1
    for number, node in enumerate(nodes, start=1):
        page.put(row, 1, number, style.INTEGER)
        page.put(row, 2, node.label, style.TEXT)
        page.node(row, 3, node, style.VOLUME)
        page.put(row, 4, node.unit.symbol, style.CENTRE)
        page.put(row, 5, node.source or "—", style.TEXT)
        row += 1
    return row + 1


_INCIDENT_HEADS = ["序号", "编号", "断面", "日期", "因子与浓度", "费用承担方", "依据文件"]


def events(plan: Plan, given: Mapping[Key, Quantity], settlement: Settlement) -> Page:
    """Incidents as they were recognised, then the figures of them that clauses use."""
    page = Page(plan, EVENTS, len(_INCIDENT_HEADS))
    agreement = settlement.agreement
    names = {section.code: section.name for section in agreement.sections}
    page.table(4, "一、突发事件", "见表内", page.width)
    page.heads(5, _INCIDENT_HEADS)
    row = 6
    facts = sorted(settlement.case.evidence.incidents, key=lambda fact: (fact.day, fact.number, fact.section))
    if not facts:
        page.text(row, 1, page.width, "无", style.CENTRE)
        row += 1
    for number, fact in enumerate(facts, start=1):
        what = "各方认定"
        if fact.indicator is not None:
            known = indicator(fact.indicator)
            amount = "" if fact.concentration is None else f" {plain_text(fact.concentration)} {known.unit}"
            what = f"{known.name}{amount}"
        cells: tuple[str | date, ...] = (fact.number, names.get(fact.section, fact.section), fact.day, what)
        page.put(row, 1, number, style.INTEGER)
        page.facts[row, 1] = key_of(fact)
        for column, content in enumerate(cells, start=2):
            page.put(row, column, content, style.DAY if column == 4 else style.TEXT)
        page.put(row, 6, agreement.short(fact.cost_bearer), style.CENTRE)
        page.put(row, 7, fact.source or "—", style.TEXT)
        row += 1
    row += 1
    page.table(row, "二、计入补偿的数值", "见表内", page.width)
    page.text(row + 1, 2, 4, "事项", style.HEAD)
    for column, head in ((1, "序号"), (5, "数值"), (6, "单位"), (7, "依据文件")):
        page.put(row + 1, column, head, style.HEAD)
    row += 2
    nodes = sorted((node for key, node in given.items() if key[0] == "incident"), key=lambda node: node.key or ())
    if not nodes:
        page.text(row, 1, page.width, "无", style.CENTRE)
    for number, node in enumerate(nodes, start=1):
        page.put(row, 1, number, style.INTEGER)
        page.text(row, 2, 4, _label(node, settlement), style.TEXT)
        page.node(row, 5, node, style.for_number(node))
        page.put(row, 6, node.unit.symbol or "权数", style.CENTRE)
        page.put(row, 7, node.source or "—", style.TEXT)
        row += 1
    page.freeze = "A4"
    return page


def _label(node: Quantity, settlement: Settlement) -> str:
    last = (node.key or ("",))[-1]
    party = last.removeprefix("responsibility.")
    return node.label if party == last else f"{node.label}（{settlement.agreement.short(party)}）"


_CREDIT_HEADS = ["缔约方", "议定价值合计", "抵扣上限", "抵扣额（贷方）", "失效", "抵扣额（借方）"]


def in_kind(plan: Plan, given: Mapping[Key, Quantity], settlement: Settlement) -> Page:
    """Technology, talent and industry at agreed value, and what of it is credited to whom and against whom.

    Call it when 结算汇总 is laid out, which is the home of credits and debits.
    """
    page = Page(plan, IN_KIND, 7)
    row = _contributions(page, 4, given, settlement)
    row += 1
    page.table(row, "二、抵扣（贷方为贡献方，借方为受益方；超过上限的失效）", "元", 6)
    page.heads(row + 1, _CREDIT_HEADS)
    row += 2
    positions = settlement.outcome.positions
    if all(each.credited is None and each.debited is None for each in positions.values()):
        page.text(row, 1, 6, "无", style.CENTRE)
    else:
        for code, position in positions.items():
            page.put(row, 1, settlement.agreement.short(code), style.HEAD_LEFT)
            _credit(page, row, position.credited)
            _figure(page, row, 6, position.debited)
            row += 1
    page.freeze = "A4"
    return page


_GIFT_HEADS = ["序号", "贡献方", "受益方", "种类", "内容", "议定价值（元）", "依据文件"]


def _contributions(page: Page, row: int, given: Mapping[Key, Quantity], settlement: Settlement) -> int:
    page.table(row, "一、技术、人才、产业补偿的议定价值", "元", page.width)
    page.heads(row + 1, _GIFT_HEADS)
    row += 2
    short = settlement.agreement.short
    facts = sorted(settlement.case.evidence.in_kind)
    if not facts:
        page.text(row, 1, page.width, "无", style.CENTRE)
        return row + 1
    for number, fact in enumerate(facts, start=1):
        page.put(row, 1, number, style.INTEGER)
        page.facts[row, 1] = key_of(fact)
        page.put(row, 2, short(fact.contributor), style.CENTRE)
        page.put(row, 3, short(fact.receiver), style.CENTRE)
        page.put(row, 4, _KINDS.get(fact.kind, fact.kind), style.CENTRE)
        page.put(row, 5, fact.description, style.TEXT)
        node = given.get(("in_kind", str(number)))
        if node is None:
            page.put(row, 6, fact.value_yuan, style.MONEY)
        else:
            page.node(row, 6, node, style.MONEY)
        page.put(row, 7, fact.source or "—", style.TEXT)
        row += 1
    return row


def _credit(page: Page, row: int, credited: Quantity | None) -> None:
    """The agreed value, the most that may be credited, the credit, and what lapses."""
    whole, most = credited.args if credited is not None and len(credited.args) == 2 else (None, None)
    for column, node in ((2, whole), (3, most), (4, credited)):
        _figure(page, row, column, node)
    if whole is None or credited is None:
        page.put(row, 5, 0, style.MONEY)
        return
    there, credit = number_of(whole), number_of(credited)
    lapsed = shown_number(credited) if there is None or credit is None else there - credit
    value, part = address(row, 2), address(row, 4)
    text = f'IF(COUNT({value},{part})<2,"未定",ROUND({value}-{part},2))'
    page.put(row, 5, Shown(lambda _: text, lapsed), style.MONEY)


def _figure(page: Page, row: int, column: int, node: Quantity | None) -> None:
    if node is None:
        page.put(row, column, 0, style.MONEY)
    else:
        page.node(row, column, node, style.MONEY)
