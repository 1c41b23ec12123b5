"""A table of treasury slips, row by row; every fault told with its row."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from compensation.application.booking import Hand
from compensation.application.reading_book import fen_from
from compensation.errors import Fault, InputError
from compensation.ledger.payments import Payment
from compensation.monitoring.cells import open_source

_NEEDED = ("拨付单", "凭证号", "日期", "金额(元)")
_OPTIONAL = ("付款方", "收款方", "说明")


def read_slips(path: Path, hand: Hand, codes: Mapping[str, str], *, refund: bool = False) -> list[Payment]:
    """The payments of the first table of a file, recorded by `hand`; InputError with every faulty row."""
    source = open_source(path)
    rows = next(source.tables).rows
    columns: dict[str, int] = {}
    found: list[Payment] = []
    faults: list[Fault] = []
    for number, cells in rows:
        texts = [cell.strip() for cell in cells]
        if not any(texts):
            continue
        if not columns:
            columns = _columns(source.name, texts)
            continue
        row = {name: texts[at] if at < len(texts) else "" for name, at in columns.items()}
        try:
            found.append(_payment(f"《{source.name}》第 {number} 行", row, hand, codes, refund=refund))
        except InputError as error:
            faults += error.faults
    if not found and not faults:
        faults.append(Fault(f"《{source.name}》", "没有任何凭证", "表是空的", "填写后重新登记"))
    if faults:
        raise InputError(faults)
    return found


def _columns(name: str, texts: list[str]) -> dict[str, int]:
    heads = [text.replace("（", "(").replace("）", ")").replace(" ", "") for text in texts]
    lacking = [each for each in _NEEDED if each not in heads]
    if lacking:
        why = f"缺少列 {'、'.join(lacking)}"
        raise InputError(Fault(f"《{name}》", "没有认出表头", why, f"第一行写明 {'、'.join((*_NEEDED, *_OPTIONAL))}"))
    return {head: at for at, head in enumerate(heads) if head in (*_NEEDED, *_OPTIONAL)}


def _payment(where: str, row: Mapping[str, str], hand: Hand, codes: Mapping[str, str], *, refund: bool) -> Payment:
    try:
        day = date.fromisoformat(row["日期"].replace("/", "-")[:10])
    except ValueError as error:
        fault = Fault(where, f"日期“{row['日期']}”不能采用", "须写成 2027-04-12 的形式", "更正后重新登记")
        raise InputError(fault) from error
    payer, payee = (codes.get(row.get(name, ""), row.get(name, "")) for name in ("付款方", "收款方"))
    return Payment(
        row["凭证号"],
        row["拨付单"],
        day,
        fen_from(row["金额(元)"], where),
        hand.made_by,
        hand.document,
        row.get("说明") or hand.reason,
        refund,
        payer,
        payee,
    )
