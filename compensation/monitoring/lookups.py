"""Tables that work each distinct cell text out once: half a million cells hold some ten thousand texts."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from compensation.monitoring.records import Method, SectionName, State, Status
from compensation.monitoring.units import INVISIBLE
from compensation.monitoring.values import MAX_DIGITS, Parsed, Problem, ValueRule, half_width, parse_value

_ORDINAL = re.compile(r"[0-9]{1,3}[#号]?")

_PROVINCES: Mapping[str, str] = {
    "北京": "110000",
    "天津": "120000",
    "河北": "130000",
    "山西": "140000",
    "内蒙古": "150000",
    "辽宁": "210000",
    "吉林": "220000",
    "黑龙江": "230000",
    "上海": "310000",
    "江苏": "320000",
    "浙江": "330000",
    "安徽": "340000",
    "福建": "350000",
    "江西": "360000",
    "山东": "370000",
    "河南": "410000",
    "湖北": "420000",
    "湖南": "430000",
    "广东": "440000",
    "广西": "450000",
    "海南": "460000",
    "重庆": "500000",
    "四川": "510000",
    "贵州": "520000",
    "云南": "530000",
    "西藏": "540000",
    "陕西": "610000",
    "甘肃": "620000",
    "青海": "630000",
    "宁夏": "640000",
    "新疆": "650000",
    "新疆生产建设兵团": "660000",
    "台湾": "710000",
    "香港": "810000",
    "澳门": "820000",
}
_PROVINCE_NAMES = {code: name for name, code in _PROVINCES.items()}
_ENDINGS = ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "特别行政区", "省", "市")
_STATUSES = {
    "": Status.UNSTATED,
    "--": Status.UNSTATED,
    "null": Status.UNSTATED,
    "正常": Status.NORMAL,
    "维护": Status.MAINTENANCE,
    "停站": Status.STOPPED,
    "不具备运行条件": Status.NOT_READY,
}
_METHODS = {
    **dict.fromkeys(("自动", "自动站", "自动监测", "在线"), Method.AUTOMATIC),
    **dict.fromkeys(("手工", "人工", "人工采样", "手工监测", "人工监测"), Method.MANUAL),
}
_CLASSES = {
    "Ⅰ": 1,
    "Ⅱ": 2,
    "Ⅲ": 3,
    "Ⅳ": 4,
    "Ⅴ": 5,
    "劣Ⅴ": 6,
    "I": 1,
    "II": 2,
    "III": 3,
    "IV": 4,
    "V": 5,
    "劣V": 6,
    "1": 1,
    "2": 2,
    "3": 3,
    "4": 4,
    "5": 5,
    "6": 6,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "劣五": 6,
}
REMEMBERED = 200_000
"""As many texts as a table keeps worked out: a national week has half as many."""
Unplaceable = Callable[[SectionName], Problem | None]
"""Why a section's name means no one section, by whoever keeps the registry; None where it does."""
SUM_WORDS = frozenset({"均值", "平均", "平均值", "合计", "总计", "小计", "最大值", "最小值"})
MAX_NAME = 60
_NO_NAME = frozenset({"", "--", "NULL", "*"})
_NO_CLASS = frozenset({"", "-1", "-", "--", "/", "NULL"})


class Cell(NamedTuple):
    """A cell's value with the text it came from; the text is shared between cells that say the same."""

    state: State
    mantissa: int | None
    exponent: int
    raw: str


_new_cell = partial(tuple.__new__, Cell)
_MISSING = Parsed(State.MISSING, None, 0)


class ValueTable(dict[str, Cell]):
    """Values of the columns that share a rule. Texts that cannot be taken are in `bad`, with why."""

    def __init__(self, rule: ValueRule) -> None:
        super().__init__()
        self._rule = rule
        self.bad: dict[str, Problem] = {}

    def forget(self) -> None:
        """Let go of the texts worked out so far once there are very many; call it between rows only."""
        if len(self) > REMEMBERED:
            self.clear()
            self.bad.clear()

    def __missing__(self, text: str) -> Cell:
        whole, _, decimals = text.partition(".")
        digits = whole + decimals
        # Nearly every distinct text is a plain decimal such as 0.195; the whole grammar costs ten times as much.
        if text[:1].isdecimal() and digits.isdecimal() and digits.isascii() and len(digits) <= MAX_DIGITS:
            cell = self[text] = _new_cell((State.VALUE, int(digits), self._rule.shift - len(decimals), text))
            return cell
        parsed = parse_value(text, self._rule)
        if isinstance(parsed, Problem):
            self.bad[text] = parsed
            parsed = _MISSING
        cell = self[text] = Cell(*parsed, text)
        return cell


class ClassTable(ValueTable):
    """Published classes: 1 to 6, or missing with the text kept. `unusual` counts words that are no class."""

    def __init__(self) -> None:
        super().__init__(ValueRule())
        self.unusual: Counter[str] = Counter()

    def __missing__(self, text: str) -> Cell:
        plain = half_width(text).removesuffix("类")
        water_class = _CLASSES.get(plain)
        if water_class is not None:
            cell = Cell(State.VALUE, water_class, 0, text)
        elif plain == "*":
            cell = Cell(State.NOT_MEASURED_HERE, None, 0, text)
        else:
            if plain.upper() not in _NO_CLASS:
                self.unusual[text] = 0
            cell = Cell(State.MISSING, None, 0, text)
        self[text] = cell
        return cell

    def count(self, texts: list[str]) -> None:
        """Add a column's texts to the count of unusual words."""
        if self.unusual:
            for text, number in Counter(texts).items():
                if text in self.unusual:
                    self.unusual[text] += number


class SectionTable(dict[tuple[str, ...], "SectionName | Problem | None"]):
    """Sections by their names as written, the first that is not empty, and last the province when there is one.

    None where the row names no section.
    """

    def __init__(self, *, has_province: bool, unplaceable: Unplaceable | None = None) -> None:
        super().__init__()
        self._has_province = has_province
        self._unplaceable = unplaceable

    def __missing__(self, texts: tuple[str, ...]) -> "SectionName | Problem | None":
        names, province = (texts[:-1], texts[-1].strip()) if self._has_province else (texts, "")
        section = self[texts] = placed(section_of(names, province), self._unplaceable)
        return section


def placed(section: SectionName | Problem | None, unplaceable: Unplaceable | None) -> SectionName | Problem | None:
    """The section as it is, or why its name means no one section, where somebody can say that."""
    if unplaceable is None or not isinstance(section, SectionName):
        return section
    return unplaceable(section) or section


def section_of(names: tuple[str, ...], province: str) -> SectionName | Problem | None:
    """The section by the first of its names that is not empty, in the province as written; None without a name.

    A code that is only an ordinal, as 1 or 2号, tells the points of one river apart and stands for no place by itself:
    it follows the name of the river, where there is one.
    """
    seen = (each.translate(INVISIBLE).strip() for each in names)
    said = [each for each in seen if each not in _NO_NAME]
    if not said:
        return None
    name = said[1] + said[0] if len(said) > 1 and _ORDINAL.fullmatch(half_width(said[0])) else said[0]
    if name in SUM_WORDS:
        return Problem(f"“{name}”不是断面名称，合计和均值由系统另行计算", "删去该行，或改填断面名称")
    if len(name) > MAX_NAME:
        return Problem(f"断面名称有{len(name)}个字，最多{MAX_NAME}个", "填写断面名称，说明文字另放一列")
    if name.startswith("#"):
        return Problem("断面名称是公式错误或没有计算结果", "重新计算并保存，或改填断面名称")
    code = province_code(province) if province not in _NO_NAME else None
    if code is None and province not in _NO_NAME:
        return Problem(f"不认识的省份“{province}”", "填写省级行政区全称，如 江苏省")
    return SectionName(name, code)


def province_name(code: str) -> str:
    """The short name of a province by its GB/T 2260 code; a code that none has is its own name."""
    return _PROVINCE_NAMES.get(code, code)


def province_code(text: str) -> str | None:
    """The 6-digit GB/T 2260 code of a province named in full or in short, or given as a code."""
    plain = text.strip()
    if plain in _PROVINCES.values():
        return plain
    for ending in _ENDINGS:
        if plain.endswith(ending):
            return _PROVINCES.get(plain.removesuffix(ending))
    return _PROVINCES.get(plain)


def status_of(text: str) -> Status | None:
    """What the station said of itself; None for words of no known meaning."""
    return _STATUSES.get(half_width(text).lower())


def method_of(text: str) -> Method | None:
    """How the sample was taken, as a cell says it; None for words of no known meaning."""
    return _METHODS.get(half_width(text))
