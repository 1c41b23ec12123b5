"""A counterexample is data like any other: imported and settled, it comes to what was found."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from proving_tools import changed, picked

from compensation import application
from compensation.agreement.loader import load
from compensation.cli.main import cli
from compensation.expression import Quantity
from compensation.monitoring import ReadOptions
from compensation.proof.counterexample import write_counterexample
from compensation.proof.strategies import trials
from compensation.proof.trial import Trial
from compensation.store import open_store
from rules.evidence import Evidence

UNSOUND = (
    "{up_to: Ⅱ, value: {<<: *known, value: 4000, unit: 万元}}",
    "{up_to: Ⅱ, value: {<<: *known, value: 10, unit: 万元}}",
)


def told(amount: Quantity) -> str:
    return str(amount.value) if not hasattr(amount.value, "items") else "未定"


def imported(trial: Trial, folder: Path) -> Trial:
    """The trial as it comes out of the database after its workbook went in."""
    path = folder / "反例.xlsx"
    write_counterexample(trial, "举例", path)
    with open_store(f"sqlite:///{folder / '反例.db'}") as store:
        store.init()
        application.import_file(store, path, ReadOptions(), made_up=True)
        request = application.Request(trial.agreement, trial.period.first, trial.period.last)
        return trial.given(application.settle_request(store, request).case.evidence)


@pytest.mark.parametrize("number", range(4))
def test_an_imported_counterexample_settles_to_the_same(number: int, tmp_path: Path) -> None:
    trial = picked(trials(load("taipu-draft"), gaps=number == 3), 6)[number + 1]
    # last year's settlement and a cost that nobody has verified have no form: a note says so
    verified = tuple(each for each in trial.evidence.incidents if each.cost_yuan is not None)
    trial = trial.given(Evidence(**{**_fields(trial.evidence), "last_year": (), "incidents": verified}))
    back = imported(trial, tmp_path)
    lines = [(x.clause, x.section, x.period, x.payer, x.payee, told(x.amount)) for x in trial.outcome.lines]
    assert lines == [(x.clause, x.section, x.period, x.payer, x.payee, told(x.amount)) for x in back.outcome.lines]
    assert {code: told(each.final) for code, each in trial.outcome.positions.items()} == {
        code: told(each.final) for code, each in back.outcome.positions.items()
    }


def _fields(evidence: Evidence) -> dict[str, object]:
    return {name: getattr(evidence, name) for name in Evidence.__dataclass_fields__}


def test_the_command_names_the_clause_and_the_file(tmp_path: Path) -> None:
    path = tmp_path / "我的协议.yaml"
    path.write_text(changed("chuhe", UNSOUND).text, encoding="utf-8")
    result = CliRunner().invoke(cli, ["agreement", "check", str(path), "--folder", str(tmp_path / "反例")])
    assert result.exit_code == 1
    assert re.search(r"不成立　水质变好.*\n　+第一条 陈浅", result.output)
    assert "共 12 项，1 项不成立。" in result.output
    assert [each.name for each in (tmp_path / "反例").iterdir()] == ["反例_chuhe_better_water.xlsx"]
    assert str(tmp_path / "反例" / "反例_chuhe_better_water.xlsx") in result.output


def test_the_command_is_content_with_a_sound_agreement(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["agreement", "check", "chuhe", "--examples", "5", "--folder", str(tmp_path)])
    assert result.exit_code == 0
    assert "共 12 项，全部成立。" in result.output
    assert list(tmp_path.iterdir()) == []


def test_the_same_file_gives_the_same_words_twice(tmp_path: Path) -> None:
    path = tmp_path / "我的协议.yaml"
    path.write_text(changed("chuhe", UNSOUND).text, encoding="utf-8")
    arguments = ["agreement", "check", str(path), "--examples", "20", "--folder", str(tmp_path)]
    assert CliRunner().invoke(cli, arguments).output == CliRunner().invoke(cli, arguments).output
