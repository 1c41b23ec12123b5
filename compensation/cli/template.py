"""template: import forms with the agreement's own sections and indicators."""

from pathlib import Path

import click

from compensation.agreement.loader import load
from compensation.application.templating import write_forms
from compensation.sheets.forms import names


@click.command()
@click.argument("kinds", nargs=-1, type=click.Choice(list(names())), metavar="[种类...]")
@click.option(
    "--agreement", "name", default="taipu-draft", metavar="名称|文件", help="按哪份协议的断面、指标、缔约方。"
)
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), metavar="文件夹", help="写到哪里。"
)
def template(kinds: tuple[str, ...], name: str, folder: Path) -> None:
    """生成填报表：自动站、人工采样、取水量、流量、突发事件、免责、多元化；不写种类就全部生成。

    每份表有填表说明、单位、示例和下拉选项；填好后直接用 compensation import 导入。

    \b
    示例：
      compensation template --folder 填报表
      compensation template 取水量 免责 --agreement 我的协议.yaml
    """
    for path in write_forms(load(name), kinds, folder):
        click.echo(f"已写出：{path}")
