"""Nothing in the chain can be changed, taken out, put in or moved without its showing."""

from hypothesis import given
from hypothesis import strategies as st
from living import MARCH, chained, confirmations, deed

from compensation.ledger.chain import breaks, hash_of
from compensation.ledger.records import Account, AccountKind, ActKind, Entry, EntryKind, Posting

CLAIMS = [Account(AccountKind.CLAIM, party) for party in ("310000", "320000")]
ENTRY = Entry(EntryKind.OBLIGATION, "第一条", "", "2026年", (Posting(CLAIMS[0], -5), Posting(CLAIMS[1], 5)))
ACTS = chained([deed(ActKind.ISSUE), *confirmations(), deed(ActKind.FINALISE, entries=(ENTRY,))])


def test_a_whole_chain_is_silent() -> None:
    assert list(breaks(ACTS)) == []
    assert list(breaks([])) == []


def test_a_changed_fen_shows() -> None:
    bent = ENTRY._replace(postings=(ENTRY.postings[0]._replace(amount_fen=-4), ENTRY.postings[1]))
    last = ACTS[-1]._replace(deed=ACTS[-1].deed._replace(entries=(bent,)))
    assert list(breaks([*ACTS[:-1], last])) == ["第 8 号（甲 定案）的内容与其哈希不符"]


@given(st.integers(0, len(ACTS) - 1), st.sampled_from(["made_by", "document", "reason", "settlement", "day"]))
def test_any_changed_word_shows(at: int, name: str) -> None:
    other = MARCH.replace(day=9) if name == "day" else "别的"
    acts = list(ACTS)
    acts[at] = acts[at]._replace(deed=acts[at].deed._replace(**{name: other}))
    assert list(breaks(acts))


@given(st.integers(0, len(ACTS) - 2))
def test_anything_taken_out_shows(at: int) -> None:
    assert list(breaks(ACTS[:at] + ACTS[at + 1 :]))


@given(st.permutations(range(len(ACTS))))
def test_any_other_order_shows(order: list[int]) -> None:
    assert bool(list(breaks([ACTS[n] for n in order]))) == (order != sorted(order))


def test_rewriting_one_act_breaks_the_next() -> None:
    deed_ = ACTS[2].deed._replace(made_by="李四")
    act = ACTS[2]._replace(deed=deed_, hash=hash_of(3, ACTS[2].recorded_at, ACTS[2].previous_hash, deed_))
    assert list(breaks([*ACTS[:2], act, *ACTS[3:]])) == ["第 4 号与前一号不相接"]
