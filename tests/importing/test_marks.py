"""Values that a file marks by colour: stored with their flag, and the agreement's rule decides what becomes of them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font, PatternFill

from compensation.agreement.loader import load, parse
from compensation.application import Request, gather_evidence
from compensation.store import Store
from rules.agreement import Agreement, Period

Call = Callable[..., Any]
Write = Callable[..., Path]
HEADER = ("断面名称", "采样日期", "pH", "总磷(mg/L)", "备注")
ROWS = [
    HEADER,
    ("嘉善平湖取水口", "2026-07-09", 7.1, 0.04, "红色数字表示异常值"),
    ("嘉善平湖取水口", "2026-07-10", 7.2, 0.03, None),
    ("嘉善平湖取水口", "2026-07-11", 7.3, "0.020", None),
]
MONTH = Period(date(2026, 7, 1), date(2026, 7, 31), "2026-07")
INTAKE, PHOSPHORUS = "TAIPU-JIAPING", "w21011"


def painted(path: Path, *cells: str, colour: str = "FFFF0000") -> Path:
    book = openpyxl.load_workbook(path)
    for cell in cells:
        book.worksheets[0][cell].font = Font(color=colour)
    book.save(path)
    return path


def ruled(flags: str) -> Agreement:
    text = load("taipu-draft").text
    marked = text.replace("    route: daily\n", f"    route: daily\n    flags: {flags}\n")
    assert marked != text
    return parse("试.yaml", marked)


def phosphorus(store: Store, agreement: Agreement) -> tuple[list[int], list[tuple[str, str, int]]]:
    """The days of the month with a value, and what was left out for a mark."""
    request = Request(agreement, MONTH.first, MONTH.last, provisional=True)
    gathered = gather_evidence(store, request, MONTH, MONTH.first)
    days = [day.day for day in gathered.evidence.days.get((INTAKE, PHOSPHORUS), {})]
    return days, [(each.indicator, each.reason, each.n) for each in gathered.omissions if "标注" in each.reason]


@pytest.fixture
def stored(call: Call, write_book: Write, store: Store) -> Store:
    assert call("import", str(painted(write_book(ROWS), "D2", "D4", "C4"))).code == 0
    return store


def test_a_mark_is_kept_and_by_default_changes_nothing(stored: Store, call: Call) -> None:
    assert [(each.indicator, each.flag, each.colour, each.row, each.column) for each in stored.marks()] == [
        ("w01001", "标注为异常值", "红", 4, 3),
        ("w21011", "标注为异常值", "红", 2, 4),
        ("w21011", "标注为异常值", "红", 4, 4),
    ]
    assert phosphorus(stored, load("taipu-draft")) == ([9, 10, 11], [])
    said = call("check", "doubt", "--section", "嘉善平湖取水口").out
    assert [line.split() for line in said.splitlines() if line.startswith("标注为异常值")] == [["标注为异常值", "3"]]
    assert "0.04  标注为异常值" in said


@pytest.mark.parametrize(("action", "words"), [("exclude", "存疑数据剔除"), ("ask", "存疑数据待核实，暂不计入")])
def test_what_is_marked_is_left_out_where_the_agreement_says_so(stored: Store, action: str, words: str) -> None:
    days, omitted = phosphorus(stored, ruled(f"{{标注为异常值: {action}}}"))
    assert days == [10]
    assert omitted == [(PHOSPHORUS, f"{words}：标注为异常值", 2)]


def test_ph_by_hand_is_left_out_too(stored: Store) -> None:
    text = ruled("{标注为异常值: exclude}").text
    agreement = parse("试.yaml", text.replace("[高锰酸盐指数, 氨氮, 总磷]", "[pH, 高锰酸盐指数, 氨氮, 总磷]"))
    request = Request(agreement, MONTH.first, MONTH.last, provisional=True)
    gathered = gather_evidence(stored, request, MONTH, MONTH.first)
    assert [day.day for day in gathered.evidence.days[INTAKE, "w01001"]] == [9, 10]
    assert [each.n for each in gathered.omissions if each.indicator == "w01001"] == [1]


def test_a_mark_is_asked_about_and_answered(stored: Store, call: Call, folder: Path) -> None:
    (folder / "试.yaml").write_text(ruled("{标注为异常值: ask}").text, encoding="utf-8")
    told = call("doubts", "--agreement", "试.yaml").out
    assert "共 2 个，待核实 2 个。" in told
    assert "总磷" in told
    done = call("doubts", "answer", "--all", "--keep", "--agreement", "试.yaml", "--by", "张三", "--why", "复测一致")
    assert done.code == 0
    days, omitted = phosphorus(stored, ruled("{标注为异常值: ask}"))
    assert (days, omitted) == ([9, 10, 11], [])


def test_a_mark_speaks_of_the_value_whichever_file_brought_it(call: Call, write_book: Write, store: Store) -> None:
    assert call("import", str(write_book(ROWS, "先.xlsx"))).code == 0
    before = store.known_through()
    assert store.marks() == []
    again = [(*row[:3], f"{row[3]}0" if place else row[3], *row[4:]) for place, row in enumerate(ROWS)]
    said = call("import", str(painted(write_book(again, "后.xlsx"), "D2"))).out
    assert "与已有相同 3" in said
    (mark,) = store.marks()
    assert (mark.file, mark.row, mark.column) == ("后.xlsx", 2, 4)
    assert store.marks(before) == [], "two clocks: it was not known then"
    assert phosphorus(store, ruled("{标注为异常值: exclude}"))[1] == [(PHOSPHORUS, "存疑数据剔除：标注为异常值", 1)]


def test_a_mark_goes_with_a_section_that_is_merged(call: Call, write_book: Write, store: Store) -> None:
    rows = [HEADER, ("嘉善老取水口", *ROWS[1][1:])]
    assert call("import", str(painted(write_book(rows), "D2"))).code == 0
    code = store.marks()[0].section
    assert call("section", "merge", code, INTAKE, "--by", "张三", "--why", "同一断面").code == 0
    assert phosphorus(store, ruled("{标注为异常值: exclude}"))[1] == [(PHOSPHORUS, "存疑数据剔除：标注为异常值", 1)]
    assert call("check").code == 0


def test_a_value_that_is_corrected_is_no_longer_marked(call: Call, write_book: Write, store: Store) -> None:
    path = painted(write_book(ROWS, "先.xlsx"), "D2")
    assert call("import", str(path)).code == 0
    later = [HEADER, ("嘉善平湖取水口", "2026-07-09", 7.1, 0.001, None)]
    assert call("import", str(write_book(later, "后.xlsx"))).code == 0
    told = ("--by", "张三", "--why", "以复测为准")
    assert call("conflicts", "decide", "--all", "--from-file", "后.xlsx", *told).code == 0
    assert phosphorus(store, ruled("{标注为异常值: exclude}"))[1] == []


@pytest.mark.parametrize(("flags", "told"), [("{}", 1), ("{标注为异常值: ask}", 1), ("{标注为异常值: exclude}", 0)])
def test_a_marked_sample_tells_of_an_incident_unless_it_is_left_out(
    flags: str, told: int, call: Call, write_book: Write, store: Store
) -> None:
    rows = [
        ("断面名称", "采样日期", "锑(mg/L)", "备注"),
        ("金泽取水口", "2026-07-09", 0.009, "红色数字表示异常值"),
    ]
    assert call("import", str(painted(write_book(rows), "C2"))).code == 0
    request = Request(ruled(flags), MONTH.first, MONTH.last, provisional=True)
    gathered = gather_evidence(store, request, MONTH, MONTH.first)
    assert [(each.day.day, each.cost_yuan) for each in gathered.evidence.incidents] == [(9, None)] * told
    assert [each.n for each in gathered.omissions if "标注" in each.reason] == [1] * (1 - told)


def test_a_row_that_was_refused_comes_back_with_its_mark(
    call: Call, write_book: Write, store: Store, folder: Path
) -> None:
    rows = [*ROWS, ("嘉善平湖取水口", "2026-07-12", "坏", 0.05, None)]
    path = painted(painted(write_book(rows), "D5", "C5"), "D2", colour="FF00B050")
    assert call("import", str(path), "--accept-valid").code == 0
    assert [(each.row, each.flag) for each in store.marks()] == [(2, "含义不明的颜色")]
    (waiting,) = store.quarantined()
    assert (waiting.colours, waiting.remark) == (((3, "红"), (4, "红")), "红色数字表示异常值")
    assert call("quarantine", "export").code == 0
    book = openpyxl.load_workbook(folder / "数据_隔离.xlsx")
    book.worksheets[1]["C2"] = 7.4
    book.save(folder / "数据_隔离.xlsx")
    said = call("import", str(folder / "数据_隔离.xlsx"))
    assert said.code == 0, said.err
    assert [(each.indicator, each.flag, each.colour) for each in store.marks() if each.file == "数据_隔离.xlsx"] == [
        ("w01001", "标注为异常值", "红"),
        ("w21011", "标注为异常值", "红"),
    ]
    assert store.quarantined() == []


def test_a_fill_that_means_something_survives_the_copy_and_the_quarantine(
    call: Call, write_book: Write, store: Store, folder: Path
) -> None:
    rows = [HEADER, (*ROWS[1][:4], "黄色底纹表示离群值"), ("嘉善平湖取水口", "2026-07-12", "坏", 0.05, None)]
    path = write_book(rows)
    book = openpyxl.load_workbook(path)
    for cell in ("C3", "D3"):
        book.worksheets[0][cell].fill = PatternFill("solid", fgColor="FFFFFF00")
    book.save(path)
    assert call("import", str(path)).code == 2
    assert call("import", str(path), "--accept-valid").code == 0
    assert call("quarantine", "export").code == 0
    for name, file in (("标注", "数据_标注.xlsx"), ("隔离", "数据_隔离.xlsx")):
        book = openpyxl.load_workbook(folder / file)
        cell = next(cell for row in book.worksheets[1].iter_rows() for cell in row if cell.value == "坏")
        assert cell.comment is not None, name
        cell.value = 7.4
        book.save(folder / file)
        said = call("import", str(folder / file))
        assert said.code == 0, said.err
        marks = [(each.indicator, each.flag, each.colour) for each in store.marks()]
        assert sorted(marks) == [("w01001", "标注为离群值", "黄底"), ("w21011", "标注为离群值", "黄底")], name
