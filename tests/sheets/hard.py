"""Settlements that are hard on a page: long names, many sections, amounts of 12 digits, nothing, much unknown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from made_up import Year, agreement

from compensation.agreement.cases import shipped_cases
from compensation.settlement.cases import settle_case
from compensation.settlement.compare import compare
from compensation.settlement.settle import Mode, Settlement
from compensation.sheets import write_comparison, write_workbook
from rules.evidence import Evidence
from rules.substitution import substituted

CHECKOUT = Path(__file__).resolve().parents[2]
LONG = "太浦河与京杭大运河交汇处下游一点五公里省界联合监测断面（左岸）"
BRIDGE = "汾湖大桥(界标)"
INTAKE = "TAIPU-JINZE"
FIRST_SECTION = "    - code: TAIPU-GATE\n"
MORE = "".join(
    f"    - {{code: MORE-{number}, name: 示例县第{number}自来水厂取水口, kind: intake, body: river, "
    "monitoring: automatic, target: {<<: *assumed, value: Ⅲ}, upstream: {<<: *assumed, ratio: {苏: 1}}, "
    "downstream: {<<: *assumed, ratio: {浙: 1}}, source: assumption}\n"
    for number in range(1, 8)
)
LARGE = tuple((f"value: {number}, unit: 万元", "value: 98765432, unit: 万元") for number in (10000, 8000))
NOTHING = tuple(
    (f"value: {number}, unit: 万元", "value: 0, unit: 万元") for number in (10000, 1000, 2000, 100, 4000, 50, 75, 125)
)


def part(made: Year, *changes: tuple[str, str]) -> Settlement:
    """Two months of a made-up year, under the draft with pieces of its text replaced."""
    deal = agreement(*changes) if changes else made.agreement
    first, last = date(2026, 3, 1), date(2026, 4, 30)
    return replace(made, agreement=deal, first=first, last=last, mode=Mode.PROVISIONAL).settled()


def with_more_intakes(facts: Evidence) -> Evidence:
    """The water of one intake at seven more."""
    days, volumes = dict(facts.days), dict(facts.volumes)
    for number in range(1, 8):
        for (section, code), values in facts.days.items():
            if section == INTAKE:
                days[f"MORE-{number}", code] = values
        for (section, month), fact in facts.volumes.items():
            if section == INTAKE:
                volumes[f"MORE-{number}", month] = fact
    return replace(facts, days=days, volumes=volumes)


def five_parties(made: Year) -> Settlement:
    """The draft between five."""
    more = (
        '    - {code: "330000", name: 浙江省, short: 浙}\n',
        '    - {code: "330000", name: 浙江省, short: 浙}\n    - {code: "340000", name: 安徽省, short: 皖}\n'
        '    - {code: "450000", name: 广西壮族自治区, short: 桂}\n',
    )
    shares = (
        ("ratio: {沪: 5, 苏: 3, 浙: 2}", "ratio: {沪: 5, 苏: 3, 浙: 2, 皖: 1, 桂: 1}"),
        ("ratio: {沪: 2, 苏: 6, 浙: 2}", "ratio: {沪: 2, 苏: 6, 浙: 2, 皖: 1, 桂: 1}"),
    )
    return part(made, more, *shares)


def of_case(key: str) -> Settlement:
    """The first case of an agreement that ships."""
    return settle_case(next(case for case in shipped_cases() if case.agreement.key == key))


def written(folder: Path, years: Callable[[int], Year]) -> list[Path]:
    """Every hard workbook."""
    twelve = ((FIRST_SECTION, MORE + FIRST_SECTION), (BRIDGE, LONG), *LARGE)
    made: dict[str, tuple[Settlement, str]] = {
        "全年": (years(0).settled(), ""),
        "未定": (years(4).settled(), "苏"),
        "十二断面": (part(years(5).changed(with_more_intakes), *twelve), "沪"),
        "零": (part(years(0), *NOTHING, ("value: 0.02, unit: 元/m³", "value: 0, unit: 元/m³")), "浙"),
        "两方": (of_case("xinanjiang-1"), ""),
        "五方": (five_parties(years(7)), "苏"),
    }
    paths = []
    for name, (settlement, party) in made.items():
        path = folder / f"{name}.xlsx"
        codes = {each.short: each.code for each in settlement.agreement.parties}
        write_workbook(settlement, path, mark="示例数据", party=codes.get(party, ""))
        paths.append(path)
    year = years(0)
    other = substituted(year.agreement, {"index.base": Fraction(10)})
    third = substituted(year.agreement, {"intake.price": Fraction(3, 100)})
    deals = [part(replace(year, agreement=deal)) for deal in (year.agreement, other, third)]
    write_comparison(compare(deals), folder / "比较.xlsx")
    return [*paths, folder / "比较.xlsx"]
