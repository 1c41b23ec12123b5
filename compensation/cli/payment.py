"""orders, pay, ledger, holidays: what is to be paid, what was paid, and the book that shows it."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click

from compensation.application import reading_book
from compensation.application.booking import record_payments
from compensation.application.slips import read_slips
from compensation.cli.hand import day_of, hand_of, hand_options
from compensation.cli.period import DAY, YEAR
from compensation.cli.text import table
from compensation.errors import Fault, InputError
from compensation.ledger.payments import OrderState, Payment
from compensation.ledger.statement import account_name, words
from compensation.money import yuan_text
from compensation.store import open_store

AGREEMENT = click.option("--agreement", "key", metavar="名称", help="哪份协议的账；账上只有一份协议时不必写。")


@click.command()
@click.argument("number", required=False, metavar="[结算编号]")
@click.option("--as-of", "day", type=DAY, metavar="日期", help="截至哪一天是否逾期；默认今天。")
@click.option("--open", "only_open", is_flag=True, help="只列还没有付清的。")
def orders(number: str | None, day: datetime | None, only_open: bool) -> None:
    """拨付单：谁付谁、应付多少、已付多少、是否逾期。

    \b
    示例：
      compensation orders
      compensation orders --open --as-of 2027-06-30
    """
    asked = day_of(day)
    with open_store() as store:
        found = reading_book.orders(store, number)
        shown = [each for each in found if each.open_fen or not only_open]
        names = reading_book.short_names(store)
    if not shown:
        click.echo("没有拨付单。" if not found else "都已付清。")
        return
    rows = [
        [
            each.order.number,
            f"{each.order.period}{each.order.kind.label}",
            f"{names[each.order.payer]}付{names[each.order.payee]}",
            yuan_text(each.order.amount_fen),
            yuan_text(each.paid_fen) if each.paid_fen else "-",
            yuan_text(each.open_fen) if each.open_fen else "-",
            each.order.due or "未约定",
            status_of(each, asked),
        ]
        for each in shown
    ]
    heads = ["拨付单", "款项", "收付", "应付（元）", "已付（元）", "未付（元）", "期限", f"状态（{asked}）"]
    click.echo(table(heads, rows, right=(3, 4, 5)))


def status_of(state: OrderState, day: date) -> str:
    """How far an order is paid, and whether it is overdue on that day."""
    return f"{state.paid}，逾期" if state.overdue(day) else str(state.paid)


@click.command()
@click.argument("order", required=False, metavar="[拨付单]")
@click.option("--slip", metavar="凭证号", help="国库凭证号；同一凭证只登记一次。")
@click.option("--amount", metavar="元", help="金额，元，最多两位小数。")
@click.option("--payer", default="", metavar="缔约方", help="凭证上的付款方；写了就与拨付单核对。")
@click.option("--payee", default="", metavar="缔约方", help="凭证上的收款方；写了就与拨付单核对。")
@click.option("--refund", is_flag=True, help="退款：收款方退回付款方。")
@click.option("--why", "reason", default="", metavar="说明", help="多付、同日同额等不寻常时的说明。")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    metavar="文件",
    help="从表中登记多张凭证：拨付单、凭证号、日期、金额(元)，可有 付款方、收款方、说明。",
)
@hand_options
def pay(
    order: str | None, slip: str | None, amount: str | None, payer: str, payee: str, refund: bool, reason: str,
    path: Path | None, made_by: str, day: datetime | None, document: str,
) -> None:  # fmt: skip
    """登记国库凭证：凭证号、日期、金额，对到一张拨付单。少付、多付、重复都会指出。

    \b
    示例：
      compensation pay taipu-draft-2026-1a2b3c4d-P01 --slip 沪库2027-0412 --amount 12000000.00 --by 张三
          --date 2027-04-12
      compensation pay --file 凭证.xlsx --by 张三
      compensation pay taipu-draft-2026-1a2b3c4d-P01 --slip 苏库2027-88 --amount 100 --refund --by 张三
    """
    hand = hand_of(made_by, day, document, reason)
    if (path is None) == (order is None):
        raise InputError(Fault("登记凭证", "没有说清是哪一张", "拨付单与 --file 须且只须给出一个", "给出其一"))
    with open_store() as store:
        if path is not None:
            payments = read_slips(path, hand, reading_book.party_names(store), refund=refund)
        else:
            if slip is None or amount is None:
                raise InputError(Fault("登记凭证", "不全", "须写明 --slip 和 --amount", "照国库凭证填写"))
            codes = [reading_book.code_of(store, each) for each in (payer, payee)]
            fen = reading_book.fen_from(amount, f"凭证 {slip}")
            payments = [
                Payment(slip, str(order), hand.day, fen, hand.made_by, hand.document, hand.reason, refund, *codes)
            ]
        recorded = record_payments(store, payments)
        names = reading_book.short_names(store)
    for act, state in recorded:
        made = act.deed.slip
        if made is None:
            continue
        what = f"{names[made.payer]}付{names[made.payee]} {yuan_text(made.amount_fen)} 元"
        click.echo(f"已登记第 {act.number} 号：凭证 {made.number}，{act.deed.day}，{what}（{act.deed.kind.label}）")
        click.echo(f"  拨付单 {made.order}：{told_order(state)}")


def told_order(state: OrderState) -> str:
    """How far an order is paid, in words."""
    if state.open_fen > 0:
        return f"已付 {yuan_text(state.paid_fen)} 元，尚欠 {yuan_text(state.open_fen)} 元"
    return f"多付 {yuan_text(-state.open_fen)} 元，待退" if state.open_fen < 0 else "已付清"


@click.command()
@click.option("--party", metavar="缔约方", help="只看这一方，如 沪；不给就列各科目余额。")
@YEAR
@AGREEMENT
@click.option("--csv", "csv_path", type=click.Path(path_type=Path), metavar="文件", help="全部分录写成 CSV。")
@click.option(
    "--beancount", "beancount_path", type=click.Path(path_type=Path), metavar="文件", help="写成 beancount 账本文件。"
)
def ledger(
    party: str | None, year: int | None, key: str | None, csv_path: Path | None, beancount_path: Path | None
) -> None:
    """账簿：各科目余额，或一方一年的明细；也可导出。正数是应收、多付或结存，负数是应付。

    \b
    示例：
      compensation ledger
      compensation ledger --party 沪 --year 2027
      compensation ledger --csv 分录.csv --beancount 账簿.beancount
    """
    with open_store() as store:
        book = reading_book.read(store, key)
    for path, text in ((csv_path, book.csv_text), (beancount_path, book.beancount_text)):
        if path is not None:
            reading_book.write_text(path, text())
            click.echo(f"已写出：{path}")
    if csv_path is not None or beancount_path is not None:
        return
    click.echo(f"{book.title}　单位：元")
    if party is None:
        balances = book.balances(year)
        rows = [[account_name(account, book.shorts), yuan_text(fen)] for account, fen in balances.items()]
        rows.append(["合计", yuan_text(sum(balances.values()))])
        click.echo(table(["科目", f"余额（{year} 年末）" if year else "余额"], rows, right=(1,)))
        return
    for each in book.statements(party, year):
        click.echo(f"\n{account_name(each.account, book.shorts)}" + (f"　{year} 年" if year else ""))
        held = each.before_fen
        rows = [["", "", "期初", "", "", "", yuan_text(held)]]
        for row in each.rows:
            held += row.amount_fen
            against = "、".join(account_name(other, book.shorts) for other in row.others)
            rows.append(
                [
                    str(row.day),
                    str(row.number),
                    words(row, book.sections),
                    against,
                    *_two_sides(row.amount_fen),
                    yuan_text(held),
                ]
            )
        click.echo(table(["日期", "号", "摘要", "对方科目", "增", "减", "余额"], rows, right=(4, 5, 6)))


def _two_sides(fen: int) -> Sequence[str]:
    return (yuan_text(fen), "") if fen > 0 else ("", yuan_text(-fen))


@click.group()
def holidays() -> None:
    """工作日所用的放假和调休安排：列出、导入。

    \b
    示例：
      compensation holidays list
    """


@holidays.command("list")
def list_() -> None:
    """列出已有哪些年份的安排、依据哪份通知。

    \b
    示例：
      compensation holidays list
    """
    with open_store() as store:
        days = store.calendar().holidays
    years: dict[tuple[int, str], list[int]] = {}
    for each in days:
        counts = years.setdefault((each.day.year, each.source), [0, 0])
        counts[each.working] += 1
    click.echo(table(["年份", "依据", "放假天数", "调休上班天数"], [[*key, *counts] for key, counts in years.items()]))


@holidays.command("import")
@click.argument("path", metavar="文件", type=click.Path(path_type=Path))
def import_(path: Path) -> None:
    """导入一年的放假安排：列为 日期、类别（放假/上班）、名称、来源（通知文号）。

    国务院办公厅通常在上年末公布。没有公布的年份不能推测，也就不能征求意见。

    \b
    示例：
      compensation holidays import 2027年放假安排.xlsx
    """
    with open_store() as store:
        added = store.add_holidays(reading_book.read_holiday_file(path))
    click.echo(f"已导入 {added} 天。" if added else "与已有的相同，未重复导入。")
