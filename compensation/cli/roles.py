"""roles: on a shared PostgreSQL, who may do what."""

from contextlib import closing

import click

from compensation.agreement.loader import load
from compensation.store.database import Database
from compensation.store.roles import DEFAULT_PREFIX, ROLES, grant, script, signers


@click.command()
@click.option("--prefix", default=DEFAULT_PREFIX, show_default=True, metavar="前缀", help="角色名的前缀。")
@click.option(
    "--agreement", "agreements", multiple=True, metavar="协议", help="为该协议各方的两个部门各设一个确认角色；可重复。"
)
@click.option("--execute", is_flag=True, help="直接在数据库上执行；不加就只打印 SQL，交数据库管理员执行。")
def roles(prefix: str, agreements: tuple[str, ...], execute: bool) -> None:
    """共用的 PostgreSQL 上按最小权限设角色：import 导入，settle 结算和拨付，confirm 确认和异议，read 只读。

    确认和异议按方、按部门分设角色（如 taipu_confirm_310000_finance），只能以本方本部门的名义办理。
    任何角色都不能修改、删除记录，不能动表和触发器。升级数据库之后再执行一次。

    \b
    示例：
      compensation roles --agreement taipu-draft > 角色.sql
      compensation roles --prefix taipu --agreement taipu-draft --execute
    """
    parties = {party.code: party.short for key in agreements for party in load(key).parties}
    with closing(Database()) as database:
        if not execute:
            click.echo(script(database, prefix, list(parties)), nl=False)
            return
        grant(database, prefix, list(parties))
    click.echo(f"已设好角色：{'、'.join(f'{prefix}_{role}' for role in ROLES)}")
    for (party, department), name in signers(prefix, parties).items():
        click.echo(f"  {name}　{parties[party]}{department.label}部门确认、异议")
    if not parties:
        click.echo(f"没有给出 --agreement：{prefix}_confirm 本身不能替任何一方确认。")
    click.echo(f"把它们授给登录用户，例如：GRANT {prefix}_import TO 某用户;")
