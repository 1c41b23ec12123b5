"""The shared texts of a workbook, kept on disk: a piece of a sheet is given only those that it names.

An .xlsx keeps each text once, in a list, and cells name it by its place there. The parser takes the list up whole with
every piece. So a piece whose workbook has very many texts gets a list of its own, and its cells the places in that.
"""

import re
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby

MAX_TEXT_BYTES = 4 * 1024**2  # a cell holds 32,767 characters

_BEGIN = re.compile(rb"<si[\s/>]")
_CLOSED_AT_ONCE = re.compile(rb"<si(?:\s[^>]*)?/>")
_CLOSE, _END = b"</si>", b"</sst>"
_CELL = re.compile(rb"""(<c r="[A-Z]+\d+"[^>]*? t="s"[^>]*><v>)(\d{1,9})(?=</v>)""")
_NAMES_TEXT = re.compile(rb"""\st\s*=\s*["']s["']""")


class SharedTexts:
    """The texts of one workbook, each to be had by its number."""

    def __init__(self) -> None:
        self._head = b""
        self._bounds = array("q")  # where each text begins, and at last where they end
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as the texts
        weakref.finalize(self, self._file.close)

    @classmethod
    def of(cls, pieces: Iterable[bytes]) -> "SharedTexts | None":
        """The texts in the XML of the list, given in pieces; None where plain searches cannot follow it."""
        texts = cls()
        rest = b""
        for piece in pieces:
            rest += piece
            end = rest.rfind(_CLOSE) + len(_CLOSE)
            if end >= len(_CLOSE):
                if not texts._take(rest[:end]):
                    return None
                rest = rest[end:]
            if len(rest) > MAX_TEXT_BYTES:
                return None
        end = rest.find(_END)
        if end < 0 or not texts._take(rest[:end]) or not texts._bounds:
            return None
        texts._bounds.append(texts._file.tell())
        return texts

    def _take(self, xml: bytes) -> bool:
        if b"<!" in xml:
            return False
        at = self._file.tell()
        begins = [found.start() for found in _BEGIN.finditer(xml)]
        if begins and not self._bounds:
            self._head = xml[: begins[0]]
        self._bounds.extend([at + begin for begin in begins])
        self._file.write(xml)
        closed = xml.count(_CLOSE)
        return len(begins) == closed or len(begins) == closed + len(_CLOSED_AT_ONCE.findall(xml))

    def given(self, xml: bytes) -> tuple[bytes, bytes] | None:
        """A list of the texts that some cells name, and these cells naming them there; None where that is not plain."""
        places: dict[bytes, bytes] = {}

        def renamed(found: re.Match[bytes]) -> bytes:
            number = found[2]
            place = places.get(number)
            if place is None:
                place = places[number] = b"%d" % len(places)
            return found[1] + place

        cells, count = _CELL.subn(renamed, xml)
        numbers = list(map(int, places))
        if count != xml.count(b'"s"') + xml.count(b"'s'") and count != len(_NAMES_TEXT.findall(xml)):
            return None
        if numbers and max(numbers) >= len(self._bounds) - 1:
            return None
        return b"".join([self._head, *self._read(numbers), _END]), cells

    def _read(self, numbers: list[int]) -> Iterator[bytes]:
        for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
            first, *others = [number for _, number in run]
            begin, end = self._bounds[first], self._bounds[(others[-1] if others else first) + 1]
            self._file.seek(begin)
            yield self._file.read(end - begin)
