"""Pictures of a template, such as a bureau's logo: they come over as they are, at their place and in their size.

The spreadsheet library would read them only where an imaging library happens to be installed, and a workbook must be
the same bytes on every machine; so they are read here.
"""

import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any

from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.packaging import relationship
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.functions import fromstring

# The library's types do not know these.
_rels_of: Any = relationship.get_rels_path
_targets_of: Any = relationship.get_dependents
_DRAWINGS: Any = SpreadsheetDrawing
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_FORMATS = {".png": "png", ".jpeg": "jpeg", ".jpg": "jpeg", ".gif": "gif"}


class Picture(Image):
    """A picture as it stands in the template, in the form in which the library writes one."""

    def __init__(self, source: str, content: bytes, anchor: Any) -> None:
        self.source = source
        self.format = _FORMATS[PurePosixPath(source).suffix.lower()]
        self.anchor = anchor
        self._content = content

    def _data(self) -> bytes:
        return self._content


def pictures_of(template: IO[bytes]) -> dict[str, list[Picture]]:
    """The pictures in the cells of each sheet, PNG, JPEG and GIF; those of headers and footers are not among them."""
    reader: Any = ExcelReader(template)
    reader.read_manifest()
    reader.read_workbook()
    with reader.archive as archive:
        return {sheet.name: list(_of_sheet(archive, rel.target)) for sheet, rel in reader.parser.find_sheets()}


def _of_sheet(archive: zipfile.ZipFile, member: str) -> Iterator[Picture]:
    rels = _rels_of(member)
    if rels not in archive.namelist():
        return
    for drawing in _targets_of(archive, rels).find(_DRAWINGS._rel_type):
        yield from _of_drawing(archive, drawing.target)


def _of_drawing(archive: zipfile.ZipFile, member: str) -> Iterator[Picture]:
    rels = _rels_of(member)
    if rels not in archive.namelist():
        return
    targets = _targets_of(archive, rels)
    root: Any = fromstring(archive.read(member))
    for anchor in drawn_without_picture(root):
        root.remove(anchor)
    for blip in _DRAWINGS.from_tree(root)._blip_rels:
        source = targets.get(blip.embed).target
        if PurePosixPath(source).suffix.lower() in _FORMATS:
            blip.anchor.pic = None  # it names the template's own parts
            yield Picture(source, archive.read(source), blip.anchor)


def drawn_without_picture(root: Any) -> list[Any]:
    """The drawn things of a sheet that are no picture: shapes, text boxes, groups, charts."""
    return [anchor for anchor in root if anchor.find(f"{_DRAWING}pic") is None]
