"""未定: a value that is not there, and knows what it lacks. It is never zero."""

from dataclasses import dataclass
from typing import NamedTuple


class MissingItem(NamedTuple):
    """One thing a result lacks: at which section, of which indicator, for which period, and what about it."""

    section: str
    indicator: str
    period: str
    what: str

    def __str__(self) -> str:
        place = " ".join(part for part in (self.section, self.indicator, self.period) if part)
        return f"{place}：{self.what}" if place else self.what


@dataclass(frozen=True, slots=True)
class Missing:
    """The undetermined value with everything it lacks; combining two of them lacks both."""

    items: frozenset[MissingItem]

    def __or__(self, other: "Missing") -> "Missing":
        return Missing(self.items | other.items)

    def listed(self) -> tuple[MissingItem, ...]:
        """What is missing, in a fixed order."""
        return tuple(sorted(self.items))


def missing(what: str, section: str = "", indicator: str = "", period: str = "") -> Missing:
    """A Missing with a single item."""
    return Missing(frozenset({MissingItem(section, indicator, period, what)}))
