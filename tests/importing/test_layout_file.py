"""Layout files: what was recognised can be written down and given back, and a turned table can be named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from compensation.errors import InputError
from compensation.monitoring import ParsedFile, ReadOptions, read_file
from compensation.monitoring.layout_file import load_layout
from compensation.monitoring.layout_written import written

Write = Callable[..., Path]
TURNED = [
    ("2026年7月监测结果",),
    ("监测项目", "单位", "检出限", "太浦河桥", "汾湖大桥", "均值"),
    ("采样日期", "", "", "2026-07-09", "2026-07-10", ""),
    ("pH", "无量纲", "", 7.2, 7.3, 7.25),
    ("总磷", "μg/L", 10, 50, "未检出", ""),
    ("备注", "", "", "", "晴", ""),
]
KINDS = {
    "两行表头": [
        ("月报",),
        ("断面", "采样日期", "营养盐", ""),
        ("", "", "氨氮", "总磷"),
        ("", "", "mg/L", "μg/L"),
        ("检出限", "", "0.025", "10"),
        ("太浦河桥", "2026-07-09", "未检出", "50"),
    ],
    "多余的列": [("断面", "采样日期", "总磷(mg/L)", "# 氨氮氮: x"), ("太浦河桥", "2026-07-09", 0.1, 3)],
    "竖排": [("断面", "采样日期", "指标", "数值", "单位"), ("太浦河桥", "2026-07-09", "总磷", "0.1", "mg/L")],
    "时间横排": [("断面", "指标", "单位", "1月", "2026年2月"), ("太浦河桥", "总磷", "mg/L", 0.1, "0.01L")],
    "转置": TURNED,
    "转置，上方写断面": [("断面：太浦河桥",), ("监测项目", "2026-07-09", "2026-08-10"), ("总磷(mg/L)", 0.1, "--")],
    "一月": [("断面", "总磷(mg/L)"), ("太浦河桥", 0.1)],
    "取水": [("断面", "年", "月", "取水量(万m³)", "依据文号"), ("金泽取水口", 2026, 1, 5, "文")],
    "免责": [("断面", "起", "止", "原因", "认定文件"), ("太浦河桥", "2026-07-01", "2026-07-03", "洪水", "文")],
}


def laid_out(folder: Path, text: str) -> ReadOptions:
    path = folder / "版式.yaml"
    path.write_text(text, encoding="utf-8")
    return ReadOptions(year=2026, layout=load_layout(path))


def holds(parsed: ParsedFile) -> list[object]:
    return [parsed.readings, parsed.intakes, parsed.exemptions, parsed.refused, parsed.counts]


@pytest.mark.parametrize("names", [*([each] for each in KINDS), list(KINDS)], ids=[*KINDS, "全部"])
def test_what_was_recognised_can_be_given_back(write_book: Write, tmp_path: Path, names: list[str]) -> None:
    path = write_book({name: KINDS[name] for name in names})
    parsed = read_file(path, ReadOptions(year=2026))
    assert [each.sheet for each in parsed.layouts] == names
    options = laid_out(tmp_path, "\n".join(written(parsed.layouts)))
    again = read_file(path, options)
    assert holds(again) == holds(parsed)
    assert [each.turned for each in again.layouts] == [each.turned for each in parsed.layouts]
    assert list(written(again.layouts))[1:4] == list(written(parsed.layouts))[1:4]


def test_a_dry_run_says_it_as_a_layout_file(call: Callable[..., object], write_book: Write, tmp_path: Path) -> None:
    path = write_book({"转置": TURNED, "多余的列": KINDS["多余的列"]})
    said = call("import", str(path), "--dry-run").out  # type: ignore[attr-defined]
    text = said[said.index("  # 版式文件") : said.index("《数据.xlsx》：")]
    assert "header_column: A" in text
    assert '5: "总磷(μg/L,检出限10)"' in text
    assert 'D: ""  # 未读取：# 氨氮氮: x' in text
    assert holds(read_file(path, laid_out(tmp_path, text))) == holds(read_file(path))


ODD = [
    ("某站旬报", "", "", ""),
    ("甲", "", "太浦河桥", "淀峰"),
    ("乙", "", "2026-07-09", "2026-07-10"),
    ("P", "x", 80, 90),
    ("丙", "x", 1, 2),
    ("说不清", "", 3, 4),
]
ODD_LAYOUT = """
tables:
  - header_column: A
    data_from: C
    rows: {2: 断面名称, 3: 采样日期, 4: "总磷(μg/L,检出限5)", 5: 氨氮(mg/L), 6: ""}
"""


def test_a_turned_table_that_nobody_would_recognise(write_book: Write, write_text: Write, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有认出表头"):
        read_file(write_book(ODD))
    options = laid_out(tmp_path, ODD_LAYOUT)
    for path in (write_book(ODD), write_text(ODD)):
        parsed = read_file(path, options)
        assert [(each.section.name, each.indicator, each.mantissa, each.exponent, each.row, each.column)
                for each in parsed.readings] == [
            ("太浦河桥", "w21011", 80, -3, 4, 3), ("淀峰", "w21011", 90, -3, 4, 4),
            ("太浦河桥", "w21003", 1, 0, 5, 3), ("淀峰", "w21003", 2, 0, 5, 4),
        ]  # fmt: skip


def test_what_is_said_above_holds_beside_a_layout_of_a_turned_table(write_book: Write, tmp_path: Path) -> None:
    rows = [("断面：太浦河桥", ""), ("何时", "2026-07-09"), ("P", 0.1)]
    text = "tables: [{header_column: A, rows: {2: 采样日期, 3: 总磷(mg/L)}}]"
    parsed = read_file(write_book(rows), laid_out(tmp_path, text))
    assert [(each.section.name, each.time.day, each.row) for each in parsed.readings] == [("太浦河桥", 9, 3)]
    assert "表的上方「断面名称」：断面。" in parsed.layouts[0].describe()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tables: [{header_column: A, columns: {A: 断面}}]", "横表的键和转置表的键写在了一起"),
        ("tables: [{header_column: 1, rows: {1: 断面}}]", "header_column 或 data_from 不是列号"),
        ("tables: [{header_column: C, data_from: B, rows: {1: 断面}}]", "data_from 在 header_column 之后"),
        ("tables: [{header_column: A, data_from: 3, rows: {1: 断面}}]", "不是列号"),
        ("tables: [{header_column: A}]", "没有 rows"),
        ("tables: [{rows: {1: 断面}}]", "header_column 或 data_from 不是列号"),
        ("tables: [{header_column: A, rows: {A: 断面}}]", "“A”不是行号"),
        ("tables: [{header_column: A, rows: {1: [断面]}}]", "“1”的含义不是一句话"),
        ("tables: [{header_row: A, columns: {A: 断面}}]", "header_row 或 data_from 不是行号"),
        ("tables: [{header_row: 1, columns: {A: 断面, B: 总磷, A: 氨氮}}]", "第 1 行：读不出来。原因：“A”写了两次"),
        ("tables:\n  - header_row: 1\n  columns: x\n", "第 3 行：读不出来"),
        ("tables: [{header_row: 1, columns: {A: 断面}}, {header_row: 2, columns: {A: 断面}}]", "第 2 个表：与前面的表"),
        ("tables: [x]", "没有 columns 或 rows"),
    ],
)
def test_a_layout_file_with_faults(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        laid_out(tmp_path, text)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("header_column: A\n    data_from: C", "header_column: H"), "H 列：版式文件指明的表头列不在表里"),
        (("断面名称", "备注"), "版式文件给出的行凑不成一种表。原因：缺少断面、时间或指标等必需的行。处理：补全 rows"),
        (("μg/L", "斤"), "A4：列「总磷.*斤"),
        (("6:", "60:"), "版式文件写到第60行，表只到第6行"),
    ],
)
def test_a_layout_of_a_turned_table_that_does_not_fit(
    write_book: Write, tmp_path: Path, change: tuple[str, str], why: str
) -> None:
    with pytest.raises(InputError, match=why):
        read_file(write_book(ODD), laid_out(tmp_path, ODD_LAYOUT.replace(*change)))


def test_a_long_table_is_no_turned_one_and_a_missing_sheet_is_told(write_book: Write, tmp_path: Path) -> None:
    rows = [*ODD, *(("", "", 1, 2) for _ in range(300))]
    with pytest.raises(InputError, match="转置的表最多 300 行"):
        read_file(write_book(rows), laid_out(tmp_path, ODD_LAYOUT))
    options = laid_out(tmp_path, ODD_LAYOUT.replace("- header", "- sheet: 七月\n    header"))
    parsed = read_file(write_book(KINDS["竖排"]), options)
    assert "版式文件写了表「七月」，本文件没有这张表。" in parsed.notes
