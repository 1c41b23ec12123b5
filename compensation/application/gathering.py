"""Evidence out of the store, under the agreement's data rules."""

import json
from calendar import monthrange
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import NamedTuple

from compensation.application.decisions import decided
from compensation.application.doubting import Sifted, sift_doubtful
from compensation.errors import Fault, InputError
from compensation.ledger.records import ActKind
from compensation.monitoring.records import Exemption, InKind, Method, State, Status
from compensation.quality.standard import AUTOMATIC_STATION, PH, TOTAL_NITROGEN
from compensation.settlement.evidence import DaySum, Gathered, Omission, excluded_statuses
from compensation.settlement.records import MonthVolume, Records, gather_records
from compensation.settlement.settle import Mode
from compensation.store import (
    Decision,
    Sourced,
    Store,
    StoredSettlement,
    date_of_day,
    time_of_minute,
)
from rules.agreement import Agreement, Period, year_before
from rules.evidence import BalanceFact, ChargedFact, ExemptionFact, IncidentFact, InKindFact, TransferFact, VolumeFact

_STATES, _STATUSES = {int(each): each for each in State}, {int(each): each for each in Status}
_BY_STATION = frozenset((*AUTOMATIC_STATION, TOTAL_NITROGEN))


class Request(NamedTuple):
    """What to settle: an agreement over the days from `first` to `last`, both included.

    `backtest` allows days outside the term; `provisional` computes over the months there are; `known_at` answers as
    the database would have on that moment, of readings and of the book alike.
    """

    agreement: Agreement
    first: date
    last: date
    backtest: bool = False
    provisional: bool = False
    known_at: datetime | None = None

    @property
    def mode(self) -> Mode:
        """The mode these options ask for."""
        if self.backtest:
            return Mode.PROVISIONAL_BACKTEST if self.provisional else Mode.BACKTEST
        return Mode.PROVISIONAL if self.provisional else Mode.FINAL


def gather_evidence(store: Store, request: Request, period: Period, as_of: date) -> Gathered:
    """Everything the agreement may ask for, out of the store, under the agreement's data rules."""
    return gather_records(request.agreement, as_of, collect(store, request, period, as_of))


def collect(store: Store, request: Request, period: Period, as_of: date) -> Records:
    """Everything the agreement may ask for, as it is stored; no data rule is applied yet."""
    agreement = request.agreement
    codes = [section.code for section in agreement.sections]
    start, end = datetime.combine(period.first, time()), datetime.combine(period.last + timedelta(1), time())
    # a clause that compares with the year before asks for that year's values too
    asked = Period(year_before(period).first, period.last, "") if agreement.looks_back else period
    since = datetime.combine(asked.first, time())
    indicators = list(agreement.monitored)
    otherwise: list[Omission] = []
    sifted = sift_doubtful(store, agreement, since, end, request.known_at, otherwise)
    sums = tuple(_sums(store, agreement, indicators, since, end, request.known_at, sifted, otherwise))
    parties = party_codes(agreement)
    conflicts = store.conflicts(codes, indicators, start, end, request.known_at)
    undecided = [
        Omission(each.section_code, each.indicator, f"{each.time:%Y-%m}", "同一时刻数据不一致，尚未裁定", 1)
        for each in conflicts
        if each.decision is None
    ]
    rejected = [
        Omission(each.section_code, each.indicator, f"{each.time:%Y-%m}", _rejection(each.decision), 1)
        for each in conflicts
        if each.decision is not None and each.decision.chosen_version is None
    ]
    return Records(
        sums,
        volumes=_tabled(_volumes(store, codes, request.known_at)),
        flows=_tabled(_flows(store, codes, request.known_at)),
        incidents=tuple(_incidents(store, agreement, parties, start, end, as_of, request.known_at, sifted.left_out)),
        exemptions=tuple(_exemptions(store, codes, asked, request.known_at)),
        in_kind=tuple(_in_kind(store, parties, period, request.known_at)),
        last_year=tuple(_last_year(store, request, period)),
        charged=tuple(_charged(store, request, period)),
        balances=tuple(_balances(store, request, period)),
        left_out=tuple(_counted(otherwise + undecided + rejected)),
        waiting=sifted.waiting,
        decided=decided(store, agreement, conflicts, since, end, request.known_at),
    )


def _tabled(volumes: Mapping[tuple[str, str], VolumeFact]) -> tuple[MonthVolume, ...]:
    return tuple(MonthVolume(section, month, volume) for (section, month), volume in volumes.items())


def _sums(
    store: Store,
    agreement: Agreement,
    indicators: Sequence[str],
    start: datetime,
    end: datetime,
    known_at: datetime | None,
    sifted: Sifted,
    otherwise: list[Omission],
) -> Iterator[DaySum]:
    """Daily sums of what was measured the way the agreement says (第九条); the rest is counted in `otherwise`.

    A hand sample among a day's station values would otherwise weigh as much as four hours, and help a day that has
    too few of them over the threshold.
    """
    by_hand = {section.code for section in agreement.sections if section.monitoring == "manual"}
    codes = [section.code for section in agreement.sections]
    for section, indicator, day, exponent, state, status, method, sums, count in store.daily_sums(
        codes, indicators, start, end, known_at
    ):
        less, fewer = sifted.sums.get((section, indicator, day, exponent, state, status, method), (0, 0))
        total, n = sums - less, count - fewer
        if not n:
            continue
        wanted = Method.MANUAL if section in by_hand or indicator not in _BY_STATION else Method.AUTOMATIC
        if method != wanted:
            way = "自动站" if method == Method.AUTOMATIC else "人工采样"
            reason = f"{way}数据，该断面按{'自动站' if wanted == Method.AUTOMATIC else '人工采样'}考核"
            otherwise.append(Omission(section, indicator, f"{date_of_day(day):%Y-%m}", reason, n))
            continue
        if indicator != PH:
            yield DaySum(section, indicator, date_of_day(day), exponent, _STATES[state], _STATUSES[status], total, n)
    if PH in indicators:
        for row in _ph(store, codes, by_hand, start, end, known_at):
            section, minute, each = row
            method = Method.MANUAL if section in by_hand else Method.AUTOMATIC
            if minute not in sifted.minutes.get((section, PH, int(method)), ()):
                yield each


def _ph(
    store: Store, codes: Sequence[str], by_hand: set[str], start: datetime, end: datetime, known_at: datetime | None
) -> Iterator[tuple[str, int, DaySum]]:
    """pH reading by reading, with section and minute: its mean goes through [H+], which no sum can give back."""
    for section, code, minute, mantissa, exponent, state, status, method, *_ in store.readings(
        codes, [PH], start, end, known_at
    ):
        if mantissa is not None and method == (Method.MANUAL if section in by_hand else Method.AUTOMATIC):
            day = time_of_minute(minute).date()
            yield section, minute, DaySum(section, code, day, exponent, State(state), Status(status), mantissa, 1)


def _rejection(decision: Decision) -> str:
    document = f"（{decision.document}）" if decision.document else ""
    return f"同一时刻数据不一致，{decision.decided_by}裁定均不采用：{decision.reason}{document}"


def _counted(omissions: Iterable[Omission]) -> list[Omission]:
    counts: dict[tuple[str, str, str, str], int] = {}
    for each in omissions:
        key = (each.section, each.indicator, each.month, each.reason)
        counts[key] = counts.get(key, 0) + each.n
    return [Omission(*key, n) for key, n in sorted(counts.items())]


def party_codes(agreement: Agreement) -> dict[str, str]:
    """Party codes by every name a file may call a party: code, short name, full name."""
    return {name: party.code for party in agreement.parties for name in (party.code, party.short, party.name)}


def party_of(parties: Mapping[str, str], name: str, where: str) -> str:
    """The code of the party that a record names; InputError when it is not a party of the agreement."""
    if name not in parties:
        known = "、".join(dict.fromkeys(name for name in parties if not name.isdigit()))
        raise InputError(
            Fault(where, f"“{name}”不是本协议的缔约方", f"缔约方：{known}", "更正导入文件中的名称后重新导入")
        )
    return parties[name]


def _volumes(store: Store, codes: Sequence[str], known_at: datetime | None) -> dict[tuple[str, str], VolumeFact]:
    return {
        (each.section_code, f"{each.record.month:%Y-%m}"): VolumeFact(each.record.volume_m3, each.record.document)
        for each in store.intake_volumes(known_at)
        if each.section_code in codes
    }


def _flows(store: Store, codes: Sequence[str], known_at: datetime | None) -> dict[tuple[str, str], VolumeFact]:
    """The water that passed a section in a month: as stated for the month, else the sum of all its days.

    A month of which a day is missing has no volume: what passed on that day is not guessed.
    """
    months: dict[tuple[str, str], VolumeFact] = {}
    days: dict[tuple[str, str], dict[date, Fraction]] = {}
    documents: dict[tuple[str, str], set[str]] = {}
    for each in store.flows(known_at):
        record, month = each.record, (each.section_code, f"{each.record.first_day:%Y-%m}")
        if each.section_code not in codes:
            continue
        if record.first_day == record.last_day:
            days.setdefault(month, {})[record.first_day] = record.volume_m3
            documents.setdefault(month, set()).add(record.document)
        else:
            months[month] = VolumeFact(record.volume_m3, record.document)
    for month, volumes in days.items():
        first = next(iter(volumes))
        if month not in months and len(volumes) == monthrange(first.year, first.month)[1]:
            source = "、".join(sorted(filter(None, documents[month])))
            months[month] = VolumeFact(sum(volumes.values(), Fraction(0)), source or "逐日水量之和")
    return months


def _exemptions(store: Store, codes: Sequence[str], period: Period, known_at: datetime | None) -> list[ExemptionFact]:
    return [
        exemption_fact(each)
        for each in store.exemptions(known_at)
        if each.section_code in codes and each.record.first_day <= period.last and each.record.last_day >= period.first
    ]


def exemption_fact(each: Sourced[Exemption]) -> ExemptionFact:
    """The record as rules read it."""
    record = each.record
    return ExemptionFact(each.section_code, record.first_day, record.last_day, record.reason, record.document)


def _in_kind(store: Store, parties: Mapping[str, str], period: Period, known_at: datetime | None) -> list[InKindFact]:
    return [
        in_kind_fact(each, parties)
        for each in store.in_kind(known_at)
        if period.first.year <= each.record.year <= period.last.year
    ]


def in_kind_fact(each: Sourced[InKind], parties: Mapping[str, str]) -> InKindFact:
    """The record as rules read it; InputError when it names a party that the agreement does not have."""
    record = each.record
    where = f"多元化补偿 {record.document}"
    giver, taker = (party_of(parties, name, where) for name in (record.contributor, record.receiver))
    return InKindFact(giver, taker, record.kind, record.description, record.value_yuan, record.document)


def _incidents(
    store: Store,
    agreement: Agreement,
    parties: Mapping[str, str],
    start: datetime,
    end: datetime,
    as_of: date,
    known_at: datetime | None,
    doubtful: Container[tuple[str, str, int, int]],
) -> list[IncidentFact]:
    """Recorded incidents at the agreement's sections, and samples above a limit that nobody has recorded yet (未定)."""
    codes = {section.code for section in agreement.sections}
    facts = []
    for each in store.incidents(known_at):
        record = each.record
        if each.section_code not in codes or not start <= datetime.combine(record.day, time()) < end:
            continue
        where = f"突发事件 {record.number}"
        facts.append(
            IncidentFact(
                record.number,
                each.section_code,
                record.day,
                record.indicator,
                record.concentration_mg_per_l,
                record.cost_yuan,
                {party_of(parties, name, where): share for name, share in record.responsibility},
                party_of(parties, record.cost_bearer, where),
                record.document,
            )
        )
    return facts + _unrecorded(store, agreement, facts, start, end, as_of, known_at, doubtful)


def _unrecorded(
    store: Store,
    agreement: Agreement,
    recorded: Sequence[IncidentFact],
    start: datetime,
    end: datetime,
    as_of: date,
    known_at: datetime | None,
    doubtful: Container[tuple[str, str, int, int]],
) -> list[IncidentFact]:
    """One for each section and day, by its highest sample; none measured out of order, or doubtful, counts."""
    known = {(fact.section, fact.indicator, fact.day) for fact in recorded}
    left_out = excluded_statuses(agreement)
    found: dict[tuple[str, str, date], Fraction] = {}
    for clause in agreement.clauses:
        if clause.kind != "incident":
            continue
        code = clause.measure.options["indicator"]
        limit = clause.tariff.figures["limit"].span(as_of).value
        for section, _, minute, mantissa, exponent, state, status, method, *_ in store.readings(
            list(clause.sections), [code], start, end, known_at
        ):
            key = (section, code, time_of_minute(minute).date())
            if state != State.VALUE or status in left_out or key in known:
                continue
            if (section, code, minute, method) in doubtful:
                continue
            value = mantissa * Fraction(10) ** exponent
            if value > limit:
                found[key] = max(value, found.get(key, value))
    return [
        IncidentFact("", section, day, code, value, None, {}, "", "监测结果")
        for (section, code, day), value in found.items()
    ]


def _last_year(store: Store, request: Request, period: Period) -> list[TransferFact]:
    """What the final settlement of the year before had each party pay; advances are a share of it.

    The first year of the term has none before it. In a later one a settlement that is not there, or is 未定, is
    missing: what was advanced is then not known, and certainly not nothing.
    """
    agreement = request.agreement
    if not period.name.endswith("年") or period.first.year == agreement.first.year or request.backtest:
        return []
    # The clearing takes back what was ordered, and that followed from the settlement that first became final.
    before = _settled(store, request, period.first.year - 1, first=True)
    if before is None or before.undetermined:
        if request.provisional or agreement.money.advance_share is None:
            return []
        codes = [party.code for party in agreement.parties]
        year = f"{period.first.year - 1}年"
        return [TransferFact(payer, payee, None, year) for payer in codes for payee in codes if payer != payee]
    transfers = json.loads(before.payload_json)["transfers"]
    return [TransferFact(payer, payee, Fraction(fen, 100), before.number) for payer, payee, fen in transfers]


def _settled(store: Store, request: Request, year: int, *, first: bool = False) -> StoredSettlement | None:
    """The settlement of a year that stands, or stood at `known_at`.

    That is the one that became final (定案) last, with `first` the one that did so first; while none has, the one kept
    last.
    """
    agreement = request.agreement
    begin, end = max(date(year, 1, 1), agreement.first), min(date(year, 12, 31), agreement.last)
    matter = (agreement.key, begin, end)
    book = store.book(request.known_at)
    finals = [
        act.deed.settlement
        for act in book.acts
        if act.deed.kind is ActKind.FINALISE and book.heads[act.deed.settlement].matter == matter
    ]
    if finals:
        return store.latest_settlement(number=finals[0 if first else -1])
    return store.latest_settlement(*matter, Mode.FINAL.value, as_known_at=request.known_at)


def _charged(store: Store, request: Request, period: Period) -> list[ChargedFact]:
    """What final settlements of earlier years of the term charged under each clause; limits over the term need it."""
    agreement = request.agreement
    if not any("term" in each.per for clause in agreement.clauses for each in (*clause.caps, *clause.floors)):
        return []
    facts = []
    for year in range(agreement.first.year, period.first.year):
        stored = _needed(store, request, year, "协议有跨年度的封顶或保底，须知道此前各年已计金额")
        for key, backward, fen, *whose in json.loads(stored.payload_json)["charged"]:
            facts.append(ChargedFact(key, backward, Fraction(fen, 100), stored.number, *whose))
    return facts


def _balances(store: Store, request: Request, period: Period) -> list[BalanceFact]:
    """What the final settlement of the year before left in a fund that carries over; a backtest stands alone."""
    agreement = request.agreement
    if agreement.fund is None or request.backtest or period.first.year == agreement.first.year:
        return []
    stored = _needed(store, request, period.first.year - 1, "共同资金有结转，须知道上年结余")
    key, fen = json.loads(stored.payload_json)["fund"]
    return [BalanceFact(key, Fraction(fen, 100), stored.number)]


def _needed(store: Store, request: Request, year: int, why: str) -> StoredSettlement:
    """The final settlement of an earlier year; InputError when there is none, or it is 未定."""
    stored = _settled(store, request, year)
    if stored is None or stored.undetermined:
        raise InputError(Fault(f"{year} 年度结算", "还没有可用的结算", why, f"先结算 {year} 年度"))
    return stored
