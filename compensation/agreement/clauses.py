"""The clauses of an agreement file: principle × measure × tariff × who pays whom × period × caps and floors."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode

from compensation.agreement.coherence import check_clause, check_pool
from compensation.agreement.document import Document, Fields
from compensation.agreement.figures import Bounds, Figures
from compensation.agreement.parts import PartReader
from compensation.quality.standard import indicator_by_name
from rules.agreement import (
    POOL,
    Cap,
    Clause,
    Correction,
    Deduction,
    Floor,
    Parameter,
    Part,
    Ratio,
    Reach,
    Section,
)
from rules.caps import ALONE, TOGETHER
from rules.damager_pays import INCIDENT
from rules.measures import MEASURES, may_be_negative
from rules.tariffs import TARIFFS

PRINCIPLES = {
    "joint_fund": "共建共享",
    "beneficiary_pays": "受益者付费",
    "protector_compensated": "保护者得到合理补偿",
    "damager_pays": "损害者赔偿",
    "diversified": "多元化",
}
_NOT_NEGATIVE = Bounds(0, None)
_SIDES = ("upstream", "downstream")
_GAINERS = ("downstream", POOL)
_CARRY_OVER = ("reserve", "distribution")
_PER = {
    "charge": "每笔",
    "section": "每断面",
    "indicator": "每指标",
    "month": "每月",
    "year": "每年",
    "clause": "全部",
    "term": "协议期",
    "payer": "每一付款方",
    "payee": "每一收款方",
}
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
        self.always = Reach(figures.first, figures.last, tuple(range(1, 13)))
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
            "each indicators direction applies at_least adds_to correction caps floors shares",
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
            payer=self._role(fields["payer"], "payer"),
            payee=self._role(fields["payee"], "payee"),
            reach=self._reach(fields) if "applies" in fields else self.always,
            parties=self._named(fields, head),
            indicators=self._indicators(fields),
            at_least=self._at_least(fields, head),
            adds_to=fields.texts("adds_to"),
            each_indicator="each" in fields and fields.one_of("each", ("indicator",)) == "indicator",
            correction=self._correction(fields) if "correction" in fields else None,
            caps=tuple(self._cap(cap, place, head) for place, cap in enumerate(fields.items("caps"), start=1)),
            floors=tuple(self._floor(each, place, head) for place, each in enumerate(fields.items("floors"), start=1)),
            shares=self._shares(fields["shares"], head) if "shares" in fields else {},
        )
        directions = self._directions(fields, clause)
        clause = replace(clause, directions=directions)
        check_clause(self.document, node, clause, self.sections, self.indicators)
        return clause

    def _directions(self, fields: Fields, clause: Clause) -> tuple[str, ...]:
        choices = ("both", "forward", "backward")
        direction = fields.one_of("direction", choices, "both")
        if not may_be_negative(clause):
            if direction == "backward":
                why = "它的计量和计价不会产生反向金额"
                self.document.fault(
                    fields["direction"], f"“{clause.number}”没有反向", why, "删去 direction，或对调付款方和收款方"
                )
            return ("forward",)
        return ("forward", "backward") if direction == "both" else (direction,)

    def _role(self, node: Node, name: str) -> str:
        """A side of the section, the fund, or parties named with their ratio."""
        if isinstance(node, ScalarNode):
            return self.document.one_of(node, (*_SIDES, POOL), name)
        return "parties"

    def _named(self, fields: Fields, head: _Head) -> dict[str, Ratio]:
        labels = {"payer": "付款方", "payee": "收款方"}
        return {
            name: self.figures.ratio(fields[name], f"{head.key}.{name}", f"{head.number} {label}", self.parties)
            for name, label in labels.items()
            if name in fields and not isinstance(fields[name], ScalarNode)
        }

    def _indicators(self, fields: Fields) -> tuple[str, ...]:
        codes = []
        for node in fields.items("indicators"):
            text = self.document.text(node, "indicators")
            its = indicator_by_name(text)
            if its is None:
                self.document.fault(node, f"未知的指标“{text}”", "不在指标表中", "改用标准名称")
            elif its.code in codes:
                self.document.fault(node, f"指标“{its.name}”写了两次", "同一指标只计一次", "删去其中一个")
            else:
                codes.append(its.code)
        if "indicators" in fields and not codes:
            self.document.fault(
                fields["indicators"], "没有指标", "写了 indicators 就至少要有一个", "补上，或删去 indicators"
            )
        return tuple(codes)

    def _at_least(self, fields: Fields, head: _Head) -> Parameter | None:
        if "at_least" not in fields:
            return None
        return self.figures.figure(
            fields["at_least"], f"{head.key}.at_least", f"{head.number} 每笔保底", "元", _NOT_NEGATIVE
        )

    def _reach(self, fields: Fields) -> Reach:
        """The days and months in which a clause applies; the whole term where it does not say."""
        inner = self.document.keys(fields["applies"], "", "from to months otherwise", of="applies")
        first = inner.day("from") if "from" in inner else self.always.first
        last = inner.day("to") if "to" in inner else self.always.last
        if first > last or first < self.always.first or last > self.always.last:
            why = f"须在协议期限 {self.always.first} 至 {self.always.last} 之内，且起日不晚于止日"
            self.document.fault(fields["applies"], "条款的适用时段永远到不了", why, "更正起止日期")
        months = tuple(range(1, 13))
        if "months" in inner:
            months = tuple(sorted({self._month(node) for node in inner.items("months")}))
            if not months:
                self.document.fault(inner["months"], "条款没有适用的月份", "months 是空的", "写明月份，如 [5, 6, 7]")
        return Reach(first, last, months, inner.one_of("otherwise", ("covered", "none")) == "none")

    def _month(self, node: Node) -> int:
        text = self.document.text(node, "months")
        if text not in {str(month) for month in range(1, 13)}:
            self.document.fault(node, f"“{text}”不是月份", "月份写 1 至 12", "更正")
            return 1
        return int(text)

    def _correction(self, fields: Fields) -> Correction:
        inner = self.document.keys(fields["correction"], "clause background rule", of="correction")
        inner.one_of("rule", ("at_least_as_bad",))
        return Correction(self._section_code(inner["background"]), inner.text("clause"))

    def _cap(self, node: Node, place: int, head: _Head) -> Cap:
        fields = self.document.keys(node, "per at_most", of="caps")
        per = self._per(fields["per"], "封顶")
        label = f"{head.number} {''.join(_PER[each] for each in per)}封顶"
        return Cap(per, self.figures.figure(fields["at_most"], f"{head.key}.caps.{place}", label, "元", _NOT_NEGATIVE))

    def _floor(self, node: Node, place: int, head: _Head) -> Floor:
        fields = self.document.keys(node, "per at_least", of="floors")
        per = self._per(fields["per"], "保底")
        label = f"{head.number} {''.join(_PER[each] for each in per)}保底"
        key = f"{head.key}.floors.{place}"
        return Floor(per, self.figures.figure(fields["at_least"], key, label, "元", _NOT_NEGATIVE))

    def _per(self, node: Node, what: str) -> tuple[str, ...]:
        """One word, or a list of what the charges under one cap or floor have in common."""
        if isinstance(node, ScalarNode):
            return (self.document.one_of(node, (*ALONE, *TOGETHER), "per"),)
        words = [self.document.one_of(item, TOGETHER, "per") for item in self.document.items(node, "per")]
        if not words:
            self.document.fault(node, "“per”是空的", f"可选：{'、'.join((*ALONE, *TOGETHER))}", f"写明按什么{what}")
        if "term" in words and {"month", "year"} & set(words):
            self.document.fault(node, "“per”自相矛盾", "term 是整个协议期，不能再按年、按月", "删去其中一个")
        return tuple(word for word in TOGETHER if word in words)

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

    # a pool and an incident

    def _pool(self, node: Node) -> Clause:
        fields = self.document.keys(
            node,
            f"{_COMMON} amount contributions distribution",
            "deductions distributed carry_over",
            of="clauses",
        )
        head = self._head(fields)
        figures = {
            name: self.figures.figure(fields[name], f"{head.key}.{name}", f"{head.number} {label}", "元", _NOT_NEGATIVE)
            for name, label in (("amount", "年度共同资金"), ("distributed", "年度分配总额"))
            if name != "distributed" or name in fields
        }
        contributions = self.figures.ratio(
            fields["contributions"], f"{head.key}.contributions", f"{head.number} 出资比例", self.parties
        )
        distribution = self.figures.ratio(
            fields["distribution"], f"{head.key}.distribution", f"{head.number} 分配比例", self.parties
        )
        deductions = tuple(
            self._deduction(each, place, head) for place, each in enumerate(fields.items("deductions"), start=1)
        )
        options = {"carry_over": fields.one_of("carry_over", _CARRY_OVER)} if "carry_over" in fields else {}
        clause = Clause(
            *head,
            sections=tuple(code for each in deductions for code in each.sections),
            period="year",
            measure=Part("fixed"),
            tariff=Part("pool", figures, options),
            payer="upstream",
            payee="downstream",
            reach=self.always,
            contributions=contributions,
            distribution=distribution,
            deductions=deductions,
        )
        check_pool(self.document, node, clause)
        return clause

    def _deduction(self, node: Node, place: int, head: _Head) -> Deduction:
        fields = self.document.keys(node, "sections amount loser gainer", of="deductions")
        key, label = f"{head.key}.deductions.{place}", f"{head.number} 不达标扣减"
        gainer = fields["gainer"]
        stays = isinstance(gainer, ScalarNode) and self.document.text(gainer, "gainer") == POOL
        return Deduction(
            self._sections(fields["sections"]),
            self.figures.figure(fields["amount"], f"{key}.amount", f"{label}额（{place}）", "元", _NOT_NEGATIVE),
            self._side_or_ratio(fields["loser"], f"{key}.loser", f"{label}承担（{place}）", "upstream"),
            None if stays else self._side_or_ratio(gainer, f"{key}.gainer", f"{label}归属（{place}）", *_GAINERS),
            stays,
        )

    def _side_or_ratio(self, node: Node, key: str, label: str, *words: str) -> Ratio | None:
        """None for the section's own side, or a ratio of named parties."""
        if isinstance(node, ScalarNode):
            self.document.one_of(node, words, label)
            return None
        return self.figures.ratio(node, key, label, self.parties)

    def _incident(self, node: Node) -> Clause:
        fields = self.document.keys(node, f"{_COMMON} sections indicator limit surcharge", of="clauses")
        head = self._head(fields)
        figures = {
            name: self.figures.figure(
                fields[name], f"{head.key}.{name}", f"{head.number} {spec.label}", spec.kind, _NOT_NEGATIVE
            )
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
            reach=self.always,
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
