"""verify: whether a workbook that came back is ours, unchanged, and of which settlement."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from compensation.application.verifying import Verdict, Verified, verify_workbook
from compensation.sheets.differing import Difference, Kind
from compensation.store import open_store

_LONGEST = 60
_ORDER = (Kind.CHANGED, Kind.HIDDEN, Kind.AROUND, Kind.FOLLOWED, Kind.FILLED)


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="文件")
@click.option("--against", metavar="结算编号", help="与这一次结算比对；不给就看封面写的是哪一次。")
@click.option("--template", type=click.Path(path_type=Path), metavar="文件", help="写出它时用的模板，若不是默认模板。")
@click.option(
    "--limit", type=click.IntRange(0), default=50, show_default=True, metavar="条", help="每类差异最多列出几条。"
)
@click.pass_context
def verify(ctx: click.Context, file: Path, against: str | None, template: Path | None, limit: int) -> None:
    """核对收回的工作簿：是不是本库写出的、属于哪次结算、有没有改动；改了的逐格列出。

    退出码：0 未改动（会签栏的填写不算改动），1 有改动，2 无从核对。

    \b
    示例：
      compensation verify 收回的结算表.xlsx
      compensation verify 收回的结算表.xlsx --against taipu-draft-2026-1a2b3c4d
    """
    with open_store() as store:
        found = verify_workbook(store, file, number=against, template=template)
    for line in _told(file.name, found, limit):
        click.echo(line)
    if found.verdict is Verdict.DIFFERS:
        ctx.exit(1)


def _told(name: str, found: Verified, limit: int) -> Iterator[str]:
    stored = found.settlement
    yield f"《{name}》　SHA-256：{found.sha256}"
    yield f"结算编号 {stored.number}　期间 {stored.period_from} 至 {stored.period_to}　摘要 {stored.digest}"
    now = "" if found.stage is found.now else f"（该结算现为{found.now}）"
    yield (f"封面所印状态：{found.stage}{now}。" if found.stage else f"该结算现为{found.now}。")
    by_kind = {kind: [each for each in found.differences if each.kind is kind] for kind in Kind}
    if found.verdict is Verdict.SAME_BYTES:
        noted = f"（{found.noted.created_at:%Y-%m-%d %H:%M} 写出的《{found.noted.name}》）" if found.noted else ""
        yield f"未改动：与本库写出的工作簿逐字节相同{noted}。"
    elif found.verdict is Verdict.SAME_CONTENT:
        yield "未改动：内容一致、字节不同（经其他软件另存）。"
    else:
        yield "有改动：" + "，".join(f"{kind.value} {len(by_kind[kind])} 处" for kind in _ORDER if by_kind[kind]) + "。"
    for kind in _ORDER:
        yield from _listed(kind, by_kind[kind], alone=not by_kind[Kind.CHANGED], limit=limit)
    if by_kind[Kind.UNCOMPUTED]:
        yield f"{len(by_kind[Kind.UNCOMPUTED])} 个公式没有存计算结果（另存它的程序不计算），打开即重算。"


def _listed(kind: Kind, found: Sequence[Difference], *, alone: bool, limit: int) -> Iterator[str]:
    if not found:
        return
    heading = {
        Kind.CHANGED: "改动的单元格和工作表",
        Kind.HIDDEN: "隐藏或取消隐藏",
        Kind.AROUND: "批注、链接、名称、页眉页脚、附加的内容",
        Kind.FOLLOWED: "公式未改而所存结果不同" + ("：结果被改过" if alone else "（随上述改动重算所致，或结果被改过）"),
        Kind.FILLED: "填写（会签栏，不算改动）",
    }[kind]
    yield f"{heading}："
    for each in found[:limit]:
        where = " ".join(part for part in (f"“{each.sheet}”" if each.sheet else "", each.cell) if part) or "工作簿"
        yield f"  {where}：原为 {_short(each.before)}，现为 {_short(each.now)}"
    if len(found) > limit:
        yield f"  ……另有 {len(found) - limit} 处，用 --limit 查看。"


def _short(text: str) -> str:
    line = text.replace("\n", "⏎")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}……"
