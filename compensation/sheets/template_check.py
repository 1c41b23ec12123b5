"""What in a template is missing, what of it would be lost, and what the software would write over."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import fromstring

from compensation.errors import Fault, InputError
from compensation.resources import templates_dir
from compensation.sheets.pictures import drawn_without_picture, pictures_of
from compensation.sheets.wording import NAME as WORDING
from compensation.sheets.wording import rows_of

SHIPPED = "settlement.xlsx"
PLACEHOLDERS = ("{{协议名称}}", "{{结算期间}}", "{{结算编号}}", "{{文件性质}}", "{{标记}}")
_HEADING_ROWS = 3  # the pages are filled from the third row on, the cover from the sixth
_COVER, _COVER_ROWS = "封面", 5
_LOST = (
    (r"xl/vbaProject", "宏"),
    (r"xl/charts/", "模板自带的图表"),
    (r"xl/(ctrlProps|activeX)/", "控件"),
    (r"xl/embeddings/", "嵌入的对象"),
    (r"xl/(pivotTables|pivotCache|slicers|slicerCaches|timelines)", "数据透视表、切片器"),
    (r"xl/printerSettings/", "打印机专用设置（纸张、页边距等页面设置保留）"),
    (r"xl/threadedComments/", "会话式批注"),
    (r"customXml/", "自定义 XML 数据"),
)


class TemplateReport(NamedTuple):
    """Findings in words: `missing` makes a template unusable, `lost` does not come over, `noted` is to be known."""

    missing: list[str]
    lost: list[str]
    noted: list[str]


def check_template(path: Path) -> TemplateReport:
    """Hold the template to the one that ships; InputError when it is no workbook at all."""
    book, warned = _opened(path)
    shipped, _ = _opened(templates_dir() / SHIPPED)
    missing = [f"缺少工作表“{name}”" for name in shipped.sheetnames if name not in (*book.sheetnames, WORDING)]
    wanted = set(shipped.named_styles) - {"Normal"}
    missing += [f"缺少单元格样式“{name}”" for name in sorted(wanted - set(book.named_styles))]
    lost = [f"{what}不会带入工作簿" for what in (*_members(path), *_drawn(path))]
    lost += [f"不会带入工作簿：{text}" for text in warned]
    noted: list[str] = list(_wording(book, shipped))
    for sheet in book.worksheets:
        if sheet.title == WORDING:
            continue
        if sheet.title not in shipped.sheetnames:
            noted.append(f"工作表“{sheet.title}”不是软件填写的，原样保留")
            continue
        texts = list(_texts(sheet))
        if not any("{{标记}}" in text or "{{文件性质}}" in text for text in texts):
            missing.append(
                f"工作表“{sheet.title}”没有 {{{{标记}}}} 或 {{{{文件性质}}}}：暂算、回测、示例数据将无从分辨"
            )
        missing += _merged(sheet)
        noted += _overwritten(sheet)
    said = {mark for sheet in book.worksheets for text in _texts(sheet) for mark in re.findall(r"\{\{.*?\}\}", text)}
    noted += [f"没有用到占位词 {mark}" for mark in PLACEHOLDERS if mark not in said]
    noted += [f"占位词 {mark} 不认识，将原样留在工作簿里" for mark in sorted(said - set(PLACEHOLDERS))]
    return TemplateReport(missing, lost, noted)


def _opened(path: Path) -> tuple[Workbook, list[str]]:
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            book = load_workbook(path)
    except (OSError, KeyError, ValueError, TypeError, BadZipFile, InvalidFileException) as error:
        raise InputError(
            Fault(f"模板《{path.name}》", "打不开", str(error), "换用完好的 .xlsx 模板，或不指定模板")
        ) from error
    return book, sorted({str(each.message) for each in caught})


def _members(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    for pattern, what in _LOST:
        if any(re.match(pattern, name) for name in names):
            yield what


def _drawn(path: Path) -> Iterator[str]:
    """Pictures that do not come over, and what else is drawn."""
    kept = {picture.source for pictures in pictures_of(io.BytesIO(path.read_bytes())).values() for picture in pictures}
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if any(name.startswith("xl/media/") and name not in kept for name in names):
            yield "页眉页脚中的图片和 PNG、JPEG、GIF 以外的图片"
        drawings = [name for name in names if re.match(r"xl/drawings/drawing[0-9]+\.xml$", name)]
        if any(drawn_without_picture(fromstring(archive.read(name))) for name in drawings):
            yield "图片以外的绘图对象（图形、文本框、组合、图表）"


def _wording(book: Workbook, shipped: Workbook) -> Iterator[str]:
    """Rows of 表头文字 that name no heading of the software."""
    known = {(each.sheet, each.heading) for each in rows_of(shipped)}
    for each in rows_of(book):
        if each.own and (each.sheet, each.heading) not in known:
            yield f"“{WORDING}”第 {each.row} 行：工作表“{each.sheet}”没有表头“{each.heading}”，不起作用"


def _texts(sheet: Worksheet) -> Iterator[str]:
    """Every text of a sheet that may hold a placeholder: cells, headers and footers."""
    for row in sheet.iter_rows():
        yield from (cell.value for cell in row if isinstance(cell.value, str))
    for part in filter(None, (sheet.oddHeader, sheet.oddFooter)):
        yield from (place.text for place in (part.left, part.center, part.right) if place is not None and place.text)


def _heading_rows(sheet: Worksheet) -> int:
    return _COVER_ROWS if sheet.title == _COVER else _HEADING_ROWS - 1


def _merged(sheet: Worksheet) -> Iterator[str]:
    for area in sheet.merged_cells.ranges:
        if area.max_row > _heading_rows(sheet):
            yield f"工作表“{sheet.title}”的 {area.coord} 是合并单元格，软件填不进去"


def _overwritten(sheet: Worksheet) -> Iterator[str]:
    first = _heading_rows(sheet) + 1
    there = [cell.coordinate for row in sheet.iter_rows(min_row=first) for cell in row if cell.value is not None]
    if there:
        yield f"工作表“{sheet.title}”第 {first} 行以下由软件填写，{there[0]} 等 {len(there)} 格的内容可能被覆盖"
