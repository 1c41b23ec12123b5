"""compare, flips, range: for the table at which a rule is agreed."""

from datetime import datetime
from fractions import Fraction
from pathlib import Path

import click

from compensation import application
from compensation.agreement.loader import load
from compensation.cli.period import YEAR, period_options, span_of
from compensation.cli.text import table
from compensation.money import fen_of, wan_yuan_text
from compensation.quality.standard import indicator
from compensation.rounding import decimal_text
from compensation.sheets import write_comparison
from compensation.store import open_store


@click.command()
@click.argument("agreements", nargs=-1, required=True, metavar="协议...")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="键=值",
    help="把第一个协议的参数改成别的值，另成一个方案。",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="文件", help="另写一份带图的比较工作簿。")
@YEAR
@period_options
def compare(
    agreements: tuple[str, ...],
    settings: tuple[str, ...],
    out: Path | None,
    year: int | None,
    first: datetime | None,
    last: datetime | None,
    backtest: bool,
    provisional: bool,
) -> None:
    """同一批数据，几种规则：各方在每个方案下收付多少，差在哪一条。

    每个 --set 另成一个方案；一个方案要改几个参数时，用逗号隔开。

    \b
    示例：
      compensation compare taipu-draft 我的方案.yaml --year 2026 --out 方案比较.xlsx
      compensation compare taipu-draft --set index.base=2500 --set index.base=2500,index.at_most=5000 --year 2026
    """
    span = span_of(year, first, last)
    candidates = [load(name) for name in agreements]
    candidates += [application.changed_agreement(candidates[0], setting.split(",")) for setting in settings]
    requests = [application.Request(each, *span, backtest=backtest, provisional=provisional) for each in candidates]
    with open_store() as store:
        comparison = application.compare_requests(store, requests)
    if out is not None:
        write_comparison(comparison, out)
    names = dict(comparison.parties)
    headers = [f"方案{number}" for number in range(1, len(candidates) + 1)]
    for number, each in enumerate(comparison.settlements, start=1):
        click.echo(f"方案{number}：{each.agreement.title}")
    click.echo("")
    click.echo("本年度净额（万元；正为应收，负为应付）")
    click.echo(
        table(
            ["缔约方", *headers],
            [[names[e.party], *map(_wan, e.amounts_yuan)] for e in comparison.finals],
            right=range(1, 9),
        )
    )
    click.echo("")
    click.echo("差在哪一条（万元）")
    rows = [
        [e.what, names[e.party], *map(_wan, e.amounts_yuan)] for e in comparison.effects if len(set(e.amounts_yuan)) > 1
    ]
    click.echo(table(["条款", "缔约方", *headers], rows, right=range(2, 9)) if rows else "各方案没有差别。")
    if out is not None:
        click.echo(f"比较工作簿：{out}")


@click.command()
@click.argument("year", required=False, type=click.IntRange(1900, 2200), metavar="[年度]")
@click.option("--agreement", "name", default="taipu-draft", show_default=True, metavar="名称|文件", help="协议。")
@click.option("--section", metavar="断面", help="只看这一断面。")
@click.option(
    "--within",
    type=click.IntRange(0, 1000),
    default=20,
    show_default=True,
    metavar="百分数",
    help="只列变动不超过现值百分之几的。",
)
@period_options
def flips(
    year: int | None,
    name: str,
    section: str | None,
    within: int,
    first: datetime | None,
    last: datetime | None,
    backtest: bool,
    provisional: bool,
) -> None:
    """翻转点：每个断面、指标、月份的月均值再变多少，某笔金额或付款方就会变。

    \b
    示例：
      compensation flips 2026
      compensation flips 2026 --section 太浦河桥 --within 10
    """
    request = application.Request(load(name), *span_of(year, first, last), backtest=backtest, provisional=provisional)
    with open_store() as store:
        settlement, found = application.flips_of_request(store, request)
    near = [
        flip
        for flip in found
        if (section is None or flip.section == section) and abs(flip.change) * 100 <= flip.value * within
    ]
    click.echo(f"{settlement.agreement.title}　{settlement.case.period.name}")
    click.echo(f"月均值变动不超过 {within}% 的翻转点 {len(near)} 个")
    rows = [
        [
            flip.section,
            flip.month,
            indicator(flip.indicator).name,
            decimal_text(flip.value, 4),
            ("+" if flip.change > 0 else "") + decimal_text(flip.change, 4),
            decimal_text(abs(flip.change_of_one_day), 2),
            "是" if flip.payers_change else "",
            "；".join(f"{what} {_wan(before)}→{_wan(after)}" for what, before, after in flip.charges[:2])
            + (f" 等 {len(flip.charges)} 笔" if len(flip.charges) > 2 else ""),
        ]
        for flip in sorted(near, key=lambda flip: abs(flip.change) / flip.value if flip.value else 0)
    ]
    headers = ["断面", "月份", "指标", "月均值", "变动", "折合一日", "换付款方", "金额变化（万元）"]
    click.echo(table(headers, rows, right=(3, 4, 5)))


@click.command("range")
@click.argument("year", required=False, type=click.IntRange(1900, 2200), metavar="[年度]")
@click.option("--agreement", "name", default="taipu-draft", show_default=True, metavar="名称|文件", help="协议。")
@period_options
def range_(
    year: int | None,
    name: str,
    first: datetime | None,
    last: datetime | None,
    backtest: bool,
    provisional: bool,
) -> None:
    """影响范围：未检出、修约、平均路径、溶解氧各种处理方式下，各方净额在什么范围。

    \b
    示例：
      compensation range 2026
    """
    request = application.Request(load(name), *span_of(year, first, last), backtest=backtest, provisional=provisional)
    with open_store() as store:
        found = application.range_of_request(store, request)
    parties = [(party.code, party.short) for party in request.agreement.parties]
    own = {code: found.own.outcome.positions[code].final.value for code, _ in parties}
    rows = [["协议约定", "", *(_wan(value if isinstance(value, Fraction) else None) for value in own.values())]]
    for question, treatment, finals in found.by_question:
        changed = any(finals[code] != own[code] for code, _ in parties if isinstance(own[code], Fraction))
        amounts = [_wan(finals[code]) if changed else "不受影响" for code, _ in parties]
        rows.append([question, treatment.label, *amounts])
    rows.append(["全部组合", "最低", *(_wan(found.lowest[code]) for code, _ in parties)])
    rows.append(["", "最高", *(_wan(found.highest[code]) for code, _ in parties)])
    click.echo("各方本年度净额（万元；正为应收，负为应付）")
    click.echo(table(["处理方式", "说明", *(short for _, short in parties)], rows, right=range(2, 9)))
    click.echo(f"共 {found.combinations} 种组合，其中 {found.undetermined} 种结果未定。")


def _wan(amount: Fraction | None) -> str:
    return "未定" if amount is None else wan_yuan_text(fen_of(amount)) if amount else "-"
