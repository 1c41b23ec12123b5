"""Fixtures that every room of tests shares."""

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real monitoring data and domain facts beside the checkout; skips where it is absent."""
    folder = CHECKOUT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the real monitoring data (../shared) are not beside this checkout")
    return folder
