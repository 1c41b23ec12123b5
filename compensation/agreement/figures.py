"""Dated figures of an agreement file: every value with its days and its source, and no day without a value."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from yaml.nodes import MappingNode, Node, SequenceNode

from compensation.agreement.document import Document, Fields
from compensation.expression import CLASS, RATIO, Unit, UnitError, unit
from compensation.quality.classes import class_name, parse_class
from rules.agreement import Parameter, Ratio, Span, WaterWeight


class Bounds(NamedTuple):
    """What a figure may be: from `at_least` up to `at_most` (None: no end), and whether only whole numbers count."""

    at_least: int | None
    at_most: int | None
    whole: bool = False

    def admit(self, value: Fraction) -> bool:
        """Whether the value lies within."""
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most) and (not self.whole or value.denominator == 1)

    @property
    def told(self) -> str:
        """The bounds as a sentence."""
        what = "整数" if self.whole else "数"
        if self.at_most is not None:
            return f"须为 {self.at_least} 至 {self.at_most} 的{what}"
        return f"须为不小于 {self.at_least} 的{what}" if self.at_least is not None else f"须为{what}"


ANY = Bounds(None, None)

WATER = {"flow": "断面水量", "intake": "取水量"}
"""What water a party's share may be measured by."""


class Place(NamedTuple):
    """What a share by water asks of a section: its code and its kind."""

    code: str
    kind: str


class Figures:
    """Reads dated figures and keeps them all, in the order of the file, for the sheet of parameters."""

    def __init__(
        self, document: Document, first: date, last: date, changes: Mapping[str, Fraction] | None = None
    ) -> None:
        self.document = document
        self.changes = changes or {}  # values, by key, that are tried out in the place of those of the file
        self.first, self.last = first, last
        self.all: list[Parameter] = []
        self.places: dict[str, Place] = {}  # the sections of the file by name, also those not read yet

    def figure(self, node: Node, key: str, label: str, kind: str | None, bounds: Bounds = ANY) -> Parameter:
        """One figure. `kind` is a unit of the dimension it must have, "" for a plain number, None for any unit."""

        def read(value: Node, of: str) -> Fraction:
            number = self.changes[key] if key in self.changes else self.document.number(value, of)
            if not bounds.admit(number):
                written = str(number) if key in self.changes else self.document.text(value, of)
                self.document.fault(value, f"“{label}”的值 {written} 不对", bounds.told, "更正该数")
                return Fraction(bounds.at_least or 0)
            return number

        return self._figure(node, key, label, kind, read)

    def water_class(self, node: Node, key: str, label: str) -> Parameter:
        """A water-quality class (Ⅰ to Ⅴ) as a figure."""

        def read(value: Node, of: str) -> Fraction:
            tried = self.changes.get(key)
            if tried is None:
                return self._class(value, of, self.document.text(value, of))
            return self._class(value, of, class_name(int(tried)) if tried in range(1, 6) else str(tried))

        return self._figure(node, key, label, "类", read)

    def _figure(
        self, node: Node, key: str, label: str, kind: str | None, read: Callable[[Node, str], Fraction]
    ) -> Parameter:
        unit_of_all: Unit | None = None
        spans: list[tuple[Node, Span]] = []
        for item in self._items(node):
            fields = self.document.keys(item, "value from to source", "unit", of=label)
            if "value" not in fields:
                return self._kept(key, label, RATIO, [])
            its_unit = CLASS if kind == "类" else self._unit(fields, label, kind)
            if unit_of_all is not None and not its_unit.interchangeable(unit_of_all):
                self.document.fault(item, f"“{label}”各时段单位不同", "同一参数只能有一个单位", "统一单位")
            unit_of_all = its_unit
            spans.append((item, self._span(fields, read(fields["value"], label))))
        self._check_days(node, label, [span for _, span in spans])
        return self._kept(key, label, unit_of_all or RATIO, [span for _, span in spans])

    def ratio(self, node: Node, key: str, label: str, parties: Mapping[str, str]) -> Ratio:
        """Shares of parties: a ratio such as 5 : 3 : 2, shares that sum to 1, or the water of sections (`by`)."""
        if isinstance(node, MappingNode) and "by" in self.document.mapping(node, label):
            return self._by_water(node, label, parties)
        spans: dict[str, list[Span]] = {}
        days: list[Span] = []
        for item in self._items(node):
            fields = self.document.keys(item, "ratio from to source", of=label)
            if "ratio" not in fields:
                return {}
            weights = self._tried(fields["ratio"], key, label, self._weights(fields["ratio"], label, parties), parties)
            days.append(self._span(fields, Fraction(0)))
            for code, weight in weights.items():
                spans.setdefault(code, []).append(days[-1]._replace(value=weight))
        self._check_days(node, label, days)
        for own in spans.values():  # a party that is not named for some days has no share on them
            there = {span[:2] for span in own}
            own += [day for day in days if day[:2] not in there]
            own.sort(key=lambda span: span.first)
        names = {code: name for name, code in parties.items()}
        return {
            code: self._kept(f"{key}.{names[code]}", f"{label}：{names[code]}", RATIO, own)
            for code, own in sorted(spans.items())
        }

    def _by_water(self, node: Node, label: str, parties: Mapping[str, str]) -> Ratio:
        """水量分担: each party has a share by the water of its sections; one rule for the whole term."""
        fields = self.document.keys(node, "by sections from to source", of=label)
        by = fields.one_of("by", WATER)
        self._check_days(node, label, [self._span(fields, Fraction(0))])
        found: dict[str, WaterWeight] = {}
        taken: set[str] = set()
        for name, inner in self.document.mapping(fields["sections"], label).items():
            codes = [self._place(item, by, taken) for item in self._items(inner)]
            if name not in parties:
                known = "、".join(parties)
                self.document.fault(inner, f"“{label}”中有未知的缔约方“{name}”", f"本协议缔约方：{known}", "更正名称")
            else:
                found[parties[name]] = WaterWeight(by, tuple(codes), fields.text("source"))
        if not found:
            self.document.fault(node, f"“{label}”没有缔约方", "按水量分担须写明各方的断面", "补上 sections")
        return dict(sorted(found.items()))

    def _place(self, node: Node, by: str, taken: set[str]) -> str:
        name = self.document.text(node, "断面")
        place = self.places.get(name)
        if place is None:
            self.document.fault(node, f"未知的断面“{name}”", f"本协议断面：{'、'.join(self.places)}", "更正断面名称")
            return ""
        if by == "intake" and place.kind != "intake":
            self.document.fault(node, f"“{name}”不是取水口", "按取水量分担须用取水口", "改用取水口，或改为 by: flow")
        if name in taken:
            self.document.fault(node, f"断面“{name}”的水量算了两次", "同一断面的水只能算给一方一次", "删去其中一个")
        taken.add(name)
        return place.code

    def _class(self, node: Node, label: str, text: str) -> Fraction:
        found = parse_class(text).water_class
        if found is None or found > 5:
            self.document.fault(node, f"“{label}”的值“{text}”不是水质类别", "应为 Ⅰ 至 Ⅴ", "更正类别")
            return Fraction(3)
        return Fraction(found)

    def _items(self, node: Node) -> list[Node]:
        items = list(node.value) if isinstance(node, SequenceNode) else [node]
        if not items:
            self.document.fault(node, "这里没有值", "列表是空的", "写明时段、数值和来源")
        return items

    def _kept(self, key: str, label: str, its_unit: Unit, spans: list[Span]) -> Parameter:
        parameter = Parameter(key, label, its_unit, tuple(spans))
        self.all.append(parameter)
        return parameter

    def _unit(self, fields: Fields, label: str, kind: str | None) -> Unit:
        symbol = fields.text("unit")
        try:
            found = unit(symbol)
        except UnitError:
            self.document.fault(fields["unit"], f"“{label}”的单位“{symbol}”未知", "不在单位表中", "改用单位表中的写法")
            return unit(kind or "")
        if kind is not None and not found.same_kind(unit(kind)):
            need = f"须为“{kind}”一类的单位" if kind else "须为没有单位的数"
            self.document.fault(fields["unit"], f"“{label}”的单位“{symbol or '（无）'}”不对", need, "更正单位")
        return found

    def _span(self, fields: Fields, value: Fraction) -> Span:
        span = Span(fields.day("from"), fields.day("to"), value, fields.text("source"))
        if "source" in fields and not span.source:
            self.document.fault(fields["source"], "来源为空", "每个数都要有依据", "写明条文、文号，或 assumption")
        if span.first > span.last:
            self.document.fault(fields["from"], f"起日 {span.first} 晚于止日 {span.last}", "时段颠倒", "更正起止日期")
        return span

    def _check_days(self, node: Node, label: str, spans: list[Span]) -> None:
        """Both ends of every span are closed; together they cover the term without gap or overlap."""
        if date.min in (self.first, self.last) or self.first > self.last:
            return  # the term itself could not be read or is none, which is a fault already
        for span in spans:
            if span.first < self.first or span.last > self.last:
                what = f"“{label}”的时段 {span.first} 至 {span.last} 超出协议期限"
                self.document.fault(node, what, f"协议期限为 {self.first} 至 {self.last}", "更正起止日期")
        expected = self.first
        for place, span in enumerate(sorted(spans, key=lambda each: each.first)):
            if span.first > expected:
                gap = f"{expected} 至 {span.first - timedelta(1)}"
                self.document.fault(node, f"“{label}”在 {gap} 没有值", "时段之间有空档", "补上该时段，或延长前一时段")
            elif span.first < expected and place > 0:
                gap = f"{span.first} 至 {expected - timedelta(1)}"
                self.document.fault(node, f"“{label}”在 {gap} 有两个值", "时段重叠", "更正起止日期")
            ends = min(span.last, self.last) + timedelta(1)
            expected = ends if place == 0 else max(expected, ends)
        if spans and expected <= self.last:
            self.document.fault(
                node, f"“{label}”在 {expected} 至 {self.last} 没有值", "未覆盖协议期限", "延长时段或补上新的时段"
            )

    def _tried(
        self, node: Node, key: str, label: str, weights: dict[str, Fraction], parties: Mapping[str, str]
    ) -> dict[str, Fraction]:
        """The weights with those that are tried out: whole numbers beside the others, as the figures are listed."""
        names = {code: name for name, code in parties.items()}
        tried = {code: self.changes.get(f"{key}.{names[code]}", weight) for code, weight in weights.items()}
        if tried != weights and (min(tried.values()) < 0 or not any(tried.values())):
            self.document.fault(node, f"“{label}”不成比例", "各份须不为负，且不全为零", "更正比例")
        if any(weight.denominator != 1 for weight in tried.values()):
            self.document.fault(node, f"“{label}”的权数不是整数", "试算的份额按整数比写", "更正比例")
        return tried

    def _weights(self, node: Node, label: str, parties: Mapping[str, str]) -> dict[str, Fraction]:
        shares: dict[str, Fraction] = {}
        for name, value in self.document.mapping(node, label).items():
            if name not in parties:
                known = "、".join(parties)
                self.document.fault(value, f"“{label}”中有未知的缔约方“{name}”", f"本协议缔约方：{known}", "更正名称")
                continue
            shares[parties[name]] = self.document.number(value, f"{label}：{name}")
        if not shares or any(share < 0 for share in shares.values()) or not sum(shares.values()):
            self.document.fault(node, f"“{label}”不成比例", "各份须不为负，且不全为零", "更正比例")
            return dict.fromkeys(shares, Fraction(1))
        whole = all(share.denominator == 1 for share in shares.values())
        if not whole and sum(shares.values()) != 1:
            self.document.fault(
                node, f"“{label}”合计为 {sum(shares.values())}，不是 1", "份额须合计为 1，或全用整数比", "更正份额"
            )
        scale = lcm(*(share.denominator for share in shares.values()))
        return {code: share * scale for code, share in shares.items()}
