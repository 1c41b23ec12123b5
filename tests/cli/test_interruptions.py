"""A full disk, a read-only folder, kill -9, Ctrl-C: nothing half done stays."""

import os
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def later_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Readings of another year, enough to take a while."""
    lines = ["断面名称,监测时间,水质类别,高锰酸盐指数,氨氮,总磷"]
    for day in range(1, 29):
        for month in range(1, 13):
            for hour in range(24):
                time_ = f"2025-{month:02d}-{day:02d} {hour:02d}:00"
                lines.append(f"太浦河桥,{time_},Ⅱ,3.{day},0.{month:02d},0.0{hour:02d}")
    path = tmp_path_factory.mktemp("later") / "2025.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def facts(dump: str) -> list[str]:
    """A dump without the moments at which rows came in."""
    return [
        line for line in dump.splitlines() if not line.startswith(('INSERT INTO "import_file"', "INSERT INTO import"))
    ]


@pytest.mark.parametrize("delay", [0.9, 2.0])
def test_kill_9_in_the_middle_of_import(desk, later_file: Path, delay: float) -> None:  # type: ignore[no-untyped-def]
    before = desk.dump()
    running = subprocess.Popen(
        desk.command("import", str(later_file)),
        cwd=desk.folder,
        env=desk.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(delay)
    running.kill()
    finished = running.wait() == 0
    after = desk.dump()
    if not finished and "2025.csv" not in after:
        assert after == before
    assert desk.run("check").code == 0
    again = desk.run("import", str(later_file))
    assert again.code == 0, again.err
    whole = facts(desk.dump())
    assert len(whole) >= len(facts(before)) + 8_000 * 3
    assert desk.run("import", str(later_file)).out.count("未重复导入") == 1
    assert facts(desk.dump()) == whole


@pytest.mark.parametrize("delay", [1.0, 2.2])
def test_kill_9_in_the_middle_of_sheet(desk, delay: float) -> None:  # type: ignore[no-untyped-def]
    (desk.folder / "表.xlsx").write_bytes(b"the one before")
    before = desk.dump()
    running = subprocess.Popen(
        desk.command("sheet", "--out", "表.xlsx"),
        cwd=desk.folder,
        env=desk.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(delay)
    running.kill()
    finished = running.wait() == 0
    there = (desk.folder / "表.xlsx").read_bytes()
    assert there == b"the one before" or there[:2] == b"PK"
    if not finished and there == b"the one before":
        assert desk.dump() == before
    assert desk.run("sheet", "--out", "表.xlsx").code == 0
    assert desk.run("sheet", "--out", "另.xlsx").code == 0
    assert (desk.folder / "表.xlsx").read_bytes() == (desk.folder / "另.xlsx").read_bytes()
    assert desk.run("check").code == 0


def test_ctrl_c_in_the_middle_of_import(desk, later_file: Path) -> None:  # type: ignore[no-untyped-def]
    before = desk.dump()
    with subprocess.Popen(
        desk.command("import", str(later_file)),
        cwd=desk.folder,
        env=desk.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stderr is not None
        running.stderr.read(3)  # the progress bar has begun, so the command is at work
        running.send_signal(signal.SIGINT)
        said = running.stderr.read().decode(errors="replace")
    if running.returncode == 0:
        pytest.skip("the import was quicker than the interruption")
    assert running.returncode == 130
    assert "已中断" in said
    assert "Traceback" not in said
    assert desk.dump() == before


def limited(command: list[str], desk, size: int) -> subprocess.CompletedProcess[bytes]:  # type: ignore[no-untyped-def]
    """Run where no file may grow beyond `size`, as on a disk that is full."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return subprocess.run(
        command, cwd=desk.folder, env=desk.env, capture_output=True, check=False, timeout=120, preexec_fn=limit
    )


def test_a_full_disk_in_the_middle_of_import(desk, later_file: Path) -> None:  # type: ignore[no-untyped-def]
    before = desk.dump()
    done = limited(desk.command("import", str(later_file)), desk, 100_000)
    told = done.stderr.decode()
    assert done.returncode == 3, told
    assert "错误：" in told and "Traceback" not in told
    assert desk.dump() == before
    assert desk.run("import", str(later_file)).code == 0


@pytest.mark.parametrize(
    "size", [20_000, 120_000]
)  # the first is met by the workbook's package, the other by its parts
def test_a_full_disk_in_the_middle_of_sheet(desk, size: int) -> None:  # type: ignore[no-untyped-def]
    before = desk.dump()
    done = limited(desk.command("sheet", "--out", "表.xlsx"), desk, size)
    told = done.stderr.decode()
    assert done.returncode == 3, told
    assert "错误：" in told and "Traceback" not in told
    assert not list(desk.folder.glob("*.xlsx"))
    assert not list(desk.folder.glob(".*.part"))
    assert desk.dump() == before


def test_a_folder_that_may_only_be_read(desk, later_file: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    if os.geteuid() == 0:
        pytest.skip("the superuser may write everywhere, so a read-only folder cannot be shown")
    before = desk.dump()
    desk.folder.chmod(0o555)
    desk.database.chmod(0o444)
    try:
        for command, code in ((["sheet", "--out", "表.xlsx"], 2), (["import", str(later_file)], 3)):
            said = desk.run(*command)
            assert said.code == code, said.err
            assert "Traceback" not in said.err
        assert desk.run("status").code == 0
    finally:
        desk.folder.chmod(0o755)
        desk.database.chmod(0o644)
    assert desk.dump() == before


def test_a_reader_that_goes_away_is_no_error_to_read_about(desk) -> None:  # type: ignore[no-untyped-def]
    with subprocess.Popen(
        desk.command("explain", "--party", "沪", "--depth", "9"),
        cwd=desk.folder,
        env=desk.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        said = running.stderr.read().decode(errors="replace")
    assert said == ""
    assert running.returncode == 1
