"""An agreement with other figures, for trying out at the table; never to sign."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from typing import Any

from compensation.errors import Fault, InputError
from compensation.expression import Unit
from rules.agreement import Agreement, Parameter


def substituted(agreement: Agreement, changes: Mapping[str, Fraction]) -> Agreement:
    """The agreement with other values for some figures, by key, over all their days; for trying out, never to sign.

    InputError names every key that the agreement does not have. The digest of the text changes with the values.
    """
    known = {parameter.key for parameter in agreement.parameters}
    unknown = sorted(set(changes) - known)
    if unknown:
        near = "用 compensation agreement figures 列出全部参数键"
        raise InputError(
            [Fault(f"参数“{key}”", "协议没有这个参数", f"《{agreement.title}》中没有该键", near) for key in unknown]
        )
    changed: Agreement = _substituted(agreement, changes)
    told = "；".join(f"{key}={value}" for key, value in sorted(changes.items()))
    text = f"{agreement.text}\n# 试算改动：{told}\n"
    title = f"{agreement.title}（试算改动：{told}）"
    return replace(changed, title=title, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())


def _substituted(value: Any, changes: Mapping[str, Fraction]) -> Any:
    if isinstance(value, Parameter):
        if value.key not in changes:
            return value
        spans = tuple(span._replace(value=changes[value.key], source="试算改动") for span in value.spans)
        return replace(value, spans=spans)
    if is_dataclass(value) and not isinstance(value, type | Unit):
        return replace(value, **{each.name: _substituted(getattr(value, each.name), changes) for each in fields(value)})
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(_substituted(each, changes) for each in value)
    if isinstance(value, Mapping):
        return {key: _substituted(each, changes) for key, each in value.items()}
    return value
