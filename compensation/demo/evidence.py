"""What the demo year holds beside readings: volumes, an incident, an exemption, contributions in kind."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date

from compensation.demo.book import Cell, Number, Sheet, workbook_bytes
from compensation.demo.chance import Chance
from compensation.demo.exports import LABEL, NOTICE, csv_bytes
from compensation.demo.hand import ANTIMONY_INCIDENT_DAY, ANTIMONY_INCIDENT_MG_PER_L
from compensation.demo.river import BRIDGE
from compensation.demo.station import decimal_text

# 金泽 supplies 3.51 million m³ a day; the other intake a sixth of it. In thousands of m³ a day.
_DAILY_THOUSAND_M3 = (("金泽取水口", 3510), ("嘉善平湖取水口", 585))
_BACKWATER = ((6, 18), (6, 26))


def evidence_files(year: int, seed: int) -> Iterable[tuple[str, bytes]]:
    """File names and contents of the four evidence files."""
    yield f"{LABEL}_取水量_{year}.xlsx", _volumes(year, seed)
    yield f"{LABEL}_突发事件_{year}.xlsx", _incidents(year)
    yield f"{LABEL}_免责认定_{year}.csv", _exemptions(year)
    yield f"{LABEL}_多元化补偿_{year}.csv", _in_kind(year)


def _document(year: int, number: int) -> str:
    return f"示例文号〔{year}〕{number}号"


def _volumes(year: int, seed: int) -> bytes:
    """Monthly volumes in 万m³ with one decimal."""
    rows: list[Sequence[Cell]] = [(f"{year}年各取水口取水量（{LABEL}）",)]
    rows.append(("断面", "年", "月", "取水量(万m³)", "依据文号"))
    for intake, daily in _DAILY_THOUSAND_M3:
        chance = Chance(seed, intake, "volume")
        for month in range(1, 13):
            thousand_m3 = daily * monthrange(year, month)[1] * (1000 + chance.spread(60)) // 1000
            volume = Number(decimal_text(thousand_m3, 1))
            rows.append((intake, Number(str(year)), Number(str(month)), volume, _document(year, 11)))
    rows += [(), (f"注：{NOTICE}",)]
    return workbook_bytes(f"取水量（{LABEL}）", [Sheet(LABEL, rows, title_rows=1)])


def _incidents(year: int) -> bytes:
    header = (
        "编号",
        "日期",
        "断面",
        "指标",
        "浓度(mg/L)",
        "核定应急费用(万元)",
        "责任比例",
        "承担方",
        "依据文号",
    )
    rows: list[Sequence[Cell]] = [
        (f"{year}年突发事件认定表（{LABEL}）",),
        header,
        (
            f"示例-{year}-01",
            date(year, *ANTIMONY_INCIDENT_DAY),
            "金泽取水口",
            "锑",
            ANTIMONY_INCIDENT_MG_PER_L,
            Number("186.37"),
            "苏:4/5;浙:1/5",
            "沪",
            _document(year, 21),
        ),
        (),
        (f"注：{NOTICE}",),
    ]
    return workbook_bytes(f"突发事件（{LABEL}）", [Sheet(LABEL, rows, title_rows=1)])


def _exemptions(year: int) -> bytes:
    first, last = (date(year, *day) for day in _BACKWATER)
    rows = [
        (NOTICE,),
        ("断面", "起", "止", "原因", "认定文件"),
        (BRIDGE.section, f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}", "顶托回流", _document(year, 1)),
    ]
    return csv_bytes(rows, "utf-8-sig", "\n")


def _in_kind(year: int) -> bytes:
    """上海's contributions go beyond a fifth of what it owes, so that the rest lapses (clause 6)."""
    contributions = (
        ("沪", "苏", "技术", "太浦河藻类在线预警系统建设与运行维护", "1680"),
        ("沪", "苏", "产业", "纺织园区废水深度处理改造合作项目", "1150"),
        ("沪", "浙", "人才", "水环境监测技术人员驻点培训", "86.5"),
        ("苏", "浙", "技术", "跨界断面联合巡查船艇与采样设备", "64.25"),
    )
    rows: list[Sequence[str]] = [
        (NOTICE,),
        ("年度", "提供方", "受益方", "类别", "内容", "认定价值(万元)", "依据文号"),
    ]
    rows += [(str(year), *each, _document(year, 31 + n)) for n, each in enumerate(contributions)]
    return csv_bytes(rows, "gb18030", "\r\n")
