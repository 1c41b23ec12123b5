"""section: the registry of monitoring sections, their names, and names found to mean the same place."""

import click

from compensation.application.registering import add_section, list_sections, merge_sections
from compensation.cli.text import table
from compensation.monitoring.lookups import province_name
from compensation.store import Listed, open_store

_BODIES = {"river": "河流", "lake": "湖库", None: "未登记"}


@click.group()
def section() -> None:
    """断面登记：列出、登记、合并。名称不唯一、会更改，省份也会不同，都按登记认定，不按相似猜。

    \b
    示例：
      compensation section list 太浦河
      compensation section merge 310000:太浦河大桥 310118_0003 --by 张三 --why 同一断面，文件中写了俗称
    """


@section.command("list")
@click.argument("word", required=False, metavar="[关键字]")
def list_(word: str | None) -> None:
    """列出断面：代码、名称、水体类型、各方、位置、文件里可用的名称和省份；未登记的是在文件里遇到的。

    \b
    示例：
      compensation section list 汾湖
    """
    with open_store() as store:
        found = list_sections(store, word)
    click.echo(
        table(
            ["代码", "名称", "省份", "水体", "各方", "位置", "来源", "文件中可用的名称（省份）"],
            [_row(each) for each in found],
        )
    )


@section.command()
@click.argument("code", metavar="代码")
@click.argument("name", metavar="名称")
@click.option("--province", required=True, metavar="省份", help="所在省份，全称或代码。")
@click.option("--body", required=True, type=click.Choice(["river", "lake"]), help="河流或湖库：总磷等限值不同。")
@click.option("--basin", metavar="流域", help="所属流域。")
@click.option("--also", multiple=True, metavar="名称", help="别名或曾用名，可以重复。")
@click.option("--accept", multiple=True, metavar="省份", help="还会以哪个省份的名义上报，可以重复。")
@click.option("--party", "parties", multiple=True, metavar="省份", help="断面涉及的一方，先上游后下游，可以重复。")
@click.option("--position", metavar="位置", help="在哪条河、哪个交界，或经纬度。")
def add(
    *,
    code: str,
    name: str,
    province: str,
    body: str,
    basin: str | None,
    also: tuple[str, ...],
    accept: tuple[str, ...],
    parties: tuple[str, ...],
    position: str | None,
) -> None:
    """登记一个断面。

    \b
    示例：
      compensation section add JS-0901 平望大桥 --province 江苏省 --body river --also 平望 --accept 上海市
      compensation section add JS-0902 芦墟 --province 江苏省 --body river --party 江苏省 --party 上海市
    """
    with open_store() as store:
        add_section(store, code, name, province, body, basin, also, accept, parties, position)
    click.echo(f"已登记：{name}（{code}）")


# The code of a section that was met without a province begins with a dash, as an option does.
@section.command(context_settings={"ignore_unknown_options": True})
@click.argument("old", metavar="并入方代码")
@click.argument("new", metavar="保留方代码")
@click.option("--by", required=True, metavar="何人", help="谁认定的。")
@click.option("--why", required=True, metavar="理由", help="为何认定是同一断面。")
def merge(old: str, new: str, by: str, why: str) -> None:
    """认定两个断面是同一个：数据并过去，名称以后都指保留的那个；原记录照样留存。

    \b
    示例：
      compensation section merge 320000:汾湖大桥西 310118_0002 --by 张三 --why 江苏报表中的旧称
    """
    with open_store() as store:
        report = merge_sections(store, old, new, by, why)
    click.echo(
        f"{report.name}：{report.rows_in} 行 ＝ 收下 {report.rows_stored} ＋ 与已有相同 {report.rows_identical}；"
        f"冲突待裁定 {report.conflicts}"
    )


def _row(each: Listed) -> list[str]:
    kind = "登记" if each.section.registered else "文件中遇到"
    if each.merged_into is not None:
        kind = f"已并入 {each.merged_into}"
    names = "、".join(f"{name}（{province or '任何省份'}）" for name, province in each.names)
    section = each.section
    parties = "、".join(map(province_name, (section.parties or "").split(";")))
    place = [section.province or "", _BODIES[section.body], parties, section.position or ""]
    return [section.code, section.name, *place, kind, names]
