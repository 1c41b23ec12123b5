"""In what a workbook that came back differs from the one that was written, cell by cell, and what each means."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple, TypeGuard

from compensation.sheets.returned import Book, Leaf, Look, Result, plain_formula

_SAME_TO = 1e-12  # programs keep 15 digits; of the largest amount here this is a hundredth of a fen
_SMALLEST = 1e-3
_NOTHING = Look("", None, "", "", "", opened=False)
_STATES = {"visible": "可见", "hidden": "隐藏", "veryHidden": "深度隐藏"}


class Kind(StrEnum):
    """What a difference means."""

    CHANGED = "改动"
    FILLED = "填写"  # in a cell that is there to be filled
    FOLLOWED = "随之变化"  # the formula is untouched, what it comes to is not
    UNCOMPUTED = "未存结果"  # the formula is untouched, and was saved by a program that computes nothing
    HIDDEN = "隐藏"
    AROUND = "附属内容"  # comments, links, names, page headers, macros, pictures


class Difference(NamedTuple):
    """One thing that stood there before and now; `cell` is empty for a whole sheet or workbook."""

    kind: Kind
    sheet: str
    cell: str
    before: str
    now: str


def differences(written: Book, returned: Book) -> list[Difference]:
    """Everything in which the two differ, sheets in the order they were written, cells by row."""
    found: list[Difference] = []
    for name, sheet in written.sheets.items():
        if name not in returned.sheets:
            found.append(Difference(Kind.CHANGED, name, "", "工作表", "已删去"))
            continue
        found += _sheet(name, sheet, returned.sheets[name])
    for name in returned.sheets:
        if name not in written.sheets:
            found.append(Difference(Kind.CHANGED, name, "", "无此工作表", "新加的工作表"))
    common = [name for name in returned.sheets if name in written.sheets]
    if common != [name for name in written.sheets if name in returned.sheets]:
        found.append(Difference(Kind.AROUND, "", "", "工作表的次序", "次序已变"))
    for name in sorted(written.names.keys() | returned.names.keys()):
        before, now = written.names.get(name, ""), returned.names.get(name, "")
        if before != now:
            found.append(Difference(Kind.AROUND, "", f"名称 {name}", before or "（无）", now or "（无）"))
    for what in sorted(returned.foreign - written.foreign):
        found.append(Difference(Kind.AROUND, "", "", "（无）", what))
    return found


def _sheet(name: str, before: Leaf, now: Leaf) -> Iterator[Difference]:
    if before.state != now.state:
        yield Difference(Kind.HIDDEN, name, "", *(_STATES.get(each.state, each.state) for each in (before, now)))
    for what in sorted(before.hidden ^ now.hidden):
        shown = ("隐藏", "可见") if what in before.hidden else ("可见", "隐藏")
        yield Difference(Kind.HIDDEN, name, what, *shown)
    for what in sorted(before.merged ^ now.merged):
        merged = ("合并", "未合并") if what in before.merged else ("未合并", "合并")
        yield Difference(Kind.AROUND, name, what, *merged)
    if before.margins != now.margins:
        yield Difference(Kind.AROUND, name, "页眉页脚", before.margins or "（空）", now.margins or "（空）")
    for cell in sorted(before.cells.keys() | now.cells.keys(), key=_place):
        yield from _cell(name, cell, before.cells.get(cell, _NOTHING), now.cells.get(cell, _NOTHING))


def _place(cell: str) -> tuple[int, int, str]:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]), len(letters), letters


def _cell(sheet: str, cell: str, before: Look, now: Look) -> Iterator[Difference]:
    same_formula = plain_formula(before.formula) == plain_formula(now.formula)
    if not same_formula or not same(before.value, now.value):
        if same_formula and before.formula:
            kind = Kind.UNCOMPUTED if now.value is None else Kind.FOLLOWED
            yield Difference(kind, sheet, cell, _told(before.value), _told(now.value))
        else:
            kind = Kind.FILLED if before.opened else Kind.CHANGED
            yield Difference(kind, sheet, cell, _content(before), _content(now))
    elif before.shown != now.shown and before.value is not None:
        yield Difference(Kind.CHANGED, sheet, cell, f"显示格式 {before.shown}", f"显示格式 {now.shown}")
    if before.comment != now.comment:
        yield Difference(Kind.AROUND, sheet, f"{cell} 批注", before.comment or "（无）", now.comment or "（无）")
    if before.link != now.link:
        yield Difference(Kind.AROUND, sheet, f"{cell} 链接", before.link or "（无）", now.link or "（无）")


def same(one: Result, other: Result) -> bool:
    """Whether two results are the same: numbers as far as programs keep them, texts to the letter."""
    if _is_number(one) and _is_number(other):
        return one == other or abs(one - other) <= _SAME_TO * max(abs(one), abs(other), _SMALLEST)
    return type(one) is type(other) and one == other


def _is_number(value: Result) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _content(look: Look) -> str:
    value = _told(look.value)
    if not look.formula:
        return value
    return look.formula if look.value is None else f"{look.formula}（＝ {value}）"


def _told(value: Result) -> str:
    return "（空）" if value is None else str(value)
