"""Why an amount is what it is: the steps of its expression, down to the readings in the files they came from."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from functools import cache

from compensation.application.gathering import party_codes, party_of
from compensation.errors import Fault, InputError
from compensation.expression import Quantity
from compensation.expression.explain import Step, explain_together
from compensation.monitoring.records import State, Status
from compensation.quality.standard import indicator
from compensation.rounding import exact_text
from compensation.settlement.settle import Settlement
from compensation.store import Store, StoredSettlement, time_of_minute
from rules.agreement import POOL

_STATES = {State.BELOW_LIMIT: "未检出，检出限 ", State.VALUE: ""}
_STATUSES = {Status.MAINTENANCE: "维护，不计", Status.STOPPED: "停站，不计", Status.NOT_READY: "不具备运行条件，不计"}


def chosen_amounts(
    settlement: Settlement,
    clause: str | None,
    section: str | None,
    period: str | None,
    party: str | None,
    payee: str | None,
) -> list[Quantity]:
    """The amounts that an explanation is asked for; all charges that are not zero when nothing is chosen.

    With `payee`, what `party` finally pays it. InputError when nothing fits.
    """
    agreement, outcome = settlement.agreement, settlement.outcome
    if payee is not None:
        return _payment(settlement, party, payee)
    if party is not None:
        if outcome.fund is not None and party == agreement.short(POOL):
            return [outcome.fund.closing]
        return [outcome.positions[party_of(party_codes(agreement), party, "--party")].final]
    chosen = [
        charge.amount
        for charge in outcome.charges
        if (clause is None or charge.clause.number == clause)
        and (section is None or (charge.section and agreement.section(charge.section).name == section))
        and (period is None or charge.period.name == period)
        and (charge.amount.value != 0 or clause or section or period)
    ]
    if not chosen:
        known = "、".join(dict.fromkeys(charge.clause.number for charge in outcome.charges))
        raise InputError(Fault("explain", "没有符合条件的金额", f"本结算的条款：{known}", "放宽或更正条件"))
    return chosen


def _payment(settlement: Settlement, payer: str | None, payee: str) -> list[Quantity]:
    codes = party_codes(settlement.agreement)
    if payer is None:
        raise InputError(
            Fault("--to", "没有说谁付", "一笔款有付方和收方", "用 --party 写明付方，如 --party 沪 --to 苏")
        )
    pair = party_of(codes, payer, "--party"), party_of(codes, payee, "--to")
    found = [each.amount for each in settlement.outcome.clearing if (each.payer, each.payee) == pair]
    if not found:
        raise InputError(Fault("explain", f"没有{payer}付{payee}的款", "一方不付给自己", "更正付方或收方"))
    return found


def explained(store: Store, stored: StoredSettlement, amounts: Sequence[Quantity], depth: int) -> tuple[Step, ...]:
    """The steps of each amount; a daily value goes on to its readings, each with its file and row."""
    files = {each.id: each.name for each in store.source_files()}

    @cache
    def of_year(section: str, code: str, year: int) -> dict[str, list[Step]]:
        # asked day by day, a whole settlement would take thousands of questions
        start, end = datetime(year, 1, 1), datetime(year + 1, 1, 1)
        by_day: dict[str, list[Step]] = {}
        for row in store.readings([section], [code], start, end, stored.readings_known_through):
            day = time_of_minute(row[2]).date().isoformat()
            by_day.setdefault(day, []).append(_reading(code, files, *row[2:7], *row[8:10]))
        return by_day

    def readings(leaf: Quantity) -> tuple[Step, ...]:
        if leaf.key is None or leaf.key[0] != "day":
            return ()
        _, section, code, day = leaf.key
        return tuple(of_year(section, code, date.fromisoformat(day).year).get(day, ()))

    return explain_together(amounts, depth, readings)


def _reading(
    code: str,
    files: dict[int, str],
    minute: int,
    mantissa: int | None,
    exponent: int,
    state: int,
    status: int,
    file_id: int,
    row: int,
) -> Step:
    unit = indicator(code).unit
    if mantissa is None or state not in _STATES:
        value = "缺"
    else:
        value = f"{_STATES[State(state)]}{exact_text(mantissa * Fraction(10) ** exponent)} {unit}".rstrip()
    note = _STATUSES.get(Status(status), "")
    source = f"《{files[file_id]}》第 {row} 行" + (f"，{note}" if note else "")
    return Step(f"{time_of_minute(minute):%Y-%m-%d %H:%M} 读数", value, "", "", "", source, ())
