"""Import forms (填报表), one for each kind of evidence, with the agreement's own sections, indicators and parties.

A form holds a guide, a table with nothing but its header, and the lists behind the drop-downs. The guide and the lists
bear the mark by which the importer passes them over, so that a filled form is imported as it is.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from compensation.monitoring.reader import SKIP_MARK
from compensation.quality.standard import (
    AUTOMATIC_STATION,
    PH,
    TEMPERATURE,
    TOTAL_NITROGEN,
    indicator,
)
from compensation.sheets.package import finished
from rules.agreement import Agreement

LAST_ROW = 5_000
GUIDE, LISTS = "填表说明", "选项"

_THIN = Side(style="thin", color="FF808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_GREY = PatternFill("solid", start_color="FFEDEDED", end_color="FFEDEDED")
_GUIDE_WIDTHS = (22, 12, 62, 34)


class Field(NamedTuple):
    """A column of a form: header with its unit, what to fill in, an example, and the choices if there are any.

    `closed` choices allow nothing else; others may be added to by hand. `form` is the number format of the column.
    """

    header: str
    guide: str
    example: str
    choices: tuple[str, ...] = ()
    closed: bool = True
    required: bool = True
    form: str = "General"


class Form(NamedTuple):
    """A kind of form: its name, what it is for, and its columns."""

    name: str
    purpose: str
    fields: tuple[Field, ...]


_DAY = "yyyy-mm-dd"
_MINUTE = "yyyy-mm-dd hh:mm"
_DOCUMENT = Field("依据文号", "认定或报送本行数据的文件编号。", "水务函〔2026〕12号")
_MISSING = "缺测留空；未检出写检出限加 L，如 0.025L。"


def forms(agreement: Agreement) -> dict[str, Form]:
    """Every form, by its name."""
    makers: tuple[Callable[[Agreement], Form], ...] = (
        _station, _hand, _intake, _flow, _incident, _exemption, _in_kind,
    )  # fmt: skip
    made = [maker(agreement) for maker in makers]
    return {form.name: form for form in made}


def form_bytes(agreement: Agreement, form: Form) -> bytes:
    """The workbook of a form; the same agreement gives the same bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    guide, table, lists = (book.create_sheet(name) for name in (GUIDE, form.name, LISTS))
    _guide(guide, agreement, form)
    columns = _lists(lists, form)
    _table(table, form, columns)
    book.active = 1
    guide.sheet_view.tabSelected = False
    return finished(book, {}, f"{agreement.title} {form.name}填报表", agreement.first.isoformat())


def _sections(agreement: Agreement, kind: str | None = None, monitoring: str | None = None) -> tuple[str, ...]:
    return tuple(
        each.name for each in agreement.sections if kind in (None, each.kind) and monitoring in (None, each.monitoring)
    )


def _indicators(agreement: Agreement) -> tuple[str, ...]:
    """The agreement's indicators, those of its incident clauses included."""
    incidents = (clause.measure.options.get("indicator") for clause in agreement.clauses)
    return tuple(dict.fromkeys((*agreement.monitored, *filter(None, incidents))))


def _section(agreement: Agreement, header: str = "断面名称", kind: str | None = None) -> Field:
    names = _sections(agreement, kind) or _sections(agreement)
    return Field(header, "从下拉表中选，与协议一致。", names[0], names)


def _parties(agreement: Agreement) -> tuple[str, ...]:
    return tuple(party.short for party in agreement.parties)


def _measured(code: str) -> Field:
    its = indicator(code)
    low = "负值照实填。" if code == TEMPERATURE else _MISSING
    return Field(
        f"{its.name}({its.unit})", f"以 {its.unit} 计的数值。{low}", "7.8" if code == PH else "0.12", required=False
    )


def _station(agreement: Agreement) -> Form:
    codes = dict.fromkeys((TEMPERATURE, *AUTOMATIC_STATION, TOTAL_NITROGEN, *agreement.monitored))
    names = _sections(agreement, monitoring="automatic") or _sections(agreement)
    return Form(
        "自动站",
        "自动监测站的逐次数据，一行一个时刻。",
        (
            Field("断面名称", "从下拉表中选，与协议一致。", names[0], names),
            Field("监测时间", "年月日和时分，北京时间。", "2026-07-09 04:00", form=_MINUTE),
            Field(
                "水质类别",
                "发布的类别；没有就留空。",
                "Ⅱ",
                ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ"),
                required=False,
            ),
            *(_measured(code) for code in codes),
            Field("站点情况", "当时站点的运行情况。", "正常", ("正常", "维护", "停站", "不具备运行条件")),
        ),
    )


def _hand(agreement: Agreement) -> Form:
    its = [indicator(code) for code in _indicators(agreement)]
    units = tuple(dict.fromkeys([*(each.unit for each in its), "μg/L"]))
    return Form(
        "人工采样",
        "人工采样的实验室结果，一行一个指标。",
        (
            _section(agreement),
            Field("采样日期", "年月日。", "2026-07-09", form=_DAY),
            Field("指标", "从下拉表中选。", its[0].name, tuple(each.name for each in its), closed=False),
            Field("数值", f"按右侧单位的数值。{_MISSING}本次未监测写 -1。", "0.025L"),
            Field("单位", "必须写明：mg/L 与 μg/L 相差一千倍。", its[0].unit, units),
            Field("备注", "可不填。", "", required=False),
        ),
    )


_YEAR = Field("年", "四位年份。", "2026")
_MONTH = Field("月", "1 至 12。", "7", tuple(map(str, range(1, 13))))


def _intake(agreement: Agreement) -> Form:
    volume = Field("取水量(万m³)", "当月取水量，以万立方米计。", "3500.25")
    return Form(
        "取水量",
        "取水口每月的取水量，一行一个月。",
        (_section(agreement, "断面", "intake"), _YEAR, _MONTH, volume, _DOCUMENT),
    )


def _flow(agreement: Agreement) -> Form:
    volume = Field("断面水量(万m³)", "当月流过断面（或经闸下泄）的水量，以万立方米计。", "12000.5")
    return Form(
        "流量",
        "流过断面的水量或闸泄量，一行一个月。逐日的平均流量也可以导入：表头写“断面、日期、日均流量(m³/s)”。",
        (_section(agreement, "断面"), _YEAR, _MONTH, volume, _DOCUMENT._replace(required=False)),
    )


def _incident(agreement: Agreement) -> Form:
    names = tuple(indicator(code).name for code in _indicators(agreement))
    short = _parties(agreement)
    shares = f"{short[0]}:7/10;{short[1]}:3/10" if len(short) > 1 else f"{short[0]}:1"
    return Form(
        "突发事件",
        "核定了应急费用和责任的水污染突发事件，一行一件。",
        (
            Field("编号", "事件的编号，不得重复。", "2026-01"),
            Field("日期", "发生日期。", "2026-07-09", form=_DAY),
            _section(agreement, "断面"),
            Field("指标", "超标的指标；由各方认定而不按指标的，留空。", names[0], names, closed=False, required=False),
            Field("浓度(mg/L)", "最大浓度，以 mg/L 计；没有就留空。", "0.0062", required=False),
            Field("核定应急费用(万元)", "各方核定的应急费用，以万元计。", "120"),
            Field("责任比例", "写成“方:比例;方:比例”，合计为 1。", shares),
            Field("承担方", "垫付应急费用的一方。", short[-1], short),
            _DOCUMENT,
        ),
    )


def _exemption(agreement: Agreement) -> Form:
    reasons = ("洪水", "干旱", "顶托回流", "工程")
    return Form(
        "免责",
        "由文件认定、不参加考核的时段，一行一段。",
        (
            _section(agreement, "断面"),
            Field("起", "起始日期，含当日。", "2026-06-20", form=_DAY),
            Field("止", "截止日期，含当日。", "2026-06-28", form=_DAY),
            Field("原因", "从下拉表中选，或如实填写。", reasons[0], reasons, closed=False),
            Field("认定文件", "认定文件的编号。", "防汛认〔2026〕3号"),
        ),
    )


def _in_kind(agreement: Agreement) -> Form:
    short = _parties(agreement)
    return Form(
        "多元化",
        "技术、人才、产业补偿及各方共同认定的价值，一行一项。",
        (
            Field("年度", "四位年份。", "2026"),
            Field("提供方", "从下拉表中选。", short[0], short),
            Field("受益方", "从下拉表中选，不能与提供方相同。", short[-1], short),
            Field("类别", "从下拉表中选。", "技术", ("技术", "人才", "产业")),
            Field("内容", "补偿的内容。", "水质模型共建", required=False),
            Field("认定价值(万元)", "各方共同认定的价值，以万元计。", "80"),
            _DOCUMENT,
        ),
    )


def _guide(sheet: Worksheet, agreement: Agreement, form: Form) -> None:
    lines = [
        f"{form.name}填报表　填表说明{SKIP_MARK}",
        f"《{agreement.title}》",
        form.purpose,
        f"在“{form.name}”表的表头下面逐行填写，填完保存，用 compensation import 导入。",
        "表头和单位不要改；数据是别的单位的，把表头括号里的单位改成那个单位。",
        "公式须有计算结果；合计、均值行不必填，系统另行计算。",
    ]
    for row, text in enumerate(lines, start=1):
        sheet.cell(row, 1, text).font = Font(name="黑体" if row == 1 else "宋体", size=14 if row == 1 else 10.5)
    top = len(lines) + 2
    table = [("列", "是否必填", "怎样填", "示例")]
    table += [(each.header, "必填" if each.required else "可不填", each.guide, each.example) for each in form.fields]
    for offset, texts in enumerate(table):
        for column, text in enumerate(texts, start=1):
            cell = sheet.cell(top + offset, column, text)
            cell.number_format = "@"
            cell.font = Font(name="宋体" if offset else "黑体", size=10.5)
            cell.alignment = Alignment(wrap_text=True, vertical="center")
            cell.border = _BOX
            if not offset:
                cell.fill = _GREY
    for column, width in enumerate(_GUIDE_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _lists(sheet: Worksheet, form: Form) -> dict[str, str]:
    """Write the lists; where the choices of each column stand."""
    sheet.cell(1, 1, f"下拉表的选项{SKIP_MARK}").font = Font(name="黑体", size=10.5)
    places = {}
    chosen = [field for field in form.fields if field.choices]
    for column, field in enumerate(chosen, start=1):
        sheet.cell(2, column, field.header).font = Font(name="黑体", size=10.5)
        for row, text in enumerate(field.choices, start=3):
            sheet.cell(row, column, text).number_format = "@"
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = 18
        places[field.header] = f"{LISTS}!${letter}$3:${letter}${2 + len(field.choices)}"
    return places


def _table(sheet: Worksheet, form: Form, lists: dict[str, str]) -> None:
    for column, field in enumerate(form.fields, start=1):
        cell = sheet.cell(1, column, field.header)
        cell.font, cell.fill, cell.border = Font(name="黑体", size=10.5), _GREY, _BOX
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = max(12, 2 * len(field.header) + 2)
        sheet.column_dimensions[letter].number_format = field.form
        rule = _validation(field, lists.get(field.header))
        rule.add(f"{letter}2:{letter}{LAST_ROW}")
        sheet.add_data_validation(rule)
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "A2"


def _validation(field: Field, choices: str | None) -> DataValidation:
    rule = DataValidation(type="list" if choices else None, formula1=choices, allow_blank=True)
    rule.promptTitle, rule.prompt = field.header[:32], f"{field.guide}\n例：{field.example}"[:255]
    rule.showInputMessage = True
    rule.showErrorMessage = bool(choices)
    rule.errorStyle = "stop" if field.closed else "warning"
    rule.errorTitle, rule.error = (
        "不在选项中",
        "请从下拉表中选。" if field.closed else "不在下拉表中，确认无误可以保留。",
    )
    return rule


def names() -> Sequence[str]:
    """The names of the forms, in the order of the guide."""
    return ("自动站", "人工采样", "取水量", "流量", "突发事件", "免责", "多元化")
