"""The clauses of an agreement file: principle × measure × tariff × who pays whom × period × caps."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode

from compensation.agreement.document import Document, Fields
from compensation.agreement.figures import Bounds, Figures
from compensation.agreement.parts import PartReader
from compensation.quality.standard import indicator_by_name, limits
from rules.agreement import Cap, Clause, Correction, Deduction, Part, Ratio, Section
from rules.caps import PER
from rules.damager_pays import INCIDENT
from rules.measures import ANNUAL_ONLY, EACH_INDICATOR_ONLY, MEASURES, MONTHLY_ONLY, may_be_negative
from rules.tariffs import TARIFFS

PRINCIPLES = {
    "joint_fund": "共建共享",
    "beneficiary_pays": "受益者付费",
    "protector_compensated": "保护者得到合理补偿",
    "damager_pays": "损害者赔偿",
    "diversified": "多元化",
}
_NOT_NEGATIVE = Bounds(0, None)
_SIDES = ("upstream", "downstream", "pool")
_COMMON = "number key principle title text source kind"


class _Head(NamedTuple):
    """What every clause begins with, in the order of `Clause`."""

    number: str
    key: str
    principle: str
    title: str
    text: str
    source: str
    kind: str


class ClauseReader:
    """Reads clauses against the parties, sections and assessed indicators of the agreement."""

    def __init__(
        self,
        document: Document,
        figures: Figures,
        parties: Mapping[str, str],
        sections: Mapping[str, Section],
        indicators: tuple[str, ...],
    ) -> None:
        self.document = document
        self.figures = figures
        self.parties = parties
        self.sections = sections
        self.indicators = indicators

    def clause(self, node: Node) -> Clause | None:
        """One clause of any kind; None when it cannot be read far enough to go on."""
        kinds = {"charge": self._charge, "pool": self._pool, "incident": self._incident}
        kind_node = self.document.mapping(node, "clauses").get("kind")
        if kind_node is None:
            self.document.fault(node, "条款没有“kind”", "须写明 charge、pool 或 incident", "补上“kind”")
            return None
        return kinds[self.document.one_of(kind_node, tuple(kinds), "kind")](node)

    def _head(self, fields: Fields) -> _Head:
        return _Head(
            fields.text("number"),
            fields.text("key"),
            fields.one_of("principle", PRINCIPLES),
            fields.text("title"),
            fields.text("text"),
            fields.text("source"),
            fields.text("kind"),
        )

    # a charge

    def _charge(self, node: Node) -> Clause:
        fields = self.document.keys(
            node,
            f"{_COMMON} sections period measure tariff payer payee",
            "each direction correction caps shares",
            of="clauses",
        )
        head = self._head(fields)
        reader = PartReader(self.document, self.figures, self.sections, head.key, head.number)
        clause = Clause(
            *head,
            sections=self._sections(fields["sections"]),
            period=fields.one_of("period", ("month", "year", "term")),
            measure=reader.part(fields["measure"], {name: spec for name, (spec, _) in MEASURES.items()}, "measure"),
            tariff=reader.part(fields["tariff"], {name: spec for name, (spec, _) in TARIFFS.items()}, "tariff"),
            payer=fields.one_of("payer", _SIDES),
            payee=fields.one_of("payee", _SIDES),
            each_indicator="each" in fields and fields.one_of("each", ("indicator",)) == "indicator",
            correction=self._correction(fields) if "correction" in fields else None,
            caps=tuple(self._cap(cap, place, head) for place, cap in enumerate(fields.items("caps"), start=1)),
            shares=self._shares(fields["shares"], head) if "shares" in fields else {},
        )
        self._check(node, clause, fields)
        one_way = fields.one_of("direction", ("both", "forward"), "both") == "forward"
        return replace(clause, two_way=may_be_negative(clause) and not one_way)

    def _correction(self, fields: Fields) -> Correction:
        inner = self.document.keys(fields["correction"], "clause background rule", of="correction")
        inner.one_of("rule", ("at_least_as_bad",))
        return Correction(self._section_code(inner["background"]), inner.text("clause"))

    def _cap(self, node: Node, place: int, head: _Head) -> Cap:
        fields = self.document.keys(node, "per at_most", of="caps")
        per = fields.one_of("per", PER)
        names = {
            "charge": "每笔",
            "section": "每断面",
            "month": "每月",
            "year": "每年",
            "clause": "全部",
            "term": "协议期",
        }
        label = f"{head.number} {names[per]}封顶"
        return Cap(per, self.figures.figure(fields["at_most"], f"{head.key}.caps.{place}", label, "元", _NOT_NEGATIVE))

    def _shares(self, node: Node, head: _Head) -> dict[str, Ratio]:
        found: dict[str, Ratio] = {}
        for name, inner in self.document.mapping(node, "shares").items():
            code = self._code(name, inner)
            for text, ratio in self.document.mapping(inner, name).items():
                its = indicator_by_name(text)
                if its is None:
                    self.document.fault(ratio, f"未知的指标“{text}”", "不在指标表中", "改用标准名称")
                    continue
                label = f"{head.number} {name}{its.name}分担系数"
                key = f"{head.key}.shares.{name}.{its.name}"
                found[f"{code}.{its.code}"] = self.figures.ratio(ratio, key, label, self.parties)
        return found

    def _check(self, node: Node, clause: Clause, fields: Fields) -> None:
        """What the parts of a clause only show together."""
        if clause.payer == clause.payee:
            self.document.fault(fields["payee"], "付款方与收款方相同", "自己不能付给自己", "改其中一方")
        kind = clause.measure.kind
        if kind in EACH_INDICATOR_ONLY and not clause.each_indicator:
            self.document.fault(fields["measure"], f"“{kind}”须逐指标计算", "各指标单价不同", "加上 each: indicator")
        if kind in ANNUAL_ONLY and clause.period == "month":
            self.document.fault(fields["period"], f"“{kind}”不能按月", "它由全年各月得出", "改为 period: year")
        if kind in MONTHLY_ONLY and clause.period != "month":
            self.document.fault(fields["period"], f"“{kind}”只能按月", "水量按月给出", "改为 period: month")
        for code in clause.sections:
            section = next((each for each in self.sections.values() if each.code == code), None)
            if section is not None and section.kind == "background":
                self.document.fault(fields["sections"], f"“{section.name}”是背景断面", "它没有缔约方", "改用其他断面")
            elif section is not None:
                self._check_tables(node, clause, section)

    def _check_tables(self, node: Node, clause: Clause, section: Section) -> None:
        """Every section and indicator that a clause reaches has the figures it will ask for."""
        part = clause.measure
        weighted = [key.split(".")[1] for key in part.figures if key.startswith("weights.")]
        factors = [code for code in self.indicators if limits(code, "river")] if clause.each_indicator else []
        wanted = {
            "index": [f"baseline.{section.code}.{code}" for code in weighted],
            "rate_change": [f"reference.{section.code}"],
            "mean_change": [f"reference.{section.code}.{code}" for code in factors],
        }.get(part.kind, [])
        if part.kind == "spatial_index" and f"inflow.{section.code}" not in part.options:
            wanted = [f"inflow.{section.code}"]
        lacking = [name for name in wanted if name not in part.figures]
        if clause.tariff.kind == "per_unit" and "price" not in clause.tariff.figures:
            lacking += [f"prices.{code}" for code in factors if f"prices.{code}" not in clause.tariff.figures]
            if not factors:
                lacking.append("price")
        for name in lacking:
            what = f"“{clause.number}”缺少 {section.name} 的 {name}"
            self.document.fault(node, what, "该断面或指标会用到它", "补上，或缩小条款的适用断面和指标")

    # a pool and an incident

    def _pool(self, node: Node) -> Clause:
        fields = self.document.keys(node, f"{_COMMON} amount contributions distribution", "deductions", of="clauses")
        head = self._head(fields)
        amount = self.figures.figure(
            fields["amount"], f"{head.key}.amount", f"{head.number} 年度共同资金", "元", _NOT_NEGATIVE
        )
        contributions = self.figures.ratio(
            fields["contributions"], f"{head.key}.contributions", f"{head.number} 出资比例", self.parties
        )
        distribution = self.figures.ratio(
            fields["distribution"], f"{head.key}.distribution", f"{head.number} 分配比例", self.parties
        )
        deductions = tuple(
            self._deduction(each, place, head) for place, each in enumerate(fields.items("deductions"), start=1)
        )
        return Clause(
            *head,
            sections=tuple(code for each in deductions for code in each.sections),
            period="year",
            measure=Part("fixed"),
            tariff=Part("pool", {"amount": amount}),
            payer="upstream",
            payee="downstream",
            contributions=contributions,
            distribution=distribution,
            deductions=deductions,
        )

    def _deduction(self, node: Node, place: int, head: _Head) -> Deduction:
        fields = self.document.keys(node, "sections amount loser gainer", of="deductions")
        key, label = f"{head.key}.deductions.{place}", f"{head.number} 不达标扣减"
        return Deduction(
            self._sections(fields["sections"]),
            self.figures.figure(fields["amount"], f"{key}.amount", f"{label}额（{place}）", "元", _NOT_NEGATIVE),
            self._side_or_ratio(fields["loser"], f"{key}.loser", f"{label}承担（{place}）", "upstream"),
            self._side_or_ratio(fields["gainer"], f"{key}.gainer", f"{label}归属（{place}）", "downstream"),
        )

    def _side_or_ratio(self, node: Node, key: str, label: str, side: str) -> Ratio | None:
        """None for the section's own side, or a ratio of named parties."""
        if isinstance(node, ScalarNode):
            self.document.one_of(node, (side,), label)
            return None
        return self.figures.ratio(node, key, label, self.parties)

    def _incident(self, node: Node) -> Clause:
        fields = self.document.keys(node, f"{_COMMON} sections indicator limit surcharge", of="clauses")
        head = self._head(fields)
        figures = {
            name: self.figures.figure(fields[name], f"{head.key}.{name}", f"{head.number} {spec.label}", spec.kind)
            for name, spec in INCIDENT.figures.items()
        }
        its = indicator_by_name(self.document.text(fields["indicator"], "indicator"))
        if its is None:
            self.document.fault(fields["indicator"], "未知的事件指标", "不在指标表中", "改用标准名称，如 锑")
        return Clause(
            *head,
            sections=self._sections(fields["sections"]),
            period="event",
            measure=Part("verified_cost", options={"indicator": its.code if its else ""}),
            tariff=Part("incident", figures),
            payer="upstream",
            payee="downstream",
        )

    # sections

    def _sections(self, node: Node) -> tuple[str, ...]:
        """Sections by kind ({kind: boundary}) or by name (a list)."""
        if isinstance(node, MappingNode):
            kind = self.document.keys(node, "kind", of="sections").one_of("kind", ("boundary", "intake"))
            codes = tuple(section.code for section in self.sections.values() if section.kind == kind)
            if not codes:
                self.document.fault(node, "条款没有适用的断面", f"协议中没有 {kind} 类断面", "补上断面，或更正类别")
            return codes
        return tuple(self._section_code(item) for item in self.document.items(node, "sections"))

    def _section_code(self, node: Node) -> str:
        return self._code(self.document.text(node, "断面"), node)

    def _code(self, name: str, node: Node) -> str:
        if name not in self.sections:
            self.document.fault(node, f"未知的断面“{name}”", f"本协议断面：{'、'.join(self.sections)}", "更正断面名称")
            return ""
        return self.sections[name].code

    def check_all(self, node: Node, clauses: tuple[Clause, ...]) -> None:
        """What only the clauses together show: keys used twice, sections no clause reaches."""
        for what, names in (("键", [each.key for each in clauses]), ("条款号", [each.number for each in clauses])):
            for name in sorted({name for name in names if names.count(name) > 1}):
                self.document.fault(node, f"{what}“{name}”用了两次", f"{what}须唯一", "改名")
        reached = {code for clause in clauses for code in clause.sections}
        reached |= {clause.correction.section for clause in clauses if clause.correction is not None}
        reached |= {
            code for clause in clauses for key, code in clause.measure.options.items() if key.startswith("inflow.")
        }
        for section in self.sections.values():
            if section.code not in reached:
                self.document.fault(node, f"断面“{section.name}”没有条款涉及", "该断面不起作用", "补上条款，或删去")
