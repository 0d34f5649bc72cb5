"""The states of handed-out tasks and the table of their moves."""

from __future__ import annotations

from django.db import models

from workflow.moves import LEADERS, NEW, STAFF, Duty, Move, Table


class TaskState(models.TextChoices):
    """From the head's draft to the end."""

    DRAFT = "draft", "拟办"
    ASSIGNED = "assigned", "已交办"
    ACCEPTED = "accepted", "办理中"
    ANSWERED = "answered", "已反馈"
    RETURNED = "returned", "退回重办"
    CLOSED = "closed", "已办结"
    CANCELLED = "cancelled", "已撤销"


_S = TaskState
_OPEN = (_S.ASSIGNED, _S.ACCEPTED, _S.ANSWERED, _S.RETURNED)
_GIVER = "workflow.gates.task_giver"
_DOER = "workflow.gates.task_doer"
_TOLD_GIVER = "workflow.selectors.tasks.givers_of"
_TOLD_DOERS = "workflow.selectors.tasks.doers_of"

TASK_MOVES = (
    Move("create", "新建", (NEW,), _S.DRAFT, LEADERS, person=_GIVER, gates=("workflow.gates.task_complete",)),
    Move("assign", "交办", (_S.DRAFT,), _S.ASSIGNED, LEADERS, person=_GIVER,
         gates=("workflow.gates.task_complete", "workflow.gates.task_somebody"), notify=("next",)),
    Move("accept", "签收", (_S.ASSIGNED,), _S.ACCEPTED, STAFF, person=_DOER, notify=(_TOLD_GIVER,)),
    Move("answer", "反馈", (_S.ACCEPTED, _S.RETURNED), _S.ANSWERED, STAFF, person=_DOER,
         form="workflow.forms.AnswerForm", checks=("workflow.gates.answer_written",),
         records=("workflow.services.tasks.answer_record",), notify=(_TOLD_GIVER, "next")),
    Move("close", "办结", (_S.ANSWERED,), _S.CLOSED, LEADERS, other_than=("answer",), person=_GIVER,
         notify=("involved",)),
    Move("return", "退回", (_S.ANSWERED,), _S.RETURNED, LEADERS, other_than=("answer",), person=_GIVER, comment=True,
         notify=("next",)),
    Move("extend", "延期", (_S.ASSIGNED, _S.ACCEPTED, _S.RETURNED), "", LEADERS, person=_GIVER,
         form="workflow.forms.ExtendForm", checks=("workflow.gates.due_later",),
         records=("workflow.services.tasks.due_extend",), recorded=("old_due_on", "due_on"), notify=("next",),
         comment=True, optional=True),
    Move("take_over", "接管", _OPEN, "", (Duty.DIRECTOR,), person="workflow.gates.task_not_given",
         records=("workflow.services.tasks.giver_change",), recorded=("old_giver_id",),
         notify=("involved", _TOLD_DOERS),
         confirm="接管后，这件事项由您退回、延期、办结，原交办人不能再办。", comment=True, optional=True),
    Move("cancel", "撤销", (_S.DRAFT, *_OPEN), _S.CANCELLED, LEADERS, person=_GIVER,
         notify=("involved", _TOLD_DOERS),
         confirm="撤销后这件事项不再办理，记录保留，不能恢复。", comment=True, optional=True),
)  # fmt: skip

MOVES = {
    "workflow.AssignedTask": Table(
        states=TaskState,
        moves=TASK_MOVES,
        final=(TaskState.CLOSED, TaskState.CANCELLED),
        rows="workflow.selectors.tasks.task_rows",
        visible="workflow.selectors.tasks.tasks_visible",
        title="workflow.selectors.tasks.task_title",
        url="workflow.selectors.tasks.task_url",
        facts="workflow.selectors.tasks.task_facts",
        due="due_on",
        office="lead_office",
        person="person",
    )
}
