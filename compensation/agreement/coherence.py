"""What the parts of a clause, and the clauses of an agreement, only show together.

A clause must be able to come to an amount: every section and indicator it reaches has the figures it asks for, and
what it measures times what it costs is money. The clauses together must meet every section, and every section and
month once: a gap is told, and so are two clauses that would charge the same thing twice.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations

from yaml.nodes import MappingNode, Node

from compensation.agreement.document import Document, Fields
from compensation.agreement.figures import Figures
from compensation.agreement.groups import group_faults
from compensation.expression import YUAN, unit
from compensation.quality.standard import Body, Direction, body_of, indicator, limits
from rules.agreement import Clause, Parameter, Period, Section, WaterWeight, months_of, years_of
from rules.joint_fund import fund_pays
from rules.measures import ANNUAL_ONLY, EACH_INDICATOR_ONLY, MEASURES, MONTHLY_ONLY, may_be_negative

_BY_CLASS = frozenset({"class_steps", "section_class", "compliant", "compliance_rate", "rate_change"})
_BY_LIMIT = frozenset({"exceedance", "excess_load"})
_OWN_INDICATORS = _BY_CLASS | _BY_LIMIT | {"mean_change"}
"""Measures that judge by the assessed indicators, or by those the clause lists instead."""


def check_clause(
    document: Document, node: Node, clause: Clause, sections: Mapping[str, Section], assessed: tuple[str, ...]
) -> None:
    """Faults of one charge."""
    if not clause.measure.kind or not clause.tariff.kind:
        return
    checks = _Checks(document, node, document.mapping(node, "clauses"), clause, clause.indicators or assessed)
    checks.roles()
    checks.period()
    checks.units()
    checks.rows()
    checks.signs()
    for fault in group_faults(clause, sections.values()):
        checks.fault(*fault)
    for section in sections.values():
        if section.code in clause.sections:
            checks.section(section)


def check_pool(document: Document, node: Node, clause: Clause) -> None:
    """Faults of a fund: what it does not pay out has to go somewhere."""
    where = document.mapping(node, "clauses")
    for key in _leaves(clause):
        if not clause.carries_over:
            why = "分配可能少于出资，剩下的没有去处"
            document.fault(where.get(key, node), "基金会有结余，却没有写明结转", why, "写明 carry_over")


def _leaves(clause: Clause) -> list[str]:
    """The keys by which a fund can have something left at the end of a year."""
    stays = any(deduction.stays for deduction in clause.deductions)
    return ["distributed"] * ("distributed" in clause.tariff.figures) + ["deductions"] * stays


class _Checks:
    def __init__(
        self, document: Document, node: Node, where: Mapping[str, Node], clause: Clause, judged: tuple[str, ...]
    ) -> None:
        self.document = document
        self.node = node
        self.where = where
        self.clause = clause
        self.judged = judged

    def fault(self, key: str, what: str, why: str, fix: str) -> None:
        self.document.fault(self.where.get(key, self.node), what, why, fix)

    def roles(self) -> None:
        clause = self.clause
        if clause.payer == clause.payee != "parties":
            self.fault("payee", "付款方与收款方相同", "自己不能付给自己", "改其中一方")
        if fund_pays(clause) and (clause.floors or clause.counted_side):
            key, what = ("floors", "分组保底") if clause.floors else ("caps", "逐方封顶")
            why = "基金有多少付多少，余额不足时无从保底，也无从再逐方减去"
            self.fault(key, f"由基金付款的条款不能{what}", why, "删去其中一种，或把收进基金和由基金付款分成两条")
        if not clause.sections:
            self.fault("sections", f"“{clause.number}”没有适用的断面", "没有断面的条款永远不起作用", "写明断面")
        if clause.shares and "upstream" not in (clause.payer, clause.payee):
            self.fault("shares", "分担系数用不上", "分担系数是上游各方之间的，本条没有上游一方", "删去 shares")
        if clause.shares and not clause.each_indicator:
            self.fault("shares", "分担系数须逐指标计算", "分担系数按断面、指标给出", "加上 each: indicator")

    def period(self) -> None:
        clause, kind = self.clause, self.clause.measure.kind
        if kind in EACH_INDICATOR_ONLY and not clause.each_indicator:
            self.fault("measure", f"“{kind}”须逐指标计算", "各指标的数值不能相加", "加上 each: indicator")
        if clause.each_indicator and kind not in EACH_INDICATOR_ONLY | {"exceedance"}:
            self.fault("each", f"“{kind}”不能逐指标计算", "它对断面只有一个数", "删去 each")
        if kind in ANNUAL_ONLY and clause.period == "month":
            self.fault("period", f"“{kind}”不能按月", "它由全年各月得出", "改为 period: year")
        if kind in MONTHLY_ONLY and clause.period != "month":
            self.fault("period", f"“{kind}”只能按月", "水量按月给出", "改为 period: month")
        if clause.period == "term" and clause.measure.options.get("against") == "last_year":
            self.fault("period", "整个协议期没有上年同期", "与上年比较须按月或按年", "改为 period: year")
        if clause.period != "month" and len(clause.reach.months) < 12:
            self.fault(
                "applies", "只有按月的条款可以限定月份", f"本条按 {clause.period} 计算", "删去 months，或改为按月"
            )
        if clause.measure.options.get("against") == "last_year" and clause.measure.figures:
            self.fault("measure", "reference 用不上", "against: last_year 与上年实测值比较", "删去其中一个")
        if clause.indicators and kind not in _OWN_INDICATORS:
            self.fault("indicators", f"“{kind}”用不上 indicators", "它不按评价指标计量", "删去 indicators")

    def units(self) -> None:
        """What is measured times what it costs is money, and thresholds are of the kind of what is measured."""
        clause = self.clause
        measured = unit(MEASURES[clause.measure.kind][0].unit)
        called = f"“{clause.measure.kind}”的单位是“{measured.symbol or '（无）'}”"
        figures = clause.tariff.figures
        kind = clause.tariff.kind
        for name, figure in figures.items():
            if name == "price" or name.startswith("prices."):
                if not (measured * figure.unit).same_kind(YUAN):
                    fix = f"单价写成 万元/{measured.symbol or '（无单位）'} 一类"
                    self.fault("tariff", f"单价“{figure.unit.symbol or '（无单位）'}”与计量之积不是金额", called, fix)
            elif name in ("step", "pivot") and not figure.unit.same_kind(measured):
                self.fault("tariff", f"“{name}”的单位“{figure.unit.symbol or '（无）'}”不对", called, "改用同类单位")
        for row in clause.tariff.rows:
            over = row.figures.get("over")
            if over is not None and not over.unit.same_kind(measured):
                self.fault("tariff", f"门槛的单位“{over.unit.symbol or '（无）'}”不对", called, "改用同类单位")
        if kind == "class_ladder" and measured.symbol != "类":
            self.fault("tariff", "class_ladder 只能用于水质类别", called, "改用 section_class，或改用 tiers")
        if kind == "flat" and clause.measure.kind not in ("compliant", "fixed"):
            self.fault("tariff", "flat 只能用于是否达标（compliant）或固定（fixed）", called, "改用其他计价方式")
        if kind == "around_pivot" and ("step" in figures) != ("per_step" in figures):
            self.fault("tariff", "step 和 per_step 须同时写明", "只有其中一个算不出金额", "补上另一个，或都删去")

    def rows(self) -> None:
        """Tiers that would say two things of the same measure."""
        if self.clause.tariff.options.get("mirror") == "yes":
            first = self.clause.tariff.rows[0].figures["over"] if self.clause.tariff.rows else None
            if first is None or any(span.value < 0 for span in first.spans):
                self.fault("tariff", "mirror 的门槛不能为负", "正反两个方向会重叠", "门槛从 0 开始")
            if "otherwise" in self.clause.tariff.figures:
                self.fault("tariff", "mirror 和 otherwise 不能同时用", "反向金额会有两个", "删去其中一个")

    def signs(self) -> None:
        """Nothing is measured by less than nothing, and where money flows one way only nothing costs less than that."""
        measure, tariff = self.clause.measure, self.clause.tariff
        fix = "改为正数；要由收款方付的，对调付款方和收款方"
        parts = [("measure", measure, "权重、系数和浓度不会少于零", "改为正数")]
        if not may_be_negative(self.clause):
            parts += [("tariff", each, "本条的钱只有一个方向，不会少于零", fix) for each in (tariff, *tariff.rows)]
        for key, part, why, how in parts:
            for name, figure in part.figures.items():
                if name not in ("over", "step") and any(span.value < 0 for span in figure.spans):
                    self.fault(key, f"“{figure.label}”为负", why, how)

    def section(self, section: Section) -> None:
        """A section that the clause reaches has every figure and limit that the clause will ask for."""
        if section.kind == "background":
            self.fault("sections", f"“{section.name}”是背景断面", "它没有缔约方", "改用其他断面")
            return
        for name in self._lacking(section):
            what = f"“{self.clause.number}”缺少 {section.name} 的 {name}"
            self.fault("", what, "该断面或指标会用到它", "补上，或缩小条款的适用断面和指标")
        body = body_of(section.body)
        for code in self._without_limit(section, body):
            name, water = indicator(code).name, "湖库" if body == "lake" else "河流"
            why = f"GB 3838-2002 没有{water}的{name}类别限值（或该指标没有超标倍数）"
            what = f"“{self.clause.number}”在 {section.name} 无法按{name}评价"
            fix = "用 indicators 列出本条的指标，或在 measure 的 limits 中写明协议限值"
            self.fault("measure", what, why, fix)

    def _lacking(self, section: Section) -> Iterator[str]:
        part, tariff = self.clause.measure, self.clause.tariff
        weighted = [key.split(".")[1] for key in part.figures if key.startswith("weights.")]
        if part.kind == "index":
            yield from self._absent(part.figures, (f"baseline.{section.code}.{code}" for code in weighted))
        if part.kind == "spatial_index" and f"inflow.{section.code}" not in part.options:
            yield f"inflow.{section.code}"
        if part.options.get("against") == "reference" and part.kind != "class_steps":
            factors = [f".{code}" for code in self.judged] if part.kind == "mean_change" else [""]
            yield from self._absent(part.figures, (f"reference.{section.code}{factor}" for factor in factors))
        if tariff.kind == "per_unit" and "price" not in tariff.figures:
            factors = [f"prices.{code}" for code in self.judged] if self.clause.each_indicator else ["price"]
            yield from self._absent(tariff.figures, factors)

    @staticmethod
    def _absent(figures: Mapping[str, Parameter], wanted: Iterator[str] | list[str]) -> Iterator[str]:
        yield from (name for name in wanted if name not in figures)

    def _without_limit(self, section: Section, body: Body) -> list[str]:
        clause = self.clause
        own = [code for code in self.judged if f"limits.{section.code}.{code}" not in clause.measure.figures]
        unlimited = [code for code in clause.indicators if limits(code, body) is None]  # those assessed all have one
        if clause.measure.kind in _BY_CLASS or (clause.tariff.kind == "per_unit" and clause.tariff.rows):
            return unlimited
        if clause.measure.kind in _BY_LIMIT:
            unlimited = [code for code in unlimited if code in own]
            two_sided = [code for code in own if limits(code, body) is not None and not _has_multiple(code, body)]
            all_of_them = len(two_sided) == len(self.judged)
            return unlimited + (two_sided if clause.each_indicator or all_of_them else [])
        return []


def _has_multiple(code: str, body: Body) -> bool:
    table = limits(code, body)
    return table is not None and table.direction is Direction.AT_MOST


# the clauses together


def check_together(
    document: Document, payment: Fields, clauses: Sequence[Clause], sections: Sequence[Section], figures: Figures
) -> None:
    """Names used twice, sections that no clause reaches, months that none or two exclusive clauses reach."""
    node = payment["clauses"]
    for what, names in (("键", [each.key for each in clauses]), ("条款号", [each.number for each in clauses])):
        for name in sorted({name for name in names if names.count(name) > 1}):
            document.fault(node, f"{what}“{name}”用了两次", f"{what}须唯一", "改名")
    _check_sections(document, node, clauses, sections)
    nodes = _nodes(document, payment)
    _check_fund(document, node, nodes, clauses)
    known = {clause.key for clause in clauses}
    for clause in clauses:
        for key in clause.adds_to:
            if key not in known or key == clause.key:
                document.fault(
                    nodes.get(clause.key, node), f"adds_to 中的“{key}”不是其他条款的键", "没有这个条款", "更正"
                )
    if date.min in (figures.first, figures.last):
        return  # the term itself could not be read, which is a fault already
    terms = {
        "month": months_of(figures.first, figures.last),
        "year": years_of(figures.first, figures.last),
        "term": (Period(figures.first, figures.last, "协议期"),),
    }
    called = {section.code: section.name for section in sections}
    alike: dict[tuple[str, str], list[Clause]] = defaultdict(list)
    for clause in clauses:
        if clause.kind == "charge" and clause.period in terms:
            alike[clause.measure.kind, clause.period].append(clause)
    for (_, period), group in alike.items():
        _check_gaps(document, nodes, group, terms[period], called)
        for one, other in combinations(group, 2):
            _check_overlap(document, nodes, one, other, terms[period], called)


def _check_fund(document: Document, node: Node, nodes: Mapping[str, Node], clauses: Sequence[Clause]) -> None:
    """One fund carries over at most, it has something to carry, and without it no clause charges for the fund."""
    carrying = [clause for clause in clauses if clause.carries_over]
    through = [clause for clause in clauses if clause.through_fund]
    if len(carrying) > 1:
        numbers = "、".join(clause.number for clause in carrying)
        document.fault(node, f"{numbers} 都有结转", "共同资金只有一个账户", "合成一条，或只让其中一条结转")
    for clause in [] if through else carrying:
        if not _leaves(clause):
            where = document.mapping(nodes.get(clause.key, node), "clauses")
            why = "出资全部分完，扣减也都有人得，没有条款收进基金"
            fix = "写明 distributed、扣减的 gainer: pool，或收款方为 pool 的条款；或删去 carry_over"
            document.fault(where.get("carry_over", node), "结转用不上", why, fix)
    for clause in [] if carrying else through:
        why = "基金付款以余额为限，收进的钱也要有去处，须有一条写明结转的共同资金"
        fix = "补上 kind: pool 的条款，写明 carry_over（没有出资的，amount 写 0）"
        document.fault(nodes.get(clause.key, node), f"“{clause.number}”收付的基金没有账户", why, fix)


def _check_sections(document: Document, node: Node, clauses: Sequence[Clause], sections: Sequence[Section]) -> None:
    reached = {code for clause in clauses for code in clause.sections}
    reached |= {clause.correction.section for clause in clauses if clause.correction is not None}
    reached |= {code for clause in clauses for key, code in clause.measure.options.items() if key.startswith("inflow.")}
    ratios = [each.upstream for each in sections] + [each.downstream for each in sections]
    ratios += [ratio for clause in clauses for ratio in clause.ratios]
    water = [each for ratio in ratios for each in ratio.values() if isinstance(each, WaterWeight)]
    reached |= {code for each in water for code in each.sections}
    for section in sections:
        if section.code not in reached:
            document.fault(node, f"断面“{section.name}”没有条款涉及", "该断面不起作用", "补上条款，或删去")


def _nodes(document: Document, payment: Fields) -> dict[str, Node]:
    """Where each clause stands, by its key."""
    found: dict[str, Node] = {}
    for node in payment.items("clauses"):
        if isinstance(node, MappingNode):
            key = next((value for key, value in node.value if key.value == "key"), None)
            if key is not None:
                found[document.text(key, "key")] = node
    return found


def _holds(clause: Clause, period: Period) -> bool:
    return clause.reach.holds(period.first, period.first.month if clause.period == "month" else None)


def _check_gaps(
    document: Document,
    nodes: Mapping[str, Node],
    group: Sequence[Clause],
    periods: Sequence[Period],
    names: Mapping[str, str],
) -> None:
    """Clauses that measure the same leave no period of a section out, unless one says that nothing is owed there."""
    for code in dict.fromkeys(code for clause in group for code in clause.sections):
        own = [clause for clause in group if code in clause.sections]
        if any(clause.reach.elsewhere_nothing for clause in own):
            continue
        missed = [period.name for period in periods if not any(_holds(clause, period) for clause in own)]
        if missed:
            first = nodes.get(own[0].key)
            listed = "、".join(missed[:6]) + (f" 等 {len(missed)} 个" if len(missed) > 6 else "")
            why = "applies 限定了时段，又没有其他同样计量的条款接上"
            fix = "补上该时段的条款；确实不计的，写明 applies 的 otherwise: none"
            if first is not None:
                document.fault(first, f"{names.get(code, code)} 在 {listed} 没有条款适用", why, fix)


def _check_overlap(
    document: Document,
    nodes: Mapping[str, Node],
    one: Clause,
    other: Clause,
    periods: Sequence[Period],
    names: Mapping[str, str],
) -> None:
    """Two clauses that measure the same for the same section and month, and pay the same way, exclude each other."""
    if other.key in one.adds_to or one.key in other.adds_to or one.measure.kind == "fixed":
        return
    against = [clause.measure.options.get("against") for clause in (one, other)]
    apart = one.indicators and other.indicators and not set(one.indicators) & set(other.indicators)
    if apart or against[0] != against[1] or not _flows(one) & _flows(other):
        return
    both = [period.name for period in periods if _holds(one, period) and _holds(other, period)]
    shared = [names.get(code, code) for code in one.sections if code in other.sections]
    at = nodes.get(other.key)
    if both and shared and at is not None:
        what = f"“{one.number}”和“{other.number}”对 {'、'.join(shared)} 在 {both[0]} 等 {len(both)} 个时段重复计费"
        why = "两条计量相同、付款方向相同，互相排斥"
        document.fault(at, what, why, f"错开断面、时段或指标；确实要叠加的，写明 adds_to: [{one.key}]")


def _flows(clause: Clause) -> set[tuple[str, str]]:
    ways = {"forward": (clause.payer, clause.payee), "backward": (clause.payee, clause.payer)}
    return {ways[direction] for direction in clause.directions}
