"""The one door: what a move writes, what it refuses, maker and checker, delegation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string

from accounts.duties import Duty
from accounts.models import DutyAssignment
from audit.models import ActionRow
from audit.tags import Tag
from core.errors import BusinessError
from tests.workflow.factories import NOW, make_task
from tests.workflow.people import give, make_staff
from workflow.actors import actor_of
from workflow.judging import judge, makers
from workflow.models import AssignedTask, StateChange, TaskAnswer
from workflow.registry import table_of
from workflow.selectors import changes_of, moves_for
from workflow.services import create, move
from workflow.states import TaskState

pytestmark = pytest.mark.django_db


def refusal(*args: Any, **kwargs: Any) -> BusinessError:
    with pytest.raises(BusinessError) as caught:
        move(*args, **kwargs)
    return caught.value


def test_move_writes_change_state_records_and_audit_row() -> None:
    task = make_task(TaskState.ACCEPTED)
    doer = changes_of(task)[-1].by
    change = move(
        task, "answer", by=doer, now=NOW, data={"text": " 清点73个 "}, comment=" 请审 ", address="10.0.0.9"
    )  # fmt: skip
    task = AssignedTask.objects.get(pk=task.pk)
    assert (task.state, change.source, change.target, change.number) == ("answered", "accepted", "answered", 4)
    assert (change.by, change.on_behalf_of, change.at, change.comment) == (doer, None, NOW, "请审")
    assert list(TaskAnswer.objects.values_list("text", "by", "at")) == [("清点73个", doer.pk, NOW)]
    row = ActionRow.objects.latest("id")
    assert (row.tag, row.by, row.subject, row.address, row.success) == (
        Tag.MOVE, doer, f"workflow.assignedtask:{task.pk}", "10.0.0.9", True,
    )  # fmt: skip
    assert row.detail == {"move": "answer", "from": "accepted", "to": "answered", "number": 4}


def test_creation_is_the_first_change() -> None:
    task = make_task()
    assert [(c.number, c.move, c.source, c.target) for c in changes_of(task)] == [(1, "create", "", "draft")]


def test_the_object_passed_in_has_the_new_state() -> None:
    task = make_task()
    move(task, "assign", by=task.giver, now=NOW)
    assert task.state == TaskState.ASSIGNED


def test_refusal_completes_the_sentence() -> None:
    task = make_task(TaskState.ASSIGNED)
    found = refusal(task, "close", by=task.giver, now=NOW)
    assert found.code == "wrong_state"
    assert found.message == (
        f"不能办结：这件交办事项现在是“已交办”（{task.giver}已交办），“已反馈”时才可以。"
    )  # fmt: skip


def test_refused_move_changes_nothing() -> None:
    task = make_task(TaskState.ACCEPTED)
    before = StateChange.objects.count(), ActionRow.objects.count()
    doer = changes_of(task)[-1].by
    assert refusal(task, "answer", by=doer, now=NOW, data={"text": "  "}).message == "不能反馈：还没有写办理情况。"
    assert (StateChange.objects.count(), ActionRow.objects.count()) == before
    assert AssignedTask.objects.get(pk=task.pk).state == TaskState.ACCEPTED


def test_an_attempt_without_the_right_is_told_to_the_audit_log() -> None:
    task = make_task(TaskState.ANSWERED)
    stranger = make_staff(Duty.OFFICE_HEAD, department="finance")
    assert refusal(task, "close", by=stranger, now=NOW, address="10.0.0.8").code == "not_allowed"
    row = ActionRow.objects.latest("id")
    assert (row.by, row.success, row.address, row.detail) == (
        stranger, False, "10.0.0.8", {"move": "close", "code": "not_allowed"},
    )  # fmt: skip


def test_a_reason_is_demanded_where_the_table_says_so() -> None:
    task = make_task(TaskState.ANSWERED)
    assert refusal(task, "return", by=task.giver, now=NOW, comment="  ").code == "comment_missing"
    assert refusal(task, "return", by=task.giver, now=NOW, comment="字" * 2001).code == "comment_long"
    assert refusal(task, "return", by=task.giver, now=NOW, comment="a\x00b").code == "comment_bad"


def test_a_page_that_is_out_of_date_does_nothing() -> None:
    task = make_task(TaskState.ASSIGNED)
    data = {"due_on": task.due_on + timedelta(days=3)}
    move(task, "extend", by=task.giver, now=NOW, data=data, comment="等上级文件", seen=2)
    later = {"due_on": task.due_on + timedelta(days=9)}
    found = refusal(task, "extend", by=task.giver, now=NOW, data=later, comment="等上级文件", seen=2)
    assert found.code == "changed"
    assert AssignedTask.objects.get(pk=task.pk).due_on == task.due_on + timedelta(days=3)


def test_extension_keeps_both_dates() -> None:
    task = make_task(TaskState.ASSIGNED)
    data = {"due_on": task.due_on + timedelta(days=3)}
    move(task, "extend", by=task.giver, now=NOW, data=data, comment="等上级文件")
    change = changes_of(task)[-1]
    assert change.data == {"old_due_on": "2026-03-10", "due_on": "2026-03-13"}
    found = AssignedTask.objects.get(pk=task.pk)
    assert (found.state, str(found.due_on), str(found.first_due_on)) == ("assigned", "2026-03-13", "2026-03-10")


def test_a_duty_counts_at_the_time_of_the_request() -> None:
    task = make_task(TaskState.ANSWERED)
    DutyAssignment.objects.filter(user=task.giver).update(ends_at=NOW)
    assert refusal(task, "close", by=task.giver, now=NOW).code == "not_allowed"
    move(task, "close", by=task.giver, now=NOW - timedelta(seconds=1))


def test_inactive_person_may_nothing() -> None:
    task = make_task(TaskState.ANSWERED)
    type(task.giver).objects.filter(pk=task.giver.pk).update(is_active=False)
    assert refusal(task, "close", by=task.giver, now=NOW).code == "not_allowed"


def test_delegate_acts_in_the_givers_name_and_it_is_written_down() -> None:
    task = make_task(TaskState.ANSWERED)
    deputy = make_staff(Duty.DIRECTOR, department="deputies", delegated_from=task.giver)
    change = move(task, "close", by=deputy, now=NOW)
    assert (change.by, change.on_behalf_of) == (deputy, task.giver)


def test_one_acts_by_the_own_duty_before_anothers() -> None:
    giver = make_staff(Duty.DIRECTOR, department="directors")
    give(giver, Duty.OFFICE_HEAD, department="general", delegated_from=make_staff(Duty.OFFICE_HEAD))
    task = make_task(giver=giver)
    assert [change.on_behalf_of for change in changes_of(task)] == [None]


def test_delegate_who_answered_may_not_close_in_the_givers_name() -> None:
    giver = make_staff(Duty.DIRECTOR, department="directors")
    doer = make_staff(Duty.INTAKE)
    task = make_task(TaskState.ANSWERED, giver=giver, doer=doer)
    give(doer, Duty.DIRECTOR, department="directors", delegated_from=giver)
    found = refusal(task, "close", by=doer, now=NOW)
    assert found.code == "same_person"
    assert found.message == "不能办结：前一步是您本人（或者您所代的人）办理的，须由另一个人办理。"
    move(task, "close", by=giver, now=NOW)


def test_what_was_done_in_ones_name_counts_as_ones_own() -> None:
    head = make_staff(Duty.INTAKE)
    stand_in = make_staff(Duty.INTAKE, delegated_from=head, department="intake")
    give(head, Duty.DIRECTOR, department="directors")
    task = make_task(TaskState.ACCEPTED, giver=head)
    # The stand-in may not answer for the giver at all.
    assert refusal(task, "answer", by=stand_in, now=NOW, data={"text": "好"}).code == "not_allowed"
    made = [StateChange(number=1, move="create", source="", target="draft", by=head),
            StateChange(number=2, move="answer", source="x", target="y", by=stand_in, on_behalf_of=head)]  # fmt: skip
    assert makers(table_of(task), ("answer",), made) == {head.pk, stand_in.pk}


def test_makers_are_those_of_this_round_and_the_last_of_each_move() -> None:
    first, second, third = (make_staff(Duty.INTAKE) for _ in range(3))
    table = table_of(AssignedTask)
    steps = [
        ("create", "", "draft", first),
        ("submit", "draft", "checked", first),
        ("back", "checked", "draft", second),
        ("submit", "draft", "checked", third),
    ]
    rows = [
        StateChange(number=n, move=move_name, source=source, target=target, by=by)
        for n, (move_name, source, target, by) in enumerate(steps, 1)
    ]
    assert makers(table, ("submit",), rows) == {third.pk}
    assert makers(table, ("submit",), rows[:3]) == {first.pk}
    assert makers(table, ("create", "submit"), rows) == {first.pk, third.pk}
    assert makers(table, ("back",), []) == frozenset()


def test_gates_are_asked_for_buttons_and_give_their_reason() -> None:
    task = make_task(office="finance")
    DutyAssignment.objects.filter(department__code="finance").update(ends_at=NOW)
    verdicts = {v.move.name: v for v in moves_for(task, by=task.giver, now=NOW)}
    assert verdicts["assign"].reasons == ("财务科除交办人外没有在岗人员，请另选牵头科室",)
    assert verdicts["cancel"].allowed
    assert set(verdicts) == {"assign", "cancel"}
    deputy = make_staff(Duty.DEPUTY_DIRECTOR, department="deputies")
    shown = [(v.move.name, v.code) for v in moves_for(task, by=deputy, now=NOW)]
    assert shown == [("assign", "not_allowed")]


def test_what_ends_an_object_is_the_last_button_and_never_the_main_one() -> None:
    task = make_task(TaskState.ANSWERED)
    names = [v.move.name for v in moves_for(task, by=task.giver, now=NOW)]
    assert names[-1] == "cancel" and names.index("close") < names.index("cancel")
    words = {"moves": moves_for(task, by=task.giver, now=NOW)[-1:], "table": table_of(task), "obj": task, "seen": 0}
    assert 'class="button danger"' in render_to_string("workflow/moves.html", words)


def test_buttons_of_who_has_no_duty_are_left_out() -> None:
    task = make_task(TaskState.ANSWERED)
    assert moves_for(task, by=make_staff(Duty.FINANCE), now=NOW) == []


def test_system_may_do_what_the_table_leaves_to_it() -> None:
    task = make_task(TaskState.ANSWERED)
    table = table_of(task)
    step = replace(table.move("close"), system=True)
    verdict = judge(table, step, task, actor=actor_of(None, now=NOW), history=changes_of(task), now=NOW)
    assert (verdict.allowed, verdict.holding) == (True, None)


def test_unknown_move_is_refused_in_words() -> None:
    assert refusal(make_task(), "explode", by=None, now=NOW).code == "unknown_move"


def test_what_exists_is_not_created_again() -> None:
    task = make_task()
    with pytest.raises(BusinessError) as caught:
        create(task, by=task.giver, now=NOW)
    assert caught.value.code == "wrong_state"
    assert refusal(task, "create", by=task.giver, now=NOW).code == "wrong_state"


def test_creation_refused_by_a_constraint_says_which_field() -> None:
    giver = make_staff(Duty.DIRECTOR)
    with pytest.raises(BusinessError) as caught:
        make_task(giver=giver, title="长" * 101)
    assert caught.value.message.startswith("不能新建：事项：")
    with pytest.raises(BusinessError, match="经办人不能是交办人自己"):
        make_task(giver=giver, person=giver)


def test_who_takes_over_is_the_giver_from_then_on() -> None:
    head = make_staff(Duty.OFFICE_HEAD, department="general")
    director = make_staff(Duty.DIRECTOR, department="directors")
    task = make_task(TaskState.ANSWERED, giver=head)
    move(task, "take_over", by=director, now=NOW, comment="原交办人调离")
    assert refusal(task, "close", by=head, now=NOW).code == "not_allowed"
    move(task, "close", by=director, now=NOW)
    assert changes_of(task)[-2].data == {"old_giver_id": head.pk}


def test_effects_follow_the_commit_and_never_make_the_deed_look_undone(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    task = make_task()
    table = table_of(task)
    step = replace(table.move("assign"), effects=("tests.workflow.effects.note", "tests.workflow.effects.fail"))
    moves = tuple(step if one.name == "assign" else one for one in table.moves)
    monkeypatch.setattr("workflow.services.moves.table_of", lambda obj: replace(table, moves=moves))
    from tests.workflow import effects  # noqa: PLC0415 (the list is the test's)

    effects.noted.clear()
    with django_capture_on_commit_callbacks(execute=True):
        change = move(task, "assign", by=task.giver, now=NOW)
        assert effects.noted == []
    assert effects.noted == [change.pk]
    assert "the other side is away" in caplog.text


def test_database_refuses_a_state_that_no_change_tells_of() -> None:
    task = make_task()
    with pytest.raises(IntegrityError), transaction.atomic():
        AssignedTask.objects.filter(pk=task.pk).update(state="closed")
    assert AssignedTask.objects.get(pk=task.pk).state == TaskState.DRAFT


def test_database_refuses_an_object_that_no_change_made() -> None:
    task = make_task()
    task.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        task.save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_two_changes_cannot_have_one_number() -> None:
    task = make_task()
    with pytest.raises(IntegrityError), transaction.atomic():
        StateChange.objects.create(
            subject_type="workflow.assignedtask", subject_id=task.pk, number=1, move="create", target="closed", at=NOW
        )
