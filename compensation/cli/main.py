"""The command `compensation`: a group whose commands are loaded only when they are called."""

import atexit
import gc
import os
import sys
from importlib import import_module
from typing import Any

import click

from compensation.cli.help import ChineseContext, complaint, speak_chinese
from compensation.errors import CompensationError, Fault, StoreError, os_reason

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("compensation.cli.data:init", "建立或升级数据库"),
    "import": ("compensation.cli.data:import_", "导入监测文件和其他证据"),
    "template": ("compensation.cli.template:template", "生成填报表：带下拉选项、单位、说明"),
    "conflicts": ("compensation.cli.conflicts:conflicts", "列出互相矛盾的数据，裁定以哪个为准"),
    "quarantine": ("compensation.cli.quarantine:quarantine", "有错未入库的行：列出、导出改正、解除"),
    "doubts": ("compensation.cli.doubts:doubts", "列出待核实的存疑值，核实计入还是剔除"),
    "evidence": ("compensation.cli.evidence:evidence", "取水量、事件等凭据：列出、撤销"),
    "section": ("compensation.cli.section:section", "断面登记：列出、登记、合并"),
    "settle": ("compensation.cli.money:settle", "按协议结算一个年度或期间"),
    "sheet": ("compensation.cli.money:sheet", "写出结算工作簿"),
    "verify": ("compensation.cli.verify:verify", "核对收回的工作簿：是不是本库的、改没改"),
    "package": ("compensation.cli.package:package", "复算包：写出，或在没有数据库的电脑上重算"),
    "explain": ("compensation.cli.money:explain", "逐步解释任何一笔金额"),
    "issue": ("compensation.cli.lifecycle:issue", "征求意见：把草案发给各方"),
    "confirm": ("compensation.cli.lifecycle:confirm", "确认：各方财政、环保部门逐一确认"),
    "objection": ("compensation.cli.lifecycle:objection", "异议：提出、处理、列出"),
    "finalise": ("compensation.cli.lifecycle:finalise", "定案：记账，生成拨付单"),
    "void": ("compensation.cli.lifecycle:void", "作废还没有定案的结算"),
    "adjust": ("compensation.cli.lifecycle:adjust", "补差：按现有数据更正已定案的结算"),
    "orders": ("compensation.cli.payment:orders", "拨付单：应付、已付、逾期"),
    "papers": ("compensation.cli.documents:papers", "拨付单据：拨款通知和清算函"),
    "pay": ("compensation.cli.payment:pay", "登记国库凭证，或退款"),
    "ledger": ("compensation.cli.payment:ledger", "账簿：余额、明细、导出"),
    "holidays": ("compensation.cli.payment:holidays", "放假和调休安排：列出、导入"),
    "compare": ("compensation.cli.negotiating:compare", "同一批数据，几种规则，各付多少"),
    "flips": ("compensation.cli.negotiating:flips", "翻转点：月均值再变多少，金额就变"),
    "range": ("compensation.cli.negotiating:range_", "各种数据处理方式下，金额在什么范围"),
    "water": ("compensation.cli.water:water", "断面水质：月均、类别、超标倍数、达标率、CWQI"),
    "quality": ("compensation.cli.water:quality", "同一数据在各种处理方式下的水质类别"),
    "agreement": ("compensation.cli.rules:agreement", "列出随软件提供的协议，检查协议文件"),
    "status": ("compensation.cli.status:status", "数据库里有什么"),
    "check": ("compensation.cli.checking:check", "逐项核对数据库中必须成立的事"),
    "backup": ("compensation.cli.backup:backup", "把整个数据库备份成一个文件"),
    "restore": ("compensation.cli.backup:restore", "从备份恢复到空的数据库，并核对"),
    "roles": ("compensation.cli.roles:roles", "PostgreSQL 上的角色：导入、结算、确认、只读"),
    "demo": ("compensation.cli.demo:demo", "用示例数据走一遍全程"),
}

EPILOG = """\b
退出码：
  0  完成
  1  check 发现不成立的事，或其他拒绝
  2  输入有误（文件、参数、协议），什么也没有改变
  3  数据库不可用（不存在、被占用、磁盘满、版本不符）
  4  结果未定：缺少数据，已列出缺什么
  5  必须成立的事不成立（资金、摘要、历史）
\b
数据库默认为当前目录的 compensation.db；用环境变量 COMPENSATION_DATABASE_URL 指定其他数据库。
"""


class LazyGroup(click.Group):
    """Knows its commands by name; imports one only when it is called, so that --help stays quick."""

    context_class = ChineseContext

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  as click calls it
        """Command names, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  as click calls it
        """The command itself."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return speak_chinese(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  as click calls it
        """List the commands without importing them."""
        with formatter.section("命令"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])


@click.group(
    cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100}
)
@click.version_option(package_name="taipu-compensation", message="%(version)s")
def cli() -> None:
    """太浦河跨界断面生态保护补偿结算：从监测文件到各方签字的结算工作簿。

    \b
    示例：
      compensation init
      compensation import 监测数据/*.xlsx
      compensation settle 2026 --agreement taipu-draft
      compensation sheet
      compensation explain --clause 第三条
    """


def collect_rarely() -> None:
    """Look for rings among records less often: they live to the end and hardly form any.

    The search took a fifth of `sheet`, and so much again when the program ended.
    """
    gc.set_threshold(1_000_000, 50, 50)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; every refusal is told in Chinese on stderr with its own exit code."""
    collect_rarely()
    atexit.register(gc.freeze)
    try:
        code = cli.main(args=arguments, prog_name="compensation", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("已中断；未完成的这一步没有留下任何改变。", err=True)
        sys.exit(130)
    except click.ClickException as error:
        click.echo(f"用法有误：{complaint(error)}。用 --help 查看用法。", err=True)
        sys.exit(2)
    except BaseException as error:
        told = _told(error)
        if told is None:
            raise
        sys.exit(told)
    # Without standalone mode click hands back the code of ctx.exit() instead of leaving with it.
    sys.exit(code if isinstance(code, int) else 0)


def _told(error: BaseException) -> int | None:
    """Tell an error of the family, or of the operating system, and give its exit code; None for anything else."""
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has gone; Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if isinstance(error, OSError):
        # Writers that could not finish complain once more when they are cleared away.
        sys.unraisablehook = lambda _: None
        where = f"文件 {error.filename}" if error.filename else "临时文件夹或输出位置"
        error = StoreError(Fault(where, "读写失败", os_reason(error), "排除原因后重做这一步；每一步都可以放心重复"))
    if not isinstance(error, CompensationError):
        return None
    many = len(error.faults) > 1
    if many:
        click.echo(f"共 {len(error.faults)} 处问题：", err=True)
    for number, fault in enumerate(error.faults, start=1):
        click.echo(f"{number}. {fault}" if many else f"错误：{fault}", err=True)
    return error.exit_code
