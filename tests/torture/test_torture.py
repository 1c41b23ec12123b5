"""A small torture runs with the suite; `make torture` is the large one. What judges it has to be able to fail."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from torture import acts, killing
from torture.scene import OnSqlite

HERE = Path(__file__).parent


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_small_torture_finds_nothing(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, HERE, "--only", kind, "--points", "8", "--times", "1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "are not on this machine" in done.stderr and os.environ.get("CI") != "true":
        pytest.skip("PostgreSQL's server programs (initdb, postgres) are not on this machine")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" kills: ") == done.stdout.count(" a full disk") == 8
    assert done.stdout.splitlines()[-1] == "0 wrong"


def test_what_is_neither_before_nor_after_is_seen(tmp_path: Path) -> None:
    scene = OnSqlite(tmp_path / "scene")
    assert scene.run("init") == 0
    scene.keep("empty")
    act = acts.Act("holidays", ("holidays", "list"), "empty")
    whole = killing.undisturbed(scene, act)
    assert list(killing.judge(scene, act, whole, killing.Tally("SQLite", "holidays"))) == []
    other = killing.Undisturbed(whole.seconds, "0" * 64, "1" * 64, None)
    found = list(killing.judge(scene, act, other, killing.Tally("SQLite", "holidays")))
    assert any("neither as before nor as after" in each for each in found)
    assert any("does not end where an undisturbed run ends" in each for each in found)


def test_a_broken_database_is_seen(tmp_path: Path) -> None:
    scene = OnSqlite(tmp_path / "scene")
    assert scene.run("init") == 0
    assert scene.broken() == []
    with sqlite3.connect(scene.file) as connection:
        connection.execute("DROP TRIGGER act_no_update")
    assert [each for each in scene.broken() if "act_no_update" in each]
