"""What people decided about the data that a settlement rests on: conflicts, doubts, corrections of evidence."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction

from compensation.quality.standard import indicators
from compensation.rounding import exact_text
from compensation.settlement.evidence import Decided
from compensation.store import Conflict, Recorded, Store, minute_of, time_of_minute
from rules.agreement import Agreement


def decided(
    store: Store,
    agreement: Agreement,
    conflicts: Sequence[Conflict],
    start: datetime,
    end: datetime,
    known_at: datetime | None,
) -> tuple[Decided, ...]:
    """Every decision about readings of the agreement's sections between the two times, and about its evidence."""
    names = {each.code: each.name for each in agreement.sections}
    parts = (
        *_conflicts(conflicts),
        *_answers(store, names, start, end, known_at),
        *_corrections(store.recorded(known_at, only_corrected=True), set(names.values())),
    )
    return tuple(sorted(parts, key=lambda each: (each.kind, each.at, each.about)))


def _conflicts(conflicts: Sequence[Conflict]) -> Iterator[Decided]:
    for each in conflicts:
        decision = each.decision
        if decision is None:
            continue
        about = f"{each.section_name} {_indicator(each.indicator)} {each.time:%Y-%m-%d %H:%M}"
        chosen = next((one for one in each.candidates if one.version == decision.chosen_version), None)
        values = "、".join(one.text or "（空）" for one in each.candidates)
        what = f"{values} 中" + ("都不采用" if chosen is None else f"采用 {chosen.text}（《{chosen.file}》）")
        yield Decided(
            "冲突裁定", about, what, decision.decided_by, decision.decided_at, decision.reason, decision.document
        )


def _answers(
    store: Store, names: dict[str, str], start: datetime, end: datetime, known_at: datetime | None
) -> Iterator[Decided]:
    for doubted, answer in store.answers(known_at).items():
        if doubted.section in names and minute_of(start) <= doubted.minute < minute_of(end):
            time = time_of_minute(doubted.minute)
            value = exact_text(doubted.mantissa * Fraction(10) ** doubted.exponent)
            about = f"{names[doubted.section]} {_indicator(doubted.indicator)} {time:%Y-%m-%d %H:%M}"
            what = f"{value}（{doubted.flag}）{'计入' if answer.keep else '剔除'}"
            yield Decided(
                "存疑核实", about, what, answer.answered_by, answer.answered_at, answer.reason, answer.document
            )


def _corrections(records: Sequence[Recorded], sections: set[str]) -> Iterator[Decided]:
    for each in records:
        if each.section and each.section not in sections:
            continue
        for before, after in zip(each.said, each.said[1:], strict=False):
            correction = after.correction
            assert correction is not None
            about = " ".join(filter(None, (each.kind, each.section, each.about)))
            what = f"原为 {before.words}；{'改为 ' if correction.stated is not None else ''}{after.words}"
            yield Decided(
                "凭据更正",
                about,
                what,
                correction.corrected_by,
                correction.corrected_at,
                correction.reason,
                correction.document,
            )


def _indicator(code: str) -> str:
    named = indicators().get(code)
    return named.name if named else "水质类别"
