"""status: what is in the database, as quick as the question is small."""

from importlib import import_module

import click

from compensation.cli.text import table
from compensation.store.status import status as ask_status


@click.command()
@click.argument("number", required=False, metavar="[结算编号]")
def status(number: str | None) -> None:
    """数据库里有什么：表、行数、数据起止、待裁定的冲突、最近的结算；给编号就列出一份结算办到哪一步。

    \b
    示例：
      compensation status
      compensation status taipu-draft-2026-1a2b3c4d
    """
    if number is not None:
        # Loaded only here: the plain question is answered without the book.
        lifecycle = import_module("compensation.cli.lifecycle")
        for line in lifecycle.told_life(number):
            click.echo(line)
        return
    held = ask_status()
    click.echo(f"数据库：{held.shown_url}")
    if held.first_day is not None:
        click.echo(f"监测数据：{held.first_day} 至 {held.last_day}")
    click.echo(f"待裁定的数据冲突：{held.undecided} 处")
    click.echo(f"最近的结算：{held.latest_settlement or '无'}")
    click.echo(table(["表", "行数"], sorted(held.rows.items()), right=(1,)))
