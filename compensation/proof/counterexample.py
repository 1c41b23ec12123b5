"""A counterexample as the files an official knows: monitoring results and what goes with them, in one workbook.

Every sheet is one of the forms that the import reads. A station's month is written as the least that the agreement's
data rules accept; what has no form (earlier settlements) is told in words below the first table.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from compensation.proof.trial import Trial
from compensation.proof.words import money
from compensation.quality.standard import AUTOMATIC_STATION, TOTAL_NITROGEN, indicator
from compensation.rounding import plain_text
from rules.agreement import Period, Section
from rules.evidence import VolumeFact

LABEL = "反例"
_BY_STATION = (*AUTOMATIC_STATION, TOTAL_NITROGEN)
_KINDS = {"technology": "技术", "talent": "人才", "industry": "产业"}

Row = Sequence[object]


def write_counterexample(trial: Trial, says: str, path: Path) -> None:
    """Write the workbook; `says` is what it is a counterexample to. The cells are exact decimals."""
    book = Workbook()
    del book[book.sheetnames[0]]
    for name, rows in _tables(trial):
        sheet = book.create_sheet(f"{LABEL}_{name}")
        sheet.append([f"{LABEL}：{says}（虚构数据，只为说明问题）"])
        sheet["A1"].font = Font(bold=True)
        for row in rows:
            sheet.append(list(row))
        for column in range(1, len(rows[0]) + 1):
            sheet.column_dimensions[get_column_letter(column)].width = 18
    notes = list(_notes(trial))
    if notes:
        first = book.worksheets[0]
        first.append([])
        for note in notes:
            first.append([f"注：{note}"])
    book.save(path)


def _tables(trial: Trial) -> Iterator[tuple[str, list[Row]]]:
    evidence, names = trial.evidence, {section.code: section.name for section in trial.agreement.sections}
    short = trial.agreement.short
    by_hand, by_station = _by_hand(trial), _by_station(trial)
    if len(by_hand) > 1:
        yield "人工采样", by_hand
    if len(by_station) > 1:
        yield "自动站", by_station
    for what, known in (("取水量", evidence.volumes), ("断面水量", evidence.flows)):
        if known:
            yield what, _water(names, what, known)
    verified = [each for each in evidence.incidents if each.cost_yuan is not None]
    if verified:
        rows: list[Row] = [
            ("编号", "日期", "断面", "指标", "浓度(mg/L)", "核定应急费用(元)", "责任比例", "承担方", "依据文号")
        ]
        for each in verified:
            found = indicator(each.indicator).name if each.indicator else ""
            level = "" if each.concentration is None else _number(each.concentration)
            cost = _number(each.cost_yuan or Fraction(0))
            shares = ";".join(f"{short(code)}:{share}" for code, share in each.responsibility.items() if share)
            day, bearer = each.day.isoformat(), short(each.cost_bearer)
            rows.append((each.number, day, names[each.section], found, level, cost, shares, bearer, each.source))
        yield "突发事件", rows
    if evidence.exemptions:
        rows = [("断面", "起", "止", "原因", "认定文件")]
        for out in evidence.exemptions:
            days = out.first.isoformat(), out.last.isoformat()
            rows.append((names[out.section], *days, out.reason, out.document))
        yield "免责认定", rows
    if evidence.in_kind:
        rows = [("年度", "提供方", "受益方", "类别", "内容", "认定价值(元)", "依据文号")]
        for gift in evidence.in_kind:
            sides = short(gift.contributor), short(gift.receiver)
            worth = _number(gift.value_yuan)
            rows.append((trial.period.first.year, *sides, _KINDS[gift.kind], gift.description, worth, gift.source))
        yield "多元化补偿", rows


def _water(names: Mapping[str, str], what: str, known: Mapping[tuple[str, str], VolumeFact]) -> list[Row]:
    """The water of each section and month."""
    rows: list[Row] = [("断面", "年", "月", f"{what}(万m³)", "依据文号")]
    for (code, month), fact in known.items():
        wan = _number(fact.volume_m3 / 10_000)
        rows.append((names[code], int(month[:4]), int(month[5:]), wan, fact.source))
    return rows


def _notes(trial: Trial) -> Iterator[str]:
    name, evidence = trial.agreement.short, trial.evidence
    for each in evidence.last_year:
        amount = "未定" if each.amount_yuan is None else money(each.amount_yuan)
        yield f"上年度结算：{name(each.payer)}付{name(each.payee)} {amount}"
    for fact in evidence.charged:
        way, whose = "反向" if fact.backward else "", f"（{name(fact.party)}）" if fact.party else ""
        yield f"协议期内以前年度“{fact.clause}”{way}已计{whose} {money(fact.amount_yuan)}"
    for balance in evidence.balances:
        left = "未定" if balance.amount_yuan is None else money(balance.amount_yuan)
        yield f"共同资金“{balance.clause}”上年结余 {left}"
    names = {section.code: section.name for section in trial.agreement.sections}
    for incident in evidence.incidents:
        if incident.cost_yuan is None:
            yield f"突发事件 {names[incident.section]} {incident.day}：费用尚未核定，没有可导入的行"


def _by_hand(trial: Trial) -> list[Row]:
    """One row for every sample: a section sampled by hand, and what stations do not measure."""
    needed = int(trial.agreement.data_rules.samples_per_month.span(trial.case.as_of).value)
    codes = trial.agreement.monitored
    rows: list[Row] = [("采样日期", "断面名称", *(_header(code) for code in codes))]
    for section in trial.agreement.sections:
        manual = section.monitoring == "manual"
        own = [code for code in codes if manual or code not in _BY_STATION]
        for month in trial.case.asked_months:
            values = {code: trial.evidence.months[section.code, code].get(month.name) for code in own}
            if any(value is not None for value in values.values()):
                cells = [_cell(values.get(code)) for code in codes]
                rows += [(day.isoformat(), section.name, *cells) for day in _days(trial, section, month)[-needed:]]
    return rows


def _by_station(trial: Trial) -> list[Row]:
    """As many rows a day, and days a month, as the data rules ask for."""
    rules, as_of = trial.agreement.data_rules, trial.case.as_of
    a_day = ceil(rules.expected_per_day.span(as_of).value * rules.day_share.span(as_of).value)
    a_month = int(rules.days_per_month.span(as_of).value)
    codes = [code for code in trial.agreement.monitored if code in _BY_STATION]
    rows: list[Row] = [("监测时间", "断面名称", *(_header(code) for code in codes))]
    for section in trial.agreement.sections:
        if section.monitoring == "manual":
            continue
        for month in trial.case.asked_months:
            values = [trial.evidence.months[section.code, code].get(month.name) for code in codes]
            if all(value is None for value in values):
                continue
            cells = [_cell(value) for value in values]
            for day in _days(trial, section, month)[:a_month]:
                start = datetime.combine(day, time())
                for n in range(a_day):
                    moment = start + timedelta(minutes=1440 * n // a_day)
                    rows.append((f"{moment:%Y-%m-%d %H:%M}", section.name, *cells))
    return rows


def _days(trial: Trial, section: Section, month: Period) -> list[date]:
    """The days of the month that no exemption takes out; all of them where none is left."""
    exempt = trial.case.exempt_days(section.code)
    return [day for day in month.days if day not in exempt] or list(month.days)


def _header(code: str) -> str:
    unit = indicator(code).unit
    return f"{indicator(code).name}({unit})" if unit else indicator(code).name


def _cell(value: Fraction | None) -> object:
    return "" if value is None else _number(value)


def _number(value: Fraction) -> Decimal:
    return Decimal(plain_text(value))
