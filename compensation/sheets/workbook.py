"""The settlement workbook: a template, filled with live formulas that carry their values."""

import io
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from compensation.errors import Fault, InputError
from compensation.expression import Quantity
from compensation.quality.classes import class_colour, class_name
from compensation.resources import templates_dir
from compensation.settlement.settle import Settlement, leaves
from compensation.sheets import cover, origins, records, sections, summary, working
from compensation.sheets.charges import charges
from compensation.sheets.charts import charts
from compensation.sheets.checks import checks
from compensation.sheets.clicking import links_of, make_clickable
from compensation.sheets.heights import row_heights
from compensation.sheets.leaves import daily, parameters
from compensation.sheets.origins import Trace
from compensation.sheets.package import Package, Part, write_atomically
from compensation.sheets.page import Blank, Content, Home, Page, Ref, Shown, address, shown_number
from compensation.sheets.paging import breaks
from compensation.sheets.party import NAME as PARTY
from compensation.sheets.party import party_view
from compensation.sheets.pictures import pictures_of
from compensation.sheets.plan import Plan
from compensation.sheets.remainders import remainders
from compensation.sheets.rows import Cached
from compensation.sheets.wording import own_words, reword
from rules.agreement import POOL

TEMPLATE = "settlement.xlsx"
NO_TRACE = Trace()
OPTIONAL = frozenset({PARTY, origins.ROWS, origins.READINGS})
"""Sheets of the template that not every workbook has."""


def write_workbook(
    settlement: Settlement,
    path: Path,
    *,
    template: Path | None = None,
    mark: str = "",
    party: str = "",
    status: str = "",
    trace: Trace = NO_TRACE,
) -> str:
    """Write the settlement workbook (结算工作簿) and return the SHA-256 of the file.

    The same settlement, status, template and mark give the same bytes on any machine. `mark`, such as 示例数据, is said
    on every page beside 暂算 and 回测. `template` is an .xlsx with the sheets and cell styles of the one that ships,
    templates_xlsx/settlement.xlsx, which is taken when it is None. `party` is the code of the party from whose side
    an additional sheet shows the settlement (本方结算). `status` is how far the settlement has come, such as 定案;
    without it the cover says 草案, or 暂算 of a provisional one. `trace` says which rows of which files the leaves came
    from, and may bring the raw readings along. InputError when the template or the place cannot be
    used, StoreError when the disk is full; nothing half written is ever left under the name `path`.
    """
    package = _package(settlement, template, mark, party, status, trace)
    return write_atomically(path, package.write)


def workbook_bytes(
    settlement: Settlement,
    *,
    template: Path | None = None,
    mark: str = "",
    party: str = "",
    status: str = "",
    trace: Trace = NO_TRACE,
) -> bytes:
    """The workbook as it would be written."""
    out = io.BytesIO()
    _package(settlement, template, mark, party, status, trace).write(out)
    return out.getvalue()


def _package(
    settlement: Settlement, template: Path | None, mark: str, party: str, status: str, trace: Trace
) -> Package:
    pages = lay_out(settlement, party, status, trace)
    book = _loaded(template or templates_dir() / TEMPLATE, pages)
    reword(pages, own_words(book), _names_in_formulas(settlement))
    _fill_placeholders(book, settlement, mark, status)
    parts: dict[str, Part] = {}
    for page in pages:
        sheet = book[page.name]
        parts[page.name] = Part(_fill(sheet, page), links_of(page), page.streamed)
        _finish(sheet, page)
        make_clickable(book, sheet, page)
    book.calculation.fullCalcOnLoad = True
    title = f"{settlement.agreement.title} {settlement.number}"
    return Package(book, parts, title, settlement.case.period.last.isoformat())


def _names_in_formulas(settlement: Settlement) -> set[str]:
    """What formulas of sums look for in cells: clauses, and the short names of the accounts."""
    agreement = settlement.agreement
    accounts = [*(party.code for party in agreement.parties), POOL]
    return {clause.number for clause in agreement.clauses} | {agreement.short(code) for code in accounts}


class CellFormula(NamedTuple):
    """A quantity in the workbook: where it stands, and its live formula there (empty for a given value)."""

    node: Quantity
    cell: str
    formula: str


def formulas(settlement: Settlement, nodes: Sequence[Quantity], depth: int) -> list[CellFormula]:
    """The cells of `nodes` and, `depth` references deep, the cells that their formulas refer to, each once."""
    plan = lay_out(settlement)[0].plan
    found: dict[int, CellFormula] = {}

    def visit(node: Quantity, left: int) -> None:
        home = plan.home(node)
        if home is not None:
            if plan.identity(node) in found:
                return
            text = "" if node.op == "leaf" else plan.formula(node, home.sheet)
            found[plan.identity(node)] = CellFormula(node, f"{home.sheet}!{home.local}", text)
            left -= 1
        if left >= 0:
            for arg in node.args:
                visit(arg, left)

    for node in nodes:
        visit(node, depth)
    return list(found.values())


def lay_out(settlement: Settlement, party: str = "", status: str = "", trace: Trace = NO_TRACE) -> list[Page]:
    """Every sheet with what stands in which cell; explicit places first, helper cells for the rest."""
    plan = Plan()
    given = leaves(settlement.outcome)
    pages = [
        daily(plan, settlement.case),
        records.water(plan, given, settlement),
        records.events(plan, given, settlement),
        parameters(plan, given, settlement),
        sections.sections(plan, settlement.case, settlement.outcome.charges),
    ]
    laid = charges(plan, settlement)
    total = summary.summary(plan, settlement, laid)
    pages += [laid.page, total.page, records.in_kind(plan, given, settlement)]
    pages += [party_view(plan, settlement, laid, party)] if party else []
    pages += [charts(plan, settlement, laid), checks(plan, settlement, laid)]
    steps = working.working(plan)
    pages += [steps, remainders(plan, settlement, working.columns(steps))]
    pages += [cover.cover(plan, settlement, status), cover.left_out(plan, settlement), cover.sources(plan, settlement)]
    if trace.origins:
        pages.append(origins.source_rows(plan, trace, {each.code: each.name for each in settlement.agreement.sections}))
        origins.link_leaves(pages, trace)
    if trace.readings is not None:
        pages.append(origins.raw_readings(plan, trace))
    return pages


def _opened(template: Path) -> Workbook:
    """The template with its own pictures, and without charts of its own."""
    try:
        content = template.read_bytes()
        book = load_workbook(io.BytesIO(content))
        pictures = pictures_of(io.BytesIO(content))
    except (OSError, KeyError, ValueError, TypeError, BadZipFile, InvalidFileException) as error:
        raise InputError(
            Fault(f"模板《{template.name}》", "打不开", str(error), "换用完好的 .xlsx 模板，或不指定模板")
        ) from error
    for sheet in book.worksheets:
        sheet._charts = []  # type: ignore[attr-defined]
        sheet._images = pictures.get(sheet.title, [])  # type: ignore[attr-defined]
    return book


def _loaded(template: Path, pages: list[Page]) -> Workbook:
    book = _opened(template)
    lacking = [page.name for page in pages if page.name not in book.sheetnames]
    # sheets that this workbook does not have, such as that of one party
    for unused in sorted(OPTIONAL - {page.name for page in pages}):
        if unused in book.sheetnames:
            book.remove(book[unused])
    wanted = {name for page in pages for _, name in page.cells.values()}
    faults = [
        Fault(f"模板《{template.name}》", f"缺少工作表“{name}”", "模板被改动过", "从随软件提供的模板改起")
        for name in lacking
    ] + [
        Fault(f"模板《{template.name}》", f"缺少单元格样式“{name}”", "模板被改动过", "从随软件提供的模板改起")
        for name in sorted(wanted - set(book.named_styles))
    ]
    if faults:
        raise InputError(faults)
    return book


def _fill_placeholders(book: Workbook, settlement: Settlement, mark: str, status: str) -> None:
    """What the template's own words leave open: {{协议名称}} and the like."""
    marks = [each for each in (settlement.mode.label, mark) if each]
    words = {
        "{{协议名称}}": settlement.agreement.title,
        "{{结算期间}}": settlement.case.period.name,
        "{{结算编号}}": settlement.number,
        "{{文件性质}}": "·".join([cover.nature(settlement, status), *filter(None, [mark])]),
        "{{标记}}": f"【{'·'.join(marks)}】" if marks else "",
    }
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and "{{" in cell.value and isinstance(cell, SheetCell):
                    _put_text(cell, _replaced(cell.value, words))
        for part in filter(None, (sheet.oddHeader, sheet.oddFooter)):
            for place in filter(None, (part.left, part.center, part.right)):
                if place.text:
                    place.text = _replaced(place.text, {old: new.replace("&", "&&") for old, new in words.items()})


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for old, new in words.items():
        text = text.replace(old, new)
    return text.strip()


def _put_text(cell: SheetCell, text: str) -> None:
    """Text stays text, also where it begins with = + - @."""
    cell.value = text
    cell.data_type = "s"


def _fill(sheet: Worksheet, page: Page) -> dict[str, Cached]:
    styles: dict[str, Any] = {}
    cached: dict[str, Cached] = {}

    def at(node: Quantity) -> str:
        home = page.plan.home(node)
        if home is not None:
            return home.seen_from(page.name)
        return f"({page.plan.formula(node, page.name)[1:]})"

    for (row, column), (content, name) in sorted(page.cells.items(), key=lambda item: item[0]):
        cell = sheet.cell(row, column)
        if not isinstance(cell, SheetCell):
            where = f"模板的工作表“{page.name}”"
            what = f"{address(row, column)} 在合并单元格中，填不进去"
            raise InputError(Fault(where, what, "模板被改动过", "取消第三行以下的合并；用 --check-template 检查"))
        # Setting a style by its name is twenty times slower than copying what it came to.
        styled: Any = cell
        if name in styles:
            styled._style = copy(styles[name])
        else:
            cell.style = name
            styles[name] = styled._style
        if (row, column) in page.formats:
            cell.number_format = page.formats[row, column]
        value = _put(cell, content, page, at)
        if value is not None:
            cached[cell.coordinate] = value
    return cached


def _put(cell: SheetCell, content: Content, page: Page, at: Any) -> Cached | None:
    """Put content into a cell; the value to cache when it is a formula."""
    match content:
        case Home(node) if node.op == "leaf":
            _put_value(cell, shown_number(node))
        case Blank(_, text):
            if text:
                _put_text(cell, text)
        case Home(node):
            cell.value = page.plan.formula(node, page.name)
            return shown_number(node)
        case Ref(node):
            cell.value = f"={at(node)}"
            return shown_number(node)
        case Shown(write, value):
            cell.value = f"={write(at)}"
            return value
        case None:
            pass
        case date():
            cell.value = content
        case str():
            _put_text(cell, content)
        case _:
            _put_value(cell, Fraction(content))
    return None


def _put_value(cell: SheetCell, value: Cached) -> None:
    if isinstance(value, str):
        _put_text(cell, value)
    else:
        cell.value = value.numerator if value.denominator == 1 else float(value)


def _finish(sheet: Worksheet, page: Page) -> None:
    for top, left, bottom, right in page.merges:
        # every cell has its style already: merge_cells would draw all borders again
        sheet.merged_cells.add(CellRange(min_row=top, min_col=left, max_row=bottom, max_col=right))
    for column, width in page.widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    heights = row_heights(sheet, page)
    ends = breaks(sheet, page, heights)
    for row, height in heights.items():
        sheet.row_dimensions[row].height = height
    for draw in page.drawings:
        draw(sheet)
    for row in ends:
        sheet.row_breaks.append(Break(id=row))
    if page.title_rows:
        sheet.print_title_rows = page.title_rows
    if page.freeze:
        sheet.freeze_panes = page.freeze
    if page.filter:
        sheet.auto_filter.ref = page.filter
    if page.pages_wide > 1:
        sheet.page_setup.fitToWidth = page.pages_wide
        sheet.print_title_cols = "A:A"
    for span in page.class_ranges:
        _colour_classes(sheet, span)
    for span in page.zero_ranges:
        first = span.partition(":")[0]
        look = _look("FFFF0000", Font(color="FFFFFFFF", bold=True))
        wrong = Rule(type="expression", formula=[f"AND(ISNUMBER({first}),{first}<>0)"], dxf=look)
        sheet.conditional_formatting.add(span, wrong)


def _colour_classes(sheet: Worksheet, span: str) -> None:
    for rank in range(1, 7):
        look = _look(f"FF{class_colour(rank).rgb}", None)
        named = Rule(type="cellIs", operator="equal", formula=[f'"{class_name(rank)}"'], dxf=look)
        sheet.conditional_formatting.add(span, named)


def _look(colour: str, font: Font | None) -> DifferentialStyle:
    return DifferentialStyle(font=font, fill=PatternFill(start_color=colour, end_color=colour, fill_type="solid"))
