"""Fixtures that every room of tests shares."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure, so no example has a deadline. Hypothesis itself takes `ci` where CI is set.
settings.register_profile("quick", max_examples=16, deadline=None)
settings.register_profile("usual", max_examples=100, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "usual")

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real monitoring data and domain facts beside the checkout; skips where it is absent."""
    folder = CHECKOUT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the real monitoring data (../shared) are not beside this checkout")
    return folder
