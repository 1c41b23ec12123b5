"""The work of a year by hand: every step, safe to repeat, and the same when repeated."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from compensation.cli.main import COMMANDS

Call = Callable[..., object]
DOCS = Path(__file__).resolve().parents[2] / "docs"
CHINESE = re.compile("[一-鿿]")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_chinese_with_examples(call, command: str) -> None:  # type: ignore[no-untyped-def]
    said = call(command, "--help")
    assert said.code == 0
    assert "示例" in said.out
    assert f"compensation {command}" in said.out
    assert "Usage" not in said.out.replace("Usage:", "") or CHINESE.search(said.out)


def test_the_whole_work_step_by_step(empty_desk, call, year_of_files: list[Path]) -> None:  # type: ignore[no-untyped-def]
    assert call("init").code == 0
    files = list(map(str, year_of_files))
    dry = call("import", "--dry-run", *files)
    assert (dry.code, "试读" in dry.out) == (0, True)
    before = empty_desk.dump()
    assert call("import", *files).code == 0
    assert empty_desk.dump() != before
    settled = call("settle", "2026")
    assert settled.code == 0
    assert re.search(
        r"应付.：[\d,]+\.\d\d 元（[\d,.]+ 万元）人民币[零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整]+", settled.out
    )
    number = re.search(r"taipu-draft-2026-[0-9a-f]{8}", settled.out)
    assert number
    assert call("sheet").code == 0
    assert Path(f"{number[0]}.xlsx").is_file()
    assert call("check") == (0, "", "")
    assert number[0] in call("status").out


def test_settle_writes_the_workbook_that_sheet_writes(desk, call) -> None:  # type: ignore[no-untyped-def]
    said = call("settle", "2026", "--sheet", "一.xlsx")
    assert (said.code, "已写出：一.xlsx" in said.out) == (0, True)
    assert said.out.rpartition("SHA-256：")[2] == call("sheet", "--out", "二.xlsx").out.rpartition("SHA-256：")[2]
    assert Path("一.xlsx").read_bytes() == Path("二.xlsx").read_bytes()


def test_what_was_known_then_is_not_written_as_a_settlement(desk, call) -> None:  # type: ignore[no-untyped-def]
    said = call("settle", "2026", "--known-at", "2027-03-31", "--sheet", "一.xlsx")
    assert (said.code, "--known-at" in said.err, Path("一.xlsx").exists()) == (2, True, False)


def test_every_step_can_be_repeated_and_changes_nothing(desk, call, year_of_files: list[Path]) -> None:  # type: ignore[no-untyped-def]
    assert call("sheet", "--out", "一.xlsx").code == 0
    before = desk.dump()
    assert "已是最新" in call("init").out
    again = call("import", *map(str, year_of_files))
    assert again.code == 0
    assert again.out.count("未重复导入") == len(year_of_files)
    assert "未重复保存" in call("settle", "2026").out
    assert call("sheet", "--out", "二.xlsx").code == 0
    for command in (["status"], ["check"], ["explain"], ["quality", "太浦河桥", "2026-07"], ["agreement", "list"]):
        assert call(*command).code == 0
    assert desk.dump() == before
    assert Path("一.xlsx").read_bytes() == Path("二.xlsx").read_bytes()


def test_a_stored_settlement_comes_out_again_whatever_was_imported_since(desk, call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert call("sheet", "--out", "前.xlsx").code == 0
    number = re.search(r"taipu-draft-2026-[0-9a-f]{8}", call("status").out)
    assert number
    later = tmp_path / "迟到.csv"
    later.write_text(
        "断面名称,监测时间,水质类别,高锰酸盐指数,氨氮,总磷\n太浦河桥,2025-01-05 08:00,Ⅱ,3.1,0.2,0.08\n",
        encoding="utf-8",
    )
    assert call("import", str(later)).code == 0
    assert call("check").code == 0
    assert call("sheet", number[0], "--out", "后.xlsx").code == 0
    assert Path("前.xlsx").read_bytes() == Path("后.xlsx").read_bytes()


def test_hand_samples_do_not_stand_in_for_a_station(desk, call, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    before = call("settle", "2026").out
    sample = tmp_path / "人工采样_太浦河桥.csv"
    sample.write_text(
        "断面名称,采样日期,监测方式,高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L)\n太浦河桥,2026-05-10,人工,14.9,1.9,0.39\n",
        encoding="utf-8",
    )
    said = call("import", str(sample))
    if said.code != 0:
        pytest.skip(f"this hand sampling form is not taken: {said.err}")
    connection = sqlite3.connect(desk.database)
    methods = {row[0] for row in connection.execute("SELECT DISTINCT method FROM reading")}
    connection.close()
    assert methods == {1, 2}
    amounts = [re.findall(r"应付.：([\d,.]+) 元", text) for text in (before, call("settle", "2026").out)]
    assert amounts[0] == amounts[1]


def test_a_year_without_data_is_undetermined_and_lists_what_is_missing(desk, call) -> None:  # type: ignore[no-untyped-def]
    said = call("settle", "2027")
    assert said.code == 4
    assert "结果未定" in said.out
    for name in ("汾湖大桥(界标)", "太浦河桥", "金泽取水口", "嘉善平湖取水口", "高锰酸盐指数", "2027-01", "取水量"):
        assert name in said.out
    assert "人民币" not in said.out
    assert call("check").code == 0


def test_a_provisional_result_says_so_and_what_it_leaves_out(desk, call) -> None:  # type: ignore[no-untyped-def]
    said = call("settle", "2027", "--provisional")
    assert said.code == 0
    assert said.out.startswith("〔暂算〕")
    assert "暂算未计" in said.out


def test_a_year_outside_the_term_is_refused_and_only_compared_by_backtest(desk, call) -> None:  # type: ignore[no-untyped-def]
    before = desk.dump()
    for year in ("2025", "2029"):
        said = call("settle", year)
        assert said.code == 2
        assert "不在协议期限内" in said.err
        assert "--backtest" in said.err
    assert desk.dump() == before
    said = call("settle", "2025", "--backtest")
    assert said.code == 4
    assert "回测" in said.out


def test_an_explanation_is_there_as_text_and_as_data(desk, call) -> None:  # type: ignore[no-untyped-def]
    text = call("explain", "--party", "沪", "--depth", "3")
    assert (text.code, "沪" in text.out, "〔" in text.out) == (0, True, True)
    data = json.loads(call("explain", "--clause", "第三条", "--format", "json").out)
    schema = json.loads((DOCS / "explain-schema.json").read_text(encoding="utf-8"))
    assert violations(schema, schema, data) == []
    assert data["steps"]
    assert len(set(walked(data["steps"], "unit"))) > 3
    assert {"第三条", "第九条"} <= set(walked(data["steps"], "clause"))


def test_an_explanation_goes_down_to_the_rows_of_the_files_and_ends(desk, call) -> None:  # type: ignore[no-untyped-def]
    data = json.loads(call("explain", "--party", "沪", "--depth", "99", "--format", "json").out)
    numbers = [number for number in walked(data["steps"], "number") if number]
    assert numbers == list(range(1, len(numbers) + 1))
    assert set(walked(data["steps"], "see")) <= {0, *numbers}
    days = [step for step in each_step(data["steps"]) if step["label"].endswith("日均值") and step["below"]]
    rows = [(day["label"], row["source"]) for day in days for row in day["below"]]
    assert len(rows) == len(set(rows)) > 5_000
    assert all("》第 " in source for _, source in rows)
    text = call("explain", "--party", "沪", "--depth", "99").out
    assert text.count("，推导见") == sum(see > 0 for see in walked(data["steps"], "see"))


def test_a_payment_is_explained_by_who_pays_whom(desk, call) -> None:  # type: ignore[no-untyped-def]
    told = call("explain", "--party", "沪", "--to", "苏", "--depth", "1").out
    assert re.search(r"沪付苏 ＝ [0-9,]+\.[0-9]{2} 元", told)
    assert "没有说谁付" in call("explain", "--to", "苏").err
    assert "没有沪付沪的款" in call("explain", "--party", "沪", "--to", "沪").err
    assert "不是本协议的缔约方" in call("explain", "--party", "沪", "--to", "皖").err


def walked(steps: list[dict[str, Any]], name: str) -> Iterator[Any]:
    """One field of every step."""
    return (step[name] for step in each_step(steps))


def each_step(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every step, those below after the one above."""
    for step in steps:
        yield step
        yield from each_step(step["below"])


def violations(schema: dict[str, Any], whole: dict[str, Any], value: Any, where: str = "$") -> list[str]:
    """What of a value is not as the schema says; of JSON Schema only what the schema uses."""
    if "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rpartition("/")[2]]
    kinds: dict[str, type] = {"object": dict, "array": list, "string": str, "integer": int}
    if "const" in schema:
        return [] if value == schema["const"] else [f"{where} is {value}"]
    if not isinstance(value, kinds[schema["type"]]):
        return [f"{where} is no {schema['type']}"]
    found = []
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{where} is {value!r}")
    if isinstance(value, int) and value < schema["minimum"]:
        found.append(f"{where} is {value}")
    if isinstance(value, list):
        for number, each in enumerate(value):
            found += violations(schema["items"], whole, each, f"{where}[{number}]")
    if isinstance(value, dict):
        known = schema["properties"]
        found += [f"{where} lacks {name}" for name in schema["required"] if name not in value]
        found += [f"{where} has {name}" for name in value if name not in known]
        for name in value.keys() & known.keys():
            found += violations(known[name], whole, value[name], f"{where}.{name}")
    return found


def test_what_is_not_by_the_schema_is_noticed(desk, call) -> None:  # type: ignore[no-untyped-def]
    schema = json.loads((DOCS / "explain-schema.json").read_text(encoding="utf-8"))
    data = json.loads(call("explain", "--clause", "第三条", "--format", "json", "--depth", "1").out)
    step = data["steps"][0]
    for changes in (
        {"exact": "0.5"},
        {"label": ""},
        {"more": ""},
        {"below": {}},
        {"unit": 1},
        {"see": -1},
        {"number": ""},
    ):
        broken = {**data, "steps": [{**step, **changes}]}
        assert len(violations(schema, schema, broken)) == 1
    assert violations(schema, schema, {**data, "schema": 1}) == ["$.schema is 1"]
    del step["source"]
    assert violations(schema, schema, data) == ["$.steps[0] lacks source"]


def test_check_speaks_up_when_history_was_changed(desk, call) -> None:  # type: ignore[no-untyped-def]
    connection = sqlite3.connect(desk.database)
    triggers = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    assert triggers
    for name in triggers:
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.execute("UPDATE reading SET mantissa = mantissa + 1 WHERE mantissa IS NOT NULL")
    connection.commit()
    connection.close()
    said = call("check")
    assert said.code == 1
    assert "不成立" in said.err


def test_the_demo_leaves_the_database_of_the_folder_alone(desk, call) -> None:  # type: ignore[no-untyped-def]
    before = desk.dump()
    assert call("demo", "--folder", str(desk.folder)).code == 0
    assert desk.dump() == before
    assert len(list(desk.folder.glob("*结算工作簿*.xlsx"))) == 1


def test_small_questions_do_not_load_what_builds_queries(empty_desk, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert empty_desk.run("init").code == 0
    file = empty_desk.folder / "人工采样_2026.csv"
    file.write_text("断面名称,采样时间,总磷(mg/L)\n太浦河桥,2026-01-05 09:00,0.08\n", encoding="utf-8")
    assert empty_desk.run("import", str(file)).code == 0
    for asked in (["status"], ["import", str(file)]):
        said, loaded = _loading(empty_desk, *asked)
        assert not loaded & {"sqlalchemy", "alembic", "openpyxl"}, asked
    assert "内容相同，未重复导入" in said


def test_no_command_loads_a_mapper_or_the_dialect_of_another_database(empty_desk) -> None:  # type: ignore[no-untyped-def]
    file = empty_desk.folder / "人工采样_2026.csv"
    file.write_text("断面名称,采样时间,总磷(mg/L)\n太浦河桥,2026-01-05 09:00,0.08\n", encoding="utf-8")
    _, loaded = _loading(empty_desk, "init")
    assert "alembic" in loaded
    for asked in (["import", str(file)], ["section", "list"], ["check"]):
        _, loaded = _loading(empty_desk, *asked)
        assert "sqlalchemy" in loaded
        assert not loaded & {"sqlalchemy.orm", "sqlalchemy.dialects.postgresql", "alembic", "openpyxl"}, asked


def _loading(desk, *asked: str) -> tuple[str, set[str]]:  # type: ignore[no-untyped-def]
    """What a command says, and the modules it loads."""
    script = "import sys; from compensation.cli.main import main\ntry: main()\nfinally: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script, *asked], cwd=desk.folder, env=desk.env, capture_output=True, check=True
    )
    *said, modules = done.stdout.decode().splitlines()
    return "\n".join(said), set(modules.split())


@pytest.mark.parametrize("package", ["application", "sheets", "store"])
def test_every_name_of_a_package_is_there_when_asked_for(package: str) -> None:
    module = import_module(f"compensation.{package}")
    assert all(getattr(module, name) is not None for name in module.__all__)
    with pytest.raises(AttributeError, match="has no attribute"):
        module.no_such_name  # noqa: B018
