"""roles: on a shared PostgreSQL, who may do what."""

from contextlib import closing

import click

from compensation.store.database import Database
from compensation.store.roles import DEFAULT_PREFIX, ROLES, grant, script


@click.command()
@click.option("--prefix", default=DEFAULT_PREFIX, show_default=True, metavar="前缀", help="角色名的前缀。")
@click.option("--execute", is_flag=True, help="直接在数据库上执行；不加就只打印 SQL，交数据库管理员执行。")
def roles(prefix: str, execute: bool) -> None:
    """共用的 PostgreSQL 上按最小权限设角色：import 导入，settle 结算和拨付，confirm 确认和异议，read 只读。

    任何角色都不能修改、删除记录，不能动表和触发器。升级数据库之后再执行一次。

    \b
    示例：
      compensation roles > 角色.sql
      compensation roles --prefix taipu --execute
    """
    with closing(Database()) as database:
        if not execute:
            click.echo(script(database, prefix), nl=False)
            return
        grant(database, prefix)
    click.echo(f"已设好角色：{'、'.join(f'{prefix}_{role}' for role in ROLES)}")
    click.echo(f"把它们授给登录用户，例如：GRANT {prefix}_import TO 某用户;")
