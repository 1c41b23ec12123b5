"""Mutation testing of the law and of money: `make mutate`.

Every operator, comparison, number and condition of the modules below is changed, one at a time, and the tests are run
against it. A mutant that no test notices survives, and is named with its line; docs/mutation.md explains those that
are left.

A mutant is made cheap, and no test that could notice it is left out:
- The tests are collected once. First each runs by itself, and tells its time and every statement it runs. Then all run
  one after the other as against a mutant, with nothing changed: one that fails here would say nothing of mutants.
- A mutant is put into the functions that are there, in a process forked for it, and meets the tests that ran its
  statement, until one fails; those that are quick and have noticed most come first.
- What runs on import cannot be put in later: those few mutants are imported, by a process that forgot the project.

    python tests/mutation/mutate.py [--only rules/caps.py] [--tests tests/rules/test_caps.py] [--sample N] [--jobs 2]
                                    [--results FILE]

With `--results` what was noticed is kept, and not tried again until its function changes; survivors are.
"""

import argparse
import functools
import gc
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import hypothesis
from mutants import Mutant, mutants
from trials import CHECKOUT, SURVIVED, Functions, Tests, Work, collected, forget_the_project, pooled, source_of

TARGETS = (
    "compensation/money.py",
    "compensation/rounding.py",
    "compensation/expression/allocation.py",
    *sorted(path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "rules").glob("*.py")),
)
TESTS = (
    "tests/rules/test_small_print.py",
    "tests/test_allocation.py",
    "tests/test_money.py",
    "tests/test_rounding.py",
    "tests/rules/test_tariffs.py",
    "tests/rules/test_measures.py",
    "tests/rules/test_case_values.py",
    "tests/rules/test_credits.py",
    "tests/rules/test_damage.py",
    "tests/rules/test_transfers.py",
    "tests/rules/test_closing.py",
    "tests/rules/test_evaluate.py",
    "tests/rules/test_netting.py",
    "tests/rules/test_joint_fund.py",
    "tests/rules/test_fund_account.py",
    "tests/rules/test_fund_charges.py",
    "tests/rules/test_other_agreements.py::test_every_hand_computed_case_comes_out_to_the_fen",
    "tests/rules/test_floors.py",
    "tests/rules/test_cases.py::test_every_shipped_case_comes_out_to_the_fen",
    "tests/rules/test_cases.py::test_the_last_fen_goes_to_whom_the_worked_example_says",
    "tests/rules/test_cases.py::test_credits_cut_and_clearing_come_out_as_in_the_worked_example",
    "tests/rules/test_cases.py::test_advances_and_payments_come_out_as_in_the_worked_example",
    "tests/rules/test_cases.py::test_the_month_that_the_worked_example_takes_out_is_named",
    "tests/settlement/test_labels.py",
    "tests/settlement/test_edges.py",
    "tests/settlement/test_against_oracle.py",
    "tests/proof/test_sound.py::test_every_property_holds_for_every_agreement_and_all_evidence",
    "tests/rules/test_other_agreements.py",
    "tests/agreement",
)
EXAMPLES = 16
PUTTING, IMPORTING = "putting it in", "importing it"


class Results:
    """Which mutants were noticed, and by which test; kept in a file where one is given."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._noticed: dict[str, str] = {}
        if path is not None and path.exists():
            kept = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
            self._noticed = {each["mutant"]: each["by"] for each in kept}

    def __contains__(self, mutant: Mutant) -> bool:
        return mutant.key in self._noticed

    def add(self, mutant: Mutant, by: str) -> None:
        """The name of a test that noticed the mutant."""
        self._noticed[mutant.key] = by
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                told = {"mutant": mutant.key, "place": f"{mutant.path}:{mutant.line} {mutant.words}", "by": by}
                print(json.dumps(told, ensure_ascii=False), file=file)


class Campaign:
    """Every chosen mutant that was not noticed before, against the tests."""

    def __init__(self, chosen: Sequence[Mutant], results: Results, paths: Sequence[str], jobs: int) -> None:
        self._chosen = [mutant for mutant in chosen if mutant not in results]
        self._results = results
        self._paths = paths
        self._jobs = jobs
        self.faults: list[str] = ["no test was collected"]

    def __call__(self, tests: Tests) -> None:
        """Over the tests that pytest collected."""
        functions = Functions(TARGETS)
        gc.freeze()  # what does not change is not touched, and not copied into each fork
        self.faults = [f"{name} does not pass by itself" for name in tests.watch(functions, self._jobs)]
        if self.faults:
            return
        seconds = sum(tests.seconds.values())
        say(f"{len(tests.items)} tests, {seconds:.0f} s by themselves; {len(self._chosen)} mutants to try")
        self.faults = [
            f"{told[-1]} does not pass {how}, though nothing is changed"
            for how, told in pooled(self._unchanged(tests, functions), self._jobs)
            if told[-1:] != [SURVIVED]
        ]
        if not self.faults:
            self._try_all(tests, functions)

    def _unchanged(self, tests: Tests, functions: Functions) -> Iterator[tuple[str, Work]]:
        """What every mutant goes through, without a mutant."""
        names = sorted(tests.items, key=tests.seconds.__getitem__)
        if any(mutant.function for mutant in self._chosen):
            yield "where functions are put in", functools.partial(_put, None, tests, names, functions)
        if any(not mutant.function for mutant in self._chosen):
            yield "imported anew", functools.partial(_imported, None, tests, names, self._paths)

    def _try_all(self, tests: Tests, functions: Functions) -> None:
        works = ((mutant, functools.partial(self._try, mutant, tests, functions)) for mutant in self._chosen)
        for number, (mutant, told) in enumerate(pooled(works, self._jobs), start=1):
            if not told:
                self.faults.append(f"{mutant.path}:{mutant.line} {mutant.words} could not be tried")
            elif told[-1] == SURVIVED:
                say(f"survived {mutant.path}:{mutant.line} {mutant.words}")
            else:
                tests.noticed[mutant.path, told[-1]] += 1
                self._results.add(mutant, told[-1])
            if number % 20 == 0:
                say(f"{number} of {len(self._chosen)}")

    def _try(self, mutant: Mutant, tests: Tests, functions: Functions, file: TextIO) -> None:
        names = tests.against(mutant)
        if mutant.function:
            _put(mutant, tests, names, functions, file)
        else:
            _imported(mutant, tests, names, self._paths, file)


def _put(mutant: Mutant | None, tests: Tests, names: Sequence[str], functions: Functions, file: TextIO) -> None:
    print(PUTTING, file=file, flush=True)
    functions.put(mutant)
    tests.meet(names, tests.seconds, file)


def _imported(mutant: Mutant | None, tests: Tests, names: Sequence[str], paths: Sequence[str], file: TextIO) -> None:
    print(IMPORTING, file=file, flush=True)
    forget_the_project(mutant)
    collected(paths, lambda anew: anew.meet(names, tests.seconds, file))


def say(text: str) -> None:
    """How far it is, beside what was found."""
    print(text, file=sys.stderr, flush=True)


def report(chosen: Sequence[Mutant], results: Results) -> int:
    """Print the survivors and the table of docs/mutation.md; how many survivors it does not explain."""
    known = (CHECKOUT / "docs" / "mutation.md").read_text(encoding="utf-8")
    counts: dict[str, list[int]] = {}
    for mutant in chosen:
        count = counts.setdefault(mutant.path, [0, 0, 0, 0])
        count[0] += 1
        if mutant in results:
            count[1] += 1
            continue
        source = source_of(mutant.path).splitlines()[mutant.line - 1].strip()
        explained = f"| {mutant.path} | `{source}` | {mutant.words} |" in known
        count[2 if explained else 3] += 1
        if not explained:
            print(f"SURVIVED {mutant.path}:{mutant.line} | `{source}` | {mutant.words}")
    counts["all"] = [sum(column) for column in zip(*counts.values(), strict=True)]
    print("| file | mutants | noticed | survived, explained | survived, unexplained |\n| --- | --- | --- | --- | --- |")
    for path, (mutated, noticed, explained, unexplained) in counts.items():
        print(f"| {path} | {mutated} | {noticed} ({noticed * 100 // mutated} %) | {explained} | {unexplained} |")
    return counts["all"][3]


def _read_agreements_once() -> None:
    """The same texts are read in test after test: once is enough, with the code as it is.

    What only the reading of one of these texts would notice is not noticed then.
    """
    from compensation.agreement import cases, loader  # noqa: PLC0415 (found in the checkout from here on)

    loader.parse = functools.cache(loader.parse)
    cases.parse_cases = functools.cache(cases.parse_cases)


def main() -> int:
    """Exit code 1 when there are survivors that docs/mutation.md does not name, 2 when the trial itself fails."""
    parser = argparse.ArgumentParser(description="Mutation testing of rules and money.")
    parser.add_argument("--sample", type=int, default=0, help="only so many mutants, evenly drawn with a fixed seed")
    parser.add_argument("--only", action="append", help="only this file")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--tests", action="append", help="only against these tests")
    parser.add_argument("--results", type=Path, help="a file to keep what was noticed, and to go on from")
    options = parser.parse_args()
    os.chdir(CHECKOUT)
    sys.path.insert(0, str(CHECKOUT))
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = tempfile.mkdtemp()
    hypothesis.settings.register_profile(
        "mutants",
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],  # that one fails is enough
    )
    _read_agreements_once()
    chosen = [mutant for path in options.only or TARGETS for mutant in mutants(path, source_of(path))]
    if options.sample and options.sample < len(chosen):
        chosen = sorted(random.Random(1).sample(chosen, options.sample), key=lambda mutant: (mutant.path, mutant.line))
    results = Results(options.results)
    paths = options.tests or TESTS
    campaign = Campaign(chosen, results, paths, options.jobs)
    collected(paths, campaign)
    for fault in campaign.faults:
        say(fault)
    unexplained = report(chosen, results)
    return 2 if campaign.faults else int(bool(unexplained))


if __name__ == "__main__":
    sys.exit(main())
