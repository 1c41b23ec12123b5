"""What a column header says: which role the column plays, in which unit, with which detection limit."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from compensation.monitoring import units
from compensation.monitoring.times import Stamp, month_in_name, parse_stamp
from compensation.quality.standard import indicator_by_name


class Kind(StrEnum):
    """What a table holds; the value is how the layout report names it."""

    WIDE = "监测结果（一行一个时间）"
    LONG = "监测结果（一行一个数值）"
    ACROSS = "监测结果（一列一个时间）"
    INTAKE = "取水量"
    FLOW = "断面水量"
    INCIDENT = "突发事件"
    EXEMPTION = "免责认定"
    IN_KIND = "多元化补偿"


class Role(StrEnum):
    """What a column is for; the value is how the layout report names it."""

    SECTION = "断面"
    SECTION_ELSE = "断面（编号为空时用；编号只是序号的，与编号连用）"
    PROVINCE = "省份"
    STAMP = "时间"
    CLOCK = "时刻"
    MOMENT = "时间（横排）"
    YEAR = "年份"
    MONTH = "月份"
    DAY = "日"
    SNAPSHOT = "抓取时间"
    STATUS = "站点情况"
    METHOD = "监测方式"
    CLASS = "水质类别"
    INDICATOR = "指标"
    INDICATOR_NAME = "指标名称"
    VALUE = "数值"
    UNIT = "单位"
    VOLUME = "取水量"
    FLOW = "断面水量或流量"
    DOCUMENT = "依据文号"
    NUMBER = "编号"
    CONCENTRATION = "浓度"
    COST = "应急费用"
    RESPONSIBILITY = "责任比例"
    BEARER = "承担方"
    FIRST_DAY = "起"
    LAST_DAY = "止"
    REASON = "原因"
    CONTRIBUTOR = "提供方"
    RECEIVER = "受益方"
    CATEGORY = "类别"
    CONTENT = "内容"
    WORTH = "认定价值"
    HANDLE = "隔离编号"
    DESCRIPTION = "说明列"
    UNKNOWN = "未识别列"
    EMPTY = "空列"


@dataclass(frozen=True, slots=True)
class Header:
    """A header taken apart: the name, its unit and detection limit if it states them, a unit no table knows."""

    name: str
    unit: str | None
    limit: str | None
    strange_unit: str | None


_SECTION_NAMES = (  # in the order in which they name a section when a table has several
    "断面名称",
    "断面",
    "监测断面",
    "断面/取水口",
    "取水口",
    "取水口名称",
    "站点名称",
    "站点",
    "站位",
    "点位名称",
    "点位",
    "监测点位",
    "采样点",
    "采样点位",
    "测站",
    "测站名称",
    "水站名称",
    "观测站代码",
    "编号",
    "点位编号",
    "断面编码",
    "断面代码",
    "河道名称",
    "水体名称",
    "河流名称",
    "section",
)
_DATES = ("采样日期", "取样日期", "监测日期", "日期", "date")
_TIMES = ("监测时间", "采样时间", "取样时间", "数据时间", "时间", "采样时刻", "取样时刻", "时刻", "time")
_YEARS = ("year", "年", "年份", "年度")
_MONTHS = ("month", "月", "月份", "年月")
_DOCUMENTS = ("依据文号", "依据文件", "认定文件", "认定文号", "文号", "文件号", "依据")
_FLOWS = (
    *("流量", "日均流量", "平均流量", "月均流量", "日平均流量", "月平均流量", "下泄流量", "过闸流量", "过闸水量"),
    *("断面水量", "过水量", "月过水量", "日过水量", "过境水量", "径流量", "月径流量", "日径流量"),
    *("闸泄量", "下泄量", "下泄水量", "泄水量", "日下泄量", "月下泄量"),
)
HAND_WORDS = ("采样", "取样")

SECTION_RANK: Mapping[str, int] = {name: rank for rank, name in enumerate(_SECTION_NAMES)}


def _named(*pairs: tuple[Role, tuple[str, ...]]) -> Mapping[str, Role]:
    return {name: role for role, names in pairs for name in names}


_COMMON = (
    (Role.SECTION, _SECTION_NAMES),
    (Role.PROVINCE, ("省份", "省", "省市", "所属省份", "province")),
)
_READINGS = _named(
    *_COMMON,
    (Role.STAMP, _DATES + _TIMES),
    (Role.YEAR, _YEARS),
    (Role.MONTH, _MONTHS),
    (Role.DAY, ("日", "day")),
    (Role.SNAPSHOT, ("快照文件", "抓取时间", "快照时间")),
    (Role.STATUS, ("站点情况", "站点状态", "站点运行情况", "运行状态")),
    (Role.METHOD, ("监测方式", "采样方式")),
    (Role.CLASS, ("水质类别", "综合水质等级", "水质级别", "综合水质类别", "水质等级")),
    (Role.INDICATOR_NAME, ("指标", "指标名称", "监测指标", "监测项目", "检测项目", "项目", "因子", "监测因子")),
    (Role.VALUE, ("数值", "监测值", "值", "结果", "监测结果", "检测结果", "浓度", "测定值", "监测数据")),
    (Role.UNIT, ("单位", "计量单位")),
)
ROLES: Mapping[Kind, Mapping[str, Role]] = {
    Kind.WIDE: _READINGS,
    Kind.LONG: _READINGS,
    Kind.ACROSS: _READINGS,
    Kind.INTAKE: _named(
        *_COMMON,
        (Role.YEAR, _YEARS),
        (Role.MONTH, _MONTHS),
        (Role.VOLUME, ("取水量", "月取水量", "水量")),
        (Role.DOCUMENT, _DOCUMENTS),
    ),
    # A bare 水量 could be what was taken or what passed: only the words that say which are known here.
    Kind.FLOW: _named(
        *_COMMON,
        (Role.YEAR, _YEARS),
        (Role.MONTH, _MONTHS),
        (Role.STAMP, ("日期", "时间", "监测日期", "date")),
        (Role.FLOW, _FLOWS),
        (Role.DOCUMENT, _DOCUMENTS),
    ),
    Kind.INCIDENT: _named(
        (Role.NUMBER, ("编号", "事件编号")),
        (Role.SECTION, ("断面", "断面名称", "断面/取水口", "取水口")),
        (Role.PROVINCE, ("省份",)),
        (Role.YEAR, _YEARS),
        (Role.STAMP, ("日期", "发生日期", "事件日期", "时间")),
        (Role.INDICATOR_NAME, ("指标", "污染物", "特征污染物", "超标指标")),
        (Role.CONCENTRATION, ("浓度", "最大浓度", "污染物浓度")),
        (Role.COST, ("核定应急费用", "应急费用", "核定费用", "应急处置费用", "核定应急处置费用")),
        (Role.RESPONSIBILITY, ("责任比例", "责任划分")),
        (Role.BEARER, ("承担方", "费用承担方", "垫付方")),
        (Role.DOCUMENT, _DOCUMENTS),
    ),
    Kind.EXEMPTION: _named(
        *_COMMON,
        (Role.FIRST_DAY, ("起", "起始日期", "开始日期", "起日", "自")),
        (Role.LAST_DAY, ("止", "截止日期", "结束日期", "止日", "至", "终止日期")),
        (Role.REASON, ("原因", "免责原因", "事由", "免责事由")),
        (Role.DOCUMENT, _DOCUMENTS),
    ),
    Kind.IN_KIND: _named(
        (Role.YEAR, _YEARS),
        (Role.CONTRIBUTOR, ("提供方", "贡献方")),
        (Role.RECEIVER, ("受益方", "接受方")),
        (Role.CATEGORY, ("类别", "类型", "补偿类别")),
        (Role.CONTENT, ("内容", "补偿内容", "项目内容")),
        (Role.WORTH, ("认定价值", "核定价值", "折算价值")),
        (Role.DOCUMENT, _DOCUMENTS),
    ),
}
REQUIRED: Mapping[Kind, frozenset[Role]] = {
    Kind.WIDE: frozenset({Role.SECTION, Role.INDICATOR}),
    Kind.LONG: frozenset({Role.SECTION, Role.INDICATOR_NAME, Role.VALUE}),
    Kind.ACROSS: frozenset({Role.SECTION, Role.INDICATOR_NAME, Role.MOMENT}),
    Kind.INTAKE: frozenset({Role.SECTION, Role.MONTH, Role.VOLUME, Role.DOCUMENT}),
    Kind.FLOW: frozenset({Role.SECTION, Role.FLOW}),
    Kind.INCIDENT: frozenset(
        {Role.NUMBER, Role.STAMP, Role.SECTION, Role.COST, Role.RESPONSIBILITY, Role.BEARER, Role.DOCUMENT}
    ),
    Kind.EXEMPTION: frozenset({Role.SECTION, Role.FIRST_DAY, Role.LAST_DAY, Role.REASON, Role.DOCUMENT}),
    Kind.IN_KIND: frozenset({Role.YEAR, Role.CONTRIBUTOR, Role.RECEIVER, Role.CATEGORY, Role.WORTH, Role.DOCUMENT}),
}

_DESCRIPTIONS = frozenset(
    {
        *(
            "流域",
            "水系",
            "备注",
            "说明",
            "方式",
            "检测日期",
            "分析日期",
            "报告日期",
            "台站代码",
            "城市",
            "地市",
            "区县",
        ),
        *(
            "序号",
            "采样人",
            "分析人",
            "审核人",
            "分析方法",
            "所属河流",
            "经度",
            "纬度",
            "天气",
            "综合等级数",
            "断面属性",
        ),
        *("监测单位", "采样单位", "断面类型", "水质目标", "目标类别", "主要污染指标", "主要污染物", "样品编号"),
    }
)
_BRACKETED = re.compile(r"(?P<name>.+?)\s*[(\[【](?P<inside>[^()\[\]【】]*)[)\]】]\s*(?P<rest>[^()\[\]【】]*)")
_MARKS = re.compile(r"[\W\d_]*(?:浓度|数值|监测值|测定值|结果|值)?[\W\d_]*")  # such as stand behind a unit
_BARE_UNIT = re.compile(r"(?P<name>.+?)[\s/,:_]+(?P<unit>[^\s,:_]+(?:/[^\s,:_]+)?)")
_LIMIT = re.compile(r"(?:方法)?检出限[:为]?(?P<limit>[\d.]+)(?P<unit>.*)")
_REMARK = re.compile(r"以.+计|界标|人工|自动|实测|均值|月均值?|日均值?")


_SIMPLIFIED = str.maketrans(
    "斷監測時間採樣點溫無綱總錳鹽數標稱類別狀態況導電濁葉綠項結單濃訊個藻價",
    "断监测时间采样点温无纲总锰盐数标称类别状态况导电浊叶绿项结单浓讯个藻价",
) | dict(units.INVISIBLE)


@lru_cache(maxsize=4096)  # and every row of a table whether its first name is the word for a mean
def folded(text: str) -> str:
    """A header as it is compared: compatibility and traditional forms folded, no blanks or breaks, lower case."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED).lower().split())


@lru_cache(maxsize=4096)  # the search for a header asks the same texts of every kind of table
def take_apart(text: str) -> Header:
    """Split a header such as 总磷（以P计）(mg/L) into its name and its unit."""
    name = unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED).strip().lstrip("*※").lstrip()
    unit = limit = strange = None
    while indicator_is_unclear(name) and (found := _BRACKETED.fullmatch(name)):
        behind = [] if _MARKS.fullmatch(found["rest"]) else [found["rest"]]
        for said in [*re.split(r"[,;、]", found["inside"].strip()), *behind]:
            inside = re.sub(r"^单位[::]?", "", said.strip())
            known = folded(inside)
            if bound := _LIMIT.fullmatch(known):
                limit = bound["limit"]
            elif units.is_unit(inside):
                unit = inside
            elif known and not _REMARK.fullmatch(known) and indicator_by_name(inside) is None:
                strange = inside
        name = found["name"]
    bare = _BARE_UNIT.fullmatch(name) if unit is None and indicator_is_unclear(name) else None
    if bare and units.is_unit(bare["unit"]) and indicator_by_name(bare["name"]):
        name, unit = bare["name"], bare["unit"]
    return Header(name, unit, limit, strange)


def indicator_is_unclear(name: str) -> bool:
    """Whether brackets may still have to be taken off: 铬(六价) is a name, 总磷(mg/L) is not."""
    known = indicator_by_name(name)
    return known is None or folded(name) not in {folded(each) for each in (known.name, known.code, *known.aliases)}


def is_header(kind: "Kind", cells: Sequence[str]) -> bool:
    """Whether a row has all the headers that a table of this kind must have."""
    return REQUIRED[kind] <= {role_of(kind, take_apart(text).name) for text in cells}


def is_moment(text: str) -> bool:
    """Whether a text says a day, a month or a time."""
    return month_in_name(text) is not None or isinstance(parse_stamp(text), Stamp)


@lru_cache(maxsize=4096)
def role_of(kind: Kind, name: str) -> Role:
    """The role of a column with this header name in a table of this kind."""
    plain = folded(name).strip("*:")
    if not plain:
        return Role.EMPTY
    if plain == Role.HANDLE:
        return Role.HANDLE
    if found := ROLES[kind].get(plain):
        return found
    if plain in _DESCRIPTIONS or plain.endswith(("等级", "等级数", "类别", "备注")):
        return Role.DESCRIPTION
    if kind is Kind.ACROSS:
        return Role.MOMENT if is_moment(name) else Role.UNKNOWN
    return Role.INDICATOR if kind is Kind.WIDE and indicator_by_name(name) is not None else Role.UNKNOWN
