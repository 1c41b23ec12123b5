"""The Taipu draft a second time, in plain integers and fractions, written from the text of the draft alone.

Nothing of the engine is used but the records that evidence comes in. Every figure stands here again, so that a wrong
figure in the agreement file shows as well. Amounts are fen; None is 未定.
"""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from rules.evidence import Evidence, IncidentFact

HU, SU, ZHE = "310000", "320000", "330000"
PARTIES = (HU, SU, ZHE)
POOL = "pool"
WAN = 1_000_000  # 万元 in fen

GATE, FENHU, BRIDGE, JINZE, JIAPING = "TAIPU-GATE", "310118_0002", "310118_0003", "TAIPU-JINZE", "TAIPU-JIAPING"
BOUNDARIES = (FENHU, BRIDGE)
INTAKES = (JINZE, JIAPING)
BY_HAND = (JIAPING,)
UPSTREAM = {FENHU: {SU: 100}, BRIDGE: {SU: 70, ZHE: 30}, JINZE: {SU: 80, ZHE: 20}, JIAPING: {SU: 100}}
DOWNSTREAM = {FENHU: {HU: 70, ZHE: 30}, BRIDGE: {HU: 100}, JINZE: {HU: 100}, JIAPING: {ZHE: 100}}
TARGET = 3

COD, NH3, TP = "w01019", "w21003", "w21011"
INDICATORS = (COD, NH3, TP)
DECIMALS = {COD: 1, NH3: 2, TP: 3}
LIMITS = {
    COD: ("2", "4", "6", "10", "15"),
    NH3: ("0.15", "0.5", "1.0", "1.5", "2.0"),
    TP: ("0.02", "0.1", "0.2", "0.3", "0.4"),
}
WEIGHTS = {COD: Fraction(3, 10), NH3: Fraction(3, 10), TP: Fraction(4, 10)}
BASELINE = {
    FENHU: {COD: Fraction("3.9"), NH3: Fraction("0.25"), TP: Fraction("0.080")},
    BRIDGE: {COD: Fraction("3.8"), NH3: Fraction("0.22"), TP: Fraction("0.085")},
}

LineKey = tuple[str, str, str, str, str]  # clause, section, period, payer, payee
Fen = int | None


class Answer(NamedTuple):
    """Lines that are not zero, and what each party finally gets (negative: pays), all in fen."""

    lines: dict[LineKey, Fen]
    net: dict[str, Fen]
    final: dict[str, Fen]
    clearing: dict[str, Fen]
    payments: dict[tuple[str, str], Fen]


def answer(evidence: Evidence, year: int, *, provisional: bool = False) -> Answer:
    """Settle the calendar `year`."""
    river = _River(evidence, year, provisional)
    charges: list[dict[LineKey, Fen]] = [
        *_fund(river),
        *_intake(river),
        *_index(river),
        *_exceedance(river),
        *_incidents(river),
    ]
    lines: dict[LineKey, Fen] = defaultdict(int)
    for charge in charges:
        if provisional and None in charge.values():
            continue
        for key, amount in charge.items():
            there = lines[key]
            lines[key] = None if amount is None or there is None else there + amount
    net = _net(lines)
    final = _limited(_credited(net, evidence))
    share = Fraction(60, 100)
    advances = [(x.payer, x.payee, _half_up(x.amount_yuan * share * 100)) for x in evidence.last_year]
    clearing: dict[str, Fen] = {}
    for party in PARTIES:
        paid = sum(x for payer, _, x in advances if payer == party)
        got = sum(x for _, payee, x in advances if payee == party)
        amount = final[party]
        clearing[party] = None if amount is None else amount + paid - got
    return Answer({k: v for k, v in lines.items() if v != 0}, net, final, clearing, _payments(final))


class _River:
    """Means and classes by the route of the draft: days to months to the year."""

    def __init__(self, evidence: Evidence, year: int, provisional: bool) -> None:
        self.evidence, self.year, self.provisional = evidence, year, provisional
        self.exempt: dict[str, set[date]] = defaultdict(set)
        for fact in evidence.exemptions:
            day = fact.first
            while day <= fact.last:
                self.exempt[fact.section].add(day)
                day += timedelta(1)

    def days(self, month: int) -> list[date]:
        first = date(self.year, month, 1)
        return [d for d in (first + timedelta(n) for n in range(31)) if d.month == month]

    def judged(self, section: str) -> list[int]:
        """Months that keep enough days after the exemptions, whatever was measured."""
        needed = 1 if section in BY_HAND else 20
        kept = []
        for month in range(1, 13):
            days = self.days(month)
            left = [d for d in days if d not in self.exempt[section]]
            if len(left) == len(days) or len(left) >= needed:
                kept.append(month)
        return kept

    def month(self, section: str, code: str, month: int) -> Fraction | None:
        values = self.evidence.days.get((section, code), {})
        there = [values[d].value for d in self.days(month) if d in values and d not in self.exempt[section]]
        return sum(there) / len(there) if len(there) >= (1 if section in BY_HAND else 20) else None

    def whole_year(self, section: str, code: str) -> Fraction | None:
        months = [self.month(section, code, month) for month in self.judged(section)]
        there = [value for value in months if value is not None]
        return sum(there) / len(there) if len(there) >= (1 if self.provisional else 8) else None

    def water_class(self, section: str, month: int | None) -> int | None:
        classes = []
        for code in INDICATORS:
            mean = self.whole_year(section, code) if month is None else self.month(section, code, month)
            if mean is None:
                return None
            value = assessed(mean, DECIMALS[code])
            classes.append(1 + sum(value > Fraction(limit) for limit in LIMITS[code]))
        return max(classes)


def assessed(value: Fraction, decimals: int) -> Fraction:
    """GB/T 8170; a value that would vanish keeps its first significant digit."""
    if value == 0:
        return value
    rounded = _half_even(value, decimals)
    while rounded == 0:
        decimals += 1
        rounded = _half_even(value, decimals)
    return rounded


def _half_even(value: Fraction, decimals: int) -> Fraction:
    scaled = value * 10**decimals
    whole = scaled.numerator // scaled.denominator
    rest = scaled - whole
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1):
        whole += 1
    return Fraction(whole, 10**decimals)


def _half_up(fen: Fraction) -> int:
    doubled = 2 * fen + 1
    return doubled.numerator // (2 * doubled.denominator)


def share_out(amount: int, weights: dict[str, Fraction | int]) -> dict[str, int]:
    """Largest remainder; ties to the larger share, then to the smaller code."""
    whole = sum(weights.values())
    if not whole:
        return dict.fromkeys(weights, 0)
    exact = {party: Fraction(amount) * weight / whole for party, weight in weights.items()}
    given = {party: value.numerator // value.denominator for party, value in exact.items()}
    queue = sorted(weights, key=lambda party: (given[party] - exact[party], -weights[party], party))
    for party in queue[: amount - sum(given.values())]:
        given[party] += 1
    return given


def _split(
    clause: str, section: str, period: str, amount: Fen, payers: dict[str, int], payees: dict[str, int]
) -> dict[LineKey, Fen]:
    pairs: dict[str, Fraction | int] = {f"{a}>{b}": x * y for a, x in payers.items() for b, y in payees.items()}
    given: dict[str, Fen] = dict.fromkeys(pairs)
    if amount is not None:
        given.update(share_out(amount, pairs))
    result: dict[LineKey, Fen] = {}
    for pair, part in given.items():
        payer, payee = pair.split(">")
        if payer != payee:
            result[clause, section, period, payer, payee] = part
    return result


def _fund(river: _River) -> list[dict[LineKey, Fen]]:
    year = f"{river.year}年"
    into = {HU: 5000, SU: 3000, ZHE: 2000}
    out_of = {SU: 6000, ZHE: 2000, HU: 2000}
    charges: list[dict[LineKey, Fen]] = [
        {("第一条", "", year, party, POOL): amount * WAN for party, amount in into.items()},
        {("第一条", "", year, POOL, party): amount * WAN for party, amount in out_of.items()},
    ]
    left = {party: amount * WAN for party, amount in out_of.items()}
    for section in BOUNDARIES:
        reached = river.water_class(section, None)
        charge: dict[LineKey, Fen] = {}
        due = share_out(1000 * WAN if reached is not None and reached > TARGET else 0, dict(UPSTREAM[section]))
        for party, amount in due.items():
            taken = min(amount, left[party])
            left[party] -= taken
            fen = None if reached is None else taken
            charge |= _split("第一条", section, year, fen, {party: 1}, DOWNSTREAM[section])
        charges.append(charge)
    return charges


def _intake(river: _River) -> list[dict[LineKey, Fen]]:
    charges = []
    for section in INTAKES:
        for month in river.judged(section):
            name = f"{river.year}-{month:02d}"
            reached = river.water_class(section, month)
            volume = river.evidence.volumes.get((section, name))
            amount: Fen = None
            if reached is not None and volume is not None:
                factor = Fraction(1) if reached <= 2 else Fraction(3, 4) if reached == 3 else Fraction(0)
                amount = _half_up(volume.volume_m3 * Fraction("0.02") * factor * 100)
            charges.append(_split("第二条", section, name, amount, DOWNSTREAM[section], UPSTREAM[section]))
    return charges


def _index(river: _River) -> list[dict[LineKey, Fen]]:
    charges = []
    for section in BOUNDARIES:
        total: Fraction | None = Fraction(0)
        for code in INDICATORS:
            mean = river.whole_year(section, code)
            if mean is None or total is None:
                total = None
            else:
                total += WEIGHTS[code] * mean / BASELINE[section][code]
        year = f"{river.year}年"
        if total is None:
            charges.append(_split("第三条", section, year, None, DOWNSTREAM[section], UPSTREAM[section]))
            continue
        thousandths = _half_even(total, 3) * 1000
        steps = abs(int(thousandths) - 1000) // 10
        amount = min(2000 + 100 * steps, 4000) * WAN
        sides = DOWNSTREAM[section], UPSTREAM[section]
        payers, payees = sides if thousandths <= 1000 else sides[::-1]
        charges.append(_split("第三条", section, year, amount, payers, payees))
    return charges


def _exceedance(river: _River) -> list[dict[LineKey, Fen]]:
    charges = []
    for section in BOUNDARIES:
        for month in river.judged(section):
            amount = _tier(_worst_multiple(river, section, month))
            name = f"{river.year}-{month:02d}"
            charges.append(_split("第四条第一款", section, name, amount, UPSTREAM[section], DOWNSTREAM[section]))
    return charges


def _worst_multiple(river: _River, section: str, month: int) -> Fraction | None:
    multiples: list[Fraction] = []
    for code in INDICATORS:
        mean = river.month(section, code, month)
        if mean is None:
            return None
        value = assessed(mean, DECIMALS[code])
        limit = Fraction(LIMITS[code][TARGET - 1])
        multiple = (value - limit) / limit
        if multiple > 0:
            above = river.month(GATE, code, month)
            if above is None:
                return None
            if assessed(above, DECIMALS[code]) >= value:
                multiple = Fraction(0)
        multiples.append(multiple)
    return max(multiples)


def _tier(multiple: Fraction | None) -> Fen:
    if multiple is None:
        return None
    wan = 125 if multiple > 1 else 75 if multiple > Fraction(1, 2) else 50 if multiple > 0 else 0
    return wan * WAN


def _incidents(river: _River) -> list[dict[LineKey, Fen]]:
    return [_incident(fact) for fact in river.evidence.incidents if fact.day.year == river.year]


def _incident(fact: IncidentFact) -> dict[LineKey, Fen]:
    harmful: bool | None = True
    if fact.indicator is not None:
        harmful = None if fact.concentration is None else fact.concentration > Fraction("0.005")
    amount: Fen = 0
    if harmful is None:
        amount = None
    elif harmful:
        amount = None if fact.cost_yuan is None else _half_up(fact.cost_yuan * 100) + 100 * WAN
    payers: dict[str, int] = {}
    denominator = 1
    for share in fact.responsibility.values():
        denominator *= share.denominator
    for party, share in fact.responsibility.items():
        if share:
            payers[party] = int(share * denominator)
    section, day = fact.section, fact.day.isoformat()
    payers = payers or UPSTREAM[section]
    payees = {fact.cost_bearer: 1} if fact.cost_bearer else DOWNSTREAM[section]
    return _split("第四条第二款", section, day, amount, payers, payees)


def _net(lines: dict[LineKey, Fen]) -> dict[str, Fen]:
    net: dict[str, Fen] = {}
    for party in PARTIES:
        own = [(1 if key[4] == party else -1, x) for key, x in lines.items() if party in key[3:]]
        net[party] = None if any(x is None for _, x in own) else sum(sign * x for sign, x in own if x is not None)
    return net


def _credited(net: dict[str, Fen], evidence: Evidence) -> dict[str, Fen]:
    after = dict(net)
    for giver in PARTIES:
        worth: dict[str, Fraction] = defaultdict(Fraction)
        for fact in evidence.in_kind:
            if fact.contributor == giver:
                worth[fact.receiver] += fact.value_yuan * 100
        fen: dict[str, Fraction | int] = {party: _half_up(value) for party, value in worth.items()}
        if not fen:
            continue
        owned = net[giver]
        if owned is None:
            for party in (giver, *fen):
                after[party] = None
            continue
        credit = min(int(sum(fen.values())), max(-owned, 0) // 5)
        for party, part in {giver: credit, **{p: -x for p, x in share_out(credit, fen).items()}}.items():
            before = after[party]
            after[party] = None if before is None else before + part
    return after


def _limited(net: dict[str, Fen]) -> dict[str, Fen]:
    known = {party: x for party, x in net.items() if x is not None}
    if len(known) < len(net):
        return dict.fromkeys(net)
    most = 8000 * WAN
    excess = {party: max(-x - most, 0) for party, x in known.items()}
    cut = share_out(sum(excess.values()), {party: max(x, 0) for party, x in known.items()})
    return {party: x + excess[party] - cut[party] for party, x in known.items()}


def _payments(final: dict[str, Fen]) -> dict[tuple[str, str], Fen]:
    """Among three parties there is one payer or one receiver, so who pays whom is settled by the sums alone."""
    known = {party: x for party, x in final.items() if x is not None}
    if len(known) < len(final):
        return {(a, b): None for a in PARTIES for b in PARTIES if a != b}
    payers = {p: -x for p, x in known.items() if x < 0}
    receivers = {p: x for p, x in known.items() if x > 0}
    if len(payers) == 1:
        return {(next(iter(payers)), p): x for p, x in receivers.items()}
    return {(p, next(iter(receivers))): x for p, x in payers.items()}
