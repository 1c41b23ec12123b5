"""The options that say who does something, when and by which document, alike for every step that is recorded."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import click

from compensation.application.booking import Hand
from compensation.cli.period import DAY
from compensation.ledger.records import Department
from compensation.store import today

Command = TypeVar("Command", bound=Callable[..., Any])
DEPARTMENT = click.Choice([each.label for each in Department])


def hand_options(command: Command) -> Command:
    """--by, --date and --document; --date is today in Beijing when it is not given."""
    for option in (
        click.option("--document", default="", metavar="文号", help="依据文件的文号。"),
        click.option("--date", "day", type=DAY, metavar="日期", help="办理日期，以文件为准；默认今天。"),
        click.option("--by", "made_by", required=True, metavar="何人", help="办理人。"),
    ):
        command = option(command)
    return command


def signing_options(command: Command) -> Command:
    """--party and --department: who signs."""
    for option in (
        click.option("--department", required=True, type=DEPARTMENT, metavar="部门", help="财政 或 环保。"),
        click.option("--party", required=True, metavar="缔约方", help="哪一方，如 沪。"),
    ):
        command = option(command)
    return command


def hand_of(made_by: str, day: datetime | None, document: str, reason: str = "") -> Hand:
    """Who does it, as the options say."""
    return Hand(made_by.strip(), day_of(day), document.strip(), reason.strip())


def day_of(day: datetime | None) -> date:
    """The day an option names; today in Beijing without one."""
    return today() if day is None else day.date()


def department_of(label: str) -> str:
    """The department as it is stored."""
    return next(each.value for each in Department if each.label == label)
