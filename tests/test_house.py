"""The rules of the house that no linter knows: what files may say, how long they are, how records are kept."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import compensation

CHECKOUT = Path(__file__).resolve().parent.parent
MODULE_LINES = 400
# Written in two pieces, so that this file does not find itself.
MACHINE_PATHS = re.compile("|".join(["/w" + "ork/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/"]))
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")
REGISTRIES = re.compile("|".join(["py" + "pi", "python" + "hosted", "index" + "-url", "find" + "-links"]))
EXACT_ROOMS = (
    "rules",
    "compensation/expression",
    "compensation/ledger",
    "compensation/quality",
    "compensation/settlement",
    "compensation/money.py",
    "compensation/rounding.py",
)


def project_files() -> list[Path]:
    """Files under version control and those about to be; without git, all but what .gitignore names at the top."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        found = {CHECKOUT / name for name in listing.stdout.decode().split("\0") if name}
        return sorted(path for path in found if path.is_file())
    ignored = {line.strip("/") for line in (CHECKOUT / ".gitignore").read_text(encoding="utf-8").splitlines()} | {
        ".git"
    }
    return sorted(
        path for path in CHECKOUT.rglob("*") if path.is_file() and not ignored & set(path.relative_to(CHECKOUT).parts)
    )


def texts(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Name within the checkout and content of each file that is text."""
    for path in paths:
        try:
            yield path.relative_to(CHECKOUT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def found(pattern: re.Pattern[str], name: str, text: str) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def floats(name: str, source: str) -> list[str]:
    """Places where a binary float is written, made or could come out of the mathematics library."""
    places = []
    for node in ast.walk(ast.parse(source)):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float | complex)
        named = isinstance(node, ast.Name) and node.id == "float"
        if literal or named:
            places.append(f"{name}:{getattr(node, 'lineno', '?')}")
    return places


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, UNFINISHED, REGISTRIES], ids=["paths", "unfinished", "registries"])
def test_no_file_says_what_it_should_not(pattern: re.Pattern[str]) -> None:
    assert [place for name, text in texts(project_files()) for place in found(pattern, name, text)] == []


def test_the_patterns_find_what_they_forbid() -> None:
    assert found(MACHINE_PATHS, "a", "see /w" + "ork/x") == ["a:1: see /w" + "ork/x"]
    assert found(UNFINISHED, "a", "fine\n# TO" + "DO later") == ["a:2: # TO" + "DO later"]
    assert found(REGISTRIES, "a", "--index" + "-url x")


def test_modules_are_short() -> None:
    modules = {name: text.count("\n") for name, text in texts(project_files()) if name.endswith(".py")}
    assert len(modules) > 20
    assert {name: lines for name, lines in modules.items() if lines > MODULE_LINES} == {}


def test_no_float_where_money_and_concentrations_are() -> None:
    exact = [
        (name, text) for name, text in texts(project_files()) if name.endswith(".py") and name.startswith(EXACT_ROOMS)
    ]
    assert len(exact) > 10
    assert [place for name, text in exact for place in floats(name, text)] == []


def test_the_float_check_sees_floats() -> None:
    assert floats("a", "x = 1\ny = 0.5") == ["a:2"]
    assert floats("a", "y = float('1')") == ["a:1"]
    assert floats("a", "def f(x: int | float) -> int: ...") == ["a:1"]
    assert floats("a", "y = '0.5'  # 0.5") == []


def locked() -> dict[str, str]:
    """Pinned name and the block of text that belongs to it."""
    text = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    return {re.split(r"[=\[; ]", block, maxsplit=1)[0]: block for block in blocks if block[:1].isalnum()}


def test_the_lock_pins_hashes_and_names_no_host() -> None:
    lock = locked()
    assert len(lock) > 30
    assert [name for name, block in lock.items() if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", block)] == []
    assert [name for name, block in lock.items() if not re.match(r"[A-Za-z0-9_.-]+==[^\s;]+", block)] == []
    assert (
        found(re.compile("://|^-"), "requirements.lock", (CHECKOUT / "requirements.lock").read_text(encoding="utf-8"))
        == []
    )


def test_the_lock_holds_all_that_the_project_asks_for() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *(each for extra in project["project"]["optional-dependencies"].values() for each in extra),
        *project["build-system"]["requires"],
    ]
    lock = {name.lower().replace("_", "-") for name in locked()}
    names = {re.split(r"[\[=<>! ]", each, maxsplit=1)[0].lower() for each in asked}
    assert names - lock == set()
    # The build backend comes from the lock, because the install is not isolated.
    for pin in project["build-system"]["requires"]:
        assert locked()[pin.partition("==")[0]].startswith(pin)


def test_the_package_knows_its_version() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert compensation.__version__ == project["version"]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_the_two_commands(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    assert re.search(r"^\s*make demo\b", text, flags=re.MULTILINE)
    assert re.search(r"^\s*make test\b", text, flags=re.MULTILINE)


def test_decisions_are_numbered_indexed_and_of_one_form() -> None:
    folder = CHECKOUT / "docs" / "decisions"
    records = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    # rooms take numbers of their own tens, so that two records written at once never share one
    numbers = [path.name[:4] for path in records]
    assert numbers == sorted(set(numbers))
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", index) == [path.name for path in records]
    for path in records:
        text = path.read_text(encoding="utf-8")
        title = re.match(r"# (\d{4})\. \S", text)
        assert title, path.name
        assert title[1] == path.name[:4]
        assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == ["Context", "Decision", "Consequences"], path.name


def test_the_changelog_keeps_its_form() -> None:
    text = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.startswith("# Changelog\n")
    versions = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert [each for each in versions[1:] if not re.fullmatch(r"\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)", each)] == []
    kinds = re.findall(r"^### (.+)$", text, flags=re.MULTILINE)
    assert set(kinds) <= {"Added", "Changed", "Fixed", "Removed", "Amounts"}
    for version in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        # What could move a fen is said in every version, even when it is nothing.
        assert "\n### Amounts\n- " in version


def glossary_rows() -> list[tuple[str, list[str]]]:
    """Chinese term and the code names of each row of the glossary."""
    rows = []
    for line in (CHECKOUT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and not set(cells[0]) <= set("-: ") and cells[0] != "中文":
            rows.append((cells[0], re.findall(r"`([^`]+)`", cells[1])))
    return rows


def test_every_code_name_of_the_glossary_is_in_the_code() -> None:
    code = "\n".join(
        text
        for name, text in texts(project_files())
        if name.startswith(("compensation/", "rules/")) and name.endswith((".py", ".yaml", ".csv"))
    )
    words = set(re.findall(r"\w+", code))
    rows = glossary_rows()
    assert len(rows) > 25
    assert [(term, name) for term, names in rows for name in names if name not in words] == []
    assert len({term for term, _ in rows}) == len(rows)


@pytest.mark.parametrize("name", [".ci/run", "Makefile"])
def test_the_way_in_names_no_host(name: str) -> None:
    assert found(re.compile("://"), name, (CHECKOUT / name).read_text(encoding="utf-8")) == []


def test_ci_script_is_sound_bash_and_ends_with_the_suite() -> None:
    script = CHECKOUT / ".ci" / "run"
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    assert script.stat().st_mode & 0o111
    commands = [line for line in script.read_text(encoding="utf-8").splitlines() if line.startswith("make ")]
    assert commands == ["make demo", "make test"]
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "make test"
