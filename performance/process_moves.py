"""Moves of the self-evaluation as a process: plans, reports, the lines of the 问题整改台账."""

from __future__ import annotations

from performance.models.process import PlanState
from performance.models.rectification import RectificationState
from performance.models.reports import ReportState
from workflow.moves import NEW, STAFF, Duty, Move, Table

_WRITERS = (Duty.PERFORMANCE, Duty.FINANCE)
_HEAD = (Duty.DIRECTOR,)
_CHECKERS = (Duty.PERFORMANCE, Duty.DIRECTOR)

_WRITE = "performance.services.common.write_record"

_S = ReportState
# Whoever wrote a word of it does not judge it; ``not_a_writer`` knows those of earlier rounds, too.
_WRITTEN = ("create", "save", "submit")
_GATES = "performance.gates.reports."
REPORT_MOVES = (
    Move("create", "新建", (NEW,), _S.DRAFTING, _WRITERS, system=True),
    Move("save", "修改", (_S.DRAFTING,), "", _WRITERS, checks=(_GATES + "change_told",),
         records=(_WRITE,), recorded=("do", "name"), optional=True),
    Move("submit", "提交审核", (_S.DRAFTING,), _S.SUBMITTED, _WRITERS, gates=(_GATES + "explained",), notify=("next",)),
    Move("review", "审核同意", (_S.SUBMITTED,), _S.REVIEWED, _HEAD, other_than=_WRITTEN,
         gates=(_GATES + "not_a_writer", _GATES + "explained"), notify=("makers", "next")),
    Move("return", "退回修改", (_S.SUBMITTED,), _S.DRAFTING, _HEAD, comment=True, notify=("makers",)),
    Move("recall", "收回", (_S.SUBMITTED,), _S.DRAFTING, _WRITERS, optional=True),
    Move("freeze", "定稿", (_S.REVIEWED,), _S.FROZEN, _CHECKERS, other_than=_WRITTEN,
         gates=(_GATES + "accounts_confirmed", _GATES + "dated_after_year", _GATES + "explained"),
         records=("performance.services.freezing.freeze_record",), notify=("involved",),
         confirm="定稿后，报告的文字和数字都不再改变，以后的登记也不影响它；要改，只能由主任写明理由重新编制。"),
    Move("reopen", "重新编制", (_S.REVIEWED, _S.FROZEN), _S.DRAFTING, _HEAD, comment=True, optional=True,
         notify=("involved",), confirm="重新编制后，报告回到编制中，要重新提交、审核、定稿；原定稿的内容保留。"),
)  # fmt: skip

_R = RectificationState
_REMEDY = "performance.gates.rectifications."
_ITEMS = "performance.selectors.rectifications."
REMEDY_MOVES = (
    Move("create", "列入台账", (NEW,), _R.OPEN, _CHECKERS, gates=(_REMEDY + "item_whole",), notify=("next",),
         system=True),
    Move("answer", "填报整改情况", (_R.OPEN,), _R.ANSWERED, STAFF, person=_REMEDY + "answers_for",
         form="performance.forms.rectifications.AnswerForm", checks=(_REMEDY + "answer_written",),
         records=("performance.services.rectifications.answer_record",), notify=("next",)),
    Move("confirm", "确认完成", (_R.ANSWERED,), _R.CLOSED, _CHECKERS, other_than=("answer",),
         gates=("performance.gates.surveys.effect_confirmed",), notify=("involved",)),
    Move("return", "退回继续整改", (_R.ANSWERED,), _R.OPEN, _CHECKERS, other_than=("answer",), comment=True,
         notify=("next", "involved")),
    Move("extend", "延长期限", (_R.OPEN, _R.ANSWERED), "", _CHECKERS, form="workflow.forms.ExtendForm",
         checks=("workflow.gates.due_later",), records=("workflow.services.tasks.due_extend",),
         recorded=("old_due_on", "due_on"), notify=("next",), comment=True, optional=True),
    Move("cancel", "撤销", (_R.OPEN, _R.ANSWERED), _R.CANCELLED, _HEAD, comment=True, optional=True,
         notify=("involved",), confirm="撤销后这个问题不再整改，记录保留，不能恢复。"),
)  # fmt: skip

_P = PlanState
_PLANS = "performance.gates.evaluation."
_PLAN_READS = "performance.selectors.evaluation."
_PLANNERS = (Duty.PERFORMANCE,)
PLAN_MOVES = (
    Move("create", "编制", (NEW,), _P.DRAFTING, _PLANNERS, gates=(_PLANS + "budget_approved",)),
    Move("save", "修改", (_P.DRAFTING,), "", _PLANNERS, checks=(_PLANS + "change_told",), records=(_WRITE,),
         recorded=("do", "name"), optional=True),
    Move("submit", "提交", (_P.DRAFTING,), _P.SUBMITTED, _PLANNERS, gates=(_PLANS + "plan_whole",), notify=("next",)),
    Move("approve", "批准", (_P.SUBMITTED,), _P.APPROVED, _HEAD, other_than=_WRITTEN, gates=(_PLANS + "plan_whole",),
         notify=("makers",), confirm="批准后，领导小组、进度安排和项目名单不能再改；要改，先调整方案，再重新批准。"),
    Move("return", "退回修改", (_P.SUBMITTED,), _P.DRAFTING, _HEAD, other_than=_WRITTEN, comment=True,
         notify=("makers",)),
    Move("recall", "收回", (_P.SUBMITTED,), _P.DRAFTING, _PLANNERS, optional=True),
    Move("revise", "调整方案", (_P.APPROVED,), _P.DRAFTING, _PLANNERS, comment=True, optional=True,
         notify=("involved",)),
)  # fmt: skip

PROCESS_MOVES: dict[str, Table] = {
    "performance.Report": Table(
        states=ReportState, moves=REPORT_MOVES, final=(_S.FROZEN,),
        rows="performance.selectors.reports.report_desk", visible="performance.selectors.reports.reports_visible",
        title="performance.selectors.reports.report_title", url="performance.selectors.reports.report_url",
        facts="performance.selectors.reports.report_facts_told",
    ),
    "performance.EvaluationPlan": Table(
        states=PlanState, moves=PLAN_MOVES, final=(_P.APPROVED,), rows=_PLAN_READS + "plan_rows",
        visible=_PLAN_READS + "plans_visible", title=_PLAN_READS + "plan_title", url=_PLAN_READS + "plan_url",
        facts=_PLAN_READS + "plan_facts",
    ),
    "performance.Rectification": Table(
        states=RectificationState, moves=REMEDY_MOVES, final=(_R.CLOSED, _R.CANCELLED),
        rows=_ITEMS + "item_rows", visible=_ITEMS + "items_visible", title=_ITEMS + "item_title",
        url=_ITEMS + "item_url", facts=_ITEMS + "item_facts", files=_ITEMS + "item_files", due="due_on",
        office="department", person="person",
    ),
}  # fmt: skip
