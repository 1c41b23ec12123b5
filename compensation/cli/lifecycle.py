"""issue, confirm, objection, finalise, void, adjust: the way of a settlement from draft to final, step by step."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from compensation.agreement.loader import load
from compensation.application import booking
from compensation.application.adjusting import differences_of, write_adjustment
from compensation.cli.hand import department_of, hand_of, hand_options, signing_options
from compensation.cli.period import DAY
from compensation.cli.text import table
from compensation.ledger.lifecycle import Stage, State, Subject
from compensation.ledger.records import ActKind, Department
from compensation.money import uppercase, yuan_text
from compensation.store import open_store


@click.command()
@click.argument("number", metavar="结算编号")
@hand_options
def issue(number: str, made_by: str, day: datetime | None, document: str) -> None:
    """征求意见：把草案发给各方财政、环保部门。结果未定、暂算、回测的不能发。

    异议期限从这一天起按工作日计算，节假日和调休以国务院办公厅通知为准。

    \b
    示例：
      compensation issue taipu-draft-2026-1a2b3c4d --by 张三 --document 沪财函〔2027〕1号 --date 2027-03-01
    """
    with open_store() as store:
        done = booking.act_on(store, booking.stored(store, number), ActKind.ISSUE, hand_of(made_by, day, document))
    _tell(done)


@click.command()
@click.argument("number", metavar="结算编号")
@signing_options
@click.option("--digest", required=True, metavar="摘要", help="手中结算表封面上的摘要，至少前 12 位。")
@hand_options
def confirm(
    number: str, party: str, department: str, digest: str, made_by: str, day: datetime | None, document: str
) -> None:
    """确认：一方的一个部门确认这份结算。摘要不是本稿的一律拒绝。

    \b
    示例：
      compensation confirm taipu-draft-2026-1a2b3c4d --party 沪 --department 财政 --digest 1a2b3c4d5e6f
          --by 张三 --document 沪财函〔2027〕5号 --date 2027-03-05
    """
    with open_store() as store:
        hand = hand_of(made_by, day, document)
        done = booking.confirm(store, number, party, department_of(department), digest, hand)
    _tell(done)


@click.group()
def objection() -> None:
    """异议：提出、处理、列出。

    \b
    示例：
      compensation objection list
    """


@objection.command("raise")
@click.argument("number", metavar="结算编号")
@signing_options
@click.option("--why", "reason", required=True, metavar="理由", help="异议理由。")
@hand_options
def raise_(
    number: str, party: str, department: str, reason: str, made_by: str, day: datetime | None, document: str
) -> None:
    """提出异议，写明理由；须在协议的异议期限之内。

    \b
    示例：
      compensation objection raise taipu-draft-2026-1a2b3c4d --party 苏 --department 环保
          --why 七月总磷与实验室记录不符 --by 李四 --date 2027-03-10
    """
    with open_store() as store:
        hand = hand_of(made_by, day, document, reason)
        done = booking.raise_objection(store, number, party, department_of(department), hand)
    _tell(done)


@objection.command()
@click.argument("act", type=click.IntRange(1), metavar="异议编号")
@click.option("--dismiss", "dismissed", is_flag=True, help="异议不成立，维持本稿。")
@click.option("--uphold", "upheld", is_flag=True, help="异议成立：作废本稿，改正后重新结算。")
@click.option("--why", "reason", required=True, metavar="理由", help="处理理由。")
@hand_options
def decide(
    act: int, dismissed: bool, upheld: bool, reason: str, made_by: str, day: datetime | None, document: str
) -> None:
    """处理异议：不成立（--dismiss）或成立（--uphold），须有文号和理由。

    \b
    示例：
      compensation objection decide 5 --dismiss --why 三方复核与原值一致 --by 王五 --document 会议纪要〔2027〕2号
    """
    if dismissed == upheld:
        raise click.UsageError("--dismiss 与 --uphold 须且只须给出一个")
    with open_store() as store:
        done = booking.decide_objection(store, act, hand_of(made_by, day, document, reason), upheld=upheld)
    _tell(done)


@objection.command("list")
@click.option("--all", "everything", is_flag=True, help="连同已处理的。")
def list_(everything: bool) -> None:
    """列出还没有处理的异议。

    \b
    示例：
      compensation objection list --all
    """
    rows = []
    with open_store() as store:
        for number in dict.fromkeys(act.deed.settlement for act in store.book().acts):
            subject, state, _ = booking.where_it_stands(store, number)
            rows += [
                [each.act, number, _who(subject, each.party, each.department), each.day, each.reason,
                 each.decided.label if each.decided else "未处理"]
                for each in state.objections
                if everything or each.decided is None
            ]  # fmt: skip
    click.echo(table(["编号", "结算", "提出方", "日期", "理由", "处理"], rows) if rows else "没有异议。")


@click.command()
@click.argument("number", metavar="结算编号")
@click.option("--due", type=DAY, metavar="日期", help="清算款的付款期限。")
@click.option("--advance-due", type=DAY, metavar="日期", help="下年度预拨款的付款期限。")
@hand_options
def finalise(
    number: str, due: datetime | None, advance_due: datetime | None, made_by: str, day: datetime | None, document: str
) -> None:
    """定案：各方财政、环保部门全部确认、没有未决异议之后，记账并生成拨付单。定案后不再改变。

    \b
    示例：
      compensation finalise taipu-draft-2026-1a2b3c4d --by 张三 --document 联席会议纪要〔2027〕3号 --due 2027-04-30
    """
    with open_store() as store:
        hand = hand_of(made_by, day, document)
        limits = [None if each is None else each.date() for each in (due, advance_due)]
        done = booking.finalise(store, number, hand, *limits)
        name = booking.names_of(booking.stored(store, number))
    _tell(done)
    deed = done.act.deed
    click.echo(f"记账 {len(deed.entries)} 笔，拨付单 {len(deed.orders)} 张。")
    for order in deed.orders:
        until = f"，{order.due} 前" if order.due else ""
        click.echo(
            f"  {order.number}　{order.period}{order.kind.label}：{name[order.payer]}付{name[order.payee]} "
            f"{yuan_text(order.amount_fen)} 元（{uppercase(order.amount_fen)}）{until}"
        )


@click.command()
@click.argument("number", metavar="结算编号")
@click.option("--why", "reason", required=True, metavar="理由", help="作废理由。")
@hand_options
def void(number: str, reason: str, made_by: str, day: datetime | None, document: str) -> None:
    """作废一份还没有定案的结算；记录照样留存。

    \b
    示例：
      compensation void taipu-draft-2026-1a2b3c4d --why 异议成立，改正后重新结算 --by 张三
    """
    with open_store() as store:
        hand = hand_of(made_by, day, document, reason)
        done = booking.act_on(store, booking.stored(store, number), ActKind.VOID, hand)
    _tell(done)


@click.command()
@click.argument("number", metavar="结算编号")
@click.option("--agreement", "agreement_name", metavar="名称|文件", help="依据同一协议的另一版本；默认仍按原文。")
@click.option("--why", "reason", required=True, metavar="理由", help="更正理由。")
@click.option("--out", type=click.Path(path_type=Path), metavar="文件", help="把补差表写到这个文件。")
@hand_options
def adjust(
    number: str, agreement_name: str | None, reason: str, out: Path | None, made_by: str, day: datetime | None,
    document: str,
) -> None:  # fmt: skip
    """补差：按现有数据重新结算同一年度，作为对已定案（或已作废）那一份的更正。

    新的一份照样征求意见、确认、定案；定案时只记差额。原结算不变，随时可以重现。

    \b
    示例：
      compensation adjust taipu-draft-2026-1a2b3c4d --why 八月总磷复核更正 --by 张三 --document 复核单〔2027〕9号
          --out 补差表.xlsx
    """
    with open_store() as store:
        agreement = None if agreement_name is None else load(agreement_name)
        adjusted = booking.adjust(store, number, hand_of(made_by, day, document, reason), agreement)
        written = None if out is None else write_adjustment(store, adjusted, out)
    _tell(adjusted.done)
    found = differences_of(adjusted.old, adjusted.new)
    short = booking.names_of(adjusted.new)
    rows = [
        [each.what, *(yuan_text(each.fen[code]) if each.fen.get(code) else "-" for code in short)] for each in found
    ]
    click.echo(table(["差额", *short.values()], rows, right=range(1, len(short) + 1)))
    click.echo("单位：元；正数是比原结算多得或少付。")
    click.echo(f"下一步：compensation issue {adjusted.new.number}")
    if out is not None:
        click.echo(f"补差表：{out}\nSHA-256：{written}")


def _tell(done: booking.Done) -> None:
    deed = done.act.deed
    click.echo(f"已登记第 {done.act.number} 号：{deed.settlement} {deed.kind.label}，{deed.day}，{deed.made_by}")
    for line in told_state(done.subject, done.state):
        click.echo(line)


def told_life(number: str) -> Iterator[str]:
    """Everything that was done with a settlement, where it stands, and what it lacks."""
    with open_store() as store:
        subject, state, acts = booking.where_it_stands(store, number)
    yield f"结算 {number}"
    yield f"摘要 {subject.digest}"
    rows = []
    for act in acts:
        deed = act.deed
        who = _who(subject, deed.party, deed.department) if deed.party else ""
        about = (
            deed.slip.number if deed.slip else deed.corrects or (f"第 {deed.objection} 号" if deed.objection else "")
        )
        rows.append([act.number, deed.kind.label, deed.day, who, about, deed.made_by, deed.document, deed.reason])
    if rows:
        yield table(["号", "事项", "日期", "部门", "对象", "办理人", "文号", "说明"], rows)
    yield from told_state(subject, state)
    for lacking in subject.missing:
        yield f"未定：{lacking}"


def told_state(subject: Subject, state: State) -> Iterator[str]:
    """Where a settlement stands and what it lacks."""
    correcting = f"，更正 {state.corrects}" if state.corrects else ""
    yield f"现状：{state.stage}{correcting}"
    if state.stage is not Stage.CONSULTED:
        return
    if state.deadline is not None:
        yield f"异议期限：{state.deadline}（{subject.objection_days} 个工作日）"
    if state.lacking:
        yield "尚缺确认：" + "、".join(_who(subject, *each) for each in state.lacking)
    for each in state.open_objections:
        yield f"未处理的异议第 {each.act} 号：{_who(subject, each.party, each.department)}：{each.reason}"
    if not state.lacking and not state.open_objections:
        yield "各方均已确认，可以定案。"


def _who(subject: Subject, party: str, department: str) -> str:
    return f"{subject.parties.get(party, party)}（{Department(department).label}）"
