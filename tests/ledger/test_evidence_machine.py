"""A year whose evidence changes under it: import, correct, withdraw, settle, finalise, adjust, pay, and replay.

The amounts are the engine's own, over water that is really imported. Beside the store goes a small model: what each
month's volume is now, whole sums in fen by arithmetic of its own, and what each settlement was computed over. Whatever
is tried, both agree on whether it may be done, on every claim, and on what every old settlement comes to when it is
computed again, with the database and without.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from stateful import OnStore, lived, short_life

from compensation.agreement.loader import parse
from compensation.application import booking, settling
from compensation.application.adjusting import changes_of
from compensation.application.booking import Hand
from compensation.application.gathering import Request
from compensation.application.importing import import_file
from compensation.application.packaging import export_package, replay_package
from compensation.application.registering import add_section
from compensation.application.settling import recomputed, settle_and_keep
from compensation.errors import IntegrityError, UndeterminedError
from compensation.ledger.payments import Payment, order_states
from compensation.ledger.posting import difference
from compensation.ledger.records import Account, AccountKind, ActKind, Department, balances, entries_of
from compensation.monitoring import ReadOptions
from compensation.store import Ruling, loaders
from rules.agreement import Agreement

TAKER, GIVER, OTHER = PARTIES = ("410200", "410100", "410300")
HAND = Hand("张三", date(2027, 3, 1), "文", "核对")
BY = Ruling("张三", "原表笔误", "更正函1号")
MONTHS = st.integers(1, 12)
VOLUMES = st.sampled_from([0, 1, 25, 1_000_025, 3_000_075, 10**12])
ANY = st.integers(0, 10**6)
Volumes = tuple[tuple[int, int], ...]


def paying_for_water() -> Agreement:
    """乙 pays 0.02 元 for every m³ it takes, two thirds of it to 甲 and one third to 丙."""
    text = (Path(__file__).resolve().parents[1] / "agreements" / "flat-per-month.yaml").read_text(encoding="utf-8")
    for old, new in {
        "kind: boundary": "kind: intake",
        "kind: compliant": "kind: water_volume",
        "kind: flat\n": "kind: per_unit\n",
        "met: {<<: *a, value: 12.5, unit: 万元}": "price: {<<: *a, value: 0.02, unit: 元/m³}",
        "protector_compensated": "beneficiary_pays",
        "{甲市: 1}": "{甲市: 2, 丙市: 1}",
        '    - {code: "410200"': '    - {code: "410300", name: 丙市, short: 丙市}\n    - {code: "410200"',
    }.items():
        assert old in text, old
        text = text.replace(old, new)
    return parse("水费.yaml", text)


AGREEMENT = paying_for_water()


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


@dataclass
class Kept:
    """What the model knows of a settlement."""

    number: str
    over: Volumes
    stage: str = "draft"
    corrects: "Kept | None" = None

    @property
    def whole(self) -> bool:
        return len(self.over) == 12


class Evidence(OnStore):
    """Tries any step at any time."""

    @initialize()
    def open(self) -> None:
        self.open_store()
        self.folder = tempfile.TemporaryDirectory()
        add_section(self.store, "S1", "界河", "河南省", "river", None, [], [])
        self.volumes: dict[int, int] = {}
        self.withdrawn: set[int] = set()
        self.taken: set[str] = set()
        self.settlements: dict[Volumes, Kept] = {}
        self.standing: Kept | None = None
        self.claims = dict.fromkeys(PARTIES, 0)
        self.serial = count(1)
        self.imported({month: month for month in range(1, 12)})

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            if hasattr(self, "folder"):
                self.folder.cleanup()

    def imported(self, said: dict[int, int], correcting: Ruling | None = None) -> None:
        """Import a file; refused, and nothing taken, when it contradicts what is there and nobody answers for it."""
        path = Path(self.folder.name) / f"示例数据_{next(self.serial)}.csv"
        rows = [f"界河,2026,{month},{volume},示例文号1号" for month, volume in said.items()]
        content = "\n".join(["断面,年,月,取水量(m³),依据文号", *rows])
        path.write_text(content, encoding="utf-8")
        if content in self.taken:
            report = import_file(self.store, path, ReadOptions(), correcting=correcting).report
            assert report is not None
            assert report.already  # the same file again changes nothing, whatever became of its rows since
            return
        contradicts = any(self.volumes.get(month, volume) != volume for month, volume in said.items())
        contradicts |= not self.withdrawn.isdisjoint(said)
        allowed = not contradicts or correcting is not None
        if self.tried(allowed, lambda: import_file(self.store, path, ReadOptions(), correcting=correcting)):
            self.volumes |= said
            self.withdrawn -= said.keys()
            self.taken.add(content)

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

    def known(self, number: str, over: Volumes) -> Kept:
        """The same evidence is the same settlement, other evidence another one."""
        kept = self.settlements.setdefault(over, Kept(number, over))
        assert kept.number == number
        assert len({each.number for each in self.settlements.values()}) == len(self.settlements)
        return kept

    @rule()
    def settle(self) -> None:
        request = Request(AGREEMENT, date(2026, 1, 1), date(2026, 12, 31))
        settlement, saved = settle_and_keep(self.store, request)
        self.known(saved.settlement.number, self.now)
        assert len(settlement.missing) == 12 - len(self.volumes)

    def any(self, at: int) -> Kept:
        return list(self.settlements.values())[at % len(self.settlements)]

    @precondition(lambda self: self.settlements)
    @rule(at=ANY)
    def replay(self, at: int) -> None:
        """Computed again it is what it was over the evidence of then, whatever was learnt or done since."""
        one = self.any(at)
        stored = booking.stored(self.store, one.number)
        settlement = recomputed(self.store, stored)
        if one.whole:
            assert {each.party: each.final_fen for each in stored.positions} == owed_for(one.over)
            assert {party: 100 * net.final.value for party, net in settlement.outcome.positions.items()} == owed_for(
                one.over
            )

    @precondition(lambda self: self.settlements)
    @rule(at=ANY)
    def replay_without_a_database(self, at: int) -> None:
        path = Path(self.folder.name) / "复算包.zip"
        export_package(self.store, booking.stored(self.store, self.any(at).number), path)
        found = replay_package(path)
        assert found.agrees, found.steps

    @precondition(lambda self: self.settlements)
    @rule(at=ANY)
    def make_final(self, at: int) -> None:
        """Issued, confirmed by all and made final at one go; what may go wrong on that way is another machine's."""
        one = self.any(at)
        stored = booking.stored(self.store, one.number)
        allowed = one.whole and one.stage == "draft" and (self.standing is None or one.corrects is not None)
        if not self.tried(allowed, lambda: booking.act_on(self.store, stored, ActKind.ISSUE, HAND)):
            return
        for party in PARTIES:
            for department in Department:
                booking.confirm(self.store, one.number, party, department.value, stored.digest, HAND)
        one.stage = "consulted"
        allowed = self.standing is None or one.corrects is self.standing
        done = self.tried(allowed, lambda: booking.finalise(self.store, one.number, HAND))
        if not done:
            self.voided(one)
            return
        before = dict.fromkeys(PARTIES, 0) if self.standing is None else owed_for(self.standing.over)
        after = owed_for(one.over)
        ordered = dict.fromkeys(PARTIES, 0)
        for order in done.act.deed.orders:
            ordered[order.payer] -= order.amount_fen
            ordered[order.payee] += order.amount_fen
        assert ordered == {party: after[party] - before[party] for party in PARTIES}
        self.claims = {party: self.claims[party] + ordered[party] for party in PARTIES}
        one.stage, self.standing = "final", one

    def voided(self, one: Kept) -> None:
        booking.act_on(self.store, booking.stored(self.store, one.number), ActKind.VOID, HAND)
        one.stage = "void"

    @precondition(lambda self: self.settlements)
    @rule(at=ANY)
    def adjust(self, at: int) -> None:
        """补差: over what is known now, in the place of one that stands or was voided."""
        old = self.any(at)
        new = self.settlements.get(self.now)
        fresh = new is None or (new is not old and new.stage == "draft" and new.corrects is None)
        allowed = len(self.volumes) == 12 and fresh and (old is self.standing or old.stage == "void")
        try:
            adjusted = self.tried(allowed, lambda: booking.adjust(self.store, old.number, HAND))
        except UndeterminedError:
            assert len(self.volumes) < 12
            adjusted = None
        if adjusted:
            self.known(adjusted.new.number, self.now).corrects = old
            changes = [each for each in changes_of(adjusted.old, adjusted.new) if each.what == "本年度净额"]
            before, after = owed_for(old.over), owed_for(self.now)
            assert [each.difference for each in changes] == [{each: after[each] - before[each] for each in PARTIES}]

    @precondition(lambda self: self.standing is not None)
    @rule(at=ANY)
    def pay(self, at: int) -> None:
        open_orders = [each for each in order_states(self.store.book().acts) if each.open_fen > 0]
        if not open_orders:
            return
        order = open_orders[at % len(open_orders)].order
        day = HAND.day.replace(month=4)
        payment = Payment(f"凭证{next(self.serial)}", order.number, day, order.amount_fen, "张三")
        booking.record_payments(self.store, [payment])
        self.claims[order.payer] += order.amount_fen
        self.claims[order.payee] -= order.amount_fen

    @invariant()
    def nothing_is_kept_but_what_the_model_knows(self) -> None:
        """A correction that is refused leaves no settlement behind."""
        assert {*self.store.book().heads} == {each.number for each in self.settlements.values()}

    @invariant()
    def claims_and_evidence_are_what_the_model_says(self) -> None:
        held = balances(entries_of(self.store.book().acts))
        assert {party: held.get(Account(AccountKind.CLAIM, party), 0) for party in PARTIES} == self.claims
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


def an_old_settlement_is_computed_over_what_is_known_now(patch: pytest.MonkeyPatch) -> None:
    asked = settling.request_of
    patch.setattr(settling, "request_of", lambda stored: asked(stored)._replace(known_at=None))


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
