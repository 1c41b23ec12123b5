"""The layers hold, and a module without a place fails the build until someone gives it one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The two packages and the contracts, in a place where they may be broken."""
    for package in ("compensation", "rules"):
        shutil.copytree(CHECKOUT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import linter on the packages in `folder`, whatever is installed."""
    program = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_copy_as_it_is_keeps_every_contract(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


@pytest.mark.parametrize("package", ["compensation", "rules"])
def test_a_module_without_a_place_fails(copy: Path, package: str) -> None:
    (copy / package / "stray.py").write_text('"""Nobody has placed this."""\n')
    result = lint(copy)
    assert result.returncode == 1
    assert "stray" in result.stdout


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("rules/agreement.py", "compensation.store"),
        ("rules/evidence.py", "compensation.monitoring.records"),
        ("rules/limits.py", "rules.joint_fund"),
        ("rules/case.py", "sqlalchemy"),
        ("compensation/quality/means.py", "compensation.expression"),
        ("compensation/money.py", "compensation.quality.means"),
        ("compensation/settlement/__init__.py", "compensation.store"),
        ("compensation/settlement/__init__.py", "compensation.monitoring.reader"),
        ("compensation/monitoring/__init__.py", "compensation.settlement"),
        ("compensation/store/__init__.py", "compensation.sheets"),
        ("compensation/demo/chance.py", "compensation.sheets"),
    ],
)
def test_looking_upwards_fails(copy: Path, module: str, imported: str) -> None:
    path = copy / module
    path.write_text(path.read_text(encoding="utf-8") + f"\nimport {imported}  # upwards\n")
    result = lint(copy)
    assert result.returncode == 1
    assert "Broken contracts" in result.stdout
