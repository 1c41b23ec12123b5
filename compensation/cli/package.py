"""package: one file with which another side computes a settlement again."""

from pathlib import Path

import click

from compensation import __version__, application
from compensation.application.packaging import export_package, replay_package
from compensation.archive import write_whole
from compensation.store import open_store


@click.group()
def package() -> None:
    """复算包：一个文件，对方不用数据库就能重算出同样的摘要和工作簿。

    \b
    示例：
      compensation package export --out 复算包.zip
      compensation package replay 复算包.zip
    """


@package.command()
@click.argument("number", required=False, metavar="[结算编号]")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="文件", help="写到哪里；默认为当前目录下的结算编号_复算包.zip。"
)
def export(number: str | None, out: Path | None) -> None:
    """写出复算包：证据、协议全文、程序版本、摘要、工作簿的 SHA-256。不给编号就用最近一次结算。

    \b
    示例：
      compensation package export taipu-draft-2026-1a2b3c4d --out 复算包.zip
    """
    with open_store() as store:
        stored = application.kept_settlement(store, number)
        path = out or Path(f"{stored.number}_复算包.zip")
        sha256 = export_package(store, stored, path)
    click.echo(f"已写出：{path}")
    click.echo(f"SHA-256：{sha256}")


@package.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="文件")
@click.option("--out", type=click.Path(path_type=Path), metavar="文件", help="把重算出的工作簿写到这里。")
@click.pass_context
def replay(ctx: click.Context, file: Path, out: Path | None) -> None:
    """按复算包重算，逐步比对，指出最先不同的一步；不用数据库。

    退出码：0 全部相同，1 有一步不同，2 不是复算包或已损坏。

    \b
    示例：
      compensation package replay 复算包.zip --out 重算.xlsx
    """
    found = replay_package(file)
    click.echo(f"结算编号 {found.number}")
    if found.package_version != __version__:
        click.echo(f"程序版本不同：复算包由 {found.package_version} 版写出，本机为 {__version__} 版。")
    for step in found.steps:
        click.echo(f"  {'相同' if step.agrees else '不同'}　{step.name}" + (f"：{step.detail}" if step.detail else ""))
    if found.agrees:
        click.echo("全部相同：摘要一致，工作簿逐字节相同。")
    else:
        click.echo(f"最先不同的一步：{found.steps[-1].name}。其后未再比对。")
    if out is not None and found.workbook is not None:
        click.echo(f"已写出：{out}　SHA-256：{write_whole(out, found.workbook, '工作簿')}")
    elif out is not None:
        click.echo("没有写出工作簿：此前已有一步不同。")
    if not found.agrees:
        ctx.exit(1)
