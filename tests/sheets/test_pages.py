"""What is printed: no ####, no empty page, no page of a stray line, and every page says what it is."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable

import pytest
from hard import LONG, written
from made_up import Year
from office import TIMEOUT_S, require

pytestmark = pytest.mark.office
FEWEST_LINES = 3


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, years: Callable[[int], Year]) -> dict[str, list[str]]:
    """The text of every page of every hard workbook, all of them printed in one run."""
    program = require()
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext is not on this machine: what is printed cannot be read")
    folder = tmp_path_factory.mktemp("printed")
    books = written(folder, years)
    with tempfile.TemporaryDirectory() as profile:
        command = [program, f"-env:UserInstallation=file://{profile}", "--headless", "--norestore"]
        command += ["--convert-to", "pdf:calc_pdf_Export", "--outdir", str(folder), *map(str, books)]
        subprocess.run(command, check=True, capture_output=True, timeout=2 * TIMEOUT_S)
    pages = {}
    for book in books:
        done = subprocess.run([reader, "-layout", str(book.with_suffix(".pdf")), "-"], check=True, capture_output=True)
        pages[book.stem] = done.stdout.decode().split("\f")[:-1]
    return pages


def lines(page: str) -> list[str]:
    """What a page says beside its header and footer."""
    around = re.compile(r"第\s*\d+\s*页|-[0-9a-f]{8}\b")
    return [line.strip() for line in page.splitlines() if line.strip() and not around.search(line)]


def test_every_workbook_has_pages(printed: dict[str, list[str]]) -> None:
    assert len(printed) >= 7
    assert all(len(pages) >= 3 for pages in printed.values())


def test_no_number_is_too_wide_for_its_cell(printed: dict[str, list[str]]) -> None:
    assert [
        (book, number) for book, pages in printed.items() for number, page in enumerate(pages, 1) if "##" in page
    ] == []


def test_no_page_is_empty_or_holds_a_stray_line(printed: dict[str, list[str]]) -> None:
    few = [
        (book, number, lines(page))
        for book, pages in printed.items()
        for number, page in enumerate(pages, start=1)
        if len(lines(page)) < FEWEST_LINES
    ]
    assert few == []


def test_no_page_ends_with_the_title_of_a_table(printed: dict[str, list[str]]) -> None:
    title = re.compile(r"[一二三四五六七八九]、.*单位：|数据 \d+：")
    last = {
        (book, number): found[-1]
        for book, pages in printed.items()
        for number, page in enumerate(pages, start=1)
        if (found := lines(page))
    }
    assert {place: line for place, line in last.items() if title.match(line)} == {}


def test_every_page_has_its_number_and_says_that_the_data_are_made_up(printed: dict[str, list[str]]) -> None:
    for book, pages in printed.items():
        for number, page in enumerate(pages, start=1):
            assert re.search(rf"第\s*{number}\s*页\s+共\s*{len(pages)}\s*页", page), (book, number)
            assert ("方案比较" if book == "比较" else "示例数据") in page, (book, number)


def test_large_amounts_and_long_names_stand_there_whole(printed: dict[str, list[str]]) -> None:
    text = "\n".join(printed["十二断面"])
    assert re.search(r"\d{3},\d{3},\d{3},\d{3}\.\d\d", text)
    assert "亿" in text
    assert LONG in re.sub(r"\s", "", text) or LONG[:12] in text
