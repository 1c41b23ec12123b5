"""demo: the main job from end to end on made-up data (示例数据)."""

import sys
from datetime import date
from pathlib import Path

import click

from compensation import application
from compensation.agreement.loader import load
from compensation.application.reading_book import read as read_book
from compensation.application.rehearsing import live
from compensation.cli.text import table
from compensation.cli.told import told_import, told_settlement
from compensation.demo import generate
from compensation.errors import Fault, InputError, os_reason
from compensation.ledger.statement import account_name
from compensation.money import yuan_text
from compensation.monitoring import ReadOptions
from compensation.store import open_store

YEAR = 2026


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo"),
    show_default=True,
    help="放在哪个文件夹。",
)
def demo(folder: Path) -> None:
    """用示例数据走一遍全程：建库、生成监测文件、导入、结算、定案、付款、写出工作簿。全部数据为虚构。

    \b
    示例：
      compensation demo
      compensation demo --folder 试用
    """
    # A name of its own: the demo begins anew each time, and must never take away a database that somebody works with.
    database = folder / "示例数据.db"
    click.echo("以下全部使用示例数据（虚构），协议为草案。")
    try:
        for stale in folder.glob(f"{database.name}*"):
            stale.unlink()
        paths = generate(folder / "示例数据", YEAR)
    except OSError as error:
        raise InputError(
            Fault(f"文件夹 {folder}", "不能写入示例数据", os_reason(error), "用 --folder 换一个可写的文件夹")
        ) from error
    click.echo(f"已生成 {len(paths)} 个示例数据文件：{folder / '示例数据'}")
    with open_store(f"sqlite:///{database}") as store:
        store.init()
        told: list[str] = []
        with click.progressbar(paths, label="导入", file=sys.stderr) as bar:
            for path in bar:
                told += told_import(application.import_file(store, path, ReadOptions(), made_up=True))
        for line in told:
            click.echo(line)
        request = application.Request(load("taipu-draft"), date(YEAR, 1, 1), date(YEAR, 12, 31))
        settlement, saved = application.settle_and_keep(store, request)
        click.echo("")
        for line in told_settlement(settlement):
            click.echo(line)
        click.echo("\n从结算到付款（办理人、日期、文号均为示例）：")
        for line in live(store, settlement.number):
            click.echo(f"  {line}")
        book = read_book(store, None)
        rows = [[account_name(account, book.shorts), yuan_text(fen)] for account, fen in book.balances().items()]
        click.echo(table(["科目", "余额（元）"], rows, right=(1,)))
        path = folder / f"示例数据_结算工作簿_{settlement.number}.xlsx"
        application.write_sheet(store, settlement, saved.settlement, path)
    click.echo("")
    click.echo(f"结算工作簿：{path}")
    click.echo(f"数据库：{database}")
