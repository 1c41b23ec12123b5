"""conflicts: values of the same section and time that contradict each other, and deciding which one stands."""

import click

from compensation.application.deciding import decide_by_file, decide_by_number, find_conflicts
from compensation.cli.text import ruling, table
from compensation.errors import Fault, InputError
from compensation.expression.formula import column_letters
from compensation.quality.standard import indicators
from compensation.store import Candidate, Conflict, open_store

_METHODS = {1: "自动站", 2: "人工采样"}


@click.group(invoke_without_command=True)
@click.option("--section", metavar="断面", help="只看这一断面（代码或名称）。")
@click.option("--decided", is_flag=True, help="连同已裁定的一起列出。")
@click.pass_context
def conflicts(ctx: click.Context, section: str | None, decided: bool) -> None:
    """同一断面、同一时刻的值互相矛盾，又看不出先后：列出，并裁定以哪个为准。

    未裁定之前，互相矛盾的值都不参加计算。

    \b
    示例：
      compensation conflicts
      compensation conflicts decide 3f0c2a91be --choose 1 --by 张三 --why 与实验室原始记录核对
    """
    if ctx.invoked_subcommand is not None:
        return
    with open_store() as store:
        found = find_conflicts(store, section, decided=decided)
    if not found:
        click.echo("没有互相矛盾的数据。" if decided else "没有待裁定的冲突。")
        return
    click.echo(table(["编号", "断面", "指标", "时间", "方式", "候选值", "出处", "裁定"], _rows(found)))
    waiting = sum(each.decision is None for each in found)
    click.echo(f"共 {len(found)} 处，待裁定 {waiting} 处。")


@conflicts.command()
@click.argument("handles", nargs=-1, metavar="编号...")
@click.option("--all", "everything", is_flag=True, help="全部待裁定的冲突。")
@click.option("--choose", type=click.IntRange(0), metavar="序号", help="以第几个候选值为准；0 表示都不采用，按缺测计。")
@click.option("--from-file", "file", metavar="文件名", help="以这个文件里的值为准。")
@click.option("--by", "decided_by", required=True, metavar="何人", help="裁定人。")
@click.option("--why", "reason", required=True, metavar="理由", help="裁定理由。")
@click.option("--document", default="", metavar="文号", help="依据文件。")
@click.option("--again", is_flag=True, help="改判已裁定的；原裁定照样留存。")
def decide(
    handles: tuple[str, ...],
    everything: bool,
    choose: int | None,
    file: str | None,
    decided_by: str,
    reason: str,
    document: str,
    again: bool,
) -> None:
    """裁定冲突：记下以哪个值为准、何人、何时、为何；只增不改。

    \b
    示例：
      compensation conflicts decide 3f0c2a91be --choose 2 --by 张三 --why 原始记录为准 --document 核查单〔2026〕3号
      compensation conflicts decide --all --from-file 复核表.xlsx --by 张三 --why 三方复核结果
      compensation conflicts decide 3f0c2a91be --choose 0 --by 张三 --why 两个值都无法核实
    """
    if bool(handles) == everything:
        raise InputError(Fault("裁定", "没有说清裁定哪些冲突", "编号与 --all 须且只须给出一种", "给出编号，或用 --all"))
    if (choose is None) == (file is None):
        raise InputError(Fault("裁定", "没有说清以哪个为准", "--choose 与 --from-file 须且只须给出一个", "给出其一"))
    told = ruling("裁定", decided_by, reason, document)
    with open_store() as store:
        chosen = [each.handle for each in find_conflicts(store, None, decided=False)] if everything else list(handles)
        if file is not None:
            settled = decide_by_file(store, chosen, file, told, again=again)
        else:
            settled = decide_by_number(store, chosen, choose or 0, told, again=again)
    click.echo(f"已裁定 {len(settled)} 处；重新结算后生效。" if settled else "没有待裁定的冲突。")


def _rows(found: list[Conflict]) -> list[list[str]]:
    rows = []
    for each in found:
        named = indicators().get(each.indicator)
        first = [
            each.handle,
            each.section_name,
            named.name if named else "水质类别",
            f"{each.time:%Y-%m-%d %H:%M}",
            _METHODS[each.method],
        ]
        for number, candidate in enumerate(each.candidates, start=1):
            shown = f"{number}) {candidate.text or '（空）'}"
            rows.append(
                [*(first if number == 1 else [""] * 5), shown, _place(candidate), _mark(each, candidate, number)]
            )
    return rows


def _mark(conflict: Conflict, candidate: Candidate, number: int) -> str:
    decision = conflict.decision
    if decision is None:
        return "待裁定" if number == 1 else ""
    told = f"{decision.decided_by} {decision.decided_at:%Y-%m-%d}：{decision.reason}"
    if decision.chosen_version is None:
        return f"都不采用，{told}" if number == 1 else ""
    return f"以此为准，{told}" if decision.chosen_version == candidate.version else ""


def _place(candidate: Candidate) -> str:
    sheet = f"表「{candidate.sheet}」" if candidate.sheet else ""
    known = f"（{candidate.known_at:%Y-%m-%d %H:%M} 抓取）" if candidate.known_at else ""
    return f"《{candidate.file}》{sheet}{column_letters(candidate.column)}{candidate.row}{known}"
