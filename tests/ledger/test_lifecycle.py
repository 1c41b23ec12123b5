"""A settlement goes from draft to final only by the steps there are; everything else is refused and says why."""

from collections.abc import Sequence
from datetime import date

import pytest
from living import CALENDAR, DIGEST, JIANGSU, MARCH, SHANGHAI, chained, confirmations, deed, subject

from compensation.errors import InputError
from compensation.ledger.lifecycle import Stage, State, Subject, others_of, replay, require, state_of
from compensation.ledger.records import ActKind, Deed, Department
from compensation.ledger.workdays import Calendar, published

ISSUED = [deed(ActKind.ISSUE)]
ALL = [*ISSUED, *confirmations()]
FINAL = [*ALL, deed(ActKind.FINALISE)]
OBJECTION = deed(ActKind.OBJECT, party=SHANGHAI, department="finance")


def standing(deeds: Sequence[Deed], one: Subject | None = None) -> State:
    return state_of(one or subject(), chained(deeds), CALENDAR)


def refused(before: Sequence[Deed], new: Deed, *others: Subject, one: Subject | None = None) -> str:
    """What is said against `new` after `before`; empty when it is allowed."""
    one = one or subject()
    acts = chained(before)
    try:
        require(
            one,
            state_of(one, acts, CALENDAR),
            others_of(one.number, [each.number for each in others if each.same_matter == one.same_matter], acts),
            new,
            CALENDAR,
        )
    except InputError as error:
        return str(error)
    return ""


def test_the_straight_way() -> None:
    for at, each in enumerate(FINAL):
        assert refused(FINAL[:at], each) == ""
    assert [standing(FINAL[:at]).stage for at in (0, 1, 7, 8)] == [
        Stage.DRAFT, Stage.CONSULTED, Stage.CONSULTED, Stage.FINAL,
    ]  # fmt: skip
    assert list(replay({"甲": subject()}, chained(FINAL), CALENDAR)) == []


def test_what_is_lacking_is_named() -> None:
    state = standing([*ISSUED, *confirmations()[:4]])
    assert state.lacking == (("330000", Department.FINANCE), ("330000", Department.ENVIRONMENT))
    told = refused([*ISSUED, *confirmations()[:5]], deed(ActKind.FINALISE))
    assert "缺 浙（环保）" in told
    assert "沪" not in told


def test_the_deadline_counts_working_days() -> None:
    # 15 working days from Monday 2027-03-01, by a calendar whose only holiday is New Year
    assert standing(ISSUED).deadline == date(2027, 3, 22)
    assert refused(ISSUED, OBJECTION._replace(day=date(2027, 3, 22))) == ""
    assert "异议逾期" in refused(ISSUED, OBJECTION._replace(day=date(2027, 3, 23)))


def test_without_agreed_days_there_is_no_deadline() -> None:
    one = subject(objection_days=None)
    assert standing(ISSUED, one).deadline is None
    assert refused(ISSUED, OBJECTION._replace(day=date(2031, 3, 23)), one=one) == ""


def test_issue_in_a_year_without_a_calendar_says_what_is_needed() -> None:
    one = subject()
    with pytest.raises(InputError, match="compensation holidays import"):
        known = Calendar(published())
        require(one, state_of(one, [], known), others_of(one.number, [], []), deed(ActKind.ISSUE), known)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"mode": "provisional"}, "这是暂算"),
        ({"mode": "backtest"}, "这是回测"),
        ({"missing": ("太浦河桥 总磷：2026-01",)}, "缺 太浦河桥 总磷：2026-01"),
    ],
)
def test_what_may_not_be_issued(more: dict, told: str) -> None:
    assert told in refused([], deed(ActKind.ISSUE), one=subject(**more))


def test_all_that_is_missing_is_named_at_once() -> None:
    one = subject(missing=("甲指标", "乙指标"))
    told = refused([], deed(ActKind.ISSUE, document=""), one=one)
    assert all(each in told for each in ("甲指标", "乙指标", "没有文号"))


CONFIRM = confirmations()[0]


@pytest.mark.parametrize(
    ("before", "new", "told"),
    [
        ([], CONFIRM, "还没有征求意见"),
        (ISSUED, CONFIRM._replace(digest="b" * 64), "摘要不符"),
        ([*ISSUED, CONFIRM], CONFIRM, "重复确认"),
        (ISSUED, CONFIRM._replace(party="340000"), "不是缔约方"),
        (ISSUED, CONFIRM._replace(department=""), "没有写明部门"),
        (ISSUED, CONFIRM._replace(day=date(2027, 2, 26)), "早于征求意见之日"),
        (ISSUED, CONFIRM._replace(document=" "), "没有文号"),
        (ISSUED, CONFIRM._replace(made_by=" "), "没有写明办理人"),
        (FINAL, CONFIRM, "已定案"),
        ([*ISSUED, OBJECTION], CONFIRM, "异议（第 2 号）还在"),
        (ISSUED, OBJECTION._replace(reason=""), "没有写明理由"),
        ([], OBJECTION, "还没有征求意见"),
        (FINAL, OBJECTION, "compensation adjust"),
        (ISSUED, deed(ActKind.DISMISS, objection=9), "没有第 9 号异议"),
        ([*ISSUED, OBJECTION], deed(ActKind.DISMISS, objection=2, document=""), "没有文号"),
        ([*ISSUED, OBJECTION], deed(ActKind.DISMISS, objection=2, reason=""), "没有写明理由"),
        ([*ISSUED, OBJECTION, deed(ActKind.DISMISS, objection=2)], deed(ActKind.UPHOLD, objection=2), "已经处理"),
        (ALL, deed(ActKind.FINALISE, document=""), "没有文号"),
        (FINAL, deed(ActKind.FINALISE), "不再改变"),
        (FINAL, deed(ActKind.VOID), "不再改变"),
        (ISSUED, deed(ActKind.VOID, reason=""), "没有写明理由"),
        ([*ISSUED, deed(ActKind.VOID)], deed(ActKind.VOID), "已作废"),
        ([*ISSUED, deed(ActKind.VOID)], deed(ActKind.ISSUE), "已作废"),
        (ISSUED, deed(ActKind.ISSUE), "已在征求意见"),
    ],
)
def test_illegal_steps_are_refused(before: list[Deed], new: Deed, told: str) -> None:
    assert told in refused(before, new)


def test_a_draft_may_be_voided() -> None:
    assert refused([], deed(ActKind.VOID)) == ""
    assert standing([deed(ActKind.VOID)]).stage is Stage.VOID


def test_an_open_objection_blocks_and_a_dismissed_one_does_not() -> None:
    objected = [*ISSUED, *confirmations()[1:], OBJECTION]
    assert "还没有处理：理由" in refused(objected, deed(ActKind.FINALISE))
    assert len(standing(objected).open_objections) == 1
    dismissed = [*objected, deed(ActKind.DISMISS, objection=7)]
    assert standing(dismissed).open_objections == ()
    assert refused(dismissed, CONFIRM) == ""
    assert refused([*dismissed, CONFIRM], deed(ActKind.FINALISE)) == ""


def test_an_upheld_objection_leads_to_a_new_settlement() -> None:
    upheld = [*ISSUED, *confirmations()[1:], OBJECTION, deed(ActKind.UPHOLD, objection=7)]
    assert "异议成立" in refused(upheld, deed(ActKind.FINALISE))
    second = subject("乙", "b" * 64)
    issue = deed(ActKind.ISSUE, "乙", digest="b" * 64)
    assert "正在征求意见" in refused(upheld, issue, subject(), one=second)
    voided = [*upheld, deed(ActKind.VOID)]
    correct = deed(ActKind.CORRECT, "乙", digest="b" * 64, corrects="甲")
    assert refused(voided, correct, subject(), one=second) == ""
    assert refused([*voided, correct], issue, subject(), one=second) == ""


def test_a_second_settlement_of_a_final_year_is_a_correction_of_it() -> None:
    second = subject("乙", "b" * 64)
    issue = deed(ActKind.ISSUE, "乙", digest="b" * 64)
    correct = deed(ActKind.CORRECT, "乙", digest="b" * 64, corrects="甲")
    assert "本期已有定案 甲" in refused(FINAL, issue, subject(), one=second)
    assert "不能更正它" in refused(ALL, correct, subject(), one=second)
    assert refused(FINAL, correct, subject(), one=second) == ""
    assert refused([*FINAL, correct], issue, subject(), one=second) == ""
    way = [*FINAL, correct, issue, *confirmations("乙", "b" * 64)]
    final = deed(ActKind.FINALISE, "乙", digest="b" * 64)
    assert refused(way, final, subject(), one=second) == ""
    third = subject("丙", "c" * 64)
    late = deed(ActKind.CORRECT, "丙", digest="c" * 64, corrects="甲")
    assert "现行定案为 乙" in refused([*way, final], late, subject(), second, one=third)
    assert list(replay({"甲": subject(), "乙": second}, chained([*way, final]), CALENDAR)) == []


def test_another_matter_does_not_matter() -> None:
    other = subject("乙", "b" * 64, first=date(2027, 1, 1), last=date(2027, 12, 31))
    assert refused(FINAL, deed(ActKind.ISSUE, "乙", digest="b" * 64), subject(), one=other) == ""


def test_replay_names_what_was_illegal() -> None:
    acts = chained([*ISSUED, deed(ActKind.FINALISE), deed(ActKind.ISSUE, "无"), deed(ActKind.VOID)])
    told = list(replay({"甲": subject()}, acts, CALENDAR))
    assert [line.split("：")[0] for line in told] == ["第 2 号（定案）", "第 3 号", "第 4 号（作废）"]
    assert acts[0].deed.digest == DIGEST
    assert acts[0].deed.day == MARCH
    assert JIANGSU in subject().parties
