"""Payment papers of a final settlement: a 拨款通知 for each payment order, a 清算函 for each pair that pays.

What no settlement can know (accounts, document numbers, the receiver's split) comes from a details file (单据资料)::

    parties:
      苏:
        payee: ……             # 收款人全称
        account: "……"         # 账号, in quotes
        treasury: ……          # 开户国库（银行）
        use: ……               # 使用范围, as receiver
        funding: ……           # 资金渠道, as payer
        split:                # 收款方分配: whole-number shares
          - {to: ……, share: 3}
    orders:
      <拨付单号>: {document: ……, letter: ……, remark: ……}

What is not in it stays an empty box, and is said.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from compensation.application.booking import agreement_of, names_of, stored
from compensation.application.gathering import party_codes
from compensation.application.reading_book import orders
from compensation.application.settling import MADE_UP
from compensation.errors import Fault, InputError, os_reason
from compensation.expression import YUAN, constant
from compensation.expression.allocation import allocate
from compensation.ledger.payments import OrderState
from compensation.money import fen_of
from compensation.settlement.settle import Mode
from compensation.sheets import write_atomically
from compensation.sheets.cover import departments
from compensation.sheets.payment import Allotment, Line, Payee, PaymentPaper, letter_bytes, order_bytes
from compensation.store import Store, StoredSettlement
from rules.agreement import Agreement

_PARTY_KEYS = {"payee", "account", "treasury", "use", "funding", "split"}
_ORDER_KEYS = {"document", "letter", "remark"}


class Share(NamedTuple):
    """A line of a receiver's split: to whom, its whole-number share, remark."""

    to: str
    share: int
    remark: str


class PartyDetails(NamedTuple):
    """What a party says of itself for payments; empty where it has not."""

    account: Payee = Payee()
    use: str = ""
    funding: str = ""
    split: tuple[Share, ...] = ()


class OrderDetails(NamedTuple):
    """Document numbers of a payment order's papers: its own, and that of the other side's letter."""

    document: str = ""
    letter: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """The details file; parties by code."""

    parties: Mapping[str, PartyDetails] = field(default_factory=dict)
    orders: Mapping[str, OrderDetails] = field(default_factory=dict)

    def party(self, code: str) -> PartyDetails:
        """What is known of a party."""
        return self.parties.get(code, PartyDetails())

    def order(self, number: str) -> OrderDetails:
        """What is known of an order."""
        return self.orders.get(number, OrderDetails())


class Written(NamedTuple):
    """A paper that was written: where, its SHA-256, and which of its boxes are empty."""

    path: Path
    sha256: str
    empty: tuple[str, ...]


def write_papers(
    store: Store, number: str, folder: Path, details_file: Path | None, template: Path | None = None
) -> list[Written]:
    """Write the papers of every payment order of a settlement and note their SHA-256.

    InputError when the settlement has no orders, or with every fault of the details file; nothing is written then.
    """
    settlement = stored(store, number)
    found = orders(store, number)
    if not found:
        raise InputError(Fault(f"结算 {number}", "没有拨付单", "定案之后才有拨付单", "先执行 compensation finalise"))
    agreement = agreement_of(settlement.agreement_id, settlement.agreement_text)
    details = load_details(details_file, agreement, found) if details_file else Details()
    desk = _Desk(settlement, agreement, details, _made_up(store, settlement))
    papers = [(f"拨款通知_{each.order.number}", "payment_order", desk.order(each)) for each in found]
    papers += [
        (f"清算函_{number}_{desk.short[payee]}致{desk.short[payer]}", "clearing_letter", desk.letter(together))
        for (payer, payee), together in _by_pair(found).items()
    ]
    made = [
        (name, kind, paper, (order_bytes if kind == "payment_order" else letter_bytes)(paper, template))
        for name, kind, paper in papers
    ]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(Fault(f"文件夹 {folder}", "不能建立", os_reason(error), "换一个可写的文件夹")) from error
    written = []
    for name, kind, paper, content in made:
        path = folder / f"{name}.xlsx"
        sha256 = write_atomically(path, content)
        store.add_workbook(settlement.id, kind, path.name, sha256)
        written.append(Written(path, sha256, tuple(_empty(paper, kind))))
    return written


def _made_up(store: Store, settlement: StoredSettlement) -> bool:
    known = settlement.readings_known_through
    return any(MADE_UP in each.name for each in store.source_files() if each.imported_at <= known)


def _by_pair(found: Sequence[OrderState]) -> dict[tuple[str, str], list[OrderState]]:
    pairs: dict[tuple[str, str], list[OrderState]] = {}
    for each in found:
        pairs.setdefault((each.order.payer, each.order.payee), []).append(each)
    return pairs


def _empty(paper: PaymentPaper, kind: str) -> Iterator[str]:
    boxes = {
        "文号": paper.own_number,
        "收款人全称": paper.account.name,
        "收款账号": paper.account.account,
        "开户国库": paper.account.treasury,
        "使用范围": paper.use,
    }
    if kind == "payment_order":
        boxes |= {"对方清算函文号": paper.other_number, "资金渠道": paper.funding}
        boxes["收款方分配"] = "有" if paper.split else ""
    yield from (name for name, text in boxes.items() if not text)


class _Desk:
    """Papers of one settlement."""

    def __init__(self, settlement: StoredSettlement, agreement: Agreement, details: Details, made_up: bool) -> None:
        self.settlement, self.agreement, self.details = settlement, agreement, details
        self.short = names_of(settlement)
        self.mark = f"【{MADE_UP}】" if made_up else ""
        mode = Mode(settlement.mode).label
        drafted = ["协议草案试算"] if agreement.status != "signed" else []
        self.nature = "·".join([*drafted, *([mode] if mode else [])])

    def order(self, state: OrderState) -> PaymentPaper:
        """The payer's 拨款通知."""
        known = self.details.order(state.order.number)
        return self._paper([state], known.document, known.letter, known.remark)

    def letter(self, states: Sequence[OrderState]) -> PaymentPaper:
        """The payee's 清算函 for all that one party has to pay it; its number is what the orders cite."""
        known = [self.details.order(state.order.number) for state in states]
        numbers = list(dict.fromkeys(each.letter for each in known if each.letter))
        return self._paper(states, "、".join(numbers), "", "")

    def _paper(self, states: Sequence[OrderState], own: str, other: str, remark: str) -> PaymentPaper:
        first = states[0].order
        payer, payee = self.details.party(first.payer), self.details.party(first.payee)
        document = f"（{self.agreement.document}）" if self.agreement.document else ""
        lines = tuple(
            Line(
                state.order.number, state.order.kind.label, state.order.period, state.order.amount_fen, state.order.due
            )
            for state in states
        )
        return PaymentPaper(
            f"《{self.agreement.title}》{document}",
            self.nature,
            self.mark,
            self.settlement.number,
            self.settlement.digest,
            first.period,
            self.settlement.period_to,
            self._bureau(first.payer),
            self._bureau(first.payee),
            lines,
            own,
            other,
            payer.funding,
            payee.account,
            payee.use,
            _parts(payee.split, sum(line.amount_fen for line in lines)),
            remark,
        )

    def _bureau(self, code: str) -> str:
        for party in self.agreement.parties:
            if party.code == code:
                return departments(party)[0]
        return self.short[code]


def _parts(split: Sequence[Share], amount_fen: int) -> tuple[Allotment, ...]:
    """The amount over the receiver's own shares: largest remainder, ties to the larger share, then to the first."""
    if not split:
        return ()
    weights = {f"{at:04d}": constant(each.share) for at, each in enumerate(split)}
    shares = allocate(constant(Fraction(amount_fen, 100), YUAN), weights, "收款方分配", "")
    found = [shares[key].value for key in weights]
    return tuple(
        Allotment(each.to, fen_of(value), each.remark)
        for each, value in zip(split, found, strict=True)
        if isinstance(value, Fraction)
    )


def load_details(path: Path, agreement: Agreement, found: Sequence[OrderState]) -> Details:
    """Read a details file; InputError with every fault of it."""
    where = f"单据资料《{path.name}》"
    try:
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = os_reason(error) if isinstance(error, OSError) else "不是 UTF-8 编码的 YAML 文件"
        raise InputError(Fault(where, "读不出来", why, "核对路径和内容")) from error
    faults: list[Fault] = []

    def fault(what: str, why: str) -> None:
        faults.append(Fault(where, what, why, "对照使用手册的示例更正"))

    top = _keys(plain, {"parties", "orders"}, "文件", fault)
    codes, numbers = party_codes(agreement), {each.order.number for each in found}
    parties: dict[str, PartyDetails] = {}
    for name, given in _keys(top.get("parties") or {}, set(codes), "parties", fault).items():
        held = _keys(given or {}, _PARTY_KEYS, name, fault)
        text = {key: _text(held, key, name, fault) for key in _PARTY_KEYS - {"split"}}
        payee = Payee(text["payee"], text["account"], text["treasury"])
        split = tuple(_shares(held.get("split") or [], name, fault))
        parties[codes[name]] = PartyDetails(payee, text["use"], text["funding"], split)
    details: dict[str, OrderDetails] = {}
    for number, given in _keys(top.get("orders") or {}, numbers, "orders", fault).items():
        held = _keys(given or {}, _ORDER_KEYS, number, fault)
        details[number] = OrderDetails(**{key: _text(held, key, number, fault) for key in OrderDetails._fields})
    if faults:
        raise InputError(faults)
    return Details(parties, details)


def _keys(plain: Any, known: set[str], where: str, fault: Any) -> dict[str, Any]:
    if not isinstance(plain, dict):
        fault(f"{where} 不是“键: 值”的写法", f"写成了 {json.dumps(plain, ensure_ascii=False, default=str)[:40]}")
        return {}
    for key in plain:
        if key not in known:
            names = "、".join(sorted(known, key=lambda each: (each.isdigit(), each)))
            fault(f"{where} 中的“{key}”不认识", f"可用：{names}")
    return {key: value for key, value in plain.items() if key in known}


def _text(held: Mapping[str, Any], key: str, where: str, fault: Any) -> str:
    """A text; a number would have lost its leading zeros already, so it has to stand in quotes."""
    value = held.get(key)
    if value is not None and not isinstance(value, str):
        fault(f"{where} 的 {key} 不是文字", f"读成了 {value}；账号等数字须加引号，否则开头的 0 会丢")
        return ""
    return (value or "").strip()


def _shares(plain: Any, where: str, fault: Any) -> Iterator[Share]:
    for each in plain if isinstance(plain, list) else [plain]:
        held = _keys(each, {"to", "share", "remark"}, f"{where} 的 split", fault)
        share = held.get("share")
        if type(share) is not int or not 0 < share < 10**6 or not _text(held, "to", where, fault):
            fault(f"{where} 的 split 不全", "每行须有 to（分配单位）和 share（正整数权数）")
            continue
        yield Share(_text(held, "to", where, fault), share, _text(held, "remark", where, fault))
