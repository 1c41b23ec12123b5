"""The smallest .xls files there are, record by record, for the fuzzer and the tests: BIFF8 (Excel 97) or BIFF5."""

from collections.abc import Iterable, Sequence
from struct import pack

SECTOR = 512
NONE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
FIRST_OWN = 21  # the number of the first style that `styles` makes, since 21 come before it
BIFF8, BIFF5 = 0x0600, 0x0500
ERRORS = {"#DIV/0!": 7, "#N/A": 42}


def record(kind: int, content: bytes = b"") -> bytes:
    """A record with its head."""
    return pack("<HH", kind, len(content)) + content


def text(words: str, count: str, version: int = BIFF8) -> bytes:
    """A text behind its length, whose form in `struct` is `count`."""
    if version == BIFF5:
        raw = words.encode("gb18030")
        return pack(f"<{count}", len(raw)) + raw
    return pack(f"<{count}B", len(words), 1) + words.encode("utf-16-le")


def cell(row: int, column: int, value: object, version: int = BIFF8, style: int = 15) -> bytes:
    """A cell, from row and column 0, of a number, a text, or an error by its name; nothing for None."""
    place = pack("<HHH", row, column, style)
    if value is None:
        return b""
    if isinstance(value, str) and value in ERRORS:
        return record(0x0205, place + bytes((ERRORS[value], 1)))
    if isinstance(value, str):
        return record(0x0204, place + text(value, "H", version))
    assert isinstance(value, int | float)
    return record(0x0203, place + pack("<d", value))


def formula(row: int, column: int, result: bytes, options: int = 0) -> bytes:
    """A formula of no matter what with the eight bytes of its result."""
    return record(0x0006, pack("<HHH", row, column, 15) + result + pack("<HIH", options, 0, 3) + b"\x1e\x01\x00")


def comment(row: int, column: int, words: str, version: int = BIFF8, number: int = 1, author: str = "") -> bytes:
    """A comment with its drawn object, of which only BIFF8 has one."""
    if version == BIFF5:
        return record(0x001C, pack("<HH", row, column) + text(words, "H", BIFF5))
    drawn = record(0x005D, pack("<HHHHH", 0x15, 0x12, 0x19, number, 0) + bytes(12) + bytes(4))
    said = record(0x01B6, bytes(10) + pack("<HHI", len(words), 16, 0)) + record(
        0x003C, b"\1" + words.encode("utf-16-le")
    ) * bool(words)
    return drawn + said + record(0x001C, pack("<HHHH", row, column, 0, number) + text(author, "H"))


def styles(looks: Sequence[tuple[int, int | None]], version: int = BIFF8) -> bytes:
    """Plain styles before FIRST_OWN, then one for each colour of a font and of a solid fill, by their indexes."""
    colours = [0x7FFF] * 5 + [font for font, _ in looks]
    fonts = b"".join(record(0x0031, pack("<HHHHHBBBB", 200, 0, each, 400, 0, 0, 0, 0, 0) + text("宋体", "B", version))
                     for each in colours)  # fmt: skip
    made = [(0, None)] * FIRST_OWN + [(number, fill) for number, (_, fill) in enumerate(looks, start=6)]
    return fonts + b"".join(record(0x00E0, _style(font, fill, version)) for font, fill in made)


def _style(font: int, fill: int | None, version: int) -> bytes:
    colour = 0x41 << 7 | (0x40 if fill is None else fill)
    if version == BIFF5:
        return pack("<HHHHHHHH", font, 0, 1, 0, colour, fill is not None, 0, 0)
    return pack("<HHHHHHHIH", font, 0, 1, 0, 0, 0, 0, (fill is not None) << 26, colour)


def book(sheets: Iterable[tuple[str, bytes]], version: int = BIFF8, around: bytes = b"", kind: int = 0) -> bytes:
    """The records of a workbook: sheets by title, each of the records of its cells; `around` goes before the sheets."""
    begin, end = pack("<HHIII", version, 5, 0, 0, 0), record(0x000A)
    head = record(0x0809, begin) + record(0x0042, pack("<H", 936 if version == BIFF5 else 1200)) + around
    bodies = [(title, record(0x0809, pack("<HHIII", version, 0x10, 0, 0, 0)) + cells + end) for title, cells in sheets]
    listed = [record(0x0085, pack("<IBB", 0, 0, kind) + text(title, "B", version)) for title, _ in bodies]
    at = len(head) + sum(map(len, listed)) + len(end)
    for (title, body), _ in zip(bodies, listed, strict=True):
        head += record(0x0085, pack("<IBB", at, 0, kind) + text(title, "B", version))
        at += len(body)
    return head + end + b"".join(body for _, body in bodies)


def rows(table: Sequence[Sequence[object]], version: int = BIFF8) -> bytes:
    """The records of the cells of a table."""
    return b"".join(
        cell(row, column, value, version) for row, cells in enumerate(table) for column, value in enumerate(cells)
    )


def compound(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file that holds one stream: with records, an .xls."""
    stream = stream.ljust(4096, b"\0")  # a shorter one would stand among the small ones
    count = -(-len(stream) // SECTOR)
    tables = next(each for each in range(1, 110) if each * 128 >= count + 1 + each)
    chain = [*[TABLE] * tables, END, *range(tables + 2, tables + 1 + count), END]
    chain += [NONE] * (tables * 128 - len(chain))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += pack("<9I", 0, tables, tables, 0, 4096, END, 0, END, 0)
    head += pack("<109I", *range(tables), *[NONE] * (109 - tables))
    folder = (
        _entry("Root Entry", 5, END, 0, child=1) + _entry(name, 2, tables + 1, len(stream)) + _entry("", 0, 0, 0) * 2
    )
    return head + pack(f"<{len(chain)}I", *chain) + folder + stream.ljust(count * SECTOR, b"\0")


def _entry(name: str, kind: int, start: int, size: int, child: int = NONE) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0" * bool(name)
    return raw.ljust(64, b"\0") + pack("<HBBIII16xIQQIQ", len(raw), kind, 1, NONE, NONE, child, 0, 0, 0, start, size)
