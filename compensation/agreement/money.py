"""The limits and payment arrangements of an agreement file."""

from yaml.nodes import Node

from compensation.agreement.document import Document, Fields
from compensation.agreement.figures import Bounds, Figures
from rules.agreement import Money, Parameter


def read_money(document: Document, figures: Figures, node: Node) -> Money:
    """The `money` part: rounding and split by name; credit, limit, advance and objection days where there are any."""
    fields = document.keys(node, "rounding", "credit limit advance objection_days netting", of="money")
    rounding = document.keys(fields["rounding"], "clause line split", of="rounding")
    rounding.one_of("line", ("half_up_to_fen",))
    rounding.one_of("split", ("largest_remainder",))

    def figure(key: str, name: str, label: str, kind: str, bounds: Bounds) -> tuple[Parameter | None, str]:
        return _figure(document, figures, fields, (key, name, label, kind), bounds)

    share, amount, count = Bounds(0, 1), Bounds(0, None), Bounds(0, None, whole=True)
    credit, credit_clause = figure("credit", "share", "多元化抵扣比例上限", "", share)
    limit, limit_clause = figure("limit", "net_payment", "年度净支付限额", "元", amount)
    advance, advance_clause = figure("advance", "share", "预拨比例", "", share)
    days, _ = figure("objection_days", "days", "异议期限（工作日）", "", count)
    clause, netting = rounding.text("clause"), fields.one_of("netting", ("multilateral", "bilateral"))
    return Money(credit, credit_clause, limit, limit_clause, advance, advance_clause, days, clause, netting)


def _figure(
    document: Document, figures: Figures, fields: Fields, what: tuple[str, str, str, str], bounds: Bounds
) -> tuple[Parameter | None, str]:
    key, name, label, kind = what
    if key not in fields:
        return None, ""
    inner = document.keys(fields[key], f"clause {name}", of=key)
    clause = inner.text("clause")
    return figures.figure(inner[name], f"money.{key}.{name}", f"{clause} {label}", kind, bounds), clause
