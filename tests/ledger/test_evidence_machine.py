"""A year whose volumes of water change under it: imported, corrected and withdrawn."""

from collections.abc import Callable
from pathlib import Path

import pytest
from changing import (
    ANY,
    BY,
    GIVER,
    OTHER,
    TAKER,
    Changing,
    an_old_settlement_is_computed_over_what_is_known_now,
    flat_per_month,
)
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from stateful import lived, short_life

from compensation.application import booking
from compensation.application.importing import import_file
from compensation.errors import IntegrityError
from compensation.ledger.posting import difference
from compensation.monitoring import ReadOptions
from compensation.store import Ruling, loaders

PARTIES = (TAKER, GIVER, OTHER)
MONTHS = st.integers(1, 12)
VOLUMES = st.sampled_from([0, 1, 25, 1_000_025, 3_000_075, 10**12])
Volumes = tuple[tuple[int, int], ...]


# 乙 pays 0.02 元 for every m³ it takes, two thirds of it to 甲 and one third to 丙.
PAYING_FOR_WATER = {
    "kind: boundary": "kind: intake",
    "kind: compliant": "kind: water_volume",
    "kind: flat\n": "kind: per_unit\n",
    "met: {<<: *a, value: 12.5, unit: 万元}": "price: {<<: *a, value: 0.02, unit: 元/m³}",
    "protector_compensated": "beneficiary_pays",
    "{甲市: 1}": "{甲市: 2, 丙市: 1}",
    '    - {code: "410200"': '    - {code: "410300", name: 丙市, short: 丙市}\n    - {code: "410200"',
}


def owed_for(volumes: Volumes) -> dict[str, int]:
    """What each party gets in fen: the model's own arithmetic, month by month, half up, then to the nearest third."""
    got = dict.fromkeys(PARTIES, 0)
    for _, volume in volumes:
        fen = 2 * volume
        first = (4 * fen + 3) // 6
        got[TAKER] -= fen
        got[GIVER] += first
        got[OTHER] += fen - first
    return got


class Evidence(Changing):
    """Tries any step at any time."""

    agreement = flat_per_month("水费.yaml", PAYING_FOR_WATER)
    parties = PARTIES

    def begin(self) -> None:
        self.volumes: dict[int, int] = {}
        self.withdrawn: set[int] = set()
        self.taken: set[str] = set()
        self.imported({month: month for month in range(1, 12)})

    def imported(self, said: dict[int, int], correcting: Ruling | None = None) -> None:
        """Import a file; refused, and nothing taken, when it contradicts what is there and nobody answers for it."""
        path = Path(self.folder.name) / f"示例数据_{next(self.serial)}.csv"
        rows = [f"界河,2026,{month},{volume},示例文号1号" for month, volume in said.items()]
        content = "\n".join(["断面,年,月,取水量(m³),依据文号", *rows])
        path.write_text(content, encoding="utf-8")
        if content in self.taken:
            report = import_file(self.store, path, ReadOptions(), correcting=correcting).report
            assert report is not None
            assert report.already
            # whatever became of its rows since, the same file again changes nothing unless somebody answers for it
            if correcting is not None:
                self.volumes |= said
                self.withdrawn -= said.keys()
            return
        contradicts = any(self.volumes.get(month, volume) != volume for month, volume in said.items())
        contradicts |= not self.withdrawn.isdisjoint(said)
        allowed = not contradicts or correcting is not None
        if self.tried(allowed, lambda: import_file(self.store, path, ReadOptions(), correcting=correcting)):
            self.volumes |= said
            self.withdrawn -= said.keys()
            self.taken.add(content)

    @precondition(lambda self: self.taken)
    @rule(at=ANY, correcting=st.sampled_from([None, BY]))
    def import_the_same_again(self, at: int, correcting: Ruling | None) -> None:
        rows = sorted(self.taken)[at % len(self.taken)].split("\n")[1:]
        self.imported({int(row.split(",")[2]): int(row.split(",")[3]) for row in rows}, correcting)

    @rule(said=st.dictionaries(MONTHS, VOLUMES, min_size=1, max_size=3), correcting=st.sampled_from([None, BY, BY]))
    def import_volumes(self, said: dict[int, int], correcting: Ruling | None) -> None:
        self.imported(said, correcting)

    @precondition(lambda self: len(self.volumes) < 12)
    @rule()
    def import_what_is_missing(self) -> None:
        """So that most settlements know all they need."""
        self.imported({month: 7 * month for month in range(1, 13) if month not in self.volumes}, BY)

    @precondition(lambda self: self.volumes)
    @rule(at=ANY)
    def withdraw(self, at: int) -> None:
        month = sorted(self.volumes)[at % len(self.volumes)]
        (handle,) = [
            each.handle for each in self.store.recorded() if each.about == f"2026-{month:02d}" and not each.withdrawn
        ]
        self.store.withdraw([handle], BY)
        del self.volumes[month]
        self.withdrawn.add(month)

    @property
    def now(self) -> Volumes:
        return tuple(sorted(self.volumes.items()))

    @property
    def whole(self) -> bool:
        return len(self.volumes) == 12

    @property
    def owed(self) -> dict[str, int]:
        return owed_for(self.now)

    @invariant()
    def the_evidence_is_what_the_model_says(self) -> None:
        there = {each.record.month.month: each.record.volume_m3 for each in self.store.intake_volumes()}
        assert there == self.volumes


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_any_change_of_the_evidence_is_as_the_model_says(kind: str, request: pytest.FixtureRequest) -> None:
    lived(Evidence, kind, request, examples=6, steps=25)


STEPS: list[Callable[[Evidence], None]] = [
    Evidence.open,
    Evidence.import_what_is_missing,
    Evidence.settle,
    lambda life: life.make_final(at=0),
    lambda life: life.import_volumes(said={3: 25}, correcting=BY),
    lambda life: life.adjust(at=0),
    lambda life: life.make_final(at=1),
    lambda life: life.pay(at=0),
    lambda life: life.replay(at=0),
    lambda life: life.replay_without_a_database(at=1),
]


def test_a_short_life_is_as_the_model_says(request: pytest.FixtureRequest) -> None:
    short_life(Evidence, request, STEPS)


def a_correction_is_not_heeded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(loaders, "corrected", lambda row, _: row)


def a_correction_posts_all_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(booking, "difference", lambda wanted, _: wanted)


def a_line_is_not_posted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(booking, "difference", lambda *sides: difference(*sides)[1:])


@pytest.mark.parametrize(
    "fault",
    [
        a_correction_is_not_heeded,
        an_old_settlement_is_computed_over_what_is_known_now,
        a_correction_posts_all_again,
        a_line_is_not_posted,
    ],
)
def test_a_fault_in_the_code_is_found(
    fault: Callable[[pytest.MonkeyPatch], None], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    with pytest.raises((AssertionError, IntegrityError)):
        short_life(Evidence, request, STEPS)
