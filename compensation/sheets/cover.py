"""封面, 免责与剔除, 数据来源: the sheets of words."""

from collections.abc import Sequence

from compensation.settlement.evidence import indicator_name
from compensation.settlement.settle import Settlement
from compensation.sheets import page as style
from compensation.sheets.leaves import SOURCES
from compensation.sheets.origins import key_of
from compensation.sheets.page import Input, Page
from compensation.sheets.plan import Plan
from rules.agreement import Party

COVER, LEFT_OUT = "封面", "免责与剔除"
PROVISIONAL = "暂算"
STATUS, STATUS_CELL = "结算状态", "B11"


_SIGNED = (Input("choice", ("确认", "有异议")), Input("words"), Input("date"))


_AIRY_BOXES = 4
_FIRST_LEFT_OUT = 4
_BOXES_POINTS = 350  # what the boxes of all parties may take of the cover


def nature(settlement: Settlement, status: str = "") -> str:
    """What the document is, in one phrase: 草案, 暂算, 回测; and how far it has come (`status`), where known."""
    parts = ["协议草案试算"] if settlement.agreement.status != "signed" else []
    parts += [each for each in (settlement.mode.label, status) if each]
    return "·".join(parts) or "结算"


def standing(settlement: Settlement, status: str = "") -> str:
    """How far it has come, as the cover says it; without a `status` it is a 草案, or 暂算 where it is provisional."""
    return status or (PROVISIONAL if settlement.mode.provisional else "草案")


def departments(party: Party) -> tuple[str, str]:
    """The finance and the environment department of a party."""
    if party.name.endswith(("省", "自治区")):
        return f"{party.name}财政厅", f"{party.name}生态环境厅"
    return f"{party.name}财政局", f"{party.name}生态环境局"


def cover(plan: Plan, settlement: Settlement, status: str = "") -> Page:
    """Title and document, then a box for signature and seal of each department.

    `status` is how far the settlement has come, such as 定案; see `standing`.
    """
    page = Page(plan, COVER, 4)
    agreement, case = settlement.agreement, settlement.case
    facts = (
        ("协议名称", agreement.title),
        ("协议版本与文号", f"第 {agreement.version} 版　{agreement.document or '（尚无文号）'}"),
        ("结算期间", f"{case.period.name}（{case.period.first} 至 {case.period.last}）"),
        ("结算编号", settlement.number),
        ("文件性质", nature(settlement, status)),
        (STATUS, standing(settlement, status)),
        ("结算摘要（SHA-256）", f"{settlement.digest[:32]}\n{settlement.digest[32:]}"),
        ("计算程序版本", settlement.engine_version),
        ("未定事项", f"{len(settlement.missing)} 项" + ("，见“免责与剔除”" if settlement.missing else "")),
    )
    row = 6
    for label, text in facts:
        page.put(row, 1, label, style.HEAD_LEFT)
        page.text(row, 2, 4, text, style.NATURE if label in ("文件性质", STATUS) else style.TEXT)
        page.heights[row] = 36 if "\n" in text or len(text) > 32 else 25
        row += 1
    if agreement.notes:
        page.text(row, 1, 4, "；".join(note.rstrip("。") for note in agreement.notes) + "。", style.NOTE)
    row += 2
    page.text(row, 1, 4, "各方确认（签字、盖章）", style.TABLE_TITLE)
    row += 1
    blank = "\n\n" if len(agreement.parties) <= _AIRY_BOXES else "\n"
    for party in agreement.parties:
        for column, department in zip((1, 3), departments(party), strict=True):
            page.text(row, column, column + 1, _box(department, blank), style.SEAL)
            page.inputs[row, column] = Input("words")
        page.heights[row] = min(92, _BOXES_POINTS / len(agreement.parties))
        row += 1
    _register(page, row, agreement.parties)
    return page


def _register(page: Page, row: int, parties: Sequence[Party]) -> None:
    """The register of signatures on a page of its own: the only cells of the workbook that people type into."""
    page.breaks.append(row - 1)
    page.text(row, 1, 4, "会签登记（白色单元格可直接填写，其余单元格受保护，无密码）", style.TABLE_TITLE)
    page.heads(row + 1, ["部门", "意见", "签署人", "签署日期"])
    row += 2
    for party in parties:
        for department in departments(party):
            page.put(row, 1, department, style.HEAD_LEFT)
            for column, wanted in enumerate(_SIGNED, start=2):
                page.put(row, column, None, style.DAY if wanted.kind == "date" else style.CENTRE)
                page.inputs[row, column] = wanted
            page.heights[row] = 36
            row += 1


def _box(department: str, blank: str) -> str:
    return blank.join((f"{department}（章）", "经办人：　　　　　　负责人：", "　　　　　　　　　年　　月　　日"))


def left_out(plan: Plan, settlement: Settlement) -> Page:
    """What was exempted, excluded or is missing, why, and by which document."""
    page = Page(plan, LEFT_OUT, 6)
    names = {section.code: section.name for section in settlement.agreement.sections}
    recognised = [
        (names.get(fact.section, fact.section), "", f"{fact.first} 至 {fact.last}", fact.reason, "", fact.document)
        for fact in settlement.case.evidence.exemptions
    ]
    excluded = [
        (names.get(each.section, "—"), "", each.period, each.reason, "", each.document)
        for each in settlement.outcome.excluded
    ]
    omitted = [
        (names.get(each.section, each.section), indicator_name(each.indicator), each.month, each.reason, each.n, "")
        for each in settlement.omissions
    ]
    lacking = [(item.section, item.indicator, item.period, item.what, "", "") for item in settlement.missing]
    row = _FIRST_LEFT_OUT
    for title, rows in (
        ("一、免责认定", recognised),
        ("二、不计入的断面与期间", excluded),
        ("三、按数据规则剔除的读数", omitted),
        ("四、未定事项（所缺数据）", lacking),
    ):
        row = _listing(page, row, title, ["断面", "指标", "期间", "原因", "个数", "依据文件"], rows, "个")
    for at, fact in enumerate(settlement.case.evidence.exemptions, start=_FIRST_LEFT_OUT + 2):
        page.facts[at, 1] = key_of(fact)
    page.freeze = "A4"
    return page


def sources(plan: Plan, settlement: Settlement) -> Page:
    """The files that the readings came from, and what people decided about the data: who, when, why, on what."""
    heads = ["序号", "文件名", "SHA-256", "行数", "收下", "与已有相同", "隔离", "不计、空行"]
    page = Page(plan, SOURCES, len(heads))
    rows = [(number, *each) for number, each in enumerate(settlement.sources, start=1)]
    row = _listing(page, 4, "一、导入文件（行数＝收下＋与已有相同＋隔离＋不计、空行）", heads, rows, "行")
    page.table(row, "二、对数据的裁定、核实与更正", "项", page.width)
    page.heads(row + 1, ["序号", "事项与决定"])
    page.text(row + 1, 3, page.width, "何人、何时、理由、依据文件", style.HEAD)
    row += 2
    if not settlement.decided:
        page.text(row, 1, page.width, "无", style.CENTRE)
    for at, each in enumerate(settlement.decided, start=row):
        page.put(at, 1, at - row + 1, style.INTEGER)
        page.put(at, 2, f"{each.kind}：{each.about}。{each.what}", style.TEXT)
        who = f"{each.by} {each.at:%Y-%m-%d %H:%M}：{each.reason}" + (f"（{each.document}）" if each.document else "")
        page.text(at, 3, page.width, who, style.TEXT)
    page.title_rows, page.freeze = "5:5", "A6"
    return page


def _listing(page: Page, row: int, title: str, heads: list[str], rows: Sequence[Sequence[str | int]], unit: str) -> int:
    page.table(row, title, unit, page.width)
    page.heads(row + 1, heads)
    row += 2
    if not rows:
        page.text(row, 1, page.width, "无", style.CENTRE)
        row += 1
    for cells in rows:
        for column, content in enumerate(cells, start=1):
            page.put(
                row,
                column,
                content if content != "" else "—",
                style.INTEGER if isinstance(content, int) else style.TEXT,
            )
        row += 1
    return row + 1
