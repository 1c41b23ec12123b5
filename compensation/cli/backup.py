"""backup, restore: the whole database as one file that both kinds of database read."""

from pathlib import Path

import click

from compensation import store as rooms
from compensation.application import check_all
from compensation.cli.text import table
from compensation.errors import Fault, IntegrityError

_FILE = click.argument("file", type=click.Path(path_type=Path), metavar="文件")


@click.command()
@_FILE
def backup(file: Path) -> None:
    """把整个数据库备份成一个文件；SQLite 和 PostgreSQL 通用，写出后读回核对。已有的文件不会被覆盖。

    \b
    示例：
      compensation backup 备份_20270115.zip
    """
    with rooms.open_store() as store:
        contents = rooms.back_up(store.database, file)
    _told(contents)
    click.echo(f"已备份并读回核对：{file}")


@click.command()
@_FILE
@click.option("--check", "only_check", is_flag=True, help="只核对备份文件是否完好，什么也不写入。")
def restore(file: Path, only_check: bool) -> None:
    """把备份恢复到一个空的数据库；核对行数、内容和全部必须成立的事，有一项不符就什么也不写入。

    SQLite 的备份可以恢复到 PostgreSQL，反过来也可以；备份较旧的，恢复时升级到本程序的版本。

    \b
    示例：
      compensation restore 备份_20270115.zip --check
      COMPENSATION_DATABASE_URL=sqlite:///恢复.db compensation restore 备份_20270115.zip
    """
    if only_check:
        _told(rooms.examine(file))
        click.echo(f"备份完好：{file}")
        return
    with rooms.open_store() as store:
        contents = rooms.restore(store.database, file)
        broken = [each for each in check_all(store) if not each.ok]
        where = store.database.shown
    _told(contents)
    click.echo(f"已恢复并核对：{where}")
    if broken:
        why = "；".join(f"{each.name}：{each.detail}" for each in broken)
        raise IntegrityError(Fault(where, "恢复的内容与备份相同，但有不成立的事", why, "备份之前即如此；联系维护者"))


def _told(contents: rooms.Contents) -> None:
    click.echo(table(["表", "行数"], [(each.name, each.rows) for each in contents.tables], right=(1,)))
    click.echo(f"数据库版本 {contents.version}　内容指纹 {contents.fingerprint}")
