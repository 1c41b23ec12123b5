"""All that a settlement stands on, before any data rule: exact as plain data, so that another side can begin there.

Plain data are what JSON holds: a table has the names of its fields and its rows, a fraction is "n/d", a day is ISO
8601, a state or status its number. Reading them back gives equal records, or a ValueError that names the field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import IntEnum
from fractions import Fraction
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from compensation.settlement.evidence import DaySum, Decided, Gathered, MonthWaiting, Omission, gather
from rules.agreement import Agreement
from rules.evidence import (
    BalanceFact,
    ChargedFact,
    ExemptionFact,
    IncidentFact,
    InKindFact,
    TransferFact,
    VolumeFact,
)

R = TypeVar("R", bound=tuple[Any, ...])


class MonthVolume(NamedTuple):
    """The water of a section in a month, for the tables of intakes and flows."""

    section: str
    month: str
    volume: VolumeFact


@dataclass(frozen=True, slots=True)
class Records:
    """Daily sums and the other records; `left_out` counts what never came as far as a daily sum (剔除)."""

    day_sums: tuple[DaySum, ...] = ()
    volumes: tuple[MonthVolume, ...] = ()
    flows: tuple[MonthVolume, ...] = ()
    incidents: tuple[IncidentFact, ...] = ()
    exemptions: tuple[ExemptionFact, ...] = ()
    in_kind: tuple[InKindFact, ...] = ()
    last_year: tuple[TransferFact, ...] = ()
    charged: tuple[ChargedFact, ...] = ()
    balances: tuple[BalanceFact, ...] = ()
    left_out: tuple[Omission, ...] = ()
    waiting: tuple[MonthWaiting, ...] = ()
    decided: tuple[Decided, ...] = ()


def gather_records(agreement: Agreement, as_of: date, records: Records) -> Gathered:
    """The records under the agreement's data rules, taken as of `as_of`."""
    gathered = gather(
        agreement,
        as_of,
        records.day_sums,
        volumes={(each.section, each.month): each.volume for each in records.volumes},
        flows={(each.section, each.month): each.volume for each in records.flows},
        incidents=records.incidents,
        exemptions=records.exemptions,
        in_kind=records.in_kind,
        last_year=records.last_year,
        charged=records.charged,
        balances=records.balances,
        waiting=records.waiting,
    )
    return Gathered(gathered.evidence, (*gathered.omissions, *records.left_out), records.decided)


_ROWS: dict[str, type[tuple[Any, ...]]] = {
    field.name: get_args(get_type_hints(Records)[field.name])[0] for field in fields(Records)
}


def as_plain(records: Records) -> dict[str, Any]:
    """The records as plain data, every table in the order of the records."""
    return {name: table(kind, getattr(records, name)) for name, kind in _ROWS.items()}


def from_plain(plain: Mapping[str, Any]) -> Records:
    """The records of plain data; ValueError when a table, field or value is not what it should be."""
    if not isinstance(plain, dict) or plain.keys() != _ROWS.keys():
        raise ValueError("tables")
    found: dict[str, Any] = {name: rows(kind, plain[name], name) for name, kind in _ROWS.items()}
    return Records(**found)


def table(kind: type[R], records: Sequence[R]) -> dict[str, Any]:
    """Records of one kind: their fields, then a row each."""
    return {"fields": list(_hints(kind)), "rows": [_plain(each) for each in records]}


def rows(kind: type[R], plain: Any, name: str) -> tuple[R, ...]:
    """The records of a table; ValueError names the table, the row and the field that is not what it should be."""
    if not isinstance(plain, dict) or plain.get("fields") != list(_hints(kind)) or type(plain.get("rows")) is not list:
        raise ValueError(f"{name}: fields")
    return tuple(_record(kind, row, f"{name}[{number}]") for number, row in enumerate(plain["rows"]))


def _hints(kind: type[Any]) -> dict[str, Any]:
    if kind not in _KNOWN:
        _KNOWN[kind] = get_type_hints(kind)
    return _KNOWN[kind]


_KNOWN: dict[type[Any], dict[str, Any]] = {}


def _plain(value: Any) -> Any:
    if isinstance(value, IntEnum):
        return int(value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return value


def _record(kind: type[R], row: Any, where: str) -> R:
    hints = _hints(kind)
    if type(row) is not list or len(row) != len(hints):
        raise ValueError(where)
    return kind(*(_value(hint, each, f"{where}.{name}") for (name, hint), each in zip(hints.items(), row, strict=True)))


def _value(hint: Any, plain: Any, where: str) -> Any:
    if get_origin(hint) is UnionType:
        if plain is None and NoneType in get_args(hint):
            return None
        hint = next(each for each in get_args(hint) if each is not NoneType)
    if get_origin(hint) is tuple:
        if type(plain) is not list:
            raise ValueError(where)
        return tuple(_value(get_args(hint)[0], each, where) for each in plain)
    if get_origin(hint) is not None:  # a mapping of texts to fractions
        if not isinstance(plain, dict):
            raise ValueError(where)
        return {key: _value(Fraction, each, where) for key, each in plain.items()}
    if hint in (int, str, bool):
        if type(plain) is not hint:
            raise ValueError(where)
        return plain
    if issubclass(hint, tuple):
        return _record(hint, plain, where)
    return _made(hint, plain, where)


def _made(hint: Any, plain: Any, where: str) -> Any:
    is_number = issubclass(hint, IntEnum)
    wanted: type[Any] = int if is_number else str
    make: Callable[[Any], Any] = hint if is_number else _MAKERS[hint]
    if type(plain) is not wanted:
        raise ValueError(where)
    try:
        value = make(plain)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(where) from error
    if _plain(value) != plain:
        raise ValueError(where)
    return value


_MAKERS: dict[Any, Callable[[str], Any]] = {
    Fraction: Fraction,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
}
