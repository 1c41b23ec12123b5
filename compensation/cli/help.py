"""Help and complaints of the command line in Chinese; click's own words are English."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click

_SECTIONS = {"Options": "选项", "Commands": "命令"}
_WORDS = {
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]...",
    "Show this message and exit.": "显示本说明。",
    "Show the version and exit.": "显示版本号。",
    "[default: ": "[默认：",
    "[required]": "[必填]",
    "DIRECTORY": "文件夹",
    "INTEGER RANGE": "整数",
}


def in_chinese(text: str) -> str:
    """`text` with click's own words replaced."""
    for english, chinese in _WORDS.items():
        text = text.replace(english, chinese)
    return text


class ChineseHelp(click.HelpFormatter):
    """Writes usage, options and commands under Chinese headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:  # noqa: ARG002  as click calls it
        """How the command is called."""
        super().write_usage(prog, in_chinese(args), "用法：")

    def write_heading(self, heading: str) -> None:
        """A heading with a full-width colon."""
        self.write(f"{'':>{self.current_indent}}{heading}：\n")

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """A section under its Chinese heading."""
        with super().section(_SECTIONS.get(name, name)):
            yield

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """A list of options or commands."""
        super().write_dl([(in_chinese(name), in_chinese(what)) for name, what in rows], col_max, col_spacing)


class ChineseContext(click.Context):
    """A context whose help is in Chinese."""

    formatter_class = ChineseHelp


def speak_chinese(command: click.Command) -> click.Command:
    """Give a command, and the commands below it, a context whose help is in Chinese."""
    command.context_class = ChineseContext
    if isinstance(command, click.Group):
        for below in command.commands.values():
            speak_chinese(below)
    return command


def complaint(error: click.ClickException) -> str:
    """What was wrong with the way a command was called."""
    if isinstance(error, click.NoSuchOption):
        near = f"，是不是 {'、'.join(error.possibilities)}" if error.possibilities else ""
        return f"没有选项 {error.option_name}{near}"
    if isinstance(error, click.MissingParameter):
        return f"缺少 {_name(error.param)}"
    if isinstance(error, click.BadParameter):
        return f"{_name(error.param)} 的值不对：{_wanted(error)}"
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} 后面要有一个值"
    message = error.format_message()
    for english, chinese in (("No such command ", "没有命令 "), ("Got unexpected extra argument", "多出的参数")):
        if message.startswith(english):
            return chinese + message.removeprefix(english).lstrip("s ").rstrip(".")
    return message.rstrip(".")


def _name(param: click.Parameter | None) -> str:
    if param is None:
        return "参数"
    return param.opts[0] if isinstance(param, click.Option) else str(param.metavar or param.name).strip("[]")


def _wanted(error: click.BadParameter) -> str:
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.IntRange):
        return f"须为 {kind.min} 至 {kind.max} 的整数"
    if isinstance(kind, click.Choice):
        return f"可选 {'、'.join(map(str, kind.choices))}"
    if isinstance(kind, click.DateTime):
        return f"须写成 {'、'.join(_EXAMPLES.get(each, each) for each in kind.formats)} 的形式"
    if kind is click.INT:
        return "须为整数"
    return error.message.rstrip(".")


_EXAMPLES = {"%Y-%m-%d": "2026-07-01", "%Y-%m": "2026-07"}
