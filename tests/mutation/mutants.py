"""What is changed in the code, one change at a time: operators, comparisons, numbers, conditions, roundings, branches.

A statement that only does something is left out.
"""

import ast
import copy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATE: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_CALLS = {
    "minimum": "maximum",
    "maximum": "minimum",
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "any_of": "all_of",
    "all_of": "any_of",
    "floor": "ceil",
    "ceil": "floor",
    "rounded_half_up": "rounded_half_even",
    "rounded_half_even": "rounded_half_up",
}

PROBE = "tell_that_this_line_runs"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the file, the number of the node in a walk of its tree, which of its changes, and words for it.

    `statement` is the first line of the innermost statement that the node stands in; `function` is the outermost
    function around it, empty where the code runs when the module is imported. `key` stays the same as long as the
    function does, wherever it stands.
    """

    path: str
    at: int
    choice: int
    line: int
    words: str
    statement: int
    function: str
    key: str


def mutants(path: str, source: str) -> Iterator[Mutant]:
    """Every mutant of one file; annotations, texts and the records of what parts look like are left alone."""
    tree = ast.parse(source)
    skipped = {id(below) for node in ast.walk(tree) for part in _untouched(node) for below in ast.walk(part)}
    places = dict(_places(tree, 1, "", inside=False))
    texts = _texts(tree, "")
    numbers: dict[str, Iterator[int]] = {}
    for at, node in enumerate(ast.walk(tree)):
        if id(node) in skipped:
            continue
        statement, function = places[id(node)]
        for choice, (words, _) in enumerate(_changes(node)):
            text = hashlib.sha256(f"{path} {function} {texts.get(function, source)}".encode()).hexdigest()[:20]
            key = f"{text} {next(numbers.setdefault(function, count()))}"
            yield Mutant(path, at, choice, getattr(node, "lineno", statement), words, statement, function, key)


def _texts(node: ast.AST, within: str) -> dict[str, str]:
    """What every function says, without its place, by its name and that of its class."""
    found: dict[str, str] = {}
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.ClassDef | ast.FunctionDef):
            name = f"{within}.{each.name}".removeprefix(".")
            found |= {name: ast.dump(each)} if isinstance(each, ast.FunctionDef) else _texts(each, name)
    return found


def mutated(mutant: Mutant, source: str) -> ast.Module:
    """The file's tree with the change in it."""
    tree = ast.parse(source)
    wanted = list(ast.walk(tree))[mutant.at]
    new = _changes(wanted)[mutant.choice][1]

    class Put(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is wanted else self.generic_visit(node)

    return ast.fix_missing_locations(Put().visit(tree))


def watched(source: str) -> ast.Module:
    """The file's tree in which every statement first tells its line to `PROBE`."""

    class Tell(ast.NodeTransformer):
        def generic_visit(self, node: ast.AST) -> ast.AST:
            super().generic_visit(node)
            for name, field in ast.iter_fields(node):
                if isinstance(field, list) and field and isinstance(field[0], ast.stmt):
                    setattr(node, name, [each for statement in field for each in (_probe(statement), statement)])
            return node

    return ast.fix_missing_locations(Tell().visit(ast.parse(source)))


def _probe(statement: ast.stmt) -> ast.stmt:
    call = ast.Call(ast.Name(PROBE, ast.Load()), [ast.Constant(statement.lineno)], [])
    return ast.copy_location(ast.Expr(call), statement)


def _places(node: ast.AST, statement: int, function: str, *, inside: bool) -> Iterator[tuple[int, tuple[int, str]]]:
    """Every node's statement and outermost function, by the id of the node."""
    statement = node.lineno if isinstance(node, ast.stmt) else statement
    yield id(node), (statement, function if inside else "")
    for name, child in ast.iter_fields(node):
        for each in child if isinstance(child, list) else [child]:
            if not isinstance(each, ast.AST):
                continue
            if inside or not isinstance(node, ast.ClassDef | ast.FunctionDef):
                yield from _places(each, statement, function, inside=inside)
            else:
                named = f"{function}.{node.name}".removeprefix(".")
                entered = isinstance(node, ast.FunctionDef) and name == "body"
                yield from _places(each, statement, named, inside=entered)


def _changes(node: ast.AST) -> list[tuple[str, ast.AST]]:
    """What a node can be changed to, each with words."""
    return next((changes(node) for kinds, changes in _CHANGES if isinstance(node, kinds)), [])


def _of_operator(node: ast.BinOp | ast.BoolOp) -> list[tuple[str, ast.AST]]:
    if isinstance(node, ast.BoolOp):
        or_ = isinstance(node.op, ast.Or)
        return [("or → and" if or_ else "and → or", _with(node, op=ast.And() if or_ else ast.Or()))]
    other = _OPERATE.get(type(node.op))
    return [(f"{type(node.op).__name__} → {other.__name__}", _with(node, op=other()))] if other else []


def _of_statement(node: ast.Expr | ast.AugAssign) -> list[tuple[str, ast.AST]]:
    said = isinstance(node.value, ast.Constant) and isinstance(node, ast.Expr)
    return [] if said else [("without it", ast.copy_location(ast.Pass(), node))]


def _of_choice(node: ast.Call) -> list[tuple[str, ast.AST]]:
    if not isinstance(node.func, ast.Name) or node.func.id != "choose":
        return []
    condition, then, otherwise = node.args
    return [("the other branch", _with(node, args=[condition, otherwise, then]))]


def _of_name(node: ast.Name | ast.Attribute) -> list[tuple[str, ast.AST]]:
    name, field = (node.id, "id") if isinstance(node, ast.Name) else (node.attr, "attr")
    if name not in _CALLS or not isinstance(node.ctx, ast.Load):
        return []
    return [(f"{name} → {_CALLS[name]}", _with(node, **{field: _CALLS[name]}))]


def _of_compare(node: ast.Compare) -> list[tuple[str, ast.AST]]:
    found: list[tuple[str, ast.AST]] = []
    for at, op in enumerate(node.ops):
        other = _COMPARE[type(op)]
        ops = [*node.ops[:at], other(), *node.ops[at + 1 :]]
        found.append((f"{type(op).__name__} → {other.__name__}", _with(node, ops=ops)))
    return found


def _of_constant(node: ast.UnaryOp | ast.Constant) -> list[tuple[str, ast.AST]]:
    if isinstance(node, ast.UnaryOp):
        return [(f"without {type(node.op).__name__}", node.operand)]
    if isinstance(node.value, bool):
        return [(f"{node.value} → {not node.value}", _with(node, value=not node.value))]
    if isinstance(node.value, int):
        return [(f"{node.value} → {node.value + 1}", _with(node, value=node.value + 1))]
    return []


def _of_condition(node: ast.If | ast.IfExp | ast.comprehension) -> list[tuple[str, ast.AST]]:
    if isinstance(node, ast.comprehension):
        return [("without its condition", _with(node, ifs=[]))] if node.ifs else []
    always = ast.copy_location(ast.Constant(value=True), node.test)
    never = ast.copy_location(ast.Constant(value=False), node.test)
    return [("condition always", _with(node, test=always)), ("condition never", _with(node, test=never))]


_CHANGES: tuple[tuple[Any, Callable[[Any], list[tuple[str, ast.AST]]]], ...] = (
    (ast.Compare, _of_compare),
    (ast.BinOp | ast.BoolOp, _of_operator),
    (ast.UnaryOp | ast.Constant, _of_constant),
    (ast.Name | ast.Attribute, _of_name),
    (ast.Expr | ast.AugAssign, _of_statement),
    (ast.Call, _of_choice),
    (ast.If | ast.IfExp | ast.comprehension, _of_condition),
)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _untouched(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef):
        yield from filter(None, [node.returns, *node.decorator_list])
        yield from filter(None, (arg.annotation for arg in (*node.args.args, *node.args.kwonlyargs)))
    elif isinstance(node, ast.ClassDef):
        yield from node.decorator_list
    elif isinstance(node, ast.AnnAssign):
        yield node.annotation
    elif isinstance(node, ast.JoinedStr):
        yield node  # what things are called moves no money
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Spec"):
        yield node
