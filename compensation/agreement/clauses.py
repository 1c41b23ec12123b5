"""The clauses of an agreement file: principle × measure × tariff × who pays whom, and the money arrangements."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from yaml.nodes import MappingNode, Node

from compensation.agreement.document import Document, Fields
from compensation.agreement.figures import Figures
from compensation.quality.classes import parse_class
from compensation.quality.standard import indicator_by_name
from rules.agreement import Clause, Money, Parameter, Part, Section

PRINCIPLES = {
    "joint_fund": "共建共享",
    "beneficiary_pays": "受益者付费",
    "protector_compensated": "保护者得到合理补偿",
    "damager_pays": "损害者赔偿",
    "diversified": "多元化",
}
_SIDES = ("upstream", "downstream")
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
    """Reads clauses against the parties and sections of the agreement."""

    def __init__(
        self, document: Document, figures: Figures, parties: Mapping[str, str], sections: Mapping[str, Section]
    ) -> None:
        self.document = document
        self.figures = figures
        self.parties = parties
        self.sections = sections
        self._measures: dict[str, Callable[[Fields, str, str], Part]] = {
            "water_volume": self._water_volume,
            "index": self._index,
            "exceedance": self._exceedance,
        }
        self._tariffs: dict[str, Callable[[Fields, str, str], Part]] = {
            "per_unit": self._per_unit,
            "tiers": self._tiers,
            "around_pivot": self._around_pivot,
        }

    def clause(self, node: Node) -> Clause | None:
        """One clause of any kind; None when it cannot be read far enough to go on."""
        kinds = {"charge": self._charge, "pool": self._pool, "incident": self._incident}
        kind_node = self.document.mapping(node, "clauses").get("kind")
        if kind_node is None:
            self.document.fault(node, "条款没有“kind”", "须写明 charge、pool 或 incident", "补上“kind”")
            return None
        return kinds[self.document.one_of(kind_node, tuple(kinds), "kind")](node)

    def _head(self, fields: Fields) -> "_Head":
        return _Head(
            fields.text("number"),
            fields.text("key"),
            fields.one_of("principle", PRINCIPLES),
            fields.text("title"),
            fields.text("text"),
            fields.text("source"),
            fields.text("kind"),
        )

    def _charge(self, node: Node) -> Clause:
        fields = self.document.keys(
            node, f"{_COMMON} sections period measure tariff payer payee", "correction", of="clauses"
        )
        head = self._head(fields)
        payer, payee = fields.one_of("payer", _SIDES), fields.one_of("payee", _SIDES)
        if payer == payee:
            self.document.fault(
                fields["payee"], "付款方与收款方相同", "自己不能付给自己", "一方为 upstream，另一方为 downstream"
            )
        correction = None
        if "correction" in fields:
            inner = self.document.keys(fields["correction"], "background rule", of="correction")
            inner.one_of("rule", ("at_least_as_bad",))
            correction = self._section_code(inner["background"])
        return Clause(
            *head,
            sections=self._sections(fields["sections"]),
            period=fields.one_of("period", ("month", "year")),
            measure=self._part(fields["measure"], self._measures, head, "measure"),
            tariff=self._part(fields["tariff"], self._tariffs, head, "tariff"),
            payer=payer,
            payee=payee,
            correction_section=correction,
        )

    def _pool(self, node: Node) -> Clause:
        fields = self.document.keys(
            node, f"{_COMMON} amount contributions distribution", "sections deduction", of="clauses"
        )
        head = self._head(fields)
        key, number = head.key, head.number
        figures = {"amount": self.figures.figure(fields["amount"], f"{key}.amount", f"{number} 年度共同资金", "元")}
        if "sections" in fields:
            figures["deduction"] = self.figures.figure(
                fields["deduction"], f"{key}.deduction", f"{number} 年度不达标扣减额", "元"
            )
        return Clause(
            *head,
            sections=self._sections(fields["sections"]) if "sections" in fields else (),
            period="year",
            measure=Part("fixed"),
            tariff=Part("pool", figures),
            payer="upstream",
            payee="downstream",
            contributions=self.figures.ratio(
                fields["contributions"], f"{key}.contributions", f"{number} 出资比例", self.parties
            ),
            distribution=self.figures.ratio(
                fields["distribution"], f"{key}.distribution", f"{number} 分配比例", self.parties
            ),
        )

    def _incident(self, node: Node) -> Clause:
        fields = self.document.keys(node, f"{_COMMON} sections indicator limit surcharge", of="clauses")
        head = self._head(fields)
        key, number = head.key, head.number
        figures = {
            "limit": self.figures.figure(fields["limit"], f"{key}.limit", f"{number} 事件浓度限值", "mg/L"),
            "surcharge": self.figures.figure(fields["surcharge"], f"{key}.surcharge", f"{number} 每次事件附加额", "元"),
        }
        return Clause(
            *head,
            sections=self._sections(fields["sections"]),
            period="event",
            measure=Part("verified_cost", options={"indicator": self._indicator(fields["indicator"])}),
            tariff=Part("incident", figures),
            payer="upstream",
            payee="downstream",
        )

    # measures and tariffs

    def _part(
        self, node: Node, readers: Mapping[str, Callable[[Fields, str, str], Part]], head: "_Head", of: str
    ) -> Part:
        kind_node = self.document.mapping(node, of).get("kind")
        if kind_node is None:
            self.document.fault(node, f"“{of}”没有“kind”", f"可选：{'、'.join(readers)}", "补上“kind”")
            return Part("")
        kind = self.document.one_of(kind_node, tuple(readers), f"{of}.kind")
        return readers[kind](Fields(self.document, node, self.document.mapping(node, of)), head.key, head.number)

    def _only(self, fields: Fields, required: str, optional: str = "", *, of: str) -> Fields:
        return self.document.keys(fields.node, f"kind {required}", optional, of=of)

    def _water_volume(self, fields: Fields, _: str, __: str) -> Part:
        self._only(fields, "", of="measure")
        return Part("water_volume")

    def _exceedance(self, fields: Fields, _: str, __: str) -> Part:
        self._only(fields, "", of="measure")
        return Part("exceedance")

    def _index(self, fields: Fields, key: str, number: str) -> Part:
        fields = self._only(fields, "weights baseline decimals", "k0", of="measure")
        figures = {"decimals": self.figures.figure(fields["decimals"], f"{key}.decimals", f"{number} 指数修约位数", "")}
        if "k0" in fields:
            figures["k0"] = self.figures.figure(fields["k0"], f"{key}.k0", f"{number} 稳定系数 k0", "")
        baselines = {
            self._section_code_of(name, node): self.document.mapping(node, f"baseline.{name}")
            for name, node in self.document.mapping(fields["baseline"], "baseline").items()
        }
        rows = tuple(
            self._index_row(name, node, baselines, key, number)
            for name, node in self.document.mapping(fields["weights"], "weights").items()
        )
        weights = sum(row.figures["weight"].spans[0].value for row in rows if row.figures["weight"].spans)
        if weights != 1:
            self.document.fault(fields["weights"], f"权重合计为 {weights}，不是 1", "各指标权重须合计为 1", "更正权重")
        return Part("index", figures, rows=rows)

    def _index_row(
        self, name: str, node: Node, baselines: Mapping[str, Mapping[str, Node]], key: str, number: str
    ) -> Part:
        found = indicator_by_name(name)
        if found is None:
            self.document.fault(node, f"未知的指标“{name}”", "不在指标表中", "改用标准名称")
            return Part("row", {"weight": self.figures.figure(node, f"{key}.weights.{name}", name, "")})
        figures = {"weight": self.figures.figure(node, f"{key}.weights.{name}", f"{number} {name}权重", "")}
        for code, values in baselines.items():
            section = next((each for each in self.sections.values() if each.code == code), None)
            if section is None:
                continue
            if name not in values:
                self.document.fault(
                    node, f"断面“{section.name}”没有{name}的基准浓度", "每个断面、每个指标都要有", "补上基准浓度"
                )
                continue
            label = f"{number} {section.name}{name}基准浓度 C0"
            figures[f"baseline.{code}"] = self.figures.figure(
                values[name], f"{key}.baseline.{section.name}.{name}", label, found.unit
            )
        return Part("row", figures, {"indicator": found.code})

    def _per_unit(self, fields: Fields, key: str, number: str) -> Part:
        fields = self._only(fields, "price", "by_class", of="tariff")
        price = self.figures.figure(fields["price"], f"{key}.price", f"{number} 单价", None)
        rows = []
        for place, node in enumerate(fields.items("by_class"), start=1):
            step = self.document.keys(node, "value from to source", "up_to", of="by_class")
            options = {}
            if "up_to" in step:
                options["up_to"] = step.text("up_to")
                if parse_class(options["up_to"]).water_class is None:
                    self.document.fault(step["up_to"], f"“{options['up_to']}”不是水质类别", "应为 Ⅰ 至 Ⅴ", "更正类别")
            name = f"{number} 水质系数（{options['up_to']}类及以上）" if options else f"{number} 水质系数（其余）"
            figure = self.figures.figure(node, f"{key}.by_class.{place}", name, "", extra="up_to")
            rows.append(Part("step", {"value": figure}, options))
        if rows and (rows[-1].options or not all(row.options for row in rows[:-1])):
            self.document.fault(
                fields["by_class"], "水质系数的最后一行不能有 up_to，其余各行都要有", "须覆盖所有类别", "更正"
            )
        return Part("per_unit", {"price": price}, rows=tuple(rows))

    def _tiers(self, fields: Fields, key: str, number: str) -> Part:
        fields = self._only(fields, "tiers", of="tariff")
        rows = []
        for place, node in enumerate(fields.items("tiers"), start=1):
            tier = self.document.keys(node, "over value", of="tiers")
            over = self.figures.figure(tier["over"], f"{key}.tiers.{place}.over", f"{number} 第 {place} 档：超过", "")
            value = self.figures.figure(
                tier["value"], f"{key}.tiers.{place}.value", f"{number} 第 {place} 档：金额", "元"
            )
            rows.append(Part("tier", {"over": over, "value": value}))
        thresholds = [row.figures["over"].spans[0].value for row in rows if row.figures["over"].spans]
        if thresholds != sorted(set(thresholds)):
            self.document.fault(fields["tiers"], "各档门槛没有由低到高排列", "后一档须高于前一档", "重新排列")
        return Part("tiers", rows=tuple(rows))

    def _around_pivot(self, fields: Fields, key: str, number: str) -> Part:
        fields = self._only(fields, "pivot base step per_step at_most", of="tariff")
        names = {
            "pivot": ("基准值", ""),
            "base": ("基本额", "元"),
            "step": ("每步", ""),
            "per_step": ("每步金额", "元"),
            "at_most": ("最高额", "元"),
        }
        return Part(
            "around_pivot",
            {
                name: self.figures.figure(fields[name], f"{key}.{name}", f"{number} {label}", kind)
                for name, (label, kind) in names.items()
            },
        )

    # sections and indicators

    def _sections(self, node: Node) -> tuple[str, ...]:
        """Sections by kind ({kind: boundary}) or by name (a list)."""
        if isinstance(node, MappingNode):
            fields = self.document.keys(node, "kind", of="sections")
            kind = fields.one_of("kind", ("boundary", "intake"))
            codes = tuple(section.code for section in self.sections.values() if section.kind == kind)
            if not codes:
                self.document.fault(node, "条款没有适用的断面", f"协议中没有 {kind} 类断面", "补上断面，或更正类别")
            return codes
        return tuple(self._section_code(item) for item in self.document.items(node, "sections"))

    def _section_code(self, node: Node) -> str:
        return self._section_code_of(self.document.text(node, "断面"), node)

    def _section_code_of(self, name: str, node: Node) -> str:
        if name not in self.sections:
            self.document.fault(node, f"未知的断面“{name}”", f"本协议断面：{'、'.join(self.sections)}", "更正断面名称")
            return ""
        return self.sections[name].code

    def _indicator(self, node: Node) -> str:
        name = self.document.text(node, "indicator")
        found = indicator_by_name(name)
        if found is None:
            self.document.fault(node, f"未知的指标“{name}”", "不在指标表中", "改用标准名称")
            return ""
        return found.code

    def check_all(self, node: Node, clauses: tuple[Clause, ...]) -> None:
        """What only the clauses together show: keys used twice, sections no clause reaches."""
        keys = [clause.key for clause in clauses]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            self.document.fault(node, f"条款键“{key}”用了两次", "键须唯一", "改名")
        reached = {code for clause in clauses for code in (*clause.sections, clause.correction_section)}
        for section in self.sections.values():
            if section.code not in reached:
                self.document.fault(
                    node, f"断面“{section.name}”没有任何条款涉及", "该断面不起作用", "补上条款，或删去断面"
                )

    # money

    def money(self, node: Node) -> Money:
        """The limits and payment arrangements."""
        fields = self.document.keys(node, "rounding", "credit limit advance objection_days", of="money")
        rounding = self.document.keys(fields["rounding"], "clause line split", of="rounding")
        rounding.one_of("line", ("half_up_to_fen",))
        rounding.one_of("split", ("largest_remainder",))
        credit, credit_clause = self._money_figure(fields, "credit", "share", "多元化抵扣比例上限", "")
        limit, limit_clause = self._money_figure(fields, "limit", "net_payment", "年度净支付限额", "元")
        advance, advance_clause = self._money_figure(fields, "advance", "share", "预拨比例", "")
        days, _ = self._money_figure(fields, "objection_days", "days", "异议期限（工作日）", "")
        return Money(credit, credit_clause, limit, limit_clause, advance, advance_clause, days, rounding.text("clause"))

    def _money_figure(self, fields: Fields, key: str, name: str, label: str, kind: str) -> tuple[Parameter | None, str]:
        if key not in fields:
            return None, ""
        inner = self.document.keys(fields[key], f"clause {name}", of=key)
        clause = inner.text("clause")
        return self.figures.figure(inner[name], f"money.{key}.{name}", f"{clause} {label}", kind), clause
