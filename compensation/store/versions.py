"""What stands when the same section, indicator, time and method is reported again. Pure; one key at a time.

Every observation is a content (value, state, status) with the snapshot time its file states, or none. The contents
that *stand* are those of the latest stated snapshot, and those ever seen without one, which nothing can outdate.
One standing content is the value of the key; several are a conflict, undecided until somebody decides. This is a
property of the set of observations alone: the order in which files arrive, or how they are split, changes nothing.

What is appended is the history of that answer: a new version when an observation changes what stands, or brings a
content never seen; a confirmation when it adds a later snapshot to what stands already; otherwise nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

_EARLIER_THAN_ALL = -(2**63)


class Flag(IntEnum):
    """What a version was when it was appended."""

    STANDS = 0
    CONFLICT = 1  # 未决: stands beside another
    SUPERSEDED = 2  # a later snapshot was here before it


class Content(NamedTuple):
    """What a reading says: the value in lowest terms, so that 0.50 and 0.5 are one, its state and status."""

    mantissa: int | None
    exponent: int
    state: int
    status: int


class Seen(NamedTuple):
    """An observation; `known_at` is the second of the snapshot its file states, None when it states none."""

    content: Content
    known_at: int | None


class Added(NamedTuple):
    """The outcome of one arrival: a new version, a confirmation of `version`, or neither (identical).

    `against` lists the versions a conflict stands against.
    """

    version: int
    flag: Flag | None  # None: no new version
    confirms: bool
    against: tuple[int, ...]


@lru_cache(maxsize=65536)
def content_of(mantissa: int | None, exponent: int, state: int, status: int) -> Content:
    """Return the content of a reading, its value in lowest terms."""
    if not mantissa:
        return Content(mantissa, 0, state, status)
    while mantissa % 10 == 0:
        mantissa //= 10
        exponent += 1
    return Content(mantissa, exponent, state, status)


@dataclass(slots=True)
class History:
    """The observations of one key so far."""

    latest: dict[Content, int] = field(default_factory=dict)  # latest stated snapshot of each content
    unstated: set[Content] = field(default_factory=set)  # contents seen without a snapshot
    version_of: dict[Content, int] = field(default_factory=dict)  # the latest version that holds each content
    versions: int = 0

    def remember(self, seen: Seen) -> None:
        """Take an observation into account."""
        if seen.known_at is None:
            self.unstated.add(seen.content)
        else:
            self.latest[seen.content] = max(seen.known_at, self.latest.get(seen.content, _EARLIER_THAN_ALL))

    def stored(self, version: int, seen: Seen) -> None:
        """Take a version that the database already holds into account; in order of version."""
        self.remember(seen)
        self.version_of[seen.content] = version
        self.versions = version + 1

    def newest(self) -> int | None:
        """Return the latest stated snapshot of all."""
        return max(self.latest.values(), default=None)

    def standing(self) -> set[Content]:
        """Return the contents that stand."""
        newest = self.newest()
        return self.unstated | {content for content, known_at in self.latest.items() if known_at == newest}

    def arrive(self, seen: Seen) -> Added:
        """Take an arrival into account and say what must be appended for it."""
        known = self.version_of.get(seen.content)
        alone = known is not None and len(self.version_of) == 1
        newest = self.newest()
        before = set() if alone else self.standing()
        was_unstated = seen.content in self.unstated
        self.remember(seen)
        after = set() if alone else self.standing()
        if known is not None and before == after:
            later = seen.known_at is not None and (newest is None or seen.known_at > newest)
            confirms = later or (seen.known_at is None and not was_unstated)
            return Added(known, None, confirms, ())
        against: tuple[int, ...] = ()
        if seen.content not in after:
            flag = Flag.SUPERSEDED
        elif len(after) == 1:
            flag = Flag.STANDS
        else:
            flag = Flag.CONFLICT
            against = tuple(sorted(self.version_of[other] for other in after if other != seen.content))
        version = self.versions
        self.version_of[seen.content] = version
        self.versions += 1
        return Added(version, flag, False, against)


def history(stored: Iterable[tuple[int, Seen]], confirmed: Iterable[Seen]) -> History:
    """Return the history of a key from its stored versions and confirmations."""
    result = History()
    for version, seen in stored:
        result.stored(version, seen)
    for seen in confirmed:
        result.remember(seen)
    return result
