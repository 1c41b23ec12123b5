"""agreement: which agreements there are, and whether a file is one."""

import click

from compensation.agreement.loader import load, shipped
from compensation.cli.text import table
from compensation.rounding import plain_text


@click.group()
def agreement() -> None:
    """列出随软件提供的协议，检查协议文件。

    \b
    示例：
      compensation agreement list
      compensation agreement check 我的协议.yaml
    """


@agreement.command("list")
def list_() -> None:
    """列出随软件提供的协议。"""

    for key, title in shipped().items():
        click.echo(f"{key}　{title}")


@agreement.command()
@click.argument("name", metavar="名称|文件")
def check(name: str) -> None:
    """检查一份协议：所有错误一次列出，注明行列；无误则概述。"""

    found = load(name)
    assumed = sum(span.source == "assumption" for each in found.parameters for span in each.spans)
    click.echo(f"《{found.title}》（{found.first} 至 {found.last}）没有错误。")
    click.echo(
        f"缔约方 {len(found.parties)} 个，断面 {len(found.sections)} 个，条款 {len(found.clauses)} 条，"
        f"参数 {len(found.parameters)} 个（其中假定值 {assumed} 个）。"
    )


@agreement.command()
@click.argument("name", metavar="名称|文件")
def figures(name: str) -> None:
    """列出协议的全部参数：键（用于 compare --set）、名称、值、单位、起止、来源。"""
    rows = [
        [each.key, each.label, plain_text(span.value), each.unit.symbol, span.first, span.last, span.source]
        for each in load(name).parameters
        for span in each.spans
    ]
    click.echo(table(["键", "名称", "值", "单位", "起", "止", "来源"], rows, right=(2,)))
