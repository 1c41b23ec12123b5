"""Year after year: what one settlement leaves to the next, from files on the command line."""

import json
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest

from compensation.application import importing

AGREEMENTS = Path(__file__).resolve().parents[1] / "agreements"
MISSES = {2026}


@pytest.fixture(autouse=True)
def _after_the_term(monkeypatch: pytest.MonkeyPatch) -> None:
    """All three years have been measured: a year that has not come is refused."""
    monkeypatch.setattr(importing, "present", lambda: datetime(2029, 1, 31, 12))


def with_samples(call, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Three years of monthly samples at 界河, of which the first misses its target."""
    rows = [
        f"{year}-{month:02d}-10,界河,{6.1 if year in MISSES else 4.0},0.50,0.100"
        for year in (2026, 2027, 2028)
        for month in range(1, 13)
    ]
    head = "采样日期,断面名称,高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L)"
    (folder / "人工采样.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    assert call("init").code == 0
    assert call("section", "add", "S1", "界河", "--province", "河南省", "--body", "river").code == 0
    assert call("import", "人工采样.csv").code == 0


def finals(folder: Path) -> dict[str, int]:
    """What the settlement kept last comes to, 元."""
    with sqlite3.connect(folder / "compensation.db") as connection:
        (payload,) = connection.execute("select payload_json from settlement order by id desc limit 1").fetchone()
    return {code: fen // 100 for code, fen in json.loads(payload)["final"].items()}


def test_a_fund_hands_on_what_it_has_left(empty_desk, call) -> None:  # type: ignore[no-untyped-def]
    with_samples(call, empty_desk.folder)
    agreement = str(AGREEMENTS / "pool-carry-over.yaml")
    refused = call("settle", "2027", "--agreement", agreement)
    assert (refused.code, "先结算 2026 年度" in refused.err) == (2, True)
    first = call("settle", "2026", "--agreement", agreement)
    assert "结转下年：1,500,000.00 元" in first.out
    assert "丙市应付基金：1,500,000.00 元" in first.out
    assert finals(empty_desk.folder) == {"411100": 300000, "411200": -300000, "411300": -1500000, "pool": 1500000}
    second = call("settle", "2027", "--agreement", agreement)
    assert "结转下年：- 元" in second.out
    assert finals(empty_desk.folder)["pool"] == -1500000
    told = call("explain", "--party", "基金", "--depth", "1")
    assert "期初结余 ＝ 1,500,000.00 元（来源：pool-carry-over-2026-" in told.out
    assert call("sheet", "--out", "结算.xlsx").code == 0
    assert call("sheet", "--party", "甲市", "--out", "甲市.xlsx").code == 0
    assert call("check").code == 0


def test_a_cap_of_a_party_over_the_term_counts_what_it_got_before(empty_desk, call) -> None:  # type: ignore[no-untyped-def]
    with_samples(call, empty_desk.folder)
    received = []
    for year in ("2026", "2027", "2028"):
        assert call("settle", year, "--agreement", str(AGREEMENTS / "cap-per-party.yaml")).code == 0
        received.append(finals(empty_desk.folder)["411100"])
    # 45 万元 a year, at most 100 万元 over the term; the first year it pays its cap of 150 万元 as well
    assert received == [450000 - 1500000, 450000, 100000]


def test_a_floor_of_a_party_over_the_term_is_reached_in_the_last_year(empty_desk, call) -> None:  # type: ignore[no-untyped-def]
    with_samples(call, empty_desk.folder)
    agreement = str(AGREEMENTS / "floor-per-party.yaml")
    refused = call("settle", "2028", "--agreement", agreement)
    assert (refused.code, "跨年度的封顶或保底" in refused.err, "先结算 2026 年度" in refused.err) == (2, True, True)
    received = []
    for year in ("2026", "2027", "2028"):
        assert call("settle", year, "--agreement", agreement).code == 0
        received.append(finals(empty_desk.folder)["411300"])
    # 18 万元 of the reward a year, at least 60 万元 over the term; two better years bring 2.4 万元 each as well
    assert received == [180000 - 2400000 - 50000, 180000 + 24000, 240000 + 24000]
    told = call("explain", "--clause", "第二条").out
    assert "协议期内已计金额（界河，丙市） ＝ 180,000.00 元（来源：floor-per-party-2027-" in told


def test_a_clause_over_the_term_is_not_charged_in_a_year_and_the_year_says_so(empty_desk, call) -> None:  # type: ignore[no-untyped-def]
    with_samples(call, empty_desk.folder)
    text = (AGREEMENTS / "flat-per-month.yaml").read_text(encoding="utf-8")
    (empty_desk.folder / "协议期.yaml").write_text(text.replace("period: month", "period: term"), encoding="utf-8")
    year = call("settle", "2026", "--agreement", "协议期.yaml")
    assert (year.code, "各方互不支付" in year.out) == (0, True)
    assert "第一条按整个协议期（2026-01-01 至 2028-12-31）一次计算，本期间不计" in year.out
    assert call("sheet", "--out", "年.xlsx").code == 0
    whole = call("settle", "--from", "2026-01-01", "--to", "2028-12-31", "--agreement", "协议期.yaml")
    assert "乙市应付甲市：125,000.00 元" in whole.out
    assert "本期间不计" not in whole.out


def test_data_under_another_code_are_pointed_out(empty_desk, call) -> None:  # type: ignore[no-untyped-def]
    (empty_desk.folder / "采样.csv").write_text(
        "采样日期,断面名称,高锰酸盐指数(mg/L)\n2026-01-10,界河,4.0\n", encoding="utf-8"
    )
    assert call("init").code == 0
    assert call("import", "采样.csv").code == 0
    told = call("settle", "2026", "--agreement", str(AGREEMENTS / "pool-reserve.yaml"))
    assert told.code == 4
    assert "断面“界河”在协议中的代码是 S1，库中同名断面的代码是 -:界河" in told.out
