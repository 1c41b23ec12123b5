"""The chain (哈希链): each act's hash covers its content and the hash before it, so that nothing can change unseen."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from compensation.ledger.records import Act, Deed

SCHEMA = 1
START = "0" * 64
"""What stands before the first act."""


def hash_of(number: int, recorded_at: int, previous_hash: str, deed: Deed) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of an act and of the hash before it."""
    content = [SCHEMA, number, recorded_at, previous_hash, _plain(deed)]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def linked(number: int, recorded_at: int, previous_hash: str, deed: Deed) -> Act:
    """A deed with its place in the chain."""
    return Act(number, deed, recorded_at, previous_hash, hash_of(number, recorded_at, previous_hash, deed))


def breaks(acts: Iterable[Act]) -> Iterator[str]:
    """Where the chain is broken, in Chinese; nothing when it is whole."""
    previous, expected, moment = START, 1, -1
    for act in acts:
        if act.number != expected:
            yield f"第 {expected} 号之后缺号，接着是第 {act.number} 号"
        if act.previous_hash != previous:
            yield f"第 {act.number} 号与前一号不相接"
        if act.hash != hash_of(act.number, act.recorded_at, act.previous_hash, act.deed):
            yield f"第 {act.number} 号（{act.deed.settlement} {act.deed.kind.label}）的内容与其哈希不符"
        if act.recorded_at <= moment:
            yield f"第 {act.number} 号的登记时间不晚于前一号"
        previous, expected, moment = act.hash, act.number + 1, act.recorded_at


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "_asdict"):
        return {name: _plain(each) for name, each in value._asdict().items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
