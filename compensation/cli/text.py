"""How things look in a terminal: tables with Chinese columns aligned, amounts with their words."""

from collections.abc import Sequence

from compensation import store
from compensation.errors import Fault, InputError
from compensation.expression import Missing, Quantity
from compensation.money import fen_of, uppercase, wan_yuan_text, yuan_text


def table(headers: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[int] = ()) -> str:
    """A plain table; the columns numbered in `right` are aligned to the right."""
    from tabulate import tabulate  # noqa: PLC0415  looks up all packages there are when it loads, and few answers are tables

    align = ["right" if at in right else "left" for at in range(len(headers))]
    return tabulate(
        [[str(cell) for cell in row] for row in rows],
        headers=list(headers),
        tablefmt="simple",
        disable_numparse=True,
        colalign=align if rows else None,
    )


def yuan(amount: Quantity) -> str:
    """An amount in 元, - for nothing, 未定 when it is missing."""
    if isinstance(amount.value, Missing):
        return "未定"
    fen = fen_of(amount.value)
    return yuan_text(fen) if fen else "-"


def words(amount: Quantity) -> str:
    """An amount in 元, in 万元 and in uppercase."""
    if isinstance(amount.value, Missing):
        return "未定"
    fen = fen_of(amount.value)
    return f"{yuan_text(fen)} 元（{wan_yuan_text(fen)} 万元）{uppercase(fen)}"


def ruling(what: str, by: str, reason: str, document: str) -> "store.Ruling":
    """Who decides, why, and on what document; InputError when nobody or no reason is named."""
    if not by.strip() or not reason.strip():
        raise InputError(Fault(what, f"{what}人或理由是空的", f"{what}要能追究到人和理由", "填写 --by 和 --why"))
    return store.Ruling(by.strip(), reason.strip(), document.strip())
