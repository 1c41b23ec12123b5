"""check class, check doubt: published classes recomputed, and values that can hardly be right."""

from collections import Counter
from fractions import Fraction

import click

from compensation.application import check_all
from compensation.application.checking import Disagreement, check_classes
from compensation.application.doubting import bodies_of, find_doubtful
from compensation.cli.text import table
from compensation.errors import Fault, InputError
from compensation.quality.classes import class_name
from compensation.quality.doubt import CLASS, Flag
from compensation.quality.published import Cause
from compensation.quality.standard import indicator
from compensation.rounding import exact_text
from compensation.store import open_store, time_of_minute

_SHOWN = 20
_BODIES = {"river": "河流", "lake": "湖库"}
_SECTION = click.option("--section", metavar="断面", help="只看这一断面（代码或名称）。")
_LIMIT = click.option("--limit", type=click.IntRange(0), default=_SHOWN, metavar="行数", help="最多列出几行明细。")


@click.command("class")
@_SECTION
@_LIMIT
def class_(section: str | None, limit: int) -> None:
    """公布的水质类别与由数值重算的类别逐行核对；每处不一致都写明原因，并按原因计数。

    \b
    示例：
      compensation check class
      compensation check class --section 太浦河桥 --limit 100
    """
    with open_store() as store:
        found = check_classes(store, section)
    if not found.complete:
        raise InputError(Fault("数据库", "没有可核对的行", "五项指标和公布类别齐全的行一条也没有", "先导入自动站数据"))
    counts = [(cause.value, found.counts[cause]) for cause in Cause if found.counts[cause]]
    click.echo(table(["结果", "行数"], counts, right=(1,)))
    click.echo(f"五项指标和公布类别齐全的共 {found.complete} 行。")
    if found.disagreements and limit:
        rows = [_row(each) for each in found.disagreements[:limit]]
        click.echo(table(["断面", "时间", "公布", "重算", "原因", "涉及", "水体"], rows))
    if len(found.disagreements) > limit:
        click.echo(f"……另有 {len(found.disagreements) - limit} 行，用 --limit 查看。")


@click.command()
@_SECTION
@_LIMIT
def doubt(section: str | None, limit: int) -> None:
    """存疑的值：写得像样，却多半不对。只标记，不改动；怎样处理由协议的数据规则（flags）决定。

    \b
    示例：
      compensation check doubt --section 太浦河桥
    """
    with open_store() as store:
        bodies = bodies_of(store, None if section is None else [section])
        names = {each.code: each.name for each in store.sections()}
        if not bodies:
            raise InputError(
                Fault(
                    f"断面“{section}”", "找不到", "没有登记，文件里也没有遇到", "用 compensation section list 列出断面"
                )
            )
        found = list(find_doubtful(store, bodies))
    counts = Counter(each.doubt.flag for each in found)
    click.echo(table(["标记", "个数"], [(flag.value, counts[flag]) for flag in Flag], right=(1,)))
    rows = [
        [
            names[each.section],
            f"{time_of_minute(each.doubt.minute):%Y-%m-%d %H:%M}",
            "水质类别" if each.doubt.indicator == CLASS else indicator(each.doubt.indicator).name,
            exact_text(each.mantissa * Fraction(10) ** each.exponent),
            each.doubt.flag.value,
        ]
        for each in sorted(found, key=lambda each: (counts[each.doubt.flag], each))[:limit]
    ]
    if rows:
        click.echo(table(["断面", "时间", "指标", "数值", "标记"], rows, right=(3,)))
    if len(found) > limit:
        click.echo(f"……另有 {len(found) - limit} 个，用 --limit 查看。")


def _row(each: Disagreement) -> list[str]:
    suspects = "、".join(f"{indicator(code).name} {exact_text(each.values[code])}" for code in each.check.suspects)
    return [
        each.name,
        f"{time_of_minute(each.minute):%Y-%m-%d %H:%M}",
        class_name(each.check.published),
        class_name(each.check.recomputed),
        each.check.cause.value,
        suspects,
        _BODIES[each.body] if each.body_known else "未登记，按河流",
    ]


@click.group(invoke_without_command=True)
@click.pass_context
def check(ctx: click.Context) -> None:
    """逐项核对必须成立的事：结构、只增不改、勾稽、摘要可重现。全部成立时不作声。

    \b
    示例：
      compensation check && echo 一切正常
      compensation check class
    """
    if ctx.invoked_subcommand is not None:
        return
    with open_store() as held:
        broken = [each for each in check_all(held) if not each.ok]
    for each in broken:
        click.echo(f"不成立：{each.name}：{each.detail}", err=True)
    if broken:
        ctx.exit(1)


check.add_command(class_)
check.add_command(doubt)
