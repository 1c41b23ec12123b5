"""The book for people and other programs: balances, statements, orders, CSV, beancount."""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from compensation.application.booking import agreement_of, names_of, stored
from compensation.errors import Fault, InputError
from compensation.ledger.beancount import beancount_text, yuan_plain
from compensation.ledger.payments import OrderState, order_states
from compensation.ledger.records import Account, AccountKind
from compensation.ledger.statement import Row, Statement, account_name, rows_of, statements, words
from compensation.ledger.workdays import Holiday, read_holidays
from compensation.monitoring.cells import open_source
from compensation.sheets import write_atomically
from compensation.store import Store
from rules.agreement import POOL, Agreement

CSV_HEAD = (
    "号", "笔", "日期", "结算", "种类", "条款", "断面", "期间", "科目", "金额（元）", "摘要", "凭证", "文号", "办理人",
    "说明", "哈希",
)  # fmt: skip
_YUAN = re.compile(r"(\d{1,14})(?:\.(\d{1,2}))?", re.ASCII)


class BookOfAgreement(NamedTuple):
    """Everything posted under one agreement."""

    title: str
    shorts: Mapping[str, str]
    sections: Mapping[str, str]
    rows: tuple[Row, ...]

    def balances(self, year: int | None = None) -> dict[Account, int]:
        """What each account holds in fen, at the end of a year or now."""
        held: dict[Account, int] = {}
        for row in self.rows:
            if year is None or row.day.year <= year:
                held[row.account] = held.get(row.account, 0) + row.amount_fen
        order = list(AccountKind)
        return dict(sorted(held.items(), key=lambda each: (order.index(each[0].kind), each[0])))

    def statements(self, party: str, year: int | None) -> tuple[Statement, ...]:
        """The accounts of a party, by any of its names; 共同资金 for the fund's."""
        codes = {name: code for code, short in self.shorts.items() for name in (code, short)} | {"共同资金": ""}
        if party not in codes:
            known = "、".join([*self.shorts.values(), "共同资金"])
            raise InputError(Fault("--party", f"“{party}”不是本协议的缔约方", f"可选：{known}", "更正 --party"))
        return statements(self.rows, codes[party], year)

    def csv_text(self) -> str:
        """Every posting as a row; with a mark that lets a spreadsheet program read Chinese."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(CSV_HEAD)
        for row in self.rows:
            texts = (row.clause, row.section, row.period, account_name(row.account, self.shorts))
            tail = (words(row, self.sections), row.slip, row.document, row.made_by, row.reason)
            head = (row.number, row.entry, row.day, row.settlement, row.kind.label)
            amount = yuan_plain(row.amount_fen)
            writer.writerow([*head, *map(_plain, texts), amount, *map(_plain, tail), row.hash])
        return "\ufeff" + out.getvalue()

    def beancount_text(self) -> str:
        """The book as a beancount file."""
        return beancount_text(self.rows, self.shorts, self.sections, self.title)


def _plain(text: str) -> str:
    """Text that the next program does not take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text


def read(store: Store, key: str | None) -> BookOfAgreement:
    """What is posted under the agreement `key`; without one, under the only agreement there is."""
    book = store.book()
    used = dict.fromkeys(book.heads[act.deed.settlement].agreement_id for act in book.acts if act.deed.entries)
    if not used:
        raise InputError(Fault("账簿", "还没有任何分录", "结算定案时才记账", "先执行 compensation finalise"))
    if key is None and len(used) > 1:
        raise InputError(Fault("账簿", "有几份协议的账", "、".join(used), "用 --agreement 指明哪一份"))
    key = key or next(iter(used))
    if key not in used:
        raise InputError(Fault("--agreement", f"没有“{key}”的账", f"有账的协议：{'、'.join(used)}", "更正 --agreement"))
    own = book.of_agreement(key)
    agreement = _agreement(store, own[-1].deed.settlement)
    return BookOfAgreement(
        f"{agreement.title}　账簿",
        {party.code: party.short for party in agreement.parties},
        {section.code: section.name for section in agreement.sections},
        tuple(rows_of(own)),
    )


def _agreement(store: Store, number: str) -> Agreement:
    settlement = stored(store, number)
    return agreement_of(settlement.agreement_id, settlement.agreement_text)


def orders(store: Store, number: str | None = None) -> list[OrderState]:
    """The payment orders, of one settlement or all, with what was paid on them."""
    if number is not None:
        stored(store, number)
    return [each for each in order_states(store.book().acts) if number in (None, each.settlement)]


def short_names(store: Store) -> dict[str, str]:
    """The short names of all parties that take part in the book, by code."""
    settlements = dict.fromkeys(act.deed.settlement for act in store.book().acts if act.deed.orders)
    return {code: name for number in settlements for code, name in names_of(stored(store, number)).items()}


def party_names(store: Store) -> dict[str, str]:
    """The codes of all parties that take part in the book, by every name they have."""
    settlements = dict.fromkeys(act.deed.settlement for act in store.book().acts if act.deed.orders)
    return {
        name: party.code
        for number in settlements
        for party in _agreement(store, number).parties
        for name in (party.code, party.short, party.name)
    } | {"基金": POOL}


def code_of(store: Store, name: str) -> str:
    """The code of a party by any of its names; the name itself when it is none, which a slip then does not match."""
    return party_names(store).get(name, name)


def fen_from(text: str, where: str) -> int:
    """The fen of an amount in 元 as people write it: 1,234.50; InputError for anything but at most two decimals."""
    found = _YUAN.fullmatch(text.strip().replace(",", "").replace("，", ""))
    if found is None:
        raise InputError(Fault(where, f"金额“{text}”不能采用", "须为以元为单位的数，最多两位小数", "照国库凭证填写"))
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def read_holiday_file(path: Path) -> tuple[Holiday, ...]:
    """The days of a holiday table in a workbook or text file."""
    source = open_source(path)
    return read_holidays(source.name, next(source.tables).rows)


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    write_atomically(path, text.encode())
