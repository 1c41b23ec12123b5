"""What is said about files and settlements, line by line."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from compensation.cli.text import table, words, yuan
from compensation.expression import Missing
from compensation.expression.formula import column_letters
from compensation.monitoring.layout_written import written
from compensation.monitoring.records import NOTHING_TO_DO

if TYPE_CHECKING:
    from compensation.application import Imported
    from compensation.expression.explain import Step
    from compensation.monitoring.records import Refused
    from compensation.settlement.settle import Settlement
    from compensation.store import RegisteredSection

_REASONS, _PLACES, _IDLE_PLACES, _NAMED = 20, 200, 5, 20


def told_again(name: str, earlier: str, imported_at: datetime) -> str:
    """That a file holds what was imported before."""
    return f"《{name}》：与 {imported_at:%Y-%m-%d %H:%M} 导入的《{earlier}》内容相同，未重复导入"


def told_import(imported: "Imported") -> Iterator[str]:
    """What was understood of a file and what became of it; the rows add up."""
    parsed, report = imported.parsed, imported.report
    if report is None:
        yield f"《{parsed.name}》（试读，未写入）：{parsed.form}"
        for layout in parsed.layouts:
            yield from (f"  {line}" for line in layout.describe())
        yield from (f"  {line}" for line in parsed.extent())
        yield "  # 版式文件：以上理解写成下面各行；有认错的，把这些行存成 .yaml 文件、改好，用 --layout 给出"
        yield from (f"  {line}" for line in written(parsed.layouts))
    elif report.already:
        again = f"；按更正收下其中的凭据 {report.evidence_stored} 条" if report.evidence_stored else ""
        yield told_again(parsed.name, report.name, report.imported_at) + again
        return
    counts = parsed.counts
    line = f"《{parsed.name}》：{counts.rows_in} 行"
    if report is not None:
        line += (
            f" ＝ 收下 {report.rows_stored} ＋ 与已有相同 {report.rows_identical}"
            f" ＋ 隔离 {report.rows_quarantined} ＋ 不计 {report.rows_refused} ＋ 空行 {report.rows_empty}；"
            f"新读数 {report.readings_stored} 个"
        )
        extra = {
            "其他证据": report.evidence_stored,
            "其中更正凭据": report.evidence_corrected,
            "更正": report.revised,
            "迟到的旧值": report.superseded,
            "冲突待裁定": report.conflicts,
            "新断面": len(report.new_sections),
        }
        line += "".join(f"，{name} {n}" for name, n in extra.items() if n)
    else:
        line += f"，可收下 {counts.rows_with_readings + counts.rows_with_evidence}，不收 {counts.rows_refused}"
    yield line
    if report is not None:
        yield from _told_new(report.new_sections)
    yield from _told_refused(parsed.refused)
    for note in parsed.notes:
        yield f"  说明：{note}"


def _told_new(sections: Sequence["RegisteredSection"]) -> Iterator[str]:
    """The names that are in no registry, by which a misspelt one is found while it is still easy to mend."""
    if sections:
        shown = sections[:_NAMED]
        names = "、".join(f"{each.name}（{each.province}）" if each.province else each.name for each in shown)
        more = f" 等 {len(sections)} 个" if len(sections) > len(shown) else ""
        advice = "断面登记中没有，各自成一个断面；是已登记断面的，用 compensation section merge 合并"
        yield f"  新断面：{names}{more}：{advice}"


def _told_refused(refused: Iterable["Refused"]) -> Iterator[str]:
    """Rows not taken, a line for each reason; what somebody can do something about first, and with all its places."""
    reasons: dict[tuple[bool, bool, str, str, str], list[Refused]] = {}
    for each in refused:
        about = (not each.blocking, each.fix == NOTHING_TO_DO, each.sheet, each.reason, each.fix)
        reasons.setdefault(about, []).append(each)
    ordered = sorted(reasons.items(), key=lambda reason: reason[0][:2])
    for (taken_out, idle, sheet, reason, fix), rows in ordered[:_REASONS]:
        kind = "不计" if taken_out else "隔离"
        where = f"表「{sheet}」" if sheet else ""
        shown = rows[: _IDLE_PLACES if idle else _PLACES]
        places = "、".join(
            f"{column_letters(each.column)}{each.row}" if each.column else f"第 {each.row} 行" for each in shown
        )
        more = f" 等 {len(rows)} 处" if len(rows) > len(shown) else ""
        yield f"  {kind}：{where}{places}{more}：{reason}；{fix}"
    if len(ordered) > _REASONS:
        yield f"  ……另有 {sum(len(rows) for _, rows in ordered[_REASONS:])} 处，均已记录"


def told_settlement(settlement: "Settlement") -> Iterator[str]:
    """Who owes whom, with the words of the amounts; or exactly what is missing."""
    agreement, outcome = settlement.agreement, settlement.outcome
    name = agreement.short
    label = f"〔{settlement.mode.label}〕" if settlement.mode.label else ""
    yield f"{label}{agreement.title}　{settlement.case.period.name}结算"
    yield f"结算编号 {settlement.number}　摘要 {settlement.digest}"
    if agreement.status == "draft":
        yield "依据的是草案：标明“假定值”的参数不是已签署协议的内容。"
    yield ""
    yield table(
        ["缔约方", "应付合计", "应收合计", "条款净额", "多元化抵扣", "限额调整", "本年净额", "清算额"],
        [
            [
                name(code),
                yuan(each.payable),
                yuan(each.receivable),
                yuan(each.net),
                yuan(each.net_after_credit - each.net),
                yuan(each.cut) if each.cut is not None else "-",
                yuan(each.final),
                yuan(each.clearing),
            ]
            for code, each in outcome.positions.items()
        ],
        right=range(1, 8),
    )
    yield "单位：元；净额为正是应收，为负是应付。"
    yield ""
    undetermined = [each for each in outcome.clearing if isinstance(each.amount.value, Missing)]
    if undetermined:
        yield from told_missing(settlement)
        return
    paid = [each for each in outcome.clearing if each.amount.value]
    for each in paid:
        yield f"{name(each.payer)}应付{name(each.payee)}：{words(each.amount)}"
    if not paid:
        yield "各方互不支付。"
    if outcome.fund is not None:
        yield f"共同资金期末结余，结转下年：{yuan(outcome.fund.closing)} 元"
    for excluded in dict.fromkeys(outcome.excluded):
        where = agreement.section(excluded.section).name if excluded.section else ""
        yield f"未计入：{where} {excluded.period} {excluded.reason} {excluded.document}".rstrip()


def told_missing(settlement: "Settlement") -> Iterator[str]:
    """Everything a result lacks: a line for each section and indicator, periods that lack the same told together."""
    missing = settlement.missing
    months = [month.name for month in settlement.case.months]
    yield f"结果未定，缺少 {len(missing)} 项："
    for (section, indicator), items in groupby(missing, key=lambda item: (item.section, item.indicator)):
        place = " ".join(part for part in (section, indicator) if part)
        lacking: dict[str, list[str]] = {}
        for item in items:
            lacking.setdefault(item.what, []).append(item.period)
        told = "；".join(f"{'、'.join(runs(periods, months))} {what}".strip() for what, periods in lacking.items())
        yield f"  {place}：{told}"
    yield "补充导入相应数据后重新结算；只想先看现有月份的结果，用 --provisional。"


def runs(periods: Sequence[str], months: Sequence[str]) -> list[str]:
    """Periods in their order, months that follow each other as one run: 2026-01 至 2026-06."""
    found: list[tuple[str, str]] = []
    for period in periods:
        follows = found and period in months[1:] and months[months.index(period) - 1] == found[-1][1]
        found[-1:] = [(found[-1][0], period)] if follows else [*found[-1:], (period, period)]
    return [first if first == last else f"{first} 至 {last}" for first, last in found]


def told_steps(steps: Sequence["Step"]) -> Iterator[str]:
    """Each derivation as indented lines, an empty line after it; numbers lead to where a step is told in full."""
    passed: set[int] = set()

    def show(step: "Step", level: int) -> Iterator[str]:
        indent = "  " * level
        passed.add(step.number)
        mark = f"【{step.number}】" if step.number else ""
        clause = f"〔{step.clause}〕" if step.clause else ""
        source = f"（来源：{step.source}）" if step.source else ""
        see = f"，推导见{'上' if step.see in passed else '下'}【{step.see}】" if step.see else ""
        yield f"{indent}{mark}{step.label} ＝ {step.value}{clause}{source}{see}"
        if step.in_words and step.in_words != step.label:
            yield f"{indent}  ＝ {step.in_words}"
            if step.in_numbers != step.in_words:
                yield f"{indent}  ＝ {step.in_numbers}"
        for below in step.below:
            yield from show(below, level + 1)

    for step in steps:
        yield from show(step, 0)
        yield ""
