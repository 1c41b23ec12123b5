"""Entries sum to zero, claims end at the clearing, and a correction posts exactly what differs."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from living import JIANGSU, PARTIES, SHANGHAI, ZHEJIANG

from compensation.agreement.cases import parse_cases
from compensation.ledger.posting import (
    Closing,
    Owed,
    advances,
    claims,
    difference,
    payments_of,
    uncleared,
    wanted,
)
from compensation.ledger.records import Account, AccountKind, EntryKind, balances
from compensation.settlement.cases import settle_case
from compensation.settlement.settle import as_data
from rules.agreement import POOL

FEN = st.integers(0, 10**12)
PAIRS = [(a, b) for a in PARTIES for b in PARTIES if a != b]
LINES = st.lists(
    st.builds(
        lambda clause, section, period, pair, fen: Owed(clause, section, period, *pair, fen),
        st.sampled_from(["第二条", "第四条"]),
        st.sampled_from(["", "金泽"]),
        st.sampled_from(["2026-01", "2026-02", "2026年"]),
        st.sampled_from([*PAIRS, *((party, POOL) for party in PARTIES), *((POOL, party) for party in PARTIES)]),
        FEN,
    ),
    max_size=12,
)
PAIRED = st.lists(st.tuples(st.sampled_from(PAIRS), st.integers(1, 10**9)), max_size=4).map(
    lambda found: [(*pair, fen) for pair, fen in found]
)


@st.composite
def closings(draw: st.DrawFn) -> Closing:
    credit, cut = draw(FEN), draw(FEN)
    return closing(
        credited={SHANGHAI: credit},
        debited={ZHEJIANG: credit},
        cut={JIANGSU: cut, SHANGHAI: -cut},
        advances=draw(PAIRED),
        next_advances=draw(PAIRED),
    )


def closing(**more: object) -> Closing:
    return Closing("2026年", "2027年", {}, {}, {}, [], [], [], "第六条", "第七条", "第八条")._replace(**more)


CASE = closing(
    credited={SHANGHAI: 30},
    debited={JIANGSU: 30},
    cut={SHANGHAI: 20, JIANGSU: -20},
    advances=[(SHANGHAI, JIANGSU, 100)],
    next_advances=[(SHANGHAI, JIANGSU, 90)],
)
LINE = Owed("第二条", "金泽", "2026-01", SHANGHAI, JIANGSU, 200)


def test_a_year_step_by_step() -> None:
    entries = wanted([LINE], CASE)
    assert [entry.kind for entry in entries] == [
        EntryKind.OBLIGATION, EntryKind.CREDIT, EntryKind.LIMIT, EntryKind.CLEARING,
    ]  # fmt: skip
    # 200 owed, less 30 in kind, less 20 by the limit, less 100 paid ahead
    assert claims(entries) == {SHANGHAI: -50, JIANGSU: 50}
    held = balances(entries)
    assert held[Account(AccountKind.IN_KIND, SHANGHAI)] == -30
    assert held[Account(AccountKind.ADVANCE, SHANGHAI)] == -100
    assert balances(advances(CASE))[Account(AccountKind.ADVANCE, SHANGHAI)] == 90
    assert claims(advances(CASE)) == {SHANGHAI: -90, JIANGSU: 90}


def test_advances_are_cleared_by_the_year_they_were_for() -> None:
    year, next_year = CASE, CASE._replace(period="2027年", next_period="2028年", advances=[(SHANGHAI, JIANGSU, 90)])
    posted = [*advances(year), *wanted([LINE], next_year)]
    assert uncleared(posted, "2027年") == {}
    assert uncleared(posted[:1], "2027年") == {SHANGHAI: 90, JIANGSU: -90}
    other = next_year._replace(advances=[(SHANGHAI, JIANGSU, 80)])
    assert uncleared([*advances(year), *wanted([LINE], other)], "2027年") == {SHANGHAI: 10, JIANGSU: -10}


def test_the_fund_takes_and_gives() -> None:
    lines = [Owed("第一条", "", "2026年", SHANGHAI, POOL, 70), Owed("第一条", "", "2026年", POOL, JIANGSU, 60)]
    entries = wanted(lines, closing())
    assert [entry.kind for entry in entries] == [EntryKind.CONTRIBUTION, EntryKind.DISTRIBUTION]
    assert balances(entries)[Account(AccountKind.POOL)] == 10  # carried over


def test_what_a_clause_charges_through_the_fund_is_an_obligation() -> None:
    """A penalty paid into the fund is no contribution, and a reward out of it no distribution."""
    lines = [Owed("第二条", "S1", "2026-03", SHANGHAI, POOL, 70), Owed("第三条", "S1", "2026-03", POOL, JIANGSU, 60)]
    entries = wanted(lines, closing())
    assert [(entry.kind, entry.kind.label) for entry in entries] == [(EntryKind.OBLIGATION, "应付义务")] * 2
    assert balances(entries)[Account(AccountKind.POOL)] == 10


def test_a_book_that_calls_them_otherwise_still_agrees() -> None:
    lines = [Owed("第二条", "S1", "2026-03", SHANGHAI, POOL, 70), Owed("第三条", "S1", "2026-03", POOL, JIANGSU, 60)]
    entries = wanted(lines, closing())
    kinds = (EntryKind.CONTRIBUTION, EntryKind.DISTRIBUTION)
    older = [entry._replace(kind=kind) for entry, kind in zip(entries, kinds, strict=True)]
    assert difference(entries, older) == ()
    (corrected,) = difference(wanted([lines[0]._replace(amount_fen=80), lines[1]], closing()), older)
    assert (corrected.kind, sorted(fen for _, fen in corrected.postings)) == (EntryKind.OBLIGATION, [-10, 10])


def test_nothing_is_not_posted() -> None:
    assert wanted([LINE._replace(amount_fen=0)], closing()) == ()


@given(LINES, closings())
def test_every_entry_sums_to_zero(lines: list[Owed], case: Closing) -> None:
    for entry in (*wanted(lines, case), *advances(case)):
        assert sum(fen for _, fen in entry.postings) == 0
        assert len(entry.postings) >= 2
        assert all(fen for _, fen in entry.postings)


@given(LINES, closings(), LINES, closings())
def test_a_correction_posts_exactly_what_differs(
    old: list[Owed], old_case: Closing, new: list[Owed], new_case: Closing
) -> None:
    before, after = wanted(old, old_case), wanted(new, new_case)
    changes = difference(after, before)
    held = balances([*before, *changes])
    assert {account: fen for account, fen in held.items() if fen} == {
        account: fen for account, fen in balances(after).items() if fen
    }
    assert difference(after, [*before, *changes]) == ()
    assert difference(after, after) == ()


def test_a_changed_line_is_one_small_entry() -> None:
    before = wanted([LINE, LINE._replace(period="2026-02")], closing())
    after = wanted([LINE, LINE._replace(period="2026-02", amount_fen=170)], closing())
    (entry,) = difference(after, before)
    assert (entry.period, claims([entry])) == ("2026-02", {SHANGHAI: 30, JIANGSU: -30})


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=5))
def test_payments_bring_positions_to_zero(first: list[int]) -> None:
    positions = {f"{n}": fen for n, fen in enumerate([*first, -sum(first)])}
    payments = payments_of(positions)
    left = dict(positions)
    for payer, payee, fen in payments:
        assert fen > 0
        assert positions[payer] < 0 < positions[payee]
        left[payer] += fen
        left[payee] -= fen
    assert set(left.values()) <= {0}
    assert len(payments) < len(positions)
    assert Fraction(sum(fen for *_, fen in payments) * 2) == sum(map(abs, positions.values()))


def test_charges_into_a_fund_and_out_of_it_leave_in_its_account_what_is_carried_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checkout = Path(__file__).resolve().parents[2]
    monkeypatch.chdir(checkout)
    path = checkout / "tests" / "agreements" / "cases" / "hand-computed.yaml"
    cases = [each for each in parse_cases(path.name, path.read_text("utf-8")) if each.agreement.key.startswith("pool-")]
    left = {}
    for case in cases:
        data = as_data(settle_case(case))
        if data["fund"]:
            closing = Closing.of(data, "2026年", "2027年", dict.fromkeys(("credit", "limit", "advance"), ""))
            entries = wanted((Owed(*line) for line in data["lines"]), closing)
            brought = sum(int(fact.amount_yuan * 100) for fact in case.evidence.balances if fact.amount_yuan)
            left[case.title] = brought + balances(entries).get(Account(AccountKind.POOL), 0), data["fund"][1]
    assert len(left) >= 10
    assert {title: pair for title, pair in left.items() if pair[0] != pair[1]} == {}
