"""Case files (`rules/cases/*.yaml`): an agreement, evidence given as period values, and the amounts that must come out.

Monthly values are given once per month and stand for every day of it, so that the monthly mean is exactly the value
given; those under `before` are of the same months a year earlier. Published outcomes and worked examples are written
this way; there is no tolerance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from importlib import resources

from yaml.nodes import MappingNode, Node, SequenceNode

from compensation.agreement.document import Document, Fields
from compensation.agreement.loader import load
from compensation.expression import UnitError, unit
from compensation.quality.standard import indicator_by_name
from rules.agreement import POOL, Agreement, Period, months_of, year_before
from rules.evidence import (
    BalanceFact,
    ChargedFact,
    DayValue,
    Evidence,
    ExemptionFact,
    IncidentFact,
    InKindFact,
    TransferFact,
    VolumeFact,
)


@dataclass(frozen=True, slots=True)
class Expected:
    """One amount that must come out, 元: a party's final net, a clause's charges or payment, what its fund has left."""

    what: str  # final / charge / payment / fund
    names: tuple[str, ...]
    amount_yuan: Fraction
    place: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case: where it is from, how sure it is (F published, D computed, U unverified), evidence and outcome."""

    name: str
    title: str
    source: str
    certainty: str
    agreement: Agreement
    first: date
    last: date
    evidence: Evidence
    expected: tuple[Expected, ...]


def shipped_cases() -> Iterator[CaseFile]:
    """Every case that ships, in the order of the file names."""
    for entry in sorted(resources.files("rules.cases").iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".yaml"):
            yield from parse_cases(entry.name, entry.read_text(encoding="utf-8"))


def parse_cases(name: str, text: str) -> tuple[CaseFile, ...]:
    """The cases of one file; AgreementError lists every fault."""
    document = Document(name, text)
    top = document.keys(document.root, "cases", of="案例文件")
    cases = tuple(_Reader(document, node).case() for node in top.items("cases"))
    document.raise_if_faulty()
    return cases


class _Reader:
    def __init__(self, document: Document, node: Node) -> None:
        self.document = document
        self.fields = document.keys(node, "title agreement from to source certainty evidence expected", of="cases")
        self.agreement = load(self.fields.text("agreement"))
        self.first, self.last = self.fields.day("from"), self.fields.day("to")
        self.parties = {party.short: party.code for party in self.agreement.parties}
        if self.agreement.fund is not None:
            self.parties |= {self.agreement.short(POOL): POOL}
        self.sections = {section.name: section.code for section in self.agreement.sections}

    def case(self) -> CaseFile:
        evidence = self._evidence(self.fields["evidence"])
        expected = tuple(self._expected(node) for node in self.fields.items("expected"))
        return CaseFile(
            self.document.name,
            self.fields.text("title"),
            self.fields.text("source"),
            self.fields.one_of("certainty", ("F", "D", "I", "U")),
            self.agreement,
            self.first,
            self.last,
            evidence,
            expected,
        )

    def _evidence(self, node: Node) -> Evidence:
        fields = self.document.keys(
            node,
            "",
            "values before volumes flows incidents exemptions in_kind last_year charged balances",
            of="evidence",
        )
        days: dict[tuple[str, str], dict[date, DayValue]] = {}
        months = months_of(self.first, self.last)
        for what, its_months in (("values", months), ("before", tuple(year_before(month) for month in months))):
            if what in fields:
                for section, inner in self.document.mapping(fields[what], what).items():
                    for name, values in self.document.mapping(inner, section).items():
                        key = self._section(section, inner), self._indicator(name, values)
                        days.setdefault(key, {}).update(self._days(values, name, its_months))
        return Evidence(
            days,
            self._volumes(fields, "volumes"),
            tuple(self._incident(each) for each in fields.items("incidents")),
            tuple(self._exemption(each) for each in fields.items("exemptions")),
            tuple(self._in_kind(each) for each in fields.items("in_kind")),
            tuple(self._transfer(each) for each in fields.items("last_year")),
            tuple(self._charged(each) for each in fields.items("charged")),
            self._volumes(fields, "flows"),
            balances=tuple(self._balance(each) for each in fields.items("balances")),
        )

    def _volumes(self, fields: Fields, what: str) -> dict[tuple[str, str], VolumeFact]:
        found: dict[tuple[str, str], VolumeFact] = {}
        if what in fields:
            for section, inner in self.document.mapping(fields[what], what).items():
                for month, value in self._by_month(inner, section, months_of(self.first, self.last)):
                    fact = VolumeFact(self._amount(value, what, "m³"), self.document.name)
                    found[self._section(section, inner), month.name] = fact
        return found

    def _charged(self, node: Node) -> ChargedFact:
        fields = self.document.keys(node, "clause amount", "backward section indicator party", of="charged")
        return ChargedFact(
            fields.text("clause"),
            fields.text("backward") in ("true", "是"),
            self._amount(fields["amount"], "amount", "元"),
            self.document.name,
            self._section(fields.text("section"), node) if "section" in fields else "",
            self._indicator(fields.text("indicator"), node) if "indicator" in fields else "",
            self._party(fields.text("party"), node) if "party" in fields else "",
        )

    def _balance(self, node: Node) -> BalanceFact:
        fields = self.document.keys(node, "clause amount", of="balances")
        return BalanceFact(fields.text("clause"), self._amount(fields["amount"], "amount", "元"), self.document.name)

    def _by_month(self, node: Node, of: str, months: tuple[Period, ...]) -> Iterator[tuple[Period, Node]]:
        """One value for every month, a list of one value per month, or a mapping of month to value."""
        if isinstance(node, SequenceNode):
            if len(node.value) != len(months):
                self.document.fault(node, f"“{of}”有 {len(node.value)} 个值", f"期间有 {len(months)} 月", "每月一个值")
            yield from zip(months, node.value, strict=False)
        elif isinstance(node, MappingNode):
            named = {month.name: month for month in months}
            for name, value in self.document.mapping(node, of).items():
                if name in named:
                    yield named[name], value
                else:
                    self.document.fault(value, f"“{name}”不是期间内的月份", "月份写成 2026-07", "更正")
        else:
            yield from ((month, node) for month in months)

    def _days(self, node: Node, of: str, months: tuple[Period, ...]) -> dict[date, DayValue]:
        days: dict[date, DayValue] = {}
        for month, value in self._by_month(node, of, months):
            if self.document.text(value, of) in ("-", "缺"):
                continue
            number = self.document.number(value, of)
            days |= {day: DayValue(number, 1, self.document.name) for day in month.days}
        return days

    def _incident(self, node: Node) -> IncidentFact:
        fields = self.document.keys(
            node, "number day section cost responsibility bearer", "indicator concentration", of="incidents"
        )
        shares = self.document.mapping(fields["responsibility"], "responsibility")
        return IncidentFact(
            fields.text("number"),
            self._section(fields.text("section"), node),
            fields.day("day"),
            self._indicator(fields.text("indicator"), node) if "indicator" in fields else None,
            self._amount(fields["concentration"], "concentration", "mg/L") if "concentration" in fields else None,
            self._amount(fields["cost"], "cost", "元"),
            {self._party(name, value): self.document.number(value, name) for name, value in shares.items()},
            self._party(fields.text("bearer"), node),
            self.document.name,
        )

    def _exemption(self, node: Node) -> ExemptionFact:
        fields = self.document.keys(node, "section from to reason document", of="exemptions")
        code = self._section(fields.text("section"), node)
        return ExemptionFact(code, fields.day("from"), fields.day("to"), fields.text("reason"), fields.text("document"))

    def _in_kind(self, node: Node) -> InKindFact:
        fields = self.document.keys(node, "from to kind what value", of="in_kind")
        return InKindFact(
            self._party(fields.text("from"), node),
            self._party(fields.text("to"), node),
            fields.one_of("kind", ("technology", "talent", "industry")),
            fields.text("what"),
            self._amount(fields["value"], "value", "元"),
            self.document.name,
        )

    def _transfer(self, node: Node) -> TransferFact:
        fields = self.document.keys(node, "from to amount", of="last_year")
        amount = self._amount(fields["amount"], "amount", "元")
        return TransferFact(
            self._party(fields.text("from"), node), self._party(fields.text("to"), node), amount, self.document.name
        )

    def _expected(self, node: Node) -> Expected:
        fields = self.document.keys(node, "amount", "final clause section period from to fund", of="expected")
        place = f"《{self.document.name}》第 {node.start_mark.line + 1} 行"
        amount = self._amount(fields["amount"], "amount", "元")
        if "fund" in fields:
            return Expected("fund", (fields.text("fund"),), amount, place)
        if "final" in fields:
            return Expected("final", (self._party(fields.text("final"), node),), amount, place)
        if "clause" in fields:
            section = fields.text("section")
            names = (fields.text("clause"), self._section(section, node) if section else "", fields.text("period"))
            return Expected("charge", names, amount, place)
        return Expected("payment", self._pair(fields, node), amount, place)

    def _pair(self, fields: Fields, node: Node) -> tuple[str, str]:
        return self._party(fields.text("from"), node), self._party(fields.text("to"), node)

    def _amount(self, node: Node, of: str, kind: str) -> Fraction:
        """An amount with its unit, such as 3000 万元, in the base unit of its kind."""
        text, _, symbol = self.document.text(node, of).partition(" ")
        try:
            found = unit(symbol)
            if not found.same_kind(unit(kind)):
                raise UnitError(symbol)
            return Fraction(text.replace(",", "")) * found.scale / unit(kind).scale
        except (UnitError, ValueError):
            self.document.fault(node, f"“{of}”的值“{text} {symbol}”有误", f"应为数、空格、“{kind}”一类的单位", "更正")
            return Fraction(0)

    def _party(self, name: str, node: Node) -> str:
        if name not in self.parties:
            self.document.fault(node, f"“{name}”不是协议的缔约方", f"缔约方：{'、'.join(self.parties)}", "更正")
        return self.parties.get(name, name)

    def _section(self, name: str, node: Node) -> str:
        if name not in self.sections:
            self.document.fault(node, f"“{name}”不是协议的断面", f"断面：{'、'.join(self.sections)}", "更正")
        return self.sections.get(name, name)

    def _indicator(self, name: str, node: Node) -> str:
        found = indicator_by_name(name)
        if found is None:
            self.document.fault(node, f"未知的指标“{name}”", "不在指标表中", "更正")
            return name
        return found.code
