"""Mutation testing of the law and of money: `make mutate`.

Every operator, comparison, constant and condition of the modules below is changed, one at a time, and the tests are
run against it. A mutant that no test notices survives, and is named with its line; docs/mutation.md explains those
that are left. Each mutant runs in a process of its own, forked after everything that does not change was imported.

    python tests/mutation/mutate.py [--sample N] [--only rules/caps.py] [--jobs 2] [--seconds 120]
"""

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import random
import resource
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# imported before any fork, so that no mutant has to do it again
import hypothesis
import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
TARGETS = (
    "compensation/money.py",
    "compensation/expression/allocation.py",
    *sorted(path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "rules").glob("*.py")),
)
# The quickest first: most mutants die in seconds.
TESTS = (
    "tests/test_allocation.py",
    "tests/test_money.py",
    "tests/mutation",
    "tests/agreement",
    "tests/settlement/test_against_oracle.py",
    "tests/rules/test_cases.py",
    "tests/rules/test_other_agreements.py",
    "tests/proof/test_sound.py",
)
SURVIVED, KILLED = 0, 1

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


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the file, the place of the node in a walk of its tree, which of its changes, and words for it."""

    path: str
    at: int
    choice: int
    line: int
    words: str


def changes(node: ast.AST) -> list[tuple[str, ast.AST]]:
    """What a node can be changed to, each with words."""
    if isinstance(node, ast.Compare):
        return _of_compare(node)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATE:
        other = _OPERATE[type(node.op)]
        return [(f"{type(node.op).__name__} → {other.__name__}", _with(node, op=other()))]
    if isinstance(node, ast.BoolOp):
        or_ = isinstance(node.op, ast.Or)
        return [("or → and" if or_ else "and → or", _with(node, op=ast.And() if or_ else ast.Or()))]
    if isinstance(node, ast.UnaryOp | ast.Constant):
        return _of_constant(node)
    return _of_name(node) if isinstance(node, ast.Name | ast.Attribute) else _of_condition(node)


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


def _of_condition(node: ast.AST) -> list[tuple[str, ast.AST]]:
    if not isinstance(node, ast.If | ast.IfExp | ast.comprehension):
        return []
    if isinstance(node, ast.comprehension):
        return [("without its condition", _with(node, ifs=[]))] if node.ifs else []
    always = ast.copy_location(ast.Constant(value=True), node.test)
    never = ast.copy_location(ast.Constant(value=False), node.test)
    return [("condition always", _with(node, test=always)), ("condition never", _with(node, test=never))]


def _with(node: ast.AST, **fields: object) -> ast.AST:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def mutants(path: str) -> Iterator[Mutant]:
    """Every mutant of one file; annotations, texts and the records of what parts look like are left alone."""
    tree = ast.parse((CHECKOUT / path).read_text(encoding="utf-8"))
    skipped = {id(below) for node in ast.walk(tree) for part in _untouched(node) for below in ast.walk(part)}
    for at, node in enumerate(ast.walk(tree)):
        if id(node) not in skipped:
            for choice, (words, _) in enumerate(changes(node)):
                line = getattr(node, "lineno", 0) or node.target.lineno  # type: ignore[attr-defined]
                yield Mutant(path, at, choice, line, words)


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


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the one module with the mutant in it."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = mutant.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> object:
        if fullname != self.name:
            return None
        where = CHECKOUT / self.mutant.path
        return importlib.util.spec_from_file_location(fullname, where, loader=self)  # type: ignore[arg-type]

    def create_module(self, _spec: object) -> None:
        return None

    def exec_module(self, module: object) -> None:
        exec(compile(mutated(self.mutant), str(CHECKOUT / self.mutant.path), "exec"), vars(module))


def mutated(mutant: Mutant) -> ast.Module:
    """The file's tree with the change in it."""
    tree = ast.parse((CHECKOUT / mutant.path).read_text(encoding="utf-8"))
    wanted = list(ast.walk(tree))[mutant.at]
    new = changes(wanted)[mutant.choice][1]

    class Put(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is wanted else self.generic_visit(node)

    return ast.fix_missing_locations(Put().visit(tree))


def run(mutant: Mutant | None, tests: Sequence[str]) -> int:
    """In a process of its own: exit code 0 when every test passes, which means that the mutant survived."""
    if mutant is not None:
        sys.meta_path.insert(0, _Changed(mutant))
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    arguments = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore"]
    try:
        # one after the other, so that what dies early need not even collect the rest
        return SURVIVED if all(pytest.main([*arguments, test]) == 0 for test in tests) else KILLED
    except BaseException:  # whatever the change brought about, it was noticed
        return KILLED


def started(mutant: Mutant | None, tests: Sequence[str], seconds: int) -> int:
    """Fork; the process id of the child. A loop that does not end is ended by the time it may compute."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        os._exit(run(mutant, tests))
    return child


def trial(chosen: Sequence[Mutant], tests: Sequence[str], jobs: int, seconds: int) -> Iterator[tuple[Mutant, int]]:
    """Every mutant with what became of it, in the order in which they end."""
    waiting = list(reversed(chosen))
    running: dict[int, Mutant] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[started(mutant, tests, seconds)] = mutant
        child, status = os.wait()
        yield running.pop(child), os.waitstatus_to_exitcode(status)


def main() -> int:
    """Print survivors and the figure; exit code 1 when there are survivors that docs/mutation.md does not name."""
    parser = argparse.ArgumentParser(description="Mutation testing of rules and money.")
    parser.add_argument("--sample", type=int, default=0, help="only so many mutants, evenly drawn with a fixed seed")
    parser.add_argument("--only", action="append", help="only this file")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=300, help="how long a mutant may compute")
    options = parser.parse_args()
    os.chdir(CHECKOUT)
    sys.path[:0] = [str(CHECKOUT)]
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = tempfile.mkdtemp()
    hypothesis.settings.register_profile("mutants", max_examples=30)
    hypothesis.settings.load_profile("mutants")
    print(f"hypothesis {hypothesis.__version__}, pytest {pytest.__version__}, yaml {yaml.__version__}")
    chosen = [mutant for path in options.only or TARGETS for mutant in mutants(path)]
    if options.sample and options.sample < len(chosen):
        chosen = sorted(random.Random(1).sample(chosen, options.sample), key=lambda mutant: (mutant.path, mutant.line))
    tests = [test for test in TESTS if (CHECKOUT / test).exists()]
    _, status = os.waitpid(started(None, tests, options.seconds), 0)
    if os.waitstatus_to_exitcode(status) != SURVIVED:
        print("the tests do not pass without a mutant either", file=sys.stderr)
        return 2
    survived = 0
    known = (CHECKOUT / "docs" / "mutation.md").read_text(encoding="utf-8")
    unexplained = 0
    for number, (mutant, code) in enumerate(trial(chosen, tests, options.jobs, options.seconds), start=1):
        if code == SURVIVED:
            survived += 1
            source = (CHECKOUT / mutant.path).read_text(encoding="utf-8").splitlines()[mutant.line - 1].strip()
            explained = f"| {mutant.path} | `{source}` | {mutant.words} |" in known
            unexplained += not explained
            mark = "explained" if explained else "SURVIVED"
            print(f"{mark} {mutant.path}:{mutant.line} {mutant.words} | `{source}`", flush=True)
        elif number % 10 == 0:
            print(f"{number} of {len(chosen)}", file=sys.stderr, flush=True)
    noticed = len(chosen) - survived
    print(f"{len(chosen)} mutants: {noticed} noticed ({noticed * 100 // max(1, len(chosen))} %), {survived} survived,")
    print(f"{unexplained} of them unexplained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
