"""water, quality: a section's water, and what each admissible treatment makes of the same readings."""

from datetime import datetime

import click

from compensation.application import treatments, water_report
from compensation.cli.period import DAY
from compensation.cli.text import table
from compensation.errors import Fault, InputError
from compensation.quality.classes import class_name, parse_class
from compensation.quality.periods import MonthRoute
from compensation.quality.standard import Body, indicator
from compensation.quality.treatments import IndicatorOutcome
from compensation.rounding import decimal_text, plain_text
from compensation.store import open_store

WORST_TARGET = 5
_BODIES: dict[str, Body] = {"河流": "river", "湖库": "lake"}
BODY = click.option("--body", type=click.Choice(list(_BODIES)), help="登记表中没有水体类型的断面按哪种限值评价。")
_ROUTES = {MonthRoute.READINGS: "逐条平均", MonthRoute.DAYS: "先日后月"}


@click.command()
@click.argument("section", metavar="断面")
@click.argument("months", nargs=-1, required=True, type=click.DateTime(formats=["%Y-%m"]), metavar="月份...")
@BODY
def quality(section: str, months: tuple[datetime, ...], body: str | None) -> None:
    """同一批数据在各种处理方式下的月度类别：溶解氧计入与否、先修约与否、按哪种路径平均。

    \b
    示例：
      compensation quality 太浦河桥 2026-07 2026-08
    """
    with open_store() as store:
        outcomes = treatments(store, section, [month.date() for month in months], _BODIES.get(body or ""))
    rows = []
    for each in outcomes:
        deciding = "、".join(
            f"{indicator(one.mean.indicator).name} {_compared(one, rounded=each.rounded)}（{one.mean.n} 个）"
            for one in each.indicators
            if one.mean.indicator in each.deciding and one.compared is not None
        )
        rows.append(
            [
                each.month,
                "计入" if each.with_dissolved_oxygen else "不计",
                "先修约" if each.rounded else "不修约",
                _ROUTES[each.route],
                class_name(each.water_class) if each.water_class else "未定",
                deciding,
            ]
        )
    click.echo(f"{section}：同一批监测数据，不同处理方式下的月度水质类别")
    click.echo(table(["月份", "溶解氧", "修约", "平均路径", "类别", "决定类别的指标（比较值与个数）"], rows))
    click.echo("")
    means = {}
    for each in outcomes:
        for one in each.indicators:
            if one.mean.value is not None:
                means[each.month, one.mean.indicator, each.route] = (decimal_text(one.mean.value, 4), one.mean.n)
    pairs = dict.fromkeys((month, code) for month, code, _ in means)
    click.echo(
        table(
            ["月份", "指标", "逐条平均", "先日后月", "数据个数"],
            [
                [
                    month,
                    indicator(code).name,
                    means[month, code, MonthRoute.READINGS][0],
                    means[month, code, MonthRoute.DAYS][0],
                    means[month, code, MonthRoute.READINGS][1],
                ]
                for month, code in pairs
            ],
            right=(2, 3, 4),
        )
    )


def _compared(one: IndicatorOutcome, *, rounded: bool) -> str:
    """The number that was compared: with the decimals it was rounded to, else with four."""
    decimals = indicator(one.mean.indicator).assessment_decimals if rounded else None
    return "" if one.compared is None else decimal_text(one.compared, 4 if decimals is None else decimals)


@click.command()
@click.argument("section", metavar="断面")
@click.option("--from", "first", type=DAY, required=True, metavar="日期", help="起日（含）。")
@click.option("--to", "last", type=DAY, required=True, metavar="日期", help="止日（含）。")
@click.option("--target", default="Ⅲ", show_default=True, metavar="类别", help="水质目标。")
@BODY
def water(section: str, first: datetime, last: datetime, target: str, body: str | None) -> None:
    """断面水质：各月和全期的均值、数据个数、类别、超标倍数，以及达标率和 CWQI。

    \b
    示例：
      compensation water 太浦河桥 --from 2026-07-01 --to 2026-08-31
    """
    goal = parse_class(target).water_class
    if goal is None or goal > WORST_TARGET:
        raise InputError(Fault(f"--target {target}", "不是水质目标", "应为 Ⅰ 至 Ⅴ", "如 --target Ⅲ"))
    with open_store() as store:
        report = water_report(store, section, first.date(), last.date(), goal, _BODIES.get(body or ""))
    rows = []
    for period in (*report.months, report.whole):
        for each in period.values:
            rows.append(
                [
                    period.period,
                    indicator(each.mean.indicator).name,
                    decimal_text(each.mean.value or each.compared, 4),
                    plain_text(each.compared),
                    each.mean.n,
                    class_name(each.water_class) if each.water_class else "",
                    decimal_text(each.multiple, 2) if each.multiple is not None and each.multiple > 0 else "",
                ]
            )
        overall = class_name(period.water_class) if period.water_class else "未定"
        rows.append([period.period, "断面类别", "", "", "", overall, ""])
    click.echo(f"{section}（目标 {class_name(goal)} 类）")
    click.echo(table(["期间", "指标", "均值", "评价值", "个数", "类别", "超标倍数"], rows, right=(2, 3, 4, 6)))
    rate = "未定" if report.rate is None else f"{decimal_text(report.rate * 100, 1)}%"
    index = report.whole.cwqi
    click.echo(
        f"达标率：{rate}；CWQI：{decimal_text(index.value, 4)}（{len(index.items)} 项，缺 {len(index.missing)} 项）"
    )
