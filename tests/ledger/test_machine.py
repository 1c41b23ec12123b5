"""A year lived in any order: settle, correct, issue, confirm, object, decide, finalise, void, pay, refund.

Beside the store goes a small model that knows nothing of acts, chains and entries: what may be done, and who still owes
whom. Whatever is tried, both agree on whether it may be done, and on every claim to the fen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from living import CALENDAR
from made import PARTIES, Pair, made
from stateful import OnStore, lived, short_life

from compensation.application import booking
from compensation.application.auditing import book_checks
from compensation.application.booking import Hand
from compensation.ledger import lifecycle
from compensation.ledger.lifecycle import Subject, state_of
from compensation.ledger.payments import Payment
from compensation.ledger.posting import difference
from compensation.ledger.records import Account, AccountKind, ActKind, Department, balances, entries_of

MARCH, DEADLINE = date(2027, 3, 1), date(2027, 3, 22)  # 15 working days by a calendar whose only holiday is New Year
PAIRS = st.lists(
    st.tuples(st.sampled_from(PARTIES), st.sampled_from(PARTIES), st.integers(1, 10**10)).filter(
        lambda p: p[0] != p[1]
    ),
    min_size=1,
    max_size=3,
)
SIGNERS = st.tuples(st.sampled_from(PARTIES), st.sampled_from([each.value for each in Department]))
ANY = st.integers(0, 10**6)


@dataclass
class Modelled:
    """What the model knows of a settlement."""

    number: str
    digest: str
    final: dict[str, int]
    stage: str = "draft"
    corrects: "Modelled | None" = None
    signed: set[tuple[str, str]] = field(default_factory=set)
    objections: dict[int, tuple[tuple[str, str], str]] = field(default_factory=dict)


@dataclass
class Due:
    """An order as the model sees it."""

    number: str
    payer: str
    payee: str
    fen: int
    paid: int = 0


class Life(OnStore):
    """Tries any step at any time; the amounts are made up."""

    @initialize()
    def open(self) -> None:
        self.open_store()
        self.settlements: list[Modelled] = []
        self.subjects: dict[str, Subject] = {}
        self.standing: Modelled | None = None
        self.dues: list[Due] = []
        self.owed = dict.fromkeys(PARTIES, 0)
        self.serial = count(1)

    def checks(self) -> list[str]:
        return [f"{each.name}: {each.detail}" for each in book_checks(self.store) if not each.ok]

    def any(self, at: int) -> Modelled:
        return self.settlements[at % len(self.settlements)]

    @rule(owed=PAIRS)
    def settle(self, owed: list[Pair]) -> None:
        kept = self.store.save_settlement(made(owed, note=str(next(self.serial)))).settlement
        final = {position.party: position.final_fen for position in kept.positions}
        self.settlements.append(Modelled(kept.number, kept.digest, final))
        self.subjects[kept.number] = booking.subject_of(kept)

    @precondition(lambda self: self.settlements)
    @rule(at=ANY, old=ANY)
    def correct(self, at: int, old: int) -> None:
        new, before = self.any(at), self.any(old)
        allowed = (
            new is not before
            and new.stage == "draft"
            and new.corrects is None
            and (before is self.standing or before.stage == "void")
        )
        stored = booking.stored(self.store, new.number)
        hand = Hand("张三", MARCH, "文", "更正")
        act = lambda: booking.act_on(self.store, stored, ActKind.CORRECT, hand, corrects=before.number)  # noqa: E731
        if self.tried(allowed, act):
            new.corrects = before

    @precondition(lambda self: self.settlements)
    @rule(at=ANY)
    def issue(self, at: int) -> None:
        one = self.any(at)
        allowed = (
            one.stage == "draft"
            and not any(each.stage == "consulted" for each in self.settlements)
            and (self.standing is None or one.corrects is not None)
        )
        stored = booking.stored(self.store, one.number)
        if self.tried(allowed, lambda: booking.act_on(self.store, stored, ActKind.ISSUE, Hand("张三", MARCH, "文"))):
            one.stage = "consulted"

    @precondition(lambda self: self.settlements)
    @rule(at=ANY, signer=SIGNERS, digest_of=ANY)
    def confirm(self, at: int, signer: tuple[str, str], digest_of: int) -> None:
        one, other = self.any(at), self.any(digest_of)
        self.confirmed(one, other.digest, signer)

    @precondition(lambda self: any(each.stage == "consulted" for each in self.settlements))
    @rule()
    def all_confirm(self) -> None:
        """Everybody signs what is before the parties, so that the way to the end is found often enough."""
        one = next(each for each in self.settlements if each.stage == "consulted")
        for party in PARTIES:
            for department in Department:
                self.confirmed(one, one.digest, (party, department.value))

    def confirmed(self, one: Modelled, digest: str, signer: tuple[str, str]) -> None:
        stands = any(who == signer and what != "dismissed" for who, what in one.objections.values())
        allowed = one.stage == "consulted" and digest == one.digest and signer not in one.signed and not stands
        hand = Hand("张三", MARCH, "文")
        if self.tried(allowed, lambda: booking.confirm(self.store, one.number, *signer, digest, hand)):
            one.signed.add(signer)

    @precondition(lambda self: self.settlements)
    @rule(at=ANY, signer=SIGNERS, late=st.booleans(), why=st.sampled_from(["理由", ""]))
    def object(self, at: int, signer: tuple[str, str], late: bool, why: str) -> None:
        one = self.any(at)
        day = DEADLINE + timedelta(late)
        allowed = one.stage == "consulted" and not late and bool(why)
        hand = Hand("张三", day, "文", why)
        done = self.tried(allowed, lambda: booking.raise_objection(self.store, one.number, *signer, hand))
        if done:
            one.objections[done.act.number] = (signer, "open")

    @precondition(lambda self: any(each.objections for each in self.settlements))
    @rule(at=ANY, upheld=st.booleans())
    def decide(self, at: int, upheld: bool) -> None:
        all_of_them = [(one, act) for one in self.settlements for act in one.objections]
        one, act = all_of_them[at % len(all_of_them)]
        signer, what = one.objections[act]
        allowed = one.stage == "consulted" and what == "open"
        hand = Hand("张三", DEADLINE, "文", "核对")
        if self.tried(allowed, lambda: booking.decide_objection(self.store, act, hand, upheld=upheld)):
            one.objections[act] = (signer, "upheld" if upheld else "dismissed")

    @precondition(lambda self: self.settlements)
    @rule(at=ANY)
    def finalise(self, at: int) -> None:
        one = self.any(at)
        allowed = (
            one.stage == "consulted"
            and len(one.signed) == 2 * len(PARTIES)
            and all(what == "dismissed" for _, what in one.objections.values())
            and (self.standing is None or one.corrects is self.standing)
        )
        done = self.tried(allowed, lambda: booking.finalise(self.store, one.number, Hand("张三", MARCH, "文")))
        if not done:
            return
        before = dict.fromkeys(PARTIES, 0) if self.standing is None else self.standing.final
        change = {party: one.final[party] - before[party] for party in PARTIES}
        self.require_orders(done.act.deed.orders, change, first=self.standing is None)
        one.stage, self.standing = "final", one

    def require_orders(self, orders: Any, change: dict[str, int], *, first: bool) -> None:
        """The orders pay what changed; and once, next year's advances: three fifths of it, pair by pair."""
        paid: dict[str, dict[str, int]] = {kind: dict.fromkeys(PARTIES, 0) for kind in ("clearing", "advance")}
        for order in orders:
            paid[order.kind][order.payer] -= order.amount_fen
            paid[order.kind][order.payee] += order.amount_fen
            self.dues.append(Due(order.number, order.payer, order.payee, order.amount_fen))
            self.owed[order.payer] -= order.amount_fen
            self.owed[order.payee] += order.amount_fen
        assert paid["clearing"] == change
        for party, fen in paid["advance"].items():
            assert abs(5 * fen - 3 * change[party]) < 5 * len(PARTIES) if first else fen == 0

    @precondition(lambda self: self.settlements)
    @rule(at=ANY, why=st.sampled_from(["理由", ""]))
    def void(self, at: int, why: str) -> None:
        one = self.any(at)
        stored = booking.stored(self.store, one.number)
        hand = Hand("张三", MARCH, "文", why)
        allowed = one.stage in ("draft", "consulted") and bool(why)
        if self.tried(allowed, lambda: booking.act_on(self.store, stored, ActKind.VOID, hand)):
            one.stage = "void"

    @precondition(lambda self: self.dues)
    @rule(
        at=ANY,
        part=st.integers(1, 5),
        why=st.sampled_from(["", "", "已核对"]),
        refund=st.booleans(),
        again=st.booleans(),
    )
    def pay(self, at: int, part: int, why: str, refund: bool, again: bool) -> None:
        due = self.dues[at % len(self.dues)]
        fen = max(1, due.fen * part // 4)
        most = due.paid if refund else max(due.fen - due.paid, 0)
        serial = next(self.serial)
        number = "凭证1" if again else f"凭证{serial}"
        used = any(act.deed.slip is not None and act.deed.slip.number == number for act in self.store.book().acts)
        allowed = not used and (fen <= most or bool(why))
        day = MARCH + timedelta(serial)  # a day of its own: never the same again on one day
        payment = Payment(number, due.number, day, fen, "张三", reason=why, refund=refund)
        if self.tried(allowed, lambda: booking.record_payments(self.store, [payment])):
            signed = -fen if refund else fen
            due.paid += signed
            self.owed[due.payer] += signed
            self.owed[due.payee] -= signed

    @invariant()
    def claims_and_stages_are_what_the_model_says(self) -> None:
        acts = self.store.book().acts
        held = balances(entries_of(acts))
        assert {party: held.get(Account(AccountKind.CLAIM, party), 0) for party in PARTIES} == self.owed
        assert sum(held.values()) == 0
        for one in self.settlements:
            state = state_of(self.subjects[one.number], acts, CALENDAR)
            names = {"草案": "draft", "征求意见": "consulted", "定案": "final", "作废": "void"}
            assert names[state.stage] == one.stage
            assert len(state.lacking) == 2 * len(PARTIES) - len(one.signed)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_any_life_is_as_the_model_says(kind: str, request: pytest.FixtureRequest) -> None:
    lived(Life, kind, request, examples=6, steps=40)


def a_stale_confirmation(life: Life) -> None:
    life.confirm(at=0, signer=(PARTIES[0], "finance"), digest_of=1)


STEPS: list[Callable[[Life], None]] = [
    Life.open,
    lambda life: life.settle([(PARTIES[0], PARTIES[1], 100), (PARTIES[1], PARTIES[2], 7)]),
    lambda life: life.settle([(PARTIES[0], PARTIES[1], 200)]),
    lambda life: life.issue(at=0),
    a_stale_confirmation,
    Life.all_confirm,
    lambda life: life.finalise(at=0),
    lambda life: life.pay(at=0, part=4, why="", refund=False, again=False),
]


def test_a_short_life_is_as_the_model_says(request: pytest.FixtureRequest) -> None:
    short_life(Life, request, STEPS)


def stale_digests_are_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lifecycle, "_general", lambda *_: ())


def a_line_is_not_posted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(booking, "difference", lambda *sides: difference(*sides)[1:])


@pytest.mark.parametrize("fault", [stale_digests_are_taken, a_line_is_not_posted])
def test_a_fault_in_the_code_is_found(
    fault: Callable[[pytest.MonkeyPatch], None], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        short_life(Life, request, STEPS)
