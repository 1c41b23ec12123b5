"""The demo files: the same bytes everywhere, labelled, and readable by ordinary programs."""

from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from compensation.demo import DEFAULT_SEED, generate
from compensation.demo.chance import Chance
from compensation.demo.station import decimal_text

# Changes only together with a deliberate change of the demo year: another machine, Python or library must agree.
PINNED_DIGEST = "06ba375c45dc009960767f37c0d6485dfa81011ceff148bf450e95c38aee4776"


def digest(paths: list[Path]) -> str:
    together = sha256()
    for path in paths:
        together.update(path.name.encode() + b"\0" + path.read_bytes())
    return together.hexdigest()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return generate(tmp_path_factory.mktemp("demo"))


def test_same_seed_gives_the_pinned_bytes(files: list[Path], tmp_path: Path) -> None:
    assert digest(files) == PINNED_DIGEST
    assert digest(generate(tmp_path / "made" / "here", 2026, DEFAULT_SEED)) == PINNED_DIGEST


def test_another_seed_gives_other_measurements(files: list[Path], tmp_path: Path) -> None:
    assert digest(generate(tmp_path, seed=DEFAULT_SEED + 1)) != digest(files)


def test_writing_again_replaces_the_files(files: list[Path]) -> None:
    before = digest(files)
    files[0].write_bytes(b"spoilt")
    assert digest(generate(files[0].parent)) == before


def test_a_leap_year_has_its_day(tmp_path: Path) -> None:
    bridge = next(path for path in generate(tmp_path, year=2028) if "太浦河桥" in path.name)
    assert "2028/2/29 20:00" in bridge.read_text("gb18030")


def test_every_file_says_that_it_is_made_up(files: list[Path]) -> None:
    assert len(files) == 10
    for path in files:
        assert path.name.startswith("示例数据_")
        assert "示例数据" in content(path)
        assert "不是真实监测结果" in content(path)


def test_encodings_are_those_that_offices_send(files: list[Path]) -> None:
    texts = [path.read_bytes() for path in files if path.suffix == ".csv"]
    with_mark = [text for text in texts if text.startswith(b"\xef\xbb\xbf")]
    assert with_mark
    for text in with_mark:
        text.decode("utf-8-sig")
    without_mark = [text for text in texts if text not in with_mark]
    assert without_mark
    for text in without_mark:
        text.decode("gb18030")
        with pytest.raises(UnicodeDecodeError):
            text.decode("utf-8")


def test_no_cell_could_become_a_formula(files: list[Path]) -> None:
    for path in files:
        for cell in content(path).replace("\n", ",").split(","):
            assert not cell.startswith(("=", "+", "@")), cell


def test_days_and_moments_are_kept_as_serials(files: list[Path]) -> None:
    station = openpyxl.load_workbook(next(path for path in files if "金泽取水口_" in path.name))
    times = [row[3].value for row in station.worksheets[0].iter_rows(min_row=3, max_row=8)]
    assert [f"{time:%Y-%m-%d %H:%M:%S}" for time in times] == [
        f"2026-01-01 {hour:02d}:00:00" for hour in (0, 4, 8, 12, 16, 20)
    ]


def test_numbers_are_written_without_float() -> None:
    assert decimal_text(62, 3) == "0.062"
    assert decimal_text(1205, 2) == "12.05"
    assert decimal_text(7, 0) == "7"
    assert decimal_text(None, 3) == "--"


def test_chance_is_the_published_generator() -> None:
    chance = Chance(0)
    chance._state = 0
    # First outputs of SplitMix64 from state 0, as its authors' reference code gives them.
    assert [chance._next() for _ in range(3)] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


def test_spread_is_balanced_and_bounded() -> None:
    chance = Chance(1, "spread")
    drawn = [chance.spread(50) for _ in range(20_000)]
    assert -50 <= min(drawn) < -30
    assert 30 < max(drawn) <= 50
    assert abs(sum(drawn)) < 20_000
    with pytest.raises(ValueError, match="positive"):
        chance.below(0)


def content(path: Path) -> str:
    """All the text of a demo file."""
    if path.suffix == ".csv":
        encoding = "utf-8-sig" if path.read_bytes().startswith(b"\xef\xbb\xbf") else "gb18030"
        return path.read_text(encoding)
    book = CalamineWorkbook.from_path(path)
    return "\n".join(
        ",".join(str(cell) for cell in row)
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
    )
