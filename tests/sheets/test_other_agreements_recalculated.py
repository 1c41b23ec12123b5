"""The workbook of every agreement, shipped or not, netted or not, recalculates to what the engine says."""

from dataclasses import replace
from pathlib import Path

import pytest
from office import differences, formulas, recalculated, values

from compensation.agreement.cases import CaseFile, parse_cases, shipped_cases
from compensation.agreement.loader import parse
from compensation.settlement.cases import settle_case
from compensation.sheets import write_workbook

CHECKOUT = Path(__file__).resolve().parents[2]
HAND_COMPUTED = CHECKOUT / "tests" / "agreements" / "cases" / "hand-computed.yaml"

pytestmark = pytest.mark.office


def first_cases() -> list[CaseFile]:
    """The first case of each agreement; the draft has tests of its own."""
    cases: dict[str, CaseFile] = {}
    for case in [*shipped_cases(), *parse_cases(HAND_COMPUTED.name, HAND_COMPUTED.read_text(encoding="utf-8"))]:
        cases.setdefault(case.agreement.key, case)
    return [case for key, case in cases.items() if key != "taipu-draft"]


def netted(case: CaseFile, how: str) -> CaseFile:
    """A case under the same agreement with another word for its netting."""
    text, before = case.agreement.text, "    objection_days: "
    assert text.count(before) == 1
    return replace(case, agreement=parse("other.yaml", text.replace(before, f"    netting: {how}\n{before}")))


def test_paid_pair_by_pair_the_workbook_recalculates_to_itself(tmp_path: Path) -> None:
    """Each pair is paid what its own lines come to, so there are other payments than where all are netted."""
    case = next(each for each in shipped_cases() if each.agreement.key == "taipu-draft")
    pairs, all_at_once = settle_case(netted(case, "bilateral")), settle_case(case)
    assert not pairs.missing
    paid = [
        {(each.payer, each.payee): each.amount.value for each in one.outcome.transfers} for one in (pairs, all_at_once)
    ]
    assert paid[0] != paid[1]
    made = tmp_path / "轧差.xlsx"
    write_workbook(pairs, made)
    (again,) = recalculated([made], tmp_path / "again")
    live = formulas(made)
    assert live
    assert differences(values(made), values(again), iter(live)) == []


def test_every_agreements_workbook_recalculates_to_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT)
    made = []
    for case in first_cases():
        made.append(tmp_path / f"{case.agreement.key}.xlsx")
        write_workbook(settle_case(case), made[-1])
    assert len(made) >= 18
    for before, after in zip(made, recalculated(made, tmp_path / "again"), strict=True):
        live = formulas(before)
        assert live
        assert differences(values(before), values(after), iter(live)) == [], before.stem
