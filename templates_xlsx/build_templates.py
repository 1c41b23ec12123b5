"""Make the templates that ship; a bureau may restyle the result instead of running this again.

What the software relies on are the names of the sheets and of the cell styles. Fonts, sizes, borders, column widths,
page setup, titles, headers, footers, pictures and the words of headings (表头文字) are the bureau's. {{协议名称}},
{{结算期间}}, {{结算编号}}, {{文件性质}} and {{标记}} are replaced wherever they stand.

    python templates_xlsx/build_templates.py [FOLDER]
"""

import sys
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from compensation.sheets import wording
from compensation.sheets.package import finished

SONG, HEI, FANG = "宋体", "黑体", "仿宋"
MONEY = '#,##0.00_ ;-#,##0.00_ ;"-"_ '
# name: landscape, title, column widths
SHEETS: dict[str, tuple[bool, str, tuple[float, ...]]] = {
    "封面": (False, "生态保护补偿结算书", (21, 23, 21, 23)),
    "本方结算": (True, "本方应收应付表", (13, 17, 21, 21, 21, 34, 17)),
    "结算汇总": (True, "结算汇总表", (27, 21, 21, 21, 21, 17, 17)),
    "分条计算": (True, "分条计算表", (14, 33, 18, 16, 9, 19, 7, 7, 19, 22)),
    "断面水质": (True, "断面水质评价表", (17, 13, 23, 11, 11, 11, 11, 11, 11, 11, 12, 12)),
    "日均值": (True, "日均值表", (12,)),
    "水量与取水": (True, "水量与取水表", (7, 48, 20, 9, 52)),
    "事件": (True, "事件表", (7, 18, 24, 13, 26, 12, 40)),
    "免责与剔除": (True, "免责与剔除表", (20, 16, 25, 48, 9, 32)),
    "多元化补偿": (True, "多元化补偿表", (9, 20, 20, 20, 34, 20, 34)),
    "尾差说明": (True, "尾差说明表", (7, 42, 17, 9, 11, 17, 17, 7, 10, 18, 30)),
    "参数与依据": (True, "参数与依据表", (7, 52, 13, 10, 13, 13, 38)),
    "数据来源": (True, "数据来源表", (7, 50, 36, 10, 10, 12, 10, 12)),
    "勾稽": (False, "勾稽表", (7, 60, 20, 34)),
    "图表": (True, "图表", (19, *([10.5] * 11))),
    "计算过程": (False, "计算过程表", (7, 70, 24, 9, 15)),
    "来源行": (False, "数据来源行", (24, 12, 34, 10, 10, 20, 10, 10)),
    "原始读数": (True, "原始读数表", (24, 16, 10, 18, 11, 14, 14, 10, 20, 9, 7)),
}
# The headings of each sheet, which 表头文字 lists for a bureau to write its own words beside.
HEADINGS: dict[str, str] = {
    "封面": "协议名称|协议版本与文号|结算期间|结算编号|文件性质|结算状态|结算摘要（SHA-256）|"
    "计算程序版本|未定事项|各方确认（签字、盖章）|"
    "会签登记（白色单元格可直接填写，其余单元格受保护，无密码）|部门|意见|签署人|签署日期",
    "本方结算": "一、与各方往来（轧差前）|本方|对方|应收（元）|应付（元）|净额（元）|说明|合计|"
    "二、本方结算|项目|金额（元）|大写金额|应付合计|应收合计|净额（应收－应付）|"
    "抵扣贷方（多元化补偿）|抵扣借方（多元化补偿）|抵扣后净额|年度限额调整|本年度净额|"
    "已预拨净额（预付－预收）|清算额（正收负付）|三、本年度应结算支付（轧差后）|方向|本方预算科目|"
    "四、清算支付（扣除已预拨）|五、逐笔应收应付|序号|条款|事项|分条计算",
    "结算汇总": "一、往来总额（轧差前，横行付、纵列收）|付方＼收方|应付合计|应收合计|"
    "二、各方结算（正数为应收，负数为应付）|项目|合计|净额（应收－应付）|抵扣贷方（多元化补偿）|"
    "抵扣借方（多元化补偿）|抵扣后净额|年度限额调整|本年度净额|已预拨净额（预付－预收）|"
    "清算额（正收负付）|三、各条款净额（正数为应收，负数为应付）|条款|合计（基金除外）|"
    "四、本年度应结算支付（轧差后）|付方 → 收方|金额（元）|金额（万元）|大写金额|付方支出科目|"
    "收方收入科目|五、清算支付（本年度无预拨，与上表相同）|五、清算支付（扣除已预拨后应拨付）|"
    "六、本年度已预拨|六、下年度预拨|七、下年度预拨",
    "分条计算": "条款|事项|计量|计量值|计量单位|应付额（元）|付方|收方|分摊金额（元）|备注",
    "断面水质": "一、断面水质类别|期间|目标|二、各指标月、年均值与评价|断面|指标|有效数|均值|评价值|"
    "类别序|类别|达标|超标倍数|计入倍数",
    "日均值": "日期",
    "水量与取水": "取水量|断面水量|序号|事项|数值|单位|依据",
    "事件": "一、突发事件|序号|编号|断面|日期|因子与浓度|费用承担方|依据文件|二、计入补偿的数值|事项|数值|单位",
    "免责与剔除": "一、免责认定|二、不计入的断面与期间|三、按数据规则剔除的读数|"
    "四、未定事项（所缺数据）|断面|指标|期间|原因|个数|依据文件",
    "多元化补偿": "一、技术、人才、产业补偿的议定价值|序号|贡献方|受益方|种类|内容|议定价值（元）|"
    "依据文件|二、抵扣（贷方为贡献方，借方为受益方；超过上限的失效）|缔约方|议定价值合计|抵扣上限|"
    "抵扣额（贷方）|失效|抵扣额（借方）",
    "尾差说明": "未列出的各次分摊的剩余分合计（应为 0）|序号|分摊事项|待分（分）|剩余（分）|分得方|"
    "整分|余数|名次|补得（分）|分得（元）|说明",
    "参数与依据": "一、协议参数|二、评价标准限值（由目标类别查得）|"
    "三、上年度结算结果（本年度预拨的依据）|四、协议期内已计金额（累计封顶的依据）|序号|参数|限值|"
    "事项|取值|金额|单位|有效期起|有效期止|依据",
    "数据来源": "一、导入文件（行数＝收下＋与已有相同＋隔离＋不计、空行）|序号|文件名|SHA-256|行数|收下|"
    "与已有相同|隔离|不计、空行|二、对数据的裁定、核实与更正|事项与决定|"
    "何人、何时、理由、依据文件",
    "勾稽": "不为零的项数（应为 0）|每一项差额都应为 0；不为 0 的以红色标出|序号|勾稽关系|差额（元）|说明",
    "图表": "谁付给谁|付方|收方|月份|P = 1",
    "计算过程": "每行一步，公式只引用其他单元格|序号|步骤|数值|单位|条款",
    "来源行": "各项数值在原文件中的位置|断面|期间|内容|数值个数|文件序号|工作表|首行|末行",
    "原始读数": "监测结果（现行有效者）|断面|监测指标|单位|监测时间|监测方式|监测结果|站点情况|文件序号|工作表|行|列",
}
LEGEND_WIDTH = {"日均值": 10}


def styles() -> list[NamedStyle]:
    """Every cell style the software uses, by name."""
    thin = Side(style="thin", color="FF404040")
    box = Border(left=thin, right=thin, top=thin, bottom=thin)
    grey = PatternFill("solid", start_color="FFEDEDED", end_color="FFEDEDED")

    def style(
        name: str,
        font: str = SONG,
        size: float = 10,
        *,
        bold: bool = False,
        colour: str = "FF000000",
        across: str = "left",
        down: str = "center",
        wrap: bool = True,
        border: Border | None = box,
        fill: PatternFill | None = None,
        number: str = "General",
        shrink: bool = False,
        indent: int = 0,
    ) -> NamedStyle:
        made = NamedStyle(name)
        made.font = Font(name=font, size=size, bold=bold, color=colour)
        made.alignment = Alignment(
            horizontal=across, vertical=down, wrap_text=wrap and not shrink, shrink_to_fit=shrink, indent=indent
        )
        made.border = border or Border()
        if fill:
            made.fill = fill
        made.number_format = number
        return made

    def figure(name: str, number: str, *, bold: bool = False) -> NamedStyle:
        return style(name, across="right", number=number, bold=bold, shrink=True)

    return [
        style("大标题", HEI, 20, across="center", border=None),
        style("副标题", FANG, 10.5, across="center", border=None),
        style("表题", HEI, 11, border=None, down="bottom"),
        style("单位", SONG, 10, across="right", border=None, down="bottom", wrap=False),
        style("表头", HEI, 10, across="center", fill=grey),
        style("表头左", HEI, 10, fill=grey, indent=1),
        style("正文", indent=1),
        style("居中", across="center"),
        style("说明", FANG, 9.5, border=None),
        style("标记", HEI, 11, bold=True, colour="FFC00000", border=None),
        style("大写", FANG, 10, indent=1),
        figure("金额", MONEY),
        figure("金额合计", MONEY, bold=True),
        figure("万元", '#,##0.000000_ ;-#,##0.000000_ ;"-"_ '),
        figure("数值", "General_ "),
        figure("浓度", "0.0000_ "),
        figure("倍数", "0.0000_ "),
        figure("小数", "0.000000_ "),
        figure("水量", "#,##0.0_ "),
        figure("分", "#,##0_ "),
        style("文件性质", HEI, 11, bold=True, colour="FFC00000", indent=1),
        style("整数", across="center", number="0"),
        style("编码", across="center", number="@"),
        style("类别", HEI, 10, across="center"),
        style("假定值", HEI, 10, colour="FFC00000", indent=1),
        figure("勾稽值", "#,##0.00_ ;-#,##0.00_ ;0.00_ "),
        style("日期", across="center", number="yyyy-mm-dd", wrap=False),
        style("时间", across="center", number="yyyy-mm-dd hh:mm", wrap=False),
        style("条文", FANG, 10, fill=PatternFill("solid", start_color="FFF7F7F7", end_color="FFF7F7F7")),
        style("签章", FANG, 11, indent=1),
    ]


def build() -> bytes:
    """The template, the same bytes every time."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for each in styles():
        book.add_named_style(each)
    for name, (landscape, title, widths) in SHEETS.items():
        _sheet(book.create_sheet(name), landscape, title, widths)
    _headings(book.create_sheet(wording.NAME))
    return finished(book, {}, "结算工作簿模板", "2026-01-01")


def _sheet(sheet: Worksheet, landscape: bool, title: str, widths: tuple[float, ...]) -> None:
    last = LEGEND_WIDTH.get(sheet.title, len(widths))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    if sheet.title == "封面":
        _cover(sheet, title, last)
    else:
        _heading(sheet, 1, last, title, "大标题", 30)
        _heading(sheet, 2, last, "{{协议名称}}　{{结算期间}}　编号 {{结算编号}}　{{标记}}", "副标题", 18)
    setup = sheet.page_setup
    setup.paperSize, setup.orientation = 9, "landscape" if landscape else "portrait"
    setup.fitToWidth, setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.55
    margins.top, margins.bottom, margins.header, margins.footer = 0.75, 0.7, 0.35, 0.35
    sheet.print_options.horizontalCentered = True
    sheet.oddHeader.left.text = "{{结算编号}}"
    sheet.oddHeader.right.text = "{{文件性质}}"
    sheet.oddHeader.right.font, sheet.oddHeader.right.color, sheet.oddHeader.right.size = "黑体,Bold", "C00000", 11
    sheet.oddFooter.center.text = "第 &P 页　共 &N 页"
    sheet.oddFooter.left.text = "&A"


def _headings(sheet: Worksheet) -> None:
    _heading(sheet, 1, 3, "表头文字（本表不进入工作簿）", "大标题", 30)
    _heading(sheet, 2, 3, "要改某张表的表头或表题，在第三列写上本单位的用词；空着的不改。", "副标题", 18)
    for column, (head, width) in enumerate((("工作表", 16), ("软件用词", 60), ("本单位用词", 60)), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.cell(wording.FIRST_ROW - 1, column, head).style = "表头"
    row = wording.FIRST_ROW
    for name, headings in HEADINGS.items():
        for heading in headings.split("|"):
            for column, text in enumerate((name, heading, None), start=1):
                sheet.cell(row, column, text).style = "正文"
            row += 1


def _heading(sheet: Worksheet, row: int, last: int, text: str, style: str, height: float) -> None:
    sheet.cell(row, 1, text).style = style
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=last)
    sheet.row_dimensions[row].height = height


def _cover(sheet: Worksheet, title: str, last: int) -> None:
    _heading(sheet, 1, last, "{{标记}}", "标记", 26)
    _heading(sheet, 2, last, "{{协议名称}}", "大标题", 62)
    _heading(sheet, 3, last, title, "大标题", 40)
    _heading(sheet, 4, last, "（{{结算期间}}）", "副标题", 24)


PAYMENT_WIDTHS = (31, 25, 22, 24)
_LETTER_POINTS = 12


def build_payment() -> bytes:
    """The template of 拨款通知 and 清算函: one A4 page each."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for each in styles():
        if each.font.size < _LETTER_POINTS:
            each.font = Font(name=each.font.name, size=_LETTER_POINTS, bold=each.font.bold, color=each.font.color)
        if each.name == "条文":
            each.border, each.fill = Border(), PatternFill()
        book.add_named_style(each)
    for name, title in (
        ("拨款通知", "生态保护补偿资金拨款通知"),
        ("清算函", "关于清算{{结算期间}}生态保护补偿资金的函"),
    ):
        sheet = book.create_sheet(name)
        _sheet(sheet, False, title, PAYMENT_WIDTHS)
        sheet.cell(2, 1).value = "{{文件性质}}　{{标记}}"
        sheet.cell(2, 1).style = "标记"
        sheet.page_setup.fitToHeight = 1
        sheet.oddHeader.left.text = None
        sheet.oddHeader.right.text = "{{文件性质}}{{标记}}"
        sheet.oddFooter.left.text = None
    return finished(book, {}, "拨付单据模板", "2026-01-01")


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    (folder / "settlement.xlsx").write_bytes(build())
    (folder / "payment.xlsx").write_bytes(build_payment())
