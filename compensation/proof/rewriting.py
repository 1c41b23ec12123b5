"""An agreement written otherwise: its parties renamed, its lists turned round, its money multiplied.

Names and order are changed in the text of the file, so that reading it is put to the proof as well.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from compensation.agreement.loader import parse
from compensation.expression import Unit
from rules.agreement import Agreement, Parameter
from rules.evidence import Evidence


def other_names(agreement: Agreement) -> dict[str, str]:
    """Other codes for the parties, in the same order."""
    return {code: f"{900001 + at}" for at, code in enumerate(sorted(party.code for party in agreement.parties))}


def renamed(agreement: Agreement, names: Mapping[str, str]) -> Agreement:
    """The agreement as its file would read with other party codes."""
    return _renamed(agreement.text, tuple(sorted(names.items())))


@lru_cache(maxsize=4)
def _renamed(text: str, names: tuple[tuple[str, str], ...]) -> Agreement:
    codes = dict(names)
    places: list[tuple[int, int, str]] = []
    for party in _listed(_composed(text), "parties"):
        code = _at(party, "code")
        if isinstance(code, ScalarNode):
            places.append((code.start_mark.index, code.end_mark.index, codes[str(code.value)]))
    for start, end, new in sorted(places, reverse=True):
        text = f'{text[:start]}"{new}"{text[end:]}'
    return parse("改名", text)


def renamed_evidence(evidence: Evidence, names: Mapping[str, str]) -> Evidence:
    """The evidence with other party codes."""
    return replace(
        evidence,
        incidents=tuple(
            fact._replace(
                responsibility={names[code]: share for code, share in fact.responsibility.items()},
                cost_bearer=names.get(fact.cost_bearer, ""),
            )
            for fact in evidence.incidents
        ),
        in_kind=tuple(
            fact._replace(contributor=names[fact.contributor], receiver=names[fact.receiver])
            for fact in evidence.in_kind
        ),
        last_year=tuple(fact._replace(payer=names[fact.payer], payee=names[fact.payee]) for fact in evidence.last_year),
        charged=tuple(fact._replace(party=names.get(fact.party, "")) for fact in evidence.charged),
    )


@lru_cache(maxsize=4)
def turned_round(text: str) -> Agreement:
    """The agreement of a file with its parties and its sections listed the other way round."""
    root = _composed(text)
    for name in ("parties", "sections"):
        listed = _at(_at(root, "scope"), name)
        if isinstance(listed, SequenceNode):
            listed.value = list(reversed(listed.value))
    return parse("换序", yaml.serialize(root, Dumper=yaml.SafeDumper, allow_unicode=True))


def _composed(text: str) -> Node | None:
    root: Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    return root


def _at(node: Node | None, name: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for key, value in node.value if key.value == name), None)


def _listed(root: Node | None, name: str) -> list[Node]:
    listed = _at(_at(root, "scope"), name)
    return list(listed.value) if isinstance(listed, SequenceNode) else []


def multiplied(agreement: Agreement, factor: int) -> Agreement:
    """The agreement with every figure that is money, or a price, multiplied."""
    changed: Agreement = _multiplied(agreement, factor)
    return changed


def _multiplied(value: Any, factor: int) -> Any:
    if isinstance(value, Parameter):
        if dict(value.unit.dims).get("元") != 1:
            return value
        return replace(value, spans=tuple(span._replace(value=span.value * factor) for span in value.spans))
    if is_dataclass(value) and not isinstance(value, type | Unit):
        changed = {each.name: _multiplied(getattr(value, each.name), factor) for each in fields(value)}
        return replace(value, **changed)
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(_multiplied(each, factor) for each in value)
    if isinstance(value, Mapping):
        return {key: _multiplied(each, factor) for key, each in value.items()}
    return value


def multiplied_evidence(evidence: Evidence, factor: int) -> Evidence:
    """The evidence with every amount of money multiplied."""

    def times(amount: Fraction | None) -> Fraction | None:
        return None if amount is None else amount * factor

    return replace(
        evidence,
        incidents=tuple(fact._replace(cost_yuan=times(fact.cost_yuan)) for fact in evidence.incidents),
        in_kind=tuple(fact._replace(value_yuan=fact.value_yuan * factor) for fact in evidence.in_kind),
        last_year=tuple(fact._replace(amount_yuan=times(fact.amount_yuan)) for fact in evidence.last_year),
        charged=tuple(fact._replace(amount_yuan=fact.amount_yuan * factor) for fact in evidence.charged),
        balances=tuple(fact._replace(amount_yuan=times(fact.amount_yuan)) for fact in evidence.balances),
    )
