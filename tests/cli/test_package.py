"""A settlement computed again by another side from one file; and the first step that differs, when one does."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from compensation import archive
from compensation.application.packaging import replay_package
from compensation.cli.main import main
from compensation.errors import InputError

Change = Callable[[Any], None]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory, settled_folder: Path) -> Path:
    """The package of the demo year, written once."""
    path = tmp_path_factory.mktemp("package") / "复算包.zip"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPENSATION_DATABASE_URL", f"sqlite:///{settled_folder / 'compensation.db'}")
        with pytest.raises(SystemExit) as left:
            main(["package", "export", "--out", str(path)])
    assert left.value.code == 0
    return path


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def written(target: Path, contents: dict[str, bytes]) -> Path:
    target.write_bytes(archive.packed(contents))
    return target


def forged(package: Path, target: Path, name: str, change: Change) -> Path:
    """The package with one JSON member changed, and its hash in package.json set right, as a forger would."""
    contents = members(package)
    plain = json.loads(contents[name])
    change(plain)
    again = json.dumps(plain, ensure_ascii=False).encode()
    assert json.loads(again) != json.loads(contents[name])
    contents[name] = again
    if name == "evidence.json":
        manifest = json.loads(contents["package.json"])
        manifest["evidence_sha256"] = hashlib.sha256(again).hexdigest()
        contents["package.json"] = json.dumps(manifest).encode()
    return written(target, contents)


def first_difference(path: Path) -> tuple[str, str]:
    found = replay_package(path)
    assert not found.agrees
    assert [step.agrees for step in found.steps] == [*[True] * (len(found.steps) - 1), False]
    return found.steps[-1].name, found.steps[-1].detail


def test_without_a_database_the_same_digest_and_the_same_workbook_come_out(
    package, call, desk, tmp_path, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    assert call("sheet", "--out", "原.xlsx").code == 0
    original = Path("原.xlsx").read_bytes()
    assert call("package", "export", "--out", "再.zip").code == 0
    assert Path("再.zip").read_bytes() == package.read_bytes()
    bare = tmp_path / "bare"
    bare.mkdir()
    monkeypatch.chdir(bare)
    said = call("package", "replay", str(package), "--out", "重算.xlsx")
    assert said.code == 0, said.out + said.err
    assert "全部相同" in said.out
    assert Path("重算.xlsx").read_bytes() == original
    assert [path.name for path in bare.iterdir()] == ["重算.xlsx"]


def put(*path: str | int, value: object) -> Change:
    def change(plain: Any) -> None:
        for step in path[:-1]:
            plain = plain[step]
        plain[path[-1]] = value

    return change


def first_counted(plain: Any) -> None:
    """A fen more on the first line that is more than nothing."""
    line = next(line for line in plain["lines"] if Fraction(line[5]))
    line[5] = str(Fraction(line[5]) + Fraction(1, 100))


def first_leaf(plain: Any) -> None:
    key = next(key for key in plain["leaves"] if key.startswith("day/"))
    plain["leaves"][key] = "99"


def first_position(plain: Any) -> None:
    plain["positions"]["310000"] = "1"


def more_of_a_day(plain: Any) -> None:
    rows = plain["day_sums"]["rows"]
    at = plain["day_sums"]["fields"].index("mantissa_sum")
    row = next(row for row in rows if row[1] == "w01019" and row[at])
    row[at] += 1


@pytest.mark.parametrize(
    ("name", "change", "step"),
    [
        ("evidence.json", more_of_a_day, "叶值"),
        ("amounts.json", first_leaf, "叶值"),
        ("amounts.json", first_counted, "条款明细"),
        ("amounts.json", first_position, "各方净额"),
        ("package.json", put("digest", value="0" * 64), "摘要"),
        ("package.json", put("workbook_sha256", value="0" * 64), "工作簿"),
        ("package.json", put("settlement", value="taipu-draft-2026-00000000"), "工作簿"),
        ("package.json", put("agreement_sha256", value="0" * 64), "协议全文"),
        ("package.json", put("evidence_sha256", value="0" * 64), "证据"),
        ("package.json", put("mode", value="provisional"), "摘要"),
        ("package.json", put("stage", value="定案"), "工作簿"),
    ],
)
def test_the_first_step_that_differs_is_named(package, tmp_path, name: str, change: Change, step: str) -> None:  # type: ignore[no-untyped-def]
    found, detail = first_difference(forged(package, tmp_path / "伪.zip", name, change))
    assert (found, "包内为" in detail) == (step, True)


def test_a_changed_agreement_is_told_by_its_hash(package, tmp_path, call) -> None:  # type: ignore[no-untyped-def]
    contents = members(package)
    contents["agreement.yaml"] += b"# \n"
    said = call("package", "replay", str(written(tmp_path / "伪.zip", contents)), "--out", str(tmp_path / "x.xlsx"))
    assert said.code == 1
    assert "最先不同的一步：协议全文" in said.out
    assert not (tmp_path / "x.xlsx").exists()


def test_a_forged_reading_names_the_section_the_indicator_and_the_day(package, tmp_path) -> None:  # type: ignore[no-untyped-def]
    _, detail = first_difference(forged(package, tmp_path / "伪.zip", "evidence.json", more_of_a_day))
    assert "高锰酸盐指数" in detail
    assert "2026-" in detail


def test_another_engine_version_is_said_and_the_amounts_are_compared_all_the_same(package, tmp_path, call) -> None:  # type: ignore[no-untyped-def]
    def other_version(plain: Any) -> None:
        plain["engine_version"] = "9.9.9"

    path = forged(package, tmp_path / "伪.zip", "package.json", other_version)
    said = call("package", "replay", str(path))
    assert said.code == 1
    assert "程序版本不同：复算包由 9.9.9 版写出" in said.out
    assert "相同　各方净额" in said.out
    assert "最先不同的一步：摘要" in said.out


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda data: data[:5000], "缺损"),
        (lambda data: b"not an archive" + data[:0], "不是压缩包"),
        (lambda data: data.replace(b'"w01019"', b'"w01018"', 1), "缺损"),  # the archive's own checksum
    ],
)
def test_a_damaged_file_is_refused(package, tmp_path, change, why: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "残.zip"
    path.write_bytes(change(package.read_bytes()))
    with pytest.raises(InputError, match=why):
        replay_package(path)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("package.json", b"{", "不是 JSON"),
        ("package.json", b"{}", "没有写明是复算包"),
        ("package.json", b'{"format": "taipu-compensation-package", "schema": 2}', "格式版本为 2"),
        ("package.json", b'{"format": "taipu-compensation-package", "schema": 1}', "缺少 settlement"),
        ("amounts.json", b"[]", "不是对象"),
    ],
)
def test_a_member_that_cannot_be_read_is_named(package, tmp_path, name: str, content: bytes, why: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=why):
        replay_package(written(tmp_path / "残.zip", {**members(package), name: content}))


def test_a_stage_that_nobody_knows_is_refused(package, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="结算状态“签字”不认识"):
        replay_package(forged(package, tmp_path / "伪.zip", "package.json", put("stage", value="签字")))


def test_a_missing_member_and_evidence_of_another_make_are_refused(package, tmp_path, call) -> None:  # type: ignore[no-untyped-def]
    contents = members(package)
    del contents["evidence.json"]
    with pytest.raises(InputError, match=r"缺少 evidence\.json"):
        replay_package(written(tmp_path / "残.zip", contents))
    path = forged(package, tmp_path / "伪.zip", "evidence.json", put("day_sums", "rows", 0, 2, value="三月九日"))
    said = call("package", "replay", str(path))
    assert (said.code, "day_sums[0].day" in said.err) == (2, True)
    assert call("package", "replay", str(tmp_path / "没有.zip")).code == 2


def test_what_is_in_the_package_can_be_read_by_a_person(package) -> None:  # type: ignore[no-untyped-def]
    contents = members(package)
    assert list(contents) == ["package.json", "agreement.yaml", "evidence.json", "amounts.json", "说明.txt"]
    manifest = json.loads(contents["package.json"])
    assert hashlib.sha256(contents["amounts.json"]).hexdigest() == manifest["digest"]
    assert manifest["settlement"].endswith(manifest["digest"][:8])
    sources = json.loads(contents["evidence.json"])["sources"]
    assert sources["fields"] == ["name", "sha256", "rows", "taken", "identical", "quarantined", "left_out"]
    assert all("示例数据" in name and len(sha256) == 64 for name, sha256, *_ in sources["rows"])
    assert all(rows == sum(parts) for _, _, rows, *parts in sources["rows"])
    origins = json.loads(contents["evidence.json"])["origins"]
    assert len(origins["rows"]) > 1000
