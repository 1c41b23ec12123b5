"""In what two workbooks differ, on small ones: every kind of difference, and what programs may write otherwise."""

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, Protection
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.hyperlink import Hyperlink

from compensation.errors import InputError
from compensation.sheets.differing import Difference, Kind, differences, same
from compensation.sheets.returned import plain_formula, read_book

Change = Callable[[Workbook], None]


def small() -> Workbook:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "汇总"
    first["A1"], first["A2"], first["A3"] = "题目", 5.25, "='明细'!A1+1"
    first["B1"].protection = Protection(locked=False)
    first["A2"].comment = Comment("为什么", "系统")
    first["A1"].hyperlink = Hyperlink(ref="A1", location="'明细'!A1")
    first.merge_cells("C1:D1")
    first.oddFooter.center.text = "第 &P 页"
    second = book.create_sheet("明细")
    second["A1"], second["A9"] = 4.25, "末行"
    book.defined_names["_净额"] = DefinedName("_净额", attr_text="'汇总'!$A$2")
    return book


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def found(change: Change) -> list[Difference]:
    before = saved(small())
    book = load_workbook(io.BytesIO(before))
    change(book)
    return differences(read_book(before, "前"), read_book(saved(book), "后"))


def put(sheet: str, cell: str, value: object) -> Change:
    def change(book: Workbook) -> None:
        book[sheet][cell].value = value

    return change


def on(sheet: str, cell: str, attribute: str, value: object) -> Change:
    def change(book: Workbook) -> None:
        setattr(book[sheet][cell], attribute, value)

    return change


def hide(book: Workbook) -> None:
    book["明细"].sheet_state = "veryHidden"
    book["汇总"].row_dimensions[2].hidden = True
    book["汇总"].column_dimensions["A"].hidden = True


def reorder(book: Workbook) -> None:
    book.move_sheet("明细", -1)


def rename(book: Workbook) -> None:
    book["明细"].title = "细目"


def name(book: Workbook) -> None:
    book.defined_names["_净额"].attr_text = "'明细'!$A$1"


def footer(book: Workbook) -> None:
    book["汇总"].oddFooter.center.text = "第 &P 页 共 1 页"


def test_saved_again_nothing_differs() -> None:
    assert differences(read_book(saved(small()), "前"), read_book(saved(small()), "后")) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (put("汇总", "A2", 5.26), (Kind.CHANGED, "汇总", "A2", "5.25", "5.26")),
        (put("汇总", "A2", "5.25"), (Kind.CHANGED, "汇总", "A2", "5.25", "5.25")),  # a number turned into text
        (put("明细", "A9", None), (Kind.CHANGED, "明细", "A9", "末行", "（空）")),
        (put("汇总", "E7", "另加"), (Kind.CHANGED, "汇总", "E7", "（空）", "另加")),
        (put("汇总", "A3", "=明细!A1+2"), (Kind.CHANGED, "汇总", "A3", "='明细'!A1+1", "=明细!A1+2")),
        (put("汇总", "A3", 5.25), (Kind.CHANGED, "汇总", "A3", "='明细'!A1+1", "5.25")),
        (put("汇总", "B1", "同意"), (Kind.FILLED, "汇总", "B1", "（空）", "同意")),
        (on("汇总", "A2", "number_format", '"8.00"'),
         (Kind.CHANGED, "汇总", "A2", "显示格式 General", "显示格式 8.00")),
        (on("汇总", "A2", "font", Font(color="FFFFFFFF")),
         (Kind.CHANGED, "汇总", "A2", "显示格式 General", "显示格式 General（白字）")),
        (on("汇总", "A2", "comment", None), (Kind.AROUND, "汇总", "A2 批注", "为什么", "（无）")),
        (on("汇总", "A1", "hyperlink", Hyperlink(ref="A1", location="'汇总'!A1")),
         (Kind.AROUND, "汇总", "A1 链接", "明细!A1", "汇总!A1")),
        (lambda book: book["汇总"].unmerge_cells("C1:D1"), (Kind.AROUND, "汇总", "C1:D1", "合并", "未合并")),
        (footer, (Kind.AROUND, "汇总", "页眉页脚", "第&P页", "第&P页共1页")),
        (name, (Kind.AROUND, "", "名称 _净额", "汇总!$A$2", "明细!$A$1")),
        (reorder, (Kind.AROUND, "", "", "工作表的次序", "次序已变")),
    ],
)  # fmt: skip
def test_one_change_is_one_difference(change: Change, told: tuple[object, ...]) -> None:
    assert [tuple(each) for each in found(change)] == [told]


def test_what_is_hidden_is_told_and_still_compared() -> None:
    assert [tuple(each) for each in found(hide)] == [
        (Kind.HIDDEN, "汇总", "2 行", "可见", "隐藏"),
        (Kind.HIDDEN, "汇总", "A 列", "可见", "隐藏"),
        (Kind.HIDDEN, "明细", "", "可见", "深度隐藏"),
    ]


def test_a_renamed_sheet_is_one_gone_and_one_added() -> None:
    told = [(each.kind, each.sheet, each.now) for each in found(rename) if not each.cell]
    assert told == [(Kind.CHANGED, "明细", "已删去"), (Kind.CHANGED, "细目", "新加的工作表")]


@pytest.mark.parametrize(
    ("member", "content", "what"),
    [
        ("xl/vbaProject.bin", b"x", "宏"),
        ("xl/media/image1.png", b"x", "图片"),
        ("xl/embeddings/a.bin", b"x", "嵌入的对象或控件"),
        ("xl/externalLinks/externalLink9.xml", b"<x/>", "指向其他工作簿的链接"),
        ("xl/drawings/drawing9.xml", b"<xdr:wsDr><xdr:sp macro=''></xdr:sp></xdr:wsDr>", "盖在表上的图形、文本框"),
    ],
)
def test_what_is_carried_along_is_named(member: str, content: bytes, what: str) -> None:
    data = saved(small())
    more = io.BytesIO(data)
    with zipfile.ZipFile(more, "a") as archive:
        archive.writestr(member, content)
    assert differences(read_book(data, "前"), read_book(more.getvalue(), "后")) == [
        Difference(Kind.AROUND, "", "", "（无）", what)
    ]


def results(value: str) -> bytes:
    """The small workbook as a program that computes saved it, with `value` stored for the formula."""
    with zipfile.ZipFile(io.BytesIO(saved(small()))) as archive:
        contents = {each: archive.read(each) for each in archive.namelist()}
    sheet = contents["xl/worksheets/sheet1.xml"].decode()
    assert "<v />" in sheet or "<v/>" in sheet
    contents["xl/worksheets/sheet1.xml"] = (
        sheet.replace("<v />", f"<v>{value}</v>").replace("<v/>", f"<v>{value}</v>").encode()
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each, content in contents.items():
            archive.writestr(each, content)
    return out.getvalue()


def test_results_behind_untouched_formulas_are_compared() -> None:
    before = read_book(results("5.250000000000001"), "前")
    assert differences(before, read_book(results("5.25"), "后")) == []
    (changed,) = differences(before, read_book(results("5.26"), "后"))
    assert (changed.kind, changed.cell, changed.now) == (Kind.FOLLOWED, "A3", "5.26")
    (uncomputed,) = differences(before, read_book(saved(small()), "后"))
    assert (uncomputed.kind, uncomputed.cell) == (Kind.UNCOMPUTED, "A3")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("=IF('日均值'!B7>1, \"a 'b'\",2)", "=if(日均值!B7>1,\"a 'b'\",2)"),
        ("=_xlfn.CONCAT(A1)", "=CONCAT( A1 )"),
    ],
)
def test_formulas_are_the_same_however_they_are_written(one: str, other: str) -> None:
    assert plain_formula(one) == plain_formula(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('=IF(A1,"a b",1)', '=IF(A1,"ab",1)'),
        ("=A1+B1", "=A1-B1"),
        ("=$A$1", "=A1"),
        ('=IF(A1,"未定",1)', '=IF(A1,"未 定",1)'),
    ],
)
def test_formulas_that_differ_are_not_the_same(one: str, other: str) -> None:
    assert plain_formula(one) != plain_formula(other)


def test_numbers_are_the_same_as_far_as_programs_keep_them() -> None:
    assert same(5.706666666666667, 5.70666666666667)
    assert not same(5.7066666666, 5.7066666667)
    assert not same(80_000_000.00, 80_000_000.01)
    assert not same(1, True)
    assert not same(None, 0)
    assert same("未定", "未定")


def test_what_is_no_workbook_is_refused() -> None:
    with pytest.raises(InputError, match="已损坏"):
        read_book(saved(small())[:900], "残.xlsx")
    with pytest.raises(InputError):
        read_book(b"hello", "文本.xlsx")
