from collections.abc import Callable
from datetime import datetime, time
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from compensation.errors import InputError
from compensation.monitoring import ParsedFile, ReadOptions, read_file
from compensation.monitoring.batch import records_of
from compensation.monitoring.records import Method, Reading, SectionName, State, Status

Write = Callable[..., Path]


def by(parsed: ParsedFile, indicator: str) -> list[Reading]:
    return [each for each in parsed.readings if each.indicator == indicator]


def value(reading: Reading) -> Fraction | None:
    return None if reading.mantissa is None else reading.mantissa * Fraction(10) ** reading.exponent


def reasons(parsed: ParsedFile) -> list[tuple[int, int | None, bool, str]]:
    return [(each.row, each.column, each.blocking, each.reason) for each in parsed.refused]


ROW = ("上海市", "太浦河桥", "2026-07-09 22:00", "Ⅲ", "29.3", "0.025L", "*", "维护")


def test_a_feed_row_becomes_a_reading_for_each_indicator(write_text: Write, feed: tuple[str, ...]) -> None:
    parsed = read_file(write_text([feed, ROW]))
    assert [each.indicator for each in parsed.readings] == ["class", "w01010", "w21003", "w21011"]
    assert parsed.readings[2] == Reading(
        section=SectionName("太浦河桥", "310000"),
        indicator="w21003",
        time=datetime(2026, 7, 9, 22),
        method=Method.AUTOMATIC,
        state=State.BELOW_LIMIT,
        mantissa=25,
        exponent=-3,
        status=Status.MAINTENANCE,
        raw="0.025L",
        known_at=None,
        sheet="",
        row=2,
        column=6,
    )
    assert parsed.readings[3].state is State.NOT_MEASURED_HERE
    assert (parsed.kinds, parsed.form, parsed.name) == (("wide",), "文本表格（utf-8）", "数据.csv")
    assert parsed.size == len(Path(write_text([feed, ROW])).read_bytes())


@pytest.mark.parametrize(
    ("encoding", "delimiter", "end"),
    [
        ("utf-8-sig", ",", "\r\n"),
        ("gb18030", ",", "\n"),
        ("gb18030", "\t", "\r\n"),
        ("utf-16", "\t", "\n"),
        ("utf-16-le", ";", "\n"),
        ("utf-16-be", ",", "\n"),
        ("utf-8", ";", "\n"),
    ],
)
def test_encodings_and_delimiters_say_the_same(
    write_text: Write, feed: tuple[str, ...], encoding: str, delimiter: str, end: str
) -> None:
    plain = read_file(write_text([feed, ROW, ROW]))
    other = read_file(write_text([feed, ROW, ROW], "另.txt", encoding, delimiter, end))
    assert other.readings == plain.readings
    assert other.sha256 != plain.sha256


def test_big5_is_told_from_gb18030(write_text: Write) -> None:
    rows = [("斷面", "監測時間", "pH(無量綱)", "水溫"), ("太浦河橋", "2026-07-09 22:00", "7.5", "20")]
    parsed = read_file(write_text(rows, encoding="big5"))
    assert parsed.form == "文本表格（big5hkscs）"
    assert [(each.section.name, each.indicator, each.raw) for each in parsed.readings] == [
        ("太浦河橋", "w01001", "7.5"),
        ("太浦河橋", "w01010", "20"),
    ]


def test_a_quoted_cell_may_hold_the_delimiter_and_line_breaks(write_text: Write, feed: tuple[str, ...]) -> None:
    row = list(ROW)
    row[1] = '"太浦河桥,\n下游"'
    parsed = read_file(write_text([feed, row, ROW]))
    assert [(each.section.name, each.row) for each in by(parsed, "w01010")] == [("太浦河桥,\n下游", 2), ("太浦河桥", 3)]


def test_a_workbook_of_numbers_and_dates(write_book: Write) -> None:
    header = ("采样日期", "采样时间", "断面名称", "水温(℃)", "氨氮(mg/L)", "总磷(mg/L)")
    rows = [
        header,
        (datetime(2026, 3, 1), time(7, 50), "甲", -0.5, 0.1 + 0.2, 3.0),
        (datetime(2026, 3, 2), 1025, "甲", -1.5, -1, 1e-7),
    ]
    parsed = read_file(write_book(rows))
    assert [each.time for each in by(parsed, "w01010")] == [datetime(2026, 3, 1, 7, 50), datetime(2026, 3, 2, 10, 25)]
    assert [value(each) for each in by(parsed, "w01010")] == [Fraction(-1, 2), Fraction(-3, 2)], (
        "a negative temperature survives"
    )
    assert [each.state for each in by(parsed, "w21003")] == [State.VALUE, State.NOT_MONITORED]
    assert [each.raw for each in by(parsed, "w21011")] == ["3", "1e-07"]
    assert value(by(parsed, "w21011")[1]) == Fraction(1, 10**7)
    assert parsed.readings[0].method is Method.MANUAL


@pytest.mark.parametrize("method", [None, Method.MANUAL])
def test_minus_one_is_not_monitored_and_no_other_negative_is_taken(
    write_text: Write, feed: tuple[str, ...], method: Method | None
) -> None:
    rows = [feed, (*ROW[:4], "-1.000000", "-1.000000", "0.1", "正常"), (*ROW[:4], "-0.4", "-0.002", "0.1", "正常")]
    rows.append((*ROW[:4], "-0.4", "0.002", "0.1", "正常"))
    parsed = read_file(write_text(rows), ReadOptions(method=method))
    assert by(parsed, "w21003")[0].state is State.NOT_MONITORED
    assert by(parsed, "w21003")[0].raw == "-1.000000"
    first, other = by(parsed, "w01010")
    assert first.raw == "-1.000000"
    assert value(first) == (None if method else -1), "a station measures −1 ℃; in a hand sheet -1 is not monitored"
    assert value(other) == Fraction(-2, 5), "a temperature may be below zero"
    assert reasons(parsed) == [(3, 6, True, "数值为负，这个指标不会小于零")]


def test_titles_units_limits_and_notes_around_the_table(write_book: Write) -> None:
    rows = [
        ("二〇二六年一月监测结果",),
        (),
        ("断面名称", "采样日期", "总磷", "锑", "备注"),
        ("单位", "", "mg/L", "μg/L", ""),
        ("检出限", "", "0.01", "0.5", ""),
        ("甲", "2026-01-08", "未检出", "5.02", "晴"),
        ("均值", "", "0.1", "5.0", ""),
        ("断面名称", "采样日期", "总磷", "锑", "备注"),
        ("乙", "2026-01-08", "0.1", "ND", ""),
        (),
        ("注：检出限见表头",),
    ]
    parsed = read_file(write_book(rows))
    assert [value(each) for each in by(parsed, "w21011")] == [Fraction(1, 100), Fraction(1, 10)]
    assert [value(each) for each in by(parsed, "w20004")] == [Fraction(502, 10**5), Fraction(5, 10**4)]
    assert by(parsed, "w20004")[1].state is State.BELOW_LIMIT
    assert [(row, blocking) for row, _, blocking, _ in reasons(parsed)] == [(7, False), (8, False)]
    layout = parsed.layouts[0]
    assert (layout.header_rows, layout.unit_row, layout.limit_row, layout.last_head_row) == ((3,), 4, 5, 5)
    assert layout.titles == ("二〇二六年一月监测结果",)
    assert "备注" in [column.header for column in layout.columns if column.role.value == "说明列"]
    assert any("第11行是附注" in note for note in parsed.notes)
    assert parsed.counts.rows_in == 4


def test_a_merged_header_of_two_rows(write_book: Write) -> None:
    rows = [
        ("断面", "时间", "营养盐", "", "pH"),
        ("", "", "氨氮(mg/L)", "总磷(μg/L)", ""),
        ("甲", "2026-01-08 08:00", "0.1", "50", "7.5"),
        ("", "2026-01-08 12:00", "0.2", "60", "7.6"),
    ]
    parsed = read_file(write_book(rows, merged=["A1:A2", "B1:B2", "C1:D1", "E1:E2", "A3:A4"]))
    assert parsed.layouts[0].header_rows == (2,), "each merged cell says what its first says, so the lower row is whole"
    assert [value(each) for each in by(parsed, "w21011")] == [Fraction(5, 100), Fraction(6, 100)]
    assert {each.section.name for each in parsed.readings} == {"甲"}
    assert len(parsed.readings) == 6


def test_a_header_of_two_rows_without_merged_cells(write_text: Write) -> None:
    rows = [
        ("断面", "时间", "营养盐", "", "pH"),
        ("", "", "氨氮(mg/L)", "总磷(μg/L)", ""),
        ("甲", "2026-01-08 08:00", "0.1", "50", "7.5"),
    ]
    parsed = read_file(write_text(rows))
    assert parsed.layouts[0].header_rows == (1, 2)
    assert [value(each) for each in parsed.readings] == [Fraction(1, 10), Fraction(5, 100), Fraction(15, 2)]


def test_columns_nobody_understands_are_listed_with_their_address(write_text: Write) -> None:
    header = ("断面", "时间", "总磷(mg/L)", "神秘列", "流域")
    parsed = read_file(write_text([header, ("甲", "2026-01-01 08:00", "0.1", "x", "太湖")]))
    described = "\n".join(parsed.layouts[0].describe())
    assert "D列「神秘列」：未识别列" in described
    assert "E列「流域」：说明列" in described
    assert "C列「总磷(mg/L)」：总磷（mg/L）" in described


def test_a_long_table_with_units_in_rows(write_text: Write) -> None:
    header = ("断面", "时间", "指标", "数值", "单位", "监测方式")
    rows = [
        header,
        ("甲", "2026-01-01 08:00", "锑", "5.02", "μg/L", "人工"),
        ("甲", "2026-01-01 08:00", "pH", "7.5", "", "自动"),
        ("甲", "2026-01-01 08:00", "水质类别", "Ⅲ", "", "自动"),
        ("甲", "2026-01-01 08:00", "总磷", "0.1", "ppm", "人工"),
        ("甲", "2026-01-01 08:00", "总磷", "0.1", "", "人工"),
        ("甲", "2026-01-01 08:00", "某物", "0.1", "mg/L", "人工"),
        ("甲", "", "总磷", "0.1", "mg/L", "人工"),
        ("", "2026-01-01 08:00", "总磷", "0.1", "mg/L", "人工"),
        ("甲", "2026-01-01 08:00", "总磷", "约0.1", "mg/L", "飞机"),
        ("甲", "2026-01-01 08:00", "总磷", "-1", "mg/L", "人工"),
    ]
    parsed = read_file(write_text(rows))
    assert parsed.kinds == ("long",)
    assert [(each.indicator, value(each), each.method) for each in parsed.readings] == [
        ("w20004", Fraction(502, 10**5), Method.MANUAL),
        ("w01001", Fraction(75, 10), Method.AUTOMATIC),
        ("class", 3, Method.AUTOMATIC),
        ("w21011", None, Method.MANUAL),
    ]
    assert parsed.readings[-1].state is State.NOT_MONITORED
    assert [(row, column) for row, column, blocking, _ in reasons(parsed) if blocking] == [
        (5, 5),
        (6, 5),
        (7, 3),
        (8, 2),
        (9, 1),
        (10, 6),
        (10, 4),
    ]
    assert parsed.counts.rows_refused == 6


def test_rows_are_taken_whole_or_refused_whole(write_text: Write, feed: tuple[str, ...]) -> None:
    bad = list(ROW)
    bad[5], bad[6], bad[2] = "约0.1", "0..1", "2026-02-30 08:00"
    silent = ("上海市", "太浦河桥", "*", "*", "--", "--", "--", "停站")
    timeless = ("上海市", "太浦河桥", "--", "Ⅲ", "20.1", "0.1", "0.1", "正常")
    empty_time = ("上海市", "太浦河桥", "", "Ⅲ", "20.1", "0.1", "0.1", "正常")
    nowhere = ("江南省", "太浦河桥", *ROW[2:])
    nameless = ("上海市", "", *ROW[2:])
    nothing = ("",) * len(feed)
    rows = [feed, ROW, bad, silent, timeless, empty_time, nowhere, nameless, nothing, nothing, ROW, nothing]
    parsed = read_file(write_text(rows))
    assert [each.row for each in by(parsed, "w01010")] == [2, 11]
    assert [(row, column, blocking) for row, column, blocking, _ in reasons(parsed)] == [
        (3, 6, True),
        (3, 7, True),
        (3, 3, True),
        (4, 3, False),
        (5, 3, False),
        (6, 3, True),
        (7, 1, True),
        (8, 2, True),
        (9, None, False),
    ]
    counts = parsed.counts
    assert (counts.rows_in, counts.rows_with_readings, counts.rows_refused, counts.rows_empty) == (10, 2, 6, 2)
    assert reasons(parsed)[-1][3] == "第9至10行为空行"
    assert len(parsed.blocking) == 6
    assert parsed.refused[0].text == "约0.1"


def test_the_same_key_twice_is_kept_twice_with_when_it_was_known(write_text: Write, feed: tuple[str, ...]) -> None:
    header = (*feed, "抓取时间")
    rows = [header, (*ROW, "2026-07-09 22:40:00"), (*ROW[:6], "0.2", "正常", "2026-07-10 02:40:00")]
    first, second = by(read_file(write_text(rows)), "w21011")
    assert (first.time, first.section) == (second.time, second.section)
    assert (first.known_at, second.known_at) == (datetime(2026, 7, 9, 22, 40), datetime(2026, 7, 10, 2, 40))


def test_a_year_from_the_name_the_option_or_not_at_all(write_text: Write, feed: tuple[str, ...]) -> None:
    row = (*ROW[:2], "07-09 22:00", *ROW[3:])
    assert read_file(write_text([feed, row], "数据_2024.csv")).readings[0].time.year == 2024
    assert read_file(write_text([feed, row], "数据_2024.csv"), ReadOptions(year=2025)).readings[0].time.year == 2025
    parsed = read_file(write_text([feed, row]))
    assert not parsed.readings
    assert "没有年份" in parsed.refused[0].reason
    assert "--year" in parsed.refused[0].fix
    assert parsed.blocking


def test_a_limit_by_option_serves_a_bare_non_detect(write_text: Write, hand: tuple[str, ...]) -> None:
    path = write_text([hand, ("2026-01-08", "甲", "5.1", "未检出", "0.1")])
    assert "检出限" in read_file(path).blocking[0].reason
    parsed = read_file(path, ReadOptions(detection_limits={"w21003": "0.025"}))
    assert (by(parsed, "w21003")[0].state, value(by(parsed, "w21003")[0])) == (State.BELOW_LIMIT, Fraction(1, 40))


def test_a_limit_by_option_is_in_the_indicators_own_unit(write_text: Write) -> None:
    path = write_text([("断面", "采样日期", "锑(μg/L)"), ("甲", "2026-01-08", "ND")])
    parsed = read_file(path, ReadOptions(detection_limits={"w20004": "0.0005"}))
    assert value(parsed.readings[0]) == Fraction(5, 10**4)


def test_a_shifted_row_is_refused_not_read_askew(write_text: Write, feed: tuple[str, ...]) -> None:
    parsed = read_file(write_text([feed, (*ROW, "多"), ROW[:5], (*ROW, "")]))
    assert [(row, blocking) for row, _, blocking, _ in reasons(parsed)] == [(2, True), (3, True)]
    assert parsed.counts.rows_with_readings == 1


def test_faults_of_a_header_come_all_at_once(write_text: Write) -> None:
    header = ("断面", "时间", "总磷(ppm)", "氨氮(mg/L)", "氨氮(mg/L)", "总氮(元)")
    with pytest.raises(InputError) as caught:
        read_file(write_text([header, ("甲", "2026-01-01", "1", "1", "1", "1")]))
    wheres = [fault.where for fault in caught.value.faults]
    assert [where[-2:] for where in wheres] == ["C1", "F1", "E1"]
    assert "ppm" in str(caught.value)


def test_many_sheets_some_hidden_some_empty_some_strange(write_book: Write, feed: tuple[str, ...]) -> None:
    path = write_book({"一月": [feed, ROW], "说明": [("填写说明",), ("请逐项填写",)], "空": [], "二月": [feed, ROW]})
    book = openpyxl.load_workbook(path)
    book["二月"].sheet_state = "hidden"
    book.save(path)
    parsed = read_file(path)
    assert [layout.sheet for layout in parsed.layouts] == ["一月", "二月"]
    assert parsed.counts.rows_in == 2
    assert any("隐藏" in note for note in parsed.notes)
    assert any("「说明」没有认出表头" in note for note in parsed.notes)


def test_a_table_that_does_not_begin_in_a1(write_book: Write, feed: tuple[str, ...]) -> None:
    rows = [(), (), (None, None, *feed), (None, None, *ROW)]
    reading = read_file(write_book(rows)).readings[0]
    assert (reading.row, reading.column) == (4, 6)


def test_a_sink_gets_what_a_list_would(
    write_text: Write, feed: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("compensation.monitoring.reader.CHUNK_ROWS", 3)
    path = write_text([feed, *[ROW] * 10])
    chunks: list[list[Reading]] = []
    parsed = read_file(path, sink=lambda chunk: chunks.append(records_of(chunk)))
    assert not parsed.readings
    assert [len(chunk) for chunk in chunks] == [12, 12, 12, 4]
    assert [reading for chunk in chunks for reading in chunk] == read_file(path).readings
    assert parsed.reading_count == 40


def test_strange_classes_and_statuses_are_noted(write_text: Write, feed: tuple[str, ...]) -> None:
    parsed = read_file(write_text([feed, (*ROW[:3], "轻度黑臭", *ROW[4:7], "罢工")]))
    assert by(parsed, "class")[0].state is State.MISSING
    assert by(parsed, "class")[0].raw == "轻度黑臭"
    assert parsed.readings[0].status is Status.UNSTATED
    assert any("轻度黑臭" in note and "1处" in note for note in parsed.notes)
    assert any("罢工" in note for note in parsed.notes)


def test_a_column_without_a_unit_says_what_was_assumed(write_text: Write) -> None:
    parsed = read_file(write_text([("断面", "采样日期", "总磷", "pH"), ("甲", "2026-01-08", "0.1", "7")]))
    assert [note for note in parsed.notes if "总磷" in note and "pH" not in note]
    assert "未写单位，按 mg/L" in "\n".join(parsed.layouts[0].describe())


def test_a_code_column_falls_back_on_the_river(write_text: Write) -> None:
    header = ("取样日期", "编号", "河道名称", "总磷(mg/L)")
    parsed = read_file(
        write_text([header, ("2025-01-02", "ZJB", "周家浜", "0.1"), ("2025-01-02", "", "周家浜", "0.1")])
    )
    assert [each.section.name for each in parsed.readings] == ["ZJB", "周家浜"]


def test_an_ordinal_stands_for_no_place_without_its_river(write_text: Write) -> None:
    header = ("取样日期", "编号", "河道名称", "总磷(mg/L)")
    codes = (("1", "龙舌尖"), ("1", "冷绛河"), ("２号", "冷绛河"), ("3", ""), ("2024", "冷绛河"), ("", "冷绛河"))
    parsed = read_file(write_text([header, *(("2025-01-09", code, river, "0.1") for code, river in codes)]))
    assert [each.section.name for each in parsed.readings] == [
        "龙舌尖1",
        "冷绛河1",
        "冷绛河２号",
        "3",
        "2024",
        "冷绛河",
    ]


def test_a_table_far_below_the_top(write_book: Write, feed: tuple[str, ...]) -> None:
    parsed = read_file(write_book([*[()] * 40, feed, ROW]))
    assert [each.row for each in by(parsed, "w01010")] == [42]
    assert parsed.counts.rows_in == 1


def test_what_was_understood_can_be_shown(write_text: Write, feed: tuple[str, ...]) -> None:
    later = ("上海市", "急水港桥", "2026-07-10 02:00", *ROW[3:6], "约0.1", "正常")
    path = write_text([feed, ROW, ("上海市", "急水港桥", "2026-07-10 02:00", *ROW[3:]), later])
    shown = "\n".join(read_file(path).describe())
    for line in (
        "《数据.csv》文本表格（utf-8）",
        "F列「氨氮(mg/L)」：氨氮（mg/L）。",
        "采样方式：自动站（有「站点情况」列）。",
        "时段：2026-07-09 22:00 至 2026-07-10 02:00。",
        "断面2个：太浦河桥、急水港桥。",
        "共3行：有监测结果2行（8个数值），有凭据0行，未采用1行，空行0行。",
        "须更正1处。",
    ):
        assert line in shown
