"""Make settlement.xlsx, the template that ships; a bureau may restyle the result instead of running this again.

What the software relies on are the names of the sheets and of the cell styles. Fonts, sizes, borders, column widths,
page setup, titles, headers and footers are the bureau's. {{协议名称}}, {{结算期间}}, {{结算编号}}, {{文件性质}} and
{{标记}} are replaced wherever they stand.

    python templates_xlsx/build_templates.py [FILE]
"""

import io
import sys
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

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
    out = io.BytesIO()
    book.save(out)
    return finished(out.getvalue(), {}, "结算工作簿模板", "2026-01-01")


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


def _heading(sheet: Worksheet, row: int, last: int, text: str, style: str, height: float) -> None:
    sheet.cell(row, 1, text).style = style
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=last)
    sheet.row_dimensions[row].height = height


def _cover(sheet: Worksheet, title: str, last: int) -> None:
    _heading(sheet, 1, last, "{{标记}}", "标记", 26)
    _heading(sheet, 2, last, "{{协议名称}}", "大标题", 62)
    _heading(sheet, 3, last, title, "大标题", 40)
    _heading(sheet, 4, last, "（{{结算期间}}）", "副标题", 24)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("settlement.xlsx")
    target.write_bytes(build())
