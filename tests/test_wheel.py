"""A wheel built from the project works installed outside the checkout, with everything it needs inside."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
BUNDLED = ("migrations", "templates_xlsx")
LEFT_OUT = {"__pycache__"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], CHECKOUT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that has the wheel, and borrows only the libraries of this one: no network is needed."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], folder)
    python = folder / "venv" / "bin" / "python"
    run([sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-index", "--no-deps", wheel], folder)
    site = Path(run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).strip())
    # A folder named in a .pth file is searched last, and its own .pth files (the editable install) are not read.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def run(command: list[object], folder: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COMPENSATION"))}
    result = subprocess.run(
        [str(part) for part in command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def files_below(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.parts)
    }


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    expected = {
        f"{package}/{name}" for package in ("compensation", "rules") for name in files_below(CHECKOUT / package)
    }
    expected |= {
        f"compensation/_bundled/{folder}/{name}" for folder in BUNDLED for name in files_below(CHECKOUT / folder)
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected
    assert any(name.startswith("rules/agreements/") and name.endswith(".yaml") for name in held)
    assert any(name.startswith("compensation/_bundled/migrations/versions/") for name in held)
    assert any(name.startswith("compensation/_bundled/templates_xlsx/") and name.endswith(".xlsx") for name in held)


def test_installed_code_and_resources_are_its_own(elsewhere: Path) -> None:
    program = (
        "import compensation, rules\n"
        "from compensation.resources import migrations_dir, templates_dir\n"
        "print(compensation.__file__, rules.__file__, migrations_dir(), templates_dir(), sep='\\n')"
    )
    places = run([elsewhere / "venv" / "bin" / "python", "-c", program], elsewhere).splitlines()
    assert len(places) == 4
    assert [place for place in places if not Path(place).is_relative_to(elsewhere)] == []


def test_the_command_runs_outside_the_checkout(elsewhere: Path) -> None:
    command = elsewhere / "venv" / "bin" / "compensation"
    assert "init" in run([command, "--help"], elsewhere)
    work = elsewhere / "office"
    work.mkdir()
    run([command, "init"], work)
    assert (work / "compensation.db").is_file()
    # Safe to repeat.
    run([command, "init"], work)
