"""For negotiators: candidate rules over the same data, turning points, and what each treatment of the data changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from compensation.agreement.loader import parse
from compensation.application.gathering import Request
from compensation.application.settling import settle_request
from compensation.errors import Fault, InputError
from compensation.quality.classes import parse_class
from compensation.settlement.compare import Comparison, compare
from compensation.settlement.flips import Flip, flips
from compensation.settlement.settle import Settlement
from compensation.settlement.treatments import Treatment, all_treatments, single_changes, under
from compensation.store import Store
from rules.agreement import Agreement
from rules.substitution import substituted


def changed_agreement(agreement: Agreement, settings: Sequence[str]) -> Agreement:
    """The agreement with figures set as `key=value`; InputError names every setting that cannot be read or is unknown.

    A value is a number in the figure's own unit (0.02, 3/4, 60%) or a water-quality class. With it the agreement has to
    be one still: AgreementError says, as for a file, where weights no longer make one or a tier stands out of order.
    """
    changes: dict[str, Fraction] = {}
    faults = []
    for setting in settings:
        key, sign, text = setting.partition("=")
        value = _number(text.strip())
        if not sign or value is None:
            faults.append(Fault(f"--set {setting}", "读不懂", "应为“参数键=数”", "如 --set index.base=2500"))
        else:
            changes[key.strip()] = value
    if faults:
        raise InputError(faults)
    changed = substituted(agreement, changes)
    parse(f"{agreement.key} 试算", agreement.text, changes)
    return changed


def _number(text: str) -> Fraction | None:
    try:
        return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        found = parse_class(text).water_class
        return None if found is None else Fraction(found)


def compare_requests(store: Store, requests: Sequence[Request]) -> Comparison:
    """The same stored data under several agreements."""
    return compare([settle_request(store, request) for request in requests])


def flips_of_request(store: Store, request: Request) -> tuple[Settlement, tuple[Flip, ...]]:
    """The turning points of a settlement."""
    settlement = settle_request(store, request)
    return settlement, flips(settlement)


@dataclass(frozen=True, slots=True)
class Range:
    """How the treatment of the data moves each party's net: by question, and over every combination.

    `by_question` holds, per question and treatment, each party's net in 元 (None: 未定); `lowest` and `highest` span
    all combinations, over those that are determined.
    """

    own: Settlement
    by_question: tuple[tuple[str, Treatment, Mapping[str, Fraction | None]], ...]
    lowest: Mapping[str, Fraction | None]
    highest: Mapping[str, Fraction | None]
    combinations: int
    undetermined: int


def range_of_request(store: Store, request: Request) -> Range:
    """Settle under every admissible treatment of the data."""
    own = settle_request(store, request)
    done: dict[Treatment, Mapping[str, Fraction | None]] = {}
    for treatment in all_treatments():
        settlement = settle_request(store, request._replace(agreement=under(request.agreement, treatment)))
        done[treatment] = _finals(settlement)
    by_question = tuple(
        (question, treatment, done[treatment])
        for question, treatments in single_changes(request.agreement)
        for treatment in treatments
    )
    parties = [party.code for party in request.agreement.parties]
    known = {code: [each for finals in done.values() if (each := finals[code]) is not None] for code in parties}
    return Range(
        own,
        by_question,
        {code: min(amounts, default=None) for code, amounts in known.items()},
        {code: max(amounts, default=None) for code, amounts in known.items()},
        len(done),
        sum(any(amount is None for amount in finals.values()) for finals in done.values()),
    )


def _finals(settlement: Settlement) -> dict[str, Fraction | None]:
    values = {code: position.final.value for code, position in settlement.outcome.positions.items()}
    return {code: value if isinstance(value, Fraction) else None for code, value in values.items()}
