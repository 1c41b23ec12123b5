"""However the same rows come in, in one file or in several, in whatever order, the settlement is the same one."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from compensation.agreement.loader import load
from compensation.application.gathering import Request
from compensation.application.importing import import_file
from compensation.application.settling import settle_request
from compensation.monitoring.reader import ReadOptions
from compensation.store import open_store
from compensation.store.registering import NewSection
from compensation.store.sections import RegisteredSection

AGREEMENT = load(str(Path(__file__).resolve().parents[1] / "agreements" / "pool-with-deductions.yaml"))
HEAD = "采样日期,断面名称,高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L)"
ROWS = [
    f"2026-{month:02d}-{day:02d},{name},{3 + month / 4},{'0.025L' if day == 3 else month / 10},0.{day:02d}"
    for name in ("界河", "尾水")
    for month in range(1, 13)
    for day in (3, 17)
]


def digest(files: list[list[str]]) -> str:
    """The digest of the year over these files, imported one after the other into an empty store."""
    with TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/part.db") as store:
        store.init()
        for code, name in (("S1", "界河"), ("S2", "尾水")):
            section = RegisteredSection(code, name, "410000", None, "river", registered=True)
            store.add_section(NewSection(section, (), ("410000",)))
        for number, rows in enumerate(files):
            path = Path(folder) / f"第{number}部分.csv"
            path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
            import_file(store, path, ReadOptions())
        settlement = settle_request(store, Request(AGREEMENT, date(2026, 1, 1), date(2026, 12, 31)))
        assert not settlement.missing
        return settlement.digest


@settings(max_examples=4, deadline=None)
@given(
    st.permutations(ROWS), st.lists(st.integers(1, len(ROWS) - 1), max_size=3, unique=True).map(sorted), st.booleans()
)
def test_splitting_an_import_changes_nothing(rows: list[str], cuts: list[int], twice: bool) -> None:
    edges = [0, *cuts, len(rows)]
    parts = [rows[start:end] for start, end in pairwise(edges)]
    overlapping = [*parts, [*parts[0][:5], *parts[-1][-5:]]] if twice else parts
    assert digest(overlapping) == digest([ROWS])


def test_another_value_is_another_settlement() -> None:
    other = [ROWS[0].replace(",3.25,", ",30.25,"), *ROWS[1:]]
    assert other != ROWS
    assert digest([other]) != digest([ROWS])
