"""agreement: which agreements there are, whether a file is one, and whether it is sound."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from compensation.agreement.loader import load, shipped
from compensation.cli.text import table
from compensation.errors import Fault, InputError
from compensation.proof.counterexample import write_counterexample
from compensation.proof.proving import EXAMPLES, Finding, gapped, prove
from compensation.proof.trial import Trial
from compensation.rounding import plain_text
from rules.agreement import Agreement


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
@click.option(
    "--examples",
    type=click.IntRange(1, 100_000),
    default=EXAMPLES,
    show_default=True,
    metavar="组数",
    help="用多少组虚构数据检验；越多越慢，越可靠。",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    metavar="文件夹",
    help="反例写到哪里；默认当前文件夹。",
)
@click.pass_context
def check(ctx: click.Context, name: str, examples: int, folder: Path) -> None:
    """检查一份协议：先列出全部书写错误，再用虚构数据检验它是否说得通。

    书写错误一次列出，注明行列。随后逐条检验：资金守恒、不超封顶和限额、水质变好不吃亏、缺数据不当作零等；
    不成立的，指出条款，并把最小的反例写成监测数据表，可以导入后亲自结算。全部成立时退出码为 0，否则为 1。

    \b
    示例：
      compensation agreement check 我的协议.yaml
      compensation agreement check taipu-draft --examples 500
    """
    found = load(name)
    assumed = sum(span.source == "assumption" for each in found.parameters for span in each.spans)
    click.echo(f"《{found.title}》（{found.first} 至 {found.last}）没有书写错误。")
    click.echo(
        f"缔约方 {len(found.parties)} 个，断面 {len(found.sections)} 个，条款 {len(found.clauses)} 条，"
        f"参数 {len(found.parameters)} 个（其中假定值 {assumed} 个）。"
    )
    click.echo("")
    with click.progressbar(length=examples + gapped(examples), label="检验", file=sys.stderr) as bar:
        findings = prove(found, examples, bar.update)
    for line in _told(found, findings, folder):
        click.echo(line)
    if any(finding.told for finding in findings):
        ctx.exit(1)


def _told(found: Agreement, findings: Sequence[Finding], folder: Path) -> Iterator[str]:
    """What holds and what does not, writing a workbook for each counterexample."""
    for finding in findings:
        mark = "不成立" if finding.told else "成立　"
        yield f"{mark}　{finding.property.says}（{finding.examples} 组数据）"
        if finding.told and finding.trial is not None:
            path = folder / f"反例_{found.key}_{finding.property.key}.xlsx"
            _written(finding.trial, finding.property.says, path)
            yield f"　　　　{finding.told}"
            how = "可用 compensation import --made-up 导入后结算查看"
            yield f"　　　　反例（{finding.trial.period.name}）：{path}，{how}"
    broken = sum(finding.told is not None for finding in findings)
    yield ""
    yield f"共 {len(findings)} 项，{broken} 项不成立。" if broken else f"共 {len(findings)} 项，全部成立。"
    yield "检验用的是虚构数据；全部成立，是说在这些数据下没有找到反例，不是数学证明。"


def _written(trial: Trial, says: str, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_counterexample(trial, says, path)
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError(Fault(f"文件 {path}", "反例写不进去", why, "用 --folder 换一个可写的文件夹")) from error


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
