"""init, import: how things get into the database."""

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from compensation import store
from compensation.application.importing import earlier_import, import_file, write_annotated
from compensation.cli.text import ruling
from compensation.cli.told import told_again, told_import
from compensation.errors import CompensationError, Fault, InputError
from compensation.monitoring import ReadOptions
from compensation.monitoring.layout_file import load_layout


@click.command()
def init() -> None:
    """建立或升级数据库；可以反复执行。

    \b
    示例：
      compensation init
      COMPENSATION_DATABASE_URL=postgresql+psycopg://用户@主机/库 compensation init
    """
    with store.open_store() as held:
        changed = held.init()
        where = held.database.shown
    click.echo(f"{'已建立或升级' if changed else '已是最新'}：{where}")


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="文件...", type=click.Path(path_type=Path))
@click.option("--year", type=int, metavar="年", help="时间里没有年份时用这一年。")
@click.option(
    "--layout",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="文件",
    help="版式文件：表头写法认不出或认错时，写明各列是什么。",
)
@click.option("--accept-valid", is_flag=True, help="有错行时仍收下无误的行；错行连同原因进入隔离区。")
@click.option("--dry-run", is_flag=True, help="只读文件并说明读懂了什么，不写数据库。")
@click.option("--made-up", is_flag=True, help="编来试演的数据（如反例、将来的年度）：年份可以还没有到。")
@click.option("--correct", is_flag=True, help="与已入库的凭据（取水量、事件等）不同的，作为更正收下；原记录照样留存。")
@click.option("--by", default="", metavar="何人", help="更正人，与 --correct 同用。")
@click.option("--why", "reason", default="", metavar="理由", help="更正理由，与 --correct 同用。")
@click.option("--document", default="", metavar="文号", help="更正的依据文件，与 --correct 同用。")
def import_(
    files: tuple[Path, ...],
    year: int | None,
    layout: Path | None,
    accept_valid: bool,
    dry_run: bool,
    made_up: bool,
    correct: bool,
    by: str,
    reason: str,
    document: str,
) -> None:
    """导入监测文件（xlsx、xls、CSV；自动站、人工采样、取水量、事件、免责、多元化补偿）。

    每个文件要么整个收下，要么什么也不改变；同一内容再次导入不会重复。

    \b
    示例：
      compensation import 自动站_太浦河桥_2026.csv
      compensation import water_info_上海市.xlsx --year 2026
      compensation import *.xlsx --dry-run
      compensation import 取水量更正.xlsx --correct --by 张三 --why 原表笔误 --document 更正函〔2026〕5号
    """
    correcting = ruling("更正", by, reason, document) if correct or by or reason or document else None
    if correcting and not correct:
        raise InputError(Fault("更正", "没有写 --correct", "何人、理由、文号只与 --correct 同用", "加上 --correct"))
    options = ReadOptions(year=year, layout=load_layout(layout) if layout else None)
    faults: list[Fault] = []
    worst: CompensationError | None = None
    with ExitStack() as opened, click.progressbar(files, label="导入", file=sys.stderr) as bar:
        told: list[str] = []
        for path in bar:
            try:
                if not dry_run and not correcting and (earlier := earlier_import(path)):
                    told.append(told_again(path.name, *earlier))
                    continue
                held = opened.enter_context(store.open_store())
                imported = import_file(
                    held,
                    path,
                    options,
                    accept_valid=accept_valid,
                    dry_run=dry_run,
                    correcting=correcting,
                    made_up=made_up,
                )
                told += told_import(imported)
            except CompensationError as error:
                faults += error.faults
                if isinstance(error, InputError) and not dry_run and (copy := _annotated(path, error)):
                    told.append(copy)
                worst = error if worst is None or error.exit_code > worst.exit_code else worst
    for line in told:
        click.echo(line)
    if worst is not None:
        raise type(worst)(faults)


def _annotated(path: Path, error: InputError) -> str | None:
    """Write the annotated copy and say where it is; that it cannot be written must not hide the faults themselves."""
    try:
        copy = write_annotated(path, error.faults)
    except CompensationError as failure:
        return f"《{path.name}》：没有写成标注副本（{failure.faults[0].why}）"
    if copy is None:
        return None
    return f"《{path.name}》：有错，没有导入；标注副本已写到 {copy}，改正后导入它即可"
