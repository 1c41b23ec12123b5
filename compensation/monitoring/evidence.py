"""Evidence beside readings: intake volumes, incidents, exemptions, contributions in kind, each by its own form.

These tables have tens of rows and move money directly, so every field is checked and every fault of a row is told.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from compensation.monitoring import units
from compensation.monitoring.gathering import Gathering
from compensation.monitoring.headers import Kind, Role
from compensation.monitoring.layout import Row, TableLayout
from compensation.monitoring.lookups import placed, section_of
from compensation.monitoring.parsed import ReadOptions
from compensation.monitoring.records import Exemption, Flow, Incident, InKind, IntakeVolume, SectionName
from compensation.monitoring.times import Stamp, TimeColumns, TimeTable, parse_stamp, too_late
from compensation.monitoring.values import Problem, half_width, parse_amount
from compensation.quality.standard import indicator_by_name

EVIDENCE_KINDS = frozenset({Kind.INTAKE, Kind.FLOW, Kind.INCIDENT, Kind.EXEMPTION, Kind.IN_KIND})

_CATEGORIES = {"技术": "technology", "人才": "talent", "产业": "industry"}
_SHARE = re.compile(
    r"(?P<party>[^:：;；,，、\d\s]+|\d{6})\s*[:：]\s*(?P<share>\d{1,9}(?:/\d{1,9}|\.\d{1,9})?)\s*(?P<percent>%?)",
    re.ASCII,
)
# What one unit of a flow comes to in a day, m³; a volume is the period's whatever its length.
_DAY_FACTORS = {"m³/s": 86_400, "m³/d": 1}
_BLANKS = frozenset({"", "-", "--", "—", "/", "NULL"})


@dataclass(slots=True)
class _Fields:
    """One row's fields by role; asking for one that cannot be had notes the fault and gives None."""

    layout: TableLayout
    row: Row
    times: TimeTable
    time_columns: list[int]
    options: ReadOptions
    problems: list[tuple[int | None, Problem]] = field(default_factory=list)

    def text(self, role: Role, *, required: bool = True) -> str:
        """The trimmed text, empty where there is none."""
        column = self.layout.of(role)
        text = self.row[1][column.number - 1].strip() if column else ""
        text = "" if text in _BLANKS else text
        if not text and required:
            self.fault(role, Problem(f"没有填写{role.value}", f"填写{role.value}"))
        return text

    def fault(self, role: Role, problem: Problem) -> None:
        """Note a fault in this role's cell."""
        column = self.layout.of(role)
        self.problems.append((column.number if column else None, problem))

    def amount(self, role: Role) -> Fraction | None:
        """A quantity in the unit in which records keep it, exact."""
        text, column = self.text(role), self.layout.of(role)
        if not text or column is None:
            return None
        amount = parse_amount(text)
        if isinstance(amount, Problem):
            self.fault(role, amount)
            return None
        return amount * Fraction(10) ** column.shift

    def section(self) -> SectionName | None:
        """The section; a province nobody knows is a fault."""
        name = self.text(Role.SECTION)
        section = section_of((name,), self.text(Role.PROVINCE, required=False)) if name else None
        if isinstance(section, Problem):
            self.fault(Role.PROVINCE, section)
            return None
        found = placed(section, self.options.unplaceable)
        if isinstance(found, Problem):
            self.fault(Role.SECTION, found)
            return None
        return found

    def day(self, role: Role) -> date | None:
        """A full date in one cell."""
        text = self.text(role)
        if not text:
            return None
        stamp = parse_stamp(text)
        if isinstance(stamp, Problem):
            self.fault(role, stamp)
        elif stamp.year is None or stamp.day is None:
            self.fault(role, Problem("日期不完整", "写成 2026-07-09 的形式"))
        else:
            try:
                return date(stamp.year, stamp.month, stamp.day)
            except ValueError:
                self.fault(role, Problem("不存在的日期", "核对年、月、日"))
        return None

    def moment(self, role: Role) -> datetime | None:
        """The time that the row's time columns come to together."""
        moment = self.times[tuple(self.row[1][index] for index in self.time_columns)]
        if moment.problem is not None:
            self.fault(role, moment.problem)
        elif moment.time is None:
            self.fault(role, Problem(f"没有填写{role.value}", f"填写{role.value}"))
        return moment.time

    def year(self) -> int | None:
        """A year of four digits, 年 or 年度 after it allowed."""
        text = half_width(self.text(Role.YEAR)).removesuffix("度").removesuffix("年")
        if not text:
            return None
        if not (len(text) == 4 and text.isascii() and text.isdecimal()):
            self.fault(Role.YEAR, Problem("年度不是四位数字", "改填四位年份，如 2026"))
            return None
        if problem := too_late(int(text), self.options.now):
            self.fault(Role.YEAR, problem)
        return int(text)


class EvidenceReader:
    """Reads the rows below one evidence header."""

    def __init__(
        self,
        layout: TableLayout,
        options: ReadOptions,
        default_year: int | None,
        gathering: Gathering,
        *,
        serials: bool,
    ) -> None:
        self._layout, self._options, self._gathering = layout, options, gathering
        roles = [role for role in (Role.STAMP, Role.YEAR, Role.MONTH) if layout.of(role)]
        place = {role: index for index, role in enumerate(roles)}
        columns = TimeColumns(stamp=place.get(Role.STAMP), year=place.get(Role.YEAR), month=place.get(Role.MONTH))
        self._times = TimeTable(
            columns, default_year, serials=serials, default_month=layout.sheet_month, now=options.now
        )
        self._time_columns = [column.number - 1 for role in roles if (column := layout.of(role))]
        makers: dict[Kind, Callable[[_Fields], bool]] = {
            Kind.INTAKE: self._intake,
            Kind.FLOW: self._flow,
            Kind.INCIDENT: self._incident,
            Kind.EXEMPTION: self._exemption,
            Kind.IN_KIND: self._in_kind,
        }
        self._make = makers[layout.kind]

    def feed(self, rows: list[Row]) -> None:
        """Read a batch of rows, each as wide as the header."""
        for row in rows:
            if self._gathering.set_aside(row):
                continue
            fields = _Fields(self._layout, row, self._times, self._time_columns, self._options)
            if self._make(fields):
                self._gathering.take_evidence(row)
            else:
                self._gathering.refuse(row, fields.problems)

    def notes(self) -> list[str]:
        """Nothing beyond what is refused."""
        return []

    def _intake(self, fields: _Fields) -> bool:
        section, month, volume = fields.section(), fields.moment(Role.MONTH), fields.amount(Role.VOLUME)
        document = fields.text(Role.DOCUMENT)
        if fields.problems or section is None or month is None or volume is None:
            return False
        first = month.date().replace(day=1)
        self._gathering.file.intakes.append(
            IntakeVolume(section, first, volume, document, self._layout.sheet, fields.row[0])
        )
        return True

    def _flow(self, fields: _Fields) -> bool:
        role = Role.STAMP if self._layout.of(Role.STAMP) else Role.MONTH
        section, moment, amount = fields.section(), fields.moment(role), fields.amount(Role.FLOW)
        if fields.problems or section is None or moment is None or amount is None:
            return False
        first = last = moment.date()
        if self._is_month(fields.text(role, required=False), role):
            first = first.replace(day=1)
            last = first.replace(day=monthrange(first.year, first.month)[1])
        column = self._layout.of(Role.FLOW)
        factor = _DAY_FACTORS.get(column.kept_unit or "") if column else None
        volume = amount if factor is None else amount * factor * ((last - first).days + 1)
        document = fields.text(Role.DOCUMENT, required=False)
        self._gathering.file.flows.append(
            Flow(section, first, last, volume, document, self._layout.sheet, fields.row[0])
        )
        return True

    @staticmethod
    def _is_month(text: str, role: Role) -> bool:
        stamp = parse_stamp(text) if role is Role.STAMP else None
        return role is Role.MONTH or (isinstance(stamp, Stamp) and stamp.day is None)

    def _incident(self, fields: _Fields) -> bool:
        number, day, section = fields.text(Role.NUMBER), fields.moment(Role.STAMP), fields.section()
        indicator, concentration = self._pollutant(fields)
        cost, shares = fields.amount(Role.COST), self._shares(fields)
        bearer, document = fields.text(Role.BEARER), fields.text(Role.DOCUMENT)
        if fields.problems or section is None or day is None or cost is None:
            return False
        self._gathering.file.incidents.append(
            Incident(
                number=number,
                day=day.date(),
                section=section,
                indicator=indicator,
                concentration_mg_per_l=concentration,
                cost_yuan=cost,
                responsibility=shares,
                cost_bearer=bearer,
                document=document,
                sheet=self._layout.sheet,
                row=fields.row[0],
            )
        )
        return True

    def _pollutant(self, fields: _Fields) -> tuple[str | None, Fraction | None]:
        name = fields.text(Role.INDICATOR_NAME, required=False)
        known = indicator_by_name(name) if name else None
        if name and known is None:
            fields.fault(Role.INDICATOR_NAME, Problem(f"不认识的指标“{name}”", "填写规范的指标名称或代码"))
        if not fields.text(Role.CONCENTRATION, required=False):
            return (known.code if known else None), None
        if known is not None and units.shift(known.unit, "mg/L") != 0:
            fields.fault(Role.CONCENTRATION, Problem(f"{known.name}不以 mg/L 计", "浓度留空，在依据文件中说明"))
            return known.code, None
        return (known.code if known else None), fields.amount(Role.CONCENTRATION)

    @staticmethod
    def _shares(fields: _Fields) -> tuple[tuple[str, Fraction], ...]:
        text = half_width(fields.text(Role.RESPONSIBILITY))
        if not text:
            return ()
        shares = []
        for part in filter(str.strip, re.split(r"[;,、\n]", text)):
            share = _share(part)
            if share is None:
                fields.fault(Role.RESPONSIBILITY, Problem(f"“{part.strip()}”看不懂", "写成 苏:7/10;浙:3/10 的形式"))
                return ()
            shares.append(share)
        if len({party for party, _ in shares}) != len(shares):
            fields.fault(Role.RESPONSIBILITY, Problem("同一方出现两次", "每一方只写一次"))
        elif (total := sum(share for _, share in shares)) != 1:
            fields.fault(Role.RESPONSIBILITY, Problem(f"责任比例之和为 {total}，不是 1", "核对各方比例"))
        return tuple(shares)

    def _exemption(self, fields: _Fields) -> bool:
        section, first, last = fields.section(), fields.day(Role.FIRST_DAY), fields.day(Role.LAST_DAY)
        reason, document = fields.text(Role.REASON), fields.text(Role.DOCUMENT)
        if first and last and last < first:
            fields.fault(Role.LAST_DAY, Problem("止早于起", "核对起止日期"))
        if fields.problems or section is None or first is None or last is None:
            return False
        self._gathering.file.exemptions.append(
            Exemption(section, first, last, reason, document, self._layout.sheet, fields.row[0])
        )
        return True

    def _in_kind(self, fields: _Fields) -> bool:
        year, contributor, receiver = fields.year(), fields.text(Role.CONTRIBUTOR), fields.text(Role.RECEIVER)
        category, worth = fields.text(Role.CATEGORY), fields.amount(Role.WORTH)
        kind = _CATEGORIES.get(category.removesuffix("补偿").removesuffix("类"))
        content, document = fields.text(Role.CONTENT, required=False), fields.text(Role.DOCUMENT)
        if category and kind is None:
            fields.fault(Role.CATEGORY, Problem(f"类别“{category}”不在范围内", "填写 技术、人才 或 产业"))
        if contributor and contributor == receiver:
            fields.fault(Role.RECEIVER, Problem("受益方与提供方相同", "核对双方"))
        if fields.problems or year is None or kind is None or worth is None:
            return False
        self._gathering.file.in_kind.append(
            InKind(
                year=year,
                contributor=contributor,
                receiver=receiver,
                kind=kind,
                description=content,
                value_yuan=worth,
                document=document,
                sheet=self._layout.sheet,
                row=fields.row[0],
            )
        )
        return True


def _share(part: str) -> tuple[str, Fraction] | None:
    found = _SHARE.fullmatch(part.strip())
    if found is None or found["share"].endswith("/0"):
        return None
    share = Fraction(found["share"])
    return found["party"], share / 100 if found["percent"] else share
