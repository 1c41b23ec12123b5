"""Agreements that could be."""

from hypothesis import strategies as st

from rules.agreement import Agreement


def agreements() -> st.SearchStrategy[Agreement]:
    """Any agreement."""
    return st.nothing()
