"""papers: the payment order and the clearing letter of a final settlement, ready to be sealed."""

from pathlib import Path

import click

from compensation.application.documents import write_papers
from compensation.store import open_store


@click.command()
@click.argument("number", metavar="结算编号")
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("单据"), show_default=True, help="写到哪个文件夹。"
)
@click.option(
    "--details", type=click.Path(path_type=Path), metavar="文件", help="单据资料：收款账户、文号、使用范围、分配。"
)
@click.option("--template", type=click.Path(path_type=Path), metavar="文件", help="用自己改过样式的单据模板。")
def papers(number: str, folder: Path, details: Path | None, template: Path | None) -> None:
    """写出定案结算的拨付单据：每张拨付单一份拨款通知，每对付款方和收款方一份清算函，各为一页 A4。

    账户、文号等不知道的一律留空并列出，绝不编造；再次执行写出的文件逐字节相同。

    \b
    示例：
      compensation papers taipu-draft-2026-1a2b3c4d --details 单据资料.yaml
    """
    with open_store() as store:
        written = write_papers(store, number, folder, details, template)
    for each in written:
        click.echo(f"已写出：{each.path}")
        click.echo(f"  SHA-256：{each.sha256}")
        if each.empty:
            click.echo(f"  留空待填：{'、'.join(each.empty)}")
