"""Hand-sampling sheets of the demo year: monthly, laid out as a laboratory does."""

from collections.abc import Iterable, Sequence
from datetime import date

from compensation.demo.book import Cell, Number, Sheet, workbook_bytes
from compensation.demo.exports import LABEL, NOTICE, csv_bytes

_INTAKE = "嘉善平湖取水口"
_HEADER = (
    "采样日期",
    "断面名称",
    "水温",
    "pH",
    "溶解氧",
    "高锰酸盐指数",
    "氨氮",
    "总磷",
    "总氮",
    "锑",
    "备注",
)
_UNITS = ("", "", "℃", "无量纲", "mg/L", "mg/L", "mg/L", "mg/L", "mg/L", "mg/L", "")
_DAYS = (8, 5, 10, 9, 7, 11, 8, 6, 10, 13, 5, 9)
# July, sampled in a hot spell, misses class III by a little: nothing is paid for that month's water.
_RESULTS = (
    "5.6 7.9 10.7 3.7 0.168 0.062 2.31 0.0011",
    "7.1 7.9 10.2 3.8 0.192 0.060 2.44 0.0009",
    "11.9 7.9 9.3 3.9 0.151 0.068 2.40 0.0014",
    "17.5 7.8 8.0 4.2 0.106 0.074 -1 0.0018",
    "22.9 7.7 6.8 4.4 0.074 0.080 1.86 0.0043",
    "26.2 7.6 5.9 4.8 0.041 0.092 1.62 0.0021",
    "30.3 7.5 5.3 6.3 0.025L 0.118 1.44 0.0007",
    "30.6 7.6 5.4 5.2 0.025L 0.121 1.31 0.0005L",
    "26.7 7.6 5.8 4.7 <0.025 0.104 1.28 0.0005L",
    "20.8 7.7 6.9 4.3 0.052 ０．０８６ 1.45 0.0006",
    "14.6 7.8 8.4 3.9 0.097 0.071 1.77 0.0008",
    "8.4 7.9 10.0 3.6 0.133 0.064 2.08 0.0010",
)
_TEXT_DATES = {3: "{0}-03-10", 6: "{0}.06.11", 10: "{0}年10月13日"}

# μg/L at 金泽取水口. 5.02 is above the 0.005 mg/L of GB 3838-2002 and vanishes when rounded to 3 decimals.
_ANTIMONY = ("1.20", "0.90", "1.60", "2.10", "5.02", "2.40", "1.10", "0.5L", "0.5L", "0.80", "1.00", "1.10")
ANTIMONY_INCIDENT_DAY = (5, 12)
ANTIMONY_INCIDENT_MG_PER_L = "0.00502"


def hand_files(year: int) -> Iterable[tuple[str, bytes]]:
    """File names and contents of the two hand-sampling files."""
    yield f"{LABEL}_人工采样_嘉善平湖取水口_{year}.xlsx", _monthly_sheet(year)
    yield f"{LABEL}_人工采样_金泽取水口锑_{year}.csv", _antimony_list(year)


def _monthly_sheet(year: int) -> bytes:
    """A title above, units in a row of their own, notes below: a sheet made to be printed and signed."""
    title = f"{_INTAKE}{year}年人工采样监测结果（{LABEL}）"
    rows: list[Sequence[Cell]] = [(title,), _HEADER, _UNITS]
    for month, (day, results) in enumerate(zip(_DAYS, _RESULTS, strict=True), start=1):
        text_date = _TEXT_DATES.get(month)
        when = text_date.format(year) if text_date else date(year, month, day)
        remark = "总氮本次未监测" if "-1" in results.split() else ""
        rows.append((when, _INTAKE, *(_cell(text) for text in results.split()), remark))
    rows += [
        (),
        (f"注：1．{NOTICE}",),
        ("2．检出限后加“L”或前加“<”表示未检出；“-1”表示本次未监测。",),
        ("3．每月采样一次，上下游联合采样，示例监测站分析。",),
    ]
    return workbook_bytes(title, [Sheet(LABEL, rows, title_rows=1)])


def _antimony_list(year: int) -> bytes:
    """One row for each value, in μg/L: the unit stands beside the value and is a thousandth of the law's."""
    rows: list[Sequence[str]] = [(NOTICE,), ("断面名称", "采样时间", "指标", "数值", "单位", "备注")]
    for month, text in enumerate(_ANTIMONY, start=1):
        remark = "超过0.005mg/L 已启动应急响应" if (month, 12) == ANTIMONY_INCIDENT_DAY else ""
        rows.append(("金泽取水口", f"{year}-{month:02d}-12 09:30", "锑", text, "μg/L", remark))
    return csv_bytes(rows, "utf-8-sig", "\r\n")


def _cell(text: str) -> Cell:
    return Number(text) if text.isascii() and text.replace(".", "").isdecimal() else text
