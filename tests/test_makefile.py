"""What the Makefile says to somebody whose machine lacks what it needs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture
def empty_machine(tmp_path: Path) -> Path:
    """A checkout without an environment."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(CHECKOUT / name, tmp_path)
    return tmp_path


def interpreter(folder: Path, *cases: str) -> Path:
    """A stand-in for Python that answers each kind of question by a shell case."""
    path = folder / "stand-in"
    path.write_text('#!/bin/sh\ncase "$*" in\n' + "\n".join(f"{case};;" for case in cases) + "\n*) exit 0;;\nesac\n")
    path.chmod(0o755)
    return path


def make(folder: Path, target: str, python: object) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return subprocess.run(
        ["make", target, f"PYTHON={python}"], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )


def test_no_interpreter(empty_machine: Path) -> None:
    result = make(empty_machine, "demo", "no-such-python")
    assert result.returncode != 0
    assert "找不到 no-such-python" in result.stderr
    assert "3.11" in result.stderr
    assert not (empty_machine / ".venv").exists()


def test_an_old_interpreter_is_named_with_its_version(empty_machine: Path) -> None:
    old = interpreter(empty_machine, "*version_info*) exit 1", "-V) echo Python 3.9.18")
    result = make(empty_machine, "test", old)
    assert result.returncode != 0
    assert "是 Python 3.9.18，需要 3.11 或更高版本" in result.stderr
    assert not (empty_machine / ".venv").exists()


def test_without_ensurepip_it_says_what_to_install(empty_machine: Path) -> None:
    bare = interpreter(empty_machine, "*ensurepip*) exit 1")
    result = make(empty_machine, "demo", bare)
    assert result.returncode != 0
    assert "apt-get install python3-venv" in result.stderr
    assert not (empty_machine / ".venv").exists()


def test_an_environment_is_made_once(empty_machine: Path) -> None:
    environment = empty_machine / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (environment / "installed.stamp").touch()
    program = environment / "bin" / "compensation"
    program.write_text('#!/bin/sh\necho "ran: $*"\n')
    program.chmod(0o755)
    result = make(empty_machine, "demo", "no-such-python")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "ran: demo"


def test_help_is_what_plain_make_says(empty_machine: Path) -> None:
    result = make(empty_machine, "help", "no-such-python")
    assert result.returncode == 0
    for target in ("demo", "test", "lint", "bench", "clean"):
        assert f"make {target}" in result.stdout
