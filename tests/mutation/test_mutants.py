"""What is changed in the code: everything that decides on money, once each, and nothing that is only said."""

import ast
from textwrap import dedent
from typing import Any

from mutants import PROBE, mutants, mutated, watched

SOURCE = dedent(
    '''\
    LIMIT = 3
    class Fund:
        @property
        def share(self, of: int = 2) -> "int | None":
            """Two lines."""
            self.parts.append(choose(of, 3, self.share))
            of -= LIMIT
            if of > LIMIT and not self.closed:
                return max(
                    of,
                    min(each for each in self.parts if each) + 1,
                )
            return f"{of + 1}"
    '''
)
FOUND = [
    (1, "3 → 4", ""),
    (4, "2 → 3", ""),
    (6, "without it", "Fund.share"),
    (6, "the other branch", "Fund.share"),
    (6, "3 → 4", "Fund.share"),
    (7, "without it", "Fund.share"),
    (8, "condition always", "Fund.share"),
    (8, "condition never", "Fund.share"),
    (8, "and → or", "Fund.share"),
    (8, "Gt → GtE", "Fund.share"),
    (8, "without Not", "Fund.share"),
    (9, "max → min", "Fund.share"),
    (11, "Add → Sub", "Fund.share"),
    (11, "min → max", "Fund.share"),
    (11, "1 → 2", "Fund.share"),
    (9, "without its condition", "Fund.share"),
]


def test_every_change_is_found_once_with_its_place() -> None:
    found = [(each.line, each.words, each.function) for each in mutants("fund.py", SOURCE)]
    assert sorted(found) == sorted(FOUND)


def test_a_change_belongs_to_the_statement_it_stands_in() -> None:
    lines = {each.words: each.statement for each in mutants("fund.py", SOURCE)}
    assert lines["min → max"] == lines["without its condition"] == 9
    assert lines["condition always"] == lines["and → or"] == 8


def test_a_mutant_keeps_its_key_until_its_function_changes() -> None:
    def keys(source: str) -> set[str]:
        return {each.key for each in mutants("fund.py", source) if each.function}

    assert len(keys(SOURCE)) == len([each for each in FOUND if each[2]])
    assert keys("import ast\n\n" + SOURCE) == keys(SOURCE)
    assert not keys(SOURCE.replace("+ 1,", "+ 2,")) & keys(SOURCE)


def test_a_watched_function_tells_the_statements_it_runs() -> None:
    told: list[int] = []
    names: dict[str, Any] = {PROBE: told.append}
    exec(compile(watched("def half(n):\n  if n % 2:\n    return None\n  return n // 2\n"), "half.py", "exec"), names)
    told.clear()
    assert names["half"](4) == 2
    assert told == [2, 4]


def test_a_mutant_is_the_file_with_that_one_change() -> None:
    before = ast.unparse(ast.parse(SOURCE)).splitlines()
    for mutant in mutants("fund.py", SOURCE):
        after = ast.unparse(mutated(mutant, SOURCE)).splitlines()
        assert [one != other for one, other in zip(before, after, strict=True)].count(True) == 1
