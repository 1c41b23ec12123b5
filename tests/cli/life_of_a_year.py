"""The steps from a settlement to its being final, as commands."""

from collections.abc import Callable
from pathlib import Path

from compensation.store import open_store

BY = ("--by", "张三", "--document", "示例文号〔2027〕1号")
HOLIDAYS = "日期,类别,名称,来源\n2027-01-01,放假,元旦,示例数据\n2027-05-01,放假,劳动节,示例数据\n"
SIGNERS = [(party, department) for party in "沪苏浙" for department in ("财政", "环保")]


def holiday_file(folder: Path) -> str:
    """The arrangement of 2027 as a file."""
    path = folder / "放假.csv"
    path.write_text(HOLIDAYS, encoding="utf-8")
    return str(path)


def latest(folder: Path) -> tuple[str, str]:
    """Number and digest of the settlement kept last."""
    with open_store(f"sqlite:///{folder / 'compensation.db'}") as store:
        found = store.latest_settlement()
    assert found is not None
    return found.number, found.digest


def to_final(folder: Path, run: Callable[..., object], day: str = "2027-03-0") -> str:
    """Issue, confirm and finalise the settlement kept last; its number."""
    number, digest = latest(folder)
    run("issue", number, *BY, "--date", f"{day}1")
    for party, department in SIGNERS:
        signer = ("--party", party, "--department", department, "--digest", digest[:12])
        run("confirm", number, *signer, *BY, "--date", f"{day}5")
    run("finalise", number, *BY, "--date", f"{day}8", "--due", "2027-06-30")
    return number
