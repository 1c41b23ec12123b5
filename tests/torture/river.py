"""A small made-up year (示例数据): every section sampled by hand, so that each step is quick and is killed often."""

from datetime import date
from pathlib import Path

from compensation.agreement.loader import load

YEAR = 2026
_SECTIONS = ("太浦闸下", "汾湖大桥(界标)", "太浦河桥", "金泽取水口", "嘉善平湖取水口")
_FEED = 3_000
_HOLIDAYS = "日期,类别,名称,来源\n2027-01-01,放假,元旦,示例数据\n2027-05-01,放假,劳动节,示例数据\n"
_IN_KIND = (
    "年度,提供方,受益方,类别,内容,认定价值(万元),依据文号\n"
    f"{YEAR},江苏省,上海市,技术,示例监测设备,12.34,示例文号2号\n{YEAR},上海市,浙江省,人才,示例培训,5.5,示例文号3号\n"
)


def files(folder: Path) -> dict[str, Path]:
    """Write the agreement and the files of the year; their paths by what they are."""
    contents = {
        "agreement": ("sampled.yaml", load("taipu-draft").text.replace("monitoring: automatic", "monitoring: manual")),
        "samples": ("示例数据_采样.csv", _samples()),
        "volumes": ("示例数据_取水量.csv", _volumes()),
        "feed": ("示例数据_自动站.csv", _feed()),
        "late": ("示例数据_多元化补偿.csv", _IN_KIND),
        "holidays": ("示例数据_放假安排.csv", _HOLIDAYS),
    }
    paths = {}
    for key, (name, content) in contents.items():
        paths[key] = folder / name
        paths[key].write_text(content, encoding="utf-8")
    return paths


def _samples() -> str:
    lines = ["断面名称,采样日期,高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L)"]
    for at, section in enumerate(_SECTIONS):
        for month in range(1, 13):
            permanganate, ammonia, phosphorus = 34 + at + month % 4, 15 + at + month, 70 + 5 * at + 9 * (month % 3)
            values = f"{permanganate // 10}.{permanganate % 10},0.{ammonia:02d},0.{phosphorus:03d}"
            lines.append(f"{section},{date(YEAR, month, 10)},{values}")
    return "\n".join(lines)


def _volumes() -> str:
    lines = ["断面,年,月,取水量(万m³),依据文号"]
    for intake, volume in (("金泽取水口", 10530), ("嘉善平湖取水口", 1755)):
        lines += [f"{intake},{YEAR},{month},{volume + month},示例文号1号" for month in range(1, 13)]
    return "\n".join(lines)


def _feed() -> str:
    lines = ["断面名称,监测时间,水质类别,高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L)"]
    for number in range(_FEED):
        day, hour = divmod(number, 24)
        when = date.fromordinal(date(YEAR, 1, 1).toordinal() + day)
        lines.append(f"急水港桥,{when} {hour:02d}:00,Ⅱ,3.{number % 10},0.{10 + number % 40},0.0{10 + number % 60}")
    return "\n".join(lines)
