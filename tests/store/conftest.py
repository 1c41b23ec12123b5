"""A settlement for the tests of the store."""

from datetime import date, datetime

import pytest

from compensation.store import NetPosition, NewSettlement, Obligation

FEN = 123_456_789_012_345_678


@pytest.fixture
def settlement() -> NewSettlement:
    """A settlement of two lines."""
    return NewSettlement(
        agreement_id="taipu",
        agreement_sha256="b" * 64,
        agreement_text="id: taipu\n",
        period_from=date(2026, 1, 1),
        period_to=date(2026, 12, 31),
        mode="final",
        engine_version="0.1.0",
        digest="c" * 64,
        readings_known_through=datetime(2027, 1, 5, 8, 30, 0, 123456),
        payload_json="{}",
        undetermined=False,
        obligations=(
            Obligation("第一条", "310118_0003", "2026", "310000", "320000", FEN),
            Obligation("第四条", None, "2026-07", "320000", "310000", 0),
        ),
        positions=(
            NetPosition("310000", FEN, 0, 0, -FEN, 0, -FEN),
            NetPosition("320000", 0, FEN, 0, FEN, 0, FEN),
        ),
    )
