"""A long sheet cut between its rows into small workbooks, one after the other, so that none is ever laid out whole.

The parser lays out what it is given. So it is given the same package again and again, with some ten thousand rows in
the place of the sheet; styles and the epoch of dates are as they were. Few shared texts go along with each piece, so
that a piece is several times their size; of many, a piece has those that it names.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO

from compensation.monitoring.shape import SheetShape
from compensation.monitoring.texts import SharedTexts

LONG_BYTES = 64 * 1024**2  # of a sheet's XML; a shorter one is laid out at once, in some three times as much memory
PIECE_BYTES = 4 * 1024**2
AGAIN_TIMES = 4  # a piece is at least so many times as large as what is parsed again for it
MANY_TEXTS_BYTES = 8 * 1024**2  # of shared texts; fewer are parsed again for each piece

_CHUNK = 1 << 20
_BEGIN, _END, _ROW_END = b"<sheetData", b"</sheetData>", b"</row>"
_CLOSE = b"</worksheet>"
_FOLDERS = frozenset({"", "_rels", "xl", "xl/_rels"})
_TEXTS = "xl/sharedStrings.xml"


@dataclass(slots=True)
class CutSheet:
    """A sheet that can be had piece by piece, each piece a workbook of its own."""

    archive: zipfile.ZipFile
    shape: SheetShape
    piece_bytes: int
    texts: SharedTexts | None = None
    _parts: list[tuple[str, bytes]] = field(default_factory=list)

    def frame(self) -> IO[bytes]:
        """The workbook with all that stands around the sheet's rows, and none of them."""
        with self.archive.open(self.shape.path) as stream:
            head, _ = _head(stream)
        assert self.shape.tail is not None
        return self._book(head, b"", _END + self.shape.tail)

    def pieces(self) -> Iterator[IO[bytes]]:
        """Workbooks with the rows, in order; each row is in one of them, whole."""
        with self.archive.open(self.shape.path) as stream:
            head, text = _head(stream)
            end = -1
            while end < 0:
                text += stream.read(max(1, self.piece_bytes - len(text)))
                end = text.find(_END)
                cut = end if end >= 0 else text.rfind(_ROW_END) + len(_ROW_END)
                if end < 0 and cut < len(_ROW_END):  # a row longer than a piece
                    text += stream.read(self.piece_bytes)
                    continue
                yield self._book(head, text[:cut], _END + _CLOSE)
                text = text[cut:]

    def _book(self, head: bytes, rows: bytes, tail: bytes) -> IO[bytes]:
        # Without its other sheets, which the parser opens only when asked for them.
        if not self._parts:
            around = [each.filename for each in _around(self.archive, self.shape)]
            self._parts = [(each, self.archive.read(each)) for each in around if not (self.texts and each == _TEXTS)]
        listed = []
        if self.texts:
            own = self.texts.given(rows)
            texts, rows = own or (self.archive.read(_TEXTS), rows)
            listed = [(_TEXTS, texts)]
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
            for name, content in self._parts + listed:
                package.writestr(name, content)
            with package.open(self.shape.path, "w") as member:
                for part in (head, rows, tail):
                    member.write(part)
        out.seek(0)
        return out


def cut_sheets(workbook: bytes, shapes: Mapping[str, SheetShape]) -> dict[str, CutSheet]:
    """The sheets, by title, that are to be had in pieces: those that can be cut and are long or name many texts."""
    if not any(each.tail is not None for each in shapes.values()):
        return {}
    archive = zipfile.ZipFile(io.BytesIO(workbook))
    texts = _many_texts(archive)
    found = {}
    for title, shape in shapes.items():
        around = [each for each in _around(archive, shape) if not (texts and each.filename == _TEXTS)]
        piece_bytes = max(PIECE_BYTES, sum(each.file_size for each in around) * AGAIN_TIMES)
        is_long = shape.size > max(LONG_BYTES, piece_bytes)
        if shape.tail is not None and (is_long or texts is not None):
            found[title] = CutSheet(archive, shape, piece_bytes, texts)
    return found


def _many_texts(archive: zipfile.ZipFile) -> SharedTexts | None:
    """The shared texts, where they are many and can be had one by one."""
    if _TEXTS not in archive.namelist() or archive.getinfo(_TEXTS).file_size <= MANY_TEXTS_BYTES:
        return None
    with archive.open(_TEXTS) as stream:
        return SharedTexts.of(iter(lambda: stream.read(_CHUNK), b""))


def _around(archive: zipfile.ZipFile, shape: SheetShape) -> list[zipfile.ZipInfo]:
    """What a workbook is read by beside its sheets: their list, styles, shared texts."""
    return [
        each
        for each in archive.infolist()
        if posixpath.dirname(each.filename) in _FOLDERS
        and each.filename.endswith((".xml", ".rels"))
        and each.filename != shape.path
    ]


def _head(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """What stands above the rows, the tag that opens them with it, and the beginning of what follows."""
    text = b""
    while (begin := text.find(_BEGIN)) < 0 or (end := text.find(b">", begin)) < 0:
        chunk = stream.read(_CHUNK)
        if not chunk:
            raise ValueError("a sheet that was seen to have rows has none")
        text += chunk
    return text[: end + 1], text[end + 1 :]
