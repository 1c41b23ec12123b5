"""The life of a settlement: 草案 → 征求意见 → 定案, or 作废 before that; derived from what was done, and nothing else.

A pure function of the acts says where a settlement stands and what it lacks; another says what speaks against a deed.
Replaying the acts of a database through the same function shows whether each was legal when it was done.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from compensation.errors import Fault, InputError
from compensation.ledger.records import Act, ActKind, Deed, Department
from compensation.ledger.workdays import Calendar


class Stage(StrEnum):
    """Where a settlement stands."""

    DRAFT = "草案"
    CONSULTED = "征求意见"
    FINAL = "定案"
    VOID = "作废"


_LEADS_TO = {ActKind.ISSUE: Stage.CONSULTED, ActKind.FINALISE: Stage.FINAL, ActKind.VOID: Stage.VOID}


def stages(number: str, acts: Iterable[Act]) -> tuple[Stage, ...]:
    """Every stage that a settlement has come through, from 草案 to where it stands after `acts`."""
    steps = (act.deed.kind for act in acts if act.deed.settlement == number)
    return (Stage.DRAFT, *(_LEADS_TO[kind] for kind in steps if kind in _LEADS_TO))


class Subject(NamedTuple):
    """What the life cycle has to know of a settlement.

    `mode` as settled ("final" is a settlement proper), `missing` what it lacks, `parties` their short names by code,
    `objection_days` the working days for objections (None: the agreement gives none).
    """

    number: str
    digest: str
    agreement: str
    first: date
    last: date
    mode: str
    missing: tuple[str, ...]
    parties: Mapping[str, str]
    objection_days: int | None

    @property
    def same_matter(self) -> tuple[str, date, date]:
        """What settlements of the same matter share: agreement and period."""
        return self.agreement, self.first, self.last


Sign = tuple[str, Department]
"""A party (code) and the department that signs for it."""


class Objection(NamedTuple):
    """An objection (异议): its act's number, who raised it, and what it led to."""

    act: int
    party: str
    department: str
    day: date
    reason: str
    decided: ActKind | None


class State(NamedTuple):
    """Where a settlement stands after what was done; `lacking` are the signatures still to come."""

    stage: Stage
    issued_on: date | None
    deadline: date | None  # the last day for objections
    confirmed: tuple[Sign, ...]
    lacking: tuple[Sign, ...]
    objections: tuple[Objection, ...]
    corrects: str | None

    @property
    def open_objections(self) -> tuple[Objection, ...]:
        """Objections that nobody has decided."""
        return tuple(each for each in self.objections if each.decided is None)


def state_of(subject: Subject, acts: Iterable[Act], calendar: Calendar) -> State:
    """Where a settlement stands after `acts`; those of other settlements are passed over."""
    own = [act for act in acts if act.deed.settlement == subject.number]
    issued_on, corrects = None, None
    confirmed: list[Sign] = []
    objections: dict[int, Objection] = {}
    for number, deed, *_ in own:
        match deed.kind:
            case ActKind.CORRECT:
                corrects = deed.corrects
            case ActKind.ISSUE:
                issued_on = deed.day
            case ActKind.CONFIRM:
                confirmed.append((deed.party, Department(deed.department)))
            case ActKind.OBJECT:
                objections[number] = Objection(number, deed.party, deed.department, deed.day, deed.reason, None)
            case ActKind.DISMISS | ActKind.UPHOLD if deed.objection in objections:
                objections[deed.objection] = objections[deed.objection]._replace(decided=deed.kind)
            case _:
                pass
    deadline = None
    if issued_on is not None and subject.objection_days is not None:
        deadline = calendar.after(issued_on, subject.objection_days)
    every = [(party, department) for party in sorted(subject.parties) for department in Department]
    return State(
        stages(subject.number, own)[-1],
        issued_on,
        deadline,
        tuple(confirmed),
        tuple(sign for sign in every if sign not in confirmed),
        tuple(objections.values()),
        corrects,
    )


class Others(NamedTuple):
    """The other settlements of the same matter: those before the parties, and the one that stands as final."""

    consulted: tuple[str, ...]
    final: str | None
    voided: tuple[str, ...]


def others_of(number: str, peers: Iterable[str], acts: Iterable[Act]) -> Others:
    """What has become of the other settlements of the same matter (`peers`); the one made final last stands."""
    matter = {*peers} - {number}
    steps = [(act.deed.settlement, _LEADS_TO.get(act.deed.kind)) for act in acts if act.deed.settlement in matter]
    now = {other: stage for other, stage in steps if stage is not None}
    return Others(
        tuple(other for other, stage in now.items() if stage is Stage.CONSULTED),
        next((other for other, stage in reversed(steps) if stage is Stage.FINAL), None),
        tuple(other for other, stage in now.items() if stage is Stage.VOID),
    )


def require(subject: Subject, state: State, others: Others, deed: Deed, calendar: Calendar) -> None:
    """Raise InputError with everything that speaks against a deed of the life cycle."""
    faults = list(_general(subject, deed))
    match deed.kind:
        case ActKind.CORRECT:
            faults += _against_correction(subject, state, others, deed)
        case ActKind.ISSUE:
            faults += _against_issue(subject, state, others, deed, calendar)
        case ActKind.CONFIRM:
            faults += _against_confirmation(subject, state, deed)
        case ActKind.OBJECT:
            faults += _against_objection(subject, state, deed)
        case ActKind.DISMISS | ActKind.UPHOLD:
            faults += _against_decision(subject, state, deed)
        case ActKind.FINALISE:
            faults += _against_final(subject, state, others, deed)
        case ActKind.VOID:
            faults += _against_void(subject, state, deed)
        case _:
            pass
    if faults:
        raise InputError(faults)


def _where(subject: Subject) -> str:
    return f"结算 {subject.number}"


def _general(subject: Subject, deed: Deed) -> Iterator[Fault]:
    if not deed.made_by.strip():
        yield Fault(_where(subject), "没有写明办理人", "每一步都要追究到人", "填写 --by")
    if deed.digest != subject.digest:
        why = f"所称摘要 {deed.digest.rstrip('?')[:16]}，本结算为 {subject.digest[:16]}"
        yield Fault(_where(subject), "摘要不符", why, "核对手中的结算表是否就是这一份；旧稿的确认不能用于新稿")


def _stage(subject: Subject, state: State, wanted: Stage, doing: str) -> Iterator[Fault]:
    if state.stage is wanted:
        return
    why = {
        Stage.DRAFT: f"尚为{Stage.DRAFT}，还没有征求意见",
        Stage.CONSULTED: f"已在{Stage.CONSULTED}",
        Stage.FINAL: f"已{Stage.FINAL}，不再改变",
        Stage.VOID: f"已{Stage.VOID}",
    }[state.stage]
    fix = {
        Stage.DRAFT: "先执行 compensation issue",
        Stage.CONSULTED: "用 compensation status 查看还缺什么",
        Stage.FINAL: "需要更正的，用 compensation adjust 另作一份结算",
        Stage.VOID: "重新结算后另行征求意见",
    }[state.stage]
    yield Fault(_where(subject), f"不能{doing}", why, fix)


def _not_before(subject: Subject, state: State, deed: Deed) -> Iterator[Fault]:
    if state.issued_on is not None and deed.day < state.issued_on:
        yield Fault(_where(subject), f"日期 {deed.day} 不对", f"早于征求意见之日 {state.issued_on}", "更正 --date")


def _needs_reason(subject: Subject, deed: Deed, doing: str) -> Iterator[Fault]:
    if not deed.reason.strip():
        yield Fault(_where(subject), f"{doing}没有写明理由", "没有理由的不能受理", "填写 --why")


def _needs_document(subject: Subject, deed: Deed, doing: str) -> Iterator[Fault]:
    if not deed.document.strip():
        yield Fault(_where(subject), f"{doing}没有文号", f"{doing}以文件为准", "填写 --document")


def _against_correction(subject: Subject, state: State, others: Others, deed: Deed) -> Iterator[Fault]:
    yield from _stage(subject, state, Stage.DRAFT, "登记为更正")
    yield from _needs_reason(subject, deed, "更正")
    if state.corrects is not None:
        yield Fault(_where(subject), "不能再登记", f"已是对 {state.corrects} 的更正", "无需重复登记")
    if deed.corrects != others.final and deed.corrects not in others.voided:
        stands = f"现行定案为 {others.final}" if others.final else "本期还没有定案"
        why = f"{deed.corrects} 既不是现行的定案，也不是作废的一稿；{stands}"
        yield Fault(_where(subject), "不能更正它", why, "更正现行的定案")


def _against_issue(subject: Subject, state: State, others: Others, deed: Deed, calendar: Calendar) -> Iterator[Fault]:
    yield from _stage(subject, state, Stage.DRAFT, "征求意见")
    yield from _needs_document(subject, deed, "征求意见")
    if subject.mode != "final":
        label = {"provisional": "暂算", "backtest": "回测"}.get(subject.mode, "回测·暂算")
        yield Fault(_where(subject), "不能征求意见", f"这是{label}，不是正式结算", "数据齐全后正式结算")
    for lacking in subject.missing:
        yield Fault(_where(subject), "结果未定，不能征求意见", f"缺 {lacking}", "补齐数据后重新结算")
    for other in others.consulted:
        yield Fault(_where(subject), "不能征求意见", f"本期的 {other} 正在征求意见", "先定案，或先作废前一份")
    if others.final is not None and state.corrects is None:
        why = f"本期已有定案 {others.final}"
        yield Fault(_where(subject), "不能征求意见", why, "更正已定案的结算，用 compensation adjust")
    if subject.objection_days is not None:
        try:
            calendar.after(deed.day, subject.objection_days)
        except InputError as error:
            yield from error.faults


def _sign(subject: Subject, deed: Deed) -> Iterator[Fault]:
    if deed.party not in subject.parties:
        known = "、".join(subject.parties.values())
        yield Fault(_where(subject), f"“{deed.party}”不是缔约方", f"缔约方：{known}", "更正 --party")
    if deed.department not in {each.value for each in Department}:
        known = "、".join(each.label for each in Department)
        yield Fault(_where(subject), "没有写明部门", f"由各方的{known}部门办理", "填写 --department")


def _against_confirmation(subject: Subject, state: State, deed: Deed) -> Iterator[Fault]:
    yield from _stage(subject, state, Stage.CONSULTED, "确认")
    yield from _sign(subject, deed)
    yield from _not_before(subject, state, deed)
    yield from _needs_document(subject, deed, "确认")
    who = (deed.party, deed.department)
    if who in [(party, department.value) for party, department in state.confirmed]:
        yield Fault(_where(subject), "重复确认", f"{_called(subject, *who)}已经确认过", "无需再办")
    for each in state.objections:
        if (each.party, each.department) == who and each.decided is not ActKind.DISMISS:
            why = f"{_called(subject, *who)}提出的异议（第 {each.act} 号）还在"
            yield Fault(_where(subject), "不能确认", why, "先对异议作出处理")


def _against_objection(subject: Subject, state: State, deed: Deed) -> Iterator[Fault]:
    yield from _stage(subject, state, Stage.CONSULTED, "提出异议")
    yield from _sign(subject, deed)
    yield from _not_before(subject, state, deed)
    yield from _needs_reason(subject, deed, "异议")
    if state.deadline is not None and deed.day > state.deadline:
        why = (
            f"{state.issued_on} 征求意见，异议期限 {subject.objection_days} 个工作日，至 {state.deadline} 止；"
            f"本次为 {deed.day}"
        )
        yield Fault(_where(subject), "异议逾期", why, "逾期的不再受理；确有错误的，定案后用 compensation adjust 更正")


def _against_decision(subject: Subject, state: State, deed: Deed) -> Iterator[Fault]:
    yield from _stage(subject, state, Stage.CONSULTED, "处理异议")
    yield from _needs_reason(subject, deed, "处理异议")
    yield from _needs_document(subject, deed, "处理异议")
    found = next((each for each in state.objections if each.act == deed.objection), None)
    if found is None:
        yield Fault(_where(subject), f"没有第 {deed.objection} 号异议", "编号不对", "用 compensation status 查看编号")
    elif found.decided is not None:
        yield Fault(_where(subject), f"第 {found.act} 号异议已经处理", f"{found.decided.label}", "无需再办")
    elif deed.day < found.day:
        yield Fault(_where(subject), f"日期 {deed.day} 不对", f"早于提出异议之日 {found.day}", "更正 --date")


def _against_final(subject: Subject, state: State, others: Others, deed: Deed) -> Iterator[Fault]:
    yield from _stage(subject, state, Stage.CONSULTED, "定案")
    yield from _not_before(subject, state, deed)
    yield from _needs_document(subject, deed, "定案")
    if state.stage is Stage.CONSULTED and state.lacking:
        why = "缺 " + "、".join(_called(subject, party, department) for party, department in state.lacking)
        yield Fault(_where(subject), "不能定案", why, "各方财政、环保部门全部确认后再定案")
    for each in state.objections:
        if each.decided is None:
            why = f"{_called(subject, each.party, each.department)}的异议（第 {each.act} 号）还没有处理：{each.reason}"
            yield Fault(_where(subject), "不能定案", why, "用 compensation objection decide 处理")
        elif each.decided is ActKind.UPHOLD:
            why = f"第 {each.act} 号异议成立，本稿须改"
            yield Fault(_where(subject), "不能定案", why, "作废本稿，改正后重新结算")
    if others.final is not None and state.corrects != others.final:
        yield Fault(_where(subject), "不能定案", f"本期已有定案 {others.final}", "登记为对它的更正后再办")


def _against_void(subject: Subject, state: State, deed: Deed) -> Iterator[Fault]:
    if state.stage in (Stage.FINAL, Stage.VOID):
        yield from _stage(subject, state, Stage.CONSULTED, "作废")
    yield from _not_before(subject, state, deed)
    yield from _needs_reason(subject, deed, "作废")


def _called(subject: Subject, party: str, department: str) -> str:
    name = subject.parties.get(party, party)
    return f"{name}（{Department(department).label}）" if department else name


def replay(subjects: Mapping[str, Subject], acts: Sequence[Act], calendar: Calendar) -> Iterator[str]:
    """Which acts were not legal when they were done, in Chinese; nothing when all were."""
    done: dict[tuple[str, date, date], list[Act]] = {}
    for act in acts:
        subject = subjects.get(act.deed.settlement)
        if subject is None:
            yield f"第 {act.number} 号：没有结算 {act.deed.settlement}"
            continue
        before = done.setdefault(subject.same_matter, [])
        try:
            state = state_of(subject, before, calendar)
            peers = [number for number, each in subjects.items() if each.same_matter == subject.same_matter]
            require(subject, state, others_of(subject.number, peers, before), act.deed, calendar)
        except InputError as error:
            yield f"第 {act.number} 号（{act.deed.kind.label}）：{error.faults[0].what}，{error.faults[0].why}"
        before.append(act)
