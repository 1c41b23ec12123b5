"""evidence: records beside readings, what was ever said of each, and letting one no longer count."""

import click

from compensation.cli.text import ruling, table
from compensation.store import Recorded, open_store

_KINDS = ("取水量", "断面水量", "突发事件", "免责认定", "多元化补偿")


@click.group()
def evidence() -> None:
    """凭据：取水量、断面水量、突发事件、免责认定、多元化补偿。只增不改；有误的，更正或撤销。

    \b
    示例：
      compensation evidence list --kind 取水量
      compensation import 取水量更正.xlsx --correct --by 张三 --why 原表笔误 --document 更正函〔2026〕5号
      compensation evidence withdraw 3f0c2a91be --by 张三 --why 文件已作废
    """


@evidence.command("list")
@click.option("--kind", type=click.Choice(_KINDS), metavar="种类", help=f"只看一种：{'、'.join(_KINDS)}。")
@click.option("--history", is_flag=True, help="连同更正以前的记载和已撤销的一起列出。")
def list_(kind: str | None, history: bool) -> None:
    """列出凭据：编号、事项、记载、出处；--history 连同何人、何时、为何更正或撤销。

    \b
    示例：
      compensation evidence list --kind 免责认定
      compensation evidence list --history
    """
    with open_store() as store:
        found = [each for each in store.recorded() if kind in (None, each.kind)]
    shown = [each for each in found if history or not each.withdrawn]
    if shown:
        rows = [row for each in shown for row in _rows(each, history=history)]
        click.echo(table(["编号", "种类", "断面", "事项", "记载", "出处", "更正或撤销"], rows))
    click.echo(
        f"共 {sum(not each.withdrawn for each in found)} 条，另有已撤销 {sum(each.withdrawn for each in found)} 条。"
    )


@evidence.command()
@click.argument("handles", nargs=-1, required=True, metavar="编号...")
@click.option("--by", required=True, metavar="何人", help="谁决定的。")
@click.option("--why", "reason", required=True, metavar="理由", help="为何撤销。")
@click.option("--document", default="", metavar="文号", help="依据文件。")
def withdraw(handles: tuple[str, ...], by: str, reason: str, document: str) -> None:
    """撤销凭据：记下何人、何时、为何，不再计入；原记录照样留存。

    \b
    示例：
      compensation evidence withdraw 3f0c2a91be --by 张三 --why 认定文件已作废 --document 〔2026〕8号
    """
    told = ruling("撤销", by, reason, document)
    with open_store() as store:
        click.echo(
            f"已撤销 {store.withdraw(handles, told)} 条；重新结算后生效。撤错了的，原文件用 --correct 再导入即恢复。"
        )


def _rows(each: Recorded, *, history: bool) -> list[list[str]]:
    rows = []
    said = each.said if history else each.said[-1:]
    for number, one in enumerate(said):
        first = [each.handle, each.kind, each.section, each.about] if number == 0 else [""] * 4
        correction = one.correction
        told = ""
        if correction is not None:
            document = f"（{correction.document}）" if correction.document else ""
            told = f"{correction.corrected_by} {correction.corrected_at:%Y-%m-%d}：{correction.reason}{document}"
        rows.append([*first, one.words, one.place, told])
    return rows
