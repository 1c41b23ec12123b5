"""An independent program agrees with our book: bean-check accepts the export, and not one fen may be otherwise.

beancount is run as a program of its own. Its balance assertions stand in the file without any tolerance, so what it
accepts is that its balances are ours.
"""

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from living import PARTIES, chained, deed

from compensation.ledger.beancount import beancount_text
from compensation.ledger.payments import Payment, pay
from compensation.ledger.posting import Closing, Owed, advances, wanted
from compensation.ledger.records import Act, ActKind, Order, OrderKind, balances, entries_of
from compensation.ledger.statement import rows_of
from rules.agreement import POOL

BEAN_CHECK = Path(sys.executable).parent / "bean-check"
SHANGHAI, JIANGSU, ZHEJIANG = PARTIES
FEN = st.integers(1, 10**13)


def bean_check(path: Path, text: str) -> str:
    """What bean-check says against a book; empty when it accepts it."""
    path.write_text(text, encoding="utf-8")
    done = subprocess.run([BEAN_CHECK, "--no-cache", path], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode == 0) == (not done.stderr.strip()), done.stderr
    return done.stderr


def year(amounts: tuple[int, int, int, int], words: str = "") -> list[Act]:
    """A settlement of 2026 with a fund, a line, credits, advances and a payment."""
    fund, line, credit, ahead = amounts
    lines = [
        Owed("第一条", "", "2026年", SHANGHAI, POOL, fund),
        Owed("第一条", "", "2026年", POOL, JIANGSU, fund // 2),
        Owed("第二条", "S1", "2026-01", SHANGHAI, ZHEJIANG, line),
    ]
    closing = Closing(
        "2026年",
        "2027年",
        {SHANGHAI: credit},
        {JIANGSU: credit},
        {},
        [],
        [],
        [(SHANGHAI, JIANGSU, ahead)],
        "六",
        "七",
        "八",
    )
    order = Order("甲-P01", OrderKind.CLEARING, SHANGHAI, ZHEJIANG, line, "2026年", None)
    final = deed(ActKind.FINALISE, entries=(*wanted(lines, closing), *advances(closing)), orders=(order,), reason=words)
    slip = Payment("凭证1", "甲-P01", date(2027, 4, 1), line, "张三", document=words)
    return chained([final, pay(chained([final]), slip)])


def exported(acts: list[Act]) -> str:
    return beancount_text(rows_of(acts), PARTIES, {"S1": "金泽取水口"}, "示例数据　账簿")


def test_bean_check_accepts_the_book(tmp_path: Path) -> None:
    acts = year((100_000_00, 123_45, 7, 60))
    text = exported(acts)
    assert bean_check(tmp_path / "book.beancount", text) == ""
    asserted = dict(re.findall(r"^\S+ balance (\S+)  (\S+) ~", text, re.MULTILINE))
    held = balances(entries_of(acts))
    assert len(asserted) == len(held)
    assert sum(int(amount.replace(".", "")) for amount in asserted.values()) == 0
    assert sorted(int(amount.replace(".", "")) for amount in asserted.values()) == sorted(held.values())


@pytest.mark.parametrize("which", ["balance", "posting"])
def test_bean_check_refuses_one_fen_more(tmp_path: Path, which: str) -> None:
    text = exported(year((100_000_00, 123_45, 7, 60)))
    pattern = r"(balance \S+  )(-?\d+\.\d\d)" if which == "balance" else r"(\n  Assets\S+  )(-?\d+\.\d\d)"
    found = re.search(pattern, text)
    assert found
    fen = int(found[2].replace(".", "")) + 1
    bent = f"{text[: found.start()]}{found[1]}{fen / 100:.2f}{text[found.end() :]}"
    assert bean_check(tmp_path / "book.beancount", bent) != ""


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(FEN, FEN, FEN, FEN), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_bean_check_accepts_any_book(tmp_path: Path, amounts: tuple[int, int, int, int], words: str) -> None:
    assert bean_check(tmp_path / "book.beancount", exported(year(amounts, words))) == ""


def test_a_party_without_a_latin_or_chinese_name_is_known_by_its_code(tmp_path: Path) -> None:
    text = beancount_text(rows_of(year((2, 3, 1, 1))), {SHANGHAI: "a/b", JIANGSU: ""}, {}, "账")
    assert f"Assets:Claim-往来:{SHANGHAI} " in text
    assert bean_check(tmp_path / "book.beancount", text) == ""


def test_an_empty_book_is_a_book(tmp_path: Path) -> None:
    assert bean_check(tmp_path / "book.beancount", beancount_text([], PARTIES, {}, "账")) == ""
