"""The bytes of a workbook: a package that depends on nothing but content.

openpyxl writes the time of saving into the package, and cells without what their formulas come to. Here the cells are
written with their values, and times, order, and origin are fixed. Members are stored, not compressed, for the reason
given in decision 0006.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from openpyxl import Workbook

from compensation.archive import member, write_whole
from compensation.sheets.rows import Cached, Rows, Streamed, half_filled

_ROWS = re.compile(r"<sheetData />|<sheetData>.*?</sheetData>", re.DOTALL)
_DIMENSION = re.compile(r"<dimension [^>]*/>")
_ROWS_AT_ONCE = 1000
_CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<dc:title>{title}</dc:title><dc:creator>taipu-compensation</dc:creator>"
    '<dcterms:created xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:modified>'
    "</cp:coreProperties>"
)
_APP = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>Microsoft Excel</Application></Properties>"
)


class Part(NamedTuple):
    """What is put into a sheet: values of formulas by cell, links as cell and place, and rows that are streamed."""

    cached: Mapping[str, Cached] = {}
    links: Sequence[tuple[str, str]] = ()
    streamed: Streamed | None = None


def finished(book: Workbook, parts: Mapping[str, Part], title: str, day: str) -> bytes:
    """The workbook with every formula's value in it, as bytes; see `Package`."""
    out = io.BytesIO()
    Package(book, parts, title, day).write(out)
    return out.getvalue()


class Package:
    """A workbook ready to be written; the cells of `book` are taken out of it. `parts` are by the title of the sheet.

    IntegrityError when a formula has no value or a value no formula.
    """

    def __init__(self, book: Workbook, parts: Mapping[str, Part], title: str, day: str) -> None:
        self._words = {"title": escape(title), "day": day}
        self._sheets: dict[str, tuple[Rows, Part]] = {}
        # openpyxl numbers the members in the order of the sheets.
        for number, sheet in enumerate(book.worksheets, start=1):
            part = parts.get(sheet.title, Part())
            self._sheets[f"xl/worksheets/sheet{number}.xml"] = Rows(sheet, part.cached, part.streamed), part
        saved = io.BytesIO()
        book.save(saved)
        self._rest = saved

    def write(self, out: IO[bytes]) -> None:
        """Write the workbook; once only, where rows are streamed."""
        with zipfile.ZipFile(self._rest) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
            for name in sorted(source.namelist(), key=_order):
                content = source.read(name)
                if name in self._sheets:
                    with target.open(member(name), "w") as sheet:
                        for text in self._sheet(name, content.decode()):
                            sheet.write(text.encode())
                elif name == "docProps/core.xml":
                    target.writestr(member(name), _CORE.format(**self._words).encode())
                elif name == "docProps/app.xml":
                    target.writestr(member(name), _APP.encode())
                else:
                    target.writestr(member(name), content)

    def _sheet(self, name: str, xml: str) -> Iterator[str]:
        """The sheet in pieces: what openpyxl wrote around the cells, and the rows between."""
        rows, part = self._sheets[name]
        place = _ROWS.search(xml)
        if place is None:
            raise half_filled(f"{name} 中没有放各行的位置")
        dimension = "" if part.streamed else f'<dimension ref="{rows.spans}" />'
        yield _DIMENSION.sub(dimension, xml[: place.start()], count=1) + "<sheetData>"
        texts = rows.texts()
        while piece := "".join(islice(texts, _ROWS_AT_ONCE)):
            yield piece
        yield "</sheetData>" + _with_links(xml[place.end() :], part.links)


def _with_links(xml: str, links: Sequence[tuple[str, str]]) -> str:
    """The sheet with links to places of the workbook, beside those that its template has."""
    if not links:
        return xml
    text = "".join(f'<hyperlink ref="{cell}" location={quoteattr(place)}/>' for cell, place in links)
    if "<hyperlinks>" in xml:
        return xml.replace("<hyperlinks>", f"<hyperlinks>{text}", 1)
    after = re.search(r"<(?:printOptions|pageMargins)\b", xml)
    if after is None:
        raise half_filled("工作表没有页边距，超链接无处可放")
    return f"{xml[: after.start()]}<hyperlinks>{text}</hyperlinks>{xml[after.start() :]}"


def _order(name: str) -> tuple[int, str]:
    first = {"[Content_Types].xml": 0, "_rels/.rels": 1}
    return first.get(name, 2), name


def write_atomically(path: Path, content: bytes | Callable[[IO[bytes]], None]) -> str:
    """Write a workbook under its name only once it is whole; its SHA-256. Errors as of `archive.whole_file`."""
    return write_whole(path, content, "工作簿")
