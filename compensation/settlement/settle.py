"""Settling: an agreement over evidence for a period, as one immutable record with a digest that pins all of it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from compensation import __version__
from compensation.errors import Fault, InputError, IntegrityError
from compensation.expression import Key, Missing, MissingItem, Quantity
from compensation.money import fen_of
from compensation.settlement.evidence import Decided, Gathered, Omission
from rules.agreement import POOL, Agreement, Period, period_name
from rules.case import Case
from rules.evaluate import evaluate
from rules.outcome import Excluded, Outcome

DIGEST_SCHEMA = 1


class Mode(StrEnum):
    """What a result may be used for."""

    FINAL = "final"  # 结算
    PROVISIONAL = "provisional"  # 暂算: over the months there are
    BACKTEST = "backtest"  # 回测: a period outside the term, for comparison only
    PROVISIONAL_BACKTEST = "provisional_backtest"  # 回测（暂算）

    @property
    def provisional(self) -> bool:
        """Whether missing months are left out."""
        return self in (Mode.PROVISIONAL, Mode.PROVISIONAL_BACKTEST)

    @property
    def label(self) -> str:
        """What every page says; empty for a settlement proper."""
        return {"final": "", "provisional": "暂算", "backtest": "回测", "provisional_backtest": "回测·暂算"}[self.value]


class SourceFile(NamedTuple):
    """A file that readings came from; its rows = taken + identical to what was there + quarantined + left out."""

    name: str
    sha256: str
    rows: int = 0
    taken: int = 0
    identical: int = 0
    quarantined: int = 0
    left_out: int = 0


@dataclass(frozen=True)
class Settlement:
    """A settlement (结算): what was computed, from what, and the digest of both."""

    case: Case
    outcome: Outcome
    mode: Mode
    omissions: tuple[Omission, ...]
    sources: tuple[SourceFile, ...]
    engine_version: str
    digest: str
    decided: tuple[Decided, ...] = ()

    @property
    def agreement(self) -> Agreement:
        """The agreement settled under."""
        return self.case.agreement

    @property
    def number(self) -> str:
        """结算编号, from the agreement, the period and the digest."""
        first, last = self.case.period.first, self.case.period.last
        span = f"{first:%Y}" if self.case.period.name.endswith("年") else f"{first:%Y%m%d}-{last:%Y%m%d}"
        return f"{self.agreement.key}-{span}-{self.digest[:8]}"

    @property
    def missing(self) -> tuple[MissingItem, ...]:
        """Everything the result lacks; empty when every amount is determined."""
        items: set[MissingItem] = set()
        for amount in _amounts(self.outcome):
            if isinstance(amount.value, Missing):
                items |= amount.value.items
        return tuple(sorted(items))


def period_of(agreement: Agreement, first: date, last: date, *, backtest: bool) -> Period:
    """The period from `first` to `last`; InputError when it is no period, or outside the term and not a backtest."""
    if first > last:
        raise InputError(Fault("结算期间", f"起日 {first} 晚于止日 {last}", "期间颠倒", "更正 --from 和 --to"))
    if not backtest and (first < agreement.first or last > agreement.last):
        raise InputError(
            Fault(
                "结算期间",
                f"{first} 至 {last} 不在协议期限内",
                f"《{agreement.title}》期限为 {agreement.first} 至 {agreement.last}",
                "结算协议期限内的年度；若只为比较，用 --backtest",
            )
        )
    money = agreement.money
    if (
        not backtest
        and first.year != last.year
        and (money.net_payment_limit or money.credit_share or money.advance_share)
    ):
        raise InputError(
            Fault("结算期间", "跨年度", "协议的限额、抵扣和预拨按年度计算", "逐年结算，如 compensation settle 2026")
        )
    return Period(first, last, period_name(first, last))


def figures_as_of(agreement: Agreement, first: date) -> date:
    """The day as of which figures are taken for a period from `first`; outside the term, the first day of the term."""
    return first if agreement.first <= first <= agreement.last else agreement.first


def settle(
    agreement: Agreement,
    period: Period,
    gathered: Gathered,
    mode: Mode,
    sources: tuple[SourceFile, ...] = (),
) -> Settlement:
    """Compute the settlement. Pure: the same arguments give the same record, to the digest.

    A backtest takes the agreement's figures as of the first day of its term. IntegrityError when money is not
    conserved, which no agreement and no data may cause.
    """
    case = Case(
        agreement,
        gathered.evidence,
        period,
        figures_as_of(agreement, period.first),
        provisional=mode.provisional,
        needs_whole_years=mode is Mode.FINAL,
    )
    outcome = evaluate(case)
    _assert_conserved(outcome)
    digest = hashlib.sha256(canonical(case, outcome, mode, __version__).encode()).hexdigest()
    return Settlement(case, outcome, mode, gathered.omissions, sources, __version__, digest, gathered.decided)


def canonical(case: Case, outcome: Outcome, mode: Mode, version: str) -> str:
    """What the digest is taken of: agreement, version, period, every leaf value and every amount, as sorted JSON."""
    content = {
        "schema": DIGEST_SCHEMA,
        "agreement": case.agreement.sha256,
        "version": version,
        "mode": mode.value,
        "period": [case.period.first.isoformat(), case.period.last.isoformat(), case.as_of.isoformat()],
        "leaves": {"/".join(key): text(leaf) for key, leaf in sorted(leaves(outcome).items())},
        "lines": [[x.clause, x.section, x.period, x.payer, x.payee, text(x.amount)] for x in outcome.lines],
        "positions": {code: text(position.final) for code, position in outcome.positions.items()},
        "clearing": [[x.payer, x.payee, text(x.amount)] for x in outcome.clearing],
        "excluded": [list(x) for x in map(_excluded_text, outcome.excluded)],
    }
    if outcome.fund is not None:
        content["fund"] = text(outcome.fund.closing)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _excluded_text(excluded: Excluded) -> tuple[str, str, str, str]:
    return excluded.section, excluded.period, excluded.reason, excluded.document


def text(node: Quantity) -> str:
    """A value as the digest writes it: an exact fraction, or 未定."""
    return "未定" if isinstance(node.value, Missing) else str(node.value)


def leaves(outcome: Outcome) -> dict[Key, Quantity]:
    """Every leaf below the amounts of an outcome, by key."""
    found: dict[Key, Quantity] = {}
    seen: set[Quantity] = set()
    stack: list[Quantity] = list(_amounts(outcome))
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.key is not None:
            found[node.key] = node
        stack.extend(node.args)
    return found


def _amounts(outcome: Outcome) -> Iterator[Quantity]:
    for charge in outcome.charges:
        yield charge.amount
        yield from charge.measures
    for line in outcome.lines:
        yield line.amount
    for position in outcome.positions.values():
        yield position.final
        yield position.clearing
    for transfers in (outcome.transfers, outcome.advances, outcome.clearing, outcome.next_advances):
        for transfer in transfers:
            yield transfer.amount
    if outcome.fund is not None:
        yield outcome.fund.closing


def _assert_conserved(outcome: Outcome) -> None:
    """Conservation to the fen: each charge equals its lines, the pool empties, positions and clearing sum to zero."""
    broken = [what for what, amount in differences(outcome) if amount != 0]
    if broken:
        raise IntegrityError(
            [Fault(what, "资金不守恒", "各分项之和与总额不等", "停止使用，并报告本软件维护者") for what in broken]
        )


def differences(outcome: Outcome) -> Iterator[tuple[str, int]]:
    """Every sum that must be zero (勾稽), in fen; what is 未定 is not checked."""
    for name, nodes in _balances(outcome):
        amounts = [node.value if sign > 0 else -node.value for sign, node in nodes if isinstance(node.value, Fraction)]
        if len(amounts) == len(nodes):
            yield name, sum(map(fen_of, amounts))


def _balances(outcome: Outcome) -> Iterator[tuple[str, list[tuple[int, Quantity]]]]:
    for charge in outcome.charges:
        parts = [(-1, line.amount) for line in charge.lines] + [(-1, part) for part in charge.kept]
        yield f"{charge.clause.number} {charge.subject}", [(1, charge.amount), *parts]
    pool: list[tuple[int, Quantity]] = []
    for line in outcome.lines:
        if line.payee == POOL:
            pool.append((1, line.amount))
        if line.payer == POOL:
            pool.append((-1, line.amount))
    if outcome.fund is not None:
        pool.append((-1, outcome.positions[POOL].net))
    yield "共同资金收支", pool
    for what in ("net", "net_after_credit", "final", "clearing"):
        yield f"各方合计（{what}）", [(1, getattr(position, what)) for position in outcome.positions.values()]
    for what, transfers, attribute in (
        ("本年度支付", outcome.transfers, "final"),
        ("清算支付", outcome.clearing, "clearing"),
    ):
        for code, position in outcome.positions.items():
            flows: list[tuple[int, Quantity]] = [(-1, getattr(position, attribute))]
            flows += [(1, each.amount) for each in transfers if each.payee == code]
            flows += [(-1, each.amount) for each in transfers if each.payer == code]
            yield f"{what}与净额（{code}）", flows


def as_data(settlement: Settlement) -> dict[str, Any]:
    """The settlement as plain data (amounts in fen, None for 未定), for storage and for other programs."""

    def fen(node: Quantity) -> int | None:
        return None if isinstance(node.value, Missing) else fen_of(node.value)

    outcome = settlement.outcome
    return {
        "schema": DIGEST_SCHEMA,
        "number": settlement.number,
        "digest": settlement.digest,
        "mode": settlement.mode.value,
        "lines": [[x.clause, x.section, x.period, x.payer, x.payee, fen(x.amount)] for x in outcome.lines],
        "final": {code: fen(position.final) for code, position in outcome.positions.items()},
        "transfers": [[x.payer, x.payee, fen(x.amount)] for x in outcome.transfers],
        "clearing": [[x.payer, x.payee, fen(x.amount)] for x in outcome.clearing],
        "credited": {code: fen(x.credited) for code, x in outcome.positions.items() if x.credited is not None},
        "debited": {code: fen(x.debited) for code, x in outcome.positions.items() if x.debited is not None},
        "cut": {code: fen(x.cut) for code, x in outcome.positions.items() if x.cut is not None},
        "advances": [[x.payer, x.payee, fen(x.amount)] for x in outcome.advances],
        "next_advances": [[x.payer, x.payee, fen(x.amount)] for x in outcome.next_advances],
        "charged": [
            [x.clause.key, x.backward, fen(amount), x.section, x.indicator, party]
            for x in outcome.charges
            if x.clause.kind == "charge"
            for party, amount in {"": x.amount, **x.borne}.items()
        ],
        "fund": [] if outcome.fund is None else [outcome.fund.clause.key, fen(outcome.fund.closing)],
        "missing": [list(item) for item in settlement.missing],
    }
