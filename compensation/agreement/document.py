"""A YAML document read with line and column, so that every fault says where it stands and all come in one pass.

Reading never stops at a fault: it notes it, puts a harmless placeholder in its place, and goes on. The caller raises
once, at the end. Numbers go from text to Fraction; they never pass through float.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from compensation.errors import AgreementError, Fault

# Without exponents: 1e99999999 is a number too, and would take the machine's memory.
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{1,30})?|\d{1,30}/\d{1,30})%?")

_PROBLEMS = {
    "mapping values are not allowed": "这里不能再出现“键: 值”，多半是缩进不齐，或文字里的冒号没有加引号",
    "cannot start any token": "这里有不能用的字符，如制表符；缩进只能用空格",
    "undefined alias": "“*”引用了没有用“&”定义过的名称",
    "duplicate anchor": "同一个“&”名称定义了两次",
    "expected <block end>": "这一行的缩进与同级各行不一致",
    "could not find expected": "这一行缺少冒号",
    "unexpected end of stream": "引号没有配对",
    "stream end": "括号或引号没有配对，文件就结束了",
    "expected ',' or": "括号里缺少逗号，或括号没有配对",
    "special characters": "文件中有不能用的控制字符",
}


def _in_chinese(error: yaml.YAMLError) -> str:
    told = str(error)
    return next((text for known, text in _PROBLEMS.items() if known in told), "不是合法的 YAML")


class Document:
    """The faults and the place names of one agreement file."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._faults: list[tuple[int, int, Fault]] = []
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f"《{name}》第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else f"《{name}》"
            raise AgreementError(
                Fault(where, "协议文件无法解析", _in_chinese(error), "检查该处的缩进、冒号、引号和括号")
            ) from error
        if not isinstance(root, MappingNode):
            raise AgreementError(Fault(f"《{name}》", "协议文件没有内容", "顶层应为“键: 值”", "参照编写指南补齐各项"))
        self.root = root

    def fault(self, node: Node, what: str, why: str, fix: str) -> None:
        """Note one fault at the place of `node`."""
        mark = node.start_mark
        where = f"《{self.name}》第 {mark.line + 1} 行第 {mark.column + 1} 列"
        self._faults.append((mark.line, mark.column, Fault(where, what, why, fix)))

    def raise_if_faulty(self) -> None:
        """AgreementError with every fault noted so far, in the order of the file."""
        if self._faults:
            raise AgreementError([fault for *_, fault in sorted(self._faults, key=lambda each: each[:2])])

    def keys(self, node: Node, required: str, optional: str = "", *, of: str) -> "Fields":
        """The fields of a mapping. Unknown and absent keys are faults; keys that begin with x- are the writer's own."""
        wanted, allowed = required.split(), required.split() + optional.split()
        found = dict(self._pairs(node, of))
        for key, (key_node, _) in found.items():
            if key not in allowed and not key.startswith("x-"):
                near = "、".join(dict.fromkeys(allowed))
                self.fault(key_node, f"“{of}”中有未知的键“{key}”", f"这里只认识：{near}", "更正拼写，或删去该键")
        for key in wanted:
            if key not in found:
                self.fault(node, f"“{of}”缺少“{key}”", "该项为必填", f"补上“{key}”")
        return Fields(self, node, {key: value for key, (_, value) in found.items()})

    def _pairs(self, node: Node, of: str) -> Iterator[tuple[str, tuple[Node, Node]]]:
        if not isinstance(node, MappingNode):
            self.fault(node, f"“{of}”应为若干“键: 值”", "这里不是映射", "参照编写指南改写")
            return
        own = set()
        merged: list[Node] = []
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key == "<<":
                merged += value_node.value if isinstance(value_node, SequenceNode) else [value_node]
                continue
            if key in own:
                self.fault(key_node, f"“{of}”中“{key}”写了两次", "同一键只能出现一次", "删去其中一个")
            own.add(key)
            yield key, (key_node, value_node)
        for other in merged:
            for key, pair in self._pairs(other, of):
                if key not in own:
                    own.add(key)
                    yield key, pair

    def mapping(self, node: Node, of: str) -> dict[str, Node]:
        """A mapping whose keys are names the writer chose (parties, sections, indicators)."""
        return {key: value for key, (_, value) in self._pairs(node, of)}

    def items(self, node: Node, of: str) -> list[Node]:
        """The items of a list."""
        if not isinstance(node, SequenceNode):
            self.fault(node, f"“{of}”应为列表", "这里不是列表", "每项一行，以“- ”开头")
            return []
        return list(node.value)

    def text(self, node: Node, of: str) -> str:
        """A text."""
        if not isinstance(node, ScalarNode):
            self.fault(node, f"“{of}”应为文字", "这里是映射或列表", "改写为一个值")
            return ""
        return str(node.value).strip()

    def day(self, node: Node, of: str) -> date:
        """A date such as 2026-01-01."""
        text = self.text(node, of)
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.fault(node, f"“{of}”不是日期：“{text}”", "日期须写成 2026-01-01", "更正日期")
            return date.min

    def number(self, node: Node, of: str) -> Fraction:
        """A number: 0.02, 3/4, 60%."""
        text = self.text(node, of)
        try:
            if _NUMBER.fullmatch(text) is None:
                raise ValueError(text)
            return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except (ValueError, ZeroDivisionError):
            self.fault(node, f"“{of}”不是数：“{text}”", "数写成 0.02、3/4 或 60%", "更正该数")
            return Fraction(1)

    def one_of(self, node: Node, choices: Mapping[str, object] | tuple[str, ...], of: str) -> str:
        """A text out of a closed list; the first choice stands in when it is not."""
        text = self.text(node, of)
        if text not in choices:
            self.fault(node, f"“{of}”的值“{text}”不在可选范围内", f"可选：{'、'.join(choices)}", "改为其中之一")
            return next(iter(choices))
        return text


class Fields:
    """The fields of one mapping, read by name; an absent optional field gives its default."""

    def __init__(self, document: Document, node: Node, found: dict[str, Node]) -> None:
        self.document = document
        self.node = node
        self._found = found

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def __getitem__(self, key: str) -> Node:
        """The node of a field; the mapping itself stands in for an absent one, whose absence is already a fault."""
        return self._found.get(key, self.node)

    def text(self, key: str, default: str = "") -> str:
        """A text field."""
        return self.document.text(self._found[key], key) if key in self._found else default

    def texts(self, key: str) -> tuple[str, ...]:
        """A field that is a list of texts; empty when absent."""
        if key not in self._found:
            return ()
        return tuple(self.document.text(item, key) for item in self.document.items(self._found[key], key))

    def day(self, key: str) -> date:
        """A date field."""
        return self.document.day(self._found[key], key) if key in self._found else date.min

    def items(self, key: str) -> list[Node]:
        """A list field; empty when absent."""
        return self.document.items(self._found[key], key) if key in self._found else []

    def one_of(self, key: str, choices: Mapping[str, object] | tuple[str, ...], default: str | None = None) -> str:
        """A field out of a closed list."""
        if key in self._found:
            return self.document.one_of(self._found[key], choices, key)
        return default if default is not None else next(iter(choices))
