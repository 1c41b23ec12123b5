"""The workbook of every agreement that ships, and of those that do not, recalculates to what the engine says."""

from pathlib import Path

import pytest
from office import differences, formulas, recalculated, values

from compensation.agreement.cases import CaseFile, parse_cases, shipped_cases
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
