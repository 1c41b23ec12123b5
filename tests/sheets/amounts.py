"""Every amount of a settlement, and the cell in which a recalculated workbook has it."""

from office import Value

from compensation.expression import Missing, Quantity
from compensation.settlement.settle import Settlement
from compensation.sheets.workbook import lay_out
from rules.outcome import Outcome


def wrong_amounts(settlement: Settlement, cells: dict[tuple[str, str], Value]) -> tuple[list[object], int]:
    """The amounts that the cells do not have to the fen, or that have no cell; and how many were looked at."""
    plan = lay_out(settlement)[0].plan
    wrong: list[object] = []
    checked = 0
    for node in amounts_of(settlement.outcome):
        home = plan.home(node)
        if home is None:
            wrong += [] if node.op == "constant" else [(node.op, node.label)]
            continue
        expected = "未定" if isinstance(node.value, Missing) else int(node.value * 100)
        if fen(cells[home.sheet, home.local]) != expected:
            wrong.append((node.label, home, expected))
        checked += 1
    return wrong, checked


def fen(value: object) -> object:
    """An amount in fen; a text as it is."""
    return round(value * 100) if isinstance(value, int | float) else value


def amounts_of(outcome: Outcome) -> list[Quantity]:
    """The amounts of charges, lines, positions and payments."""
    nodes: list[Quantity | None] = []
    for charge in outcome.charges:
        nodes += [charge.amount, *(line.amount for line in charge.lines)]
    for position in outcome.positions.values():
        for name in ("payable", "receivable", "net", "credited", "debited", "net_after_credit", "cut", "final"):
            nodes.append(getattr(position, name))
        nodes += [position.advanced, position.clearing]
    for transfers in (outcome.transfers, outcome.advances, outcome.clearing, outcome.next_advances):
        nodes += [each.amount for each in transfers]
    return [node for node in nodes if node is not None]
