"""Running the properties over made-up evidence, and cutting what breaks one down to the smallest that still does.

The examples are the same on every run and every machine: the seed is fixed and nothing is remembered between runs.
"""

import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning

from compensation.proof.properties import PROPERTIES, Property
from compensation.proof.strategies import trials
from compensation.proof.trial import Trial
from rules.agreement import Agreement

EXAMPLES = 30
SEED = 20260101
SHRINKING_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one property: over how many examples; where it breaks, what it says and the smallest trial."""

    property: Property
    examples: int
    told: str | None = None
    trial: Trial | None = None


class _BrokenError(Exception):
    """A property does not hold for the trial at hand."""


class _EnoughError(BaseException):
    """No more time for smaller ones; no Exception, so that it ends the search instead of being shrunk to."""


def gapped(examples: int) -> int:
    """How many examples properties about missing data run over: each asks for several settlements."""
    return max(1, examples // 2)


def prove(
    agreement: Agreement,
    examples: int = EXAMPLES,
    tick: Callable[[int], None] = lambda _: None,
    properties: Sequence[Property] = PROPERTIES,
    seconds: int = SHRINKING_SECONDS,
) -> tuple[Finding, ...]:
    """Try every property; `tick` is told how many further examples are done, `examples` + `gapped(examples)` in all.

    At most `seconds` go into cutting down the counterexample of one property.
    """
    findings: dict[str, Finding] = {}
    for gaps, count in ((False, examples), (True, gapped(examples))):
        own = [each for each in properties if each.gaps == gaps]
        strategy = trials(agreement, gaps=gaps)
        done, broken = _tried(strategy, own, count, tick)
        for each in own:
            findings[each.key] = Finding(each, done)
            if each.key in broken:
                told, trial = _smallest(strategy, each, count, broken[each.key], seconds)
                findings[each.key] = Finding(each, done, told, trial)
    return tuple(findings[each.key] for each in properties)


def _tried(
    strategy: st.SearchStrategy[Trial], properties: Sequence[Property], count: int, tick: Callable[[int], None]
) -> tuple[int, dict[str, Trial]]:
    """How many examples there were, and for each property that breaks the first that breaks it."""
    broken: dict[str, Trial] = {}
    done = 0

    def attempt(trial: Trial) -> None:
        nonlocal done
        done += 1
        for each in properties:
            if each.key not in broken and each.check(trial) is not None:
                broken[each.key] = trial
        tick(1)

    _run(strategy, attempt, count, (Phase.generate,))
    tick(count - done)
    return done, broken


def _smallest(
    strategy: st.SearchStrategy[Trial], one: Property, count: int, first: Trial, seconds: int
) -> tuple[str, Trial]:
    """The smallest trial found that breaks the property, starting from the same examples, and what it then says."""
    best, told = first, one.check(first) or ""
    end = monotonic() + seconds

    def attempt(trial: Trial) -> None:
        nonlocal best, told
        if monotonic() > end:
            raise _EnoughError
        said = one.check(trial)
        if said is not None:
            best, told = trial, said
            raise _BrokenError(said)

    with suppress(_BrokenError, _EnoughError):
        _run(strategy, attempt, count, (Phase.generate, Phase.shrink))
    return told, best


def _run(
    strategy: st.SearchStrategy[Trial], attempt: Callable[[Trial], None], count: int, phases: Sequence[Phase]
) -> None:
    @seed(SEED)
    @settings(
        max_examples=count,
        phases=phases,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def every(trial: Trial) -> None:
        attempt(trial)

    with warnings.catch_warnings():
        # it shows the example itself, shortened; that it had to shorten it is no news
        warnings.simplefilter("ignore", HypothesisWarning)
        every()
