"""The statements that every agreement must satisfy over all evidence, each under a name of its own.

Each is a plain function from a trial (an agreement over evidence for a period) to None, or to a statement in Chinese
of what broke and where: clause, section, month, amounts.
"""

from collections.abc import Callable
from typing import NamedTuple

from compensation.proof.coverage import everything_is_reached
from compensation.proof.direction import better_water_pays
from compensation.proof.funds import conserved, flows_one_way, within_bounds
from compensation.proof.gaps import missing_is_never_zero
from compensation.proof.sameness import order_does_not_matter, renaming_renames, scaling_scales
from compensation.proof.splitting import allocation_is_fair, shares_are_kept
from compensation.proof.trial import Trial


class Property(NamedTuple):
    """A statement: its key, what it says in Chinese, the function, and whether it is about evidence with gaps."""

    key: str
    says: str
    check: Callable[[Trial], str | None]
    gaps: bool = False


PROPERTIES: tuple[Property, ...] = (
    Property("coverage", "每个断面每个月都有条款适用，每一条都用得上", everything_is_reached),
    Property("conserved", "资金守恒：每笔、共同资金、净额、支付、清算，付出的等于收到的", conserved),
    Property("conserved_with_gaps", "数据不全时资金同样守恒，未定的不会有一部分是确定的", conserved, gaps=True),
    Property("one_way", "没有自己付给自己，没有负数，没有不足一分的零头", flows_one_way),
    Property("bounds", "封顶、最高额、限额、抵扣比例、扣减至零为止，任何时候都不超过；保底都补足", within_bounds),
    Property("shares", "每笔分担与份额相差不到一分，没有份额的分文不付", shares_are_kept),
    Property("allocation", "尾差分配与排列次序、由谁持有份额无关，各方相差不到一分", allocation_is_fair),
    Property("renaming", "改换缔约方代码，只改换名称，不改金额", renaming_renames),
    Property("order", "缔约方、断面在文件中的次序不影响金额（协议自定次序的除外）", order_does_not_matter),
    Property("better_water", "水质变好，上游不会因此多付或少收，下游不会因此多收或少付", better_water_pays),
    Property("scaling", "全部金额乘以同一个数，每笔取整前的金额也乘以这个数", scaling_scales),
    Property("missing", "缺数据的金额是未定，不会悄悄变成零或别的数", missing_is_never_zero, gaps=True),
)
