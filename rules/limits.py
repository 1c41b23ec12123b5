"""限额: what no party's net payment may exceed in a year, and whom the cut falls on."""

from collections.abc import Mapping

from compensation.expression import FEN, Quantity, constant, maximum, total
from compensation.expression.allocation import allocate
from rules.agreement import POOL
from rules.case import Case
from rules.transfers import ZERO_YUAN, at_most_fen


def cut_to_limit(case: Case, net: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """What the yearly limit changes in each net position, 元; the changes sum to zero.

    A payer above the limit is spared the excess; the excess is cut from the receivers in proportion to their net
    receipts, by largest remainder. A fund with an account of its own may be cut, but is no party that the limit spares.
    """
    limit = case.agreement.money.net_payment_limit
    if limit is None:
        return {}
    clause = case.agreement.money.limit_clause
    name = case.agreement.short
    most = at_most_fen(case.figure(limit))
    excess = {
        party: maximum([ZERO_YUAN - amount - most, ZERO_YUAN]).whole_fen().named(f"{name(party)} 超限额部分", clause)
        for party, amount in net.items()
        if party != POOL
    }
    cut = total(list(excess.values())).whole_fen().named("超限额部分合计", clause)
    receipts = {
        party: (maximum([amount, ZERO_YUAN]).to(FEN).whole_fen() / constant(1, FEN)).named(
            f"{name(party)} 净应收（分）", clause
        )
        for party, amount in net.items()
    }
    shares = allocate(cut, receipts, "限额削减分摊", clause, name)
    return {
        party: (excess.get(party, ZERO_YUAN) - part).whole_fen().named(f"{name(party)} 限额调整", clause)
        for party, part in shares.items()
    }
