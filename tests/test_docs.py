"""The guides say what the software does: commands, options, parts of an agreement, and what real data come to."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from compensation.agreement.loader import parse
from compensation.cli.main import COMMANDS, cli
from compensation.errors import AgreementError
from compensation.proof import strategies
from rules.agreement import Agreement
from rules.joint_fund import fund_pays
from rules.measures import MEASURES, water_asked
from rules.parts import PartSpec
from rules.tariffs import TARIFFS

CHECKOUT = Path(__file__).resolve().parent.parent
DOCS = CHECKOUT / "docs"
GUIDES = ("agreement-authoring.md", "agreement-authoring.zh-CN.md")
LESSONS = ("太浦河桥", "2026-07", "2026-08")
# Words that click itself would say in English.
ENGLISH = re.compile(
    r"Usage:|Options:|Commands:|Show this|Show the|\[OPTIONS\]|\[ARGS\]|\[default|\[required|INTEGER|DIRECTORY"
)


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that can be called, with the words that call it."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, (*path, name))
    else:
        yield path, command


def undocumented(guide: str, found: list[tuple[tuple[str, ...], click.Command]]) -> list[str]:
    """Commands and options that a guide does not mention, each option somewhere near nothing else of its name."""
    missing = []
    for path, command in found:
        name = " ".join(path)
        if not re.search(rf"compensation {re.escape(name)}\b", guide):
            missing.append(name)
        options = [each for each in command.params if isinstance(each, click.Option)]
        missing += [f"{name} {each.opts[0]}" for each in options if not re.search(rf"{each.opts[0]}(?![\w-])", guide)]
    return missing


def test_the_user_guide_mentions_every_command_and_option() -> None:
    found = list(commands(cli))
    assert len(found) >= len(COMMANDS)
    assert undocumented(read("user-guide.md"), found) == []


def test_an_undocumented_command_or_option_is_noticed() -> None:
    @click.command()
    @click.option("--loudly", is_flag=True)
    @click.option("--year")
    def sing(loudly: bool, year: str) -> None: ...

    assert undocumented(read("user-guide.md"), [(("sing",), sing)]) == ["sing", "sing --loudly"]


def test_the_user_guide_lists_every_exit_code_that_help_lists() -> None:
    told = CliRunner().invoke(cli, ["--help"]).output
    codes = re.findall(r"^ +(\d)  \S", told, re.MULTILINE)
    assert codes == ["0", "1", "2", "3", "4", "5"]
    assert [code for code in codes if not re.search(rf"^\| {code} \| \S", read("user-guide.md"), re.MULTILINE)] == []


@pytest.mark.parametrize("path", [(), *(path for path, _ in commands(cli)), ("agreement",)], ids=" ".join)
def test_help_is_in_chinese(path: tuple[str, ...]) -> None:
    told = CliRunner().invoke(cli, [*path, "--help"])
    assert told.exit_code == 0
    assert ENGLISH.findall(told.output) == []
    assert told.output.startswith("用法：")


# what real data come to


def lessons_in_guide() -> str:
    found = re.search(
        r"<!-- 四条教训：开始 -->\n```\n(.*?)\n```\n<!-- 四条教训：结束 -->", read("user-guide.md"), re.DOTALL
    )
    assert found
    return found[1]


@pytest.mark.real
def test_the_lessons_of_the_user_guide_come_out_of_the_real_file(
    shared_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPENSATION_DATABASE_URL", f"sqlite:///{tmp_path / 'lessons.db'}")
    source = shared_dir / "data" / "cnemc_2026_taipu_bridge.csv"
    for arguments in (["init"], ["import", str(source)]):
        assert CliRunner().invoke(cli, arguments).exit_code == 0
    printed = CliRunner().invoke(cli, ["quality", *LESSONS]).stdout
    # blanks at the end of a line are the terminal's, not the guide's
    assert [line.rstrip() for line in printed.rstrip("\n").splitlines()] == [
        line.rstrip() for line in lessons_in_guide().splitlines()
    ]


def test_the_user_guide_names_the_source_of_the_real_data() -> None:
    guide = read("user-guide.md")
    assert "中国环境监测总站" in guide
    assert f"compensation quality {' '.join(LESSONS)}" in guide


def test_the_lessons_read_from_the_table_are_in_the_table() -> None:
    rows = [line.split() for line in lessons_in_guide().splitlines() if re.match(r"2026-\d\d +(计入|不计)", line)]
    assert len(rows) == 16
    assert {row[4] for row in rows if row[1] == "计入"} == {"Ⅳ"}
    july = {(row[2], row[3]): row[4] for row in rows if row[:2] == ["2026-07", "不计"]}
    assert july["不修约", "逐条平均"] == "Ⅲ"
    assert july["先修约", "逐条平均"] == july["不修约", "先日后月"] == "Ⅱ"
    assert {row[4] for row in rows if row[:2] == ["2026-08", "不计"]} == {"Ⅲ"}


# the authoring guides


def blocks(text: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


def section(text: str, kind: str) -> str:
    """The part of a guide under the heading of one kind; empty when there is none."""
    found = re.search(rf"^### `{kind}` .*?(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def with_clause(skeleton: str, clause: str) -> Agreement:
    indented = "".join(f"    {line}\n" for line in clause.splitlines())
    return parse("guide.yaml", skeleton.replace("  clauses:\n", f"  clauses:\n{indented}", 1))


def names(spec: PartSpec) -> set[str]:
    """Every key that an author may write in a part."""
    found = {*spec.figures, *spec.tables, *spec.options, *spec.sections}
    if spec.rows is not None:
        found |= {spec.rows_name, *spec.rows.options}
    return found


def lacking(guide: str, kind: str, spec: PartSpec) -> list[str]:
    """What the guide does not say about a kind: everything when it has no section."""
    text = section(guide, kind)
    if not text:
        return [kind]
    keys = [key for key in names(spec) if not re.search(rf"\b{key}\b", text)]
    return keys + [choice for choices in spec.options.values() for choice in choices if choice not in text]


@pytest.mark.parametrize("name", GUIDES)
def test_every_measure_and_tariff_has_a_section_that_names_its_keys(name: str) -> None:
    specs = {kind: spec for kind, (spec, _) in {**MEASURES, **TARIFFS}.items()}
    guide = read(name)
    assert {kind: keys for kind, spec in specs.items() if (keys := lacking(guide, kind, spec))} == {}


def test_a_kind_without_a_section_is_noticed() -> None:
    assert lacking(read(GUIDES[0]), "moon_phase", PartSpec("月相")) == ["moon_phase"]
    assert lacking(read(GUIDES[0]), "fixed", PartSpec("固定", options={"phase": ("waxing",)})) == ["phase", "waxing"]


@pytest.mark.parametrize("name", GUIDES)
def test_every_section_is_about_a_kind_that_exists(name: str) -> None:
    kinds = re.findall(r"^### `(\w+)` ", read(name), re.MULTILINE)
    assert sorted(kinds) == sorted([*MEASURES, *TARIFFS, "pool", "incident"])


@pytest.mark.parametrize("kind", [*MEASURES, *TARIFFS, "pool", "incident"])
def test_the_example_of_a_section_loads_and_is_of_its_kind(kind: str) -> None:
    guide = read(GUIDES[0])
    skeleton = blocks(guide)[0]
    (example,) = blocks(section(guide, kind))
    clause = with_clause(skeleton, example).clauses[0]
    assert kind in {clause.kind, clause.measure.kind, clause.tariff.kind}


def test_the_skeleton_and_its_money_load() -> None:
    skeleton, *_, money = blocks(read(GUIDES[0]))
    assert parse("guide.yaml", skeleton).money.advance_share is None
    rounding = re.search(r"^    rounding: \{clause.*\n", skeleton, re.MULTILINE)
    assert rounding
    indented = "".join(f"    {line}\n" for line in money.splitlines())
    assert parse("guide.yaml", skeleton.replace(rounding[0], indented)).money.advance_share is not None


def test_the_example_of_shares_by_water_loads() -> None:
    skeleton, *_ = blocks(read(GUIDES[0]))
    example = read(GUIDES[0]).split("## Shares by water")[1].split("```yaml\n")[1].split("```")[0]
    agreement = with_clause(skeleton, example)
    clause = agreement.clauses[0]
    assert [cap.side for cap in clause.caps] == ["payer", "payer"]
    assert set(water_asked(agreement, "flow")) == {"GATE", "BRIDGE"}


def test_the_example_of_a_charge_for_the_fund_loads_beside_the_fund() -> None:
    guide = read(GUIDES[0])
    (fund,) = blocks(section(guide, "pool"))
    example = guide.split("## Into and out of the fund")[1].split("```yaml\n")[1].split("```")[0]
    clauses = with_clause(blocks(guide)[0], fund + example).clauses
    assert [fund_pays(clause) for clause in clauses[:2]] == [False, True]
    with pytest.raises(AgreementError, match="没有账户"):
        with_clause(blocks(guide)[0], example)


def test_a_broken_example_would_be_noticed() -> None:
    guide = read(GUIDES[0])
    (example,) = blocks(section(guide, "tiers"))
    with pytest.raises(AgreementError, match="tiers"):
        with_clause(blocks(guide)[0], example.replace("kind: tiers", "kind: tires"))


def test_both_guides_show_the_same_examples() -> None:
    assert blocks(read(GUIDES[0])) == blocks(read(GUIDES[1]))
    assert snippet(GUIDES[0]) == snippet(GUIDES[1])


def snippet(name: str) -> str:
    (found,) = re.findall(r"```python\n(.*?)```", read(name), re.DOTALL)
    return str(found)


def test_the_example_for_authors_of_rules_runs() -> None:
    names: dict[str, Any] = {}
    exec(compile(snippet(GUIDES[0]), "guide", "exec"), names)
    names["test_no_fund_is_lost"]()
    assert {"agreements", "evidence", "trials"} <= set(strategies.__all__)


# links


@pytest.mark.parametrize(
    "name", ["README.md", "README.zh-CN.md", *sorted(f"docs/{each.name}" for each in DOCS.glob("*.md"))]
)
def test_links_lead_somewhere(name: str) -> None:
    path = CHECKOUT / name
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
