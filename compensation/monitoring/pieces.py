"""A long sheet cut between its rows into small workbooks, one after the other, so that none is ever laid out whole.

The parser lays out what it is given. So it is given the same package again and again, with some ten thousand rows in
the place of the sheet; styles, the epoch of dates and shared texts are as they were. Shared texts are parsed anew for
each piece, so a piece is several times their size.
"""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from compensation.monitoring.shape import SheetShape

LONG_BYTES = 64 * 1024**2  # of a sheet's XML; a shorter one is laid out at once, in some three times as much memory
PIECE_BYTES = 4 * 1024**2
AGAIN_TIMES = 4  # a piece is at least so many times as large as what is parsed again for it

_CHUNK = 1 << 20
_BEGIN, _END, _ROW_END = b"<sheetData", b"</sheetData>", b"</row>"
_CLOSE = b"</worksheet>"
_FOLDERS = frozenset({"", "_rels", "xl", "xl/_rels"})


@dataclass(slots=True)
class CutSheet:
    """A sheet that can be had piece by piece, each piece a workbook of its own."""

    archive: zipfile.ZipFile
    shape: SheetShape
    piece_bytes: int
    _parts: list[tuple[str, bytes]] = field(default_factory=list)

    def frame(self) -> IO[bytes]:
        """The workbook with all that stands around the sheet's rows, and none of them."""
        with self.archive.open(self.shape.path) as stream:
            head, _ = _head(stream)
        assert self.shape.tail is not None
        return self._book(head, _END, self.shape.tail)

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
                yield self._book(head, text[:cut], _END, _CLOSE)
                text = text[cut:]

    def _book(self, *xml: bytes) -> IO[bytes]:
        # Without its other sheets, which the parser opens only when asked for them.
        if not self._parts:
            self._parts = [(each.filename, self.archive.read(each)) for each in _around(self.archive, self.shape)]
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
            for name, content in self._parts:
                package.writestr(name, content)
            with package.open(self.shape.path, "w") as member:
                for part in xml:
                    member.write(part)
        out.seek(0)
        return out


def cut_sheet(workbook: bytes, shape: SheetShape) -> CutSheet | None:
    """The sheet, to be had in pieces; None when it cannot be cut, or is not longer than a piece would be."""
    if shape.tail is None or shape.size <= LONG_BYTES:
        return None
    archive = zipfile.ZipFile(io.BytesIO(workbook))
    again = sum(each.file_size for each in _around(archive, shape))
    piece_bytes = max(PIECE_BYTES, again * AGAIN_TIMES)
    return CutSheet(archive, shape, piece_bytes) if shape.size > piece_bytes else None


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
