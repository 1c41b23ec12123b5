"""An agreement file (YAML, in the order of art. 17 of decree 779) read into `rules.agreement.Agreement`.

All faults of a file come in one AgreementError, each with line and column.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from importlib import resources
from pathlib import Path

from yaml.nodes import MappingNode, Node

from compensation.agreement.clauses import ClauseReader
from compensation.agreement.coherence import check_together
from compensation.agreement.document import Document, Fields
from compensation.agreement.figures import Bounds, Figures, Place
from compensation.agreement.money import read_money
from compensation.agreement.rehearsal import misfit
from compensation.errors import AgreementError, Fault, os_reason
from compensation.expression import RATIO
from compensation.quality.doubt import Action, Flag
from compensation.quality.standard import body_of, indicator_by_name, limits
from rules.agreement import Agreement, Clause, DataRules, Money, Parameter, Party, Section

SECTION_KINDS = {"boundary": "跨界断面", "intake": "取水口", "background": "背景断面"}


def shipped() -> dict[str, str]:
    """The agreements that ship with this software: key and title."""
    found = {}
    for entry in sorted(resources.files("rules.agreements").iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".yaml"):
            agreement = parse(entry.name, entry.read_text(encoding="utf-8"))
            found[entry.name.removesuffix(".yaml")] = agreement.title
    return found


def load(name: str) -> Agreement:
    """The agreement of a file path, or one that ships, by its key. AgreementError lists every fault."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        if path.is_dir():
            raise AgreementError(Fault(f"《{name}》", "这是文件夹，不是协议文件", "协议是一个 .yaml 文件", "核对路径"))
        if not path.is_file():
            raise AgreementError(Fault(f"《{name}》", "找不到协议文件", "该路径不存在", "核对路径"))
        try:
            return parse(path.name, path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise AgreementError(
                Fault(f"《{name}》", "协议文件不是 UTF-8 编码", "文件无法按 UTF-8 读取", "另存为 UTF-8")
            ) from error
        except OSError as error:
            raise AgreementError(
                Fault(f"《{name}》", "协议文件读不出来", os_reason(error), "核对文件的权限和磁盘")
            ) from error
    entry = resources.files("rules.agreements").joinpath(f"{name}.yaml")
    if not entry.is_file():
        names = sorted(each.name for each in resources.files("rules.agreements").iterdir())
        known = "、".join(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))
        raise AgreementError(
            Fault(f"协议“{name}”", "没有这个协议", f"随软件提供：{known}", "改用其一，或给出 .yaml 文件路径")
        )
    return parse(f"{name}.yaml", entry.read_text(encoding="utf-8"))


def parse(name: str, text: str, changes: Mapping[str, Fraction] | None = None) -> Agreement:
    """The agreement written in `text`; `name` is what faults call the file.

    With `changes` figures are read with other values, by key, and judged as if the file said so.
    """
    return _Reader(Document(name, text), text, changes).agreement()


class _Reader:
    def __init__(self, document: Document, text: str, changes: Mapping[str, Fraction] | None) -> None:
        self.document = document
        self.text = text
        self.top = document.keys(
            document.root,
            "agreement scope targets duties payment term breach other",
            of="协议",
        )
        term = document.keys(self.top["term"], "from to", "text", of="term")
        self.first, self.last = term.day("from"), term.day("to")
        if self.first > self.last:
            document.fault(self.top["term"], "协议期限颠倒", "起日晚于止日", "更正起止日期")
        elif date.min not in (self.first, self.last) and (self.first.year < 1900 or self.last.year > 2199):
            document.fault(self.top["term"], "协议期限过长", "须在 1900 至 2199 年之间", "更正起止日期")
            self.first = self.last = date.min
        self.figures = Figures(document, self.first, self.last, changes)
        self.parties: dict[str, str] = {}
        self.sections: dict[str, Section] = {}
        self.clause_nodes: list[Node] = []

    def agreement(self) -> Agreement:
        head = self.document.keys(self.top["agreement"], "key title version status", "document notes", of="agreement")
        parties = self._scope()
        rules = self._targets()
        clauses, money = self._payment(rules.indicators)
        self.document.raise_if_faulty()
        agreement = Agreement(
            head.text("key"),
            head.text("title"),
            head.text("version"),
            head.one_of("status", ("draft", "signed", "reconstructed")),
            head.text("document"),
            self.first,
            self.last,
            parties,
            tuple(self.sections.values()),
            rules,
            self.top.texts("duties"),
            clauses,
            money,
            self.top.texts("breach"),
            self.top.texts("other"),
            tuple(self.figures.all),
            head.texts("notes"),
            self.text,
            hashlib.sha256(self.text.encode()).hexdigest(),
        )
        for node, clause in zip(self.clause_nodes, clauses, strict=True):
            why = misfit(agreement, clause)
            if why is not None:
                self.document.fault(node, f"{clause.number}的各部分不能合用", why, "核对计量、单价和断面是否相配")
        self.document.raise_if_faulty()
        return agreement

    # (一) scope

    def _scope(self) -> tuple[Party, ...]:
        scope = self.document.keys(self.top["scope"], "parties sections", of="scope")
        parties = []
        for node in scope.items("parties"):
            fields = self.document.keys(node, "code name short", of="parties")
            party = Party(fields.text("code"), fields.text("name"), fields.text("short"))
            if party.short in self.parties or party.code in self.parties.values():
                self.document.fault(node, f"缔约方“{party.short}”重复", "简称或代码已经用过", "更正")
            self.parties[party.short] = party.code
            parties.append(party)
        self.figures.places = dict(self._places(scope.items("sections")))
        for node in scope.items("sections"):
            section = self._section(node)
            if section.name in self.sections:
                self.document.fault(node, f"断面“{section.name}”写了两次", "断面不能重复", "删去其中一个")
            if section.code in {each.code for each in self.sections.values()}:
                self.document.fault(node, f"断面代码“{section.code}”用了两次", "一个代码只能指一个断面", "更正代码")
            self.sections[section.name] = section
        return tuple(parties)

    def _places(self, nodes: Sequence[Node]) -> Iterator[tuple[str, Place]]:
        """Every section by name before any is read: one may share by the water of another that comes after it."""
        for node in nodes:
            if isinstance(node, MappingNode):
                said = {key: str(value.value).strip() for key, value in self.document.mapping(node, "sections").items()}
                yield said.get("name", ""), Place(said.get("code", ""), said.get("kind", ""))

    def _section(self, node: Node) -> Section:
        fields = self.document.keys(
            node, "code name kind body monitoring source", "target upstream downstream", of="sections"
        )
        name = fields.text("name")
        kind = fields.one_of("kind", SECTION_KINDS)
        if kind != "background":
            for need, what in (("upstream", "上游缔约方"), ("downstream", "下游缔约方"), ("target", "水质目标")):
                if need not in fields:
                    self.document.fault(node, f"断面“{name}”没有{what}", "跨界断面和取水口都要写明", f"补上“{need}”")
        target = None
        if "target" in fields:
            target = self.figures.water_class(fields["target"], f"section.{name}.target", f"{name}水质目标")
        sides = {
            side: self.figures.ratio(fields[side], f"section.{name}.{side}", f"{name}{label}份额", self.parties)
            for side, label in (("upstream", "上游"), ("downstream", "下游"))
            if side in fields
        }
        return Section(
            fields.text("code"),
            name,
            kind,
            fields.one_of("body", ("river", "lake")),
            fields.one_of("monitoring", ("automatic", "manual")),
            target,
            sides.get("upstream", {}),
            sides.get("downstream", {}),
            fields.text("source"),
        )

    # (二) targets and data rules

    def _targets(self) -> DataRules:
        targets = self.document.keys(self.top["targets"], "indicators data_rules", "text", of="targets")
        codes = tuple(self._indicator(node) for node in targets.items("indicators"))
        if not codes:
            self.document.fault(targets["indicators"], "没有评价指标", "至少要有一个", "列出评价指标")
        names = {
            "expected_per_day": "每日应有数据个数",
            "day_share": "日有效数据比例",
            "days_per_month": "月有效天数",
            "samples_per_month": "人工采样每月次数",
            "months_per_year": "年有效月数",
            "non_detect_factor": "未检出取检出限的比例",
        }
        fields = self.document.keys(
            targets["data_rules"],
            f"clause {' '.join(names)} rounding",
            "route excluded_statuses flags",
            of="data_rules",
        )
        shares, counts = Bounds(0, 1), Bounds(0, None, whole=True)
        figures = {
            key: self.figures.figure(
                fields[key], f"data.{key}", label, "", shares if key in ("day_share", "non_detect_factor") else counts
            )
            if key in fields
            else Parameter(f"data.{key}", label, RATIO, ())
            for key, label in names.items()
        }
        rounds = fields.one_of("rounding", ("before_class", "none")) == "before_class"
        return DataRules(
            fields.text("clause"),
            codes,
            **figures,
            route=fields.one_of("route", ("daily", "readings")),
            rounds_before_class=rounds,
            excluded_statuses=fields.texts("excluded_statuses"),
            flags=self._flags(fields) if "flags" in fields else {},
        )

    def _flags(self, fields: Fields) -> dict[str, str]:
        """What becomes of values in doubt (存疑数据), by the name of the doubt."""
        found = {}
        for name, node in self.document.mapping(fields["flags"], "flags").items():
            if name not in {flag.value for flag in Flag}:
                known = "、".join(flag.value for flag in Flag)
                self.document.fault(node, f"未知的存疑标记“{name}”", f"可用：{known}", "更正名称")
            else:
                found[name] = self.document.one_of(node, tuple(action.value for action in Action), f"flags.{name}")
        return found

    def _indicator(self, node: Node) -> str:
        name = self.document.text(node, "indicators")
        found = indicator_by_name(name)
        if found is None:
            self.document.fault(
                node, f"未知的指标“{name}”", "不在指标表中", "改用标准名称，如 高锰酸盐指数、氨氮、总磷"
            )
            return "w01019"
        for section in self.sections.values():
            body = body_of(section.body)
            if limits(found.code, body) is None:
                where = f"{'湖库' if body == 'lake' else '河流'}断面“{section.name}”"
                why = f"GB 3838-2002 表 1 对{where}没有{found.name}的类别限值"
                self.document.fault(node, f"“{found.name}”不能作评价指标", why, "去掉该指标，或更正断面的水体类型")
                break
        return found.code

    # (四) payment

    def _payment(self, indicators: tuple[str, ...]) -> tuple[tuple[Clause, ...], Money]:
        payment = self.document.keys(self.top["payment"], "clauses money", of="payment")
        reader = ClauseReader(self.document, self.figures, self.parties, self.sections, indicators)
        read = [(node, clause) for node in payment.items("clauses") if (clause := reader.clause(node)) is not None]
        self.clause_nodes = [node for node, _ in read]
        clauses = tuple(clause for _, clause in read)
        check_together(self.document, payment, clauses, tuple(self.sections.values()), self.figures)
        return clauses, read_money(self.document, self.figures, payment["money"])
