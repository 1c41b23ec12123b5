"""Tests that are collected once, and processes forked from there to run some of them against one mutant."""

import ast
import functools
import gc
import importlib.abc
import importlib.util
import json
import os
import resource
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, TextIO

import pytest
from mutants import PROBE, Mutant, mutated, watched

CHECKOUT = Path(__file__).resolve().parents[2]
SURVIVED = "survived"

_ARGUMENTS = (
    *("-qq", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile=mutants"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # Hypothesis is imported before, for its profile
)
# A loop that does not end is stopped: by what it gathers, or when it computes this much longer than the test does.
_MEMORY = 4 * 1024**3
_TIMES = 8
_SECONDS = 5

Work = Callable[[TextIO], None]


@functools.cache  # what is tried is the text as it was in the beginning
def source_of(path: str) -> str:
    """The text of a file of the checkout."""
    return (CHECKOUT / path).read_text(encoding="utf-8")


def pooled(works: Iterable[tuple[Any, Work]], jobs: int) -> Iterator[tuple[Any, list[str]]]:
    """Each work's key with the lines it wrote before it ended or was stopped, in the order in which they end."""
    waiting = iter(works)
    running: dict[int, tuple[Any, TextIO]] = {}
    while True:
        while len(running) < jobs and (begun := next(waiting, None)):
            file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
            running[_forked(begun[1], file)] = (begun[0], file)
        if not running:
            return
        key, file = running.pop(os.wait()[0])
        with file:
            file.seek(0)
            yield key, file.read().splitlines()


def _forked(work: Work, file: TextIO) -> int:
    """Run `work` in a process of its own, which prints nothing; the process id."""
    child = os.fork()
    if child:
        return child
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        work(file)
        file.flush()
    finally:
        os._exit(0)


class Tests:
    """The collected tests, the time each takes, and which of them run a statement of the files under test."""

    def __init__(self, items: Sequence[pytest.Item]) -> None:
        self.items = {item.nodeid: item for item in items}
        self.seconds: dict[str, float] = {}
        self.noticed: dict[tuple[str, str], int] = defaultdict(int)
        self._running: dict[tuple[str, int], set[str]] = defaultdict(set)
        self._failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called by pytest for each step of each test."""
        self._failed |= report.failed

    def passes(self, name: str) -> bool:
        """Run one test."""
        self._failed = False
        item = self.items[name]
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return not self._failed

    def meet(self, names: Iterable[str], seconds: Mapping[str, float], file: TextIO) -> None:
        """Run tests one after the other until one fails, each named in `file` as it begins."""
        for name in names:
            print(name, file=file, flush=True)
            longest = int(_spent() + seconds[name] * _TIMES + _SECONDS)
            resource.setrlimit(resource.RLIMIT_CPU, (longest, resource.RLIM_INFINITY))
            if not self.passes(name):
                return
        print(SURVIVED, file=file)

    def watch(self, functions: "Functions", jobs: int) -> list[str]:
        """Run every test by itself, note its time and the statements it runs; the names of those that fail."""
        failing = []
        works = ((name, functools.partial(self._watched, name, functions)) for name in self.items)
        for name, told in pooled(works, jobs):
            if told:
                self.seconds[name], statements = json.loads(told[0])
                for path, line in statements:
                    self._running[path, line].add(name)
            else:
                failing.append(name)
        return failing

    def _watched(self, name: str, functions: "Functions", file: TextIO) -> None:
        ran = functions.watch()
        begun = _spent()
        if self.passes(name):
            print(json.dumps([_spent() - begun, sorted(ran)]), file=file)

    def against(self, mutant: Mutant) -> list[str]:
        """The tests that run the mutant's statement (all, where it runs on import).

        First those that are quick or have noticed many mutants of the same file.
        """
        chosen = self._running[mutant.path, mutant.statement] if mutant.function else self.items
        listed = [name for name in self.items if name in chosen]
        return sorted(listed, key=lambda name: -(1 + self.noticed[mutant.path, name]) / (self.seconds[name] + 0.02))


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class _Loop:
    """Takes the place of pytest's own loop over the collected tests."""

    def __init__(self, work: Callable[[Tests], None]) -> None:
        self._work = work

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        tests = Tests(session.items)
        session.config.pluginmanager.register(tests)
        self._work(tests)
        return True


def collected(paths: Sequence[str], work: Callable[[Tests], None]) -> None:
    """Collect the tests of some files and folders, and do something with them."""
    pytest.main([*_ARGUMENTS, *paths], plugins=[_Loop(work)])


class Functions:
    """The functions of the files under test as they are, for other code to be put into them."""

    def __init__(self, paths: Sequence[str]) -> None:
        files = {str(CHECKOUT / path): path for path in paths}
        objects = gc.get_objects()
        self._functions: dict[str, dict[str, list[FunctionType]]] = {path: defaultdict(list) for path in paths}
        for each in objects:
            if isinstance(each, FunctionType) and each.__code__.co_filename in files:
                self._functions[files[each.__code__.co_filename]][each.__code__.co_qualname].append(each)
        self._remembering = [each for each in objects if isinstance(each, functools._lru_cache_wrapper)]
        self._watched = {path: _codes(path, watched(source_of(path))) for path in paths}

    def watch(self) -> set[tuple[str, int]]:
        """Have every statement tell that it runs: its file and first line appear in the set."""
        ran: set[tuple[str, int]] = set()
        for path, functions in self._functions.items():
            for function in self._put(path, self._watched[path], functions):
                function.__globals__[PROBE] = functools.partial(_tell, ran, path)
        return ran

    def put(self, mutant: Mutant | None) -> None:
        """Change what the function does, wherever it is already held; without a mutant put in each as it is."""
        if mutant is None:
            for path, functions in self._functions.items():
                self._put(path, _codes(path, ast.parse(source_of(path))), functions)
            return
        codes = _codes(mutant.path, mutated(mutant, source_of(mutant.path)))
        changed = self._put(mutant.path, codes, [mutant.function])
        names = vars(sys.modules["compensation.expression.node"])
        for function in changed:
            for name in {"minimum", "maximum", "any_of", "all_of"} - set(function.__globals__):
                function.__globals__[name] = names[name]  # the other one is to be called, not to be unknown

    def _put(self, path: str, codes: Mapping[str, CodeType], names: Iterable[str]) -> list[FunctionType]:
        put = []
        for name in names:
            for function in self._functions[path][name] if name in codes else ():
                function.__code__ = codes[name]
                put.append(function)
        for each in self._remembering:
            if each.__wrapped__ in put:
                each.cache_clear()
        return put


def _tell(ran: set[tuple[str, int]], path: str, line: int) -> None:
    ran.add((path, line))


def _codes(path: str, tree: ast.Module) -> dict[str, CodeType]:
    """The code of every function and method that stands by itself in a module, by its qualified name."""

    def below(code: CodeType) -> Iterator[CodeType]:
        for each in code.co_consts:
            if isinstance(each, CodeType) and "<" not in each.co_qualname:
                yield each
                yield from below(each)

    return {code.co_qualname: code for code in below(compile(tree, str(CHECKOUT / path), "exec"))}


def forget_the_project(mutant: Mutant | None) -> None:
    """What is imported from here on is imported anew, one module of it with the mutant in it."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if file.startswith(f"{CHECKOUT}/") and not file.startswith(sys.prefix) and name != "__main__":
            del sys.modules[name]
    if mutant is not None:
        sys.meta_path.insert(0, _Changed(mutant))


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the one module with the mutant in it."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._name = mutant.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> Any:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, CHECKOUT / self._mutant.path, loader=self)

    def create_module(self, _spec: object) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        tree = mutated(self._mutant, source_of(self._mutant.path))
        exec(compile(tree, str(CHECKOUT / self._mutant.path), "exec"), vars(module))
