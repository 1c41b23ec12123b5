"""doubts: values of which an agreement wants to know whether they are right, and the answers."""

from fractions import Fraction

import click

from compensation.agreement.loader import load
from compensation.application.doubting import Asked, answer_doubts, find_asked
from compensation.cli.text import ruling, table
from compensation.errors import Fault, InputError
from compensation.quality.standard import indicator
from compensation.rounding import exact_text
from compensation.store import open_store, time_of_minute

_SHOWN = 50
_AGREEMENT = click.option(
    "--agreement", default="taipu-draft", show_default=True, metavar="名称或文件", help="按哪份协议。"
)
_SECTION = click.option("--section", metavar="断面", help="只看这一断面（代码或名称）。")


@click.group(invoke_without_command=True)
@_AGREEMENT
@_SECTION
@click.option("--answered", is_flag=True, help="连同已核实的一起列出。")
@click.option("--limit", type=click.IntRange(0), default=_SHOWN, metavar="行数", help="最多列出几行。")
@click.pass_context
def doubts(ctx: click.Context, agreement: str, section: str | None, answered: bool, limit: int) -> None:
    """协议的数据规则要求核实（flags 中写 ask）的存疑值：列出，并核实计入还是剔除。

    没有核实之前，这些值不参加计算，涉及的月份和年度未定。

    \b
    示例：
      compensation doubts --agreement 我的方案.yaml
      compensation doubts answer 3f0c2a91be --exclude --agreement 我的方案.yaml --by 张三 --why 仪器故障记录
    """
    if ctx.invoked_subcommand is not None:
        return
    with open_store() as store:
        found = find_asked(store, load(agreement), section, answered=answered)
    if found:
        rows = [_row(each) for each in found[:limit]]
        click.echo(table(["编号", "断面", "时间", "指标", "数值", "标记", "核实"], rows, right=(4,)))
    if len(found) > limit:
        click.echo(f"……另有 {len(found) - limit} 个，用 --limit 查看。")
    click.echo(f"共 {len(found)} 个，待核实 {sum(each.answer is None for each in found)} 个。")


@doubts.command()
@click.argument("handles", nargs=-1, metavar="编号...")
@_AGREEMENT
@_SECTION
@click.option("--all", "everything", is_flag=True, help="全部待核实的；可与 --section 同用。")
@click.option("--keep/--exclude", default=None, help="核实属实，计入；或核实有误，剔除。")
@click.option("--by", required=True, metavar="何人", help="核实人。")
@click.option("--why", "reason", required=True, metavar="理由", help="核实依据的理由。")
@click.option("--document", default="", metavar="文号", help="依据文件。")
@click.option("--again", is_flag=True, help="改判已核实的；原结论照样留存。")
def answer(
    handles: tuple[str, ...],
    agreement: str,
    section: str | None,
    everything: bool,
    keep: bool | None,
    by: str,
    reason: str,
    document: str,
    again: bool,
) -> None:
    """核实存疑值：记下计入还是剔除、何人、何时、为何；只增不改。

    \b
    示例：
      compensation doubts answer 3f0c2a91be --keep --by 张三 --why 与实验室比对一致 --document 比对单〔2026〕2号
      compensation doubts answer --all --section 太浦河桥 --exclude --by 张三 --why 传感器已更换
    """
    if bool(handles) == everything:
        raise InputError(Fault("核实", "没有说清核实哪些值", "编号与 --all 须且只须给出一种", "给出编号，或用 --all"))
    if keep is None:
        raise InputError(Fault("核实", "没有说清计入还是剔除", "两者须给出其一", "加上 --keep 或 --exclude"))
    told = ruling("核实", by, reason, document)
    with open_store() as store:
        asked = find_asked(store, load(agreement), section, answered=not everything)
        wanted = [each.doubtful.named.handle for each in asked] if everything else list(handles)
        number = answer_doubts(store, asked, wanted, told, keep=keep, again=again)
    click.echo(f"已核实 {number} 个；重新结算后生效。")


def _row(each: Asked) -> list[str]:
    named = each.doubtful.named
    return [
        named.handle,
        each.name,
        f"{time_of_minute(named.minute):%Y-%m-%d %H:%M}",
        indicator(named.indicator).name,
        exact_text(named.mantissa * Fraction(10) ** named.exponent),
        named.flag,
        "待核实" if each.answer is None else f"{each.answer.answered_at:%Y-%m-%d} {each.answer.words}",
    ]
