"""What the machines share whose evidence changes under a year: settle, finalise, adjust, pay, and replay.

Beside the store goes a small model: what the evidence is now, what is owed over it by arithmetic of its own, and what
each settlement was computed over. Whatever is tried, both agree on whether it may be done, on every claim, and on what
every old settlement comes to when it is computed again, with the database and without.
"""

import tempfile
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from stateful import OnStore

from compensation.agreement.loader import parse
from compensation.application import booking, settling
from compensation.application.adjusting import changes_of
from compensation.application.booking import Hand
from compensation.application.gathering import Request
from compensation.application.packaging import export_package, replay_package
from compensation.application.registering import add_section
from compensation.application.settling import recomputed, settle_and_keep
from compensation.errors import UndeterminedError
from compensation.ledger.payments import Payment, order_states
from compensation.ledger.records import Account, AccountKind, ActKind, Department, balances, entries_of
from compensation.store import Ruling
from rules.agreement import Agreement

TAKER, GIVER, OTHER = "410200", "410100", "410300"
HAND = Hand("张三", date(2027, 3, 1), "文", "核对")
BY = Ruling("张三", "原表笔误", "更正函1号")
ANY = st.integers(0, 10**6)


def flat_per_month(name: str, changed: dict[str, str]) -> Agreement:
    """The agreement by which 乙 pays 甲 for every compliant month, with some of its words changed."""
    text = (Path(__file__).resolve().parents[1] / "agreements" / "flat-per-month.yaml").read_text(encoding="utf-8")
    for old, new in changed.items():
        assert old in text, old
        text = text.replace(old, new)
    return parse(name, text)


@dataclass
class Kept:
    """What the model knows of a settlement: its number, and the evidence it was computed over."""

    number: str
    over: Hashable
    whole: bool
    owed: dict[str, int]
    stage: str = "draft"
    corrects: "Kept | None" = None


class Changing(OnStore):
    """Tries any step at any time; what the evidence is and how it changes is the heir's."""

    agreement: ClassVar[Agreement]
    parties: ClassVar[tuple[str, ...]]

    @property
    def now(self) -> Hashable:
        """All that a settlement computed now depends on."""
        raise NotImplementedError

    @property
    def whole(self) -> bool:
        """Whether nothing is missing now."""
        raise NotImplementedError

    @property
    def owed(self) -> dict[str, int]:
        """What each party gets now, in fen."""
        raise NotImplementedError

    def begin(self) -> None:
        """Import the first evidence."""
        raise NotImplementedError

    @initialize()
    def open(self) -> None:
        self.open_store()
        self.folder = tempfile.TemporaryDirectory()
        add_section(self.store, "S1", "界河", "河南省", "river", None, [], [])
        self.settlements: dict[Hashable, Kept] = {}
        self.standing: Kept | None = None
        self.claims = dict.fromkeys(self.parties, 0)
        self.serial = count(1)
        self.begin()

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            if hasattr(self, "folder"):
                self.folder.cleanup()

    def known(self, number: str) -> Kept:
        """The same evidence is the same settlement, other evidence another one."""
        kept = self.settlements.setdefault(self.now, Kept(number, self.now, self.whole, self.owed))
        assert kept.number == number
        assert len({each.number for each in self.settlements.values()}) == len(self.settlements)
        return kept

    @rule()
    def settle(self) -> None:
        request = Request(self.agreement, date(2026, 1, 1), date(2026, 12, 31))
        settlement, saved = settle_and_keep(self.store, request)
        self.known(saved.settlement.number)
        assert (not settlement.missing) == self.whole

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
            assert {each.party: each.final_fen for each in stored.positions} == one.owed
            finals = {party: 100 * net.final.value for party, net in settlement.outcome.positions.items()}
            assert finals == one.owed

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
        for party in self.parties:
            for department in Department:
                booking.confirm(self.store, one.number, party, department.value, stored.digest, HAND)
        one.stage = "consulted"
        allowed = self.standing is None or one.corrects is self.standing
        done = self.tried(allowed, lambda: booking.finalise(self.store, one.number, HAND))
        if not done:
            self.voided(one)
            return
        before = dict.fromkeys(self.parties, 0) if self.standing is None else self.standing.owed
        ordered = dict.fromkeys(self.parties, 0)
        for order in done.act.deed.orders:
            ordered[order.payer] -= order.amount_fen
            ordered[order.payee] += order.amount_fen
        assert ordered == {party: one.owed[party] - before[party] for party in self.parties}
        self.claims = {party: self.claims[party] + ordered[party] for party in self.parties}
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
        allowed = self.whole and fresh and (old is self.standing or old.stage == "void")
        try:
            adjusted = self.tried(allowed, lambda: booking.adjust(self.store, old.number, HAND))
        except UndeterminedError:
            assert not self.whole
            adjusted = None
        if adjusted:
            self.known(adjusted.new.number).corrects = old
            changes = [each for each in changes_of(adjusted.old, adjusted.new) if each.what == "本年度净额"]
            differences = {each: self.owed[each] - old.owed[each] for each in self.parties}
            assert [each.difference for each in changes] == ([differences] if any(differences.values()) else [])

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
    def claims_are_what_the_model_says(self) -> None:
        held = balances(entries_of(self.store.book().acts))
        assert {party: held.get(Account(AccountKind.CLAIM, party), 0) for party in self.parties} == self.claims


def an_old_settlement_is_computed_over_what_is_known_now(patch: pytest.MonkeyPatch) -> None:
    """A fault that every machine has to find."""
    asked = settling.request_of
    patch.setattr(settling, "request_of", lambda stored: asked(stored)._replace(known_at=None))
