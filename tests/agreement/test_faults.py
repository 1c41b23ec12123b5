"""Every kind of fault of an agreement file: said in Chinese, at its line and column, all of them in one pass."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from compensation.agreement.loader import load, parse, shipped
from compensation.errors import AgreementError, Fault

TEXT = load("taipu-draft").text
PLACE = re.compile(r"第 (\d+) 行第 (\d+) 列")


def faults_of(text: str) -> tuple[Fault, ...]:
    with pytest.raises(AgreementError) as caught:
        parse("协议.yaml", text)
    assert caught.value.exit_code == 2
    for fault in caught.value.faults:
        assert fault.where.startswith("《协议.yaml》")
        assert fault.what and fault.why and fault.fix
        assert re.search("[一-鿿]", fault.why), f"an official cannot read: {fault.why}"
    return caught.value.faults


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) >= 1, f"the draft does not say {old}"
    return TEXT.replace(old, new, 1)


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


# what is written instead of what, what the fault says, and a piece of the line it stands on
SINGLE: dict[str, tuple[str, str, str, str]] = {
    "unknown key": ("      deductions:", "      dedcutions:", "dedcutions", "dedcutions"),
    "absent key": (
        '    - {code: "310000", name: 上海市, short: 沪}',
        '    - {code: "310000", short: 沪}',
        "name",
        '"310000"',
    ),
    "unknown unit": ("value: 0.02, unit: 元/m³", "value: 0.02, unit: 元/斛", "元/斛", "元/斛"),
    "wrong dimension": ("value: 1000, unit: 万元", "value: 1000, unit: mg/L", "mg/L", "value: 1000, unit: mg/L"),
    "wrong dimension of a price": ("value: 0.02, unit: 元/m³", "value: 0.02, unit: 元/t", "不是金额", "kind: per_unit"),
    "wrong dimension of a concentration": ("value: 3.9, unit: mg/L", "value: 3.9, unit: 万元", "万元", "value: 3.9"),
    "inverted dates": (
        "{<<: *assumed, value: 2000, unit: 万元}",
        "{from: 2028-12-31, to: 2026-01-01, source: assumption, value: 2000, unit: 万元}",
        "晚于",
        "to: 2026-01-01, source: assumption, value: 2000",
    ),
    "no date": ("term: {from: 2026-01-01,", "term: {from: 二〇二六,", "不是日期", "term: {from"),
    "a ratio that is none": ("{沪: 5, 苏: 3, 浙: 2}", "{沪: 0, 苏: 0, 浙: 0}", "不成比例", "沪: 0, 苏: 0"),
    "a negative share": ("{沪: 5, 苏: 3, 浙: 2}", "{沪: 5, 苏: -3, 浙: 2}", "不成比例", "苏: -3"),
    "shares that do not sum to one": ("{沪: 7/10, 浙: 3/10}", "{沪: 7/10, 浙: 2/10}", "9/10", "浙: 2/10"),
    "unknown party": ("{沪: 5, 苏: 3, 浙: 2}", "{沪: 5, 苏: 3, 皖: 2}", "皖", "皖: 2"),
    "unknown section": ("background: 太浦闸下", "background: 太湖闸下", "太湖闸下", "太湖闸下"),
    "unknown indicator": (
        "indicators: [高锰酸盐指数, 氨氮, 总磷]",
        "indicators: [高锰酸盐指数, 氨氮, 总鳞]",
        "总鳞",
        "总鳞",
    ),
    "indicator without class limits": (
        "indicators: [高锰酸盐指数, 氨氮, 总磷]",
        "indicators: [高锰酸盐指数, 氨氮, 总氮]",
        "总氮",
        "[高锰酸盐指数, 氨氮, 总氮]",
    ),
    "duplicate clause key": ("key: exceedance", "key: index", "index", ""),
    "duplicate clause number": ("number: 第三条", "number: 第二条", "第二条", ""),
    "section no clause reaches": (
        "correction: {clause: 第五条, background: 太浦闸下, rule: at_least_as_bad}",
        "",
        "太浦闸下",
        "",
    ),
    "empty source": ("unit: mg/L, source: GB 3838-2002 表 3}", 'unit: mg/L, source: ""}', "来源", 'source: ""'),
    "weights": ("{<<: *frame, value: 4/10}", "{<<: *frame, value: 5/10}", "11/10", ""),
    "tiers unordered": ("over: {<<: *assumed, value: 1/2}", "over: {<<: *assumed, value: 2}", "由低到高", ""),
    "classes unordered": ("up_to: Ⅱ, value", "up_to: Ⅳ, value", "由好到差", "up_to: Ⅳ"),
    "not a class": ("up_to: Ⅱ", "up_to: 优", "优", "up_to: 优"),
    "target that is none": ("target: {<<: *assumed, value: Ⅲ}", "target: {<<: *assumed, value: 劣Ⅴ}", "劣Ⅴ", "劣Ⅴ"),
    "not a number": ("value: 10000, unit: 万元", "value: 一亿, unit: 万元", "一亿", "一亿"),
    "divided by zero": ("{沪: 7/10, 浙: 3/10}", "{沪: 7/0, 浙: 3/10}", "7/0", "7/0"),
    "negative money": ("value: 10000, unit: 万元", "value: -10000, unit: 万元", "-10000", "-10000"),
    "a negative price": ("value: 0.02, unit: 元/m³", "value: -0.02, unit: 元/m³", "单价”为负", "kind: per_unit"),
    "a negative coefficient": ("value: 3/4}", "value: -3/4}", "水质系数", "kind: per_unit"),
    "a negative tier": ("value: 50, unit: 万元", "value: -50, unit: 万元", "为负", "kind: tiers"),
    "a negative surcharge": ("value: 100, unit: 万元}\n\n", "value: -100, unit: 万元}\n\n", "-100", "-100"),
    "a negative baseline": ("value: 3.9, unit: mg/L", "value: -3.9, unit: mg/L", "为负", "kind: index"),
    "a step of zero": ("step: {<<: *assumed, value: 0.01}", "step: {<<: *assumed, value: 0}", "不大于零", "step: {<<"),
    "a share above one": ("share: {<<: *assumed, value: 1/5}", "share: {<<: *assumed, value: 6/5}", "6/5", "6/5"),
    "half a day": (
        "days_per_month: {<<: *assumed, value: 20}",
        "days_per_month: {<<: *assumed, value: 20.5}",
        "20.5",
        "20.5",
    ),
    "missing kind": ("measure: {kind: water_volume}", "measure: {}", "kind", "measure: {}"),
    "unknown kind": ("measure: {kind: water_volume}", "measure: {kind: water}", "water", "kind: water}"),
    "a party that pays itself": (
        "      payer: downstream\n      payee: upstream",
        "      payer: upstream\n      payee: upstream",
        "相同",
        "",
    ),
    "term inverted": ("term: {from: 2026-01-01, to: 2028-12-31", "term: {from: 2029-01-01, to: 2028-12-31", "颠倒", ""),
    "party twice": ('code: "320000"', 'code: "310000"', "重复", "江苏省"),
    "section twice": ("name: 太浦河桥", "name: 汾湖大桥(界标)", "汾湖大桥", ""),
    "section code twice": ('code: "310118_0003"', 'code: "310118_0002"', "310118_0002", ""),
    "key twice": ("  status: draft", "  status: draft\n  status: draft", "两次", "status: draft\n  notes"),
    "section without parties": ("      upstream: {<<: *assumed, ratio: {苏: 4/5, 浙: 1/5}}\n", "", "上游", ""),
    "section without a baseline": ("          太浦河桥:\n", "          金泽取水口:\n", "", ""),
}


@pytest.mark.parametrize("name", SINGLE)
def test_a_fault_is_told_at_its_place(name: str) -> None:
    old, new, said, place = SINGLE[name]
    text = changed(old, new)
    found = faults_of(text)
    told = [fault for fault in found if said in str(fault)]
    assert told, [str(fault) for fault in found]
    match = PLACE.search(told[0].where)
    assert match, told[0].where
    if place:
        assert int(match[1]) == line_of(text, place), str(told[0])
        assert int(match[2]) <= len(text.splitlines()[int(match[1]) - 1])
    assert len(found) <= 4, f"one slip brings many complaints: {[str(fault) for fault in found]}"


SPANS = "\n".join(
    [
        "        price:",
        "          - {{from: 2026-01-01, to: {first}, source: assumption, value: 0.02, unit: 元/m³}}",
        "          - {{from: {second}, to: 2028-12-31, source: assumption, value: 0.03, unit: 元/m³}}",
    ]
)
PRICE = "        price: {<<: *assumed, value: 0.02, unit: 元/m³}"


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("2026-12-31", "2027-01-02", "2027-01-01 至 2027-01-01 没有值"),
        ("2026-12-31", "2028-01-01", "2027-01-01 至 2027-12-31 没有值"),
        ("2027-01-01", "2027-01-01", "2027-01-01 至 2027-01-01 有两个值"),
        ("2028-12-31", "2026-01-01", "有两个值"),
    ],
)
def test_gaps_and_overlaps(first: str, second: str, said: str) -> None:
    found = faults_of(changed(PRICE, SPANS.format(first=first, second=second)))
    assert [said in fault.what for fault in found] == [True], [str(fault) for fault in found]


def test_a_figure_may_change_within_the_term() -> None:
    text = changed(PRICE, SPANS.format(first="2026-12-31", second="2027-01-01"))
    price = next(x for x in parse("x.yaml", text).parameters if x.key == "intake.price")
    assert [span.value for span in price.spans] == [Fraction(2, 100), Fraction(3, 100)]


def test_a_figure_that_ends_before_the_term() -> None:
    found = faults_of(changed("to: 2028-12-31, source: 财资环", "to: 2028-12-30, source: 财资环"))
    assert all("2028-12-31 至 2028-12-31 没有值" in fault.what for fault in found)
    assert len(found) == 3  # the three weights


def test_a_figure_without_a_source() -> None:
    found = faults_of(changed("value: 0.005, unit: mg/L, source: GB 3838-2002 表 3}", "value: 0.005, unit: mg/L}"))
    assert ["缺少“source”" in fault.what for fault in found] == [True]


def test_all_faults_come_in_one_pass_in_the_order_of_the_file() -> None:
    text = TEXT
    slips = [
        ("name: 浙江省, short: 浙", "name: 浙江省, shrot: 浙"),
        ("indicators: [高锰酸盐指数, 氨氮, 总磷]", "indicators: [高锰酸盐指数, 氨氮, 总鳞]"),
        ("days_per_month: {<<: *assumed, value: 20}", "days_per_month: {<<: *assumed, value: 廿}"),
        ("unit: 元/m³", "unit: 元/斛"),
        ("{<<: *frame, value: 4/10}", "{<<: *frame, value: 5/10}"),
        (
            "net_payment: {<<: *assumed, value: 8000, unit: 万元}",
            "net_payment: {<<: *assumed, value: 8000, unit: mg/L}",
        ),
    ]
    for old, new in slips:
        assert old in text
        text = text.replace(old, new, 1)
    found = faults_of(text)
    told = "\n".join(map(str, found))
    for said in ("shrot", "总鳞", "廿", "元/斛", "11/10", "mg/L"):
        assert said in told, told


def test_figures_are_exact_however_they_are_written() -> None:
    ways = {"0.02": Fraction(1, 50), "2/37": Fraction(2, 37), "3%": Fraction(3, 100), "0.1": Fraction(1, 10)}
    ways["123456789012345678.91"] = Fraction(12345678901234567891, 100)
    for text, value in ways.items():
        found = parse("x.yaml", changed("value: 0.02, unit: 元/m³", f"value: {text}, unit: 元/m³"))
        price = next(x for x in found.parameters if x.key == "intake.price")
        assert price.spans[0].value == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "# 只有注释\n",
        "只是一句话",
        "- 列表\n- 列表",
        "agreement: [",
        "a: b: c",
        "\t- x",
        "a: &a [*a]",
        "a: *nobody",
    ],
)
def test_a_file_that_is_no_agreement(text: str) -> None:
    assert faults_of(text)


def test_an_agreement_that_contains_itself() -> None:
    assert faults_of("term: &t {<<: *t, from: 2026-01-01, to: 2026-12-31}\n" + TEXT)


def test_every_top_level_part_is_asked_for() -> None:
    for part in ("agreement", "scope", "targets", "duties", "payment", "term", "breach", "other"):
        text = re.sub(rf"(?ms)^{part}:.*?(?=^\S|\Z)", "", TEXT)
        assert text != TEXT
        found = faults_of(text)
        assert any(f"缺少“{part}”" in fault.what for fault in found), [str(fault) for fault in found]


def test_a_path_that_cannot_be_read(tmp_path: Path) -> None:
    folder, gbk = tmp_path / "夹.yaml", tmp_path / "国标.yaml"
    folder.mkdir()
    gbk.write_bytes("agreement: 协议".encode("gb18030"))
    for path, said in ((folder, "文件夹"), (gbk, "UTF-8"), (tmp_path / "无.yaml", "找不到")):
        with pytest.raises(AgreementError) as caught:
            load(str(path))
        assert said in str(caught.value)
        assert path.name in str(caught.value)


def test_a_name_that_is_no_agreement() -> None:
    with pytest.raises(AgreementError) as caught:
        load("taipu-daft")
    assert "taipu-draft" in str(caught.value)
    assert "__init__" not in str(caught.value)


def test_every_agreement_that_ships_loads_and_says_where_each_figure_is_from() -> None:
    for key in shipped():
        found = load(key)
        assert found.key == key
        for parameter in found.parameters:
            assert all(span.source for span in parameter.spans), parameter.key
