"""What rules may ask for (证据): daily values, volumes, incidents, exemptions, contributions, last year's result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple


class DayValue(NamedTuple):
    """The mean of a day's valid values (or hand samples), in the indicator's unit, and how many there were."""

    value: Fraction
    n: int
    source: str = ""


class VolumeFact(NamedTuple):
    """Water taken at an intake in a month, m³."""

    volume_m3: Fraction
    source: str


class IncidentFact(NamedTuple):
    """An incident: verified cost in 元, shares of responsibility by party code, who bore the cost, the concentration.

    `indicator` None means that the parties declared the incident; otherwise it counts when the concentration exceeds
    the limit. `cost_yuan` None means that the concentration was found but no cost was verified yet.
    """

    number: str
    section: str
    day: date
    indicator: str | None
    concentration: Fraction | None
    cost_yuan: Fraction | None
    responsibility: Mapping[str, Fraction]
    cost_bearer: str
    source: str


class ExemptionFact(NamedTuple):
    """Days taken out at a section, both included, by the document that recognises it."""

    section: str
    first: date
    last: date
    reason: str
    document: str


class InKindFact(NamedTuple):
    """A technology, talent or industry contribution at its agreed value, 元."""

    contributor: str
    receiver: str
    kind: str
    description: str
    value_yuan: Fraction
    source: str


class ChargedFact(NamedTuple):
    """What earlier settlements of the term already charged under a clause in one direction, 元.

    For a section and an indicator where these are known. With `party` it is what that party bore of it, and no further
    charge; the clause caps the parties of one side one by one.
    """

    clause: str
    backward: bool
    amount_yuan: Fraction
    source: str
    section: str = ""
    indicator: str = ""
    party: str = ""


class BalanceFact(NamedTuple):
    """What the settlement of the year before left in the fund of a clause (结转), 元; None when it is not known."""

    clause: str
    amount_yuan: Fraction | None
    source: str


class TransferFact(NamedTuple):
    """What last year's settlement had one party pay another, 元; None when there is no settlement to say it."""

    payer: str
    payee: str
    amount_yuan: Fraction | None
    source: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a settlement of a period stands on; days and values already under the agreement's data rules."""

    days: Mapping[tuple[str, str], Mapping[date, DayValue]]
    volumes: Mapping[tuple[str, str], VolumeFact] = field(default_factory=dict)
    incidents: tuple[IncidentFact, ...] = ()
    exemptions: tuple[ExemptionFact, ...] = ()
    in_kind: tuple[InKindFact, ...] = ()
    last_year: tuple[TransferFact, ...] = ()
    charged: tuple[ChargedFact, ...] = ()
    flows: Mapping[tuple[str, str], VolumeFact] = field(default_factory=dict)  # water that passed a section in a month
    months: Mapping[tuple[str, str], Mapping[str, Fraction]] = field(default_factory=dict)
    """Monthly means by section and indicator, and by month name: where a month is given here, days are not asked."""
    balances: tuple[BalanceFact, ...] = ()  # what funds carry over from the year before
    waiting: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    """How many values in doubt wait to be verified, where the agreement asks: by section, indicator and month."""
