"""Who pays whom: a charge split over payers and payees, and net positions turned into payments."""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, product
from typing import NamedTuple

from compensation.expression import FEN, YUAN, Quantity, choose, constant, leaf, maximum, minimum, missing, total
from compensation.expression.allocation import allocate
from rules.agreement import POOL, Clause, Period, Section
from rules.case import Case
from rules.outcome import Line, Transfer

ZERO_YUAN = constant(0, YUAN)
ARROW = "→"


def side(case: Case, section: Section, name: str, period: Period) -> dict[str, Quantity]:
    """The weights of the section's `upstream` or `downstream` parties."""
    return case.weights(section.upstream if name == "upstream" else section.downstream, period)


def clause_side(
    case: Case, clause: Clause, role: str, section: Section, period: Period, factor: str | None
) -> dict[str, Quantity]:
    """The weights of a clause's `payer` or `payee`: a side of the section, the parties the clause names, or the fund.

    A clause may give contribution rates (分担系数) of its own for the upstream side, by section and indicator.
    """
    name = clause.payer if role == "payer" else clause.payee
    if name == POOL:
        return {POOL: constant(1)}
    if name == "parties":
        return case.weights(clause.parties[role], period)
    own = clause.shares.get(f"{section.code}.{factor}") if name == "upstream" else None
    return side(case, section, name, period) if own is None else case.weights(own, period)


class Paid(NamedTuple):
    """The lines of a split amount, and what parties on both sides keep to themselves."""

    lines: tuple[Line, ...]
    kept: tuple[Quantity, ...]


def pay(
    case: Case,
    clause: Clause,
    section: Section,
    period: Period,
    amount: Quantity,
    payers: Mapping[str, Quantity],
    payees: Mapping[str, Quantity],
) -> Paid:
    """Split `amount` (元, to the fen) over every payer and payee by their shares (第八条: largest remainder).

    The share of a pair is the product of its two shares. A party that stands on both sides keeps its own part: it is
    not paid, and no line says that a party pays itself.
    """
    label = f"{clause.number} {section.name} {period.name} 分担"
    if len(payees) == 1:
        weights = dict(payers)
        pairs = {code: (code, next(iter(payees))) for code in payers}
    elif len(payers) == 1:
        weights = dict(payees)
        pairs = {code: (next(iter(payers)), code) for code in payees}
    elif not (_certain(payers) and _certain(payees)):
        # the product of two weights that are volumes is beyond what a spreadsheet multiplies exactly
        return pay_by_party(case, clause, section, period, amount, payers, payees, "payer", label, _whole)[1]
    else:
        pairs = {f"{payer}{ARROW}{payee}": (payer, payee) for payer, payee in product(sorted(payers), sorted(payees))}
        weights = {name: payers[payer] * payees[payee] for name, (payer, payee) in pairs.items()}
    parts = split(case, amount, weights, label)
    return Paid(
        tuple(
            Line(clause.number, section.code, period.name, *pair, _called(case, clause, *pair, parts[name]))
            for name, pair in pairs.items()
            if pair[0] != pair[1]
        ),
        tuple(parts[name] for name, (payer, payee) in pairs.items() if payer == payee),
    )


def pay_by_party(
    case: Case,
    clause: Clause,
    section: Section,
    period: Period,
    amount: Quantity,
    payers: Mapping[str, Quantity],
    payees: Mapping[str, Quantity],
    side: str,
    label: str,
    cut: Callable[[str, Quantity], Quantity],
) -> tuple[Quantity, Paid]:
    """Split `amount` over the parties of one side (payer or payee), and what `cut` leaves of each part over the other.

    Returns what is charged in the end, and how it is paid.
    """
    lines: list[Line] = []
    kept: list[Quantity] = []
    moved: list[Quantity] = []
    own = payers if side == "payer" else payees
    for party, part in split(case, amount, own, label).items():
        taken = cut(party, part)
        alone = {party: constant(1)}
        sides = (alone, payees) if side == "payer" else (payers, alone)
        paid = pay(case, clause, section, period, taken, *sides)
        moved.append(taken)
        lines += paid.lines
        kept += paid.kept
    return total(moved).whole_fen(), Paid(tuple(lines), tuple(kept))


def _whole(_: str, part: Quantity) -> Quantity:
    return part


def _certain(weights: Mapping[str, Quantity]) -> bool:
    return all(weight.certain for weight in weights.values())


def split(case: Case, amount: Quantity, weights: Mapping[str, Quantity], label: str) -> dict[str, Quantity]:
    """`amount` by largest remainder; for nothing, weights that are evidence (水量) are not asked for.

    A key is a party's code, or two of them, payer and payee, joined by an arrow.
    """
    if not _certain(weights):
        owed = amount > ZERO_YUAN
        weights = {code: choose(owed, weight, constant(0)) for code, weight in weights.items()}

    def called(key: str) -> str:
        return ARROW.join(map(case.agreement.short, key.split(ARROW)))

    return allocate(amount, weights, label, case.agreement.money.rounding_clause, called)


def sharable(amount: Quantity, name: str, *sides: Mapping[str, Quantity]) -> Quantity:
    """`amount`; 未定 when it is not nothing and the water that it is shared by is missing, or none at all."""
    for weights in sides:
        if not _certain(weights):
            what = missing("各方水量合计为 0，不能按水量分担", period=name)
            lacking = leaf(("no_water", name), what, amount.unit, f"{name}：按水量分担", "")
            shared = choose(total(list(weights.values())) > constant(0), amount, lacking)
            amount = choose(amount > ZERO_YUAN, shared, amount)
    return amount


def _called(case: Case, clause: Clause, payer: str, payee: str, amount: Quantity) -> Quantity:
    label = f"{case.agreement.short(payer)}付{case.agreement.short(payee)}"
    return amount.named(f"{clause.number} {label}", case.agreement.money.rounding_clause)


def settle_positions(case: Case, finals: Mapping[str, Quantity], what: str, clause: str) -> tuple[Transfer, ...]:
    """Payments that bring every net position to zero (轧差).

    Net payers and net receivers are each laid out along one line, in the order of their GB/T 2260 codes; where the
    stretch of a payer overlaps that of a receiver, the one pays the other. No money is made or lost, and among three
    parties this is the only way there is.
    """
    codes = sorted(finals)
    owed = [maximum([ZERO_YUAN - finals[code], ZERO_YUAN]) for code in codes]
    due = [maximum([finals[code], ZERO_YUAN]) for code in codes]
    names = [case.agreement.short(code) for code in codes]
    owed_to = _running(owed, [f"{what}：{name}及以前各方净应付累计" for name in names], clause)
    due_to = _running(due, [f"{what}：{name}及以前各方净应收累计" for name in names], clause)
    transfers = []
    for i, j in product(range(len(codes)), repeat=2):
        if i == j:
            continue
        end = minimum([owed_to[i + 1], due_to[j + 1]])
        start = maximum([owed_to[i], due_to[j]])
        amount = maximum([end - start, ZERO_YUAN]).whole_fen()
        transfers.append(Transfer(codes[i], codes[j], amount.named(f"{what}：{names[i]}付{names[j]}", clause)))
    return tuple(transfers)


def _running(parts: Sequence[Quantity], labels: Sequence[str], clause: str) -> list[Quantity]:
    sums = accumulate(parts, lambda above, part: (above + part).whole_fen())
    return [ZERO_YUAN, *(each.named(label, clause) for each, label in zip(sums, labels, strict=True))]


def flow(lines: Sequence[Line], party: str) -> tuple[Quantity, Quantity]:
    """What `party` has to pay and to receive over all lines, 元."""
    paid = [line.amount for line in lines if line.payer == party]
    received = [line.amount for line in lines if line.payee == party]
    return _sum(paid), _sum(received)


def at_most_fen(bound: Quantity) -> Quantity:
    """A bound in 元, down to the whole fen: what is paid is whole fen, and must not exceed it by a part of one."""
    return bound.to(FEN).floor().to(YUAN)


def at_least_fen(bound: Quantity) -> Quantity:
    """A bound in 元, up to the whole fen: what is paid is whole fen, and must not fall short of it."""
    return bound.to(FEN).ceil().to(YUAN)


def _sum(parts: Sequence[Quantity]) -> Quantity:
    return total(parts).whole_fen() if parts else ZERO_YUAN
