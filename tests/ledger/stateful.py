"""What the machines that live a year in any order share: a store of their own, and steps tried against a model."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from living import NEXT_YEAR

from compensation.application.auditing import check_all
from compensation.errors import InputError
from compensation.store import Store


class OnStore(RuleBasedStateMachine):
    """A machine on a new store for each example; `open_store` is called by its first step."""

    fresh: Callable[[], AbstractContextManager[Store]]

    def open_store(self) -> None:
        """Begin with an empty store that knows the working days of the year in which things are done."""
        self.context = type(self).fresh()
        self.store = self.context.__enter__()
        self.store.add_holidays(NEXT_YEAR)

    def checks(self) -> list[str]:
        """Every named invariant that does not hold at the end."""
        return [f"{each.name}: {each.detail}" for each in check_all(self.store) if not each.ok]

    def teardown(self) -> None:
        if hasattr(self, "context"):
            try:
                broken = self.checks()
            finally:
                self.context.__exit__(None, None, None)
            assert broken == []

    def tried(self, allowed: bool, act: Callable[[], Any]) -> Any:
        """Do it; it is refused exactly when the model says so, and then nothing is recorded."""
        before = len(self.store.book().acts)
        try:
            done = act()
        except InputError as error:
            assert not allowed, str(error)
            assert len(self.store.book().acts) == before
            return None
        assert allowed
        return done


def lived(machine: type[OnStore], kind: str, request: pytest.FixtureRequest, examples: int, steps: int) -> None:
    """Run a machine on a kind of database; a failing life is told as it was found, shrinking it would take an hour."""
    of_kind = type(f"{machine.__name__}On{kind.title()}", (machine,), {"fresh": _fresh(kind, request)})
    living = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, phases=[Phase.explicit, Phase.generate]
    )
    run_state_machine_as_test(of_kind, settings=living)


def short_life(machine: type[OnStore], request: pytest.FixtureRequest, steps: Iterable[Callable[[Any], None]]) -> None:
    """Let a machine take the same few steps each time, its invariants looked at after each."""
    one = type(f"{machine.__name__}Short", (machine,), {"fresh": _fresh("sqlite", request)})()
    try:
        for step in steps:
            step(one)
            for each in one.invariants:
                each.function(one)
    finally:
        one.teardown()


def _fresh(kind: str, request: pytest.FixtureRequest) -> Any:
    return staticmethod(request.getfixturevalue(f"fresh_{kind}"))
