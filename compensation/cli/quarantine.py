"""quarantine: rows refused for their faults while the rest of their file was taken."""

from pathlib import Path

import click

from compensation.application.quarantining import export_quarantined, find_quarantined, give_up_quarantined
from compensation.cli.text import table
from compensation.expression.formula import column_letters
from compensation.store import Quarantined, open_store

_FILE = click.option("--file", metavar="文件名", help="只看这一文件的行。")


@click.group()
def quarantine() -> None:
    """隔离区：--accept-valid 导入时有错而没有入库的行。

    \b
    示例：
      compensation quarantine list
      compensation quarantine export
      compensation import 站_2026_隔离.xlsx
    """


@quarantine.command("list")
@_FILE
@click.option("--all", "everything", is_flag=True, help="连同已解除隔离的一起列出。")
def list_(file: str | None, everything: bool) -> None:
    """列出隔离的行：在哪里，错在哪里，怎样改。

    \b
    示例：
      compensation quarantine list --file 站_2026.csv
    """
    with open_store() as store:
        found = find_quarantined(store, file, released=everything)
    if found:
        click.echo(table(["隔离编号", "文件", "位置", "内容", "问题", "处理", "解除"], _rows(found)))
    click.echo(f"隔离中 {sum(each.release is None for each in found)} 行。")


@quarantine.command()
@_FILE
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), metavar="文件夹", help="写到哪里。"
)
def export(file: str | None, folder: Path) -> None:
    """把隔离的行按原文件写成表格，错处标色；改正后导入，该行就解除隔离。

    \b
    示例：
      compensation quarantine export --folder 待改正
    """
    with open_store() as store:
        written = export_quarantined(store, file, folder)
    for path, rows in written:
        click.echo(f"{path}：{rows} 行")
    if not written:
        click.echo("隔离区没有这样的行。")


@quarantine.command()
@click.argument("handles", nargs=-1, required=True, metavar="隔离编号...")
@click.option("--by", required=True, metavar="何人", help="谁决定的。")
@click.option("--why", required=True, metavar="理由", help="为何不再改正导入。")
def release(handles: tuple[str, ...], by: str, why: str) -> None:
    """不再改正导入的行：记下何人、何时、为何，解除隔离；原行照样留存。

    \b
    示例：
      compensation quarantine release G3-a1b2c3 --by 张三 --why 已随标注副本改正导入
    """
    with open_store() as store:
        click.echo(f"已解除 {give_up_quarantined(store, handles, by, why)} 行。")


def _rows(found: list[Quarantined]) -> list[list[str]]:
    rows = []
    for each in found:
        for number, fault in enumerate(each.faults):
            cell = f"{column_letters(fault.column)}{each.row}" if fault.column else f"第 {each.row} 行"
            place = (f"表「{each.sheet}」" if each.sheet else "") + cell
            first = [each.handle, each.file] if number == 0 else ["", ""]
            rows.append([*first, place, fault.text, fault.reason, fault.fix, _left(each) if number == 0 else ""])
    return rows


def _left(row: Quarantined) -> str:
    if row.release is None:
        return ""
    how = f"《{row.release.file}》" if row.release.file else row.release.released_by
    return f"{row.release.released_at:%Y-%m-%d} {how} {row.release.reason}"
