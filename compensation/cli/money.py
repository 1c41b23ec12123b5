"""settle, sheet, explain: from evidence to amounts, to the workbook, and back to why."""

import json
from datetime import datetime
from pathlib import Path

import click

from compensation import application, sheets
from compensation.agreement.loader import load
from compensation.cli.period import end_of, period_options, span_of
from compensation.cli.told import told_settlement, told_steps
from compensation.errors import InputError, UndeterminedError
from compensation.expression.explain import ALL, SCHEMA, as_data, value_text
from compensation.store import open_store


@click.command()
@click.argument("year", required=False, type=click.IntRange(1900, 2200), metavar="[年度]")
@click.option(
    "--agreement", "agreement_name", default="taipu-draft", show_default=True, metavar="名称|文件", help="协议。"
)
@period_options
@click.option(
    "--known-at",
    type=click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%d %H:%M"]),
    metavar="日期或时刻",
    help="按当时所知计算（日期指当日终了），只显示，不存。",
)
@click.option(
    "--sheet", "path", type=click.Path(path_type=Path), metavar="文件", help="同时写出结算工作簿，同 sheet 命令。"
)
@click.pass_context
def settle(
    ctx: click.Context,
    year: int | None,
    agreement_name: str,
    first: datetime | None,
    last: datetime | None,
    backtest: bool,
    provisional: bool,
    known_at: datetime | None,
    path: Path | None,
) -> None:
    """按协议结算一个年度，或 --from 至 --to 的期间。结果连同摘要存入数据库；同样的数据再算不会重复。

    \b
    示例：
      compensation settle 2026 --agreement taipu-draft
      compensation settle 2026 --sheet 2026年结算.xlsx
      compensation settle --from 2021-03-26 --to 2021-08-29 --backtest --provisional
      compensation settle 2026 --known-at 2027-03-31
    """

    if path and known_at:
        raise click.UsageError("--known-at 的结果不存入数据库，不能用 --sheet 写成结算工作簿。")
    request = application.Request(
        load(agreement_name), *span_of(year, first, last), backtest=backtest, provisional=provisional
    )
    with open_store() as store:
        if known_at is None:
            settlement, saved = application.settle_and_keep(store, request)
            remark = "" if saved.created else "（同一结算已在库中，未重复保存。）"
        else:
            moment = end_of(known_at)
            settlement = application.settle_request(store, request._replace(known_at=moment))
            remark = f"（按截至 {moment:%Y-%m-%d %H:%M:%S} 所知计算，没有存入数据库。）"
        for line in told_settlement(settlement):
            click.echo(line)
        if remark:
            click.echo(remark)
        for each in application.unlinked_sections(store, request.agreement) if settlement.missing else ():
            click.echo(
                f"提示：断面“{each.name}”在协议中的代码是 {each.code}，"
                f"库中同名断面的代码是 {'、'.join(each.stored_as)}，数据没有对上。"
                "把协议中的代码改成库中的，或用 compensation section add、merge 登记合并。"
            )
        if path:
            stored = application.kept_settlement(store, settlement.number)
            _written(path, application.write_sheet(store, settlement, stored, path))
    if settlement.missing:
        ctx.exit(UndeterminedError.exit_code)


@click.command()
@click.argument("number", required=False, metavar="[结算编号]")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="文件", help="写到哪里；默认为当前目录下的结算编号.xlsx。"
)
@click.option("--party", metavar="缔约方", help="从这一方的角度另加一张应收应付表，如 沪。")
@click.option("--with-readings", is_flag=True, help="附上每个原始读数及其在原文件中的单元格。")
@click.option("--pdf", is_flag=True, help="同时导出 PDF（需要本机装有 LibreOffice）。")
@click.option("--template", type=click.Path(path_type=Path), metavar="文件", help="用自己改过样式的工作簿模板。")
@click.option(
    "--check-template", type=click.Path(path_type=Path), metavar="文件", help="只检查模板：缺什么、哪些内容会丢失。"
)
@click.pass_context
def sheet(
    ctx: click.Context,
    number: str | None,
    out: Path | None,
    party: str | None,
    with_readings: bool,
    pdf: bool,
    template: Path | None,
    check_template: Path | None,
) -> None:
    """写出已存结算的工作簿；不给编号就用最近一次结算。封面印明写出时的状态（草案、暂算、征求意见、
    定案、作废）；同一结算在同一状态下写出的文件逐字节相同。

    \b
    示例：
      compensation sheet
      compensation sheet taipu-draft-2026-1a2b3c4d --out 结算表.xlsx
      compensation sheet --party 沪 --pdf
      compensation sheet --check-template 我的模板.xlsx
    """

    if check_template is not None:
        _checked(ctx, check_template)
        return
    if pdf:
        sheets.office()
    with open_store() as store:
        settlement, stored = application.stored_settlement(store, number)
        code = application.party_named(settlement, party) if party else ""
        whose = f"-{settlement.agreement.short(code)}" if code else ""
        path = out or Path(f"{settlement.number}{whose}.xlsx")
        sha256 = application.write_sheet(
            store, settlement, stored, path, template=template, party=code, with_readings=with_readings
        )
    _written(path, sha256)
    if pdf:
        sheets.write_pdf(path, path.with_suffix(".pdf"))
        click.echo(f"已导出：{path.with_suffix('.pdf')}")


def _written(path: Path, sha256: str) -> None:
    click.echo(f"已写出：{path}")
    click.echo(f"SHA-256：{sha256}")


def _checked(ctx: click.Context, path: Path) -> None:
    report = sheets.check_template(path)
    for title, lines in (
        ("不能使用，须先补齐", report.missing),
        ("会丢失", report.lost),
        ("请留意", report.noted),
    ):
        if lines:
            click.echo(f"{title}（{len(lines)} 处）：")
        for line in lines:
            click.echo(f"  {line}")
    if report.missing:
        ctx.exit(InputError.exit_code)
    click.echo("模板可以使用。")


@click.command()
@click.argument("number", required=False, metavar="[结算编号]")
@click.option("--clause", metavar="条款", help="只看这一条，如 第三条。")
@click.option("--section", metavar="断面", help="只看这一断面。")
@click.option("--period", metavar="期间", help="只看这一期间，如 2026-07 或 2026年。")
@click.option("--party", metavar="缔约方", help="解释这一方的净额，如 沪。")
@click.option("--to", "payee", metavar="缔约方", help="与 --party 同用：解释这一方最后付给谁的那笔款，如 苏。")
@click.option("--depth", type=click.IntRange(0, ALL), default=4, show_default=True, metavar="层", help="展开几层。")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "formula"]),
    default="text",
    show_default=True,
    help="输出格式。",
)
def explain(
    number: str | None,
    clause: str | None,
    section: str | None,
    period: str | None,
    party: str | None,
    payee: str | None,
    depth: int,
    form: str,
) -> None:
    """逐步解释金额：每一步的算式、数值、条款和来源。几处共用的一步只展开一次，编上号，别处指回这个号。

    \b
    示例：
      compensation explain --clause 第三条 --section 太浦河桥
      compensation explain --party 沪 --depth 6
      compensation explain --party 沪 --to 苏 --depth 99
      compensation explain --clause 第四条第一款 --period 2026-09 --format json
      compensation explain --clause 第三条 --section 太浦河桥 --depth 2 --format formula
    """

    with open_store() as store:
        settlement, stored = application.stored_settlement(store, number)
        amounts = application.chosen_amounts(settlement, clause, section, period, party, payee)
        steps = application.explained(store, stored, amounts, depth)
    if form == "formula":
        for node, cell, text in sheets.formulas(settlement, amounts, depth):
            click.echo(f"{cell}　{node.label or '中间量'} ＝ {value_text(node)}" + (f"\n  {text}" if text else ""))
        return
    if form == "json":
        content = {"schema": SCHEMA, "settlement": settlement.number, "steps": [as_data(step) for step in steps]}
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
        return

    for line in told_steps(steps):
        click.echo(line)
