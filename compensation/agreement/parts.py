"""Measures and tariffs of an agreement file, read against the specifications that stand beside them in `rules`."""

from collections.abc import Mapping
from dataclasses import dataclass

from yaml.nodes import Node

from compensation.agreement.document import Document, Fields
from compensation.agreement.figures import Figures
from compensation.quality.standard import Indicator, indicator_by_name
from rules.agreement import Parameter, Part, Section
from rules.parts import CLASS_NAMES, SAME_AS_INDICATOR, PartSpec, RowSpec, TableSpec


@dataclass(frozen=True, slots=True)
class PartReader:
    """Reads one part; `key` and `number` are those of its clause, `sections` those the agreement knows by name."""

    document: Document
    figures: Figures
    sections: Mapping[str, Section]
    key: str
    number: str

    def part(self, node: Node, specs: Mapping[str, PartSpec], of: str) -> Part:
        """A part of any of the kinds in `specs`."""
        kind_node = self.document.mapping(node, of).get("kind")
        if kind_node is None:
            self.document.fault(node, f"“{of}”没有“kind”", f"可选：{'、'.join(specs)}", "补上“kind”")
            return Part("")
        kind = self.document.one_of(kind_node, tuple(specs), f"{of}.kind")
        if kind != self.document.text(kind_node, of):
            return Part("")  # another kind would be found fault with for what nobody wrote
        spec = specs[kind]
        required = [name for name, figure in spec.figures.items() if figure.required]
        required += [name for name, table in spec.tables.items() if table.required]
        required += [spec.rows_name] if spec.rows is not None and spec.rows.required else []
        optional = [*spec.figures, *spec.tables, *spec.options, spec.rows_name]
        fields = self.document.keys(node, " ".join(["kind", *required, *spec.sections]), " ".join(optional), of=of)
        figures: dict[str, Parameter] = {}
        for name, figure in spec.figures.items():
            if name in fields:
                label = f"{self.number} {figure.label}"
                figures[name] = self._figure(fields[name], f"{self.key}.{name}", label, figure.kind)
        for name, table in spec.tables.items():
            if name in fields:
                figures |= self._table(fields[name], name, table)
        if "step" in figures and any(span.value <= 0 for span in figures["step"].spans):
            self.document.fault(fields["step"], "“step”不大于零", "每步的大小不能是零，也不能为负", "更正该数")
        options = {name: fields.one_of(name, choices) for name, choices in spec.options.items()}
        for name in spec.sections:
            if name in fields:
                options |= self._section_to_section(fields[name], name)
        rows = self._rows(fields, spec.rows_name, spec.rows) if spec.rows and spec.rows_name in fields else ()
        return Part(kind, figures, options, rows)

    def _figure(self, node: Node, key: str, label: str, kind: str | None) -> Parameter:
        if kind == "类":
            return self.figures.water_class(node, key, label)
        return self.figures.figure(node, key, label, kind)

    # tables: by indicator, by section, or by section and indicator

    def _table(self, node: Node, name: str, table: TableSpec) -> dict[str, Parameter]:
        found: dict[str, Parameter] = {}
        if table.by == ("indicator",):
            found = self._by_indicator(node, name, f"{self.number} ", table)
        else:
            for section_name, inner in self.document.mapping(node, name).items():
                section = self._section(section_name, inner)
                if section is None:
                    continue
                label = f"{self.number} {section.name}"
                if table.by == ("section",):
                    key = f"{self.key}.{name}.{section.name}"
                    found[f"{name}.{section.code}"] = self._figure(inner, key, f"{label} {table.label}", table.kind)
                else:
                    found |= self._by_indicator(inner, f"{name}.{section.code}", label, table)
        if table.sums_to_one:
            self._check_sum(node, table, found)
        return found

    def _by_indicator(self, node: Node, name: str, label: str, table: TableSpec) -> dict[str, Parameter]:
        found = {}
        for text, inner in self.document.mapping(node, name).items():
            its = self._indicator(text, inner)
            if its is not None:
                kind = its.unit if table.kind == SAME_AS_INDICATOR else table.kind
                full = f"{label}{its.name}{table.label}"
                found[f"{name}.{its.code}"] = self._figure(inner, f"{self.key}.{name}.{its.name}", full, kind)
        return found

    def _check_sum(self, node: Node, table: TableSpec, found: Mapping[str, Parameter]) -> None:
        for day in sorted({span.first for each in found.values() for span in each.spans}):
            values = [span.value for each in found.values() for span in each.spans if span.first <= day <= span.last]
            if sum(values) != 1:
                self.document.fault(
                    node,
                    f"自 {day} 起{table.label}合计为 {sum(values)}，不是 1",
                    "各项须合计为 1",
                    f"更正{table.label}",
                )

    def _section_to_section(self, node: Node, name: str) -> dict[str, str]:
        found = {}
        for text, inner in self.document.mapping(node, name).items():
            one, other = self._section(text, inner), self._section(self.document.text(inner, name), inner)
            if one is not None and other is not None:
                found[f"{name}.{one.code}"] = other.code
        return found

    # rows

    def _rows(self, fields: Fields, name: str, spec: RowSpec) -> tuple[Part, ...]:
        rows = tuple(self._row(node, name, place, spec) for place, node in enumerate(fields.items(name), start=1))
        if not rows:
            self.document.fault(fields[name], f"“{name}”没有内容", "至少要有一行", "补上")
        elif spec.last_is_open and (rows[-1].options or not all(row.options for row in rows[:-1])):
            why = "前面各行写明 up_to，最后一行不写，表示其余各类"
            self.document.fault(fields[name], f"“{name}”没有覆盖所有类别", why, "更正各行的 up_to")
        reached = [CLASS_NAMES.index(row.options["up_to"]) for row in rows if "up_to" in row.options]
        if reached != sorted(set(reached)):
            self.document.fault(fields[name], f"“{name}”没有由好到差排列", "up_to 须逐行变差", "重新排列")
        if spec.ascending:
            values = [row.figures[spec.ascending].spans[0].value for row in rows if row.figures[spec.ascending].spans]
            if values != sorted(set(values)):
                self.document.fault(fields[name], f"“{name}”没有由低到高排列", "后一档须高于前一档", "重新排列")
        return rows

    def _row(self, node: Node, name: str, place: int, spec: RowSpec) -> Part:
        fields = self.document.keys(node, " ".join(spec.figures), " ".join(spec.options), of=name)
        options = {key: fields.one_of(key, choices) for key, choices in spec.options.items() if key in fields}
        where = f"{'、'.join(options.values())}类及以上" if options else f"第 {place} 行"
        figures = {
            key: self._figure(
                fields[key], f"{self.key}.{name}.{place}.{key}", f"{self.number} {figure.label}（{where}）", figure.kind
            )
            for key, figure in spec.figures.items()
        }
        return Part(name, figures, options)

    # names

    def _section(self, name: str, node: Node) -> Section | None:
        if name not in self.sections:
            self.document.fault(node, f"未知的断面“{name}”", f"本协议断面：{'、'.join(self.sections)}", "更正断面名称")
        return self.sections.get(name)

    def _indicator(self, name: str, node: Node) -> Indicator | None:
        found = indicator_by_name(name)
        if found is None:
            self.document.fault(node, f"未知的指标“{name}”", "不在指标表中", "改用标准名称，如 高锰酸盐指数")
        return found
